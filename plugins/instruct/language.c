/* language.c - the language of a text, as langdetect finds it (language-detection, Nakatani 2010).
 *
 * Runs of one to three letters that are common in some of 55 languages are drawn from the text at
 * random; each draw multiplies every language's probability by how often that run occurs in it,
 * until one is beyond doubt. The mean of several such trials decides. langdetect seeds its draws
 * by the clock, so that it may answer otherwise each time on a text that it is unsure of; here the
 * draws are always the same, and there are three times as many trials, so that the answer is
 * the one that it gives most often. */
#include "config.h"
#include "instruct.h"

#define MAX_CHARS 10000
#define MAX_LANGS 128
#define N_TRIALS 21
#define MAX_DRAWS 1000
#define ALPHA 0.5
#define ALPHA_WIDTH 0.05
#define SMOOTH 10000.0
#define SURE 0.99999
#define LIKELY 0.1

struct detector {
	const struct tables *t;
	size_t n;			/* characters */
	uint32_t *ch;
	unsigned char *longest;		/* runs that end here: of 1 to so many characters */
	size_t n_grams;
	const struct gram **grams;
	uint64_t random;
};

/* ---- the text ------------------------------------------------------------------------------- */

static bool ascii_in(char ch, const char *more)
{
	return (unsigned)((ch | 0x20) - 'a') < 26 || (unsigned)(ch - '0') < 10 ||
	       (ch != '\0' && strchr(more, ch) != NULL);
}

static size_t span(meed_str s, size_t i, size_t max, const char *more)
{
	size_t k = i;

	while (k < s.n && k - i < max && ascii_in(s.p[k], more))
		k++;
	return k - i;
}

/* Bytes of the web address at i, or 0. */
static size_t address(meed_str s, size_t i)
{
	meed_str rest = meed_sub(s, i, s.n);
	size_t n = meed_starts(rest, MEED_S("http://")) ? 7 :
		   meed_starts(rest, MEED_S("https://")) ? 8 : 0;
	size_t more = n > 0 ? span(s, i + n, 2076, "-_.?&~;+=/#") : 0;

	return more > 0 ? n + more : 0;
}

/* Bytes of the mail address at i, or 0: the name goes as far as it can, at most 64 bytes. */
static size_t mail(meed_str s, size_t i)
{
	size_t name = span(s, i, 64, "-_."), host, more;

	if (name == 0 || i + name >= s.n || s.p[i + name] != '@')
		return 0;
	host = span(s, i + name + 1, 255, "-_");
	more = host > 0 ? span(s, i + name + 1 + host, 255, "-_.") : 0;
	if (more == 0 && host < 2)
		return 0;
	return name + 1 + host + more;
}

/* A letter and a combining accent as one, for Vietnamese. */
static uint32_t compose(uint32_t letter, uint32_t mark)
{
	static const uint32_t letters[] = {
		0x41, 0x45, 0x49, 0x4F, 0x55, 0x59, 0x61, 0x65, 0x69, 0x6F, 0x75, 0x79, 0xC2,
		0xCA, 0xD4, 0xE2, 0xEA, 0xF4, 0x102, 0x103, 0x1A0, 0x1A1, 0x1AF, 0x1B0,
	};
	static const uint32_t marks[] = { 0x300, 0x301, 0x303, 0x309, 0x323 };
	static const uint32_t whole[5][sizeof(letters) / sizeof(letters[0])] = {
		{
			0xC0, 0xC8, 0xCC, 0xD2, 0xD9, 0x1EF2, 0xE0, 0xE8, 0xEC, 0xF2, 0xF9,
			0x1EF3, 0x1EA6, 0x1EC0, 0x1ED2, 0x1EA7, 0x1EC1, 0x1ED3, 0x1EB0, 0x1EB1,
			0x1EDC, 0x1EDD, 0x1EEA, 0x1EEB,
		},
		{
			0xC1, 0xC9, 0xCD, 0xD3, 0xDA, 0xDD, 0xE1, 0xE9, 0xED, 0xF3, 0xFA, 0xFD,
			0x1EA4, 0x1EBE, 0x1ED0, 0x1EA5, 0x1EBF, 0x1ED1, 0x1EAE, 0x1EAF, 0x1EDA,
			0x1EDB, 0x1EE8, 0x1EE9,
		},
		{
			0xC3, 0x1EBC, 0x128, 0xD5, 0x168, 0x1EF8, 0xE3, 0x1EBD, 0x129, 0xF5,
			0x169, 0x1EF9, 0x1EAA, 0x1EC4, 0x1ED6, 0x1EAB, 0x1EC5, 0x1ED7, 0x1EB4,
			0x1EB5, 0x1EE0, 0x1EE1, 0x1EEE, 0x1EEF,
		},
		{
			0x1EA2, 0x1EBA, 0x1EC8, 0x1ECE, 0x1EE6, 0x1EF6, 0x1EA3, 0x1EBB, 0x1EC9,
			0x1ECF, 0x1EE7, 0x1EF7, 0x1EA8, 0x1EC2, 0x1ED4, 0x1EA9, 0x1EC3, 0x1ED5,
			0x1EB2, 0x1EB3, 0x1EDE, 0x1EDF, 0x1EEC, 0x1EED,
		},
		{
			0x1EA0, 0x1EB8, 0x1ECA, 0x1ECC, 0x1EE4, 0x1EF4, 0x1EA1, 0x1EB9, 0x1ECB,
			0x1ECD, 0x1EE5, 0x1EF5, 0x1EAC, 0x1EC6, 0x1ED8, 0x1EAD, 0x1EC7, 0x1ED9,
			0x1EB6, 0x1EB7, 0x1EE2, 0x1EE3, 0x1EF0, 0x1EF1,
		},
	};
	size_t i, k;

	for (k = 0; k < 5 && marks[k] != mark; k++)
		continue;
	for (i = 0; k < 5 && i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (letters[i] == letter)
			return whole[k][i];
	}
	return 0;
}

