/* test_code_patch.c - unified diffs and SEARCH/REPLACE blocks, in `code`. */
#include "config.h"
#include "plugins/code/edit.h"
#include "tests/unit/codefix.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum how { STRICT, LOOSE, EDITS };

/* What a text changes, as "path: -x +y; ...", or "line N: why". */
static void show(const char *text, enum how how, char *out, size_t n)
{
	struct code_files none = { NULL, NULL };
	struct code_changes v = { NULL, 0 };
	struct code_fault fault;
	struct codefix f;
	size_t i, k, at = 0;
	int32_t r;

	codefix_init(&f);
	none.h = &f.host;
	if (how == EDITS)
		r = code_edits_read(&f.host, (meed_ctx *)&f, meed_s(text), &none, 1000, &v, &fault);
	else
		r = code_diff_read(&f.host, (meed_ctx *)&f, meed_s(text), how == STRICT, &v,
				   &fault);
	out[0] = '\0';
	if (r == 0)
		(void)snprintf(out, n, "line %zu: %s", fault.line, fault.why);
	else if (r < 0)
		(void)snprintf(out, n, "error %d", (int)r);
	for (i = 0; r == 1 && i < v.n && at < n; i++) {
		at += (size_t)snprintf(out + at, n - at, "%s%.*s:", i > 0 ? "; " : "",
				       (int)v.v[i].path.n, v.v[i].path.p);
		for (k = 0; k < v.v[i].text.n && at + 2 < n; k++) {
			if (k == 0 || v.v[i].text.p[k - 1] == '\n')
				out[at++] = ' ';
			if (v.v[i].text.p[k] != '\n')
				out[at++] = v.v[i].text.p[k];
		}
		out[at] = '\0';
	}
	codefix_release(&f);
}

static void expect(enum how how, const char *text, const char *want)
{
	char got[1024];

	show(text, how, got, sizeof(got));
	if (strcmp(got, want) != 0)
		printf("\n%s\ngives %s\nnot   %s", text, got, want);
	CU_ASSERT_STRING_EQUAL(got, want);
}

/* ---- unified diffs -------------------------------------------------------------------------- */

static void test_diffs_as_tools_write_them(void)
{
	expect(STRICT, "--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n-a = 1\n+a = 2\n b = 3\n",
	       "x.py: -a = 1 +a = 2");
	expect(STRICT, "--- x.py\t2024-01-01 00:00:00\n+++ x.py\t2024-01-02\n@@ -1 +1 @@\n-a\n+b",
	       "x.py: -a +b");
	expect(STRICT,
	       "From 1\nSubject: x\n---\n x | 2 +-\n\ndiff --git a/x b/x\nindex 1..2 100644\n"
	       "--- a/x\n+++ b/x\n@@ -1 +1 @@ int f(void)\n-a\n+b\n-- \n2.39\n",
	       "x: -a +b");
	expect(STRICT, "Index: x\n=======\n--- x\t(revision 1)\n+++ x\t(working copy)\n"
		       "@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n",
	       "x: +a +b");
	expect(STRICT, "--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+a\n--- a/old\n+++ /dev/null\n"
		       "@@ -1 +0,0 @@\n-b\n",
	       "new: +a; old: -b");
	expect(STRICT, "--- \"a/\\303\\244\"\n+++ \"b/\\303\\244\"\n@@ -1 +1 @@\n-a\n+b\n",
	       "\\303\\244: -a +b");
	expect(STRICT, "--- a/x\r\n+++ b/x\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n", "x: -a +b");
}

static void test_files_come_in_order_and_once(void)
{
	expect(STRICT, "--- a/z\n+++ b/z\n@@ -1 +1 @@\n-1\n+2\n"
		       "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-3\n+4\n"
		       "--- a/z\n+++ b/z\n@@ -9 +9 @@\n-5\n+6\n",
	       "a: -3 +4; z: -1 +2 -5 +6");
}

