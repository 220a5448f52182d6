/* json.c - strict JSON over json-c, and a printer that keeps the spelling of numbers. */
#include "config.h"
#include "host/sample/rows.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

/* What an odd number is given at its end, so that json-c takes it for a double and keeps its text:
 * "e+" and a number of zeros that no other number of the text has. */
#define MARK_ZEROS_MIN ((size_t)2)
#define MARK_ZEROS_MAX ((size_t)9)

struct json_tokener *meed_json_tokener(void)
{
	/* Depth is checked by lex.c, which can say where. */
	struct json_tokener *tok = json_tokener_new_ex(MEED_JSON_DEPTH + 2);

	if (tok)
		json_tokener_set_flags(tok,
				       JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	return tok;
}

static size_t pick_mark(const char *p, size_t n)
{
	const char *end = p + n;
	size_t used = 0, zeros;

	while ((p = memmem(p, (size_t)(end - p), "e+0", 3))) {
		p += 2;
		for (zeros = 0; p < end && *p == '0'; p++)
			zeros++;
		if (zeros <= MARK_ZEROS_MAX)
			used |= (size_t)1 << zeros;
	}
	for (zeros = MARK_ZEROS_MIN; zeros <= MARK_ZEROS_MAX; zeros++)
		if (!(used >> zeros & 1))
			return zeros;
	return 0;
}

static void rewrite(struct meed_buf *b, const char *p, size_t n, const struct meed_odd_numbers *odd,
		    meed_str mark)
{
	size_t at = 0;

	for (size_t i = 0; i < odd->n; i++) {
		size_t end = odd->v[i].at + odd->v[i].n;

		meed_buf_put(b, p + at, end - at);
		meed_buf_put(b, mark.p, mark.n);
		at = end;
	}
	meed_buf_put(b, p + at, n - at);
}

static bool unmark_number(struct json_object *o, meed_str mark)
{
	const char *text = json_object_get_userdata(o);
	size_t n = text ? strlen(text) : 0;
	char *plain;

	if (n <= mark.n || memcmp(text + n - mark.n, mark.p, mark.n) != 0)
		return true;
	plain = strndup(text, n - mark.n);
	if (!plain)
		return false;
	json_object_set_serializer(o, json_object_userdata_to_json_string, plain,
				   json_object_free_userdata);
	return true;
}

static bool unmark(struct json_object *o, meed_str mark)
{
	bool ok = true;

	switch (json_object_get_type(o)) {
	case json_type_double:
		return unmark_number(o, mark);
	case json_type_array:
		for (size_t i = 0; ok && i < json_object_array_length(o); i++)
			ok = unmark(json_object_array_get_idx(o, i), mark);
		return ok;
	case json_type_object:
		MEED_JSON_EACH(o, e)
			ok = ok && unmark(meed_entry_val(e), mark);
		return ok;
	default:
		return true;
	}
}

static int32_t fail_parse(struct json_tokener *tok, enum json_tokener_error e, size_t n,
			  struct meed_err *err)
{
	const char *what;

	switch (e) {
	case json_tokener_continue:
		return meed_err_set(err, MEED_E_SAMPLE,
				    "the text ends at byte %zu, before the value does", n);
	case json_tokener_error_parse_object_key_name:
		what = "expected a key in double quotes";
		break;
	case json_tokener_error_parse_object_key_sep:
		what = "expected \":\" after the key";
		break;
	case json_tokener_error_parse_object_value_sep:
		what = "expected \",\" or \"}\" after the value";
		break;
	case json_tokener_error_parse_array:
		what = "expected \",\" or \"]\" after the item";
		break;
	case json_tokener_error_parse_unexpected:
		what = "expected a value";
		break;
	default:
		what = json_tokener_error_desc(e);
		break;
	}
	return meed_err_set(err, MEED_E_SAMPLE, "byte %zu: %s",
			    json_tokener_get_parse_end(tok) + 1, what);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Text that lex.c has passed. */
static int32_t parse(struct json_tokener *tok, const char *p, size_t n, struct meed_err *err,
		     struct json_object **ret)
{
	enum json_tokener_error e;
	struct json_object *o;
	size_t end;

	if (n > INT_MAX - 1)
		return meed_err_set(err, MEED_E_LIMIT, "longer than 2 GiB");
	json_tokener_reset(tok);
	o = json_tokener_parse_ex(tok, p, (int)n);
	e = json_tokener_get_error(tok);
	end = json_tokener_get_parse_end(tok);
	if (e == json_tokener_continue) {
		/* A number at the very end: only what follows ends it. */
		o = json_tokener_parse_ex(tok, " ", 1);
		e = json_tokener_get_error(tok);
		end = n;
	}
	if (e != json_tokener_success)
		return fail_parse(tok, e, n, err);
	while (end < n && is_space(p[end]))
		end++;
	if (end < n) {
		json_object_put(o);
		return meed_err_set(err, MEED_E_SAMPLE, "byte %zu: text after the value", end + 1);
	}
	*ret = o;
	return MEED_OK;
}

/* The slow way, for a text with numbers that json-c would change. */
static int32_t parse_odd(struct json_tokener *tok, const char *p, size_t n,
			 const struct meed_odd_numbers *odd, struct meed_err *err,
			 struct json_object **ret)
{
	char text[] = "e+000000000";
	size_t zeros = pick_mark(p, n);
	meed_str mark = { text, 2 + zeros };
	struct meed_buf b = { 0 };
	struct json_object *o = NULL;
	int32_t r;

