/* env.c - what an evaluation of `math` has to spend: steps, time and memory. */
#include "config.h"
#include "plugins/math/math.h"

#include <time.h>

/* Reading the clock costs more than a step: once in so many is enough. */
#define CLOCK_EVERY 1024

bool mx_step(struct mx_env *e, uint64_t n)
{
	struct timespec ts;
	uint64_t before = e->steps;

	if (e->spent)
		return false;
	if (n > before) {
		e->steps = 0;
		e->spent = MEED_E_LIMIT;
		return false;
	}
	e->steps -= n;
	if (e->deadline_ns && before / CLOCK_EVERY != e->steps / CLOCK_EVERY &&
	    clock_gettime(CLOCK_MONOTONIC, &ts) == 0 &&
	    (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec >= e->deadline_ns) {
		e->spent = MEED_E_TIMEOUT;
		return false;
	}
	return true;
}

void *mx_alloc(struct mx_env *e, size_t n)
{
	void *p = e->spent ? NULL : e->alloc(e->ctx, n);

	if (!p && !e->spent)
		e->spent = MEED_E_NOMEM;
	return p;
}
