/* cache.c - answers on disk, by exactly what was asked: one SQLite file in WAL mode. */
#include "config.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/llm/net.h"

#define BATCH 64		/* answers a transaction */

struct cache {
	sqlite3 *db;
	sqlite3_stmt *get, *put, *begin, *commit;
	uint64_t ttl_s;
	unsigned held;		/* in the open transaction */
};

/* hash finds the row, the whole key tells whether it is the one. */
static const char schema[] =
	"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000;"
	"CREATE TABLE IF NOT EXISTS answers(hash INTEGER NOT NULL, key BLOB NOT NULL,"
	" body BLOB NOT NULL, at INTEGER NOT NULL);"
	"CREATE INDEX IF NOT EXISTS answers_hash ON answers(hash);"
	"PRAGMA user_version=1;";

static int32_t broken(struct cache *c, const char *path, struct meed_err *err)
{
	return meed_err_set(err, MEED_E_CANTCREAT, "%s: cannot be used as a cache: %s", path,
			    c->db ? sqlite3_errmsg(c->db) : "out of memory");
}

static bool prepare(struct cache *c, const char *sql, sqlite3_stmt **ret)
{
	return sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL) == SQLITE_OK;
}

int32_t cache_open(const char *path, uint64_t ttl_s, struct meed_err *err, struct cache **ret)
{
	struct cache *c = calloc(1, sizeof(*c));
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int32_t r;

	if (!c)
		return meed_err_nomem(err);
	c->ttl_s = ttl_s;
	if (sqlite3_open_v2(path, &c->db, flags, NULL) == SQLITE_OK &&
	    sqlite3_exec(c->db, schema, NULL, NULL, NULL) == SQLITE_OK &&
	    prepare(c, "SELECT key, body FROM answers WHERE hash=?1 AND at>=?2 ORDER BY at DESC",
		    &c->get) &&
	    prepare(c, "INSERT INTO answers(hash, key, body, at) VALUES(?1, ?2, ?3, ?4)", &c->put) &&
	    prepare(c, "BEGIN", &c->begin) && prepare(c, "COMMIT", &c->commit)) {
		*ret = c;
		return MEED_OK;
	}
	r = broken(c, path, err);
	cache_close(c);
	return r;
}

int32_t meed_llm_check_cache(const char *path, struct meed_err *err)
{
	struct cache c = { 0 };
	const char *slash = strrchr(path, '/');
	char *folder = NULL;
	struct stat st;
	int32_t r = MEED_OK;

	if (stat(path, &st) != 0) {
		folder = strndup(slash ? path : ".", slash ? (size_t)(slash - path) + 1 : 1);
		if (!folder)
			r = meed_err_nomem(err);
		else if (access(folder, W_OK | X_OK) != 0)
			r = meed_err_set(err, MEED_E_CANTCREAT, "%s cannot be made: %s: %s", path,
					 folder, strerror(errno));
	} else if (S_ISDIR(st.st_mode)) {
		r = meed_err_set(err, MEED_E_CANTCREAT, "%s is a folder: must be a file", path);
	} else if (access(path, R_OK | W_OK) != 0) {
		r = meed_err_set(err, MEED_E_CANTCREAT, "%s: %s", path, strerror(errno));
	} else if (sqlite3_open_v2(path, &c.db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
		   sqlite3_exec(c.db, "PRAGMA schema_version", NULL, NULL, NULL) != SQLITE_OK) {
		r = broken(&c, path, err);
	}
	(void)sqlite3_close(c.db);
	free(folder);
	return r;
}

void cache_flush(struct cache *c)
{
	if (!c || !c->held)
		return;
	(void)sqlite3_step(c->commit);
	(void)sqlite3_reset(c->commit);
	c->held = 0;
}

void cache_close(struct cache *c)
{
	if (!c)
		return;
	cache_flush(c);
	(void)sqlite3_finalize(c->get);
	(void)sqlite3_finalize(c->put);
	(void)sqlite3_finalize(c->begin);
	(void)sqlite3_finalize(c->commit);
	(void)sqlite3_close(c->db);
	free(c);
}

int32_t cache_get(struct cache *c, uint64_t hash, meed_str key, struct meed_buf *b)
{
	int64_t since = c->ttl_s ? (int64_t)time(NULL) - (int64_t)c->ttl_s : INT64_MIN;
	int32_t r = MEED_E_NOINPUT;

	(void)sqlite3_bind_int64(c->get, 1, (int64_t)hash);
	(void)sqlite3_bind_int64(c->get, 2, since);
	while (r < 0 && sqlite3_step(c->get) == SQLITE_ROW) {
		const void *k = sqlite3_column_blob(c->get, 0);
		int nk = sqlite3_column_bytes(c->get, 0);

		if ((size_t)nk != key.n || memcmp(k, key.p, key.n) != 0)
			continue;
		meed_buf_put(b, sqlite3_column_blob(c->get, 1),
			     (size_t)sqlite3_column_bytes(c->get, 1));
		r = b->failed ? MEED_E_NOMEM : MEED_OK;
	}
	(void)sqlite3_reset(c->get);
	return r;
}

void cache_put(struct cache *c, uint64_t hash, meed_str key, meed_str body)
{
	if (!c->held) {
		(void)sqlite3_step(c->begin);
		(void)sqlite3_reset(c->begin);
	}
	(void)sqlite3_bind_int64(c->put, 1, (int64_t)hash);
	(void)sqlite3_bind_blob64(c->put, 2, key.p, key.n, SQLITE_STATIC);
	(void)sqlite3_bind_blob64(c->put, 3, body.p, body.n, SQLITE_STATIC);
	(void)sqlite3_bind_int64(c->put, 4, (int64_t)time(NULL));
	(void)sqlite3_step(c->put);
	(void)sqlite3_reset(c->put);
	(void)sqlite3_clear_bindings(c->put);
	if (++c->held >= BATCH)
		cache_flush(c);
}
