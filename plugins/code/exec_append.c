/* exec_append.c - tests in the answer's own language, appended to it, as HumanEval-X and MultiPL-E
 * have them. They share a process with the answer, which may do with them as it likes: weaker than
 * all else here. Where the language allows, the program has to print a word at its end. */
#include "config.h"
#include "exec.h"

/* Languages in which code at the end of the file runs last. */
static const char *say(enum code_lang lang)
{
	switch (lang) {
	case CODE_JAVASCRIPT:
	case CODE_TYPESCRIPT:
		return "\nconsole.log('%');\n";
	case CODE_BASH:
		return "\nprintf '%%s\\n' '%'\n";
	case CODE_PYTHON:
	case CODE_LUA:
		return "\nprint('%')\n";
	case CODE_RUBY:
		return "\nputs '%'\n";
	case CODE_PERL:
	case CODE_PHP:
		return "\nprint '%', \"\\n\";\n";
	case CODE_C:
	case CODE_CPP:
		return "\n#undef main\n#ifdef __cplusplus\nextern \"C\" int puts(const char *);\n"
		       "#else\nint puts(const char *);\n#endif\n"
		       "int main(void)\n{\n\tint r = meed_tests_main();\n\tputs(\"%\");\n"
		       "\treturn r;\n}\n";
	default:
		return NULL;
	}
}

static bool c_like(enum code_lang lang)
{
	return lang == CODE_C || lang == CODE_CPP;
}

/* Whether a line brings something in that a program may need and not repeat. */
static bool brings_in(meed_str line)
{
	static const char *const words[] = { "#include", "using ", "import ", "package ", "use ",
					     "from ", "const assert", "require", "<?php", "#!" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (meed_starts(line, meed_s(words[i])))
			return true;
	}
	return false;
}

static void add_imports(struct exec_buf *b, meed_str prompt, meed_str code)
{
	size_t at = 0, end;
	meed_str line;

	for (; at < prompt.n; at = end + 1) {
		end = meed_find(prompt, at, MEED_S("\n"));
		end = end == MEED_NONE ? prompt.n : end;
		line = meed_sub(prompt, at, end);
		if (brings_in(line) && meed_find(code, 0, meed_strip(line)) == MEED_NONE) {
			exec_buf_add(b, line);
			exec_buf_lit(b, "\n");
		}
	}
}

/* A whole program, or what completes the prompt; then the tests, which in MultiPL-E begin with the
 * brace that ends a completion. */
static void add_program(struct exec_run *x, struct exec_buf *b, meed_str tests)
{
	const struct exec_tests *t = &x->st->tests;
	meed_str rest = meed_strip_left(tests);

	if (t->prefix.n > 0) {
		exec_buf_add(b, t->prefix);
		exec_buf_lit(b, "\n");
	}
	if (x->st->fenced) {
		add_imports(b, t->prompt, x->st->program);
		if (meed_starts(rest, MEED_S("}")))
			tests = meed_sub(rest, 1, rest.n);
	} else {
		exec_buf_add(b, t->prompt);
	}
	exec_buf_add(b, x->st->program);
	exec_buf_lit(b, "\n");
	exec_buf_add(b, tests);
}

/* In C and C++ the tests' main is called by ours; a function of another name has to return
 * something at its end. A main with arguments, or one that is not last, is left as it is. */
static meed_str rename_main(struct exec_buf *b, meed_str tests, bool *ret_done)
{
	static const char *const forms[] = { "int main()", "int main(void)", "int main ()" };
	size_t i, at, end = tests.n;

	while (end > 0 && tests.p[end - 1] != '}')
		end--;
	if (end == 0)
		return tests;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		at = meed_find(tests, 0, meed_s(forms[i]));
		if (at == MEED_NONE)
			continue;
		exec_buf_add(b, meed_sub(tests, 0, at));
		exec_buf_lit(b, "int meed_tests_main(void)");
		exec_buf_add(b, meed_sub(tests, at + strlen(forms[i]), end - 1));
		exec_buf_lit(b, "\n\treturn 0;\n}\n");
		*ret_done = true;
		return exec_buf_get(b);
	}
	return tests;
}

