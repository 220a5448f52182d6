/* import.c - meed import: rows of any shape and container as canonical JSONL. */
#include "config.h"

#include "host/cli/scoring.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_LINE ((size_t)128 << 20)
#define MAX_TOLD 10		/* bad lines that are told on standard error */
#define GROUP_MAX 4096		/* rows of one group; more are split */
#define BLOCK_LINES 256
#define BLOCK_BYTES ((size_t)1 << 20)
#define FLUSH_BYTES ((size_t)256 << 10)

enum {
	OPT_CONTAINER = CLI_LONG,
	OPT_JSON_CELLS,
	OPT_SOURCE,
	OPT_CATEGORY,
	OPT_REJECTS,
	OPT_STRICT
};

static const struct cli_opt opts[] = {
	{ 'o', "output", "FILE",
	  "write here (through FILE.part) instead of to\n"
	  "standard output" },
	SCORING_ROWS_OPTS,
	{ OPT_CONTAINER, "container", "KIND",
	  "what the files are: auto (default), jsonl, json,\n"
	  "csv, tsv or parquet; gzip and zstd are undone" },
	{ OPT_JSON_CELLS, "json-cells", "COLUMN,...",
	  "cells of these columns of CSV or TSV that are JSON\n"
	  "become what they say (\"*\": of all columns); all\n"
	  "others are texts" },
	{ OPT_SOURCE, "source", "NAME", "source of all samples" },
	{ OPT_CATEGORY, "category", "NAME", "task_category of all samples" },
	{ OPT_REJECTS, "rejects", "FILE",
	  "lines that are no samples go here instead of to\n"
	  "the output" },
	{ OPT_STRICT, "strict", NULL, "stop at the first such line" },
	{ 'q', "quiet", NULL, "no closing line, and no line for what is no sample" },
	{ 0, NULL, NULL, NULL },
};

/* One import. */
struct import {
	struct cli *c;
	struct scoring s;		/* its format, map, group_by, inputs, quiet */
	const char *output, *rejects, *source, *category;
	enum meed_container container;
	const char *json_cells;
	bool strict;
	struct meed_schema *schema;
	struct meed_parser *parser;
	struct meed_input *in;
	struct meed_arena arena, keys;
	struct meed_block block;
	struct cli_file out, bad;
	struct meed_buf to, rejected;
	/* rows of the group that is being gathered; p holds offsets into texts */
	struct meed_buf texts;
	struct meed_line *lines;
	size_t n_lines, cap_lines;
	meed_str key;			/* {NULL, 0}: it takes no more rows */
	/* counts */
	uint64_t shapes[MEED_SHAPE_MAPPED + 1];
	uint64_t n_rows, n_samples, n_outputs, n_empty, n_bad;
	struct meed_err err;		/* why it stopped */
};

/* ---- writing ------------------------------------------------------------------------------- */

static int32_t flush_to(struct import *im, struct cli_file *f, struct meed_buf *b)
{
	if (b->failed)
		return meed_err_nomem(&im->err);
	if (b->n && !cli_write(f->fd, b->p, b->n))
		return meed_err_set(&im->err, MEED_E_IO_OUT, "cannot write %s: %s",
				    strcmp(f->path, "-") == 0 ? "to standard output" : f->path,
				    strerror(errno));
	b->n = 0;
	return MEED_OK;
}

static int32_t flush(struct import *im, size_t more_than)
{
	int32_t r = MEED_OK;

	if (im->to.failed || im->to.n > more_than)
		r = flush_to(im, &im->out, &im->to);
	if (r >= 0 && (im->rejected.failed || im->rejected.n > more_than))
		r = flush_to(im, &im->bad, &im->rejected);
	return r;
}

static void tell(struct import *im, const struct meed_line *line, const struct meed_err *why)
{
	struct meed_buf b = { 0 };

	if (im->s.quiet || im->n_bad > MAX_TOLD + 1)
		return;
	if (im->n_bad > MAX_TOLD) {
		cli_say(im->c, "warning: further bad lines are only counted and written");
		return;
	}
	meed_buf_puts(&b, "warning: ");
	meed_line_place(line, meed_input_name(im->in, line->file), &b);
	meed_buf_printf(&b, ": %s", why->text);
	meed_buf_putc(&b, '\0');
	if (!b.failed)
		cli_say(im->c, "%s", b.p);
	meed_buf_release(&b);
}

