/* enginefix.c - a host opened on a configuration given as text, for tests of the engine. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/enginefix.h"

static bool put_file(const struct fix *f, const char *name, const char *p, size_t n)
{
	char path[128];
	FILE *out;
	bool ok;

	(void)snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	out = fopen(path, "wb");
	if (!out)
		return false;
	ok = fwrite(p, 1, n, out) == n;
	return fclose(out) == 0 && ok;
}

static bool put_conf(const struct fix *f, const char *conf)
{
	struct meed_buf b = { 0 };
	const char *at;
	bool ok;

	while ((at = strstr(conf, "@DIR@"))) {
		meed_buf_put(&b, conf, (size_t)(at - conf));
		meed_buf_puts(&b, f->dir);
		conf = at + 5;
	}
	meed_buf_puts(&b, conf);
	ok = put_file(f, "a.conf", b.p, b.n);
	meed_buf_release(&b);
	return ok;
}

static bool complain(const struct meed_diags *d, const struct meed_err *err)
{
	for (size_t i = 0; i < d->n; i++)
		(void)fprintf(stderr, "%s\n", d->v[i].text);
	if (err->code)
		(void)fprintf(stderr, "%s\n", err->text);
	return false;
}

static const struct meed_log silent = { .fd = -1 };

bool fix_open(struct fix *f, const char *conf, const char *script, const char *name,
	      const struct meed_engine_opts *o)
{
	struct meed_engine_opts mine = o ? *o : (struct meed_engine_opts){ 0 };
	const char *dirs[1] = { getenv("MEED_TEST_PLUGINS") };
	struct meed_diags diags = { 0 };
	struct meed_err err = { 0 };
	const char *path = f->dir;
	bool ok;

	memset(f, 0, sizeof(*f));
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/meed-engine-XXXXXX");
	if (!mkdtemp(f->dir) || !put_conf(f, conf) ||
	    (script && !put_file(f, "script.json", script, strlen(script))))
		return false;
	mine.want = MEED_WANT_REASON | MEED_WANT_EXTRA;
	ok = meed_conf_load(&path, 1, dirs, dirs[0] ? 1 : 0, NULL, &diags, &f->conf) == MEED_OK &&
	     meed_plan_new(f->conf, name, NULL, 0, &diags, &f->plan) == MEED_OK;
	if (ok) {
		meed_conf_llm(f->conf, &f->llm);
		ok = meed_llm_new(&f->llm, &silent, &err, &f->transport) == MEED_OK;
	}
	ok = ok && meed_engine_exec(f->plan, &silent, &err, &f->exec) == MEED_OK;
	mine.transport = f->transport;
	mine.exec = f->exec;
	ok = ok && meed_engine_new(f->plan, &mine, &err, &f->engine) == MEED_OK &&
	     meed_schema_new(NULL, NULL, NULL, &err, &f->schema) == MEED_OK;
	if (ok)
		f->parser = meed_parser_new(f->schema);
	if (!ok || !f->parser)
		ok = complain(&diags, &err);
	meed_diags_release(&diags);
	return ok;
}

bool fix_score(struct fix *f, const char *row)
{
	struct meed_line line = { .p = row, .n = strlen(row), .number = 1 };
	struct meed_err err = { 0 };

	meed_row_release(f->row);
	f->row = NULL;
	meed_arena_reset(&f->arena);
	f->json.n = 0;
	if (meed_parser_row(f->parser, &line, 1, &f->arena, &err, &f->row) < 0 ||
	    meed_engine_score(f->engine, f->row, &f->arena, &err, &f->res) < 0) {
		(void)fprintf(stderr, "%s\n", err.text);
		return false;
	}
	meed_row_write(f->row, &f->res, MEED_LEVEL_FULL, false, &f->json);
	meed_buf_putc(&f->json, '\0');
	return !f->json.failed;
}

const struct meed_detail *fix_detail(const struct fix *f, size_t i, const char *name)
{
	const struct meed_reward *r = &f->res.outs[i];

	for (size_t k = 0; k < r->n_details; k++) {
		meed_str j = r->details[k].name_json;

		if (j.n == strlen(name) + 2 && memcmp(j.p + 1, name, j.n - 2) == 0)
			return &r->details[k];
	}
	return NULL;
}

static bool get_file(const char *path, struct meed_buf *ret)
{
	FILE *in = fopen(path, "rb");
	char chunk[65536];
	size_t n;

	if (!in)
		return false;
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		meed_buf_put(ret, chunk, n);
	return fclose(in) == 0;
}

bool fix_run(struct fix *f, const char *in, size_t n_in, struct meed_run_opts o, struct meed_buf *ret,
	     struct meed_run_stats *st, struct meed_err *err)
{
	char from[128], to[128];
	const char *inputs[1] = { from };

	(void)snprintf(from, sizeof(from), "%s/in.jsonl", f->dir);
	(void)snprintf(to, sizeof(to), "%s/out.jsonl", f->dir);
	o.inputs = o.inputs ? o.inputs : inputs;
	o.n_inputs = o.n_inputs ? o.n_inputs : 1;
	o.output = o.output ? o.output : to;
	o.level = MEED_LEVEL_REASON;
	o.window = o.window ? o.window : 64;
	o.max_line_bytes = o.max_line_bytes ? o.max_line_bytes : 1 << 20;
	ret->n = 0;
	return put_file(f, "in.jsonl", in, n_in) && meed_run(f->engine, &o, err, st) == MEED_OK &&
	       get_file(to, ret);
}

void fix_close(struct fix *f)
{
	static const char *const names[] = { "a.conf", "script.json", "in.jsonl", "out.jsonl",
					     "out.jsonl.part", "out.jsonl.journal" };
	char path[128];

	meed_row_release(f->row);
	meed_arena_release(&f->arena);
	meed_parser_free(f->parser);
	meed_schema_free(f->schema);
	meed_engine_free(f->engine);
	if (f->transport)
		f->transport->free(f->transport);
	if (f->exec)
		f->exec->free(f->exec);
	meed_plan_free(f->plan);
	meed_conf_free(f->conf);
	meed_buf_release(&f->json);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(f->dir);
}
