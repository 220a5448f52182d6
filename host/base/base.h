/* base.h - what every floor of the host stands on: errors, arenas, buffers, numbers, text.
 *
 * Threads: nothing here keeps state of its own; an object is used by one thread at a time
 * unless its comment says otherwise.
 * Errors: functions that can fail return 0 or a negative MEED_E_* code (meed/plugin.h). */
#ifndef MEED_BASE_H
#define MEED_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <meed/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- strings: (pointer, length) views ------------------------------------------------ */

#define MEED_STR(lit) ((meed_str){ "" lit, sizeof(lit) - 1 })

static inline meed_str meed_str_of(const char *s)
{
	meed_str r = { s ? s : "", s ? strlen(s) : 0 };
	return r;
}

static inline bool meed_str_eq(meed_str a, meed_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* ---- errors ---------------------------------------------------------------------------- */

/* One failure: a code and one line of text without a full stop ("file:line: what is wrong;
 * what would be right"). Zero-initialised means no error. Longer texts are cut with "...". */
struct meed_err {
	int32_t code;
	char text[1024];
};

/* Codes of the host's own, beyond the ABI's. */
enum {
	MEED_E_NOINPUT = -100,		/* an input cannot be opened or read: EX_NOINPUT */
	MEED_E_CANTCREAT = -101,	/* an output cannot be created: EX_CANTCREAT */
	MEED_E_IO_OUT = -102		/* writing failed: EX_IOERR */
};

/* Stores code and text in e (which may be NULL) and returns code. The arguments may lie in
 * e->text. All printf-like functions of this header write numbers as in the C locale. */
int32_t meed_err_set(struct meed_err *e, int32_t code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int32_t meed_err_nomem(struct meed_err *e);

/* The stable name of a code as it stands in results: "sample", "timeout", ... "unknown". */
const char *meed_err_name(int32_t code);

/* The sysexits status that fits a code: EX_DATAERR, EX_CONFIG, EX_UNAVAILABLE, ... */
int meed_err_exit(int32_t code);

/* A list of diagnostics, as `meed check` reports them: all of them, not the first. */
struct meed_diag {
	char *text;			/* owned by the list */
	bool warning;
};
struct meed_diags {
	struct meed_diag *v;
	size_t n, cap, n_errors;
};
/* Appends one; out of memory only loses the text, never the count. */
void meed_diags_add(struct meed_diags *d, bool warning, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void meed_diags_release(struct meed_diags *d);

/* ---- log --------------------------------------------------------------------------------- */

/* Where the host's log lines go. Lines below level are dropped. Thread-safe: one write each. */
struct meed_log {
	int fd;				/* -1: nowhere */
	uint32_t level;			/* MEED_LOG_* */
};
void meed_log(const struct meed_log *l, uint32_t level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- arena --------------------------------------------------------------------------------- */

/* A bump allocator that is freed whole. With --enable-malloc-arena each allocation is a
 * malloc of its own, so that sanitizers see overflows. Zero-initialised is a valid empty
 * arena with no limit. */
struct meed_arena_chunk;
struct meed_arena {
	char *cur, *end;
	struct meed_arena_chunk *head;
	size_t used;			/* bytes handed out since the last reset */
	size_t limit;			/* 0: none */
};
void meed_arena_init(struct meed_arena *a, size_t limit);
/* The slow way of meed_arena_raw. */
void *meed_arena_more(struct meed_arena *a, size_t n);
/* 16-aligned, not cleared; NULL when out of memory or past the limit. n 0 gives a valid pointer. */
static inline void *meed_arena_raw(struct meed_arena *a, size_t n)
{
	size_t size = (n + 15) & ~(size_t)15;
	char *p = a->cur;

	/* n 0 and what wraps around are for the slow way */
	if (size - 1 >= (size_t)(a->end - p) || (a->limit && size > a->limit - a->used))
		return meed_arena_more(a, n);
	a->cur = p + size;
	a->used += size;
	return p;
}
/* The same, zeroed. */
static inline void *meed_arena_alloc(struct meed_arena *a, size_t n)
{
	void *p = meed_arena_raw(a, n);

	if (p)
		memset(p, 0, n & (size_t)PTRDIFF_MAX); /* as p is not NULL, n is no more */
	return p;
}
/* A copy with a NUL after it; {NULL, 0} when out of memory. */
meed_str meed_arena_dup(struct meed_arena *a, meed_str s);
/* printf into the arena; {NULL, 0} when out of memory. */
meed_str meed_arena_printf(struct meed_arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void meed_arena_reset(struct meed_arena *a);	/* keeps one chunk for reuse */
void meed_arena_release(struct meed_arena *a);

/* True if a * b overflows; else the product is in *ret. */
static inline bool meed_mul_overflow(size_t a, size_t b, size_t *ret)
{
	return __builtin_mul_overflow(a, b, ret);
}

/* ---- byte buffer ----------------------------------------------------------------------------- */

/* Grows by doubling. After a failed growth `failed` is set, later puts do nothing, and the
 * caller checks once at the end. Zero-initialised is a valid empty buffer. */
struct meed_buf {
	char *p;
	size_t n, cap;
	bool failed;
};
bool meed_buf_grow(struct meed_buf *b, size_t extra);	/* room for extra more bytes */
static inline void meed_buf_put(struct meed_buf *b, const void *p, size_t n)
{
	if (n == 0 || (b->cap - b->n < n && !meed_buf_grow(b, n)))
		return;
	memcpy(b->p + b->n, p, n);
	b->n += n;
}
static inline void meed_buf_putc(struct meed_buf *b, char c)
{
	if (b->cap == b->n && !meed_buf_grow(b, 1))
		return;
	b->p[b->n++] = c;
}
static inline void meed_buf_puts(struct meed_buf *b, const char *s)
{
	meed_buf_put(b, s, strlen(s));
}
#define MEED_BUF_LIT(b, lit) meed_buf_put((b), "" lit, sizeof(lit) - 1)
void meed_buf_printf(struct meed_buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void meed_buf_vprintf(struct meed_buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/* A JSON string with quotes: escapes ", \ and control characters; other bytes as they are. */
void meed_buf_json_str(struct meed_buf *b, meed_str s);
/* A field of CSV (RFC 4180): between quotation marks, each of its own written twice, if it has a
 * comma, a quotation mark, CR or LF, or if `quoted` asks for it; else as it is. The commas between
 * fields and the CR LF after a record are the caller's. */
void meed_buf_csv(struct meed_buf *b, meed_str s, bool quoted);
/* A JSON number: meed_dtoa. x must be finite. */
void meed_buf_json_num(struct meed_buf *b, double x);
void meed_buf_u64(struct meed_buf *b, uint64_t x);
void meed_buf_release(struct meed_buf *b);

/* ---- numbers, whatever the user's locale --------------------------------------------------- */

/* The shortest decimal that reads back as x, as JSON: "0.1", "1e-07", "-3", "0.30000000000000004".
 * Writes at most 32 bytes, no NUL; returns how many. Plain for 1e-5 <= |x| < 1e17, whole
 * numbers there without a point; else with an exponent. -0.0 is written "0": a score has no
 * negative zero. x should be finite; if it is not, "null" is written, which is at least JSON. */
size_t meed_dtoa(double x, char out[32]);
/* Reads a decimal (JSON grammar plus a leading '+', ".5", "5." and leading zeros): the nearest
 * double. Returns the bytes used, 0 if none; overflow gives an infinity. */
size_t meed_strtod(const char *p, size_t n, double *ret);

/* ---- text ----------------------------------------------------------------------------------- */

/* Offset of the first byte that is not well-formed UTF-8 (RFC 3629), or n if all is. */
size_t meed_utf8_check(const char *p, size_t n);
/* Copies s to b with every ill-formed byte replaced by U+FFFD. */
void meed_utf8_scrub(struct meed_buf *b, meed_str s);
void meed_base64(struct meed_buf *b, const void *p, size_t n);

/* Levenshtein distance of two names, at most cap + 1; for "did you mean". */
size_t meed_edit_distance(const char *a, const char *b, size_t cap);
/* The name among v[0..n) nearest to s, or NULL if none is near enough to be meant. */
const char *meed_nearest(const char *s, const char *const *v, size_t n);

/* 64-bit hash of bytes; not for untrusted keys in unbounded tables. */
uint64_t meed_hash(const void *p, size_t n, uint64_t seed);
/* The hash of a stream, however it is cut into pieces. Zero-initialised is the empty stream. After
 * whole blocks of MEED_DIGEST_BLOCK bytes the state is `chain` alone, so that it can be taken up
 * again from a chain and the bytes after the last whole block. */
#define MEED_DIGEST_BLOCK 4096
struct meed_digest {
	uint64_t chain, bytes;
	char tail[MEED_DIGEST_BLOCK];	/* bytes % MEED_DIGEST_BLOCK of them */
};
void meed_digest_put(struct meed_digest *d, const void *p, size_t n);
uint64_t meed_digest_value(const struct meed_digest *d);
/* Shell-style match of the whole of s: * ? [set] and \ for a literal. */
bool meed_glob(const char *pattern, meed_str s);

/* ---- clock ------------------------------------------------------------------------------------ */

uint64_t meed_now_ns(void);	/* monotonic */

#ifdef __cplusplus
}
#endif
#endif
