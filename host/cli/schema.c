/* schema.c - what a parameter may be, in words. */
#include "config.h"

#include "host/cli/cli.h"

#include <json-c/json.h>

void cli_schema_type(struct json_object *prop, struct meed_buf *b)
{
	struct json_object *type = NULL, *items = NULL;
	size_t i;

	if (!json_object_object_get_ex(prop, "type", &type)) {
		meed_buf_puts(b, "any");
		return;
	}
	if (json_object_is_type(type, json_type_array)) {
		for (i = 0; i < json_object_array_length(type); i++)
			meed_buf_printf(b, "%s%s", i ? " or " : "",
					json_object_get_string(json_object_array_get_idx(type, i)));
		return;
	}
	meed_buf_puts(b, json_object_get_string(type));
	if (strcmp(json_object_get_string(type), "array") == 0 &&
	    json_object_object_get_ex(prop, "items", &items)) {
		MEED_BUF_LIT(b, " of ");
		cli_schema_type(items, b);
	}
}

static void put_enum(struct json_object *values, struct meed_buf *b)
{
	size_t n = json_object_array_length(values), i;

	for (i = 0; i < n; i++) {
		if (i > 0)
			meed_buf_puts(b, i + 1 == n ? " or " : ", ");
		meed_json_write(b, json_object_array_get_idx(values, i));
	}
}

/* "1 to 10", "1 or more", "above 0". */
static void put_range(struct json_object *prop, struct meed_buf *b)
{
	struct json_object *lo = NULL, *hi = NULL, *above = NULL, *below = NULL;

	(void)json_object_object_get_ex(prop, "minimum", &lo);
	(void)json_object_object_get_ex(prop, "maximum", &hi);
	(void)json_object_object_get_ex(prop, "exclusiveMinimum", &above);
	(void)json_object_object_get_ex(prop, "exclusiveMaximum", &below);
	if (above) {
		MEED_BUF_LIT(b, "above ");
		meed_json_write(b, above);
	} else if (lo) {
		meed_json_write(b, lo);
		if (!hi)
			MEED_BUF_LIT(b, " or more");
	}
	if (hi) {
		meed_buf_puts(b, lo ? " to " : above ? ", to " : "at most ");
		meed_json_write(b, hi);
	} else if (below) {
		meed_buf_puts(b, lo || above ? ", below " : "below ");
		meed_json_write(b, below);
	}
}

/* "1 to 5 bytes", "at least 1 item". */
static void put_count(struct json_object *prop, const char *min_key, const char *max_key,
		      const char *unit, struct meed_buf *b)
{
	struct json_object *lo = NULL, *hi = NULL;
	int64_t max;

	(void)json_object_object_get_ex(prop, min_key, &lo);
	(void)json_object_object_get_ex(prop, max_key, &hi);
	if (!lo && !hi)
		return;
	if (b->n > 0)
		MEED_BUF_LIT(b, "; ");
	max = hi ? json_object_get_int64(hi) : json_object_get_int64(lo);
	if (lo && hi)
		meed_buf_printf(b, "%lld to ", (long long)json_object_get_int64(lo));
	else
		meed_buf_puts(b, lo ? "at least " : "at most ");
	meed_buf_printf(b, "%lld %s%s", (long long)max, unit, max == 1 ? "" : "s");
}

void cli_schema_allowed(struct json_object *prop, struct meed_buf *b)
{
	struct json_object *v = NULL, *items = NULL;
	struct meed_buf own = { 0 };

	if (json_object_object_get_ex(prop, "enum", &v) && json_object_is_type(v, json_type_array))
		put_enum(v, &own);
	else
		put_range(prop, &own);
	put_count(prop, "minLength", "maxLength", "character", &own);
	put_count(prop, "minItems", "maxItems", "item", &own);
	if (json_object_object_get_ex(prop, "pattern", &v)) {
		if (own.n > 0)
			MEED_BUF_LIT(&own, "; ");
		meed_buf_printf(&own, "matches %s", json_object_get_string(v));
	}
	if (json_object_object_get_ex(prop, "items", &items)) {
		struct meed_buf each = { 0 };

		cli_schema_allowed(items, &each);
		if (each.n > 0) {
			meed_buf_puts(&own, own.n > 0 ? "; each " : "each ");
			meed_buf_put(&own, each.p, each.n);
		}
		meed_buf_release(&each);
	}
	meed_buf_put(b, own.p, own.n);
	meed_buf_release(&own);
}
