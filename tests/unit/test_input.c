/* test_input.c - files as streams of lines: plain, gzip and zstd, whole and broken. */
#include "config.h"
#include "host/sample/sample.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#define MAX_LINE ((size_t)1 << 20)

static char dir[] = "/tmp/meed-input-XXXXXX";

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

static void put_file(const char *path, const char *how, const void *p, size_t n)
{
	FILE *f = fopen(path, how);

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fwrite(p, 1, n, f), n);
	CU_ASSERT_EQUAL(fclose(f), 0);
}

static void put_gzip(const char *path, const char *how, const void *p, size_t n)
{
	gzFile f = gzopen(path, how);

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(gzwrite(f, p, (unsigned int)n), (int)n);
	CU_ASSERT_EQUAL(gzclose(f), Z_OK);
}

static void put_zstd(const char *path, const char *how, const void *p, size_t n)
{
	size_t cap = ZSTD_compressBound(n), got;
	char *to = malloc(cap);

	CU_ASSERT_PTR_NOT_NULL_FATAL(to);
	got = ZSTD_compress(to, cap, p, n, 1);
	CU_ASSERT_FATAL(!ZSTD_isError(got));
	put_file(path, how, to, got);
	free(to);
}

/* Everything that an input gives, as "NUMBER@OFFSET:TEXT|"; a long line as "NUMBER@OFFSET!LENGTH|". */
struct told {
	struct meed_buf text;
	struct meed_err err;
	int32_t code;
	size_t blocks;
};

static void tell_lines(struct told *t, const struct meed_block *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct meed_line *l = &b->lines[i];

		meed_buf_u64(&t->text, l->number);
		meed_buf_putc(&t->text, '@');
		meed_buf_u64(&t->text, l->offset);
		if (l->status < 0) {
			meed_buf_putc(&t->text, '!');
			meed_buf_u64(&t->text, l->n);
		} else {
			meed_buf_putc(&t->text, ':');
			meed_buf_put(&t->text, l->p, l->n);
		}
		meed_buf_putc(&t->text, '|');
	}
}

static void tell(struct told *t, const char *const *paths, size_t n, size_t max_line,
		 size_t max_lines, size_t max_bytes)
{
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };

	*t = (struct told){ 0 };
	t->code = meed_input_open(paths, n, max_line, &t->err, &in);
	if (t->code < 0)
		return;
	do {
		t->code = meed_input_next(in, &b, max_lines, max_bytes, &t->err);
		CU_ASSERT(t->code != 1 || (b.n >= 1 && b.n <= max_lines));
		CU_ASSERT(t->code != 0 || b.n == 0);
		tell_lines(t, &b);
		t->blocks++;
	} while (t->code == 1);
	meed_buf_putc(&t->text, '\0');
	meed_block_release(&b);
	meed_input_close(in);
}

static void expect(const char *path, size_t max_line, const char *want)
{
	static const size_t lines[] = { 1, 2, 1000 }, bytes[] = { 1, 50, 1 << 20 };

	for (size_t i = 0; i < 9; i++) {
		struct told t;

		tell(&t, &path, 1, max_line, lines[i / 3], bytes[i % 3]);
		CU_ASSERT_EQUAL_FATAL(t.code, 0);
		CU_ASSERT_STRING_EQUAL(t.text.p, want);
		meed_buf_release(&t.text);
	}
}

static void test_lines_have_numbers_and_offsets(void)
{
	char p[64];

	put_file(path_of(p, "a"), "w", "one\n\n  \t\ntwo\r\n\r\nthree", 21);
	expect(p, MAX_LINE, "1@0:one|4@9:two|6@16:three|");
	(void)unlink(p);
}

static void test_empty_file_has_no_lines(void)
{
	char p[64];

	put_file(path_of(p, "a"), "w", "", 0);
	expect(p, MAX_LINE, "");
	put_file(p, "w", "\n\n\n", 3);
	expect(p, MAX_LINE, "");
	(void)unlink(p);
}

