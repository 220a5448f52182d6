/* eval_args.c - the command line of meed eval. */
#include "config.h"

#include "host/cli/eval.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	OPT_LIST = CLI_LONG,
	OPT_AGAINST,
	OPT_ALSO,
	OPT_REPEAT,
	OPT_BOTH_ORDERS,
	OPT_COMPOSITION,
	OPT_DETAIL,
	OPT_SCORE_AT,
	OPT_BY,
	OPT_LABEL_AT,
	OPT_VERDICT_AT,
	OPT_CORRECT_AT,
	OPT_ANSWER_AT,
	OPT_GROUP_AT,
	OPT_THRESHOLD,
	OPT_TIES,
	OPT_BINS,
	OPT_BOOTSTRAP,
	OPT_CONFIDENCE,
	OPT_PERCENTILE
};

/* clang-format off */
const struct cli_opt eval_opts[] = {
	{ OPT_LIST, "list", NULL, "say which benchmarks there are" },
	SCORING_MODEL_OPTS,
	{ 'o', "output", "RUN", "with -m: keep the scored samples there" },
	{ OPT_REPEAT, "repeat", "N",
	  "with -m: score N times (seed, seed + 1, ...) and tell\nthe spread" },
	{ OPT_BOTH_ORDERS, "both-orders", NULL,
	  "with -m: judge every pair in both orders" },
	{ OPT_AGAINST, "against", "RUN",
	  "paired differences to another scored file (repeated:\nseveral files, one run)" },
	{ OPT_ALSO, "also", "RUN",
	  "a further run of the same benchmark, for the spread\n(may be repeated)" },
	{ OPT_COMPOSITION, "composition", "NAME",
	  "whose reward, where samples carry several" },
	{ OPT_DETAIL, "detail", "NAME", "a member's score in place of the composition's" },
	{ OPT_SCORE_AT, "score-at", "POINTER",
	  "recorded scores: a list at /PATH of the row, or\n"
	  "label:/PATH, answer:/PATH of each output" },
	{ OPT_BY, "by", "POINTER", "tell subsets by this field of the row" },
	{ OPT_LABEL_AT, "label-at", "POINTER",
	  "pointwise: the number in each output's label\n(default: /score, then is_correct)" },
	{ OPT_VERDICT_AT, "verdict-at", "POINTER", "pandalm: a recorded verdict of the row" },
	{ OPT_CORRECT_AT, "correct-at", "POINTER",
	  "best, pass@k: what of the row says right or wrong\n(default: label.is_correct)" },
	{ OPT_ANSWER_AT, "answer-at", "POINTER",
	  "best: the answers to vote on (default:\nlabel.prediction)" },
	{ OPT_GROUP_AT, "group-at", "POINTER",
	  "pass@k: rows that agree there are one set (default:\nthe prompt)" },
	{ OPT_THRESHOLD, "threshold", "X",
	  "prmbench, pass@k: right above X (default: 0.5)" },
	{ OPT_TIES, "ties", "wrong|half", "what a tie counts in pairs (default: wrong)" },
	{ 'k', "k", "LIST", "best, pass@k: the k (default: 1), such as 1,4,16" },
	{ OPT_BINS, "bins", "N", "pointwise: bins of the calibration error (default: 10)" },
	{ OPT_BOOTSTRAP, "bootstrap", "N", "replicates (default: 1000; 0: no intervals)" },
	{ OPT_CONFIDENCE, "confidence", "PERCENT", "of intervals (default: 95)" },
	{ OPT_PERCENTILE, "percentile", NULL, "percentile intervals in place of BCa" },
	SCORING_KEEP_OPTS,
	SCORING_ROWS_OPTS,
	SCORING_RUN_OPTS,
	SCORING_LLM_OPTS,
	SCORING_QUIET_OPT,
	CLI_REPORT_OPTS,
	{ 0, NULL, NULL, NULL },
};
/* clang-format on */

static bool read_number(const char *s, double low, double high, double *ret)
{
	size_t n = strlen(s);

	return n > 0 && meed_strtod(s, n, ret) == n && isfinite(*ret) && *ret >= low &&
	       *ret <= high;
}

static int take_ks(struct cli *c, struct eval_args *a, const char *value)
{
	const char *p = value;

	a->o.n_ks = 0;
	while (*p) {
		size_t n = strcspn(p, ",");
		char one[24];
		uint64_t k = 0;

		if (n == 0 || n >= sizeof(one) || a->o.n_ks == MEED_EVAL_KS)
			break;
		memcpy(one, p, n);
		one[n] = '\0';
		if (!cli_u64(one, 1000000, &k) || k == 0)
			break;
		a->o.ks[a->o.n_ks++] = k;
		p += n + (p[n] == ',');
	}
	if (*p || !a->o.n_ks)
		return cli_usage(c, "-k %s: must be up to %d whole numbers from 1, such as 1,4,16",
				 value, MEED_EVAL_KS);
	return CLI_GO;
}

static int take_count(struct cli *c, const char *name, const char *value, uint64_t least,
		      uint64_t most, uint64_t *ret)
{
	if (!cli_u64(value, most, ret) || *ret < least)
		return cli_usage(c, "--%s %s: must be a whole number from %llu to %llu", name,
				 value, (unsigned long long)least, (unsigned long long)most);
	return CLI_GO;
}

