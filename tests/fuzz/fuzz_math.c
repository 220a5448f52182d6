/* fuzz_math.c - fuzz target: mathematics through the reader and the printer of `math`.
 *
 * Whatever is read must print, as text that can be read. With MEED_FUZZ_READBACK set, as it is when the
 * corpus is replayed, that text must read back as the same expression and print as the same
 * again; for texts that are no mathematics at all ("6[1e9990 km,/h") that does not hold yet. What is
 * refused must say why, at a place inside the text. */
#include "config.h"
#include "plugins/math/read.h"

#include <stdlib.h>

#define MAX_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* An arena whose blocks are single allocations, so that a sanitizer sees their ends. */
struct arena {
	struct block {
		struct block *next;
		size_t n;
	} *blocks;
	size_t bytes;
};

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void *arena_alloc(void *ctx, size_t n)
{
	struct arena *a = ctx;
	struct block *b;

	if (n > MAX_BYTES - a->bytes)
		return NULL;
	b = calloc(1, sizeof(*b) + n);
	if (!b)
		return NULL;
	a->bytes += n;
	b->next = a->blocks;
	a->blocks = b;
	return b + 1;
}

static void arena_release(struct arena *a)
{
	while (a->blocks) {
		struct block *next = a->blocks->next;

		free(a->blocks);
		a->blocks = next;
	}
}

static void check(const char *p, size_t n)
{
	struct arena a = { 0 };
	struct mx_opts opts = { 0 };
	struct mx_env e = { .alloc = arena_alloc, .ctx = &a, .steps = 5000000, .opts = &opts };
	size_t cap = 64 * n + 4096, at;
	char *once = malloc(cap), *twice = malloc(cap);
	struct meed_text t1, t2, tree;
	const struct mx *x, *y;
	const char *why;

	must(once && twice);
	x = mx_read(&e, (meed_str){ p, n }, &why, &at);
	if (!x) {
		must(why && *why && at <= n);
		must(e.spent == 0 || e.spent == MEED_E_LIMIT || e.spent == MEED_E_NOMEM);
		goto out;
	}
	t1 = meed_text_in(once, cap);
	mx_print(&t1, x);
	must(t1.cap == cap);
	tree = meed_text_in(twice, cap);
	mx_dump(&tree, x);
	y = mx_read(&e, meed_text_get(&t1), &why, &at);
	if (!getenv("MEED_FUZZ_READBACK")) {
		must(y || (why && *why));
		goto out;
	}
	must(y && mx_same(x, y));
	t2 = meed_text_in(twice, cap);
	mx_print(&t2, y);
	must(meed_eq(meed_text_get(&t1), meed_text_get(&t2)));
out:
	free(once);
	free(twice);
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *copy = malloc(n + 1);

	must(copy);
	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	check(copy, n);
	free(copy);
	return 0;
}