static void test_bom_is_passed_over_at_the_start_alone(void)
{
	char p[64];

	put_file(path_of(p, "a"), "w", "\xef\xbb\xbfx\n\xef\xbb\xbfy\n", 10);
	expect(p, MAX_LINE, "1@3:x|2@5:\xef\xbb\xbfy|");
	put_file(p, "w", "\xef\xbb\xbf\nx", 5);
	expect(p, MAX_LINE, "2@4:x|");
	(void)unlink(p);
}

static void test_nul_bytes_stay_in_their_line(void)
{
	struct told t;
	char p[64];
	const char *path = path_of(p, "a");

	put_file(p, "w", "a\0b\nc\n", 6);
	tell(&t, &path, 1, MAX_LINE, 10, 1000);
	CU_ASSERT_EQUAL(t.code, 0);
	CU_ASSERT_EQUAL(t.text.n, 15);
	CU_ASSERT_EQUAL(memcmp(t.text.p, "1@0:a\0b|2@4:c|", 15), 0);
	meed_buf_release(&t.text);
	(void)unlink(p);
}

static void test_too_long_line_is_told_with_its_length(void)
{
	char p[64];

	put_file(path_of(p, "a"), "w", "ok\n0123456789\r\n12345678\nlong at the end", 39);
	expect(p, 8, "1@0:ok|2@3!10|3@15:12345678|4@24!15|");
	(void)unlink(p);
}

static void test_several_files_are_one_stream(void)
{
	char p[3][64];
	const char *paths[3] = { path_of(p[0], "a"), path_of(p[1], "b"), path_of(p[2], "c") };
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };
	struct meed_err err = { 0 };
	uint64_t done, total;

	put_file(p[0], "w", "1", 1);
	put_gzip(p[1], "w", "2\n3", 3);
	put_zstd(p[2], "w", "4\n", 2);
	CU_ASSERT_EQUAL_FATAL(meed_input_open(paths, 3, MAX_LINE, &err, &in), 0);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 100, 4096, &err), 1);
	CU_ASSERT_EQUAL_FATAL(b.n, 4);
	for (size_t i = 0; i < 4; i++) {
		static const uint32_t file[] = { 0, 1, 1, 2 }, number[] = { 1, 1, 2, 1 };

		CU_ASSERT_EQUAL(b.lines[i].n, 1);
		CU_ASSERT_EQUAL(*b.lines[i].p, '1' + (char)i);
		CU_ASSERT_EQUAL(b.lines[i].file, file[i]);
		CU_ASSERT_EQUAL(b.lines[i].number, number[i]);
	}
	CU_ASSERT_STRING_EQUAL(meed_input_name(in, 2), paths[2]);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 100, 4096, &err), 0);
	meed_input_progress(in, &done, &total);
	CU_ASSERT(total > 3);
	CU_ASSERT_EQUAL(done, total);
	meed_block_release(&b);
	meed_input_close(in);
	for (size_t i = 0; i < 3; i++)
		(void)unlink(p[i]);
}

/* n lines of about 60 bytes. */
static void many_lines(struct meed_buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		meed_buf_printf(b, "{\"i\":%zu,\"text\":\"%0*zu\"}\n", i, (int)(i % 90), i * i);
}

/* Reads path in small blocks and checks that its lines are those of b. */
static void expect_all(const char *path, const struct meed_buf *b, size_t max_lines,
		       size_t max_bytes)
{
	struct meed_input *in = NULL;
	struct meed_block k = { 0 };
	struct meed_err err = { 0 };
	size_t at = 0;
	bool same = true;
	int32_t r;

	CU_ASSERT_EQUAL_FATAL(meed_input_open(&path, 1, MAX_LINE, &err, &in), 0);
	while ((r = meed_input_next(in, &k, max_lines, max_bytes, &err)) == 1) {
		for (size_t i = 0; same && i < k.n; i++) {
			same = k.lines[i].offset == at && at + k.lines[i].n < b->n &&
			       memcmp(b->p + at, k.lines[i].p, k.lines[i].n) == 0 &&
			       b->p[at + k.lines[i].n] == '\n';
			at += k.lines[i].n + 1;
		}
	}
	CU_ASSERT_EQUAL(r, 0);
	CU_ASSERT(same);
	CU_ASSERT_EQUAL(at, b->n);
	meed_block_release(&k);
	meed_input_close(in);
}

