/* text.c - characters and strings as Python has them, by Unicode's tables in utf8proc. */
#include "config.h"
#include "instruct.h"

#include <stdlib.h>
#include <utf8proc.h>

static utf8proc_category_t category(uint32_t cp)
{
	return utf8proc_category((utf8proc_int32_t)cp);
}

bool text_is_letter(uint32_t cp)
{
	utf8proc_category_t k;

	if (cp < 0x80)
		return (cp | 0x20) - 'a' < 26 || cp == '_';
	k = category(cp);
	return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO;
}

bool text_is_digit(uint32_t cp)
{
	if (cp < 0x80)
		return cp - '0' < 10;
	return category(cp) == UTF8PROC_CATEGORY_ND;
}

bool text_is_word(uint32_t cp)
{
	utf8proc_category_t k;

	if (cp < 0x80)
		return (cp | 0x20) - 'a' < 26 || cp - '0' < 10 || cp == '_';
	k = category(cp);
	return (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO) ||
	       (k >= UTF8PROC_CATEGORY_ND && k <= UTF8PROC_CATEGORY_NO);
}

/* Unicode's Other_Lowercase, which category Ll leaves out. */
static bool other_lower(uint32_t cp)
{
	static const uint32_t ranges[][2] = {
		{ 0xAA, 0xAA }, { 0xBA, 0xBA }, { 0x2B0, 0x2B8 }, { 0x2C0, 0x2C1 },
		{ 0x2E0, 0x2E4 }, { 0x345, 0x345 }, { 0x37A, 0x37A }, { 0x1D2C, 0x1D6A },
		{ 0x1D78, 0x1D78 }, { 0x1D9B, 0x1DBF }, { 0x2071, 0x2071 }, { 0x207F, 0x207F },
		{ 0x2090, 0x209C }, { 0x2170, 0x217F }, { 0x24D0, 0x24E9 }, { 0x2C7C, 0x2C7D },
		{ 0xA69C, 0xA69D }, { 0xA770, 0xA770 }, { 0xA7F8, 0xA7F9 }, { 0xAB5C, 0xAB5F },
		{ 0x10780, 0x10780 }, { 0x10783, 0x10785 }, { 0x10787, 0x107B0 },
		{ 0x107B2, 0x107BA },
	};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (cp >= ranges[i][0] && cp <= ranges[i][1])
			return true;
	}
	return false;
}

bool text_is_lower(uint32_t cp)
{
	if (cp < 0x80)
		return cp - 'a' < 26;
	return category(cp) == UTF8PROC_CATEGORY_LL || other_lower(cp);
}

bool text_is_upper(uint32_t cp)
{
	if (cp < 0x80)
		return cp - 'A' < 26;
	return category(cp) == UTF8PROC_CATEGORY_LU || (cp >= 0x2160 && cp <= 0x216F) ||
	       (cp >= 0x24B6 && cp <= 0x24CF) || (cp >= 0x1F130 && cp <= 0x1F149) ||
	       (cp >= 0x1F150 && cp <= 0x1F169) || (cp >= 0x1F170 && cp <= 0x1F189);
}

static bool is_title(uint32_t cp)
{
	return cp >= 0x80 && category(cp) == UTF8PROC_CATEGORY_LT;
}

bool text_islower(meed_str s)
{
	bool some = false;
	uint32_t cp;
	size_t i;

	for (i = 0; i < s.n; i += meed_utf8_next(s.p + i, s.n - i, &cp)) {
		(void)meed_utf8_next(s.p + i, s.n - i, &cp);
		if (text_is_upper(cp) || is_title(cp))
			return false;
		some = some || text_is_lower(cp);
	}
	return some;
}

bool text_isupper(meed_str s)
{
	bool some = false;
	uint32_t cp;
	size_t i;

	for (i = 0; i < s.n; i += meed_utf8_next(s.p + i, s.n - i, &cp)) {
		(void)meed_utf8_next(s.p + i, s.n - i, &cp);
		if (text_is_lower(cp) || is_title(cp))
			return false;
		some = some || text_is_upper(cp);
	}
	return some;
}

uint32_t text_lower_cp(uint32_t cp)
{
	if (cp < 0x80)
		return cp - 'A' < 26 ? cp + 32 : cp;
	return (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
}

size_t text_put(uint32_t cp, char *p)
{
	if (cp < 0x80) {
		p[0] = (char)cp;
		return 1;
	}
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)cp, (utf8proc_uint8_t *)p);
}

