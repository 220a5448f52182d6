/* syntax.c - code.syntax_check: whether an answer's blocks of code parse.
 *
 * Each language's own parser is asked, in the sandbox. Python, TOML and XML are parsed by a short
 * program of ours under the runtime "python", one run a block, so that a parser that dies costs
 * one block; other languages by the syntax check of their runtime; JSON by the host's reader. */
#include "config.h"
#include "code.h"
#include "fence.h"

#include <stdlib.h>

#define TAG_PYTHON UINT32_MAX

struct syntax {
	bool only[CODE_N_LANGS];	/* look at these alone; all false: at every language */
	bool any;
	enum code_lang unnamed;		/* what a block is that shows no language */
	double penalty;
	size_t max_blocks;
};

enum how { SKIP, HOST, PYTHON, RUNTIME };

/* What a block came to. */
struct found {
	enum code_lang lang;
	enum how how;
	bool valid;
	size_t line;			/* of the fence */
	meed_str text;
	const char *why;		/* not valid: what was wrong, in one line */
};

struct state {
	struct found *v;
	size_t n, n_skipped;
};

static const char checker[] =
	"import sys\n"
	"kind = sys.argv[1]\n"
	"text = sys.stdin.buffer.read().decode('utf-8', 'replace')\n"
	"try:\n"
	"    if kind == 'python':\n"
	"        import ast\n"
	"        ast.parse(text)\n"
	"    elif kind == 'toml':\n"
	"        import tomllib\n"
	"        tomllib.loads(text.replace('\\r\\n', '\\n'))\n"
	"    else:\n"
	"        from xml.parsers import expat\n"
	"        expat.ParserCreate().Parse(text.lstrip(), True)\n"
	"    print('valid')\n"
	"except SyntaxError as e:\n"
	"    print('line %s: %s' % (e.lineno, e.msg))\n"
	"except (RecursionError, MemoryError):\n"
	"    print('nested too deeply')\n"
	"except Exception as e:\n"
	"    print(e)\n";

static const char schema[] =
	"{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
	"\"languages\": {\"type\": \"array\", \"default\": [], \"items\": {\"type\": \"string\"},"
	" \"description\": \"languages whose blocks count; empty: all that can be checked\"},"
	"\"unnamed\": {\"type\": \"string\", \"default\": \"python\","
	" \"description\": \"language of a block that neither names nor shows one\"},"
	"\"penalty\": {\"type\": \"number\", \"default\": 0.5, \"minimum\": 0, \"maximum\": 1,"
	" \"description\": \"taken off once if any block does not parse\"},"
	"\"max_blocks\": {\"type\": \"integer\", \"default\": 64, \"minimum\": 1, \"maximum\": 256,"
	" \"description\": \"blocks that an answer may have\"}}}";

static int32_t read_languages(const meed_host *h, meed_ctx *c, const meed_val *v,
			      struct syntax *m)
{
	enum code_lang lang;
	meed_str name;
	size_t i;

	for (i = 0; i < h->len(v); i++) {
		name = h->str(h->at(v, i));
		lang = code_lang_find(name);
		if (lang == CODE_UNKNOWN)
			return meed_failf(h, c, MEED_E_PARAM, "languages: \"%.*s\" is none",
					  (int)(name.n < 60 ? name.n : 60), name.p);
		m->only[lang] = true;
		m->any = true;
	}
	return MEED_OK;
}

static int32_t create(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	meed_str unnamed = meed_param_str(h, params, "unnamed");
	struct syntax *m = calloc(1, sizeof(*m));
	int32_t r;

	if (!m)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	m->penalty = meed_param_num(h, params, "penalty");
	m->max_blocks = (size_t)meed_param_int(h, params, "max_blocks");
	m->unnamed = code_lang_find(unnamed);
	r = read_languages(h, c, h->get(params, "languages"), m);
	if (r == MEED_OK && m->unnamed == CODE_UNKNOWN)
		r = meed_failf(h, c, MEED_E_PARAM, "unnamed: \"%.*s\" is no language",
			       (int)(unnamed.n < 60 ? unnamed.n : 60), unnamed.p);
	if (r < 0) {
		free(m);
		return r;
	}
	*self = m;
	return MEED_OK;
}

