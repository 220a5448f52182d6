/* compare.c - is a call that was made the one that was expected?
 *
 * The rules are those of the Berkeley leaderboard's AST checker: a value has the type that the tool's
 * schema says, or that of the alternatives (it is then a variable, and compared to the letter);
 * strings are equal without case, spaces and , . / - _ * ^, ' and " being one; dictionaries
 * have alternatives for each key. An integer will do for a float, in lists too. */
#include "config.h"
#include "tools.h"

#define ANY (-1)			/* a kind that the schema does not say */

struct compare {
	struct env *e;
	bool exact, plain, code;
	struct meed_text *why;
};

/* ---- strings ------------------------------------------------------------------------------------- */

/* Lower case of the scripts that have it side by side: Latin, Greek, Cyrillic, Armenian. */
static uint32_t lower(uint32_t cp)
{
	if (cp < 0x80)
		return cp - 'A' < 26 ? cp + 32 : cp;
	if ((cp >= 0xC0 && cp <= 0xDE && cp != 0xD7) || (cp >= 0x391 && cp <= 0x3A9) ||
	    (cp >= 0x410 && cp <= 0x42F))
		return cp + 32;
	if ((cp >= 0x100 && cp <= 0x137 && cp != 0x130) || (cp >= 0x14A && cp <= 0x177) ||
	    (cp >= 0x1E00 && cp <= 0x1EFF && (cp < 0x1E96 || cp > 0x1E9F)) ||
	    (cp >= 0x460 && cp <= 0x481) || (cp >= 0x48A && cp <= 0x4BF))
		return cp | 1;
	if ((cp >= 0x139 && cp <= 0x148) || (cp >= 0x179 && cp <= 0x17E))
		return cp + (cp & 1);
	if (cp >= 0x400 && cp <= 0x40F)
		return cp + 80;
	return cp >= 0x531 && cp <= 0x556 ? cp + 48 : cp;
}

/* The next character that counts at or after *i, or 0 at the end. */
static uint32_t next_char(meed_str s, size_t *i)
{
	uint32_t cp;

	while (*i < s.n) {
		*i += meed_utf8_next(s.p + *i, s.n - *i, &cp);
		if (cp == '\0' || cp >= 0x80 || !strchr(" ,./-_*^", (int)cp))
			return cp == '\'' ? '"' : cp == '\0' ? 0xFFFFFF : lower(cp);
	}
	return 0;
}

static bool same_text(const struct compare *k, meed_str a, meed_str b)
{
	size_t i = 0, j = 0;
	uint32_t x, y;

	if (k->exact)
		return meed_eq(a, b);
	do {
		x = next_char(a, &i);
		y = next_char(b, &j);
	} while (x == y && x != 0);
	return x == y;
}

/* Equal, strings as texts. */
static bool same(const struct compare *k, const struct val *a, const struct val *b)
{
	if (a->kind == V_STR && b->kind == V_STR)
		return same_text(k, a->s, b->s);
	return val_equal(a, b);
}

/* Equal all the way down, strings as texts and booleans no numbers: for values that stand for
 * themselves. */
static bool same_plain(const struct compare *k, const struct val *a, const struct val *b)
{
	const struct val *other;
	size_t i;

	if (a->kind != V_LIST && a->kind != V_DICT)
		return (a->kind == V_BOOL) == (b->kind == V_BOOL) && same(k, a, b);
	if (a->kind != b->kind || a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		other = a->kind == V_LIST ? &b->items[i] : val_get(b, a->keys[i]);
		if (!other || !same_plain(k, &a->items[i], other))
			return false;
	}
	return true;
}

/* ---- types --------------------------------------------------------------------------------------- */

