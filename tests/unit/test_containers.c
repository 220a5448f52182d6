/* test_containers.c - JSON documents, CSV and TSV as streams of rows: whole, broken, in pieces. */
#include "config.h"
#include "host/sample/sample.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <zlib.h>

#define MAX_LINE ((size_t)1 << 20)

static char dir[] = "/tmp/meed-containers-XXXXXX";

static int make_dir(void)
{
	return mkdtemp(dir) ? 0 : 1;
}

static int remove_dir(void)
{
	return rmdir(dir) == 0 ? 0 : 1;
}

static const char *path_of(char buf[64], const char *name)
{
	(void)snprintf(buf, 64, "%s/%s", dir, name);
	return buf;
}

static void put_file(const char *path, const char *text, size_t n)
{
	FILE *f = fopen(path, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fwrite(text, 1, n, f), n);
	CU_ASSERT_EQUAL(fclose(f), 0);
}

/* How a file is read. */
struct how {
	const char *name; /* the file's; it decides what is in it */
	enum meed_container container;
	const char *json_cells;
	size_t max_line;
};

/* All rows as "UNIT NUMBER@OFFSET:TEXT|", a bad one as "UNIT NUMBER!WHY:TEXT|", and at the end "#"
 * and what went wrong. */
static void tell(const char *path, const struct how *how, size_t max_lines, size_t max_bytes,
		 struct meed_buf *to)
{
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };
	struct meed_err err = { 0 }, why;
	int32_t r;

	CU_ASSERT_EQUAL_FATAL(
		meed_input_open(&path, 1, how->max_line ? how->max_line : MAX_LINE, &err, &in), 0);
	meed_input_set(in, how->container, how->json_cells);
	do {
		r = meed_input_next(in, &b, max_lines, max_bytes, &err);
		CU_ASSERT(b.n <= max_lines);
		for (size_t i = 0; i < b.n; i++) {
			const struct meed_line *l = &b.lines[i];

			meed_buf_printf(to, "%c%llu", "ler"[l->unit],
					(unsigned long long)l -> number);
			if (meed_line_check(l, &why) < 0)
				meed_buf_printf(to, "!%s", why.text);
			else if (l->unit == MEED_UNIT_ELEMENT)
				meed_buf_printf(to, "@%llu", (unsigned long long)l->offset);
			meed_buf_putc(to, ':');
			meed_buf_put(to, l->p, l->status == MEED_E_LIMIT ? 0 : l->n);
			meed_buf_putc(to, '|');
		}
	} while (r == 1);
	if (r < 0)
		meed_buf_printf(to, "#%s", err.text + strlen(path));
	meed_buf_putc(to, '\0');
	meed_block_release(&b);
	meed_input_close(in);
}

static void expect(const struct how *how, const char *text, size_t n, const char *want, int line)
{
	static const size_t lines[] = { 1, 2, 1000 }, bytes[] = { 1, 50, 1 << 20 };
	char p[64];

	put_file(path_of(p, how->name), text, n);
	for (size_t i = 0; i < 9; i++) {
		struct meed_buf got = { 0 };

		tell(p, how, lines[i / 3], bytes[i % 3], &got);
		if (strcmp(got.p, want) != 0)
			(void)fprintf(stderr, "\nline %d\n got %s\nwant %s\n", line, got.p, want);
		CU_ASSERT_STRING_EQUAL(got.p, want);
		meed_buf_release(&got);
	}
	(void)unlink(p);
}
#define JSON(text, want)                                                                           \
	expect(&(struct how){ .name = "a" }, text, sizeof(text) - 1, want, __LINE__)
#define CSV(text, want)                                                                            \
	expect(&(struct how){ .name = "a.csv" }, text, sizeof(text) - 1, want, __LINE__)

/* ---- JSON --------------------------------------------------------------------------------- */