static int32_t reject(struct import *im, const struct meed_line *lines, size_t n,
		      const struct meed_err *why)
{
	struct meed_buf *b = im->rejects ? &im->rejected : &im->to;
	struct meed_buf at = { 0 };
	int32_t r = MEED_OK;

	for (size_t i = 0; i < n; i++)
		meed_reject_write(b, meed_input_name(im->in, lines[i].file), &lines[i], why);
	im->n_bad += n;
	tell(im, &lines[0], why);
	if (im->strict) {
		meed_line_place(&lines[0], meed_input_name(im->in, lines[0].file), &at);
		meed_buf_putc(&at, '\0');
		r = meed_err_set(&im->err, MEED_E_SAMPLE, "%s: %s (stopped: --strict)",
				 at.failed ? "" : at.p, why->text);
		meed_buf_release(&at);
	}
	return r;
}

/* ---- samples ------------------------------------------------------------------------------- */

static void count(struct import *im, const struct meed_row *row)
{
	im->n_samples++;
	im->shapes[row->shape]++;
	im->n_outputs += row->n_outs;
	for (size_t i = 0; i < row->n_outs; i++)
		im->n_empty += row->outs[i].bad != NULL;
}

/* Lines that are one sample, or none. */
static int32_t take_sample(struct import *im, const struct meed_line *lines, size_t n)
{
	struct meed_row *row = NULL;
	struct meed_err why = { 0 };
	int32_t r;

	meed_arena_reset(&im->arena);
	r = meed_parser_row(im->parser, lines, n, &im->arena, &why, &row);
	if (r >= 0)
		r = meed_row_set(row, im->source, im->category, &im->arena, &why);
	if (r >= 0) {
		count(im, row);
		meed_row_write(row, NULL, MEED_LEVEL_FULL, false, &im->to);
	}
	meed_row_release(row);
	if (r == MEED_E_NOMEM) {
		im->err = why;
		return r;
	}
	if (r < 0)
		r = reject(im, lines, n, &why);
	return r < 0 ? r : flush(im, FLUSH_BYTES);
}

/* ---- groups ------------------------------------------------------------------------------------ */

static int32_t end_group(struct import *im)
{
	const char *p = im->texts.p ? im->texts.p : "";
	size_t n = im->n_lines;

	if (!n)
		return MEED_OK;
	for (size_t i = 0; i < n; i++) {
		im->lines[i].p = p + (uintptr_t)im->lines[i].p;
		if (im->lines[i].why)
			im->lines[i].why = p + (uintptr_t)im->lines[i].why - 1;
	}
	im->n_lines = 0;
	return take_sample(im, im->lines, n);
}

static int32_t add_to_group(struct import *im, const struct meed_line *line)
{
	struct meed_line *to;

	if (im->n_lines == im->cap_lines) {
		size_t cap = im->cap_lines ? 2 * im->cap_lines : 16;

		to = realloc(im->lines, cap * sizeof(*to));
		if (!to)
			return meed_err_nomem(&im->err);
		im->lines = to;
		im->cap_lines = cap;
	}
	if (!im->n_lines)
		im->texts.n = 0;
	to = &im->lines[im->n_lines++];
	*to = *line;
	to->p = (const char *)(uintptr_t)im->texts.n;
	if (line->status >= 0 || line->why)
		meed_buf_put(&im->texts, line->p, line->n);
	if (line->why) {
		to->why = (const char *)(uintptr_t)(im->texts.n + 1);
		meed_buf_puts(&im->texts, line->why);
		meed_buf_putc(&im->texts, '\0');
	}
	return im->texts.failed ? meed_err_nomem(&im->err) : MEED_OK;
}

