/* test_math_extract.c - finding the answer of a text: plugins/math/extract*.c. */
#include "config.h"

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/math/math.h"
#include "tests/unit/suites.h"

/* ---- an evaluation's memory: a malloc for each piece, so that sanitizers see every overflow ---- */

struct memory {
	void *v[8192];
	size_t n, refuse;		/* refuse the n-th, from 1 */
};

static void *get(void *ctx, size_t n)
{
	struct memory *m = ctx;

	if (m->n + 1 == m->refuse || m->n == sizeof(m->v) / sizeof(m->v[0]))
		return NULL;
	m->v[m->n] = calloc(1, n ? n : 1);
	return m->v[m->n] ? m->v[m->n++] : NULL;
}

static void release(struct memory *m)
{
	while (m->n > 0)
		free(m->v[--m->n]);
}

static const enum mx_anchor all[] = { MX_A_BOXED,  MX_A_HASHES, MX_A_ANSWER_TAG, MX_A_FINAL,
				      MX_A_ANSWER_IS, MX_A_LETTER, MX_A_DISPLAY,   MX_A_INLINE,
				      MX_A_BARE,   MX_A_WHOLE,	MX_A_N };
static const enum mx_anchor no_letters[] = { MX_A_BOXED,     MX_A_HASHES,  MX_A_ANSWER_TAG,
					     MX_A_FINAL,     MX_A_ANSWER_IS, MX_A_DISPLAY,
					     MX_A_INLINE,    MX_A_BARE,	   MX_A_WHOLE,
					     MX_A_N };

/* A copy without a NUL behind it: reading past the end is seen. */
static struct mx_candidates extract(struct memory *m, struct mx_env *e, const char *p, size_t n,
				    const enum mx_anchor *order, bool gold)
{
	struct mx_candidates c = { NULL, 0 };
	char *copy = malloc(n ? n : 1);

	*e = (struct mx_env){ .alloc = get, .ctx = m, .steps = 1000000 };
	if (!copy)
		return c;
	memcpy(copy, p, n);
	m->v[m->n++] = copy;
	(void)mx_extract(e, (meed_str){ copy, n }, order, gold, 16, &c);
	return c;
}

struct expect {
	const char *text, *answer;	/* NULL: none */
	enum mx_anchor anchor;
};

static void check(const struct expect *x, size_t n, const enum mx_anchor *order, bool gold)
{
	static struct memory m;
	struct mx_candidates c;
	struct mx_env e;
	size_t i;
	bool ok;

	for (i = 0; i < n; i++) {
		c = extract(&m, &e, x[i].text, strlen(x[i].text), order, gold);
		if (x[i].answer)
			ok = c.n > 0 && c.v[0].text.n == strlen(x[i].answer) &&
			     memcmp(c.v[0].text.p, x[i].answer, c.v[0].text.n) == 0 &&
			     c.v[0].anchor == x[i].anchor;
		else
			ok = c.n == 0;
		if (!ok)
			printf("\n%s\n  is %s \"%.*s\"\n  must be %s \"%s\"\n", x[i].text,
			       c.n ? mx_anchor_name(c.v[0].anchor) : "none",
			       c.n ? (int)c.v[0].text.n : 0, c.n ? c.v[0].text.p : "",
			       x[i].answer ? mx_anchor_name(x[i].anchor) : "none",
			       x[i].answer ? x[i].answer : "");
		CU_ASSERT(ok);
		release(&m);
	}
}
#define CHECK(table, order, gold) check(table, sizeof(table) / sizeof((table)[0]), order, gold)

