/* digits.c - whole numbers as decimal digits, two at a time. */
#include "config.h"
#include "host/base/digits.h"

#include <string.h>

static const char pairs[201] =
	"00010203040506070809101112131415161718192021222324"
	"25262728293031323334353637383940414243444546474849"
	"50515253545556575859606162636465666768697071727374"
	"75767778798081828384858687888990919293949596979899";

static size_t count(uint64_t x)
{
	size_t n = 1;

	while (x >= 10000) {
		x /= 10000;
		n += 4;
	}
	return n + (x >= 10) + (x >= 100) + (x >= 1000);
}

size_t meed_digits(uint64_t x, char *out)
{
	size_t n = count(x);
	char *p = out + n;

	while (x >= 100000000) {
		uint32_t low = (uint32_t)(x % 100000000);
		uint32_t a = low / 10000, b = low % 10000;

		x /= 100000000;
		p -= 8;
		memcpy(p, pairs + a / 100 * 2, 2);
		memcpy(p + 2, pairs + a % 100 * 2, 2);
		memcpy(p + 4, pairs + b / 100 * 2, 2);
		memcpy(p + 6, pairs + b % 100 * 2, 2);
	}
	while (x >= 100) {
		p -= 2;
		memcpy(p, pairs + x % 100 * 2, 2);
		x /= 100;
	}
	if (x >= 10)
		memcpy(p - 2, pairs + x * 2, 2);
	else
		p[-1] = (char)('0' + x);
	return n;
}
