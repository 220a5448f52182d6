/* reward.c - a reward as JSON, beside the rewards that others wrote before. */
#include "config.h"
#include "host/sample/rows.h"

#include <math.h>

#define UNNAMED "unnamed"

static void write_num(struct meed_buf *b, double x)
{
	if (isfinite(x))
		meed_buf_json_num(b, x);
	else
		MEED_BUF_LIT(b, "null");
}

static void write_error(struct meed_buf *b, int32_t code, meed_str message, meed_str member)
{
	MEED_BUF_LIT(b, "\"error\":{\"code\":\"");
	meed_buf_puts(b, meed_err_name(code));
	MEED_BUF_LIT(b, "\",\"message\":");
	meed_buf_json_str(b, message);
	if (member.n) {
		MEED_BUF_LIT(b, ",\"member\":");
		meed_buf_json_str(b, member);
	}
	meed_buf_putc(b, '}');
}

static const char *state_name(enum meed_detail_state s)
{
	switch (s) {
	case MEED_D_SKIPPED:
		return "skipped";
	case MEED_D_VALUE:
		return "value";
	case MEED_D_FAILED:
		return "failed";
	case MEED_D_IDLE:
		return "idle";
	default:
		return NULL;
	}
}

static void write_cost(struct meed_buf *b, const struct meed_cost *c)
{
	meed_buf_printf(b, ",\"cost\":{\"requests\":%u", c->n_requests);
	if (c->n_cached)
		meed_buf_printf(b, ",\"cached\":%u", c->n_cached);
	MEED_BUF_LIT(b, ",\"prompt_tokens\":");
	meed_buf_u64(b, c->tokens_in);
	MEED_BUF_LIT(b, ",\"completion_tokens\":");
	meed_buf_u64(b, c->tokens_out);
	if (c->priced) {
		MEED_BUF_LIT(b, ",\"money\":");
		write_num(b, c->money);
	}
	meed_buf_putc(b, '}');
}

static void write_details(const struct meed_writing *w, const struct meed_detail *v, size_t n);

static void write_detail(const struct meed_writing *w, const struct meed_detail *d)
{
	struct meed_buf *b = w->b;
	const char *state = state_name(d->state);
	size_t score_at = 0, score_n = 0;
	bool scored = d->state == MEED_D_OK || d->state == MEED_D_VALUE;

	MEED_BUF_LIT(b, "{\"name\":");
	meed_buf_put(b, d->name_json.p, d->name_json.n);
	if (state) {
		MEED_BUF_LIT(b, ",\"state\":\"");
		meed_buf_puts(b, state);
		meed_buf_putc(b, '"');
	}
	if (d->state == MEED_D_IDLE) {
		meed_buf_putc(b, '}');
		return;
	}
	if (scored) {
		MEED_BUF_LIT(b, ",\"score\":");
		score_at = b->n;
		write_num(b, d->score);
		score_n = b->n - score_at;
		MEED_BUF_LIT(b, ",\"reason\":");
		meed_buf_json_str(b, d->reason);
	}
	if (d->state == MEED_D_OK) {
		MEED_BUF_LIT(b, ",\"raw\":");
		/* Mostly the same number, whose digits are there already. */
		if (memcmp(&d->raw, &d->score, sizeof(d->raw)) == 0 && meed_buf_grow(b, score_n))
			meed_buf_put(b, b->p + score_at, score_n);
		else
			write_num(b, d->raw);
	} else {
		meed_buf_putc(b, ',');
		write_error(b, d->code, d->error, MEED_STR(""));
	}
	if (d->weighted) {
		MEED_BUF_LIT(b, ",\"weight\":");
		write_num(b, d->weight);
	}
	if (d->weighted && scored) {
		MEED_BUF_LIT(b, ",\"contribution\":");
		write_num(b, d->contribution);
	}
	if (w->level == MEED_LEVEL_FULL && d->extra.n) {
		MEED_BUF_LIT(b, ",\"extra\":");
		meed_buf_put(b, d->extra.p, d->extra.n);
	}
	if (d->cost)
		write_cost(b, d->cost);
	if (w->timings) {
		MEED_BUF_LIT(b, ",\"time_us\":");
		write_num(b, (double)d->time_ns / 1000.0);
	}
	if (d->n_details) {
		meed_buf_putc(b, ',');
		write_details(w, d->details, d->n_details);
	}
	meed_buf_putc(b, '}');
}

static void write_details(const struct meed_writing *w, const struct meed_detail *v, size_t n)
{
	MEED_BUF_LIT(w->b, "\"details\":[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			meed_buf_putc(w->b, ',');
		write_detail(w, &v[i]);
	}
	meed_buf_putc(w->b, ']');
}

