/* sentence.c - where sentences end, as NLTK's English Punkt tokenizer finds it.
 *
 * Kiss and Strunk 2006, "Unsupervised Multilingual Sentence Boundary Detection". Each '.', '?' or '!'
 * before white space or a bracket is judged in its context: the word before it and the one
 * after it. The lists below and the words in tables.gz are what was learnt from the Wall
 * Street Journal part of the Penn Treebank. */
#include "config.h"
#include "instruct.h"

#include <stdlib.h>

#define MAX_TYPE 64			/* bytes; no learnt word is longer */

struct token {
	meed_str tok;
	meed_str type;			/* lower case, or "##number##"; "" if too long to be known */
	char buf[2 * MAX_TYPE];
	bool abbr, ellipsis, sentbreak;
};

/* ---- what was learnt ---------------------------------------------------------------------- */

static int by_name(const void *key, const void *item)
{
	const meed_str *k = key;
	const char *const *s = item;
	int r = strncmp(k->p, *s, k->n);

	return r != 0 ? r : -(int)((*s)[k->n] != '\0');
}

static bool known(meed_str word, const char *const *v, size_t n)
{
	return word.n > 0 && !memchr(word.p, '\0', word.n) &&
	       bsearch(&word, v, n, sizeof(*v), by_name) != NULL;
}

static bool is_abbreviation(meed_str word)
{
	static const char *const v[] = {
		". . ", "a.a", "a.c", "a.d", "a.g", "a.h", "a.m", "a.m.e", "a.s", "a.t", "adm",
		"ala", "ariz", "aug", "ave", "b.f", "b.v", "bros", "c", "c.i.t", "c.o.m.b",
		"c.v", "calif", "chg", "cie", "co", "col", "colo", "conn", "corp", "cos", "ct",
		"d", "d.c", "d.h", "d.w", "dec", "dr", "e", "e.f", "e.h", "e.l", "e.m", "f",
		"f.g", "f.j", "feb", "fla", "fri", "ft", "g", "g.d", "g.f", "g.k", "ga", "gen",
		"h", "h.c", "h.f", "h.m", "i.m.s", "ill", "inc", "j.b", "j.c", "j.j", "j.k",
		"j.p", "j.r", "jan", "jr", "k", "kan", "ky", "l", "l.a", "l.f", "l.p", "lt",
		"ltd", "m", "m.b.a", "m.d.c", "m.j", "maj", "messrs", "mg", "mich", "minn", "mr",
		"mrs", "ms", "n", "n.c", "n.d", "n.h", "n.j", "n.m", "n.v", "n.y", "nev", "nov",
		"oct", "ok", "okla", "ore", "p", "p.a.m", "p.m", "pa", "ph.d", "prof", "r",
		"r.a", "r.h", "r.i", "r.j", "r.k", "r.t", "rep", "reps", "s", "s.a", "s.a.y",
		"s.c", "s.g", "s.p.a", "s.s", "sen", "sep", "sept", "sr", "st", "sw", "t", "t.j",
		"tenn", "tues", "u.k", "u.n", "u.s", "u.s.a", "u.s.s.r", "v", "va", "vs", "vt",
		"w", "w.c", "w.r", "w.va", "w.w", "wash", "wed", "wis", "yr",
	};

	return known(word, v, sizeof(v) / sizeof(v[0]));
}

/* Words that often begin a sentence. */
static bool is_starter(meed_str word)
{
	static const char *const v[] = {
		"according", "although", "among", "both", "but", "despite", "even", "he",
		"however", "i", "if", "in", "indeed", "instead", "it", "many", "meanwhile",
		"moreover", "most", "nevertheless", "nonetheless", "nor", "sales", "separately",
		"similarly", "since", "so", "some", "the", "there", "these", "they", "this",
		"though", "thus", "under", "when", "while", "yet",
	};

	return known(word, v, sizeof(v) / sizeof(v[0]));
}

