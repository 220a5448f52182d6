/* ifeval.c - instruct.ifeval: does a response follow the instructions that its row names? */
#include "config.h"
#include "instruct.h"

#include <stdlib.h>

#define MAX_INSTRUCTIONS 64
#define N_VARIANTS 8
#define MAX_POINTER 255

struct ifeval {
	bool loose, fraction;
	char instructions[MAX_POINTER + 1], kwargs[MAX_POINTER + 1];
	struct tables *tables;
};

/* What one instruction came to. */
struct outcome {
	bool followed;
	char name[96];
	char reason[320];
};

static const char schema[] =
	"{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
	"\"mode\": {\"type\": \"string\", \"enum\": [\"strict\", \"loose\"], \"default\": \"strict\","
	" \"description\": \"strict: the response as it is; loose: or without its first line, last"
	" line, asterisks, or several of these\"},"
	"\"score\": {\"type\": \"string\", \"enum\": [\"prompt\", \"instruction\"],"
	" \"default\": \"prompt\","
	" \"description\": \"prompt: 1 if all instructions are followed, else 0; instruction: the"
	" share of them that are\"},"
	"\"instructions\": {\"type\": \"string\", \"default\": \"/instruction_id_list\","
	" \"maxLength\": 255, \"pattern\": \"^(/.*)?$\","
	" \"description\": \"JSON pointer into the row's metadata, or the answer's label, to the"
	" list of instruction ids\"},"
	"\"kwargs\": {\"type\": \"string\", \"default\": \"/kwargs\", \"maxLength\": 255,"
	" \"pattern\": \"^(/.*)?$\","
	" \"description\": \"JSON pointer to the list of their parameters, one object each\"}}}";

static void destroy(const meed_host *h, void *self)
{
	struct ifeval *m = self;

	(void)h;
	if (m)
		tables_free(m->tables);
	free(m);
}

static int32_t copy_pointer(const meed_host *h, meed_ctx *c, const meed_val *params,
			    const char *name, char *to)
{
	meed_str s = meed_param_str(h, params, name);

	if (s.n > MAX_POINTER || (s.n > 0 && memchr(s.p, '\0', s.n)))
		return meed_failf(h, c, MEED_E_PARAM, "%s: not a JSON pointer of at most %d bytes",
				  name, MAX_POINTER);
	memcpy(to, s.p, s.n);
	to[s.n] = '\0';
	return MEED_OK;
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	struct ifeval *m = calloc(1, sizeof(*m));
	int32_t r;

	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m->loose = meed_eq(meed_param_str(h, params, "mode"), MEED_S("loose"));
	m->fraction = meed_eq(meed_param_str(h, params, "score"), MEED_S("instruction"));
	r = copy_pointer(h, c, params, "instructions", m->instructions);
	r = r < 0 ? r : copy_pointer(h, c, params, "kwargs", m->kwargs);
	r = r < 0 ? r : tables_load(h, c, &m->tables);
	if (r < 0) {
		destroy(h, m);
		return r;
	}
	*self = m;
	return MEED_OK;
}

/* ---- the row ------------------------------------------------------------------------------------ */

/* The array item that key names, or NULL. */
static const meed_val *item(const meed_host *h, const meed_val *v, const char *key)
{
	size_t i = 0, k;

	for (k = 0; key[k] >= '0' && key[k] <= '9' && k < 9; k++)
		i = i * 10 + (size_t)(key[k] - '0');
	return k > 0 && key[k] == '\0' ? h->at(v, i) : NULL;
}

/* What a JSON pointer (RFC 6901) leads to, or NULL. */
static const meed_val *follow(const meed_host *h, const meed_val *v, const char *pointer)
{
	char key[MAX_POINTER + 1];
	size_t n;

	while (v && *pointer == '/') {
		for (pointer++, n = 0; *pointer && *pointer != '/'; pointer++) {
			key[n] = *pointer;
			if (*pointer == '~' && (pointer[1] == '0' || pointer[1] == '1'))
				key[n] = *++pointer == '0' ? '~' : '/';
			n++;
		}
		key[n] = '\0';
		v = h->type(v) == MEED_T_ARR ? item(h, v, key) : h->get(v, key);
	}
	return v;
}

