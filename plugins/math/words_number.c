/* words_number.c - numbers in words: "twenty-five", "three and a half", 一百零五. */
#include "config.h"
#include "plugins/math/lex.h"

#define MOST INT64_C(1000000000000000)

struct word {
	const char *s;
	int64_t v;
};

static bool is_alpha(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

/* The next word from *p on, in lower case; empty at the end or where no letter stands. */
static meed_str next_word(meed_str s, size_t *p, char *buf, size_t cap)
{
	meed_str w = { buf, 0 };

	while (*p < s.n && (s.p[*p] == ' ' || s.p[*p] == '-'))
		(*p)++;
	for (; *p < s.n && is_alpha(s.p[*p]) && w.n < cap; (*p)++)
		buf[w.n++] = (char)(s.p[*p] | 32);
	return w;
}

static int64_t value_of(meed_str w)
{
	static const struct word units[] = {
		{ "a", 1 },	   { "an", 1 },	     { "zero", 0 },	{ "one", 1 },
		{ "two", 2 },	   { "three", 3 },   { "four", 4 },	{ "five", 5 },
		{ "six", 6 },	   { "seven", 7 },   { "eight", 8 },	{ "nine", 9 },
		{ "ten", 10 },	   { "eleven", 11 }, { "twelve", 12 },	{ "thirteen", 13 },
		{ "fourteen", 14 }, { "fifteen", 15 }, { "sixteen", 16 }, { "seventeen", 17 },
		{ "eighteen", 18 }, { "nineteen", 19 }, { "twenty", 20 }, { "thirty", 30 },
		{ "forty", 40 },   { "fifty", 50 },  { "sixty", 60 },	{ "seventy", 70 },
		{ "eighty", 80 },  { "ninety", 90 }
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (meed_eq(w, meed_s(units[i].s)))
			return units[i].v;
	return -1;
}

static int64_t scale_of(meed_str w)
{
	static const struct word scales[] = { { "hundred", 100 },     { "dozen", 12 },
					      { "thousand", 1000 },   { "million", 1000000 },
					      { "billion", 1000000000 },
					      { "trillion", INT64_C(1000000000000) } };
	size_t i;

	for (i = 0; i < sizeof(scales) / sizeof(scales[0]); i++)
		if (meed_eq(w, meed_s(scales[i].s)))
			return scales[i].v;
	return 0;
}

/* "half", "thirds": what they divide by; 0 for other words. */
static int64_t part_of(meed_str w)
{
	static const struct word parts[] = { { "half", 2 },    { "halve", 2 },	 { "third", 3 },
					     { "quarter", 4 }, { "fourth", 4 },	 { "fifth", 5 },
					     { "sixth", 6 },   { "seventh", 7 }, { "eighth", 8 },
					     { "ninth", 9 },   { "tenth", 10 },	 { "twelfth", 12 },
					     { "hundredth", 100 }, { "thousandth", 1000 } };
	size_t i;

	if (w.n > 1 && w.p[w.n - 1] == 's')
		w.n--;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (meed_eq(w, meed_s(parts[i].s)))
			return parts[i].v;
	return 0;
}

struct spelled {
	int64_t whole, group, last;	/* group: below a thousand; last: its last word's value */
	bool any, fraction, lone_a;
	int64_t num, den;
};

static bool take(struct spelled *n, meed_str w)
{
	int64_t v = value_of(w), scale = scale_of(w), part = part_of(w);

	if (n->fraction)
		return false;
	if (part > 0) {
		/* "half" needs no number before it; an ordinal does */
		if (!n->any && part != 2)
			return false;
		n->fraction = true;
		n->num = n->any ? n->group : 1;
		n->den = part;
		n->group = 0;
		return n->num > 0;
	}
	if (scale > 0) {
		if (!n->any || (n->group == 0 && n->whole > 0))
			return false;
		if (scale <= 100) {
			n->group = n->group > 0 && n->group < 100 ? n->group * scale : -1;
		} else {
			n->whole += n->group < MOST / scale ? n->group * scale : MOST;
			n->group = 0;
		}
		n->last = 100;
		n->lone_a = false;
		return n->group >= 0 && n->whole < MOST;
	}
	if (v < 0 || (n->any && !(n->last >= 100 || (n->last >= 20 && n->last % 10 == 0 && v > 0 && v < 10))))
		return false;
	n->lone_a = w.p[0] == 'a';
	n->group += v;
	n->last = v;
	n->any = true;
	return true;
}

/* "and a half": a whole number and a fraction of its own. */
static bool with_part(struct spelled *n, meed_str s, size_t *p)
{
	struct spelled part = { .last = 0 };
	char buf[16];
	meed_str w;

	while ((w = next_word(s, p, buf, sizeof(buf))).n > 0)
		if (!take(&part, w))
			return false;
	if (!part.fraction) {
		/* "one hundred and five" */
		if (n->last != 100 || part.whole > 0 || !part.any || part.lone_a)
			return false;
		n->group += part.group;
		return part.group < 100;
	}
	n->fraction = part.whole == 0;
	n->num = part.num;
	n->den = part.den;
	return n->fraction;
}

static bool english(meed_str s, int64_t *ret_num, int64_t *ret_den)
{
	struct spelled n = { .last = 0 };
	bool minus, mixed = false;
	char buf[16];
	meed_str w;
	size_t p = 0;

	w = next_word(s, &p, buf, sizeof(buf));
	minus = meed_eq(w, MEED_S("minus")) || meed_eq(w, MEED_S("negative"));
	if (minus)
		w = next_word(s, &p, buf, sizeof(buf));
	for (; w.n > 0 && !mixed; w = next_word(s, &p, buf, sizeof(buf))) {
		mixed = meed_eq(w, MEED_S("and")) && n.any && !n.fraction;
		if (mixed ? !with_part(&n, s, &p) : !take(&n, w))
			return false;
	}
	if (p < s.n || (!n.any && !n.fraction) || (n.lone_a && !n.fraction))
		return false;
	if (!n.fraction) {
		n.num = 0;
		n.den = 1;
	}
	*ret_num = (n.whole + n.group) * n.den + n.num;
	*ret_num = minus ? -*ret_num : *ret_num;
	*ret_den = n.den;
	return true;
}

size_t mx_chinese_number(meed_str s, int64_t *ret)
{
	static const struct word signs[] = {
		{ "零", 0 }, { "〇", 0 }, { "一", 1 }, { "二", 2 }, { "两", 2 }, { "三", 3 },
		{ "四", 4 }, { "五", 5 }, { "六", 6 }, { "七", 7 }, { "八", 8 }, { "九", 9 },
		{ "十", 10 }, { "百", 100 }, { "千", 1000 }, { "万", 10000 }, { "亿", 100000000 }
	};
	int64_t total = 0, section = 0, digit = -1;
	size_t p = 0, i;
	bool any = false;

	for (; p + 3 <= s.n; p += 3) {
		for (i = 0; i < 17; i++)
			if (memcmp(s.p + p, signs[i].s, 3) == 0)
				break;
		if (i == 17)
			break;
		if (i < 12) {
			/* a second digit in a row is no number of this kind, but for a zero */
			if (digit > 0)
				break;
			digit = signs[i].v;
		} else if (i < 15) {
			if (digit < 0 && (any || i > 12))
				break;
			section += (digit < 0 ? 1 : digit) * signs[i].v;
			digit = -1;
		} else {
			if (!any || total > MOST / signs[i].v)
				break;
			total = (total + section + (digit > 0 ? digit : 0)) * signs[i].v;
			section = 0;
			digit = -1;
		}
		any = true;
	}
	*ret = total + section + (digit > 0 ? digit : 0);
	return any ? p : 0;
}

bool mx_spelled(meed_str s, int64_t *ret_num, int64_t *ret_den)
{
	*ret_den = 1;
	s = meed_strip(s);
	if (s.n == 0 || s.n > 100)
		return false;
	if ((unsigned char)s.p[0] >= 0xE3)
		return mx_chinese_number(s, ret_num) == s.n;
	return is_alpha(s.p[0]) && english(s, ret_num, ret_den);
}
