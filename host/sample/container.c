/* container.c - what a file is, by its name and its first bytes. */
#include "config.h"
#include "host/sample/container.h"

#include <strings.h>

/* The end of the name without .gz or .zst. */
static size_t name_end(const char *path)
{
	static const char *const packed[] = { ".gz", ".zst", ".zstd" };
	size_t n = strlen(path);

	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(packed[i]);

		if (n > len && strcasecmp(path + n - len, packed[i]) == 0)
			return n - len;
	}
	return n;
}

static bool ends_in(const char *path, size_t n, const char *what)
{
	size_t len = strlen(what);

	return n > len && strncasecmp(path + n - len, what, len) == 0;
}

static enum meed_container by_name(const char *path)
{
	static const struct {
		const char *end;
		enum meed_container container;
	} names[] = { { ".jsonl", MEED_CONTAINER_JSONL }, { ".ndjson", MEED_CONTAINER_JSONL },
		      { ".csv", MEED_CONTAINER_CSV },	  { ".tsv", MEED_CONTAINER_TSV },
		      { ".tab", MEED_CONTAINER_TSV } };
	size_t n = name_end(path);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (ends_in(path, n, names[i].end))
			return names[i].container;
	return MEED_CONTAINER_AUTO;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && is_space(*p))
		p++;
	return p;
}

/* The end of the string that begins at p, after its quote; or end. */
static const char *string_end(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return p < end ? p + 1 : end;
}

/* Whether a key says that its object is a row itself. */
static bool is_rows_key(const char *key, size_t n)
{
	static const char *const keys[] = { "input", "output", "prompt", "question", "messages",
					    "chosen", "rejected", "response", "responses",
					    "completion", "completions", "instruction", "answer" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i]) == n && memcmp(keys[i], key, n) == 0)
			return true;
	return false;
}

/* Whether an object's member, at whose key p is, is a list of rows; *pp goes past the key. */
static bool holds_rows(const char **pp, const char *end)
{
	const char *key = *pp + 1, *p = string_end(*pp, end);
	size_t n = (size_t)(p - key);

	*pp = p;
	if (!n || !meed_split_key(key, n - 1))
		return false;
	p = skip_space(p, end);
	if (p == end || *p != ':')
		return false;
	p = skip_space(p + 1, end);
	if (p == end || *p != '[')
		return false;
	p = skip_space(p + 1, end);
	return p < end && (*p == '{' || *p == ']');
}

/* Whether the object at p has, as far as can be seen, a list of rows. */
static bool is_wrapper(const char *p, const char *end)
{
	size_t depth = 0;

	while (p < end) {
		char c = *p;

		if (c == '"' && depth == 1) {
			const char *key = p + 1;

			if (holds_rows(&p, end))
				return true;
			if (is_rows_key(key, (size_t)(p - key) - 1))
				return false;
			continue;
		}
		if (c == '"') {
			p = string_end(p, end);
			continue;
		}
		p++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return false;
	}
	return false;
}

/* Whether the first line is the beginning of an object that is written over several lines. A line
 * that was cut off, which is one bad row of many, mostly ends elsewhere. */
static bool goes_on(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	if (!nl)
		return false;
	while (nl > p && is_space(nl[-1]))
		nl--;
	return nl > p && strchr("{[,:", nl[-1]);
}

static struct meed_found find_json(bool forced, const char *head, size_t n)
{
	struct meed_found found = { MEED_CONTAINER_JSON, MEED_SPLIT_VALUES };
	const char *end = head + n, *p = head, *nl;

	if (n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	p = skip_space(p, end);
	if (p == end || (*p != '[' && *p != '{'))
		goto out;
	if (*p == '[') {
		found.mode = MEED_SPLIT_LIST;
		return found;
	}
	if (is_wrapper(p, end))
		found.mode = MEED_SPLIT_MEMBER;
	if (forced || goes_on(p, end))
		return found;
	/* on one line: rows, unless nothing follows that holds a list of them */
	nl = memchr(p, '\n', n - (size_t)(p - head));
	if (found.mode == MEED_SPLIT_MEMBER && (!nl || skip_space(nl, end) == end))
		return found;
out:
	if (!forced)
		found.container = MEED_CONTAINER_JSONL;
	return found;
}

struct meed_found meed_container_find(enum meed_container wanted, const char *path,
				      const char *head, size_t n)
{
	struct meed_found found = { wanted, MEED_SPLIT_LIST };

	if (wanted == MEED_CONTAINER_JSON)
		return find_json(true, head, n);
	if (wanted != MEED_CONTAINER_AUTO)
		return found;
	if (n >= 4 && memcmp(head, "PAR1", 4) == 0) {
		found.container = MEED_CONTAINER_PARQUET;
		return found;
	}
	found.container = by_name(path);
	return found.container == MEED_CONTAINER_AUTO ? find_json(false, head, n) : found;
}
