/* conflicts_report.c - what meed conflicts counted, and how it is told. */
#include "config.h"

#include "host/cli/conflicts.h"

#include <math.h>
#include <stdlib.h>

static char *copy(meed_str s)
{
	char *p = malloc(s.n + 1);

	if (p) {
		memcpy(p, s.n ? s.p : "", s.n);
		p[s.n] = '\0';
	}
	return p;
}

static void case_release(struct conflict_case *x)
{
	free(x->id);
	free(x->where);
}

void conflict_findings_release(struct conflict_findings *f)
{
	for (size_t i = 0; i < f->n_cats; i++)
		free(f->cats[i].name);
	for (size_t i = 0; i < f->n_cases; i++)
		case_release(&f->cases[i]);
	free(f->cats);
	free(f->cases);
	*f = (struct conflict_findings){ 0 };
}

/* ---- counting ------------------------------------------------------------------------------ */

static struct conflict_tally *find_category(struct conflict_findings *f, meed_str name)
{
	size_t lo = 0, hi = f->n_cats;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		meed_str at = meed_str_of(f->cats[mid].name);
		int d = memcmp(at.p, name.p, at.n < name.n ? at.n : name.n);

		if (d == 0 && at.n == name.n)
			return &f->cats[mid];
		if (d < 0 || (d == 0 && at.n < name.n))
			lo = mid + 1;
		else
			hi = mid;
	}
	if (f->n_cats == f->cats_cap) {
		size_t cap = f->cats_cap ? 2 * f->cats_cap : 16;
		struct conflict_tally *v = realloc(f->cats, cap * sizeof(*v));

		if (!v)
			return NULL;
		f->cats = v;
		f->cats_cap = cap;
	}
	memmove(&f->cats[lo + 1], &f->cats[lo], (f->n_cats - lo) * sizeof(*f->cats));
	f->cats[lo] = (struct conflict_tally){ .name = copy(name) };
	f->n_cats++;
	return f->cats[lo].name ? &f->cats[lo] : NULL;
}

static void count(struct conflict_tally *t, const struct meed_conflicts *c,
		  const struct meed_duels *d)
{
	t->groups++;
	t->conflicted += c->n_cycles > 0;
	t->duels += c->n_duels;
	t->pairs += c->n_pairs;
	t->tied += c->n_tied;
	t->twice += c->n_twice;
	t->contrary += c->n_contrary;
	t->wavering += c->n_wavering;
	t->first += c->n_first;
	t->shown += c->n_shown;
	t->triples += c->n_triples;
	t->cyclic += c->n_cyclic;
	t->cycles += c->n_cycles;
	t->in_cycles += c->n_in_cycles;
	t->removed += c->n_removed;
	t->failed += d->n_failed;
	if (isfinite(c->consistence)) {
		t->consistence += c->consistence;
		t->n_consistence++;
	}
}

/* By labels: chosen against rejected, and whether the one with the most wins alone is chosen. */
static void count_labels(struct conflict_tally *t, const struct meed_scored *s,
			 const struct meed_duels *d)
{
	size_t most = 0, n_most = 0, n_chosen = 0, n = s->n_outs;
	uint32_t *wins = calloc(n + 1, sizeof(*wins));

	if (!wins)
		return;
	for (size_t i = 0; i < d->n; i++) {
		int a = meed_label_preference(&s->outs[d->v[i].a]);
		int b = meed_label_preference(&s->outs[d->v[i].b]);
		float won = d->v[i].won;

		wins[d->v[i].a] += won > 0.5f;
		wins[d->v[i].b] += won < 0.5f;
		if (a * b >= 0)
			continue;
		t->labelled++;
		t->undecided += !(won > 0.5f) && !(won < 0.5f);
		t->right += (a > 0) == (won > 0.5f) && (won > 0.5f || won < 0.5f);
	}
	t->wrong = t->labelled - t->right - t->undecided;
	for (size_t i = 0; i < n; i++) {
		n_chosen += meed_label_preference(&s->outs[i]) > 0;
		n_most = wins[i] > wins[most] ? 0 : n_most;
		most = wins[i] > wins[most] ? i : most;
		n_most += wins[i] == wins[most];
	}
	if (n_chosen) {
		t->ranked++;
		t->best += n_most == 1 && meed_label_preference(&s->outs[most]) > 0;
	}
	free(wins);
}

