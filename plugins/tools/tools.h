/* tools.h - what the parts of the plugin `tools` share.
 *
 * One model, tools.call_match: did a response call the tools that it should have called? Calls are read
 * from what models write (read.c), expectations from the row (expect.c), and compared by the rules
 * of the Berkeley Function-Calling Leaderboard (compare.c; Patil et al. 2023, bfcl_eval's AST
 * checker). Everything is allocated from the evaluation's memory. */
#ifndef TOOLS_H
#define TOOLS_H

#include <meed/helpers.h>

#define TOOLS_VERSION "1.0.0"
#define TOOLS_LICENSE "Apache-2.0"
#define TOOLS_MAX_CALLS 128		/* of one turn, made or expected */
#define TOOLS_MAX_DEPTH 64		/* of a value */

extern const meed_rm tools_call_match;

/* Where memory and JSON come from. Once failed, the evaluation is over: why is said to the host. */
struct env {
	const meed_host *h;
	meed_ctx *c;
	bool failed;
	int32_t code;			/* MEED_E_* */
};

/* Says it, the first time; false. */
bool env_fail(struct env *e, int32_t code, const char *why);

void *env_alloc(struct env *e, size_t n);

/* ---- value.c: a value, from JSON or Python ----------------------------------------------------- */

enum kind { V_NULL, V_BOOL, V_INT, V_NUM, V_STR, V_LIST, V_DICT };

struct val {
	enum kind kind;
	bool name;			/* a V_STR that was an expression: a variable, a call */
	int64_t i;			/* V_BOOL, V_INT */
	double d;			/* V_NUM */
	meed_str s;			/* V_STR */
	size_t n;			/* V_LIST, V_DICT */
	struct val *items;
	meed_str *keys;			/* V_DICT */
};

/* A value from the host's tree; false if it is too deep or there is no memory. */
bool val_from_json(struct env *e, const meed_val *v, struct val *ret);
/* JSON text as a value; false if it is not JSON. */
bool val_parse(struct env *e, meed_str json, struct val *ret);
const struct val *val_get(const struct val *dict, meed_str key);
/* Appends to a list or dict; key is for dicts. False: no memory. */
bool val_push(struct env *e, struct val *v, meed_str key, const struct val *item);
/* Python's ==: 1, 1.0 and True are equal. */
bool val_equal(const struct val *a, const struct val *b);
/* Appends the value as JSON-like text, cut to about 60 bytes. */
void val_print(struct meed_text *t, const struct val *v);
/* What kind it is, in words. */
const char *val_kind(const struct val *v);

/* ---- python.c: Python's calls and literals ------------------------------------------------------ */

struct call {
	meed_str name;
	struct val args;		/* V_DICT; positional ones under "0", "1", ... */
	const char *why;		/* not NULL: it is malformed, and this is how */
	bool plain;			/* expected alone: lists in it are values, not alternatives */
};

struct calls {
	size_t n, cap;
	struct call *v;
	bool any;			/* expected alone: at least one call of an offered tool */
};

/* Appends; false: no memory. Beyond TOOLS_MAX_CALLS calls are counted and not kept. */
bool calls_push(struct env *e, struct calls *all, const struct call *one);

/* Reads "f(a=1)" or "[f(a=1), g()]" or several such lines, if s is that as a whole. */
bool python_calls(struct env *e, meed_str s, struct calls *ret);
/* Reads a literal that is s as a whole. */
bool python_value(struct env *e, meed_str s, struct val *ret);

/* ---- read.c: the calls of a response ------------------------------------------------------------- */

enum format {
	FORMAT_AUTO,
	FORMAT_OPENAI,			/* tool_calls, function_call */
	FORMAT_HERMES,			/* <tool_call>{...}</tool_call>, <function=NAME>{...}</function> */
	FORMAT_MISTRAL,			/* [TOOL_CALLS]... */
	FORMAT_JSON,			/* bare or fenced JSON */
	FORMAT_PYTHON			/* [f(a=1)], bare or fenced */
};

/* The calls of one message: its JSON (or NULL) and its text. False: no memory. */
bool read_calls(struct env *e, enum format format, const meed_val *message, meed_str text,
		struct calls *ret);
/* A call, or the calls in a list, in any of JSON's spellings: {name, arguments}, {function: ...},
 * {NAME: {...}}, or a text with Python's. What is none becomes a malformed call. */
bool read_json_calls(struct env *e, const struct val *v, struct calls *ret);

/* ---- expect.c: what the row expects ---------------------------------------------------------------- */

/* Each value of a call's arguments is a list of those that are right; "" among them: it may be
 * left out. */
struct turns {
	size_t n;
	bool listed;			/* the row has a list of turns, be it of one */
	struct calls *v;
};

struct tools {
	struct val list;		/* V_LIST of {name, parameters}; empty: the row has none */
	bool code;			/* Java or JavaScript: values may be written as code in strings */
};

/* v as expected turns; false with *ret_why. alternatives are BFCL's, else each value is the one that is
 * right. */
bool expect_read(struct env *e, const struct val *v, struct turns *ret, const char **ret_why);
void expect_tools(struct env *e, const meed_val *list, struct tools *ret);
/* A tool's parameter schema by its name (dots may have become underscores), or NULL. */
const struct val *expect_tool(const struct tools *t, meed_str name);
bool expect_same_name(meed_str made, meed_str expected);

/* ---- compare.c ---------------------------------------------------------------------------------------- */

struct verdict {
	bool name, right;		/* the name is right; all of it is */
	size_t args, args_right;	/* arguments made or needed, and those right */
	char why[240];			/* the first thing wrong */
};

/* How a call that was made fits one that is expected. exact: strings must be equal to the byte. */
void compare_call(struct env *e, const struct tools *t, bool exact, const struct call *made,
		  const struct call *want, struct verdict *ret);
/* Is a call one that the tools allow: name, required arguments, types, enums? */
bool compare_schema(struct env *e, const struct tools *t, const struct call *made,
		    struct meed_text *why);

/* ---- match.c --------------------------------------------------------------------------------------------- */

/* The pairing of n made calls with m expected ones that gains most, each at most once; gain[i * m + j] is
 * 0 or more. ret_of[i]: its partner, or MEED_NONE. In order: partners rise. False: no memory. */
bool match_best(struct env *e, const double *gain, size_t n, size_t m, bool in_order,
		size_t *ret_of);

#endif
