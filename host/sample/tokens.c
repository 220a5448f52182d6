/* Tokens of a text, made once a sample: tokenizers, vocabularies, the cache. */
#include "config.h"
#include "host/sample/tokens.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define MAX_FILE ((size_t)1 << 30)

/* ---- vocabularies ----------------------------------------------------------------------- */

static uint64_t hash_long(const struct meed_token_vocab *v, const char *p, size_t n)
{
	uint64_t h = n * v->c0, w;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&w, p, 8);
		h = (h ^ w) * v->c1;
		h ^= h >> 29;
	}
	if (n > 0) {
		w = 0;
		memcpy(&w, p, n);
		h = (h ^ w) * v->c1;
		h ^= h >> 29;
	}
	return h;
}

/* The multiplier of k1 is 0 for long words, whose k1 is an address. */
static size_t first_slot(const struct meed_token_vocab *v, uint64_t k0, uint64_t k1, uint64_t len)
{
	return (size_t)((k0 * v->c0 + (len > MEED_TOKEN_INLINE ? 0 : k1 * v->c1)) >> v->shift);
}

static int32_t vocab_size(struct meed_token_vocab *v, struct meed_arena *arena, uint32_t cap)
{
	size_t n_slots = (size_t)cap * 2, i, at;
	struct meed_token_word *words;
	uint32_t *slots;

	words = meed_arena_raw(arena, (cap + 1) * sizeof(*words));
	slots = meed_arena_raw(arena, n_slots * sizeof(*slots));
	if (!words || !slots)
		return MEED_E_NOMEM;
	if (v->n > 0)
		memcpy(words, v->words, v->n * sizeof(*words));
	memset(slots, 0xff, n_slots * sizeof(*slots));
	v->words = words;
	v->slots = slots;
	v->n_slots = n_slots;
	v->cap = cap;
	v->shift = 64 - (uint32_t)__builtin_ctzll((unsigned long long)n_slots);
	for (i = 0; i < v->n; i++) {
		at = first_slot(v, words[i].k0, words[i].k1, words[i].len);
		while (slots[at] != MEED_TOKEN_FREE)
			at = (at + 1) & (n_slots - 1);
		slots[at] = (uint32_t)i;
	}
	return 0;
}

int32_t meed_token_add(struct meed_token_out *o, uint64_t k0, uint64_t k1, uint64_t len,
		       uint32_t *ret_id)
{
	struct meed_token_vocab *v = o->v;
	size_t at;

	if (v->n == v->cap && (v->cap > UINT32_MAX / 4 || vocab_size(v, o->arena, v->cap * 2) < 0))
		return MEED_E_NOMEM;
	at = first_slot(v, k0, k1, len);
	while (v->slots[at] != MEED_TOKEN_FREE)
		at = (at + 1) & (v->n_slots - 1);
	v->words[v->n] = (struct meed_token_word){ k0, k1, len };
	*ret_id = v->n;
	v->slots[at] = v->n++;
	return 0;
}

static bool same_word(const struct meed_token_word *w, uint64_t k0, uint64_t k1, uint64_t len)
{
	bool r = w->k0 == k0 && w->len == len;

	if (r && len <= MEED_TOKEN_INLINE)
		r = w->k1 == k1;
	else if (r)
		r = memcmp((const char *)(uintptr_t)w->k1, (const char *)(uintptr_t)k1, len) == 0;
	return r;
}

int32_t meed_token_put(struct meed_token_out *o, const char *p, size_t n)
{
	struct meed_token_vocab *v = o->v;
	uint64_t k[2] = { 0, 0 };
	uint32_t id;
	int32_t r = 0;
	size_t at;

	if (n <= MEED_TOKEN_INLINE) {
		memcpy(k, p, n);
	} else {
		k[0] = hash_long(v, p, n);
		k[1] = (uint64_t)(uintptr_t)p;
	}
	if (o->n == o->cap)
		r = meed_token_room(o, 1);
	if (r < 0)
		return r;
	at = first_slot(v, k[0], k[1], n);
	for (; v->slots[at] != MEED_TOKEN_FREE; at = (at + 1) & (v->n_slots - 1)) {
		if (same_word(&v->words[v->slots[at]], k[0], k[1], n)) {
			o->ids[o->n++] = v->slots[at];
			return 0;
		}
	}
	r = meed_token_add(o, k[0], k[1], n, &id);
	if (r < 0)
		return r;
	o->ids[o->n++] = id;
	if (p == o->scratch && n > MEED_TOKEN_INLINE) {
		o->scratch += n;
		o->scratch_cap -= n;
	}
	return 0;
}

