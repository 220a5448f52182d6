/* porter.c - M. F. Porter's stemmer (Program 14(3), 1980) with NLTK's extensions: exceptions, and
 * steps 1, 2 and the condition *o a little changed. */
#include "config.h"
#include "text.h"

struct word {
	uint32_t *p;
	size_t n;
};

struct rule {
	const char *suffix, *with;
	size_t above;			/* the stem's measure must be above this, plus 1; 0: any */
};

static bool is_vowel(uint32_t cp)
{
	return cp == 'a' || cp == 'e' || cp == 'i' || cp == 'o' || cp == 'u';
}

static bool is_consonant(const uint32_t *p, size_t i)
{
	size_t from = i;

	if (p[i] != 'y')
		return !is_vowel(p[i]);
	while (from > 0 && p[from] == 'y')
		from--;
	return is_vowel(p[from]) == ((i - from) % 2 == 1);
}

/* How often a consonant follows a vowel in the first n letters. */
static size_t measure(const uint32_t *p, size_t n)
{
	bool now, before = true;
	size_t i, m = 0;

	for (i = 0; i < n; i++) {
		now = p[i] == 'y' ? i == 0 || !before : !is_vowel(p[i]);
		m += now && !before;
		before = now;
	}
	return m;
}

static bool has_vowel(const uint32_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!is_consonant(p, i))
			return true;
	}
	return false;
}

static bool ends(const struct word *w, const char *suffix)
{
	size_t n = strlen(suffix), i;

	if (w->n < n)
		return false;
	for (i = 0; i < n; i++) {
		if (w->p[w->n - n + i] != (unsigned char)suffix[i])
			return false;
	}
	return true;
}

static void replace(struct word *w, size_t cut, const char *with)
{
	w->n -= cut;
	for (; *with; with++)
		w->p[w->n++] = (unsigned char)*with;
}

static bool is_double(const struct word *w)
{
	return w->n >= 2 && w->p[w->n - 1] == w->p[w->n - 2] && is_consonant(w->p, w->n - 1);
}

static bool ends_cvc(const uint32_t *p, size_t n)
{
	if (n == 2)
		return !is_consonant(p, 0) && is_consonant(p, 1);
	return n >= 3 && is_consonant(p, n - 3) && !is_consonant(p, n - 2) &&
	       is_consonant(p, n - 1) && p[n - 1] != 'w' && p[n - 1] != 'x' && p[n - 1] != 'y';
}

/* The first rule whose suffix fits decides. */
static void apply(struct word *w, const struct rule *v, size_t n)
{
	size_t i, cut;

	for (i = 0; i < n && !ends(w, v[i].suffix); i++)
		;
	if (i == n)
		return;
	cut = strlen(v[i].suffix);
	if (v[i].above == 0 || measure(w->p, w->n - cut) >= v[i].above)
		replace(w, cut, v[i].with);
}

#define APPLY(w, v) apply(w, v, sizeof(v) / sizeof((v)[0]))

static void step_1a(struct word *w)
{
	static const struct rule rules[] = {
		{ "sses", "ss", 0 }, { "ies", "i", 0 }, { "ss", "ss", 0 }, { "s", "", 0 },
	};

	if (w->n == 4 && ends(w, "ies"))
		replace(w, 3, "ie");
	else
		APPLY(w, rules);
}

static void step_1b(struct word *w)
{
	size_t cut;
	uint32_t last;

	if (ends(w, "ied")) {
		replace(w, 3, w->n == 4 ? "ie" : "i");
		return;
	}
	if (ends(w, "eed")) {
		if (measure(w->p, w->n - 3) > 0)
			w->n--;
		return;
	}
	cut = ends(w, "ed") && has_vowel(w->p, w->n - 2)    ? 2
	      : ends(w, "ing") && has_vowel(w->p, w->n - 3) ? 3
							    : 0;
	if (cut == 0)
		return;
	w->n -= cut;
	last = w->p[w->n - 1];
	if (ends(w, "at") || ends(w, "bl") || ends(w, "iz")) {
		replace(w, 0, "e");
	} else if (is_double(w)) {
		if (last != 'l' && last != 's' && last != 'z')
			w->n--;
	} else if (ends(w, "*d")) {
		replace(w, 2, "d");	/* NLTK's rule list takes its own mark for a suffix */
	} else if (measure(w->p, w->n) == 1 && ends_cvc(w->p, w->n)) {
		replace(w, 0, "e");
	}
}