/* Two words that belong together, with a period between. */
static bool is_pair(meed_str a, meed_str b)
{
	static const char *const number[] = {
		"abreast", "aes", "business", "cbot", "colgate", "commodities", "cooper",
		"corrections", "credit", "dividend", "financing", "genentech", "henley",
		"insider", "international", "leisure", "letters", "notable", "pay-fone",
		"pegasus", "pepper", "review", "rj", "wedgestone", "who", "zimmer",
	};
	static const char *const letters[] = {
		"b edelman", "b levine", "b smith", "b stewart", "b wigton", "i magnin",
		"i toussie", "j aron", "j fialka", "j walter", "o ludcke",
	};
	char buf[MAX_TYPE + 4];

	if (meed_eq(a, MEED_S("##number##")))
		return known(b, number, sizeof(number) / sizeof(number[0]));
	if (a.n != 1 || b.n > MAX_TYPE)
		return false;
	buf[0] = a.p[0];
	buf[1] = ' ';
	memcpy(buf + 2, b.p, b.n);
	return known((meed_str){ buf, b.n + 2 }, letters, sizeof(letters) / sizeof(letters[0]));
}

/* ---- words of a context --------------------------------------------------------------------- */

static bool in(char ch, const char *set)
{
	return ch != '\0' && strchr(set, ch) != NULL;
}

/* Bytes of the white space character at i, or 0. */
static size_t space_at(meed_str s, size_t i)
{
	uint32_t cp;
	size_t len;

	if (i >= s.n)
		return 0;
	len = meed_utf8_next(s.p + i, s.n - i, &cp);
	return meed_is_space(cp) ? len : 0;
}

/* Characters that are never within a word. */
static bool non_word(meed_str s, size_t i)
{
	return i < s.n && in(s.p[i], ")\";}]*:@'({[?!");
}

/* Bytes of the dashes, dots or spaced dots that begin at i, or 0. */
static size_t multi(meed_str s, size_t i)
{
	size_t j = i, n = 0, w;

	if (i >= s.n || !in(s.p[i], "-."))
		return 0;
	while (j < s.n && s.p[j] == s.p[i])
		j++;
	if (j - i >= 2)
		return j - i;
	if (s.p[i] == '-')
		return 0;
	/* a dot, then at least twice white space and a dot */
	for (j = i + 1; (w = space_at(s, j)) > 0 && j + w < s.n && s.p[j + w] == '.'; n++)
		j += w + 1;
	return n >= 2 ? j - i : 0;
}

static bool word_ends(meed_str s, size_t i)
{
	if (i >= s.n || space_at(s, i) || non_word(s, i) || multi(s, i))
		return true;
	return s.p[i] == ',' && (i + 1 >= s.n || space_at(s, i + 1) || non_word(s, i + 1) ||
				 multi(s, i + 1));
}

/* The next token of a line at or after *at. */
static bool next_token(meed_str line, size_t *at, meed_str *ret)
{
	size_t i = *at, w;
	uint32_t cp;

	while ((w = space_at(line, i)) > 0)
		i += w;
	if (i >= line.n)
		return false;
	w = multi(line, i);
	if (w == 0) {
		w = meed_utf8_next(line.p + i, line.n - i, &cp);
		if (!in(line.p[i], "(\"`{[:;&#*@)}]-,")) {
			while (!word_ends(line, i + w))
				w += meed_utf8_next(line.p + i + w, line.n - i - w, &cp);
		}
	}
	*ret = meed_sub(line, i, i + w);
	*at = i + w;
	return true;
}

/* ---- one token ------------------------------------------------------------------------------- */

static bool is_number(meed_str s)
{
	uint32_t cp;
	size_t i = 0;

	i += i < s.n && s.p[i] == '-';
	i += i < s.n && in(s.p[i], ".,");
	if (i >= s.n)
		return false;
	i += meed_utf8_next(s.p + i, s.n - i, &cp);
	if (!text_is_digit(cp))
		return false;
	while (i < s.n) {
		i += meed_utf8_next(s.p + i, s.n - i, &cp);
		if (cp != ',' && cp != '.' && cp != '-' && !text_is_digit(cp))
			return false;
	}
	return true;
}

static bool is_initial(meed_str s)
{
	uint32_t cp;

	return s.n >= 2 && meed_utf8_next(s.p, s.n, &cp) == s.n - 1 && s.p[s.n - 1] == '.' &&
	       text_is_letter(cp);
}

static bool ends_with_dot(meed_str s)
{
	return s.n > 0 && s.p[s.n - 1] == '.';
}

static uint32_t first_char(meed_str s)
{
	uint32_t cp;

	(void)meed_utf8_next(s.p, s.n, &cp);
	return cp;
}

static meed_str without_dot(meed_str type)
{
	if (type.n > 1 && type.p[type.n - 1] == '.')
		type.n--;
	return type;
}