	if (!zeros)
		return meed_err_set(err, MEED_E_LIMIT,
				    "byte %zu: an integer beyond 64 bits, among numbers spelt in "
				    "too many ways", odd->v[0].at + 1);
	/* Offsets in json-c's messages should be those of the text as it stands. */
	r = parse(tok, p, n, err, &o);
	json_object_put(o);
	o = NULL;
	if (r < 0 && json_tokener_get_error(tok) != json_tokener_error_parse_number)
		goto out;
	rewrite(&b, p, n, odd, mark);
	if (b.failed) {
		r = meed_err_nomem(err);
		goto out;
	}
	r = parse(tok, b.p, b.n, err, &o);
	if (r < 0)
		goto out;
	if (!unmark(o, mark)) {
		r = meed_err_nomem(err);
		goto out;
	}
	*ret = o;
	o = NULL;
out:
	json_object_put(o);
	meed_buf_release(&b);
	return r;
}

int32_t meed_json_parse(struct json_tokener *tok, const char *p, size_t n, struct meed_err *err,
			struct json_object **ret)
{
	struct meed_odd_numbers odd = { 0 };
	int32_t r;

	r = meed_json_lex(p, n, &odd, err);
	if (r < 0)
		goto out;
	if (odd.n)
		r = parse_odd(tok, p, n, &odd, err, ret);
	else
		r = parse(tok, p, n, err, ret);
out:
	free(odd.v);
	return r;
}

static void write_int(struct meed_buf *b, struct json_object *o)
{
	int64_t i = json_object_get_int64(o);

	if (i < 0) {
		meed_buf_putc(b, '-');
		meed_buf_u64(b, 0 - (uint64_t)i);
	} else {
		meed_buf_u64(b, json_object_get_uint64(o));
	}
}

static void write_double(struct meed_buf *b, struct json_object *o)
{
	const char *text = json_object_get_userdata(o);
	double x = json_object_get_double(o);

	if (text)
		meed_buf_puts(b, text);
	else if (isfinite(x))
		meed_buf_json_num(b, x);
	else
		MEED_BUF_LIT(b, "null");
}

void meed_json_write(struct meed_buf *b, struct json_object *o)
{
	bool first = true;

	switch (json_object_get_type(o)) {
	case json_type_null:
		MEED_BUF_LIT(b, "null");
		break;
	case json_type_boolean:
		meed_buf_puts(b, json_object_get_boolean(o) ? "true" : "false");
		break;
	case json_type_int:
		write_int(b, o);
		break;
	case json_type_double:
		write_double(b, o);
		break;
	case json_type_string:
		meed_buf_json_str(b, meed_json_text(o));
		break;
	case json_type_array:
		meed_buf_putc(b, '[');
		for (size_t i = 0; i < json_object_array_length(o); i++) {
			if (i)
				meed_buf_putc(b, ',');
			meed_json_write(b, json_object_array_get_idx(o, i));
		}
		meed_buf_putc(b, ']');
		break;
	case json_type_object:
		meed_buf_putc(b, '{');
		MEED_JSON_EACH(o, e) {
			meed_key_write(b, meed_entry_key(e), &first);
			meed_json_write(b, meed_entry_val(e));
		}
		meed_buf_putc(b, '}');
		break;
	}
}

void meed_key_write(struct meed_buf *b, const char *key, bool *first)
{
	if (!*first)
		meed_buf_putc(b, ',');
	*first = false;
	meed_buf_json_str(b, meed_str_of(key));
	meed_buf_putc(b, ':');
}

bool meed_json_str(struct json_object *o, meed_str *ret)
{
	if (json_object_get_type(o) != json_type_string)
		return false;
	*ret = meed_json_text(o);
	return true;
}

const char *meed_json_kind(struct json_object *o)
{
	switch (json_object_get_type(o)) {
	case json_type_boolean:
		return "true or false";
	case json_type_int:
	case json_type_double:
		return "a number";
	case json_type_string:
		return "a string";
	case json_type_array:
		return "a list";
	case json_type_object:
		return "an object";
	default:
		return "null";
	}
}

static bool add(struct json_object *o, const char *key, struct json_object *v, unsigned int how)
{
	if (json_object_object_add_ex(o, key, v, how) == 0)
		return true;
	json_object_put(v);
	return false;
}

bool meed_json_add(struct json_object *o, const char *key, struct json_object *v)
{
	return add(o, key, v, 0);
}

bool meed_json_add_new(struct json_object *o, const char *key, struct json_object *v)
{
	return add(o, key, v, JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_KEY_IS_CONSTANT);
}
