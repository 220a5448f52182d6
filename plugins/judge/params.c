/* params.c - an instance's parameters, copied into memory of its own. */
#include "config.h"
#include "judge.h"

#include <stdlib.h>

struct block {
	struct block *next;
	max_align_t data[];
};

struct make {
	const meed_host *h;
	meed_ctx *c;
	const meed_val *p;
	struct judge *j;
	bool failed; /* and the context says why */
};

static void *take(struct make *m, size_t n)
{
	struct block *b = calloc(1, sizeof(*b) + n);

	if (!b) {
		m->failed = true;
		(void)m->h->fail(m->c, MEED_E_NOMEM, "out of memory");
		return NULL;
	}
	b->next = m->j->memory;
	m->j->memory = b;
	return b->data;
}

static meed_str copy(struct make *m, meed_str s)
{
	char *p = s.n ? take(m, s.n + 1) : NULL;

	if (!p)
		return MEED_S("");
	memcpy(p, s.p, s.n);
	return (meed_str){ p, s.n };
}

static meed_str text(struct make *m, const char *name)
{
	return copy(m, meed_param_str(m->h, m->p, name));
}

static void bad(struct make *m, const char *name, const char *what)
{
	if (!m->failed)
		(void)meed_failf(m->h, m->c, MEED_E_PARAM, "%s %s", name, what);
	m->failed = true;
}

static uint32_t whole(struct make *m, const char *name)
{
	return (uint32_t)meed_param_int(m->h, m->p, name);
}

/* A list of strings. */
static meed_str *texts(struct make *m, const meed_val *v, const char *name, size_t *ret_n)
{
	size_t n = m->h->type(v) == MEED_T_ARR ? m->h->len(v) : 0;
	meed_str *t = n ? take(m, n * sizeof(*t)) : NULL;

	for (size_t i = 0; t && i < n; i++) {
		t[i] = copy(m, m->h->str(m->h->at(v, i)));
		if (t[i].n == 0)
			bad(m, name, "must be a list of texts that are not empty");
	}
	*ret_n = t ? n : 0;
	return t;
}

/* Every key of an object must be one of names. */
static void only(struct make *m, const meed_val *o, const char *what, const char *const *names)
{
	const void *cursor = NULL;
	meed_str key;

	for (;;) {
		size_t i;

		(void)m->h->next(o, &cursor, &key);
		if (!cursor)
			return;
		for (i = 0; names[i] && !meed_eq(key, meed_s(names[i])); i++)
			;
		if (!names[i] && !m->failed) {
			(void)meed_failf(m->h, m->c, MEED_E_PARAM, "%s has an unknown key \"%.*s\"",
					 what, (int)(key.n < 60 ? key.n : 60), key.p);
			m->failed = true;
		}
	}
}

/* ---- lists of groups ------------------------------------------------------------------------- */

static void read_rubric(struct make *m, const meed_val *v, struct rubric *r)
{
	static const char *const names[] = { "name", "text", "weight", "veto", "levels", NULL };
	size_t n;

	r->weight = 1.0;
	if (m->h->type(v) == MEED_T_STR) {
		r->text = copy(m, m->h->str(v));
	} else if (m->h->type(v) == MEED_T_OBJ) {
		only(m, v, "a rubric", names);
		r->name = copy(m, m->h->str(m->h->get(v, "name")));
		r->text = copy(m, m->h->str(m->h->get(v, "text")));
		r->weight = m->h->num(m->h->get(v, "weight"), 1.0);
		r->veto = m->h->num(m->h->get(v, "veto"), 0.0) > 0.0;
		r->levels = texts(m, m->h->get(v, "levels"), "levels of a rubric", &n);
		r->n_levels = n;
	}
	if (r->text.n == 0)
		bad(m, "a rubric", "has no text: write \"...\" or { text = \"...\"; }");
	if (!(r->weight > 0.0 && r->weight <= 1e6))
		bad(m, "weight of a rubric", "must be above 0 and at most 1000000");
}

