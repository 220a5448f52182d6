/* sink.c - the output file: whole lines only, and its own name only when it is whole. */
#include "config.h"
#include "host/engine/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int32_t sink_error(const struct sink *s, struct meed_err *err, int32_t code,
			  const char *doing)
{
	return meed_err_set(err, code, "%s: cannot %s: %s",
			    s->part ? s->part : s->path, doing, strerror(errno));
}

bool sink_is_file(const char *path)
{
	struct stat st;

	return path && strcmp(path, "-") != 0 && (stat(path, &st) < 0 || S_ISREG(st.st_mode));
}

static int open_file(struct sink *s, bool keep)
{
	int flags = O_CLOEXEC | O_CREAT | (keep ? O_RDWR : O_WRONLY | O_TRUNC);
	struct stat st;

	if (!s->part)
		return open(s->path, O_WRONLY | O_CLOEXEC);
	if (keep && stat(s->part, &st) < 0 && errno == ENOENT && stat(s->path, &st) == 0) {
		s->named = true;
		return open(s->path, O_RDWR | O_CLOEXEC);
	}
	return open(s->part, flags, 0666);
}

int32_t sink_open(struct sink *s, const char *path, bool keep, struct meed_err *err)
{
	struct stat st;

	memset(s, 0, sizeof(*s));
	s->fd = -1;
	if (!path || strcmp(path, "-") == 0) {
		s->fd = STDOUT_FILENO;
		s->path = strdup("standard output");
		return s->path ? MEED_OK : meed_err_nomem(err);
	}
	s->path = strdup(path);
	if (!s->path)
		return meed_err_nomem(err);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return sink_error(s, err, MEED_E_CANTCREAT, "create it");
	}
	if (sink_is_file(path)) {
		size_t n = strlen(path) + sizeof(".part");

		s->part = malloc(n);
		if (!s->part)
			return meed_err_nomem(err);
		(void)snprintf(s->part, n, "%s.part", path);
	}
	s->fd = open_file(s, keep);
	if (s->fd < 0)
		return sink_error(s, err, MEED_E_CANTCREAT, "create it");
	s->owned = true;
	return MEED_OK;
}

int32_t sink_write(struct sink *s, const char *p, size_t n, struct meed_err *err)
{
	size_t done = 0;

	while (done < n) {
		ssize_t k = write(s->fd, p + done, n - done);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return sink_error(s, err, MEED_E_IO_OUT, "write");
		done += (size_t)k;
	}
	s->bytes += n;
	if (s->digesting)
		meed_digest_put(&s->digest, p, n);
	return MEED_OK;
}

void sink_mark(const struct sink *s, struct sink_mark *ret)
{
	*ret = (struct sink_mark){ s->bytes, s->digest.chain, meed_digest_value(&s->digest) };
}

int32_t sink_go_to(struct sink *s, const struct sink_mark *m, struct meed_err *err)
{
	size_t tail = m->bytes % MEED_DIGEST_BLOCK;
	ssize_t n = 0;

	if (!s->named && ftruncate(s->fd, (off_t)m->bytes) < 0)
		return sink_error(s, err, MEED_E_IO_OUT, "cut");
	if (lseek(s->fd, (off_t)m->bytes, SEEK_SET) < 0)
		return sink_error(s, err, MEED_E_IO_OUT, "seek in it");
	if (tail)
		n = pread(s->fd, s->digest.tail, tail, (off_t)(m->bytes - tail));
	if (n < 0)
		return sink_error(s, err, MEED_E_IO_OUT, "read it");
	s->digest.chain = m->chain;
	s->digest.bytes = s->bytes = m->bytes;
	return MEED_OK;
}

int32_t sink_sync(struct sink *s, struct meed_err *err)
{
	if (s->owned && s->part && fdatasync(s->fd) < 0)
		return sink_error(s, err, MEED_E_IO_OUT, "write");
	return MEED_OK;
}

void sink_sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	/* some file systems cannot: nothing more can be done there */
	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
	free(folder);
}

int32_t sink_commit(struct sink *s, struct meed_err *err)
{
	if (!s->owned)
		return MEED_OK;
	s->owned = false;
	if (close(s->fd) < 0)
		return sink_error(s, err, MEED_E_IO_OUT, "write");
	if (s->part && !s->named && rename(s->part, s->path) < 0)
		return sink_error(s, err, MEED_E_IO_OUT, "rename it");
	return MEED_OK;
}

void sink_close(struct sink *s)
{
	if (s->owned) {
		/* a write that failed may have left half a line */
		if (s->part && !s->named && ftruncate(s->fd, (off_t)s->bytes) < 0)
			s->bytes = 0;
		(void)close(s->fd);
	}
	free(s->path);
	free(s->part);
	memset(s, 0, sizeof(*s));
	s->fd = -1;
}
