/* pairs.h - which two outputs of a sample make a preference. */
#ifndef MEED_DATA_PAIRS_H
#define MEED_DATA_PAIRS_H

#include "host/data/internal.h"

enum data_pair_mode { DATA_BY_LABELS, DATA_BEST_WORST, DATA_ALL_PAIRS };

struct data_pair {
	size_t chosen, rejected;	/* outputs */
	double margin;			/* of their scores; NaN by labels */
	size_t order;
};

struct data_pairing {
	enum data_pair_mode mode;
	double margin;
	bool has_margin;
	uint64_t max;
	struct data_pair *v;		/* of the sample that was looked at last */
	size_t n, cap;
};

/* Ends with a NULL name. */
extern const struct meed_data_param data_pairs_params[];
int32_t data_pairing_init(struct data_pairing *p, const struct meed_data_args *a,
			  struct meed_err *err);
void data_pairing_release(struct data_pairing *p);
/* Fills v. *ret_why says why there is none. */
int32_t data_pairing_find(struct data_pairing *p, struct json_object *root, const char **ret_why,
			  struct meed_err *err);

#endif
