/* codefix.c - see codefix.h. */
#include "config.h"
#include "tests/unit/codefix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct codefix *fix_of(const meed_ctx *c)
{
	return (struct codefix *)(uintptr_t)c;
}

static int32_t fix_fail(meed_ctx *c, int32_t code, const char *why)
{
	struct codefix *f = fix_of(c);

	f->code = code;
	(void)snprintf(f->why, sizeof(f->why), "%s", why);
	return code;
}

static int32_t fix_cancelled(const meed_ctx *c)
{
	return fix_of(c)->cancelled;
}

static void *fix_alloc(meed_ctx *c, size_t n)
{
	struct codefix *f = fix_of(c);
	void *p, **v;

	if (++f->n_allocs == f->fail_at)
		return NULL;
	if (f->n == f->cap) {
		v = realloc(f->blocks, (2 * f->cap + 16) * sizeof(*v));
		if (!v)
			return NULL;
		f->blocks = v;
		f->cap = 2 * f->cap + 16;
	}
	p = calloc(1, n ? n : 1);
	if (p)
		f->blocks[f->n++] = p;
	return p;
}

static const meed_val *fix_get(const meed_val *obj, const char *key)
{
	(void)obj;
	(void)key;
	return NULL;
}

static meed_str fix_str(const meed_val *v)
{
	(void)v;
	return (meed_str){ "", 0 };
}

void codefix_init(struct codefix *f)
{
	memset(f, 0, sizeof(*f));
	f->host.struct_size = sizeof(f->host);
	f->host.fail = fix_fail;
	f->host.cancelled = fix_cancelled;
	f->host.alloc = fix_alloc;
	f->host.get = fix_get;
	f->host.str = fix_str;
}

void codefix_release(struct codefix *f)
{
	while (f->n > 0)
		free(f->blocks[--f->n]);
	free(f->blocks);
	f->blocks = NULL;
	f->cap = 0;
}
