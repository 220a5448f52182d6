/* conflicts.h - the parts of meed conflicts. */
#ifndef MEED_CLI_CONFLICTS_H
#define MEED_CLI_CONFLICTS_H

#include "host/cli/report_out.h"
#include "host/cli/scored_input.h"
#include "host/use/use.h"

/* What was counted, over all groups or over one category's. */
struct conflict_tally {
	char *name;
	uint64_t groups, conflicted;	/* of these: with at least one cycle */
	uint64_t duels, pairs, tied, twice, contrary, wavering, first, shown, triples, cyclic, cycles,
		in_cycles, removed, failed;
	uint64_t labelled, right, wrong, undecided, best, ranked; /* by labels chosen and rejected */
	double consistence;		/* summed over n_consistence groups */
	uint64_t n_consistence;
};

#define CONFLICT_SIZES 16
#define CONFLICT_MOST_SHOWN 1000

/* A group with a cycle, for the list of the worst. */
struct conflict_case {
	char *id, *where;
	size_t nodes, largest, cyclic, removed;
	char cycle[64];
};

enum conflict_by { CONFLICT_AUTO, CONFLICT_PAIRS, CONFLICT_MEMBERS, CONFLICT_LABELS };

struct conflict_findings {
	enum conflict_by by;
	struct conflict_tally all, *cats;
	size_t n_cats, cats_cap;
	uint64_t sizes[CONFLICT_SIZES + 1]; /* groups whose largest cycle has so many; the last: or more */
	struct conflict_case *cases;	/* worst first */
	size_t n_cases, cases_max;
	uint64_t bad_lines, bare, too_large; /* bare: samples without a comparison */
	bool nomem;
};

void conflict_findings_release(struct conflict_findings *f);
/* Counts a group. s: the sample it is of, NULL for a prompt of several (where, id then say it). */
void conflict_count(struct conflict_findings *f, const struct meed_conflicts *c,
		    const struct meed_duels *d, const struct meed_scored *s, meed_str category,
		    const char *where, meed_str id);
/* The share of groups with a cycle; 0 if there is none. */
double conflict_rate(const struct conflict_tally *t);
struct meed_report *conflict_report(const struct conflict_findings *f, const struct scored_input *in);

#endif