static void write_new(const struct meed_writing *w, const struct meed_reward *rw)
{
	struct meed_buf *b = w->b;

	if (rw->valid) {
		MEED_BUF_LIT(b, "\"score\":");
		write_num(b, rw->score);
	} else {
		MEED_BUF_LIT(b, "\"valid\":false,");
		write_error(b, rw->code, rw->error, rw->member);
	}
	MEED_BUF_LIT(b, ",\"composition\":");
	meed_buf_json_str(b, w->name);
	if (w->level != MEED_LEVEL_SCORE) {
		meed_buf_putc(b, ',');
		write_details(w, rw->details, rw->n_details);
	}
}

/* ---- what was there before ------------------------------------------------------------ */

struct before {
	struct json_object *top;	/* to be kept under name; NULL: nothing */
	meed_str name;
	struct json_object *others;	/* object or NULL */
	bool ours;			/* the same composition wrote it */
};

static bool is_others(const struct lh_entry *e)
{
	return strcmp(meed_entry_key(e), "others") == 0 &&
	       json_object_get_type(meed_entry_val(e)) == json_type_object;
}

/* {"score": 0.0, "details": []} is what the reference writes for "not scored yet". */
static bool says_nothing(struct json_object *old)
{
	MEED_JSON_EACH(old, e) {
		const char *key = meed_entry_key(e);
		struct json_object *v = meed_entry_val(e);
		enum json_type t = json_object_get_type(v);

		if (is_others(e))
			continue;
		if (strcmp(key, "score") == 0 && (t == json_type_int || t == json_type_double) &&
		    !(json_object_get_double(v) < 0 || json_object_get_double(v) > 0))
			continue;
		if (strcmp(key, "details") == 0 && t == json_type_array &&
		    !json_object_array_length(v))
			continue;
		return false;
	}
	return true;
}

static struct before look_back(const struct meed_writing *w, struct json_object *old)
{
	struct before was = { .name = MEED_STR(UNNAMED) };
	bool object = json_object_get_type(old) == json_type_object;
	bool named = object && meed_json_str(meed_json_get(old, "composition"), &was.name);

	if (!old)
		return was;
	if (object && json_object_get_type(meed_json_get(old, "others")) == json_type_object)
		was.others = meed_json_get(old, "others");
	was.ours = named && meed_str_eq(was.name, w->name);
	if (named ? !was.ours : !(object && says_nothing(old)))
		was.top = old;
	if (meed_str_eq(was.name, w->name))
		was.top = NULL;
	return was;
}

/* An earlier top reward, without what has its place elsewhere now. */
static void write_top(struct meed_buf *b, struct json_object *top)
{
	bool first = true;

	if (json_object_get_type(top) != json_type_object) {
		meed_json_write(b, top);
		return;
	}
	meed_buf_putc(b, '{');
	MEED_JSON_EACH(top, e) {
		meed_str s;

		if (is_others(e) || (strcmp(meed_entry_key(e), "composition") == 0 &&
				     meed_json_str(meed_entry_val(e), &s)))
			continue;
		meed_key_write(b, meed_entry_key(e), &first);
		meed_json_write(b, meed_entry_val(e));
	}
	meed_buf_putc(b, '}');
}

/* Writes `"others":{...}` unless it is empty. first: nothing stands before it in the reward. */
static void write_others(const struct meed_writing *w, const struct before *was, bool first)
{
	struct meed_buf *b = w->b;
	bool none = true;

	if (was->others) {
		MEED_JSON_EACH(was->others, e) {
			meed_str key = meed_str_of(meed_entry_key(e));

			if (meed_str_eq(key, w->name) || (was->top && meed_str_eq(key, was->name)))
				continue;
			if (none)
				meed_buf_puts(b, first ? "\"others\":{" : ",\"others\":{");
			meed_key_write(b, key.p, &none);
			meed_json_write(b, meed_entry_val(e));
		}
	}
	if (was->top) {
		if (none)
			meed_buf_puts(b, first ? "\"others\":{" : ",\"others\":{");
		else
			meed_buf_putc(b, ',');
		none = false;
		meed_buf_json_str(b, was->name);
		meed_buf_putc(b, ':');
		write_top(b, was->top);
	}
	if (!none)
		meed_buf_putc(b, '}');
}

void meed_reward_write(const struct meed_writing *w, const struct meed_reward *rw,
		       struct json_object *old, bool *first)
{
	struct before was;
	size_t start = w->b->n;
	bool was_first = *first;

	if (!rw || !rw->present) {
		was = look_back(w, old);
		if (!old)
			return;
		MEED_KEY_LIT(w->b, "reward", first);
		if (!rw || !was.ours) {
			meed_json_write(w->b, old);
			return;
		}
		/* Ours of an earlier run, which no longer has a say here. */
		meed_buf_putc(w->b, '{');
		write_others(w, &was, true);
		if (!w->b->failed && w->b->p[w->b->n - 1] == '{') {
			w->b->n = start;
			*first = was_first;
			return;
		}
		meed_buf_putc(w->b, '}');
		return;
	}
	was = look_back(w, old);
	MEED_KEY_LIT(w->b, "reward", first);
	meed_buf_putc(w->b, '{');
	write_new(w, rw);
	write_others(w, &was, false);
	meed_buf_putc(w->b, '}');
}