static void test_blocks_of_any_size_give_the_same_lines(void)
{
	static const size_t sizes[] = { 1, 7, 64, 100000 };
	struct meed_buf b = { 0 };
	char p[3][64];

	many_lines(&b, 20000);
	put_file(path_of(p[0], "a"), "w", b.p, b.n);
	put_gzip(path_of(p[1], "b"), "w", b.p, b.n);
	put_zstd(path_of(p[2], "c"), "w", b.p, b.n);
	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < 16; k++)
			expect_all(p[i], &b, sizes[k / 4], sizes[k % 4] * 40);
		(void)unlink(p[i]);
	}
	meed_buf_release(&b);
}

static void test_blocks_may_differ_from_call_to_call(void)
{
	static const size_t lines[] = { 1, 100000, 3, 100000 }, bytes[] = { 1 << 20, 20000, 1, 1 << 16 };
	struct meed_input *in = NULL;
	struct meed_block k = { 0 };
	struct meed_err err = { 0 };
	struct meed_buf b = { 0 };
	char p[64];
	const char *path = path_of(p, "a");
	size_t at = 0;
	bool same = true;

	many_lines(&b, 40000);
	put_file(p, "w", b.p, b.n);
	CU_ASSERT_EQUAL_FATAL(meed_input_open(&path, 1, MAX_LINE, &err, &in), 0);
	for (size_t i = 0; meed_input_next(in, &k, lines[i % 4], bytes[i % 4], &err) == 1; i++) {
		for (size_t j = 0; same && j < k.n; j++) {
			same = at + k.lines[j].n < b.n &&
			       memcmp(b.p + at, k.lines[j].p, k.lines[j].n) == 0;
			at += k.lines[j].n + 1;
		}
		/* What is not handed out yet must not depend on the block. */
		if (i % 3 == 0)
			meed_block_release(&k);
	}
	CU_ASSERT(same);
	CU_ASSERT_EQUAL(at, b.n);
	meed_block_release(&k);
	meed_input_close(in);
	meed_buf_release(&b);
	(void)unlink(p);
}

static void test_gzip_and_zstd_may_have_several_parts(void)
{
	struct meed_buf b = { 0 };
	char p[64];
	size_t half;

	many_lines(&b, 5000);
	half = b.n / 2 + 3;
	put_gzip(path_of(p, "a"), "w", b.p, half);
	put_gzip(p, "a", b.p + half, b.n - half);
	put_file(p, "a", "\0\0\0\0", 4);
	expect_all(p, &b, 100, 1000);
	put_zstd(p, "w", b.p, half);
	put_zstd(p, "a", b.p + half, b.n - half);
	expect_all(p, &b, 100, 1000);
	put_file(p, "w", "\x50\x2a\x4d\x18\x03\0\0\0abc", 11);
	put_zstd(p, "a", b.p, b.n);
	expect_all(p, &b, 100, 1000);
	meed_buf_release(&b);
	(void)unlink(p);
}

