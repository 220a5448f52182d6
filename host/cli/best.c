/* best.c - meed best: keeps each sample's best outputs. */
#include "config.h"

#include "host/cli/best.h"

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>

#include "host/sample/sample.h"

enum { OPT_VOTE = CLI_LONG, OPT_ANSWER, OPT_EQUAL, OPT_RIGHT_AT, OPT_RUN, OPT_SCORE_AT, OPT_DETAIL,
       OPT_UNCHOSEN };

struct args {
	struct scored_input in;
	struct cli_report_out report;
	enum best_vote vote;
	struct best_answers answers;
	bool as_math;
	const char *output, *unchosen, *right_at, *score_at, *detail;
	uint64_t keep;
};

static const struct cli_opt opts[] = {
	{ 'n', "keep", "N", "how many outputs to keep (default 1), best first" },
	{ OPT_VOTE, "vote", "HOW",
	  "choose by the answers: majority, or weighted by the\n"
	  "scores; of the winning answer's outputs the best" },
	{ OPT_ANSWER, "answer", "WHERE",
	  "what an output answers: text (all of it), last (its\n"
	  "last line; default), or a JSON pointer into its label" },
	{ OPT_EQUAL, "equal", "HOW",
	  "which answers are equal: text (default), or math,\n"
	  "by the plugin math, which finds the answer itself" },
	{ OPT_SCORE_AT, "score-at", "WHERE",
	  "recorded scores in place of rewards: /pointer into\n"
	  "the row, label:/pointer or answer:/pointer" },
	{ OPT_DETAIL, "detail", "NAME", "choose by this member's score" },
	{ OPT_RIGHT_AT, "right-at", "POINTER",
	  "where a label says whether the output is right\n"
	  "(default /is_correct, else preference)" },
	{ 'o', "output", "FILE", "write the samples with what is kept of them" },
	{ OPT_UNCHOSEN, "unchosen", "FILE",
	  "samples with nothing to choose by go here, not to\n"
	  "the output" },
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

static int take_vote(struct cli *c, struct args *a, const char *value)
{
	if (strcmp(value, "majority") == 0)
		a->vote = BEST_MAJORITY;
	else if (strcmp(value, "weighted") == 0)
		a->vote = BEST_WEIGHTED;
	else
		return cli_usage(c, "--vote %s: must be majority or weighted", value);
	return CLI_GO;
}

static int take_answer(struct cli *c, struct args *a, const char *value)
{
	a->answers.at = value[0] == '/' ? value : NULL;
	a->answers.last_line = strcmp(value, "last") == 0;
	if (value[0] != '/' && !a->answers.last_line && strcmp(value, "text") != 0)
		return cli_usage(c, "--answer %s: must be text, last or a pointer, /NAME", value);
	return CLI_GO;
}

static int take_equal(struct cli *c, struct args *a, const char *value)
{
	a->as_math = strcmp(value, "math") == 0;
	if (!a->as_math && strcmp(value, "text") != 0)
		return cli_usage(c, "--equal %s: must be text or math", value);
	return CLI_GO;
}

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct args *a = data;

	switch (id) {
	case 'n':
		if (!cli_u64(value, 1000000, &a->keep) || a->keep == 0)
			return cli_usage(c, "--keep %s: must be a number from 1", value);
		break;
	case OPT_VOTE:
		return take_vote(c, a, value);
	case OPT_ANSWER:
		return take_answer(c, a, value);
	case OPT_EQUAL:
		return take_equal(c, a, value);
	case OPT_SCORE_AT:
		a->score_at = value;
		break;
	case OPT_DETAIL:
		a->detail = value;
		break;
	case OPT_RIGHT_AT:
		a->right_at = value;
		break;
	case 'o':
		a->output = value;
		break;
	case OPT_UNCHOSEN:
		a->unchosen = value;
		break;
	case OPT_RUN:
		a->in.keep = value;
		break;
	default:
		if (!cli_report_take(&a->report, id, value))
			return scoring_take(c, &a->in.scoring, id, value);
	}
	return CLI_GO;
}

/* ---- one sample --------------------------------------------------------------------------- */

struct work {
	struct cli *c;
	const struct args *a;
	struct best_answers answers;
	struct best_findings f;
	struct meed_arena arena;
	struct cli_file out, unchosen;
	struct meed_buf b;
};

