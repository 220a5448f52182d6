/* privacy_find.c - finding personal data: hand-written matchers for five patterns.
 *
 * Each finds what Python's re.findall finds with the pattern beside it, \b, \d, \w and \s being
 * Unicode's. A match can begin only where a word does, and the text between two '@' or two runs
 * of digits is looked at a fixed number of times, so the whole is one linear pass. */
#include "config.h"
#include "format.h"

struct find {
	const char *p;
	size_t n;
	bool validate, ascii_words;
	size_t done[FORMAT_N_PII];	/* where the last match of each kind ended */
	struct format_leaks *out;
};

static bool is_num(char ch)
{
	return ch >= '0' && ch <= '9';
}

static bool is_alpha(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool is_word(const struct find *f, uint32_t cp)
{
	return (cp < 0x80 || !f->ascii_words) && format_is_word(cp);
}

/* Whether the character at i is part of a word; false at the end. */
static bool word_at(const struct find *f, size_t i)
{
	uint32_t cp;

	if (i >= f->n)
		return false;
	(void)meed_utf8_next(f->p + i, f->n - i, &cp);
	return is_word(f, cp);
}

/* Whether the character that ends before i is part of a word; false at the start. */
static bool word_before(const struct find *f, size_t i)
{
	size_t start = i;
	uint32_t cp;

	if (i == 0)
		return false;
	do
		start--;
	while (start > 0 && i - start < 4 && ((unsigned char)f->p[start] & 0xC0) == 0x80);
	return meed_utf8_next(f->p + start, i - start, &cp) == i - start && is_word(f, cp);
}

static void found(struct find *f, enum format_pii kind, size_t from, size_t to)
{
	struct format_leaks *out = f->out;

	out->count[kind]++;
	if (out->n < FORMAT_MAX_LEAKS)
		out->v[out->n++] = (struct format_leak){ kind, from, to };
}

/* The bytes of a separator at i, 0 if there is none; dot: '.' is one too. */
static size_t separator(const struct find *f, size_t i, bool dot)
{
	uint32_t cp;
	size_t len;

	if (i >= f->n)
		return 0;
	len = meed_utf8_next(f->p + i, f->n - i, &cp);
	return cp == '-' || (dot && cp == '.') || meed_is_space(cp) ? len : 0;
}

/* ---- e-mail: \b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Z|a-z]{2,}\b ------------------------ */

static bool is_local(char ch)
{
	return is_num(ch) || is_alpha(ch) || (ch != '\0' && strchr("._%+-", ch));
}

/* Where an address's domain that starts at i ends, or 0. */
static size_t domain_end(const struct find *f, size_t i)
{
	size_t end = i, dot, tld;

	while (end < f->n && (is_num(f->p[end]) || is_alpha(f->p[end]) || f->p[end] == '.' ||
			      f->p[end] == '-'))
		end++;
	for (dot = end; dot-- > i + 1;) {
		if (f->p[dot] != '.')
			continue;
		tld = dot + 1;
		while (tld < f->n && (is_alpha(f->p[tld]) || (f->p[tld] == '|' && !f->validate)))
			tld++;
		for (; tld >= dot + 3; tld--) {
			if (word_before(f, tld) != word_at(f, tld))
				return tld;
		}
	}
	return 0;
}

static bool email_good(const struct find *f, size_t from, size_t at, size_t to)
{
	size_t i;

	for (i = from; i < to; i++) {
		if (f->p[i] == '.' && (i == from || f->p[i + 1] == '.' || f->p[i + 1] == '@' ||
				       i == at + 1))
			return false;
		if (f->p[i] == '-' && i > at && (f->p[i - 1] == '.' || f->p[i - 1] == '@' ||
						 f->p[i + 1] == '.'))
			return false;
	}
	return true;
}

static void find_email(struct find *f, size_t at)
{
	size_t start = at, end;

	while (start > f->done[FORMAT_EMAIL] && is_local(f->p[start - 1]))
		start--;
	while (start < at && word_before(f, start) == word_at(f, start))
		start++;
	if (start >= at)
		return;
	end = domain_end(f, at + 1);
	if (!end)
		return;
	f->done[FORMAT_EMAIL] = end;
	if (!f->validate || email_good(f, start, at, end))
		found(f, FORMAT_EMAIL, start, end);
}

/* ---- phone: \b(?:\+?1[-.\s]?)?\(?[0-9]{3}\)?[-.\s]?[0-9]{3}[-.\s]?[0-9]{4}\b ------------- */

/* Reads count ASCII digits at *i. */
static bool take_digits(const struct find *f, size_t *i, size_t count)
{
	size_t end = *i + count;

	if (end > f->n)
		return false;
	for (; *i < end; ++*i) {
		if (!is_num(f->p[*i]))
			return false;
	}
	return true;
}

/* The part after the country code; 0 or where it ends. ret_area, ret_exchange: where those
 * groups of three digits start. */
static size_t phone_rest(const struct find *f, size_t i, size_t *ret_area, size_t *ret_exchange)
{
	if (i < f->n && f->p[i] == '(')
		i++;
	*ret_area = i;
	if (!take_digits(f, &i, 3))
		return 0;
	if (i < f->n && f->p[i] == ')')
		i++;
	i += separator(f, i, true);
	*ret_exchange = i;
	if (!take_digits(f, &i, 3))
		return 0;
	i += separator(f, i, true);
	return take_digits(f, &i, 4) && !word_at(f, i) ? i : 0;
}

/* North American numbering (no group starts with 0 or 1), or a Chinese mobile number; not the
 * digits after a decimal point. */
static bool phone_good(const struct find *f, size_t from, size_t to, size_t area, size_t exchange)
{
	if (from > 1 && f->p[from - 1] == '.' && is_num(f->p[from - 2]))
		return false;
	if (f->p[area] >= '2' && f->p[exchange] >= '2')
		return true;
	return to - from == 11 && f->p[from] == '1' && f->p[from + 1] >= '3' &&
	       is_num(f->p[from + 1]);
}

static void find_phone(struct find *f, size_t from)
{
	size_t i = from, end = 0, area = 0, exchange = 0;

	if (from < f->done[FORMAT_PHONE])
		return;
	if (f->p[i] == '+')
		i++;
	if (i < f->n && f->p[i] == '1') {
		i++;
		i += separator(f, i, true);
		end = phone_rest(f, i, &area, &exchange);
	}
	if (!end)
		end = phone_rest(f, from, &area, &exchange);
	if (!end)
		return;
	f->done[FORMAT_PHONE] = end;
	if (!f->validate || phone_good(f, from, end, area, exchange))
		found(f, FORMAT_PHONE, from, end);
}

/* ---- identity card: \b[1-9]\d{5}(18|19|20)\d{2}(month)(day)\d{3}[0-9Xx]\b ---------------- */

static bool id_good(const int *v)
{
	static const int weight[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	static const int days[12] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = v[6] * 1000 + v[7] * 100 + v[8] * 10 + v[9];
	int month = v[10] * 10 + v[11], day = v[12] * 10 + v[13];
	int i, sum = 0;

	if (day > days[month - 1])
		return false;
	if (month == 2 && day == 29 && (year % 4 != 0 || (year % 100 == 0 && year % 400 != 0)))
		return false;
	for (i = 0; i < 17; i++)
		sum += weight[i] * v[i];
	return (12 - sum % 11) % 11 == v[17];
}

static void find_id_card(struct find *f, size_t from)
{
	size_t i = from, k;
	int v[18], century, month, day;
	uint32_t cp;

	if (from < f->done[FORMAT_ID_CARD] || f->p[from] == '0')
		return;
	for (k = 0; k < 18; k++) {
		if (i >= f->n)
			return;
		i += meed_utf8_next(f->p + i, f->n - i, &cp);
		v[k] = format_digit(cp);
		/* other scripts' digits pass for the region, the year and the order only */
		if (cp >= 0x80 && (k == 0 || k == 6 || k == 7 || (k >= 10 && k <= 13) || k == 17))
			return;
		if (k == 17 && (cp == 'X' || cp == 'x'))
			v[k] = 10;
		if (v[k] < 0)
			return;
	}
	century = v[6] * 10 + v[7];
	month = v[10] * 10 + v[11];
	day = v[12] * 10 + v[13];
	if (century < 18 || century > 20 || month < 1 || month > 12 || day < 1 || day > 31 ||
	    word_at(f, i))
		return;
	f->done[FORMAT_ID_CARD] = i;
	if (!f->validate || id_good(v))
		found(f, FORMAT_ID_CARD, from, i);
}

/* ---- payment card: \b(?:\d{4}[-\s]?){3}\d{4}\b ------------------------------------------- */

static bool luhn(const int *v)
{
	int i, d, sum = 0;

	for (i = 0; i < 16; i++) {
		d = i % 2 ? v[i] : v[i] * 2;
		sum += d > 9 ? d - 9 : d;
	}
	return sum % 10 == 0 && sum > 0;
}

static void find_credit_card(struct find *f, size_t from)
{
	size_t i = from, k;
	uint32_t cp;
	int v[16];

	if (from < f->done[FORMAT_CREDIT_CARD])
		return;
	for (k = 0; k < 16; k++) {
		if (k > 0 && k % 4 == 0)
			i += separator(f, i, false);
		if (i >= f->n)
			return;
		i += meed_utf8_next(f->p + i, f->n - i, &cp);
		v[k] = format_digit(cp);
		if (v[k] < 0)
			return;
	}
	if (word_at(f, i))
		return;
	f->done[FORMAT_CREDIT_CARD] = i;
	if (!f->validate || luhn(v))
		found(f, FORMAT_CREDIT_CARD, from, i);
}

/* ---- IPv4: \b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b, less what starts like a private one -------- */

/* By the book: no octet above 255 or with a leading zero, none of the ranges that no host on
 * the internet has, and not part of a longer row of numbers. */
static bool ip_good(const struct find *f, size_t from, size_t to, const int *v, bool zeros)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (v[i] > 255)
			return false;
	}
	if (zeros || (from > 1 && f->p[from - 1] == '.' && is_num(f->p[from - 2])) ||
	    (to + 1 < f->n && f->p[to] == '.' && is_num(f->p[to + 1])))
		return false;
	return v[0] != 0 && v[0] != 10 && v[0] != 127 && v[0] < 224 &&
	       !(v[0] == 172 && v[1] >= 16 && v[1] <= 31) && !(v[0] == 192 && v[1] == 168) &&
	       !(v[0] == 169 && v[1] == 254);
}

