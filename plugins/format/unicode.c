/* unicode.c - word characters and digits, as Python's \w and \d have them.
 *
 * The tables are made from the Unicode character database by unicode-tables.py. */
#include "config.h"
#include "format.h"

struct range16 {
	uint16_t first, last;
};
struct range32 {
	uint32_t first, last;
};

#include "tables.h"

#define N(v) (sizeof(v) / sizeof((v)[0]))

static bool in_low(uint32_t cp)
{
	size_t lo = 0, hi = N(word_low), mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (cp > word_low[mid].last)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < N(word_low) && cp >= word_low[lo].first;
}

static bool in_high(uint32_t cp)
{
	size_t lo = 0, hi = N(word_high), mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (cp > word_high[mid].last)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < N(word_high) && cp >= word_high[lo].first;
}

bool format_is_word(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') ||
		       (cp >= 'a' && cp <= 'z') || cp == '_';
	if (cp >= 0x4E00 && cp <= 0x9FFC)
		return true;
	return cp < 0x10000 ? in_low(cp) : in_high(cp);
}

int format_digit(uint32_t cp)
{
	size_t lo = 0, hi = N(zeros), mid;

	if (cp < 0x80)
		return cp >= '0' && cp <= '9' ? (int)(cp - '0') : -1;
	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (cp > zeros[mid] + 9)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < N(zeros) && cp >= zeros[lo] ? (int)(cp - zeros[lo]) : -1;
}
