/* setup.c - what a cage is started with, and why it cannot be. */
#include "config.h"

#include "host/exec/bwrap.h"
#include "host/exec/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef MEED_HAVE_CAGE
#define CAGE_ADVICE "it comes with Meed; reinstall it"
#else
#define CAGE_ADVICE "this Meed was built without libseccomp; build it where that is"
#endif

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *exec_find_bwrap(const struct meed_exec_sandbox *s)
{
	static const char usual[] = "/usr/local/bin:/usr/bin:/bin";
	const char *path = getenv("PATH"), *next;
	char file[4096];

	if (s->bwrap)
		return is_program(s->bwrap) ? strdup(s->bwrap) : NULL;
	for (path = path && *path ? path : usual; path; path = next) {
		size_t n = strcspn(path, ":");

		next = path[n] ? path + n + 1 : NULL;
		if (*path != '/' || n + sizeof("/bwrap") > sizeof(file))
			continue;
		(void)snprintf(file, sizeof(file), "%.*s/bwrap", (int)n, path);
		if (is_program(file))
			return strdup(file);
	}
	return NULL;
}

static const char *cage_path(const struct meed_exec_sandbox *s)
{
	const char *env = getenv("MEED_CAGE");

	if (s->cage)
		return s->cage;
	return env && *env ? env : MEED_CAGE_PATH;
}

int32_t exec_setup(const struct meed_exec_sandbox *s, struct meed_err *err, char ***ret_argv)
{
	struct meed_exec_sandbox found = *s;
	const char *cage = cage_path(s);
	char *bwrap = NULL, *full = NULL;
	int32_t r;

	full = realpath(cage, NULL);
	if (!full || !is_program(full)) {
		r = meed_err_set(err, MEED_E_UNSUPPORTED,
				 "%s is not there: %s, or say where it is with sandbox.cage", cage,
				 CAGE_ADVICE);
		goto out;
	}
	if (!s->unconfined)
		bwrap = exec_find_bwrap(s);
	if (!s->unconfined && !bwrap) {
		r = s->bwrap ? meed_err_set(err, MEED_E_UNSUPPORTED,
					    "%s: sandbox.bwrap = \"%s\" is no program",
					    s->where ? s->where : "sandbox", s->bwrap)
			     : meed_err_set(err, MEED_E_UNSUPPORTED,
					    "bwrap is not on this machine: install Debian's "
					    "bubblewrap");
		goto out;
	}
	found.bwrap = bwrap;
	found.cage = full;
	r = meed_bwrap_argv(&found, NULL, err, ret_argv);
out:
	free(bwrap);
	free(full);
	return r;
}

/* ---- why not ---- */

/* The number in a file of /proc/sys, or -1. */
static long sysctl_of(const char *path)
{
	char buf[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		(void)close(fd);
	if (n <= 0)
		return -1;
	buf[n] = '\0';
	return strtol(buf, NULL, 10);
}

static const struct {
	const char *path;
	long bad;
	const char *advice;
} knobs[] = {
	{ "/proc/sys/kernel/unprivileged_userns_clone", 0,
	  "set kernel.unprivileged_userns_clone = 1 with sysctl" },
	{ "/proc/sys/user/max_user_namespaces", 0, "set user.max_user_namespaces with sysctl" },
	{ "/proc/sys/user/max_pid_namespaces", 0, "set user.max_pid_namespaces with sysctl" },
	{ "/proc/sys/user/max_net_namespaces", 0, "set user.max_net_namespaces with sysctl" },
	{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1,
	  "set kernel.apparmor_restrict_unprivileged_userns = 0 with sysctl, or give bwrap an "
	  "AppArmor profile that allows userns" },
};

void exec_explain(const struct meed_exec_sandbox *s, const char *said, char *buf, size_t n)
{
	const char *advice = NULL;

	for (size_t i = 0; !advice && !s->unconfined && i < sizeof(knobs) / sizeof(knobs[0]); i++)
		if (sysctl_of(knobs[i].path) == knobs[i].bad)
			advice = knobs[i].advice;
	if (!advice && !s->unconfined && strstr(said, "amespace"))
		advice = "this kernel, or the container around us, forbids user namespaces: in "
			 "Docker or Podman run with --security-opt seccomp=unconfined or a profile "
			 "that allows clone and unshare with CLONE_NEWUSER";
	(void)snprintf(buf, n, "%s%s%s", *said ? said : "a cage ended without a word",
		       advice ? "; " : "", advice ? advice : "");
}