/* ---- what to check, and how ----------------------------------------------------------------- */

/* What must be there to check a language that everybody expects to be; others are checked where the
 * configuration has a runtime for them. */
static bool is_expected(enum code_lang lang)
{
	return lang == CODE_PYTHON || lang == CODE_C || lang == CODE_CPP || lang == CODE_BASH ||
	       lang == CODE_JAVASCRIPT || lang == CODE_TOML || lang == CODE_XML;
}

static enum how how_to_check(enum code_lang lang)
{
	switch (lang) {
	case CODE_JSON:
	case CODE_JSONL:
	case CODE_JSON_SCHEMA:
		return HOST;
	case CODE_PYTHON:
	case CODE_TOML:
	case CODE_XML:
		return PYTHON;
	case CODE_UNKNOWN:
	case CODE_OUTPUT:
	case CODE_MARKDOWN:
	case CODE_DIFF:
		return SKIP;
	default:
		return RUNTIME;
	}
}

static const char *runtime_of(const struct found *f)
{
	return f->how == PYTHON ? "python" : code_lang_name(f->lang);
}

/* Whether the runtime is there and checks: 1 or 0, or a failure if it should be. */
static int32_t has_runtime(const meed_host *h, meed_ctx *c, const meed_ext_exec *x,
			   const struct found *f)
{
	meed_runtime rt = { .struct_size = sizeof(rt) };
	int32_t r;

	if (!x)
		return h->fail(c, MEED_E_UNSUPPORTED, "this host has no sandbox: no language's "
						      "parser can be asked");
	r = x->runtime(c, runtime_of(f), &rt);
	if (r == MEED_OK && f->how == RUNTIME && !(rt.flags & MEED_RUNTIME_CHECKS))
		return 0;
	if (r == MEED_OK)
		return 1;
	if (!is_expected(f->lang))
		return 0;
	return meed_failf(h, c, MEED_E_UNSUPPORTED, "runtime %s: %.*s", runtime_of(f),
			  (int)(rt.why.n < 400 ? rt.why.n : 400), rt.why.p);
}

/* Which language a block is in, and what of it is parsed. */
static int32_t look_at(const meed_host *h, meed_ctx *c, const struct syntax *m,
		       const struct code_block *b, struct found *ret)
{
	meed_str text;
	int32_t r;

	r = code_block_text(h, c, b, &text);
	if (r < 0)
		return r;
	ret->line = b->line;
	ret->lang = b->lang;
	if (b->name.n == 0) {
		ret->lang = code_lang_guess(text);
		if (ret->lang == CODE_UNKNOWN)
			ret->lang = m->unnamed;
	}
	ret->how = how_to_check(ret->lang);
	if (m->any && !m->only[ret->lang])
		ret->how = SKIP;
	ret->text = ret->how == RUNTIME ? text : meed_strip(text);
	return MEED_OK;
}

static int32_t find_blocks(const meed_host *h, meed_ctx *c, const struct syntax *m, meed_str text,
			   struct state *st)
{
	const meed_ext_exec *x = h->extension(h, MEED_EXT_EXEC);
	struct code_block b;
	struct code_scan scan;
	struct found f;
	int32_t r;

	st->v = h->alloc(c, m->max_blocks * sizeof(*st->v));
	if (!st->v)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	code_scan_init(&scan, text);
	while (code_scan_next(&scan, &b)) {
		memset(&f, 0, sizeof(f));
		r = look_at(h, c, m, &b, &f);
		if (r == MEED_OK && f.how > HOST) {
			r = has_runtime(h, c, x, &f);
			if (r == 0)
				f.how = SKIP;
		}
		if (r < 0)
			return r;
		if (f.how == SKIP) {
			st->n_skipped++;
			continue;
		}
		if (st->n == m->max_blocks)
			return meed_failf(h, c, MEED_E_LIMIT, "more than %zu blocks of code",
					  m->max_blocks);
		st->v[st->n++] = f;
	}
	return MEED_OK;
}