static void test_boxes(void)
{
	static const struct expect x[] = {
		{ "so $x = \\boxed{5}$.", "5", MX_A_BOXED },
		{ "\\boxed{\\frac{1}{2}}", "\\frac{1}{2}", MX_A_BOXED },
		{ "first \\boxed{1}. Then \\boxed{2}.", "2", MX_A_BOXED },
		{ "\\boxed{\\text{a {b} c}}", "\\text{a {b} c}", MX_A_BOXED },
		{ "\\boxed{\\{1, 2\\}}", "\\{1, 2\\}", MX_A_BOXED },
		{ "\\\\boxed{7}", "7", MX_A_BOXED },
		{ "\\boxed 7", "7", MX_A_BOXED },
		{ "\\boxed7.", "7", MX_A_BOXED },
		{ "\\boxed\\frac12", "\\frac12", MX_A_BOXED },
		{ "\boxed{7}", "7", MX_A_BOXED },
		{ "\\fbox{7}", "7", MX_A_BOXED },
		{ "\\boxed{$5$}", "5", MX_A_BOXED },
		{ "\\boxed{\\boxed{5}}", "{5}", MX_A_BOXED },
		{ "\\boxed{1} and \\boxed{2}", "1, 2", MX_A_BOXED },
		{ "$\\boxed{1}$, $\\boxed{2}$ or $\\boxed{3}$", "1, 2, 3", MX_A_BOXED },
		{ "\\boxed{4} \\quad \\text{and} \\quad \\boxed{5}", "4, 5", MX_A_BOXED },
		{ "\\boxed{5}\n\\boxed{5}", "5", MX_A_BOXED },
		{ "\\boxed{\\frac12} = \\boxed{0.5}", "0.5", MX_A_BOXED },
		{ "\\boxed{1} and that is why we go on to \\boxed{2}", "2", MX_A_BOXED },
		{ "\\boxed{20}\\%", "20 \\%", MX_A_BOXED },
		{ "\\boxed{20} percent", "20 percent", MX_A_BOXED },
		{ "$\\boxed{5$ is it", "5", MX_A_BOXED },
		{ "\\boxed{5\n\nand so on", "5", MX_A_BOXED },
		{ "\\boxed{\n5\n}", "5", MX_A_BOXED },
	};

	CHECK(x, no_letters, false);
}

static void test_a_response_that_ends_in_a_box_has_no_answer(void)
{
	static const struct expect x[] = {
		{ "\\boxed{5", NULL, MX_A_N },
		{ "The answer is 5: \\boxed{\\frac{1}{2", NULL, MX_A_N },
		{ "\\boxed{3} and then \\boxed{5", "3", MX_A_BOXED },
	};
	static const struct expect gold[] = { { "\\boxed{5", "5", MX_A_BOXED } };

	CHECK(x, no_letters, false);
	CHECK(gold, all, true);
}

static void test_a_last_box_that_is_empty_withdraws_the_others(void)
{
	static const struct expect x[] = {
		{ "\\boxed{5}. Next: \\boxed{}", NULL, MX_A_N },
		{ "put it in \\boxed{}: The answer is 7.", "7", MX_A_ANSWER_IS },
	};

	CHECK(x, no_letters, false);
}

static void test_phrases(void)
{
	static const struct expect x[] = {
		{ "The answer is 42.", "42", MX_A_ANSWER_IS },
		{ "the answer is: $\\frac{1}{2}$.", "\\frac{1}{2}", MX_A_ANSWER_IS },
		{ "The answer to the question is 12 apples.", "12", MX_A_ANSWER_IS },
		{ "**Answer:** 3.5", "3.5", MX_A_ANSWER_IS },
		{ "Answer: **7**", "7", MX_A_ANSWER_IS },
		{ "### Final Answer\n\n42", "42", MX_A_FINAL },
		{ "**Final Answer**\n\n$x = 5$", "x = 5", MX_A_FINAL },
		{ "Final Answer: The final answer is $7$. I hope it is correct.", "7", MX_A_FINAL },
		{ "Final Answer: The volume of $ABCD$ is 120. Good.", "120", MX_A_FINAL },
		{ "final answer is \\[ 9 \\]", "9", MX_A_FINAL },
		{ "Answer $$ 9 $$", "9", MX_A_ANSWER_IS },
		{ "A: 200", "200", MX_A_ANSWER_IS },
		{ "so the answer is -3", "-3", MX_A_ANSWER_IS },
		{ "The answer is 3, 4 and 5.", "3, 4 and 5", MX_A_ANSWER_IS },
		{ "The answer is $3$ or $4$.", "3 or 4", MX_A_ANSWER_IS },
		{ "The answer is x = 2.", "x = 2", MX_A_ANSWER_IS },
		{ "The answer is 28 %.", "28 %", MX_A_ANSWER_IS },
		{ "The answer is yes, because it fits.", "yes", MX_A_ANSWER_IS },
		{ "The answer is $1,234.", "\\$1,234", MX_A_ANSWER_IS },
		{ "The answer is not 5. The answer is 6.", "6", MX_A_ANSWER_IS },
		{ "\xe7\xad\x94\xe6\xa1\x88\xe6\x98\xaf 7", "7", MX_A_ANSWER_IS },
		{ "\xe7\xad\x94\xe6\xa1\x88\xef\xbc\x9a$\\frac{1}{2}$", "\\frac{1}{2}", MX_A_ANSWER_IS },
		{ "\xe6\x9c\x80\xe7\xbb\x88\xe7\xad\x94\xe6\xa1\x88\xe4\xb8\xba 8\xe3\x80\x82", "8",
		  MX_A_FINAL },
		{ "La r\xc3\xa9ponse est 12.", "12", MX_A_ANSWER_IS },
		{ "Die Antwort ist 12.", "12", MX_A_ANSWER_IS },
		{ "\\boxed{255} so far. Final Answer: The final answer is $10,455$.", "10,455",
		  MX_A_FINAL },
		{ "The final answer is 3. \\boxed{4}", "4", MX_A_BOXED },
	};

	CHECK(x, no_letters, false);
}

