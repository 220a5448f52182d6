/* images.c - images of the conversation and of the answers, sent along as content parts. */
#include "config.h"
#include "judge.h"

enum {
	IMAGES_MAX = 64
};

struct images {
	struct out *o;
	const meed_host *h;
	size_t n;
	bool too_many;
};

static bool is_image(const meed_host *h, const meed_val *part)
{
	meed_str type = h->str(h->get(part, "type"));

	return meed_eq(type, MEED_S("image_url")) || meed_eq(type, MEED_S("input_image"));
}

/* {"type": "image_url", "image_url": {"url": "..."}}, or the url as a text. Nothing else of the
 * part is sent. */
static meed_str url_of(const meed_host *h, const meed_val *part)
{
	const meed_val *v = h->get(part, "image_url");

	return h->type(v) == MEED_T_OBJ ? h->str(h->get(v, "url")) : h->str(v);
}

static void put_parts(struct images *x, const meed_val *message, meed_str of, size_t number)
{
	const meed_val *content = x->h->get(message, "content");
	struct out *o = x->o;

	for (size_t i = 0; x->h->type(content) == MEED_T_ARR && i < x->h->len(content); i++) {
		const meed_val *part = x->h->at(content, i);
		meed_str url = url_of(x->h, part);

		if (!is_image(x->h, part) || url.n == 0)
			continue;
		if (x->n == IMAGES_MAX) {
			x->too_many = true;
			return;
		}
		x->n++;
		OUT(o, ",{\"type\":\"text\",\"text\":\"Image ");
		out_u64(o, x->n);
		OUT(o, ", of ");
		out_put(o, of);
		if (number) {
			OUT(o, " ");
			out_u64(o, number);
		}
		OUT(o, ":\"},{\"type\":\"image_url\",\"image_url\":{\"url\":");
		out_json(o, url);
		OUT(o, "}}");
	}
}

int32_t images_message(const meed_host *h, meed_ctx *c, const struct question *q, meed_str text,
		       const meed_val **ret)
{
	struct out o = { h, c, NULL, 0, 0, false };
	struct images x = { &o, h, 0, false };

	*ret = NULL;
	OUT(&o, "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":");
	out_json(&o, text);
	OUT(&o, "}");
	for (size_t i = 0; i < q->s->n_prompt; i++)
		put_parts(&x, q->s->prompt[i].more, MEED_S("the conversation"), 0);
	for (size_t i = 0; i < q->n; i++)
		put_parts(&x, q->s->cands[q->order[i]].more, MEED_S("answer"),
			  q->n > 1 ? i + 1 : 0);
	OUT(&o, "]}");
	if (x.too_many)
		return meed_failf(h, c, MEED_E_LIMIT, "more than %d images in one sample",
				  IMAGES_MAX);
	if (x.n == 0)
		return MEED_OK;
	*ret = o.failed ? NULL : h->parse(c, out_str(&o));
	return *ret ? MEED_OK : h->fail(c, MEED_E_NOMEM, "out of memory");
}
