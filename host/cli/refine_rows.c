/* refine_rows.c - samples between the passes of a refinement. What is known of a sample on its way
 * stands in its metadata, under "refine": number, stale rounds, history, and the best output so far. */
#include "config.h"

#include "host/cli/refine.h"

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>

#include "host/cli/scored_input.h"
#include "host/sample/sample.h"

const char *refine_stop_name(enum refine_stop s)
{
	static const char *const names[REFINE_STOPS] = {
		[REFINE_TARGET] = "target",	[REFINE_PLATEAU] = "plateau",
		[REFINE_ROUNDS] = "rounds",	[REFINE_UNCHANGED] = "unchanged",
		[REFINE_BUDGET] = "budget",	[REFINE_HOPELESS] = "hopeless",
		[REFINE_WRITER] = "writer",	[REFINE_UNSCORED] = "unscored",
		[REFINE_BAD] = "no sample",
	};

	return names[s];
}

struct rows {
	const struct refine_pass *p;
	void (*one)(struct rows *w, const struct meed_scored *s);
	struct cli_file out, gone;
	struct meed_buf going, leaving;
	uint64_t number;		/* of the line, in round 0 */
	bool nomem;
};

static void set(struct rows *w, struct json_object *o, const char *key, struct json_object *v)
{
	if (v && json_object_object_add(o, key, v) == 0)
		return;
	json_object_put(v);
	w->nomem = true;
}

static struct json_object *str(meed_str s)
{
	return json_object_new_string_len(s.n ? s.p : "", (int)(s.n < INT32_MAX ? s.n : INT32_MAX));
}

/* metadata.refine, made if need be; NULL: no memory. */
static struct json_object *state_of(struct rows *w, struct json_object *root)
{
	struct json_object *meta = meed_scored_get(root, "metadata"), *state;

	if (!json_object_is_type(meta, json_type_object)) {
		meta = json_object_new_object();
		set(w, root, "metadata", meta);
	}
	state = w->nomem ? NULL : meed_scored_get(meta, "refine");
	if (state || w->nomem)
		return state;
	state = json_object_new_object();
	set(w, meta, "refine", state);
	return w->nomem ? NULL : state;
}

static double number_of(struct json_object *o, const char *key, double otherwise)
{
	double x;

	return meed_scored_num(meed_scored_get(o, key), &x) ? x : otherwise;
}

/* One line of the history. text NULL: it is not told again. */
static void remember(struct rows *w, struct json_object *state, uint32_t round, const double *score,
		     const meed_str *text, meed_str why)
{
	struct json_object *list = meed_scored_get(state, "history"), *h;

	if (!list) {
		list = json_object_new_array();
		set(w, state, "history", list);
	}
	h = w->nomem ? NULL : json_object_new_object();
	if (!h) {
		w->nomem = true;
		return;
	}
	set(w, h, "round", json_object_new_int64((int64_t)round));
	if (score)
		set(w, h, "score", json_object_new_double(*score));
	if (why.n)
		set(w, h, "error", str(why));
	if (meed_scored_get(state, "critique")) {
		set(w, h, "critique", json_object_get(meed_scored_get(state, "critique")));
		json_object_object_del(state, "critique");
	}
	if (text)
		set(w, h, "content", str(*text));
	if (json_object_array_add(list, h) < 0)
		w->nomem = true;
}

/* The row with one output. */
static void only_output(struct rows *w, struct json_object *root, struct json_object *output)
{
	struct json_object *list = json_object_new_array();

	if (!list || json_object_array_add(list, output) < 0) {
		json_object_put(output);
		json_object_put(list);
		w->nomem = true;
		return;
	}
	set(w, root, "output", list);
}

static void put_line(struct rows *w, struct meed_buf *b, struct json_object *root)
{
	meed_json_write(b, root);
	meed_buf_putc(b, '\n');
	w->nomem = w->nomem || b->failed;
}

/* The sample leaves, with the best that it has. */
static void leave(struct rows *w, struct json_object *root, enum refine_stop why, double score)
{
	const struct refine_rules *rules = w->p->rules;
	struct json_object *state = state_of(w, root), *best;
	bool drop = rules->drops && why != REFINE_BAD && why != REFINE_UNSCORED &&
		    !(score >= rules->target);
	uint64_t n = state ? (uint64_t)number_of(state, "number", 0) : 0;

	if (!state)
		return;
	best = json_object_get(meed_scored_get(state, "best"));
	if (best)
		only_output(w, root, best);
	json_object_object_del(state, "best");
	json_object_object_del(state, "number");
	json_object_object_del(state, "stale");
	json_object_object_del(state, "critique");
	set(w, state, "stopped", json_object_new_string(refine_stop_name(why)));
	w->p->counts->stops[why]++;
	w->p->counts->dropped += drop;
	w->p->counts->kept += !drop;
	meed_buf_printf(&w->leaving, "%llu\t%s\t", (unsigned long long)n, drop ? "DROP" : "KEEP");
	put_line(w, &w->leaving, root);
}

