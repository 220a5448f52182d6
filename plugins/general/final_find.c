/* Finding the final number of a text: anchors, from the end to the start.
 *
 * Each search for an anchor stops where the one before it began, so that a text full of anchors
 * without numbers is still read a bounded number of times. */
#include "config.h"
#include "final.h"

static bool is_alnum(unsigned char b)
{
	return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') ||
	       b >= 0x80;
}

static bool is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\r';
}

static const char *line_end(const char *p, const char *end)
{
	const char *q = memchr(p, '\n', (size_t)(end - p));

	return q ? q : end;
}

/* The start of the line that p is in. */
static const char *line_start(meed_str text, const char *p)
{
	const char *q = memrchr(text.p, '\n', (size_t)(p - text.p));

	return q ? q + 1 : text.p;
}

/* Where the sentence ends that p is in; end if it goes on. A point between digits is none. */
static const char *sentence_end(const char *p, const char *end)
{
	for (; p < end; p++) {
		if (*p == '\n')
			break;
		if ((*p == '.' || *p == '!' || *p == '?') &&
		    (p + 1 == end || is_blank(p[1]) || p[1] == '\n'))
			break;
		if (*p == '\xe3' && end - p >= 3 && p[1] == '\x80' && p[2] == '\x82')
			break;
	}
	return p;
}

/* The number that [p, end) states: the first one, or if an equation goes on from it, the one
 * after the last sign of equality ("3 + 4 = 7"). A remark in brackets is not looked into. */
static bool stated(const struct meed_final_rules *r, meed_str text, const char *p,
		   const char *end, struct meed_final_number *ret)
{
	struct meed_final_number last;
	const char *q, *stop;

	if (!meed_final_next(r, text, p, end, ret))
		return false;
	stop = ret->to < end ? sentence_end(ret->to, end) : end;
	for (q = ret->to; q < stop; q++)
		if (*q == '(' || *q == ',' || *q == ';')
			stop = q;
	while (ret->to < stop) {
		q = memrchr(ret->to, '=', (size_t)(stop - ret->to));
		if (!q)
			break;
		if (meed_final_next(r, text, q, stop, &last)) {
			*ret = last;
			break;
		}
		stop = q;
	}
	return true;
}

/* "#### 5": nothing but signs may stand between, and "#### 2. Next step" is a heading. */
static bool find_hash(const struct meed_final_rules *r, meed_str text,
		      struct meed_final_number *ret)
{
	const char *end = text.p + text.n, *stop = end, *p = end, *q, *t;
	bool found = false;

	while (!found && (p = memrchr(text.p, '#', (size_t)(p - text.p))) != NULL) {
		if (p - text.p < 3 || memcmp(p - 3, "####", 4) != 0)
			continue;
		q = line_end(p + 1, stop);
		for (t = p + 1; t < q && !is_alnum((unsigned char)*t); t++)
			;
		found = meed_final_next(r, text, p + 1, q, ret) &&
			(ret->whole.p <= t || ret->from <= t);
		if (found && ret->to + 1 < end && (*ret->to == '.' || *ret->to == ')') &&
		    is_blank(ret->to[1])) {
			for (t = ret->to + 1; t < end && is_blank(*t); t++)
				;
			found = t == end || *t == '\n';
		}
		stop = p - 3;
		p = stop;
	}
	return found;
}

/* The end of the group that opens at p ('{'), or stop if it is not closed before. */
static const char *group_end(const char *p, const char *stop)
{
	size_t depth = 0;

	for (; p < stop; p++) {
		if (*p == '\\' && p + 1 < stop)
			p++;
		else if (*p == '{')
			depth++;
		else if (*p == '}' && --depth == 0)
			break;
	}
	return p;
}

static bool find_boxed(const struct meed_final_rules *r, meed_str text,
		       struct meed_final_number *ret)
{
	static const meed_str names[] = { { "\\boxed", 6 }, { "\\fbox", 5 } };
	const char *end = text.p + text.n, *stop = end, *p = end, *q;
	bool found = false;
	size_t i;

