/* strata.h - numbers for the values of a field by which samples are told into strata. */
#ifndef MEED_DATA_STRATA_H
#define MEED_DATA_STRATA_H

#include "host/data/internal.h"

#define DATA_STRATA_MAX 65536

struct data_strata {
	struct data_hash *v;		/* by number */
	size_t n, cap;
	uint32_t *slots;		/* open addressing: number + 1; 0 is free */
	size_t n_slots;
	struct meed_buf text;
};
/* The number of a sample's stratum; those without the field are one. MEED_E_LIMIT when there are
 * more than DATA_STRATA_MAX. param names the field's parameter in the message. */
int32_t data_strata_of(struct data_strata *s, const struct data_sel *sel, struct json_object *root,
		       const char *param, uint32_t *ret, struct meed_err *err);
void data_strata_release(struct data_strata *s);

#endif
