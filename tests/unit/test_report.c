/* test_report.c - a report's forms: what is shown is what was put in, whatever that was. */
#include "config.h"
#include "host/report/page.h"
#include "host/report/parts.h"
#include "host/report/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "tests/unit/suites.h"

#define HOSTILE "<script>x('&')</script>\"\\ `id` $(id)\033[31m\xe2\x80\xae\xff,\r\nz"

static struct meed_report *hostile_report(void)
{
	struct meed_report *r = meed_report_new("health", HOSTILE);
	struct meed_report_table *t;
	struct meed_report_plot *p;

	meed_report_fact(r, "a key", "%s", HOSTILE);
	meed_report_fact_num(r, "x", NAN);
	meed_report_note(r, MEED_NOTE_ERROR, "%s", HOSTILE);
	t = meed_report_table(r, HOSTILE, HOSTILE, HOSTILE);
	meed_table_column(t, "name", HOSTILE, MEED_CELL_TEXT, 0);
	meed_table_column(t, "name", "again", MEED_CELL_NUMBER, 2);
	meed_table_column(t, "share", "share", MEED_CELL_PERCENT, 1);
	meed_table_row(t);
	meed_table_text(t, "%s", HOSTILE);
	meed_table_num(t, INFINITY);
	meed_table_interval(t, 0.5, NAN, 0.6);
	meed_table_row(t);
	meed_table_str(t, MEED_STR("a\0b"));
	meed_table_num(t, -0.0004);
	meed_table_interval(t, 0.25, 0.125, 0.5);
	meed_table_row(t);
	p = meed_report_plot(r, HOSTILE, HOSTILE, MEED_PLOT_BARS, HOSTILE, HOSTILE);
	meed_plot_series(p, HOSTILE);
	meed_plot_point(p, HOSTILE, 0, 1, NAN, NAN);
	meed_plot_point(p, "'; system('touch /tmp/x'); '", 1, NAN, NAN, NAN);
	return r;
}

static bool has(const struct meed_buf *b, const char *s)
{
	return b->n > 0 && memmem(b->p, b->n, s, strlen(s)) != NULL;
}

static void test_json_is_json_and_has_no_nan(void)
{
	struct meed_report *r = hostile_report();
	struct meed_buf b = { 0 };
	struct json_object *o, *v = NULL;

	CU_ASSERT_EQUAL(meed_report_json(r, &b), MEED_OK);
	meed_buf_putc(&b, '\0');
	o = json_tokener_parse(b.p);
	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	CU_ASSERT(json_object_object_get_ex(o, "meed", &v));
	CU_ASSERT_STRING_EQUAL(json_object_get_string(v), "report/1");
	CU_ASSERT(has(&b, "\"name\":\"a\\u0000b\",\"name_2\":-0.0004,"));
	CU_ASSERT(has(&b, "\"share\":{\"value\":0.5,\"low\":null,\"high\":null}"));
	CU_ASSERT(has(&b, "\"x\":null"));
	CU_ASSERT_FALSE(has(&b, "nan"));
	CU_ASSERT_FALSE(has(&b, "inf"));
	json_object_put(o);
	meed_buf_release(&b);
	meed_report_free(r);
}

static void test_csv_quotes_and_leaves_missing_empty(void)
{
	struct meed_report *r = meed_report_new("x", "x");
	struct meed_report_table *t = meed_report_table(r, "one", "", NULL);
	struct meed_err err = { 0 };
	struct meed_buf b = { 0 };

	meed_table_column(t, "a", "a", MEED_CELL_TEXT, 0);
	meed_table_column(t, "b", "b", MEED_CELL_PERCENT, 1);
	meed_table_row(t);
	meed_table_text(t, "x, \"y\"\nz");
	meed_table_interval(t, 0.5, 0.25, 0.75);
	meed_table_row(t);
	meed_table_row(t);
	meed_table_missing(t);
	meed_table_num(t, 1);
	CU_ASSERT_EQUAL(meed_report_csv(r, NULL, &err, &b), MEED_OK);
	meed_buf_putc(&b, '\0');
	CU_ASSERT_STRING_EQUAL(b.p,
			       "a,b,b_low,b_high\r\n\"x, \"\"y\"\"\nz\",0.5,0.25,0.75\r\n,,,\r\n"
			       ",1,,\r\n");
	CU_ASSERT_EQUAL(meed_report_csv(r, "two", &err, &b), MEED_E_PARAM);
	CU_ASSERT_STRING_EQUAL(err.text, "no table \"two\" in the report; it has one");
	meed_buf_release(&b);
	meed_report_free(r);
}

/* The widest line, in columns, and whether anything in the text commands a terminal. */
static size_t widest(const struct meed_buf *b, bool *ret_commands)
{
	size_t at = 0, from = 0, w, most = 0;

	*ret_commands = false;
	for (at = 0; at < b->n; at++) {
		*ret_commands |= (unsigned char)b->p[at] < 0x20 && b->p[at] != '\n';
		if (b->p[at] != '\n')
			continue;
		w = report_width((meed_str){ b->p + from, at - from });
		most = w > most ? w : most;
		from = at + 1;
	}
	return most;
}

