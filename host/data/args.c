/* args.c - parameters of steps and formats: from text, checked by their table */
#include "config.h"

#include "host/data/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static size_t count(const struct meed_data_kind *kind)
{
	size_t n = 0;

	while (kind->params && kind->params[n].name)
		n++;
	return n;
}

struct meed_data_args *meed_data_args_new(const struct meed_data_kind *kind)
{
	struct meed_data_args *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->kind = kind;
	a->values = meed_arena_alloc(&a->arena, (count(kind) + 1) * sizeof(*a->values));
	if (a->values)
		return a;
	meed_data_args_free(a);
	return NULL;
}

void meed_data_args_free(struct meed_data_args *a)
{
	if (!a)
		return;
	meed_arena_release(&a->arena);
	free(a);
}

static bool read_uint(const char *s, uint64_t *ret)
{
	uint64_t x = 0;

	if (!*s)
		return false;
	for (; *s; s++)
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(x, 10, &x) ||
		    __builtin_add_overflow(x, (uint64_t)(*s - '0'), &x))
			return false;
	*ret = x;
	return true;
}

static int32_t add_text(struct meed_data_args *a, struct data_value *v, bool list, const char *text,
			struct meed_err *err)
{
	const char **grown = meed_arena_alloc(&a->arena, (v->n + 1) * sizeof(*grown));
	meed_str copy = meed_arena_dup(&a->arena, meed_str_of(text));

	if (!grown || !copy.p)
		return meed_err_nomem(err);
	if (list && v->n > 0)
		memcpy(grown, v->v, v->n * sizeof(*grown));
	v->v = grown;
	v->v[list ? v->n++ : 0] = copy.p;
	if (!list)
		v->n = 1;
	return MEED_OK;
}

static int32_t set_value(struct meed_data_args *a, const struct meed_data_param *p,
			 struct data_value *v, const char *text, struct meed_err *err)
{
	size_t n = strlen(text);

	switch (p->type) {
	case MEED_DATA_COUNT:
		if (!read_uint(text, &v->u))
			return meed_err_set(err, MEED_E_PARAM, "must be a whole number, 0 or more");
		break;
	case MEED_DATA_NUMBER:
		if (!n || meed_strtod(text, n, &v->x) != n || !isfinite(v->x))
			return meed_err_set(err, MEED_E_PARAM, "must be a number");
		break;
	case MEED_DATA_FLAG:
		v->yes = strcmp(text, "true") == 0;
		if (!v->yes && strcmp(text, "false") != 0)
			return meed_err_set(err, MEED_E_PARAM, "must be true or false");
		break;
	default:
		break;
	}
	v->set = true;
	return add_text(a, v, p->type == MEED_DATA_LIST, text, err);
}

int32_t meed_data_args_set(struct meed_data_args *a, const char *name, const char *text,
			   struct meed_err *err)
{
	const struct meed_data_param *p = a->kind->params;
	const char *names[64], *near;
	size_t n = 0;

	for (; p && p->name && n < DATA_COUNT(names); p++, n++) {
		names[n] = p->name;
		if (strcmp(p->name, name) == 0)
			return set_value(a, p, &a->values[n], text, err);
	}
	near = meed_nearest(name, names, n);
	return meed_err_set(err, MEED_E_PARAM, "%s has no such parameter%s%s%s", a->kind->name,
			    near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

const struct data_value *data_arg(const struct meed_data_args *a, const char *name)
{
	size_t i = 0;

	while (a->kind->params && a->kind->params[i].name &&
	       strcmp(a->kind->params[i].name, name) != 0)
		i++;
	return &a->values[i]; /* one more than there are names: never set */
}

bool meed_data_args_has(const struct meed_data_args *a, const char *name)
{
	return data_arg(a, name)->set;
}

bool meed_data_args_knows(const struct meed_data_args *a, const char *name)
{
	size_t i = 0;

	while (a->kind->params && a->kind->params[i].name &&
	       strcmp(a->kind->params[i].name, name) != 0)
		i++;
	return a->kind->params && a->kind->params[i].name;
}

bool meed_data_args_is_list(const struct meed_data_args *a, const char *name)
{
	size_t i = (size_t)(data_arg(a, name) - a->values);

	return meed_data_args_knows(a, name) && a->kind->params[i].type == MEED_DATA_LIST;
}

bool data_is_set(const struct meed_data_args *a, const char *name)
{
	return data_arg(a, name)->set;
}

const char *data_text(const struct meed_data_args *a, const char *name, const char *otherwise)
{
	const struct data_value *v = data_arg(a, name);

	return v->set ? v->v[0] : otherwise;
}

uint64_t data_uint(const struct meed_data_args *a, const char *name, uint64_t otherwise)
{
	const struct data_value *v = data_arg(a, name);

	return v->set ? v->u : otherwise;
}

double data_num(const struct meed_data_args *a, const char *name, double otherwise)
{
	const struct data_value *v = data_arg(a, name);

	return v->set ? v->x : otherwise;
}

bool data_flag(const struct meed_data_args *a, const char *name)
{
	return data_arg(a, name)->yes;
}

int32_t data_wrong(struct meed_err *err, const char *param, const char *fmt, ...)
{
	char text[900];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return meed_err_set(err, MEED_E_PARAM, "%s: %s", param, text);
}

int data_word(const char *param, const char *text, const char *const *words, size_t n,
	      struct meed_err *err)
{
	struct meed_buf b = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(text, words[i]) == 0)
			return (int)i;
	for (i = 0; i < n; i++)
		meed_buf_printf(&b, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ", words[i]);
	meed_buf_putc(&b, '\0');
	(void)data_wrong(err, param, "\"%s\" must be %s", text, b.failed ? "something else" : b.p);
	meed_buf_release(&b);
	return -1;
}
