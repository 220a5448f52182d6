/* exec_program.c - the program that an answer is, and what runs it. */
#include "config.h"
#include "exec.h"

/* ---- which block --------------------------------------------------------------------------- */

/* How well a block suits: 2 it names the language, 1 it names none, 0 not. */
static int suits(const struct code_block *b, enum code_lang wanted)
{
	if (b->lang == CODE_UNKNOWN)
		return 1;
	if (wanted == CODE_UNKNOWN)
		return code_lang_is_program(b->lang) ? 2 : 0;
	return b->lang == wanted ? 2 : 0;
}

static bool better(const struct exec_model *m, const struct code_block *b,
		   const struct code_block *than)
{
	return m->block == EXEC_LAST || (m->block == EXEC_LONGEST && b->body.n > than->body.n);
}

/* The block that counts; false: the text has none. */
static bool pick(const struct exec_model *m, meed_str text, enum code_lang wanted,
		 struct code_block *ret)
{
	struct code_scan scan;
	struct code_block b;
	int best = 0, rank;

	code_scan_init(&scan, text);
	while (code_scan_next(&scan, &b)) {
		rank = suits(&b, wanted);
		if (rank > best || (rank == best && rank > 0 && better(m, &b, ret))) {
			best = rank;
			*ret = b;
		}
	}
	return best > 0;
}

/* What stands behind the last `after`: the reasoning before it is not the answer. */
static meed_str behind(meed_str text, const char *after)
{
	meed_str mark = meed_s(after);
	size_t at = 0, end = 0;

	if (mark.n == 0)
		return text;
	for (;;) {
		at = meed_find(text, at, mark);
		if (at == MEED_NONE)
			break;
		at += mark.n;
		end = at;
	}
	return meed_sub(text, end, text.n);
}

/* ---- completions --------------------------------------------------------------------------- */

/* Where a line begins "def NAME(", "async def NAME(" or "class NAME", or MEED_NONE. */
static size_t definition(meed_str code, meed_str name)
{
	static const char *const words[] = { "def ", "async def ", "class " };
	size_t at = 0, i, end;
	meed_str line;

	while (at < code.n) {
		line = meed_sub(code, at, code.n);
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			end = strlen(words[i]) + name.n;
			if (meed_starts(line, meed_s(words[i])) &&
			    meed_eq(meed_sub(line, end - name.n, end), name) && end < line.n &&
			    strchr("(: [", line.p[end]))
				return at;
		}
		at = meed_find(code, at, MEED_S("\n"));
		at = at == MEED_NONE ? code.n : at + 1;
	}
	return MEED_NONE;
}

/* The first line that is not blank. */
static meed_str first_line(meed_str s)
{
	size_t at = 0, end;
	meed_str line;

	for (;;) {
		end = meed_find(s, at, MEED_S("\n"));
		line = meed_sub(s, at, end == MEED_NONE ? s.n : end);
		if (end == MEED_NONE || meed_strip(line).n > 0)
			return line;
		at = end + 1;
	}
}

static bool indented(meed_str line)
{
	return line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t');
}

/* A body whose first line, or whose every line, has lost its indentation gets it back. */
static void add_body(struct exec_buf *b, meed_str body)
{
	size_t at = 0, end;
	bool all = false, first = true;
	meed_str line;

	while (at < body.n) {
		end = meed_find(body, at, MEED_S("\n"));
		end = end == MEED_NONE ? body.n : end + 1;
		line = meed_sub(body, at, end);
		if (!first && meed_strip(line).n > 0 && !indented(line))
			all = true;
		if (meed_strip(line).n > 0)
			first = false;
		at = end;
	}
	first = true;
	for (at = 0; at < body.n; at = end) {
		end = meed_find(body, at, MEED_S("\n"));
		end = end == MEED_NONE ? body.n : end + 1;
		line = meed_sub(body, at, end);
		if (meed_strip(line).n > 0 && (all || first)) {
			exec_buf_lit(b, "    ");
			first = false;
		}
		exec_buf_add(b, line);
	}
}

/* The code that a prompt shows: itself, or its first block. */
static meed_str prompt_code(const struct exec_run *x)
{
	struct code_block b;
	meed_str text = x->st->tests.prompt;

	if (definition(text, x->st->tests.entry) != MEED_NONE &&
	    meed_find(text, 0, MEED_S("```")) == MEED_NONE)
		return text;
	if (pick(x->m, text, CODE_PYTHON, &b))
		text = b.body;
	return text;
}

