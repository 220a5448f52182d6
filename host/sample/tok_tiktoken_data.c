/* Loading tiktoken's ranks. */
#include "config.h"
#include "host/sample/tok_tiktoken.h"

#include <errno.h>
#include <stdlib.h>

static size_t slot_of(const struct meed_tiktoken *t, const char *p, size_t n)
{
	size_t at = (size_t)meed_hash(p, n, 0) & (t->n_slots - 1);
	const struct meed_rank *r;

	for (;; at = (at + 1) & (t->n_slots - 1)) {
		r = &t->slots[at];
		if (r->len == 0 || (r->len == n && memcmp(t->blob + r->at, p, n) == 0))
			break;
	}
	return at;
}

bool meed_tiktoken_rank(const struct meed_tiktoken *t, const char *p, size_t n, uint32_t *ret)
{
	const struct meed_rank *r;

	if (n > t->max_len)
		return false;
	r = &t->slots[slot_of(t, p, n)];
	*ret = r->rank;
	return r->len > 0;
}

static int digit64(char ch)
{
	return ch >= 'A' && ch <= 'Z'	? ch - 'A'
	       : ch >= 'a' && ch <= 'z' ? ch - 'a' + 26
	       : ch >= '0' && ch <= '9' ? ch - '0' + 52
	       : ch == '+'		? 62
	       : ch == '/'		? 63
					: -1;
}

/* Decodes n characters to out; returns how many bytes, 0 if it is no base64. */
static size_t decode64(const char *p, size_t n, char *out)
{
	uint32_t w = 0;
	size_t i, k = 0;
	int bits = 0, d;

	if (n == 0 || n % 4 != 0)
		return 0;
	n -= p[n - 1] == '=';
	n -= p[n - 1] == '=';
	for (i = 0; i < n; i++) {
		d = digit64(p[i]);
		if (d < 0)
			return 0;
		w = w << 6 | (uint32_t)d;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[k++] = (char)(w >> bits & 0xff);
		}
	}
	return k;
}

/* "base64 rank"; the bytes go to t->blob at *used. */
static bool add_line(struct meed_tiktoken *t, meed_str line, size_t *used)
{
	const char *space = memchr(line.p, ' ', line.n), *p;
	uint64_t rank = 0;
	struct meed_rank *r;
	size_t n;

	if (!space)
		return false;
	for (p = space + 1; p < line.p + line.n && *p >= '0' && *p <= '9' && rank < UINT32_MAX; p++)
		rank = rank * 10 + (uint64_t)(*p - '0');
	n = decode64(line.p, (size_t)(space - line.p), t->blob + *used);
	if (n == 0 || p == space + 1 || p != line.p + line.n || rank >= UINT32_MAX)
		return false;
	r = &t->slots[slot_of(t, t->blob + *used, n)];
	if (r->len > 0)
		return false;
	*r = (struct meed_rank){ (uint32_t)*used, (uint32_t)n, (uint32_t)rank };
	*used += n;
	t->n++;
	if (n > t->max_len)
		t->max_len = n;
	return true;
}

static int32_t fill(struct meed_tiktoken *t, const char *path, const struct meed_buf *text,
		    struct meed_err *err)
{
	size_t at, line = 0, used = 0, lines = 1, i;
	const char *nl;
	uint32_t rank;
	meed_str s;
	char byte;

	for (i = 0; i < text->n; i++)
		lines += text->p[i] == '\n';
	for (t->n_slots = 1024; t->n_slots < lines * 2; t->n_slots *= 2)
		;
	t->slots = calloc(t->n_slots, sizeof(*t->slots));
	t->blob = malloc(text->n + 1);
	if (!t->slots || !t->blob)
		return meed_err_nomem(err);
	for (at = 0; at < text->n; at = (size_t)(nl - text->p) + 1) {
		line++;
		nl = memchr(text->p + at, '\n', text->n - at);
		if (!nl)
			nl = text->p + text->n;
		s = meed_uni_strip((meed_str){ text->p + at, (size_t)(nl - text->p) - at });
		if (s.n > 0 && !add_line(t, s, &used))
			return meed_err_set(err, MEED_E_PARAM,
					    "%s:%zu: must be BASE64 RANK, each token once", path,
					    line);
	}
	for (i = 0; i < 256; i++) {
		byte = (char)i;
		if (!meed_tiktoken_rank(t, &byte, 1, &rank))
			return meed_err_set(err, MEED_E_PARAM,
					    "%s: no rank for byte 0x%02x; it must have all 256",
					    path, (unsigned)i);
	}
	return 0;
}

int32_t meed_tiktoken_load(const char *path, struct meed_err *err, struct meed_tiktoken **ret)
{
	struct meed_tiktoken *t = calloc(1, sizeof(*t));
	struct meed_buf text = { 0 };
	int32_t r;

	if (!t) {
		r = meed_err_nomem(err);
		goto out;
	}
	r = meed_token_file(path, &text, err);
	if (r == MEED_E_UNSUPPORTED)
		r = meed_err_set(err, r, "tokenizer tiktoken cannot read encoding_file: %s: %s",
				 path, strerror(errno));
	if (r == 0)
		r = fill(t, path, &text, err);
	if (r < 0)
		goto out;
	*ret = t;
	t = NULL;
out:
	meed_buf_release(&text);
	meed_tiktoken_free(t);
	return r;
}

void meed_tiktoken_free(struct meed_tiktoken *t)
{
	if (!t)
		return;
	free(t->blob);
	free(t->slots);
	free(t);
}
