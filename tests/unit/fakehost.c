/* fakehost.c - see fakehost.h. */
#include "config.h"
#include "tests/unit/fakehost.h"

#include <dlfcn.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The context that models see is the fake itself. */
static struct fake *fake_of(const meed_ctx *c)
{
	return (struct fake *)(uintptr_t)c;
}

static struct json_object *json_of(const meed_val *v)
{
	return (struct json_object *)(uintptr_t)v;
}

static const meed_val *val_of(struct json_object *o)
{
	return (const meed_val *)(const void *)o;
}

/* ---- the tree --------------------------------------------------------------------------- */

static uint32_t fake_type(const meed_val *v)
{
	static const uint32_t map[] = { MEED_T_NULL, MEED_T_BOOL, MEED_T_NUM, MEED_T_INT,
					MEED_T_OBJ, MEED_T_ARR, MEED_T_STR };

	return map[json_object_get_type(json_of(v))];
}

static size_t fake_len(const meed_val *v)
{
	struct json_object *o = json_of(v);

	if (json_object_is_type(o, json_type_array))
		return json_object_array_length(o);
	return json_object_is_type(o, json_type_object) ? (size_t)json_object_object_length(o) : 0;
}

static const meed_val *fake_get(const meed_val *v, const char *key)
{
	struct json_object *o = NULL;

	(void)json_object_object_get_ex(json_of(v), key, &o);
	return val_of(o);
}

static const meed_val *fake_at(const meed_val *v, size_t i)
{
	if (!json_object_is_type(json_of(v), json_type_array) || i >= fake_len(v))
		return NULL;
	return val_of(json_object_array_get_idx(json_of(v), i));
}

static const meed_val *fake_next(const meed_val *v, const void **cursor, meed_str *ret_key)
{
	const struct lh_entry *e = *cursor;

	if (!json_object_is_type(json_of(v), json_type_object))
		e = NULL;
	else
		e = e ? e->next : json_object_get_object(json_of(v))->head;
	*cursor = e;
	if (!e)
		return NULL;
	ret_key->p = lh_entry_k(e);
	ret_key->n = strlen(ret_key->p);
	return val_of((struct json_object *)(uintptr_t)lh_entry_v(e));
}

static double fake_num(const meed_val *v, double dflt)
{
	uint32_t t = fake_type(v);

	return t == MEED_T_NUM || t == MEED_T_INT || t == MEED_T_BOOL
		       ? json_object_get_double(json_of(v)) : dflt;
}

static int64_t fake_i64(const meed_val *v, int64_t dflt)
{
	return fake_type(v) == MEED_T_INT ? json_object_get_int64(json_of(v)) : dflt;
}

static meed_str fake_str(const meed_val *v)
{
	meed_str r = { "", 0 };

	if (fake_type(v) == MEED_T_STR) {
		r.p = json_object_get_string(json_of(v));
		r.n = (size_t)json_object_get_string_len(json_of(v));
	}
	return r;
}

static const meed_val *fake_parse(meed_ctx *c, meed_str json)
{
	struct fake *f = fake_of(c);
	struct json_tokener *tok = json_tokener_new_ex(128);
	struct json_object *o = NULL;
	size_t i, end;

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	if (json.n > 0)
		o = json_tokener_parse_ex(tok, json.p, (int)json.n);
	end = json_tokener_get_parse_end(tok);
	if (json_tokener_get_error(tok) == json_tokener_continue)
		o = json_tokener_parse_ex(tok, "", -1);	/* a number ends with the text */
	if (json_tokener_get_error(tok) != json_tokener_success || end < json.n) {
		json_object_put(o);
		o = NULL;
	}
	for (i = 0; i < json.n; i++) {
		if (memchr("\t\n\r", json.p[i], 3) || strncmp(json.p + i, "NaN", 3) == 0) {
			json_object_put(o);	/* json-c lets these pass, the host does not */
			o = NULL;
			break;
		}
	}
	json_tokener_free(tok);
	if (o) {
		f->trees = realloc(f->trees, (f->n_trees + 1) * sizeof(struct json_object *));
		f->trees[f->n_trees++] = o;
	}
	return val_of(o);
}

/* ---- the context ------------------------------------------------------------------------ */

static void fake_log(meed_ctx *c, uint32_t level, const char *text)
{
	if (level >= MEED_LOG_WARN)
		(void)snprintf(fake_of(c)->warning, sizeof(fake_of(c)->warning), "%s", text);
}

static int32_t fake_fail(meed_ctx *c, int32_t code, const char *why)
{
	struct fake *f = fake_of(c);

	f->code = code;
	(void)snprintf(f->why, sizeof(f->why), "%s", why);
	return code;
}

