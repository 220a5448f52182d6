/* conform_checks.c - the kit's checks of evaluations: the battery, determinism, threads, requests,
 * latency. */
#include "config.h"

#include "host/plugin/conform.h"

#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	MAX_CASES = 64,
	LEAK_STEPS = 4,
	LEAK_BYTES = 512,
	LATENCY_NS = 50000000
};

static const uint32_t want_all = MEED_WANT_REASON | MEED_WANT_EXTRA;

/* ---- helpers ---- */

static const char *mode_name(uint32_t mode, char *buf, size_t n)
{
	return meed_modes_text(mode, buf, n);
}

static void time_text(uint64_t ns, char *buf, size_t n)
{
	if (ns < 10000)
		(void)snprintf(buf, n, "%llu ns", (unsigned long long)ns);
	else if (ns < 10000000)
		(void)snprintf(buf, n, "%llu us", (unsigned long long)(ns / 1000));
	else
		(void)snprintf(buf, n, "%llu ms", (unsigned long long)(ns / 1000000));
}

int32_t meed_conform_instance(struct meed_conform *k, void **ret_self)
{
	struct json_object *params = meed_conform_params(k->model);
	struct meed_err err = { 0 };
	int32_t r;

	if (!params)
		return MEED_E_PARAM;
	r = meed_conform_create(k, params, &err, ret_self);
	json_object_put(params);
	return r;
}

/* ---- the battery ---- */

struct battery {
	uint64_t digest[MAX_CASES];
	bool counts[MAX_CASES]; /* it ran, and not into a budget of time: what the clock decides
				 * is no score, and need not come again */
	size_t n_ok, n_ran;
	char first_why[200]; /* why the first sample that gave no score gave none */
};

static void report_case(struct meed_conform *k, size_t i, const struct meed_conform_eval *e,
			struct battery *b)
{
	char why[1024], what[96], mode[48], took[32], score[40];

	(void)snprintf(what, sizeof(what), "%s: %s",
		       mode_name(e->sample->s.mode, mode, sizeof(mode)), meed_conform_case_name(i));
	time_text(e->ns, took, sizeof(took));
	b->n_ran++;
	if (meed_conform_judge(e, why, sizeof(why))) {
		meed_conform_line(k, false, what, "%s", why);
	} else if (e->verdict == MEED_OK) {
		b->n_ok++;
		meed_conform_line(k, true, what, "score %s, %s", meed_num_text(e->score, score),
				  took);
	} else if (e->verdict == MEED_ABSTAIN) {
		meed_conform_line(k, true, what, "abstains, %s", took);
	} else {
		meed_conform_line(k, true, what, "refused: %.200s, %s", e->why, took);
	}
	if (e->verdict < 0 && b->first_why[0] == '\0')
		(void)snprintf(b->first_why, sizeof(b->first_why), "%s", e->why);
}

/* One case; its digest is kept in b. report: also as a line. */
static void run_case(struct meed_conform *k, void *self, uint32_t mode, size_t i, uint32_t want,
		     bool report, struct battery *b)
{
	struct meed_conform_sample s;
	char name[48];

	if (meed_conform_sample(i, k->model, mode, &k->arena, &s) == 1) {
		struct meed_conform_eval e = {
			.self = self, .sample = &s, .arena = &k->scratch, .want = want
		};

		meed_conform_doing(k, "%s, %s: %s", k->model->rm.id,
				   mode_name(mode, name, sizeof(name)), meed_conform_case_name(i));
		meed_conform_eval(k, &e);
		b->counts[i] = e.verdict != MEED_E_TIMEOUT;
		b->digest[i] = e.digest;
		if (report)
			report_case(k, i, &e, b);
		meed_conform_sample_release(&s);
	}
	meed_arena_reset(&k->scratch);
	meed_arena_reset(&k->arena);
}

static void compare(struct meed_conform *k, uint32_t mode, const struct battery *a,
		    const struct battery *b, const char *claim, const char *advice)
{
	char what[96], name[48];
	size_t i, n = 0;

	(void)snprintf(what, sizeof(what), "%s: %s", mode_name(mode, name, sizeof(name)), claim);
	for (i = 0; i < meed_conform_n_cases(); i++) {
		if (!a->counts[i] || !b->counts[i])
			continue;
		n++;
		if (a->digest[i] == b->digest[i])
			continue;
		meed_conform_line(k, false, what, "not on \"%s\": %s", meed_conform_case_name(i),
				  advice);
		return;
	}
	meed_conform_line(k, true, what, "%zu samples", n);
}

