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

/* ---- items of a list -------------------------------------------------------------------------- */

/* An item of a list of groups, as messages call it: rubrics[1]. */
struct item {
	struct make *m;
	const meed_val *v;
	const char *list;
	size_t at;
};

__attribute__((format(printf, 2, 3))) static void wrong(const struct item *x, const char *fmt, ...)
{
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (!x->m->failed)
		(void)meed_failf(x->m->h, x->m->c, MEED_E_PARAM, "%s[%zu]: %s", x->list, x->at, what);
	x->m->failed = true;
}

struct member {
	const char *name;
	uint32_t types;			/* bits 1 << MEED_T_... */
	const char *must;
};

enum {
	IS_TEXT = 1 << MEED_T_STR,
	IS_NUMBER = 1 << MEED_T_NUM | 1 << MEED_T_INT,
	IS_TRUTH = 1 << MEED_T_BOOL,
	IS_LIST = 1 << MEED_T_ARR
};

/* Every key of a group must be one of those, and its value of that type. */
static void only(const struct item *x, const struct member *known)
{
	const meed_host *h = x->m->h;
	const void *cursor = NULL;
	const meed_val *v;
	meed_str key;

	while ((v = h->next(x->v, &cursor, &key)), cursor) {
		const struct member *k = known;
		char all[200];
		struct meed_text t = meed_text_in(all, sizeof(all) - 1);
		int n = (int)(key.n < 60 ? key.n : 60);

		while (k->name && !meed_eq(key, meed_s(k->name)))
			k++;
		if (k->name && !(k->types >> h->type(v) & 1))
			wrong(x, "%s must be %s", k->name, k->must);
		if (k->name)
			continue;
		for (k = known; k->name; k++) {
			meed_text_str(&t, k == known ? MEED_S("") : MEED_S(", "));
			meed_text_str(&t, meed_s(k->name));
		}
		all[t.n] = '\0';
		wrong(x, "unknown key \"%.*s\": may be %s", n, key.p, all);
	}
}

/* The texts of a list in an item. */
static meed_str *item_texts(const struct item *x, const char *name, size_t *ret_n)
{
	const meed_val *v = x->m->h->get(x->v, name);
	size_t n = x->m->h->type(v) == MEED_T_ARR ? x->m->h->len(v) : 0;
	meed_str *t = n ? take(x->m, n * sizeof(*t)) : NULL;

	for (size_t i = 0; t && i < n; i++) {
		t[i] = copy(x->m, x->m->h->str(x->m->h->at(v, i)));
		if (t[i].n == 0)
			wrong(x, "%s[%zu] must be a text that is not empty", name, i);
	}
	*ret_n = t ? n : 0;
	return t;
}

/* ---- lists of groups ------------------------------------------------------------------------- */

static void read_rubric(const struct item *x, struct rubric *r)
{
	static const struct member known[] = {
		{ "name", IS_TEXT, "a text" },
		{ "text", IS_TEXT, "a text" },
		{ "weight", IS_NUMBER, "a number" },
		{ "veto", IS_TRUTH, "true or false" },
		{ "levels", IS_LIST, "a list of texts, lowest first" },
		{ NULL, 0, NULL },
	};
	const meed_host *h = x->m->h;

	r->weight = 1.0;
	if (h->type(x->v) == MEED_T_STR) {
		r->text = copy(x->m, h->str(x->v));
	} else if (h->type(x->v) == MEED_T_OBJ) {
		only(x, known);
		r->name = copy(x->m, h->str(h->get(x->v, "name")));
		r->text = copy(x->m, h->str(h->get(x->v, "text")));
		r->weight = h->num(h->get(x->v, "weight"), 1.0);
		r->veto = h->num(h->get(x->v, "veto"), 0.0) > 0.0;
		r->levels = item_texts(x, "levels", &r->n_levels);
		if (h->get(x->v, "levels") && r->n_levels < 2)
			wrong(x, "levels must be two or more: the lowest first");
	}
	if (r->text.n == 0)
		wrong(x, "has no text: write \"...\" or { text = \"...\"; }");
	if (!(r->weight > 0.0 && r->weight <= 1e6))
		wrong(x, "weight = %g: must be above 0 and at most 1000000", r->weight);
}

