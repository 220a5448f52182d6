/* hash.c - a 64-bit hash of bytes and of streams: wide multiplications folded by xor.
 *
 * The mixing step is that of Wang Yi's wyhash (public domain); the constants are the fractional
 * digits of pi. Words are read as little-endian, so that a seed means the same everywhere. */
#include "config.h"
#include "host/base/base.h"

#include "host/base/mul.h"

#define K0 UINT64_C(0x243f6a8885a308d3)
#define K1 UINT64_C(0x13198a2e03707345)
#define K2 UINT64_C(0xa4093822299f31d1)

static uint64_t fold(uint64_t a, uint64_t b)
{
	uint64_t hi, lo = meed_mul_wide(a, b, &hi);

	return lo ^ hi;
}

static uint64_t read64(const unsigned char *p)
{
	uint64_t w;

	memcpy(&w, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	return w;
}

static uint64_t read32(const unsigned char *p)
{
	uint32_t w;

	memcpy(&w, p, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap32(w);
#endif
	return w;
}

/* The last 16 bytes or fewer, as two words; overlapping reads instead of a loop. */
static void read_tail(const unsigned char *p, size_t n, uint64_t *ret_a, uint64_t *ret_b)
{
	*ret_a = *ret_b = 0;
	if (n >= 8) {
		*ret_a = read64(p);
		*ret_b = read64(p + n - 8);
	} else if (n >= 4) {
		*ret_a = read32(p);
		*ret_b = read32(p + n - 4);
	} else if (n > 0) {
		*ret_a = (uint64_t)p[0] << 16 | (uint64_t)p[n / 2] << 8 | p[n - 1];
	}
}

uint64_t meed_hash(const void *p, size_t n, uint64_t seed)
{
	const unsigned char *s = p;
	uint64_t h = seed ^ fold(seed ^ K0, K1), a, b;
	size_t left = n;

	if (left > 32) {
		uint64_t h2 = h;

		for (; left > 32; s += 32, left -= 32) {
			h = fold(read64(s) ^ K1, read64(s + 8) ^ h);
			h2 = fold(read64(s + 16) ^ K2, read64(s + 24) ^ h2);
		}
		h ^= h2;
	}
	for (; left > 16; s += 16, left -= 16)
		h = fold(read64(s) ^ K1, read64(s + 8) ^ h);
	read_tail(s, left, &a, &b);
	return fold(K1 ^ (uint64_t)n, fold(a ^ K1, b ^ h));
}

/* A whole block, in four lanes: one alone would wait for its own products. */
static uint64_t digest_block(uint64_t chain, const char *p)
{
	const unsigned char *s = (const unsigned char *)p;
	uint64_t a = chain ^ K0, b = chain ^ K1, c = chain ^ K2, d = chain;

	for (size_t i = 0; i < MEED_DIGEST_BLOCK; i += 64, s += 64) {
		a = fold(read64(s) ^ K1, read64(s + 8) ^ a);
		b = fold(read64(s + 16) ^ K2, read64(s + 24) ^ b);
		c = fold(read64(s + 32) ^ K0, read64(s + 40) ^ c);
		d = fold(read64(s + 48) ^ K1, read64(s + 56) ^ d);
	}
	return fold(fold(a ^ K2, b ^ K0), fold(c ^ K1, d ^ K2) ^ MEED_DIGEST_BLOCK);
}

void meed_digest_put(struct meed_digest *d, const void *p, size_t n)
{
	size_t had = d->bytes % MEED_DIGEST_BLOCK, k;
	const char *s = p;

	d->bytes += n;
	if (had) {
		k = n < MEED_DIGEST_BLOCK - had ? n : MEED_DIGEST_BLOCK - had;
		memcpy(d->tail + had, s, k);
		if (had + k < MEED_DIGEST_BLOCK)
			return;
		d->chain = digest_block(d->chain, d->tail);
		s += k;
		n -= k;
	}
	for (; n >= MEED_DIGEST_BLOCK; s += MEED_DIGEST_BLOCK, n -= MEED_DIGEST_BLOCK)
		d->chain = digest_block(d->chain, s);
	if (n)
		memcpy(d->tail, s, n);
}

uint64_t meed_digest_value(const struct meed_digest *d)
{
	return meed_hash(d->tail, d->bytes % MEED_DIGEST_BLOCK, d->chain ^ d->bytes);
}