static void test_hashes_and_tags(void)
{
	static const struct expect x[] = {
		{ "Natalia sold 48/2 = 24.\n#### 72", "72", MX_A_HASHES },
		{ "#### 1,234", "1,234", MX_A_HASHES },
		{ "#### Step 2: now add\nThe answer is 5.", "5", MX_A_ANSWER_IS },
		{ "<think>maybe 3</think><answer>4</answer>", "4", MX_A_ANSWER_TAG },
		{ "<answer>The answer is $x=4$.</answer>", "x=4", MX_A_ANSWER_TAG },
		{ "<answer>\\boxed{4}</answer>", "4", MX_A_BOXED },
		{ "<answer>1</answer> no, <answer>2", "2", MX_A_ANSWER_TAG },
		{ "<think>\\boxed{A}</think>\n\\boxed{5}", "5", MX_A_BOXED },
		{ "<think>\\boxed{5}", NULL, MX_A_N },
		{ "<think>\\boxed{5}</think>", NULL, MX_A_N },
		{ "It is 4.<|im_end|>\n<|im_start|>user\nAnd 5?", "4", MX_A_BARE },
	};

	CHECK(x, no_letters, false);
}

static void test_mathematics_in_the_text(void)
{
	static const struct expect x[] = {
		{ "We find $a=1$ and then get \\[ x = 7 \\]", "x = 7", MX_A_DISPLAY },
		{ "Therefore $x \\gt 5$ is the solution.", "x \\gt 5", MX_A_INLINE },
		{ "It costs $10 a piece, so for $x$ pieces we pay $10x$ dollars.", "10x dollars", MX_A_INLINE },
		{ "He has $5 and she has $7, so together they have $12.", "\\$12", MX_A_BARE },
		{ "Let $n$ be $3$. So there are 12 values of $n$.", "12", MX_A_BARE },
		{ "We had $x=3$. Therefore there are 12 ways in all.", "12", MX_A_BARE },
		{ "We had $x=3$. Note that step 2 is optional.", "x=3", MX_A_INLINE },
		{ "\\begin{align*} x &= 1 + 1 \\\\ &= 2 \\end{align*}", "2", MX_A_DISPLAY },
		{ "the roots are $2$ and $3$ in this case only", "2 and 3", MX_A_INLINE },
		{ "\\(\\frac{1}{2}\\) is what one gets in the end", "\\frac{1}{2}", MX_A_INLINE },
	};

	CHECK(x, no_letters, false);
}

static void test_bare_expressions(void)
{
	static const struct expect x[] = {
		{ "x^2+1", "x^2+1", MX_A_WHOLE },
		{ "1/2", "1/2", MX_A_WHOLE },
		{ "Yes", "Yes", MX_A_WHOLE },
		{ "$125$ miles", "125 miles", MX_A_WHOLE },
		{ "$21,16$ or $11$", "21,16 or 11", MX_A_WHOLE },
		{ "$1,000.99", "\\$1,000.99", MX_A_WHOLE },
		{ "**7**", "7", MX_A_WHOLE },
		{ "It is 4.", "4", MX_A_BARE },
		{ "After that he pays 100 - 30 = 70", "70", MX_A_BARE },
		{ "\xe5\x9c\xb0\xe5\x9d\x97 = 72000 / 18 = 4000\xe5\x8d\x83\xe5\x85\x8b", "4000 \xe5\x8d\x83\xe5\x85\x8b", MX_A_BARE },
		{ "Soucis : 2,74 $ a..", "2.74", MX_A_BARE },
		{ "how many $? just about 1$", "1", MX_A_BARE },
		{ "the code AZYUK2A has no figure", "the code AZYUK2A has no figure", MX_A_WHOLE },
		{ "In the end there remain 3/4 of them", "3/4", MX_A_BARE },
		{ "He was the 3rd of them, with 15 points.", "15 points", MX_A_BARE },
		{ "1. We add 4.\n2. We get -7.", "-7", MX_A_BARE },
		{ "", NULL, MX_A_N },
		{ " \n ", NULL, MX_A_N },
		{ "\\boxed{}", NULL, MX_A_N },
	};

	CHECK(x, no_letters, false);
}

