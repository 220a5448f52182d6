/* math.h - inside the plugin `math`: expressions, reading them, comparing them.
 *
 * text --extract--> candidates --read--> expressions --equal--> verdict, rule, reason
 *
 * Everything of one evaluation lies in its arena (struct mx_env.alloc) and is never freed
 * alone. FLINT, Arb and Calcium objects are cleared by whoever made them, on every path.
 * No signals, no locks, no I/O but the pipe to the helper process; any thread. */
#ifndef MEED_MATH_H
#define MEED_MATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <meed/helpers.h>
#include <meed/plugin.h>

/* ---- what an evaluation has to spend ---------------------------------------------------- */

/* Memory, steps and time. When one is spent, `spent` says which and every function returns as
 * soon as it can; the evaluation then fails with MEED_E_TIMEOUT or MEED_E_LIMIT, never a score. */
struct mx_env {
	void *(*alloc)(void *ctx, size_t n);	/* zeroed; NULL: no more */
	void *ctx;
	uint64_t steps;			/* left; each node read and each rewriting costs one or more */
	uint64_t deadline_ns;		/* CLOCK_MONOTONIC; 0: none */
	int32_t spent;			/* 0, MEED_E_TIMEOUT, MEED_E_LIMIT, MEED_E_NOMEM */
	const struct mx_opts *opts;
	uint64_t seed;			/* for random points; from the host, so runs repeat */
	struct mx_helper *helper;	/* may be NULL: what needs it is undecided */
};
/* Takes n steps and looks at the clock now and then: false once anything is spent. */
bool mx_step(struct mx_env *e, uint64_t n);
void *mx_alloc(struct mx_env *e, size_t n);	/* sets spent when it fails */

/* The model's parameters, as far as reading and comparing depend on them. */
struct mx_opts {
	double rel_tol;			/* decimals: relative tolerance when both sides are inexact; 0: none */
	uint32_t decimals;		/* an inexact side with d >= this many decimals matches an exact
					 * one that rounds or truncates to it */
	bool percent_free;		/* "50" answers "50%" and 0.5 answers "50%" */
	bool units_free;		/* "5" answers "5 cm"; "5 m" never answers "5 cm" */
	bool text_case;			/* text answers are told apart by case */
	bool strict_order;		/* "1, 2" against "2, 1": a list is ordered */
	uint32_t max_degree, max_bits, max_terms; /* bounds on exact work, see limits.c */
};

/* ---- expressions ---------------------------------------------------------------------------- */

enum mx_kind {
	MX_INT,			/* digits: any length, no sign, no leading zeros */
	MX_DEC,			/* decimal: digits and scale; rep > 0: the last rep digits repeat */
	MX_SYM,			/* name; with its subscript as "a_1"; "Gamma" for \Gamma */
	MX_PI, MX_E, MX_I, MX_INF, MX_UNDEF,	/* UNDEF: 1/0, DNE, "undefined" */
	MX_ADD, MX_MUL,		/* n-ary, in the order read */
	MX_NEG, MX_DIV, MX_POW,	/* 1, 2, 2 */
	MX_PM, MX_MP,		/* a ± b: 2 (or 1: ± b) */
	MX_FUNC,		/* name: sin arcsin sinh ln log exp sqrt root abs floor ceil gcd lcm max min
				 * mod re im conj factorial binom perm det tr sgn; args */
	MX_CALL,		/* f(x): name is no known function */
	MX_SUM, MX_PROD, MX_INTEGRAL, MX_LIM, MX_DERIV, /* bound symbol first; see read.c */
	MX_PERCENT,		/* 1: x % */
	MX_DEGREE,		/* 1: x degrees */
	MX_UNIT,		/* 1: x with unit `name` (canonical: "cm", "km/h", "USD", "m^2") */
	MX_BASE,		/* 1: digits in base `base`: 1011_2 */
	MX_TUPLE,		/* (a, b): ordered, n >= 2; also points and column vectors <a, b> */
	MX_LIST,		/* a, b, c without brackets, "a and b", "a or b" */
	MX_SET,			/* {a, b}; n 0: empty set */
	MX_SETOF,		/* {x | condition}: 2 */
	MX_INTERVAL,		/* lo, hi; open_lo, open_hi */
	MX_UNION, MX_INTER, MX_MINUS,
	MX_NUMSET,		/* name: R Q Z N C */
	MX_MATRIX,		/* rows x cols, row by row */
	MX_REL,			/* chain: n operands, n - 1 relations in rel[] */
	MX_SYSTEM,		/* relations that hold together */
	MX_ORREL,		/* relations one of which holds: x = 1 or x = 2 */
	MX_NOT, MX_AND, MX_OR, MX_IMPLIES, MX_BOOL,	/* BOOL: name "true", "false" */
	MX_RATIO,		/* a : b (: c) */
	MX_TIME,		/* 12:30 (am/pm as minutes added): hours, minutes */
	MX_CHOICE,		/* a choice letter, name "A".."Z" */
	MX_TEXT			/* words: name, normalised (lower case unless text_case, spaces folded) */
};
enum mx_rel { MX_EQ, MX_NE, MX_LT, MX_LE, MX_GT, MX_GE, MX_IN, MX_NOTIN, MX_APPROX, MX_CONG, MX_SUBSET };

