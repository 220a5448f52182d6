/* libmeed.c - the host inside another program: meed/meed.h. */
#include "config.h"

#include <json-c/json.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <meed/meed.h>

#include "host/engine/engine.h"

#define EXPORT __attribute__((visibility("default")))

/* A parser at rest: one is taken for each call, so that calls need not wait for each other. */
struct seat {
	struct seat *next;
	struct meed_parser *parser;
};

struct meed {
	struct meed_conf *conf;
	struct meed_plan *plan;
	struct meed_llm_conf llm;
	struct meed_transport *transport, *exec;
	struct meed_engine *engine;
	struct meed_schema *schema;
	struct meed_log log;
	pthread_mutex_t lock;
	struct seat *seats;
};

struct meed_scores {
	struct meed_arena arena;
	struct meed_row *row;
	struct meed_result result;
	struct meed_buf json;
};

static int32_t say(char *why, size_t n, const struct meed_err *err)
{
	if (why && n)
		(void)snprintf(why, n, "%s", err->text);
	return err->code;
}

/* The first error of a list, and how many more there are. */
static int32_t diags_err(const struct meed_diags *d, int32_t code, struct meed_err *err)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->v[i].warning)
			continue;
		if (d->n_errors > 1)
			return meed_err_set(err, code, "%s (and %zu more)", d->v[i].text,
					    d->n_errors - 1);
		return meed_err_set(err, code, "%s", d->v[i].text);
	}
	return meed_err_set(err, code, "the configuration cannot be used");
}

EXPORT const char *meed_version(void)
{
	return PACKAGE_VERSION;
}

static int32_t load(struct meed *m, const char *conf, const char *name, const char *const *sets,
		    struct meed_err *err)
{
	struct meed_diags diags = { 0 };
	size_t n_sets = 0;
	char *found = conf ? NULL : meed_conf_default_path();
	const char *path = conf ? conf : found;
	int32_t st;

	if (!path) {
		st = meed_err_set(err, MEED_E_PARAM, "no configuration: give its path, or set "
						     "MEED_CONF");
		goto out;
	}
	while (sets && sets[n_sets])
		n_sets++;
	st = meed_conf_load(&path, 1, NULL, 0, &m->log, &diags, &m->conf);
	if (st == MEED_OK)
		st = meed_plan_new(m->conf, name, sets, n_sets, &diags, &m->plan);
	if (st < 0) {
		(void)diags_err(&diags, st, err);
		goto out;
	}
	meed_conf_llm(m->conf, &m->llm);
	st = meed_llm_new(&m->llm, &m->log, err, &m->transport);
	if (st == MEED_OK)
		st = meed_engine_exec(m->plan, &m->log, err, &m->exec);
out:
	meed_diags_release(&diags);
	free(found);
	return st;
}

EXPORT int32_t meed_open(const char *conf, const char *name, const char *const *sets,
			 struct meed **ret, char *why, size_t n)
{
	struct meed *m = calloc(1, sizeof(*m));
	struct meed_engine_opts o = { .want = MEED_WANT_REASON | MEED_WANT_EXTRA };
	struct meed_err err = { 0 };
	int32_t st;

	if (!m) {
		(void)meed_err_nomem(&err);
		return say(why, n, &err);
	}
	m->log.fd = -1;
	(void)pthread_mutex_init(&m->lock, NULL);
	st = load(m, conf, name, sets, &err);
	if (st == MEED_OK)
		st = meed_schema_new(NULL, NULL, NULL, &err, &m->schema);
	if (st == MEED_OK) {
		const struct meed_run_conf *rc = meed_conf_run(m->conf);

		o.seed = rc->seed;
		o.timeout_ms = rc->timeout_ms;
		o.arena_bytes = (size_t)rc->arena_bytes;
		o.transport = m->transport;
		o.exec = m->exec;
		st = meed_engine_new(m->plan, &o, &err, &m->engine);
	}
	if (st < 0) {
		meed_close(m);
		return say(why, n, &err);
	}
	*ret = m;
	return MEED_OK;
}

