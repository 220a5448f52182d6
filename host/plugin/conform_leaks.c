/* conform_leaks.c - the kit's leak check: does the heap grow steadily while the same work is done
 * over and over. */
#include "config.h"

#include "host/plugin/conform.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	STEPS = 9,
	LEAST_BYTES = 24
};

static const uint32_t want_all = MEED_WANT_REASON | MEED_WANT_EXTRA;

static size_t heap_bytes(void)
{
	struct mallinfo2 m;

	(void)malloc_trim(0);
	m = mallinfo2();
	return m.uordblks + m.hblkhd;
}

/* False where a sanitizer stands in for malloc. */
static bool heap_is_counted(void)
{
	size_t before = heap_bytes();
	void *volatile p = malloc(100000);
	bool r = heap_bytes() > before;

	free(p);
	return r;
}

/* The same work in each step. It is done on a thread of its own, because what malloc caches for
 * a thread counts as used, and goes back when the thread ends. The thread that starts them has such
 * a cache too: it frees what a library kept for the thread before (its thread-local variables), and
 * 7 blocks of a size stay there. So there are more steps than that. */
struct work {
	struct meed_conform *k;
	uint32_t mode;
	void *self;
	size_t rounds;
	struct meed_arena arena, scratch;
};

static void eval_one(struct work *w, struct meed_conform_eval *e)
{
	meed_conform_eval(w->k, e);
	meed_arena_reset(&w->scratch);
}

/* Every way an evaluation can go: each kind of answer, and dropped. */
static void eval_all_ways(struct work *w, struct meed_conform_eval *e)
{
	for (e->answer = 1; e->answer < meed_conform_n_answers(); e->answer++)
		eval_one(w, e);
	e->answer = 0;
	for (e->drop_at = 1; e->drop_at < 3; e->drop_at++)
		eval_one(w, e);
}

static void eval_round(struct work *w)
{
	size_t i;

	for (i = 0; i < meed_conform_n_cases(); i++) {
		struct meed_conform_sample s;
		struct meed_conform_eval e = {
			.self = w->self, .sample = &s, .arena = &w->scratch, .want = want_all
		};

		if (!meed_conform_case_small(i))
			continue;
		if (meed_conform_sample(i, w->k->model, w->mode, &w->arena, &s) == 1) {
			eval_one(w, &e);
			if (i == 0 && w->k->model->rm.resume)
				eval_all_ways(w, &e);
			meed_conform_sample_release(&s);
		}
		meed_arena_reset(&w->arena);
	}
}

static void *eval_step(void *p)
{
	struct work *w = p;
	size_t i;

	meed_arena_init(&w->arena, 0);
	meed_arena_init(&w->scratch, w->k->scratch.limit);
	for (i = 0; i < w->rounds; i++)
		eval_round(w);
	meed_arena_release(&w->scratch);
	meed_arena_release(&w->arena);
	return NULL;
}

static void *create_step(void *p)
{
	struct work *w = p;
	size_t i;

	for (i = 0; i < w->rounds; i++) {
		void *self = NULL;

		if (meed_conform_instance(w->k, &self) == 0)
			meed_instance_destroy(w->k->r, w->k->model, self);
	}
	return NULL;
}

/* Bytes that stay behind each round, if some do in each step; else 0. */
static size_t growth(struct work *w, void *(*step)(void *), const char *what)
{
	size_t bytes[STEPS + 1], i;
	pthread_t t;

	for (i = 0; i <= STEPS; i++) {
		meed_conform_doing(w->k, "%s, %s: step %zu", w->k->model->rm.id, what, i);
		if (pthread_create(&t, NULL, step, w) != 0)
			return 0;
		(void)pthread_join(t, NULL);
		bytes[i] = heap_bytes();
	}
	for (i = 0; i < STEPS; i++)
		if (bytes[i + 1] < bytes[i] + LEAST_BYTES * w->rounds)
			return 0;
	return (bytes[STEPS] - bytes[0]) / (STEPS * w->rounds);
}

static void check_create(struct meed_conform *k)
{
	static const char what[] = "destroy frees what create made";
	struct work w = { .k = k, .rounds = k->rounds };
	size_t n = growth(&w, create_step, what);

	if (n > 0)
		meed_conform_line(k, false, what, "%zu bytes stay behind each time", n);
	else
		meed_conform_line(k, true, what, "%zu times", (STEPS + 1) * w.rounds);
}

static void check_evaluate(struct meed_conform *k, uint32_t mode)
{
	struct work w = { .k = k, .mode = mode, .rounds = 1 + k->rounds / 8 };
	char what[96], name[48];
	size_t n;

	if (meed_conform_instance(k, &w.self) < 0)
		return;
	(void)snprintf(what, sizeof(what), "%s: evaluations leak nothing",
		       meed_modes_text(mode, name, sizeof(name)));
	n = growth(&w, eval_step, what);
	meed_instance_destroy(k->r, k->model, w.self);
	if (n > 0)
		meed_conform_line(k, false, what,
				  "the heap grows by %zu bytes each time that the battery's small "
				  "samples are scored: what does not come from h->alloc must be "
				  "freed, in resume and in abandon",
				  n);
	else
		meed_conform_line(k, true, what, "%zu rounds of the small samples",
				  (STEPS + 1) * w.rounds);
}

void meed_conform_check_leaks(struct meed_conform *k, uint32_t mode)
{
	bool first = mode == (k->model->rm.modes & (~k->model->rm.modes + 1));

	if (!heap_is_counted()) {
		if (first)
			meed_conform_line(k, true, "leaks",
					  "not counted: a sanitizer stands in for malloc, and "
					  "reports at the end");
		return;
	}
	if (first)
		check_create(k);
	check_evaluate(k, mode);
}
