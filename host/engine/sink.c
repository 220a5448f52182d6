/* sink.c - the output file: whole lines only, and its own name only when it is whole. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/engine/run.h"

static int32_t sink_error(const struct sink *s, struct meed_err *err, int32_t code,
			  const char *doing)
{
	return meed_err_set(err, code, "%s: cannot %s: %s",
			    s->part ? s->part : s->path, doing, strerror(errno));
}

int32_t sink_open(struct sink *s, const char *path, struct meed_err *err)
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
	if (stat(path, &st) < 0 || S_ISREG(st.st_mode)) {
		size_t n = strlen(path) + sizeof(".part");

		s->part = malloc(n);
		if (!s->part)
			return meed_err_nomem(err);
		(void)snprintf(s->part, n, "%s.part", path);
	}
	s->fd = open(s->part ? s->part : path,
		     O_WRONLY | O_CLOEXEC | (s->part ? O_CREAT | O_TRUNC : 0), 0666);
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
	return MEED_OK;
}

int32_t sink_commit(struct sink *s, struct meed_err *err)
{
	if (!s->owned)
		return MEED_OK;
	s->owned = false;
	if (close(s->fd) < 0)
		return sink_error(s, err, MEED_E_IO_OUT, "write");
	if (s->part && rename(s->part, s->path) < 0)
		return sink_error(s, err, MEED_E_IO_OUT, "rename it");
	return MEED_OK;
}

void sink_close(struct sink *s)
{
	if (s->owned) {
		/* a write that failed may have left half a line */
		if (s->part && ftruncate(s->fd, (off_t)s->bytes) < 0)
			s->bytes = 0;
		(void)close(s->fd);
	}
	free(s->path);
	free(s->part);
	memset(s, 0, sizeof(*s));
	s->fd = -1;
}