/* What is known of a sample's outputs; n places each. */
struct view {
	size_t n;
	double *scores;			/* -INFINITY: none */
	double *right;			/* 1, 0; NAN: no label */
	size_t *order;			/* best first */
	size_t n_chosen;		/* how many of order may be kept */
};

/* 1 or 0; NAN if no label says. */
static double is_right(const struct work *w, const struct meed_scored_output *o)
{
	struct json_object *v;
	double x;
	int p;

	v = o->label ? meed_json_pointer(o->label, w->a->right_at ? w->a->right_at : "/is_correct")
		     : NULL;
	if (v && meed_scored_num(v, &x))
		return x > 0 ? 1 : 0;
	p = w->a->right_at ? 0 : meed_label_preference(o);
	return p > 0 ? 1 : p < 0 ? 0 : NAN;
}

static bool view_sample(struct work *w, const struct meed_scored *s, struct view *v)
{
	v->n = s->n_outs;
	v->scores = meed_arena_raw(&w->arena, (v->n + 1) * sizeof(*v->scores));
	v->right = meed_arena_raw(&w->arena, (v->n + 1) * sizeof(*v->right));
	v->order = meed_arena_raw(&w->arena, (v->n + 1) * sizeof(*v->order));
	if (!v->scores || !v->right || !v->order)
		return false;
	for (size_t i = 0; i < v->n; i++) {
		const struct meed_scored_reward *rw = &s->outs[i].reward;

		v->scores[i] = rw->valid ? rw->score : -INFINITY;
		v->right[i] = is_right(w, &s->outs[i]);
		w->f.failed_outputs += rw->present && !rw->valid;
	}
	return true;
}

/* Outputs by score, best first, equal ones in their order; those without a score last. */
static void by_score(struct view *v)
{
	v->n_chosen = 0;
	for (size_t i = 0; i < v->n; i++) {
		size_t at = i;

		for (; at > 0 && v->scores[v->order[at - 1]] < v->scores[i]; at--)
			v->order[at] = v->order[at - 1];
		v->order[at] = i;
		v->n_chosen += isfinite(v->scores[i]) ? 1 : 0;
	}
}

/* The winning answer's outputs first. */
static bool by_vote(struct work *w, const struct meed_scored *s, struct view *v)
{
	meed_str *answers = meed_arena_raw(&w->arena, (v->n + 1) * sizeof(*answers));
	size_t *classes = meed_arena_raw(&w->arena, 2 * (v->n + 1) * sizeof(*classes));
	double *weights = meed_arena_raw(&w->arena, (v->n + 1) * sizeof(*weights));
	bool *has = meed_arena_raw(&w->arena, v->n + 1);
	size_t n_classes, winner, at = 0;

	if (!answers || !classes || !weights || !has)
		return false;
	for (size_t i = 0; i < v->n; i++) {
		has[i] = best_answer(&w->answers, &s->outs[i], &w->arena, &answers[i]);
		if (w->a->vote == BEST_WEIGHTED && !isfinite(v->scores[i]))
			has[i] = false;
		weights[i] = w->a->vote == BEST_WEIGHTED && has[i] ? v->scores[i] : 1;
		w->f.no_answer += !has[i];
	}
	n_classes = best_classes(&w->answers, answers, has, v->n, classes);
	winner = best_winner(classes, n_classes, weights, v->scores, v->n);
	w->f.classes += n_classes;
	w->f.unanimous += n_classes == 1;
	/* v->order is by score */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < v->n; i++)
			if ((classes[v->order[i]] == winner && winner != SIZE_MAX) == !pass)
				classes[v->n + 1 + at++] = v->order[i];
	memcpy(v->order, classes + v->n + 1, v->n * sizeof(*v->order));
	v->n_chosen = winner == SIZE_MAX ? 0 : v->n;
	return true;
}