static void check_same_bits(struct meed_conform *k, uint32_t mode, const struct battery *first)
{
	struct battery again = { 0 }, bare = { 0 };
	void *self = NULL;
	size_t n = meed_conform_n_cases(), i;

	if (!(k->model->rm.traits & MEED_DETERMINISTIC) || meed_conform_instance(k, &self) < 0)
		return;
	for (i = n; i > 0; i--)
		run_case(k, self, mode, i - 1, want_all, false, &again);
	for (i = 0; i < n; i++)
		run_case(k, self, mode, i, 0, false, &bare);
	meed_instance_destroy(k->r, k->model, self);
	compare(k, mode, first, &again, "a second run gives the same bits",
		"the scores differ from run to run, or with what was scored before; drop "
		"MEED_DETERMINISTIC or find what is not initialised");
	compare(k, mode, first, &bare, "scores do not depend on `want`",
		"without MEED_WANT_* the scores differ: want is for reasons and extras only");
}

/* Was told to stop before it began: it must return, with whatever verdict. */
static void check_cancelled(struct meed_conform *k, void *self, uint32_t mode)
{
	static const size_t plain = 0;
	atomic_int stop = 1;
	struct meed_conform_sample s;
	char why[1024], name[48], what[96];

	if (meed_conform_sample(plain, k->model, mode, &k->arena, &s) == 1) {
		struct meed_conform_eval e = {
			.self = self, .sample = &s, .arena = &k->scratch, .cancel = &stop
		};

		meed_conform_doing(k, "%s, after the run was cancelled", k->model->rm.id);
		meed_conform_eval(k, &e);
		(void)snprintf(what, sizeof(what), "%s: returns when the run is cancelled",
			       mode_name(mode, name, sizeof(name)));
		if (meed_conform_judge(&e, why, sizeof(why)))
			meed_conform_line(k, false, what, "%s", why);
		else
			meed_conform_line(k, true, what, "%s", "");
		meed_conform_sample_release(&s);
	}
	meed_arena_reset(&k->scratch);
	meed_arena_reset(&k->arena);
}

void meed_conform_check_mode(struct meed_conform *k, uint32_t mode)
{
	struct battery b = { 0 };
	char what[64], name[48];
	void *self = NULL;
	size_t i;

	if (meed_conform_instance(k, &self) < 0)
		return;
	for (i = 0; i < meed_conform_n_cases(); i++)
		run_case(k, self, mode, i, want_all, true, &b);
	(void)snprintf(what, sizeof(what), "%s: scores something",
		       mode_name(mode, name, sizeof(name)));
	if (b.n_ok == 0 && b.n_ran > 0)
		meed_conform_line(k, true, what,
				  "no: none of the %zu samples has what it needs%s%s", b.n_ran,
				  b.first_why[0] ? ": " : "", b.first_why);
	check_cancelled(k, self, mode);
	meed_instance_destroy(k->r, k->model, self);
	check_same_bits(k, mode, &b);
}

/* ---- threads ---- */

struct crew {
	struct meed_conform *k;
	void *self;
	uint32_t mode;
	pthread_mutex_t serial;
	struct battery expected;
	pthread_barrier_t start;
	atomic_size_t n_differ, n_bad, n_done;
	_Atomic(const char *) differs_on;
	char why[512]; /* the first bad verdict; under serial */
};

static void crew_eval(struct crew *w, struct meed_conform_eval *e, size_t i)
{
	bool serial = w->k->model->rm.traits & MEED_SERIAL;
	char why[512];

	if (serial)
		(void)pthread_mutex_lock(&w->serial);
	meed_conform_eval(w->k, e);
	if (serial)
		(void)pthread_mutex_unlock(&w->serial);
	atomic_fetch_add(&w->n_done, 1);
	if (w->expected.counts[i] && e->verdict != MEED_E_TIMEOUT &&
	    e->digest != w->expected.digest[i]) {
		atomic_fetch_add(&w->n_differ, 1);
		atomic_store(&w->differs_on, meed_conform_case_name(i));
	}
	if (meed_conform_judge(e, why, sizeof(why))) {
		(void)pthread_mutex_lock(&w->serial);
		if (atomic_fetch_add(&w->n_bad, 1) == 0)
			(void)snprintf(w->why, sizeof(w->why), "%s", why);
		(void)pthread_mutex_unlock(&w->serial);
	}
}

