/* digits.h - decimal digits of numbers. Private to base. */
#ifndef MEED_BASE_DIGITS_H
#define MEED_BASE_DIGITS_H

#include <stddef.h>
#include <stdint.h>

/* Powers of ten, scaled to 128 bits and rounded up:
 *
 *	table[e - MEED_POW10_MIN] = ceil(10^e * 2^(127 - floor(log2(10^e))))
 *
 * so that 2^127 <= hi * 2^64 + lo < 2^128, and exact for 0 <= e <= 55. To make it anew with
 * whole numbers of any size: for e >= 0, 10^e shifted to 128 bits; for e < 0, 2^s / 10^-e with the
 * s that gives 128 bits; either rounded up. */
#define MEED_POW10_MIN (-292)
#define MEED_POW10_MAX 324

struct meed_pow10 {
	uint64_t hi, lo;
};
extern const struct meed_pow10 meed_pow10_table[MEED_POW10_MAX - MEED_POW10_MIN + 1];

/* Writes x without leading zeros, at most 20 bytes; returns how many. */
size_t meed_digits(uint64_t x, char *out);

#endif