/* A list from the metadata or the label; tables often hold such lists as JSON text. */
static const meed_val *list_at(const meed_host *h, meed_ctx *c, const meed_sample *s,
			       const char *pointer)
{
	const meed_val *v = follow(h, s->meta, pointer);

	if (!v)
		v = follow(h, s->cands[0].label, pointer);
	if (h->type(v) == MEED_T_STR)
		v = h->parse(c, h->str(v));
	return h->type(v) == MEED_T_ARR ? v : NULL;
}

/* ---- the eight forms of a response ------------------------------------------------------------- */

struct variants {
	meed_str v[N_VARIANTS];
	size_t n;
};

static const char *const variant_names[N_VARIANTS] = {
	"", "without asterisks", "without its first line", "without its last line",
	"without its first and last line", "without its first line and asterisks",
	"without its last line and asterisks", "without its first and last line and asterisks",
};

static meed_str without_stars(meed_str s, char *buf)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] != '*')
			buf[n++] = s.p[i];
	}
	return (meed_str){ buf, n };
}

static int32_t make_variants(const meed_host *h, meed_ctx *c, meed_str s, bool loose,
			     struct variants *ret)
{
	size_t first = meed_find(s, 0, MEED_S("\n")), last = s.n, i;
	static const size_t from[4] = { 0, 2, 3, 4 }, to[4] = { 1, 5, 6, 7 };
	char *buf;

	ret->v[0] = s;
	ret->n = 1;
	if (!loose)
		return MEED_OK;
	while (last > 0 && s.p[last - 1] != '\n')
		last--;
	first = first == MEED_NONE ? s.n : first + 1;
	last = last > 0 ? last - 1 : 0;
	ret->v[2] = meed_strip(meed_sub(s, first, s.n));
	ret->v[3] = meed_strip(meed_sub(s, 0, last));
	ret->v[4] = meed_strip(meed_sub(s, first, last));
	for (i = 0; i < 4; i++) {
		buf = h->alloc(c, ret->v[from[i]].n + 1);
		if (!buf)
			return h->fail(c, MEED_E_NOMEM, "out of memory");
		ret->v[to[i]] = without_stars(ret->v[from[i]], buf);
	}
	ret->n = N_VARIANTS;
	return MEED_OK;
}

/* ---- the verdict ---------------------------------------------------------------------------------- */

/* Tries the forms until one follows the instruction. The reason is that form's, or the response's own
 * if none does. */
static int32_t judge(struct check *k, const struct instruction *in, const struct variants *all,
		     struct outcome *o)
{
	bool explain = k->explain;
	char buf[sizeof(o->reason)];
	int32_t r = 0;
	size_t i;

	for (i = 0; i < all->n && r == 0; i++) {
		k->text = all->v[i];
		k->explain = explain && i == 0;
		k->reason = meed_text_in(o->reason, sizeof(o->reason) - 1);
		if (meed_strip(k->text).n == 0) {
			if (k->explain)
				memcpy(o->reason, "the response is empty", 22);
			continue;
		}
		if (i > 0)
			k->reason = meed_text_in(buf, sizeof(buf) - 1);
		r = in->follows(k);
		if (r >= 0 && k->explain)
			o->reason[k->reason.n] = '\0';
	}
	if (r <= 0 || i == 1 || !explain)
		goto out;
	/* say it again, of the form that does */
	k->explain = true;
	k->reason = meed_text_in(o->reason, sizeof(o->reason) - 1);
	meed_text_str(&k->reason, meed_s(variant_names[i - 1]));
	meed_text_lit(&k->reason, ": ");
	r = in->follows(k);
	o->reason[k->reason.n] = '\0';
out:
	k->explain = explain;
	o->followed = r > 0;
	return r < 0 ? r : MEED_OK;
}

/* The instruction's name; a second of the same kind gets a number. */
static void name_outcome(struct outcome *all, size_t i, const char *id)
{
	struct meed_text t = meed_text_in(all[i].name, sizeof(all[i].name) - 1);
	size_t k, n = 1;

	for (k = 0; k < i; k++)
		n += meed_starts(meed_s(all[k].name), meed_s(id));
	meed_text_str(&t, meed_s(id));
	if (n > 1) {
		meed_text_lit(&t, " (");
		meed_text_u64(&t, n);
		meed_text_lit(&t, ")");
	}
	all[i].name[t.n] = '\0';
}

static int32_t judge_all(const meed_host *h, meed_ctx *c, const struct ifeval *m,
			 const meed_sample *s, const meed_val *ids, const meed_val *kwargs,
			 struct outcome *all)
{
	struct check k = { .h = h, .c = c, .t = m->tables,
			   .explain = (s->want & MEED_WANT_REASON) != 0 };
	const struct instruction *in;
	struct variants v;
	size_t i;
	int32_t r = make_variants(h, c, s->cands[0].text, m->loose, &v);

