/* conflicts.c - meed conflicts: intransitive and contradictory judgements. */
#include "config.h"

#include "host/cli/conflicts.h"

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/sample/sample.h"

enum { OPT_BY = CLI_LONG, OPT_MEMBER, OPT_RUN, OPT_DROPPED, OPT_MAX_RATE };

struct args {
	struct scored_input in;
	struct cli_report_out report;
	enum conflict_by by;
	const char *member, *output, *dropped;
	double max_rate;		/* a share; NAN: none */
	uint64_t top;
};

static const struct cli_opt opts[] = {
	{ OPT_BY, "by", "WHAT",
	  "what compares: pairs (what a pairwise model said),\n"
	  "members (each member's scores), labels (chosen and\n"
	  "rejected, over the whole input); default: the first\n"
	  "of these that the first sample has" },
	{ OPT_MEMBER, "member", "NAME", "the pairwise model, if there are several" },
	{ 'n', "top", "N", "list the N worst (default 10)" },
	{ OPT_MAX_RATE, "max-rate", "PERCENT",
	  "end with 1 if more than that have a cycle" },
	{ 'o', "output", "FILE",
	  "write the samples there, scored by the order that\n"
	  "contradicts least; with labels: those that do not\n"
	  "contradict it" },
	{ OPT_DROPPED, "dropped", "FILE", "with labels: the others" },
	{ OPT_RUN, "run", "FILE", "keep what -m NAME scored" },
	SCORING_KEEP_OPTS,
	CLI_REPORT_OPTS,
	SCORING_MODEL_OPTS,
	SCORING_ROWS_OPTS,
	SCORING_RUN_OPTS,
	SCORING_LLM_OPTS,
	SCORING_QUIET_OPT,
	{ 0, NULL, NULL, NULL },
};

static int take_by(struct cli *c, struct args *a, const char *value)
{
	static const char *const names[] = { "auto", "pairs", "members", "labels" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(value, names[i]) == 0) {
			a->by = (enum conflict_by)i;
			return CLI_GO;
		}
	}
	return cli_usage(c, "--by %s: must be pairs, members or labels", value);
}

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct args *a = data;
	double x;

	switch (id) {
	case OPT_BY:
		return take_by(c, a, value);
	case OPT_MEMBER:
		a->member = value;
		break;
	case OPT_RUN:
		a->in.keep = value;
		break;
	case OPT_DROPPED:
		a->dropped = value;
		break;
	case 'o':
		a->output = value;
		break;
	case 'n':
		if (!cli_u64(value, CONFLICT_MOST_SHOWN, &a->top))
			return cli_usage(c, "--top %s: must be a number from 0 to %d", value,
					 CONFLICT_MOST_SHOWN);
		break;
	case OPT_MAX_RATE:
		if (!*value || meed_strtod(value, strlen(value), &x) != strlen(value) ||
		    !(x >= 0 && x <= 100))
			return cli_usage(c, "--max-rate %s: must be a number from 0 to 100", value);
		a->max_rate = x / 100;
		break;
	default:
		if (!cli_report_take(&a->report, id, value))
			return scoring_take(c, &a->in.scoring, id, value);
	}
	return CLI_GO;
}

/* ---- the samples again, scored by the least contradicting order ----------------------------- */

static bool set(struct json_object *o, const char *key, struct json_object *v)
{
	if (v && json_object_object_add(o, key, v) == 0)
		return true;
	json_object_put(v);
	return false;
}

/* {"score","composition","details","others"}: others keeps what was there before. */
static struct json_object *new_reward(struct json_object *old, double net, size_t rank, size_t n)
{
	struct json_object *r = json_object_new_object(), *others = NULL, *d, *list;
	meed_str name = meed_scored_str(meed_scored_get(old, "composition"));
	char reason[128];

	(void)snprintf(reason, sizeof(reason),
		       "place %zu of %zu in the order that contradicts the comparisons least",
		       rank + 1, n);
	d = json_object_new_object();
	list = json_object_new_array();
	if (!r || !d || !list || !set(d, "name", json_object_new_string("deconflicted")) ||
	    !set(d, "score", json_object_new_double(net)) ||
	    !set(d, "reason", json_object_new_string(reason)) ||
	    !set(r, "score", json_object_new_double(net)) ||
	    !set(r, "composition", json_object_new_string("deconflicted")))
		goto fail;
	(void)json_object_array_add(list, d);
	(void)json_object_object_add(r, "details", list);
	if (!old)
		return r;
	others = json_object_get(meed_scored_get(old, "others"));
	if (!others)
		others = json_object_new_object();
	if (others) {
		json_object_object_del(old, "others");
		(void)json_object_object_add(others, name.n ? name.p : "unnamed",
					     json_object_get(old));
		(void)json_object_object_add(r, "others", others);
	}
	return r;
fail:
	json_object_put(r);
	json_object_put(d);
	json_object_put(list);
	return NULL;
}