/* The kind that a schema's type means, in JSON Schema's, Python's, Java's or JavaScript's words. */
static int kind_of_type(const struct val *type)
{
	static const struct {
		const char *name;
		enum kind kind;
	} names[] = {
		{ "string", V_STR }, { "String", V_STR }, { "str", V_STR }, { "char", V_STR },
		{ "any", V_STR }, { "Any", V_STR }, { "integer", V_INT }, { "int", V_INT },
		{ "long", V_INT }, { "short", V_INT }, { "byte", V_INT }, { "Bigint", V_INT },
		{ "float", V_NUM }, { "double", V_NUM }, { "number", V_NUM }, { "boolean", V_BOOL },
		{ "Boolean", V_BOOL }, { "bool", V_BOOL }, { "array", V_LIST }, { "list", V_LIST },
		{ "tuple", V_LIST }, { "Array", V_LIST }, { "ArrayList", V_LIST },
		{ "Queue", V_LIST }, { "Stack", V_LIST }, { "Set", V_LIST }, { "dict", V_DICT },
		{ "object", V_DICT }, { "HashMap", V_DICT }, { "Hashtable", V_DICT },
		{ "null", V_NULL },
	};
	size_t i;

	for (i = 0; type && type->kind == V_STR && i < sizeof(names) / sizeof(names[0]); i++) {
		if (meed_eq(type->s, meed_s(names[i].name)))
			return (int)names[i].kind;
	}
	return ANY;
}

static int schema_kind(const struct val *schema)
{
	return kind_of_type(val_get(schema, MEED_S("type")));
}

static bool is_left_out(const struct val *v)
{
	return v->kind == V_STR && v->s.n == 0;
}

/* The kind of the first alternative that is not "". */
static int alternatives_kind(const struct val *alts)
{
	size_t i;

	for (i = 0; i < alts->n; i++) {
		if (!is_left_out(&alts->items[i]))
			return (int)alts->items[i].kind;
	}
	return ANY;
}

static bool fits(const struct val *v, int kind)
{
	return kind == (int)v->kind || (kind == V_NUM && v->kind == V_INT);
}

/* A list's items have the schema's type, or that of the alternative's own items. */
static bool items_fit(const struct val *v, const struct val *alts, int nested)
{
	size_t i, k;
	int own;

	for (i = 0; i < alts->n; i++) {
		if (alts->items[i].kind != V_LIST)
			return true;
		own = alternatives_kind(&alts->items[i]);
		for (k = 0; k < v->n; k++) {
			if (!fits(&v->items[k], nested) && !(own != ANY && fits(&v->items[k], own)))
				break;
		}
		if (k == v->n)
			return true;
	}
	return false;
}

/* ---- values written as code ------------------------------------------------------------------------- */

/* Digits with the ending of a long or a float are numbers of Java; "true", lists and dictionaries too
 * may stand in a string. What is none of that stays as it is. */
static struct val from_code(struct env *e, const struct val *v, int kind)
{
	meed_str s = meed_strip(v->s);
	struct val r;

	if (kind == ANY || kind == V_STR || kind == V_NULL || s.n == 0)
		return *v;
	if ((kind == V_INT && strchr("lLn", s.p[s.n - 1])) ||
	    (kind == V_NUM && strchr("fFdD", s.p[s.n - 1])))
		s.n--;
	if (python_value(e, s, &r) && fits(&r, kind))
		return r;
	return *v;
}

/* ---- alternatives --------------------------------------------------------------------------------------- */

static bool among(const struct compare *k, const struct val *v, const struct val *alts)
{
	size_t i;

	for (i = 0; i < alts->n; i++) {
		if (k->plain ? same_plain(k, v, &alts->items[i]) : same(k, v, &alts->items[i]))
			return true;
	}
	return false;
}

/* Equal to the letter: a variable. */
static bool among_letters(const struct val *v, const struct val *alts)
{
	size_t i;

	for (i = 0; i < alts->n; i++) {
		if (val_equal(v, &alts->items[i]))
			return true;
	}
	return false;
}

static bool may_be_left_out(const struct val *alts)
{
	size_t i;

	for (i = 0; alts->kind == V_LIST && i < alts->n; i++) {
		if (is_left_out(&alts->items[i]))
			return true;
	}
	return false;
}

static bool list_is(const struct compare *k, const struct val *v, const struct val *alts)
{
	const struct val *alt;
	size_t i, j;

	for (i = 0; i < alts->n; i++) {
		alt = &alts->items[i];
		if (is_left_out(alt) ? v->n == 0 : alt->kind == V_LIST && alt->n == v->n) {
			for (j = 0; j < v->n && same(k, &v->items[j], &alt->items[j]); j++)
				continue;
			if (j == v->n)
				return true;
		}
	}
	return false;
}