/* The line joins the group if it has the group's key; without a key it stands alone. */
static int32_t take_grouped(struct import *im, const struct meed_line *line)
{
	struct meed_err none = { 0 };
	meed_str key = { NULL, 0 };
	int32_t r = MEED_OK;

	if (meed_parser_group_key(im->parser, line, &im->keys, &none, &key) < 0)
		key = (meed_str){ NULL, 0 };
	if (!key.p || !im->key.p || !meed_str_eq(key, im->key) || im->n_lines >= GROUP_MAX) {
		r = end_group(im);
		meed_arena_reset(&im->keys);
		if (r >= 0 && key.p)
			r = meed_parser_group_key(im->parser, line, &im->keys, &im->err, &key);
		im->key = key;
	}
	return r < 0 ? r : add_to_group(im, line);
}

static int32_t take_block(struct import *im)
{
	int32_t r = MEED_OK;

	for (size_t i = 0; i < im->block.n && r >= 0; i++) {
		im->n_rows++;
		if (meed_schema_groups(im->schema))
			r = take_grouped(im, &im->block.lines[i]);
		else
			r = take_sample(im, &im->block.lines[i], 1);
	}
	return r;
}

/* ---- the run --------------------------------------------------------------------------------- */

static void closing_line(const struct import *im)
{
	struct meed_buf b = { 0 };
	bool first = true;

	meed_buf_printf(&b, "%llu row%s, %llu sample%s", (unsigned long long)im->n_rows,
			im->n_rows == 1 ? "" : "s", (unsigned long long)im->n_samples,
			im->n_samples == 1 ? "" : "s");
	for (int i = 0; i <= MEED_SHAPE_MAPPED; i++) {
		if (!im->shapes[i])
			continue;
		meed_buf_printf(&b, "%s%s %llu", first ? " (" : ", ",
				meed_shape_name((enum meed_shape)i),
				(unsigned long long)im->shapes[i]);
		first = false;
	}
	meed_buf_printf(&b, "%s, %llu output%s, %llu bad line%s", first ? "" : ")",
			(unsigned long long)im->n_outputs, im->n_outputs == 1 ? "" : "s",
			(unsigned long long)im->n_bad, im->n_bad == 1 ? "" : "s");
	if (im->n_bad)
		meed_buf_printf(&b, "; bad lines are in %s",
				im->rejects ? im->rejects : "the output, as {\"error\": ...}");
	meed_buf_putc(&b, '\0');
	if (!b.failed)
		cli_say(im->c, "%s", b.p);
	meed_buf_release(&b);
}

static void say_more(const struct import *im)
{
	const char *left_out = meed_input_left_out(im->in);

	if (left_out)
		cli_say(im->c, "warning: fields beside the list of rows were left out: %s",
			left_out);
	if (im->n_empty)
		cli_say(im->c, "warning: %llu output%s without a text cannot be scored",
			(unsigned long long)im->n_empty, im->n_empty == 1 ? "" : "s");
	if (!im->n_rows && !im->err.code)
		cli_say(im->c, "warning: the input has no row");
	if (!im->s.quiet)
		closing_line(im);
}

static int32_t read_all(struct import *im)
{
	int32_t r;

	do {
		r = meed_input_next(im->in, &im->block, BLOCK_LINES, BLOCK_BYTES, &im->err);
		if (take_block(im) < 0)
			return im->err.code;
	} while (r == 1);
	/* what came before a broken end is good */
	if (r >= 0 || (r == MEED_E_SAMPLE && !im->strict)) {
		struct meed_err broken = im->err;

		if (end_group(im) < 0 || flush(im, 0) < 0)
			return im->err.code;
		im->err = broken;
	}
	return r;
}

static int run_import(struct import *im)
{
	const atomic_int *cancel = cli_signals_catch();
	int32_t r;

	meed_input_watch(im->in, cancel);
	meed_input_set(im->in, im->container, im->json_cells);
	r = read_all(im);
	if (r >= 0 && cli_signals_got())
		r = MEED_E_CANCELLED;
	if (r >= 0 || r == MEED_E_SAMPLE)
		say_more(im);
	if (r == MEED_E_CANCELLED && cli_signals_got()) {
		cli_say(im->c, "interrupted: nothing was kept");
		return 128 + cli_signals_got();
	}
	if (r < 0) {
		cli_say(im->c, "%s%s%s%s", im->err.text, im->out.part ? "; " : "",
			im->out.part ? im->output : "",
			im->out.part ? " was not written" : "");
		return meed_err_exit(r);
	}
	return im->n_bad ? EX_DATAERR : EX_OK;
}