struct mx {
	enum mx_kind kind;
	uint32_t n;			/* children */
	struct mx **arg;
	meed_str name;			/* INT, DEC: digits; SYM, FUNC, UNIT, TEXT: see above */
	uint32_t scale;			/* DEC: digits after the point */
	uint32_t rep;			/* DEC: how many of the last digits repeat */
	int32_t exp10;			/* DEC: times 10^exp10 (1.2e5, 1.2 \times 10^5 stays MUL) */
	uint32_t base;			/* BASE */
	uint32_t rows, cols;		/* MATRIX */
	uint8_t *rel;			/* REL */
	bool open_lo, open_hi;		/* INTERVAL */
	bool bracketed;			/* was in brackets of its own: (x) */
};

/* ---- reading (lex.c read*.c) ------------------------------------------------------------------ */

/* Reads LaTeX, ASCII or Unicode mathematics. NULL if nothing can be made of it; *why (static or
 * in the arena) then says what and *at where (byte offset). What a reader would understand is
 * understood: \frac12, \frac1{72}, \sqrt3, \left., \text{...}, \mathrm, \dfrac, 1{,}000, missing
 * closing braces. Depth is bounded. Linear in n. */
struct mx *mx_read(struct mx_env *e, meed_str text, const char **why, size_t *at);
/* Is `why` about a limit of the reader's, and not about the text? */
bool mx_read_limit(const char *why);
/* The expression as one line of plain text that reads back as the same: "x^2/4 + y^2/3 = 1". */
void mx_print(struct meed_text *out, const struct mx *x);
/* As a tree, indented, for `meed math parse`. */
void mx_dump(struct meed_text *out, const struct mx *x);

/* ---- extracting (extract.c) -------------------------------------------------------------------- */

enum mx_anchor {
	MX_A_BOXED, MX_A_HASHES, MX_A_ANSWER_TAG, MX_A_FINAL, MX_A_ANSWER_IS, MX_A_DISPLAY, MX_A_INLINE,
	MX_A_LETTER, MX_A_BARE, MX_A_WHOLE, MX_A_N
};
struct mx_candidate {
	meed_str text;
	enum mx_anchor anchor;
	size_t at;			/* byte offset in the whole */
	bool latex;			/* stood in mathematics mode */
};
struct mx_candidates {
	struct mx_candidate *v;		/* best first */
	size_t n;
};
/* order: anchors by priority (MX_A_N ends it). Linear; at most max candidates. gold: the text is
 * a reference, where several boxes or answers all count and a bare text is the answer whole. */
int32_t mx_extract(struct mx_env *e, meed_str text, const enum mx_anchor *order, bool gold, size_t max,
		   struct mx_candidates *ret);
const char *mx_anchor_name(enum mx_anchor a);

/* ---- comparing (equal*.c) ------------------------------------------------------------------------ */

enum mx_verdict { MX_NO, MX_YES, MX_UNDECIDED };
struct mx_outcome {
	enum mx_verdict verdict;
	const char *rule;		/* static: "same rational number", "differ by a ball of radius ...",
					 * "equal as rational functions", "solution sets equal", ... */
	char detail[160];		/* figures, e.g. the error bound of a random test */
};
/* Is pred a right answer where gold is expected? Symmetric in all but the rules that name a side
 * (percent_free, units_free, "x = 3" answers "3"). Undecided is neither: the model says so. */
void mx_equal(struct mx_env *e, const struct mx *gold, const struct mx *pred, struct mx_outcome *ret);

/* ---- the helper process (helper.c): for what may blow up or abort ------------------------------------ */

struct mx_helper;
/* Starts nothing yet; a process is started at the first need, limited in memory and CPU time, and
 * replaced when it dies. NULL when out of memory. */
struct mx_helper *mx_helper_new(const char *path, uint64_t memory_bytes);
void mx_helper_free(struct mx_helper *h);
/* Asks it to decide equal(gold, pred) by its strongest means within timeout_ms. Any death, limit or
 * time-out is MX_UNDECIDED with the reason as rule. Several threads may ask: each gets a
 * process of its own from a small pool. */
void mx_helper_ask(struct mx_helper *h, struct mx_env *e, const struct mx *gold, const struct mx *pred,
		   uint32_t timeout_ms, struct mx_outcome *ret);

#endif