/* One dictionary, with alternatives for every key. */
static bool dict_is_this(const struct compare *k, const struct val *v, const struct val *alt)
{
	const struct val *alts;
	size_t i;

	for (i = 0; i < v->n; i++) {
		alts = val_get(alt, v->keys[i]);
		if (!alts || alts->kind != V_LIST || !among(k, &v->items[i], alts))
			return false;
	}
	for (i = 0; i < alt->n; i++) {
		if (!val_get(v, alt->keys[i]) && !may_be_left_out(&alt->items[i]))
			return false;
	}
	return true;
}

static bool dict_is(const struct compare *k, const struct val *v, const struct val *alts)
{
	size_t i;

	for (i = 0; i < alts->n; i++) {
		if (alts->items[i].kind == V_DICT && dict_is_this(k, v, &alts->items[i]))
			return true;
	}
	return false;
}

static bool dicts_are(const struct compare *k, const struct val *v, const struct val *alts)
{
	const struct val *alt;
	size_t i, j;

	for (i = 0; i < alts->n; i++) {
		alt = &alts->items[i];
		if (alt->kind != V_LIST || alt->n != v->n)
			continue;
		for (j = 0; j < v->n; j++) {
			if (v->items[j].kind != V_DICT || alt->items[j].kind != V_DICT ||
			    !dict_is_this(k, &v->items[j], &alt->items[j]))
				break;
		}
		if (j == v->n)
			return true;
	}
	return false;
}

/* The value is right: has a type that will do, and is one of the alternatives. Says why not. */
static bool value_is(struct compare *k, const struct val *schema, const struct val *value,
		     const struct val *alts)
{
	static const char *const kinds[] = { "null", "a boolean", "an integer", "a float",
					     "a string", "a list", "an object" };
	const struct val *items = val_get(schema, MEED_S("items"));
	int kind = schema_kind(schema), own = alternatives_kind(alts), nested = schema_kind(items);
	struct val v = *value;
	bool right, variable = kind != ANY && own != ANY && own != kind;

	if (k->code && v.kind == V_STR)
		v = from_code(k->e, &v, kind);
	if (kind != ANY && !fits(&v, kind) && !(own != ANY && own == (int)v.kind)) {
		meed_text_lit(k->why, " is ");
		meed_text_str(k->why, meed_s(val_kind(&v)));
		meed_text_lit(k->why, ", must be ");
		meed_text_str(k->why, meed_s(kinds[kind]));
		return false;
	}
	variable = variable || (kind != ANY && !fits(&v, kind));
	if (kind == V_LIST && v.kind == V_LIST && nested != ANY && !items_fit(&v, alts, nested)) {
		meed_text_lit(k->why, " has items that are not all ");
		meed_text_str(k->why, meed_s(kinds[nested]));
		return false;
	}
	if (k->plain)
		right = among(k, &v, alts);
	else if (variable)
		right = among_letters(&v, alts);
	else if (v.kind == V_DICT)
		right = dict_is(k, &v, alts);
	else if (v.kind == V_LIST && nested == V_DICT)
		right = dicts_are(k, &v, alts);
	else if (v.kind == V_LIST)
		right = list_is(k, &v, alts) ||
			(kind == ANY && dicts_are(k, &v, alts));
	else
		right = among(k, &v, alts);
	if (!right) {
		meed_text_lit(k->why, " is ");
		val_print(k->why, &v);
		meed_text_lit(k->why, ", must be ");
		val_print(k->why, alts->n == 1 ? &alts->items[0] : alts);
	}
	return right;
}

/* ---- calls ------------------------------------------------------------------------------------------------ */

static bool listed(const struct val *list, meed_str s)
{
	size_t i;

	for (i = 0; list && list->kind == V_LIST && i < list->n; i++) {
		if (list->items[i].kind == V_STR && meed_eq(list->items[i].s, s))
			return true;
	}
	return false;
}

/* One argument of the call, made or needed. why gets what is wrong with it. */
static bool argument(struct compare *k, const struct val *tool, const struct call *made,
		     const struct call *want, meed_str key)
{
	const struct val *params = val_get(tool, MEED_S("parameters"));
	const struct val *props = val_get(params, MEED_S("properties"));
	const struct val *value = val_get(&made->args, key), *alts = val_get(&want->args, key);

	if (!value) {
		meed_text_lit(k->why, " is missing");
		return false;
	}
	if (!alts || (props && props->kind == V_DICT && !val_get(props, key))) {
		meed_text_lit(k->why, " is none that is expected");
		return false;
	}
	return value_is(k, val_get(props, key), value, alts);
}

