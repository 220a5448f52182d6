/* check_layout.c - the instructions about marks, parts, beginning and end. */
#include "config.h"
#include "instruct.h"

static int32_t say(struct check *k, int32_t followed, meed_str why)
{
	if (k->explain)
		meed_text_str(&k->reason, why);
	return followed;
}

static char at(meed_str s, size_t i)
{
	return i < s.n ? s.p[i] : '\0';
}

static size_t line_end(meed_str s, size_t i)
{
	size_t end = meed_find(s, i, MEED_S("\n"));

	return end == MEED_NONE ? s.n : end;
}

static size_t skip_space(meed_str s, size_t i)
{
	return s.n - meed_strip_left(meed_sub(s, i, s.n)).n;
}

static bool blank(meed_str s)
{
	return meed_strip(s).n == 0;
}

/* The next part of s before sep, or the rest; *at_sep is where to go on, MEED_NONE after the last. */
static meed_str next_part(meed_str s, size_t *pos, meed_str sep)
{
	size_t from = *pos, end = meed_find(s, from, sep);

	*pos = end == MEED_NONE ? MEED_NONE : end + sep.n;
	return meed_sub(s, from, end == MEED_NONE ? s.n : end);
}

/* ---- counts ----------------------------------------------------------------------------------- */

int32_t check_placeholders(struct check *k)
{
	size_t i = 0, n = 0, close, end;
	int64_t want;
	int32_t r = check_int(k, "num_placeholders", 0, &want);

	if (r < 0)
		return r;
	while ((i = meed_find(k->text, i, MEED_S("["))) != MEED_NONE) {
		end = line_end(k->text, i);
		close = meed_find(meed_sub(k->text, 0, end), i, MEED_S("]"));
		n += close != MEED_NONE;
		i = close == MEED_NONE ? end : close + 1;
	}
	check_say(k, "at least", want, n, "placeholders");
	return n >= (uint64_t)want;
}

/* Lines that begin with this bullet, white space before it allowed. A star counts unless another
 * follows, and takes the character after it along, be it the end of the line. */
static size_t count_bullets(meed_str s, char bullet)
{
	size_t i = 0, n = 0, mark, end, nl;

	while (i <= s.n) {
		/* a line begins at i */
		mark = skip_space(s, i);
		end = MEED_NONE;
		if (at(s, mark) == '-' && bullet == '-' && mark < s.n)
			end = line_end(s, mark);
		else if (at(s, mark) == '*' && bullet == '*' && mark + 1 < s.n &&
			 s.p[mark + 1] != '*')
			end = line_end(s, mark + 2);
		if (end != MEED_NONE) {
			n++;
			if (end > mark + 1 && end <= s.n && at(s, end - 1) == '\n') {
				i = end;
				continue;
			}
		}
		nl = meed_find(s, end == MEED_NONE ? mark : end, MEED_S("\n"));
		if (nl == MEED_NONE)
			break;
		i = nl + 1;
	}
	return n;
}

int32_t check_bullets(struct check *k)
{
	size_t n = count_bullets(k->text, '*') + count_bullets(k->text, '-');
	int64_t want;
	int32_t r = check_int(k, "num_bullets", 0, &want);

	if (r < 0)
		return r;
	check_say(k, "exactly", want, n, "bullets");
	return n == (uint64_t)want;
}

/* How many *...* on one line, or **...**, have something in them. */
static size_t count_marked(meed_str s, size_t width)
{
	size_t i = 0, n = 0, from, end;
	meed_str in;

	while ((i = meed_find(s, i, MEED_S("*"))) != MEED_NONE) {
		if (width == 2 && at(s, i + 1) != '*') {
			i++;
			continue;
		}
		from = i + width;
		for (end = from; end < s.n && s.p[end] != '*' && s.p[end] != '\n'; end++)
			continue;
		if (at(s, end) != '*' || (width == 2 && at(s, end + 1) != '*')) {
			i++;
			continue;
		}
		in = meed_sub(s, from, end);
		n += !blank(in);
		i = end + width;
	}
	return n;
}

