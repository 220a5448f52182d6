/* diff.c - reads unified diffs. */
#include "config.h"
#include "edit.h"

struct reader {
	struct code_pieces pieces;
	struct code_lines l;
	struct code_fault *fault;
	bool strict;
	char *out;			/* changed lines; never longer than the text and an LF */
	size_t n_out;
	meed_str old_path, new_path;	/* of the file at hand */
	bool in_file, in_header;	/* a file has begun; its hunks have not */
	size_t from;			/* where in out the file's change begins */
	size_t n_hunks;
};

bool code_has_hunks(meed_str text)
{
	struct code_lines l = { .text = text };

	while (code_lines_next(&l)) {
		if (meed_starts(l.line, MEED_S("@@")) || meed_starts(l.line, MEED_S("diff --git ")))
			return true;
	}
	return false;
}

static void put(struct reader *d, meed_str s)
{
	if (s.n > 0)
		memcpy(d->out + d->n_out, s.p, s.n);
	d->n_out += s.n;
	d->out[d->n_out++] = '\n';
}

/* What follows "--- " or "+++ ": without a time, quotes and a/ or b/. */
static meed_str path_of(meed_str s)
{
	const char *tab = memchr(s.p, '\t', s.n);

	if (tab)
		s.n = (size_t)(tab - s.p);
	s = meed_strip(s);
	if (s.n > 1 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		s = meed_sub(s, 1, s.n - 1);
	if (meed_starts(s, MEED_S("a/")) || meed_starts(s, MEED_S("b/")))
		s = meed_sub(s, 2, s.n);
	return s;
}

static bool is_null(meed_str path)
{
	return path.n == 0 || meed_eq(path, MEED_S("/dev/null"));
}

static int32_t file_end(struct reader *d)
{
	meed_str text = { d->out + d->from, d->n_out - d->from };

	d->from = d->n_out;
	if (!d->in_file)
		return 0;
	d->in_file = false;
	return code_piece_add(&d->pieces, is_null(d->new_path) ? d->old_path : d->new_path, text);
}

/* "diff --git a/x b/x": the paths if they are equal, else those of later lines. */
static void git_paths(struct reader *d, meed_str s)
{
	size_t half = s.n / 2;
	meed_str a, b;

	d->old_path = d->new_path = (meed_str){ s.p, 0 };
	if (s.n % 2 == 0 || s.p[half] != ' ')
		return;
	a = path_of(meed_sub(s, 0, half));
	b = path_of(meed_sub(s, half + 1, s.n));
	if (meed_eq(a, b))
		d->old_path = d->new_path = a;
}

static int32_t file_begin(struct reader *d)
{
	int32_t r = file_end(d);

	d->in_file = true;
	d->in_header = true;
	d->old_path = d->new_path = MEED_S("");
	return r;
}

/* "--- old" and the line after it, "+++ new". */
static int32_t file_names(struct reader *d)
{
	struct code_lines ahead = d->l;
	int32_t r = 0;

	if (!code_lines_next(&ahead) || !meed_starts(ahead.line, MEED_S("+++ ")))
		return code_fault_set(d->fault, d->l.number,
				      "\"--- \" without a \"+++ \" line after it");
	if (!d->in_header)
		r = file_begin(d);
	if (r < 0)
		return r;
	d->old_path = path_of(meed_sub(d->l.line, 4, d->l.line.n));
	d->new_path = path_of(meed_sub(ahead.line, 4, ahead.line.n));
	d->l = ahead;
	d->in_header = false;
	if (is_null(d->old_path) && is_null(d->new_path))
		return code_fault_set(d->fault, ahead.number, "neither name is a file's");
	return 1;
}

/* A line of git's between "diff --git" and the hunks: 1 if it is one, 0 if not, -1 if it is
 * one that cannot be read. */
static int32_t header_line(struct reader *d)
{
	static const char *const kept[] = { "rename from ", "rename to ", "copy from ", "copy to ",
					    "old mode ", "new mode " };
	static const char *const others[] = { "index ", "similarity index ", "new file mode ",
					      "dissimilarity index ", "deleted file mode " };
	meed_str s = d->l.line;
	size_t i;

	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (!meed_starts(s, meed_s(kept[i])))
			continue;
		/* "=rename to x" is no longer than the line and what of it is not kept */
		d->out[d->n_out++] = '=';
		put(d, s);
		if (i == 0)
			d->old_path = meed_sub(s, 12, s.n);
		if (i == 1)
			d->new_path = meed_sub(s, 10, s.n);
		return 1;
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (meed_starts(s, meed_s(others[i])))
			return 1;
	}
	if (meed_starts(s, MEED_S("Binary files ")) || meed_eq(s, MEED_S("GIT binary patch"))) {
		(void)code_fault_set(d->fault, d->l.number,
				     "a binary file's change cannot be read");
		return -1;
	}
	return s.n == 0;
}

