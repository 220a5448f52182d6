/* words.c - NLTK's word_tokenize, for counting words in capitals.
 *
 * Its rules are substitutions, one after the other over a whole sentence, each seeing what the one
 * before it left; the tokens are what stands between white space in the end. So are they here,
 * over bytes: no rule looks at half a character. */
#include "config.h"
#include "instruct.h"

#include <stdlib.h>

/* The text being rewritten, and the room for what comes out. */
struct rewrite {
	char *in, *out;			/* owned */
	size_t n, n_out, cap_in, cap_out;
	size_t from, here;		/* what a rule passed over and is not yet put */
	bool failed;			/* no memory */
};

static meed_str input(const struct rewrite *w)
{
	return (meed_str){ w->in, w->n };
}

static void append(struct rewrite *w, meed_str s)
{
	size_t cap;
	char *p;

	if (s.n > w->cap_out - w->n_out && !w->failed) {
		cap = 2 * (w->n_out + s.n) + 64;
		p = realloc(w->out, cap);
		if (p) {
			w->out = p;
			w->cap_out = cap;
		}
		w->failed = !p;
	}
	if (!w->failed && s.n > 0) {
		memcpy(w->out + w->n_out, s.p, s.n);
		w->n_out += s.n;
	}
}

/* Puts s behind what was passed over. */
static void put(struct rewrite *w, meed_str s)
{
	if (w->from < w->here)
		append(w, meed_sub(input(w), w->from, w->here));
	w->from = w->here;
	append(w, s);
}

/* The bytes of the text from `from` to `to`. */
static void keep(struct rewrite *w, size_t from, size_t to)
{
	put(w, meed_sub(input(w), from, to));
}

/* What was put becomes the text. */
static void turn(struct rewrite *w)
{
	char *p = w->in;
	size_t cap = w->cap_in;

	w->in = w->out;
	w->n = w->n_out;
	w->cap_in = w->cap_out;
	w->out = p;
	w->n_out = 0;
	w->cap_out = cap;
}

/* A rule: does it match at byte i? Then puts what replaces that and returns how many bytes it
 * was, 1 or more. */
typedef size_t rule(struct rewrite *w, size_t i);

/* Rewrites the text by one rule, if it has one of the bytes that any match has. */
static void apply(struct rewrite *w, rule *r, const char *bytes)
{
	size_t i = 0, n;

	while (*bytes && !(w->n > 0 && memchr(w->in, *bytes, w->n)))
		bytes++;
	if (!*bytes)
		return;
	w->from = 0;
	while (i < w->n && !w->failed) {
		w->here = i;
		n = r(w, i);
		i += n > 0 ? n : 1;
		if (n > 0)
			w->from = i;
	}
	w->here = w->n;
	put(w, (meed_str){ "", 0 });
	w->from = w->here = 0;
	turn(w);
}

static char at(const struct rewrite *w, size_t i)
{
	return i < w->n ? w->in[i] : '\0';
}

static bool in(char ch, const char *set)
{
	return ch != '\0' && strchr(set, ch) != NULL;
}

static bool starts(const struct rewrite *w, size_t i, const char *what)
{
	return meed_starts(meed_sub(input(w), i, w->n), meed_s(what));
}

/* Puts n bytes at i between spaces. */
static size_t apart(struct rewrite *w, size_t i, size_t n)
{
	put(w, MEED_S(" "));
	keep(w, i, i + n);
	put(w, MEED_S(" "));
	return n;
}

static size_t one_of(struct rewrite *w, size_t i, const char *const *v)
{
	for (; *v; v++) {
		if (starts(w, i, *v))
			return apart(w, i, strlen(*v));
	}
	return 0;
}

static size_t run(const struct rewrite *w, size_t i, char ch)
{
	size_t k = i;

	while (at(w, k) == ch)
		k++;
	return k - i;
}

/* ---- quotes that open ------------------------------------------------------------------------- */