static void add_word(struct exec_buf *b, const char *form, meed_str word)
{
	for (; *form; form++) {
		if (form[0] == '%' && form[1] == '%')
			exec_buf_add(b, (meed_str){ form++, 1 });
		else if (form[0] == '%')
			exec_buf_add(b, word);
		else
			exec_buf_add(b, (meed_str){ form, 1 });
	}
}

static int32_t make_word(struct exec_run *x)
{
	uint64_t seed = x->h->seed(x->c);
	char buf[40];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	meed_text_lit(&t, "meed-");
	meed_text_u64(&t, seed * 0x9E3779B97F4A7C15u ^ (seed >> 29));
	x->st->nonce = exec_short(x->h, x->c, meed_text_get(&t), sizeof(buf));
	return MEED_OK;
}

static int32_t assemble(struct exec_run *x, meed_str *ret)
{
	enum code_lang lang = code_lang_find(x->st->language);
	const char *form = say(lang);
	meed_str tests = x->st->tests.texts[0];
	struct exec_buf b, renamed;
	bool done = !c_like(lang);

	exec_buf_init(&b, x->h, x->c);
	exec_buf_init(&renamed, x->h, x->c);
	if (c_like(lang))
		tests = rename_main(&renamed, tests, &done);
	add_program(x, &b, tests);
	if (form && done) {
		(void)make_word(x);
		add_word(&b, form, x->st->nonce);
	}
	*ret = exec_buf_get(&b);
	return b.failed ? b.failed : renamed.failed;
}

int32_t exec_append_post(struct exec_run *x)
{
	const struct exec_tests *t = &x->st->tests;
	meed_limits limits = exec_limits(x, exec_timeout(x));
	meed_program p = { .struct_size = sizeof(p), .runtime = x->st->language.p,
			   .files = t->files, .n_files = t->n_files };
	meed_exec_run run = { .struct_size = sizeof(run) };
	const meed_exec_run *runs[1] = { &run };
	meed_exec e = { .struct_size = sizeof(e), .program = &p, .run_limits = &limits,
			.runs = runs, .n_runs = 1 };
	int32_t r;

	x->st->round = 1;
	r = assemble(x, &p.code);
	return r < 0 ? r : x->m->exec->post(x->c, 1, &e);
}

/* Whether the last line of the output is the word. */
static bool said_it(meed_str out, meed_str word)
{
	out = meed_strip_right(out);
	return out.n >= word.n && meed_eq(meed_sub(out, out.n - word.n, out.n), word);
}

int32_t exec_append_take(struct exec_run *x)
{
	const meed_exec_result *res = exec_result(x);
	struct exec_verdict *v = &x->st->verdicts[0];
	const meed_ran *ran;
	meed_str said;

	if (!res)
		return x->h->reply(x->c, 0)->status;
	x->st->done = 1;
	ran = res->compiled;
	if (ran && (ran->outcome != MEED_RAN_EXIT || ran->code != 0)) {
		exec_ended(x, ran, v);
		said = meed_strip(ran->err.n > 0 ? ran->err : ran->out);
		x->st->compile_error = exec_short(x->h, x->c, said, 400);
		v->how = EXEC_COMPILING;
		return MEED_OK;
	}
	if (res->n_runs < 1)
		return x->h->fail(x->c, MEED_E_UPSTREAM, "the sandbox ran nothing");
	exec_ended(x, res->runs[0], v);
	if (v->how == EXEC_PASSED && x->st->nonce.n > 0 &&
	    !said_it(res->runs[0]->out, x->st->nonce)) {
		v->how = EXEC_GONE;
		v->error = MEED_S("it ended before the tests did");
	}
	return MEED_OK;
}
