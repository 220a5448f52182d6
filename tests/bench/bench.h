/* bench.h - the benchmark's parts: rows, whole-process runs, in-process timings. */
#ifndef MEED_BENCH_H
#define MEED_BENCH_H

#include <stdio.h>

#include "host/engine/engine.h"

struct profile {
	const char *name;
	unsigned think_lo, think_hi, ref_lo, ref_hi; /* words */
	double reference;		/* samples/s of RM-Gallery 0.1.4, one process */
	double aim;			/* samples/s wanted on one thread */
	double floor;			/* lines/s of json-c where aim was set */
};
extern const struct profile profiles[3];

/* Rows like a model's answer with its reasoning, {"answer", "reference"}; the same for the same
 * seed. */
void bench_row(struct meed_buf *b, const struct profile *p, uint64_t *rng);
/* Writes n rows to path; exits with a message if it cannot. Returns the bytes. */
uint64_t bench_file(const char *path, const struct profile *p, size_t n);

struct whole {
	double seconds;			/* wall clock, median */
	double cpu;			/* user and system time, median */
	long rss_kb;			/* largest of the runs */
};
/* Runs a command `times` times and takes the median. Exits with a message if it fails. */
struct whole bench_run(const char *const *argv, unsigned times);

void bench_sort(double *v, size_t n);
double bench_median(double *v, size_t n);	/* sorts v */
void bench_inside(const struct profile *p, FILE *out);
/* Microseconds a line that json-c takes to parse and print, from memory: median. */
double bench_floor(const struct profile *p);

#endif
