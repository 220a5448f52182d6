/* samplefix.c - a parser and its row, for tests of how rows are read. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/samplefix.h"

void fix_begin(struct fix *f, const char *format, const char *map, const char *group_by)
{
	*f = (struct fix){ 0 };
	CU_ASSERT_EQUAL_FATAL(meed_schema_new(format, map, group_by, &f->err, &f->schema), 0);
	f->parser = meed_parser_new(f->schema);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f->parser);
}

void drop_row(struct fix *f)
{
	meed_row_release(f->row);
	f->row = NULL;
	meed_arena_reset(&f->arena);
	f->out.n = 0;
}

void fix_end(struct fix *f)
{
	drop_row(f);
	meed_parser_free(f->parser);
	meed_schema_free(f->schema);
	meed_arena_release(&f->arena);
	meed_buf_release(&f->out);
}

int32_t read_rows(struct fix *f, const char *const *texts, size_t n)
{
	struct meed_line lines[8] = { { 0 } };
	int32_t r;

	drop_row(f);
	f->err = (struct meed_err){ 0 };
	for (size_t i = 0; i < n; i++) {
		lines[i].p = strdup(texts[i]);
		lines[i].n = strlen(texts[i]);
		lines[i].number = i + 1;
		CU_ASSERT_PTR_NOT_NULL_FATAL(lines[i].p);
	}
	r = meed_parser_row(f->parser, lines, n, &f->arena, &f->err, &f->row);
	for (size_t i = 0; i < n; i++)
		free((void *)(uintptr_t)lines[i].p);
	return r;
}

int32_t read_row(struct fix *f, const char *text)
{
	return read_rows(f, &text, 1);
}

const char *written(struct fix *f, const struct meed_result *res, enum meed_level level,
			   bool timings)
{
	f->out.n = 0;
	meed_row_write(f->row, res, level, timings, &f->out);
	CU_ASSERT_FATAL(!f->out.failed && f->out.n > 0 && f->out.p[f->out.n - 1] == '\n');
	f->out.p[f->out.n - 1] = '\0';
	CU_ASSERT_PTR_NULL(strchr(f->out.p, '\n'));
	return f->out.p;
}

void same_text(const char *got, const char *want, int line)
{
	if (strcmp(got, want) != 0)
		(void)fprintf(stderr, "\nline %d\n got %s\nwant %s\n", line, got, want);
	CU_ASSERT_STRING_EQUAL(got, want);
}

void becomes(struct fix *f, const char *text, const char *want, int line)
{
	struct fix again;
	int32_t r = read_row(f, text);

	if (r < 0)
		(void)fprintf(stderr, "\nline %d: %s\n", line, f->err.text);
	CU_ASSERT_EQUAL_FATAL(r, 0);
	same_text(written(f, NULL, MEED_LEVEL_REASON, false), want, line);
	fix_begin(&again, NULL, NULL, NULL);
	CU_ASSERT_EQUAL_FATAL(read_row(&again, want), 0);
	CU_ASSERT_EQUAL(again.row->shape, MEED_SHAPE_CANONICAL);
	CU_ASSERT_EQUAL(meed_row_hash(again.row), meed_row_hash(f->row));
	CU_ASSERT_EQUAL(again.row->n_outs, f->row->n_outs);
	same_text(written(&again, NULL, MEED_LEVEL_REASON, false), want, line);
	fix_end(&again);
}

void refuses(struct fix *f, const char *text, const char *why, int line)
{
	CU_ASSERT_EQUAL(read_row(f, text), MEED_E_SAMPLE);
	if (!strstr(f->err.text, why))
		(void)fprintf(stderr, "\nline %d\n got %s\nwant %s\n", line, f->err.text, why);
	CU_ASSERT_PTR_NOT_NULL(strstr(f->err.text, why));
	CU_ASSERT_PTR_NULL(f->row);
}
