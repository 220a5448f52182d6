/* scored.c - streams scored samples: lines to rows, rows to rewards. */
#include "config.h"
#include "host/eval/scored.h"

#include <math.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "host/sample/sample.h"

#define BLOCK_LINES 64
#define BLOCK_BYTES ((size_t)256 << 10)
#define MAX_LINE ((size_t)64 << 20)

enum place {
	PLACE_REWARD,
	PLACE_ROOT,
	PLACE_LABEL,
	PLACE_ANSWER
};

struct meed_scored_reader {
	struct meed_scored_opts o;
	enum place place;
	const char *pointer; /* of o.score_at, without its prefix */
	struct meed_schema *schema;
	struct meed_parser *parser;
	struct meed_input *input;
	struct meed_block block;
	size_t at; /* next line of the block */
	bool ended;
	struct meed_arena arena;
	struct meed_row *row;	  /* the current one; NULL if it is no sample */
	struct json_object *root; /* owned, where row is NULL */
	struct meed_buf scratch;
	struct meed_scored s;
	char *text; /* copies of the options' strings */
};

/* ---- values ---------------------------------------------------------------------------- */

struct json_object *meed_scored_get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	if (json_object_get_type(o) != json_type_object)
		return NULL;
	return json_object_object_get_ex(o, key, &v) ? v : NULL;
}

meed_str meed_scored_str(struct json_object *o)
{
	meed_str s = MEED_STR("");

	(void)meed_json_str(o, &s);
	return s;
}

bool meed_scored_num(struct json_object *o, double *ret)
{
	double x;

	switch (json_object_get_type(o)) {
	case json_type_boolean:
		x = json_object_get_boolean(o) ? 1 : 0;
		break;
	case json_type_int:
	case json_type_double:
		x = json_object_get_double(o);
		break;
	case json_type_array:
		if (json_object_array_length(o) != 1)
			return false;
		return meed_scored_num(json_object_array_get_idx(o, 0), ret);
	default:
		return false;
	}
	if (!isfinite(x))
		return false;
	*ret = x;
	return true;
}

/* ---- rewards --------------------------------------------------------------------------- */

static void read_detail(struct json_object *o, struct meed_scored_detail *d)
{
	struct json_object *error = meed_scored_get(o, "error");

	*d = (struct meed_scored_detail){ .json = o };
	d->name = meed_scored_str(meed_scored_get(o, "name"));
	d->state = meed_scored_str(meed_scored_get(o, "state"));
	d->reason = meed_scored_str(meed_scored_get(o, "reason"));
	d->error = meed_scored_str(meed_scored_get(error, "message"));
	d->valid = meed_scored_num(meed_scored_get(o, "score"), &d->score);
	if (!meed_scored_num(meed_scored_get(o, "raw"), &d->raw))
		d->raw = d->score;
	d->weighted = meed_scored_num(meed_scored_get(o, "weight"), &d->weight);
	(void)meed_scored_num(meed_scored_get(o, "contribution"), &d->contribution);
}

static bool find_detail(struct json_object *list, const char *name, struct meed_scored_detail *ret)
{
	size_t n =
		json_object_get_type(list) == json_type_array ? json_object_array_length(list) : 0;

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		if (meed_str_eq(meed_scored_str(meed_scored_get(o, "name")), meed_str_of(name))) {
			read_detail(o, ret);
			return true;
		}
		if (find_detail(meed_scored_get(o, "details"), name, ret))
			return true;
	}
	return false;
}

bool meed_scored_find(const struct meed_scored_reward *rw, const char *name,
		      struct meed_scored_detail *ret)
{
	for (size_t i = 0; i < rw->n_details; i++) {
		if (meed_str_eq(rw->details[i].name, meed_str_of(name))) {
			*ret = rw->details[i];
			return true;
		}
		if (find_detail(meed_scored_get(rw->details[i].json, "details"), name, ret))
			return true;
	}
	return false;
}

static void fail_reward(struct meed_scored_reward *rw, const char *code, meed_str why)
{
	rw->present = true;
	rw->valid = false;
	rw->score = 0;
	rw->code = meed_str_of(code);
	rw->error = why;
}