static bool is_worse(const struct conflict_case *a, const struct conflict_case *b)
{
	return a->largest != b->largest ? a->largest > b->largest :
	       a->cyclic != b->cyclic	? a->cyclic > b->cyclic :
					  a->removed > b->removed;
}

static void keep_case(struct conflict_findings *f, const struct meed_conflicts *c, const char *where,
		      meed_str id)
{
	struct conflict_case x = { .nodes = c->n_nodes, .largest = c->largest,
				   .cyclic = c->n_cyclic, .removed = c->n_removed };
	size_t at = f->n_cases, n = 0;

	while (at > 0 && is_worse(&x, &f->cases[at - 1]))
		at--;
	if (at == f->cases_max)
		return;
	for (size_t i = 0; i < c->largest && n + 12 < sizeof(x.cycle); i++)
		n += (size_t)snprintf(x.cycle + n, sizeof(x.cycle) - n, "%s%u", i ? " " : "",
				      c->cycle[i]);
	if (n + 12 >= sizeof(x.cycle))
		(void)snprintf(x.cycle + n, sizeof(x.cycle) - n, " ...");
	x.id = copy(id);
	x.where = copy(meed_str_of(where));
	if (!f->cases)
		f->cases = calloc(f->cases_max, sizeof(*f->cases));
	if (!x.id || !x.where || !f->cases) {
		case_release(&x);
		f->nomem = true;
		return;
	}
	if (f->n_cases == f->cases_max)
		case_release(&f->cases[--f->n_cases]);
	memmove(&f->cases[at + 1], &f->cases[at], (f->n_cases - at) * sizeof(*f->cases));
	f->cases[at] = x;
	f->n_cases++;
}

void conflict_count(struct conflict_findings *f, const struct meed_conflicts *c,
		    const struct meed_duels *d, const struct meed_scored *s, meed_str category,
		    const char *where, meed_str id)
{
	struct conflict_tally *cat = find_category(f, category);

	count(&f->all, c, d);
	if (!cat) {
		f->nomem = true;
		return;
	}
	count(cat, c, d);
	if (s) {
		count_labels(&f->all, s, d);
		count_labels(cat, s, d);
	}
	f->sizes[c->largest < CONFLICT_SIZES ? c->largest : CONFLICT_SIZES]++;
	if (c->n_cycles > 0 && f->cases_max > 0)
		keep_case(f, c, where, id);
}

/* ---- telling --------------------------------------------------------------------------------- */

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : NAN;
}

double conflict_rate(const struct conflict_tally *t)
{
	return t->groups ? (double)t->conflicted / (double)t->groups : 0;
}

static void line(struct meed_report_table *t, const char *id, const char *what, uint64_t part,
		 uint64_t whole, const char *of)
{
	if (!whole)
		return;
	meed_table_row(t);
	meed_table_text(t, "%s", id);
	meed_table_text(t, "%s", what);
	meed_table_num(t, (double)part);
	meed_table_num(t, (double)whole);
	meed_table_text(t, "%s", of);
	meed_table_num(t, share(part, whole));
}

