/* find.c - where in an answer of the judge the verdict stands. */
#include "config.h"
#include "judge.h"

enum {
	OBJECTS_MAX = 64, /* looked at in one answer */
	DEPTH_MAX = 64,
	KEYS_MAX = 32, /* of one object */
	/* bytes of one without an end; a verdict is shorter */
	OPEN_MAX = 1 << 20,
	/* bytes that may be read in vain, beyond SCANS_MAX times the answer */
	SCAN_MIN = 1 << 20,
	SCANS_MAX = 8
};

/* ---- what the model thought ------------------------------------------------------------------ */

static size_t rfind(meed_str s, meed_str what)
{
	for (size_t i = s.n >= what.n ? s.n - what.n + 1 : 0; i-- > 0;)
		if (memcmp(s.p + i, what.p, what.n) == 0)
			return i;
	return MEED_NONE;
}

meed_str find_said(meed_str text)
{
	static const struct {
		meed_str open, close;
	} tags[] = {
		{ { "<think>", 7 }, { "</think>", 8 } },
		{ { "<thinking>", 10 }, { "</thinking>", 11 } },
		{ { "<|begin_of_thought|>", 20 }, { "<|end_of_thought|>", 18 } },
		{ { "<reasoning>", 11 }, { "</reasoning>", 12 } },
	};

	text = meed_strip(text);
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		size_t end = meed_find(text, 0, tags[i].close);

		/* a verdict has begun: what closes a thought in it is a quotation */
		if (text.n == 0 || text.p[0] == '{' || text.p[0] == '`')
			break;
		if (end != MEED_NONE)
			text = meed_strip(meed_sub(text, end + tags[i].close.n, text.n));
		else if (meed_starts(text, tags[i].open))
			/* thought that was cut off: nothing was said behind it */
			text.n = 0;
	}
	return text;
}

/* ---- tags ------------------------------------------------------------------------------------ */

bool find_tag(meed_str text, const char *name, meed_str *ret)
{
	char open[64], close[64];
	struct meed_text a = meed_text_in(open, sizeof(open));
	struct meed_text b = meed_text_in(close, sizeof(close));
	size_t end, from;

	meed_text_char(&a, '<');
	meed_text_str(&a, meed_s(name));
	meed_text_char(&a, '>');
	meed_text_lit(&b, "</");
	meed_text_str(&b, meed_s(name));
	meed_text_char(&b, '>');
	end = rfind(text, meed_text_get(&b));
	from = rfind(meed_sub(text, 0, end == MEED_NONE ? text.n : end), meed_text_get(&a));
	if (from == MEED_NONE)
		return false;
	/* an answer that was cut off behind its last tag still says what it says */
	*ret = meed_strip(meed_sub(text, from + a.n, end == MEED_NONE ? text.n : end));
	return true;
}

/* ---- objects --------------------------------------------------------------------------------- */

struct span {
	size_t from, to;
	bool closed;
};

/* The end of the object that begins at `from`, behind its brace; if it has none: where the text
 * ends, and the brackets that are open there in closers (innermost last); or, before that, where
 * it turns out to be none. */
static struct span object_at(meed_str s, size_t from, char closers[DEPTH_MAX + 1])
{
	size_t depth = 0, i;
	bool quoted = false;

	for (i = from; i < s.n; i++) {
		char ch = s.p[i];

		if (quoted) {
			if (ch == '\\')
				i++;
			else if (ch == '"')
				quoted = false;
			continue;
		}
		if (ch == '"') {
			quoted = true;
		} else if (ch == '{' || ch == '[') {
			if (depth == DEPTH_MAX)
				return (struct span){ from, i, false };
			closers[depth++] = ch == '{' ? '}' : ']';
		} else if (ch == '}' || ch == ']') {
			if (depth == 0 || closers[depth - 1] != ch)
				return (struct span){ from, i, false };
			if (--depth == 0)
				return (struct span){ from, i + 1, true };
		}
	}
	closers[depth] = '\0';
	if (quoted && depth < DEPTH_MAX) {
		memmove(closers + 1, closers, depth + 1);
		closers[0] = '"';
	}
	return (struct span){ from, s.n, false };
}

/* The last objects of the text, in their order. Objects inside objects that end are passed over.
 * None, if the text is so full of braces that lead nowhere that it would take all day. */