static void *crew_member(void *p)
{
	struct crew *w = p;
	struct meed_conform_sample s[MAX_CASES];
	bool made[MAX_CASES] = { false };
	struct meed_arena arena, scratch;
	size_t n = meed_conform_n_cases(), i;
	uint32_t round;

	meed_arena_init(&arena, 0);
	meed_arena_init(&scratch, w->k->scratch.limit);
	for (i = 0; i < n; i++)
		made[i] = meed_conform_case_small(i) &&
			  meed_conform_sample(i, w->k->model, w->mode, &arena, &s[i]) == 1;
	(void)pthread_barrier_wait(&w->start);
	for (round = 0, i = 0; round < w->k->rounds; i = (i + 1) % n) {
		struct meed_conform_eval e = {
			.self = w->self, .sample = &s[i], .arena = &scratch, .want = want_all
		};

		if (!made[i])
			continue;
		crew_eval(w, &e, i);
		meed_arena_reset(&scratch);
		round++;
	}
	for (i = 0; i < n; i++)
		if (made[i])
			meed_conform_sample_release(&s[i]);
	meed_arena_release(&scratch);
	meed_arena_release(&arena);
	return NULL;
}

static void crew_report(struct crew *w, uint32_t n)
{
	char what[96], name[48];
	bool claimed = w->k->model->rm.traits & MEED_DETERMINISTIC;
	const char *on = atomic_load(&w->differs_on);

	(void)snprintf(what, sizeof(what), "%s: one instance, %u threads",
		       mode_name(w->mode, name, sizeof(name)), n);
	if (atomic_load(&w->n_bad) > 0)
		meed_conform_line(w->k, false, what, "%zu bad verdicts: %s", atomic_load(&w->n_bad),
				  w->why);
	else if (claimed && atomic_load(&w->n_differ) > 0)
		meed_conform_line(w->k, false, what,
				  "%zu of %zu evaluations differ from what one "
				  "thread gave, such as \"%s\": the instance keeps state that "
				  "evaluations share; use `state`, or alloc, or MEED_SERIAL",
				  atomic_load(&w->n_differ), atomic_load(&w->n_done), on ? on : "");
	else
		meed_conform_line(w->k, true, what, "%zu evaluations%s", atomic_load(&w->n_done),
				  claimed ? ", the same bits" : "");
}