/* How many bytes at i count as a space, for being an address; 0: none. */
static size_t skip(meed_str s, size_t i, bool url)
{
	return url ? address(s, i) : mail(s, i);
}

/* s with addresses of one kind as spaces, in buf. */
static meed_str without(meed_str s, char *buf, bool url)
{
	size_t i = 0, k, n = 0;

	while (i < s.n) {
		k = 0;
		if (url ? s.p[i] == 'h' : ascii_in(s.p[i], "-_."))
			k = skip(s, i, url);
		buf[n++] = k > 0 ? ' ' : s.p[i];
		i += k > 0 ? k : 1;
	}
	return (meed_str){ buf, n };
}

static bool block(uint32_t cp, uint32_t from, uint32_t to)
{
	return cp >= from && cp <= to;
}

/* The characters, at most MAX_CHARS before runs of spaces are one. */
static void read_chars(struct detector *d, meed_str s)
{
	uint32_t cp, next, both, before = 0;
	size_t i = 0, len, seen;

	for (seen = 0; i < s.n && seen < MAX_CHARS; seen++) {
		i += meed_utf8_next(s.p + i, s.n - i, &cp);
		if (i < s.n && (unsigned char)s.p[i] == 0xCC) {
			len = meed_utf8_next(s.p + i, s.n - i, &next);
			both = compose(cp, next);
			if (both) {
				cp = both;
				i += len;
			}
		}
		if (cp != ' ' || before != ' ')
			d->ch[d->n++] = cp;
		before = cp;
	}
}

/* Latin letters go where most of the text is in another script. */
static void drop_latin(struct detector *d)
{
	size_t i, k = 0, latin = 0, other = 0;

	for (i = 0; i < d->n; i++) {
		latin += d->ch[i] >= 'A' && d->ch[i] <= 'z';
		other += d->ch[i] >= 0x300;
	}
	if (latin * 2 >= other)
		return;
	for (i = 0; i < d->n; i++) {
		if (d->ch[i] < 'A' || d->ch[i] > 'z')
			d->ch[k++] = d->ch[i];
	}
	d->n = k;
}

/* What a character counts as. */
static uint32_t class_of(const struct tables *t, uint32_t cp)
{
	if (cp < 0x80)
		return ((cp | 0x20) - 'a') < 26 ? cp : ' ';
	if (cp < 0x100)
		return cp == 0xA0 || cp == 0xAB || cp == 0xB0 || cp == 0xBB ? ' ' : cp;
	switch (cp) {
	case 0x219: return 0x15F;
	case 0x21B: return 0x163;
	case 0x6CC: return 0x64A;
	default: break;
	}
	if (block(cp, 0x2000, 0x206F))
		return ' ';
	if (block(cp, 0x1EA0, 0x1EFF))
		return 0x1EC3;
	if (block(cp, 0x3040, 0x309F))
		return 0x3042;
	if (block(cp, 0x30A0, 0x30FF))
		return 0x30A2;
	if (block(cp, 0x3100, 0x312F) || block(cp, 0x31A0, 0x31BF))
		return 0x3105;
	if (block(cp, 0x4E00, 0x9FFF))
		return tables_cjk(t, cp);
	return block(cp, 0xAC00, 0xD7AF) ? 0xAC00 : cp;
}

/* Finds where runs end; a word in capitals has none from its second letter on. */
static void find_runs(struct detector *d)
{
	size_t i, have = 1;
	uint32_t cp, last = ' ';
	bool capitals = false;

	for (i = 0; i < d->n; i++) {
		cp = class_of(d->t, d->ch[i]);
		d->ch[i] = cp;
		if (last == ' ') {
			have = 1;
			capitals = false;
		}
		if (last == ' ' && cp == ' ') {
			d->longest[i] = 0;
			continue;
		}
		have = have < 3 ? have + 1 : 3;
		if (text_is_upper(cp))
			capitals = capitals || text_is_upper(last);
		else
			capitals = false;
		d->longest[i] = capitals ? 0 : (unsigned char)have;
		last = cp;
	}
}