static void test_context_and_numbers_do_not_matter(void)
{
	expect(STRICT, "--- a/x\n+++ b/x\n@@ -7,4 +9,4 @@\n c\n\n-a\n+b\n d\n", "x: -a +b");
	expect(STRICT, "--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n--- a\n b\n", "x: --- a");
}

static void test_what_git_says_of_a_file(void)
{
	expect(STRICT, "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n",
	       "y: =rename from x =rename to y");
	expect(STRICT, "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n",
	       "x: =old mode 100644 =new mode 100755");
	expect(STRICT, "diff --git a/x b/x\nBinary files a/x and b/x differ\n",
	       "line 2: a binary file's change cannot be read");
}

static void test_what_is_no_diff_is_said(void)
{
	expect(STRICT, "", "line 0: no file's header in it");
	expect(STRICT, "just text\n", "line 0: no file's header in it");
	expect(STRICT, "@@ -1 +1 @@\n-a\n+b\n",
	       "line 1: a hunk before any \"--- \" and \"+++ \"");
	expect(STRICT, "--- a/x\n+++ b/x\n@@ -1,3 +1 @@\n-a\n+b\n",
	       "line 3: the hunk has 1 old and 1 new lines, its head says 3 and 1");
	expect(STRICT, "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n+c\n",
	       "line 6: \"+c\" is neither of a hunk nor of a file's header");
	expect(STRICT, "--- a/x\n+++ b/x\n@@ ... @@\n-a\n",
	       "line 3: not \"@@ -line,count +line,count @@\"");
	expect(STRICT, "--- a/x\n+++ b/x\nhello\n",
	       "line 3: \"hello\" is neither of a hunk nor of a file's header");
	expect(STRICT, "diff --git a/x b/x\n--- a/x\n@@ -1 +1 @@\n",
	       "line 2: \"--- \" without a \"+++ \" line after it");
	expect(STRICT, "--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n",
	       "line 2: neither name is a file's");
	expect(STRICT, "--- a/x\n+++ b/x\n@@ -1 +1 @@\n a\n", "line 0: it changes no line");
	expect(STRICT, "--- a/x\n+++ b/x\n@@ -1 +1,99999999999999999999 @@\n-a\n",
	       "line 3: not \"@@ -line,count +line,count @@\"");
}

static void test_counts_need_not_be_right_if_so_asked(void)
{
	expect(LOOSE, "--- a/x\n+++ b/x\n@@ -1,3 +1,9 @@\n-a\n+b\n@@ @@\n+c\n", "x: -a +b +c");
	expect(LOOSE, "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ b/y\n@@\n-c\n",
	       "x: -a +b; y: -c");
	expect(LOOSE, "--- a/x\n+++ b/x\n@@\n-a\n--- b\n-- \n2.39\n", "x: -a --- b");
	expect(LOOSE, "--- a/x\n+++ b/x\n@@\n-a\nBye.\n",
	       "line 5: \"Bye.\" is neither of a hunk nor of a file's header");
}

/* ---- SEARCH/REPLACE ------------------------------------------------------------------------- */

#define BLOCK(search, replace) \
	"<<<<<<< SEARCH\n" search "=======\n" replace ">>>>>>> REPLACE\n"

static void test_edits_as_models_write_them(void)
{
	expect(EDITS, "### a.py\n" BLOCK("x\n", "y\n"), "a.py: -x +y");
	expect(EDITS, "```python\n### a.py\n" BLOCK("x\nz\n", "y\nz\n") "```\n", "a.py: -x +y");
	expect(EDITS, "src/a.py\n```python\n" BLOCK("x\n", "y\n") "```\n" BLOCK("p\n", "q\n"),
	       "src/a.py: -x +y -p +q");
	expect(EDITS, "`a.py`\n" BLOCK("", "new\n"), "a.py: +new");
	expect(EDITS, "### b\n" BLOCK("x\n", "") "### a\r\n<<<<<<< SEARCH\r\nx\r\n=======\r\n"
		      "y\r\n>>>>>>> REPLACE\r\n",
	       "a: -x +y; b: -x");
	expect(EDITS, "### a\n" BLOCK("==\n", "=====================\n"),
	       "a: -== +=====================");
}

