/* test_code_fence.c - blocks of code in answers, in `code`. */
#include "config.h"
#include "plugins/code/fence.h"
#include "plugins/code/names.h"
#include "tests/unit/codefix.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All blocks of text as "language(name)[body]", "?" behind those not closed. */
static void show(const char *text, char *out, size_t n)
{
	struct code_block b;
	struct code_scan scan;
	struct codefix f;
	meed_str body;
	size_t at = 0;

	codefix_init(&f);
	out[0] = '\0';
	code_scan_init(&scan, meed_s(text));
	while (code_scan_next(&scan, &b) && at < n) {
		CU_ASSERT_EQUAL(code_block_text(&f.host, (meed_ctx *)&f, &b, &body), MEED_OK);
		at += (size_t)snprintf(out + at, n - at, "%s(%.*s)[%.*s]%s",
				       code_lang_name(b.lang), (int)b.name.n, b.name.p, (int)body.n,
				       body.p, b.closed ? "" : "?");
	}
	codefix_release(&f);
}

static void expect(const char *text, const char *want)
{
	char got[2048];

	show(text, got, sizeof(got));
	if (strcmp(got, want) != 0)
		printf("\n%s\nhas %s\nnot %s", text, got, want);
	CU_ASSERT_STRING_EQUAL(got, want);
}

static void test_plain_fences(void)
{
	expect("", "");
	expect("no code `x`, ``y``", "");
	expect("```\nx\n```", "unknown()[x]");
	expect("```python\nx = 1\n```", "python(python)[x = 1]");
	expect("~~~c\nint x;\n~~~\n", "c(c)[int x;]");
	expect("text\n\n```js\na\n\nb\n```\nmore\n```sh\nls\n```\n",
	       "javascript(js)[a\n\nb]bash(sh)[ls]");
}

static void test_a_block_without_a_line_is_none(void)
{
	expect("```\n```", "");
	expect("```python\n```\n```c\nx\n```", "c(c)[x]");
	expect("```python\n\n```", "python(python)[]");
	expect("```python", "");
	expect("```python\n", "");
}

static void test_longer_fences_and_what_they_hold(void)
{
	expect("````python\ns = '''\n```\n'''\n````", "python(python)[s = '''\n```\n''']");
	expect("~~~~\n```\nx\n```\n~~~~", "unknown()[```\nx\n```]");
	expect("```c\nx\n`````", "c(c)[x]");
	expect("~~~ruby `a`\nx\n~~~", "ruby(ruby)[x]");
	expect("```a ` b\nx\n", "");
	expect("``````python\nx\n``````", "python(python)[x]");
}

static void test_indentation_quotes_and_lists(void)
{
	expect("    ```python\n    if x:\n        y\n    ```", "python(python)[if x:\n    y]");
	expect("1. ```c\n   int x;\n   ```", "c(c)[int x;]");
	expect("- ```c\n  int x;\n  ```\n- ```c\n  y;\n  ```", "c(c)[int x;]c(c)[y;]");
	expect("> ```c\n> int x;\n>   y;\n> ```\n", "c(c)[int x;\n  y;]");
	expect("\t```py\n\tx\n\t\ty\n\t```", "python(py)[x\n\ty]");
	expect("```python\ndef f():\n    '''\n    ```\n    '''\n```",
	       "python(python)[def f():\n    '''\n    ```\n    ''']");
}

static void test_carriage_returns(void)
{
	expect("```python\r\nx = 1\r\ny = 2\r\n```\r\n", "python(python)[x = 1\ny = 2]");
	expect("```\r\n\r\n```", "unknown()[]");
}

static void test_info_strings(void)
{
	expect("```Python3\nx\n```", "python(Python3)[x]");
	expect("```{.python .numberLines #id}\nx\n```", "python(python)[x]");
	expect("```{python}\nx\n```", "python(python)[x]");
	expect("```{r, echo=FALSE}\nx\n```", "r(r)[x]");
	expect("```python:src/main.py\nx\n```", "python(python)[x]");
	expect("```main.py\nx\n```", "python(main.py)[x]");
	expect("```src/a/main.rs title=\"x\"\nx\n```", "rust(src)[x]");
	expect("```language-js {1,3}\nx\n```", "javascript(js)[x]");
	expect("``` lang=\"C++\"\nx\n```", "cpp(C++)[x]");
	expect("```{code-cell} ipython\nx\n```", "python(ipython)[x]");
	expect("``` python \nx\n```", "python(python)[x]");
	expect("```c#\nx\n```", "csharp(c#)[x]");
	expect("```klingon\nx\n```", "unknown(klingon)[x]");
}

static void test_fences_after_text(void)
{
	expect("Here: ```python\nx\n```", "python(python)[x]");
	expect("Here you are:```\nx\n```", "unknown()[x]");
	expect("Use ``` to fence\nx\n", "");
	expect("text ```python\nx\n``` text", "python(python)[x]");
	expect("inline ```python x```\nx\n", "");
}

