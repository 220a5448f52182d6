/* gzrows.c - see gzrows.h. */
#include "config.h"
#include "tests/unit/gzrows.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#define MAX_LINE (1u << 20)

static gzFile open_rows(const char *name, char *path, size_t n)
{
	const char *shared = getenv("MEED_SHARED"), *root = getenv("top_srcdir");
	gzFile z = NULL;

	if (shared && *shared) {
		(void)snprintf(path, n, "%s/data/%s_dev.jsonl", shared, name);
		z = gzopen(path, "rb");
	}
	if (!z) {
		(void)snprintf(path, n, "%s/tests/data/%s.jsonl.gz", root ? root : ".", name);
		z = gzopen(path, "rb");
	}
	return z;
}

bool gz_rows(const char *name, void (*one)(void *ctx, long line, struct json_object *row), void *ctx)
{
	char path[4096], *line = malloc(MAX_LINE);
	gzFile z = open_rows(name, path, sizeof(path));
	struct json_object *row;
	bool ok = z && line;
	long n = 0;

	while (ok && gzgets(z, line, (int)MAX_LINE)) {
		row = json_tokener_parse(line);
		n++;
		ok = row != NULL;
		if (ok)
			one(ctx, n, row);
		json_object_put(row);
	}
	if (!ok || n == 0)
		printf("%s: %s\n", path, n == 0 ? "cannot be read" : "a line is not JSON");
	if (z)
		(void)gzclose(z);
	free(line);
	return ok && n > 0;
}