static void test_text_obeys_no_escape_and_fits(void)
{
	static const unsigned widths[] = { 40, 60, 80, 200 };
	struct meed_report *r = hostile_report();
	size_t i;

	for (i = 0; i < 8; i++) {
		const struct meed_report_text how = { .utf8 = i % 2 == 0, .width = widths[i / 2] };
		struct meed_buf b = { 0 };
		bool commands;

		CU_ASSERT_EQUAL(meed_report_text(r, &how, &b), MEED_OK);
		CU_ASSERT(widest(&b, &commands) <= widths[i / 2]);
		CU_ASSERT_FALSE(commands);
		CU_ASSERT_FALSE(has(&b, "nan"));
		CU_ASSERT_FALSE(has(&b, "-0.00"));
		CU_ASSERT_EQUAL(meed_utf8_check(b.p, b.n), b.n);
		meed_buf_release(&b);
	}
	meed_report_free(r);
}

static struct meed_report *wide_report(size_t n_cols)
{
	struct meed_report *r = meed_report_new("x", "");
	struct meed_report_table *t = meed_report_table(r, "t", "", NULL);
	size_t i;

	meed_table_column(t, "run", "run", MEED_CELL_TEXT, 0);
	for (i = 1; i < n_cols; i++)
		meed_table_column(t, "x", "a number", MEED_CELL_NUMBER, 3);
	meed_table_row(t);
	meed_table_text(t, "results/2026/first-run-of-all.jsonl");
	for (i = 1; i < n_cols; i++)
		meed_table_num(t, 100 + (double)i);
	return r;
}

static void test_long_names_lose_their_middle(void)
{
	struct meed_report *r = wide_report(4);
	const struct meed_report_text how = { .utf8 = true, .width = 50 };
	struct meed_buf b = { 0 };

	CU_ASSERT_EQUAL(meed_report_text(r, &how, &b), MEED_OK);
	CU_ASSERT(has(&b, "results/202\xe2\x80\xa6"
			  "f-all.jsonl  101.000"));
	CU_ASSERT(has(&b, "101.000  102.000  103.000\n"));
	meed_buf_release(&b);
	meed_report_free(r);
}

static void test_too_many_columns_become_blocks_that_repeat_the_name(void)
{
	struct meed_report *r = wide_report(20);
	const struct meed_report_text how = { .utf8 = false, .width = 60 };
	struct meed_buf b = { 0 };
	const char *at;
	size_t names = 0;
	bool commands;

	CU_ASSERT_EQUAL(meed_report_text(r, &how, &b), MEED_OK);
	CU_ASSERT(widest(&b, &commands) <= 60);
	CU_ASSERT(has(&b, "119.000"));
	meed_buf_putc(&b, '\0');
	for (at = b.p; (at = strstr(at, "resul")); at++)
		names++;
	CU_ASSERT(names >= 3);
	meed_buf_release(&b);
	meed_report_free(r);
}

static void test_wrapping_keeps_every_word(void)
{
	meed_str rest = MEED_STR("one two  verylongwordindeed \xe6\xa8\xa1\xe5\x9e\x8b three");
	struct meed_buf b = { 0 };
	size_t n = 0;

	for (; rest.n > 0 && n < 100; n++) {
		meed_str line = report_line(&rest, 7);

		CU_ASSERT(report_width(line) <= 7);
		meed_buf_put(&b, line.p, line.n);
		meed_buf_putc(&b, '|');
	}
	meed_buf_putc(&b, '\0');
	CU_ASSERT_STRING_EQUAL(b.p, "one two|verylon|gwordin|deed|\xe6\xa8\xa1\xe5\x9e\x8b|three|");
	meed_buf_release(&b);
}

static void test_page_escapes_everything(void)
{
	struct meed_report *r = hostile_report();
	struct meed_err err = { 0 };
	struct meed_buf b = { 0 };

	CU_ASSERT_EQUAL(meed_report_html(r, false, &err, &b), MEED_OK);
	CU_ASSERT_FALSE(has(&b, "<script"));
	CU_ASSERT(has(&b, "&lt;script&gt;x(&#39;&amp;&#39;)&lt;/script&gt;&quot;"));
	CU_ASSERT_FALSE(has(&b, "\033"));
	CU_ASSERT_FALSE(has(&b, "\xe2\x80\xae"));
	CU_ASSERT_FALSE(has(&b, " style=\""));
	CU_ASSERT_FALSE(has(&b, "://"));
	CU_ASSERT_FALSE(has(&b, ">nan<"));
	CU_ASSERT_EQUAL(meed_utf8_check(b.p, b.n), b.n);
	meed_buf_release(&b);
	meed_report_free(r);
}

/* Cleans one drawing; what came out is in *b. */
static int32_t clean(const char *svg, struct meed_buf *b)
{
	struct meed_report *r = meed_report_new("x", "x");
	struct meed_report_plot *p = meed_report_plot(r, "p", "T<", MEED_PLOT_LINES, "", "");
	struct meed_err err = { 0 };
	int32_t code = report_svg_clean(p, meed_str_of(svg), &err, b);

	meed_report_free(r);
	return code;
}