static int take_numbers(struct cli *c, struct eval_args *a, int id, const char *value)
{
	uint64_t n = 0;
	double x = 0;
	int status = CLI_GO;

	switch (id) {
	case OPT_REPEAT:
		return take_count(c, "repeat", value, 1, 1000, &a->repeat);
	case OPT_BINS:
		status = take_count(c, "bins", value, 1, 10000, &n);
		a->o.n_bins = n;
		return status;
	case OPT_BOOTSTRAP:
		status = take_count(c, "bootstrap", value, 0, 1000000, &n);
		a->o.boot.n = n;
		return status;
	case OPT_THRESHOLD:
		if (!read_number(value, -1e300, 1e300, &a->o.threshold))
			return cli_usage(c, "--threshold %s: must be a number", value);
		return CLI_GO;
	case OPT_CONFIDENCE:
		if (!read_number(value, 50, 99.99, &x))
			return cli_usage(c, "--confidence %s: must be a number from 50 to 99.99",
					 value);
		a->o.boot.alpha = 1 - x / 100;
		return CLI_GO;
	default:
		return SCORING_NOT_MINE;
	}
}

static int take_ties(struct cli *c, struct eval_args *a, const char *value)
{
	if (strcmp(value, "wrong") != 0 && strcmp(value, "half") != 0)
		return cli_usage(c, "--ties %s: must be wrong or half", value);
	a->o.tie = strcmp(value, "half") == 0 ? 0.5 : 0;
	return CLI_GO;
}

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct eval_args *a = data;
	const struct {
		int id;
		const char **to;
	} texts[] = { { 'o', &a->output },
		      { OPT_COMPOSITION, &a->in.composition },
		      { OPT_DETAIL, &a->in.detail },
		      { OPT_SCORE_AT, &a->in.score_at },
		      { OPT_BY, &a->o.by },
		      { OPT_LABEL_AT, &a->o.label_at },
		      { OPT_VERDICT_AT, &a->o.verdict_at },
		      { OPT_CORRECT_AT, &a->o.correct_at },
		      { OPT_ANSWER_AT, &a->o.answer_at },
		      { OPT_GROUP_AT, &a->o.group_at } };
	int status = SCORING_NOT_MINE;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].id == id) {
			*texts[i].to = value;
			return CLI_GO;
		}
	}
	switch (id) {
	case OPT_LIST:
		a->list = true;
		return CLI_GO;
	case OPT_BOTH_ORDERS:
		a->both_orders = true;
		return CLI_GO;
	case OPT_PERCENTILE:
		a->o.boot.percentile = true;
		return CLI_GO;
	case OPT_AGAINST:
		return cli_strings_add(c, &a->against, a->s.argc, value);
	case OPT_ALSO:
		return cli_strings_add(c, &a->also, a->s.argc, value);
	case OPT_TIES:
		return take_ties(c, a, value);
	case 'k':
		return take_ks(c, a, value);
	default:
		break;
	}
	status = take_numbers(c, a, id, value);
	if (status != SCORING_NOT_MINE || cli_report_take(&a->out, id, value))
		return status == SCORING_NOT_MINE ? CLI_GO : status;
	return scoring_take(c, &a->s, id, value);
}

static int bad_bench(struct cli *c, const char *name)
{
	const char *names[32];
	size_t n = 0;
	const char *near;

	for (; n < 32 && meed_bench_info(n); n++)
		names[n] = meed_bench_info(n)->name;
	near = meed_nearest(name, names, n);
	if (near)
		return cli_usage(c, "no benchmark is named \"%s\"; did you mean %s?", name, near);
	return cli_usage(c, "no benchmark is named \"%s\"; `meed eval --list` shows them", name);
}

static int check(struct cli *c, const struct eval_args *a)
{
	if (!meed_bench_named(a->bench))
		return bad_bench(c, a->bench);
	if (!a->s.name && (a->output || a->both_orders || a->repeat > 1))
		return cli_usage(
			c, "-o, --repeat and --both-orders need -m: without it FILE is scored "
			   "already");
	if (a->s.name && a->in.score_at)
		return cli_usage(
			c, "-m and --score-at do not go together: the scores are either made or "
			   "recorded");
	if (!a->output && a->s.start != MEED_START_NEW)
		return cli_usage(c, "--resume and --restart need -o RUN: other runs are not kept");
	if (a->output && strcmp(a->output, "-") == 0)
		return cli_usage(c, "-o -: standard output is for the table; the run needs a file");
	return cli_report_check(c, &a->out);
}

/* Without -m the operands are scored files. */
static int take_files(struct cli *c, struct eval_args *a, int first, int argc, char **argv)
{
	int status = CLI_GO;

	if (first == argc && isatty(STDIN_FILENO))
		return cli_usage(c, "which file? (- is standard input)");
	if (first == argc)
		status = cli_strings_add(c, &a->s.inputs, argc, "-");
	for (int i = first; i < argc && status == CLI_GO; i++)
		status = cli_strings_add(c, &a->s.inputs, argc, argv[i]);
	return status;
}

int eval_parse(struct cli *c, int argc, char **argv, struct eval_args *a)
{
	int first, status;

	*a = (struct eval_args){ .repeat = 1 };
	scoring_init(&a->s, argc);
	a->o.threshold = NAN;
	a->o.boot = (struct meed_boot){ .n = 1000, .alpha = 0.05 };
	status = cli_parse(c, argc, argv, take, a, &first);
	if (status != CLI_GO || a->list)
		return status;
	if (first == argc)
		return cli_usage(c, "which benchmark? `meed eval --list` shows them");
	a->bench = a->o.bench = argv[first++];
	a->o.boot.seed = a->s.seed;
	status = check(c, a);
	if (status != CLI_GO)
		return status;
	a->in.format = a->s.format;
	a->in.map = a->s.map.n ? a->s.map.p : NULL;
	a->in.any_row = meed_bench_named(a->bench)->any_row;
	if (a->s.name)
		return scoring_operands(c, &a->s, first, argc, argv);
	return take_files(c, a, first, argc, argv);
}

void eval_args_release(struct eval_args *a)
{
	free(a->against.v);
	free(a->also.v);
	scoring_release(&a->s);
}
