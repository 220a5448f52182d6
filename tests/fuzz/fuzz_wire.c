/* fuzz_wire.c - any bytes as a frame between the host and meed-cage: what parses is written again,
 * reads back, and is written the same. The first byte is the kind, the rest the frame's body. */
#include "config.h"

#include <stdlib.h>

#include "host/exec/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads a body and writes what it was; false if it does not parse. */
static bool again(struct meed_arena *a, uint8_t kind, meed_str body, struct meed_buf *b)
{
	struct wire_hello h;
	struct wire_job j;
	struct wire_answer w;

	switch (kind) {
	case WIRE_HELLO:
		if (wire_get_hello(body, &h) < 0)
			return false;
		wire_put_hello(b, &h);
		return true;
	case WIRE_JOB:
		if (wire_get_job(a, body, &j) < 0)
			return false;
		wire_put_job(b, &j);
		return true;
	default:
		if (wire_get_answer(a, body, &w) < 0)
			return false;
		wire_put_answer(b, &w);
		return true;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct meed_buf one = { 0 }, two = { 0 };
	struct meed_arena a = { 0 };
	meed_str body;
	uint8_t kind;

	if (!size)
		return 0;
	kind = data[0] % 3 + 1;
	body = (meed_str){ (const char *)data + 1, size - 1 };
	if (again(&a, kind, body, &one)) {
		if (a.used > 16 * size + 65536)
			abort();
		body = (meed_str){ one.p + WIRE_HEADER, one.n - WIRE_HEADER };
		if (!again(&a, kind, body, &two) || one.n != two.n ||
		    memcmp(one.p, two.p, one.n) != 0)
			abort();
	}
	meed_buf_release(&one);
	meed_buf_release(&two);
	meed_arena_release(&a);
	return 0;
}