/* The reward of the composition that is wanted; *ret_name is whose it is. */
static struct json_object *pick_reward(const struct meed_scored_reader *r, struct json_object *rw,
				       meed_str *ret_name)
{
	const char *want = r->o.composition;

	*ret_name = meed_scored_str(meed_scored_get(rw, "composition"));
	if (!want || meed_str_eq(*ret_name, meed_str_of(want)))
		return rw;
	*ret_name = meed_str_of(want);
	return meed_scored_get(meed_scored_get(rw, "others"), want);
}

/* {"score": 0.0, "details": []} is what RM-Gallery's schema has for "not scored". */
static bool says_nothing(struct json_object *rw)
{
	struct json_object *details = meed_scored_get(rw, "details");
	double score = 0;

	return !meed_scored_get(rw, "composition") && !meed_scored_get(rw, "error") && details &&
	       json_object_get_type(details) == json_type_array &&
	       json_object_array_length(details) == 0 &&
	       (!meed_scored_num(meed_scored_get(rw, "score"), &score) ||
		!(score < 0 || score > 0));
}

static int32_t read_reward(struct meed_scored_reader *r, struct json_object *top, bool details,
			   struct meed_err *err, struct meed_scored_reward *rw)
{
	meed_str name;
	struct json_object *o = pick_reward(r, top, &name);
	struct json_object *error = meed_scored_get(o, "error");
	struct json_object *list = meed_scored_get(o, "details");
	size_t n =
		json_object_get_type(list) == json_type_array ? json_object_array_length(list) : 0;

	*rw = (struct meed_scored_reward){ .composition = name,
					   .code = MEED_STR(""),
					   .error = MEED_STR(""),
					   .member = MEED_STR("") };
	if (json_object_get_type(o) != json_type_object || says_nothing(o))
		return MEED_OK;
	rw->present = true;
	rw->valid = !error && meed_scored_num(meed_scored_get(o, "score"), &rw->score);
	if (!rw->valid) {
		meed_str code = meed_scored_str(meed_scored_get(error, "code"));
		meed_str why = meed_scored_str(meed_scored_get(error, "message"));

		fail_reward(rw, "sample", why.n ? why : MEED_STR("the reward has no score"));
		if (code.n)
			rw->code = code;
		rw->member = meed_scored_str(meed_scored_get(error, "member"));
	}
	if (!details || !n)
		return MEED_OK;
	rw->details = meed_arena_alloc(&r->arena, n * sizeof(*rw->details));
	if (!rw->details)
		return meed_err_nomem(err);
	rw->n_details = n;
	for (size_t i = 0; i < n; i++)
		read_detail(json_object_array_get_idx(list, i), &rw->details[i]);
	return MEED_OK;
}

/* A member's score in the place of the composition's. */
static int32_t take_detail(struct meed_scored_reader *r, struct meed_scored_reward *rw,
			   struct meed_err *err)
{
	struct meed_scored_detail d;
	meed_str why;

	if (!rw->present)
		return MEED_OK;
	if (meed_scored_find(rw, r->o.detail, &d) && d.valid) {
		rw->valid = true;
		rw->score = d.score;
		return MEED_OK;
	}
	why = meed_arena_printf(&r->arena, "the reward has no score of a member named %s",
				r->o.detail);
	if (!why.p)
		return meed_err_nomem(err);
	fail_reward(rw, "sample", why);
	return MEED_OK;
}

/* ---- recorded scores ----------------------------------------------------------------- */