int32_t check_highlights(struct check *k)
{
	size_t n = count_marked(k->text, 1) + count_marked(k->text, 2);
	int64_t want;
	int32_t r = check_int(k, "num_highlights", 0, &want);

	if (r < 0)
		return r;
	check_say(k, "at least", want, n, "highlighted parts");
	return n >= (uint64_t)want;
}

int32_t check_sections(struct check *k)
{
	size_t i = 0, n = 0, digit, len;
	meed_str mark;
	int64_t want;
	uint32_t cp;
	int32_t r = check_str(k, "section_spliter", &mark);

	if (r < 0)
		return r;
	r = check_int(k, "num_sections", 0, &want);
	if (r < 0)
		return r;
	while ((i = meed_find(k->text, i, mark)) != MEED_NONE) {
		digit = i + mark.n;
		len = digit < k->text.n
			      ? meed_utf8_next(k->text.p + digit, k->text.n - digit, &cp) : 0;
		if (len > 0 && meed_is_space(cp)) {
			digit += len;
			len = digit < k->text.n ? meed_utf8_next(k->text.p + digit,
								 k->text.n - digit, &cp) : 0;
		}
		if (len > 0 && text_is_digit(cp)) {
			n++;
			i = digit + len;
		} else {
			i++;
		}
	}
	check_say(k, "at least", want, n, "sections");
	return n >= (uint64_t)want;
}

/* ---- paragraphs --------------------------------------------------------------------------------- */

int32_t check_paragraphs(struct check *k)
{
	size_t pos = 0, n = 0, i;
	int64_t want;
	meed_str part;
	int32_t r = check_int(k, "num_paragraphs", 0, &want);

	if (r < 0)
		return r;
	for (i = 0; pos != MEED_NONE; i++) {
		part = next_part(k->text, &pos, MEED_S("***"));
		if (!blank(part))
			n++;
		else if (i > 0 && pos != MEED_NONE)
			return say(k, 0, MEED_S("there is an empty paragraph between two ***"));
	}
	check_say(k, "exactly", want, n, "paragraphs parted by ***");
	return n == (uint64_t)want;
}

/* The first word of a paragraph as it is compared: without quotes before it, up to a mark, in lower
 * case, in buf. */
static meed_str first_word(meed_str s, char *buf)
{
	size_t i = 0, n = 0;
	uint32_t cp;

	while (at(s, i) == '\'')
		i++;
	while (at(s, i) == '"')
		i++;
	while (i < s.n && (s.p[i] == '\0' || !strchr(".,?!'\"", s.p[i]))) {
		i += meed_utf8_next(s.p + i, s.n - i, &cp);
		if (meed_is_space(cp))
			break;
		n += text_put(text_lower_cp(cp), buf + n);
		if (cp == 0x130)
			n += text_put(0x307, buf + n);
	}
	return (meed_str){ buf, n };
}

int32_t check_nth_paragraph(struct check *k)
{
	size_t pos = 0, n = 0, i;
	int64_t want, nth;
	meed_str word, part, the = { "", 0 }, got;
	char *low, *buf;
	int32_t r = check_int(k, "num_paragraphs", 0, &want);

	r = r < 0 ? r : check_int(k, "nth_paragraph", 1, &nth);
	r = r < 0 ? r : check_str(k, "first_word", &word);
	if (r < 0)
		return r;
	for (i = 1; pos != MEED_NONE; i++) {
		part = next_part(k->text, &pos, MEED_S("\n\n"));
		n += !blank(part);
		if (i == (uint64_t)nth)
			the = meed_strip(part);
	}
	if (n != (uint64_t)want || n < (uint64_t)nth) {
		check_say(k, "exactly", want, n, "paragraphs parted by empty lines");
		return 0;
	}
	low = k->h->alloc(k->c, 2 * word.n + 1);
	buf = k->h->alloc(k->c, 2 * the.n + 2);
	if (!low || !buf)
		return k->h->fail(k->c, MEED_E_NOMEM, "out of memory");
	word.n = text_lower(word, low);
	word.p = low;
	got = first_word(the, buf);
	if (k->explain) {
		meed_text_lit(&k->reason, "paragraph ");
		meed_text_i64(&k->reason, nth);
		meed_text_lit(&k->reason, " must begin with \"");
		meed_text_str(&k->reason, word);
		meed_text_lit(&k->reason, "\", begins with \"");
		meed_text_str(&k->reason, meed_sub(got, 0, 60));
		meed_text_lit(&k->reason, "\"");
	}
	return the.n > 0 && meed_eq(got, word);
}

