/* duckdb.c - DuckDB's C library, opened at run time. */
#include "config.h"
#include "host/sample/duckdb.h"

#include <dlfcn.h>
#include <stdlib.h>

/* What of duckdb.h we use; DuckDB keeps these as they are since its version 1.0. */
struct result {
	uint64_t counts[3];
	void *columns;
	char *error;
	void *internal;
};

struct text {
	uint32_t n;
	char begin[4];			/* the text itself begins here if it has up to 12 bytes */
	union {
		char rest[8];
		const char *p;
	} u;
};

struct calls {
	int (*open)(const char *path, void **ret);
	void (*close)(void **db);
	int (*connect)(void *db, void **ret);
	void (*disconnect)(void **con);
	int (*query)(void *con, const char *sql, struct result *ret);
	const char *(*result_error)(struct result *r);
	void (*destroy_result)(struct result *r);
	int (*prepare)(void *con, const char *sql, void **ret);
	const char *(*prepare_error)(void *stmt);
	void (*destroy_prepare)(void **stmt);
	int (*pending_prepared_streaming)(void *stmt, void **ret);
	const char *(*pending_error)(void *pending);
	int (*execute_pending)(void *pending, struct result *ret);
	void (*destroy_pending)(void **pending);
	void *(*fetch_chunk)(struct result r);
	uint64_t (*data_chunk_get_size)(void *chunk);
	void *(*data_chunk_get_vector)(void *chunk, uint64_t column);
	void *(*vector_get_data)(void *vector);
	uint64_t *(*vector_get_validity)(void *vector);
	void (*destroy_data_chunk)(void **chunk);
};

struct meed_duckdb {
	struct calls f;
	void *db, *con, *stmt, *pending, *chunk;
	struct result result;
	bool has_result;
	uint64_t at, n;			/* of the chunk's rows */
};

/* ---- loading ----------------------------------------------------------------------------- */

#define CALL(name) { offsetof(struct calls, name), "duckdb_" #name }

static const struct {
	size_t at;
	const char *name;
} calls[] = {
	CALL(open), CALL(close), CALL(connect), CALL(disconnect), CALL(query), CALL(result_error),
	CALL(destroy_result), CALL(prepare), CALL(prepare_error), CALL(destroy_prepare),
	CALL(pending_prepared_streaming), CALL(pending_error), CALL(execute_pending),
	CALL(destroy_pending), CALL(fetch_chunk), CALL(data_chunk_get_size),
	CALL(data_chunk_get_vector), CALL(vector_get_data), CALL(vector_get_validity),
	CALL(destroy_data_chunk)
};

static int32_t load(struct meed_duckdb *d, struct meed_err *err)
{
	const char *path = getenv("MEED_DUCKDB");
	void *lib;

	if (!path || !*path)
		path = "libduckdb.so";
	/* its threads and destructors may outlive us */
	lib = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!lib) {
		const char *why = dlerror();

		return meed_err_set(err, MEED_E_UNSUPPORTED,
				    "Parquet is read and written by DuckDB's library, and it "
				    "cannot be loaded: %s; get libduckdb.so from duckdb.org (C/C++, "
				    "libduckdb-linux-amd64.zip) or from the npm package "
				    "@duckdb/node-bindings-linux-x64 and set MEED_DUCKDB to its "
				    "path",
				    why ? why : path);
	}
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		void *sym = dlsym(lib, calls[i].name);

		if (!sym) {
			(void)dlclose(lib);
			return meed_err_set(err, MEED_E_UNSUPPORTED,
					    "%s has no %s: DuckDB's library of version 1.0 or "
					    "later is needed", path, calls[i].name);
		}
		memcpy((char *)&d->f + calls[i].at, &sym, sizeof(sym));
	}
	(void)dlclose(lib);
	return MEED_OK;
}

