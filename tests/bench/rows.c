/* rows.c - rows for the benchmark, by a fixed recipe and seed. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"

/* Measured figures of RM-Gallery 0.1.4 (one process, a loop of evaluate) on rows of this recipe, and
 * what is wanted here: 250, 500 and 2,000 times that; json-c's figure on that machine when idle. */
const struct profile profiles[3] = {
	{ "short", 20, 40, 1, 8, 1254.8, 314000, 767000 },
	{ "medium", 120, 280, 40, 120, 177.8, 89000, 186000 },
	{ "long", 800, 1600, 150, 300, 14.5, 29000, 48700 },
};

static const char *const vocabulary[] = {
	"the",	   "a",	      "of",	 "and",	     "to",	 "in",	  "is",	   "that",  "we",
	"have",	   "number",  "sum",	 "product",  "equals",	 "then",  "so",	   "first", "second",
	"next",	   "step",    "let",	 "x",	     "y",	 "z",	  "value", "result", "answer",
	"compute", "total",   "each",	 "group",    "apples",	 "train", "speed", "time",  "hours",
	"minutes", "area",    "circle",	 "square",   "triangle", "side",  "if",	   "when",  "because",
	"find",	   "given",   "there",	 "are",	     "more",	 "than",  "less",  "half",  "double",
	"people",  "second.", "length,", "distance", "therefore"
};

static uint64_t next(uint64_t *s)
{
	uint64_t z = *s += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64, Steele et al. 2014 */

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static unsigned between(uint64_t *s, unsigned lo, unsigned hi)
{
	return lo + (unsigned)(next(s) % (hi - lo + 1));
}

static void words(struct meed_buf *b, uint64_t *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (i)
			meed_buf_putc(b, ' ');
		if (next(s) % 10)
			meed_buf_puts(b, vocabulary[next(s) %
						    (sizeof(vocabulary) / sizeof(*vocabulary))]);
		else
			meed_buf_printf(b, "%d", (int)between(s, 0, 1098) - 99);
	}
}

void bench_row(struct meed_buf *b, const struct profile *p, uint64_t *s)
{
	struct meed_buf ref = { 0 }, text = { 0 };
	unsigned n_ref = between(s, p->ref_lo, p->ref_hi);
	bool tags = next(s) % 10 < 8, same = next(s) % 10 < 4;

	words(&ref, s, n_ref);
	meed_buf_printf(&ref, " %u", between(s, 0, 50));
	MEED_BUF_LIT(&text, "");
	if (tags)
		MEED_BUF_LIT(&text, "<think>");
	words(&text, s, between(s, p->think_lo, p->think_hi));
	if (next(s) % 5 == 0) {
		struct meed_buf again = { 0 };
		unsigned times = between(s, 5, 20);

		words(&again, s, 4);
		for (unsigned i = 0; i < times; i++) {
			meed_buf_putc(&text, ' ');
			meed_buf_put(&text, again.p, again.n);
		}
		meed_buf_release(&again);
	}
	meed_buf_puts(&text, tags ? "</think>\n<answer>" : "\n");
	if (same)
		meed_buf_put(&text, ref.p, ref.n);
	else
		words(&text, s, n_ref + 1);
	if (tags)
		MEED_BUF_LIT(&text, "</answer>");
	MEED_BUF_LIT(b, "{\"answer\": ");
	meed_buf_json_str(b, (meed_str){ text.p, text.n });
	MEED_BUF_LIT(b, ", \"reference\": ");
	meed_buf_json_str(b, (meed_str){ ref.p, ref.n });
	MEED_BUF_LIT(b, "}\n");
	meed_buf_release(&ref);
	meed_buf_release(&text);
}

uint64_t bench_file(const char *path, const struct profile *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	struct meed_buf b = { 0 };
	uint64_t s = 11, bytes = 0;

	for (size_t i = 0; f && i < n; i++) {
		b.n = 0;
		bench_row(&b, p, &s);
		bytes += b.n;
		if (fwrite(b.p, 1, b.n, f) != b.n)
			break;
	}
	if (!f || fclose(f) != 0) {
		perror(path);
		exit(74);
	}
	meed_buf_release(&b);
	return bytes;
}