/* A line as it is: no sample, or one that nothing scored. */
static void leave_alone(struct rows *w, const struct meed_scored *s, enum refine_stop why)
{
	w->p->counts->stops[why]++;
	w->p->counts->kept++;
	meed_buf_printf(&w->leaving, "%llu\tKEEP\t", (unsigned long long)w->number);
	if (s->root)
		put_line(w, &w->leaving, s->root);
	else
		MEED_BUF_LIT(&w->leaving, "null\n");
}

/* ---- after scoring ----------------------------------------------------------------------- */

static size_t best_output(const struct meed_scored *s)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < s->n_outs; i++)
		if (s->outs[i].reward.valid &&
		    (best == SIZE_MAX || s->outs[i].reward.score > s->outs[best].reward.score))
			best = i;
	return best;
}

static struct json_object *output_at(const struct meed_scored *s, size_t i)
{
	return json_object_array_get_idx(meed_scored_get(s->root, "output"), i);
}

/* On to the writer, or not? */
static void settle(struct rows *w, struct json_object *root, struct json_object *state, double best,
		   bool over_budget)
{
	const struct refine_rules *r = w->p->rules;
	struct refine_round *round = &w->p->counts->rounds[w->p->round];
	double stale = number_of(state, "stale", 0);

	w->p->counts->last += best;
	if (best >= r->target)
		leave(w, root, REFINE_TARGET, best);
	else if (w->p->round == 0 && best < r->drop_below)
		leave(w, root, REFINE_HOPELESS, best);
	else if (over_budget)
		leave(w, root, REFINE_BUDGET, best);
	else if (w->p->round >= r->rounds)
		leave(w, root, REFINE_ROUNDS, best);
	else if (stale >= r->patience)
		leave(w, root, REFINE_PLATEAU, best);
	else {
		only_output(w, root, json_object_get(meed_scored_get(state, "best")));
		put_line(w, &w->going, root);
		round->asked++;
		/* counted again when it comes back */
		w->p->counts->last -= best;
	}
}

static void split_first(struct rows *w, const struct meed_scored *s)
{
	struct refine_counts *k = w->p->counts;
	size_t best;
	struct json_object *state;
	double score;

	w->number++;
	k->samples += !s->code;
	best = s->code ? SIZE_MAX : best_output(s);
	if (best == SIZE_MAX) {
		leave_alone(w, s, s->code ? REFINE_BAD : REFINE_UNSCORED);
		return;
	}
	score = s->outs[best].reward.score;
	k->first += score;
	k->n_scores++;
	k->rounds[0].n++;
	k->rounds[0].after += score;
	/* what an earlier refinement left there */
	if (json_object_is_type(meed_scored_get(s->root, "metadata"), json_type_object))
		json_object_object_del(meed_scored_get(s->root, "metadata"), "refine");
	state = state_of(w, s->root);
	if (!state)
		return;
	set(w, state, "number", json_object_new_int64((int64_t)w->number));
	set(w, state, "stale", json_object_new_int(0));
	set(w, state, "best", json_object_get(output_at(s, best)));
	remember(w, state, 0, &score, &s->outs[best].text, MEED_STR(""));
	if (!w->nomem)
		settle(w, s->root, state, score, false);
}

static bool is_budget(const struct meed_scored_reward *r)
{
	return meed_str_eq(r->code, meed_str_of(meed_err_name(MEED_E_LIMIT))) &&
	       memmem(r->error.p, r->error.n, "budget", 6);
}

static void split_later(struct rows *w, const struct meed_scored *s)
{
	struct refine_round *round = &w->p->counts->rounds[w->p->round];
	struct json_object *state = state_of(w, s->root);
	const struct meed_scored_reward *rw = s->n_outs ? &s->outs[0].reward : NULL;
	double best, stale;
	bool better;

	if (!state || !rw) {
		w->nomem = true;
		return;
	}
	best = number_of(meed_scored_get(meed_scored_get(meed_scored_get(state, "best"), "answer"),
					 "reward"), "score", -INFINITY);
	better = rw->valid && rw->score > best;
	round->n++;
	round->before += best;
	round->better += better;
	round->after += better ? rw->score : best;
	remember(w, state, w->p->round, rw->valid ? &rw->score : NULL, &s->outs[0].text,
		 rw->valid ? MEED_STR("") : rw->error);
	stale = number_of(state, "stale", 0);
	set(w, state, "stale", json_object_new_int(better ? 0 : (int)stale + 1));
	if (better) {
		set(w, state, "best", json_object_get(output_at(s, 0)));
		best = rw->score;
	}
	if (!w->nomem)
		settle(w, s->root, state, best, !rw->valid && is_budget(rw));
}

/* ---- after writing ---------------------------------------------------------------------- */