int32_t meed_duckdb_open(struct meed_err *err, struct meed_duckdb **ret)
{
	struct meed_duckdb *d = calloc(1, sizeof(*d));
	int32_t r;

	if (!d)
		return meed_err_nomem(err);
	r = load(d, err);
	if (r >= 0 && (d->f.open(NULL, &d->db) != 0 || d->f.connect(d->db, &d->con) != 0))
		r = meed_err_set(err, MEED_E_UNSUPPORTED,
				 "DuckDB cannot open a database in memory");
	/* one thread keeps rows in order and memory flat; nothing is fetched over a network */
	if (r >= 0)
		r = meed_duckdb_run(d, "SET threads = 1; SET autoinstall_known_extensions = false; "
				       "SET preserve_insertion_order = true", err);
	if (r < 0) {
		meed_duckdb_close(d);
		return r;
	}
	*ret = d;
	return r;
}

/* ---- queries -------------------------------------------------------------------------------- */

static void end_query(struct meed_duckdb *d)
{
	if (d->chunk)
		d->f.destroy_data_chunk(&d->chunk);
	if (d->has_result)
		d->f.destroy_result(&d->result);
	if (d->pending)
		d->f.destroy_pending(&d->pending);
	if (d->stmt)
		d->f.destroy_prepare(&d->stmt);
	d->has_result = false;
	d->at = d->n = 0;
}

void meed_duckdb_close(struct meed_duckdb *d)
{
	if (!d)
		return;
	end_query(d);
	if (d->con)
		d->f.disconnect(&d->con);
	if (d->db)
		d->f.close(&d->db);
	free(d);
}

static int32_t fail(struct meed_err *err, const char *why)
{
	return meed_err_set(err, MEED_E_SAMPLE, "DuckDB says: %s", why ? why : "no reason");
}

int32_t meed_duckdb_run(struct meed_duckdb *d, const char *sql, struct meed_err *err)
{
	struct result res = { .internal = NULL };
	int32_t r = MEED_OK;

	if (d->f.query(d->con, sql, &res) != 0)
		r = fail(err, d->f.result_error(&res));
	d->f.destroy_result(&res);
	return r;
}

int32_t meed_duckdb_select(struct meed_duckdb *d, const char *sql, struct meed_err *err)
{
	end_query(d);
	if (d->f.prepare(d->con, sql, &d->stmt) != 0)
		return fail(err, d->f.prepare_error(d->stmt));
	if (d->f.pending_prepared_streaming(d->stmt, &d->pending) != 0)
		return fail(err, d->f.pending_error(d->pending));
	memset(&d->result, 0, sizeof(d->result));
	d->has_result = true;
	if (d->f.execute_pending(d->pending, &d->result) != 0)
		return fail(err, d->f.result_error(&d->result));
	return MEED_OK;
}

/* 1 with rows in the chunk, 0 at the end. */
static int32_t next_chunk(struct meed_duckdb *d, struct meed_err *err)
{
	do {
		const char *why;

		if (d->chunk)
			d->f.destroy_data_chunk(&d->chunk);
		d->chunk = d->f.fetch_chunk(d->result);
		if (!d->chunk) {
			why = d->f.result_error(&d->result);
			return why && *why ? fail(err, why) : 0;
		}
		d->n = d->f.data_chunk_get_size(d->chunk);
	} while (!d->n);
	d->at = 0;
	return 1;
}

int32_t meed_duckdb_next(struct meed_duckdb *d, meed_str *ret, struct meed_err *err)
{
	const struct text *t;
	uint64_t *valid;
	void *vector;
	int32_t r;

	if (!d->has_result)
		return 0;
	if (d->at == d->n) {
		r = next_chunk(d, err);
		if (r <= 0) {
			end_query(d);
			return r;
		}
	}
	vector = d->f.data_chunk_get_vector(d->chunk, 0);
	valid = d->f.vector_get_validity(vector);
	t = (const struct text *)d->f.vector_get_data(vector) + d->at;
	if (valid && !(valid[d->at / 64] >> d->at % 64 & 1))
		*ret = (meed_str){ NULL, 0 };
	else
		*ret = (meed_str){ t->n <= 12 ? (const char *)t + offsetof(struct text, begin)
					      : t->u.p, t->n };
	d->at++;
	return 1;
}

void meed_duckdb_quote(struct meed_buf *b, const char *text)
{
	meed_buf_putc(b, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			meed_buf_putc(b, '\'');
		meed_buf_putc(b, *text);
	}
	meed_buf_putc(b, '\'');
}
