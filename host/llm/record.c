/* record.c - recordings: every request with its answer, one JSON line each, in a form to share.
 *
 *   {"request": "POST https://.../chat/completions\n{...}\n", "status": 200, "answer": "{...}"}
 *
 * No header is written, so no key. */
#include "config.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/llm/net.h"

struct taken {
	struct taken *next;		/* in the table */
	struct json_object *row;
	meed_str key, answer;
	uint32_t status, uses;
	uint64_t hash;
};

struct record {
	FILE *out;
	char *path;
	bool failed;
	/* replay */
	bool replays;
	struct taken *rows;
	size_t n_rows, cap_rows;
	struct taken **table;
	size_t table_cap;		/* a power of two */
};

static int32_t add_row(struct record *r, const char *path, uint64_t number, meed_str line,
		       struct meed_err *err)
{
	struct json_object *o = NULL;
	struct meed_err why = { 0 };
	struct taken t = { 0 };

	if (meed_json_read(NULL, line.p, line.n, &why, &o) < 0)
		return meed_err_set(err, MEED_E_PARAM, "%s:%llu: %s", path, (unsigned long long)number,
				    why.text);
	t.row = o;
	if (!meed_json_str(json_get(o, "request"), &t.key) || !meed_json_str(json_get(o, "answer"), &t.answer)) {
		json_object_put(o);
		return meed_err_set(err, MEED_E_PARAM,
				    "%s:%llu: no recording: each line needs \"request\" and \"answer\"",
				    path, (unsigned long long)number);
	}
	t.status = json_get(o, "status") ? (uint32_t)json_object_get_int(json_get(o, "status")) : 200;
	t.hash = meed_hash(t.key.p, t.key.n, 0);
	if (r->n_rows == r->cap_rows) {
		size_t cap = r->cap_rows ? 2 * r->cap_rows : 256;
		struct taken *v = realloc(r->rows, cap * sizeof(*v));

		if (!v) {
			json_object_put(o);
			return meed_err_nomem(err);
		}
		r->rows = v;
		r->cap_rows = cap;
	}
	r->rows[r->n_rows++] = t;
	return MEED_OK;
}

static int32_t index_rows(struct record *r, struct meed_err *err)
{
	r->table_cap = 64;
	while (r->table_cap < 2 * r->n_rows)
		r->table_cap *= 2;
	r->table = calloc(r->table_cap, sizeof(struct taken *));
	if (!r->table)
		return meed_err_nomem(err);
	for (size_t i = r->n_rows; i--;) {
		struct taken *t = &r->rows[i];

		t->next = r->table[t->hash & (r->table_cap - 1)];
		r->table[t->hash & (r->table_cap - 1)] = t;
	}
	return MEED_OK;
}

static int32_t load(struct record *r, const char *path, struct meed_err *err)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;
	uint64_t number = 0;
	ssize_t n;
	int32_t st = MEED_OK;

	if (!f)
		return meed_err_set(err, MEED_E_NOINPUT, "cannot read the recording %s: %s", path,
				    strerror(errno));
	while (st == 0 && (n = getline(&line, &cap, f)) > 0) {
		number++;
		if (n && line[n - 1] == '\n')
			n--;
		if (n)
			st = add_row(r, path, number, (meed_str){ line, (size_t)n }, err);
	}
	if (st == 0 && ferror(f))
		st = meed_err_set(err, MEED_E_NOINPUT, "%s: cannot be read", path);
	(void)fclose(f);
	free(line);
	return st ? st : index_rows(r, err);
}

static void release(struct record *r)
{
	for (size_t i = 0; i < r->n_rows; i++)
		json_object_put(r->rows[i].row);
	free(r->rows);
	free(r->table);
	free(r->path);
	free(r);
}

/* Adding to a recording: behind its last whole line, as a crash may have cut one off. */
static FILE *open_out(const char *path, bool more)
{
	FILE *f = more ? fopen(path, "r+e") : NULL;
	off_t whole = 0, at = 0;
	int ch;

	if (!f)
		return more && errno != ENOENT ? NULL : fopen(path, "we");
	while ((ch = getc(f)) != EOF) {
		at++;
		if (ch == '\n')
			whole = at;
	}
	if (ferror(f) || fseeko(f, whole, SEEK_SET) < 0 || ftruncate(fileno(f), whole) < 0) {
		(void)fclose(f);
		return NULL;
	}
	return f;
}

int32_t record_open(const char *record, bool more, const char *replay, struct meed_err *err,
		    struct record **ret)
{
	struct record *r = calloc(1, sizeof(*r));
	int32_t st = MEED_OK;

	if (!r)
		return meed_err_nomem(err);
	if (replay) {
		r->replays = true;
		st = load(r, replay, err);
	}
	if (st == 0 && record) {
		r->path = strdup(record);
		r->out = r->path ? open_out(record, more) : NULL;
		if (!r->out)
			st = meed_err_set(err, MEED_E_CANTCREAT, "cannot write the recording %s: %s",
					  record, strerror(errno));
	}
	if (st < 0) {
		release(r);
		return st;
	}
	*ret = r;
	return MEED_OK;
}

int32_t record_close(struct record *r, struct meed_err *err)
{
	int32_t st = MEED_OK;

	if (!r)
		return MEED_OK;
	if (r->out && (fclose(r->out) != 0 || r->failed))
		st = meed_err_set(err, MEED_E_IO_OUT, "%s: the recording could not be written whole",
				  r->path);
	release(r);
	return st;
}

void record_put(struct record *r, meed_str key, uint32_t http_status, meed_str body)
{
	struct meed_buf b = { 0 };

	if (!r->out)
		return;
	MEED_BUF_LIT(&b, "{\"request\":");
	meed_buf_json_str(&b, key);
	meed_buf_printf(&b, ",\"status\":%u,\"answer\":", http_status);
	meed_buf_json_str(&b, body);
	MEED_BUF_LIT(&b, "}\n");
	/* flushed: what a run has written must be in its recording if it is killed */
	if (b.failed || fwrite(b.p, 1, b.n, r->out) != b.n || fflush(r->out) != 0)
		r->failed = true;
	meed_buf_release(&b);
}

bool record_replays(const struct record *r)
{
	return r->replays;
}

int32_t record_get(struct record *r, meed_str key, struct meed_buf *b, uint32_t *ret_http_status)
{
	uint64_t hash = meed_hash(key.p, key.n, 0);
	struct taken *t, *best = NULL;

	for (t = r->table[hash & (r->table_cap - 1)]; t; t = t->next)
		if (t->hash == hash && meed_str_eq(t->key, key) && (!best || t->uses < best->uses))
			best = t;
	if (!best)
		return MEED_E_NOINPUT;
	best->uses++;
	meed_buf_put(b, best->answer.p, best->answer.n);
	*ret_http_status = best->status;
	return b->failed ? MEED_E_NOMEM : MEED_OK;
}
