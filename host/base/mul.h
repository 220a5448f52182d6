/* mul.h - the 128-bit product of two 64-bit numbers. Private to base. */
#ifndef MEED_BASE_MUL_H
#define MEED_BASE_MUL_H

#include <stdint.h>

/* a * b = *ret_hi * 2^64 + the result. */
static inline uint64_t meed_mul_wide(uint64_t a, uint64_t b, uint64_t *ret_hi)
{
#ifdef __SIZEOF_INT128__
	__extension__ typedef unsigned __int128 u128;
	u128 p = (u128)a * b;

	*ret_hi = (uint64_t)(p >> 64);
	return (uint64_t)p;
#else
	uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
	uint64_t ll = al * bl, lh = al * bh, hl = ah * bl, hh = ah * bh;
	uint64_t mid = (ll >> 32) + (uint32_t)lh + (uint32_t)hl;

	*ret_hi = hh + (lh >> 32) + (hl >> 32) + (mid >> 32);
	return (mid << 32) | (uint32_t)ll;
#endif
}

#endif
