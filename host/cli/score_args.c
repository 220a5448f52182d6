/* score_args.c - the command line of meed score. */
#include "config.h"

#include "host/cli/score.h"

#include <stdlib.h>
#include <unistd.h>

enum {
	OPT_FORMAT = CLI_LONG,
	OPT_GROUP_BY,
	OPT_MAP,
	OPT_REJECTS,
	OPT_STRICT,
	OPT_LEVEL,
	OPT_TIMINGS,
	OPT_SUMMARY,
	OPT_SUMMARY_JSON,
	OPT_PROGRESS,
	OPT_SEED,
	OPT_WINDOW,
	OPT_CACHE,
	OPT_NO_CACHE,
	OPT_RECORD,
	OPT_REPLAY
};

const struct cli_opt score_opts[] = {
	{ 'm', "model", "NAME", "the composition, instance or model to score with" },
	{ 's', "set", "PARAM=VALUE",
	  "override a parameter; in a composition\n"
	  "MEMBER.PARAM=VALUE (may be repeated)" },
	{ 'o', "output", "FILE",
	  "write here (through FILE.part) instead of to\n"
	  "standard output" },
	{ OPT_FORMAT, "format", "FORMAT",
	  "shape of the rows: auto (default), canonical,\n"
	  "preference, responses, messages, verl" },
	{ OPT_MAP, "map", "FIELD=POINTER,...",
	  "read fields from JSON pointers:\n"
	  "response=/a/b,reference=/c,prompt=/d; also id,\n"
	  "task_category, source, messages, metadata, steps" },
	{ OPT_GROUP_BY, "group-by", "POINTER",
	  "adjacent rows with the same value there are one\n"
	  "sample" },
	{ OPT_REJECTS, "rejects", "FILE",
	  "lines that are no samples go here instead of to\n"
	  "the output" },
	{ OPT_STRICT, "strict", NULL, "stop at the first such line" },
	{ OPT_LEVEL, "level", "LEVEL", "how much to write: score, reason (default), full" },
	{ OPT_TIMINGS, "timings", NULL, "write how long each evaluation took" },
	{ OPT_SUMMARY, "summary", NULL,
	  "print a table of statistics at the end: on standard\n"
	  "output, or on standard error if the scores go there" },
	{ OPT_SUMMARY_JSON, "summary-json", "FILE", "write the statistics as JSON" },
	{ OPT_PROGRESS, "progress", "KIND",
	  "auto (a line on a terminal; default), none, or json\n"
	  "lines on standard error" },
	{ 't', "threads", "N", "worker threads (default: run.threads, else one\na core)" },
	{ OPT_WINDOW, "window", "N", "samples in flight (default: run.window, else 1024)" },
	{ OPT_SEED, "seed", "N", "seed of all random choices (default: run.seed)" },
	{ OPT_CACHE, "cache", "FILE",
	  "keep the answers of endpoints there, and take known\n"
	  "ones from there (default: llm.cache)" },
	{ OPT_NO_CACHE, "no-cache", NULL, "ask for everything, whatever llm.cache says" },
	{ OPT_RECORD, "record", "FILE", "write all requests and answers there" },
	{ OPT_REPLAY, "replay", "FILE",
	  "answer from such a recording, and ask no endpoint" },
	{ 'q', "quiet", NULL, "no closing line, no progress" },
	{ 0, NULL, NULL, NULL },
};

static bool pick(const char *value, const char *const *words, size_t n, size_t *ret)
{
	for (*ret = 0; *ret < n; ++*ret)
		if (strcmp(value, words[*ret]) == 0)
			return true;
	return false;
}

static int take_number(struct cli *c, struct score_args *a, int id, const char *value)
{
	uint64_t x = 0;

	switch (id) {
	case 't':
		if (!cli_u64(value, 4096, &x) || x == 0)
			return cli_usage(c, "--threads %s: must be a whole number from 1 to 4096",
					 value);
		a->threads = (uint32_t)x;
		return CLI_GO;
	case OPT_WINDOW:
		if (!cli_u64(value, 1u << 20, &x) || x == 0)
			return cli_usage(c, "--window %s: must be a whole number from 1 to 1048576",
					 value);
		a->window = (uint32_t)x;
		return CLI_GO;
	}
	if (!cli_u64(value, UINT64_MAX, &a->seed))
		return cli_usage(c, "--seed %s: must be a whole number from 0 to 2^64-1", value);
	a->has_seed = true;
	return CLI_GO;
}

