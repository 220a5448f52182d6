/* helper_main.c - the helper process of the plugin `math`: decides what the plugin hands it, under
 * limits of memory and processor time, and may die of it.
 *
 * usage: meed-math MEMORY_BYTES, with a socket as standard input and output. */
#include "config.h"

#include "plugins/math/helper.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <flint/flint.h>

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0			/* whose shadow needs more than any limit */
#endif

/* What one request allocates: chunks in a list, freed together. */
struct chunk {
	struct chunk *next;
	size_t used, cap;
};

struct arena {
	struct chunk *top;
};

static void *arena_alloc(void *ctx, size_t n)
{
	struct arena *a = ctx;
	struct chunk *c = a->top;
	size_t cap;
	char *p;

	n = (n + 15) & ~(size_t)15;
	if (!c || c->cap - c->used < n) {
		cap = n > (1u << 16) ? n : (1u << 16);
		c = calloc(1, 32 + cap);
		if (!c)
			return NULL;
		c->next = a->top;
		c->cap = cap;
		a->top = c;
	}
	p = (char *)c + 32 + c->used;
	c->used += n;
	return p;
}

static void arena_clear(struct arena *a)
{
	struct chunk *c;

	while ((c = a->top)) {
		a->top = c->next;
		free(c);
	}
}

static bool read_all(unsigned char *p, size_t n)
{
	ssize_t k;

	while (n > 0) {
		k = read(0, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

static bool write_all(const unsigned char *p, size_t n)
{
	ssize_t k;

	while (n > 0) {
		k = write(1, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

static void limit_memory(double bytes)
{
	struct rlimit r = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &r);
	if (UNDER_ASAN || !(bytes >= 1 && bytes < 1e18))
		return;
	r.rlim_cur = r.rlim_max = (rlim_t)bytes;
	(void)setrlimit(RLIMIT_AS, &r);
}

/* This request's share of processor time; SIGXCPU ends us beyond it. */
static void limit_time(uint32_t timeout_ms)
{
	struct rlimit r = { 0, RLIM_INFINITY };
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) == 0)
		r.rlim_cur = (rlim_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec);
	r.rlim_cur += timeout_ms / 1000 + 2;
	(void)setrlimit(RLIMIT_CPU, &r);
}

static bool serve(struct arena *a)
{
	struct mx_env e;
	struct wire in = { &e, NULL, 0, 0, false }, out = { &e, NULL, 0, 0, false };
	struct wire_request q;
	struct mx_outcome o = { MX_UNDECIDED, "not decided: the request was not understood", "" };
	struct timespec ts;
	uint32_t n;

	memset(&e, 0, sizeof(e));
	e.alloc = arena_alloc;
	e.ctx = a;
	e.steps = UINT64_MAX;
	if (!read_all((unsigned char *)&n, sizeof(n)) || n > WIRE_MAX)
		return false;
	in.p = mx_alloc(&e, (size_t)n + 1);
	in.n = n;
	if (!in.p || !read_all(in.p, n))
		return false;
	if (wire_get_request(&in, &q)) {
		e.steps = q.steps;
		e.seed = q.seed;
		e.opts = &q.opts;
		limit_time(q.timeout_ms);
		if (clock_gettime(CLOCK_MONOTONIC, &ts) == 0)
			e.deadline_ns = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec +
					(uint64_t)q.timeout_ms * 1000000u;
		mx_equal_strong(&e, q.gold, q.pred, &o);
	}
	e.spent = 0;
	e.steps = UINT64_MAX;
	e.deadline_ns = 0;
	wire_put_outcome(&out, &o);
	n = (uint32_t)out.n;
	return !out.bad && write_all((const unsigned char *)&n, sizeof(n)) &&
	       write_all(out.p, out.n);
}

int main(int argc, char **argv)
{
	struct arena a = { NULL };
	double memory = 0;
	bool more = true;

	if (argc > 1)
		(void)meed_read_num(meed_s(argv[1]), &memory);
	limit_memory(memory);
	while (more) {
		more = serve(&a);
		arena_clear(&a);
	}
	flint_cleanup();
	return 0;
}