static void test_what_is_no_edit_is_said(void)
{
	expect(EDITS, "", "line 0: no SEARCH block in it");
	expect(EDITS, BLOCK("x\n", "y\n"), "line 1: SEARCH without a file's path before it");
	expect(EDITS, "### a\n<<<<<<< SEARCH\nx\n", "line 2: SEARCH without =======");
	expect(EDITS, "### a\n<<<<<<< SEARCH\nx\n=======\ny\n",
	       "line 2: SEARCH without >>>>>>> REPLACE");
	expect(EDITS, "### a\n<<<<<<< SEARCH\nx\n>>>>>>> REPLACE\n",
	       "line 4: REPLACE without ======= in the block of line 2");
	expect(EDITS, "### a\n<<<<<<< SEARCH\n<<<<<<< SEARCH\n",
	       "line 3: SEARCH within the block of line 2");
	expect(EDITS, ">>>>>>> REPLACE\n", "line 1: REPLACE without SEARCH");
	expect(EDITS, "### a\n" BLOCK("x\n", "x\n"), "line 2: SEARCH and REPLACE are the same");
}

static void test_memory_may_end_at_any_allocation(void)
{
	static const char diff[] = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/x\n+++ b/x\n"
				   "@@ -1 +1 @@\n-c\n+d\n";
	static const char edits[] = "### a\n" BLOCK("x\n", "y\n") BLOCK("p\n", "q\n");
	struct code_files none = { NULL, NULL };
	struct code_changes v;
	struct code_fault fault;
	struct codefix f;
	size_t fail_at, how;
	int32_t r;

	for (how = 0; how < 2; how++) {
		for (fail_at = 1, r = -1; r < 0; fail_at++) {
			codefix_init(&f);
			f.fail_at = fail_at;
			if (how == 0)
				r = code_diff_read(&f.host, (meed_ctx *)&f, meed_s(diff), true, &v,
						   &fault);
			else
				r = code_edits_read(&f.host, (meed_ctx *)&f, meed_s(edits), &none,
						    100, &v, &fault);
			CU_ASSERT(r == 1 || (r == MEED_E_NOMEM && f.code == MEED_E_NOMEM));
			CU_ASSERT_FATAL(fail_at < 100);
			codefix_release(&f);
		}
	}
}

static void test_what_a_text_looks_like(void)
{
	CU_ASSERT(code_has_edits(MEED_S("x\n<<<<<<< SEARCH\n")));
	CU_ASSERT(!code_has_edits(MEED_S("x <<<<<<< SEARCH\n<< SEARCH\n")));
	CU_ASSERT(code_has_hunks(MEED_S("x\n@@ -1 +1 @@\n")));
	CU_ASSERT(!code_has_hunks(MEED_S("-x\n+y\n")));
}

int main(void)
{
	CU_TestInfo diffs[] = {
		{ "diffs as tools write them", test_diffs_as_tools_write_them },
		{ "files come in order and once", test_files_come_in_order_and_once },
		{ "context and numbers do not matter", test_context_and_numbers_do_not_matter },
		{ "what git says of a file", test_what_git_says_of_a_file },
		{ "what is no diff is said", test_what_is_no_diff_is_said },
		{ "counts need not be right if so asked",
		  test_counts_need_not_be_right_if_so_asked },
		CU_TEST_INFO_NULL,
	};
	CU_TestInfo edits[] = {
		{ "edits as models write them", test_edits_as_models_write_them },
		{ "what is no edit is said", test_what_is_no_edit_is_said },
		{ "memory may end at any allocation", test_memory_may_end_at_any_allocation },
		{ "what a text looks like", test_what_a_text_looks_like },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "diffs", NULL, NULL, NULL, NULL, diffs },
		{ "edits", NULL, NULL, NULL, NULL, edits },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
