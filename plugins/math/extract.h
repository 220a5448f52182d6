/* extract.h - how the answer of a text is found, inside extract*.c.
 *
 * A text is scanned once for mathematics ($..$, \(..\), \[..\], environments) and for boxes; what
 * looks for an answer then works on stretches of it, [from, to) in bytes of the whole. */
#ifndef MEED_MATH_EXTRACT_H
#define MEED_MATH_EXTRACT_H

#include "math.h"

struct mx_span {			/* a stretch in mathematics mode */
	size_t from, to;		/* with its delimiters */
	size_t in_from, in_to;
	bool display;
};

struct mx_box {				/* \boxed, \fbox */
	size_t from, to;
	size_t in_from, in_to;
	bool cut;			/* the text ends inside of it */
	bool nested;			/* in another one */
};

struct mx_scan {
	struct mx_env *e;
	meed_str s;			/* the whole text */
	size_t from, to;		/* what of it is the answer: no thinking, no chat marks */
	struct mx_span *spans;
	size_t n_spans;
	struct mx_box *boxes;
	size_t n_boxes;
	bool open_math;			/* the text ends inside of a display */
};

/* Fills spans and boxes of [from, to). False when something is spent. */
bool mx_scan(struct mx_scan *t);
bool mx_scan_boxes(struct mx_scan *t);
/* The first span that ends after p, as an index; n_spans if none does. */
size_t mx_span_after(const struct mx_scan *t, size_t p);
/* The span that p lies in, or NULL. */
const struct mx_span *mx_span_at(const struct mx_scan *t, size_t p);

/* Without white space, emphasis, mathematics delimiters, a closing period and the like at the
 * ends; delimiters inside are dropped and a lone dollar sign becomes "\$". The result lies in
 * the text where it can, else in the arena; p is NULL when memory is out. */
meed_str mx_tidy(struct mx_env *e, meed_str s);
/* The same of several parts, joined by ", ". */
meed_str mx_tidy_all(struct mx_env *e, const meed_str *v, size_t n);
/* Trims alone, within the text. */
meed_str mx_trim(meed_str s);

/* How many words of prose stand in s outside of commands and \text{}; names of functions, "and",
 * "or" and the like do not count. *first: offset of the first one. */
size_t mx_prose(meed_str s, size_t *first);
/* True if the words at p (lower case, ASCII or not) begin with w as words of their own. */
bool mx_word_at(meed_str s, size_t p, const char *w);
/* Where the sentence ends that p is in: at its period or line's end, or at `to`. */
size_t mx_sentence_end(const struct mx_scan *t, size_t p, size_t to);
/* Past white space and signs of emphasis. */
size_t mx_skip_marks(meed_str s, size_t p, size_t to);

/* Of a longer response only so many bytes at its end are looked at. */
#define MX_MAX_RESPONSE ((size_t)1 << 20)
/* How far from the end bare expressions and letters are looked for, in bytes. */
#define MX_LOOK_BACK ((size_t)65536)

/* A bare expression at p: its end, or p if none stands there. list: "3, 4 and 5" is one. */
size_t mx_bare_at(const struct mx_scan *t, size_t p, size_t to, bool list);
/* The last bare expression of [from, to) outside of mathematics; false if there is none. */
bool mx_bare_last(const struct mx_scan *t, size_t from, size_t to, size_t *ret_from,
		  size_t *ret_to);
/* Is what stands in [from, to) denied or a bound alone: "not 5", "at most 5", "5 is too large"? */
bool mx_denied(meed_str s, size_t from, size_t to);
/* Does what begins at p tell when or where what stands before it holds, "when x = 3"? */
bool mx_circumstance(meed_str s, size_t p);
/* A bare expression as it is to be read: the right side of a chain of figures, a decimal comma
 * made a point. */
meed_str mx_bare_text(struct mx_env *e, meed_str s);
/* A choice letter, "(B)", "B.", "B": at p, *ret_to its end, its letter as *ret; or the last one of
 * [from, to). */
bool mx_letter_at(meed_str s, size_t p, size_t to, meed_str *ret, size_t *ret_to);
/* Where "A, B and C" ends after a letter that ends at p: p if that is the only one. */
size_t mx_letters_end(meed_str s, size_t p, size_t to);
bool mx_letter_last(const struct mx_scan *t, size_t from, size_t to, meed_str *ret);

/* The answer that a stretch states: its box, else mathematics, a letter, figures, words. */
bool mx_stated(const struct mx_scan *t, size_t from, size_t to, struct mx_candidate *ret);
/* The last run of boxes in [from, to). */
bool mx_boxed(const struct mx_scan *t, size_t from, size_t to, struct mx_candidate *ret);
/* Spans joined by "and", "or" or a comma, from i on (last: up to i), with a unit after it. */
bool mx_span_run(const struct mx_scan *t, size_t i, bool back, size_t from, size_t to,
		 struct mx_candidate *ret);
/* Does the text end where it was about to state its answer: "So, the final answer is"? */
bool mx_ends_announcing(const struct mx_scan *t);
/* Where a unit, a sign of percent or of degrees ends that follows an answer which ends at p; p if
 * none does. */
size_t mx_unit_after(meed_str s, size_t p, size_t to);
/* The bare expression [from, end) as it is to be read, with its unit before `to`. */
meed_str mx_bare_unit(const struct mx_scan *t, size_t from, size_t end, size_t to);
meed_str mx_join_unit(struct mx_env *e, meed_str a, meed_str unit);
/* What follows the last "final answer is" (final) or "the answer is" in [from, to). */
bool mx_said(const struct mx_scan *t, bool final, struct mx_candidate *ret);

#endif
