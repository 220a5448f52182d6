/* lang.c - names of languages, and guessing one. */
#include "config.h"
#include "fence.h"

#define GUESS_BYTES 16384

struct lang {
	const char *name;
	bool program;
};

static const struct lang langs[CODE_N_LANGS] = {
	[CODE_UNKNOWN] = { "unknown", false },
	[CODE_BASH] = { "bash", true },
	[CODE_C] = { "c", true },
	[CODE_CPP] = { "cpp", true },
	[CODE_CSHARP] = { "csharp", true },
	[CODE_CSS] = { "css", false },
	[CODE_DIFF] = { "diff", false },
	[CODE_GO] = { "go", true },
	[CODE_HASKELL] = { "haskell", true },
	[CODE_HTML] = { "html", false },
	[CODE_JAVA] = { "java", true },
	[CODE_JAVASCRIPT] = { "javascript", true },
	[CODE_JSON] = { "json", false },
	[CODE_JSONL] = { "jsonl", false },
	[CODE_JSON_SCHEMA] = { "json-schema", false },
	[CODE_JSX] = { "jsx", true },
	[CODE_JULIA] = { "julia", true },
	[CODE_KOTLIN] = { "kotlin", true },
	[CODE_LUA] = { "lua", true },
	[CODE_MARKDOWN] = { "markdown", false },
	[CODE_OUTPUT] = { "output", false },
	[CODE_PERL] = { "perl", true },
	[CODE_PHP] = { "php", true },
	[CODE_PYTHON] = { "python", true },
	[CODE_R] = { "r", true },
	[CODE_RUBY] = { "ruby", true },
	[CODE_RUST] = { "rust", true },
	[CODE_SCALA] = { "scala", true },
	[CODE_SQL] = { "sql", false },
	[CODE_SWIFT] = { "swift", true },
	[CODE_TOML] = { "toml", false },
	[CODE_TSX] = { "tsx", true },
	[CODE_TYPESCRIPT] = { "typescript", true },
	[CODE_XML] = { "xml", false },
	[CODE_YAML] = { "yaml", false },
};

struct alias {
	const char *name;
	enum code_lang lang;
};

/* Beside the names above. */
static const struct alias aliases[] = {
	{ "bat", CODE_OUTPUT },
	{ "c#", CODE_CSHARP },
	{ "c++", CODE_CPP },
	{ "c11", CODE_C },
	{ "c99", CODE_C },
	{ "c++11", CODE_CPP },
	{ "c++14", CODE_CPP },
	{ "c++17", CODE_CPP },
	{ "c++20", CODE_CPP },
	{ "cc", CODE_CPP },
	{ "cjs", CODE_JAVASCRIPT },
	{ "console", CODE_OUTPUT },
	{ "cs", CODE_CSHARP },
	{ "cxx", CODE_CPP },
	{ "ecmascript", CODE_JAVASCRIPT },
	{ "golang", CODE_GO },
	{ "gcc", CODE_C },
	{ "g++", CODE_CPP },
	{ "h", CODE_C },
	{ "hh", CODE_CPP },
	{ "hpp", CODE_CPP },
	{ "hs", CODE_HASKELL },
	{ "htm", CODE_HTML },
	{ "ipython", CODE_PYTHON },
	{ "jl", CODE_JULIA },
	{ "js", CODE_JAVASCRIPT },
	{ "jsonschema", CODE_JSON_SCHEMA },
	{ "jupyter-python", CODE_PYTHON },
	{ "ksh", CODE_BASH },
	{ "kt", CODE_KOTLIN },
	{ "kts", CODE_KOTLIN },
	{ "log", CODE_OUTPUT },
	{ "md", CODE_MARKDOWN },
	{ "mdx", CODE_MARKDOWN },
	{ "mjs", CODE_JAVASCRIPT },
	{ "mysql", CODE_SQL },
	{ "ndjson", CODE_JSONL },
	{ "node", CODE_JAVASCRIPT },
	{ "nodejs", CODE_JAVASCRIPT },
	{ "none", CODE_OUTPUT },
	{ "patch", CODE_DIFF },
	{ "pl", CODE_PERL },
	{ "plain", CODE_OUTPUT },
	{ "plaintext", CODE_OUTPUT },
	{ "postgresql", CODE_SQL },
	{ "py", CODE_PYTHON },
	{ "py3", CODE_PYTHON },
	{ "pycon", CODE_OUTPUT },
	{ "python-repl", CODE_OUTPUT },
	{ "python3", CODE_PYTHON },
	{ "python3.10", CODE_PYTHON },
	{ "python3.11", CODE_PYTHON },
	{ "python3.12", CODE_PYTHON },
	{ "pyi", CODE_PYTHON },
	{ "rb", CODE_RUBY },
	{ "rs", CODE_RUST },
	{ "rscript", CODE_R },
	{ "sh", CODE_BASH },
	{ "shell", CODE_BASH },
	{ "shell-session", CODE_OUTPUT },
	{ "sqlite", CODE_SQL },
	{ "stdout", CODE_OUTPUT },
	{ "svg", CODE_XML },
	{ "terminal", CODE_OUTPUT },
	{ "text", CODE_OUTPUT },
	{ "ts", CODE_TYPESCRIPT },
	{ "txt", CODE_OUTPUT },
	{ "udiff", CODE_DIFF },
	{ "xhtml", CODE_XML },
	{ "yml", CODE_YAML },
	{ "zsh", CODE_BASH },
};

