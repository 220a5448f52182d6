/* expect.c - reads which calls a row expects, and its tools. */
#include "config.h"
#include "tools.h"

/* A list with this one value. */
static bool only(struct env *e, const struct val *v, struct val *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->kind = V_LIST;
	return val_push(e, ret, (meed_str){ "", 0 }, v);
}

/* Makes each argument of a call that is given by its values a list of what is right. */
static bool widen(struct env *e, struct call *one)
{
	struct val args = { .kind = V_DICT }, list;
	size_t i;

	for (i = 0; i < one->args.n; i++) {
		if (!only(e, &one->args.items[i], &list) ||
		    !val_push(e, &args, one->args.keys[i], &list))
			return false;
	}
	one->args = args;
	one->plain = true;
	return true;
}

/* {NAME: {ARGUMENT: [values], ...}}: the leaderboard's possible answers. */
static bool is_possible_answer(const struct val *v)
{
	const struct val *args = v->kind == V_DICT && v->n == 1 ? &v->items[0] : NULL;
	size_t i;

	if (!args || args->kind != V_DICT)
		return false;
	for (i = 0; i < args->n; i++) {
		if (args->items[i].kind != V_LIST)
			return false;
	}
	return true;
}

static const char *read_turn(struct env *e, const struct val *v, struct calls *ret)
{
	const struct val *one;
	struct call c;
	size_t i, k, n = v->kind == V_LIST ? v->n : 1;

	for (i = 0; i < n; i++) {
		one = v->kind == V_LIST ? &v->items[i] : v;
		k = ret->n;
		if (is_possible_answer(one)) {
			c = (struct call){ .name = one->keys[0], .args = one->items[0] };
			if (!calls_push(e, ret, &c))
				return "";
			continue;
		}
		if (!read_json_calls(e, one, ret))
			return "";
		for (; k < ret->n && k < TOOLS_MAX_CALLS; k++) {
			if (ret->v[k].why)
				return ret->v[k].why;
			if (!widen(e, &ret->v[k]))
				return "";
		}
	}
	return ret->n > TOOLS_MAX_CALLS ? "there are more than 128 of them" : NULL;
}

bool expect_read(struct env *e, const struct val *v, struct turns *ret, const char **ret_why)
{
	struct val text;
	size_t i;

	*ret_why = NULL;
	if (v->kind == V_STR && val_parse(e, v->s, &text))
		v = &text;
	ret->n = 1;
	ret->listed = false;
	if (v->kind == V_LIST && v->n > 0) {
		for (i = 0; i < v->n && v->items[i].kind == V_LIST; i++)
			continue;
		ret->listed = i == v->n;
		ret->n = ret->listed ? v->n : 1;
	}
	ret->v = env_alloc(e, ret->n * sizeof(*ret->v));
	if (!ret->v)
		return false;
	if (!ret->listed)
		*ret_why = read_turn(e, v, &ret->v[0]);
	for (i = 0; ret->listed && i < ret->n && !*ret_why; i++)
		*ret_why = read_turn(e, &v->items[i], &ret->v[i]);
	return !*ret_why;
}

void expect_tools(struct env *e, const meed_val *list, struct tools *ret)
{
	struct val v;

	ret->list = (struct val){ .kind = V_LIST };
	if (e->h->type(list) == MEED_T_STR)
		list = e->h->parse(e->c, e->h->str(list));
	if (e->h->type(list) != MEED_T_NULL && val_from_json(e, list, &v)) {
		if (v.kind == V_LIST)
			ret->list = v;
		else if (v.kind == V_DICT)
			(void)only(e, &v, &ret->list);
	}
}

bool expect_same_name(meed_str made, meed_str expected)
{
	size_t i;

	if (made.n != expected.n)
		return false;
	for (i = 0; i < made.n; i++) {
		if (made.p[i] != expected.p[i] && !(made.p[i] == '_' && expected.p[i] == '.'))
			return false;
	}
	return true;
}

const struct val *expect_tool(const struct tools *t, meed_str name)
{
	const struct val *v, *found;
	size_t i;

	for (i = 0; i < t->list.n; i++) {
		v = val_get(&t->list.items[i], MEED_S("function"));
		v = v && v->kind == V_DICT ? v : &t->list.items[i];
		found = val_get(v, MEED_S("name"));
		if (found && found->kind == V_STR && expect_same_name(name, found->s))
			return v;
	}
	return NULL;
}
