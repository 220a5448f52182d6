/* words.c - strings made ready, and words and characters as numbers. */
#include "config.h"
#include "text.h"

int32_t text_to_lower(struct text_job *j, meed_str *s)
{
	char *buf;
	size_t i;

	for (i = 0; i < s->n; i++) {
		if ((unsigned char)s->p[i] >= 0x80 || (s->p[i] >= 'A' && s->p[i] <= 'Z'))
			break;
	}
	if (i == s->n)
		return 0;
	buf = text_alloc(j, s->n, 2);
	if (!buf)
		return MEED_E_NOMEM;
	s->n = text_lower(*s, buf);
	s->p = buf;
	return 0;
}

bool text_is_punct(uint32_t cp)
{
	return (cp >= '!' && cp <= '/') || (cp >= ':' && cp <= '@') || (cp >= '[' && cp <= '`') ||
	       (cp >= '{' && cp <= '~');
}

/* Whether "a", "an" or "the" (case-blind) stands at i, as a word by \b; its bytes. */
static size_t article(meed_str s, size_t i)
{
	static const meed_str words[] = { { "an", 2 }, { "a", 1 }, { "the", 3 } };
	size_t k, end;

	for (k = 0; k < 3; k++) {
		if (text_find_nocase(meed_sub(s, i, i + words[k].n), 0, words[k], &end) == 0 &&
		    text_boundary(s, i + words[k].n))
			return words[k].n;
	}
	return 0;
}

int32_t text_squad(struct text_job *j, bool lower, meed_str *s)
{
	size_t i, n = 0, len;
	char *bare, *out;
	meed_str t, word;
	int32_t r = 0;

	if (lower)
		r = text_to_lower(j, s);
	bare = r < 0 ? NULL : text_alloc(j, s->n, 1);
	out = bare ? text_alloc(j, s->n, 2) : NULL;
	if (!out)
		return MEED_E_NOMEM;
	for (i = 0; i < s->n; i++) {
		if (!text_is_punct((unsigned char)s->p[i]))
			bare[n++] = s->p[i];
	}
	t = (meed_str){ bare, n };
	for (i = 0, n = 0; i < t.n; i += len) {
		len = strchr("aAtT", t.p[i]) && t.p[i] && text_boundary(t, i) ? article(t, i) : 0;
		if (len > 0) {
			out[n++] = ' ';
			continue;
		}
		out[n++] = t.p[i];
		len = 1;
	}
	t = (meed_str){ out, n };
	for (i = 0, n = 0; text_next_word(t, &i, &word);) {
		if (n > 0)
			bare[n++] = ' ';
		memcpy(bare + n, word.p, word.n);
		n += word.n;
	}
	*s = (meed_str){ bare, n };
	return 0;
}

int32_t text_no_space(struct text_job *j, meed_str *s)
{
	char *out = text_alloc(j, s->n, 1);
	size_t at = 0, n = 0;
	meed_str word;

	if (!out)
		return MEED_E_NOMEM;
	while (text_next_word(*s, &at, &word)) {
		memcpy(out + n, word.p, word.n);
		n += word.n;
	}
	*s = (meed_str){ out, n };
	return 0;
}

static size_t find_last(meed_str s, meed_str what)
{
	size_t at, last = MEED_NONE;

	for (at = meed_find(s, 0, what); at != MEED_NONE; at = meed_find(s, at + what.n, what))
		last = at;
	return last;
}

meed_str text_answer_of(meed_str s)
{
	size_t at = find_last(s, MEED_S("</think>")), end;

	if (at != MEED_NONE)
		s = meed_sub(s, at + 8, s.n);
	at = find_last(s, MEED_S("<answer>"));
	if (at != MEED_NONE) {
		s = meed_sub(s, at + 8, s.n);
		end = meed_find(s, 0, MEED_S("</answer>"));
		s = meed_sub(s, 0, end == MEED_NONE ? s.n : end);
	}
	return meed_strip(s);
}

int32_t text_prepare(struct text_job *j, bool response, meed_str *s)
{
	if (response && j->o->extract_answer)
		*s = text_answer_of(*s);
	if (j->o->normalize)
		return text_squad(j, !j->o->case_sensitive, s);
	return j->o->case_sensitive ? 0 : text_to_lower(j, s);
}

