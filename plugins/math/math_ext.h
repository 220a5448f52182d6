/* math_ext.h - what the plugin `math` offers a host beside scores: extension "meed.math/1" of its
 * model math.verify (meed_rm.extension). `meed math` is made of it. Needs <meed/plugin.h> alone. */
#ifndef MEED_MATH_EXT_H
#define MEED_MATH_EXT_H

#include <meed/plugin.h>

#define MEED_EXT_MATH "meed.math/1"

/* Takes a piece of output; called any number of times. */
typedef void (*meed_math_put)(void *data, meed_str text);

typedef struct {			/* [grows] */
	uint32_t struct_size, revision;	/* 1 */
	/* Puts how an expression is read: one line that reads back as the same, then the tree.
	 * MEED_E_PARSE after putting what is wrong and where. [any] */
	int32_t (*parse)(meed_str text, meed_math_put put, void *data);
	/* Puts what is found in both texts, how it is read, and by which rule they are equal or
	 * not, a line each. *ret_equal is then 1 or 0; what is undecided, unreadable or beyond a
	 * budget is a negative result. The parameters are math.verify's defaults. [any] */
	int32_t (*equal)(meed_str reference, meed_str answer, meed_math_put put, void *data,
			 int32_t *ret_equal);
} meed_ext_math;

#endif
