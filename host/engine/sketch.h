/* sketch.h - quantiles of a stream of numbers in bounded memory.
 *
 * DDSketch (Masson, Rim and Lee, PVLDB 12(12), 2019) with its linearly interpolated mapping: an
 * octave of the binary exponent is cut into 256 equal buckets, which makes the index a few bits of
 * the number itself and the same on every machine. A bucket is at most 1/256 of its values wide
 * and answers with the mean of what fell into it, so that a quantile is off by less than 0.4 %
 * and exact where one value repeats.
 *
 * memory    8 KB, and 6 KB for each octave in use, of which at most 64 are kept; past that the
 *           octaves nearest to zero become one bucket, as they do when memory runs out
 * threads   none of its own: one thread at a time */
#ifndef MEED_SKETCH_H
#define MEED_SKETCH_H

#include "host/base/base.h"

#define MEED_SKETCH_OCTAVES 64

struct meed_sketch_bucket {
	uint64_t n;
	double first;			/* the first value; the mean is taken relative to it, so */
	double rest;			/* that a sum of equal values loses nothing */
};

struct meed_sketch_octave;
struct meed_sketch {
	uint64_t n;
	double min, max;		/* exact; 0 while n is 0 */
	int32_t floor;			/* biased exponents up to this one count as near zero */
	uint32_t n_octaves, max_octaves;
	struct meed_sketch_bucket near_zero;
	struct meed_sketch_octave *octaves[MEED_SKETCH_OCTAVES];
	uint8_t index[4096];		/* sign and exponent -> place in octaves, plus 1 */
};

void meed_sketch_init(struct meed_sketch *s);
void meed_sketch_release(struct meed_sketch *s);
void meed_sketch_put(struct meed_sketch *s, double x);	/* finite. O(1) */
/* Quantile q in [0, 1], between the two nearest values in proportion (as numpy's default); 0 if
 * the sketch is empty. */
double meed_sketch_quantile(const struct meed_sketch *s, double q);
/* How many values lie in each of n equal parts of [min, max]. */
void meed_sketch_histogram(const struct meed_sketch *s, size_t n, uint64_t *ret_counts);
/* The whole state, appended to b; and back from it, into an initialised sketch. Load takes what it
 * needs off the front of *in, and is false if that is no state of a sketch. */
void meed_sketch_save(const struct meed_sketch *s, struct meed_buf *b);
bool meed_sketch_load(struct meed_sketch *s, meed_str *in);

/* Gives the buckets in use, lowest values first: their mean and how many values fell into each. */
void meed_sketch_each(const struct meed_sketch *s, void (*take)(void *data, double x, uint64_t n),
		      void *data);

#endif