static void test_cut_off_file_gives_its_whole_lines_first(void)
{
	void (*const put[])(const char *, const char *, const void *, size_t) = { put_gzip,
										  put_zstd };
	struct meed_buf b = { 0 };
	char p[64];
	const char *path = path_of(p, "a");

	/* Random digits, so that the packed form is cut amid lines. */
	for (uint64_t i = 0; i < 3000; i++)
		meed_buf_printf(&b, "%016llx%016llx\n",
				(unsigned long long)meed_hash(&i, sizeof(i), 1),
				(unsigned long long)meed_hash(&i, sizeof(i), 2));
	for (size_t i = 0; i < 2; i++) {
		struct told t;
		struct stat st;
		char line[32];
		size_t n_lines = 0;

		put[i](p, "w", b.p, b.n);
		CU_ASSERT_EQUAL_FATAL(stat(p, &st), 0);
		CU_ASSERT_EQUAL_FATAL(truncate(p, st.st_size * 2 / 3), 0);
		tell(&t, &path, 1, MAX_LINE, 100, 4096);
		CU_ASSERT_EQUAL(t.code, MEED_E_SAMPLE);
		for (size_t k = 0; k < t.text.n; k++)
			n_lines += t.text.p[k] == '|';
		if (i == 0)
			CU_ASSERT(n_lines > 1000);
		(void)snprintf(line, sizeof(line), "%s:%zu: the ", "", n_lines + 1);
		CU_ASSERT_PTR_NOT_NULL(strstr(t.err.text, line));
		CU_ASSERT_PTR_NOT_NULL(strstr(t.err.text, "ends in the middle"));
		CU_ASSERT_EQUAL(strncmp(t.err.text, p, strlen(p)), 0);
		meed_buf_release(&t.text);
	}
	meed_buf_release(&b);
	(void)unlink(p);
}

static void test_damaged_gzip_is_told(void)
{
	struct meed_buf b = { 0 };
	struct told t;
	char p[64];
	const char *path = path_of(p, "a");
	FILE *f;

	many_lines(&b, 1000);
	put_gzip(p, "w", b.p, b.n);
	f = fopen(p, "r+");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	(void)fseek(f, -8, SEEK_END);
	(void)fwrite("\x12\x34\x56\x78", 1, 4, f);
	(void)fclose(f);
	tell(&t, &path, 1, MAX_LINE, 100, 4096);
	CU_ASSERT_EQUAL(t.code, MEED_E_SAMPLE);
	CU_ASSERT_PTR_NOT_NULL(strstr(t.err.text, "the gzip data is damaged"));
	meed_buf_release(&t.text);

	put_gzip(p, "w", "x\n", 2);
	put_file(p, "a", "rubbish", 7);
	tell(&t, &path, 1, MAX_LINE, 100, 4096);
	CU_ASSERT_EQUAL(t.code, MEED_E_SAMPLE);
	CU_ASSERT_PTR_NOT_NULL(strstr(t.err.text, "after the end of the gzip data"));
	CU_ASSERT_STRING_EQUAL(t.text.p, "1@0:x|");
	meed_buf_release(&t.text);
	meed_buf_release(&b);
	(void)unlink(p);
}

static void test_the_next_file_can_be_read_after_a_broken_one(void)
{
	char p[2][64];
	const char *paths[2] = { path_of(p[0], "a"), path_of(p[1], "b") };
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };
	struct meed_err err = { 0 };

	put_file(p[0], "w", "\x1f\x8b\x08\x00", 4);
	put_file(p[1], "w", "x\n", 2);
	CU_ASSERT_EQUAL_FATAL(meed_input_open(paths, 2, MAX_LINE, &err, &in), 0);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 10, 100, &err), MEED_E_SAMPLE);
	CU_ASSERT_EQUAL(b.n, 0);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 10, 100, &err), 1);
	CU_ASSERT_EQUAL(b.n, 1);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 10, 100, &err), 0);
	meed_block_release(&b);
	meed_input_close(in);
	(void)unlink(p[0]);
	(void)unlink(p[1]);
}

static void expect_refused(const char *const *paths, size_t n, const char *why)
{
	struct meed_input *in = NULL;
	struct meed_err err = { 0 };

	CU_ASSERT_EQUAL(meed_input_open(paths, n, MAX_LINE, &err, &in), MEED_E_NOINPUT);
	CU_ASSERT_PTR_NULL(in);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, why));
}

