/* values.c - answers that hold numbers for each item. */
#include "config.h"
#include "remote.h"

/* {"data": [{"index": 0, "label": "x", "probs": [..], "num_classes": n}]} */
static void classify(struct reader *r)
{
	const meed_val *data = r->h->get(r->root, "data");
	char where[60];
	size_t to;

	if (!read_list(r, data, r->n, "data"))
		return;
	for (size_t i = 0; i < r->n; i++) {
		const meed_val *e = r->h->at(data, i);
		int64_t classes = r->h->i64(r->h->get(e, "num_classes"), -1);

		if (!read_place(r, e, i, "data", &to))
			return;
		(void)snprintf(where, sizeof(where), "data[%zu].probs", i);
		if (!read_vector(r, r->h->get(e, "probs"), &r->answers[to], where))
			return;
		if (classes >= 0 && (uint64_t)classes != r->answers[to].n) {
			(void)bad(r, "%s has %zu values, num_classes says %lld", where,
				  r->answers[to].n, (long long)classes);
			return;
		}
		r->answers[to].top = r->h->str(r->h->get(e, "label"));
	}
}

/* A row for each token or step: lists of equally many numbers, or numbers alone. */
static bool rows(struct reader *r, const meed_val *v, struct answer *a, const char *where)
{
	size_t n = r->h->len(v), width = r->h->len(r->h->at(v, 0));

	if (n > ROWS_MAX || width == 0 || width > VALUES_MAX || n * width > (size_t)1 << 26)
		return bad(r, "%s has %zu rows of %zu values: no rewards of tokens", where, n,
			   width) >= 0;
	a->x = r->h->alloc(r->c, n * width * sizeof(*a->x));
	if (!a->x) {
		r->code = r->h->fail(r->c, MEED_E_NOMEM, "out of memory");
		return false;
	}
	a->n = width;
	a->n_rows = n;
	for (size_t i = 0; i < n; i++) {
		const meed_val *row = r->h->at(v, i);

		if (r->h->type(row) != MEED_T_ARR || r->h->len(row) != width)
			return bad(r, "%s[%zu] is not a list of %zu values like the first", where,
				   i, width) >= 0;
		for (size_t k = 0; k < width; k++)
			if (!read_number(r, r->h->at(row, k), &a->x[i * width + k], "%s[%zu][%zu]",
					 where, i, k))
				return false;
	}
	return true;
}

/* {"data": [{"index": 0, "object": "pooling", "data": [f] or [[f]]}]} */
static void pooling(struct reader *r)
{
	const meed_val *data = r->h->get(r->root, "data");
	char where[60];
	size_t to;

	if (!read_list(r, data, r->n, "data"))
		return;
	for (size_t i = 0; i < r->n; i++) {
		const meed_val *e = r->h->at(data, i), *v = r->h->get(e, "data");

		if (!read_place(r, e, i, "data", &to))
			return;
		(void)snprintf(where, sizeof(where), "data[%zu].data", i);
		if (r->h->type(v) == MEED_T_STR) {
			(void)bad(r, "%s is base64: this format is read as numbers alone", where);
			return;
		}
		if (r->h->type(r->h->at(v, 0)) == MEED_T_ARR
			    ? !rows(r, v, &r->answers[to], where)
			    : !read_vector(r, v, &r->answers[to], where))
			return;
	}
}

/* Entries that hold one number under `key`; list: what they are called. */
static void scored(struct reader *r, const meed_val *v, const char *list, const char *key,
		   bool indexed)
{
	double x;
	size_t to;

	if (!read_list(r, v, r->n, list))
		return;
	for (size_t i = 0; i < r->n; i++) {
		const meed_val *e = r->h->at(v, i);

		if (indexed && r->h->type(e) == MEED_T_OBJ && !r->h->get(e, "index")) {
			(void)bad(r, "%s[%zu] has no index, and such lists are in order of scores",
				  list, i);
			return;
		}
		if (!read_place(r, e, i, list, &to) ||
		    !read_number(r, r->h->get(e, key), &x, "%s[%zu].%s", list, i, key) ||
		    !answer_one(r, &r->answers[to], x))
			return;
	}
}

