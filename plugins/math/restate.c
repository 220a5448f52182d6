/* restate.c - is an answer nothing but the task's own expression? */
#include "config.h"
#include "verify.h"

#define MAX_TASK 65536			/* bytes of a task that are looked at */

static bool is_alpha(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool is_word(char ch)
{
	return is_alpha(ch) || (ch >= '0' && ch <= '9') || ch == '.' || ch == '\\';
}

/* How long what only lays out is at p: blanks, dollars, braces, \left, \,; *ret: one sign that
 * stands for it, or '\0'. 0: something else. */
static size_t layout(meed_str s, size_t p, char *ret)
{
	static const struct {
		const char *s;
		char as;
	} marks[] = { { "\\displaystyle", 0 }, { "\\left", 0 },	 { "\\right", 0 }, { "\\cdot", '*' },
		      { "\\times", '*' },	{ "\\quad", 0 },  { "\\limits", 0 }, { "\\,", 0 },
		      { "\\;", 0 },		{ "\\!", 0 },	   { "\\ ", 0 },	 { "\\(", 0 },
		      { "\\)", 0 },		{ "\\[", 0 },	   { "\\]", 0 },	 { "**", '^' },
		      { "\xe2\x88\x92", '-' },	{ "\xc3\x97", '*' } };
	size_t i, n;

	*ret = '\0';
	if (memchr(" \n\t\r${}", s.p[p], 7))
		return 1;
	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		n = strlen(marks[i].s);
		if (s.n - p < n || memcmp(s.p + p, marks[i].s, n) != 0)
			continue;
		if (n > 2 && marks[i].s[0] == '\\' && p + n < s.n && is_alpha(s.p[p + n]))
			continue;
		*ret = marks[i].as;
		return n;
	}
	return 0;
}

/* Do the n bytes at p end with a command's name? */
static bool ends_command(const char *p, size_t n)
{
	while (n > 0 && is_alpha(p[n - 1]))
		n--;
	return n > 0 && p[n - 1] == '\\';
}

/* s without what only lays out; words stay apart. */
static meed_str squeeze(struct mx_env *e, meed_str s)
{
	meed_str none = { NULL, 0 };
	char *out = mx_alloc(e, s.n + 1), as;
	size_t p = 0, n = 0, len;

	if (!out || !mx_step(e, 1 + s.n / 16))
		return none;
	while (p < s.n) {
		len = layout(s, p, &as);
		if (len == 0) {
			/* \dfrac is \frac */
			if (s.p[p] == '\\' && p + 5 < s.n && (s.p[p + 1] == 'd' || s.p[p + 1] == 't') &&
			    memcmp(s.p + p + 2, "frac", 4) == 0) {
				out[n++] = '\\';
				p += 2;
				continue;
			}
			out[n++] = s.p[p++];
			continue;
		}
		if (as)
			out[n++] = as;
		else if (n > 0 && is_word(out[n - 1]) && p + len < s.n && is_word(s.p[p + len]) &&
			 s.p[p + len] != '\\' && memchr(" \n$", s.p[p], 3) &&
			 (is_alpha(s.p[p + len]) || !ends_command(out, n)))
			out[n++] = ' ';
		p += len;
	}
	return (meed_str){ out, n };
}

/* Does `what` stand in s with nothing of the same word or number beside it? */
static bool stands_in(meed_str s, meed_str what)
{
	size_t p;

	if (what.n == 0 || !what.p)
		return false;
	for (p = meed_find(s, 0, what); p != MEED_NONE; p = meed_find(s, p + 1, what)) {
		if (p > 0 && is_word(s.p[p - 1]) && is_word(what.p[0]) && what.p[0] != '\\')
			continue;
		if (p + what.n < s.n && is_word(s.p[p + what.n]) && s.p[p + what.n] != '.' &&
		    s.p[p + what.n] != '\\' && is_word(what.p[what.n - 1]))
			continue;
		return true;
	}
	return false;
}

/* Is there anything in s to work out? */
static bool has_work(meed_str s)
{
	static const char *const names[] = { "\\frac", "\\sqrt", "\\sum", "\\int", "\\prod", "\\lim",
					     "\\binom", "\\log", "\\ln", "\\sin", "\\cos", "\\tan" };
	size_t i;

	for (i = 0; i < s.n; i++)
		if (memchr("+*^!(/", s.p[i], 6) || (s.p[i] == '-' && i > 0))
			return true;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (meed_find(s, 0, meed_s(names[i])) != MEED_NONE)
			return true;
	return false;
}

static meed_str printed(struct mx_env *e, const struct mx *x)
{
	meed_str none = { NULL, 0 };
	char *buf = mx_alloc(e, 1024);
	struct meed_text t;

	if (!buf || !x)
		return none;
	t = meed_text_in(buf, 1024);
	mx_print(&t, x);
	return squeeze(e, meed_text_get(&t));
}

bool mx_restates(struct mx_env *e, meed_str task, const struct mx_result *v)
{
	meed_str answer, gold, gold_text;

	if (task.n == 0 || v->verdict != MX_YES || !v->pred.found)
		return false;
	answer = squeeze(e, v->pred.cand.text);
	gold = squeeze(e, v->gold.cand.text);
	gold_text = printed(e, v->gold.x);
	if (!answer.p || !gold.p || answer.n < 3 || !has_work(answer) || meed_eq(answer, gold) ||
	    meed_eq(printed(e, v->pred.x), gold_text))
		return false;
	task = squeeze(e, meed_sub(task, 0, MAX_TASK));
	return task.p && stands_in(task, answer) && !stands_in(task, gold) &&
	       !stands_in(task, gold_text) && !meed_eq(answer, gold_text);
}