static void find_ip(struct find *f, size_t from)
{
	static const char *const exempt[] = { "127.", "192.168.", "10.", "172." };
	size_t i = from, k, len;
	meed_str s;
	int v[4];
	bool zeros = false;

	if (from < f->done[FORMAT_IP])
		return;
	for (k = 0; k < 4; k++) {
		v[k] = 0;
		for (len = 0; len < 4 && i < f->n && is_num(f->p[i]); len++)
			v[k] = v[k] * 10 + (f->p[i++] - '0');
		if (len < 1 || len > 3 || (k < 3 && (i >= f->n || f->p[i] != '.')))
			return;
		zeros = zeros || (len > 1 && f->p[i - len] == '0');
		i += k < 3;
	}
	if (word_at(f, i))
		return;
	f->done[FORMAT_IP] = i;
	s.p = f->p + from;
	s.n = i - from;
	if (f->validate) {
		if (!ip_good(f, from, i, v, zeros))
			return;
	} else {
		for (k = 0; k < sizeof(exempt) / sizeof(exempt[0]); k++) {
			if (meed_starts(s, meed_s(exempt[k])))
				return;
		}
	}
	found(f, FORMAT_IP, from, i);
}

/* ---- the pass ----------------------------------------------------------------------------- */

/* Looks at the ASCII digits from i on and returns where they end. */
static size_t at_digits(struct find *f, size_t i)
{
	size_t end = i;

	while (end < f->n && is_num(f->p[end]))
		end++;
	if (i > 0 && (f->p[i - 1] == '(' || f->p[i - 1] == '+') && word_before(f, i - 1))
		find_phone(f, i - 1);
	if (!word_before(f, i)) {
		find_phone(f, i);
		find_id_card(f, i);
		find_credit_card(f, i);
		find_ip(f, i);
	}
	return end;
}

/* Lead bytes of the characters in which other scripts' digits are written. */
static bool may_be_digit(unsigned char b)
{
	return b == 0xD9 || b == 0xDB || b == 0xDF || b == 0xE0 || b == 0xE1 || b == 0xEA ||
	       b == 0xEF || b == 0xF0;
}

void format_find_leaks(meed_str text, bool validate, bool ascii_words, struct format_leaks *ret)
{
	struct find f = { text.p, text.n, validate, ascii_words, { 0 }, ret };
	size_t i = 0;
	uint32_t cp;
	unsigned char b;

	while (i < f.n) {
		b = (unsigned char)f.p[i];
		if (is_num((char)b)) {
			i = at_digits(&f, i);
		} else if (b == '@') {
			find_email(&f, i++);
		} else if (b >= 0x80 && may_be_digit(b)) {
			size_t len = meed_utf8_next(f.p + i, f.n - i, &cp);

			if (format_digit(cp) >= 0 && !word_before(&f, i))
				find_credit_card(&f, i);
			i += len;
		} else {
			i = format_skip_dull(text, i + 1);
		}
	}
}
