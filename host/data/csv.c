/* csv.c - the format csv: one row an output, or chosen columns of each sample (RFC 4180) */
#include "config.h"

#include "host/data/internal.h"

#include <stdlib.h>

struct column {
	char *name; /* malloc'd */
	struct data_sel sel;
};

struct csv {
	struct column *v; /* none: the usual columns, a row an output */
	size_t n;
	struct meed_buf text;
};

static const struct meed_data_param params[] = {
	{ "column", MEED_DATA_LIST, "NAME=WHAT",
	  "a column: id, category, source, input, output,\n"
	  "prompt, text or a JSON pointer; one row a sample.\n"
	  "Without it a row an output, with id, category,\n"
	  "source, prompt, response, preference, reference,\n"
	  "score, error" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

static const char *const usual[] = { "unique_id", "task_category", "source",	"prompt", "output",
				     "response",  "preference",	   "reference", "score",  "error" };

static int32_t init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	const struct data_value *v = data_arg(a, "column");
	struct csv *x = self;
	int32_t r = MEED_OK;

	x->v = calloc(v->n + 1, sizeof(*x->v));
	if (!x->v)
		return meed_err_nomem(err);
	for (; x->n < v->n && r == MEED_OK; x->n++) {
		const char *eq = strchr(v->v[x->n], '=');

		if (!eq || eq == v->v[x->n])
			return data_wrong(err, "column", "\"%s\" must be NAME=WHAT", v->v[x->n]);
		x->v[x->n].name = strndup(v->v[x->n], (size_t)(eq - v->v[x->n]));
		if (!x->v[x->n].name)
			return meed_err_nomem(err);
		r = data_sel_init(&x->v[x->n].sel, "column", eq + 1, err);
	}
	return r;
}

static void release(void *self)
{
	struct csv *x = self;
	size_t i;

	for (i = 0; x->v && i <= x->n; i++) {
		free(x->v[i].name);
		data_sel_release(&x->v[i].sel);
		if (i == x->n)
			break;
	}
	free(x->v);
	meed_buf_release(&x->text);
}

static void put(struct meed_buf *b, meed_str s, bool first)
{
	if (!first)
		meed_buf_putc(b, ',');
	meed_buf_csv(b, s, false);
}

static int32_t begin(void *self, struct data_out *o, struct meed_err *err)
{
	const struct csv *x = self;
	size_t i;

	(void)err;
	for (i = 0; i < x->n; i++)
		put(&o->text, meed_str_of(x->v[i].name), i == 0);
	for (i = 0; x->n == 0 && i < DATA_COUNT(usual); i++)
		put(&o->text, meed_str_of(usual[i]), i == 0);
	MEED_BUF_LIT(&o->text, "\r\n");
	return MEED_OK;
}

static void put_value(struct csv *x, struct meed_buf *b, struct json_object *v)
{
	x->text.n = 0;
	if (json_object_is_type(v, json_type_string))
		meed_buf_put(&x->text, data_view(v).p, data_view(v).n);
	else if (v)
		meed_json_write(&x->text, v);
	put(b, (meed_str){ x->text.p, x->text.n }, false);
}

static void put_output(struct csv *x, struct meed_buf *b, struct json_object *root,
		       struct json_object *output, size_t number)
{
	static const struct data_sel prompt = { .what = DATA_INPUT };
	struct json_object *id = data_get(root, "unique_id");
	struct json_object *reward = data_get(data_answer(output), "reward");
	char text[32];

	put(b, json_object_is_type(id, json_type_string) ? data_view(id) : MEED_STR(""), true);
	put_value(x, b, data_get(root, "task_category"));
	put_value(x, b, data_get(root, "source"));
	x->text.n = 0;
	(void)data_sel_text(&prompt, root, &x->text);
	put(b, (meed_str){ x->text.p, x->text.n }, false);
	put(b, (meed_str){ text, meed_dtoa((double)number, text) }, false);
	x->text.n = 0;
	data_content(data_answer(output), &x->text);
	put(b, (meed_str){ x->text.p, x->text.n }, false);
	put_value(x, b, data_label(output, "preference"));
	put_value(x, b, data_label(output, "reference"));
	put_value(x, b, data_get(reward, "score"));
	put_value(x, b, data_get(data_get(reward, "error"), "message"));
	MEED_BUF_LIT(b, "\r\n");
}

static int64_t rows(void *self, struct data_out *o, struct data_rec *r, const char **ret_why,
		    struct meed_err *err)
{
	struct json_object *root = data_rec_root(r, err), *outs = data_outputs(root);
	size_t n = outs ? json_object_array_length(outs) : 0, i;
	struct csv *x = self;

	if (!root)
		return err->code;
	for (i = 0; i < x->n; i++) {
		x->text.n = 0;
		(void)data_sel_text(&x->v[i].sel, root, &x->text);
		put(&o->text, (meed_str){ x->text.p, x->text.n }, i == 0);
	}
	if (x->n > 0)
		MEED_BUF_LIT(&o->text, "\r\n");
	for (i = 0; x->n == 0 && i < n; i++)
		put_output(x, &o->text, root, json_object_array_get_idx(outs, i), i);
	if (x->text.failed)
		return meed_err_nomem(err);
	*ret_why = "the sample has no output";
	return x->n > 0 ? 1 : (int64_t)n;
}

const struct data_kind data_csv = {
	.pub = { .name = "csv",
		 .summary = "A table: a row an output, or chosen columns.",
		 .params = params },
	.size = sizeof(struct csv),
	.no_json = true,
	.init = init,
	.release = release,
	.begin = begin,
	.rows = rows,
};