static void test_paths_are_checked_before_anything_is_read(void)
{
	char p[2][64];
	const char *dir_first[] = { dir };
	const char *missing[] = { path_of(p[0], "a"), path_of(p[1], "missing") };
	const char *twice[] = { "-", p[0], "-" };

	put_file(p[0], "w", "x\n", 2);
	expect_refused(dir_first, 1, "is a directory; name its files");
	expect_refused(missing, 2, "missing: No such file or directory");
	expect_refused(twice, 3, "standard input can be read only once");
	if (geteuid() != 0) {
		CU_ASSERT_EQUAL(chmod(p[0], 0), 0);
		expect_refused(missing, 1, "Permission denied");
	}
	(void)unlink(p[0]);
}

/* Replaces standard input by fd for one reading. */
static void tell_stdin(struct told *t, int fd)
{
	const char *path = "-";
	int saved = dup(STDIN_FILENO);

	CU_ASSERT_FATAL(dup2(fd, STDIN_FILENO) >= 0);
	tell(t, &path, 1, MAX_LINE, 100, 4096);
	if (saved >= 0) {
		(void)dup2(saved, STDIN_FILENO);
		(void)close(saved);
	} else {
		(void)close(STDIN_FILENO);
	}
}

static void test_standard_input_may_be_a_pipe(void)
{
	struct told t;
	int fds[2];

	CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
	CU_ASSERT_EQUAL(write(fds[1], "one\ntwo\nthr", 11), 11);
	CU_ASSERT_EQUAL(close(fds[1]), 0);
	tell_stdin(&t, fds[0]);
	(void)close(fds[0]);
	CU_ASSERT_EQUAL(t.code, 0);
	CU_ASSERT_STRING_EQUAL(t.text.p, "1@0:one|2@4:two|3@8:thr|");
	meed_buf_release(&t.text);
}

static void test_a_pipe_gives_what_it_has(void)
{
	const char *path = "/dev/stdin";
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };
	struct meed_err err = { 0 };
	int fds[2], saved = dup(STDIN_FILENO);

	CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
	CU_ASSERT_FATAL(dup2(fds[0], STDIN_FILENO) >= 0);
	CU_ASSERT_EQUAL(write(fds[1], "{\"a\":1}\n{\"a", 11), 11);
	/* The writer is still there: this must not wait for it. */
	CU_ASSERT_EQUAL_FATAL(meed_input_open(&path, 1, MAX_LINE, &err, &in), 0);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 100, 4096, &err), 1);
	CU_ASSERT_EQUAL(b.n, 1);
	CU_ASSERT_EQUAL(write(fds[1], "\":2}\n", 5), 5);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 100, 4096, &err), 1);
	CU_ASSERT_EQUAL_FATAL(b.n, 1);
	CU_ASSERT_EQUAL(b.lines[0].n, 7);
	CU_ASSERT_EQUAL(memcmp(b.lines[0].p, "{\"a\":2}", 7), 0);
	(void)close(fds[1]);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 100, 4096, &err), 0);
	meed_block_release(&b);
	meed_input_close(in);
	(void)dup2(saved, STDIN_FILENO);
	(void)close(saved);
	(void)close(fds[0]);
}

static void test_read_error_is_told(void)
{
	const char *path = "/proc/self/mem";	/* opens, and cannot be read at 0 */
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };
	struct meed_err err = { 0 };

	if (access(path, R_OK) != 0)
		return;
	CU_ASSERT_EQUAL_FATAL(meed_input_open(&path, 1, MAX_LINE, &err, &in), 0);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 100, 4096, &err), MEED_E_NOINPUT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "cannot read"));
	meed_block_release(&b);
	meed_input_close(in);
}

