/* print_tree.c - an expression as an indented tree. */
#include "config.h"
#include "plugins/math/math.h"

#define MAX_DEPTH 1000

static const char *const names[] = {
	[MX_INT] = "int", [MX_DEC] = "decimal", [MX_SYM] = "symbol", [MX_PI] = "pi", [MX_E] = "e",
	[MX_I] = "i", [MX_INF] = "infinity", [MX_UNDEF] = "undefined", [MX_ADD] = "add",
	[MX_MUL] = "multiply", [MX_NEG] = "negative", [MX_DIV] = "divide", [MX_POW] = "power",
	[MX_PM] = "plus-minus", [MX_MP] = "minus-plus", [MX_FUNC] = "function",
	[MX_CALL] = "call", [MX_SUM] = "sum", [MX_PROD] = "product", [MX_INTEGRAL] = "integral",
	[MX_LIM] = "limit", [MX_DERIV] = "derivative", [MX_PERCENT] = "percent",
	[MX_DEGREE] = "degrees", [MX_UNIT] = "unit", [MX_BASE] = "digits", [MX_TUPLE] = "tuple",
	[MX_LIST] = "list", [MX_SET] = "set", [MX_SETOF] = "set of all",
	[MX_INTERVAL] = "interval", [MX_UNION] = "union", [MX_INTER] = "intersection",
	[MX_MINUS] = "difference of sets", [MX_NUMSET] = "numbers", [MX_MATRIX] = "matrix",
	[MX_REL] = "relation", [MX_SYSTEM] = "system", [MX_ORREL] = "alternatives",
	[MX_NOT] = "not", [MX_AND] = "and", [MX_OR] = "or", [MX_IMPLIES] = "implies",
	[MX_BOOL] = "truth", [MX_RATIO] = "ratio", [MX_TIME] = "time of day",
	[MX_CHOICE] = "choice", [MX_TEXT] = "text",
};

static void details(struct meed_text *out, const struct mx *x)
{
	static const char *const rels[] = { "=", "!=", "<", "<=", ">", ">=", "in", "notin", "~=",
					    "===", "subset" };

	if (x->name.n) {
		meed_text_lit(out, " ");
		meed_text_str(out, x->name);
	}
	if (x->kind == MX_DEC) {
		meed_text_lit(out, ", places ");
		meed_text_u64(out, x->scale);
		if (x->rep) {
			meed_text_lit(out, ", repeating ");
			meed_text_u64(out, x->rep);
		}
		if (x->exp10) {
			meed_text_lit(out, ", times ten to the ");
			meed_text_i64(out, x->exp10);
		}
	} else if (x->kind == MX_BASE) {
		meed_text_lit(out, " in base ");
		meed_text_u64(out, x->base);
	} else if (x->kind == MX_MATRIX) {
		meed_text_lit(out, " ");
		meed_text_u64(out, x->rows);
		meed_text_lit(out, " x ");
		meed_text_u64(out, x->cols);
	} else if (x->kind == MX_INTERVAL) {
		meed_text_str(out, x->open_lo ? MEED_S(" open") : MEED_S(" closed"));
		meed_text_str(out, x->open_hi ? MEED_S(", open") : MEED_S(", closed"));
	} else if (x->kind == MX_REL) {
		for (uint32_t i = 0; i + 1 < x->n; i++) {
			meed_text_lit(out, " ");
			meed_text_str(out, meed_s(rels[x->rel[i]]));
		}
	}
}

static void dump(struct meed_text *out, const struct mx *x, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		meed_text_lit(out, "  ");
	meed_text_str(out, meed_s(names[x->kind]));
	details(out, x);
	meed_text_lit(out, "\n");
	for (uint32_t i = 0; i < x->n && depth < MAX_DEPTH && out->n < out->cap; i++)
		dump(out, x->arg[i], depth + 1);
}

void mx_dump(struct meed_text *out, const struct mx *x)
{
	dump(out, x, 0);
}
