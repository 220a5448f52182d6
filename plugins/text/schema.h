/* schema.h - a JSON Schema made ready: schema_read.c; and applied: schema.c. */
#ifndef TEXT_SCHEMA_H
#define TEXT_SCHEMA_H

#include "regex.h"

#define SCHEMA_DEPTH 400		/* schemas within schemas, by reference too */

struct schema_pattern {
	meed_str text;			/* owned */
	struct text_regex *re;
};

/* Regular expressions of a schema, compiled. */
struct schema_patterns {
	struct schema_pattern *v;
	size_t n;
};

/* Checks that every keyword of a schema is one that schema.c applies or that the standard calls an
 * annotation, that it has a value of its kind, and that references lead somewhere; compiles the
 * patterns. code is what a bad schema fails with. Release *patterns in any case. */
int32_t schema_read(const meed_host *h, meed_ctx *c, const meed_val *v, int32_t code,
		    struct schema_patterns *patterns);
void schema_release(struct schema_patterns *patterns);
/* The part of a schema that "#" or "#/..." names, or NULL. */
const meed_val *schema_resolve(const meed_host *h, const meed_val *root, meed_str ref);

#endif
