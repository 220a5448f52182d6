/* split.c - JSON documents cut into rows while their bytes stream by. */
#include "config.h"
#include "host/sample/split.h"

#include <stdio.h>

/* So many blanks between rows are ended by a separator, or they would count as a long row. */
#define MANY_BLANKS 256

void meed_split_init(struct meed_split *s, enum meed_split_mode mode)
{
	*s = (struct meed_split){ .mode = mode, .row = 1 };
}

bool meed_split_key(const char *key, size_t n)
{
	static const char *const keys[] = { "data", "rows", "samples", "datasamples", "examples",
					    "instances", "records" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i]) == n && memcmp(keys[i], key, n) == 0)
			return true;
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int32_t fail(const struct meed_split *s, struct meed_err *err, const char *what)
{
	return meed_err_set(err, MEED_E_SAMPLE, "byte %llu: %s", (unsigned long long)s->offset + 1,
			    what);
}

static int32_t fail_row(const struct meed_split *s, struct meed_err *err, const char *what)
{
	return meed_err_set(err, MEED_E_SAMPLE, "element %llu, which begins at byte %llu: %s",
			    (unsigned long long)s->row, (unsigned long long)s->row_offset + 1,
			    what);
}

/* ---- brackets ----------------------------------------------------------------------------- */

static void push(struct meed_split *s, bool list)
{
	size_t i = s->depth++;

	if (i >= MEED_JSON_DEPTH)
		return;
	s->lists[i / 64] &= ~(UINT64_C(1) << i % 64);
	s->lists[i / 64] |= (uint64_t)list << i % 64;
}

/* False if the innermost bracket is of the other kind. Beyond the depth that rows may have, kinds
 * are not known, and the row is refused later. */
static bool pop(struct meed_split *s, bool list)
{
	size_t i;

	if (!s->depth)
		return false;
	i = --s->depth;
	return i >= MEED_JSON_DEPTH || (s->lists[i / 64] >> i % 64 & 1) == list;
}

/* The depth of the brackets around rows. */
static size_t base(const struct meed_split *s)
{
	return s->mode == MEED_SPLIT_VALUES ? 0 : s->mode == MEED_SPLIT_LIST ? 1 : 2;
}

/* A byte within a string; false at its end. */
static bool string_goes_on(struct meed_split *s, char c)
{
	if (s->escaped)
		s->escaped = false;
	else if (c == '\\')
		s->escaped = true;
	else if (c == '"')
		s->in_string = false;
	return s->in_string;
}

static void blank(struct meed_split *s, char *c)
{
	*c = ++s->blanks % MANY_BLANKS == 0 ? MEED_SPLIT_SEP : ' ';
}

