/* helper.h - between the plugin and its helper process: frames of bytes over a socket.
 *
 *	request  u32 length | limits and options | gold tree | pred tree
 *	reply    u32 length | u8 verdict | u32 n, rule | u32 n, detail
 *
 * All in the machine's own byte order: both ends are one build. */
#ifndef MEED_MATH_HELPER_H
#define MEED_MATH_HELPER_H

#include "plugins/math/math.h"

enum {
	WIRE_MAX = 4 << 20,		/* bytes of a frame */
	WIRE_DEPTH = 1000		/* nesting of a tree read back */
};

struct wire_request {
	uint64_t seed, steps;
	uint32_t timeout_ms;
	struct mx_opts opts;
	struct mx *gold, *pred;
};

/* A buffer in the arena that grows; `bad` once something did not fit. */
struct wire {
	struct mx_env *e;
	unsigned char *p;
	size_t n, cap;
	bool bad;
};

void wire_put(struct wire *w, const void *p, size_t n);
void wire_put_request(struct wire *w, const struct wire_request *r, const struct mx *gold,
		      const struct mx *pred);
bool wire_get_request(struct wire *w, struct wire_request *r);	/* reads p[0..n) */
void wire_put_outcome(struct wire *w, const struct mx_outcome *o);
bool wire_get_outcome(struct wire *w, struct mx_outcome *o);

/* equal.c: as mx_equal, with the limits of a process of its own. */
void mx_equal_strong(struct mx_env *e, const struct mx *gold, const struct mx *pred,
		     struct mx_outcome *ret);
/* helper.c: FLINT's memory of this thread is freed when the thread ends. */
void mx_helper_thread(struct mx_helper *h);

#endif