/* ---- checking ------------------------------------------------------------------------------- */

static void check_schema(const meed_host *h, meed_ctx *c, const meed_val *v, struct found *f)
{
	meed_str key = { "", 0 };
	const char *why = code_schema_fault(h, v, &key);
	struct meed_text t;
	char *out;

	f->valid = why == NULL;
	if (!why)
		return;
	f->why = why;
	key.n = key.n < 40 ? key.n : 40;
	out = key.n > 0 ? h->alloc(c, 128) : NULL;
	if (out) {
		t = meed_text_in(out, 127);
		meed_text_str(&t, key);
		meed_text_lit(&t, ": ");
		meed_text_str(&t, meed_s(why));
		f->why = out;
	}
}

static void check_json(const meed_host *h, meed_ctx *c, struct found *f)
{
	size_t at, to, n = 0;
	const meed_val *v = NULL;
	const char *end;
	meed_str line;

	if (f->lang != CODE_JSONL) {
		v = h->parse(c, f->text);
		f->valid = v != NULL || meed_eq(f->text, MEED_S("null"));
		f->why = "not JSON";
		if (f->valid && f->lang == CODE_JSON_SCHEMA)
			check_schema(h, c, v, f);
		return;
	}
	f->valid = true;
	for (at = 0; at < f->text.n && f->valid; at = to + 1, n++) {
		end = memchr(f->text.p + at, '\n', f->text.n - at);
		to = end ? (size_t)(end - f->text.p) : f->text.n;
		line = meed_strip(meed_sub(f->text, at, to));
		f->valid = line.n == 0 || h->parse(c, line) != NULL ||
			   meed_eq(line, MEED_S("null"));
	}
	f->why = "a line is not JSON";
}

/* Whether a line of JavaScript begins with import or export, as no script's does. */
static bool is_module(meed_str s)
{
	static const char *const heads[] = { "import ", "import{", "import\"", "import'",
					     "export ", "export{" };
	size_t at, i;

	for (at = 0; at != MEED_NONE; at = meed_find(s, at + 1, MEED_S("\n"))) {
		for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
			if (meed_starts(meed_sub(s, at + (at > 0), s.n), meed_s(heads[i])))
				return true;
		}
	}
	return false;
}

static int32_t post_runtime(const meed_host *h, meed_ctx *c, const meed_ext_exec *x,
			    const struct found *f, uint32_t tag)
{
	static const meed_file module = { "package.json", { "{\"type\": \"module\"}", 18 } };
	meed_program program = { .struct_size = sizeof(program), .runtime = runtime_of(f),
				 .code = f->text };
	meed_exec e = { .struct_size = sizeof(e), .flags = MEED_EXEC_CHECK, .program = &program };

	(void)h;
	if (f->lang == CODE_JAVASCRIPT && is_module(f->text)) {
		program.files = &module;
		program.n_files = 1;
	}
	return x->post(c, tag, &e);
}

/* One run of the checker for each block that it is for. */
static int32_t post_python(const meed_host *h, meed_ctx *c, const meed_ext_exec *x,
			   const struct state *st, size_t n)
{
	meed_program program = { .struct_size = sizeof(program), .runtime = "python",
				 .code = { checker, sizeof(checker) - 1 } };
	meed_exec e = { .struct_size = sizeof(e), .program = &program, .n_runs = n };
	meed_exec_run *runs = h->alloc(c, n * sizeof(*runs));
	const meed_exec_run **order = h->alloc(c, n * sizeof(*order));
	const char **kinds = h->alloc(c, n * sizeof(*kinds));
	size_t i, k = 0;

	if (!runs || !order || !kinds)
		return h->fail(c, MEED_E_NOMEM, "out of memory");
	for (i = 0; i < st->n; i++) {
		if (st->v[i].how != PYTHON)
			continue;
		kinds[k] = code_lang_name(st->v[i].lang);
		runs[k] = (meed_exec_run){ .struct_size = sizeof(*runs), .args = &kinds[k],
					   .n_args = 1, .input = st->v[i].text };
		order[k] = &runs[k];
		k++;
	}
	e.runs = order;
	return x->post(c, TAG_PYTHON, &e);
}