static void *fake_alloc(meed_ctx *c, size_t n)
{
	struct fake *f = fake_of(c);
	void *p;

	if (++f->n_allocs == f->refuse_alloc)
		return NULL;
	if (f->n_blocks == f->cap_blocks) {
		f->cap_blocks = f->cap_blocks ? f->cap_blocks * 2 : 8;
		f->blocks = realloc(f->blocks, f->cap_blocks * sizeof(void *));
	}
	p = calloc(1, n ? n : 1);
	f->blocks[f->n_blocks++] = p;
	return p;
}

static uint64_t fake_seed(const meed_ctx *c)
{
	(void)c;
	return 42;
}

static int32_t fake_cancelled(const meed_ctx *c)
{
	return fake_of(c)->cancelled;
}

static int32_t fake_put_score(meed_ctx *c, size_t cand, size_t step, const char *dim, double score,
			      meed_str reason)
{
	struct fake *f = fake_of(c);

	if (cand != 0 || step != MEED_NONE || !(score - score <= 0) || f->n_dims == FAKE_DIMS)
		return fake_fail(c, MEED_E_RANGE, "put_score: out of range");
	if (dim) {
		(void)snprintf(f->dims[f->n_dims].name, sizeof(f->dims[0].name), "%s", dim);
		(void)snprintf(f->dims[f->n_dims].reason, sizeof(f->dims[0].reason), "%.*s",
			       (int)reason.n, reason.p);
		f->dims[f->n_dims++].score = score;
		return MEED_OK;
	}
	f->scored = true;
	f->score = score;
	(void)snprintf(f->reason, sizeof(f->reason), "%.*s", (int)reason.n, reason.p);
	return MEED_OK;
}

static int32_t fake_put_extra(meed_ctx *c, size_t cand, const char *key, meed_str json)
{
	struct json_object *o;
	char *text;

	if (cand != 0)
		return MEED_E_RANGE;
	text = strndup(json.p, json.n);
	o = json_tokener_parse(text);
	free(text);
	if (!o)
		return fake_fail(c, MEED_E_INTERNAL, "put_extra: not JSON");
	json_object_object_add(fake_of(c)->extra, key, o);
	return MEED_OK;
}

/* ---- meed.text/1 ------------------------------------------------------------------------ */

static int32_t text_open(meed_ctx *c, const meed_tokenizer *t, uint32_t *ret_id)
{
	if (strcmp(t->type, "simple") != 0)
		return fake_fail(c, MEED_E_UNSUPPORTED, "the fake has one tokenizer");
	*ret_id = t->flags;
	return MEED_OK;
}

static uint32_t text_id(struct fake *f, meed_str word)
{
	size_t i;

	for (i = 0; i < f->n_vocab; i++) {
		if (f->vocab[i].n == word.n && memcmp(f->vocab[i].p, word.p, word.n) == 0)
			return (uint32_t)i;
	}
	f->vocab = realloc(f->vocab, (f->n_vocab + 1) * sizeof(meed_str));
	f->vocab[f->n_vocab++] = word;
	return (uint32_t)i;
}

static int32_t text_tokens(meed_ctx *c, uint32_t id, meed_str text, const meed_tokens **ret)
{
	struct fake *f = fake_of(c);
	meed_tokens *t = fake_alloc(c, sizeof(*t));
	char *low = fake_alloc(c, text.n);
	uint32_t *ids = fake_alloc(c, (text.n + 1) * sizeof(*ids));
	bool *seen = fake_alloc(c, text.n + f->n_vocab + 1);
	size_t i, from;

	if (!t || !low || !ids || !seen)
		return fake_fail(c, MEED_E_NOMEM, "out of memory");
	t->struct_size = sizeof(*t);
	for (i = 0; i < text.n; i++) {
		low[i] = text.p[i];
		if ((id & MEED_TOK_LOWER) && low[i] >= 'A' && low[i] <= 'Z')
			low[i] = (char)(low[i] - 'A' + 'a');
	}
	for (i = 0; i < text.n;) {
		for (; i < text.n && memchr(" \t\n\r", low[i], 4); i++)
			continue;
		for (from = i; i < text.n && !memchr(" \t\n\r", low[i], 4); i++)
			continue;
		if (i > from) {
			ids[t->n] = text_id(f, (meed_str){ low + from, i - from });
			t->n_distinct += !seen[ids[t->n]];
			seen[ids[t->n++]] = true;
		}
	}
	t->n_vocab = (uint32_t)f->n_vocab;
	t->ids = ids;
	*ret = t;
	return MEED_OK;
}

