/* health.c - whether a reward is fit to be trained on. */
#include "config.h"

#include <math.h>

#include "host/runs/checks.h"
#include "host/runs/run_file.h"

static double share(uint64_t n, uint64_t of)
{
	return of ? (double)n / (double)of : NAN;
}

static void check_errors(struct checks *k, const struct meed_run_file *f, double limit)
{
	checks_put(k,
		   &(struct check){
			   .run = f->name,
			   .name = "errors",
			   .of = "outputs and lines",
			   .value = share(f->n_failed + f->n_bad, f->n_outputs + f->n_bad),
			   .limit = limit,
			   .means = "So large a share has no score. What a trainer puts in its "
				    "place (often 0) becomes part of the reward.",
			   .remedy = "See the kinds of error (`meed report`); raise timeouts and "
				     "retries, or give members an on_error." });
}

static void check_members(struct checks *k, const struct meed_run_file *f, double limit)
{
	size_t i, n = 0, top = 0;

	for (i = 0; i < f->n_members; i++) {
		n += f->members[i].score.n > 0;
		if (!(member_share(f, &f->members[i]) <= member_share(f, &f->members[top])))
			top = isfinite(member_share(f, &f->members[i])) ? i : top;
	}
	checks_put(k,
		   &(struct check){
			   .run = f->name,
			   .name = "dominance",
			   .of = n > 1 ? f->members[top].name : NULL,
			   .value = n > 1 ? member_share(f, &f->members[top]) : NAN,
			   .limit = limit,
			   .means =
				   "One member makes nearly all of the result's variance: the "
				   "composition rewards what it rewards, and the others only cost.",
			   .remedy = "Bring members to one scale (transform = \"zscore\" or "
				     "\"minmax\"), lower its weight, or drop the others." });
}

/* Members that always say the same. */
static void check_constant(struct checks *k, const struct meed_run_file *f)
{
	struct meed_buf names = { 0 };
	size_t i, n = 0;

	for (i = 0; i < f->n_members; i++) {
		const struct member *m = &f->members[i];

		if (f->n_members > 1 && m->score.n >= 20 && !(m->max > m->min))
			meed_buf_printf(&names, "%s%s", n++ ? ", " : "", m->name);
	}
	meed_buf_putc(&names, '\0');
	if (n > 0 && !names.failed)
		meed_report_note(
			k->report, MEED_NOTE_WARNING,
			"%s: %s gave every output the same score: a constant, and nothing to "
			"learn from",
			f->name, names.p);
	meed_buf_release(&names);
}

static void check_groups(struct checks *k, const struct meed_run_file *f, double limit)
{
	const uint64_t n = f->n_groups - f->n_alike;

	checks_put(
		k,
		&(struct check){
			.run = f->name,
			.name = "group collapse",
			.of = "prompts",
			.value = share(f->n_collapsed, n),
			.limit = limit,
			.means = "Different outputs of one prompt get the same score. Methods that "
				 "compare within a prompt (GRPO, RLOO) learn nothing from these.",
			.remedy = "Use a finer scale, add a member that tells good from better, or "
				  "drop prompts that are too easy or too hard." });
	if (f->n_alike > 0)
		meed_report_note(
			k->report, MEED_NOTE_INFO,
			"%s: %llu of %llu prompts have outputs that are all the same text; they "
			"are not counted as collapse of the reward.",
			f->name, (unsigned long long)f->n_alike, (unsigned long long)f->n_groups);
}

static bool check_length(struct checks *k, const struct meed_run_file *f, double limit)
{
	struct check c = {
		.run = f->name,
		.limit = limit,
		.means = "Score follows length, whatever is said. A policy that is trained "
			 "on it will learn to write more, or less.",
		.remedy = "Add format.length_penalty, score what is said in place of how "
			  "much, or compare outputs of like length."
	};
	double rho;

	if (!run_length_spearman(f, &rho))
		return false;
	c.name = "length, Pearson";
	c.of = "characters and score";
	c.value = fabs(comoments_r(&f->lengths));
	checks_put(k, &c);
	c.name = "length, Spearman";
	c.value = fabs(rho);
	checks_put(k, &c);
	c.name = "length, within prompts";
	c.value = fabs(pearson_of(f->sxx, f->syy, f->sxy));
	checks_put(k, &c);
	return true;
}

static void check_ends(struct checks *k, const struct meed_run_file *f, double limit)
{
	const bool flat = !(f->high > f->low);
	char of[2][48];
	struct check c = { .run = f->name, .limit = limit };
	struct meed_buf b = { 0 };
	size_t i;

	for (i = 0; i < 2; i++) {
		b.n = 0;
		meed_buf_printf(&b, "%s %.4g", i ? "highest" : "lowest", i ? f->high : f->low);
		meed_buf_putc(&b, '\0');
		memcpy(of[i], b.failed ? "" : b.p, b.failed ? 1 : b.n < 48 ? b.n : 48);
		of[i][47] = '\0';
	}
	meed_buf_release(&b);
	c.name = "saturation, low";
	c.of = of[0];
	c.value = share(f->n_low, f->score.n);
	c.means = flat ? "All outputs have one score: there is nothing to learn."
		       : "Nearly all outputs have the lowest score: the reward is too hard to be "
			 "learned from, or broken.";
	c.remedy = "Look at some outputs with `meed score`; give partial credit, or take easier "
		   "prompts.";
	checks_put(k, &c);
	if (flat && !f->has_range)
		return;
	c.name = "saturation, high";
	c.of = of[1];
	c.value = share(f->n_high, f->score.n);
	c.means =
		"Nearly all outputs have the highest score: there is nothing left to gain, or the "
		"reward is being hacked.";
	c.remedy = "Read some outputs; take harder prompts, or a stricter scale.";
	checks_put(k, &c);
}

