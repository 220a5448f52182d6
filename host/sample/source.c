/* source.c - the bytes of one file, gzip and zstd undone. */
#include "config.h"
#include "host/sample/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define IN_BYTES ((size_t)128 << 10)

#define LOOK_MS 100		/* how often a wait looks at the cancel flag */

/* Waits for a pipe or terminal: false once the run is cancelled. A signal alone would not do: it
 * may go to another thread, or come just before the read. */
static bool wait_readable(const struct meed_source *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	int n = 0;

	while (s->cancel && !s->regular && n <= 0) {
		if (atomic_load_explicit(s->cancel, memory_order_relaxed))
			return false;
		n = poll(&p, 1, LOOK_MS);
		if (n < 0 && errno != EINTR)
			break;
	}
	return true;
}

/* As read(2), but never EINTR, and it waits where the file is set not to. */
static int64_t read_fd(struct meed_source *s, void *to, size_t room, struct meed_err *err)
{
	ssize_t n;

	for (;;) {
		struct pollfd p = { .fd = s->fd, .events = POLLIN };

		if (!wait_readable(s))
			return meed_err_set(err, MEED_E_CANCELLED, "cancelled");
		n = read(s->fd, to, room);
		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			break;
		if (errno == EAGAIN)
			(void)poll(&p, 1, -1);
	}
	if (n < 0)
		return meed_err_set(err, MEED_E_NOINPUT, "cannot read: %s", strerror(errno));
	s->raw += (uint64_t)n;
	s->at_end = n == 0;
	if (s->digest)
		meed_digest_put(s->digest, to, (size_t)n);
	return n;
}

/* Reads into the empty buffer. */
static int32_t fill(struct meed_source *s, struct meed_err *err)
{
	int64_t n = read_fd(s, s->in, IN_BYTES, err);

	s->at = 0;
	s->n = n > 0 ? (size_t)n : 0;
	return n < 0 ? (int32_t)n : MEED_OK;
}

/* Enough bytes to see what the file is, if it has so many. */
static int32_t fill_head(struct meed_source *s, struct meed_err *err)
{
	while (s->n < 4 && !s->at_end) {
		int64_t n = read_fd(s, s->in + s->n, IN_BYTES - s->n, err);

		if (n < 0)
			return (int32_t)n;
		s->n += (size_t)n;
	}
	return MEED_OK;
}

static enum meed_packing packing(const unsigned char *p, size_t n)
{
	if (n >= 2 && p[0] == 0x1f && p[1] == 0x8b)
		return MEED_GZIP;
	if (n >= 4 && p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd)
		return MEED_ZSTD;
	/* a skippable frame, which some writers put first */
	if (n >= 4 && (p[0] & 0xf0) == 0x50 && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18)
		return MEED_ZSTD;
	return MEED_PLAIN;
}

static int32_t start(struct meed_source *s, struct meed_err *err)
{
	int32_t r = fill_head(s, err);

	if (r < 0)
		return r;
	s->packing = packing(s->in, s->n);
	if (s->packing == MEED_GZIP) {
		/* 16: a gzip header and trailer are wanted */
		if (inflateInit2(&s->gz, MAX_WBITS + 16) != Z_OK)
			return meed_err_nomem(err);
		s->gz_open = true;
		s->inside = true;
	} else if (s->packing == MEED_ZSTD) {
		s->zs = ZSTD_createDStream();
		if (!s->zs || ZSTD_isError(ZSTD_initDStream(s->zs)))
			return meed_err_nomem(err);
		s->inside = true;
	}
	return MEED_OK;
}

int32_t meed_source_open(struct meed_source *s, const char *path, const atomic_int *cancel,
			 struct meed_digest *digest, struct meed_err *err)
{
	struct stat st;
	int32_t r;