static void test_ends_that_are_missing_or_odd(void)
{
	expect("```python\nx = 1", "python(python)[x = 1]?");
	expect("```python\nx = 1\n\n", "python(python)[x = 1\n]?");
	expect("```python\nx = 1\n```python\ny = 2\n```",
	       "python(python)[x = 1]?python(python)[y = 2]");
	expect("```python\nx = 1``````python\ny\n```", "python(python)[x = 1``````python\ny]");
	expect("```python\nx = 1\n``````python\ny\n```", "python(python)[x = 1]python(python)[y]");
	expect("```python\nx = 1```", "python(python)[x = 1]");
	expect("```python\nx = 1```\nDone.", "python(python)[x = 1]");
	expect("```python\nx = 1```\nThen\n```c\ny\n```", "python(python)[x = 1]c(c)[y]");
	expect("```python\nx = 1\n``` That is all.\nBye", "python(python)[x = 1]");
	expect("```python\nx\n~~~", "python(python)[x\n~~~]?");
	expect("```python\nprint('```')\n```", "python(python)[print('```')]");
}

static void test_wrappers_and_fences_in_strings(void)
{
	expect("```markdown\n# T\n```python\nx\n```\nmore\n```\nafter", "python(python)[x]");
	expect("````md\n```python\nx\n```\n````\n", "python(python)[x]");
	expect("```\n```python\nx\n```\n```\n```c\ny\n```", "python(python)[x]c(c)[y]");
	expect("```python\ns = \"\"\"\n```c\nx\n```\n\"\"\"\ny\n```",
	       "python(python)[s = \"\"\"\n```c\nx\n```\n\"\"\"\ny]");
	expect("```python\ns = '''\n```c\nx\n", "python(python)[s = ''']?c(c)[x]?");
}

static void test_a_diff_may_hold_fences(void)
{
	expect("```diff\n@@ -1,3 +1,3 @@\n ```\n-a\n+b\n ```\n```\n",
	       "diff(diff)[@@ -1,3 +1,3 @@\n ```\n-a\n+b\n ```]");
}

static void test_places(void)
{
	static const char text[] = "a\n  ```c\n  x\n  ```\nHi: ```py\ny\n```\n";
	struct code_block b;
	struct code_scan scan;

	code_scan_init(&scan, meed_s(text));
	CU_ASSERT_FATAL(code_scan_next(&scan, &b));
	CU_ASSERT(b.line == 2 && b.at == 4 && b.indent == 2);
	CU_ASSERT_FATAL(code_scan_next(&scan, &b));
	CU_ASSERT(b.line == 5 && text[b.at] == '`' && b.indent == 0);
	CU_ASSERT_FATAL(!code_scan_next(&scan, &b));
	CU_ASSERT_FATAL(!code_scan_next(&scan, &b));
}

static void test_no_memory_is_said(void)
{
	struct code_block b;
	struct code_scan scan;
	struct codefix f;
	meed_str body;

	codefix_init(&f);
	f.fail_at = 1;
	code_scan_init(&scan, meed_s("  ```c\n  x\n  ```"));
	CU_ASSERT_FATAL(code_scan_next(&scan, &b));
	CU_ASSERT_EQUAL(code_block_text(&f.host, (meed_ctx *)&f, &b, &body), MEED_E_NOMEM);
	CU_ASSERT_EQUAL(f.code, MEED_E_NOMEM);
	codefix_release(&f);
}

/* Bytes that a scan may look at, for each of the text: a bound on what is hard to bound. */
static void test_hostile_texts_take_linear_time(void)
{
	static const char *const parts[] = { "```a\nx```\n", "``` a\nx```\n", "```python\n'''x\n",
					     "```\n", "````b\nx\n```a\n", "```\n\n", "> ```\n",
					     "~~~a\n```b\nx```\n", "``` a\n", "text ```c\n" };
	size_t i, n, blocks, len, k;
	struct code_block b;
	struct code_scan scan;
	char *text = malloc(2000000);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		len = strlen(parts[i]);
		for (n = 0, k = 0; k < 100000; k++, n += len)
			memcpy(text + n, parts[i], len);
		code_scan_init(&scan, (meed_str){ text, n });
		for (blocks = 0; code_scan_next(&scan, &b); blocks++)
			CU_ASSERT_FATAL(blocks < n);
	}
	free(text);
}

static void test_languages_are_found_by_any_name(void)
{
	CU_ASSERT_EQUAL(code_lang_find(MEED_S("PY")), CODE_PYTHON);
	CU_ASSERT_EQUAL(code_lang_find(MEED_S("c++")), CODE_CPP);
	CU_ASSERT_EQUAL(code_lang_find(MEED_S("Shell")), CODE_BASH);
	CU_ASSERT_EQUAL(code_lang_find(MEED_S("")), CODE_UNKNOWN);
	CU_ASSERT_EQUAL(code_lang_find(MEED_S("unknown")), CODE_UNKNOWN);
	CU_ASSERT_EQUAL(code_lang_find(MEED_S("pythonic")), CODE_UNKNOWN);
	CU_ASSERT_STRING_EQUAL(code_lang_name(CODE_CPP), "cpp");
	CU_ASSERT(code_lang_is_program(CODE_GO) && !code_lang_is_program(CODE_YAML));
}