/* A number of a hunk's head; false if there is none. */
static bool number(meed_str *s, uint64_t *ret)
{
	size_t i = 0;

	*ret = 0;
	while (i < s->n && i < 12 && s->p[i] >= '0' && s->p[i] <= '9')
		*ret = *ret * 10 + (uint64_t)(s->p[i++] - '0');
	*s = meed_sub(*s, i, s->n);
	return i > 0;
}

static bool take(meed_str *s, const char *what)
{
	if (!meed_starts(*s, meed_s(what)))
		return false;
	*s = meed_sub(*s, strlen(what), s->n);
	return true;
}

/* "-l,n" or "-l", of which n is wanted. */
static bool range(meed_str *s, const char *sign, uint64_t *ret)
{
	uint64_t line;

	*ret = 1;
	return take(s, sign) && number(s, &line) && (!take(s, ",") || number(s, ret));
}

/* The lines that follow "@@ -l,n +l,n @@". */
static int32_t hunk(struct reader *d)
{
	struct code_lines ahead;
	uint64_t n_old = 0, n_new = 0, old = 0, new = 0;
	size_t head = d->l.number;
	meed_str s = d->l.line;
	bool counted;
	char sign;

	counted = take(&s, "@@ ") && range(&s, "-", &n_old) && range(&s, " +", &n_new) &&
		  take(&s, " @@");
	if (d->strict && !counted)
		return code_fault_set(d->fault, head, "not \"@@ -line,count +line,count @@\"");
	d->n_hunks++;
	while (!d->strict || old < n_old || new < n_new) {
		ahead = d->l;
		if (!code_lines_next(&ahead))
			break;
		s = ahead.line;
		sign = s.n > 0 ? s.p[0] : ' ';
		if (!strchr(" +-\\", sign))
			break;
		if (!d->strict && (meed_starts(s, MEED_S("--- ")) || meed_eq(s, MEED_S("-- ")))) {
			struct code_lines two = ahead;

			if (meed_eq(s, MEED_S("-- ")) ||
			    (code_lines_next(&two) && meed_starts(two.line, MEED_S("+++ "))))
				break;
		}
		if (!d->strict && s.n == 0 && ahead.next == ahead.text.n)
			break;
		old += sign == '-' || sign == ' ';
		new += sign == '+' || sign == ' ';
		if (sign == '+' || sign == '-')
			put(d, s);
		d->l = ahead;
	}
	if (d->strict && (old != n_old || new != n_new))
		return code_fault_set(d->fault, head,
				      "the hunk has %llu old and %llu new lines, its head says "
				      "%llu and %llu", (unsigned long long)old,
				      (unsigned long long)new, (unsigned long long)n_old,
				      (unsigned long long)n_new);
	return 1;
}

static int32_t any_line(struct reader *d)
{
	meed_str s = d->l.line;
	struct code_lines ahead = d->l;
	int32_t r;

	if (meed_starts(s, MEED_S("diff --git "))) {
		r = file_begin(d);
		if (r == 0)
			git_paths(d, meed_sub(s, 11, s.n));
		return r < 0 ? r : 1;
	}
	if (meed_starts(s, MEED_S("--- ")) &&
	    (d->in_file || (code_lines_next(&ahead) && meed_starts(ahead.line, MEED_S("+++ ")))))
		return file_names(d);
	if (meed_starts(s, MEED_S("@@"))) {
		if (!d->in_file)
			return code_fault_set(d->fault, d->l.number,
					      "a hunk before any \"--- \" and \"+++ \"");
		d->in_header = false;
		return hunk(d);
	}
	if (!d->in_file)
		return 1;
	r = d->in_header ? header_line(d) : 0;
	if (r != 0)
		return r > 0;
	if (s.n == 0 || s.p[0] == '\\' || meed_starts(s, MEED_S("Index: ")) ||
	    meed_starts(s, MEED_S("diff ")) || meed_starts(s, MEED_S("=====")))
		return 1;
	if (meed_starts(s, MEED_S("-- "))) {
		d->l.next = d->l.text.n;
		return 1;
	}
	return code_fault_set(d->fault, d->l.number,
			      "\"%.*s%s\" is neither of a hunk nor of a file's header",
			      (int)(s.n < 40 ? s.n : 40), s.p, s.n < 40 ? "" : "...");
}

int32_t code_diff_read(const meed_host *h, meed_ctx *c, meed_str text, bool strict_counts,
		       struct code_changes *ret, struct code_fault *fault)
{
	struct reader d = { .pieces = { .h = h, .c = c }, .l = { .text = text },
			    .fault = fault, .strict = strict_counts };
	int32_t r = 1;

	memset(fault, 0, sizeof(*fault));
	d.out = h->alloc(c, 2 * text.n + 2);
	if (!d.out)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	while (r == 1 && code_lines_next(&d.l))
		r = any_line(&d);
	if (r == 1)
		r = file_end(&d) < 0 ? MEED_E_NOMEM : 1;
	if (r == 1 && code_pieces_join(&d.pieces, ret) < 0)
		r = MEED_E_NOMEM;
	if (r == 1 && ret->n == 0)
		r = code_fault_set(fault, 0, d.pieces.n > 0 ? "it changes no line"
							    : "no file's header in it");
	return r;
}
