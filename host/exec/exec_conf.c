/* exec_conf.c - what is configured for running programs: runtimes by name, limits, defaults. */
#include "config.h"

#include "host/exec/exec.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MIB ((uint64_t)1 << 20)

static void free_words(char **v)
{
	for (char **w = v; w && *w; w++)
		free(*w);
	free(v);
}

/* ---- begin and end ---- */

static int32_t face_find(const struct meed_runtimes *rt, const char *name, struct meed_arena *a,
			 meed_runtime *ret);

void meed_exec_conf_init(struct meed_exec_conf *c)
{
	*c = (struct meed_exec_conf){
		.face = { .find = face_find },
		.sandbox = { .limits = { .processes = 64,
					 .wall_ms = 10000,
					 .cpu_ms = 10000,
					 .memory = 512 * MIB,
					 .disk = 64 * MIB,
					 .output = MIB },
			     .max = { .processes = 1024,
				      .wall_ms = 300000,
				      .cpu_ms = 300000,
				      .memory = 8192 * MIB,
				      .disk = 4096 * MIB,
				      .output = 64 * MIB } },
	};
}

static int by_name(const void *a, const void *b)
{
	const struct meed_exec_runtime *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void meed_exec_conf_seal(struct meed_exec_conf *c)
{
	const struct meed_exec_limits *m = &c->sandbox.max;

	if (c->n_runtimes)
		qsort(c->runtimes, c->n_runtimes, sizeof(*c->runtimes), by_name);
	c->max = (meed_limits){ .struct_size = sizeof(c->max),
				.processes = m->processes,
				.wall_ms = m->wall_ms,
				.cpu_ms = m->cpu_ms,
				.memory = m->memory,
				.disk = m->disk,
				.output = m->output };
}

void meed_exec_conf_release(struct meed_exec_conf *c)
{
	for (size_t i = 0; i < c->n_runtimes; i++) {
		struct meed_exec_runtime *r = &c->runtimes[i];

		free(r->name);
		free(r->file);
		free(r->warm);
		free(r->package);
		free(r->where);
		free_words(r->aliases);
		free_words(r->compile);
		free_words(r->run);
		free_words(r->check);
		free_words(r->preload);
		free_words(r->env);
	}
	free(c->runtimes);
	free_words(c->sandbox.binds);
	free(c->sandbox.bwrap);
	free(c->sandbox.cage);
	free(c->sandbox.where);
	*c = (struct meed_exec_conf){ 0 };
}

/* ---- names ---- */

static bool is_named(const struct meed_exec_runtime *r, meed_str name)
{
	if (meed_str_eq(meed_str_of(r->name), name))
		return true;
	for (char **a = r->aliases; a && *a; a++)
		if (meed_str_eq(meed_str_of(*a), name))
			return true;
	return false;
}

const struct meed_exec_runtime *meed_exec_find(const struct meed_exec_conf *c, meed_str name)
{
	for (size_t i = 0; i < c->n_runtimes; i++)
		if (is_named(&c->runtimes[i], name))
			return &c->runtimes[i];
	return NULL;
}

static meed_str unknown_name(const struct meed_exec_conf *c, const char *name, struct meed_arena *a)
{
	meed_str s = { NULL, 0 };
	struct meed_buf b = { 0 };

	if (!c->n_runtimes)
		return MEED_STR("no runtime is configured; add one to `runtimes`");
	meed_buf_printf(&b, "no runtime \"%.64s\" is configured: there %s ", name,
			c->n_runtimes > 1 ? "are" : "is");
	for (size_t i = 0; i < c->n_runtimes; i++)
		meed_buf_printf(&b, "%s%s", i ? ", " : "", c->runtimes[i].name);
	if (!b.failed)
		s = meed_arena_dup(a, (meed_str){ b.p, b.n });
	meed_buf_release(&b);
	return s;
}

static int32_t face_find(const struct meed_runtimes *rt, const char *name, struct meed_arena *a,
			 meed_runtime *ret)
{
	const struct meed_exec_conf *c = (const struct meed_exec_conf *)rt;
	const struct meed_exec_runtime *r = meed_exec_find(c, meed_str_of(name));
	char why[512];

	ret->why = MEED_STR("");
	if (!r) {
		ret->why = unknown_name(c, name, a);
		return ret->why.p ? MEED_E_UNSUPPORTED : MEED_E_NOMEM;
	}
	ret->name = meed_str_of(r->name);
	ret->flags = (r->compile ? MEED_RUNTIME_COMPILES : 0) |
		     (r->check ? MEED_RUNTIME_CHECKS : 0) | (r->warm ? MEED_RUNTIME_WARM : 0);
	ret->max = &c->max;
	if (meed_exec_missing(r, false, why, sizeof(why)))
		ret->why = meed_arena_dup(a, meed_str_of(why));
	return ret->why.p ? MEED_OK : MEED_E_NOMEM;
}

/* ---- what is missing ---- */

static const char *missing_program(const struct meed_exec_runtime *r, char **words, char *buf,
				   size_t n)
{
	if (!words || !words[0] || words[0][0] != '/' || access(words[0], X_OK) == 0)
		return NULL;
	(void)snprintf(buf, n,
		       "%.200s of the runtime \"%.64s\" (%.120s) is not on this machine%s%.60s",
		       words[0], r->name, r->where ? r->where : "runtimes",
		       r->package ? ": install Debian's " : "", r->package ? r->package : "");
	return buf;
}

const char *meed_exec_missing(const struct meed_exec_runtime *r, bool check, char *buf, size_t n)
{
	const char *why;

	if (check)
		return missing_program(r, r->check, buf, n);
	why = missing_program(r, r->compile, buf, n);
	return why ? why : missing_program(r, r->run, buf, n);
}

/* ---- limits ---- */

static uint64_t first_set(uint64_t a, uint64_t b, uint64_t c)
{
	return a ? a : b ? b : c;
}

void meed_exec_limits(const struct meed_exec_conf *c, const struct meed_exec_limits *runtimes,
		      const meed_limits *asked, meed_limits *ret)
{
	static const meed_limits none = { .struct_size = sizeof(none) };
	const struct meed_exec_limits *s = &c->sandbox.limits;
	const meed_limits *a = asked ? asked : &none;

	ret->struct_size = sizeof(*ret);
	ret->processes = (uint32_t)first_set(a->processes, runtimes->processes, s->processes);
	ret->wall_ms = (uint32_t)first_set(a->wall_ms, runtimes->wall_ms, s->wall_ms);
	ret->cpu_ms = (uint32_t)first_set(a->cpu_ms, runtimes->cpu_ms, s->cpu_ms);
	ret->memory = first_set(a->memory, runtimes->memory, s->memory);
	ret->disk = first_set(a->disk, runtimes->disk, s->disk);
	ret->output = first_set(a->output, runtimes->output, s->output);
}