static void guess(const char *program, enum code_lang want)
{
	enum code_lang got = code_lang_guess(meed_s(program));

	if (got != want)
		printf("\n%s\nis taken for %s, not %s", program, code_lang_name(got),
		       code_lang_name(want));
	CU_ASSERT_EQUAL(got, want);
}

static void test_languages_are_guessed_by_what_is_theirs(void)
{
	guess("word", CODE_UNKNOWN);
	guess("x = 1", CODE_UNKNOWN);
	guess("", CODE_UNKNOWN);
	guess("def f(x):\n    return x", CODE_PYTHON);
	guess("import os\nprint(os.getcwd())", CODE_PYTHON);
	guess("#!/usr/bin/env node\nx", CODE_JAVASCRIPT);
	guess("#!/bin/sh\nx", CODE_BASH);
	guess("#include <stdio.h>\nint main(void)\n{\n\tprintf(\"x\");\n}", CODE_C);
	guess("#include <iostream>\nint main() { std::cout << 1; }", CODE_CPP);
	guess("const x = require('fs');\nconsole.log(x)", CODE_JAVASCRIPT);
	guess("package main\n\nfunc main() {\n}", CODE_GO);
	guess("fn main() {\n    println!(\"x\");\n}", CODE_RUST);
	guess("public class A {\n  public static void main(String[] a) {}\n}", CODE_JAVA);
	guess("{\"a\": [1, 2]}", CODE_JSON);
	guess("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b", CODE_DIFF);
	guess("sudo apt-get install x", CODE_BASH);
	guess("SELECT * FROM t;", CODE_SQL);
	guess(">>> x = 1\n>>> x\n1", CODE_OUTPUT);
}

static void names(const char *program, enum code_lang lang, size_t n, size_t snake, size_t camel)
{
	struct code_names x;

	code_names_count(meed_s(program), lang, &x);
	if (x.n != n || x.snake != snake || x.camel != camel)
		printf("\n%s\nhas %zu names, %zu snake, %zu camel", program, x.n, x.snake, x.camel);
	CU_ASSERT(x.n == n && x.snake == snake && x.camel == camel);
}

static void test_names_are_what_a_program_gives(void)
{
	names("x = 1\nMyVar = 2\nmy_var = 3\nA_B = 4", CODE_PYTHON, 4, 2, 3);
	names("def f(a, B=1):\n    self.Cc = a", CODE_PYTHON, 3, 1, 3);
	names("f(A=1)\nif a == B:\n    pass\nc += 1\nd <= 2", CODE_PYTHON, 0, 0, 0);
	names("s = 'A = 1'  # B = 2\nt = '''C = 3\nD = 4'''", CODE_PYTHON, 2, 2, 2);
	names("x: List = 1\ntry: y = 2\nexcept E: z = 3", CODE_PYTHON, 3, 3, 3);
	names("const my_x = 1; // Y = 2\nlet zZ = '=';", CODE_JAVASCRIPT, 2, 1, 1);
	names("function doIt(a) { let b_c = a => a; }", CODE_JAVASCRIPT, 2, 1, 1);
	names("const x: Foo_Bar = 1;", CODE_TYPESCRIPT, 1, 1, 1);
	names("fn f<'a>() { let mut x: Vec<u8> = y; }", CODE_RUST, 1, 1, 1);
	names("s = 'not closed\nX = 1", CODE_PYTHON, 2, 1, 2);
	names("变量 = 1", CODE_PYTHON, 1, 1, 1);
}

int main(void)
{
	CU_TestInfo fences[] = {
		{ "plain fences", test_plain_fences },
		{ "a block without a line is none", test_a_block_without_a_line_is_none },
		{ "longer fences and what they hold", test_longer_fences_and_what_they_hold },
		{ "indentation, quotes and lists", test_indentation_quotes_and_lists },
		{ "carriage returns", test_carriage_returns },
		{ "info strings", test_info_strings },
		{ "fences after text", test_fences_after_text },
		{ "ends that are missing or odd", test_ends_that_are_missing_or_odd },
		{ "wrappers, and fences in strings", test_wrappers_and_fences_in_strings },
		{ "a diff may hold fences", test_a_diff_may_hold_fences },
		{ "places", test_places },
		{ "no memory is said", test_no_memory_is_said },
		{ "hostile texts take linear time", test_hostile_texts_take_linear_time },
		CU_TEST_INFO_NULL,
	};
	CU_TestInfo languages[] = {
		{ "languages are found by any name", test_languages_are_found_by_any_name },
		{ "languages are guessed by what is theirs",
		  test_languages_are_guessed_by_what_is_theirs },
		{ "names are what a program gives", test_names_are_what_a_program_gives },
		CU_TEST_INFO_NULL,
	};
	CU_SuiteInfo suites[] = {
		{ "fences", NULL, NULL, NULL, NULL, fences },
		{ "languages", NULL, NULL, NULL, NULL, languages },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
