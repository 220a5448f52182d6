/* Loading jieba's dictionary and model, as its Python package has them. */
#include "config.h"
#include "host/sample/tok_jieba.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define MIN_FLOAT (-3.14e100)

static int32_t read_file(const char *dir, const char *name, struct meed_err *err,
			 struct meed_buf *ret)
{
	struct meed_buf path = { 0 };
	int32_t r;

	meed_buf_printf(&path, "%s/%s", dir, name);
	meed_buf_putc(&path, '\0');
	r = path.failed ? meed_err_nomem(err) : meed_token_file(path.p, ret, err);
	if (r == MEED_E_UNSUPPORTED)
		r = meed_err_set(err, r,
				 "tokenizer jieba needs the data of Debian package python3-jieba "
				 "(apt install python3-jieba), or jieba_data set to the folder of "
				 "its dict.txt: %s: %s", path.p, strerror(errno));
	meed_buf_release(&path);
	return r;
}

/* ---- the trie ---------------------------------------------------------------------------- */

static size_t slot_of(const struct meed_trie *t, uint64_t key)
{
	size_t at = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (t->n_slots - 1);

	while (t->keys[at] != key && t->keys[at] != 0)
		at = (at + 1) & (t->n_slots - 1);
	return at;
}

static bool trie_resize(struct meed_trie *t, size_t n_slots)
{
	struct meed_trie n = *t;
	size_t i, at;

	n.n_slots = n_slots;
	n.keys = calloc(n_slots, sizeof(*n.keys));
	n.to = calloc(n_slots, sizeof(*n.to));
	if (!n.keys || !n.to) {
		free(n.keys);
		free(n.to);
		return false;
	}
	for (i = 0; i < t->n_slots; i++) {
		if (t->keys[i] == 0)
			continue;
		at = slot_of(&n, t->keys[i]);
		n.keys[at] = t->keys[i];
		n.to[at] = t->to[i];
	}
	free(t->keys);
	free(t->to);
	*t = n;
	return true;
}

static bool trie_node(struct meed_trie *t)
{
	size_t cap = t->cap_nodes ? t->cap_nodes * 2 : 1024;
	double *v;

	if (t->n_nodes == t->cap_nodes) {
		v = realloc(t->value, cap * sizeof(*v));
		if (!v)
			return false;
		t->value = v;
		t->cap_nodes = cap;
	}
	t->value[t->n_nodes++] = 0.0;
	return true;
}

/* The child of node by cp (not 0), made if there is none; 0 when out of memory. */
static uint32_t trie_grow(struct meed_trie *t, uint32_t node, uint32_t cp)
{
	uint64_t key = (uint64_t)node << 32 | cp;
	size_t at;

	if (t->n_edges * 2 >= t->n_slots && !trie_resize(t, t->n_slots * 2))
		return 0;
	at = slot_of(t, key);
	if (t->keys[at] == 0) {
		if (t->n_nodes > UINT32_MAX / 2 || !trie_node(t))
			return 0;
		t->keys[at] = key;
		t->to[at] = (uint32_t)t->n_nodes - 1;
		t->n_edges++;
	}
	return t->to[at];
}

/* "word frequency tag" */
static int32_t dict_line(struct meed_trie *t, meed_str line, double *total)
{
	const char *space = memchr(line.p, ' ', line.n), *p;
	uint32_t node = 0, cp;
	size_t i, len, n = space ? (size_t)(space - line.p) : 0;
	double freq = 0.0;

	if (n == 0)
		return MEED_E_PARAM;
	for (p = space + 1; p < line.p + line.n && *p >= '0' && *p <= '9'; p++)
		freq = freq * 10 + (*p - '0');
	if (p == space + 1 || (p < line.p + line.n && *p != ' ') || freq > 1e15)
		return MEED_E_PARAM;
	for (i = 0; i < n; i += len) {
		cp = meed_uni_next(line.p + i, n - i, &len);
		if (cp == 0)
			return MEED_E_PARAM;
		node = trie_grow(t, node, cp);
		if (node == 0)
			return MEED_E_NOMEM;
	}
	t->value[node] = freq;
	*total += freq;
	return 0;
}

static int32_t load_dict(const char *dir, struct meed_err *err, struct meed_jieba *j)
{
	struct meed_buf text = { 0 };
	double total = 0.0;
	size_t at, line = 0, i;
	const char *nl;
	meed_str s;
	int32_t r;

	r = read_file(dir, "dict.txt", err, &text);
	if (r < 0)
		goto out;
	r = trie_resize(&j->trie, 1 << 16) && trie_node(&j->trie) ? 0 : MEED_E_NOMEM;
	for (at = 0; at < text.n && r == 0; at = (size_t)(nl - text.p) + 1) {
		line++;
		nl = memchr(text.p + at, '\n', text.n - at);
		if (!nl)
			nl = text.p + text.n;
		s = meed_uni_strip((meed_str){ text.p + at, (size_t)(nl - text.p) - at });
		r = dict_line(&j->trie, s, &total);
	}
	if (r == MEED_E_PARAM)
		r = meed_err_set(err, MEED_E_PARAM,
				 "%s/dict.txt:%zu: must be WORD FREQUENCY [TAG]", dir, line);
	else if (r < 0)
		r = meed_err_nomem(err);
	else if (!(total > 0))
		r = meed_err_set(err, MEED_E_PARAM, "%s/dict.txt: holds no words", dir);
	if (r < 0)
		goto out;
	j->unknown = log(1.0) - log(total);
	for (i = 0; i < j->trie.n_nodes; i++)
		j->trie.value[i] = j->trie.value[i] > 0 ? log(j->trie.value[i]) - log(total) : 1.0;
out:
	meed_buf_release(&text);
	return r;
}

