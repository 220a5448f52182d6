/* judge.c - the test server in the part of a judge: finds in the prompt what is asked for, and
 * answers in that form.
 *
 * What it thinks of an answer or a step is what stands in it as [[points N]], else 5. It says so on
 * a scale of 1 to 10; below 5 violates the first rubric, and is a wrong step. Everything is looked
 * for in the request's body as it came, escaped as JSON. */
#include "tests/llm/judge.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
	char *p;
	size_t n, size;
};

/* Quotes are written as ' and become \" , for the content stands in a JSON string. */
static void __attribute__((format(printf, 2, 3))) say(struct text *t, const char *format, ...)
{
	char buf[400];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(buf, sizeof(buf), format, ap);
	va_end(ap);
	for (const char *s = buf; *s && t->n + 3 < t->size; s++) {
		if (*s == '\'')
			t->p[t->n++] = '\\';
		t->p[t->n++] = *s == '\'' ? '"' : *s;
	}
	t->p[t->n] = '\0';
}

/* The last place of what in s. */
static const char *last(const char *s, const char *what)
{
	const char *at = NULL;

	for (const char *p = s; (p = strstr(p, what)); p++)
		at = p;
	return at;
}

/* Points of what stands between <name id="nonce"> and its end; -1: it is not there. */
static long points(const char *body, const char *name, const char *nonce)
{
	char tag[120], end[120];
	const char *p, *e, *x;

	(void)snprintf(tag, sizeof(tag), "<%s id=\\\"%s\\\">", name, nonce);
	(void)snprintf(end, sizeof(end), "</%s id=\\\"%s\\\">", name, nonce);
	p = strstr(body, tag);
	e = p ? strstr(p, end) : NULL;
	if (!e)
		return -1;
	x = strstr(p, "[[points ");
	return x && x < e ? strtol(x + 9, NULL, 10) : 5;
}

static long points_of(const char *body, const char *kind, size_t i, const char *nonce)
{
	char name[40];

	(void)snprintf(name, sizeof(name), "%s_%zu", kind, i);
	return points(body, name, nonce);
}

/* How many rubrics are numbered in the prompt. */
static size_t count_rubrics(const char *body)
{
	const char *p = strstr(body, "# Rubrics\\n"), *end = p ? strstr(p, "\\n\\n") : NULL;
	size_t n = 0;

	for (; p && end; n++) {
		char head[24];

		(void)snprintf(head, sizeof(head), "\\n%zu. ", n + 1);
		p = strstr(p, head);
		if (!p || p > end)
			break;
	}
	return n;
}

static void each(struct text *t, const char *body, const char *nonce, const char *list,
		 const char *key, bool words)
{
	long x;

	say(t, "'%s': [", list);
	for (size_t i = 1; (x = points_of(body, key, i, nonce)) >= 0; i++) {
		say(t, "%s{'%s': %zu, 'critique': 'Number %zu has %ld points.', ",
		    i > 1 ? ", " : "", key, i, i, x);
		if (words)
			say(t, "'verdict': '%s'}", x < 5 ? "incorrect" : "correct");
		else
			say(t, "'score': %ld}", x);
	}
	say(t, "]");
}

static void rubrics(struct text *t, size_t n, long x)
{
	say(t, "'rubrics': [");
	for (size_t i = 1; i <= n; i++)
		say(t,
		    "%s{'rubric': %zu, 'critique': 'Rubric %zu is met to %ld points.', 'score': "
		    "%ld}",
		    i > 1 ? ", " : "", i, i, x, x);
	say(t, "]");
}

static void best(struct text *t, const char *body, const char *nonce)
{
	long x, top = -1;
	bool any = false;

	for (size_t i = 1; (x = points_of(body, "answer", i, nonce)) >= 0; i++)
		top = x > top ? x : top;
	say(t, "'critique': 'The best have %ld points.', 'best': [", top);
	for (size_t i = 1; (x = points_of(body, "answer", i, nonce)) >= 0; i++) {
		if (x < top)
			continue;
		say(t, "%s%zu", any ? ", " : "", i);
		any = true;
	}
	say(t, "]");
}

/* Points from 10 down to 0 are places. */
static void ranking(struct text *t, const char *body, const char *nonce)
{
	bool any = false;

	say(t, "'critique': 'In the order of their points.', 'ranking': [");
	for (long at = 10; at >= 0; at--) {
		bool open = false;
		long x;

		for (size_t i = 1; (x = points_of(body, "answer", i, nonce)) >= 0; i++) {
			if (x != at)
				continue;
			say(t, "%s%zu", open ? ", " : any ? ", [" : "[", i);
			open = any = true;
		}
		if (open)
			say(t, "]");
	}
	say(t, "]");
}

