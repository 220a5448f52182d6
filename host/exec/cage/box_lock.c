/* box_lock.c - the locks of a box: no capabilities, no new privileges, Landlock, seccomp. */
#include "config.h"

#include "host/exec/cage/box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

/* The kernel's, as far as we use it: headers are older than kernels. */
struct ruleset {
	uint64_t fs, net, scoped;
};
struct beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

enum {
	LL_EXECUTE = 1 << 0,
	LL_WRITE_FILE = 1 << 1,
	LL_READ_FILE = 1 << 2,
	LL_READ_DIR = 1 << 3,
	LL_MAKE_CHAR = 1 << 6,
	LL_MAKE_SOCK = 1 << 9,
	LL_MAKE_BLOCK = 1 << 11,
	LL_FS_1 = (1 << 13) - 1,	/* all of ABI 1 */
	LL_REFER = 1 << 13,		/* ABI 2 */
	LL_TRUNCATE = 1 << 14,		/* 3 */
	LL_IOCTL_DEV = 1 << 15		/* 5 */
};
#define LL_NET_TCP 3u			/* bind, connect; ABI 4 */
#define LL_SCOPE 3u			/* abstract UNIX sockets, signals; ABI 6 */
#define LL_RULE_BENEATH 1

static int drop_caps(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	(void)prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
				       SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
				       SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
				       SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED);
	for (unsigned long c = 0; c < 64; c++)
		if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) < 0)
			break;
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &head, none) < 0 ? -errno : 0;
}

static int allow(int ruleset, const char *path, uint64_t what)
{
	struct beneath rule = { .allowed = what };
	int r = 0;

	rule.fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.fd < 0)
		return -errno;
	if (syscall(SYS_landlock_add_rule, ruleset, LL_RULE_BENEATH, &rule, 0) < 0)
		r = -errno;
	(void)close(rule.fd);
	return r;
}

static int landlock(uint32_t abi)
{
	struct ruleset set = { .fs = LL_FS_1 };
	size_t size = offsetof(struct ruleset, net);
	int fd, r;

	if (abi >= 2)
		set.fs |= LL_REFER;
	if (abi >= 3)
		set.fs |= LL_TRUNCATE;
	if (abi >= 4) {
		set.net = LL_NET_TCP;
		size = offsetof(struct ruleset, scoped);
	}
	if (abi >= 5)
		set.fs |= LL_IOCTL_DEV;
	if (abi >= 6) {
		set.scoped = LL_SCOPE;
		size = sizeof(set);
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
	if (fd < 0)
		return -errno;
	r = allow(fd, "/", LL_EXECUTE | LL_READ_FILE | LL_READ_DIR);
	if (r == 0)
		r = allow(fd, "/dev", LL_READ_FILE | LL_WRITE_FILE | LL_READ_DIR);
	if (r == 0)
		r = allow(fd, BOX_DIR, set.fs & ~(uint64_t)(LL_MAKE_CHAR | LL_MAKE_BLOCK |
							     LL_MAKE_SOCK | LL_IOCTL_DEV));
	if (r == 0 && syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		r = -errno;
	(void)close(fd);
	return r;
}

/* All that an init needs which only reaps. The whole filter takes a tenth of a millisecond to load. */
static const struct sock_filter reaper[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_wait4, 3, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigtimedwait, 2, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_restart_syscall, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

int box_lock(const struct box_rules *rules, bool only_reaps, uint32_t *ret_step)
{
	struct sock_fprog filter = {
		.len = (unsigned short)rules->n_filter,
		.filter = (struct sock_filter *)(uintptr_t)rules->filter,
	};
	int r;

	if (only_reaps) {
		filter.len = sizeof(reaper) / sizeof(reaper[0]);
		filter.filter = (struct sock_filter *)(uintptr_t)reaper;
	}
	*ret_step = BOX_STEP_CAPS;
	r = drop_caps();
	if (r < 0)
		goto out;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		r = -errno;
		goto out;
	}
	if (rules->landlock > 0) {
		*ret_step = BOX_STEP_LANDLOCK;
		r = landlock(rules->landlock);
		if (r < 0)
			goto out;
	}
	/* new credentials made it what /proc/sys/fs/suid_dumpable says: now nobody looks inside */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) {
		r = -errno;
		goto out;
	}
	*ret_step = BOX_STEP_SECCOMP;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
		r = -errno;
out:
	return r;
}
