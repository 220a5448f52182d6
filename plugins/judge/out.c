/* out.c - text that grows in the context's arena. */
#include "config.h"
#include "plugins/judge/text.h"

void out_put(struct out *o, meed_str s)
{
	if (o->failed || s.n == 0)
		return;
	if (s.n > o->cap - o->n) {
		size_t cap = 2 * (o->n + s.n) + 256;
		char *p = o->h->alloc(o->c, cap);

		if (!p) {
			o->failed = true;
			return;
		}
		if (o->n)
			memcpy(p, o->p, o->n);
		o->p = p;
		o->cap = cap;
	}
	memcpy(o->p + o->n, s.p, s.n);
	o->n += s.n;
}

void out_u64(struct out *o, uint64_t x)
{
	char buf[24];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	meed_text_u64(&t, x);
	out_put(o, meed_text_get(&t));
}

void out_num(struct out *o, double x)
{
	char buf[40];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	meed_text_num(&t, x);
	out_put(o, meed_text_get(&t));
}

void out_json(struct out *o, meed_str s)
{
	static const char hex[] = "0123456789abcdef";
	size_t from = 0;

	OUT(o, "\"");
	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];
		char esc[6] = { '\\', 'u', '0', '0', '0', '0' };

		if (ch >= ' ' && ch != '"' && ch != '\\')
			continue;
		out_put(o, meed_sub(s, from, i));
		from = i + 1;
		if (ch == '\n') {
			OUT(o, "\\n");
		} else if (ch < ' ') {
			esc[4] = hex[ch >> 4];
			esc[5] = hex[ch & 15];
			out_put(o, (meed_str){ esc, 6 });
		} else {
			esc[1] = (char)ch;
			out_put(o, (meed_str){ esc, 2 });
		}
	}
	out_put(o, meed_sub(s, from, s.n));
	OUT(o, "\"");
}

static void out_members(struct out *o, const meed_val *v)
{
	const void *cursor = NULL;
	bool first = true;

	for (;;) {
		meed_str key;
		const meed_val *x = o->h->next(v, &cursor, &key);

		if (!cursor)
			break;
		if (!first)
			OUT(o, ",");
		first = false;
		out_json(o, key);
		OUT(o, ":");
		out_val(o, x);
	}
}

void out_val(struct out *o, const meed_val *v)
{
	const meed_host *h = o->h;

	switch (h->type(v)) {
	case MEED_T_BOOL:
		out_put(o, h->num(v, 0) > 0 ? MEED_S("true") : MEED_S("false"));
		break;
	case MEED_T_INT: {
		char buf[24];
		struct meed_text t = meed_text_in(buf, sizeof(buf));

		meed_text_i64(&t, h->i64(v, 0));
		out_put(o, meed_text_get(&t));
		break;
	}
	case MEED_T_NUM:
		out_num(o, h->num(v, 0));
		break;
	case MEED_T_STR:
		out_json(o, h->str(v));
		break;
	case MEED_T_ARR:
		OUT(o, "[");
		for (size_t i = 0; i < h->len(v); i++) {
			if (i)
				OUT(o, ",");
			out_val(o, h->at(v, i));
		}
		OUT(o, "]");
		break;
	case MEED_T_OBJ:
		OUT(o, "{");
		out_members(o, v);
		OUT(o, "}");
		break;
	default:
		OUT(o, "null");
		break;
	}
}