int32_t meed_token_room(struct meed_token_out *o, size_t extra)
{
	size_t cap = o->cap * 2;
	uint32_t *ids;

	if (o->cap - o->n >= extra)
		return 0;
	if (cap < o->n + extra)
		cap = o->n + extra;
	ids = meed_arena_raw(o->arena, cap * sizeof(*ids));
	if (!ids)
		return MEED_E_NOMEM;
	if (o->n > 0)
		memcpy(ids, o->ids, o->n * sizeof(*ids));
	o->ids = ids;
	o->cap = cap;
	return 0;
}

int32_t meed_token_scratch(struct meed_token_out *o, size_t n)
{
	size_t cap = n < 512 ? 1024 : n * 2;
	char *p;

	if (o->scratch_cap >= n)
		return 0;
	p = meed_arena_raw(o->arena, cap);
	if (!p)
		return MEED_E_NOMEM;
	o->scratch = p;
	o->scratch_cap = cap;
	return 0;
}

int32_t meed_token_file(const char *path, struct meed_buf *ret, struct meed_err *err)
{
	FILE *f = fopen(path, "rbe");
	int32_t r = 0;
	int saved;
	size_t n;

	if (!f)
		return MEED_E_UNSUPPORTED;
	do {
		if (!meed_buf_grow(ret, 1 << 16)) {
			r = meed_err_nomem(err);
			break;
		}
		n = fread(ret->p + ret->n, 1, ret->cap - ret->n, f);
		ret->n += n;
	} while (n > 0 && ret->n < MAX_FILE);
	if (r == 0 && ferror(f))
		r = MEED_E_UNSUPPORTED;
	else if (r == 0 && ret->n >= MAX_FILE)
		r = meed_err_set(err, MEED_E_LIMIT, "%s: larger than 1 GiB", path);
	saved = errno;
	(void)fclose(f);
	errno = saved;
	return r;
}

/* ---- opening ---------------------------------------------------------------------------- */

struct meed_tokenizers {
	struct meed_tokenizer_open *v;
	size_t n, cap;
	uint64_t c0, c1;
};

struct meed_tokenizers *meed_tokenizers_new(void)
{
	struct meed_tokenizers *t = calloc(1, sizeof(*t));
	uint64_t seed[2] = { 0x9e3779b97f4a7c15u, 0xc2b2ae3d27d4eb4fu }, got[2];

	if (t) {
		if (getrandom(got, sizeof(got), GRND_NONBLOCK) == (ssize_t)sizeof(got))
			memcpy(seed, got, sizeof(seed));
		t->c0 = seed[0] | 1;
		t->c1 = seed[1] | 1;
	}
	return t;
}

void meed_tokenizers_free(struct meed_tokenizers *t)
{
	size_t i;

	if (!t)
		return;
	for (i = 0; i < t->n; i++) {
		if (t->v[i].owner)
			t->v[i].kind->unload(&t->v[i]);
		free(t->v[i].path);
	}
	free(t->v);
	free(t);
}