static void test_huge_line_costs_no_memory(void)
{
	const size_t piece = (size_t)1 << 20, n = 100;
	char p[64], *mb = malloc(piece);
	const char *path = path_of(p, "a");
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };
	struct meed_err err = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(mb);
	memset(mb, 'x', piece);
	put_file(p, "w", "a\n", 2);
	for (size_t i = 0; i < n; i++)
		put_file(p, "a", mb, piece);
	put_file(p, "a", "\nb\n", 3);
	free(mb);
	CU_ASSERT_EQUAL_FATAL(meed_input_open(&path, 1, 1000000, &err, &in), 0);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 3, 65536, &err), 1);
	CU_ASSERT_EQUAL(b.n, 1);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 3, 65536, &err), 1);
	CU_ASSERT_EQUAL_FATAL(b.n, 2);
	CU_ASSERT_EQUAL(b.lines[0].status, MEED_E_LIMIT);
	CU_ASSERT_EQUAL(b.lines[0].n, n * piece);
	CU_ASSERT_EQUAL(b.lines[0].offset, 2);
	CU_ASSERT_EQUAL(b.lines[1].offset, n * piece + 3);
	CU_ASSERT_EQUAL(*b.lines[1].p, 'b');
	CU_ASSERT(b.data.cap < 4 * piece);
	meed_block_release(&b);
	meed_input_close(in);
	(void)unlink(p);
}

static void test_long_line_within_the_limit_is_whole(void)
{
	const size_t n = 3000000;
	char p[64], *text = malloc(n + 1);
	const char *path = path_of(p, "a");
	struct meed_input *in = NULL;
	struct meed_block b = { 0 };
	struct meed_err err = { 0 };

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (size_t i = 0; i < n; i++)
		text[i] = (char)('a' + i % 26);
	text[n] = '\n';
	put_file(p, "w", "a\n", 2);
	put_file(p, "a", text, n + 1);
	put_file(p, "a", "b\n", 2);
	CU_ASSERT_EQUAL_FATAL(meed_input_open(&path, 1, n, &err, &in), 0);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 3, 65536, &err), 1);
	CU_ASSERT_EQUAL(b.n, 1);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 1, 65536, &err), 1);
	CU_ASSERT_EQUAL_FATAL(b.n, 1);
	CU_ASSERT_EQUAL(b.lines[0].n, n);
	CU_ASSERT_EQUAL(memcmp(b.lines[0].p, text, n), 0);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 3, 65536, &err), 1);
	CU_ASSERT_EQUAL(b.n, 1);
	CU_ASSERT_EQUAL(meed_input_next(in, &b, 3, 65536, &err), 0);
	meed_block_release(&b);
	meed_input_close(in);
	free(text);
	(void)unlink(p);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "lines have numbers and offsets", test_lines_have_numbers_and_offsets },
		{ "an empty file has no lines", test_empty_file_has_no_lines },
		{ "a BOM is passed over at the start alone",
		  test_bom_is_passed_over_at_the_start_alone },
		{ "NUL bytes stay in their line", test_nul_bytes_stay_in_their_line },
		{ "a too long line is told with its length",
		  test_too_long_line_is_told_with_its_length },
		{ "several files are one stream", test_several_files_are_one_stream },
		{ "blocks of any size give the same lines",
		  test_blocks_of_any_size_give_the_same_lines },
		{ "blocks may differ from call to call",
		  test_blocks_may_differ_from_call_to_call },
		{ "gzip and zstd may have several parts",
		  test_gzip_and_zstd_may_have_several_parts },
		{ "a cut-off file gives its whole lines first",
		  test_cut_off_file_gives_its_whole_lines_first },
		{ "damaged gzip is told", test_damaged_gzip_is_told },
		{ "the next file can be read after a broken one",
		  test_the_next_file_can_be_read_after_a_broken_one },
		{ "paths are checked before anything is read",
		  test_paths_are_checked_before_anything_is_read },
		{ "standard input may be a pipe", test_standard_input_may_be_a_pipe },
		{ "a pipe gives what it has", test_a_pipe_gives_what_it_has },
		{ "a read error is told", test_read_error_is_told },
		{ "a huge line costs no memory", test_huge_line_costs_no_memory },
		{ "a long line within the limit is whole",
		  test_long_line_within_the_limit_is_whole },
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "input", make_dir, remove_dir, NULL, NULL, tests },
				  CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
