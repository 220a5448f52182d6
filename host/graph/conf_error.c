/* conf_error.c - how the configuration's errors are put into words */
#include "config.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/graph/conf.h"

#define MIN_SECRET 3 /* shorter values would tear ordinary words apart */

static const struct conf_secret *secret_at(const struct meed_conf *c, const char *p)
{
	const struct conf_secret *best = NULL;
	size_t best_n = 0;
	size_t i;

	for (i = 0; i < c->n_secrets; i++) {
		size_t n = strlen(c->secrets[i].value);

		if (n >= MIN_SECRET && n > best_n && strncmp(p, c->secrets[i].value, n) == 0) {
			best = &c->secrets[i];
			best_n = n;
		}
	}
	return best;
}

static void add_redacted(const struct meed_conf *c, struct meed_diags *d, bool warning,
			 const char *text)
{
	struct meed_buf b = { 0 };
	const char *p = text;

	if (c->n_secrets == 0) {
		meed_diags_add(d, warning, "%s", text);
		return;
	}
	while (*p) {
		const struct conf_secret *s = secret_at(c, p);

		if (s) {
			MEED_BUF_LIT(&b, "${");
			meed_buf_puts(&b, s->name);
			meed_buf_putc(&b, '}');
			p += strlen(s->value);
		} else {
			meed_buf_putc(&b, *p++);
		}
	}
	meed_buf_putc(&b, '\0');
	meed_diags_add(d, warning, "%s", b.failed ? "out of memory while reporting" : b.p);
	meed_buf_release(&b);
}

static void report(const struct meed_conf *c, struct meed_diags *d, bool warning,
		   struct conf_place at, const char *fmt, va_list ap)
	__attribute__((format(printf, 5, 0)));

static void report(const struct meed_conf *c, struct meed_diags *d, bool warning,
		   struct conf_place at, const char *fmt, va_list ap)
{
	char text[2048];
	char line[2304];
	size_t i;

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	/* What the user wrote may hold anything: a diagnostic is one line. */
	for (i = 0; text[i]; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = ' ';
	if (at.file && at.line)
		(void)snprintf(line, sizeof(line), "%.200s:%u: %s", at.file, at.line, text);
	else if (at.file)
		(void)snprintf(line, sizeof(line), "%.200s: %s", at.file, text);
	else
		(void)snprintf(line, sizeof(line), "%s", text);
	add_redacted(c, d, warning, line);
}

void conf_error(const struct meed_conf *c, struct meed_diags *d, struct conf_place at,
		const char *fmt, ...)
{
	va_list ap;

	if (d->n_errors >= MEED_CONF_MAX_ERRORS) {
		if (d->n_errors == MEED_CONF_MAX_ERRORS)
			meed_diags_add(d, false, "more than %d errors; the rest is not shown",
				       MEED_CONF_MAX_ERRORS);
		return;
	}
	va_start(ap, fmt);
	report(c, d, false, at, fmt, ap);
	va_end(ap);
}

void conf_warn(const struct meed_conf *c, struct meed_diags *d, struct conf_place at,
	       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(c, d, true, at, fmt, ap);
	va_end(ap);
}

void conf_diags_move(const struct meed_conf *c, struct meed_diags *src, struct meed_diags *dst)
{
	size_t i;

	for (i = 0; i < src->n; i++)
		add_redacted(c, dst, src->v[i].warning,
			     src->v[i].text ? src->v[i].text : "out of memory while reporting");
	/* A text lost for want of memory still counts. */
	if (src->n == 0 && src->n_errors)
		meed_diags_add(dst, false, "out of memory while reporting");
	meed_diags_release(src);
}

const char *conf_hint(const char *hint, char *buf, size_t n)
{
	buf[0] = '\0';
	if (hint)
		(void)snprintf(buf, n, "; did you mean \"%s\"?", hint);
	return buf;
}

const char *conf_num(double x, char buf[CONF_NUM])
{
	if (isfinite(x))
		buf[meed_dtoa(x, buf)] = '\0';
	else
		(void)snprintf(buf, CONF_NUM, "%s", isnan(x) ? "nan" : x > 0 ? "inf" : "-inf");
	return buf;
}

const char *conf_words(const char *const *v, size_t n, char *buf, size_t size)
{
	size_t used = 0;
	size_t i;

	buf[0] = '\0';
	for (i = 0; i < n && used < size; i++) {
		int w = snprintf(buf + used, size - used, "%s%s", i ? ", " : "", v[i]);

		if (w < 0)
			break;
		used += (size_t)w;
	}
	return buf;
}
