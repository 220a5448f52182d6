/* pack.h - numbers as bytes, the same on every machine (internal to the engine). */
#ifndef MEED_PACK_H
#define MEED_PACK_H

#include <endian.h>

#include "host/base/base.h"

static inline void pack_u32(struct meed_buf *b, uint32_t x)
{
	x = htole32(x);
	meed_buf_put(b, &x, sizeof(x));
}

static inline void pack_u64(struct meed_buf *b, uint64_t x)
{
	x = htole64(x);
	meed_buf_put(b, &x, sizeof(x));
}

static inline void pack_f64(struct meed_buf *b, double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	pack_u64(b, bits);
}

/* Takes n bytes off the front of *in; false if there are fewer. */
static inline bool unpack(meed_str *in, void *to, size_t n)
{
	if (in->n < n)
		return false;
	memcpy(to, in->p, n);
	in->p += n;
	in->n -= n;
	return true;
}

static inline bool unpack_u32(meed_str *in, uint32_t *ret)
{
	if (!unpack(in, ret, sizeof(*ret)))
		return false;
	*ret = le32toh(*ret);
	return true;
}

static inline bool unpack_u64(meed_str *in, uint64_t *ret)
{
	if (!unpack(in, ret, sizeof(*ret)))
		return false;
	*ret = le64toh(*ret);
	return true;
}

static inline bool unpack_f64(meed_str *in, double *ret)
{
	uint64_t bits;

	if (!unpack_u64(in, &bits))
		return false;
	memcpy(ret, &bits, sizeof(bits));
	return true;
}

#endif
