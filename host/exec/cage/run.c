/* run.c - one run: one or two programs in boxes, from their first instruction to the last. */
#include "config.h"

#include "host/exec/cage/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_NS 20000000000u		/* from the order to the program: forking, mostly */
#define READ_AT_ONCE 65536u

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void side_init(struct side *s)
{
	*s = (struct side){ .ctl = -1, .in = -1, .out = -1, .err = -1 };
}

void side_release(struct side *s)
{
	close_fd(&s->ctl);
	close_fd(&s->in);
	close_fd(&s->out);
	close_fd(&s->err);
	meed_buf_release(&s->out_buf);
	meed_buf_release(&s->err_buf);
}

static void broken(struct side *s, const char *what, int r)
{
	if (s->failed || s->outcome)
		return;
	s->failed = true;
	(void)meed_err_set(&s->why, MEED_E_UNSUPPORTED, "cannot run in a box: cannot %s: %s", what,
			   strerror(-r));
}

/* ---- the order ---- */

static void put_word(struct meed_buf *b, const char *p)
{
	meed_buf_put(b, p, strlen(p) + 1);
}

static void put_env(struct meed_buf *b, const struct side *s, uint32_t *n)
{
	const char *folder = s->box->folder[0] ? s->box->folder : BOX_WORK;

	put_word(b, "PATH=" CAGE_PATH);
	put_word(b, "LANG=C.UTF-8");
	meed_buf_puts(b, "HOME=");
	put_word(b, folder);
	*n = 3 + (uint32_t)s->n_env;
	for (size_t i = 0; i < s->n_env; i++)
		put_word(b, s->env[i].p);
}

static struct box_limits box_limits_of(const struct side *s)
{
	const uint64_t mib = 1 << 20;
	const meed_limits *l = &s->limits;
	struct box_limits r = {
		.disk = l->disk + s->given_bytes + 65536,
		.inodes = 8192 + s->given_files,
		/* two seconds' grace: the cage is exact, this is for when it is not */
		.cpu_s = l->cpu_ms / 1000u + 2,
		.data = l->memory + l->memory / 4 + 64 * mib,
		.file = l->disk + s->given_bytes,
		.stack = (s->native ? 64 : 8) * mib,
		.stack_most = l->memory > 64 * mib ? l->memory : 64 * mib,
		.processes = l->processes,
		.fds = 256,
	};

	return r;
}

static void write_order(const struct side *s, struct box_order *o, struct meed_buf *text)
{
	*o = (struct box_order){ .limits = box_limits_of(s) };
	o->n_argv = (uint32_t)(s->n_argv + s->n_args);
	for (size_t i = 0; i < s->n_argv; i++)
		put_word(text, s->argv[i].p);
	for (size_t i = 0; i < s->n_args; i++)
		put_word(text, s->args[i]);
	put_env(text, s, &o->n_env);
	o->n_text = (uint32_t)text->n;
}

/* The box only reaps; the interpreter's child comes into it. */
static bool send_warm(struct side *s, struct box_order *o, const struct meed_buf *text,
		      const int *fds, size_t n_fds)
{
	struct box_order reap = { .warm = 1, .limits = o->limits };
	int pair[2];
	bool ok;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return false;
	s->ctl = pair[0];
	ok = box_send(s->box->ctl, &reap, sizeof(reap), NULL, 0) &&
	     zygote_order(s->zygote, s->box->pidfd, pair[1], fds, n_fds, o, text->p);
	(void)close(pair[1]);
	return ok;
}

static bool send_cold(struct side *s, struct box_order *o, const struct meed_buf *text,
		      const int *fds, size_t n_fds)
{
	s->ctl = fcntl(s->box->ctl, F_DUPFD_CLOEXEC, 0);
	return s->ctl >= 0 && box_send(s->box->ctl, o, sizeof(*o), fds, n_fds) &&
	       box_send(s->box->ctl, text->p, text->n, NULL, 0);
}