/* A function's body, or the whole function again, behind the prompt that begins it. */
static int32_t complete(struct exec_run *x, meed_str code, meed_str *ret)
{
	meed_str prompt, entry = x->st->tests.entry;
	struct exec_buf b;
	size_t begin;

	*ret = code;
	if (entry.n == 0)
		return MEED_OK;
	prompt = prompt_code(x);
	begin = definition(prompt, entry);
	if (begin == MEED_NONE)
		return MEED_OK;
	exec_buf_init(&b, x->h, x->c);
	if (indented(first_line(code)) || meed_strip(code).n == 0) {
		exec_buf_add(&b, prompt);
		exec_buf_add(&b, code);
	} else if (definition(code, entry) != MEED_NONE) {
		exec_buf_add(&b, meed_sub(prompt, 0, begin));
		exec_buf_lit(&b, "\n");
		exec_buf_add(&b, code);
	} else {
		exec_buf_add(&b, prompt);
		if (prompt.n > 0 && prompt.p[prompt.n - 1] != '\n')
			exec_buf_lit(&b, "\n");
		add_body(&b, code);
	}
	*ret = exec_buf_get(&b);
	return b.failed;
}

/* ---- language ------------------------------------------------------------------------------ */

static bool python_only(enum exec_kind kind)
{
	return kind == EXEC_CALLS || kind == EXEC_ASSERTS || kind == EXEC_CHECK ||
	       kind == EXEC_UNIT;
}

/* Looks the runtime up by the language's usual name, or by the name as it stands. */
static int32_t find_runtime(struct exec_run *x, meed_str name)
{
	enum code_lang lang = code_lang_find(name);
	meed_runtime rt = { .struct_size = sizeof(rt) };
	char buf[64];
	int32_t r;

	if (lang != CODE_UNKNOWN)
		name = meed_s(code_lang_name(lang));
	if (name.n >= sizeof(buf) || memchr(name.p, '\0', name.n))
		return x->h->fail(x->c, MEED_E_SAMPLE, "the language has an impossible name");
	memcpy(buf, name.p, name.n);
	buf[name.n] = '\0';
	r = x->m->exec->runtime(x->c, buf, &rt);
	if (r < 0)
		return meed_failf(x->h, x->c, r, "%.*s", (int)rt.why.n, rt.why.p);
	x->st->language = rt.name;
	x->st->compiles = (rt.flags & MEED_RUNTIME_COMPILES) != 0;
	if (rt.max)
		x->st->max = *rt.max;
	return MEED_OK;
}

int32_t exec_program(struct exec_run *x)
{
	struct exec_tests *t = &x->st->tests;
	meed_str text = behind(x->s->cands[0].text, x->m->after), name = t->language, code = text;
	enum code_lang wanted;
	struct code_block b = { .lang = CODE_UNKNOWN };
	bool fenced;
	int32_t r;

	if (name.n == 0 && strcmp(x->m->language, "auto") != 0)
		name = meed_s(x->m->language);
	if (python_only(t->kind)) {
		if (name.n > 0 && code_lang_find(name) != CODE_PYTHON)
			return meed_failf(x->h, x->c, MEED_E_SAMPLE,
					  "the tests are for Python, the language is %.*s",
					  (int)exec_short(x->h, x->c, name, 40).n, name.p);
		name = MEED_S("python");
	}
	wanted = code_lang_find(name);
	fenced = pick(x->m, text, wanted, &b);
	if (fenced) {
		r = code_block_text(x->h, x->c, &b, &code);
		if (r < 0)
			return r;
	}
	if (name.n == 0) {
		wanted = fenced && b.lang != CODE_UNKNOWN ? b.lang : code_lang_guess(code);
		if (!code_lang_is_program(wanted))
			wanted = CODE_PYTHON;
		name = meed_s(code_lang_name(wanted));
	}
	r = find_runtime(x, name);
	if (r < 0)
		return r;
	if (python_only(t->kind) && (t->kind != EXEC_CALLS || !t->contest)) {
		r = complete(x, code, &code);
		if (r < 0)
			return r;
	}
	x->st->fenced = fenced;
	x->st->program = code;
	if (meed_strip(code).n == 0)
		x->st->program = MEED_S("");
	return MEED_OK;
}
