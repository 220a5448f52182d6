/* params.c - an instance's parameters, copied into memory of its own. */
#include "config.h"
#include "remote.h"

#include <stdlib.h>

struct block {
	struct block *next;
	max_align_t data[];
};

struct make {
	const meed_host *h;
	meed_ctx *c;
	const meed_val *p;
	struct remote *m;
	bool failed; /* and the context says why */
};

static const char *const paths[] = {
	"/classify", "/pooling",      "/score",		"/v1/rerank", "/generative_scoring",
	"/classify", "/v1/classify",  "/v1/embeddings", "/v1/rerank", "/v1/score",
	"/predict",  "/rerank",	      "/get_reward",	"",	      "/evaluate",
	"/verify",   "/test_program",
};

const char *wire_path(enum wire w)
{
	return paths[w];
}

bool wire_takes_many(const struct remote *m)
{
	return m->wire <= W_OPENRLHF && !m->server_template;
}

static void *take(struct make *m, size_t n)
{
	struct block *b = calloc(1, sizeof(*b) + n);

	if (!b) {
		m->failed = true;
		(void)m->h->fail(m->c, MEED_E_NOMEM, "out of memory");
		return NULL;
	}
	b->next = m->m->memory;
	m->m->memory = b;
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

__attribute__((format(printf, 2, 3))) static void wrong(struct make *m, const char *fmt, ...)
{
	char buf[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (!m->failed)
		(void)m->h->fail(m->c, MEED_E_PARAM, buf);
	m->failed = true;
}

static meed_str text(struct make *m, const char *name)
{
	return copy(m, meed_param_str(m->h, m->p, name));
}

static meed_str *texts(struct make *m, const char *name, size_t *ret_n)
{
	const meed_val *v = m->h->get(m->p, name);
	size_t n = m->h->type(v) == MEED_T_ARR ? m->h->len(v) : 0;
	meed_str *t = n ? take(m, n * sizeof(*t)) : NULL;

	for (size_t i = 0; t && i < n; i++) {
		t[i] = copy(m, m->h->str(m->h->at(v, i)));
		if (t[i].n == 0)
			wrong(m, "%s must be texts that are not empty", name);
	}
	*ret_n = t ? n : 0;
	return t;
}

/* The place of a parameter's word among words; 0 if the model has no such parameter. */
static int word(struct make *m, const char *name, const char *const *words)
{
	meed_str s = meed_param_str(m->h, m->p, name);

	for (int i = 0; words[i]; i++)
		if (meed_eq(s, meed_s(words[i])))
			return i;
	return 0;
}

/* An object as JSON text. */
static meed_str object(struct make *m, const char *name)
{
	const meed_val *v = m->h->get(m->p, name);
	struct out o = { m->h, m->c, NULL, 0, 0, false };

	if (m->h->type(v) != MEED_T_OBJ || m->h->len(v) == 0)
		return MEED_S("");
	out_val(&o, v);
	if (o.failed)
		wrong(m, "%s: out of memory", name);
	return copy(m, out_str(&o));
}

static void numbers(struct make *m)
{
	const meed_val *w = m->h->get(m->p, "weights"), *t = m->h->get(m->p, "label_token_ids");
	size_t nw = m->h->type(w) == MEED_T_ARR ? m->h->len(w) : 0;
	size_t nt = m->h->type(t) == MEED_T_ARR ? m->h->len(t) : 0;

	m->m->weights = nw ? take(m, nw * sizeof(*m->m->weights)) : NULL;
	m->m->label_tokens = nt ? take(m, nt * sizeof(*m->m->label_tokens)) : NULL;
	m->m->n_weights = m->m->weights ? nw : 0;
	m->m->n_label_tokens = m->m->label_tokens ? nt : 0;
	for (size_t i = 0; i < m->m->n_weights; i++)
		m->m->weights[i] = m->h->num(m->h->at(w, i), 0.0);
	for (size_t i = 0; i < m->m->n_label_tokens; i++)
		m->m->label_tokens[i] = m->h->i64(m->h->at(t, i), 0);
}

static void own_template(struct make *m, const char *name, meed_str t)
{
	char why[300];
	const char *what = template_check(t, chat_names, why, sizeof(why));

	if (what)
		wrong(m, "%s: %s", name, what);
}

/* `template` is a name or, with {{ in it, a template. */
static void templates(struct make *m)
{
	struct remote *r = m->m;

	r->text = text(m, "template");
	r->query = text(m, "query");
	if (r->query.n)
		own_template(m, "query", r->query);
	if (r->text.n == 0)
		return;
	r->chat = chat_find(r->text);
	if (r->chat)
		return;
	if (meed_eq(r->text, MEED_S("server"))) {
		r->server_template = true;
		if (r->wire > W_VLLM_POOLING && r->wire != W_SLIME)
			wrong(m, "template = \"server\": this format takes no messages; name the "
				 "template of the model");
		return;
	}
	if (meed_find(r->text, 0, MEED_S("{{")) == MEED_NONE) {
		wrong(m,
		      "unknown template \"%.*s\": may be server, chatml, qwen, qwen3, llama3, "
		      "llama3.1, gemma, mistral, plain, response, or a template with {{response}}",
		      (int)(r->text.n < 60 ? r->text.n : 60), r->text.p);
		return;
	}
	own_template(m, "template", r->text);
	if (!template_uses(r->text, "response") && !template_uses(r->text, "content"))
		wrong(m, "template shows no response: write {{response}}, or {{content}} in "
			 "{{#messages}} ... {{/messages}}");
}

static void path(struct make *m)
{
	meed_str s = meed_param_str(m->h, m->p, "path");

	s = s.n ? s : meed_s(wire_path(m->m->wire));
	m->m->path = take(m, s.n + 1);
	if (!m->m->path)
		return;
	memcpy(m->m->path, s.p, s.n);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[0] != '/') {
			wrong(m, "path must begin with / and be percent-encoded");
			return;
		}
}

static void choices(struct make *m)
{
	static const char *const activations[] = { "server", "none", "sigmoid", "softmax", NULL };
	static const char *const combines[] = { "max", "sum", "mean", NULL };
	static const char *const steps[] = { "prefix", "alone", "rows", "tokens", "outputs", NULL };
	static const char *const reduces[] = { "none", "last", "mean", "min", "product", NULL };
	static const char *const specials[] = { "refuse", "remove", "pass", NULL };
	struct remote *r = m->m;

	r->activation = (enum activation)word(m, "activation", activations);
	r->combine = (enum combine)word(m, "combine", combines);
	r->per_step = (enum per_step)word(m, "per_step", steps);
	r->reduce = (enum reduce)word(m, "reduce", reduces);
	r->special = (enum special)word(m, "special", specials);
	r->invert = meed_param_bool(m->h, m->p, "invert");
	r->pairs = meed_param_bool(m->h, m->p, "pairs");
	r->bos = meed_param_bool(m->h, m->p, "bos");
	r->item_first = meed_param_bool(m->h, m->p, "item_first");
	r->max_time = meed_param_num(m->h, m->p, "max_execution_time");
	r->step_token = meed_param_int(m->h, m->p, "step_token");
	r->batch = (size_t)meed_param_int(m->h, m->p, "batch");
}

/* Of a member that is there twice a server takes one, and nobody knows which. */
static void check_extra(struct make *m)
{
	const meed_val *v = m->h->get(m->p, "extra");
	const void *cursor = NULL;
	meed_str name;

	if (m->h->type(v) != MEED_T_OBJ)
		return;
	while ((void)m->h->next(v, &cursor, &name), cursor)
		if (request_writes(m->m, name))
			wrong(m,
			      "extra: \"%.*s\" is in each request already, from the sample or "
			      "from a parameter",
			      (int)(name.n < 60 ? name.n : 60), name.p);
}

static void fill(struct make *m)
{
	struct remote *r = m->m;
	char buf[300];
	const char *why;

	r->model = text(m, "model");
	path(m);
	choices(m);
	templates(m);
	r->task = text(m, "task");
	r->step_end = text(m, "step_end");
	r->labels = texts(m, "labels", &r->n_labels);
	r->names = texts(m, "names", &r->n_names);
	numbers(m);
	r->take = text(m, r->wire == W_SLIME ? "reward_key" : "take");
	r->kwargs = object(m, "kwargs");
	r->reference_field = text(m, "reference_field");
	r->tests_key = text(m, "tests_key");
	r->fields = texts(m, "fields", &r->n_fields);
	r->extra = object(m, "extra");
	if (r->extra.n >= 2) {
		r->extra.p++;
		r->extra.n -= 2;
	}
	if (r->batch == 0 || !wire_takes_many(r))
		r->batch = 1;
	if (r->server_template && r->per_step == S_TOKENS)
		wrong(m, "per_step = \"tokens\" needs a template that is applied here, not "
			 "template = \"server\"");
	check_extra(m);
	if (r->server_template && r->bos)
		wrong(m, "bos = true: with template = \"server\" the server writes the BOS");
	why = choose_check(r, buf, sizeof(buf));
	if (why)
		wrong(m, "%s", why);
}

int32_t remote_create(const meed_host *h, meed_ctx *c, const meed_val *p, enum wire w, void **self)
{
	struct make m = { h, c, p, calloc(1, sizeof(struct remote)), false };

	if (!m.m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m.m->wire = w;
	fill(&m);
	if (m.failed) {
		remote_destroy(h, m.m);
		return MEED_E_PARAM;
	}
	*self = m.m;
	return MEED_OK;
}

void remote_destroy(const meed_host *h, void *self)
{
	struct remote *m = self;

	(void)h;
	while (m && m->memory) {
		struct block *b = m->memory;

		m->memory = b->next;
		free(b);
	}
	free(m);
}
