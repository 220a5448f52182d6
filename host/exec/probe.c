/* probe.c - what this machine can do: a cage is started, and a program run in it. */
#include "config.h"

#include "host/exec/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- bwrap --version ---- */

static void ask_version(char *bwrap, char *buf, size_t n)
{
	static char *const no_environment[] = { NULL };
	char option[] = "--version", *const argv[] = { bwrap, option, NULL };
	int p[2];
	ssize_t got = 0;
	size_t have = 0;
	pid_t pid;

	buf[0] = '\0';
	if (pipe2(p, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		if (dup2(p[1], STDOUT_FILENO) >= 0)
			(void)execve(bwrap, argv, no_environment);
		_exit(127);
	}
	(void)close(p[1]);
	while (pid > 0 && have + 1 < n && (got = read(p[0], buf + have, n - 1 - have)) > 0)
		have += (size_t)got;
	(void)close(p[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	buf[have] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

/* The number alone: "0.8.0" of "bubblewrap 0.8.0". */
static void find_version(const struct meed_exec_sandbox *s, struct meed_exec_probe *ret)
{
	char *bwrap = exec_find_bwrap(s), text[64];
	const char *space;

	if (!bwrap)
		return;
	ask_version(bwrap, text, sizeof(text));
	space = strrchr(text, ' ');
	(void)snprintf(ret->bwrap_version, sizeof(ret->bwrap_version), "%.31s",
		       space   ? space + 1
		       : *text ? text
			       : "unknown");
	free(bwrap);
}

/* ---- one program ---- */

static void run_trial(struct meed_transport *tr, struct meed_request *q)
{
	const meed_program program = { .struct_size = sizeof(program),
				       .runtime = "true",
				       .code = MEED_STR("") };
	const meed_exec_run run = { .struct_size = sizeof(run),
				    .input = MEED_STR(""),
				    .partner_input = MEED_STR("") };
	const meed_exec_run *const runs[] = { &run };
	const meed_exec e = {
		.struct_size = sizeof(e), .program = &program, .runs = runs, .n_runs = 1
	};

	meed_exec_ask(tr, &e, q);
}

static void judge(const struct meed_request *q, struct meed_exec_probe *ret)
{
	const meed_ran *ran;

	if (q->reply.status != MEED_OK) {
		(void)snprintf(ret->why, sizeof(ret->why), "%.500s", q->reply.error.p);
		return;
	}
	ran = q->ran->runs[0];
	ret->able = ran->outcome == MEED_RAN_EXIT && ran->code == 0;
	if (!ret->able)
		(void)snprintf(ret->why, sizeof(ret->why),
			       "/bin/true did not run in a cage (outcome %u, code %d): %.*s",
			       ran->outcome, ran->code, (int)(ran->err.n < 200 ? ran->err.n : 200),
			       ran->err.p);
}

void meed_exec_probe(const struct meed_exec_sandbox *s, struct meed_exec_probe *ret)
{
	static const struct meed_log nowhere = { .fd = -1 };
	char name[] = "true", file[] = "main", program[] = "/bin/true";
	char *run[] = { program, NULL };
	struct meed_exec_runtime rt = { .name = name, .file = file, .run = run };
	struct meed_exec_conf c;
	struct meed_transport *tr = NULL;
	struct meed_err err = { 0 };
	struct meed_request q;

	memset(ret, 0, sizeof(*ret));
	(void)snprintf(ret->cgroups, sizeof(ret->cgroups), "none");
	find_version(s, ret);
	meed_exec_conf_init(&c);
	c.sandbox = *s;
	c.sandbox.workers = 1;
	c.runtimes = &rt;
	c.n_runtimes = 1;
	meed_exec_conf_seal(&c);
	if (meed_exec_transport_new(&c, &nowhere, &err, &tr) < 0) {
		(void)snprintf(ret->why, sizeof(ret->why), "%.500s", err.text);
		return;
	}
	run_trial(tr, &q);
	judge(&q, ret);
	(void)exec_transport_hello(tr, ret->cgroups, &ret->memory_limit, &ret->pids_limit);
	meed_arena_release(&q.answer);
	tr->free(tr);
}
