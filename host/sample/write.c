/* write.c - rows and rejected lines out, one line of JSON each.
 *
 * A canonical row is written as it was read, field by field, with the rewards put in; a row of
 * another shape is put into the canonical form. */
#include "config.h"
#include "host/sample/rows.h"

static struct json_object *as_json(const meed_val *v)
{
	return (struct json_object *)(uintptr_t)v;
}

static void write_field(struct meed_buf *b, const char *key, struct json_object *v, bool *first)
{
	meed_key_write(b, key, first);
	meed_json_write(b, v);
}

static void write_str_field(struct meed_buf *b, const char *key, meed_str s, bool *first)
{
	if (!s.n)
		return;
	meed_key_write(b, key, first);
	meed_buf_json_str(b, s);
}

static void write_label(struct meed_buf *b, struct json_object *label, bool *first)
{
	MEED_KEY_LIT(b, "label", first);
	meed_json_write(b, label);
}

static void write_answer_object(const struct meed_writing *w, const struct meed_output *out,
				const struct meed_reward *rw)
{
	struct json_object *label = as_json(out->cand.label);
	bool first = true, has_reward = false;

	MEED_JSON_EACH(out->answer, e) {
		const char *key = meed_entry_key(e);
		struct json_object *v = meed_entry_val(e);

		if (strcmp(key, "reward") == 0) {
			has_reward = true;
			if (v || (rw && rw->present))
				meed_reward_write(w, rw, v, &first);
			else
				write_field(w->b, key, v, &first);
		} else if (label && strcmp(key, "label") == 0) {
			write_field(w->b, key, label, &first);
			label = NULL;
		} else {
			write_field(w->b, key, v, &first);
		}
	}
	if (label)
		write_label(w->b, label, &first);
	if (!has_reward)
		meed_reward_write(w, rw, NULL, &first);
}

static void write_answer(const struct meed_writing *w, const struct meed_output *out,
			 const struct meed_reward *rw)
{
	bool first = false;

	meed_buf_putc(w->b, '{');
	if (out->answer) {
		write_answer_object(w, out, rw);
	} else {
		MEED_BUF_LIT(w->b, "\"role\":\"assistant\",\"content\":");
		meed_json_write(w->b, out->content);
		if (out->cand.label)
			write_label(w->b, as_json(out->cand.label), &first);
		meed_reward_write(w, rw, NULL, &first);
	}
	meed_buf_putc(w->b, '}');
}

static void write_step(const struct meed_writing *w, struct json_object *step,
		       const struct meed_reward *rw)
{
	bool first = true, has_reward = false;

	if (json_object_get_type(step) == json_type_string && rw->present) {
		first = false;
		MEED_BUF_LIT(w->b, "{\"role\":\"assistant\",\"content\":");
		meed_json_write(w->b, step);
		meed_reward_write(w, rw, NULL, &first);
		meed_buf_putc(w->b, '}');
		return;
	}
	if (json_object_get_type(step) != json_type_object) {
		meed_json_write(w->b, step);
		return;
	}
	meed_buf_putc(w->b, '{');
	MEED_JSON_EACH(step, e) {
		const char *key = meed_entry_key(e);
		struct json_object *v = meed_entry_val(e);

		if (strcmp(key, "reward") == 0 && (v || rw->present)) {
			meed_reward_write(w, rw, v, &first);
			has_reward = true;
		} else {
			write_field(w->b, key, v, &first);
		}
	}
	if (!has_reward)
		meed_reward_write(w, rw, NULL, &first);
	meed_buf_putc(w->b, '}');
}

static void write_steps(const struct meed_writing *w, const struct meed_output *out,
			const struct meed_reward *rws)
{
	if (!rws || !out->cand.n_steps) {
		meed_json_write(w->b, out->steps);
		return;
	}
	meed_buf_putc(w->b, '[');
	for (size_t i = 0; i < out->cand.n_steps; i++) {
		if (i)
			meed_buf_putc(w->b, ',');
		write_step(w, json_object_array_get_idx(out->steps, i), &rws[i]);
	}
	meed_buf_putc(w->b, ']');
}