static bool put_sample(struct meed_buf *b, const struct meed_scored *s,
		       const struct meed_conflicts *c)
{
	for (size_t k = 0; c && k < c->n_nodes; k++) {
		const struct meed_scored_output *o = &s->outs[c->order[k]];
		struct json_object *answer = o->answer, *reward;

		if (!answer)
			return false;
		reward = new_reward(meed_scored_get(answer, "reward"), c->net[c->order[k]], k,
				    c->n_nodes);
		if (!reward || json_object_object_add(answer, "reward", reward) < 0)
			return false;
	}
	if (!s->root)
		return false;
	meed_json_write(b, s->root);
	meed_buf_putc(b, '\n');
	return !b->failed;
}

/* ---- sample by sample ------------------------------------------------------------------------ */

struct work {
	struct cli *c;
	struct args *a;
	struct conflict_findings f;
	struct meed_duels duels;
	struct meed_arena arena;
	struct meed_clashes *clashes;
	struct cli_file out, dropped;
	struct meed_buf b;
	uint64_t line;
};

static int flush(struct work *w, struct cli_file *to, size_t at_least)
{
	if (to->fd < 0 || w->b.n < at_least)
		return EX_OK;
	if (!cli_write(to->fd, w->b.p, w->b.n)) {
		cli_say(w->c, "cannot write %s: %s", to->path, strerror(errno));
		return EX_IOERR;
	}
	w->b.n = 0;
	return EX_OK;
}

static bool compare(struct work *w, const struct meed_scored *s)
{
	switch (w->f.by) {
	case CONFLICT_PAIRS:
		return meed_duels_pairs(s, w->a->member, &w->duels);
	case CONFLICT_MEMBERS:
		return meed_duels_members(s, &w->duels);
	case CONFLICT_LABELS:
	case CONFLICT_AUTO:
	default:
		if (meed_duels_pairs(s, w->a->member, &w->duels)) {
			w->f.by = CONFLICT_PAIRS;
			return true;
		}
		for (size_t i = 0; i < s->n_outs; i++)
			if (meed_label_preference(&s->outs[i]))
				return false;
		if (!meed_duels_members(s, &w->duels))
			return false;
		w->f.by = CONFLICT_MEMBERS;
		return true;
	}
}

/* Nothing compares in the first sample but, perhaps, its labels. */
static void settle_on_labels(struct work *w)
{
	if (w->f.by == CONFLICT_AUTO)
		w->f.by = CONFLICT_LABELS;
}

static int one_label(struct work *w, const struct meed_scored *s)
{
	size_t n;

	if (!w->clashes)
		w->clashes = meed_clashes_new();
	if (!w->clashes || meed_clashes_add(w->clashes, s, w->line, &n) < 0)
		return cli_nomem(w->c);
	w->f.bare += n == 0;
	return EX_OK;
}

static int one(void *data, const struct meed_scored *s)
{
	struct work *w = data;
	struct meed_conflicts found;
	char where[512];
	bool compared;
	int32_t r;

	w->line++;
	if (s->code) {
		w->f.bad_lines++;
		return EX_OK;
	}
	if (w->f.by == CONFLICT_LABELS)
		return one_label(w, s);
	compared = compare(w, s);
	if (!compared && w->f.by == CONFLICT_AUTO) {
		settle_on_labels(w);
		return one_label(w, s);
	}
	meed_arena_reset(&w->arena);
	r = compared ? meed_conflicts_find(&w->duels, &w->arena, &found) : MEED_E_SAMPLE;
	if (r == MEED_E_NOMEM)
		return cli_nomem(w->c);
	w->f.bare += !compared;
	w->f.too_large += r == MEED_E_LIMIT;
	if (r == MEED_OK) {
		(void)snprintf(where, sizeof(where), "%s:%llu", s->file,
			       (unsigned long long)s->line);
		conflict_count(&w->f, &found, &w->duels, s, s->task_category, where, s->id);
	}
	if (w->out.fd < 0)
		return w->f.nomem ? cli_nomem(w->c) : EX_OK;
	if (!put_sample(&w->b, s, r == MEED_OK ? &found : NULL))
		return cli_nomem(w->c);
	return flush(w, &w->out, 1 << 16);
}

static int each_sample(struct work *w, int (*each)(void *, const struct meed_scored *))
{
	w->line = 0;
	return scored_input_each(w->c, &w->a->in, (struct meed_scored_opts){ 0 }, each, w);
}

/* ---- labels: all prompts, then the samples once more -------------------------------------- */

