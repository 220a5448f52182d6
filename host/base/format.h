/* format.h - printf under the C locale, whatever locale the program has set. Private to base. */
#ifndef MEED_BASE_FORMAT_H
#define MEED_BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* vsnprintf with a decimal point that is always '.'. %m means errno as it was at the call.
 * Returns the length of the whole text, or 0 if fmt cannot be rendered (out is then ""). */
size_t meed_vformat(char *out, size_t cap, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

/* Makes n bytes fit to stand in one line of text: control characters become spaces, ill-formed
 * UTF-8 becomes '?'. */
void meed_one_line(char *p, size_t n);

#endif