bool text_next_word(meed_str s, size_t *at, meed_str *ret)
{
	size_t i = *at, from, len;
	uint32_t cp;

	for (; i < s.n; i += len) {
		len = meed_utf8_next(s.p + i, s.n - i, &cp);
		if (!meed_is_space(cp))
			break;
	}
	for (from = i; i < s.n; i += len) {
		len = meed_utf8_next(s.p + i, s.n - i, &cp);
		if (meed_is_space(cp))
			break;
	}
	*at = i;
	*ret = meed_sub(s, from, i);
	return i > from;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 m = (unsigned __int128)(a ^ 0x9E3779B97F4A7C15u) *
					     (b ^ 0xD6E8FEB86659FD93u);

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static uint64_t hash_word(uint64_t key, meed_str w)
{
	uint64_t h = key ^ w.n, part;
	size_t i;

	for (i = 0; i + 8 <= w.n; i += 8) {
		memcpy(&part, w.p + i, 8);
		h = mix(h, part);
	}
	part = 0;
	memcpy(&part, w.p + i, w.n - i);
	return mix(h, part);
}

void text_vocab_init(struct text_job *j, struct text_vocab *v)
{
	memset(v, 0, sizeof(*v));
	v->key = j->h->seed(j->c);
}

/* Room for more numbers: `more` of them at least. */
static int32_t grow(struct text_job *j, struct text_vocab *v, size_t more, bool words)
{
	size_t mask = v->mask ? v->mask : 63, i, at, room;
	uint64_t *hashes;
	uint32_t *slots;
	void *items;

	if (v->mask && (v->n + more) * 2 <= v->mask + 1)
		return 0;
	if (v->n + more > UINT32_MAX / 2)
		return j->h->fail(j->c, MEED_E_LIMIT, "more than 2^31 tokens");
	while (mask + 1 < (v->n + more) * 2)
		mask = mask * 2 + 1;
	room = (mask + 1) / 2 + 1;
	slots = text_alloc(j, mask + 1, sizeof(*slots));
	hashes = text_alloc(j, room, sizeof(*hashes));
	items = text_alloc(j, room, words ? sizeof(*v->words) : sizeof(*v->chars));
	if (!slots || !hashes || !items)
		return MEED_E_NOMEM;
	for (i = 0; i < v->n; i++) {
		hashes[i] = v->hashes[i];
		for (at = hashes[i] & mask; slots[at]; at = (at + 1) & mask)
			;
		slots[at] = (uint32_t)i + 1;
	}
	if (v->n > 0)
		memcpy(items, words ? (void *)v->words : (void *)v->chars,
		       v->n * (words ? sizeof(*v->words) : sizeof(*v->chars)));
	if (words)
		v->words = items;
	else
		v->chars = items;
	v->hashes = hashes;
	v->slots = slots;
	v->mask = mask;
	return 0;
}

uint32_t text_number(struct text_job *j, struct text_vocab *v, meed_str word, int32_t *r)
{
	uint64_t h = hash_word(v->key, word);
	uint32_t id;
	size_t at;

	*r = grow(j, v, 1, true);
	if (*r < 0)
		return TEXT_NO_ID;
	for (at = h & v->mask; v->slots[at]; at = (at + 1) & v->mask) {
		id = v->slots[at] - 1;
		if (v->hashes[id] == h && meed_eq(v->words[id], word))
			return id;
	}
	v->words[v->n] = word;
	v->hashes[v->n] = h;
	v->slots[at] = ++v->n;
	return v->n - 1;
}

int32_t text_words(struct text_job *j, struct text_vocab *v, meed_str s, struct text_seq *ret)
{
	size_t at = 0, n = 0;
	meed_str word;
	uint32_t *ids;
	int32_t r = 0;

	while (text_next_word(s, &at, &word))
		n++;
	ids = text_alloc(j, n, sizeof(*ids));
	if (!ids)
		return MEED_E_NOMEM;
	for (at = 0, n = 0; r == 0 && text_next_word(s, &at, &word);)
		ids[n++] = text_number(j, v, word, &r);
	*ret = (struct text_seq){ ids, n };
	return r;
}

static uint32_t number_char(struct text_vocab *v, uint32_t cp)
{
	uint64_t h;
	size_t at;

	if (cp < 128) {
		if (v->ascii[cp] == 0) {
			v->hashes[v->n] = mix(v->key, cp);
			v->chars[v->n] = cp;
			v->ascii[cp] = ++v->n;
		}
		return v->ascii[cp] - 1;
	}
	h = mix(v->key, cp);
	for (at = h & v->mask; v->slots[at]; at = (at + 1) & v->mask) {
		if (v->chars[v->slots[at] - 1] == cp)
			return v->slots[at] - 1;
	}
	v->chars[v->n] = cp;
	v->hashes[v->n] = h;
	v->slots[at] = ++v->n;
	return v->n - 1;
}

int32_t text_chars(struct text_job *j, struct text_vocab *v, meed_str s, bool keep_space,
		   struct text_seq *ret)
{
	size_t i = 0, n = meed_utf8_len(s), wide = 0;
	uint32_t *ids, cp;
	int32_t r;

	for (i = 0; i < s.n; i++)
		wide += (unsigned char)s.p[i] >= 0xC0;
	/* there are fewer than 2^18 characters in Unicode that are in use, and some of ASCII */
	r = grow(j, v, (wide < 0x110000 ? wide : 0x110000) + 128, false);
	ids = r < 0 ? NULL : text_alloc(j, s.n < n ? n : s.n, sizeof(*ids));
	if (!ids)
		return r < 0 ? r : MEED_E_NOMEM;
	for (i = 0, n = 0; i < s.n;) {
		i += meed_utf8_next(s.p + i, s.n - i, &cp);
		if (keep_space || !meed_is_space(cp))
			ids[n++] = number_char(v, cp);
	}
	*ret = (struct text_seq){ ids, n };
	return 0;
}