static void write_output_object(const struct meed_writing *w, const struct meed_output *out,
				const struct meed_reward *rw, const struct meed_reward *steps)
{
	bool first = true, has_answer = false;

	MEED_JSON_EACH(out->output, e) {
		const char *key = meed_entry_key(e);
		struct json_object *v = meed_entry_val(e);

		if (strcmp(key, "answer") == 0) {
			has_answer = true;
			meed_key_write(w->b, key, &first);
			write_answer(w, out, rw);
		} else if (strcmp(key, "steps") == 0) {
			meed_key_write(w->b, key, &first);
			write_steps(w, out, steps);
		} else {
			write_field(w->b, key, v, &first);
		}
	}
	if (!has_answer && rw && rw->present) {
		bool none = true;

		MEED_KEY_LIT(w->b, "answer", &first);
		meed_buf_putc(w->b, '{');
		meed_reward_write(w, rw, NULL, &none);
		meed_buf_putc(w->b, '}');
	}
}

static void write_output(const struct meed_writing *w, const struct meed_output *out,
			 const struct meed_reward *rw, const struct meed_reward *steps)
{
	bool first = true;

	meed_buf_putc(w->b, '{');
	if (out->output) {
		write_output_object(w, out, rw, steps);
	} else {
		MEED_KEY_LIT(w->b, "answer", &first);
		write_answer(w, out, rw);
		if (out->steps) {
			MEED_KEY_LIT(w->b, "steps", &first);
			write_steps(w, out, steps);
		}
		if (out->extra)
			write_field(w->b, "metadata", out->extra, &first);
	}
	meed_buf_putc(w->b, '}');
}

static void write_outputs(const struct meed_writing *w, const struct meed_row *row,
			  const struct meed_result *res)
{
	meed_buf_putc(w->b, '[');
	for (size_t i = 0; i < row->n_outs; i++) {
		if (i)
			meed_buf_putc(w->b, ',');
		write_output(w, &row->outs[i], res ? &res->outs[i] : NULL,
			     res && res->steps ? res->steps[i] : NULL);
	}
	meed_buf_putc(w->b, ']');
}

static void write_canonical(const struct meed_writing *w, const struct meed_row *row,
			    const struct meed_result *res)
{
	bool first = true, has_output = false;

	MEED_JSON_EACH(row->roots[0], e) {
		const char *key = meed_entry_key(e);

		if (row->n_outs && strcmp(key, "output") == 0) {
			has_output = true;
			meed_key_write(w->b, key, &first);
			write_outputs(w, row, res);
		} else {
			write_field(w->b, key, meed_entry_val(e), &first);
		}
	}
	if (row->n_outs && !has_output) {
		MEED_KEY_LIT(w->b, "output", &first);
		write_outputs(w, row, res);
	}
}

static void write_message(struct meed_buf *b, const meed_msg *m)
{
	if (m->more) {
		meed_json_write(b, as_json(m->more));
		return;
	}
	MEED_BUF_LIT(b, "{\"role\":");
	meed_buf_json_str(b, m->role);
	MEED_BUF_LIT(b, ",\"content\":");
	meed_buf_json_str(b, m->text);
	meed_buf_putc(b, '}');
}

static void write_other(const struct meed_writing *w, const struct meed_row *row,
			const struct meed_result *res)
{
	bool first = true;

	if (row->id.n) {
		MEED_KEY_LIT(w->b, "unique_id", &first);
		meed_buf_json_str(w->b, row->id);
	}
	MEED_KEY_LIT(w->b, "input", &first);
	meed_buf_putc(w->b, '[');
	for (size_t i = 0; i < row->n_prompt; i++) {
		if (i)
			meed_buf_putc(w->b, ',');
		write_message(w->b, &row->prompt[i]);
	}
	meed_buf_putc(w->b, ']');
	MEED_KEY_LIT(w->b, "output", &first);
	write_outputs(w, row, res);
	write_str_field(w->b, "task_category", row->task_category, &first);
	write_str_field(w->b, "source", row->source, &first);
	if (row->created_at)
		write_field(w->b, "created_at", row->created_at, &first);
	if (row->meta)
		write_field(w->b, "metadata", as_json(row->meta), &first);
}

