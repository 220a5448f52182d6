/* conf_util.c - the configuration's small tools: growing arrays, names, paths */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/graph/conf.h"

bool conf_grow(void *v, size_t *cap, size_t n, size_t size)
{
	size_t want, bytes;
	void *p;

	if (n < *cap)
		return true;
	want = *cap ? *cap * 2 : 8;
	if (want < *cap || meed_mul_overflow(want, size, &bytes))
		return false;
	memcpy(&p, v, sizeof(p));
	p = realloc(p, bytes);
	if (!p)
		return false;
	memcpy(v, &p, sizeof(p));
	*cap = want;
	return true;
}

const char *conf_dup(struct meed_conf *c, const char *s)
{
	meed_str r = meed_arena_dup(&c->arena, meed_str_of(s));

	if (!r.p)
		c->nomem = true;
	return r.p;
}

void *conf_alloc(struct meed_conf *c, size_t n, size_t size)
{
	size_t bytes;
	void *p = NULL;

	if (!meed_mul_overflow(n, size, &bytes))
		p = meed_arena_alloc(&c->arena, bytes);
	if (!p)
		c->nomem = true;
	return p;
}

const char *conf_path_from(struct meed_conf *c, const char *file, const char *path)
{
	const char *slash = file ? strrchr(file, '/') : NULL;
	meed_str r;

	if (path[0] == '/' || !slash)
		return conf_dup(c, path);
	r = meed_arena_printf(&c->arena, "%.*s/%s", (int)(slash - file), file, path);
	if (!r.p)
		c->nomem = true;
	return r.p;
}

bool conf_once(struct meed_conf *c, struct meed_diags *d, const char *what, const char *key,
	       struct conf_place at)
{
	uint32_t found = conf_names_get(&c->seen, 0, key);
	const char *dot = strchr(key, '.');
	const char *copy;

	if (found != CONF_NO_NAME) {
		conf_error(c, d, at, "%s \"%s\" is already defined at %s:%u: keep one of them",
			   what, dot ? dot + 1 : key, c->places[found].file, c->places[found].line);
		return false;
	}
	copy = conf_dup(c, key);
	if (!copy || !CONF_GROW(&c->places, &c->cap_places, c->n_places) ||
	    !conf_names_put(&c->seen, 0, copy, (uint32_t)c->n_places)) {
		c->nomem = true;
		return false;
	}
	c->places[c->n_places++] = at;
	return true;
}

/* ---- names ---- */

static size_t slot_of(const struct conf_names *t, uint64_t space, const char *name)
{
	size_t i = meed_hash(name, strlen(name), space) & (t->cap - 1);

	while (t->v[i].name && (t->v[i].space != space || strcmp(t->v[i].name, name) != 0))
		i = (i + 1) & (t->cap - 1);
	return i;
}

uint32_t conf_names_get(const struct conf_names *t, uint64_t space, const char *name)
{
	size_t i;

	if (!t->cap)
		return CONF_NO_NAME;
	i = slot_of(t, space, name);
	return t->v[i].name ? t->v[i].value : CONF_NO_NAME;
}

static bool names_rehash(struct conf_names *t)
{
	struct conf_names bigger = { NULL, t->n, t->cap ? t->cap * 2 : 64 };
	size_t i;

	bigger.v = calloc(bigger.cap, sizeof(*bigger.v));
	if (!bigger.v)
		return false;
	for (i = 0; i < t->cap; i++)
		if (t->v[i].name)
			bigger.v[slot_of(&bigger, t->v[i].space, t->v[i].name)] = t->v[i];
	free(t->v);
	*t = bigger;
	return true;
}

bool conf_names_put(struct conf_names *t, uint64_t space, const char *name, uint32_t value)
{
	size_t i;

	if (t->n >= t->cap / 2 && !names_rehash(t))
		return false;
	i = slot_of(t, space, name);
	t->v[i] = (struct conf_name){ name, space, value };
	t->n++;
	return true;
}

void conf_names_release(struct conf_names *t)
{
	free(t->v);
	*t = (struct conf_names){ 0 };
}