static void judge(struct compare *k, const struct val *tool, const struct call *made,
		  const struct call *want, meed_str key, struct verdict *ret)
{
	char buf[sizeof(ret->why)];
	struct meed_text t = meed_text_in(buf, sizeof(buf) - 1);
	bool ok;

	meed_text_lit(&t, "argument ");
	meed_text_json_str(&t, meed_sub(key, 0, 60));
	k->why = &t;
	ok = argument(k, tool, made, want, key);
	ret->args++;
	ret->args_right += ok;
	if (!ok && ret->why[0] == '\0') {
		memcpy(ret->why, buf, t.n);
		ret->why[t.n] = '\0';
	}
}

void compare_call(struct env *e, const struct tools *t, bool exact, const struct call *made,
		  const struct call *want, struct verdict *ret)
{
	const struct val *tool = expect_tool(t, want->name);
	const struct val *required = val_get(val_get(tool, MEED_S("parameters")),
					     MEED_S("required"));
	struct compare k = { .e = e, .exact = exact, .plain = want->plain, .code = t->code };
	struct meed_text text;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	text = meed_text_in(ret->why, sizeof(ret->why) - 1);
	if (made->why) {
		meed_text_str(&text, meed_s(made->why));
		return;
	}
	ret->name = expect_same_name(made->name, want->name);
	if (!ret->name) {
		meed_text_lit(&text, "the name is not ");
		meed_text_str(&text, want->name);
		return;
	}
	for (i = 0; i < want->args.n; i++) {
		if (val_get(&made->args, want->args.keys[i]) ||
		    listed(required, want->args.keys[i]) ||
		    !may_be_left_out(&want->args.items[i]) || want->plain)
			judge(&k, tool, made, want, want->args.keys[i], ret);
	}
	for (i = 0; i < made->args.n; i++) {
		if (!val_get(&want->args, made->args.keys[i]))
			judge(&k, tool, made, want, made->args.keys[i], ret);
	}
	ret->right = ret->args == ret->args_right;
}

/* ---- the schema alone -------------------------------------------------------------------------------------- */

static bool enum_has(struct compare *k, const struct val *schema, const struct val *v)
{
	const struct val *all = val_get(schema, MEED_S("enum"));

	return !all || all->kind != V_LIST || among(k, v, all);
}

static bool allowed(struct compare *k, const struct val *schema, const struct val *v)
{
	const struct val *items = val_get(schema, MEED_S("items"));
	int kind = schema_kind(schema);
	struct val read = *v;
	size_t i;

	if (k->code && v->kind == V_STR)
		read = from_code(k->e, v, kind);
	if (kind != ANY && !fits(&read, kind) &&
	    !meed_eq(val_get(schema, MEED_S("type"))->s, MEED_S("any")))
		return false;
	for (i = 0; items && read.kind == V_LIST && i < read.n; i++) {
		if (!allowed(k, items, &read.items[i]))
			return false;
	}
	return enum_has(k, schema, &read);
}

bool compare_schema(struct env *e, const struct tools *t, const struct call *made,
		    struct meed_text *why)
{
	const struct val *tool = expect_tool(t, made->name);
	const struct val *params = val_get(tool, MEED_S("parameters"));
	const struct val *props = val_get(params, MEED_S("properties"));
	const struct val *required = val_get(params, MEED_S("required"));
	struct compare k = { .e = e, .exact = false, .plain = true, .code = t->code };
	size_t i;

	if (!tool) {
		if (t->list.n == 0)
			return true;
		meed_text_lit(why, "no tool of that name is offered");
		return false;
	}
	for (i = 0; required && required->kind == V_LIST && i < required->n; i++) {
		if (!val_get(&made->args, required->items[i].s)) {
			meed_text_lit(why, "required argument ");
			meed_text_json_str(why, meed_sub(required->items[i].s, 0, 60));
			meed_text_lit(why, " is missing");
			return false;
		}
	}
	for (i = 0; props && props->kind == V_DICT && i < made->args.n; i++) {
		if (!val_get(props, made->args.keys[i]) ||
		    !allowed(&k, val_get(props, made->args.keys[i]), &made->args.items[i])) {
			meed_text_lit(why, "argument ");
			meed_text_json_str(why, meed_sub(made->args.keys[i], 0, 60));
			meed_text_lit(why, " is none that the tool's schema allows");
			return false;
		}
	}
	return true;
}