/* Is the token without its period an abbreviation, or what is behind its last hyphen? */
static bool ends_in_abbreviation(meed_str tok)
{
	meed_str word = meed_sub(tok, 0, tok.n - 1), low;
	char buf[2 * MAX_TYPE];
	size_t i;

	for (i = word.n; i > 0 && word.p[i - 1] != '-'; i--)
		continue;
	if (word.n > MAX_TYPE)
		word = meed_sub(word, i, word.n);
	if (word.n > MAX_TYPE)
		return false;
	low = (meed_str){ buf, text_lower(word, buf) };
	if (is_abbreviation(low))
		return true;
	for (i = low.n; i > 0 && low.p[i - 1] != '-'; i--)
		continue;
	return is_abbreviation(meed_sub(low, i, low.n));
}

/* The first pass: what the token alone says. */
static void read_token(struct token *t, meed_str tok)
{
	t->tok = tok;
	t->abbr = t->ellipsis = t->sentbreak = false;
	t->type = (meed_str){ t->buf, 0 };
	if (tok.n <= MAX_TYPE)
		t->type.n = text_lower(tok, t->buf);
	if (tok.n == 1 && in(tok.p[0], ".?!"))
		t->sentbreak = true;
	else if (ends_with_dot(tok) && tok.n >= 2 && tok.p[0] == '.' && multi(tok, 0) == tok.n &&
		 tok.p[1] == '.')
		t->ellipsis = true;
	else if (ends_with_dot(tok) && tok.p[tok.n - 2] != '.') {
		t->abbr = ends_in_abbreviation(tok);
		t->sentbreak = !t->abbr;
	}
	if (is_number(tok))
		t->type = MEED_S("##number##");
}

/* ---- two tokens ------------------------------------------------------------------------------- */

enum { NO, YES, UNKNOWN };

/* Does the spelling of the next word say that it begins a sentence? */
static int begins_sentence(const struct tables *tab, const struct token *t, uint64_t hash)
{
	uint32_t cp = first_char(t->tok);

	if (t->tok.n == 1 && in(t->tok.p[0], ";:,.!?"))
		return NO;
	if (text_is_upper(cp) && tables_has(tab->lower, tab->n_lower, hash))
		return YES;
	if (text_is_lower(cp) && !tables_has(tab->start, tab->n_start, hash))
		return NO;
	return UNKNOWN;
}

/* The second pass: does a sentence end after a, before b? */
static bool breaks(const struct tables *tab, struct token *a, struct token *b)
{
	meed_str type = without_dot(a->type);
	meed_str next = b->sentbreak ? without_dot(b->type) : b->type;
	uint64_t hash = tables_hash(next);
	bool initial = is_initial(a->tok);
	bool upper = text_is_upper(first_char(b->tok));
	int begins;

	if (!ends_with_dot(a->tok))
		return a->sentbreak;
	if (is_pair(type, next))
		return false;
	begins = begins_sentence(tab, b, hash);
	if ((a->abbr || a->ellipsis) && !initial &&
	    (begins == YES || (upper && is_starter(next))))
		return true;
	if (!initial && !meed_eq(type, MEED_S("##number##")))
		return a->sentbreak;
	if (begins == NO)
		return false;
	if (begins == UNKNOWN && initial && upper && !tables_has(tab->lower, tab->n_lower, hash) &&
	    !tables_has(tab->both, tab->n_both, hash))
		return false;
	return a->sentbreak;
}

/* Does a sentence end within this context, before its last token? */
static bool has_break(const struct tables *tab, meed_str text)
{
	struct token two[2];
	size_t from = 0, end, at, n = 0;
	meed_str tok, line;
	const char *p;

	while (from <= text.n) {
		p = from < text.n ? memchr(text.p + from, '\n', text.n - from) : NULL;
		end = p ? (size_t)(p - text.p) : text.n;
		line = meed_sub(text, from, end);
		for (at = 0; next_token(line, &at, &tok); n++) {
			read_token(&two[n % 2], tok);
			if (n > 0 && breaks(tab, &two[(n - 1) % 2], &two[n % 2]))
				return true;
		}
		from = end + 1;
	}
	return false;
}

/* ---- the text ----------------------------------------------------------------------------------- */

/* What follows the possible end at `at`: where the context ends, and where the next sentence would
 * begin. False: nothing that would make it one. */
