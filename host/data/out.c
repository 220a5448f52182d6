/* out.c - output files: packed by their name, and under it only when whole */
#include "config.h"

#include "host/data/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum {
	MUCH = 256 << 10
};

struct data_pack {
	bool gzip;
	z_stream gz;
	ZSTD_CStream *zs;
	char *to;
};

static int32_t out_error(const struct data_out *o, struct meed_err *err, int32_t code,
			 const char *doing)
{
	return meed_err_set(err, code, "%s: cannot %s: %s", o->partial ? o->partial : o->path,
			    doing, strerror(errno));
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n > k && strcmp(s + n - k, end) == 0;
}

bool data_is_parquet(const char *path)
{
	return ends_with(path, ".parquet");
}

static int32_t pack_open(struct data_out *o, struct meed_err *err)
{
	bool gzip = ends_with(o->path, ".gz");
	struct data_pack *p;

	if (!gzip && !ends_with(o->path, ".zst"))
		return MEED_OK;
	p = o->pack = calloc(1, sizeof(*p));
	if (!p || !(p->to = malloc(MUCH)))
		return meed_err_nomem(err);
	if (gzip && deflateInit2(&p->gz, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return meed_err_nomem(err);
	p->gzip = gzip;
	if (!gzip && !(p->zs = ZSTD_createCStream()))
		return meed_err_nomem(err);
	return MEED_OK;
}

int32_t data_out_open(struct data_out *o, const char *path, struct meed_err *err)
{
	struct stat st;

	o->fd = -1;
	if (!path || strcmp(path, "-") == 0) {
		o->fd = STDOUT_FILENO;
		o->path = strdup("standard output");
		return o->path ? MEED_OK : meed_err_nomem(err);
	}
	o->path = strdup(path);
	if (!o->path)
		return meed_err_nomem(err);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return out_error(o, err, MEED_E_CANTCREAT, "create it");
	}
	if ((stat(path, &st) < 0 || S_ISREG(st.st_mode)) &&
	    asprintf(&o->partial, "%s.part", path) < 0) {
		o->partial = NULL;
		return meed_err_nomem(err);
	}
	o->fd = open(o->partial ? o->partial : path,
		     O_WRONLY | O_CLOEXEC | (o->partial ? O_CREAT | O_TRUNC : 0), 0666);
	if (o->fd < 0)
		return out_error(o, err, MEED_E_CANTCREAT, "create it");
	o->owned = true;
	o->parquet = data_is_parquet(path);
	if (o->parquet) { /* DuckDB opens it itself */
		(void)close(o->fd);
		o->owned = false;
		if (meed_spill_open(&o->fd, err) < 0) {
			o->fd = -1;
			return MEED_E_CANTCREAT;
		}
		o->owned = true;
	}
	return pack_open(o, err);
}

static int32_t put(struct data_out *o, const char *p, size_t n, struct meed_err *err)
{
	while (n > 0) {
		ssize_t k = write(o->fd, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return out_error(o, err, MEED_E_IO_OUT, "write");
		p += k;
		n -= (size_t)k;
	}
	return MEED_OK;
}

static int32_t put_gzip(struct data_out *o, bool last, struct meed_err *err)
{
	z_stream *z = &o->pack->gz;
	int32_t r = MEED_OK;
	size_t at = 0;
	int st = Z_OK;

	do {
		size_t n = o->text.n - at < MUCH ? o->text.n - at : MUCH;
		bool end = last && at + n == o->text.n;

		z->next_in = (unsigned char *)o->text.p + at;
		z->avail_in = (unsigned)n;
		do {
			z->next_out = (unsigned char *)o->pack->to;
			z->avail_out = MUCH;
			st = deflate(z, end ? Z_FINISH : Z_NO_FLUSH);
			r = put(o, o->pack->to, MUCH - z->avail_out, err);
		} while (r == MEED_OK && st == Z_OK && z->avail_out == 0);
		at += n;
	} while (r == MEED_OK && at < o->text.n);
	return r;
}

static int32_t put_zstd(struct data_out *o, bool last, struct meed_err *err)
{
	ZSTD_inBuffer in = { o->text.p ? o->text.p : "", o->text.n, 0 };
	int32_t r = MEED_OK;
	size_t left;

	do {
		ZSTD_outBuffer out = { o->pack->to, MUCH, 0 };

		left = ZSTD_compressStream2(o->pack->zs, &out, &in,
					    last ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return meed_err_set(err, MEED_E_IO_OUT, "%s: cannot pack: %s", o->path,
					    ZSTD_getErrorName(left));
		r = put(o, o->pack->to, out.pos, err);
	} while (r == MEED_OK && (in.pos < in.size || (last && left > 0)));
	return r;
}

static int32_t out_write(struct data_out *o, bool last, struct meed_err *err)
{
	int32_t r;

	if (o->text.failed)
		return meed_err_nomem(err);
	if (!o->pack)
		r = put(o, o->text.p, o->text.n, err);
	else
		r = o->pack->gzip ? put_gzip(o, last, err) : put_zstd(o, last, err);
	o->text.n = 0;
	return r;
}

int32_t data_out_tick(struct data_out *o, struct meed_err *err)
{
	return o->text.n >= MUCH || o->text.failed ? out_write(o, false, err) : MEED_OK;
}

int32_t data_out_commit(struct data_out *o, struct meed_err *err)
{
	int32_t r = out_write(o, true, err);

	if (r == MEED_OK && o->parquet)
		r = data_parquet_write(o->fd, o->partial ? o->partial : o->path, o->columns, err);
	if (r < 0 || !o->owned)
		return r;
	if (close(o->fd) < 0)
		r = out_error(o, err, MEED_E_IO_OUT, "write");
	else if (o->partial && rename(o->partial, o->path) < 0)
		r = out_error(o, err, MEED_E_IO_OUT, "rename it");
	if (r < 0 && o->partial)
		(void)unlink(o->partial);
	o->owned = false;
	return r;
}

void data_out_close(struct data_out *o)
{
	struct data_pack *p = o->pack;

	if (o->owned)
		(void)close(o->fd);
	/* a chain cannot go on where it was stopped: a part of its output is of no use */
	if (o->owned && o->partial)
		(void)unlink(o->partial);
	if (p && p->gzip)
		(void)deflateEnd(&p->gz);
	if (p) {
		(void)ZSTD_freeCStream(p->zs);
		free(p->to);
	}
	free(p);
	free(o->path);
	free(o->partial);
	meed_buf_release(&o->text);
	memset(o, 0, sizeof(*o));
	o->fd = -1;
}

char *data_part_path(const char *path, const char *name)
{
	static const char *const endings[] = {
		".gz", ".zst", ".jsonl", ".json", ".csv", ".parquet"
	};
	size_t stem = strlen(path), i;
	char *ret;

	for (i = 0; i < DATA_COUNT(endings); i++) {
		size_t k = strlen(endings[i]);

		if (stem > k && strncmp(path + stem - k, endings[i], k) == 0)
			stem -= k;
	}
	if (asprintf(&ret, "%.*s-%s%s", (int)stem, path, name,
		     path[stem] ? path + stem : ".jsonl") < 0)
		return NULL;
	return ret;
}
