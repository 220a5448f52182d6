/* spill.c - temporary files: records kept in order, and records sorted by key */
#include "config.h"

#include "host/data/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	CHUNK = 256 << 10,
	FAN_IN = 64
};

/* ---- files ------------------------------------------------------------------------------- */

static const char *folder(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/tmp";
}

int32_t meed_spill_open(int *ret_fd, struct meed_err *err)
{
	const char *dir = folder();
	char path[4096];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && snprintf(path, sizeof(path), "%s/meed-XXXXXX", dir) < (int)sizeof(path)) {
		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			(void)unlink(path);
	}
	if (fd < 0)
		return meed_err_set(
			err, MEED_E_CANTCREAT,
			"cannot create a temporary file in %s: %s; set TMPDIR to a folder "
			"with room",
			dir, strerror(errno));
	*ret_fd = fd;
	return MEED_OK;
}

int32_t meed_spill_put(int fd, const void *from, size_t n, uint64_t at, struct meed_err *err)
{
	const char *p = from;

	while (n > 0) {
		ssize_t k = pwrite(fd, p, n, (off_t)at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return meed_err_set(
				err, MEED_E_IO_OUT,
				"cannot write a temporary file in %s: %s; set TMPDIR to a "
				"folder with room",
				folder(), strerror(errno));
		p += k;
		n -= (size_t)k;
		at += (uint64_t)k;
	}
	return MEED_OK;
}

int32_t meed_spill_get(int fd, void *to, size_t n, uint64_t at, struct meed_err *err)
{
	char *p = to;

	while (n > 0) {
		ssize_t k = pread(fd, p, n, (off_t)at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return meed_err_set(err, MEED_E_IO_OUT,
					    "cannot read a temporary file in %s: %s", folder(),
					    k < 0 ? strerror(errno) : "it is shorter than it was");
		p += k;
		n -= (size_t)k;
		at += (uint64_t)k;
	}
	return MEED_OK;
}

/* ---- records in a file: a window over [from, end) ---------------------------------------- */

struct window {
	int fd;
	uint64_t from, end; /* what is not in buf yet */
	struct meed_buf buf;
	size_t at, chunk;
};

/* Makes need bytes lie at buf.p + at. False at the end. */
static int window_need(struct window *w, size_t need, struct meed_err *err)
{
	size_t have = w->buf.n - w->at, more;
	int32_t r;

	if (have >= need)
		return 1;
	if (w->from == w->end)
		return 0;
	if (have > 0)
		memmove(w->buf.p, w->buf.p + w->at, have);
	w->at = 0;
	w->buf.n = have;
	more = need - have > w->chunk ? need - have : w->chunk;
	if (more > w->end - w->from)
		more = (size_t)(w->end - w->from);
	if (!meed_buf_grow(&w->buf, more))
		return meed_err_nomem(err);
	r = meed_spill_get(w->fd, w->buf.p + have, more, w->from, err);
	if (r < 0)
		return r;
	w->from += more;
	w->buf.n += more;
	return w->buf.n >= need;
}

/* ---- spool ------------------------------------------------------------------------------- */

static int32_t spool_flush(struct meed_spool *s, struct meed_err *err)
{
	int32_t r = s->fd < 0 ? meed_spill_open(&s->fd, err) : MEED_OK;

	if (r == MEED_OK)
		r = meed_spill_put(s->fd, s->buf.p, s->buf.n, s->size, err);
	s->size += s->buf.n;
	s->buf.n = 0;
	return r;
}

int32_t meed_spool_add(struct meed_spool *s, const void *p, size_t n, struct meed_err *err)
{
	uint64_t len = n;

	meed_buf_put(&s->buf, &len, sizeof(len));
	meed_buf_put(&s->buf, p, n);
	if (s->buf.failed)
		return meed_err_nomem(err);
	s->n++;
	return s->buf.n >= CHUNK ? spool_flush(s, err) : MEED_OK;
}

int meed_spool_next(struct meed_spool *s, meed_str *ret, struct meed_err *err)
{
	struct window w = { .chunk = CHUNK };
	uint64_t len;
	int r;

	if (!s->reading && s->fd >= 0) {
		r = spool_flush(s, err);
		if (r < 0)
			return r;
	}
	s->reading = true;
	w.fd = s->fd;
	w.buf = s->buf;
	w.at = s->at;
	w.from = s->from;
	w.end = s->size;
	r = window_need(&w, sizeof(len), err);
	if (r > 0) {
		memcpy(&len, w.buf.p + w.at, sizeof(len));
		r = window_need(&w, sizeof(len) + (size_t)len, err);
	}
	if (r > 0) {
		*ret = (meed_str){ w.buf.p + w.at + sizeof(len), (size_t)len };
		w.at += sizeof(len) + (size_t)len;
	}
	s->buf = w.buf;
	s->at = w.at;
	s->from = w.from;
	return r;
}

void meed_spool_release(struct meed_spool *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	meed_buf_release(&s->buf);
	*s = (struct meed_spool)MEED_SPOOL_INIT;
}

/* ---- sorter ------------------------------------------------------------------------------ */

struct head {
	uint32_t n_key;
	uint64_t n;
} __attribute__((packed));

struct entry {
	uint64_t prefix; /* the key's first eight bytes, as a number */
	size_t off;	 /* of its head in mem */
};

struct run {
	uint64_t from, end;
};

struct meed_sorter {
	uint64_t limit;
	struct meed_buf mem;
	struct entry *entries;
	size_t n, cap;
	int fd;
	uint64_t size; /* of the file */
	struct run *runs;
	size_t n_runs, cap_runs;
	/* reading */
	bool reading;
	size_t at;	     /* without runs: the next entry */
	struct window *ways; /* with runs */
	size_t *heap, n_heap, n_ways;
	bool taken; /* the top has been given out */
};

struct meed_sorter *meed_sorter_new(uint64_t memory_bytes)
{
	struct meed_sorter *s = calloc(1, sizeof(*s));

	if (s) {
		s->fd = -1;
		s->limit = memory_bytes < CHUNK ? CHUNK : memory_bytes;
	}
	return s;
}

static void ways_free(struct meed_sorter *s)
{
	size_t i;

	for (i = 0; i < s->n_ways; i++)
		meed_buf_release(&s->ways[i].buf);
	free(s->ways);
	free(s->heap);
	s->ways = NULL;
	s->heap = NULL;
	s->n_ways = s->n_heap = 0;
}

void meed_sorter_free(struct meed_sorter *s)
{
	if (!s)
		return;
	ways_free(s);
	if (s->fd >= 0)
		(void)close(s->fd);
	meed_buf_release(&s->mem);
	free(s->entries);
	free(s->runs);
	free(s);
}

static int compare(const char *a, size_t na, const char *b, size_t nb)
{
	size_t n = na < nb ? na : nb;
	int d = n ? memcmp(a, b, n) : 0;

	return d ? d : (na > nb) - (na < nb);
}

static struct head head_at(const char *p)
{
	struct head h;

	memcpy(&h, p, sizeof(h));
	return h;
}

static int by_key(const void *pa, const void *pb, void *ctx)
{
	const struct entry *a = pa, *b = pb;
	const char *mem = ctx, *ka = mem + a->off, *kb = mem + b->off;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	return compare(ka + sizeof(struct head), head_at(ka).n_key, kb + sizeof(struct head),
		       head_at(kb).n_key);
}

static void sort_memory(struct meed_sorter *s)
{
	if (s->n > 1)
		qsort_r(s->entries, s->n, sizeof(*s->entries), by_key, s->mem.p);
}

static bool run_add(struct meed_sorter *s, uint64_t from)
{
	if (s->n_runs == s->cap_runs) {
		size_t cap = s->cap_runs ? 2 * s->cap_runs : 16;
		struct run *v = realloc(s->runs, cap * sizeof(*v));

		if (!v)
			return false;
		s->runs = v;
		s->cap_runs = cap;
	}
	s->runs[s->n_runs++] = (struct run){ from, s->size };
	return true;
}

static size_t record_size(const char *p)
{
	struct head h = head_at(p);

	return sizeof(h) + h.n_key + (size_t)h.n;
}

static int32_t put_out(struct meed_sorter *s, struct meed_buf *out, bool all, struct meed_err *err)
{
	int32_t r = MEED_OK;

	if (out->failed)
		return meed_err_nomem(err);
	if (out->n >= CHUNK || all) {
		r = meed_spill_put(s->fd, out->p, out->n, s->size, err);
		s->size += out->n;
		out->n = 0;
	}
	return r;
}

/* Memory's records become a run of the file. */
static int32_t spill(struct meed_sorter *s, struct meed_err *err)
{
	struct meed_buf out = { 0 };
	uint64_t from = s->size;
	int32_t r = s->fd < 0 ? meed_spill_open(&s->fd, err) : MEED_OK;
	size_t i;

	sort_memory(s);
	for (i = 0; i < s->n && r == MEED_OK; i++) {
		const char *p = s->mem.p + s->entries[i].off;

		meed_buf_put(&out, p, record_size(p));
		r = put_out(s, &out, false, err);
	}
	if (r == MEED_OK)
		r = put_out(s, &out, true, err);
	if (r == MEED_OK && !run_add(s, from))
		r = meed_err_nomem(err);
	meed_buf_release(&out);
	s->n = 0;
	s->mem.n = 0;
	return r;
}

int32_t meed_sorter_add(struct meed_sorter *s, const void *key, size_t n_key, const void *p,
			size_t n, struct meed_err *err)
{
	struct head h = { (uint32_t)n_key, n };
	unsigned char first[8] = { 0 };
	size_t need = sizeof(h) + n_key + n;
	int32_t r;

	if (n_key > UINT32_MAX)
		return meed_err_set(err, MEED_E_LIMIT, "a key of %zu bytes is too long", n_key);
	if (s->n > 0 && s->mem.n + need + (s->n + 1) * 2 * sizeof(*s->entries) > s->limit) {
		r = spill(s, err);
		if (r < 0)
			return r;
	}
	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 256;
		struct entry *v = realloc(s->entries, cap * sizeof(*v));

		if (!v)
			return meed_err_nomem(err);
		s->entries = v;
		s->cap = cap;
	}
	memcpy(first, key, n_key < 8 ? n_key : 8);
	s->entries[s->n].prefix = meed_key_to_u64((const char *)first);
	s->entries[s->n].off = s->mem.n;
	meed_buf_put(&s->mem, &h, sizeof(h));
	meed_buf_put(&s->mem, key, n_key);
	meed_buf_put(&s->mem, p, n);
	if (s->mem.failed)
		return meed_err_nomem(err);
	s->n++;
	return MEED_OK;
}

/* ---- merging ----------------------------------------------------------------------------- */

static const char *top(const struct window *w)
{
	return w->buf.p + w->at;
}

static bool before(const struct meed_sorter *s, size_t a, size_t b)
{
	const char *pa = top(&s->ways[a]), *pb = top(&s->ways[b]);
	int d = compare(pa + sizeof(struct head), head_at(pa).n_key, pb + sizeof(struct head),
			head_at(pb).n_key);

	return d ? d < 0 : a < b;
}

static void sink_down(struct meed_sorter *s, size_t i)
{
	for (;;) {
		size_t l = 2 * i + 1, least = i, t;

		if (l < s->n_heap && before(s, s->heap[l], s->heap[least]))
			least = l;
		if (l + 1 < s->n_heap && before(s, s->heap[l + 1], s->heap[least]))
			least = l + 1;
		if (least == i)
			return;
		t = s->heap[i];
		s->heap[i] = s->heap[least];
		s->heap[least] = t;
		i = least;
	}
}

/* Makes a whole record lie at the window's top: 1, 0 at its end. */
static int way_fill(struct window *w, struct meed_err *err)
{
	int r = window_need(w, sizeof(struct head), err);

	return r > 0 ? window_need(w, record_size(top(w)), err) : r;
}

static int32_t ways_open(struct meed_sorter *s, size_t n, struct meed_err *err)
{
	size_t i, chunk = (size_t)(s->limit / (n + 1));
	int r;

	s->ways = calloc(n, sizeof(*s->ways));
	s->heap = calloc(n, sizeof(*s->heap));
	if (!s->ways || !s->heap)
		return meed_err_nomem(err);
	s->n_ways = n;
	for (i = 0; i < n; i++) {
		s->ways[i] = (struct window){ .fd = s->fd,
					      .from = s->runs[i].from,
					      .end = s->runs[i].end,
					      .chunk = chunk < CHUNK ? chunk : CHUNK };
		r = way_fill(&s->ways[i], err);
		if (r < 0)
			return r;
		if (r > 0)
			s->heap[s->n_heap++] = i;
	}
	for (i = s->n_heap; i-- > 0;)
		sink_down(s, i);
	s->taken = false;
	return MEED_OK;
}

/* Goes past the top record and to the next one: 1, 0 at the end. */
static int merge_next(struct meed_sorter *s, struct meed_err *err)
{
	int r;

	if (s->taken && s->n_heap > 0) {
		struct window *w = &s->ways[s->heap[0]];

		w->at += record_size(top(w));
		r = way_fill(w, err);
		if (r < 0)
			return r;
		if (r == 0)
			s->heap[0] = s->heap[--s->n_heap];
		sink_down(s, 0);
	}
	s->taken = true;
	return s->n_heap > 0;
}

/* Merges the first FAN_IN runs into one at the file's end. */
static int32_t merge_some(struct meed_sorter *s, struct meed_err *err)
{
	struct meed_buf out = { 0 };
	uint64_t from = s->size;
	int32_t r = ways_open(s, FAN_IN, err);
	int more = 0;

	while (r == MEED_OK && (more = merge_next(s, err)) > 0) {
		const char *p = top(&s->ways[s->heap[0]]);

		meed_buf_put(&out, p, record_size(p));
		r = put_out(s, &out, false, err);
	}
	if (r == MEED_OK)
		r = more < 0 ? more : put_out(s, &out, true, err);
	if (r == MEED_OK) {
		memmove(s->runs, s->runs + FAN_IN, (s->n_runs - FAN_IN) * sizeof(*s->runs));
		s->n_runs -= FAN_IN;
		if (!run_add(s, from))
			r = meed_err_nomem(err);
	}
	ways_free(s);
	meed_buf_release(&out);
	return r;
}

static int32_t begin_reading(struct meed_sorter *s, struct meed_err *err)
{
	int32_t r = MEED_OK;

	s->reading = true;
	if (s->n_runs == 0) {
		sort_memory(s);
		return MEED_OK;
	}
	if (s->n > 0)
		r = spill(s, err);
	meed_buf_release(&s->mem);
	free(s->entries);
	s->entries = NULL;
	s->n = s->cap = 0;
	while (r == MEED_OK && s->n_runs > FAN_IN)
		r = merge_some(s, err);
	return r == MEED_OK ? ways_open(s, s->n_runs, err) : r;
}

int meed_sorter_next(struct meed_sorter *s, meed_str *ret_key, meed_str *ret, struct meed_err *err)
{
	const char *p;
	struct head h;
	int r = s->reading ? MEED_OK : begin_reading(s, err);

	if (r < 0)
		return r;
	if (s->ways) {
		r = merge_next(s, err);
		if (r <= 0)
			return r;
		p = top(&s->ways[s->heap[0]]);
	} else if (s->at < s->n) {
		p = s->mem.p + s->entries[s->at++].off;
	} else {
		return 0;
	}
	h = head_at(p);
	*ret_key = (meed_str){ p + sizeof(h), h.n_key };
	*ret = (meed_str){ p + sizeof(h) + h.n_key, (size_t)h.n };
	return 1;
}