static size_t opening(struct rewrite *w, size_t i)
{
	static const char *const v[] = { "\u00AB", "\u201C", "\u2018", "\u201E", NULL };
	size_t n = run(w, i, '`');

	return n > 0 ? apart(w, i, n) : one_of(w, i, v);
}

static size_t first_quote(struct rewrite *w, size_t i)
{
	if (i > 0 || at(w, i) != '"')
		return 0;
	put(w, MEED_S("``"));
	return 1;
}

static size_t backquotes(struct rewrite *w, size_t i)
{
	return starts(w, i, "``") ? apart(w, i, 2) : 0;
}

static size_t quote_after_bracket(struct rewrite *w, size_t i)
{
	size_t n;

	if (!in(at(w, i), " ([{<"))
		return 0;
	n = at(w, i + 1) == '"' ? 1 : starts(w, i + 1, "''") ? 2 : 0;
	if (n == 0)
		return 0;
	keep(w, i, i + 1);
	put(w, MEED_S(" `` "));
	return n + 1;
}

/* ' before a single letter that is no usual ending. */
static size_t quote_before_letter(struct rewrite *w, size_t i)
{
	size_t len;
	uint32_t cp;

	if (at(w, i) != '\'' || i + 1 >= w->n || in(at(w, i + 1), "mtsdnMTSDN"))
		return 0;
	len = meed_utf8_next(w->in + i + 1, w->n - i - 1, &cp);
	if (cp == 0x17F || !text_is_word(cp) || !text_boundary(input(w), i + 1 + len))
		return 0;
	put(w, MEED_S("' "));
	keep(w, i + 1, i + 1 + len);
	return 1 + len;
}

/* ---- punctuation ------------------------------------------------------------------------------- */

/* A period that only brackets, quotes and white space follow. Puts what is before it, spaces around it,
 * and what follows it. */
static size_t last_period(struct rewrite *w, size_t i, bool wide)
{
	static const char *const quotes[] = { "\u00BB", "\u201D", "\u2019" };
	size_t k = i + 2, end, q;
	uint32_t cp;

	if (at(w, i) == '.' || at(w, i + 1) != '.' || i + 1 >= w->n)
		return 0;
	while (k < w->n) {
		if (in(w->in[k], "])}>\"'") || (wide && w->in[k] == ' ')) {
			k++;
			continue;
		}
		for (q = 0; wide && q < 3 && !starts(w, k, quotes[q]); q++)
			continue;
		if (!wide || q == 3)
			break;
		k += strlen(quotes[q]);
	}
	for (end = k; end < w->n; end += meed_utf8_next(w->in + end, w->n - end, &cp)) {
		(void)meed_utf8_next(w->in + end, w->n - end, &cp);
		if (!meed_is_space(cp))
			return 0;
	}
	keep(w, i, i + 1);
	put(w, wide ? MEED_S(" . ") : MEED_S(" ."));
	keep(w, i + 2, k);
	put(w, MEED_S(" "));
	return w->n - i;
}

static size_t period_wide(struct rewrite *w, size_t i)
{
	return last_period(w, i, true);
}

static size_t period_narrow(struct rewrite *w, size_t i)
{
	return last_period(w, i, false);
}

static size_t colon(struct rewrite *w, size_t i)
{
	size_t len;
	uint32_t cp;

	if (!in(at(w, i), ":,") || i + 1 >= w->n)
		return 0;
	len = meed_utf8_next(w->in + i + 1, w->n - i - 1, &cp);
	if (text_is_digit(cp))
		return 0;
	(void)apart(w, i, 1);
	keep(w, i + 1, i + 1 + len);
	return 1 + len;
}

static size_t last_colon(struct rewrite *w, size_t i)
{
	bool last = i + 1 == w->n || (i + 2 == w->n && at(w, i + 1) == '\n');

	return last && in(at(w, i), ":,") ? apart(w, i, 1) : 0;
}

static size_t dots(struct rewrite *w, size_t i)
{
	size_t n = run(w, i, '.');

	return n >= 2 ? apart(w, i, n) : 0;
}