static int take_word(struct cli *c, struct score_args *a, int id, const char *value)
{
	static const char *const levels[] = { "score", "reason", "full" };
	static const char *const kinds[] = { "none", "auto", "json" };
	static const int progress[] = { MEED_PROGRESS_NONE, MEED_PROGRESS_AUTO,
					MEED_PROGRESS_JSON };
	size_t i;

	if (id == OPT_LEVEL) {
		if (!pick(value, levels, 3, &i))
			return cli_usage(c, "--level %s: must be score, reason or full", value);
		a->level = i == 0 ? MEED_LEVEL_SCORE : i == 1 ? MEED_LEVEL_REASON : MEED_LEVEL_FULL;
		return CLI_GO;
	}
	if (!pick(value, kinds, 3, &i))
		return cli_usage(c, "--progress %s: must be auto, none or json", value);
	a->progress = progress[i];
	return CLI_GO;
}

static int take_map(struct cli *c, struct score_args *a, const char *value)
{
	if (a->map.n > 0)
		a->map.p[a->map.n - 1] = ','; /* in place of the NUL */
	meed_buf_puts(&a->map, value);
	meed_buf_putc(&a->map, '\0');
	return a->map.failed ? cli_nomem(c) : CLI_GO;
}

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct score_args *a = data;

	switch (id) {
	case 'm':
		if (a->name)
			return cli_usage(c, "one -m at a time; to score with several, make them "
					    "members of a composition");
		a->name = value;
		break;
	case 's':
		return cli_strings_add(c, &a->sets, a->argc, value);
	case 'o':
		a->output = value;
		break;
	case OPT_FORMAT:
		a->format = value;
		break;
	case OPT_MAP:
		return take_map(c, a, value);
	case OPT_GROUP_BY:
		a->group_by = value;
		break;
	case OPT_REJECTS:
		a->rejects = value;
		break;
	case OPT_STRICT:
		a->strict = true;
		break;
	case OPT_TIMINGS:
		a->timings = true;
		break;
	case OPT_SUMMARY:
		a->summary = true;
		break;
	case OPT_SUMMARY_JSON:
		a->summary_json = value;
		break;
	case OPT_CACHE:
		a->cache = value;
		break;
	case OPT_NO_CACHE:
		a->no_cache = true;
		break;
	case OPT_RECORD:
		a->record = value;
		break;
	case OPT_REPLAY:
		a->replay = value;
		break;
	case 'q':
		a->quiet = true;
		break;
	case OPT_LEVEL:
	case OPT_PROGRESS:
		return take_word(c, a, id, value);
	default:
		return take_number(c, a, id, value);
	}
	return CLI_GO;
}

/* --format, --map and --group-by are read by the sample layer; a mistake in them is told here,
 * before the configuration is loaded. */
static int check_schema(struct cli *c, const struct score_args *a)
{
	struct meed_schema *s = NULL;
	struct meed_err err = { 0 };
	int32_t r;

	r = meed_schema_new(a->format, a->map.n ? a->map.p : NULL, a->group_by, &err, &s);
	meed_schema_free(s);
	if (r == MEED_E_NOMEM)
		return cli_nomem(c);
	return r < 0 ? cli_usage(c, "%s", err.text) : CLI_GO;
}

static int take_inputs(struct cli *c, struct score_args *a, int first, int argc, char **argv)
{
	int i, stdins = 0, status;

	if (first == argc) {
		if (isatty(STDIN_FILENO))
			return cli_usage(c, "which file? (- is standard input)");
		return cli_strings_add(c, &a->inputs, argc, "-");
	}
	for (i = first; i < argc; i++) {
		stdins += strcmp(argv[i], "-") == 0;
		if (stdins > 1)
			return cli_usage(c, "standard input (-) can be read only once");
		status = cli_strings_add(c, &a->inputs, argc, argv[i]);
		if (status != CLI_GO)
			return status;
	}
	return CLI_GO;
}

int score_parse(struct cli *c, int argc, char **argv, struct score_args *a)
{
	int status, first;

	a->argc = argc;
	a->output = "-";
	a->level = MEED_LEVEL_REASON;
	a->progress = -1;
	status = cli_parse(c, argc, argv, take, a, &first);
	if (status != CLI_GO)
		return status;
	if (!a->name)
		return cli_usage(c, "which composition, instance or model? Say -m NAME; "
				    "`meed list` shows them");
	status = check_schema(c, a);
	if (status != CLI_GO)
		return status;
	return take_inputs(c, a, first, argc, argv);
}

void score_args_release(struct score_args *a)
{
	free(a->sets.v);
	free(a->inputs.v);
	meed_buf_release(&a->map);
}
