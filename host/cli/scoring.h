/* scoring.h - scoring files with a plan, for every command that does it.
 *
 * A command puts the entries that it wants of SCORING_*_OPTS into its option table, gives each
 * option to scoring_take, and calls scoring_run: configuration, -m NAME, --set, cache and
 * recordings, seed, inputs -> output file. meed score is this and a summary.
 *
 *	struct scoring s;
 *
 *	scoring_init(&s, argc);
 *	... cli_parse: status = scoring_take(c, &s, id, value); SCORING_NOT_MINE: it is your own
 *	status = scoring_operands(c, &s, first, argc, argv);	or fill s.inputs yourself
 *	status = scoring_run(c, &s, &stats);
 *	...
 *	meed_columns_free(stats.columns);
 *	scoring_release(&s);
 *
 * What runs several times with one plan (refinement) opens a session instead: scoring_open once,
 * scoring_pass for each pair of files, or meed_engine_score on session.engine for rows in
 * memory. */
#ifndef MEED_CLI_SCORING_H
#define MEED_CLI_SCORING_H

#include "host/cli/cli.h"
#include "host/engine/engine.h"

/* What the options say. All strings are borrowed. */
struct scoring {
	int argc;
	const char *name; /* -m; NULL if it was not given */
	struct cli_strings sets, inputs;
	struct meed_buf map; /* all --map, joined by commas; NUL-terminated if any */
	const char *format, *group_by;
	const char *output, *rejects; /* output "-": standard output, the default */
	const char *cache, *record, *replay;
	bool no_cache, strict, timings, has_seed, quiet;
	bool summarise;		  /* fill stats.columns */
	enum meed_level level;	  /* MEED_LEVEL_REASON by default */
	int progress;		  /* MEED_PROGRESS_*; -1: not given */
	uint32_t threads, window; /* 0: the configuration's */
	uint64_t seed;
	enum meed_start start;		/* --resume, --restart */
	uint64_t budget_tokens;		/* of endpoints, beside the configuration's: the lower; 0: none */
	double budget_money;
	bool auto_shard;		/* --shard auto */
	uint32_t shard, n_shards;	/* --shard; 0: none */
	const char *shard_by;		/* --shard auto: who said so */
	char *names[4];			/* with {shard} replaced; owned */
	size_t n_names;
};

enum {
	SCORING_FORMAT = CLI_LONG + 500,
	SCORING_MAP,
	SCORING_GROUP_BY,
	SCORING_PROGRESS,
	SCORING_WINDOW,
	SCORING_SEED,
	SCORING_CACHE,
	SCORING_NO_CACHE,
	SCORING_RECORD,
	SCORING_REPLAY,
	SCORING_RESUME,
	SCORING_RESTART,
	SCORING_SHARD
};
/* What scoring_take returns for an option that is not of these tables. */
#define SCORING_NOT_MINE (-2)

/* clang-format off */
#define SCORING_MODEL_OPTS								\
	{ 'm', "model", "NAME", "the composition, instance or model to score with" },	\
	{ 's', "set", "PARAM=VALUE",							\
	  "override a parameter; in a composition\n"					\
	  "MEMBER.PARAM=VALUE (may be repeated)" }
#define SCORING_ROWS_OPTS								\
	{ SCORING_FORMAT, "format", "FORMAT",						\
	  "shape of the rows: auto (default), canonical,\n"				\
	  "preference, responses, messages, verl, or a\n"				\
	  "benchmark's: rmbench, judgebench, ..." },					\
	{ SCORING_MAP, "map", "FIELD=POINTER,...",					\
	  "read fields from JSON pointers:\n"						\
	  "response=/a/b,reference=/c,prompt=/d; also id,\n"				\
	  "task_category, source, messages, metadata, steps" },			\
	{ SCORING_GROUP_BY, "group-by", "POINTER",					\
	  "adjacent rows with the same value there are one\n"				\
	  "sample" }
#define SCORING_RUN_OPTS								\
	{ SCORING_PROGRESS, "progress", "KIND",						\
	  "auto (a line on a terminal; default), none, or json\n"			\
	  "lines on standard error" },							\
	{ 't', "threads", "N",								\
	  "worker threads (default: run.threads, else one\na core)" },			\
	{ SCORING_WINDOW, "window", "N",						\
	  "samples in flight (default: run.window, else 1024)" },			\
	{ SCORING_SEED, "seed", "N", "seed of all random choices (default: run.seed)" }