/* [{"embedding": [f]}], or {"data": [{"embedding": [f], "index": 0}]} */
static void embeddings(struct reader *r, const meed_val *v, const char *list)
{
	char where[60];
	size_t to;

	if (!read_list(r, v, r->n, list))
		return;
	for (size_t i = 0; i < r->n; i++) {
		const meed_val *e = r->h->at(v, i), *x = r->h->get(e, "embedding");
		double one;

		if (!read_place(r, e, i, list, &to))
			return;
		(void)snprintf(where, sizeof(where), "%s[%zu].embedding", list, i);
		if (r->h->type(x) == MEED_T_NUM || r->h->type(x) == MEED_T_INT) {
			if (!read_number(r, x, &one, "%s", where) ||
			    !answer_one(r, &r->answers[to], one))
				return;
		} else if (!read_vector(r, x, &r->answers[to], where)) {
			return;
		}
	}
}

/* [{"score": f, "label": "x"}], every label of one item. */
static bool predictions(struct reader *r, const meed_val *v, struct answer *a, const char *where)
{
	size_t n = r->h->len(v);
	meed_str *labels;

	if (r->h->type(v) != MEED_T_ARR || n == 0 || n > VALUES_MAX)
		return bad(r, "%s is no list of labels with scores", where) >= 0;
	a->x = r->h->alloc(r->c, n * sizeof(*a->x));
	labels = r->h->alloc(r->c, n * sizeof(*labels));
	if (!a->x || !labels) {
		r->code = r->h->fail(r->c, MEED_E_NOMEM, "out of memory");
		return false;
	}
	a->n = n;
	a->labels = labels;
	for (size_t i = 0; i < n; i++) {
		const meed_val *e = r->h->at(v, i);

		if (!read_number(r, r->h->get(e, "score"), &a->x[i], "%s[%zu].score", where, i))
			return false;
		labels[i] = r->h->str(r->h->get(e, "label"));
		for (size_t k = 0; k < i; k++)
			if (labels[i].n && meed_eq(labels[k], labels[i]))
				return bad(r, "%s has the label \"%.*s\" twice", where,
					   (int)(labels[i].n < 60 ? labels[i].n : 60),
					   labels[i].p) >= 0;
	}
	return true;
}

static void tei_predict(struct reader *r)
{
	char where[40];

	/* of one item that was sent alone, the list may stand for itself */
	if (r->n == 1 && r->h->type(r->h->at(r->root, 0)) == MEED_T_OBJ) {
		(void)predictions(r, r->root, &r->answers[0], "the answer");
		return;
	}
	if (!read_list(r, r->root, r->n, "the answer"))
		return;
	for (size_t i = 0; i < r->n; i++) {
		(void)snprintf(where, sizeof(where), "[%zu]", i);
		if (!predictions(r, r->h->at(r->root, i), &r->answers[i], where))
			return;
	}
}

/* {"scores": [[p of each label token]]} */
static void sglang_score(struct reader *r)
{
	const meed_val *v = r->h->get(r->root, "scores");
	char where[40];

	if (!read_list(r, v, r->n, "scores"))
		return;
	for (size_t i = 0; i < r->n; i++) {
		(void)snprintf(where, sizeof(where), "scores[%zu]", i);
		if (!read_vector(r, r->h->at(v, i), &r->answers[i], where))
			return;
		if (r->answers[i].n != r->m->n_label_tokens) {
			(void)bad(r, "%s has %zu values for %zu label_token_ids", where,
				  r->answers[i].n, r->m->n_label_tokens);
			return;
		}
	}
}

int32_t values_read(struct reader *r)
{
	const meed_host *h = r->h;

	switch (r->m->wire) {
	case W_VLLM_CLASSIFY:
	case W_SGLANG_V1_CLASSIFY:
		classify(r);
		break;
	case W_VLLM_POOLING:
		pooling(r);
		break;
	case W_VLLM_SCORE:
		scored(r, h->get(r->root, "data"), "data", "score", false);
		break;
	case W_VLLM_GENERATIVE:
		if (h->get(r->root, "data"))
			scored(r, h->get(r->root, "data"), "data", "score", false);
		else
			scored(r, h->get(r->root, "results"), "results", "score", false);
		break;
	case W_VLLM_RERANK:
		scored(r, h->get(r->root, "results"), "results", "relevance_score", true);
		break;
	case W_SGLANG_RERANK:
	case W_TEI_RERANK:
		scored(r, r->root, "the answer", "score", true);
		break;
	case W_SGLANG_CLASSIFY:
		embeddings(r, r->root, "the answer");
		break;
	case W_SGLANG_EMBEDDINGS:
		embeddings(r, h->get(r->root, "data"), "data");
		break;
	case W_SGLANG_SCORE:
		sglang_score(r);
		break;
	default:
		tei_predict(r);
		break;
	}
	return r->code;
}
