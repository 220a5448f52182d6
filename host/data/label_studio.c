/* label_studio.c - Label Studio: a project's labelling configuration, and samples as its tasks */
#include "config.h"

#include "host/data/internal.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- the configuration (XML) ------------------------------------------------------------- */

static void put_xml(struct meed_buf *b, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			MEED_BUF_LIT(b, "&amp;");
			break;
		case '<':
			MEED_BUF_LIT(b, "&lt;");
			break;
		case '>':
			MEED_BUF_LIT(b, "&gt;");
			break;
		case '"':
			MEED_BUF_LIT(b, "&quot;");
			break;
		default:
			meed_buf_putc(b, (unsigned char)*s < ' ' ? ' ' : *s);
		}
	}
}

static void put_header(struct meed_buf *b, int size, const char *text)
{
	meed_buf_printf(b, "  <Header size=\"%d\" value=\"", size);
	put_xml(b, text);
	MEED_BUF_LIT(b, "\"/>\n");
}

static void put_rating(struct meed_buf *b, size_t answer, const char *what, unsigned scale)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "Answer %zu: %.60s", answer, what);
	put_header(b, 5, text);
	meed_buf_printf(b,
			"  <Rating name=\"answer%zu_%s\" toName=\"answer%zu\" maxRating=\"%u\" "
			"required=\"true\"/>\n",
			answer, what, answer, scale);
}

static void put_choice(struct meed_buf *b, const char *value, const char *alias)
{
	MEED_BUF_LIT(b, "    <Choice value=\"");
	put_xml(b, value);
	meed_buf_printf(b, "\" alias=\"%s\"/>\n", alias);
}

static void begin_choices(struct meed_buf *b, const char *name, const char *to)
{
	meed_buf_printf(b,
			"  <Choices name=\"%s\" toName=\"%s\" choice=\"single-radio\" "
			"required=\"true\" showInLine=\"true\">\n",
			name, to);
}

static void put_answers_choice(struct meed_buf *b, size_t n)
{
	char value[32], alias[32];
	size_t i;

	for (i = 1; i <= n; i++) {
		(void)snprintf(value, sizeof(value), "Answer %zu", i);
		(void)snprintf(alias, sizeof(alias), "answer_%zu", i);
		put_choice(b, value, alias);
	}
}

static void put_questions(const struct meed_label_opts *o, struct meed_buf *b)
{
	size_t i, j;

	if (o->ask & MEED_ASK_PREFERENCE) {
		put_header(b, 4, "Which answer is better?");
		begin_choices(b, "preference", "input");
		put_answers_choice(b, 2);
		put_choice(b, "Equally good", "tie");
		put_choice(b, "Both bad", "neither");
		MEED_BUF_LIT(b, "  </Choices>\n");
	}
	if (o->ask & MEED_ASK_BEST) {
		put_header(b, 4, "Which answer is best?");
		begin_choices(b, "best_answer", "input");
		put_answers_choice(b, o->n_outputs);
		put_choice(b, "All equal", "all_equal");
		MEED_BUF_LIT(b, "  </Choices>\n");
	}
	for (i = 1; i <= o->n_outputs && o->ask & MEED_ASK_RANK; i++) {
		char name[32], to[32];

		(void)snprintf(name, sizeof(name), "answer%zu_rank", i);
		(void)snprintf(to, sizeof(to), "answer%zu", i);
		meed_buf_printf(
			b, "  <Header size=\"5\" value=\"Rank of answer %zu (1 is best)\"/>\n", i);
		begin_choices(b, name, to);
		for (j = 1; j <= o->n_outputs; j++)
			meed_buf_printf(b, "    <Choice value=\"%zu\"/>\n", j);
		MEED_BUF_LIT(b, "  </Choices>\n");
	}
	if (o->ask & MEED_ASK_COMMENT) {
		put_header(b, 4, "Comments");
		MEED_BUF_LIT(b, "  <TextArea name=\"comments\" toName=\"input\" rows=\"3\" "
				"maxSubmissions=\"1\" required=\"false\"/>\n");
	}
}