static size_t signs(struct rewrite *w, size_t i)
{
	return in(at(w, i), ";@#$%&") ? apart(w, i, 1) : 0;
}

static size_t marks(struct rewrite *w, size_t i)
{
	return in(at(w, i), "?!") ? apart(w, i, 1) : 0;
}

static size_t quote_before_space(struct rewrite *w, size_t i)
{
	if (i + 2 >= w->n || at(w, i) == '\'' || at(w, i + 1) != '\'' || at(w, i + 2) != ' ')
		return 0;
	keep(w, i, i + 1);
	put(w, MEED_S(" ' "));
	return 3;
}

static size_t stars(struct rewrite *w, size_t i)
{
	return at(w, i) == '*' ? apart(w, i, 1) : 0;
}

static size_t brackets(struct rewrite *w, size_t i)
{
	return in(at(w, i), "][(){}<>") ? apart(w, i, 1) : 0;
}

static size_t dashes(struct rewrite *w, size_t i)
{
	return starts(w, i, "--") ? apart(w, i, 2) : 0;
}

/* ---- quotes that close, and endings ---------------------------------------------------------- */

static size_t closing(struct rewrite *w, size_t i)
{
	static const char *const v[] = { "\u00BB", "\u201D", "\u2019", NULL };

	return one_of(w, i, v);
}

static size_t two_quotes(struct rewrite *w, size_t i)
{
	return starts(w, i, "''") ? apart(w, i, 2) : 0;
}

static size_t double_quote(struct rewrite *w, size_t i)
{
	if (at(w, i) != '"')
		return 0;
	put(w, MEED_S(" '' "));
	return 1;
}

static size_t blanks(struct rewrite *w, size_t i)
{
	size_t k = i, len;
	uint32_t cp;

	while (k < w->n) {
		len = meed_utf8_next(w->in + k, w->n - k, &cp);
		if (!meed_is_space(cp))
			break;
		k += len;
	}
	if (k > i)
		put(w, MEED_S(" "));
	return k - i;
}

/* One of the endings and a space, after anything but ' and a space. */
static size_t ending(struct rewrite *w, size_t i, const char *const *v)
{
	size_t n;

	if (i + 1 >= w->n || in(at(w, i), "' "))
		return 0;
	for (; *v; v++) {
		n = strlen(*v);
		if (!starts(w, i + 1, *v) || at(w, i + 1 + n) != ' ')
			continue;
		keep(w, i, i + 1);
		(void)apart(w, i + 1, n);
		return n + 2;
	}
	return 0;
}

static size_t short_ending(struct rewrite *w, size_t i)
{
	static const char *const v[] = { "'s", "'S", "'m", "'M", "'d", "'D", "'", NULL };

	return ending(w, i, v);
}

static size_t long_ending(struct rewrite *w, size_t i)
{
	static const char *const v[] = { "'ll", "'LL", "'re", "'RE", "'ve", "'VE",
					 "n't", "N'T", NULL };

	return ending(w, i, v);
}

/* ---- two words written as one ---------------------------------------------------------------- */

struct joined {
	const char *a, *b;
	bool after_space;		/* a space is needed before it, and goes */
	bool before_space;
};

/* Whether word (lower-case ASCII) stands at i in any case; returns its bytes as they stand there. */
static size_t same(const struct rewrite *w, size_t i, const char *word)
{
	meed_str s = input(w);
	size_t end = 0;

	if (text_find_nocase(meed_sub(s, i, i + 4 * strlen(word)), 0, meed_s(word), &end) != 0)
		return 0;
	return end;
}

