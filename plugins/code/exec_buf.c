/* exec_buf.c - texts that grow in the evaluation's arena, and JSON written into them. */
#include "config.h"
#include "exec.h"

void exec_buf_init(struct exec_buf *b, const meed_host *h, meed_ctx *c)
{
	memset(b, 0, sizeof(*b));
	b->h = h;
	b->c = c;
}

static bool reserve(struct exec_buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 512;
	char *p;

	if (b->failed)
		return false;
	if (n <= b->cap - b->n)
		return true;
	while (cap - b->n < n && cap <= SIZE_MAX / 2)
		cap *= 2;
	p = cap - b->n < n ? NULL : b->h->alloc(b->c, cap);
	if (!p) {
		b->failed = b->h->fail(b->c, MEED_E_NOMEM, "the tests take more memory than an "
				       "evaluation may have (run.arena_bytes)");
		return false;
	}
	if (b->n > 0)
		memcpy(p, b->p, b->n);
	b->p = p;
	b->cap = cap;
	return true;
}

void exec_buf_add(struct exec_buf *b, meed_str s)
{
	if (s.n == 0 || !reserve(b, s.n))
		return;
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void exec_buf_u64(struct exec_buf *b, uint64_t x)
{
	char tmp[24];
	struct meed_text t = meed_text_in(tmp, sizeof(tmp));

	meed_text_u64(&t, x);
	exec_buf_add(b, meed_text_get(&t));
}

void exec_buf_num(struct exec_buf *b, double x)
{
	char tmp[64];
	struct meed_text t = meed_text_in(tmp, sizeof(tmp));

	meed_text_num(&t, x);
	exec_buf_add(b, meed_text_get(&t));
	/* 3.0 is a float to the program that reads it */
	if (!memchr(tmp, '.', t.n) && !memchr(tmp, 'e', t.n) && !memchr(tmp, 'n', t.n))
		exec_buf_lit(b, ".0");
}

void exec_buf_json_str(struct exec_buf *b, meed_str s)
{
	size_t i, n = 2;
	struct meed_text t;

	for (i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];

		n += ch < 0x20 ? 6 : ch == '"' || ch == '\\' ? 2 : ch < 0x80 ? 1 : 3;
	}
	if (!reserve(b, n))
		return;
	t = meed_text_in(b->p + b->n, n);
	meed_text_json_str(&t, s);
	b->n += t.n;
}

static void put_array(struct exec_buf *b, const meed_val *v)
{
	size_t i, n = b->h->len(v);

	exec_buf_lit(b, "[");
	for (i = 0; i < n && !b->failed; i++) {
		if (i > 0)
			exec_buf_lit(b, ",");
		exec_buf_json(b, b->h->at(v, i));
	}
	exec_buf_lit(b, "]");
}

static void put_object(struct exec_buf *b, const meed_val *v)
{
	const void *cursor = NULL;
	const char *sep = "";
	const meed_val *x;
	meed_str key;

	exec_buf_lit(b, "{");
	for (;;) {
		x = b->h->next(v, &cursor, &key);
		if (!cursor || b->failed)
			break;
		exec_buf_add(b, meed_s(sep));
		exec_buf_json_str(b, key);
		exec_buf_lit(b, ":");
		exec_buf_json(b, x);
		sep = ",";
	}
	exec_buf_lit(b, "}");
}

static void put_int(struct exec_buf *b, int64_t x)
{
	char tmp[24];
	struct meed_text t = meed_text_in(tmp, sizeof(tmp));

	meed_text_i64(&t, x);
	exec_buf_add(b, meed_text_get(&t));
}

void exec_buf_json(struct exec_buf *b, const meed_val *v)
{
	switch (b->h->type(v)) {
	case MEED_T_ARR:
		put_array(b, v);
		break;
	case MEED_T_OBJ:
		put_object(b, v);
		break;
	case MEED_T_STR:
		exec_buf_json_str(b, b->h->str(v));
		break;
	case MEED_T_INT:
		put_int(b, b->h->i64(v, 0));
		break;
	case MEED_T_NUM:
		exec_buf_num(b, b->h->num(v, 0));
		break;
	case MEED_T_BOOL:
		exec_buf_add(b, b->h->num(v, 0) > 0 ? MEED_S("true") : MEED_S("false"));
		break;
	default:
		exec_buf_lit(b, "null");
		break;
	}
}

meed_str exec_buf_get(const struct exec_buf *b)
{
	meed_str r = { b->p ? b->p : "", b->n };

	return r;
}

meed_str exec_short(const meed_host *h, meed_ctx *c, meed_str s, size_t max)
{
	size_t n = s.n;
	char *p;

	if (n > max) {
		n = max;
		while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
			n--;
	}
	p = n > 0 ? h->alloc(c, n + 3) : NULL;
	if (!p)
		return meed_sub(MEED_S(""), 0, 0);
	memcpy(p, s.p, n);
	memcpy(p + n, "...", 3);
	return (meed_str){ p, n == s.n ? n : n + 3 };
}