static void read_rubrics(struct make *m)
{
	const meed_val *v = m->h->get(m->p, "rubrics");
	size_t n = m->h->type(v) == MEED_T_ARR ? m->h->len(v) : 0;

	if (n > RUBRICS_MAX) {
		bad(m, "rubrics", "are more than 64");
		return;
	}
	m->j->rubrics = n ? take(m, n * sizeof(*m->j->rubrics)) : NULL;
	m->j->n_rubrics = m->j->rubrics ? n : 0;
	for (size_t i = 0; i < m->j->n_rubrics; i++)
		read_rubric(m, m->h->at(v, i), &m->j->rubrics[i]);
}

static void read_example(struct make *m, const meed_val *v, struct example *e)
{
	static const char *const names[] = { "prompt",	"answer", "answers",
					     "verdict", "reason", NULL };
	const meed_val *one = m->h->get(v, "answer");
	meed_str *single;

	if (m->h->type(v) != MEED_T_OBJ) {
		bad(m, "an example", "is no group { prompt, answer or answers, verdict, reason }");
		return;
	}
	only(m, v, "an example", names);
	e->prompt = copy(m, m->h->str(m->h->get(v, "prompt")));
	e->verdict = copy(m, m->h->str(m->h->get(v, "verdict")));
	e->reason = copy(m, m->h->str(m->h->get(v, "reason")));
	if (one) {
		single = take(m, sizeof(*single));
		if (single)
			*single = copy(m, m->h->str(one));
		e->answers = single;
		e->n_answers = single ? 1 : 0;
	} else {
		e->answers =
			texts(m, m->h->get(v, "answers"), "answers of an example", &e->n_answers);
	}
	if (e->prompt.n == 0 || e->verdict.n == 0 || e->n_answers == 0)
		bad(m, "an example", "lacks its prompt, its answer or its verdict");
}

static void read_examples(struct make *m)
{
	const meed_val *v = m->h->get(m->p, "examples");
	size_t n = m->h->type(v) == MEED_T_ARR ? m->h->len(v) : 0;

	m->j->examples = n ? take(m, n * sizeof(*m->j->examples)) : NULL;
	m->j->n_examples = m->j->examples ? n : 0;
	for (size_t i = 0; i < m->j->n_examples; i++)
		read_example(m, m->h->at(v, i), &m->j->examples[i]);
}

static void read_panel(struct make *m)
{
	size_t n = 0;
	meed_str *t = texts(m, m->h->get(m->p, "panel"), "panel", &n);

	if (n > PANEL_MAX)
		bad(m, "panel", "has more than 16 members");
	m->j->panel = n ? take(m, n * sizeof(char *)) : NULL;
	for (size_t i = 0; m->j->panel && i < n; i++)
		m->j->panel[i] = (char *)(uintptr_t)t[i].p;
	m->j->n_panel = m->j->panel ? n : 0;
}

/* ---- words ----------------------------------------------------------------------------------- */

struct word {
	const char *word;
	uint32_t mode; /* 0: all */
	int value;
};