static void end_row(struct meed_split *s, char *c)
{
	*c = MEED_SPLIT_SEP;
	s->row++;
	s->blanks = 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int32_t begin_row(struct meed_split *s, char c, struct meed_err *err)
{
	s->row_offset = s->offset;
	s->blanks = 0;
	if (c == '}' || c == ']')
		return fail(s, err, "a bracket that closes nothing");
	if (c == ',')
		return fail(s, err, s->mode == MEED_SPLIT_VALUES
					    ? "a comma between values that are in no list"
					    : "an empty element");
	s->state = c == '{' || c == '[' || c == '"' ? MEED_SPLIT_INSIDE : MEED_SPLIT_SCALAR;
	if (c == '"')
		s->in_string = true;
	else if (c == '{' || c == '[')
		push(s, c == '[');
	return MEED_OK;
}

static int32_t inside(struct meed_split *s, char *c, struct meed_err *err)
{
	if (*c == MEED_SPLIT_SEP)
		*c = '\x1f';		/* as wrong as the separator, and none */
	if (s->in_string) {
		(void)string_goes_on(s, *c);
	} else if (*c == '"') {
		s->in_string = true;
	} else if (*c == '{' || *c == '[') {
		push(s, *c == '[');
	} else if ((*c == '}' || *c == ']') && !pop(s, *c == ']')) {
		return fail_row(s, err, *c == ']' ? "an object is closed by \"]\""
						  : "a list is closed by \"}\"");
	}
	if (!s->in_string && s->depth == base(s) && (*c == '"' || *c == '}' || *c == ']'))
		s->state = MEED_SPLIT_AFTER;
	return MEED_OK;
}

/* The list of rows is closed. */
static void end_list(struct meed_split *s, char *c)
{
	bool was_row = s->state == MEED_SPLIT_AFTER;

	(void)pop(s, true);
	if (was_row)
		end_row(s, c);
	else
		blank(s, c);
	s->state = s->mode == MEED_SPLIT_LIST ? MEED_SPLIT_END : MEED_SPLIT_SKIP;
}

/* Between rows. */
static int32_t between(struct meed_split *s, char *c, struct meed_err *err)
{
	bool values = s->mode == MEED_SPLIT_VALUES;

	if (is_space(*c)) {
		if (values && s->state == MEED_SPLIT_AFTER) {
			s->state = MEED_SPLIT_FIRST;
			end_row(s, c);
		} else {
			blank(s, c);
		}
		return MEED_OK;
	}
	if (!values && *c == ']' && s->state == MEED_SPLIT_NEXT)
		return fail(s, err, "a comma before the end of the list");
	if (!values && *c == ']') {
		end_list(s, c);
		return MEED_OK;
	}
	if (s->state != MEED_SPLIT_AFTER)
		return begin_row(s, *c, err);
	if (values)
		return fail(s, err, "values that follow each other need a line each");
	if (*c != ',')
		return fail(s, err, "expected \",\" or \"]\" after the element");
	s->state = MEED_SPLIT_NEXT;
	end_row(s, c);
	return MEED_OK;
}

/* ---- the object around the list ---------------------------------------------------------- */

static void note_skipped(struct meed_split *s)
{
	size_t at = strlen(s->skipped), room = sizeof(s->skipped) - at;

	if (s->n_key + 3 < room)
		(void)snprintf(s->skipped + at, room, "%s%.*s", at ? ", " : "", (int)s->n_key,
			       s->key);
}

static int32_t key(struct meed_split *s, char c, struct meed_err *err)
{
	if (s->in_string) {
		if (!string_goes_on(s, c))
			s->state = MEED_SPLIT_COLON;
		else if (s->n_key < sizeof(s->key))
			s->key[s->n_key++] = c;
		return MEED_OK;
	}
	if (c == '"') {
		s->in_string = true;
		s->n_key = 0;
	} else if (c == '}') {
		(void)pop(s, false);
		s->state = MEED_SPLIT_END;
	} else if (!is_space(c)) {
		return fail(s, err, "expected a key in double quotes");
	}
	return MEED_OK;
}

static int32_t value(struct meed_split *s, char c, struct meed_err *err)
{
	if (is_space(c))
		return MEED_OK;
	if (c == '[' && meed_split_key(s->key, s->n_key)) {
		push(s, true);
		s->state = MEED_SPLIT_FIRST;
		return MEED_OK;
	}
	if (c == ',' || c == '}' || c == ']')
		return fail(s, err, "expected a value after the key");
	note_skipped(s);
	s->state = MEED_SPLIT_SKIP;
	if (c == '"')
		s->in_string = true;
	else if (c == '{' || c == '[')
		push(s, c == '[');
	return MEED_OK;
}

/* A value without rows, and what comes after it or after the list of rows. */
static int32_t skip(struct meed_split *s, char c, struct meed_err *err)
{
	if (s->in_string) {
		(void)string_goes_on(s, c);
	} else if (c == '"') {
		s->in_string = true;
	} else if (c == '{' || c == '[') {
		push(s, c == '[');
	} else if (c == '}' || c == ']') {
		if (!pop(s, c == ']'))
			return fail(s, err, "a bracket of the wrong kind closes another one");
		if (!s->depth)
			s->state = MEED_SPLIT_END;
	} else if (c == ',' && s->depth == 1) {
		s->state = MEED_SPLIT_KEY;
	}
	return MEED_OK;
}

static int32_t begin(struct meed_split *s, char c, struct meed_err *err)
{
	bool list = s->mode == MEED_SPLIT_LIST;

	if (c != (list ? '[' : '{'))
		return fail(s, err, list ? "expected \"[\"" : "expected \"{\"");
	push(s, list);
	s->state = list ? MEED_SPLIT_FIRST : MEED_SPLIT_KEY;
	return MEED_OK;
}

/* What stands around the list of rows: it becomes blank. */
static int32_t around(struct meed_split *s, char *c, struct meed_err *err)
{
	int32_t r = MEED_OK;

	switch (s->state) {
	case MEED_SPLIT_BEGIN:
		r = begin(s, *c, err);
		break;
	case MEED_SPLIT_KEY:
		r = key(s, *c, err);
		break;
	case MEED_SPLIT_COLON:
		if (*c == ':')
			s->state = MEED_SPLIT_VALUE;
		else if (!is_space(*c))
			r = fail(s, err, "expected \":\" after the key");
		break;
	case MEED_SPLIT_VALUE:
		r = value(s, *c, err);
		break;
	case MEED_SPLIT_SKIP:
		r = skip(s, *c, err);
		break;
	default:
		if (!is_space(*c))
			r = fail(s, err, "text after the end of the list");
		break;
	}
	blank(s, c);
	return r;
}

/* ---- all bytes ------------------------------------------------------------------------------ */

/* How many bytes from p on are within a string and mean nothing. */
static size_t plain(const struct meed_split *s, const char *p, size_t n)
{
	size_t i = 0;

	if (s->state != MEED_SPLIT_INSIDE || !s->in_string || s->escaped)
		return 0;
	while (i < n && p[i] != '"' && p[i] != '\\' && p[i] != MEED_SPLIT_SEP)
		i++;
	return i;
}

static int32_t step(struct meed_split *s, char *c, struct meed_err *err)
{
	if (s->state == MEED_SPLIT_BEGIN) {
		if (is_space(*c) || (s->offset < 3 && *c == "\xef\xbb\xbf"[s->offset])) {
			blank(s, c);
			return MEED_OK;
		}
		if (s->mode == MEED_SPLIT_VALUES)
			s->state = MEED_SPLIT_FIRST;
	}
	switch (s->state) {
	case MEED_SPLIT_INSIDE:
		return inside(s, c, err);
	case MEED_SPLIT_SCALAR:
		if (!is_space(*c) && *c != ',' && *c != ']' && *c != '}') {
			if (*c == MEED_SPLIT_SEP)
				*c = '\x1f';
			return MEED_OK;
		}
		s->state = MEED_SPLIT_AFTER;
		return between(s, c, err);
	case MEED_SPLIT_FIRST:
	case MEED_SPLIT_NEXT:
	case MEED_SPLIT_AFTER:
		return between(s, c, err);
	default:
		return around(s, c, err);
	}
}

size_t meed_split_bytes(struct meed_split *s, char *p, size_t n, struct meed_err *err)
{
	size_t i = 0;

	while (i < n) {
		size_t k = plain(s, p + i, n - i);

		i += k;
		s->offset += k;
		if (i == n)
			break;
		if (step(s, &p[i], err) < 0)
			return i;
		i++;
		s->offset++;
	}
	return n;
}

int32_t meed_split_end(const struct meed_split *s, struct meed_err *err)
{
	switch (s->state) {
	case MEED_SPLIT_INSIDE:
		return fail_row(s, err, s->in_string
					       ? "a text in it is not closed; the file was cut off"
					       : "it is not closed; the file was cut off");
	case MEED_SPLIT_END:
		return MEED_OK;
	default:
		if (s->mode == MEED_SPLIT_VALUES)
			return MEED_OK;
		return fail(s, err, "the file ends before its list does; it was cut off");
	}
}