static bool good_aspect(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= 40 && !s[n] && strcmp(s, "rank") != 0;
}

int32_t meed_data_label_config(const struct meed_label_opts *o, struct meed_err *err,
			       struct meed_buf *b)
{
	size_t i, j;

	if (o->n_outputs < 1 || o->n_outputs > MEED_LABEL_OUTPUTS)
		return data_wrong(err, "outputs", "must be from 1 to %d", MEED_LABEL_OUTPUTS);
	if (o->ask & MEED_ASK_PREFERENCE && o->n_outputs != 2)
		return data_wrong(err, "ask",
				  "a preference is between 2 outputs, not %zu: ask best "
				  "or rank",
				  o->n_outputs);
	if (o->scale < 2 || o->scale > 10)
		return data_wrong(err, "scale", "must be from 2 to 10");
	for (i = 0; i < o->n_aspects; i++)
		if (!good_aspect(o->aspects[i]))
			return data_wrong(err, "aspect",
					  "\"%s\" must be small letters, digits and _, "
					  "and not rank",
					  o->aspects[i]);
	MEED_BUF_LIT(b, "<View>\n");
	if (o->instruction) {
		MEED_BUF_LIT(b, "  <Header size=\"4\" value=\"");
		put_xml(b, o->instruction);
		MEED_BUF_LIT(b, "\"/>\n");
	}
	MEED_BUF_LIT(b,
		     "  <Paragraphs name=\"input\" value=\"$input_messages\" layout=\"dialogue\" "
		     "nameKey=\"role\" textKey=\"content\"/>\n");
	for (i = 1; i <= o->n_outputs; i++) {
		meed_buf_printf(b,
				"  <Header size=\"4\" value=\"Answer %zu\"/>\n"
				"  <Text name=\"answer%zu\" value=\"$answer%zu\"/>\n",
				i, i, i);
		if (o->ask & MEED_ASK_RATING)
			put_rating(b, i, "rating", o->scale);
		for (j = 0; j < o->n_aspects; j++)
			put_rating(b, i, o->aspects[j], o->scale);
	}
	put_questions(o, b);
	MEED_BUF_LIT(b, "</View>\n");
	return b->failed ? meed_err_nomem(err) : MEED_OK;
}

/* ---- tasks
 * ----------------------------------------------------------------------------------------- */

struct tasks {
	size_t n_outputs;
	bool keep_order;
	uint64_t seed, n;
	struct meed_buf text;
};

