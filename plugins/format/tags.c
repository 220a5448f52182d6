/* tags.c - finding <tag>...</tag> pairs without regular expressions. */
#include "config.h"
#include "format.h"

size_t format_find(meed_str text, size_t from, meed_str tag)
{
	const char *p, *end = text.p + text.n;

	if (from > text.n)
		return MEED_NONE;
	for (p = text.p + from; (size_t)(end - p) >= tag.n; p++) {
		p = memchr(p, '<', (size_t)(end - p) - tag.n + 1);
		if (!p)
			break;
		if (memcmp(p, tag.p, tag.n) == 0)
			return (size_t)(p - text.p);
	}
	return MEED_NONE;
}

bool format_pair(meed_str text, size_t from, const struct format_tag *tag, meed_str *ret_body)
{
	size_t open, close;

	open = format_find(text, from, tag->open);
	if (open == MEED_NONE)
		return false;
	open += tag->open.n;
	close = format_find(text, open, tag->close);
	if (close == MEED_NONE)
		return false;
	*ret_body = meed_sub(text, open, close);
	ret_body->p = text.p + open;
	return true;
}
