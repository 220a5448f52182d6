/* arena.c - a bump allocator that is freed whole. */
#include "config.h"
#include "host/base/base.h"

#include <stdlib.h>

#include "host/base/format.h"

#define ALIGN ((size_t)16)
#define CHUNK_FIRST ((size_t)8 << 10)
#define CHUNK_LAST ((size_t)1 << 20)

struct meed_arena_chunk {
	_Alignas(16) struct meed_arena_chunk *next;
	size_t size;			/* bytes after this header */
};

static char *chunk_data(struct meed_arena_chunk *c)
{
	return (char *)(c + 1);
}

static struct meed_arena_chunk *chunk_new(size_t size)
{
	struct meed_arena_chunk *c;

	if (size > SIZE_MAX - sizeof(*c))
		return NULL;
	c = malloc(sizeof(*c) + size);
	if (c) {
		c->next = NULL;
		c->size = size;
	}
	return c;
}

static void chunks_free(struct meed_arena_chunk *c)
{
	while (c) {
		struct meed_arena_chunk *next = c->next;

		free(c);
		c = next;
	}
}

void meed_arena_init(struct meed_arena *a, size_t limit)
{
	*a = (struct meed_arena){ .limit = limit };
}

#ifdef MEED_MALLOC_ARENA

/* Exactly n bytes, so that a sanitizer sees the first byte too many. */
static void *take(struct meed_arena *a, size_t n)
{
	struct meed_arena_chunk *c = chunk_new(n);

	if (!c)
		return NULL;
	c->next = a->head;
	a->head = c;
	return chunk_data(c);
}

void meed_arena_reset(struct meed_arena *a)
{
	chunks_free(a->head);
	a->head = NULL;
	a->used = 0;
}

#else

static void open_chunk(struct meed_arena *a, struct meed_arena_chunk *c)
{
	c->next = a->head;
	a->head = c;
	a->cur = chunk_data(c);
	a->end = a->cur + c->size;
}

/* A large piece gets a chunk of its own behind the open one, whose rest stays in use. */
static void *take_large(struct meed_arena *a, size_t n)
{
	struct meed_arena_chunk *c = chunk_new(n);

	if (!c)
		return NULL;
	if (a->head) {
		c->next = a->head->next;
		a->head->next = c;
	} else {
		open_chunk(a, c);
		a->cur = a->end;
	}
	return chunk_data(c);
}

static void *take(struct meed_arena *a, size_t n)
{
	size_t next = CHUNK_FIRST;
	struct meed_arena_chunk *c;
	char *p;

	if ((size_t)(a->end - a->cur) < n) {
		if (a->head)
			next = a->head->size * 2;
		if (next > CHUNK_LAST)
			next = CHUNK_LAST;
		if (next < CHUNK_FIRST)
			next = CHUNK_FIRST;
		if (n > next / 4)
			return take_large(a, n);
		c = chunk_new(next);
		if (!c)
			return NULL;
		open_chunk(a, c);
	}
	p = a->cur;
	a->cur += n;
	return p;
}

/* Keeps the largest chunk that is not a monster's. */
void meed_arena_reset(struct meed_arena *a)
{
	struct meed_arena_chunk *keep = NULL, *c = a->head, *next;

	for (; c; c = next) {
		next = c->next;
		if (c->size <= CHUNK_LAST && (!keep || c->size > keep->size)) {
			free(keep);
			keep = c;
		} else {
			free(c);
		}
	}
	a->head = NULL;
	a->cur = a->end = NULL;
	a->used = 0;
	if (keep)
		open_chunk(a, keep);
}

#endif

void *meed_arena_more(struct meed_arena *a, size_t n)
{
	size_t size;
	void *p;

	if (n > (size_t)PTRDIFF_MAX - 2 * ALIGN)
		return NULL;
	size = n ? (n + ALIGN - 1) & ~(ALIGN - 1) : ALIGN;
	if (a->limit && (a->used > a->limit || size > a->limit - a->used))
		return NULL;
#ifdef MEED_MALLOC_ARENA
	p = take(a, n);
#else
	p = take(a, size);
#endif
	if (p)
		a->used += size;
	return p;
}

meed_str meed_arena_dup(struct meed_arena *a, meed_str s)
{
	char *p = s.n < SIZE_MAX ? meed_arena_raw(a, s.n + 1) : NULL;

	if (!p)
		return (meed_str){ NULL, 0 };
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (meed_str){ p, s.n };
}

meed_str meed_arena_printf(struct meed_arena *a, const char *fmt, ...)
{
	char small[256], *p;
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = meed_vformat(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < sizeof(small))
		return meed_arena_dup(a, (meed_str){ small, n });

	p = meed_arena_raw(a, n + 1);
	if (!p)
		return (meed_str){ NULL, 0 };
	va_start(ap, fmt);
	(void)meed_vformat(p, n + 1, fmt, ap);
	va_end(ap);
	return (meed_str){ p, n };
}

void meed_arena_release(struct meed_arena *a)
{
	chunks_free(a->head);
	meed_arena_init(a, a->limit);
}