#define SCORING_LLM_OPTS								\
	{ SCORING_CACHE, "cache", "FILE",						\
	  "keep the answers of endpoints there, and take known\n"			\
	  "ones from there (default: llm.cache)" },					\
	{ SCORING_NO_CACHE, "no-cache", NULL,						\
	  "ask for everything, whatever llm.cache says" },				\
	{ SCORING_RECORD, "record", "FILE", "write all requests and answers there" },	\
	{ SCORING_REPLAY, "replay", "FILE",						\
	  "answer from such a recording, and ask no endpoint" }
/* for what writes a file that takes long to make */
#define SCORING_KEEP_OPTS								\
	{ SCORING_RESUME, "resume", "[=force]",						\
	  "go on with an unfinished run of the same output;\n"				\
	  "force: although configuration or plugins changed" },				\
	{ SCORING_RESTART, "restart", NULL, "drop an unfinished run, and begin anew" }
#define SCORING_SHARD_OPT								\
	{ SCORING_SHARD, "shard", "I/N",						\
	  "score the I-th of N parts (1 to N); auto: as Slurm,\n"			\
	  "MPI, torchrun or Kubernetes say; see meed-merge(1)" }
#define SCORING_QUIET_OPT { 'q', "quiet", NULL, "no closing line, no progress" }
/* clang-format on */

/* argc: room for so many --set and inputs. */
void scoring_init(struct scoring *s, int argc);
void scoring_release(struct scoring *s);

/* Takes an option of the tables above. CLI_GO; EX_USAGE or EX_OSERR after saying what is wrong; or
 * SCORING_NOT_MINE. */
int scoring_take(struct cli *c, struct scoring *s, int id, const char *value);
/* After the options: argv[first..argc) are the inputs; none: standard input, unless it is a
 * terminal. Says what is wrong with -m, --format, --map and --group-by, and with inputs that
 * cannot be read. CLI_GO or a status. */
int scoring_operands(struct cli *c, struct scoring *s, int first, int argc, char **argv);
/* The same for a command without -m. */
int scoring_inputs(struct cli *c, struct scoring *s, int first, int argc, char **argv);
/* The same checks for a command that has filled s->inputs itself. */
int scoring_check(struct cli *c, struct scoring *s);

/* --shard (shard.c). */
int scoring_take_shard(const struct cli *c, struct scoring *s, const char *value);
/* Puts the part's number into the name of a file that it writes: "p-{shard}.jsonl" becomes
 * "p-03-of-16.jsonl", which lives as long as s. With auto there must be a place for it. CLI_GO or
 * a status. scoring_operands and scoring_check do it for output and rejects. */
#define SCORING_SHARD_MARK "{shard}"
int scoring_shard_name(const struct cli *c, struct scoring *s, const char **path);

/* What a run needs beside files. Zero-initialised is closed. */
struct scoring_session {
	struct meed_conf *conf;
	struct meed_plan *plan;
	struct meed_transport *llm, *exec; /* exec may be NULL */
	struct meed_engine *engine;
};
/* Loads the configuration and compiles the plan; from here on signals set a flag that the engine
 * looks at (cli_signals_catch). EX_OK, or the status to exit with after saying what is wrong. */
int scoring_open(struct cli *c, const struct scoring *s, struct scoring_session *ret);
void scoring_close(struct scoring_session *ss);
/* Scores s->inputs into s->output: meed_run's result. stats->columns is the caller's. */
int32_t scoring_pass(const struct cli *c, const struct scoring *s, const struct scoring_session *ss,
		     struct meed_err *err, struct meed_run_stats *stats);
/* Says what is to be said after a pass: a closing line (unless quiet), what went wrong. EX_OK if
 * the run went through; stats tell of bad lines and failed outputs. */
int scoring_end(const struct cli *c, const struct scoring *s, int32_t r, const struct meed_err *err,
		const struct meed_run_stats *stats);
/* EX_OK, or EX_DATAERR if a line was no sample or an output has no score. */
int scoring_status(const struct meed_run_stats *stats);

/* All of it: open, pass, end, close. EX_OK if the run went through. */
int scoring_run(struct cli *c, const struct scoring *s, struct meed_run_stats *stats);

#endif
