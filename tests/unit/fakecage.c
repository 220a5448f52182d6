/* fakecage.c - a cage for tests of the host's side: it speaks the frames and runs nothing. What it
 * does with a job stands in the program's code; how it starts, in the name it is started by. */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/exec/wire.h"

extern char **environ;

#define SOCKET 3

static void read_all(char *p, size_t n)
{
	while (n) {
		ssize_t got = read(SOCKET, p, n);

		if (got <= 0)
			_exit(0);
		p += got;
		n -= (size_t)got;
	}
}

static void write_all(const char *p, size_t n)
{
	while (n) {
		ssize_t put = write(SOCKET, p, n);

		if (put <= 0)
			_exit(0);
		p += put;
		n -= (size_t)put;
	}
}

static void say(const char *text)
{
	ssize_t n = write(STDERR_FILENO, text, strlen(text));

	(void)n;
}

static _Noreturn void hang(void)
{
	for (;;)
		(void)pause();
}

/* The word after the first of a code, as a C string. */
static const char *word_of(const struct wire_job *j)
{
	const char *space = memchr(j->program.code.p, ' ', j->program.code.n);

	return space ? space + 1 : "";
}

static bool is(const struct wire_job *j, const char *word)
{
	size_t n = strlen(word);

	return j->program.code.n >= n && memcmp(j->program.code.p, word, n) == 0;
}

/* Writes our pid to a file that was not there yet; false: it was. */
static bool mark(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", (int)getpid());

	if (fd < 0)
		return false;
	if (write(fd, text, (size_t)n) != n)
		_exit(2);
	(void)close(fd);
	return true;
}

/* The environment, and the open descriptors. */
static void put_surroundings(struct meed_buf *b)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;
	int fds[64] = { 0 };

	for (char **v = environ; v && *v; v++)
		meed_buf_printf(b, "%s ", *v);
	while (d && (e = readdir(d))) {
		int fd = atoi(e->d_name);

		if (fd > 0 && fd < 64 && fd != dirfd(d))
			fds[fd] = 1;
	}
	if (d)
		(void)closedir(d);
	for (int i = 1; i < 64; i++)
		if (fds[i])
			meed_buf_printf(b, "%d ", i);
	meed_buf_printf(b, "sid %s", getsid(0) == getpid() ? "own" : "shared");
}

static void answer(const struct wire_job *j)
{
	struct wire_answer w = { .id = j->id };
	struct meed_buf out = { 0 }, frame = { 0 };
	meed_ran *rans = calloc(j->n_runs + 1, sizeof(*rans));
	const meed_ran **v = calloc(j->n_runs + 1, sizeof(meed_ran *));

	if (!rans || !v)
		_exit(2);
	if (is(j, "surroundings"))
		put_surroundings(&out);
	else if (is(j, "pid"))
		meed_buf_printf(&out, "%d", (int)getpid());
	else
		meed_buf_put(&out, j->program.code.p, j->program.code.n);
	for (size_t i = 0; is(j, "big") && i < strtoul(word_of(j), NULL, 10); i++)
		meed_buf_putc(&out, 'x');
	for (size_t i = 0; i < j->n_runs; i++) {
		rans[i] = (meed_ran){ .struct_size = sizeof(rans[i]),
				      .outcome = MEED_RAN_EXIT,
				      .code = is(j, "count") ? (int32_t)i : 0,
				      .out = { out.p, out.n },
				      .err = j->runs[i]->input };
		v[i] = &rans[i];
	}
	w.result = (meed_exec_result){ .struct_size = sizeof(w.result),
				       .runs = v,
				       .n_runs = j->n_runs };
	if (is(j, "wrong-id"))
		w.id++;
	if (is(j, "too-few"))
		w.result.n_runs = 0;
	if (is(j, "refuse")) {
		w.status = MEED_E_UNSUPPORTED;
		w.error = MEED_STR("no boxes here");
		w.result.n_runs = 0;
	}
	wire_put_answer(&frame, &w);
	if (is(j, "half")) {
		write_all(frame.p, frame.n / 2);
		hang();
	}
	write_all(frame.p, frame.n);
	meed_buf_release(&out);
	meed_buf_release(&frame);
	free(rans);
	free(v);
}

static void work(const struct wire_job *j)
{
	static const char junk[64] = "this is no frame";

	if (is(j, "die-always")) {
		say("first line\nfakecage: dying as told\n");
		_exit(1);
	}
	if (is(j, "die-once") && mark(word_of(j)))
		(void)raise(SIGKILL);
	if (is(j, "hang")) {
		(void)signal(SIGTERM, SIG_IGN);
		(void)mark(word_of(j));
		hang();
	}
	if (is(j, "junk")) {
		write_all(junk, sizeof(junk));
		hang();
	}
	if (is(j, "hello")) {
		struct wire_hello h = { 1, true, true, MEED_STR("again") };
		struct meed_buf b = { 0 };

		wire_put_hello(&b, &h);
		write_all(b.p, b.n);
		hang();
	}
	answer(j);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
	struct wire_hello h = { 1, true, false, MEED_STR("v2") };
	struct meed_buf b = { 0 };
	struct meed_arena a = { 0 };

	(void)argc;
	if (strcmp(name, "mute") == 0)
		hang();
	if (strcmp(name, "exits") == 0) {
		say("fakecage: Creating new namespace failed: it is forbidden\n");
		return 1;
	}
	if (strcmp(name, "future") == 0)
		h.version = 2;
	wire_put_hello(&b, &h);
	write_all(b.p, b.n);
	meed_buf_release(&b);
	for (;;) {
		char header[WIRE_HEADER], *body;
		enum wire_kind kind;
		struct wire_job j;
		uint64_t n;

		read_all(header, sizeof(header));
		if (wire_header(header, &kind, &n) < 0 || kind != WIRE_JOB)
			return 3;
		body = malloc((size_t)n + 1);
		if (!body)
			return 3;
		read_all(body, (size_t)n);
		if (wire_get_job(&a, (meed_str){ body, (size_t)n }, &j) < 0)
			return 3;
		work(&j);
		free(body);
		meed_arena_reset(&a);
	}
}
