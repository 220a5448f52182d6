/* samplefix.h - a parser and its row, for tests of how rows are read. */
#ifndef MEED_SAMPLEFIX_H
#define MEED_SAMPLEFIX_H

#include <CUnit/Basic.h>

#include "host/sample/sample.h"

#define STR_IS(s, lit) CU_ASSERT(meed_str_eq((s), MEED_STR(lit)))

/* A schema, a parser and the row that was read last. */
struct fix {
	struct meed_schema *schema;
	struct meed_parser *parser;
	struct meed_arena arena;
	struct meed_err err;
	struct meed_row *row;
	struct meed_buf out;
};

/* As for meed_schema_new. */
void fix_begin(struct fix *f, const char *format, const char *map, const char *group_by);
void fix_end(struct fix *f);
void drop_row(struct fix *f);
/* Reads rows that go away at once: the row may not point into them. */
int32_t read_rows(struct fix *f, const char *const *texts, size_t n);
int32_t read_row(struct fix *f, const char *text);
/* The row as it is written, without its newline; lies in f. */
const char *written(struct fix *f, const struct meed_result *res, enum meed_level level,
		    bool timings);
void same_text(const char *got, const char *want, int line);
/* The row is written as want, and want as itself. */
#define BECOMES(f, text, want) becomes(f, text, want, __LINE__)
void becomes(struct fix *f, const char *text, const char *want, int line);
/* The row is no sample, and the message has why in it. */
#define REFUSES(f, text, why) refuses(f, text, why, __LINE__)
void refuses(struct fix *f, const char *text, const char *why, int line);

#endif