/* theirs: the program's ends, n_fds of them; closed here. */
static void order(struct side *s, int *theirs, size_t n_fds)
{
	struct meed_buf text = { 0 };
	struct box_order o;
	bool ok;

	write_order(s, &o, &text);
	if (text.failed || text.n > BOX_MAX_TEXT) {
		broken(s, "pass its arguments", -E2BIG);
		goto out;
	}
	ok = s->zygote ? send_warm(s, &o, &text, theirs, n_fds) :
			 send_cold(s, &o, &text, theirs, n_fds);
	if (!ok)
		broken(s, "tell the box what to run", -EPIPE);
	s->start_ns = box_now();
out:
	for (size_t i = 0; i < n_fds; i++)
		close_fd(&theirs[i]);
	meed_buf_release(&text);
}

/* ---- descriptors ---- */

static int make_pipe(int *ret_ours, int *ret_theirs, bool we_read)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	*ret_ours = p[we_read ? 0 : 1];
	*ret_theirs = p[we_read ? 1 : 0];
	return fcntl(*ret_ours, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* [side][stdin, stdout, stderr, channel], -1: none. */
static int connect_sides(struct side *sides, size_t n, uint32_t flags, int theirs[2][4])
{
	bool cross = n == 2 && (flags & MEED_EXEC_CROSS);
	int pair[2], p[2], r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (!cross)
			r = make_pipe(&sides[i].in, &theirs[i][0], false);
		if (!cross && r == 0)
			r = make_pipe(&sides[i].out, &theirs[i][1], true);
		if (r == 0)
			r = make_pipe(&sides[i].err, &theirs[i][2], true);
	}
	for (size_t i = 0; r == 0 && cross && i < n; i++) {
		r = pipe2(p, O_CLOEXEC) < 0 ? -errno : 0;
		theirs[i][1] = r == 0 ? p[1] : -1;
		theirs[1 - i][0] = r == 0 ? p[0] : -1;
	}
	if (r == 0 && n == 2 && (flags & MEED_EXEC_CHANNEL)) {
		r = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ? -errno : 0;
		theirs[0][3] = r == 0 ? pair[0] : -1;
		theirs[1][3] = r == 0 ? pair[1] : -1;
	}
	return r;
}

/* ---- what comes and goes ---- */

static void feed(struct side *s)
{
	ssize_t k;

	while (s->in_done < s->input.n) {
		k = write(s->in, s->input.p + s->in_done, s->input.n - s->in_done);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0 && errno == EAGAIN)
			return;
		if (k <= 0)
			break;
		s->in_done += (size_t)k;
	}
	close_fd(&s->in);
}

static void end(struct side *s, uint32_t outcome)
{
	if (s->outcome || s->failed)
		return;
	s->outcome = outcome;
	s->end_ns = box_now();
}

/* Reads what is there; beyond the limit one byte is enough to know. */
static void drink(struct side *s, int *fd, struct meed_buf *b, uint32_t bit)
{
	size_t most = (size_t)s->limits.output, room;
	char spare;
	ssize_t k;

	for (;;) {
		room = most - b->n < READ_AT_ONCE ? most - b->n : READ_AT_ONCE;
		if (room > 0 && !meed_buf_grow(b, room)) {
			s->cut |= bit;
			close_fd(fd);
			return;
		}
		k = read(*fd, room > 0 ? b->p + b->n : &spare, room > 0 ? room : 1);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0 && errno == EAGAIN)
			return;
		if (k <= 0)
			break;
		if (room == 0) {
			s->cut |= bit;
			end(s, MEED_RAN_OUTPUT);
			break;
		}
		b->n += (size_t)k;
	}
	close_fd(fd);
}

/* A warm program is not its init's child: one that dies of its init's end has come to nothing by
 * itself. (A cold one is, so an init that tells of its end is alive.) */
static bool init_died(const struct side *s, int status)
{
	struct pollfd p = { .fd = s->box->pidfd, .events = POLLIN };

	return s->zygote && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && p.fd >= 0 &&
	       poll(&p, 1, 0) == 1;
}

