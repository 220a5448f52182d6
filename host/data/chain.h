/* chain.h - a chain's own parts: chain.c has what samples go through, run.c the run around it. */
#ifndef MEED_DATA_CHAIN_H
#define MEED_DATA_CHAIN_H

#include "host/data/internal.h"

struct meed_data_chain {
	struct data_step *steps;
	size_t n_steps;
	struct data_step format;	/* kind NULL: canonical JSONL */
	/* while it runs */
	const struct meed_data_opts *o;
	struct meed_data_stats *stats;
	struct meed_input *in;
	struct data_out *outs;		/* one, or one a part */
	size_t n_outs;
	struct data_out rejects, dropped;
	struct meed_data_count *counts, *part_counts;
	uint64_t t0, last;		/* ns */
	bool live, shown;
};

bool meed_data_stopped(const struct meed_data_chain *c);
/* Reads all input and pushes it into the chain. */
int32_t meed_data_read(struct meed_data_chain *c, struct meed_err *err);
/* What the last step passes on. */
int32_t meed_data_write(struct meed_data_chain *c, struct data_rec *r, struct meed_err *err);
/* Progress, if it is time. */
void meed_data_tick(struct meed_data_chain *c, bool last);

#endif