/* ---- the model --------------------------------------------------------------------------- */

static int state_of(uint32_t cp)
{
	return cp == 'B'   ? MEED_HMM_B
	       : cp == 'E' ? MEED_HMM_E
	       : cp == 'M' ? MEED_HMM_M
	       : cp == 'S' ? MEED_HMM_S
			   : -1;
}

/* The one character of a Python literal 'x' or '\uXXXX' that starts after its quote. */
static const char *read_char(const char *p, const char *end, uint32_t *ret)
{
	uint32_t cp = 0;
	size_t len, i;

	if (end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
		for (i = 2; i < 6; i++) {
			char ch = p[i];

			cp = cp << 4 | (uint32_t)(ch >= 'a'   ? ch - 'a' + 10
						  : ch >= 'A' ? ch - 'A' + 10
							      : ch - '0');
		}
		p += 6;
	} else if (p < end) {
		cp = meed_uni_next(p, (size_t)(end - p), &len);
		p += len;
	}
	*ret = cp;
	return p;
}

static bool put_prob(struct meed_jieba *j, int depth, const uint32_t *key, double x)
{
	int from = state_of(key[1]), to = depth == 2 ? state_of(key[2]) : 0;

	if (from < 0)
		return false;
	if (depth == 1)
		j->start[from] = x;
	else if (to >= 0)
		j->trans[from][to] = x;
	else if (key[2] >= MEED_HAN_FIRST && key[2] <= MEED_HAN_LAST)
		j->emit[key[2] - MEED_HAN_FIRST][from] = x;
	return true;
}

/* Reads a Python dict of numbers, or of dicts of numbers, by one-character keys. */
static int32_t load_probs(const char *dir, const char *name, size_t least, struct meed_err *err,
			  struct meed_jieba *j)
{
	struct meed_buf text = { 0 };
	uint32_t key[3] = { 0, 0, 0 };
	const char *p, *end;
	size_t used, n = 0;
	int depth = 0;
	double x;
	int32_t r;

	r = read_file(dir, name, err, &text);
	if (r < 0)
		goto out;
	p = memchr(text.p, '{', text.n);
	end = text.p + text.n;
	while (p && p < end && depth >= 0 && depth <= 2) {
		if (*p == '{') {
			depth++;
			p++;
		} else if (*p == '}') {
			depth--;
			p++;
		} else if (*p == '\'' && depth > 0) {
			p = read_char(p + 1, end, &key[depth]);
			p += p < end && *p == '\'';
		} else if ((used = meed_strtod(p, (size_t)(end - p), &x)) > 0) {
			n += depth > 0 && put_prob(j, depth, key, x);
			p += used;
		} else {
			p++;
		}
	}
	if (depth != 0 || n < least)
		r = meed_err_set(err, MEED_E_PARAM, "%s/%s: is not jieba's table", dir, name);
out:
	meed_buf_release(&text);
	return r;
}

int32_t meed_jieba_load(const char *dir, struct meed_err *err, struct meed_jieba **ret)
{
	const size_t n_han = MEED_HAN_LAST - MEED_HAN_FIRST + 1;
	struct meed_jieba *j = calloc(1, sizeof(*j));
	size_t i, k;
	int32_t r;

	if (j)
		j->emit = calloc(n_han, sizeof(*j->emit));
	if (!j || !j->emit) {
		r = meed_err_nomem(err);
		goto out;
	}
	for (i = 0; i < MEED_HMM_N; i++)
		for (k = 0; k < MEED_HMM_N; k++)
			j->trans[i][k] = MIN_FLOAT;
	for (i = 0; i < n_han; i++)
		for (k = 0; k < MEED_HMM_N; k++)
			j->emit[i][k] = MIN_FLOAT;
	r = load_dict(dir, err, j);
	if (r == 0)
		r = load_probs(dir, "finalseg/prob_start.py", 4, err, j);
	if (r == 0)
		r = load_probs(dir, "finalseg/prob_trans.py", 8, err, j);
	if (r == 0)
		r = load_probs(dir, "finalseg/prob_emit.py", 1000, err, j);
	if (r < 0)
		goto out;
	*ret = j;
	j = NULL;
out:
	meed_jieba_free(j);
	return r;
}

void meed_jieba_free(struct meed_jieba *j)
{
	if (!j)
		return;
	free(j->trie.keys);
	free(j->trie.to);
	free(j->trie.value);
	free(j->emit);
	free(j);
}