static void hear(struct side *s)
{
	struct box_note n;

	if (!box_recv(s->ctl, &n, sizeof(n), NULL, 0)) {
		broken(s, "hear from the box", -EPIPE);
		return;
	}
	switch (n.kind) {
	case BOX_STARTED:
		s->started = true;
		s->start_ns = n.ns;
		break;
	case BOX_ENDED:
		if (init_died(s, n.value)) {
			broken(s, "keep the box's first process", -ESRCH);
			break;
		}
		s->ended = true;
		s->status = n.value;
		s->cpu_us += n.cpu_us;
		s->peak = s->peak < n.peak ? n.peak : s->peak;
		end(s, WIFSIGNALED(n.value) ? MEED_RAN_SIGNAL : MEED_RAN_EXIT);
		/* we may hear of it late */
		s->end_ns = n.ns;
		break;
	case BOX_NO_EXEC:
		/* as a shell would: the program is not there, or is none */
		meed_buf_printf(&s->err_buf, "%s: %s\n", s->argv[0].p, strerror(n.value));
		break;
	case BOX_FAILED:
		broken(s, box_step_text(n.step), -n.value);
		break;
	default:
		broken(s, "understand the box", -EPROTO);
	}
}

/* ---- limits ---- */

static uint64_t deadline(const struct side *s)
{
	return s->start_ns + (s->started ? (uint64_t)s->limits.wall_ms * 1000000u : START_NS);
}

static void look(struct cage *c, struct side *s, uint64_t now)
{
	struct usage u;

	if (now >= deadline(s)) {
		if (s->started)
			end(s, MEED_RAN_WALL);
		else
			broken(s, "start it in time", -ETIMEDOUT);
		return;
	}
	if (!s->started || now < s->look_ns)
		return;
	if (!box_usage(c, s->box, s->limits.memory, &u)) {
		s->look_ns = now + 10000000u;
		return;
	}
	s->seen_cpu_us = s->seen_cpu_us < u.cpu_us ? u.cpu_us : s->seen_cpu_us;
	s->peak = s->peak < u.memory ? u.memory : s->peak;
	if (u.cpu_us >= (uint64_t)s->limits.cpu_ms * 1000u)
		end(s, MEED_RAN_CPU);
	else if (u.memory > s->limits.memory)
		end(s, MEED_RAN_MEMORY);
	else if (!c->rules->confined && u.processes > s->limits.processes + 1)
		(void)kill(s->box->pid, SIGTERM), kill_tree(s->box->pid);
	s->look_ns = box_now() + box_look_again(c, &u, &s->limits);
}

/* When something has to be looked at though nothing is heard. */
static uint64_t next_look(const struct side *s)
{
	uint64_t t = deadline(s);

	return s->started && s->look_ns < t ? s->look_ns : t;
}

/* ---- the loop ---- */

/* A limit that was passed was passed, whether the program came to its end before we came to look or
 * not: the outcome does not hang on our being quick. */
static void judge(struct cage *c, struct side *s)
{
	if (group_killed(&c->group))
		s->outcome = MEED_RAN_MEMORY;
	if (s->outcome != MEED_RAN_EXIT && s->outcome != MEED_RAN_SIGNAL)
		return;
	if (s->cut)
		s->outcome = MEED_RAN_OUTPUT;
	else if (s->cpu_us >= (uint64_t)s->limits.cpu_ms * 1000u)
		s->outcome = MEED_RAN_CPU;
	else if (s->end_ns - s->start_ns >= (uint64_t)s->limits.wall_ms * 1000000u)
		s->outcome = MEED_RAN_WALL;
}

/* The side has an outcome, or failed: nothing of it goes on. */
static void finish(struct cage *c, struct side *s)
{
	uint64_t cpu = 0;

	close_fd(&s->in);
	box_kill(c, s->box, &cpu, &s->peak);
	s->cpu_us += cpu;
	if (s->cpu_us < s->seen_cpu_us)
		s->cpu_us = s->seen_cpu_us;
	/* all writers are gone: what is left in the pipes is all there will be */
	if (s->out >= 0)
		drink(s, &s->out, &s->out_buf, 1);
	if (s->err >= 0)
		drink(s, &s->err, &s->err_buf, 2);
	close_fd(&s->out);
	close_fd(&s->err);
	close_fd(&s->ctl);
	if (!s->failed)
		judge(c, s);
}

