/* pointer.c - JSON pointers (RFC 6901), cut up once or walked as they are. */
#include "config.h"
#include "host/sample/rows.h"

#include <stdlib.h>

/* Reads an array index: digits, no leading zero. */
static bool index_of(const char *p, size_t n, size_t *ret)
{
	size_t v = 0;

	if (n == 0 || n > 18 || (n > 1 && p[0] == '0'))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		v = v * 10 + (size_t)(p[i] - '0');
	}
	*ret = v;
	return true;
}

static struct json_object *item(struct json_object *list, const char *p, size_t n)
{
	size_t i;

	if (!index_of(p, n, &i) || i >= json_object_array_length(list))
		return NULL;
	return json_object_array_get_idx(list, i);
}

/* Whether key is the part p[0..n), in which ~1 is "/" and ~0 is "~". */
static bool part_is(const char *key, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++, key++) {
		char c = p[i];

		if (c == '~' && i + 1 < n && (p[i + 1] == '0' || p[i + 1] == '1'))
			c = p[++i] == '0' ? '~' : '/';
		if (*key != c || !c)
			return false;
	}
	return !*key;
}

static struct json_object *member(struct json_object *o, const char *p, size_t n)
{
	MEED_JSON_EACH(o, e)
		if (part_is(meed_entry_key(e), p, n))
			return meed_entry_val(e);
	return NULL;
}

struct json_object *meed_json_pointer(struct json_object *o, const char *ptr)
{
	while (o && *ptr == '/') {
		size_t n = strcspn(++ptr, "/");

		switch (json_object_get_type(o)) {
		case json_type_object:
			o = member(o, ptr, n);
			break;
		case json_type_array:
			o = item(o, ptr, n);
			break;
		default:
			o = NULL;
			break;
		}
		ptr += n;
	}
	return *ptr ? NULL : o;
}

/* Undoes ~0 and ~1 in place. */
static bool unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s != '~') {
			*to++ = *s;
		} else if (s[1] == '0' || s[1] == '1') {
			*to++ = *++s == '0' ? '~' : '/';
		} else {
			return false;
		}
	}
	*to = '\0';
	return true;
}

int32_t meed_pointer_init(struct meed_pointer *p, const char *text, struct meed_err *err)
{
	size_t n = 0, i = 0, size = strlen(text) + 1;
	char *copy;

	*p = (struct meed_pointer){ 0 };
	if (text[0] && text[0] != '/')
		return meed_err_set(err, MEED_E_PARAM,
				    "\"%s\" is no JSON pointer: it begins with \"/\", as in "
				    "\"/%s\"", text, text);
	for (const char *s = text; *s; s++)
		n += *s == '/';
	/* The parts lie in a second copy behind the text. */
	p->text = malloc(size * 2);
	p->parts = calloc(n ? n : 1, sizeof(*p->parts));
	if (!p->text || !p->parts) {
		meed_pointer_release(p);
		return meed_err_nomem(err);
	}
	memcpy(p->text, text, size);
	copy = p->text + size;
	memcpy(copy, text, size);
	p->n_parts = n;
	while (i < n) {
		size_t len;

		p->parts[i] = ++copy;
		len = strcspn(copy, "/");
		copy += len;
		*copy = '\0';
		if (!unescape(p->parts[i++])) {
			meed_pointer_release(p);
			return meed_err_set(err, MEED_E_PARAM,
					    "\"%s\" is no JSON pointer: after \"~\" comes 0 or 1",
					    text);
		}
	}
	return MEED_OK;
}

void meed_pointer_release(struct meed_pointer *p)
{
	free(p->text);
	free(p->parts);
	*p = (struct meed_pointer){ 0 };
}

struct meed_hit meed_pointer_find(const struct meed_pointer *p, struct json_object *root)
{
	struct meed_hit h = { .v = root };
	size_t at;

	for (size_t i = 0; i < p->n_parts; i++) {
		h.parent = h.v;
		h.entry = NULL;
		switch (json_object_get_type(h.parent)) {
		case json_type_object:
			h.entry = lh_table_lookup_entry(json_object_get_object(h.parent),
							p->parts[i]);
			if (!h.entry)
				return (struct meed_hit){ 0 };
			h.v = meed_entry_val(h.entry);
			break;
		case json_type_array:
			if (!index_of(p->parts[i], strlen(p->parts[i]), &at) ||
			    at >= json_object_array_length(h.parent))
				return (struct meed_hit){ 0 };
			h.v = json_object_array_get_idx(h.parent, at);
			break;
		default:
			return (struct meed_hit){ 0 };
		}
		if (i == 0)
			h.top = h.entry;
	}
	h.found = true;
	return h;
}