/* ---- marks ------------------------------------------------------------------------------------- */

/* Bytes of one optional white space character at i. */
static size_t maybe_space(meed_str s, size_t i)
{
	uint32_t cp;
	size_t len;

	if (i >= s.n)
		return 0;
	len = meed_utf8_next(s.p + i, s.n - i, &cp);
	return meed_is_space(cp) ? len : 0;
}

/* "p.p.s" or "p.s." in a lower-case text, each period with a space after it or not. */
static bool has_postscript(meed_str s, bool twice)
{
	size_t i = 0, k;

	while ((i = meed_find(s, i, MEED_S("p."))) != MEED_NONE) {
		k = i + 2;
		i++;
		k += maybe_space(s, k);
		if (twice) {
			if (at(s, k) != 'p' || at(s, k + 1) != '.')
				continue;
			k += 2;
			k += maybe_space(s, k);
		}
		if (at(s, k) == 's' && (twice || at(s, k + 1) == '.'))
			return true;
	}
	return false;
}

/* s in lower case, in the evaluation's memory; p is NULL if there is none. */
static meed_str lower(struct check *k, meed_str s)
{
	char *buf = k->h->alloc(k->c, 2 * s.n + 1);

	if (!buf) {
		(void)k->h->fail(k->c, MEED_E_NOMEM, "out of memory");
		return (meed_str){ NULL, 0 };
	}
	return (meed_str){ buf, text_lower(s, buf) };
}

int32_t check_postscript(struct check *k)
{
	meed_str mark, text, low;
	bool found;
	int32_t r = check_str(k, "postscript_marker", &mark);

	if (r < 0)
		return r;
	text = lower(k, k->text);
	low = lower(k, mark);
	if (!text.p || !low.p)
		return MEED_E_NOMEM;
	if (meed_eq(mark, MEED_S("P.P.S")))
		found = has_postscript(text, true);
	else if (meed_eq(mark, MEED_S("P.S.")))
		found = has_postscript(text, false);
	else
		found = meed_find(text, 0, low) != MEED_NONE;
	if (k->explain) {
		meed_text_lit(&k->reason, "postscript ");
		meed_text_str(&k->reason, mark);
	}
	return say(k, found, found ? MEED_S(" is there") : MEED_S(" is missing"));
}

int32_t check_constrained(struct check *k)
{
	static const meed_str options[] = { { "My answer is yes.", 17 }, { "My answer is no.", 16 },
					    { "My answer is maybe.", 19 } };
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (meed_find(k->text, 0, options[i]) != MEED_NONE)
			return say(k, 1, options[i]);
	}
	return say(k, 0, MEED_S("none of \"My answer is yes.\", \"... no.\", \"... maybe.\""));
}

static meed_str without_start(meed_str s, meed_str what)
{
	return meed_starts(s, what) ? meed_sub(s, what.n, s.n) : s;
}

int32_t check_json(struct check *k)
{
	meed_str s = meed_strip(k->text), fence = MEED_S("```");
	bool json;

	s = without_start(s, MEED_S("```json"));
	s = without_start(s, MEED_S("```Json"));
	s = without_start(s, MEED_S("```JSON"));
	s = without_start(s, fence);
	if (s.n >= fence.n && meed_eq(meed_sub(s, s.n - fence.n, s.n), fence))
		s.n -= fence.n;
	json = json_is_json(meed_strip(s));
	return say(k, json, json ? MEED_S("it is JSON") : MEED_S("it is not JSON as a whole"));
}