static void tell_all(struct meed_report *r, const struct conflict_findings *f)
{
	const struct conflict_tally *a = &f->all;
	const char *groups = f->by == CONFLICT_LABELS ? "prompts" : "samples";
	struct meed_report_table *t = meed_report_table(r, "conflicts", "Conflicts", NULL);

	meed_table_column(t, "id", "id", MEED_CELL_TEXT, 0);
	meed_table_column(t, "what", "what", MEED_CELL_TEXT, 0);
	meed_table_column(t, "count", "count", MEED_CELL_COUNT, 0);
	meed_table_column(t, "of", "of", MEED_CELL_COUNT, 0);
	meed_table_column(t, "of_what", "", MEED_CELL_TEXT, 0);
	meed_table_column(t, "share", "%", MEED_CELL_PERCENT, 2);
	line(t, "conflict_rate", "with a cycle (conflict rate)", a->conflicted, a->groups, groups);
	if (a->groups)
		meed_table_strong(t);
	line(t, "density", "inside a cycle (conflict density)", a->in_cycles, a->pairs - a->tied,
	     "pairs with a winner");
	line(t, "intransitive", "intransitive: a > b > c > a", a->cyclic, a->triples,
	     "triples with three winners");
	line(t, "contrary", "contradictory: each was said to win", a->contrary, a->twice,
	     "pairs compared more than once");
	line(t, "wavering", "wavering: a tie once, a winner once", a->wavering, a->twice,
	     "pairs compared more than once");
	line(t, "ties", "without a winner", a->tied, a->pairs, "pairs");
	line(t, "removed", "against the order that contradicts least", a->removed,
	     a->pairs - a->tied, "pairs with a winner");
	line(t, "first_wins", "won by the one shown first (50 is fair)", a->first, a->shown,
	     "decided comparisons");
	line(t, "failed", "without a verdict", a->failed, a->failed + a->duels, "comparisons");
	line(t, "chosen_wins", "chosen beats rejected", a->right, a->labelled,
	     "comparisons of such");
	line(t, "chosen_loses", "chosen loses to rejected", a->wrong, a->labelled,
	     "comparisons of such");
	line(t, "chosen_ties", "chosen ties with rejected", a->undecided, a->labelled,
	     "comparisons of such");
	line(t, "chosen_first", "chosen alone has the most wins", a->best, a->ranked,
	     "labelled samples");
}

static void tell_categories(struct meed_report *r, const struct conflict_findings *f)
{
	struct meed_report_table *t;
	struct meed_report_plot *p;

	if (f->n_cats < 2)
		return;
	t = meed_report_table(r, "categories", "By category", NULL);
	meed_table_column(t, "category", "category", MEED_CELL_TEXT, 0);
	meed_table_column(t, "groups", f->by == CONFLICT_LABELS ? "prompts" : "samples",
			  MEED_CELL_COUNT, 0);
	meed_table_column(t, "conflict_rate", "with a cycle %", MEED_CELL_PERCENT, 1);
	meed_table_column(t, "intransitive", "intransitive %", MEED_CELL_PERCENT, 1);
	meed_table_column(t, "contrary", "contradictory %", MEED_CELL_PERCENT, 1);
	meed_table_column(t, "removed", "against %", MEED_CELL_PERCENT, 1);
	p = meed_report_plot(r, "rates", "Conflict rate by category", MEED_PLOT_BARS, "category",
			     "groups with a cycle, %");
	meed_plot_series(p, "");
	for (size_t i = 0; i < f->n_cats; i++) {
		const struct conflict_tally *c = &f->cats[i];
		const char *name = c->name[0] ? c->name : "(none)";

		meed_table_row(t);
		meed_table_text(t, "%s", name);
		meed_table_num(t, (double)c->groups);
		meed_table_num(t, conflict_rate(c));
		meed_table_num(t, share(c->cyclic, c->triples));
		meed_table_num(t, share(c->contrary, c->twice));
		meed_table_num(t, share(c->removed, c->pairs - c->tied));
		meed_plot_point(p, name, (double)i, 100 * conflict_rate(c), NAN, NAN);
	}
}