static size_t part(struct rewrite *w, size_t i, const struct joined *j)
{
	size_t from = i + j->after_space, a, b, end;
	uint32_t cp = 0;

	if (j->after_space ? at(w, i) != ' ' : !text_boundary(input(w), i))
		return 0;
	a = same(w, from, j->a);
	b = a > 0 ? same(w, from + a, j->b) : 0;
	end = from + a + b;
	if (b == 0)
		return 0;
	if (j->before_space) {
		if (end < w->n)
			(void)meed_utf8_next(w->in + end, w->n - end, &cp);
		if (end >= w->n || !meed_is_space(cp))
			return 0;
	} else if (!text_boundary(input(w), end)) {
		return 0;
	}
	(void)apart(w, from, a);
	keep(w, from + a, end);
	put(w, MEED_S(" "));
	return end - i;
}

static const struct joined all_joined[] = {
	{ "can", "not", false, false }, { "d", "'ye", false, false }, { "gim", "me", false, false },
	{ "gon", "na", false, false }, { "got", "ta", false, false }, { "lem", "me", false, false },
	{ "more", "'n", false, false }, { "wan", "na", false, true }, { "'t", "is", true, false },
	{ "'t", "was", true, false },
};
#define N_JOINED (sizeof(all_joined) / sizeof(all_joined[0]))

/* No pair can come out of parting another, so one pass does for all. */
static size_t joined(struct rewrite *w, size_t i)
{
	size_t k, n = 0;

	if (!in(at(w, i), " cCdDgGlLmMwW\xC5"))
		return 0;
	for (k = 0; k < N_JOINED && n == 0; k++)
		n = part(w, i, &all_joined[k]);
	return n;
}

/* ---- all of it ---------------------------------------------------------------------------------- */

static void pad(struct rewrite *w)
{
	(void)apart(w, 0, w->n);
	turn(w);
}

static size_t count(const struct rewrite *w)
{
	size_t i = 0, from = 0, n = 0, len;
	uint32_t cp;

	while (i < w->n) {
		len = meed_utf8_next(w->in + i, w->n - i, &cp);
		if (meed_is_space(cp)) {
			n += i > from && text_isupper(meed_sub(input(w), from, i));
			from = i + len;
		}
		i += len;
	}
	return n + (i > from && text_isupper(meed_sub(input(w), from, i)));
}

static void tokenize(struct rewrite *w)
{
	static const struct {
		rule *r;
		const char *bytes;
	} before[] = {
		{ opening, "`\xC2\xE2" }, { first_quote, "\"" }, { backquotes, "`" },
		{ quote_after_bracket, "\"'" }, { quote_before_letter, "'" },
		{ period_wide, "." }, { colon, ":," }, { last_colon, ":," }, { dots, "." },
		{ signs, ";@#$%&" }, { period_narrow, "." }, { marks, "?!" },
		{ quote_before_space, "'" }, { stars, "*" }, { brackets, "][(){}<>" },
		{ dashes, "-" },
	}, after[] = {
		{ closing, "\xC2\xE2" }, { two_quotes, "'" }, { double_quote, "\"" },
		{ blanks, " " }, { short_ending, "'" }, { long_ending, "'" },
		{ joined, "cCdDgGlLmMwW'\xC5" },
	};
	size_t i;

	for (i = 0; i < sizeof(before) / sizeof(before[0]) && !w->failed; i++)
		apply(w, before[i].r, before[i].bytes);
	pad(w);
	for (i = 0; i < sizeof(after) / sizeof(after[0]) && !w->failed; i++)
		apply(w, after[i].r, after[i].bytes);
}

int32_t words_count_capital(const meed_host *h, meed_ctx *c, const struct tables *t, meed_str text,
			    size_t *ret_n)
{
	struct rewrite w = { 0 };
	struct sentences all;
	meed_str s;

	*ret_n = 0;
	sentences_begin(&all, t, text);
	while (!w.failed && sentences_next(&all, &s)) {
		w.n_out = 0;
		put(&w, s);
		turn(&w);
		tokenize(&w);
		*ret_n += w.failed ? 0 : count(&w);
	}
	free(w.in);
	free(w.out);
	return w.failed ? h->fail(c, MEED_E_NOMEM, "out of memory") : MEED_OK;
}
