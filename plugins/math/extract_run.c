/* extract_run.c - several boxes or stretches of mathematics that are one answer, with the unit that
 * stands behind them. */
#include "config.h"
#include "extract.h"

static bool is_alpha(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

/* Do the words and signs between two boxes make one answer of both? */
static bool joins(meed_str gap)
{
	static const char *const apart[] = { "equivalently", "hence", "thus",	   "so",   "which",
					     "namely",	     "then",  "therefore", "using", "not" };
	static const char *const commands[] = { "quad", "qquad", "text", "mbox", "textrm", "mathrm",
						"textbf", "hspace", "cup" };
	size_t p, q, i, words = 0, plus = 0;
	meed_str w;

	if (gap.n > 80 || meed_find(gap, 0, MEED_S("\n\n")) != MEED_NONE)
		return false;
	for (p = 0; p < gap.n; p = q) {
		q = p + 1;
		plus += gap.p[p] == '+';
		if (memchr("=.!?:<>-*/^|&#", gap.p[p], 14))
			return false;
		if (!is_alpha(gap.p[p]))
			continue;
		while (q < gap.n && is_alpha(gap.p[q]))
			q++;
		w = meed_sub(gap, p, q);
		if (p > 0 && gap.p[p - 1] == '\\') {
			for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
				if (meed_eq(w, meed_s(commands[i])))
					break;
			if (i == sizeof(commands) / sizeof(commands[0]))
				return false;
			continue;
		}
		for (i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
			if (w.n == strlen(apart[i]) && mx_word_at(w, 0, apart[i]))
				return false;
		words++;
	}
	return words <= 3 && plus != 1;
}

static bool usable(const struct mx_scan *t, const struct mx_box *b, size_t from, size_t to)
{
	return !b->nested && !b->cut && b->from >= from && b->to <= to &&
	       mx_trim(meed_sub(t->s, b->in_from, b->in_to)).n > 0;
}

/* a and b with a blank between them. */
static meed_str join(struct mx_env *e, meed_str a, meed_str b)
{
	char *out = mx_alloc(e, a.n + b.n + 1);

	if (!out || !a.p)
		return (meed_str){ NULL, 0 };
	memcpy(out, a.p, a.n);
	out[a.n] = ' ';
	memcpy(out + a.n + 1, b.p, b.n);
	return (meed_str){ out, a.n + b.n + 1 };
}

/* a with the unit behind it: a letter alone says in \text{} that it is no variable. */
meed_str mx_join_unit(struct mx_env *e, meed_str a, meed_str unit)
{
	bool letter = is_alpha(unit.p[0]) && (unit.n == 1 || !is_alpha(unit.p[1]));
	meed_str none = { NULL, 0 };
	char *out;

	if (!letter)
		return join(e, a, unit);
	out = mx_alloc(e, unit.n + 8);
	if (!out)
		return none;
	memcpy(out, "\\text{", 6);
	out[6] = unit.p[0];
	out[7] = '}';
	memcpy(out + 8, unit.p + 1, unit.n - 1);
	return join(e, a, (meed_str){ out, unit.n + 7 });
}

/* The unit between p and end without what stands before it. */
static meed_str unit_text(meed_str s, size_t p, size_t end)
{
	while (p < end && (s.p[p] == ' ' || s.p[p] == '$' || s.p[p] == '~' || s.p[p] == '*'))
		p++;
	return meed_sub(s, p, end);
}

meed_str mx_bare_unit(const struct mx_scan *t, size_t from, size_t end, size_t to)
{
	meed_str x = mx_bare_text(t->e, meed_sub(t->s, from, end));
	size_t after = mx_unit_after(t->s, end, to);

	if (x.p)
		x = mx_tidy(t->e, x);
	return x.p && x.n > 0 && after > end ? mx_join_unit(t->e, x, unit_text(t->s, end, after)) : x;
}

/* "\\text{The answer is } 12" in a box. */
static meed_str without_phrase(meed_str s)
{
	size_t p = s.n < 200 ? meed_find(s, 0, MEED_S("answer is")) : MEED_NONE;

	if (p == MEED_NONE)
		return s;
	for (p += 9; p < s.n && memchr(" }:", s.p[p], 3); p++)
		;
	return p < s.n ? meed_sub(s, p, s.n) : s;
}

/* The text of boxes i..j, those that are usable. */
static meed_str box_texts(const struct mx_scan *t, size_t i, size_t j, size_t from, size_t to)
{
	meed_str none = { NULL, 0 }, *v, x;
	size_t n = 0, k, end;
	bool same = true;

	v = mx_alloc(t->e, (j - i + 1) * sizeof(*v));
	if (!v)
		return none;
	for (k = i; k <= j; k++) {
		if (!usable(t, &t->boxes[k], from, to))
			continue;
		x = without_phrase(meed_sub(t->s, t->boxes[k].in_from, t->boxes[k].in_to));
		same = same && (n == 0 || meed_eq(mx_trim(x), mx_trim(v[0])));
		v[n++] = x;
	}
	if (!same)
		return mx_tidy_all(t->e, v, n);
	end = mx_unit_after(t->s, t->boxes[j].to, to);
	if (n == 1 && end > t->boxes[j].to && !is_alpha(v[0].p[v[0].n - 1]) &&
	    mx_prose(v[0], NULL) == 0 && meed_find(v[0], 0, MEED_S("\\text")) == MEED_NONE)
		return mx_join_unit(t->e, mx_tidy(t->e, v[0]), unit_text(t->s, t->boxes[j].to, end));
	return mx_tidy(t->e, v[0]);
}

/* Boxes of one run are one answer: "\boxed{1} and \boxed{2}". */
bool mx_boxed(const struct mx_scan *t, size_t from, size_t to, struct mx_candidate *ret)
{
	const struct mx_box *b, *next;
	size_t last = t->n_boxes, first, k;

	while (last > 0 && !usable(t, &t->boxes[last - 1], from, to))
		last--;
	if (last-- == 0)
		return false;
	first = last;
	next = &t->boxes[last];
	for (k = last; k > 0; k--) {
		b = &t->boxes[k - 1];
		if (!usable(t, b, from, to))
			continue;
		if (b->to > next->from || !joins(meed_sub(t->s, b->to, next->from)))
			break;
		first = k - 1;
		next = b;
	}
	ret->text = box_texts(t, first, last, from, to);
	ret->anchor = MX_A_BOXED;
	ret->at = t->boxes[first].from;
	ret->latex = true;
	return ret->text.n > 0;
}

/* Between stretches of mathematics: nothing but what joins a list. */
static bool lists(meed_str gap)
{
	static const char *const words[] = { "and", "or", "\xe5\x92\x8c", "\xe6\x88\x96", "\xe3\x80\x81",
					     "\xef\xbc\x8c", "\xe4\xb8\x8e", ",", ";", "&", "et", "und",
					     "ou", "y", "oder", "maybe", "perhaps", "possibly" };
	meed_str rest = meed_strip(gap);
	size_t i;

	while (rest.n > 0) {
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (mx_word_at(rest, 0, words[i]))
				break;
		if (i == sizeof(words) / sizeof(words[0]))
			return false;
		rest = meed_strip_left(meed_sub(rest, strlen(words[i]), rest.n));
	}
	return gap.n < 40 && meed_strip(gap).n > 0;
}

/* Does a line have a name and nothing else before its "="? */
static bool gives_name(meed_str line)
{
	size_t p = 0;

	while (p < line.n && memchr("& \n{", line.p[p], 4))
		p++;
	if (p >= line.n || !is_alpha(line.p[p]))
		return false;
	for (p++; p < line.n && line.p[p] != '='; p++)
		if (!memchr("& _{}0123456789", line.p[p], 15))
			return false;
	return p < line.n;
}

/* Are the lines of a display equations that hold together, and not steps? */
static bool is_system(meed_str in)
{
	static const char *const grids[] = { "cases}", "matrix}", "array}", "vmatrix}" };
	size_t from = 0, to, i;

	for (i = 0; i < sizeof(grids) / sizeof(grids[0]); i++)
		if (meed_find(in, 0, meed_s(grids[i])) != MEED_NONE)
			return true;
	for (; from < in.n; from = to + 2) {
		to = meed_find(in, from, MEED_S("\\\\"));
		to = to == MEED_NONE ? in.n : to;
		if (meed_strip(meed_sub(in, from, to)).n > 0 && !gives_name(meed_sub(in, from, to)))
			return false;
	}
	return true;
}

/* The last step of a derivation over several lines: what follows the last "=" of its last line. */
static meed_str last_step(meed_str in)
{
	size_t p = in.n, line, q;
	meed_str rest;

	for (;;) {
		while (p > 1 && !(in.p[p - 1] == '\\' && in.p[p - 2] == '\\'))
			p--;
		if (p <= 1)
			return in;
		line = p;
		rest = meed_strip(meed_sub(in, line, in.n));
		p -= 2;
		if (rest.n > 0)
			break;
		in.n = p;
	}
	for (q = 0; q < rest.n && (rest.p[q] == '&' || rest.p[q] == ' ' || rest.p[q] == '\n'); q++)
		;
	if (q >= rest.n)
		return in;
	if (rest.p[q] != '=')
		return is_system(in) || !memchr(rest.p, '=', rest.n) ? in : rest;
	for (q = rest.n; rest.p[q - 1] != '='; q--)
		;
	return meed_sub(rest, q, rest.n);
}

bool mx_span_run(const struct mx_scan *t, size_t i, bool back, size_t from, size_t to,
		 struct mx_candidate *ret)
{
	const struct mx_span *v = t->spans;
	size_t first = i, last = i, end;
	meed_str in;

	while (back && first > 0 && v[first - 1].from >= from &&
	       lists(meed_sub(t->s, v[first - 1].to, v[first].from)))
		first--;
	while (!back && last + 1 < t->n_spans && v[last + 1].to <= to &&
	       lists(meed_sub(t->s, v[last].to, v[last + 1].from)))
		last++;
	end = mx_unit_after(t->s, v[last].to, to);
	if (first == last) {
		in = meed_sub(t->s, v[i].in_from, v[i].in_to);
		in = v[i].display ? last_step(in) : in;
	} else {
		in = meed_sub(t->s, v[first].from, v[last].to);
	}
	ret->text = mx_tidy(t->e, in);
	if (end > v[last].to && ret->text.n > 0 &&
	    meed_find(ret->text, 0, MEED_S("\\text")) == MEED_NONE)
		ret->text = mx_join_unit(t->e, ret->text, unit_text(t->s, v[last].to, end));
	ret->anchor = v[i].display ? MX_A_DISPLAY : MX_A_INLINE;
	ret->at = v[first].from;
	ret->latex = true;
	return ret->text.n > 0;
}
