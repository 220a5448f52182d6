/* binding.h - what a run's bytes depend on, as a list of facts (internal to the engine).
 *
 * A run may go on only where all of it is as it was: inputs, options that shape the output, the
 * plan with its parameters and weights, what the endpoints it uses answer with, and the builds of
 * its plugins. What changes the speed alone (threads, window, limits, where an endpoint is
 * reached) is not among them.
 *
 * As bytes: for each fact its name and its value, a NUL after each. */
#ifndef MEED_BINDING_H
#define MEED_BINDING_H

#include "host/engine/task.h"

/* Appends the facts of a run. Inputs are regular files. */
int32_t binding_put(struct meed_buf *b, const struct meed_engine *e, const struct meed_run_opts *o,
		    struct meed_err *err);
/* Appends what differs, as text: `input 1 was "a, 12 bytes", is "a, 13 bytes"; ...`; nothing if
 * the two are the same. */
void binding_diff(struct meed_buf *b, meed_str then, meed_str now);
/* The value of a fact; {NULL, 0} if there is none of that name. */
meed_str binding_get(meed_str facts, meed_str name);
/* Takes the first fact off the front of *facts; false at the end. */
bool binding_next(meed_str *facts, meed_str *ret_name, meed_str *ret_value);

#endif