/* "A>B" and the like, as two scores. */
static bool read_verdict(meed_str s, double ret[2])
{
	static const struct {
		const char *text;
		double a, b;
	} known[] = {
		{ "A>B", 1, 0 },     { "A>>B", 1, 0 }, { "B>A", 0, 1 },	 { "B>>A", 0, 1 },
		{ "A=B", 0.5, 0.5 }, { "A<B", 0, 1 },  { "A<<B", 0, 1 }, { "B=A", 0.5, 0.5 }
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (meed_str_eq(s, meed_str_of(known[i].text))) {
			ret[0] = known[i].a;
			ret[1] = known[i].b;
			return true;
		}
	return false;
}

static void take_value(struct json_object *v, struct meed_scored_reward *rw)
{
	*rw = (struct meed_scored_reward){ .present = true,
					   .composition = MEED_STR(""),
					   .code = MEED_STR(""),
					   .error = MEED_STR(""),
					   .member = MEED_STR("") };
	rw->valid = meed_scored_num(v, &rw->score);
	if (!rw->valid)
		fail_reward(rw, "sample",
			    v ? MEED_STR("the recorded score is not a number")
			      : MEED_STR("no score is recorded"));
}

static int32_t take_recorded(struct meed_scored_reader *r, struct meed_err *err)
{
	struct meed_scored *s = &r->s;
	struct json_object *v = meed_json_pointer(s->root, r->pointer);
	bool list = json_object_get_type(v) == json_type_array;
	size_t n = list ? json_object_array_length(v) : v ? 1 : 0;
	double two[2] = { 0, 0 };
	bool verdict = json_object_get_type(v) == json_type_string &&
		       read_verdict(meed_scored_str(v), two);

	if (verdict)
		n = 2;
	/* A verdict is about two outputs: one alone is the judge's own response. */
	if (!r->row || (verdict && s->n_outs == 1)) {
		s->outs = meed_arena_alloc(&r->arena, (n + 1) * sizeof(*s->outs));
		if (!s->outs)
			return meed_err_nomem(err);
		s->n_outs = n;
		for (size_t i = 0; i < n; i++)
			s->outs[i].text = s->outs[i].role = MEED_STR("");
	}
	for (size_t i = 0; i < s->n_outs; i++) {
		struct meed_scored_reward *rw = &s->outs[i].reward;

		take_value(list ? i < n ? json_object_array_get_idx(v, i) : NULL : v, rw);
		if (verdict && i < 2) {
			rw->valid = true;
			rw->score = two[i];
		} else if (s->n_outs != n) {
			meed_str why = meed_arena_printf(
				&r->arena, "%zu score%s recorded at %s for %zu outputs", n,
				n == 1 ? " is" : "s are", r->pointer, s->n_outs);

			if (!why.p)
				return meed_err_nomem(err);
			fail_reward(rw, "sample", why);
		}
	}
	return MEED_OK;
}

/* ---- one sample ------------------------------------------------------------------------ */

static uint64_t hash_prompt(const meed_msg *m, size_t n)
{
	uint64_t h = n;

	for (size_t i = 0; i < n; i++) {
		h = meed_hash(m[i].role.p, m[i].role.n, h);
		h = meed_hash(m[i].text.p, m[i].text.n, h);
	}
	return h;
}

static struct json_object *label_of(const struct meed_output *out)
{
	struct json_object *o = (struct json_object *)(uintptr_t)out->cand.label;

	return json_object_get_type(o) == json_type_object ? o : NULL;
}

static int32_t take_steps(struct meed_scored_reader *r, const struct meed_output *from,
			  struct meed_err *err, struct meed_scored_output *to)
{
	size_t n = from->cand.n_steps;
	struct json_object *list = from->steps;
	int32_t code = MEED_OK;

	if (!n)
		return MEED_OK;
	to->steps = from->cand.steps;
	to->step_rewards = meed_arena_alloc(&r->arena, n * sizeof(*to->step_rewards));
	to->step_labels = meed_arena_alloc(&r->arena, n * sizeof(struct json_object *));
	if (!to->step_rewards || !to->step_labels)
		return meed_err_nomem(err);
	to->n_steps = n;
	for (size_t i = 0; i < n && code >= 0; i++) {
		struct json_object *step = json_object_array_get_idx(list, i);
		struct json_object *label = meed_scored_get(step, "label");

		if (json_object_get_type(label) == json_type_object)
			to->step_labels[i] = label;
		code = read_reward(r, meed_scored_get(step, "reward"), false, err,
				   &to->step_rewards[i]);
	}
	return code;
}

static int32_t take_output(struct meed_scored_reader *r, const struct meed_output *from,
			   struct meed_err *err, struct meed_scored_output *to)
{
	int32_t code;

	to->text = from->cand.text;
	to->role = meed_scored_str(meed_scored_get(from->answer, "role"));
	to->label = label_of(from);
	to->answer = from->answer;
	code = take_steps(r, from, err, to);
	if (code < 0)
		return code;
	if (r->place == PLACE_LABEL) {
		take_value(meed_json_pointer(to->label, r->pointer), &to->reward);
		return MEED_OK;
	}
	if (r->place == PLACE_ANSWER) {
		take_value(meed_json_pointer(to->answer, r->pointer), &to->reward);
		return MEED_OK;
	}
	code = read_reward(r, meed_scored_get(from->answer, "reward"), true, err, &to->reward);
	if (code >= 0 && r->o.detail)
		code = take_detail(r, &to->reward, err);
	return code;
}

static int32_t take_row(struct meed_scored_reader *r, struct meed_err *err)
{
	const struct meed_row *row = r->row;
	struct json_object *meta = (struct json_object *)(uintptr_t)row->meta;
	struct meed_scored *s = &r->s;
	int32_t code = MEED_OK;

	s->id = row->id;
	s->task_category = row->task_category;
	s->source = row->source;
	s->prompt = row->prompt;
	s->n_prompt = row->n_prompt;
	s->prompt_hash = hash_prompt(row->prompt, row->n_prompt);
	s->metadata = json_object_get_type(meta) == json_type_object ? meta : NULL;
	s->root = row->n_roots ? row->roots[0] : NULL;
	s->outs = meed_arena_alloc(&r->arena, (row->n_outs + 1) * sizeof(*s->outs));
	if (!s->outs)
		return meed_err_nomem(err);
	s->n_outs = row->n_outs;
	for (size_t i = 0; i < row->n_outs && code >= 0; i++)
		code = take_output(r, &row->outs[i], err, &s->outs[i]);
	return code;
}

/* What `meed score` wrote for a line that was no sample. */
static bool is_reject(struct json_object *root)
{
	struct json_object *error = meed_scored_get(root, "error");

	return json_object_get_type(error) == json_type_object &&
	       !meed_scored_get(root, "output") && meed_scored_get(error, "code") &&
	       meed_scored_get(error, "line");
}

/* A line that is no sample: said why; with recorded scores it may do nevertheless. */
static int32_t take_other(struct meed_scored_reader *r, const struct meed_line *line,
			  const struct meed_err *why, struct meed_err *err)
{
	struct meed_scored *s = &r->s;
	struct meed_err unread = { 0 };
	meed_str text = meed_str_of(why->text);

	s->code = why->code;
	r->scratch.n = 0;
	if (line->status >= 0 &&
	    meed_json_read(&r->scratch, line->p, line->n, &unread, &r->root) < 0)
		r->root = NULL;
	s->root = r->root;
	if (is_reject(r->root)) {
		text = meed_scored_str(
			meed_scored_get(meed_scored_get(r->root, "error"), "message"));
		s->code = MEED_E_SAMPLE;
	} else if ((r->place == PLACE_ROOT || r->o.any_row) &&
		   json_object_get_type(r->root) == json_type_object) {
		s->code = MEED_OK;
		text = MEED_STR("");
	}
	s->why = meed_arena_dup(&r->arena, text);
	return s->why.p ? MEED_OK : meed_err_nomem(err);
}

static void drop_current(struct meed_scored_reader *r)
{
	meed_row_release(r->row);
	json_object_put(r->root);
	r->row = NULL;
	r->root = NULL;
	meed_arena_reset(&r->arena);
	memset(&r->s, 0, sizeof(r->s));
	r->s.why = r->s.id = r->s.task_category = r->s.source = MEED_STR("");
}

static int32_t take_line(struct meed_scored_reader *r, const struct meed_line *line,
			 struct meed_err *err)
{
	struct meed_err why = { 0 };
	int32_t code;

	r->s.file = meed_input_name(r->input, line->file);
	r->s.line = line->number;
	code = meed_parser_row(r->parser, line, 1, &r->arena, &why, &r->row);
	if (code == MEED_E_NOMEM)
		return meed_err_nomem(err);
	if (code < 0) {
		r->row = NULL;
		code = take_other(r, line, &why, err);
	} else {
		code = take_row(r, err);
	}
	if (code >= 0 && r->s.code >= 0 && r->place == PLACE_ROOT)
		code = take_recorded(r, err);
	return code;
}

int32_t meed_scored_next(struct meed_scored_reader *r, struct meed_err *err,
			 const struct meed_scored **ret)
{
	int32_t code;

	drop_current(r);
	if (r->o.cancel && atomic_load(r->o.cancel))
		return meed_err_set(err, MEED_E_CANCELLED, "interrupted");
	if (r->at == r->block.n) {
		if (r->ended)
			return 0;
		r->at = 0;
		code = meed_input_next(r->input, &r->block, BLOCK_LINES, BLOCK_BYTES, err);
		if (code < 0)
			return code;
		r->ended = code == 0;
		if (!r->block.n)
			return 0;
	}
	code = take_line(r, &r->block.lines[r->at++], err);
	if (code < 0)
		return code;
	*ret = &r->s;
	return 1;
}

/* ---- opening ----------------------------------------------------------------------------- */

static int32_t read_place(struct meed_scored_reader *r, struct meed_err *err)
{
	const char *at = r->o.score_at;

	if (!at)
		return MEED_OK;
	r->place = PLACE_ROOT;
	r->pointer = at;
	if (strncmp(at, "label:", 6) == 0) {
		r->place = PLACE_LABEL;
		r->pointer = at + 6;
	} else if (strncmp(at, "answer:", 7) == 0) {
		r->place = PLACE_ANSWER;
		r->pointer = at + 7;
	}
	if (*r->pointer != '/')
		return meed_err_set(
			err, MEED_E_PARAM,
			"the place of scores, \"%s\", must be a JSON pointer that begins "
			"with /, label:/ or answer:/",
			at);
	return MEED_OK;
}

/* The reader's own copy of the options' strings. */
static int32_t copy_opts(struct meed_scored_reader *r, struct meed_err *err)
{
	const char **v[] = { &r->o.composition, &r->o.detail, &r->o.score_at, &r->o.format,
			     &r->o.map };
	size_t n = 0, at = 0;

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		n += *v[i] ? strlen(*v[i]) + 1 : 0;
	r->text = malloc(n ? n : 1);
	if (!r->text)
		return meed_err_nomem(err);
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		size_t len = *v[i] ? strlen(*v[i]) + 1 : 0;

		if (!len)
			continue;
		memcpy(r->text + at, *v[i], len);
		*v[i] = r->text + at;
		at += len;
	}
	return MEED_OK;
}