/* The files are whole if the run went through, bad lines or not. */
static int close_files(struct import *im, int status)
{
	int whole = status == EX_OK || (status == EX_DATAERR && !im->err.code) ? EX_OK : status;
	int closed;

	closed = cli_file_close(im->c, &im->out, whole);
	if (im->rejects) {
		int r = cli_file_close(im->c, &im->bad, whole);

		closed = closed == EX_OK ? r : closed;
	}
	return closed == EX_OK ? status : closed;
}

static int open_all(struct import *im)
{
	const char *map = im->s.map.n ? im->s.map.p : NULL;
	int status = EX_OK;
	int32_t r;

	r = meed_schema_new(im->s.format, map, im->s.group_by, &im->err, &im->schema);
	if (r >= 0 && !(im->parser = meed_parser_new(im->schema)))
		r = meed_err_nomem(&im->err);
	if (r >= 0)
		r = meed_input_open(im->s.inputs.v, im->s.inputs.n, MAX_LINE, &im->err, &im->in);
	if (r < 0) {
		cli_say(im->c, "%s", im->err.text);
		return meed_err_exit(r);
	}
	status = cli_file_open(im->c, im->output, &im->out);
	if (status == EX_OK && im->rejects) {
		status = cli_file_open(im->c, im->rejects, &im->bad);
		if (status != EX_OK)
			(void)cli_file_close(im->c, &im->out, status);
	}
	return status;
}

static void release(struct import *im)
{
	meed_input_close(im->in);
	meed_parser_free(im->parser);
	meed_schema_free(im->schema);
	meed_block_release(&im->block);
	meed_arena_release(&im->arena);
	meed_arena_release(&im->keys);
	meed_buf_release(&im->to);
	meed_buf_release(&im->rejected);
	meed_buf_release(&im->texts);
	free(im->lines);
	scoring_release(&im->s);
}

/* ---- the command line -------------------------------------------------------------------- */

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct import *im = data;
	struct meed_err err = { 0 };
	int status;

	switch (id) {
	case 'o':
		im->output = value;
		break;
	case OPT_CONTAINER:
		if (meed_container_named(value, &err, &im->container) < 0)
			return cli_usage(c, "%s", err.text);
		break;
	case OPT_JSON_CELLS:
		im->json_cells = value;
		break;
	case OPT_SOURCE:
		im->source = value;
		break;
	case OPT_CATEGORY:
		im->category = value;
		break;
	case OPT_REJECTS:
		im->rejects = value;
		break;
	case OPT_STRICT:
		im->strict = true;
		break;
	default:
		status = scoring_take(c, &im->s, id, value);
		return status == SCORING_NOT_MINE ? CLI_GO : status;
	}
	return CLI_GO;
}

static int check_names(struct cli *c, const struct import *im)
{
	const char *const names[] = { im->source, im->category };

	for (size_t i = 0; i < 2; i++)
		if (names[i] && meed_utf8_check(names[i], strlen(names[i])) < strlen(names[i]))
			return cli_usage(c, "--%s: is not UTF-8", i ? "category" : "source");
	return CLI_GO;
}

static int run(struct cli *c, int argc, char **argv)
{
	struct import im = { .c = c, .output = "-" };
	int status, first;

	scoring_init(&im.s, argc);
	status = cli_parse(c, argc, argv, take, &im, &first);
	if (status == CLI_GO)
		status = check_names(c, &im);
	if (status == CLI_GO)
		status = scoring_inputs(c, &im.s, first, argc, argv);
	if (status != CLI_GO)
		goto out;
	status = open_all(&im);
	if (status == EX_OK)
		status = close_files(&im, run_import(&im));
out:
	release(&im);
	return status;
}

const struct cli_command cli_import = {
	.name = "import",
	.synopsis = "[FILE]...",
	.summary = "Make canonical samples of rows of any shape.",
	.opts = opts,
	.notes = "Ends with 0 if every row became a sample, with 65 if one did not; see\n"
		 "meed-import(1) for the rest.",
	.run = run,
};
