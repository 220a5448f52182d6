/* patch.c - code.patch_similarity: how alike a patch is to the reference's. */
#include "config.h"
#include "code.h"
#include "edit.h"
#include "fence.h"
#include "ratio.h"

#include <stdlib.h>

enum format { TEXT, DIFF, SEARCH_REPLACE, AUTO };

struct patch {
	enum format format;
	bool autojunk, strict_counts;
	double malformed;
	size_t max_chars;
};

/* One evaluation. */
struct judge {
	const meed_host *h;
	meed_ctx *c;
	const struct patch *m;
	const meed_sample *s;
	struct code_files context, oracle;
	struct meed_text *reason, *extra; /* empty */
};

static const char schema[] =
	"{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
	"\"format\": {\"type\": \"string\", \"default\": \"text\","
	" \"enum\": [\"text\", \"diff\", \"search_replace\", \"auto\"],"
	" \"description\": \"text: compare as it stands; diff: unified diffs, search_replace:"
	" SEARCH/REPLACE blocks, auto: either, compared by the lines they change, file by file\"},"
	"\"autojunk\": {\"type\": \"boolean\", \"default\": true,"
	" \"description\": \"format text: difflib's rule that characters which make up over 1 % of"
	" 200 or more start no match\"},"
	"\"strict_counts\": {\"type\": \"boolean\", \"default\": true,"
	" \"description\": \"a hunk of a diff has as many lines as its head says\"},"
	"\"malformed\": {\"type\": \"number\", \"default\": 0, \"minimum\": -1, \"maximum\": 0,"
	" \"description\": \"score of an answer that is no patch, other than in format text\"},"
	"\"max_chars\": {\"type\": \"integer\", \"default\": 1048576, \"minimum\": 1,"
	" \"maximum\": 16777216, \"description\": \"the most characters of a text that are"
	" compared; 90 bytes of memory for each\"}}}";

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	meed_str format = meed_param_str(h, params, "format");
	struct patch *m = malloc(sizeof(*m));

	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m->format = meed_eq(format, MEED_S("text")) ? TEXT
		  : meed_eq(format, MEED_S("diff")) ? DIFF
		  : meed_eq(format, MEED_S("auto")) ? AUTO : SEARCH_REPLACE;
	m->autojunk = meed_param_bool(h, params, "autojunk");
	m->strict_counts = meed_param_bool(h, params, "strict_counts");
	m->malformed = meed_param_num(h, params, "malformed");
	m->max_chars = (size_t)meed_param_int(h, params, "max_chars");
	*self = m;
	return MEED_OK;
}

/* ---- as text -------------------------------------------------------------------------------- */

static int32_t judge_text(struct judge *j)
{
	meed_str text = meed_strip(j->s->cands[0].text);
	struct code_ratio best = { .ratio = -1 }, x;
	int32_t r;
	size_t i;

	if (j->s->cands[0].n_refs == 0)
		return j->h->fail(j->c, MEED_E_SAMPLE, "the row has no reference");
	for (i = 0; i < j->s->cands[0].n_refs; i++) {
		r = code_ratio(j->h, j->c, text, meed_strip(j->s->cands[0].refs[i]),
			       j->m->autojunk, j->m->max_chars, &x);
		if (r < 0)
			return r;
		if (x.ratio > best.ratio)
			best = x;
	}
	meed_text_u64(j->reason, best.matched);
	meed_text_lit(j->reason, " characters in ");
	meed_text_u64(j->reason, best.n_blocks);
	meed_text_str(j->reason, best.n_blocks == 1 ? MEED_S(" block match; the answer has ")
						    : MEED_S(" blocks match; the answer has "));
	meed_text_u64(j->reason, best.n_a);
	meed_text_lit(j->reason, ", the reference ");
	meed_text_u64(j->reason, best.n_b);
	meed_text_u64(j->extra, best.matched);
	(void)j->h->put_extra(j->c, 0, "matched", meed_text_get(j->extra));
	return j->h->put_score(j->c, 0, MEED_NONE, NULL, best.ratio, meed_text_get(j->reason));
}

/* ---- as changes ----------------------------------------------------------------------------- */

static size_t find_last(meed_str s, meed_str what)
{
	size_t at, last = MEED_NONE;

	for (at = meed_find(s, 0, what); at != MEED_NONE; at = meed_find(s, at + what.n, what))
		last = at;
	return last;
}