static void test_a_list_is_cut_into_its_elements(void)
{
	JSON("[]", "");
	JSON(" [ \n ] \n", "");
	JSON("[{\"a\":1}]", "e1@1:{\"a\":1}|");
	JSON("[{\"a\":1},{\"b\":[2,{\"c\":\"],[\"}]}]",
	     "e1@1:{\"a\":1}|e2@9:{\"b\":[2,{\"c\":\"],[\"}]}|");
	JSON("\xef\xbb\xbf[\n  {\n  \"a\": 1\n  },\n\n  {\"b\": \"x\\\"}\\\\\"}\r\n]\n\n",
	     "e1@7:{\n  \"a\": 1\n  }|e2@26:{\"b\": \"x\\\"}\\\\\"}|");
	/* what is no object is an element all the same: its reader says no */
	JSON("[1, \"a,]\" ,null,[2]]", "e1@1:1|e2@4:\"a,]\"|e3@11:null|e4@16:[2]|");
}

static void test_one_bad_element_leaves_the_others(void)
{
	JSON("[{\"a\":1 \"b\":2},{\"c\":3}]", "e1@1:{\"a\":1 \"b\":2}|e2@15:{\"c\":3}|");
	JSON("[{\"a\":\"x\ny\"},{\"c\":3}]", "e1@1:{\"a\":\"x\ny\"}|e2@13:{\"c\":3}|");
	/* the separator of our own is no part of any JSON */
	JSON("[{\"a\":\"\x1e\"},2\x1e]", "e1@1:{\"a\":\"\x1f\"}|e2@11:2\x1f|");
}

static void test_a_list_that_is_broken_says_where(void)
{
	JSON("[{\"a\":1},", "e1@1:{\"a\":1}|#: byte 10: the file ends before its list does; it was "
			    "cut off");
	JSON("[{\"a\":1}", "e1@1:{\"a\":1}|#: byte 9: the file ends before its list does; it was "
			   "cut off");
	JSON("[{\"a\":1},{\"b\":",
	     "e1@1:{\"a\":1}|#: element 2, which begins at byte 10: it is not "
	     "closed; the file was cut off");
	JSON("[{\"a\":\"", "#: element 1, which begins at byte 2: a text in it is not closed; the "
			   "file was cut off");
	JSON("[1,,2]", "e1@1:1|#: byte 4: an empty element");
	JSON("[1,]", "e1@1:1|#: byte 4: a comma before the end of the list");
	JSON("[,1]", "#: byte 2: an empty element");
	JSON("[{\"a\":[1}]", "#: element 1, which begins at byte 2: a list is closed by \"}\"");
	JSON("[{\"a\":1]", "#: element 1, which begins at byte 2: an object is closed by \"]\"");
	JSON("[1 2]", "e1@1:1|#: byte 4: expected \",\" or \"]\" after the element");
	JSON("[1]x", "e1@1:1|#: byte 4: text after the end of the list");
	JSON("[}", "#: byte 2: a bracket that closes nothing");
}

static void test_a_list_may_be_a_member(void)
{
	JSON("{\"data\":[{\"a\":1},{\"a\":2}]}", "e1@9:{\"a\":1}|e2@17:{\"a\":2}|");
	JSON("{\"name\": \"x\\\"]\", \"n\": -1.5, \"metadata\": {\"data\": [[], {}]},\n"
	     "\"datasamples\" : [ {\"a\":1} ] , \"z\": null}\n",
	     "e1@78:{\"a\":1}|");
	JSON("{\n\"data\": [], \"rows\": [{}]\n}", "e1@23:{}|");
	JSON("{\"data\":[{\"a\":1}]", "e1@9:{\"a\":1}|#: byte 18: the file ends before its list "
				      "does; it was cut off");
	JSON("{\"data\":[{}],\"a\":}", "e1@9:{}|#: byte 18: expected a value after the key");
	JSON("{\"data\":[{}],1}", "e1@9:{}|#: byte 14: expected a key in double quotes");
	JSON("{\"data\":[{}]]", "e1@9:{}|#: byte 13: a bracket of the wrong kind closes another "
				"one");
	/* a row of its own, or one of several lines */
	JSON("{\"prompt\":\"q\",\"data\":[{}]}", "l1:{\"prompt\":\"q\",\"data\":[{}]}|");
	JSON("{\"data\":[{}]}\n{\"data\":[{}]}", "l1:{\"data\":[{}]}|l2:{\"data\":[{}]}|");
	JSON("{\"data\":[1]}", "l1:{\"data\":[1]}|");
}