static const struct meed_data_param params[] = {
	{ "outputs", MEED_DATA_COUNT, "N", "answers that are shown, at most (default 2)" },
	{ "keep_order", MEED_DATA_FLAG, NULL,
	  "show answers in the sample's order; without it the\n"
	  "order is random, so that no place is favoured" },
	{ "order_seed", MEED_DATA_COUNT, "N", "seed of that order (default 0)" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

static int32_t init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	struct tasks *x = self;

	x->n_outputs = data_uint(a, "outputs", 2);
	x->keep_order = data_flag(a, "keep_order");
	x->seed = data_uint(a, "order_seed", 0);
	if (x->n_outputs < 1 || x->n_outputs > MEED_LABEL_OUTPUTS)
		return data_wrong(err, "outputs", "must be from 1 to %d", MEED_LABEL_OUTPUTS);
	return MEED_OK;
}

static void release(void *self)
{
	struct tasks *x = self;

	meed_buf_release(&x->text);
}

static int32_t begin(void *self, struct data_out *o, struct meed_err *err)
{
	(void)self;
	(void)err;
	meed_buf_putc(&o->text, '[');
	return MEED_OK;
}

static int32_t finish(void *self, struct data_out *o, struct meed_err *err)
{
	(void)self;
	(void)err;
	MEED_BUF_LIT(&o->text, "\n]\n");
	return MEED_OK;
}

static void put_content(struct tasks *x, struct meed_buf *b, struct json_object *message)
{
	x->text.n = 0;
	data_content(message, &x->text);
	meed_buf_json_str(b, (meed_str){ x->text.p ? x->text.p : "", x->text.n });
}

static void put_messages(struct tasks *x, struct meed_buf *b, struct json_object *root)
{
	struct json_object *in = data_get(root, "input");
	bool one = json_object_is_type(in, json_type_string);
	size_t n = one					      ? 1
		   : json_object_is_type(in, json_type_array) ? json_object_array_length(in)
							      : 0,
	       i;

	MEED_BUF_LIT(b, ",\"input_messages\":[");
	for (i = 0; i < n; i++) {
		struct json_object *m = one ? in : json_object_array_get_idx(in, i);
		struct json_object *role = one ? NULL : data_get(m, "role");

		meed_buf_puts(b, i ? ",{\"role\":" : "{\"role\":");
		meed_buf_json_str(b, json_object_is_type(role, json_type_string)
					     ? data_view(role)
					     : MEED_STR("user"));
		MEED_BUF_LIT(b, ",\"content\":");
		put_content(x, b, m);
		meed_buf_putc(b, '}');
	}
	meed_buf_putc(b, ']');
}

static void put_field(struct meed_buf *b, const char *name, struct json_object *v,
		      const char *otherwise)
{
	meed_buf_printf(b, ",\"%s\":", name);
	if (v)
		meed_json_write(b, v);
	else
		meed_buf_json_str(b, meed_str_of(otherwise));
}

/* Fisher and Yates. */
static void shuffle(const struct tasks *x, size_t *order, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		order[i] = i;
	for (i = n; !x->keep_order && i > 1; i--) {
		size_t j = (size_t)(data_random(data_random(x->seed, x->n), i) % i), t = order[j];

		order[j] = order[i - 1];
		order[i - 1] = t;
	}
}

static int64_t rows(void *self, struct data_out *o, struct data_rec *r, const char **ret_why,
		    struct meed_err *err)
{
	struct json_object *root = data_rec_root(r, err), *outs = data_outputs(root), *id;
	size_t n = outs ? json_object_array_length(outs) : 0, i, order[MEED_LABEL_OUTPUTS];
	struct tasks *x = self;
	struct meed_buf *b = &o->text;

	if (!root)
		return err->code;
	id = data_get(root, "unique_id");
	*ret_why = n == 0 ? "the sample has no output"
		   : !id  ? "the sample has no unique_id, by which annotations find it again"
			  : "the sample has more outputs than are shown: see --outputs";
	if (n == 0 || n > x->n_outputs || !id)
		return 0;
	shuffle(x, order, n);
	x->n++;
	meed_buf_printf(b, "%s\n{\"data\":{\"unique_id\":", o->n_rows > 0 ? "," : "");
	meed_json_write(b, id);
	put_field(b, "source", data_get(root, "source"), "unknown");
	put_field(b, "task_category", data_get(root, "task_category"), "general");
	put_messages(x, b, root);
	for (i = 0; i < x->n_outputs; i++) {
		meed_buf_printf(b, ",\"answer%zu\":", i + 1);
		if (i < n)
			put_content(x, b, data_answer(json_object_array_get_idx(outs, order[i])));
		else
			MEED_BUF_LIT(b, "\"\"");
	}
	meed_buf_printf(b, ",\"answer_count\":\"%zu\",\"order\":[", n);
	for (i = 0; i < n; i++)
		meed_buf_printf(b, "%s%zu", i ? "," : "", order[i]);
	MEED_BUF_LIT(b, "]}}");
	return x->text.failed ? meed_err_nomem(err) : 1;
}

const struct data_kind data_label_studio = {
	.pub = { .name = "label_studio",
		 .summary = "Label Studio's tasks, to annotate; see meed-annotate(1).",
		 .params = params },
	.size = sizeof(struct tasks),
	.no_json = true,
	.init = init,
	.release = release,
	.begin = begin,
	.rows = rows,
	.finish = finish,
};