static const struct meed_tokenizer_kind *kind_find(const char *name, struct meed_err *err)
{
	static const struct meed_tokenizer_kind *const kinds[] = { &meed_tok_simple,
								   &meed_tok_jieba,
								   &meed_tok_tiktoken };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (name && strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	(void)meed_err_set(err, MEED_E_PARAM,
			   "tokenizer \"%s\" is unknown; it must be simple, jieba or tiktoken",
			   name ? name : "");
	return NULL;
}

/* A tokenizer that differs in the flags beyond mask at most; t->n if there is none. */
static size_t tokenizer_find(const struct meed_tokenizers *t,
			     const struct meed_tokenizer_open *want, uint32_t mask)
{
	const struct meed_tokenizer_open *z;
	size_t i;

	for (i = 0; i < t->n; i++) {
		z = &t->v[i];
		if (z->kind == want->kind && ((z->flags ^ want->flags) & mask) == 0 &&
		    (z->path ? want->path && strcmp(z->path, want->path) == 0 : !want->path))
			break;
	}
	return i;
}

static int32_t tokenizers_room(struct meed_tokenizers *t)
{
	size_t cap = t->cap ? t->cap * 2 : 8;
	struct meed_tokenizer_open *v;

	if (t->n < t->cap)
		return 0;
	v = realloc(t->v, cap * sizeof(*v));
	if (!v)
		return MEED_E_NOMEM;
	t->v = v;
	t->cap = cap;
	return 0;
}

int32_t meed_tokenizers_open(struct meed_tokenizers *t, const meed_tokenizer *spec,
			     struct meed_err *err, uint32_t *ret_id)
{
	const uint32_t known = MEED_TOK_LOWER | MEED_TOK_CHINESE_ONLY | MEED_TOK_SPANS;
	struct meed_tokenizer_open z = { 0 };
	size_t at, data;
	int32_t r;

	if (!MEED_HAS(meed_tokenizer, spec, data)) {
		r = meed_err_set(err, MEED_E_PARAM, "meed_tokenizer.struct_size is %u: too small",
				 (unsigned)spec->struct_size);
		goto out;
	}
	if (spec->flags & ~known) {
		r = meed_err_set(err, MEED_E_UNSUPPORTED,
				 "tokenizer flags 0x%x are not known to this host",
				 (unsigned)(spec->flags & ~known));
		goto out;
	}
	z.kind = kind_find(spec->type, err);
	if (!z.kind) {
		r = MEED_E_PARAM;
		goto out;
	}
	z.flags = spec->flags;
	if (spec->data && spec->data[0]) {
		z.path = strdup(spec->data);
		if (!z.path) {
			r = meed_err_nomem(err);
			goto out;
		}
	}
	r = 0;
	at = tokenizer_find(t, &z, UINT32_MAX);
	if (at < t->n)
		goto found;
	if (tokenizers_room(t) < 0) {
		r = meed_err_nomem(err);
		goto out;
	}
	at = t->n;
	z.core = (uint32_t)tokenizer_find(t, &z, ~(uint32_t)MEED_TOK_SPANS);
	data = tokenizer_find(t, &z, 0);
	if (data < t->n) {
		z.jieba = t->v[data].jieba;
		z.tiktoken = t->v[data].tiktoken;
	} else if (z.kind->load) {
		r = z.kind->load(&z, err);
		if (r < 0)
			goto out;
		z.owner = true;
	}
	t->v[t->n++] = z;
	z.path = NULL;
found:
	*ret_id = (uint32_t)at;
out:
	free(z.path);
	return r;
}

/* ---- reading ---------------------------------------------------------------------------- */

/* A hash trie: four ways a level, by the two top bits of what is left of the key. */
struct meed_token_entry {
	struct meed_token_entry *child[4];
	const char *p;
	size_t n;
	meed_tokens tokens;
	uint32_t core;
};

static struct meed_token_entry **entry_find(struct meed_token_cache *cache, uint32_t core,
					    meed_str text)
{
	struct meed_token_entry **at = &cache->entries;
	uint64_t h = ((uint64_t)(uintptr_t)text.p * 0x9e3779b97f4a7c15u) ^
		     ((text.n * 8 + core) * 0xc2b2ae3d27d4eb4fu);

	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	for (; *at; h = h << 2 | h >> 62) {
		if ((*at)->p == text.p && (*at)->n == text.n && (*at)->core == core)
			break;
		at = &(*at)->child[h >> 62];
	}
	return at;
}

static struct meed_token_vocab *vocab_find(const struct meed_tokenizers *t,
					   struct meed_token_cache *cache,
					   struct meed_arena *arena, uint32_t core, size_t n_bytes)
{
	struct meed_token_vocab *v;
	uint32_t cap = 32;

	for (v = cache->vocabs; v; v = v->next)
		if (v->core == core)
			return v;
	v = meed_arena_alloc(arena, sizeof(*v));
	if (!v)
		return NULL;
	while (cap < 1024 && cap < n_bytes / 8)
		cap *= 2;
	v->core = core;
	v->c0 = t->c0;
	v->c1 = t->c1;
	if (vocab_size(v, arena, cap) < 0)
		return NULL;
	v->next = cache->vocabs;
	cache->vocabs = v;
	return v;
}

/* U+4E00..U+9FFF alone. */
static meed_str keep_chinese(struct meed_arena *arena, meed_str s)
{
	meed_str r = { NULL, 0 };
	char *p = meed_arena_raw(arena, s.n + 1);
	size_t i, len;
	uint32_t cp;

	if (!p)
		return r;
	for (i = 0; i < s.n; i += len) {
		cp = meed_uni_next(s.p + i, s.n - i, &len);
		if (cp >= 0x4e00 && cp <= 0x9fff) {
			memcpy(p + r.n, s.p + i, len);
			r.n += len;
		}
	}
	p[r.n] = '\0';
	r.p = p;
	return r;
}

static meed_str lower_all(struct meed_arena *arena, meed_str s)
{
	meed_str r = { NULL, 0 };
	char *p = meed_arena_raw(arena, MEED_LOWER_MAX(s.n));

	if (p) {
		r.n = meed_uni_lower(s, p);
		p[r.n] = '\0';
		r.p = p;
	}
	return r;
}

/* All words are of this text if the vocabulary was empty before it. */
static int32_t count_distinct(const struct meed_token_out *o, uint32_t n_before, uint32_t *ret)
{
	uint32_t n = 0;
	uint8_t *seen;
	size_t i;

	if (n_before == 0) {
		*ret = o->v->n;
		return 0;
	}
	seen = meed_arena_alloc(o->arena, o->v->n);
	if (!seen)
		return MEED_E_NOMEM;
	for (i = 0; i < o->n; i++) {
		n += !seen[o->ids[i]];
		seen[o->ids[i]] = 1;
	}
	*ret = n;
	return 0;
}

static int32_t tokens_make(const struct meed_tokenizer_open *z, struct meed_token_vocab *v,
			   struct meed_arena *arena, meed_str text, meed_tokens *ret)
{
	struct meed_token_out o = { .arena = arena, .v = v };
	uint32_t n_before = v->n, n_distinct = 0;
	int32_t r;

	text = meed_uni_strip(text);
	if ((z->flags & MEED_TOK_LOWER) && !z->kind->folds)
		text = lower_all(arena, text);
	if (text.p && (z->flags & MEED_TOK_CHINESE_ONLY))
		text = keep_chinese(arena, text);
	if (!text.p)
		return MEED_E_NOMEM;
	r = meed_token_room(&o, text.n / 6 + 40);
	if (r == 0)
		r = z->kind->run(z, &o, text);
	if (r == 0)
		r = count_distinct(&o, n_before, &n_distinct);
	if (r == 0)
		*ret = (meed_tokens){ .struct_size = sizeof(*ret), .n_distinct = n_distinct,
				      .n_vocab = v->n, .n = o.n, .ids = o.ids };
	return r;
}

/* The bytes of each word, made when they are first asked for. */
static int32_t vocab_names(struct meed_token_vocab *v, struct meed_arena *arena)
{
	meed_str *names;
	uint32_t i;

	if (v->n_names == v->n)
		return 0;
	names = meed_arena_raw(arena, v->n * sizeof(*names));
	if (!names)
		return MEED_E_NOMEM;
	if (v->n_names > 0)
		memcpy(names, v->names, v->n_names * sizeof(*names));
	for (i = v->n_names; i < v->n; i++) {
		const struct meed_token_word *w = &v->words[i];
		meed_str s = { (const char *)&w->k0, (size_t)w->len };

		if (w->len > MEED_TOKEN_INLINE)
			s.p = (const char *)(uintptr_t)w->k1;
		names[i] = meed_arena_dup(arena, s);
		if (!names[i].p)
			return MEED_E_NOMEM;
	}
	v->names = names;
	v->n_names = v->n;
	return 0;
}

static int32_t fill_spans(struct meed_token_vocab *v, struct meed_arena *arena, meed_tokens *k)
{
	meed_str *spans;
	size_t i;

	if (vocab_names(v, arena) < 0)
		return MEED_E_NOMEM;
	spans = meed_arena_raw(arena, k->n * sizeof(*spans));
	if (!spans)
		return MEED_E_NOMEM;
	for (i = 0; i < k->n; i++)
		spans[i] = v->names[k->ids[i]];
	k->spans = spans;
	return 0;
}

int32_t meed_tokenize(const struct meed_tokenizers *t, struct meed_token_cache *cache,
		      struct meed_arena *arena, uint32_t id, meed_str text, struct meed_err *err,
		      const meed_tokens **ret)
{
	const struct meed_tokenizer_open *z;
	struct meed_token_entry **at, *e;
	struct meed_token_vocab *v;
	int32_t r = 0;

	if (id >= t->n)
		return meed_err_set(err, MEED_E_INTERNAL, "tokenizer %u was never opened",
				    (unsigned)id);
	if (text.n > UINT32_MAX / 2)
		return meed_err_set(err, MEED_E_LIMIT, "%zu bytes are too many to tokenise",
				    text.n);
	z = &t->v[id];
	at = entry_find(cache, z->core, text);
	e = *at;
	if (e && !((z->flags & MEED_TOK_SPANS) && !e->tokens.spans))
		goto out;
	v = vocab_find(t, cache, arena, z->core, text.n);
	if (!v) {
		r = meed_err_nomem(err);
		goto out;
	}
	if (!e) {
		e = meed_arena_alloc(arena, sizeof(*e));
		r = e ? tokens_make(z, v, arena, text, &e->tokens) : MEED_E_NOMEM;
		if (r == 0) {
			e->p = text.p;
			e->n = text.n;
			e->core = z->core;
			*at = e;
		}
	}
	if (r == 0 && (z->flags & MEED_TOK_SPANS))
		r = fill_spans(v, arena, &e->tokens);
	if (r < 0)
		r = meed_err_nomem(err);
out:
	if (r == 0)
		*ret = &e->tokens;
	return r;
}