static void test_rows_over_several_lines(void)
{
	JSON("{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n", "e1@0:{\n \"a\": 1\n}|e2@12:{\n \"a\": 2\n}|");
	JSON("{\n\"a\":1}", "e1@0:{\n\"a\":1}|");
	JSON("{\n\"a\":1}{\"b\":2}",
	     "e1@0:{\n\"a\":1}|#: byte 9: values that follow each other need "
	     "a line each");
	JSON("{\n\"a\":1},\n{\"b\":2}", "e1@0:{\n\"a\":1}|#: byte 9: values that follow each other "
					"need a line each");
	JSON("{\"a\":\n",
	     "#: element 1, which begins at byte 1: it is not closed; the file was cut "
	     "off");
}

static void test_lines_stay_lines(void)
{
	JSON("{\"a\":1}\n{\"b\":\n{\"c\":2}\n", "l1:{\"a\":1}|l2:{\"b\":|l3:{\"c\":2}|");
	JSON("{\"a\": \"x\n{\"b\":1}", "l1:{\"a\": \"x|l2:{\"b\":1}|");
	expect(&(struct how){ .name = "a.jsonl" }, "[1]\n[2]\n", 8, "l1:[1]|l2:[2]|", __LINE__);
	expect(&(struct how){ .name = "a", .container = MEED_CONTAINER_JSONL }, "[1]\n[2]\n", 8,
	       "l1:[1]|l2:[2]|", __LINE__);
	expect(&(struct how){ .name = "a.jsonl", .container = MEED_CONTAINER_JSON }, "[1,\n2]", 6,
	       "e1@1:1|e2@4:2|", __LINE__);
}

static void test_a_long_element_is_told_and_no_more(void)
{
	struct meed_buf b = { 0 };
	char want[128];

	meed_buf_puts(&b, "[{\"a\":1},{\"b\":\"");
	for (size_t i = 0; i < 3000; i++)
		meed_buf_putc(&b, 'x');
	meed_buf_puts(&b, "\"},   ");
	/* blanks between elements do not make a row long */
	for (size_t i = 0; i < 3000; i++)
		meed_buf_putc(&b, i % 60 ? ' ' : '\n');
	meed_buf_puts(&b, "{\"c\":3}]");
	(void)snprintf(want, sizeof(want),
		       "e1@1:{\"a\":1}|e2!the row has 3008 bytes, more than allowed:|e3@%zu:"
		       "{\"c\":3}|",
		       b.n - 8);
	expect(&(struct how){ .name = "a", .max_line = 1000 }, b.p, b.n, want, __LINE__);
	meed_buf_release(&b);
}