static void test_choice_letters(void)
{
	static const struct expect x[] = {
		{ "(B)", "B", MX_A_LETTER },
		{ "D. it can't be A or B", "D", MX_A_LETTER },
		{ "B\xe3\x80\x82\xe4\xb8\x8d\xe6\x98\xaf A", "B", MX_A_LETTER },
		{ "B\xe4\xb8\x8d\xe6\x98\xaf A", "B", MX_A_LETTER },
		{ "It's not A because of that, therefore I think it's B", "B", MX_A_LETTER },
		{ "the correct answer is C", "C", MX_A_ANSWER_IS },
		{ "The answer is (C) Cecile.", "C", MX_A_ANSWER_IS },
		{ "The answer is **B**.", "B", MX_A_ANSWER_IS },
		{ "The correct option is B.", "B", MX_A_ANSWER_IS },
		{ "A man walks. I choose option D as A is too small", "D", MX_A_LETTER },
		{ "\xe6\x95\x85\xe9\x80\x89 B", "B", MX_A_LETTER },
		{ "\\boxed{\\text{B}}", "\\text{B}", MX_A_BOXED },
		{ "\\mathrm{E}*2", "\\mathrm{E}*2", MX_A_WHOLE },
	};

	CHECK(x, all, false);
}

static void test_references(void)
{
	static const struct expect x[] = {
		{ "$\\frac{3}{56}$", "\\frac{3}{56}", MX_A_WHOLE },
		{ "\\boxed{24}", "24", MX_A_BOXED },
		{ "So the total is 24.\n#### 24", "24", MX_A_HASHES },
		{ "(D) Alina", "D", MX_A_LETTER },
		{ "B", "B", MX_A_LETTER },
		{ "$$A:B=1$$", "A:B=1", MX_A_WHOLE },
		{ "$D = (0, 1)$", "D = (0, 1)", MX_A_WHOLE },
		{ "\\boxed{1} papers and \\boxed{2} bins", "1, 2", MX_A_BOXED },
		{ "The number is 4.", "4", MX_A_BARE },
		{ "3 hours and 20 minutes", "3 hours and 20 minutes", MX_A_WHOLE },
		{ "all real numbers", "all real numbers", MX_A_WHOLE },
	};

	CHECK(x, all, true);
}

static void test_candidates_come_best_first_and_once(void)
{
	static struct memory m;
	const char *text = "We get $x = 3$. The answer is 4. \\boxed{5} or $\\boxed{5}$";
	struct mx_candidates c;
	struct mx_env e;

	c = extract(&m, &e, text, strlen(text), no_letters, false);
	CU_ASSERT_FATAL(c.n >= 3);
	CU_ASSERT_EQUAL(c.v[0].anchor, MX_A_BOXED);
	CU_ASSERT_EQUAL(c.v[1].anchor, MX_A_ANSWER_IS);
	CU_ASSERT(c.v[0].latex);
	CU_ASSERT_EQUAL(c.v[1].at, 20);
	release(&m);
}

static void test_the_order_of_anchors_is_the_callers(void)
{
	static const enum mx_anchor order[] = { MX_A_ANSWER_IS, MX_A_BOXED, MX_A_N };
	static const struct expect x[] = {
		{ "The answer is 4. \\boxed{5}", "4", MX_A_ANSWER_IS },
		{ "Here is \\boxed{5}", "5", MX_A_BOXED },
		{ "just 6", NULL, MX_A_N },
	};

	CHECK(x, order, false);
}

/* ---- what must hold for any text ------------------------------------------------------------- */