static bool what_follows(meed_str s, size_t at, size_t *ret_end, size_t *ret_next)
{
	size_t i = at + 1, w;
	uint32_t cp;

	if (non_word(s, i)) {
		*ret_end = i + 1;
		*ret_next = i;
		return true;
	}
	while ((w = space_at(s, i)) > 0)
		i += w;
	if (i == at + 1 || i >= s.n)
		return false;
	*ret_next = i;
	while (i < s.n && space_at(s, i) == 0)
		i += meed_utf8_next(s.p + i, s.n - i, &cp);
	*ret_end = i;
	return true;
}

/* The next '.', '?' or '!' that something follows, from s->scan on. */
static bool next_end(struct sentences *s, size_t *ret)
{
	size_t end, next;

	for (; s->scan < s->text.n; s->scan++) {
		if (in(s->text.p[s->scan], ".?!") &&
		    what_follows(s->text, s->scan, &end, &next)) {
			*ret = s->scan++;
			return true;
		}
	}
	return false;
}

/* The word before a possible end begins after the last white space since the end before it; without
 * any, or with white space right there, it goes on from where that one's word began. */
static size_t word_start(const struct sentences *s, size_t end)
{
	size_t i;

	for (i = end; i > s->prev_at; i--) {
		if (in(s->text.p[i - 1], " \t\n\r\v\f"))
			break;
	}
	return i > s->prev_at + 1 ? i : s->prev_from;
}

/* The next context to judge: words of ends that overlap become one, judged at its last end. */
static bool next_context(struct sentences *s, size_t *ret_from, size_t *ret_at)
{
	size_t at, from;
	bool judged;

	while (next_end(s, &at)) {
		from = word_start(s, at);
		judged = s->have_prev && s->prev_at <= from;
		*ret_from = s->prev_from;
		*ret_at = s->prev_at;
		s->prev_from = from;
		s->prev_at = at;
		s->have_prev = true;
		if (judged)
			return true;
	}
	*ret_from = s->prev_from;
	*ret_at = s->prev_at;
	judged = s->have_prev;
	s->have_prev = false;
	return judged;
}

/* The next sentence as far as its end mark. */
static bool next_slice(struct sentences *s, meed_str *ret)
{
	size_t from, at, end, next;

	if (s->at_end)
		return false;
	while (next_context(s, &from, &at)) {
		(void)what_follows(s->text, at, &end, &next);
		if (!has_break(s->t, meed_sub(s->text, from, end)))
			continue;
		*ret = meed_sub(s->text, s->last_break, at + 1);
		s->last_break = next;
		return true;
	}
	s->at_end = true;
	ret->p = s->text.p + s->last_break;
	ret->n = meed_strip_right(s->text).n;
	ret->n = ret->n > s->last_break ? ret->n - s->last_break : 0;
	return true;
}

/* Closing brackets and quotes at the start of what follows belong to the sentence before: how many
 * bytes with the white space after them, and without. 0: none. */
static size_t closing(meed_str s, size_t *ret_bare)
{
	size_t i = 0, w;

	while (i < s.n && in(s.p[i], "\"')]}")) {
		*ret_bare = ++i;
		if (i == s.n || (i + 1 < s.n && s.p[i] == '-' && s.p[i + 1] == '-'))
			return i;
		if (space_at(s, i) == 0)
			continue;
		while ((w = space_at(s, i)) > 0)
			i += w;
		return i;
	}
	return 0;
}

void sentences_begin(struct sentences *s, const struct tables *t, meed_str text)
{
	memset(s, 0, sizeof(*s));
	s->t = t;
	s->text = text;
	s->has_next = next_slice(s, &s->next);
}

bool sentences_next(struct sentences *s, meed_str *ret)
{
	size_t bare = 0, start;

	while (s->has_next) {
		s->slice = s->next;
		s->has_next = next_slice(s, &s->next);
		*ret = meed_sub(s->slice, s->realign, s->slice.n);
		start = (size_t)(s->slice.p - s->text.p) + s->realign;
		s->realign = s->has_next ? closing(s->next, &bare) : 0;
		if (s->realign > 0) {
			*ret = meed_sub(s->text, start, (size_t)(s->next.p - s->text.p) + bare);
			return true;
		}
		if (ret->n > 0)
			return true;
	}
	return false;
}
