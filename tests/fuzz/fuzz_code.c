/* fuzz_code.c - fuzz target: answers through the readers of `code`.
 *
 * Blocks lie in the text, one after the other, and their programs are no longer than they. A text
 * is a patch or it is said, at a line that it has, why not; a patch's changes are lines with a
 * sign, in the order of their paths. */
#include "config.h"
#include "plugins/code/edit.h"
#include "plugins/code/fence.h"
#include "plugins/code/names.h"
#include "plugins/code/ratio.h"
#include "tests/unit/codefix.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_blocks(struct codefix *f, meed_str text)
{
	struct code_names names;
	struct code_block b;
	struct code_scan scan;
	size_t end = 0, line = 0;
	meed_str program;

	code_scan_init(&scan, text);
	while (code_scan_next(&scan, &b)) {
		must(b.at >= end && b.line > line && b.at < text.n);
		must(b.body.p > text.p + b.at && b.body.p + b.body.n <= text.p + text.n);
		must(code_block_text(&f->host, (meed_ctx *)f, &b, &program) == MEED_OK);
		must(program.n <= b.body.n);
		must(b.lang < CODE_N_LANGS && code_lang_guess(program) < CODE_N_LANGS);
		code_names_count(program, b.lang, &names);
		must(names.snake <= names.n && names.camel <= names.n && names.n <= program.n);
		end = (size_t)(b.body.p - text.p) + b.body.n;
		line = b.line;
	}
	must(!code_scan_next(&scan, &b));
}

static void check_changes(const struct code_changes *v)
{
	const char *p;
	size_t i, k;

	must(v->n > 0);
	for (i = 0; i < v->n; i++) {
		p = v->v[i].text.p;
		must(v->v[i].text.n > 0 && p[v->v[i].text.n - 1] == '\n');
		for (k = 0; k < v->v[i].text.n; k++)
			must((k > 0 && p[k - 1] != '\n') || (p[k] && strchr("-+=", p[k])));
		must(i == 0 || !meed_eq(v->v[i].path, v->v[i - 1].path));
	}
}

static void check_patch(struct codefix *f, meed_str text, int how)
{
	struct code_files none = { &f->host, NULL };
	struct code_changes v = { NULL, 0 };
	struct code_fault fault;
	size_t i, lines = 1;
	int32_t r;

	for (i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	if (how == 2)
		r = code_edits_read(&f->host, (meed_ctx *)f, text, &none, 1 << 20, &v, &fault);
	else
		r = code_diff_read(&f->host, (meed_ctx *)f, text, how == 0, &v, &fault);
	must(r == 0 || r == 1);
	if (r == 0)
		must(fault.why[0] && fault.line <= lines);
	else
		check_changes(&v);
}

/* Two halves of the text are alike one way or another, and a text is itself. */
static void check_ratio(struct codefix *f, meed_str text)
{
	meed_str a = meed_sub(text, 0, text.n / 2), b = meed_sub(text, text.n / 2, text.n);
	struct code_ratio x;

	must(code_ratio(&f->host, (meed_ctx *)f, a, b, text.n % 2 == 0, text.n, &x) == MEED_OK);
	must(x.ratio >= 0 && x.ratio <= 1 && x.matched <= x.n_a && x.matched <= x.n_b);
	must(code_ratio(&f->host, (meed_ctx *)f, text, text, true, text.n, &x) == MEED_OK);
	must(x.ratio >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *copy = malloc(n + 1);
	meed_str text = { copy, n };
	struct codefix f;
	int how;

	must(copy != NULL);
	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	codefix_init(&f);
	check_blocks(&f, text);
	for (how = 0; how < 3; how++)
		check_patch(&f, text, how);
	check_ratio(&f, text);
	codefix_release(&f);
	free(copy);
	return 0;
}