/* The same label, without what it said of the old text. */
static struct json_object *label_of(struct rows *w, struct json_object *label)
{
	struct json_object *copy = NULL;

	if (!json_object_is_type(label, json_type_object))
		return NULL;
	if (json_object_deep_copy(label, &copy, NULL) < 0) {
		w->nomem = true;
		return NULL;
	}
	json_object_object_del(copy, "preference");
	json_object_object_del(copy, "is_correct");
	json_object_object_del(copy, "score");
	json_object_object_del(copy, "prediction");
	return copy;
}

static struct json_object *new_output(struct rows *w, meed_str text, struct json_object *label)
{
	struct json_object *output = json_object_new_object(), *answer = json_object_new_object();

	if (!output || !answer) {
		json_object_put(output);
		json_object_put(answer);
		w->nomem = true;
		return NULL;
	}
	set(w, output, "answer", answer);
	set(w, answer, "role", json_object_new_string("assistant"));
	set(w, answer, "content", str(text));
	label = label_of(w, label);
	if (label)
		set(w, answer, "label", label);
	return output;
}

static void next(struct rows *w, const struct meed_scored *s)
{
	struct json_object *state = state_of(w, s->root), *extra, *best;
	const struct meed_scored_reward *rw = s->n_outs ? &s->outs[0].reward : NULL;
	meed_str text;
	double score;

	if (!state || !rw) {
		w->nomem = true;
		return;
	}
	best = meed_scored_get(meed_scored_get(state, "best"), "answer");
	score = number_of(meed_scored_get(best, "reward"), "score", -INFINITY);
	extra = rw->n_details ? meed_scored_get(rw->details[0].json, "extra") : NULL;
	text = meed_scored_str(meed_scored_get(extra, "rewrite"));
	if (!rw->valid || !text.n) {
		w->p->counts->rounds[w->p->round].failed++;
		remember(w, state, w->p->round + 1, NULL, NULL,
			 rw->error.n ? rw->error : MEED_STR("the writer gave no text"));
		w->p->counts->last += score;
		leave(w, s->root, is_budget(rw) ? REFINE_BUDGET : REFINE_WRITER, score);
		return;
	}
	if (meed_scored_get(extra, "critique"))
		set(w, state, "critique", json_object_get(meed_scored_get(extra, "critique")));
	if (!(rw->score > 0)) {
		remember(w, state, w->p->round + 1, &score, NULL, MEED_STR(""));
		w->p->counts->last += score;
		leave(w, s->root, REFINE_UNCHANGED, score);
		return;
	}
	only_output(w, s->root, new_output(w, text, meed_scored_get(best, "label")));
	put_line(w, &w->going, s->root);
}

/* ---- files --------------------------------------------------------------------------------- */

static int flush(struct rows *w, struct cli_file *to, struct meed_buf *b, size_t at_least)
{
	if (b->n < at_least)
		return EX_OK;
	if (!cli_write(to->fd, b->p, b->n)) {
		cli_say(w->p->c, "cannot write %s: %s", to->path, strerror(errno));
		return EX_IOERR;
	}
	b->n = 0;
	return EX_OK;
}

static int each(void *data, const struct meed_scored *s)
{
	struct rows *w = data;
	int status;

	w->one(w, s);
	status = w->nomem ? cli_nomem(w->p->c) : flush(w, &w->out, &w->going, 1 << 16);
	return status == EX_OK ? flush(w, &w->gone, &w->leaving, 1 << 16) : status;
}

static int read_all(struct rows *w, const char *composition)
{
	struct meed_scored_opts o = { .composition = composition };
	int status = scored_each(w->p->c, &w->p->in, 1, &o, each, w);

	if (status == EX_OK)
		status = flush(w, &w->out, &w->going, 1);
	return status == EX_OK ? flush(w, &w->gone, &w->leaving, 1) : status;
}

static int pass(const struct refine_pass *p, void (*one)(struct rows *, const struct meed_scored *),
		const char *composition)
{
	struct rows w = { .p = p, .one = one, .out = { .fd = -1 }, .gone = { .fd = -1 } };
	int status = cli_file_open(p->c, p->gone, &w.gone);

	if (status == EX_OK)
		status = cli_file_open(p->c, p->out, &w.out);
	if (status == EX_OK)
		status = read_all(&w, composition);
	/* the one that goes on comes last: where it is, the other is whole too */
	if (w.gone.path)
		status = cli_file_close(p->c, &w.gone, status);
	if (w.out.path)
		status = cli_file_close(p->c, &w.out, status);
	meed_buf_release(&w.going);
	meed_buf_release(&w.leaving);
	return status;
}

int refine_split(const struct refine_pass *p)
{
	return pass(p, p->round == 0 ? split_first : split_later, p->rules->scorer);
}

int refine_next(const struct refine_pass *p)
{
	return pass(p, next, p->rules->writer);
}