void meed_conform_check_threads(struct meed_conform *k, uint32_t mode)
{
	pthread_t *threads = calloc(k->threads, sizeof(*threads));
	struct crew w = { .k = k, .mode = mode };
	uint32_t n = 0, i;

	if (!threads || meed_conform_instance(k, &w.self) < 0)
		goto out;
	for (i = 0; i < meed_conform_n_cases(); i++)
		if (meed_conform_case_small(i))
			run_case(k, w.self, mode, i, want_all, false, &w.expected);
	meed_conform_doing(k, "%s, %u threads at once", k->model->rm.id, k->threads);
	(void)pthread_mutex_init(&w.serial, NULL);
	(void)pthread_barrier_init(&w.start, NULL, k->threads);
	for (n = 0; n < k->threads; n++)
		if (pthread_create(&threads[n], NULL, crew_member, &w) != 0)
			break;
	if (n < k->threads) {
		/* The barrier waits for all: without them the process can only end. */
		meed_conform_line(k, false, "threads", "cannot start %u threads", k->threads);
		_Exit(1);
	}
	for (i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
	(void)pthread_barrier_destroy(&w.start);
	(void)pthread_mutex_destroy(&w.serial);
	meed_instance_destroy(k->r, k->model, w.self);
	crew_report(&w, n);
out:
	free(threads);
}

/* ---- requests ---- */

/* The plain sample with one kind of answer; drop_at as in struct meed_conform_eval. */
static void ask(struct meed_conform *k, void *self, uint32_t mode, size_t answer, uint32_t drop_at,
		char *why, size_t n, struct meed_conform_eval *ret)
{
	struct meed_conform_sample s;

	memset(ret, 0, sizeof(*ret));
	why[0] = '\0';
	if (meed_conform_sample(0, k->model, mode, &k->arena, &s) == 1) {
		ret->self = self;
		ret->sample = &s;
		ret->arena = &k->scratch;
		ret->want = want_all;
		ret->answer = answer;
		ret->drop_at = drop_at;
		meed_conform_eval(k, ret);
		if (!meed_conform_judge(ret, why, n) && ret->verdict < 0)
			(void)snprintf(why, n, "%s", ret->why);
		meed_conform_sample_release(&s);
	}
	ret->why = "";
	meed_arena_reset(&k->scratch);
	meed_arena_reset(&k->arena);
}

static void check_answer(struct meed_conform *k, void *self, uint32_t mode, size_t i)
{
	struct meed_conform_eval e;
	char why[512], what[96], name[48], judged[512], score[40];

	(void)snprintf(what, sizeof(what), "%s: answered with %s",
		       mode_name(mode, name, sizeof(name)), meed_conform_answer_name(i));
	meed_conform_doing(k, "%s, %s", k->model->rm.id, what);
	ask(k, self, mode, i, 0, why, sizeof(why), &e);
	e.why = why;
	if (meed_conform_judge(&e, judged, sizeof(judged)))
		meed_conform_line(k, false, what, "%s", judged);
	else if (e.verdict == MEED_OK)
		meed_conform_line(
			k, true, what, "score %s after %u rounds%s", meed_num_text(e.score, score),
			e.rounds,
			meed_conform_answer_status(i) < 0 && e.rounds > 0
				? ": a score although every request failed; is that meant?"
				: "");
	else if (e.verdict == MEED_ABSTAIN)
		meed_conform_line(k, true, what, "abstains after %u rounds", e.rounds);
	else
		meed_conform_line(k, true, what, "fails after %u rounds: %.200s", e.rounds, why);
}

void meed_conform_check_requests(struct meed_conform *k, uint32_t mode)
{
	struct meed_conform_eval e;
	char why[512], what[96], name[48];
	void *self = NULL;
	uint32_t drop;
	size_t i;

	if (!k->model->rm.resume || meed_conform_instance(k, &self) < 0)
		return;
	for (i = 0; i < meed_conform_n_answers(); i++)
		check_answer(k, self, mode, i);
	(void)snprintf(what, sizeof(what), "%s: dropped while pending",
		       mode_name(mode, name, sizeof(name)));
	meed_conform_doing(k, "%s, %s", k->model->rm.id, what);
	for (drop = 1; drop <= MEED_ROUNDS_MAX; drop++) {
		ask(k, self, mode, 0, drop, why, sizeof(why), &e);
		if (e.verdict != MEED_PENDING)
			break;
	}
	meed_conform_line(k, true, what, "%u times%s", drop - 1,
			  drop > 1 || k->model->rm.abandon ? "" : ": it posted nothing");
	meed_instance_destroy(k->r, k->model, self);
}

/* ---- latency ---- */

void meed_conform_check_latency(struct meed_conform *k, uint32_t mode)
{
	struct meed_conform_sample s;
	uint64_t n = 0, sum = 0, least = UINT64_MAX;
	char what[64], name[48], a[32], b[32];
	void *self = NULL;

	if (meed_conform_instance(k, &self) < 0)
		return;
	meed_conform_doing(k, "%s, latency", k->model->rm.id);
	if (meed_conform_sample(0, k->model, mode, &k->arena, &s) == 1) {
		struct meed_conform_eval e = { .self = self, .sample = &s, .arena = &k->scratch };

		for (; sum < LATENCY_NS && n < 100u * k->rounds; n++) {
			meed_conform_eval(k, &e);
			meed_arena_reset(&k->scratch);
			sum += e.ns;
			least = e.ns < least ? e.ns : least;
		}
		time_text(sum / n, a, sizeof(a));
		time_text(least, b, sizeof(b));
		(void)snprintf(what, sizeof(what), "%s: time of an evaluation",
			       mode_name(mode, name, sizeof(name)));
		meed_conform_line(k, true, what,
				  "%s on average, %s at best, the plain sample, "
				  "%llu times",
				  a, b, (unsigned long long)n);
		meed_conform_sample_release(&s);
	}
	meed_arena_reset(&k->arena);
	meed_instance_destroy(k->r, k->model, self);
}