enum { OF_HOST, OF_CTL, OF_IN, OF_OUT, OF_ERR };

struct watch {
	struct pollfd fds[9];
	struct {
		struct side *side;
		int what;
	} of[9];
	nfds_t n;
};

static void add_watch(struct watch *w, int fd, short events, struct side *s, int what)
{
	if (fd < 0)
		return;
	w->fds[w->n] = (struct pollfd){ .fd = fd, .events = events };
	w->of[w->n].side = s;
	w->of[w->n++].what = what;
}

static void handle(struct watch *w, nfds_t i)
{
	struct side *s = w->of[i].side;

	switch (w->of[i].what) {
	case OF_CTL:
		hear(s);
		break;
	case OF_IN:
		feed(s);
		break;
	case OF_OUT:
		drink(s, &s->out, &s->out_buf, 1);
		break;
	case OF_ERR:
		drink(s, &s->err, &s->err_buf, 2);
		break;
	default:
		break;
	}
}

static bool is_over(const struct side *s)
{
	return s->outcome || s->failed;
}

/* Waits until something happens, or has to. */
static int32_t step(struct cage *c, struct side *sides, size_t n)
{
	uint64_t now = box_now(), until = UINT64_MAX;
	struct watch w = { .n = 0 };
	struct timespec t;

	add_watch(&w, c->host, POLLIN | POLLRDHUP, NULL, OF_HOST);
	for (size_t i = 0; i < n; i++) {
		if (is_over(&sides[i]))
			continue;
		add_watch(&w, sides[i].ctl, POLLIN, &sides[i], OF_CTL);
		add_watch(&w, sides[i].in, POLLOUT, &sides[i], OF_IN);
		add_watch(&w, sides[i].out, POLLIN, &sides[i], OF_OUT);
		add_watch(&w, sides[i].err, POLLIN, &sides[i], OF_ERR);
		if (next_look(&sides[i]) < until)
			until = next_look(&sides[i]);
	}
	until = until > now ? until - now : 0;
	t = (struct timespec){ (time_t)(until / 1000000000u), (long)(until % 1000000000u) };
	if (ppoll(w.fds, w.n, &t, NULL) < 0 && errno != EINTR)
		return MEED_E_INTERNAL;
	if (w.fds[0].revents)
		return MEED_E_CANCELLED;
	/* the end last: what was written before it is read before it */
	for (nfds_t i = w.n; i-- > 1;)
		if (w.fds[i].revents && !is_over(w.of[i].side))
			handle(&w, i);
	now = box_now();
	for (size_t i = 0; i < n; i++) {
		if (!is_over(&sides[i]))
			look(c, &sides[i], now);
		if (is_over(&sides[i]) && sides[i].box->pid > 0)
			finish(c, &sides[i]);
	}
	return MEED_OK;
}

int32_t run_sides(struct cage *c, struct side *sides, size_t n, uint32_t flags)
{
	int theirs[2][4] = { { -1, -1, -1, -1 }, { -1, -1, -1, -1 } }, r;
	int32_t rc = MEED_OK;
	uint64_t bytes = 0, processes = 0;
	size_t over = 0;

	for (size_t i = 0; i < n; i++) {
		bytes += sides[i].limits.memory + sides[i].limits.disk + sides[i].given_bytes +
			 2 * sides[i].limits.output;
		processes += sides[i].limits.processes + 2;
	}
	group_begin(&c->group, bytes, processes);
	r = connect_sides(sides, n, flags, theirs);
	for (size_t i = 0; i < n; i++) {
		if (r < 0)
			broken(&sides[i], "make pipes", r);
		order(&sides[i], theirs[i], theirs[i][3] >= 0 ? 4 : 3);
		if (sides[i].in >= 0)
			feed(&sides[i]);
	}
	/* the next box is made while the program runs */
	box_prepare(c);
	while (over < n && rc == MEED_OK) {
		rc = step(c, sides, n);
		over = 0;
		for (size_t i = 0; i < n; i++)
			over += is_over(&sides[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (sides[i].box->pid > 0)
			finish(c, &sides[i]);
	return rc;
}