static bool same_nocase(meed_str s, const char *lower)
{
	size_t i;
	char ch;

	for (i = 0; i < s.n; i++) {
		ch = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
		if (lower[i] != ch || ch == 0)
			return false;
	}
	return lower[i] == 0;
}

enum code_lang code_lang_find(meed_str name)
{
	size_t i;

	for (i = 1; i < CODE_N_LANGS; i++) {
		if (same_nocase(name, langs[i].name))
			return (enum code_lang)i;
	}
	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (same_nocase(name, aliases[i].name))
			return aliases[i].lang;
	}
	return CODE_UNKNOWN;
}

const char *code_lang_name(enum code_lang lang)
{
	return langs[lang < CODE_N_LANGS ? lang : CODE_UNKNOWN].name;
}

bool code_lang_is_program(enum code_lang lang)
{
	return lang < CODE_N_LANGS && langs[lang].program;
}

/* ---- guessing ------------------------------------------------------------------------------ */

/* What a line may begin with, white space apart, and what must then stand in it, if anything. */
struct sign {
	const char *start, *then;
	enum code_lang lang;
	int weight;
};

static const struct sign signs[] = {
	{ "def ", "):", CODE_PYTHON, 4 },
	{ "def ", ") ->", CODE_PYTHON, 4 },
	{ "class ", ":", CODE_PYTHON, 1 },
	{ "import ", NULL, CODE_PYTHON, 1 },
	{ "from ", " import ", CODE_PYTHON, 4 },
	{ "elif ", ":", CODE_PYTHON, 4 },
	{ "if __name__", NULL, CODE_PYTHON, 4 },
	{ "print(", NULL, CODE_PYTHON, 1 },
	{ "#include <iostream", NULL, CODE_CPP, 8 },
	{ "#include <vector", NULL, CODE_CPP, 8 },
	{ "#include <string>", NULL, CODE_CPP, 8 },
	{ "#include <bits/", NULL, CODE_CPP, 8 },
	{ "#include <algorithm", NULL, CODE_CPP, 8 },
	{ "#include <map", NULL, CODE_CPP, 8 },
	{ "#include", NULL, CODE_C, 4 },
	{ "using namespace ", ";", CODE_CPP, 8 },
	{ "template <", NULL, CODE_CPP, 4 },
	{ "template<", NULL, CODE_CPP, 4 },
	{ "std::", NULL, CODE_CPP, 4 },
	{ "cout <<", NULL, CODE_CPP, 4 },
	{ "int main(", NULL, CODE_C, 2 },
	{ "printf(", ");", CODE_C, 2 },
	{ "const ", "= ", CODE_JAVASCRIPT, 2 },
	{ "let ", " = ", CODE_JAVASCRIPT, 1 },
	{ "var ", " = ", CODE_JAVASCRIPT, 1 },
	{ "function ", ") {", CODE_JAVASCRIPT, 3 },
	{ "async function ", NULL, CODE_JAVASCRIPT, 4 },
	{ "console.log(", NULL, CODE_JAVASCRIPT, 4 },
	{ "module.exports", NULL, CODE_JAVASCRIPT, 4 },
	{ "export default ", NULL, CODE_JAVASCRIPT, 4 },
	{ "const ", "require(", CODE_JAVASCRIPT, 4 },
	{ "import ", " from '", CODE_JAVASCRIPT, 4 },
	{ "import ", " from \"", CODE_JAVASCRIPT, 4 },
	{ "interface ", "{", CODE_TYPESCRIPT, 2 },
	{ "public class ", NULL, CODE_JAVA, 4 },
	{ "public static void main", NULL, CODE_JAVA, 6 },
	{ "import java", ";", CODE_JAVA, 6 },
	{ "System.out.", NULL, CODE_JAVA, 4 },
	{ "package main", NULL, CODE_GO, 6 },
	{ "func ", "{", CODE_GO, 3 },
	{ "fmt.Print", NULL, CODE_GO, 4 },
	{ "fn ", "{", CODE_RUST, 4 },
	{ "let mut ", NULL, CODE_RUST, 4 },
	{ "println!(", NULL, CODE_RUST, 4 },
	{ "use std::", ";", CODE_RUST, 4 },
	{ "impl ", "{", CODE_RUST, 4 },
	{ "using System", ";", CODE_CSHARP, 6 },
	{ "Console.WriteLine", NULL, CODE_CSHARP, 4 },
	{ "<?php", NULL, CODE_PHP, 8 },
	{ "<!DOCTYPE html", NULL, CODE_HTML, 8 },
	{ "<!doctype html", NULL, CODE_HTML, 8 },
	{ "<html", NULL, CODE_HTML, 6 },
	{ "<?xml", NULL, CODE_XML, 8 },
	{ "diff --git ", NULL, CODE_DIFF, 8 },
	{ "--- a/", NULL, CODE_DIFF, 4 },
	{ "+++ b/", NULL, CODE_DIFF, 4 },
	{ "@@ -", " @@", CODE_DIFF, 4 },
	{ "SELECT ", NULL, CODE_SQL, 4 },
	{ "CREATE TABLE ", NULL, CODE_SQL, 4 },
	{ "INSERT INTO ", NULL, CODE_SQL, 4 },
	{ "sudo ", NULL, CODE_BASH, 4 },
	{ "apt-get ", NULL, CODE_BASH, 4 },
	{ "pip install ", NULL, CODE_BASH, 4 },
	{ "npm install", NULL, CODE_BASH, 4 },
	{ "git clone ", NULL, CODE_BASH, 4 },
	{ "cd ", NULL, CODE_BASH, 1 },
	{ "echo ", NULL, CODE_BASH, 2 },
	{ "export ", "=", CODE_BASH, 2 },
	{ "fi", NULL, CODE_BASH, 1 },
	{ "$ ", NULL, CODE_OUTPUT, 4 },
	{ ">>> ", NULL, CODE_OUTPUT, 6 },
	{ "Traceback (most recent", NULL, CODE_OUTPUT, 6 },
};

