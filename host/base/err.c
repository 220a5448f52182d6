/* err.c - one failure, and lists of diagnostics. */
#include "config.h"
#include "host/base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "host/base/format.h"

#define EXIT_CANCELLED 130		/* as a shell reports SIGINT */

/* Cuts a text of len bytes to its buffer of cap, between characters, and shows that it did. */
static size_t cut(char *text, size_t cap, size_t len)
{
	size_t n;

	if (len < cap)
		return len;
	n = cap - 4;
	while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	memcpy(text + n, "...", 4);
	return n + 3;
}

int32_t meed_err_set(struct meed_err *e, int32_t code, const char *fmt, ...)
{
	struct meed_err new;
	va_list ap;
	size_t n;

	if (!e)
		return code;

	/* The arguments may point into e->text: wrapping an error is how it gets its context. */
	new.code = code;
	va_start(ap, fmt);
	n = meed_vformat(new.text, sizeof(new.text), fmt, ap);
	va_end(ap);
	n = cut(new.text, sizeof(new.text), n);
	meed_one_line(new.text, n);
	e->code = code;
	memcpy(e->text, new.text, n + 1);
	return code;
}

int32_t meed_err_nomem(struct meed_err *e)
{
	return meed_err_set(e, MEED_E_NOMEM, "out of memory");
}

const char *meed_err_name(int32_t code)
{
	switch (code) {
	case MEED_OK:
		return "ok";
	case MEED_PENDING:
		return "pending";
	case MEED_ABSTAIN:
		return "abstain";
	case MEED_E_PARAM:
		return "param";
	case MEED_E_SAMPLE:
		return "sample";
	case MEED_E_PARSE:
		return "parse";
	case MEED_E_UPSTREAM:
		return "upstream";
	case MEED_E_TIMEOUT:
		return "timeout";
	case MEED_E_CANCELLED:
		return "cancelled";
	case MEED_E_LIMIT:
		return "limit";
	case MEED_E_NOMEM:
		return "nomem";
	case MEED_E_RANGE:
		return "range";
	case MEED_E_UNSUPPORTED:
		return "unsupported";
	case MEED_E_INTERNAL:
		return "internal";
	case MEED_E_NOINPUT:
		return "input";
	case MEED_E_CANTCREAT:
	case MEED_E_IO_OUT:
		return "output";
	default:
		return "unknown";
	}
}

int meed_err_exit(int32_t code)
{
	if (code >= 0)
		return EXIT_SUCCESS;
	switch (code) {
	case MEED_E_PARAM:
		return EX_CONFIG;
	case MEED_E_SAMPLE:
	case MEED_E_PARSE:
	case MEED_E_LIMIT:
		return EX_DATAERR;
	case MEED_E_UPSTREAM:
	case MEED_E_UNSUPPORTED:
		return EX_UNAVAILABLE;
	case MEED_E_TIMEOUT:
		return EX_TEMPFAIL;
	case MEED_E_CANCELLED:
		return EXIT_CANCELLED;
	case MEED_E_NOMEM:
		return EX_OSERR;
	case MEED_E_NOINPUT:
		return EX_NOINPUT;
	case MEED_E_CANTCREAT:
		return EX_CANTCREAT;
	case MEED_E_IO_OUT:
		return EX_IOERR;
	default:
		return EX_SOFTWARE;
	}
}

static bool diags_reserve(struct meed_diags *d)
{
	size_t cap = d->cap ? d->cap * 2 : 16, bytes;
	struct meed_diag *v;

	if (d->n < d->cap)
		return true;
	if (meed_mul_overflow(cap, sizeof(*v), &bytes))
		return false;
	v = realloc(d->v, bytes);
	if (!v)
		return false;
	d->v = v;
	d->cap = cap;
	return true;
}

void meed_diags_add(struct meed_diags *d, bool warning, const char *fmt, ...)
{
	char text[4096], *copy;
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = meed_vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	n = cut(text, sizeof(text), n);
	meed_one_line(text, n);

	if (!warning)
		d->n_errors++;
	if (!diags_reserve(d))
		return;
	copy = malloc(n + 1);
	if (!copy)
		return;
	memcpy(copy, text, n + 1);
	d->v[d->n].text = copy;
	d->v[d->n].warning = warning;
	d->n++;
}

void meed_diags_release(struct meed_diags *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->v[i].text);
	free(d->v);
	*d = (struct meed_diags){ 0 };
}