static void tell_cases(struct meed_report *r, const struct conflict_findings *f)
{
	struct meed_report_table *t;
	struct meed_report_plot *p;
	size_t most = CONFLICT_SIZES;
	char label[24];

	if (f->n_cases == 0)
		return;
	t = meed_report_table(r, "worst", "The worst", "Outputs are counted from 0.");
	meed_table_column(t, "id", "sample", MEED_CELL_TEXT, 0);
	meed_table_column(t, "where", "where", MEED_CELL_TEXT, 0);
	meed_table_column(t, "outputs", "outputs", MEED_CELL_COUNT, 0);
	meed_table_column(t, "largest", "in cycle", MEED_CELL_COUNT, 0);
	meed_table_column(t, "cycle", "these", MEED_CELL_TEXT, 0);
	meed_table_column(t, "intransitive", "triples", MEED_CELL_COUNT, 0);
	meed_table_column(t, "removed", "against", MEED_CELL_COUNT, 0);
	for (size_t i = 0; i < f->n_cases; i++) {
		const struct conflict_case *c = &f->cases[i];

		meed_table_row(t);
		meed_table_text(t, "%s", c->id);
		meed_table_text(t, "%s", c->where);
		meed_table_num(t, (double)c->nodes);
		meed_table_num(t, (double)c->largest);
		meed_table_text(t, "%s", c->cycle);
		meed_table_num(t, (double)c->cyclic);
		meed_table_num(t, (double)c->removed);
	}
	p = meed_report_plot(r, "sizes", "Largest cycle of a group", MEED_PLOT_BARS,
			     "outputs in it", "groups");
	meed_plot_series(p, "");
	for (size_t i = CONFLICT_SIZES; i > 2 && !f->sizes[i]; i--)
		most = i - 1;
	for (size_t i = 2; i <= most; i++) {
		(void)snprintf(label, sizeof(label), "%zu%s", i, i == CONFLICT_SIZES ? "+" : "");
		meed_plot_point(p, label, (double)i, (double)f->sizes[i], NAN, NAN);
	}
}

struct meed_report *conflict_report(const struct conflict_findings *f, const struct scored_input *in)
{
	static const char *const by[] = { [CONFLICT_AUTO] = "nothing",
					  [CONFLICT_PAIRS] = "a pairwise model's comparisons",
					  [CONFLICT_MEMBERS] = "members' scores",
					  [CONFLICT_LABELS] = "preference labels" };
	struct meed_report *r = meed_report_new("conflicts", "Contradictions among comparisons");
	const struct conflict_tally *a = &f->all;

	if (!r)
		return NULL;
	for (size_t i = 0; i < in->scoring.inputs.n; i++)
		meed_report_fact(r, "input", "%s", in->scoring.inputs.v[i]);
	if (in->scoring.name)
		meed_report_fact(r, "model", "%s", in->scoring.name);
	meed_report_fact(r, "by", "%s", by[f->by]);
	meed_report_fact_num(r, "comparisons", (double)a->duels);
	if (a->n_consistence)
		meed_report_fact_num(r, "consistence",
				     a->consistence / (double)a->n_consistence);
	tell_all(r, f);
	tell_categories(r, f);
	tell_cases(r, f);
	if (a->n_consistence)
		meed_report_note(r, MEED_NOTE_INFO,
				 "consistence: Kendall and Babington Smith's zeta, 1 without an "
				 "intransitive triple, 0 with as many as there can be; the mean of %llu "
				 "groups whose every pair has a winner",
				 (unsigned long long)a->n_consistence);
	if (f->bad_lines)
		meed_report_note(r, MEED_NOTE_ERROR, "%llu lines are no samples",
				 (unsigned long long)f->bad_lines);
	if (f->bare)
		meed_report_note(r, MEED_NOTE_WARNING, "%llu samples have no comparison",
				 (unsigned long long)f->bare);
	if (f->too_large)
		meed_report_note(r, MEED_NOTE_ERROR,
				 "%llu groups have more than %d outputs and were left out",
				 (unsigned long long)f->too_large, MEED_CONFLICT_NODES);
	return r;
}