	*s = (struct meed_source){ .fd = STDIN_FILENO, .cancel = cancel, .digest = digest };
	if (strcmp(path, "-") != 0) {
		s->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (s->fd < 0)
			return meed_err_set(err, MEED_E_NOINPUT, "cannot open: %s",
					    strerror(errno));
		s->owned = true;
	}
	s->regular = fstat(s->fd, &st) == 0 && S_ISREG(st.st_mode);
	if (s->regular)
		(void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	s->in = malloc(IN_BYTES);
	r = s->in ? start(s, err) : meed_err_nomem(err);
	if (r < 0)
		meed_source_close(s);
	return r;
}

int32_t meed_source_seek(struct meed_source *s, uint64_t offset, struct meed_err *err)
{
	struct stat st;

	if (fstat(s->fd, &st) < 0)
		return meed_err_set(err, MEED_E_NOINPUT, "cannot read: %s", strerror(errno));
	if (offset > (uint64_t)st.st_size)
		offset = (uint64_t)st.st_size;
	if (lseek(s->fd, (off_t)offset, SEEK_SET) < 0)
		return meed_err_set(err, MEED_E_NOINPUT, "cannot seek: %s", strerror(errno));
	s->at = s->n = 0;
	s->at_end = false;
	s->raw = offset;
	return MEED_OK;
}

static int64_t read_plain(struct meed_source *s, char *to, size_t room, struct meed_err *err)
{
	size_t n = s->n - s->at;

	if (!n)
		return s->at_end ? 0 : read_fd(s, to, room, err);
	if (n > room)
		n = room;
	memcpy(to, s->in + s->at, n);
	s->at += n;
	return (int64_t)n;
}

/* Between two members: the next one, padding, or what does not belong there. */
static int32_t next_member(struct meed_source *s, struct meed_err *err)
{
	while (s->at < s->n && !s->in[s->at])
		s->at++;
	if (s->at == s->n)
		return MEED_OK;
	if (s->in[s->at] != 0x1f)
		return meed_err_set(err, MEED_E_SAMPLE, "bytes after the end of the gzip data");
	if (inflateReset(&s->gz) != Z_OK)
		return meed_err_set(err, MEED_E_INTERNAL, "zlib cannot start again");
	s->inside = true;
	return MEED_OK;
}

static int64_t read_gzip(struct meed_source *s, char *to, size_t room, struct meed_err *err)
{
	size_t n = room < UINT_MAX ? room : UINT_MAX;

	s->gz.next_out = (unsigned char *)to;
	s->gz.avail_out = (unsigned int)n;
	while (s->gz.avail_out == n) {
		int32_t r = MEED_OK;
		int z;

		if (s->at == s->n && !s->at_end)
			r = fill(s, err);
		if (r >= 0 && s->at == s->n && s->at_end) {
			if (!s->inside)
				return 0;
			return meed_err_set(err, MEED_E_SAMPLE,
					    "the gzip data ends in the middle; the file was cut "
					    "off");
		}
		if (r >= 0 && !s->inside) {
			r = next_member(s, err);
			if (r >= 0 && !s->inside)
				continue;
		}
		if (r < 0)
			return r;
		s->gz.next_in = s->in + s->at;
		s->gz.avail_in = (unsigned int)(s->n - s->at);
		z = inflate(&s->gz, Z_NO_FLUSH);
		s->at = s->n - s->gz.avail_in;
		if (z == Z_STREAM_END)
			s->inside = false;
		else if (z == Z_MEM_ERROR)
			return meed_err_nomem(err);
		else if (z != Z_OK && z != Z_BUF_ERROR)
			return meed_err_set(err, MEED_E_SAMPLE, "the gzip data is damaged: %s",
					    s->gz.msg ? s->gz.msg : "no reason given");
	}
	return (int64_t)(n - s->gz.avail_out);
}

static int64_t read_zstd(struct meed_source *s, char *to, size_t room, struct meed_err *err)
{
	ZSTD_outBuffer out = { to, room, 0 };

	while (out.pos == 0) {
		ZSTD_inBuffer in;
		size_t z;

		if (s->at == s->n && !s->at_end && !s->pending) {
			int32_t r = fill(s, err);

			if (r < 0)
				return r;
		}
		if (s->at == s->n && s->at_end && !s->pending) {
			if (!s->inside)
				return 0;
			return meed_err_set(err, MEED_E_SAMPLE,
					    "the zstd data ends in the middle; the file was cut "
					    "off");
		}
		in = (ZSTD_inBuffer){ s->in, s->n, s->at };
		z = ZSTD_decompressStream(s->zs, &out, &in);
		s->at = in.pos;
		if (ZSTD_isError(z))
			return meed_err_set(err, MEED_E_SAMPLE, "the zstd data is damaged: %s",
					    ZSTD_getErrorName(z));
		s->inside = z != 0;
		s->pending = s->inside && out.pos == out.size;
	}
	return (int64_t)out.pos;
}

int64_t meed_source_read(struct meed_source *s, char *to, size_t room, struct meed_err *err)
{
	switch (s->packing) {
	case MEED_GZIP:
		return read_gzip(s, to, room, err);
	case MEED_ZSTD:
		return read_zstd(s, to, room, err);
	default:
		return read_plain(s, to, room, err);
	}
}

void meed_source_close(struct meed_source *s)
{
	if (s->gz_open)
		(void)inflateEnd(&s->gz);
	(void)ZSTD_freeDStream(s->zs);
	free(s->in);
	if (s->owned)
		(void)close(s->fd);
	*s = (struct meed_source){ .fd = -1, .raw = s->raw };
}
