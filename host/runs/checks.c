/* checks.c - values against limits: the findings, and all that was looked at. */
#include "config.h"
#include "host/runs/checks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void checks_begin(struct checks *k, struct meed_report *r)
{
	*k = (struct checks){ .report = r };
}

static bool past(const struct check *c)
{
	return isfinite(c->value) && c->value > c->limit && !c->by_chance;
}

void checks_put(struct checks *k, const struct check *c)
{
	struct check *v = k->v;
	char *of = strdup(c->of ? c->of : "");

	if (k->n == k->cap && of) {
		k->cap = k->cap ? 2 * k->cap : 32;
		v = realloc(k->v, k->cap * sizeof(*v));
	}
	if (!v || !of) {
		k->failed = true;
		k->cap = k->n;
		free(of);
		return;
	}
	k->v = v;
	k->v[k->n] = *c;
	k->v[k->n++].of = of;
	k->n_findings += past(c);
}

static void put_findings(const struct checks *k)
{
	struct meed_report_table *t = meed_report_table(k->report, "findings", "Findings", NULL);
	size_t i;

	meed_table_column(t, "run", "run", MEED_CELL_TEXT, 0);
	meed_table_column(t, "check", "check", MEED_CELL_TEXT, 0);
	meed_table_column(t, "value", "value", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "means", "what it means", MEED_CELL_PROSE, 0);
	meed_table_column(t, "do", "what to do", MEED_CELL_PROSE, 0);
	for (i = 0; i < k->n; i++) {
		if (!past(&k->v[i]))
			continue;
		meed_table_row(t);
		meed_table_text(t, "%s", k->v[i].run);
		meed_table_text(t, "%s", k->v[i].name);
		meed_table_num(t, k->v[i].value);
		meed_table_text(t, "%s", k->v[i].means);
		meed_table_text(t, "%s", k->v[i].remedy);
	}
}

static void put_all(const struct checks *k)
{
	struct meed_report_table *t = meed_report_table(
		k->report, "checks", "Checks",
		"A value past its limit is a finding. Limits: --limit, or the group health of the "
		"configuration.");
	size_t i;

	meed_table_column(t, "run", "run", MEED_CELL_TEXT, 0);
	meed_table_column(t, "check", "check", MEED_CELL_TEXT, 0);
	meed_table_column(t, "of", "of", MEED_CELL_TEXT, 0);
	meed_table_column(t, "value", "value", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "limit", "limit", MEED_CELL_NUMBER, 3);
	meed_table_column(t, "result", "result", MEED_CELL_TEXT, 0);
	for (i = 0; i < k->n; i++) {
		const struct check *c = &k->v[i];

		meed_table_row(t);
		meed_table_text(t, "%s", c->run);
		meed_table_text(t, "%s", c->name);
		meed_table_text(t, "%s", c->of);
		meed_table_num(t, c->value);
		meed_table_num(t, c->limit);
		meed_table_text(t, "%s",
				past(c)		      ? "past limit"
				: !isfinite(c->value) ? "no data"
				: c->by_chance	      ? "within chance"
						      : "ok");
	}
}

bool checks_end(struct checks *k, size_t *ret_findings)
{
	const bool ok = !k->failed;

	if (k->n_findings > 0)
		put_findings(k);
	put_all(k);
	if (k->n_findings > 0)
		meed_report_note(k->report, MEED_NOTE_ERROR, "%zu finding%s past the limits",
				 k->n_findings, k->n_findings > 1 ? "s" : "");
	else
		meed_report_note(k->report, MEED_NOTE_INFO, "Nothing is past its limit.");
	*ret_findings = k->n_findings;
	checks_drop(k);
	return ok;
}

void checks_drop(struct checks *k)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		free((void *)(uintptr_t)k->v[i].of);
	free(k->v);
	k->v = NULL;
	k->n = k->cap = 0;
}
