/* refine.c - meed refine and meed correct: answers are criticised and written anew until they are
 * good enough. */
#include "config.h"

#include "host/cli/refine.h"
#include "host/engine/summary.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPT_WITH = CLI_LONG, OPT_TARGET, OPT_ROUNDS, OPT_PATIENCE, OPT_TOKENS, OPT_MONEY, OPT_KEEP,
       OPT_DROP, OPT_DROPPED };

struct args {
	struct scoring s;
	struct cli_report_out report;
	struct refine_rules rules;
	const char *dropped;
	struct meed_buf dir;		/* OUT.refine, NUL-terminated */
	struct refine_counts counts;
	struct meed_llm_stats spent;
};

/* clang-format off */
#define REFINE_OPTS									\
	{ 'o', "output", "FILE", "write the samples there, each with its best output" },	\
	{ OPT_WITH, "with", "NAME",							\
	  "the instance that writes anew, of judge.rewrite\n"				\
	  "(default rewrite)" },							\
	{ OPT_ROUNDS, "rounds", "N", "how often at most (default 3)" },			\
	{ OPT_PATIENCE, "patience", "N",						\
	  "give up after so many rounds without gain (default 2)" },			\
	{ OPT_TOKENS, "budget-tokens", "N", "spend so many tokens at most" },		\
	{ OPT_MONEY, "budget-money", "X", "spend so much at most" },			\
	SCORING_KEEP_OPTS,								\
	CLI_REPORT_OPTS,								\
	SCORING_MODEL_OPTS,								\
	SCORING_ROWS_OPTS,								\
	SCORING_RUN_OPTS,								\
	{ SCORING_CACHE, "cache", "FILE",						\
	  "keep the answers of endpoints there, and take known\n"			\
	  "ones from there (default: llm.cache)" },					\
	{ SCORING_NO_CACHE, "no-cache", NULL,						\
	  "ask for everything, whatever llm.cache says" },				\
	SCORING_QUIET_OPT

static const struct cli_opt refine_opts[] = {
	{ OPT_TARGET, "target", "SCORE", "a score that is good enough (default: none is)" },
	REFINE_OPTS,
	{ 0, NULL, NULL, NULL },
};

static const struct cli_opt correct_opts[] = {
	{ OPT_KEEP, "keep", "SCORE", "keep what scores as much, at first or once refined" },
	{ OPT_DROP, "drop-below", "SCORE",
	  "drop at once what scores less (default: nothing)" },
	{ OPT_DROPPED, "dropped", "FILE", "write what is dropped there" },
	REFINE_OPTS,
	{ 0, NULL, NULL, NULL },
};
/* clang-format on */

static int take_number(struct cli *c, const char *name, const char *value, double *ret)
{
	size_t n = strlen(value);

	if (!n || meed_strtod(value, n, ret) != n || !isfinite(*ret))
		return cli_usage(c, "--%s %s: must be a number", name, value);
	return CLI_GO;
}

static int take_count(struct cli *c, const char *name, const char *value, uint64_t max,
		      uint32_t *ret)
{
	uint64_t x;

	if (!cli_u64(value, max, &x) || x == 0)
		return cli_usage(c, "--%s %s: must be a number from 1 to %llu", name, value,
				 (unsigned long long)max);
	*ret = (uint32_t)x;
	return CLI_GO;
}

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct args *a = data;

	switch (id) {
	case 'o':
		a->s.output = value;
		return CLI_GO;
	case OPT_WITH:
		a->rules.writer = value;
		return CLI_GO;
	case OPT_TARGET:
		return take_number(c, "target", value, &a->rules.target);
	case OPT_KEEP:
		return take_number(c, "keep", value, &a->rules.target);
	case OPT_DROP:
		return take_number(c, "drop-below", value, &a->rules.drop_below);
	case OPT_DROPPED:
		a->dropped = value;
		return CLI_GO;
	case OPT_ROUNDS:
		return take_count(c, "rounds", value, REFINE_MOST_ROUNDS, &a->rules.rounds);
	case OPT_PATIENCE:
		return take_count(c, "patience", value, REFINE_MOST_ROUNDS, &a->rules.patience);
	case OPT_TOKENS:
		if (!cli_u64(value, UINT64_MAX / 2, &a->s.budget_tokens) || !a->s.budget_tokens)
			return cli_usage(c, "--budget-tokens %s: must be a number from 1", value);
		return CLI_GO;
	case OPT_MONEY:
		if (take_number(c, "budget-money", value, &a->s.budget_money) != CLI_GO)
			return EX_USAGE;
		return a->s.budget_money > 0 ? CLI_GO
					     : cli_usage(c, "--budget-money %s: must be above 0",
							 value);
	default:
		return cli_report_take(&a->report, id, value) ? CLI_GO :
								scoring_take(c, &a->s, id, value);
	}
}