/* ---- the draws -------------------------------------------------------------------------------- */

static uint64_t next_random(struct detector *d)
{
	uint64_t x;

	/* splitmix64 (Steele, Lea, Flood 2014) */
	d->random += 0x9E3779B97F4A7C15u;
	x = d->random;
	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
	x = (x ^ x >> 27) * 0x94D049BB133111EBu;
	return x ^ x >> 31;
}

static double next_unit(struct detector *d)
{
	return (double)(next_random(d) >> 11) / 9007199254740992.0;
}

/* About normal: twelve uniform numbers. */
static double next_normal(struct detector *d)
{
	double sum = -6.0;
	int i;

	for (i = 0; i < 12; i++)
		sum += next_unit(d);
	return sum;
}

/* The run of n characters that ends at i, if it is a known one. The first of a word is a space. */
static const struct gram *gram_at(const struct detector *d, size_t i, size_t n)
{
	uint64_t key = 0;
	size_t k;

	if (n == 1 && d->ch[i] == ' ')
		return NULL;
	for (k = 0; k < 3; k++) {
		key <<= 16;
		if (k >= n)
			continue;
		if (i + 1 + k < n)
			key |= ' ';
		else if (d->ch[i + 1 + k - n] > 0xFFFF)
			return NULL;
		else
			key |= d->ch[i + 1 + k - n];
	}
	return tables_gram(d->t, key);
}

/* All known runs of the text, as often as they occur. */
static void collect(struct detector *d)
{
	size_t i, n;

	for (i = 0; i < d->n; i++) {
		for (n = 1; n <= d->longest[i]; n++) {
			d->grams[d->n_grams] = gram_at(d, i, n);
			d->n_grams += d->grams[d->n_grams] != NULL;
		}
	}
}

static void weigh(const struct tables *t, double *p, const struct gram *g, double alpha)
{
	size_t i, entry = g->first, len = g->key & 0xFFFF ? 3 : g->key & 0xFFFF0000 ? 2 : 1;
	double share[MAX_LANGS] = { 0 };

	do
		share[t->langs[entry] & 0x7F] = tables_share(t, entry, len);
	while (!(t->langs[entry++] & 0x80));
	for (i = 0; i < t->n_langs; i++)
		p[i] *= alpha / SMOOTH + share[i];
}

/* Makes the sum 1; returns the greatest. */
static double normalize(double *p, size_t n)
{
	double sum = 0, most = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += p[i];
	for (i = 0; i < n; i++) {
		p[i] /= sum;
		if (p[i] > most)
			most = p[i];
	}
	return most;
}

static void trial(struct detector *d, double *total)
{
	double p[MAX_LANGS], alpha = ALPHA + next_normal(d) * ALPHA_WIDTH;
	size_t i, n = d->t->n_langs;

	for (i = 0; i < n; i++)
		p[i] = 1.0 / (double)n;
	for (i = 0;; i++) {
		weigh(d->t, p, d->grams[next_random(d) % d->n_grams], alpha);
		if (i % 5 == 0 && (normalize(p, n) > SURE || i >= MAX_DRAWS))
			break;
	}
	for (i = 0; i < n; i++)
		total[i] += p[i] / N_TRIALS;
}

int32_t language_detect(const meed_host *h, meed_ctx *c, const struct tables *t, meed_str text,
			meed_str *ret_code)
{
	struct detector d = { .t = t, .random = 0 };
	double total[MAX_LANGS] = { 0 };
	size_t i, best = 0;
	char *buf;

	/* what is beyond is never read, unless addresses shorten it */
	text = meed_sub(text, 0, 64 * MAX_CHARS);
	buf = h->alloc(c, 2 * text.n + 1);
	d.ch = h->alloc(c, MAX_CHARS * sizeof(*d.ch));
	d.longest = h->alloc(c, MAX_CHARS);
	d.grams = h->alloc(c, (3 * MAX_CHARS + 1) * sizeof(const struct gram *));
	if (!buf || !d.ch || !d.longest || !d.grams)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	text = without(without(text, buf, true), buf + text.n, false);
	read_chars(&d, text);
	drop_latin(&d);
	find_runs(&d);
	collect(&d);
	if (d.n_grams == 0) {
		*ret_code = MEED_S("");
		return MEED_OK;
	}
	for (i = 0; i < N_TRIALS; i++)
		trial(&d, total);
	for (i = 1; i < t->n_langs && i < MAX_LANGS; i++) {
		if (total[i] > total[best])
			best = i;
	}
	*ret_code = total[best] > LIKELY ? meed_s(t->names + 8 * best) : MEED_S("unknown");
	return MEED_OK;
}