/* Results tell rubrics apart by their names. */
static void check_names(struct make *m)
{
	const struct rubric *v = m->j->rubrics;

	for (size_t i = 0; i < m->j->n_rubrics; i++)
		for (size_t k = 0; v[i].name.n && k < i; k++)
			if (meed_eq(v[i].name, v[k].name))
				wrong(&(struct item){ m, NULL, "rubrics", i },
				      "the name \"%.*s\" is that of rubrics[%zu] as well",
				      (int)(v[i].name.n < 60 ? v[i].name.n : 60), v[i].name.p, k);
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
		read_rubric(&(struct item){ m, m->h->at(v, i), "rubrics", i }, &m->j->rubrics[i]);
	check_names(m);
}

static void read_example(const struct item *x, struct example *e)
{
	static const struct member known[] = {
		{ "prompt", IS_TEXT, "a text" },
		{ "answer", IS_TEXT, "a text" },
		{ "answers", IS_LIST, "a list of texts" },
		{ "verdict", IS_TEXT, "a text, as the judge would write it: \"7\"" },
		{ "reason", IS_TEXT, "a text" },
		{ NULL, 0, NULL },
	};
	struct make *m = x->m;
	const meed_val *one = m->h->get(x->v, "answer");
	meed_str *single;

	if (m->h->type(x->v) != MEED_T_OBJ) {
		wrong(x, "is no group { prompt, answer or answers, verdict, reason }");
		return;
	}
	only(x, known);
	e->prompt = copy(m, m->h->str(m->h->get(x->v, "prompt")));
	e->verdict = copy(m, m->h->str(m->h->get(x->v, "verdict")));
	e->reason = copy(m, m->h->str(m->h->get(x->v, "reason")));
	if (one) {
		single = take(m, sizeof(*single));
		if (single)
			*single = copy(m, m->h->str(one));
		e->answers = single;
		e->n_answers = single ? 1 : 0;
	} else {
		e->answers = item_texts(x, "answers", &e->n_answers);
	}
	if (one && m->h->get(x->v, "answers"))
		wrong(x, "has answer and answers: keep one of them");
	if (e->prompt.n == 0)
		wrong(x, "has no prompt");
	if (e->n_answers == 0)
		wrong(x, "has no answer (or answers)");
	if (e->verdict.n == 0)
		wrong(x, "has no verdict");
	if (m->j->mode == MEED_PAIRWISE && e->n_answers != 2)
		wrong(x, "has %zu answers: a pairwise judge compares two", e->n_answers);
}

static void read_examples(struct make *m)
{
	const meed_val *v = m->h->get(m->p, "examples");
	size_t n = m->h->type(v) == MEED_T_ARR ? m->h->len(v) : 0;

	m->j->examples = n ? take(m, n * sizeof(*m->j->examples)) : NULL;
	m->j->n_examples = m->j->examples ? n : 0;
	for (size_t i = 0; i < m->j->n_examples; i++)
		read_example(&(struct item){ m, m->h->at(v, i), "examples", i },
			     &m->j->examples[i]);
}

static void read_panel(struct make *m)
{
	size_t n = 0;
	meed_str *t = texts(m, m->h->get(m->p, "panel"), "panel", &n);

	if (n > PANEL_MAX)
		bad(m, "panel", "has more than 16 members");
	m->j->panel = n ? take(m, n * sizeof(char *)) : NULL;
	for (size_t i = 0; m->j->panel && i < n; i++) {
		m->j->panel[i] = (char *)(uintptr_t)t[i].p;
		/* Equal requests are asked once: the second judge would be the first one's echo. */
		for (size_t k = 0; k < i; k++)
			if (meed_eq(t[i], t[k]))
				wrong(&(struct item){ m, NULL, "panel", i },
				      "\"%.*s\" stands twice: votes = N asks a judge several times; "
				      "weights are for a composition of judges",
				      (int)(t[i].n < 60 ? t[i].n : 60), t[i].p);
	}
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
	if (!(j->scale_min < j->scale_max) && !m->failed) {
		(void)meed_failf(m->h, m->c, MEED_E_PARAM,
				 "scale: max = %g is not above min = %g: the worst comes first",
				 j->scale_max, j->scale_min);
		m->failed = true;
	}
	j->labels = texts(m, m->h->get(scale, "labels"), "labels of the scale", &j->n_labels);
	if (j->n_labels == 1)
		bad(m, "labels of the scale", "must be two or more: the lowest first");
}