/* ---- the folder ----------------------------------------------------------------------------- */

struct name {
	char path[4096];
};

static const char *in_dir(const struct args *a, struct name *n, uint32_t round, const char *what)
{
	(void)snprintf(n->path, sizeof(n->path), "%s/%u.%s", a->dir.p, round, what);
	return n->path;
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Only what we made: files that begin with a round's number. */
static void remove_dir(const struct args *a)
{
	DIR *d = opendir(a->dir.p);
	struct dirent *e;
	struct name n;

	while (d && (e = readdir(d)) != NULL) {
		if (e->d_name[0] < '0' || e->d_name[0] > '9')
			continue;
		if (snprintf(n.path, sizeof(n.path), "%s/%s", a->dir.p, e->d_name) <
		    (int)sizeof(n.path))
			(void)unlink(n.path);
	}
	if (d)
		(void)closedir(d);
	(void)rmdir(a->dir.p);
}

/* What must be the same for a refinement to be gone on with. */
static void put_plan(const struct args *a, struct meed_buf *b)
{
	meed_buf_printf(b, "%s\n%s\n", a->rules.scorer, a->rules.writer);
	meed_buf_json_num(b, isfinite(a->rules.target) ? a->rules.target : 1e308);
	meed_buf_putc(b, ' ');
	meed_buf_json_num(b, isfinite(a->rules.drop_below) ? a->rules.drop_below : -1e308);
	meed_buf_printf(b, " %u %u %d\n", a->rules.rounds, a->rules.patience, a->rules.drops);
	for (size_t i = 0; i < a->s.inputs.n; i++)
		meed_buf_printf(b, "%s\n", a->s.inputs.v[i]);
}

static int check_plan(struct cli *c, const struct args *a)
{
	struct meed_buf want = { 0 }, got = { 0 };
	struct name n;
	FILE *f = fopen(in_dir(a, &n, 0, "plan"), "re");
	int status = EX_OK, ch;

	put_plan(a, &want);
	while (f && (ch = getc(f)) != EOF)
		meed_buf_putc(&got, (char)ch);
	if (f)
		(void)fclose(f);
	if (want.failed || got.failed) {
		status = cli_nomem(c);
	} else if (want.n != got.n || memcmp(want.p, got.p, got.n) != 0) {
		cli_say(c, "%s is of a refinement with other models, limits or inputs; begin anew with "
			   "--restart", a->dir.p);
		status = EX_USAGE;
	}
	meed_buf_release(&want);
	meed_buf_release(&got);
	return status;
}

static int open_dir(struct cli *c, struct args *a)
{
	struct meed_buf plan = { 0 };
	struct name n;
	int status;

	if (is_there(a->dir.p) && a->s.start == MEED_START_NEW) {
		cli_say(c, "%s is there, of a refinement that did not end: go on with --resume, or "
			   "begin anew with --restart", a->dir.p);
		return EX_CANTCREAT;
	}
	if (is_there(a->dir.p) && a->s.start != MEED_START_AGAIN)
		return check_plan(c, a);
	if (is_there(a->dir.p))
		remove_dir(a);
	if (mkdir(a->dir.p, 0777) < 0) {
		cli_say(c, "cannot make %s: %s", a->dir.p, strerror(errno));
		return EX_CANTCREAT;
	}
	put_plan(a, &plan);
	status = cli_emit_file(c, in_dir(a, &n, 0, "plan"), &plan);
	meed_buf_release(&plan);
	return status;
}

/* ---- passes ----------------------------------------------------------------------------------- */

static void spend(struct args *a, const struct meed_llm_stats *s)
{
	a->spent.n_done += s->n_done;
	a->spent.tokens_in += s->tokens_in;
	a->spent.tokens_out += s->tokens_out;
	a->spent.money += s->money;
	a->spent.priced = a->spent.priced || s->priced;
}

/* What is left of the budget for one more pass; 1 or a hair where nothing is. */
static void set_budget(const struct args *a, struct scoring *s)
{
	uint64_t tokens = a->spent.tokens_in + a->spent.tokens_out;

	if (s->budget_tokens)
		s->budget_tokens = s->budget_tokens > tokens ? s->budget_tokens - tokens : 1;
	if (s->budget_money > 0)
		s->budget_money = s->budget_money > a->spent.money ? s->budget_money - a->spent.money
								   : 1e-300;
}

/* Scores a file into another, unless that is there. inputs NULL: the user's. */
static int score(struct cli *c, struct args *a, const char *name, const char *in, const char *out)
{
	struct scoring s = a->s;
	struct meed_run_stats stats;
	int status;

	if (is_there(out))
		return EX_OK;
	s.name = name;
	s.output = out;
	s.quiet = true;
	if (in) {
		s.inputs = (struct cli_strings){ &in, 1 };
		s.format = s.group_by = NULL;
		s.map = (struct meed_buf){ 0 };
		s.sets = name == a->rules.scorer ? a->s.sets : (struct cli_strings){ 0 };
	}
	s.level = name == a->rules.scorer ? MEED_LEVEL_REASON : MEED_LEVEL_FULL;
	s.start = is_there(a->dir.p) ? MEED_START_RESUME : MEED_START_NEW;
	set_budget(a, &s);
	status = scoring_run(c, &s, &stats);
	meed_columns_free(stats.columns);
	spend(a, &stats.llm);
	return status;
}

static int split(struct cli *c, struct args *a, uint32_t round)
{
	struct name in, out, gone;
	struct refine_pass p = { .c = c, .rules = &a->rules, .counts = &a->counts, .round = round };

	p.in = in_dir(a, &in, round, "scored.jsonl");
	p.out = in_dir(a, &out, round, "ask.jsonl");
	p.gone = in_dir(a, &gone, round, "done");
	/* what is there already is counted only: what was made of it hangs on its being the same file */
	if (is_there(p.out))
		p.out = p.gone = "/dev/null";
	return refine_split(&p);
}

static int next(struct cli *c, struct args *a, uint32_t round)
{
	struct name in, out, gone;
	struct refine_pass p = { .c = c, .rules = &a->rules, .counts = &a->counts, .round = round };

	p.in = in_dir(a, &in, round, "written.jsonl");
	p.out = in_dir(a, &out, round + 1, "in.jsonl");
	p.gone = in_dir(a, &gone, round, "left");
	if (is_there(p.out))
		p.out = p.gone = "/dev/null";
	return refine_next(&p);
}

/* One round: scored, split, written anew. *ret_more: something goes on to the next. */
static int one_round(struct cli *c, struct args *a, uint32_t round, bool *ret_more)
{
	struct name in, scored, ask, written;
	struct stat st;
	int status;

	*ret_more = false;
	status = score(c, a, a->rules.scorer, round ? in_dir(a, &in, round, "in.jsonl") : NULL,
		       in_dir(a, &scored, round, "scored.jsonl"));
	if (status == EX_OK)
		status = split(c, a, round);
	if (status != EX_OK || stat(in_dir(a, &ask, round, "ask.jsonl"), &st) < 0 ||
	    st.st_size == 0)
		return status;
	if (!a->s.quiet)
		cli_say(c, "round %u: %llu of %llu samples are written anew", round + 1,
			(unsigned long long)a->counts.rounds[round].asked,
			(unsigned long long)a->counts.rounds[round].n);
	status = score(c, a, a->rules.writer, ask.path,
		       in_dir(a, &written, round, "written.jsonl"));
	if (status == EX_OK)
		status = next(c, a, round);
	if (status != EX_OK || stat(in_dir(a, &in, round + 1, "in.jsonl"), &st) < 0)
		return status;
	*ret_more = st.st_size > 0;
	return EX_OK;
}

static int merge(struct cli *c, const struct args *a)
{
	struct name names[2 * (REFINE_MOST_ROUNDS + 1)];
	const char *files[2 * (REFINE_MOST_ROUNDS + 1)];
	size_t n = 0;

	for (uint32_t r = 0; r <= a->rules.rounds; r++) {
		files[n] = in_dir(a, &names[n], r, "done");
		n++;
		files[n] = in_dir(a, &names[n], r, "left");
		n++;
	}
	return refine_merge(c, files, n, a->s.output, a->dropped);
}

static int work(struct cli *c, struct args *a, const char *kind)
{
	struct meed_report *r;
	bool more = true;
	int status = open_dir(c, a);

	for (uint32_t round = 0; status == EX_OK && more && round <= a->rules.rounds; round++)
		status = one_round(c, a, round, &more);
	if (status == EX_OK)
		status = merge(c, a);
	if (status != EX_OK) {
		if (is_there(a->dir.p) && status != EX_USAGE)
			cli_say(c, "what was done is in %s; --resume goes on with it", a->dir.p);
		return status;
	}
	remove_dir(a);
	r = refine_report(kind, &a->rules, &a->counts, &a->spent);
	status = cli_report_emit(c, &a->report, r);
	meed_report_free(r);
	if (status != EX_OK)
		return status;
	return a->counts.stops[REFINE_BAD] || a->counts.stops[REFINE_UNSCORED] ||
			       a->counts.stops[REFINE_WRITER] || a->counts.stops[REFINE_BUDGET]
		       ? EX_DATAERR
		       : EX_OK;
}

static int check(struct cli *c, struct args *a)
{
	if (!a->s.output || strcmp(a->s.output, "-") == 0)
		return cli_usage(c, "which output? Say -o FILE (rounds are kept beside it)");
	if (a->rules.drops && !isfinite(a->rules.target))
		return cli_usage(c, "which score is to be kept? Say --keep SCORE");
	if (a->rules.drops && a->rules.drop_below > a->rules.target)
		return cli_usage(c, "--drop-below is above --keep");
	a->rules.scorer = a->s.name;
	meed_buf_printf(&a->dir, "%s.refine", a->s.output);
	meed_buf_putc(&a->dir, '\0');
	if (a->dir.failed)
		return cli_nomem(c);
	return a->dir.n > 3900 ? cli_usage(c, "-o: the name is too long") :
				 cli_report_check(c, &a->report);
}

/* Both names are looked for before anything is done. */
static int check_names(struct cli *c, const struct args *a)
{
	struct meed_conf *conf = NULL;
	int status = cli_conf_open(c, &conf);

	if (status == EX_OK && (!cli_conf_entry(c, conf, a->rules.scorer) ||
				!cli_conf_entry(c, conf, a->rules.writer)))
		status = EX_CONFIG;
	meed_conf_free(conf);
	return status == EX_OK ? CLI_GO : status;
}

static int run_as(struct cli *c, int argc, char **argv, bool correct)
{
	struct args a = { .rules = { .writer = "rewrite", .target = INFINITY,
				     .drop_below = -INFINITY, .rounds = 3, .patience = 2,
				     .drops = correct } };
	int status, first;

	scoring_init(&a.s, argc);
	status = cli_parse(c, argc, argv, take, &a, &first);
	if (status == CLI_GO)
		status = check(c, &a);
	if (status == CLI_GO)
		status = scoring_operands(c, &a.s, first, argc, argv);
	if (status == CLI_GO)
		status = check_names(c, &a);
	if (status == CLI_GO)
		status = work(c, &a, correct ? "correct" : "refine");
	meed_buf_release(&a.dir);
	scoring_release(&a.s);
	return status;
}

static int run_refine(struct cli *c, int argc, char **argv)
{
	return run_as(c, argc, argv, false);
}

static int run_correct(struct cli *c, int argc, char **argv)
{
	return run_as(c, argc, argv, true);
}

#define ENDS \
	"Ends with 0; with 65 if a line is no sample, no output of a sample has a score, the writer\n" \
	"failed or the budget was spent (each sample is then written as far as it came)."

const struct cli_command cli_refine = {
	.name = "refine",
	.synopsis = "-m NAME -o FILE [FILE]...",
	.summary = "Have answers criticised and rewritten until they score.",
	.opts = refine_opts,
	.conf = true,
	.notes = ENDS,
	.run = run_refine,
};

const struct cli_command cli_correct = {
	.name = "correct",
	.synopsis = "-m NAME --keep SCORE -o FILE [FILE]...",
	.summary = "Keep, refine or drop the samples of a file by score.",
	.opts = correct_opts,
	.conf = true,
	.notes = ENDS,
	.run = run_correct,
};