int32_t meed_scored_open(const char *const *paths, size_t n, const struct meed_scored_opts *o,
			 struct meed_err *err, struct meed_scored_reader **ret)
{
	struct meed_scored_reader *r = calloc(1, sizeof(*r));
	int32_t code;

	if (!r)
		return meed_err_nomem(err);
	if (o)
		r->o = *o;
	code = copy_opts(r, err);
	if (code >= 0)
		code = read_place(r, err);
	if (code >= 0)
		code = meed_schema_new(r->o.format, r->o.map, NULL, err, &r->schema);
	if (code < 0)
		goto out;
	r->parser = meed_parser_new(r->schema);
	if (!r->parser) {
		code = meed_err_nomem(err);
		goto out;
	}
	code = meed_input_open(paths, n, r->o.max_line ? r->o.max_line : MAX_LINE, err, &r->input);
	if (code < 0)
		goto out;
	if (r->o.cancel)
		meed_input_watch(r->input, r->o.cancel);
	*ret = r;
	r = NULL;
out:
	meed_scored_close(r);
	return code;
}

void meed_scored_progress(const struct meed_scored_reader *r, uint64_t *ret_done,
			  uint64_t *ret_total)
{
	meed_input_progress(r->input, ret_done, ret_total);
}

void meed_scored_close(struct meed_scored_reader *r)
{
	if (!r)
		return;
	drop_current(r);
	meed_arena_release(&r->arena);
	meed_buf_release(&r->scratch);
	meed_block_release(&r->block);
	if (r->input)
		meed_input_close(r->input);
	meed_parser_free(r->parser);
	meed_schema_free(r->schema);
	free(r->text);
	free(r);
}