/* What the answer says when it has stopped thinking, in <solution> if it has one. */
static meed_str solution_of(meed_str s)
{
	size_t at = find_last(s, MEED_S("</think>")), end;

	if (at != MEED_NONE)
		s = meed_sub(s, at + 8, s.n);
	at = find_last(s, MEED_S("<solution>"));
	if (at != MEED_NONE) {
		s = meed_sub(s, at + 10, s.n);
		end = meed_find(s, 0, MEED_S("</solution>"));
		s = meed_sub(s, 0, end == MEED_NONE ? s.n : end);
	}
	return s;
}

/* The blocks that hold diffs, one after the other; the text itself if there is none. */
static int32_t diff_text(const struct judge *j, meed_str s, meed_str *ret)
{
	char *out = j->h->alloc(j->c, s.n + 1);
	struct code_block b;
	struct code_scan scan;
	meed_str body;
	size_t n = 0;

	if (!out)
		return j->h->fail(j->c, MEED_E_NOMEM, "out of memory");
	code_scan_init(&scan, s);
	while (code_scan_next(&scan, &b)) {
		if (b.lang != CODE_DIFF && !code_has_hunks(b.body))
			continue;
		if (code_block_text(j->h, j->c, &b, &body) < 0)
			return MEED_E_NOMEM;
		memcpy(out + n, body.p, body.n);
		n += body.n;
		out[n++] = '\n';
	}
	*ret = n > 0 ? (meed_str){ out, n } : s;
	return 1;
}

static int32_t read_changes(const struct judge *j, meed_str s, enum format format,
			    struct code_changes *ret, struct code_fault *fault)
{
	int32_t r;

	if (meed_utf8_len(s) > j->m->max_chars)
		return meed_failf(j->h, j->c, MEED_E_LIMIT,
				  "%zu characters: at most %zu are compared", meed_utf8_len(s),
				  j->m->max_chars);
	if (format == AUTO && !code_has_edits(s) && !code_has_hunks(s))
		return code_fault_set(fault, 0, "neither a unified diff nor SEARCH/REPLACE blocks");
	if (format == AUTO)
		format = code_has_edits(s) ? SEARCH_REPLACE : DIFF;
	if (format == SEARCH_REPLACE)
		return code_edits_read(j->h, j->c, s, &j->context, j->m->max_chars, ret, fault);
	r = diff_text(j, s, &s);
	if (r < 0)
		return r;
	return code_diff_read(j->h, j->c, s, j->m->strict_counts, ret, fault);
}

static int compare_paths(const struct code_changes *a, size_t i, const struct code_changes *b,
			 size_t k)
{
	meed_str x, y;
	int r;

	if (i == a->n || k == b->n)
		return i == a->n ? 1 : -1;
	x = a->v[i].path;
	y = b->v[k].path;
	r = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
	return r != 0 ? r : (x.n > y.n) - (x.n < y.n);
}

static void tell_file(const struct judge *j, meed_str path, double ratio, const char *note)
{
	struct meed_text *t = j->reason, *x = j->extra;

	meed_text_lit(t, "; ");
	meed_text_str(t, path.n > 0 ? meed_sub(path, 0, 200) : MEED_S("(no path)"));
	meed_text_char(t, ' ');
	meed_text_fixed(t, ratio, 3);
	meed_text_str(t, meed_s(note));
	if (x->cap - x->n < 2 * 6 * 200 || path.n > 200)
		return;
	meed_text_str(x, x->n > 1 ? MEED_S(", ") : MEED_S(""));
	meed_text_json_str(x, path);
	meed_text_lit(x, ": ");
	meed_text_num(x, ratio);
}

/* The mean over the files that either changes of how alike the changes are. */
static int32_t compare(const struct judge *j, const struct code_changes *a,
		       const struct code_changes *b, double *ret)
{
	size_t i = 0, k = 0, n = 0;
	struct code_ratio x;
	double sum = 0;
	int32_t r;
	int side;

	meed_text_char(j->extra, '{');
	while (i < a->n || k < b->n) {
		side = compare_paths(a, i, b, k);
		n++;
		if (side < 0) {
			tell_file(j, a->v[i++].path, 0, ", which the reference does not change");
		} else if (side > 0) {
			tell_file(j, b->v[k++].path, 0, ", which the answer does not change");
		} else {
			r = code_ratio(j->h, j->c, a->v[i].text, b->v[k].text, false,
				       2 * j->m->max_chars + 2, &x);
			if (r < 0)
				return r;
			sum += x.ratio;
			tell_file(j, a->v[i].path, x.ratio, "");
			i++;
			k++;
		}
	}
	meed_text_char(j->extra, '}');
	*ret = n > 0 ? sum / (double)n : 1.0;
	return 0;
}

