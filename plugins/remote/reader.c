/* reader.c - reading answers by place, with complaints that name it. */
#include "config.h"
#include "remote.h"

int32_t bad(struct reader *r, const char *fmt, ...)
{
	char buf[400];
	va_list ap;

	if (r->code < 0)
		return r->code;
	va_start(ap, fmt);
	(void)vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	r->code = meed_failf(r->h, r->c, MEED_E_PARSE, "POST %s: %s", r->m->path, buf);
	return r->code;
}

static void *take(struct reader *r, size_t n)
{
	void *p = r->code < 0 ? NULL : r->h->alloc(r->c, n);

	if (!p && r->code >= 0)
		r->code = r->h->fail(r->c, MEED_E_NOMEM, "out of memory");
	return p;
}

const char *kind_name(const meed_host *h, const meed_val *v)
{
	switch (h->type(v)) {
	case MEED_T_BOOL:
		return "true or false";
	case MEED_T_NUM:
	case MEED_T_INT:
		return "a number";
	case MEED_T_STR:
		return "a text";
	case MEED_T_ARR:
		return "a list";
	case MEED_T_OBJ:
		return "an object";
	default:
		return "null or missing";
	}
}

bool read_number(struct reader *r, const meed_val *v, double *ret, const char *where, ...)
{
	uint32_t t = r->h->type(v);
	char name[160];
	va_list ap;

	if (t == MEED_T_NUM || t == MEED_T_INT) {
		*ret = r->h->num(v, 0.0);
		if (*ret - *ret <= 0.0)
			return true;
	}
	va_start(ap, where);
	(void)vsnprintf(name, sizeof(name), where, ap);
	va_end(ap);
	if (t == MEED_T_NUM)
		(void)bad(r, "%s is beyond the range of numbers", name);
	else
		(void)bad(r, "%s is %s: must be a number%s", name, kind_name(r->h, v),
			  t == MEED_T_NULL ? " (servers write NaN as null)" : "");
	return false;
}

bool read_list(struct reader *r, const meed_val *v, size_t n, const char *where)
{
	if (r->h->type(v) != MEED_T_ARR)
		return bad(r, "%s is %s: must be a list", where, kind_name(r->h, v)) >= 0;
	if (r->h->len(v) != n)
		return bad(r, "%s has %zu entries for %zu that were sent", where, r->h->len(v),
			   n) >= 0;
	return true;
}

bool read_place(struct reader *r, const meed_val *entry, size_t at, const char *list, size_t *ret)
{
	const meed_val *v = r->h->get(entry, "index");
	int64_t i;

	if (r->h->type(entry) != MEED_T_OBJ)
		return bad(r, "%s[%zu] is %s: must be an object", list, at,
			   kind_name(r->h, entry)) >= 0;
	if (!v) {
		*ret = at;
	} else {
		i = r->h->i64(v, -1);
		if (i < 0 || (uint64_t)i >= r->n)
			return bad(r, "%s[%zu].index is not one of 0 to %zu", list, at, r->n - 1) >=
			       0;
		*ret = (size_t)i;
	}
	if (r->answers[*ret].there)
		return bad(r, "%s tells of item %zu twice", list, *ret) >= 0;
	r->answers[*ret].there = true;
	return true;
}

bool read_vector(struct reader *r, const meed_val *v, struct answer *a, const char *where)
{
	size_t n = r->h->len(v);

	if (r->h->type(v) != MEED_T_ARR)
		return bad(r, "%s is %s: must be a list of numbers", where, kind_name(r->h, v)) >=
		       0;
	if (n == 0)
		return bad(r, "%s is an empty list", where) >= 0;
	if (n > VALUES_MAX)
		return bad(r, "%s has %zu values: an embedding, not a score", where, n) >= 0;
	a->x = take(r, n * sizeof(*a->x));
	a->n = n;
	for (size_t i = 0; a->x && i < n; i++)
		if (!read_number(r, r->h->at(v, i), &a->x[i], "%s[%zu]", where, i))
			return false;
	return a->x != NULL;
}

bool answer_one(struct reader *r, struct answer *a, double x)
{
	a->x = take(r, sizeof(*a->x));
	if (!a->x)
		return false;
	a->x[0] = x;
	a->n = 1;
	return true;
}