static size_t spans(meed_str s, struct span v[OBJECTS_MAX], char closers[DEPTH_MAX + 1])
{
	size_t n = 0, i = 0, in_vain = 0;

	while (i < s.n) {
		const char *p = memchr(s.p + i, '{', s.n - i);
		struct span x;

		if (!p)
			break;
		x = object_at(s, (size_t)(p - s.p), closers);
		i = x.closed ? x.to : x.from + 1;
		if (!x.closed) {
			in_vain += x.to - x.from;
			if (in_vain > SCAN_MIN && in_vain - SCAN_MIN > SCANS_MAX * s.n)
				return 0;
			if (x.to < s.n || x.to - x.from > OPEN_MAX)
				continue;
		}
		if (n == OBJECTS_MAX) {
			memmove(v, v + 1, (OBJECTS_MAX - 1) * sizeof(v[0]));
			n--;
		}
		v[n++] = x;
	}
	return n;
}

/* Without what strict JSON refuses and models write: commas before a closing bracket, raw line
 * breaks in strings. */
static meed_str mend(struct out *o, meed_str s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];
		size_t k = i + 1;

		if (quoted && ch == '\\' && i + 1 < s.n) {
			out_put(o, meed_sub(s, i, i + 2));
			i++;
			continue;
		}
		if (ch == '"')
			quoted = !quoted;
		if (quoted && (unsigned char)ch < ' ') {
			out_put(o, ch == '\n'	? MEED_S("\\n")
				   : ch == '\t' ? MEED_S("\\t")
						: MEED_S(" "));
			continue;
		}
		while (!quoted && ch == ',' && k < s.n && strchr(" \t\r\n", s.p[k]))
			k++;
		if (!quoted && ch == ',' && k < s.n && (s.p[k] == '}' || s.p[k] == ']'))
			continue;
		out_put(o, meed_sub(s, i, i + 1));
	}
	return out_str(o);
}

/* Does a cut leave it open what is said? Of a number or of a plain list there may be more. */
static bool cut_badly(meed_str s, const char *closers)
{
	size_t depth = strlen(closers);
	char end;

	s = meed_strip(s);
	if (depth == 0 || s.n == 0)
		return true;
	if (closers[0] == '"')
		return closers[depth - 1] == ']';
	end = s.p[s.n - 1];
	if (closers[depth - 1] == ']' && end != '}' && end != ']')
		return true;
	return (end >= '0' && end <= '9') || strchr(".+-eE", end);
}

/* An object that was cut off, ended where it stands: its brackets closed, a dangling key or comma
 * dropped. */
static meed_str finish(struct out *o, meed_str s, const char *closers)
{
	size_t depth = strlen(closers);
	bool quoted = depth && closers[0] == '"';

	if (!quoted)
		while (s.n && strchr(" \t\r\n,:", s.p[s.n - 1]))
			s.n--;
	out_put(o, s);
	if (quoted)
		OUT(o, "\"");
	for (size_t i = depth; i-- > (quoted ? 1u : 0u);)
		out_put(o, meed_sub((meed_str){ closers, depth }, i, i + 1));
	return out_str(o);
}

/* Does the object have a key twice? Then a quotation in it was not escaped. */
static bool key_twice(meed_str s)
{
	meed_str keys[KEYS_MAX];
	size_t n = 0, depth = 0, from = 0;
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];
		size_t next = i + 1;

		if (quoted && ch == '\\') {
			i++;
			continue;
		}
		depth += !quoted && (ch == '{' || ch == '[');
		depth -= !quoted && depth && (ch == '}' || ch == ']');
		if (ch != '"')
			continue;
		quoted = !quoted;
		if (quoted) {
			from = next;
			continue;
		}
		while (next < s.n && strchr(" \t\r\n", s.p[next]))
			next++;
		if (depth != 1 || next >= s.n || s.p[next] != ':')
			continue;
		for (size_t k = 0; k < n; k++)
			if (meed_eq(keys[k], meed_sub(s, from, i)))
				return true;
		if (n == KEYS_MAX)
			return true;
		keys[n++] = meed_sub(s, from, i);
	}
	return false;
}

const meed_val *find_object(const meed_host *h, meed_ctx *c, meed_str text, size_t at)
{
	struct span v[OBJECTS_MAX];
	char closers[DEPTH_MAX + 2];
	size_t n = spans(text, v, closers);

	for (size_t i = n; i-- > 0;) {
		meed_str s = meed_sub(text, v[i].from, v[i].to);
		struct out mended = { h, c, NULL, 0, 0, false }, whole = mended;
		const meed_val *x = h->parse(c, s);

		if (!x)
			x = h->parse(c, mend(&mended, s));
		if (!x && !v[i].closed) {
			(void)object_at(out_str(&mended), 0, closers);
			if (!cut_badly(out_str(&mended), closers))
				x = h->parse(c, finish(&whole, out_str(&mended), closers));
		}
		if (x && h->type(x) == MEED_T_OBJ && !key_twice(s) && at-- == 0)
			return x;
	}
	return NULL;
}