static void test_gzip_is_undone_first(void)
{
	struct how how = { .name = "a.json.gz" };
	struct meed_buf got = { 0 };
	char p[64];
	gzFile f = gzopen(path_of(p, how.name), "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(gzputs(f, "[{\"a\":1},\n{\"b\":2}]"), 18);
	CU_ASSERT_EQUAL(gzclose(f), Z_OK);
	tell(p, &how, 10, 1000, &got);
	CU_ASSERT_STRING_EQUAL(got.p, "e1@1:{\"a\":1}|e2@10:{\"b\":2}|");
	meed_buf_release(&got);
	(void)unlink(p);
	f = gzopen(path_of(p, "b.csv.gz"), "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(gzputs(f, "a\n1\n"), 4);
	CU_ASSERT_EQUAL(gzclose(f), Z_OK);
	how.name = "b.csv.gz";
	tell(p, &how, 10, 1000, &got);
	CU_ASSERT_STRING_EQUAL(got.p, "l2:{\"a\":\"1\"}|");
	meed_buf_release(&got);
	(void)unlink(p);
}

static void test_many_elements_in_blocks_of_any_size(void)
{
	static const size_t sizes[] = { 1, 7, 64, 100000 };
	struct how how = { .name = "a" };
	struct meed_buf b = { 0 }, want = { 0 };
	char p[64];

	meed_buf_puts(&b, "[\n");
	for (size_t i = 0; i < 20000; i++) {
		if (i)
			meed_buf_puts(&b, i % 3 ? "," : " ,\n  ");
		meed_buf_printf(&want, "e%zu@%zu:", i + 1, b.n);
		meed_buf_printf(&b, "{\"i\":%zu,\"t\":\"%0*zu\"}", i, (int)(i % 90), i * i);
		meed_buf_printf(&want, "{\"i\":%zu,\"t\":\"%0*zu\"}|", i, (int)(i % 90), i * i);
	}
	meed_buf_puts(&b, "]");
	meed_buf_putc(&want, '\0');
	put_file(path_of(p, how.name), b.p, b.n);
	for (size_t k = 0; k < 16; k++) {
		struct meed_buf got = { 0 };

		tell(p, &how, sizes[k / 4], sizes[k % 4] * 40, &got);
		CU_ASSERT(got.n == want.n && memcmp(got.p, want.p, got.n) == 0);
		meed_buf_release(&got);
	}
	meed_buf_release(&b);
	meed_buf_release(&want);
	(void)unlink(p);
}

static void test_fields_left_out_are_named(void)
{
	static const char text[] = "{\"name\":1,\"data\":[{}],\"z\":{}}";
	char p[64];
	const char *path = path_of(p, "a");
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };
	struct meed_err err = { 0 };
	const char *left;

	put_file(p, text, sizeof(text) - 1);
	CU_ASSERT_EQUAL_FATAL(meed_input_open(&path, 1, 1000, &err, &in), 0);
	CU_ASSERT_PTR_NULL(meed_input_left_out(in));
	while (meed_input_next(in, &b, 10, 1000, &err) == 1)
		;
	left = meed_input_left_out(in);
	CU_ASSERT_PTR_NOT_NULL_FATAL(left);
	CU_ASSERT_STRING_EQUAL(left + strlen(p), ": name, z");
	meed_block_release(&b);
	meed_input_close(in);
	(void)unlink(p);
}

/* ---- CSV ---------------------------------------------------------------------------------- */

static void test_records_become_objects(void)
{
	CSV("a,b\n1,x\n2,\n", "l2:{\"a\":\"1\",\"b\":\"x\"}|l3:{\"a\":\"2\",\"b\":\"\"}|");
	CSV("\xef\xbb\xbf"
	    "a,b\r\n1,x\r\n\r\n2,y",
	    "l2:{\"a\":\"1\",\"b\":\"x\"}|l4:{\"a\":\"2\",\"b\":"
	    "\"y\"}|");
	CSV("a,\"b \"\"c\"\"\"\n\"1,\n\"\"2\"\"\r\n\",x\n3,4\n",
	    "l2:{\"a\":\"1,\\n\\\"2\\\"\\r\\n\",\"b \\\"c\\\"\":\"x\"}|l5:{\"a\":\"3\",\"b "
	    "\\\"c\\\"\":"
	    "\"4\"}|");
	CSV("a\n\"\"\n x \n", "l2:{\"a\":\"\"}|l3:{\"a\":\" x \"}|");
	CSV("a\nx\"y\"\nx\ry\n", "l2:{\"a\":\"x\\\"y\\\"\"}|l3:{\"a\":\"x\\ry\"}|");
	CSV("", "");
	CSV("a,b\n", "");
	CSV(",a\n0,x\n", "l2:{\"\":\"0\",\"a\":\"x\"}|");
	expect(&(struct how){ .name = "a.tsv" }, "a\tb,c\n1\t\"x\ty\"\n", 14,
	       "l2:{\"a\":\"1\",\"b,c\":\"x\\ty\"}|", __LINE__);
	expect(&(struct how){ .name = "a.txt", .container = MEED_CONTAINER_CSV }, "a\n1\n", 4,
	       "l2:{\"a\":\"1\"}|", __LINE__);
}

static void test_cells_are_json_where_it_is_asked_for(void)
{
	static const char text[] =
		"a,b\n1,1\n\"[1, \"\"x\"\"]\",[\n007,\nnull,\"{\"\"k\"\":1.50}\"\n";

	expect(&(struct how){ .name = "a.csv", .json_cells = "a" }, text, sizeof(text) - 1,
	       "l2:{\"a\":1,\"b\":\"1\"}|l3:{\"a\":[1,\"x\"],\"b\":\"[\"}|l4:{\"a\":\"007\",\"b\":"
	       "\"\"}|"
	       "l5:{\"a\":null,\"b\":\"{\\\"k\\\":1.50}\"}|",
	       __LINE__);
	expect(&(struct how){ .name = "a.csv", .json_cells = "*" }, text, sizeof(text) - 1,
	       "l2:{\"a\":1,\"b\":1}|l3:{\"a\":[1,\"x\"],\"b\":\"[\"}|l4:{\"a\":\"007\",\"b\":\"\"}"
	       "|"
	       "l5:{\"a\":null,\"b\":{\"k\":1.50}}|",
	       __LINE__);
	expect(&(struct how){ .name = "a.csv", .json_cells = "b,c" }, text, sizeof(text) - 1,
	       "#: line 1: the header has no \"c\", whose cells are said to be JSON", __LINE__);
}

static void test_bad_records_leave_the_others(void)
{
	CSV("a,b\n1\n1,2,3\n1,2\n",
	    "l2!the record has 1 cell, and the header has 2:1|l3!the record has 3 cells, and the "
	    "header has 2:1,2,3|l4:{\"a\":\"1\",\"b\":\"2\"}|");
	CSV("a\n\"x\"y\n\xff\nz\n",
	    "l2!text after a cell's closing quote; a quote within quotes is written twice:\"x\"y|"
	    "l3!ill-formed UTF-8 in the record:\xff|l4:{\"a\":\"z\"}|");
	/* two halves that would be a character side by side */
	CSV("a,b\n\xcd,\xac\n1,2\n",
	    "l2!ill-formed UTF-8 in the record:\xcd,\xac|l3:{\"a\":\"1\",\"b\":\"2\"}|");
	expect(&(struct how){ .name = "a.csv", .max_line = 20 },
	       "a\nx\n123456789012345678901234567890\n\"1234567890\n12345678901\"\ny\n", 62,
	       "l2:{\"a\":\"x\"}|l3!the line has 31 bytes, more than allowed:|l4!the line has 25 "
	       "bytes, more than allowed:|l6:{\"a\":\"y\"}|",
	       __LINE__);
}

static void test_broken_tables_say_where(void)
{
	CSV("a,b\n1,2\n\"x,3\n",
	    "l2:{\"a\":\"1\",\"b\":\"2\"}|#: line 3: a quote of the record that "
	    "begins here is not closed");
	CSV("a,b,a\n1,2,3\n", "#: line 1: columns 1 and 3 of the header are both \"a\"");
	CSV("\"a\"b\n1\n",
	    "#: line 1: no header: text after a cell's closing quote; a quote within "
	    "quotes is written twice");
	CSV("a,\xff\n1,2\n", "#: line 1: the name of column 2 is not UTF-8");
}

static void test_files_of_all_kinds_are_one_stream(void)
{
	static const char *const texts[] = { "{\"a\":1}", "[{\"b\":2},{\"c\":3}]", "d\n4\n5\n",
					     "{\"e\":6}\n" };
	static const char *const names[] = { "1.jsonl", "2.json", "3.csv", "4" };
	static const size_t sizes[] = { 1, 2, 100 };
	char p[4][64];
	const char *paths[4];
	struct meed_err err = { 0 };

	for (size_t i = 0; i < 4; i++) {
		paths[i] = path_of(p[i], names[i]);
		put_file(paths[i], texts[i], strlen(texts[i]));
	}
	for (size_t k = 0; k < 9; k++) {
		struct meed_input *in = NULL;
		struct meed_block b = { 0 };
		struct meed_buf got = { 0 };
		int32_t r;

		CU_ASSERT_EQUAL_FATAL(meed_input_open(paths, 4, 1000, &err, &in), 0);
		while ((r = meed_input_next(in, &b, sizes[k / 3], sizes[k % 3] * 20, &err)) == 1)
			for (size_t i = 0; i < b.n; i++) {
				meed_buf_u64(&got, b.lines[i].file);
				meed_buf_put(&got, b.lines[i].p, b.lines[i].n);
			}
		meed_buf_putc(&got, '\0');
		CU_ASSERT_EQUAL(r, 0);
		CU_ASSERT_STRING_EQUAL(got.p,
				       "0{\"a\":1}1{\"b\":2}1{\"c\":3}2{\"d\":\"4\"}2{\"d\":\"5\"}"
				       "3{\"e\":6}");
		meed_buf_release(&got);
		meed_block_release(&b);
		meed_input_close(in);
	}
	for (size_t i = 0; i < 4; i++)
		(void)unlink(p[i]);
}

/* ---- going there again --------------------------------------------------------------------- */

/* After every row of the files, a second input goes on with the rows that follow. */
static void again(const char *const *paths, size_t n_paths, size_t want_rows)
{
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };
	struct meed_err err = { 0 };
	struct meed_buf all = { 0 };
	size_t ends[64], n_rows = 0;
	struct {
		uint32_t file;
		uint64_t number, end;
		struct meed_input_mark mark;
	} at[64];

	CU_ASSERT_EQUAL_FATAL(meed_input_open(paths, n_paths, 1000, &err, &in), 0);
	meed_input_digest(in);
	while (meed_input_next(in, &b, 1, 1, &err) == 1 && n_rows < 64) {
		meed_buf_put(&all, b.lines[0].p, b.lines[0].n);
		at[n_rows].file = b.lines[0].file;
		at[n_rows].number = b.lines[0].number;
		at[n_rows].end = b.lines[0].end;
		meed_input_mark(in, &at[n_rows].mark);
		ends[n_rows++] = all.n;
	}
	CU_ASSERT_EQUAL(n_rows, want_rows);
	meed_input_close(in);
	for (size_t i = 0; i < n_rows; i++) {
		struct meed_buf rest = { 0 };
		int32_t r;

		CU_ASSERT_EQUAL_FATAL(meed_input_open(paths, n_paths, 1000, &err, &in), 0);
		r = meed_input_seek(in, &at[i].mark, at[i].file, at[i].number, at[i].end, &err);
		CU_ASSERT_EQUAL(r, 0);
		while (r >= 0 && (r = meed_input_next(in, &b, 3, 100, &err)) == 1)
			for (size_t k = 0; k < b.n; k++)
				meed_buf_put(&rest, b.lines[k].p, b.lines[k].n);
		CU_ASSERT_EQUAL(r, 0);
		CU_ASSERT(rest.n == all.n - ends[i] &&
			  (!rest.n || memcmp(rest.p, all.p + ends[i], rest.n) == 0));
		meed_buf_release(&rest);
		meed_input_close(in);
	}
	meed_block_release(&b);
	meed_buf_release(&all);
}