static uint64_t next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* Pieces that mean something, in any order. */
static size_t random_text(uint64_t *seed, char *buf, size_t cap)
{
	static const char *const pieces[] = {
		"\\boxed{", "}", "{", "$", "$$", "\\(", "\\)", "\\[", "\\]", "\\begin{align*}",
		"\\end{align*}", "The answer is ", "final answer", ": ", "#### ", "<answer>",
		"</answer>", "<think>", "</think>", "5", "x", " = ", "\\frac", "\\\\", "\\", "\n",
		"\n\n", " and ", ", ", "(B)", " B", "**", "3.5", "1,000", "-", "%", "\xe7\xad\x94\xe6\xa1\x88",
		"\xe3\x80\x82", "\xff", "\xe2\x88", "\\text{", "text", ".", "a", "option ", "\b", "|", "not ",
		"is", "(", ")", "[", "]", "'", "^", "e", "0", "th", "<|im_end|>", "&", "\\,", "\\%", "\\$"
	};
	size_t n = 0, want = next(seed) % 40, len;
	const char *p;

	while (want-- > 0) {
		p = pieces[next(seed) % (sizeof(pieces) / sizeof(pieces[0]))];
		len = strlen(p);
		if (n + len > cap)
			break;
		memcpy(buf + n, p, len);
		n += len;
	}
	return n;
}

static void test_any_text_is_survived(void)
{
	static struct memory m;
	struct mx_candidates c;
	uint64_t seed = 88172645463325252u;
	char buf[512];
	struct mx_env e;
	size_t i, k, n, bad = 0;

	for (i = 0; i < 20000; i++) {
		n = random_text(&seed, buf, sizeof(buf));
		c = extract(&m, &e, buf, n, i & 1 ? all : no_letters, (i & 2) != 0);
		bad += e.spent != 0;
		for (k = 0; k < c.n; k++)
			bad += c.v[k].text.n == 0 || c.v[k].at > n || c.v[k].anchor >= MX_A_N;
		release(&m);
	}
	CU_ASSERT_EQUAL(bad, 0);
}

static void test_any_refused_allocation_is_survived(void)
{
	static struct memory m;
	const char *text = "$5$ and \\boxed{1} and \\boxed{$2$}. The answer is $3$ or **$4**. 2,5";
	struct mx_candidates c;
	struct mx_env e;
	size_t n = strlen(text), k;
	bool spent = true;

	for (k = 2; k < 100 && spent; k++) {
		m.refuse = k;
		c = extract(&m, &e, text, n, all, false);
		spent = e.spent != 0;
		CU_ASSERT(!spent || (e.spent == MEED_E_NOMEM && c.n == 0));
		release(&m);
	}
	m.refuse = 0;
	CU_ASSERT(!spent);
}

/* What would take minutes if any part of it were quadratic. */
static void test_long_texts_take_linear_time(void)
{
	static const char *const units[] = {
		"\\boxed{", "$", "$1 ", "\\(", "\\[", "\\begin{align*}", "((((", "answer is ", "\\", "{",
		"----", "####", "<answer>", "1 + ", "1,1", "is is ", "\\text{", "1 and ", "\\boxed{1} and ",
		"$1$, ", "answer ", "**", "A ", "}", "$$", "box", "\\(x", "1 2 ", "final answer: ", "\xe4\xbd\xa0",
		"= ", "a.b", "f(", "\\frac{", "\n\n", "1\n", "# ", "\\begin{align*}\\end{align}", "1th"
	};
	static struct memory m;
	size_t i, n = 100000, len, k;
	char *text = malloc(n);
	struct mx_env e;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		len = strlen(units[i]);
		for (k = 0; k < n; k++)
			text[k] = units[i][k % len];
		(void)extract(&m, &e, text, n, all, false);
		CU_ASSERT(e.spent == 0);
		release(&m);
	}
	free(text);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "boxes", test_boxes },
		{ "a response that ends in a box has no answer",
		  test_a_response_that_ends_in_a_box_has_no_answer },
		{ "a last box that is empty withdraws the others",
		  test_a_last_box_that_is_empty_withdraws_the_others },
		{ "phrases", test_phrases },
		{ "hashes and tags", test_hashes_and_tags },
		{ "mathematics in the text", test_mathematics_in_the_text },
		{ "bare expressions", test_bare_expressions },
		{ "choice letters", test_choice_letters },
		{ "references", test_references },
		{ "candidates come best first and once", test_candidates_come_best_first_and_once },
		{ "the order of anchors is the caller's",
		  test_the_order_of_anchors_is_the_callers },
		{ "any text is survived", test_any_text_is_survived },
		{ "any refused allocation is survived", test_any_refused_allocation_is_survived },
		{ "long texts take linear time", test_long_texts_take_linear_time },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = { { "math extract", NULL, NULL, NULL, NULL,
						 tests },
					       CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