	for (i = 0; i < h->len(ids) && r >= 0; i++) {
		k.number = i + 1;
		k.id = h->str(h->at(ids, i));
		in = check_find(k.id);
		if (!in)
			return meed_failf(h, c, MEED_E_SAMPLE,
					  "instruction %zu: \"%.*s\" is none of IFEval's 25",
					  i + 1, (int)(k.id.n < 100 ? k.id.n : 100), k.id.p);
		k.kwargs = h->at(kwargs, i);
		name_outcome(all, i, in->id);
		r = h->cancelled(c) ? h->fail(c, MEED_E_CANCELLED, "the run is stopping")
				    : judge(&k, in, &v, &all[i]);
	}
	return r;
}

static int32_t put_details(const meed_host *h, meed_ctx *c, const struct outcome *all, size_t n)
{
	char buf[MAX_INSTRUCTIONS * 8];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	size_t i;
	int32_t r = MEED_OK;

	for (i = 0; i < n && r >= 0; i++) {
		r = h->put_score(c, 0, MEED_NONE, all[i].name, all[i].followed ? 1.0 : 0.0,
				 meed_s(all[i].reason));
		meed_text_str(&t, i == 0 ? MEED_S("[") : MEED_S(","));
		meed_text_str(&t, all[i].followed ? MEED_S("true") : MEED_S("false"));
	}
	meed_text_lit(&t, "]");
	return r < 0 ? r : h->put_extra(c, 0, "followed", meed_text_get(&t));
}

static int32_t put_result(const meed_host *h, meed_ctx *c, const struct ifeval *m,
			  const struct outcome *all, size_t n)
{
	char buf[640];
	struct meed_text t = meed_text_in(buf, sizeof(buf));
	size_t i, yes = 0;
	double score;

	for (i = 0; i < n; i++)
		yes += all[i].followed;
	meed_text_u64(&t, yes);
	meed_text_lit(&t, " of ");
	meed_text_u64(&t, n);
	meed_text_lit(&t, " instructions followed");
	for (i = 0; i < n; i++) {
		if (all[i].followed)
			continue;
		meed_text_lit(&t, "; not ");
		meed_text_str(&t, meed_s(all[i].name));
		meed_text_lit(&t, ": ");
		meed_text_str(&t, meed_s(all[i].reason));
	}
	score = m->fraction ? (double)yes / (double)n : yes == n ? 1.0 : 0.0;
	return h->put_score(c, 0, MEED_NONE, NULL, score, meed_text_get(&t));
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const struct ifeval *m = self;
	const meed_val *ids = list_at(h, c, s, m->instructions);
	const meed_val *kwargs = list_at(h, c, s, m->kwargs);
	struct outcome *all;
	size_t n = h->len(ids);
	int32_t r;

	(void)state;
	if (n == 0)
		return meed_failf(h, c, MEED_E_SAMPLE,
				  "no list of instructions at %s of the row's metadata",
				  m->instructions);
	if (n > MAX_INSTRUCTIONS)
		return meed_failf(h, c, MEED_E_LIMIT, "%zu instructions: at most %d can be judged",
				  n, MAX_INSTRUCTIONS);
	if (kwargs && h->len(kwargs) != n)
		return meed_failf(h, c, MEED_E_SAMPLE,
				  "%zu instructions, but parameters for %zu at %s", n,
				  h->len(kwargs), m->kwargs);
	all = h->alloc(c, n * sizeof(*all));
	if (!all)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	r = judge_all(h, c, m, s, ids, kwargs, all);
	r = r < 0 ? r : put_details(h, c, all, n);
	return r < 0 ? r : put_result(h, c, m, all, n);
}

const meed_rm instruct_ifeval = MEED_MODEL(
	.id = "instruct.ifeval",
	.version = INSTRUCT_VERSION,
	.summary = "1 if the response follows all of its prompt's IFEval instructions, else 0",
	.license = INSTRUCT_LICENSE,
	.source = "arXiv 2311.07911; google-research/instruction_following_eval",
	.modes = MEED_POINTWISE,
	.traits = MEED_DETERMINISTIC,
	.params_schema = schema,
	.score_min = 0.0,
	.score_max = 1.0,
	.create = create,
	.destroy = destroy,
	.evaluate = evaluate);
