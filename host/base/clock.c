/* clock.c - monotonic time. */
#include "config.h"
#include "host/base/base.h"

#include <time.h>

uint64_t meed_now_ns(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
