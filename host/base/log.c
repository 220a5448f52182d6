/* log.c - the host's log lines, one write each. */
#include "config.h"
#include "host/base/base.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/base/format.h"

static const char *level_prefix(uint32_t level)
{
	switch (level) {
	case MEED_LOG_DEBUG:
		return "meed: debug: ";
	case MEED_LOG_INFO:
		return "meed: ";
	case MEED_LOG_WARN:
		return "meed: warning: ";
	default:
		return "meed: error: ";
	}
}

static void write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return;		/* nobody is left to tell */
		p += w;
		n -= (size_t)w;
	}
}

void meed_log(const struct meed_log *l, uint32_t level, const char *fmt, ...)
{
	char small[2048], *line = small, *big = NULL;
	const char *prefix = level_prefix(level);
	size_t at = strlen(prefix), cap = sizeof(small), n;
	int saved_errno = errno;
	va_list ap;

	if (!l || l->fd < 0 || level < l->level)
		return;

	va_start(ap, fmt);
	n = meed_vformat(small + at, cap - at, fmt, ap);
	va_end(ap);
	if (n >= cap - at - 1 && n < SIZE_MAX / 2) {
		big = malloc(at + n + 2);
		if (big) {
			line = big;
			cap = at + n + 2;
			errno = saved_errno;
			va_start(ap, fmt);
			n = meed_vformat(big + at, cap - at, fmt, ap);
			va_end(ap);
		}
	}
	if (n > cap - at - 2)
		n = cap - at - 2;
	memcpy(line, prefix, at);
	meed_one_line(line + at, n);
	line[at + n] = '\n';
	write_all(l->fd, line, at + n + 1);

	free(big);
	errno = saved_errno;
}