/* What a parser said, as one line in the arena: the first that speaks of an error, or the first. */
static const char *first_line(const meed_host *h, meed_ctx *c, meed_str s)
{
	size_t at, from, to;
	const char *end;
	char *out;

	s = meed_strip(s);
	at = meed_find(s, 0, MEED_S("rror"));
	for (from = at == MEED_NONE ? 0 : at; from > 0 && s.p[from - 1] != '\n';)
		from--;
	end = memchr(s.p + from, '\n', s.n - from);
	to = end ? (size_t)(end - s.p) : s.n;
	s = meed_strip(meed_sub(s, from, to - from > 160 ? from + 160 : to));
	out = h->alloc(c, s.n + 1);
	if (!out || s.n == 0)
		return "it does not parse";
	memcpy(out, s.p, s.n);
	return out;
}

static const char *how_it_ended(const meed_ran *r)
{
	switch (r->outcome) {
	case MEED_RAN_WALL:
	case MEED_RAN_CPU:
		return "the parser took too long";
	case MEED_RAN_MEMORY:
		return "the parser took too much memory";
	case MEED_RAN_OUTPUT:
		return "the parser said too much";
	default:
		return "the parser died";
	}
}

static void read_check(const meed_host *h, meed_ctx *c, const meed_ran *r, struct found *f)
{
	f->valid = r->outcome == MEED_RAN_EXIT && r->code == 0;
	if (r->outcome == MEED_RAN_EXIT)
		f->why = first_line(h, c, r->err.n > 0 ? r->err : r->out);
	else
		f->why = how_it_ended(r);
}

static void read_python(const meed_host *h, meed_ctx *c, const meed_ran *r, struct found *f)
{
	meed_str out = meed_strip(r->out);

	f->valid = r->outcome == MEED_RAN_EXIT && meed_eq(out, MEED_S("valid"));
	if (r->outcome == MEED_RAN_EXIT && r->code == 0)
		f->why = first_line(h, c, out);
	else
		f->why = how_it_ended(r);
}

static int32_t read_replies(const meed_host *h, meed_ctx *c, struct state *st)
{
	const meed_ext_exec *x = h->extension(h, MEED_EXT_EXEC);
	const meed_exec_result *res;
	const meed_reply *reply;
	size_t i, k, n;

	for (i = 0; i < h->n_replies(c); i++) {
		reply = h->reply(c, i);
		if (reply->status < 0)
			return meed_failf(h, c, reply->status, "%.*s",
					  (int)(reply->error.n < 480 ? reply->error.n : 480),
					  reply->error.p);
		res = x->result(c, i);
		if (!res || (reply->tag != TAG_PYTHON && !res->compiled))
			return h->fail(c, MEED_E_INTERNAL, "a syntax check without a result");
		if (reply->tag != TAG_PYTHON) {
			read_check(h, c, res->compiled, &st->v[reply->tag]);
			continue;
		}
		for (k = 0, n = 0; k < st->n; k++) {
			if (st->v[k].how != PYTHON)
				continue;
			if (n == res->n_runs)
				return h->fail(c, MEED_E_INTERNAL, "a run without a result");
			read_python(h, c, res->runs[n++], &st->v[k]);
		}
	}
	return MEED_OK;
}

/* ---- the score ------------------------------------------------------------------------------ */