/* Passed over when a final sigma is looked for: Unicode's Case_Ignorable. */
static bool ignorable(uint32_t cp)
{
	utf8proc_category_t k;

	if (cp < 0x80)
		return cp == '\'' || cp == '.' || cp == ':' || cp == '^' || cp == '`';
	if (cp == 0xB7 || cp == 0x387 || cp == 0x55F || cp == 0x5F4 || cp == 0x2018 ||
	    cp == 0x2019 || cp == 0x2024 || cp == 0x2027)
		return true;
	k = category(cp);
	return k == UTF8PROC_CATEGORY_MN || k == UTF8PROC_CATEGORY_ME ||
	       k == UTF8PROC_CATEGORY_CF || k == UTF8PROC_CATEGORY_LM || k == UTF8PROC_CATEGORY_SK;
}

static bool cased(uint32_t cp)
{
	return text_is_lower(cp) || text_is_upper(cp) || is_title(cp);
}

/* Looks no further than 32 characters, so that a text of dots and sigmas stays linear. */
static bool sigma_is_final(meed_str s, size_t i, bool after_cased)
{
	int far = 0;
	uint32_t cp;

	if (!after_cased)
		return false;
	for (i += 2; i < s.n && far < 32; far++) {
		i += meed_utf8_next(s.p + i, s.n - i, &cp);
		if (!ignorable(cp))
			return !cased(cp);
	}
	return true;
}

size_t text_lower(meed_str s, char *buf)
{
	bool after_cased = false;
	size_t i = 0, n = 0, len;
	uint32_t cp;

	while (i < s.n) {
		len = meed_utf8_next(s.p + i, s.n - i, &cp);
		if (cp == 0x130)
			n += text_put('i', buf + n) + text_put(0x307, buf + n + 1);
		else if (cp == 0x3A3 && sigma_is_final(s, i, after_cased))
			n += text_put(0x3C2, buf + n);
		else
			n += text_put(text_lower_cp(cp), buf + n);
		if (!ignorable(cp))
			after_cased = cased(cp);
		i += len;
	}
	return n;
}

/* What re.IGNORECASE holds equal becomes equal. */
static uint32_t fold(uint32_t cp)
{
	cp = text_lower_cp(cp);
	if (cp < 0x80)
		return cp;
	switch (cp) {
	case 0x131: return 'i';
	case 0x17F: return 's';
	case 0xB5: return 0x3BC;
	case 0x345: case 0x1FBE: return 0x3B9;
	case 0x1FD3: return 0x390;
	case 0x1FE3: return 0x3B0;
	case 0x3D0: return 0x3B2;
	case 0x3F5: return 0x3B5;
	case 0x3D1: return 0x3B8;
	case 0x3F0: return 0x3BA;
	case 0x3D6: return 0x3C0;
	case 0x3F1: return 0x3C1;
	case 0x3C2: return 0x3C3;
	case 0x3D5: return 0x3C6;
	case 0x1E9B: return 0x1E61;
	case 0xFB05: return 0xFB06;
	default: return cp;
	}
}

/* Where what ends if it stands at byte i of s, else MEED_NONE. */
static size_t match_nocase(meed_str s, size_t i, meed_str what)
{
	uint32_t a, b;
	size_t k = 0;

	while (k < what.n) {
		if (i >= s.n)
			return MEED_NONE;
		i += meed_utf8_next(s.p + i, s.n - i, &a);
		k += meed_utf8_next(what.p + k, what.n - k, &b);
		if (fold(a) != fold(b))
			return MEED_NONE;
	}
	return i;
}

size_t text_find_nocase(meed_str s, size_t from, meed_str what, size_t *ret_end)
{
	uint32_t cp;
	size_t i;

	for (i = from; i < s.n; i += meed_utf8_next(s.p + i, s.n - i, &cp)) {
		*ret_end = match_nocase(s, i, what);
		if (*ret_end != MEED_NONE)
			return i;
	}
	return MEED_NONE;
}

bool text_boundary(meed_str s, size_t i)
{
	bool before = false, after = false;
	uint32_t cp;
	size_t k = i;

	if (i > 0) {
		do
			k--;
		while (k > 0 && ((unsigned char)s.p[k] & 0xC0) == 0x80);
		(void)meed_utf8_next(s.p + k, i - k, &cp);
		before = text_is_word(cp);
	}
	if (i < s.n) {
		(void)meed_utf8_next(s.p + i, s.n - i, &cp);
		after = text_is_word(cp);
	}
	return before != after;
}

size_t text_count_words(meed_str s)
{
	bool in = false, word;
	size_t i = 0, n = 0;
	uint32_t cp;

	while (i < s.n) {
		i += meed_utf8_next(s.p + i, s.n - i, &cp);
		word = text_is_word(cp);
		n += word && !in;
		in = word;
	}
	return n;
}