void meed_row_write(const struct meed_row *row, const struct meed_result *res,
		    enum meed_level level, bool timings, struct meed_buf *b)
{
	struct meed_writing w = { .b = b, .name = meed_str_of(res ? res->name : ""),
				  .level = level, .timings = timings };

	meed_buf_putc(b, '{');
	if (row->shape == MEED_SHAPE_CANONICAL)
		write_canonical(&w, row, res);
	else
		write_other(&w, row, res);
	MEED_BUF_LIT(b, "}\n");
}

void meed_line_place(const struct meed_line *line, const char *file, struct meed_buf *b)
{
	meed_buf_puts(b, file);
	switch (line->unit) {
	case MEED_UNIT_ELEMENT:
		meed_buf_printf(b, ": element %llu (byte %llu)", (unsigned long long)line->number,
				(unsigned long long)line->offset + 1);
		break;
	case MEED_UNIT_ROW:
		meed_buf_printf(b, ": row %llu", (unsigned long long)line->number);
		break;
	default:
		meed_buf_printf(b, ":%llu", (unsigned long long)line->number);
		break;
	}
}

int32_t meed_line_check(const struct meed_line *line, struct meed_err *err)
{
	if (line->status >= 0)
		return MEED_OK;
	if (line->why)
		return meed_err_set(err, line->status, "%s", line->why);
	return meed_err_set(err, line->status, "the %s has %zu bytes, more than allowed",
			    line->unit == MEED_UNIT_LINE ? "line" : "row", line->n);
}

static void write_place(struct meed_buf *b, const struct meed_line *line)
{
	switch (line->unit) {
	case MEED_UNIT_ELEMENT:
		MEED_BUF_LIT(b, ",\"element\":");
		meed_buf_u64(b, line->number);
		MEED_BUF_LIT(b, ",\"byte\":");
		meed_buf_u64(b, line->offset + 1);
		break;
	case MEED_UNIT_ROW:
		MEED_BUF_LIT(b, ",\"row\":");
		meed_buf_u64(b, line->number);
		break;
	default:
		MEED_BUF_LIT(b, ",\"line\":");
		meed_buf_u64(b, line->number);
		break;
	}
}

void meed_reject_write(struct meed_buf *b, const char *file, const struct meed_line *line,
		       const struct meed_err *err)
{
	bool kept = line->status >= 0 || line->why;
	meed_str raw = { line->p, kept ? line->n : 0 };

	MEED_BUF_LIT(b, "{\"error\":{\"code\":\"");
	meed_buf_puts(b, meed_err_name(err->code));
	MEED_BUF_LIT(b, "\",\"message\":");
	meed_buf_json_str(b, meed_str_of(err->text));
	MEED_BUF_LIT(b, ",\"file\":");
	if (meed_utf8_check(file, strlen(file)) == strlen(file)) {
		meed_buf_json_str(b, meed_str_of(file));
	} else {
		struct meed_buf clean = { 0 };

		meed_utf8_scrub(&clean, meed_str_of(file));
		meed_buf_json_str(b, (meed_str){ clean.n ? clean.p : "", clean.n });
		b->failed |= clean.failed;
		meed_buf_release(&clean);
	}
	write_place(b, line);
	meed_buf_putc(b, '}');
	if (kept && meed_utf8_check(raw.p, raw.n) == raw.n) {
		MEED_BUF_LIT(b, ",\"raw\":");
		meed_buf_json_str(b, raw);
	} else if (kept) {
		MEED_BUF_LIT(b, ",\"raw_base64\":\"");
		meed_base64(b, raw.p, raw.n);
		meed_buf_putc(b, '"');
	}
	MEED_BUF_LIT(b, "}\n");
}