static int count_prompts(struct work *w)
{
	struct meed_conflicts found;
	char where[64];
	size_t at = 0;
	uint64_t line;
	int32_t r = 1;

	while (w->clashes && r != 0) {
		meed_arena_reset(&w->arena);
		r = meed_clashes_next(w->clashes, &at, &w->duels, &w->arena, &found, &line);
		if (r == MEED_E_NOMEM || w->f.nomem)
			return cli_nomem(w->c);
		w->f.too_large += r == MEED_E_LIMIT;
		if (r != 1)
			continue;
		(void)snprintf(where, sizeof(where), "sample %llu", (unsigned long long)line);
		conflict_count(&w->f, &found, &w->duels, NULL, MEED_STR(""), where,
			       meed_str_of(where));
	}
	return EX_OK;
}

static int sort_out(void *data, const struct meed_scored *s)
{
	struct work *w = data;
	struct cli_file *to = &w->out;

	w->line++;
	if (s->code || !s->root)
		return EX_OK;
	if (w->clashes && meed_clashes_against(w->clashes, s, w->line))
		to = &w->dropped;
	w->b.n = 0;
	if (to->fd >= 0 && !put_sample(&w->b, s, NULL))
		return cli_nomem(w->c);
	return flush(w, to, 1);
}

static int labels(struct work *w)
{
	int status = count_prompts(w);

	if (status != EX_OK || (w->out.fd < 0 && w->dropped.fd < 0))
		return status;
	return each_sample(w, sort_out);
}

/* ---- the command ------------------------------------------------------------------------------ */

static int open_outputs(struct work *w)
{
	int status = EX_OK;

	if (w->a->output)
		status = cli_file_open(w->c, w->a->output, &w->out);
	if (status == EX_OK && w->a->dropped)
		status = cli_file_open(w->c, w->a->dropped, &w->dropped);
	return status;
}

static int finish(struct work *w)
{
	const struct args *a = w->a;
	struct meed_report *r;
	int status;

	if (w->f.all.groups == 0) {
		cli_say(w->c, "nothing to compare: no sample has comparisons (a pairwise model's, "
			      "written with --level full), members' scores, or outputs labelled "
			      "chosen and rejected");
		return EX_DATAERR;
	}
	r = conflict_report(&w->f, &a->in);
	status = cli_report_emit(w->c, &a->report, r);
	meed_report_free(r);
	if (status != EX_OK)
		return status;
	if (isfinite(a->max_rate) && conflict_rate(&w->f.all) > a->max_rate) {
		cli_say(w->c, "%.2f %% have a cycle: more than %g %%",
			100 * conflict_rate(&w->f.all), 100 * a->max_rate);
		return 1;
	}
	return w->f.bad_lines || w->f.too_large || a->in.failures ? EX_DATAERR : EX_OK;
}

static int work(struct cli *c, struct args *a)
{
	struct work w = { .c = c, .a = a, .out = { .fd = -1 }, .dropped = { .fd = -1 } };
	int status;

	meed_arena_init(&w.arena, 0);
	w.f.by = a->by;
	w.f.cases_max = (size_t)a->top;
	status = scored_input_ready(c, &a->in, a->output || a->dropped);
	if (status == EX_OK)
		status = open_outputs(&w);
	if (status == EX_OK)
		status = each_sample(&w, one);
	if (status == EX_OK && w.f.by == CONFLICT_LABELS)
		status = labels(&w);
	if (status == EX_OK)
		status = flush(&w, &w.out, 1);
	if (w.out.path)
		status = cli_file_close(c, &w.out, status);
	if (w.dropped.path)
		status = cli_file_close(c, &w.dropped, status);
	if (status == EX_OK)
		status = finish(&w);
	meed_clashes_free(w.clashes);
	meed_duels_release(&w.duels);
	meed_arena_release(&w.arena);
	meed_buf_release(&w.b);
	conflict_findings_release(&w.f);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	struct args a = { .max_rate = NAN, .top = 10 };
	int status, first;

	scoring_init(&a.in.scoring, argc);
	a.in.scoring.level = MEED_LEVEL_FULL;
	status = cli_parse(c, argc, argv, take, &a, &first);
	if (status == CLI_GO)
		status = cli_report_check(c, &a.report);
	if (status == CLI_GO && a.dropped && a.by != CONFLICT_LABELS)
		status = cli_usage(c, "--dropped goes with --by labels");
	if (status == CLI_GO)
		status = scored_input_operands(c, &a.in, first, argc, argv);
	if (status == CLI_GO)
		status = work(c, &a);
	scored_input_release(&a.in);
	return status;
}

const struct cli_command cli_conflicts = {
	.name = "conflicts",
	.synopsis = "[-m NAME] [FILE]...",
	.summary = "Find intransitive and contradictory judgements.",
	.opts = opts,
	.conf = true,
	.notes = "The files are scored already, or -m NAME scores them first.\n"
		 "Ends with 0; with 1 past --max-rate; with 65 if a line is no sample or a comparison\n"
		 "could not be made.",
	.run = run,
};
