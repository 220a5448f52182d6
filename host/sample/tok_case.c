/* Text as Python's str sees it: white space, lower case, UTF-8 steps. */
#include "config.h"
#include "host/sample/tokens.h"

#include <utf8proc.h>

size_t meed_uni_space(const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t r = 0;

	if (n == 0)
		goto out;
	if (u[0] < 0x80) {
		r = (u[0] >= 9 && u[0] <= 13) || (u[0] >= 28 && u[0] <= 32);
	} else if (u[0] == 0xc2) {
		if (n >= 2 && (u[1] == 0x85 || u[1] == 0xa0))
			r = 2;
	} else if (n >= 3 && u[0] == 0xe2 && u[1] == 0x80) {
		if ((u[2] >= 0x80 && u[2] <= 0x8a) || u[2] == 0xa8 || u[2] == 0xa9 || u[2] == 0xaf)
			r = 3;
	} else if (n >= 3) {
		if ((u[0] == 0xe1 && u[1] == 0x9a && u[2] == 0x80) ||
		    (u[0] == 0xe2 && u[1] == 0x81 && u[2] == 0x9f) ||
		    (u[0] == 0xe3 && u[1] == 0x80 && u[2] == 0x80))
			r = 3;
	}
out:
	return r;
}

/* Bytes of the white space that ends at p[n]. */
static size_t space_len_back(const char *p, size_t n)
{
	size_t r = 0;

	if (n >= 1 && (unsigned char)p[n - 1] < 0x80)
		r = meed_uni_space(p + n - 1, 1);
	else if (n >= 2 && meed_uni_space(p + n - 2, 2) == 2)
		r = 2;
	else if (n >= 3 && meed_uni_space(p + n - 3, 3) == 3)
		r = 3;
	return r;
}

meed_str meed_uni_strip(meed_str s)
{
	size_t k;

	while ((k = meed_uni_space(s.p, s.n)) != 0) {
		s.p += k;
		s.n -= k;
	}
	while ((k = space_len_back(s.p, s.n)) != 0)
		s.n -= k;
	return s;
}

uint32_t meed_uni_next(const char *p, size_t n, size_t *ret_len)
{
	const unsigned char *u = (const unsigned char *)p;
	uint32_t cp = 0xfffd, c;
	size_t len = 1, want = 0, i;

	if (u[0] < 0x80) {
		cp = u[0];
	} else if (u[0] >= 0xc2 && u[0] <= 0xf4) {
		want = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
		c = u[0] & (0x7fu >> want);
		for (i = 1; i < want && i < n && (u[i] & 0xc0) == 0x80; i++)
			c = c << 6 | (u[i] & 0x3fu);
		if (i == want && !(want == 3 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) &&
		    !(want == 4 && (c < 0x10000 || c > 0x10ffff))) {
			cp = c;
			len = want;
		}
	}
	*ret_len = len;
	return cp;
}

size_t meed_uni_put(char *out, uint32_t cp)
{
	size_t n;

	if (cp < 0x80) {
		out[0] = (char)cp;
		n = 1;
	} else if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		n = 2;
	} else if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		n = 3;
	} else {
		out[0] = (char)(0xf0 | cp >> 18);
		out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
		out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[3] = (char)(0x80 | (cp & 0x3f));
		n = 4;
	}
	return n;
}

/* Unicode's Case_Ignorable: Mn, Me, Cf, Lm, Sk, and word-break classes MidLetter, MidNumLet and
 * Single_Quote. */
static bool case_ignorable(uint32_t cp)
{
	static const uint16_t punct[] = { 0x27, 0x2e, 0x3a, 0xb7, 0x387, 0x55f, 0x5f4, 0x2018,
					  0x2019, 0x2024, 0x2027, 0xfe13, 0xfe52, 0xfe55, 0xff07,
					  0xff0e, 0xff1a };
	bool r = false;
	size_t i;

	for (i = 0; i < sizeof(punct) / sizeof(punct[0]) && !r; i++)
		r = punct[i] == cp;
	if (!r) {
		switch (utf8proc_category((utf8proc_int32_t)cp)) {
		case UTF8PROC_CATEGORY_MN:
		case UTF8PROC_CATEGORY_ME:
		case UTF8PROC_CATEGORY_CF:
		case UTF8PROC_CATEGORY_LM:
		case UTF8PROC_CATEGORY_SK:
			r = true;
			break;
		default:
			break;
		}
	}
	return r;
}

/* Unicode's Cased, without what is Case_Ignorable as well: Lu, Ll, Lt, Other_Lowercase,
 * Other_Uppercase. */
static bool cased(uint32_t cp)
{
	bool r;

	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
		r = true;
		break;
	default:
		r = cp == 0xaa || cp == 0xba || (cp >= 0x2160 && cp <= 0x217f) ||
		    (cp >= 0x24b6 && cp <= 0x24e9) || (cp >= 0x1f130 && cp <= 0x1f149) ||
		    (cp >= 0x1f150 && cp <= 0x1f169) || (cp >= 0x1f170 && cp <= 0x1f189);
		break;
	}
	return r;
}

/* Whether the sigma that ends at s.p[after] ends a word (SpecialCasing.txt, Final_Sigma). The look
 * ahead passes over what is case-ignorable, which a sigma is not: a run of them stays linear. */
static bool final_sigma(bool cased_before, meed_str s, size_t after)
{
	bool r = cased_before;
	size_t len;
	uint32_t cp;

	while (r && after < s.n) {
		cp = meed_uni_next(s.p + after, s.n - after, &len);
		if (!case_ignorable(cp)) {
			r = !cased(cp);
			break;
		}
		after += len;
	}
	return r;
}

size_t meed_uni_lower(meed_str s, char *out)
{
	size_t i = 0, n = 0, len;
	bool cased_before = false;
	uint32_t cp;

	while (i < s.n) {
		unsigned char b = (unsigned char)s.p[i];

		if (b < 0x80) {
			bool letter = (b | 32u) - 'a' <= 'z' - 'a';

			out[n++] = (char)(letter ? b | 32u : b);
			if (letter || !memchr("'.:^`", b, 5))
				cased_before = letter;
			i++;
			continue;
		}
		/* U+4000..U+9FFF: neither cased nor case-ignorable */
		if (b >= 0xe4 && b <= 0xe9 && s.n - i >= 3) {
			memcpy(out + n, s.p + i, 3);
			i += 3;
			n += 3;
			cased_before = false;
			continue;
		}
		cp = meed_uni_next(s.p + i, s.n - i, &len);
		if (cp == 0xfffd) {	/* also what is ill-formed: keep the bytes */
			memcpy(out + n, s.p + i, len);
			n += len;
		} else if (cp == 0x130) {
			memcpy(out + n, "i\xcc\x87", 3);
			n += 3;
		} else if (cp == 0x3a3) {
			n += meed_uni_put(out + n,
					   final_sigma(cased_before, s, i + len) ? 0x3c2 : 0x3c3);
		} else {
			n += meed_uni_put(out + n,
					   (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp));
		}
		if (!case_ignorable(cp))
			cased_before = cased(cp);
		i += len;
	}
	return n;
}
