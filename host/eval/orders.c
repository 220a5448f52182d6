/* orders.c - every pair in both orders, for judges that may prefer a place. */
#include "config.h"
#include "host/eval/eval.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "host/sample/sample.h"

#define BLOCK_LINES 64
#define BLOCK_BYTES ((size_t)256 << 10)

struct turner {
	struct meed_parser *parser;
	struct meed_arena arena;
	struct meed_buf out;
	struct meed_err *err;
	int fd;
};

/* Writes metadata.order into the row: its own tree, or what it becomes metadata of. */
static int32_t say_order(const struct turner *t, struct meed_row *row, const char *order)
{
	struct json_object *meta = (struct json_object *)(uintptr_t)row->meta, *v;

	if (json_object_get_type(meta) != json_type_object) {
		meta = json_object_new_object();
		if (!meta)
			return meed_err_nomem(t->err);
		/* the row's first tree owns it from here on */
		if (json_object_object_add(row->roots[0], "metadata", meta) != 0) {
			json_object_put(meta);
			return meed_err_nomem(t->err);
		}
		row->meta = (const meed_val *)(const void *)meta;
	}
	v = json_object_new_string(order);
	if (!v || json_object_object_add(meta, "order", v) != 0) {
		json_object_put(v);
		return meed_err_nomem(t->err);
	}
	return MEED_OK;
}

static int32_t flush(struct turner *t)
{
	size_t at = 0;

	if (t->out.failed)
		return meed_err_nomem(t->err);
	while (at < t->out.n) {
		ssize_t n = write(t->fd, t->out.p + at, t->out.n - at);

		if (n < 0 && errno != EINTR)
			return meed_err_set(t->err, MEED_E_IO_OUT, "writing a temporary file: %s",
					    strerror(errno));
		at += n > 0 ? (size_t)n : 0;
	}
	t->out.n = 0;
	return MEED_OK;
}

static int32_t turn_line(struct turner *t, const struct meed_line *line)
{
	struct meed_row *row = NULL;
	struct meed_err why = { 0 };
	int32_t r = meed_parser_row(t->parser, line, 1, &t->arena, &why, &row);

	if (r == MEED_E_NOMEM)
		return meed_err_nomem(t->err);
	if (r < 0 || row->n_outs != 2) {
		/* whoever scores it says what is wrong with it */
		meed_buf_put(&t->out, line->p, line->status < 0 ? 0 : line->n);
		meed_buf_putc(&t->out, '\n');
		meed_row_release(r < 0 ? NULL : row);
		return MEED_OK;
	}
	r = say_order(t, row, "AB");
	if (r >= 0) {
		meed_row_write(row, NULL, MEED_LEVEL_SCORE, false, &t->out);
		r = say_order(t, row, "BA");
	}
	if (r >= 0) {
		struct meed_output first = row->outs[0];

		row->outs[0] = row->outs[1];
		row->outs[1] = first;
		meed_row_write(row, NULL, MEED_LEVEL_SCORE, false, &t->out);
	}
	meed_row_release(row);
	return r;
}

int32_t meed_eval_turn(const char *const *paths, size_t n, const char *format, const char *map,
		       size_t max_line, int fd, struct meed_err *err)
{
	struct turner t = { .err = err, .fd = fd };
	struct meed_schema *schema = NULL;
	struct meed_input *in = NULL;
	struct meed_block block = { 0 };
	int32_t r = meed_schema_new(format, map, NULL, err, &schema), more = 1;

	if (r >= 0 && !(t.parser = meed_parser_new(schema)))
		r = meed_err_nomem(err);
	if (r >= 0)
		r = meed_input_open(paths, n, max_line ? max_line : (size_t)64 << 20, err, &in);
	while (r >= 0 && more > 0) {
		more = meed_input_next(in, &block, BLOCK_LINES, BLOCK_BYTES, err);
		for (size_t i = 0; i < block.n && r >= 0; i++) {
			r = turn_line(&t, &block.lines[i]);
			meed_arena_reset(&t.arena);
		}
		if (r >= 0)
			r = flush(&t);
	}
	meed_block_release(&block);
	meed_input_close(in);
	meed_arena_release(&t.arena);
	meed_buf_release(&t.out);
	meed_parser_free(t.parser);
	meed_schema_free(schema);
	return r < 0 ? r : more < 0 ? more : MEED_OK;
}
