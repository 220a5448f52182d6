/* fuzz_split.c - fuzz target: JSON documents cut into rows.
 *
 * The first byte says how: its last two bits the mode, the rest how many bytes come at a time. In
 * pieces or at once, the same bytes come out; what is a list as a whole gives its elements. */
#include "config.h"
#include "host/sample/split.h"

#include <stdlib.h>

#include <json-c/json.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct outcome {
	char *bytes;
	size_t good;
	struct meed_err err;
	uint64_t row;
	char skipped[128];
};

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void cut(enum meed_split_mode mode, const uint8_t *p, size_t n, size_t piece,
		struct outcome *ret)
{
	struct meed_split s;
	size_t at = 0;

	*ret = (struct outcome){ .bytes = malloc(n + 1) };
	must(ret->bytes);
	memcpy(ret->bytes, p, n);
	meed_split_init(&s, mode);
	while (at < n) {
		size_t k = n - at < piece ? n - at : piece;
		size_t good = meed_split_bytes(&s, ret->bytes + at, k, &ret->err);

		at += good;
		if (good < k) {
			must(ret->err.code == MEED_E_SAMPLE);
			break;
		}
	}
	ret->good = at;
	if (!ret->err.code)
		(void)meed_split_end(&s, &ret->err);
	ret->row = s.row;
	memcpy(ret->skipped, s.skipped, sizeof(ret->skipped));
	must(memchr(s.skipped, '\0', sizeof(s.skipped)));
}

static bool is_blank(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != ' ' && p[i] != '\n' && p[i] != '\t' && p[i] != '\r')
			return false;
	return true;
}

static void same(struct json_object *a, struct json_object *b)
{
	struct meed_buf x = { 0 }, y = { 0 };

	meed_json_write(&x, a);
	meed_json_write(&y, b);
	must(x.n == y.n && memcmp(x.p, y.p, x.n) == 0);
	meed_buf_release(&x);
	meed_buf_release(&y);
}

/* The pieces of a list that JSON's own reader takes are its elements. */
static void check_elements(struct json_object *list, const struct outcome *o, size_t n)
{
	size_t i = 0, from = 0;

	must(!o->err.code && o->good == n);
	for (size_t k = 0; k <= n; k++) {
		struct json_object *v = NULL;

		if (k < n && o->bytes[k] != MEED_SPLIT_SEP)
			continue;
		if (!is_blank(o->bytes + from, k - from)) {
			must(i < json_object_array_length(list));
			must(meed_json_read(NULL, o->bytes + from, k - from, NULL, &v) >= 0);
			same(v, json_object_array_get_idx(list, i++));
			json_object_put(v);
		}
		from = k + 1;
	}
	must(i == json_object_array_length(list));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct outcome whole, pieces;
	struct json_object *o = NULL;
	enum meed_split_mode mode;

	if (!n || (*p & 3) == 3)
		return 0;
	mode = (enum meed_split_mode)(*p & 3);
	cut(mode, p + 1, n - 1, n, &whole);
	cut(mode, p + 1, n - 1, (size_t)(*p >> 2) + 1, &pieces);
	must(whole.good == pieces.good && whole.row == pieces.row);
	must(memcmp(whole.bytes, pieces.bytes, whole.good) == 0);
	must(whole.err.code == pieces.err.code && strcmp(whole.err.text, pieces.err.text) == 0);
	must(strcmp(whole.skipped, pieces.skipped) == 0);
	if (mode == MEED_SPLIT_LIST &&
	    meed_json_read(NULL, (const char *)p + 1, n - 1, NULL, &o) >= 0 &&
	    json_object_get_type(o) == json_type_array)
		check_elements(o, &whole, n - 1);
	json_object_put(o);
	free(whole.bytes);
	free(pieces.bytes);
	return 0;
}