static void first_error(struct text *t, const char *body, const char *nonce)
{
	size_t wrong = 0;
	long x;

	for (size_t i = 1; (x = points_of(body, "step", i, nonce)) >= 0; i++)
		if (x < 5 && !wrong)
			wrong = i;
	say(t, "'critique': 'Looked at each.', 'first_error': %zu", wrong);
}

/* A writer: what has N points is written anew with two more, up to ten; what has ten is left. Where
 * the conversation says [[stubborn]] the new answer has no more than the old one, and where it says
 * [[silent]] the tags are forgotten. */
static bool rewrite_answer(const char *body, char *out, size_t size)
{
	static const char open[] = "<rewrite id=\\\"";
	const char *form = last(body, open);
	char nonce[41] = "";
	long had, now;

	if (!form)
		return false;
	form += strlen(open);
	for (size_t i = 0; i < 40 && form[i] != '\\' && form[i]; i++)
		nonce[i] = form[i];
	had = points(body, "answer", nonce);
	now = strstr(body, "[[stubborn]]") ? had : had + 2;
	if (strstr(body, "[[silent]]"))
		(void)snprintf(out, size, "Here you are: [[points 10]]");
	else if (had >= 10)
		(void)snprintf(out, size,
			       "<critique id=\\\"%s\\\">Nothing is missing.</critique id=\\\"%s\\\">"
			       "<rewrite id=\\\"%s\\\"></rewrite id=\\\"%s\\\">",
			       nonce, nonce, nonce, nonce);
	else
		(void)snprintf(out, size,
			       "<critique id=\\\"%s\\\">It has %ld points.</critique id=\\\"%s\\\">\\n"
			       "<rewrite id=\\\"%s\\\">\\nOnce more: [[points %ld]]\\n</rewrite>",
			       nonce, had, nonce, nonce, now > 10 ? 10 : now);
	return true;
}

bool judge_answer(const char *body, char *out, size_t size)
{
	static const char before[] = "{\\\"id\\\": \\\"";
	struct text t = { out, 0, size };
	const char *form = last(body, before);
	char nonce[41] = "";
	long one, a, b;

	if (!form)
		return rewrite_answer(body, out, size);
	form += strlen(before);
	for (size_t i = 0; i < 40 && form[i] != '\\' && form[i]; i++)
		nonce[i] = form[i];
	one = points(body, "answer", nonce);
	a = points(body, "answer_A", nonce);
	b = points(body, "answer_B", nonce);
	say(&t, "{'id': '%s', ", nonce);
	if (strstr(form, "\\\"criteria\\\": ["))
		say(&t, "'criteria': [{'criterion': 'Answers what was asked.', 'weight': 3}, "
			"{'criterion': 'Is right.', 'weight': 2}]");
	else if (strstr(form, "\\\"rubrics\\\": ["))
		rubrics(&t, count_rubrics(body), one);
	else if (strstr(form, "\\\"violations\\\": ["))
		say(&t, "'critique': 'Seen.', 'violations': [%s]", one < 5 ? "1" : "");
	else if (strstr(form, "\\\"preference\\\": "))
		say(&t, "'critique': '%ld to %ld.', 'preference': '%s'", a, b,
		    a > b   ? "A"
		    : a < b ? "B"
			    : "tie");
	else if (strstr(form, "\\\"A\\\": "))
		say(&t, "'critique': '%ld to %ld.', 'A': %ld, 'B': %ld", a, b, a, b);
	else if (strstr(form, "\\\"answers\\\": ["))
		each(&t, body, nonce, "answers", "answer", false);
	else if (strstr(form, "\\\"ranking\\\": ["))
		ranking(&t, body, nonce);
	else if (strstr(form, "\\\"best\\\": ["))
		best(&t, body, nonce);
	else if (strstr(form, "\\\"steps\\\": ["))
		each(&t, body, nonce, "steps", "step", true);
	else if (strstr(form, "\\\"first_error\\\": "))
		first_error(&t, body, nonce);
	else if (strstr(form, "\\\"verdict\\\": "))
		say(&t, "'critique': 'Decided.', 'verdict': '%s'", one < 5 ? "no" : "yes");
	else
		say(&t, "'critique': 'It has %ld points.', 'score': %ld", one, one);
	say(&t, "}");
	return true;
}
