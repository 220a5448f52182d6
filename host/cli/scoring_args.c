/* scoring_args.c - the options of every command that scores. */
#include "config.h"

#include "host/cli/scoring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void scoring_init(struct scoring *s, int argc)
{
	*s = (struct scoring){
		.argc = argc, .output = "-", .level = MEED_LEVEL_REASON, .progress = -1
	};
}

void scoring_release(struct scoring *s)
{
	free(s->sets.v);
	free(s->inputs.v);
	meed_buf_release(&s->map);
	while (s->n_names)
		free(s->names[--s->n_names]);
}

static int take_threads(struct cli *c, struct scoring *s, const char *value)
{
	uint64_t x = 0;

	if (!cli_u64(value, 4096, &x) || x == 0)
		return cli_usage(c, "--threads %s: must be a whole number from 1 to 4096", value);
	s->threads = (uint32_t)x;
	return CLI_GO;
}

static int take_window(struct cli *c, struct scoring *s, const char *value)
{
	uint64_t x = 0;

	if (!cli_u64(value, 1u << 20, &x) || x == 0)
		return cli_usage(c, "--window %s: must be a whole number from 1 to 1048576", value);
	s->window = (uint32_t)x;
	return CLI_GO;
}

static int take_seed(struct cli *c, struct scoring *s, const char *value)
{
	if (!cli_u64(value, UINT64_MAX, &s->seed))
		return cli_usage(c, "--seed %s: must be a whole number from 0 to 2^64-1", value);
	s->has_seed = true;
	return CLI_GO;
}

static int take_progress(struct cli *c, struct scoring *s, const char *value)
{
	if (strcmp(value, "auto") == 0)
		s->progress = MEED_PROGRESS_AUTO;
	else if (strcmp(value, "none") == 0)
		s->progress = MEED_PROGRESS_NONE;
	else if (strcmp(value, "json") == 0)
		s->progress = MEED_PROGRESS_JSON;
	else
		return cli_usage(c, "--progress %s: must be auto, none or json", value);
	return CLI_GO;
}

static int take_start(struct cli *c, struct scoring *s, enum meed_start start)
{
	if (s->start != MEED_START_NEW && s->start != start)
		return cli_usage(c, "--resume and --restart are two different things: one of them");
	s->start = start;
	return CLI_GO;
}

static int take_map(struct cli *c, struct scoring *s, const char *value)
{
	if (s->map.n > 0)
		s->map.p[s->map.n - 1] = ','; /* in place of the NUL */
	meed_buf_puts(&s->map, value);
	meed_buf_putc(&s->map, '\0');
	return s->map.failed ? cli_nomem(c) : CLI_GO;
}

int scoring_take(struct cli *c, struct scoring *s, int id, const char *value)
{
	switch (id) {
	case 'm':
		if (s->name)
			return cli_usage(c, "one -m at a time; to score with several, make them "
					    "members of a composition");
		s->name = value;
		break;
	case 's':
		return cli_strings_add(c, &s->sets, s->argc, value);
	case 't':
		return take_threads(c, s, value);
	case 'q':
		s->quiet = true;
		break;
	case SCORING_FORMAT:
		s->format = value;
		break;
	case SCORING_MAP:
		return take_map(c, s, value);
	case SCORING_GROUP_BY:
		s->group_by = value;
		break;
	case SCORING_PROGRESS:
		return take_progress(c, s, value);
	case SCORING_WINDOW:
		return take_window(c, s, value);
	case SCORING_SEED:
		return take_seed(c, s, value);
	case SCORING_CACHE:
		s->cache = value;
		break;
	case SCORING_NO_CACHE:
		s->no_cache = true;
		break;
	case SCORING_RECORD:
		s->record = value;
		break;
	case SCORING_REPLAY:
		s->replay = value;
		break;
	case SCORING_RESUME:
		if (value && strcmp(value, "force") != 0)
			return cli_usage(c, "--resume=%s: must be --resume or --resume=force",
					 value);
		return take_start(c, s, value ? MEED_START_FORCE : MEED_START_RESUME);
	case SCORING_SHARD:
		return scoring_take_shard(c, s, value);
	case SCORING_RESTART:
		return take_start(c, s, MEED_START_AGAIN);
	default:
		return SCORING_NOT_MINE;
	}
	return CLI_GO;
}

/* --format, --map and --group-by are read by the sample layer; a mistake in them is told here,
 * before the configuration is loaded. */
static int check_schema(struct cli *c, const struct scoring *s)
{
	struct meed_schema *schema = NULL;
	struct meed_err err = { 0 };
	int32_t r;

	r = meed_schema_new(s->format, s->map.n ? s->map.p : NULL, s->group_by, &err, &schema);
	meed_schema_free(schema);
	if (r == MEED_E_NOMEM)
		return cli_nomem(c);
	return r < 0 ? cli_usage(c, "%s", err.text) : CLI_GO;
}

/* Opens each input for a moment: a missing file is told at once, before plugins are loaded. */
static int check_inputs(const struct cli *c, const struct scoring *s)
{
	int status = CLI_GO, fd;
	struct stat st;
	size_t i;

	for (i = 0; i < s->inputs.n; i++) {
		const char *path = s->inputs.v[i];

		if (strcmp(path, "-") == 0)
			continue;
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
			cli_say(c, "cannot read %s: it is a folder", path);
			status = EX_NOINPUT;
			continue;
		}
		if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
			continue; /* opening a FIFO twice would lose its writer */
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			cli_say(c, "cannot read %s: %s", path, strerror(errno));
			status = EX_NOINPUT;
		} else {
			(void)close(fd);
		}
	}
	return status;
}

static int shard_names(struct cli *c, struct scoring *s)
{
	int status = scoring_shard_name(c, s, &s->output);

	return status == CLI_GO ? scoring_shard_name(c, s, &s->rejects) : status;
}

int scoring_check(struct cli *c, struct scoring *s)
{
	int status;

	if (!s->name)
		return cli_usage(c, "which composition, instance or model? Say -m NAME; "
				    "`meed list` shows them");
	status = check_schema(c, s);
	if (status == CLI_GO)
		status = shard_names(c, s);
	return status == CLI_GO ? check_inputs(c, s) : status;
}

static int take_operands(struct cli *c, struct scoring *s, int first, int argc, char **argv)
{
	int i, stdins = 0, status;

	if (first == argc) {
		if (isatty(STDIN_FILENO))
			return cli_usage(c, "which file? (- is standard input)");
		return cli_strings_add(c, &s->inputs, argc, "-");
	}
	for (i = first; i < argc; i++) {
		stdins += strcmp(argv[i], "-") == 0;
		if (stdins > 1)
			return cli_usage(c, "standard input (-) can be read only once");
		status = cli_strings_add(c, &s->inputs, argc, argv[i]);
		if (status != CLI_GO)
			return status;
	}
	return CLI_GO;
}

int scoring_inputs(struct cli *c, struct scoring *s, int first, int argc, char **argv)
{
	int status = check_schema(c, s);

	if (status == CLI_GO)
		status = shard_names(c, s);
	if (status == CLI_GO)
		status = take_operands(c, s, first, argc, argv);
	return status == CLI_GO ? check_inputs(c, s) : status;
}

int scoring_operands(struct cli *c, struct scoring *s, int first, int argc, char **argv)
{
	/* what is wrong with the options comes before what is wrong with the files */
	return s->name ? scoring_inputs(c, s, first, argc, argv) : scoring_check(c, s);
}
