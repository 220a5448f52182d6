/* data_args.c - the command line of one step or format, made from its table, and its run */
#include "config.h"

#include "host/cli/data_args.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const struct cli_opt data_common_opts[] = {
	DATA_COMMON_OPTS,
	{ 0, NULL, NULL, NULL },
};

static int take_map(struct cli *c, struct data_common *d, const char *value)
{
	if (d->map.n > 0)
		d->map.p[d->map.n - 1] = ','; /* in place of the NUL */
	meed_buf_puts(&d->map, value);
	meed_buf_putc(&d->map, '\0');
	return d->map.failed ? cli_nomem(c) : CLI_GO;
}

static int take_progress(struct cli *c, struct data_common *d, const char *value)
{
	static const char *const words[] = { "none", "auto", "json" };
	static const int kinds[] = { MEED_PROGRESS_NONE, MEED_PROGRESS_AUTO, MEED_PROGRESS_JSON };
	size_t i;

	for (i = 0; i < 3; i++) {
		if (strcmp(value, words[i]) != 0)
			continue;
		d->progress = kinds[i];
		return CLI_GO;
	}
	return cli_usage(c, "--progress %s: must be auto, none or json", value);
}

int data_common_take(struct cli *c, struct data_common *d, int id, const char *value)
{
	switch (id) {
	case 'o':
		d->o.output = value;
		return CLI_GO;
	case DATA_OPT_FORMAT:
		d->o.format = value;
		return CLI_GO;
	case DATA_OPT_MAP:
		return take_map(c, d, value);
	case DATA_OPT_REJECTS:
		d->o.rejects = value;
		return CLI_GO;
	case DATA_OPT_DROPPED:
		d->o.dropped = value;
		return CLI_GO;
	case DATA_OPT_STRICT:
		d->o.strict = true;
		return CLI_GO;
	case DATA_OPT_SEED:
		if (!cli_u64(value, UINT64_MAX, &d->o.seed))
			return cli_usage(c, "--seed %s: must be a whole number from 0 to 2^64-1",
					 value);
		d->has_seed = true;
		return CLI_GO;
	case DATA_OPT_MEMORY:
		if (!meed_data_size(value, &d->o.memory_bytes))
			return cli_usage(c, "--memory %s: must be a size from 1M on, as 64M or 2G",
					 value);
		return CLI_GO;
	case DATA_OPT_PROGRESS:
		return take_progress(c, d, value);
	default:
		d->quiet = true;
		return CLI_GO;
	}
}

static int check_schema(struct cli *c, struct data_common *d)
{
	struct meed_schema *s = NULL;
	struct meed_err err = { 0 };
	int32_t r;

	d->o.map = d->map.n ? d->map.p : NULL;
	r = meed_schema_new(d->o.format, d->o.map, NULL, &err, &s);
	meed_schema_free(s);
	if (r == MEED_E_NOMEM)
		return cli_nomem(c);
	return r < 0 ? cli_usage(c, "%s", err.text) : CLI_GO;
}

int data_common_inputs(struct cli *c, struct data_common *d, int first, int argc, char **argv)
{
	int i, stdins = 0, status = check_schema(c, d);

	if (status != CLI_GO)
		return status;
	if (first >= argc && isatty(STDIN_FILENO))
		return cli_usage(c, "which file? (- is standard input)");
	if (first >= argc)
		status = cli_strings_add(c, &d->inputs, argc + 1, "-");
	for (i = first; i < argc && status == CLI_GO; i++) {
		stdins += strcmp(argv[i], "-") == 0;
		if (stdins > 1)
			return cli_usage(c, "standard input (-) can be read only once");
		status = cli_strings_add(c, &d->inputs, argc + 1, argv[i]);
	}
	d->o.inputs = d->inputs.v;
	d->o.n_inputs = d->inputs.n;
	return status;
}

void data_common_release(struct data_common *d)
{
	free(d->inputs.v);
	meed_buf_release(&d->map);
}

/* ---- the run ------------------------------------------------------------------------------ */

static void put_count(struct meed_buf *b, uint64_t n, const char *noun)
{
	meed_buf_u64(b, n);
	meed_buf_printf(b, " %s%s", noun, n == 1 ? "" : "s");
}

static void say_buf(const struct cli *c, struct meed_buf *b)
{
	meed_buf_putc(b, '\0');
	if (!b->failed)
		cli_say(c, "%s", b->p);
	b->n = 0;
}

