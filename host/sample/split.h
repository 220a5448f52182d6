/* split.h - JSON documents cut into rows while their bytes stream by: the elements of one big list,
 * of a list in an object ({"data": [...]}), or values that follow each other over several lines.
 *
 * Bytes are changed where they lie, one for one, so that a row's offset is its offset in the file:
 * between rows stands MEED_SPLIT_SEP, which no JSON holds; what is no part of a row becomes
 * blanks. Within rows nothing is checked but that brackets and quotes match: the row's reader
 * says what else is wrong, of that row alone. */
#ifndef MEED_SAMPLE_SPLIT_H
#define MEED_SAMPLE_SPLIT_H

#include "host/sample/sample.h"

#define MEED_SPLIT_SEP '\x1e'

enum meed_split_mode {
	MEED_SPLIT_LIST,		/* [row, row] */
	MEED_SPLIT_MEMBER,		/* {"data": [row, row]}; see meed_split_key */
	MEED_SPLIT_VALUES		/* row row */
};

enum meed_split_state {
	MEED_SPLIT_BEGIN,		/* before the document */
	MEED_SPLIT_FIRST,		/* a row or the end */
	MEED_SPLIT_NEXT,		/* a row, after a comma */
	MEED_SPLIT_INSIDE,		/* in a row that has brackets */
	MEED_SPLIT_SCALAR,		/* in a row that has none */
	MEED_SPLIT_AFTER,		/* after a row */
	MEED_SPLIT_KEY,			/* in the object: before or in a key */
	MEED_SPLIT_COLON,		/* after a key */
	MEED_SPLIT_VALUE,		/* before a value */
	MEED_SPLIT_SKIP,		/* in a value that holds no rows */
	MEED_SPLIT_END			/* after the document */
};

struct meed_split {
	enum meed_split_mode mode;
	enum meed_split_state state;
	bool in_string, escaped;
	size_t depth;			/* brackets that are open */
	uint64_t lists[MEED_JSON_DEPTH / 64 + 1]; /* bit k: the bracket at depth k is a list's */
	uint64_t offset;		/* of the next byte in the file */
	uint64_t row;			/* the row that is being read, from 1 */
	uint64_t row_offset;		/* where it begins */
	size_t blanks;			/* how many came in a row between rows */
	size_t n_key;
	char key[24];			/* the object's current key, cut off */
	char skipped[128];		/* keys whose values were passed over, with commas */
};

void meed_split_init(struct meed_split *s, enum meed_split_mode mode);
/* Changes bytes in place. Returns how many are good: n, or fewer with what is wrong with the
 * document in err; nothing may follow then. */
size_t meed_split_bytes(struct meed_split *s, char *p, size_t n, struct meed_err *err);
/* The file is at its end: MEED_E_SAMPLE if the document is not. */
int32_t meed_split_end(const struct meed_split *s, struct meed_err *err);
/* Whether the value of such a member of an object is taken for rows. */
bool meed_split_key(const char *key, size_t n);

#endif