/* <<...>> on one line, from its first << to its last >>, with something in it. */
static bool has_title(meed_str line)
{
	size_t from = meed_find(line, 0, MEED_S("<<")), end = line.n;
	meed_str in;

	if (from == MEED_NONE)
		return false;
	while (end >= from + 5 && (line.p[end - 1] != '>' || line.p[end - 2] != '>'))
		end--;
	if (end < from + 5)
		return false;
	in = meed_sub(line, from, end);
	while (at(in, 0) == '<')
		in = meed_sub(in, 1, in.n);
	while (in.n > 0 && in.p[in.n - 1] == '>')
		in.n--;
	return !blank(in);
}

int32_t check_title(struct check *k)
{
	size_t pos = 0;

	while (pos != MEED_NONE) {
		if (has_title(next_part(k->text, &pos, MEED_S("\n"))))
			return say(k, 1, MEED_S("a title in << >> is there"));
	}
	return say(k, 0, MEED_S("no title in << >>"));
}

int32_t check_two_responses(struct check *k)
{
	meed_str part, two[2] = { { "", 0 }, { "", 0 } };
	size_t pos = 0, i, n = 0;

	for (i = 0; pos != MEED_NONE; i++) {
		part = meed_strip(next_part(k->text, &pos, MEED_S("******")));
		if (part.n == 0) {
			if (i > 0 && pos != MEED_NONE)
				return say(k, 0, MEED_S("an empty response between two ******"));
			continue;
		}
		if (n < 2)
			two[n] = part;
		n++;
	}
	if (n != 2) {
		check_say(k, "exactly", 2, n, "responses parted by ******");
		return 0;
	}
	if (meed_eq(two[0], two[1]))
		return say(k, 0, MEED_S("the two responses are the same"));
	return say(k, 1, MEED_S("two responses, parted by ******"));
}

int32_t check_repeat_prompt(struct check *k)
{
	meed_str prompt, text, want;
	bool same;
	int32_t r = check_str(k, "prompt_to_repeat", &prompt);

	if (r < 0)
		return r;
	want = lower(k, prompt);
	text = lower(k, meed_strip(k->text));
	if (!want.p || !text.p)
		return MEED_E_NOMEM;
	same = meed_starts(text, want);
	return say(k, same, same ? MEED_S("it begins with the request")
				 : MEED_S("it does not begin with the request"));
}

static meed_str strip_quotes(meed_str s)
{
	while (s.n > 0 && s.p[0] == '"')
		s = meed_sub(s, 1, s.n);
	while (s.n > 0 && s.p[s.n - 1] == '"')
		s.n--;
	return s;
}

int32_t check_end(struct check *k)
{
	meed_str phrase, want, text;
	bool ends;
	int32_t r = check_str(k, "end_phrase", &phrase);

	if (r < 0)
		return r;
	want = lower(k, phrase);
	text = lower(k, strip_quotes(meed_strip(k->text)));
	if (!want.p || !text.p)
		return MEED_E_NOMEM;
	ends = text.n >= want.n && meed_eq(meed_sub(text, text.n - want.n, text.n), want);
	if (k->explain) {
		meed_text_str(&k->reason, meed_s(ends ? "it ends with \"" : "it does not end with \""));
		meed_text_str(&k->reason, meed_sub(phrase, 0, 80));
	}
	return say(k, ends, MEED_S("\""));
}

int32_t check_quotation(struct check *k)
{
	meed_str s = meed_strip(k->text);
	bool quoted = s.n > 1 && s.p[0] == '"' && s.p[s.n - 1] == '"';

	return say(k, quoted, quoted ? MEED_S("it stands in double quotes")
				     : MEED_S("it does not stand in double quotes"));
}