static const void *fake_extension(const meed_host *h, const char *id)
{
	static const meed_ext_text text = { sizeof(text), 1, text_open, text_tokens };

	return strcmp(id, MEED_EXT_TEXT) == 0 && !((struct fake *)h->impl)->no_text ? &text : NULL;
}

/* ---- driving a model -------------------------------------------------------------------- */

void fake_init(struct fake *f)
{
	memset(f, 0, sizeof(*f));
	f->host = (meed_host){ .struct_size = sizeof(meed_host), .impl = f, .name = "fake",
			       .version = "1.0.0", .extension = fake_extension, .type = fake_type,
			       .len = fake_len, .get = fake_get, .at = fake_at, .next = fake_next,
			       .num = fake_num, .i64 = fake_i64, .str = fake_str,
			       .parse = fake_parse, .log = fake_log, .fail = fake_fail,
			       .alloc = fake_alloc, .seed = fake_seed, .cancelled = fake_cancelled,
			       .put_score = fake_put_score, .put_extra = fake_put_extra };
	f->want = MEED_WANT_REASON | MEED_WANT_EXTRA;
}

void fake_reset(struct fake *f)
{
	size_t i;

	for (i = 0; i < f->n_blocks; i++)
		free(f->blocks[i]);
	for (i = 0; i < f->n_trees; i++)
		json_object_put(f->trees[i]);
	free(f->blocks);
	free(f->trees);
	free(f->vocab);
	json_object_put(f->extra);
	f->blocks = NULL;
	f->trees = NULL;
	f->vocab = NULL;
	f->extra = NULL;
	f->n_blocks = f->cap_blocks = f->n_trees = f->n_vocab = f->n_allocs = f->n_dims = 0;
	f->scored = false;
	f->code = 0;
	f->score = 0;
	f->reason[0] = f->why[0] = f->warning[0] = '\0';
}

const meed_plugin *fake_load(const char *name)
{
	const char *p = getenv("MEED_PLUGIN_PATH"), *end;
	char path[4096];
	void *dl = NULL;

	for (; p && *p && !dl; p = *end ? end + 1 : end) {
		end = strchrnul(p, ':');
		(void)snprintf(path, sizeof(path), "%.*s/%s.so", (int)(end - p), p, name);
		dl = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	}
	if (!dl) {
		fprintf(stderr, "%s.so is in no folder of MEED_PLUGIN_PATH: %s\n", name, dlerror());
		return NULL;
	}
	return dlsym(dl, "meed_plugin_v1");
}

const meed_rm *fake_model(const meed_plugin *p, const char *id)
{
	size_t i;

	for (i = 0; p && p->models[i]; i++) {
		if (strcmp(p->models[i]->id, id) == 0)
			return p->models[i];
	}
	return NULL;
}

int32_t fake_create(struct fake *f, const meed_rm *rm, const char *params, void **ret_self)
{
	struct json_object *schema = json_tokener_parse(rm->params_schema), *props, *dflt;
	struct json_object *o = params ? json_tokener_parse(params) : json_object_new_object();
	int32_t r;

	fake_reset(f);
	if (json_object_object_get_ex(schema, "properties", &props)) {
		json_object_object_foreach(props, key, prop) {
			if (!json_object_object_get_ex(o, key, NULL) &&
			    json_object_object_get_ex(prop, "default", &dflt))
				json_object_object_add(o, key, json_object_get(dflt));
		}
	}
	*ret_self = NULL;
	r = rm->create(&f->host, (meed_ctx *)f, val_of(o), ret_self);
	json_object_put(o);
	json_object_put(schema);
	return r;
}

int32_t fake_evaluate(struct fake *f, const meed_rm *rm, void *self, const char *text, size_t n,
		      const char *reference)
{
	char *copy = malloc(n + 1);
	meed_str ref = { reference, reference ? strlen(reference) : 0 };
	meed_cand cand = { { copy, n }, &ref, reference != NULL, f->steps, f->n_steps,
			   val_of(f->label), val_of(f->more) };
	meed_sample s = { .struct_size = sizeof(s), .mode = MEED_POINTWISE, .want = f->want,
			  .id = { "", 0 }, .n_cands = 1, .cands = &cand,
			  .task_category = { "", 0 }, .source = { "", 0 },
			  .meta = val_of(f->meta) };
	meed_msg asked = { { "user", 4 }, { f->prompt, f->prompt ? strlen(f->prompt) : 0 }, NULL };
	int32_t r;

	s.prompt = &asked;
	s.n_prompt = f->prompt != NULL;
	fake_reset(f);
	f->extra = json_object_new_object();
	if (n > 0)
		memcpy(copy, text, n);
	copy[n] = '\0';
	r = rm->evaluate(&f->host, (meed_ctx *)f, self, &s, NULL);
	free(copy);
	return r;
}