static void closing_lines(const struct cli *c, const struct meed_data_stats *s)
{
	double secs = (double)s->ns / 1e9;
	struct meed_buf b = { 0 };
	size_t i;

	for (i = 0; i < s->n_steps; i++) {
		const struct meed_data_count *k = &s->steps[i];

		meed_buf_printf(&b, "%s: %llu in, %llu out, %llu dropped%s%s", k->name,
				(unsigned long long)k->n_in, (unsigned long long)k->n_out,
				(unsigned long long)k->n_dropped, k->note ? "; " : "",
				k->note ? k->note : "");
		say_buf(c, &b);
	}
	for (i = 0; i < s->n_parts; i++)
		meed_buf_printf(&b, "%s%s %llu", i ? ", " : "parts: ", s->parts[i].name,
				(unsigned long long)s->parts[i].n_out);
	if (s->n_parts > 0)
		say_buf(c, &b);
	if (s->n_passed_over > 0) {
		put_count(&b, s->n_passed_over, "sample");
		meed_buf_printf(&b, " made no row: %s",
				s->why_passed_over ? s->why_passed_over : "nothing to write");
		say_buf(c, &b);
	}
	put_count(&b, s->n_samples, "sample");
	MEED_BUF_LIT(&b, ", ");
	put_count(&b, s->n_bad_lines, "bad line");
	MEED_BUF_LIT(&b, ", ");
	put_count(&b, s->n_written, "row");
	meed_buf_printf(&b, " written; %.3f s", secs);
	if (s->ns > 0)
		meed_buf_printf(&b, ", %.0f samples/s", (double)s->n_samples / secs);
	say_buf(c, &b);
	meed_buf_release(&b);
}

void data_common_ready(struct cli *c, struct data_common *d)
{
	d->o.log = &c->log;
	d->o.cancel = cli_signals_catch();
	d->o.progress = d->progress >= 0 ? d->progress
			: d->quiet	 ? MEED_PROGRESS_NONE
					 : MEED_PROGRESS_AUTO;
}

int data_common_failed(struct cli *c, const struct meed_data_stats *s, int32_t r,
		       const struct meed_err *err)
{
	int sig = cli_signals_got();

	if (s->cancelled || sig) {
		cli_say(c, "interrupted; %llu samples were read, and no output is whole",
			(unsigned long long)s->n_samples);
		return 128 + (sig ? sig : SIGINT);
	}
	cli_say(c, "%s", err->text);
	return meed_err_exit(r);
}

int data_common_run(struct cli *c, struct data_common *d, struct meed_data_chain *chain)
{
	struct meed_data_stats s = { 0 };
	struct meed_err err = { 0 };
	int32_t r;

	data_common_ready(c, d);
	r = meed_data_chain_run(chain, &d->o, &err, &s);
	if (r < 0)
		return data_common_failed(c, &s, r, &err);
	if (!s.n_samples && !s.n_bad_lines)
		cli_say(c, "warning: the input has no line");
	if (!d->quiet)
		closing_lines(c, &s);
	return s.n_bad_lines > 0 ? EX_DATAERR : EX_OK;
}

/* ---- one step or format ------------------------------------------------------------------- */

struct kind_line {
	const struct meed_data_kind *kind;
	struct meed_data_args *args;
	struct data_common common;
};

static int set_param(struct cli *c, struct kind_line *k, const char *name, const char *value)
{
	struct meed_err err = { 0 };
	char option[64];
	size_t i;
	int32_t r = meed_data_args_set(k->args, name, value, &err);

	if (r == MEED_E_NOMEM)
		return cli_nomem(c);
	(void)snprintf(option, sizeof(option), "%s", name);
	for (i = 0; option[i]; i++)
		option[i] = option[i] == '_' ? '-' : option[i];
	return r < 0 ? cli_usage(c, "--%s %s: %s", option, value, err.text) : CLI_GO;
}

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct kind_line *k = data;

	if (id < CLI_LONG || id >= DATA_OPT_FIRST)
		return data_common_take(c, &k->common, id, value);
	return set_param(c, k, k->kind->params[id - CLI_LONG].name, value ? value : "true");
}

/* The kind's parameters as options, then the common ones. In the arena; NULL: no memory. */
static const struct cli_opt *make_opts(const struct meed_data_kind *kind, struct meed_arena *arena)
{
	size_t n = 0, i, j;
	struct cli_opt *v;

	while (kind->params && kind->params[n].name)
		n++;
	v = meed_arena_alloc(arena, (n + sizeof(data_common_opts) / sizeof(data_common_opts[0])) *
					    sizeof(*v));
	for (i = 0; v && i < n; i++) {
		meed_str name = meed_arena_dup(arena, meed_str_of(kind->params[i].name));
		char *p = name.p ? meed_arena_raw(arena, name.n + 1) : NULL;

		if (!p)
			return NULL;
		for (j = 0; j <= name.n; j++)
			p[j] = name.p[j] == '_' ? '-' : name.p[j];
		v[i] = (struct cli_opt){ CLI_LONG + (int)i, p, kind->params[i].arg,
					 kind->params[i].help };
	}
	for (i = 0; v && data_common_opts[i].name; i++)
		v[n + i] = data_common_opts[i];
	return v;
}