static void check_drift(struct checks *k, const struct meed_run_file *a,
			const struct meed_run_file *b, const struct meed_health_conf *limits)
{
	const double n = (double)a->score.n, m = (double)b->score.n;
	struct check c = {
		.run = b->name,
		.of = a->name,
		.means = "Scores are distributed otherwise than in the first run: the "
			 "policy, the data or the judge has changed, and thresholds set on "
			 "the first run no longer hold.",
		.remedy = "Score the first run's outputs again: if they moved too, the judge "
			  "or its endpoint changed; else it is the policy."
	};

	c.name = "drift, KS";
	c.value = ks_distance(&a->sketch, &b->sketch);
	c.limit = limits->ks;
	c.by_chance = c.value > c.limit && c.value <= ks_chance(a->score.n, b->score.n);
	checks_put(k, &c);
	if (a->composition && b->composition && strcmp(a->composition, b->composition) != 0)
		meed_report_note(
			k->report, MEED_NOTE_WARNING,
			"%s was scored by %s and %s by %s: what looks like drift may be two "
			"scales",
			a->name, a->composition, b->name, b->composition);
	c.name = "drift, PSI";
	c.value = psi(&a->sketch, &b->sketch);
	c.limit = limits->psi;
	/* chi-squared with 9 degrees of freedom, 95 % (Yurdakul and Naranjo 2020) */
	c.by_chance = c.value > c.limit && c.value <= 16.919 * (1 / n + 1 / m);
	checks_put(k, &c);
}

static void count_above(void *data, double x, uint64_t n)
{
	double *v = data; /* the middle, and how many are above it */

	v[1] += x > v[0] ? (double)n : 0;
}

static void check_canaries(struct checks *k, const struct meed_run_file *f, double limit)
{
	double v[2] = { f->low + (f->high - f->low) / 2, 0 };

	meed_sketch_each(&f->canary_scores, count_above, v);
	checks_put(
		k,
		&(struct check){
			.run = f->name,
			.name = "canaries",
			.of = "empty talk",
			.value = f->n_canaries ? v[1] / (double)f->n_canaries : NAN,
			.limit = limit,
			.means = "Outputs that say nothing, such as \":\" or \"Thought process:\", "
				 "score in the upper half of the scale. A policy will find them.",
			.remedy = "Gate the judge with a check for content (format.*, "
				  "general.*), give it the reference, or take another judge." });
}

/* The texts themselves, so that one can look for them. */
static void put_canaries(struct meed_run_file *const *v, size_t n, struct meed_report *r)
{
	struct meed_report_table *t = NULL;
	size_t i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < CANARIES_SHOWN && k < v[i]->n_canaries; k++) {
			if (!t) {
				t = meed_report_table(r, "canaries", "Outputs that say nothing",
						      "The first 20 of each run.");
				meed_table_column(t, "run", "run", MEED_CELL_TEXT, 0);
				meed_table_column(t, "text", "text", MEED_CELL_TEXT, 0);
				meed_table_column(t, "score", "score", MEED_CELL_NUMBER, 4);
			}
			meed_table_row(t);
			meed_table_text(t, "%s", v[i]->name);
			meed_table_text(t, "\"%s\"", v[i]->canaries[k].text);
			meed_table_num(t, v[i]->canaries[k].score);
		}
	}
}

int32_t meed_runs_health(struct meed_run_file *const *v, size_t n,
			 const struct meed_health_conf *limits, struct meed_err *err,
			 struct meed_report *r, size_t *ret_findings)
{
	struct checks k;
	size_t i;

	checks_begin(&k, r);
	for (i = 0; i < n; i++) {
		check_errors(&k, v[i], limits->errors);
		check_members(&k, v[i], limits->dominance);
		check_constant(&k, v[i]);
		check_groups(&k, v[i], limits->collapse);
		if (!check_length(&k, v[i], limits->length))
			goto fail;
		check_ends(&k, v[i], limits->saturation);
		check_canaries(&k, v[i], limits->canary);
		if (i > 0)
			check_drift(&k, v[0], v[i], limits);
	}
	if (!checks_end(&k, ret_findings))
		return meed_err_nomem(err);
	put_canaries(v, n, r);
	runs_histogram(v, n, r);
	runs_files(v, n, r);
	return MEED_OK;
fail:
	checks_drop(&k);
	return meed_err_nomem(err);
}