static bool count_curve(struct work *w, const struct view *v)
{
	double *x = meed_arena_raw(&w->arena, 3 * (v->n + 1) * sizeof(*x)), *y, *copy;
	size_t *order = meed_arena_raw(&w->arena, (v->n + 1) * sizeof(*order));
	size_t n = 0, n_right = 0;

	if (!x || !order)
		return false;
	y = x + v->n + 1;
	copy = y + v->n + 1;
	for (size_t i = 0; i < v->n; i++) {
		if (!isfinite(v->scores[i]))
			continue;
		n_right += isfinite(v->right[i]) ? 1 : 0;
		y[n] = v->right[i];
		x[n++] = v->scores[i];
	}
	for (size_t k = 1; k <= n && k <= BEST_CURVE; k++) {
		struct best_point *p = &w->f.curve[k];

		memcpy(copy, x, n * sizeof(*x));
		p->score += meed_best_expected(copy, n, k);
		p->n++;
		w->f.longest = k > w->f.longest ? k : w->f.longest;
		if (n_right < n)
			continue;
		p->right += meed_best_expected_of(x, y, n, k, order);
		memcpy(copy, y, n * sizeof(*y));
		p->oracle += meed_best_expected(copy, n, k);
		p->n_right++;
	}
	return true;
}

static void count_chosen(struct work *w, const struct view *v)
{
	double mean = 0, right = 0;
	size_t n = 0, n_right = 0, best = v->order[0];

	for (size_t i = 0; i < v->n; i++) {
		if (isfinite(v->scores[i])) {
			mean += v->scores[i];
			n++;
		}
		if (isfinite(v->right[i])) {
			right += v->right[i];
			n_right++;
		}
	}
	if (isfinite(v->scores[best])) {
		w->f.scored++;
		w->f.mean += mean / (double)n;
		w->f.best += v->scores[best];
		w->f.ties += w->a->vote == BEST_BY_SCORE && v->n_chosen > 1 &&
			     v->scores[v->order[1]] >= v->scores[best];
	}
	if (isfinite(v->right[best])) {
		w->f.labelled++;
		w->f.mean_right += right / (double)n_right;
		w->f.right += v->right[best] > 0;
	}
}

/* The row with the chosen outputs alone. */
static bool keep_outputs(struct work *w, const struct meed_scored *s, const struct view *v)
{
	struct json_object *old = meed_scored_get(s->root, "output"), *list;
	size_t n = v->n_chosen < w->a->keep ? v->n_chosen : (size_t)w->a->keep;

	list = json_object_new_array();
	if (!list)
		return false;
	for (size_t i = 0; i < n; i++)
		if (json_object_array_add(list, json_object_get(json_object_array_get_idx(
							 old, v->order[i]))) < 0)
			break;
	return json_object_object_add(s->root, "output", list) == 0;
}

static int flush(struct work *w, struct cli_file *to)
{
	if (w->b.failed)
		return cli_nomem(w->c);
	if (!cli_write(to->fd, w->b.p, w->b.n)) {
		cli_say(w->c, "cannot write %s: %s", to->path, strerror(errno));
		return EX_IOERR;
	}
	w->b.n = 0;
	return EX_OK;
}

static int write_sample(struct work *w, const struct meed_scored *s, const struct view *v)
{
	bool chosen = v->n_chosen > 0;
	struct cli_file *to = chosen || w->unchosen.fd < 0 ? &w->out : &w->unchosen;

	if (to->fd < 0)
		return EX_OK;
	if (chosen && !json_object_is_type(meed_scored_get(s->root, "output"), json_type_array)) {
		cli_say(w->c, "%s:%llu: not in the canonical form, so its outputs cannot be written "
			      "apart; `meed import` makes it so",
			s->file, (unsigned long long)s->line);
		return EX_DATAERR;
	}
	if (chosen && !keep_outputs(w, s, v))
		return cli_nomem(w->c);
	w->f.kept++;
	meed_json_write(&w->b, s->root);
	meed_buf_putc(&w->b, '\n');
	return w->b.n >= 1 << 16 || to == &w->unchosen || w->unchosen.fd >= 0 ? flush(w, to) : EX_OK;
}

static int one(void *data, const struct meed_scored *s)
{
	struct work *w = data;
	struct view v = { 0 };

	if (s->code) {
		w->f.bad_lines++;
		return EX_OK;
	}
	meed_arena_reset(&w->arena);
	w->f.samples++;
	w->f.outputs += s->n_outs;
	if (!view_sample(w, s, &v))
		return cli_nomem(w->c);
	by_score(&v);
	if (w->a->vote != BEST_BY_SCORE && !by_vote(w, s, &v))
		return cli_nomem(w->c);
	w->f.unscored += v.n_chosen == 0;
	if (v.n_chosen > 0)
		count_chosen(w, &v);
	if (!count_curve(w, &v))
		return cli_nomem(w->c);
	return write_sample(w, s, &v);
}