static int read_line(struct cli *c, struct kind_line *k, int argc, char **argv)
{
	const struct meed_data_kind *kind = k->kind;
	int first, status = cli_parse(c, argc, argv, take, k, &first);
	uint64_t number;

	if (status != CLI_GO)
		return status;
	if (kind->operand && first < argc && !meed_data_args_has(k->args, kind->operand)) {
		/* where another parameter may stand for a number, what is no number is a file */
		if (kind->operand_optional && !cli_u64(argv[first], UINT64_MAX, &number))
			return data_common_inputs(c, &k->common, first, argc, argv);
		status = set_param(c, k, kind->operand, argv[first++]);
	}
	return status == CLI_GO ? data_common_inputs(c, &k->common, first, argc, argv) : status;
}

enum { NAME_SIZE = 64 };

/* A step's or format's name as the tables have it: "near-dedup" is near_dedup. */
static const char *table_name(const char *word, char buf[NAME_SIZE])
{
	size_t i;

	(void)snprintf(buf, NAME_SIZE, "%s", word);
	for (i = 0; buf[i]; i++)
		buf[i] = buf[i] == '-' ? '_' : buf[i];
	return buf;
}

/* "min_chars: ..." as the command line has it: "--min-chars: ...". */
static int wrong_param(struct cli *c, const struct meed_data_kind *kind, const char *text)
{
	size_t n = strcspn(text, ":"), i;
	char option[NAME_SIZE];

	for (i = 0; kind->params && kind->params[i].name; i++) {
		if (strlen(kind->params[i].name) != n || n >= sizeof(option) ||
		    strncmp(kind->params[i].name, text, n) != 0)
			continue;
		memcpy(option, text, n);
		option[n] = '\0';
		for (i = 0; i < n; i++)
			option[i] = option[i] == '_' ? '-' : option[i];
		return cli_usage(c, "--%s%s", option, text + n);
	}
	return cli_usage(c, "%s", text);
}

/* argv[0] is the kind's name. */
static int run_kind(struct cli *c, const char *command, const struct meed_data_kind *kind, int argc,
		    char **argv)
{
	struct kind_line k = { .kind = kind, .common = { .argc = argc, .progress = -1 } };
	const struct cli_command *outer = c->cmd;
	struct meed_data_chain *chain = NULL;
	struct meed_arena arena = { 0 };
	struct cli_command cmd = { .summary = kind->summary };
	struct meed_err err = { 0 };
	int status = EX_OSERR;
	int32_t r;

	cmd.name = meed_arena_printf(&arena, "%s %s", command, kind->name).p;
	cmd.opts = make_opts(kind, &arena);
	cmd.synopsis = !kind->operand		? "[FILE]..."
		       : kind->operand_optional ? "[VALUE] [FILE]..."
						: "VALUE [FILE]...";
	if (kind->operand)
		cmd.notes = meed_arena_printf(&arena,
					      "The first operand is %s, unless %s is given "
					      "as an option.",
					      kind->operand, kind->operand)
				    .p;
	k.args = meed_data_args_new(kind);
	chain = meed_data_chain_new();
	if (!cmd.name || !cmd.opts || !k.args || !chain) {
		(void)cli_nomem(c);
		goto out;
	}
	c->cmd = &cmd;
	status = read_line(c, &k, argc, argv);
	if (status != CLI_GO)
		goto out;
	r = meed_data_chain_add(chain, k.args, &err);
	k.args = NULL;
	if (r < 0) {
		status = r == MEED_E_PARAM ? wrong_param(c, kind, err.text) : meed_err_exit(r);
		if (r != MEED_E_PARAM)
			cli_say(c, "%s", err.text);
		goto out;
	}
	status = data_common_run(c, &k.common, chain);
out:
	c->cmd = outer;
	meed_data_args_free(k.args);
	meed_data_chain_free(chain);
	data_common_release(&k.common);
	meed_arena_release(&arena);
	return status;
}

int data_kind_run(struct cli *c, const struct data_command *d, int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL, *near = NULL;
	const struct meed_data_kind *kind;
	char name[NAME_SIZE];

	if (!word)
		return cli_usage(c, "which %s?", d->what);
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return d->help(c);
	kind = d->find(table_name(word, name), &near);
	if (!kind)
		return cli_usage(c, "unknown %s \"%s\"%s%s%s", d->what, word,
				 near ? "; did you mean \"" : "", near ? near : "",
				 near ? "\"?" : "");
	return run_kind(c, d->name, kind, argc - 1, argv + 1);
}