static const struct word contracts[] = {
	{ "score", MEED_POINTWISE, C_SCORE },
	{ "rubrics", MEED_POINTWISE, C_RUBRICS },
	{ "violations", MEED_POINTWISE, C_VIOLATIONS },
	{ "yes_no", MEED_POINTWISE, C_YES_NO },
	{ "preference", MEED_PAIRWISE, C_PREFERENCE },
	{ "scores", MEED_PAIRWISE, C_PAIR_SCORES },
	{ "scores", MEED_LISTWISE, C_SCORES },
	{ "rank", MEED_LISTWISE, C_RANK },
	{ "best", MEED_LISTWISE, C_BEST },
	{ "steps", MEED_STEPWISE, C_STEPS },
	{ "first_error", MEED_STEPWISE, C_FIRST_ERROR },
	{ NULL, 0, 0 },
};
static const struct word formats[] = {
	{ "json", 0, F_JSON }, { "tags", 0, F_TAGS }, { "verdict", 0, F_VERDICT },
	{ "text", 0, F_TEXT }, { NULL, 0, 0 },
};
static const struct word references[] = {
	{ "use", 0, R_USE },
	{ "require", 0, R_REQUIRE },
	{ "ignore", 0, R_IGNORE },
	{ NULL, 0, 0 },
};
static const struct word orders[] = {
	{ "given", 0, P_GIVEN },
	{ "shuffled", 0, P_SHUFFLED },
	{ "rotated", 0, P_ROTATED },
	{ NULL, 0, 0 },
};

/* The schema has seen to it that the word is one of them. */
static int one_of(struct make *m, const char *name, const struct word *v)
{
	meed_str s = meed_param_str(m->h, m->p, name);

	for (; v->word; v++)
		if ((!v->mode || v->mode == m->j->mode) && meed_eq(s, meed_s(v->word)))
			return v->value;
	return 0;
}

static void read_scale(struct make *m)
{
	struct judge *j = m->j;
	const meed_val *scale = m->h->get(m->p, "scale");

	j->scale_min = m->h->num(m->h->get(scale, "min"), 1.0);
	j->scale_max = m->h->num(m->h->get(scale, "max"), 10.0);
	if (!(j->scale_min < j->scale_max))
		bad(m, "scale", "must have a max above its min");
	j->labels = texts(m, m->h->get(scale, "labels"), "labels of the scale", &j->n_labels);
	if (j->n_labels == 1)
		bad(m, "labels of the scale", "must be two or more: the lowest first");
}

static void check_template(struct make *m, meed_str t, const char *name)
{
	static const char *const names[] = {
		"scenario", "description", "rubrics", "have_rubrics", "number", "name", "text",
		"weight", "levels", "failure_modes", "have_failure_modes", "tie_rule", "notes",
		"examples", "have_examples", "conversation", "context", "reference", "answers",
		"steps", "critiques", "contract", "scale_min", "scale_max", "scale_labels",
		"n_answers", "n_steps", "id", NULL
	};
	char why[200];
	const char *wrong = t.n ? template_check(t, names, why, sizeof(why)) : NULL;

	if (wrong && !m->failed) {
		(void)meed_failf(m->h, m->c, MEED_E_PARAM, "%s: %s", name, wrong);
		m->failed = true;
	}
}

/* A template without answers, or without the id that a verdict in JSON must bear, cannot work. */
static void check_holds(struct make *m, const char *part, const char *why)
{
	meed_str body = m->j->template;
	size_t at = 0;

	while ((at = meed_find(body, at, MEED_S("{{"))) != MEED_NONE) {
		at += 2;
		while (at < body.n && strchr(" #", body.p[at]))
			at++;
		if (meed_starts(meed_sub(body, at, body.n), meed_s(part)))
			return;
	}
	bad(m, "template", why);
}

static void check_parts(struct make *m)
{
	struct judge *j = m->j;

	if (j->template.n == 0)
		return;
	if (j->mode == MEED_STEPWISE)
		check_holds(m, "steps", "shows no steps: write {{#steps}}{{text}}{{/steps}}");
	else
		check_holds(m, "answers",
			    "shows no answers: write {{#answers}}{{text}}{{/answers}}");
	if (j->format == F_JSON && !m->failed &&
	    meed_find(j->template, 0, MEED_S("id}}")) == MEED_NONE)
		check_holds(m, "contract", "does not say how to answer: write {{contract}}");
}