static void step_2(struct word *w)
{
	static const struct rule rules[] = {
		{ "ational", "ate", 1 }, { "tional", "tion", 1 }, { "enci", "ence", 1 },
		{ "anci", "ance", 1 },	 { "izer", "ize", 1 },	  { "bli", "ble", 1 },
		{ "alli", "al", 1 },	 { "entli", "ent", 1 },	  { "eli", "e", 1 },
		{ "ousli", "ous", 1 },	 { "ization", "ize", 1 }, { "ation", "ate", 1 },
		{ "ator", "ate", 1 },	 { "alism", "al", 1 },	  { "iveness", "ive", 1 },
		{ "fulness", "ful", 1 }, { "ousness", "ous", 1 }, { "aliti", "al", 1 },
		{ "iviti", "ive", 1 },	 { "biliti", "ble", 1 },  { "fulli", "ful", 1 },
	};
	size_t i;

	while (ends(w, "alli") && measure(w->p, w->n - 4) > 0)
		replace(w, 4, "al");
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (ends(w, rules[i].suffix)) {
			APPLY(w, rules);
			return;
		}
	}
	if (ends(w, "logi") && measure(w->p, w->n - 3) > 0)
		w->n--;
}

static void step_3(struct word *w)
{
	static const struct rule rules[] = {
		{ "icate", "ic", 1 }, { "ative", "", 1 },  { "alize", "al", 1 },
		{ "iciti", "ic", 1 }, { "ical", "ic", 1 }, { "ful", "", 1 },
		{ "ness", "", 1 },
	};

	APPLY(w, rules);
}

static void step_4(struct word *w)
{
	static const struct rule before[] = {
		{ "al", "", 2 },   { "ance", "", 2 }, { "ence", "", 2 },  { "er", "", 2 },
		{ "ic", "", 2 },   { "able", "", 2 }, { "ible", "", 2 },  { "ant", "", 2 },
		{ "ement", "", 2 }, { "ment", "", 2 }, { "ent", "", 2 },
	};
	static const struct rule after[] = {
		{ "ou", "", 2 },  { "ism", "", 2 }, { "ate", "", 2 }, { "iti", "", 2 },
		{ "ous", "", 2 }, { "ive", "", 2 }, { "ize", "", 2 },
	};
	size_t i;

	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		if (ends(w, before[i].suffix)) {
			APPLY(w, before);
			return;
		}
	}
	if (ends(w, "ion")) {
		if (measure(w->p, w->n - 3) > 1 &&
		    (w->p[w->n - 4] == 's' || w->p[w->n - 4] == 't'))
			w->n -= 3;
		return;
	}
	APPLY(w, after);
}

static void step_5(struct word *w)
{
	size_t m;

	if (ends(w, "e")) {
		m = measure(w->p, w->n - 1);
		if (m > 1 || (m == 1 && !ends_cvc(w->p, w->n - 1)))
			w->n--;
	}
	if (ends(w, "ll") && measure(w->p, w->n - 1) > 1)
		w->n--;
}

static bool is_exception(struct word *w)
{
	static const char *const v[][2] = {
		{ "sky", "sky" },	  { "skies", "sky" },	    { "dying", "die" },
		{ "lying", "lie" },	  { "tying", "tie" },	    { "news", "news" },
		{ "innings", "inning" },  { "inning", "inning" },   { "outings", "outing" },
		{ "outing", "outing" },	  { "cannings", "canning" }, { "canning", "canning" },
		{ "howe", "howe" },	  { "proceed", "proceed" }, { "exceed", "exceed" },
		{ "succeed", "succeed" },
	};
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (w->n == strlen(v[i][0]) && ends(w, v[i][0])) {
			replace(w, w->n, v[i][1]);
			return true;
		}
	}
	return false;
}

size_t text_porter(uint32_t *p, size_t n)
{
	struct word w = { p, n };

	if (n <= 2 || is_exception(&w))
		return w.n;
	step_1a(&w);
	step_1b(&w);
	if (ends(&w, "y") && w.n > 2 && is_consonant(w.p, w.n - 2))
		w.p[w.n - 1] = 'i';
	step_2(&w);
	step_3(&w);
	step_4(&w);
	step_5(&w);
	return w.n;
}

size_t text_porter_word(meed_str word, uint32_t *cps, char *out)
{
	size_t i = 0, n = 0, k;

	while (i < word.n)
		i += meed_utf8_next(word.p + i, word.n - i, &cps[n++]);
	n = text_porter(cps, n);
	for (i = 0, k = 0; i < n; i++)
		k += text_put(cps[i], out + k);
	return k;
}