static int each_sample(struct work *w)
{
	struct meed_scored_opts o = { .detail = w->a->detail, .score_at = w->a->score_at };
	int status = scored_input_each(w->c, &w->a->in, o, one, w);

	return status == EX_OK && w->b.n > 0 ? flush(w, &w->out) : status;
}

/* ---- the command -------------------------------------------------------------------------------- */

static int finish(struct work *w)
{
	const struct args *a = w->a;
	struct meed_report *r;
	int status;

	if (w->f.samples == 0)
		cli_say(w->c, "warning: the input has no sample");
	r = best_report(&w->f, &a->in, a->vote, a->keep);
	status = cli_report_emit(w->c, &a->report, r);
	meed_report_free(r);
	if (status != EX_OK)
		return status;
	return w->f.bad_lines || w->f.unscored || a->in.failures ? EX_DATAERR : EX_OK;
}

static int work(struct cli *c, struct args *a, const struct meed_conf *conf)
{
	struct work w = { .c = c, .a = a, .answers = a->answers, .out = { .fd = -1 },
			  .unchosen = { .fd = -1 } };
	int status = EX_OK;

	meed_arena_init(&w.arena, 0);
	if (a->as_math) {
		w.answers.math = cli_math_extension(c, conf);
		status = w.answers.math ? EX_OK : EX_UNAVAILABLE;
	}
	if (status == EX_OK)
		status = scored_input_ready(c, &a->in, false);
	if (status == EX_OK && a->output)
		status = cli_file_open(c, a->output, &w.out);
	if (status == EX_OK && a->unchosen)
		status = cli_file_open(c, a->unchosen, &w.unchosen);
	if (status == EX_OK)
		status = each_sample(&w);
	if (w.out.path)
		status = cli_file_close(c, &w.out, status);
	if (w.unchosen.path)
		status = cli_file_close(c, &w.unchosen, status);
	if (status == EX_OK)
		status = finish(&w);
	meed_arena_release(&w.arena);
	meed_buf_release(&w.b);
	return status;
}

static int check(struct cli *c, const struct args *a)
{
	if (a->unchosen && !a->output)
		return cli_usage(c, "--unchosen goes with -o");
	if (a->as_math && a->vote == BEST_BY_SCORE)
		return cli_usage(c, "--equal goes with --vote");
	if (a->score_at && a->in.scoring.name)
		return cli_usage(c, "--score-at reads recorded scores, -m makes them: which?");
	if (a->output && strcmp(a->output, "-") == 0 && !a->report.json && !a->report.csv &&
	    !a->report.html)
		return cli_usage(c, "-o - and the table would share standard output; write the table "
				    "elsewhere with --json, --csv or --html");
	return cli_report_check(c, &a->report);
}

static int run(struct cli *c, int argc, char **argv)
{
	struct args a = { .keep = 1, .answers = { .last_line = true } };
	struct meed_conf *conf = NULL;
	int status, first;

	scoring_init(&a.in.scoring, argc);
	status = cli_parse(c, argc, argv, take, &a, &first);
	if (status == CLI_GO)
		status = check(c, &a);
	if (status == CLI_GO)
		status = scored_input_operands(c, &a.in, first, argc, argv);
	if (status == CLI_GO && a.as_math) {
		status = cli_conf_open(c, &conf);
		status = status == EX_OK ? CLI_GO : status;
	}
	if (status == CLI_GO)
		status = work(c, &a, conf);
	meed_conf_free(conf);
	scored_input_release(&a.in);
	return status;
}

const struct cli_command cli_best = {
	.name = "best",
	.synopsis = "[-m NAME] [-n N] [FILE]...",
	.summary = "Keep each sample's best outputs: best of n, or by vote.",
	.opts = opts,
	.conf = true,
	.notes = "The files are scored already, or -m NAME scores them first.\n"
		 "Ends with 0; with 65 if a line is no sample or a sample has nothing to choose by.",
	.run = run,
};
