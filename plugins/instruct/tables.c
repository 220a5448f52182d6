/* tables.c - reads tables.gz, which is part of this plugin's code; tables.py says what is in it. */
#include "config.h"
#include "instruct.h"

#include <stdlib.h>
#include <zlib.h>

#define MAX_BYTES ((size_t)16 << 20)

/* The file's bytes, between two symbols that nothing outside this file sees. */
__asm__(".pushsection .rodata\n"
	".balign 16\n"
	"instruct_tables:\n"
	".incbin \"" INSTRUCT_TABLES "\"\n"
	"instruct_tables_end:\n"
	".byte 0\n"
	".popsection\n");

extern const unsigned char instruct_tables[] __attribute__((visibility("hidden")));
extern const unsigned char instruct_tables_end[] __attribute__((visibility("hidden")));

/* Reads from p[0..n); once something was missing, everything is. */
struct reader {
	const unsigned char *p;
	size_t n;
	bool short_of;
};

static const unsigned char *take(struct reader *r, size_t n)
{
	static const unsigned char none[8];
	const unsigned char *p = r->p;

	if (r->short_of || n > r->n) {
		r->short_of = true;
		return none;
	}
	r->p += n;
	r->n -= n;
	return p;
}

static uint32_t u16(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32(const unsigned char *p)
{
	return u16(p) | u16(p + 2) << 16;
}

uint64_t tables_hash(meed_str word)
{
	uint64_t x = 14695981039346656037u;
	size_t i;

	for (i = 0; i < word.n; i++)
		x = (x ^ (unsigned char)word.p[i]) * 1099511628211u;
	return x;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* One list of words, as hashes. */
static bool read_words(struct reader *r, uint64_t **ret, size_t *ret_n)
{
	size_t n = u32(take(r, 4)), i, from = 0, k = 0;
	const char *p = (const char *)take(r, n);
	uint64_t *v;

	if (r->short_of)
		return true;
	for (i = 0; i < n; i++)
		k += p[i] == '\n';
	v = malloc((k + 1) * sizeof(*v));
	if (!v)
		return false;
	for (i = 0, k = 0; i < n; i++) {
		if (p[i] != '\n')
			continue;
		v[k++] = tables_hash((meed_str){ p + from, i - from });
		from = i + 1;
	}
	qsort(v, k, sizeof(*v), by_value);
	*ret = v;
	*ret_n = k;
	return true;
}

static bool read_grams(struct reader *r, struct tables *t)
{
	const unsigned char *ch;
	size_t i, k, m, n = u32(take(r, 4)), first = 0;

	ch = take(r, n > MAX_BYTES ? MAX_BYTES + 1 : n * 6);
	m = u32(take(r, 4));
	t->langs = take(r, m);
	t->counts = take(r, m > MAX_BYTES ? MAX_BYTES + 1 : m * 4);
	t->n_entries = m;
	if (r->short_of)
		return true;
	t->grams = malloc((n + 1) * sizeof(*t->grams));
	if (!t->grams)
		return false;
	t->n_grams = n;
	for (i = 0; i < n; i++) {
		t->grams[i].key = 0;
		for (k = 0; k < 3; k++)
			t->grams[i].key = t->grams[i].key << 16 | u16(ch + 2 * (k * n + i));
		t->grams[i].first = (uint32_t)first;
		while (first < m && !(t->langs[first] & 0x80))
			first++;
		r->short_of = r->short_of || first == m;
		first++;
	}
	return true;
}

/* False: no memory. */
static bool read_all(struct reader *r, struct tables *t)
{
	if (memcmp(take(r, 8), "MEEDTAB2", 8) != 0)
		r->short_of = true;
	t->n_langs = *take(r, 1);
	t->names = (const char *)take(r, t->n_langs * 8);
	t->sums = take(r, t->n_langs * 12);
	t->n_cjk = u16(take(r, 2));
	t->cjk_from = take(r, t->n_cjk * 2);
	t->cjk_to = take(r, t->n_cjk * 2);
	return read_grams(r, t) && read_words(r, &t->lower, &t->n_lower) &&
	       read_words(r, &t->both, &t->n_both) && read_words(r, &t->start, &t->n_start);
}

/* gzip's bytes at p[0..n); NULL: no memory, or they are not whole. */
static unsigned char *unpack(const unsigned char *p, size_t n, size_t *ret_n)
{
	size_t size = n < 4 ? 0 : u32(p + n - 4);	/* the trailer tells it */
	unsigned char *out = size > 0 && size <= MAX_BYTES ? malloc(size) : NULL;
	z_stream z;
	int r;

	if (!out)
		return NULL;
	memset(&z, 0, sizeof(z));
	if (inflateInit2(&z, 15 + 16) != Z_OK) {
		free(out);
		return NULL;
	}
	z.next_in = (z_const Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = out;
	z.avail_out = (uInt)size;
	r = inflate(&z, Z_FINISH);
	(void)inflateEnd(&z);
	if (r != Z_STREAM_END || z.avail_out > 0) {
		free(out);
		return NULL;
	}
	*ret_n = size;
	return out;
}

int32_t tables_load(const meed_host *h, meed_ctx *c, struct tables **ret)
{
	struct tables *t = calloc(1, sizeof(*t));
	struct reader r = { NULL, 0, false };

	if (t)
		t->bytes = unpack(instruct_tables,
				  (size_t)(instruct_tables_end - instruct_tables), &r.n);
	if (!t || !t->bytes) {
		tables_free(t);
		return h->fail(c, MEED_E_NOMEM, "no memory for the tables of words and languages");
	}
	r.p = t->bytes;
	if (!read_all(&r, t)) {
		tables_free(t);
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	}
	if (r.short_of || r.n > 0) {
		tables_free(t);
		return h->fail(c, MEED_E_INTERNAL, "tables.gz does not hold what tables.py writes");
	}
	*ret = t;
	return MEED_OK;
}

void tables_free(struct tables *t)
{
	if (!t)
		return;
	free(t->grams);
	free(t->lower);
	free(t->both);
	free(t->start);
	free(t->bytes);
	free(t);
}

const struct gram *tables_gram(const struct tables *t, uint64_t key)
{
	size_t lo = 0, hi = t->n_grams, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (t->grams[mid].key < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->n_grams && t->grams[lo].key == key ? &t->grams[lo] : NULL;
}

double tables_share(const struct tables *t, size_t entry, size_t len)
{
	const unsigned char *c = t->counts + entry;
	size_t lang = t->langs[entry] & 0x7F, n = t->n_entries;
	uint32_t seen = (uint32_t)c[0] | (uint32_t)c[n] << 8 | (uint32_t)c[2 * n] << 16 |
			(uint32_t)c[3 * n] << 24;

	return (double)seen / (double)u32(t->sums + 12 * lang + 4 * (len - 1));
}

bool tables_has(const uint64_t *v, size_t n, uint64_t hash)
{
	return n > 0 && bsearch(&hash, v, n, sizeof(*v), by_value) != NULL;
}

uint32_t tables_cjk(const struct tables *t, uint32_t cp)
{
	size_t lo = 0, hi = t->n_cjk, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (u16(t->cjk_from + 2 * mid) < cp)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->n_cjk && u16(t->cjk_from + 2 * lo) == cp ? u16(t->cjk_to + 2 * lo) : cp;
}