	while (!found && (p = memrchr(text.p, '\\', (size_t)(p - text.p))) != NULL) {
		q = NULL;
		for (i = 0; i < 2 && !q; i++)
			if ((size_t)(end - p) > names[i].n &&
			    memcmp(p, names[i].p, names[i].n) == 0)
				q = p + names[i].n;
		if (!q || is_alnum((unsigned char)*q))
			continue;
		while (q < stop && is_blank(*q))
			q++;
		if (q < stop)
			found = stated(r, text, q, *q == '{' ? group_end(q, stop)
							      : line_end(q, stop), ret);
		stop = p;
	}
	return found;
}

static bool same_letters(const char *p, meed_str phrase, bool fold)
{
	bool same = true;
	size_t i;

	for (i = 0; i < phrase.n && same; i++) {
		char ch = p[i];

		if (fold && ch >= 'A' && ch <= 'Z')
			ch = (char)(ch + 32);
		same = ch == phrase.p[i];
	}
	return same;
}

/* A letter or digit of ASCII: of Chinese nobody can tell where words end. */
static bool is_word(char ch)
{
	return is_alnum((unsigned char)ch) && (unsigned char)ch < 0x80;
}

/* The phrase that stands at p as words of their own, or NULL. */
static const meed_str *phrase_at(const struct meed_final_model *m, meed_str text, const char *p)
{
	uint32_t may = m->first[(unsigned char)*p];
	size_t left = text.n - (size_t)(p - text.p);
	const meed_str *s;
	unsigned i;

	if (p > text.p && is_word(*p) && is_word(p[-1]))
		return NULL;
	for (; may; may &= may - 1) {
		i = (unsigned)__builtin_ctz(may);
		s = &m->phrases[i];
		if (s->n <= left && same_letters(p, *s, m->folds >> i & 1) &&
		    (s->n == left || !is_word(p[s->n - 1]) || !is_word(p[s->n])))
			return s;
	}
	return NULL;
}

/* The number on the rest of the line, or on the next line that has anything on it. */
static bool find_phrase(const struct meed_final_model *m, meed_str text,
			struct meed_final_number *ret, meed_str *ret_phrase)
{
	const char *end = text.p + text.n, *stop = end, *p, *q, *t;
	const meed_str *s;
	bool found = false;

	for (p = end; p > text.p && !found;) {
		p--;
		s = m->first[(unsigned char)*p] ? phrase_at(m, text, p) : NULL;
		if (!s)
			continue;
		q = p + s->n < stop ? p + s->n : stop;
		t = line_end(q, stop);
		found = stated(&m->rules, text, q, sentence_end(q, t), ret) ||
			stated(&m->rules, text, q, t, ret);
		for (q = t; q < stop && (is_blank(*q) || *q == '\n'); q++)
			;
		if (!found && q < stop)
			found = stated(&m->rules, text, q, line_end(q, stop), ret);
		*ret_phrase = *s;
		stop = p;
	}
	return found;
}

static bool find_last(const struct meed_final_rules *r, meed_str text,
		      struct meed_final_number *ret)
{
	const char *end = text.p + text.n, *start, *p;
	struct meed_final_number x;
	bool found = false;

	while (!found && end > text.p) {
		start = line_start(text, end);
		for (p = start; p < end && meed_final_next(r, text, p, end, &x); p = x.to) {
			*ret = x;
			found = true;
		}
		end = start > text.p ? start - 1 : text.p;
	}
	return found;
}

bool meed_final_find(const struct meed_final_model *m, meed_str text, struct meed_final *ret)
{
	bool found = false;
	size_t i;

	for (i = 0; i < m->n_anchors && !found; i++) {
		switch (m->anchors[i]) {
		case MEED_ANCHOR_HASH:
			ret->anchor = MEED_S("####");
			found = find_hash(&m->rules, text, &ret->number);
			break;
		case MEED_ANCHOR_BOXED:
			ret->anchor = MEED_S("\\boxed");
			found = find_boxed(&m->rules, text, &ret->number);
			break;
		case MEED_ANCHOR_PHRASE:
			found = find_phrase(m, text, &ret->number, &ret->anchor);
			break;
		default:
			ret->anchor = MEED_S("");
			found = find_last(&m->rules, text, &ret->number);
			break;
		}
	}
	return found;
}