static enum code_lang shebang(meed_str s)
{
	static const char *const names[] = { "python", "bash", "node", "perl", "ruby",
					     "php", "lua", "Rscript", "sh" };
	const char *end;
	meed_str line;
	size_t i;

	if (!meed_starts(s, MEED_S("#!")))
		return CODE_UNKNOWN;
	end = memchr(s.p, '\n', s.n);
	line = meed_sub(s, 0, end ? (size_t)(end - s.p) : s.n);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (meed_find(line, 0, meed_s(names[i])) != MEED_NONE)
			return code_lang_find(meed_s(names[i]));
	}
	return CODE_UNKNOWN;
}

static void weigh_line(meed_str line, int *weights)
{
	const struct sign *g;
	size_t i;

	line = meed_strip(line);
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		g = &signs[i];
		if (line.n > 0 && line.p[0] == g->start[0] &&
		    meed_starts(line, meed_s(g->start)) &&
		    (!g->then || meed_find(line, strlen(g->start), meed_s(g->then)) != MEED_NONE))
			weights[g->lang] += g->weight;
	}
}

/* { "key": or [ with an end to match: no program begins and ends so. */
static bool looks_json(meed_str s)
{
	meed_str in;

	s = meed_strip(s);
	if (s.n < 2 || (s.p[0] != '{' && s.p[0] != '['))
		return false;
	if (s.p[s.n - 1] != (s.p[0] == '{' ? '}' : ']'))
		return false;
	in = meed_strip(meed_sub(s, 1, s.n - 1));
	if (s.p[0] == '[')
		return in.n > 0 && in.p[0] == '{' && meed_find(in, 0, MEED_S("\":")) != MEED_NONE;
	return in.n > 0 && in.p[0] == '"' && meed_find(in, 0, MEED_S("\":")) != MEED_NONE;
}

enum code_lang code_lang_guess(meed_str program)
{
	int weights[CODE_N_LANGS] = { 0 };
	size_t i, at, to, best = CODE_UNKNOWN, second = CODE_UNKNOWN;
	enum code_lang lang = shebang(program);
	const char *end;

	if (lang != CODE_UNKNOWN)
		return lang;
	if (looks_json(program))
		return CODE_JSON;
	program = meed_sub(program, 0, GUESS_BYTES);
	for (at = 0; at < program.n; at = to + 1) {
		end = memchr(program.p + at, '\n', program.n - at);
		to = end ? (size_t)(end - program.p) : program.n;
		weigh_line(meed_sub(program, at, to), weights);
	}
	if (weights[CODE_CPP] > 0) {
		weights[CODE_CPP] += weights[CODE_C];
		weights[CODE_C] = 0;
	}
	for (i = 1; i < CODE_N_LANGS; i++) {
		if (weights[i] > weights[best]) {
			second = best;
			best = i;
		} else if (weights[i] > weights[second]) {
			second = i;
		}
	}
	if (weights[best] < 2 || weights[best] == weights[second])
		return CODE_UNKNOWN;
	return (enum code_lang)best;
}
