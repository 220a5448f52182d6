/* cond.c - conditions on the values that a JSON pointer finds */
#include "config.h"

#include "host/data/internal.h"

#include <stdlib.h>

enum op {
	OP_EXISTS,
	OP_EQ,
	OP_NE,
	OP_LE,
	OP_LT,
	OP_GE,
	OP_GT,
	OP_MATCH,
	OP_NO_MATCH
};

struct data_cond {
	struct data_path path;
	enum op op;
	bool negated;
	struct json_object *value; /* owned; what to compare with */
	regex_t re;
	bool has_re;
	struct meed_buf text; /* for what is matched */
};

static const struct {
	const char *word;
	enum op op;
} ops[] = {
	{ "==", OP_EQ },    { "!=", OP_NE },	   { "<=", OP_LE }, { ">=", OP_GE },
	{ "=~", OP_MATCH }, { "!~", OP_NO_MATCH }, { "<", OP_LT },  { ">", OP_GT },
};

int32_t data_regex(regex_t *ret, const char *param, const char *text, struct meed_err *err)
{
	char why[200];
	int r = regcomp(ret, text, REG_EXTENDED | REG_NOSUB);

	if (r == 0)
		return MEED_OK;
	(void)regerror(r, ret, why, sizeof(why));
	return data_wrong(err, param, "\"%s\" is no regular expression: %s", text, why);
}

/* Finds " OP " in the text: where it begins, and which. */
static const char *find_op(const char *text, size_t *ret)
{
	const char *p;
	size_t i;

	for (p = strchr(text, ' '); p; p = strchr(p + 1, ' '))
		for (i = 0; i < DATA_COUNT(ops); i++) {
			size_t n = strlen(ops[i].word);

			if (strncmp(p + 1, ops[i].word, n) == 0 && p[1 + n] == ' ') {
				*ret = i;
				return p;
			}
		}
	return NULL;
}

static int32_t read_value(struct data_cond *c, const char *text, struct meed_err *err)
{
	if (c->op == OP_MATCH || c->op == OP_NO_MATCH) {
		int32_t r = data_regex(&c->re, "where", text, err);

		c->has_re = r == MEED_OK;
		return r;
	}
	/* what is no JSON is a string: "/source == rmbench" */
	if (meed_json_read(NULL, text, strlen(text), NULL, &c->value) < 0)
		c->value = json_object_new_string(text);
	if (!c->value && strcmp(text, "null") != 0)
		return meed_err_nomem(err);
	if ((c->op != OP_EQ && c->op != OP_NE) && !json_object_is_type(c->value, json_type_int) &&
	    !json_object_is_type(c->value, json_type_double) &&
	    !json_object_is_type(c->value, json_type_string))
		return data_wrong(err, "where",
				  "\"%s\": only numbers and strings are less or "
				  "greater",
				  text);
	return MEED_OK;
}

struct data_cond *data_cond_new(const char *text, struct meed_err *err)
{
	struct data_cond *c = calloc(1, sizeof(*c));
	struct meed_err why = { 0 };
	const char *end;
	char *pointer;
	size_t i = 0;
	int32_t r;

	if (!c) {
		(void)meed_err_nomem(err);
		return NULL;
	}
	c->negated = text[0] == '!';
	text += c->negated;
	end = c->negated ? NULL : find_op(text, &i);
	pointer = end ? strndup(text, (size_t)(end - text)) : strdup(text);
	r = pointer ? data_path_init(&c->path, pointer, &why) : meed_err_nomem(&why);
	free(pointer);
	if (r == MEED_OK && !end && strchr(text, ' '))
		r = meed_err_set(
			&why, MEED_E_PARAM,
			"\"%s\" has no operator between blanks: one of == != < <= > >= =~ !~",
			text);
	if (r < 0) {
		(void)data_wrong(err, "where", "%s", why.text);
		goto fail;
	}
	if (end) {
		c->op = ops[i].op;
		r = read_value(c, end + 1 + strlen(ops[i].word) + 1, err);
		if (r < 0)
			goto fail;
	}
	return c;
fail:
	data_cond_free(c);
	return NULL;
}

void data_cond_free(struct data_cond *c)
{
	if (!c)
		return;
	data_path_release(&c->path);
	json_object_put(c->value);
	if (c->has_re)
		regfree(&c->re);
	meed_buf_release(&c->text);
	free(c);
}

static bool is_number(struct json_object *v)
{
	return json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double);
}

static int order(meed_str a, meed_str b)
{
	int d = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return d ? d : (a.n > b.n) - (a.n < b.n);
}

/* Numbers by value, strings by their bytes; else they have no order. */
static bool compare(struct json_object *v, struct json_object *to, int *ret)
{
	if (is_number(v) && is_number(to)) {
		double a = json_object_get_double(v), b = json_object_get_double(to);

		*ret = (a > b) - (a < b);
		if (*ret == 0 && json_object_is_type(v, json_type_int) &&
		    json_object_is_type(to, json_type_int)) {
			int64_t x = json_object_get_int64(v), y = json_object_get_int64(to);

			*ret = (x > y) - (x < y);
		}
		return true;
	}
	if (!json_object_is_type(v, json_type_string) || !json_object_is_type(to, json_type_string))
		return false;
	*ret = order(data_view(v), data_view(to));
	return true;
}

static bool equal(struct json_object *a, struct json_object *b)
{
	int d = 0;

	if (compare(a, b, &d))
		return d == 0;
	return a && b ? json_object_equal(a, b) != 0 : a == b;
}

static bool matches(struct data_cond *c, struct json_object *v)
{
	c->text.n = 0;
	if (json_object_is_type(v, json_type_string))
		meed_buf_put(&c->text, data_view(v).p, data_view(v).n);
	else if (v)
		meed_json_write(&c->text, v);
	else
		return false;
	meed_buf_putc(&c->text, '\0');
	return !c->text.failed && regexec(&c->re, c->text.p, 0, NULL, 0) == 0;
}

struct look {
	struct data_cond *c;
	bool found;
};

static bool look(void *ctx, struct json_object *v)
{
	struct look *l = ctx;
	struct data_cond *c = l->c;
	int d = 0;

	switch (c->op) {
	case OP_EXISTS:
		l->found = v != NULL;
		break;
	case OP_EQ:
	case OP_NE:
		l->found = equal(v, c->value);
		break;
	case OP_MATCH:
	case OP_NO_MATCH:
		l->found = matches(c, v);
		break;
	default:
		l->found = compare(v, c->value, &d) && (c->op == OP_LT	 ? d < 0
							: c->op == OP_LE ? d <= 0
							: c->op == OP_GT ? d > 0
									 : d >= 0);
	}
	return !l->found;
}

int data_cond_holds(struct data_cond *c, struct json_object *root)
{
	struct look l = { c, false };

	data_path_each(&c->path, root, look, &l);
	if (c->text.failed)
		return MEED_E_NOMEM;
	return l.found != (c->negated || c->op == OP_NE || c->op == OP_NO_MATCH);
}
