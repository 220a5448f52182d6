/* gzrows.h - reads the rows of a test's data. */
#ifndef MEED_GZROWS_H
#define MEED_GZROWS_H

#include <stdbool.h>

struct json_object;

/* Calls one(ctx, line number from 1, row) for each row of $MEED_SHARED/data/NAME_dev.jsonl where that is
 * set and there, else of tests/data/NAME.jsonl.gz. The row lives until one returns. False, with a
 * message, if there is no such file or a line is not JSON. */
bool gz_rows(const char *name, void (*one)(void *ctx, long line, struct json_object *row), void *ctx);

#endif