static const char *const template_names[] = {
	"scenario", "description", "rubrics", "have_rubrics", "failure_modes",
	"have_failure_modes", "tie_rule", "notes", "examples", "have_examples",
	"conversation", "context", "reference", "answers", "steps", "critiques", "contract",
	"scale_min", "scale_max", "scale_labels", "n_answers", "n_steps", "id",
	"rubrics.number", "rubrics.text", "rubrics.name", "rubrics.weight",
	"rubrics.levels", "failure_modes.number", "failure_modes.text",
	"examples.number", "examples.text", "answers.number", "answers.text",
	"steps.number", "steps.text", "scale_labels.number", "scale_labels.text", NULL
};

static void check_template(struct make *m)
{
	meed_str t = m->j->template;
	char why[500];
	const char *wrong = t.n ? template_check(t, template_names, why, sizeof(why)) : NULL;

	if (wrong && !m->failed) {
		(void)meed_failf(m->h, m->c, MEED_E_PARAM, "template: %s", wrong);
		m->failed = true;
	}
}

/* The system message is sent as it stands; who names the template's texts in it expects more. */
static void check_system(struct make *m)
{
	for (size_t i = 0; template_names[i]; i++)
		if (template_uses(m->j->system, template_names[i]) && !m->failed) {
			(void)meed_failf(m->h, m->c, MEED_E_PARAM,
					 "system is sent as it stands: {{%s}} is for template alone",
					 template_names[i]);
			m->failed = true;
		}
}

static void check_parts(struct make *m)
{
	struct judge *j = m->j;

	if (j->template.n == 0)
		return;
	/* Without answers, or the id that a verdict in JSON must bear, a template cannot work. */
	if (j->mode == MEED_STEPWISE && !template_uses(j->template, "steps"))
		bad(m, "template", "shows no steps: write {{#steps}}{{text}}{{/steps}}");
	if (j->mode != MEED_STEPWISE && !template_uses(j->template, "answers"))
		bad(m, "template", "shows no answers: write {{#answers}}{{text}}{{/answers}}");
	if (j->format == F_JSON && !template_uses(j->template, "id") &&
	    !template_uses(j->template, "contract"))
		bad(m, "template", "does not say how to answer: write {{contract}}");
}

static void check(struct make *m)
{
	struct judge *j = m->j;
	bool words = j->format == F_VERDICT || j->format == F_TEXT;

	check_template(m);
	check_system(m);
	check_parts(m);
	if ((j->contract == C_RUBRICS || j->contract == C_VIOLATIONS) && j->n_rubrics == 0 &&
	    !j->criteria)
		bad(m, "rubrics",
		    "are missing: this contract judges by them (or set criteria = true)");
	if (j->criteria && j->n_rubrics)
		bad(m, "rubrics", "are written for each prompt with criteria = true: keep one of them");
	if (j->format == F_VERDICT && j->contract == C_YES_NO)
		bad(m, "format", "verdict does not fit the contract yes_no: take text");
	if (words && j->contract != C_SCORE && j->contract != C_PREFERENCE &&
	    j->contract != C_YES_NO)
		bad(m, "format",
		    "verdict or text fits the contracts score, preference and yes_no alone");
	if (j->logprobs &&
	    (j->format != F_TEXT || (j->contract != C_SCORE && j->contract != C_YES_NO)))
		bad(m, "logprobs", "needs format = \"text\" and the contract score or yes_no");
	if (j->permutations > 1 && j->positions == P_GIVEN)
		bad(m, "permutations", "above 1 need positions = \"shuffled\" or \"rotated\"");
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
