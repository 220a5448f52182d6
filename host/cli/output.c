/* output.c - messages on standard error, data on standard output or in files. */
#include "config.h"

#include "host/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

bool cli_write(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

/* Text from files and plugins may hold anything; a terminal must not obey it. */
static void defuse(struct meed_buf *b, size_t from)
{
	size_t i;

	for (i = from; i < b->n; i++)
		if ((unsigned char)b->p[i] < 0x20 || b->p[i] == 0x7f)
			b->p[i] = '?';
}

static void put_line(const struct cli *c, char kind, const char *prefix, const char *text)
{
	const char *paint = kind == 'e' ? "\033[31m" : kind == 'w' ? "\033[33m" : NULL;
	struct meed_buf b = { 0 };
	size_t from;

	if (!c->colour_err)
		paint = NULL;
	if (paint)
		meed_buf_puts(&b, paint);
	from = b.n;
	meed_buf_puts(&b, prefix);
	meed_buf_puts(&b, text);
	defuse(&b, from);
	if (paint)
		MEED_BUF_LIT(&b, "\033[0m");
	meed_buf_putc(&b, '\n');
	if (!b.failed)
		(void)cli_write(STDERR_FILENO, b.p, b.n);
	meed_buf_release(&b);
}

__attribute__((format(printf, 4, 0))) static void say(const struct cli *c, char kind,
						      const char *tail, const char *fmt, va_list ap)
{
	char prefix[64], text[2048];
	size_t n;

	(void)snprintf(prefix, sizeof(prefix), "meed%s%s: ", c->cmd ? " " : "",
		       c->cmd ? c->cmd->name : "");
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	n = strlen(text);
	(void)snprintf(text + n, sizeof(text) - n, "%s", tail);
	put_line(c, kind, prefix, text);
}

void cli_say(const struct cli *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(c, ' ', "", fmt, ap);
	va_end(ap);
}

void cli_line(const struct cli *c, char kind, const char *text)
{
	put_line(c, kind, "", text);
}

int cli_usage(const struct cli *c, const char *fmt, ...)
{
	char tail[96];
	va_list ap;

	(void)snprintf(tail, sizeof(tail), " (see: meed%s%s --help)", c->cmd ? " " : "",
		       c->cmd ? c->cmd->name : "");
	va_start(ap, fmt);
	say(c, 'e', tail, fmt, ap);
	va_end(ap);
	return EX_USAGE;
}

size_t cli_width(int fd)
{
	struct winsize w;

	return isatty(fd) == 1 && ioctl(fd, TIOCGWINSZ, &w) == 0 ? w.ws_col : 0;
}

int cli_nomem(const struct cli *c)
{
	cli_say(c, "out of memory");
	return EX_OSERR;
}

int cli_emit(const struct cli *c, const struct meed_buf *b)
{
	if (b->failed)
		return cli_nomem(c);
	if (cli_write(STDOUT_FILENO, b->p, b->n))
		return EX_OK;
	cli_say(c, "cannot write to standard output: %s", strerror(errno));
	return EX_IOERR;
}

int cli_file_open(const struct cli *c, const char *path, struct cli_file *ret)
{
	struct stat st;
	int flags = O_WRONLY | O_CLOEXEC;

	*ret = (struct cli_file){ path, NULL, -1 };
	if (strcmp(path, "-") == 0) {
		ret->fd = STDOUT_FILENO;
		return EX_OK;
	}
	/* a device or FIFO is written as it is: renaming over it would put a file in its place */
	if (stat(path, &st) < 0 || S_ISREG(st.st_mode)) {
		flags |= O_CREAT | O_TRUNC;
		if (asprintf(&ret->part, "%s.part", path) < 0) {
			ret->part = NULL;
			return cli_nomem(c);
		}
	}
	ret->fd = open(ret->part ? ret->part : path, flags, 0666);
	if (ret->fd >= 0)
		return EX_OK;
	cli_say(c, "cannot create %s: %s", ret->part ? ret->part : path, strerror(errno));
	free(ret->part);
	ret->part = NULL;
	return EX_CANTCREAT;
}

int cli_file_close(const struct cli *c, struct cli_file *f, int status)
{
	if (f->fd > STDOUT_FILENO && close(f->fd) < 0 && status == EX_OK) {
		cli_say(c, "cannot write %s: %s", f->path, strerror(errno));
		status = EX_IOERR;
	}
	if (f->part && status == EX_OK && rename(f->part, f->path) < 0) {
		cli_say(c, "cannot rename %s to %s: %s", f->part, f->path, strerror(errno));
		status = EX_CANTCREAT;
	}
	if (f->part && status != EX_OK)
		(void)unlink(f->part);
	free(f->part);
	*f = (struct cli_file){ NULL, NULL, -1 };
	return status;
}

int cli_emit_file(const struct cli *c, const char *path, const struct meed_buf *b)
{
	struct cli_file f;
	int status;

	if (b->failed)
		return cli_nomem(c);
	if (strcmp(path, "-") == 0)
		return cli_emit(c, b);
	status = cli_file_open(c, path, &f);
	if (status != EX_OK)
		return status;
	if (!cli_write(f.fd, b->p, b->n)) {
		cli_say(c, "cannot write %s: %s", path, strerror(errno));
		status = EX_IOERR;
	}
	return cli_file_close(c, &f, status);
}

void cli_diags(const struct cli *c, const struct meed_diags *d)
{
	struct meed_buf b = { 0 };
	size_t i;

	for (i = 0; i < d->n; i++) {
		b.n = 0;
		meed_buf_printf(&b, "%s%s", d->v[i].warning ? "warning: " : "",
				d->v[i].text ? d->v[i].text : "(out of memory)");
		meed_buf_putc(&b, '\0');
		if (!b.failed)
			cli_line(c, d->v[i].warning ? 'w' : 'e', b.p);
	}
	meed_buf_release(&b);
}
