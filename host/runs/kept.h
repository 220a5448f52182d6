/* kept.h - the outputs of a run that have the lowest hashes, for joining runs. Private to
 * host/runs. */
#ifndef MEED_RUNS_KEPT_H
#define MEED_RUNS_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEPT_MAX ((size_t)65536)

struct kept_output {
	uint64_t key;
	double score, length;
};

/* All outputs whose key is at most `limit`; it sinks when they become too many. */
struct kept {
	struct kept_output *v;		/* an open table of KEPT_SLOTS; key 0: free */
	size_t n;
	uint64_t limit;
	uint64_t n_twice;		/* keys that came again; the first stays */
};
bool kept_init(struct kept *k);
void kept_release(struct kept *k);
void kept_put(struct kept *k, uint64_t key, double score, double length);
/* All, in rising order of keys; malloc'd, NULL if memory is lacking. */
struct kept_output *kept_sorted(const struct kept *k);

#endif