static void test_drawing_keeps_what_a_drawing_needs(void)
{
	struct meed_buf b = { 0 };

	CU_ASSERT_EQUAL(
		clean("<?xml version=\"1.0\"?><!DOCTYPE svg><svg viewBox=\"0 0 5 5\" "
		      "onload=\"x()\"><title>t</title><defs><circle id='gpDot' r='1'/></defs>"
		      "<g id=\"a\" style=\"x\" fill=\"black\" onclick=\"y()\"><text>a\xee\x80\xbc"
		      "b</text></g><g>\n</g><use xlink:href='#gpDot' color='rgb( 11,  0,  2)'/>"
		      "<use xlink:href='http://x/'/><path d='M0,0' stroke='url(#x)'/></svg>",
		      &b),
		MEED_OK);
	meed_buf_putc(&b, '\0');
	CU_ASSERT_STRING_EQUAL(b.p, "<svg viewBox=\"0 0 5 5\" role=\"img\" aria-label=\"T&lt;\">\n"
				    "<defs><circle id=\"svg-p-gpDot\" r=\"1\"/></defs>"
				    "<g fill=\"currentColor\"><text>a&lt;b</text></g>"
				    "<use href=\"#svg-p-gpDot\" color=\"var(--s2)\"/><use/>"
				    "<path d=\"M0,0\"/></svg>");
	meed_buf_release(&b);
}

static void test_drawing_with_anything_else_is_refused(void)
{
	static const char *const bad[] = {
		"<svg><script>x()</script></svg>",
		"<svg><foreignObject/></svg>",
		"<svg><image/></svg>",
		"<svg><g>",
		"<g></g>",
		"",
		"<svg",
		"<svg><style>*{}</style></svg>",
		"<svg><a href='x'></a></svg>",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct meed_buf b = { 0 };

		CU_ASSERT(clean(bad[i], &b) < 0);
		CU_ASSERT_FALSE(has(&b, "<script"));
		meed_buf_release(&b);
	}
}

/* No byte of a title, label or name reaches gnuplot as its language. */
static void test_scripts_hold_no_foreign_words(void)
{
	struct meed_report *r = hostile_report();
	struct meed_err err = { 0 };
	struct meed_buf b = { 0 };
	int32_t code = report_svg(r->plots[0], &err, &b);

	if (code == MEED_E_UNSUPPORTED) {
		printf("no gnuplot: skipped ");
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "gnuplot-nox"));
	} else {
		CU_ASSERT_EQUAL(code, MEED_OK);
		CU_ASSERT(has(&b, "&#39;; system("));
		CU_ASSERT_FALSE(has(&b, "<script"));
	}
	meed_buf_release(&b);
	meed_report_free(r);
}

static void test_no_memory_is_told_at_the_end(void)
{
	struct meed_report *r = meed_report_new("x", "x");
	const struct meed_report_text how = { .width = 80 };
	struct meed_err err = { 0 };
	struct meed_buf b = { 0 };

	r->failed = true;
	meed_table_row(meed_report_table(NULL, "x", "x", NULL));
	meed_plot_series(NULL, "x");
	CU_ASSERT_EQUAL(meed_report_text(r, &how, &b), MEED_E_NOMEM);
	CU_ASSERT_EQUAL(meed_report_json(r, &b), MEED_E_NOMEM);
	CU_ASSERT_EQUAL(meed_report_csv(r, NULL, &err, &b), MEED_E_NOMEM);
	CU_ASSERT_EQUAL(meed_report_html(NULL, true, &err, &b), MEED_E_NOMEM);
	meed_buf_release(&b);
	meed_report_free(r);
}

int main(void)
{
	CU_TestInfo forms[] = {
		{ "json_is_json_and_has_no_nan", test_json_is_json_and_has_no_nan },
		{ "csv_quotes_and_leaves_missing_empty", test_csv_quotes_and_leaves_missing_empty },
		{ "text_obeys_no_escape_and_fits", test_text_obeys_no_escape_and_fits },
		{ "long_names_lose_their_middle", test_long_names_lose_their_middle },
		{ "too_many_columns_become_blocks_that_repeat_the_name",
		  test_too_many_columns_become_blocks_that_repeat_the_name },
		{ "wrapping_keeps_every_word", test_wrapping_keeps_every_word },
		{ "page_escapes_everything", test_page_escapes_everything },
		{ "no_memory_is_told_at_the_end", test_no_memory_is_told_at_the_end },
		CU_TEST_INFO_NULL,
	};
	CU_TestInfo drawings[] = {
		{ "drawing_keeps_what_a_drawing_needs", test_drawing_keeps_what_a_drawing_needs },
		{ "drawing_with_anything_else_is_refused",
		  test_drawing_with_anything_else_is_refused },
		{ "scripts_hold_no_foreign_words", test_scripts_hold_no_foreign_words },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "forms", NULL, NULL, NULL, NULL, forms },
		{ "drawings", NULL, NULL, NULL, NULL, drawings },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
