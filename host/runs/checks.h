/* checks.h - values against limits. Private to host/runs. */
#ifndef MEED_RUNS_CHECKS_H
#define MEED_RUNS_CHECKS_H

#include "host/report/report.h"

struct check {
	const char *run, *name;
	const char *of;			/* what was looked at; copied; may be NULL */
	double value, limit;		/* value NAN: nothing to look at */
	bool by_chance;			/* past the limit, but so would be samples of one source */
	const char *means, *remedy;
};

struct checks {
	struct meed_report *report;
	struct check *v;
	size_t n, cap, n_findings;
	bool failed;			/* memory was lacking */
};

void checks_begin(struct checks *k, struct meed_report *r);
void checks_put(struct checks *k, const struct check *c);
/* Puts the tables findings (if any) and checks into the report. False: memory was lacking. */
bool checks_end(struct checks *k, size_t *ret_findings);
void checks_drop(struct checks *k);

#endif