/* The reference's changes: those of its i-th text, or between given contents. */
static int32_t reference(const struct judge *j, size_t i, struct code_changes *ret)
{
	struct code_fault fault;
	int32_t r;

	if (j->oracle.v)
		return code_files_diff(j->h, j->c, &j->context, &j->oracle, j->m->max_chars, ret);
	r = read_changes(j, j->s->cands[0].refs[i], AUTO, ret, &fault);
	if (r == 0 && fault.line > 0)
		return meed_failf(j->h, j->c, MEED_E_SAMPLE,
				  "the reference is no patch: line %zu: %s", fault.line, fault.why);
	if (r == 0)
		return meed_failf(j->h, j->c, MEED_E_SAMPLE, "the reference is no patch: %s",
				  fault.why);
	return r < 0 ? r : 0;
}

static int32_t judge_changes(struct judge *j)
{
	size_t n = j->oracle.v ? 1 : j->s->cands[0].n_refs, i;
	const struct meed_text empty_reason = *j->reason, empty_extra = *j->extra;
	struct code_changes ours, theirs;
	struct code_fault fault;
	double best = -1, x = 0;
	int32_t r;

	if (n == 0)
		return j->h->fail(j->c, MEED_E_SAMPLE, "the row has no reference");
	r = read_changes(j, solution_of(j->s->cands[0].text), j->m->format, &ours, &fault);
	if (r < 0)
		return r;
	if (r == 0) {
		meed_text_lit(j->reason, "the answer is no patch: ");
		if (fault.line > 0) {
			meed_text_lit(j->reason, "line ");
			meed_text_u64(j->reason, fault.line);
			meed_text_lit(j->reason, ": ");
		}
		meed_text_str(j->reason, meed_s(fault.why));
		return j->h->put_score(j->c, 0, MEED_NONE, NULL, j->m->malformed,
				       meed_text_get(j->reason));
	}
	for (i = 0; i < n; i++) {
		*j->reason = empty_reason;
		*j->extra = empty_extra;
		r = reference(j, i, &theirs);
		if (r == 0)
			r = compare(j, &ours, &theirs, &x);
		if (r < 0)
			return r;
		if (x <= best)
			continue;
		best = x;
		(void)j->h->put_extra(j->c, 0, "files", meed_text_get(j->extra));
		r = j->h->put_score(j->c, 0, MEED_NONE, NULL, x,
				    meed_sub(meed_text_get(j->reason), 2, j->reason->n));
		if (r < 0)
			return r;
	}
	return MEED_OK;
}

/* An object of the answer's label, or of the row's metadata. */
static const meed_val *object_of(const meed_host *h, const meed_sample *s, const char *key)
{
	const meed_val *v = h->get(s->cands[0].label, key);

	if (h->type(v) != MEED_T_OBJ)
		v = h->get(s->meta, key);
	return h->type(v) == MEED_T_OBJ ? v : NULL;
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	char reason[1000], extra[8000];
	struct meed_text t = meed_text_in(reason, sizeof(reason)),
			 x = meed_text_in(extra, sizeof(extra));
	struct judge j = { .h = h, .c = c, .m = self, .s = s, .reason = &t, .extra = &x };

	(void)state;
	j.context.h = j.oracle.h = h;
	if (j.m->format == TEXT)
		return judge_text(&j);
	j.context.v = object_of(h, s, "code_context");
	j.oracle.v = object_of(h, s, "oracle_new_content");
	return judge_changes(&j);
}

const meed_rm code_patch_similarity = MEED_MODEL(
	.id = "code.patch_similarity",
	.version = CODE_VERSION,
	.summary = "How alike a patch is to the reference's, by Ratcliff and Obershelp",
	.license = CODE_LICENSE,
	.source = CODE_SOURCE ", PatchSimilarityReward",
	.modes = MEED_POINTWISE,
	.traits = MEED_DETERMINISTIC,
	.params_schema = schema,
	.score_min = -1,
	.score_max = 1,
	.create = create,
	.destroy = code_free,
	.evaluate = evaluate);