static void test_a_run_can_go_on_within_any_file(void)
{
	static const char *const texts[] = { "{\"a\":1}\n{\"a\":2}\n",
					     "[ {\"b\":1} ,\n{\"b\":2},{\"b\":3}]\n",
					     "c\n1\n\"2\n3\"\n4\n", "{\n\"d\":1}\n{\"d\":2}" };
	static const char *const names[] = { "1.jsonl", "2.json", "3.csv", "4" };
	char p[4][64];
	const char *paths[4];

	for (size_t i = 0; i < 4; i++) {
		paths[i] = path_of(p[i], names[i]);
		put_file(paths[i], texts[i], strlen(texts[i]));
	}
	again(paths, 4, 10);
	for (size_t i = 0; i < 4; i++)
		(void)unlink(p[i]);
}

int main(void)
{
	static CU_TestInfo json[] = {
		{ "a list is cut into its elements", test_a_list_is_cut_into_its_elements },
		{ "one bad element leaves the others", test_one_bad_element_leaves_the_others },
		{ "a list that is broken says where", test_a_list_that_is_broken_says_where },
		{ "a list may be a member", test_a_list_may_be_a_member },
		{ "rows over several lines", test_rows_over_several_lines },
		{ "lines stay lines", test_lines_stay_lines },
		{ "a long element is told and no more", test_a_long_element_is_told_and_no_more },
		{ "gzip is undone first", test_gzip_is_undone_first },
		{ "many elements in blocks of any size", test_many_elements_in_blocks_of_any_size },
		{ "fields left out are named", test_fields_left_out_are_named },
		CU_TEST_INFO_NULL
	};
	static CU_TestInfo csv[] = {
		{ "records become objects", test_records_become_objects },
		{ "cells are JSON where it is asked for",
		  test_cells_are_json_where_it_is_asked_for },
		{ "bad records leave the others", test_bad_records_leave_the_others },
		{ "broken tables say where", test_broken_tables_say_where },
		{ "files of all kinds are one stream", test_files_of_all_kinds_are_one_stream },
		{ "a run can go on within any file", test_a_run_can_go_on_within_any_file },
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "JSON", make_dir, NULL, NULL, NULL, json },
				  { "tables", NULL, remove_dir, NULL, NULL, csv },
				  CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
