/* format.c - printf under the C locale, and text made fit for one line. */
#include "config.h"
#include "host/base/format.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>

#include "host/base/base.h"

size_t meed_vformat(char *out, size_t cap, const char *fmt, va_list ap)
{
	int saved_errno = errno;
	/* glibc and musl hand out a static object for "C": this allocates nothing. */
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	locale_t old = c ? uselocale(c) : (locale_t)0;
	int n;

	errno = saved_errno;
	n = vsnprintf(out, cap, fmt, ap);
	if (old)
		(void)uselocale(old);
	if (c)
		freelocale(c);
	errno = saved_errno;

	if (n >= 0)
		return (size_t)n;
	if (cap)
		out[0] = '\0';
	return 0;
}

void meed_one_line(char *p, size_t n)
{
	size_t i = 0;

	while (i < n) {
		size_t good = i + meed_utf8_check(p + i, n - i);

		for (; i < good; i++)
			if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
				p[i] = ' ';
		if (i < n)
			p[i++] = '?';
	}
}