static void tell_block(const struct found *f, struct meed_text *t, struct meed_text *x)
{
	if (!f->valid) {
		meed_text_lit(t, "; ");
		meed_text_str(t, meed_s(code_lang_name(f->lang)));
		meed_text_lit(t, " block of line ");
		meed_text_u64(t, f->line);
		meed_text_lit(t, ": ");
		meed_text_str(t, meed_s(f->why));
	}
	if (x->cap - x->n < 1200)
		return;
	meed_text_str(x, x->n > 1 ? MEED_S(", ") : MEED_S(""));
	meed_text_lit(x, "{\"line\": ");
	meed_text_u64(x, f->line);
	meed_text_lit(x, ", \"language\": ");
	meed_text_json_str(x, meed_s(code_lang_name(f->lang)));
	meed_text_str(x, f->valid ? MEED_S(", \"valid\": true") : MEED_S(", \"valid\": false"));
	if (!f->valid) {
		meed_text_lit(x, ", \"why\": ");
		meed_text_json_str(x, meed_s(f->why));
	}
	meed_text_char(x, '}');
}

static int32_t finish(const meed_host *h, meed_ctx *c, const struct syntax *m,
		      const struct state *st)
{
	char reason[2000], extra[9000];
	struct meed_text t = meed_text_in(reason, sizeof(reason)),
			 x = meed_text_in(extra, sizeof(extra));
	size_t i, n_valid = 0;
	double score = 0.0;

	for (i = 0; i < st->n; i++)
		n_valid += st->v[i].valid;
	if (st->n > 0)
		score = (double)n_valid / (double)st->n - (n_valid < st->n ? m->penalty : 0.0);
	if (st->n == 0) {
		meed_text_lit(&t, "no block of code to check");
	} else {
		meed_text_u64(&t, n_valid);
		meed_text_lit(&t, " of ");
		meed_text_u64(&t, st->n);
		meed_text_str(&t, st->n == 1 ? MEED_S(" block parses") : MEED_S(" blocks parse"));
	}
	if (st->n_skipped > 0) {
		meed_text_lit(&t, "; not checked: ");
		meed_text_u64(&t, st->n_skipped);
	}
	meed_text_char(&x, '[');
	for (i = 0; i < st->n; i++)
		tell_block(&st->v[i], &t, &x);
	meed_text_char(&x, ']');
	(void)h->put_extra(c, 0, "blocks", meed_text_get(&x));
	return h->put_score(c, 0, MEED_NONE, NULL, score, meed_text_get(&t));
}

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	const meed_ext_exec *x = h->extension(h, MEED_EXT_EXEC);
	struct state *st = state;
	size_t i, n_python = 0, n_posted = 0;
	int32_t r;

	r = find_blocks(h, c, self, s->cands[0].text, st);
	for (i = 0; i < st->n && r == MEED_OK; i++) {
		if (st->v[i].how == HOST)
			check_json(h, c, &st->v[i]);
		n_python += st->v[i].how == PYTHON;
		if (st->v[i].how != RUNTIME)
			continue;
		r = post_runtime(h, c, x, &st->v[i], (uint32_t)i);
		n_posted++;
	}
	if (r == MEED_OK && n_python > 0) {
		r = post_python(h, c, x, st, n_python);
		n_posted++;
	}
	if (r < 0)
		return r;
	return n_posted > 0 ? MEED_PENDING : finish(h, c, self, st);
}

static int32_t resume(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
		      void *state)
{
	int32_t r = read_replies(h, c, state);

	(void)s;
	return r < 0 ? r : finish(h, c, self, state);
}

const meed_rm code_syntax_check = MEED_MODEL(
	.id = "code.syntax_check",
	.version = CODE_VERSION,
	.summary = "The share of blocks of code that their language's parser takes",
	.license = CODE_LICENSE,
	.source = CODE_SOURCE ", SyntaxCheckReward",
	.modes = MEED_POINTWISE,
	.needs = MEED_NEEDS_EXEC,
	.params_schema = schema,
	.score_min = -1,
	.score_max = 1,
	.state_size = sizeof(struct state),
	.create = create,
	.destroy = code_free,
	.evaluate = evaluate,
	.resume = resume);