EXPORT void meed_close(struct meed *m)
{
	struct seat *s;

	if (!m)
		return;
	while ((s = m->seats)) {
		m->seats = s->next;
		meed_parser_free(s->parser);
		free(s);
	}
	meed_engine_free(m->engine);
	if (m->transport)
		m->transport->free(m->transport);
	if (m->exec)
		m->exec->free(m->exec);
	meed_schema_free(m->schema);
	meed_plan_free(m->plan);
	meed_conf_free(m->conf);
	(void)pthread_mutex_destroy(&m->lock);
	free(m);
}

static struct seat *seat_take(struct meed *m)
{
	struct seat *s;

	(void)pthread_mutex_lock(&m->lock);
	s = m->seats;
	if (s)
		m->seats = s->next;
	(void)pthread_mutex_unlock(&m->lock);
	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (s)
		s->parser = meed_parser_new(m->schema);
	if (s && !s->parser) {
		free(s);
		s = NULL;
	}
	return s;
}

static void seat_give(struct meed *m, struct seat *s)
{
	(void)pthread_mutex_lock(&m->lock);
	s->next = m->seats;
	m->seats = s;
	(void)pthread_mutex_unlock(&m->lock);
}

EXPORT int32_t meed_score_json(struct meed *m, const char *json, size_t n_json,
			       struct meed_scores **ret, char *why, size_t n)
{
	struct meed_line line = { .p = json, .n = n_json, .number = 1 };
	struct meed_scores *s = calloc(1, sizeof(*s));
	struct seat *seat = seat_take(m);
	struct meed_err err = { 0 };
	int32_t st;

	if (!s || !seat) {
		st = meed_err_nomem(&err);
		goto out;
	}
	meed_arena_init(&s->arena, (size_t)meed_conf_run(m->conf)->arena_bytes);
	st = meed_parser_row(seat->parser, &line, 1, &s->arena, &err, &s->row);
	if (st == MEED_OK)
		st = meed_engine_score(m->engine, s->row, &s->arena, &err, &s->result);
	if (st == MEED_OK) {
		meed_row_write(s->row, &s->result, MEED_LEVEL_FULL, false, &s->json);
		if (s->json.failed)
			st = meed_err_nomem(&err);
		else
			s->json.p[--s->json.n] = '\0'; /* the newline */
	}
	if (st < 0)
		goto out;
	*ret = s;
	s = NULL;
out:
	if (seat)
		seat_give(m, seat);
	meed_scores_free(s);
	return st < 0 ? say(why, n, &err) : MEED_OK;
}

EXPORT int32_t meed_score_text(struct meed *m, const char *prompt, const char *response,
			       const char *reference, struct meed_scores **ret, char *why, size_t n)
{
	struct meed_buf b = { 0 }, clean = { 0 };
	const char *texts[3] = { prompt ? prompt : "", response ? response : "", reference };
	static const char *const before[3] = { "{\"input\":[{\"role\":\"user\",\"content\":",
					       ("}],\"output\":[{\"answer\":"
						"{\"role\":\"assistant\",\"content\":"),
					       ",\"label\":{\"reference\":" };
	struct meed_err err = { 0 };
	int32_t st;

	for (size_t i = 0; i < 3 && texts[i]; i++) {
		meed_buf_puts(&b, before[i]);
		clean.n = 0;
		meed_utf8_scrub(&clean, meed_str_of(texts[i]));
		meed_buf_json_str(&b, (meed_str){ clean.p ? clean.p : "", clean.n });
	}
	meed_buf_puts(&b, reference ? "}}}]}" : "}}]}");
	if (b.failed || clean.failed) {
		(void)meed_err_nomem(&err);
		st = say(why, n, &err);
	} else {
		st = meed_score_json(m, b.p, b.n, ret, why, n);
	}
	meed_buf_release(&b);
	meed_buf_release(&clean);
	return st;
}

/* ---- many rows ---------------------------------------------------------------------------------- */

struct many {
	struct meed *m;
	const char *const *rows;
	const size_t *lens;
	size_t n;
	struct meed_scores **ret;
	int32_t *codes;
	atomic_size_t next, good;
};