static void check(struct make *m)
{
	struct judge *j = m->j;
	bool words = j->format == F_VERDICT || j->format == F_TEXT;

	check_template(m, j->template, "template");
	check_parts(m);
	if ((j->contract == C_RUBRICS || j->contract == C_VIOLATIONS) && j->n_rubrics == 0 &&
	    !j->criteria)
		bad(m, "rubrics",
		    "are missing: this contract judges by them (or set criteria = true)");
	if (j->format == F_VERDICT && j->contract == C_YES_NO)
		bad(m, "format", "verdict does not fit the contract yes_no: take text");
	if (words && j->contract != C_SCORE && j->contract != C_PREFERENCE &&
	    j->contract != C_YES_NO)
		bad(m, "format",
		    "verdict or text fits the contracts score, preference and yes_no alone");
	if (j->logprobs &&
	    (j->format != F_TEXT || (j->contract != C_SCORE && j->contract != C_YES_NO)))
		bad(m, "logprobs", "needs format = \"text\" and the contract score or yes_no");
	if (j->debate && j->votes * (j->n_panel ? j->n_panel : 1) < 2)
		bad(m, "debate", "needs two judges: a panel, or votes above 1");
}

static void fill(struct make *m)
{
	struct judge *j = m->j;

	j->scenario = text(m, "scenario");
	j->description = text(m, "description");
	j->system = text(m, "system");
	j->tie_rule = text(m, "tie_rule");
	j->notes = text(m, "notes");
	j->template = text(m, "template");
	j->context_key = text(m, "context_key");
	j->contract = (enum contract)one_of(m, "contract", contracts);
	j->format = (enum format)one_of(m, "format", formats);
	j->reference = (enum reference_use)one_of(m, "reference", references);
	j->positions = (enum positions)one_of(m, "positions", orders);
	j->votes = whole(m, "votes");
	j->permutations = j->mode == MEED_LISTWISE ? whole(m, "permutations") : 1;
	j->reasks = whole(m, "reasks");
	j->max_tokens = whole(m, "max_tokens");
	j->max_chars = whole(m, "max_chars");
	j->logprobs = meed_param_bool(m->h, m->p, "logprobs");
	j->images = meed_eq(meed_param_str(m->h, m->p, "images"), MEED_S("pass"));
	j->criteria = meed_param_bool(m->h, m->p, "criteria");
	j->debate = meed_param_bool(m->h, m->p, "debate");
	j->temperature = meed_param_num(m->h, m->p, "temperature");
	j->failure_modes =
		texts(m, m->h->get(m->p, "failure_modes"), "failure_modes", &j->n_failure_modes);
	read_scale(m);
	read_rubrics(m);
	read_examples(m);
	read_panel(m);
	check(m);
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *p, uint32_t mode,
		      void **self)
{
	struct judge *j = calloc(1, sizeof(*j));
	struct make m = { h, c, p, j, false };

	if (!j)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	j->mode = mode;
	fill(&m);
	if (m.failed) {
		judge_destroy(h, j);
		return MEED_E_PARAM;
	}
	*self = j;
	return MEED_OK;
}

int32_t judge_pointwise_create(const meed_host *h, meed_ctx *c, const meed_val *p, void **self)
{
	return create(h, c, p, MEED_POINTWISE, self);
}

int32_t judge_pairwise_create(const meed_host *h, meed_ctx *c, const meed_val *p, void **self)
{
	return create(h, c, p, MEED_PAIRWISE, self);
}

int32_t judge_listwise_create(const meed_host *h, meed_ctx *c, const meed_val *p, void **self)
{
	return create(h, c, p, MEED_LISTWISE, self);
}

int32_t judge_stepwise_create(const meed_host *h, meed_ctx *c, const meed_val *p, void **self)
{
	return create(h, c, p, MEED_STEPWISE, self);
}

void judge_destroy(const meed_host *h, void *self)
{
	struct judge *j = self;
	struct block *b, *next;

	(void)h;
	if (!j)
		return;
	for (b = j->memory; b; b = next) {
		next = b->next;
		free(b);
	}
	free(j);
}