static void *many_main(void *arg)
{
	struct many *k = arg;
	size_t i;

	while ((i = atomic_fetch_add(&k->next, 1)) < k->n) {
		int32_t st;

		k->ret[i] = NULL;
		st = meed_score_json(k->m, k->rows[i], k->lens ? k->lens[i] : strlen(k->rows[i]),
				     &k->ret[i], NULL, 0);
		if (k->codes)
			k->codes[i] = st;
		if (st == MEED_OK)
			(void)atomic_fetch_add(&k->good, 1);
	}
	return NULL;
}

EXPORT int64_t meed_score_many(struct meed *m, const char *const *rows, const size_t *lens,
			       size_t n_rows, uint32_t threads, struct meed_scores **ret,
			       int32_t *codes)
{
	struct many k = { .m = m, .rows = rows, .lens = lens, .n = n_rows, .ret = ret,
			  .codes = codes };
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = threads ? threads : cores > 0 ? (size_t)cores : 1, started = 1;
	pthread_t *ids;

	n = n < n_rows ? n : n_rows;
	ids = calloc(n ? n : 1, sizeof(*ids));
	if (!ids)
		return MEED_E_NOMEM;
	while (started < n && pthread_create(&ids[started], NULL, many_main, &k) == 0)
		started++;
	(void)many_main(&k);
	for (size_t i = 1; i < started && n; i++)
		(void)pthread_join(ids[i], NULL);
	free(ids);
	return (int64_t)atomic_load(&k.good);
}

/* ---- results -------------------------------------------------------------------------------------- */

EXPORT void meed_scores_free(struct meed_scores *s)
{
	if (!s)
		return;
	meed_row_release(s->row);
	meed_arena_release(&s->arena);
	meed_buf_release(&s->json);
	free(s);
}

EXPORT size_t meed_scores_count(const struct meed_scores *s)
{
	return s->result.n_outs;
}

EXPORT double meed_scores_value(const struct meed_scores *s, size_t i)
{
	return i < s->result.n_outs && s->result.outs[i].valid ? s->result.outs[i].score
							       : (double)NAN;
}

EXPORT const char *meed_scores_error(const struct meed_scores *s, size_t i)
{
	const struct meed_reward *r;

	if (i >= s->result.n_outs)
		return "there is no such output";
	r = &s->result.outs[i];
	if (r->valid)
		return NULL;
	return r->error.n ? r->error.p : meed_err_name(r->code);
}

EXPORT size_t meed_scores_n_details(const struct meed_scores *s, size_t i)
{
	return i < s->result.n_outs ? s->result.outs[i].n_details : 0;
}

/* The JSON string without its quotes, in place of the scores' arena; escapes are only those that
 * meed_buf_json_str writes, so a name is almost always a plain copy. */
static const char *plain_name(const struct meed_scores *s, meed_str json)
{
	struct json_object *o = NULL;
	struct meed_arena *a = (struct meed_arena *)(uintptr_t)&s->arena;
	meed_str r = { NULL, 0 };

	if (json.n >= 2 && !memchr(json.p, '\\', json.n))
		return meed_arena_dup(a, (meed_str){ json.p + 1, json.n - 2 }).p;
	if (meed_json_read(NULL, json.p, json.n, NULL, &o) == MEED_OK && meed_json_str(o, &r))
		r = meed_arena_dup(a, r);
	(void)json_object_put(o);
	return r.p;
}

EXPORT const char *meed_scores_detail(const struct meed_scores *s, size_t i, size_t k,
				      double *ret_score, const char **ret_reason)
{
	const struct meed_detail *d;

	if (i >= s->result.n_outs || k >= s->result.outs[i].n_details)
		return NULL;
	d = &s->result.outs[i].details[k];
	if (ret_score)
		*ret_score = d->state == MEED_D_OK || d->state == MEED_D_VALUE ? d->score
									       : (double)NAN;
	if (ret_reason)
		*ret_reason = d->error.n ? d->error.p : d->reason.p ? d->reason.p : "";
	return plain_name(s, d->name_json);
}

EXPORT const char *meed_scores_json(const struct meed_scores *s, size_t *ret_n)
{
	if (ret_n)
		*ret_n = s->json.n;
	return s->json.p;
}
