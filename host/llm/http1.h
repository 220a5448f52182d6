/* http1.h - one HTTP/1.1 answer out of the bytes of a connection (RFC 9112), as they come.
 *
 * The caller has the connection and the buffers; nothing here is about sockets. What comes must be
 * HTTP/1.0 or 1.1: what the RFC lets a recipient forgive is forgiven (bare LF, an empty line before
 * the status line, lines that go on), all else is an error with a name. Answers 1xx are passed over.
 * Memory: a head that comes in pieces, at most HTTP1_HEAD_MAX bytes; bodies are not kept. */
#ifndef MEED_LLM_HTTP1_H
#define MEED_LLM_HTTP1_H

#include "host/base/base.h"

#define HTTP1_HEAD_MAX ((size_t)128 << 10) /* status line and fields; trailers have the same */

struct http1 {
	enum http1_state {
		HTTP1_HEAD,
		HTTP1_LENGTH,		/* body of so many bytes */
		HTTP1_TO_END,		/* body until the connection ends */
		HTTP1_CHUNK_SIZE,
		HTTP1_CHUNK,
		HTTP1_CHUNK_END,
		HTTP1_TRAILER,
		HTTP1_DONE
	} state;
	bool no_body;			/* the request was a HEAD */
	bool keep;			/* the connection may carry another request */
	uint16_t status;
	uint64_t left;			/* of the body or of the chunk, bytes */
	struct meed_buf line;		/* a head or line of which the end is missing */
	size_t trailer_n;
	const char *wrong;		/* after HTTP1_BAD: what is wrong, a sentence's end */
};

enum http1_event {
	HTTP1_MORE,			/* all that came is taken: there must be more */
	HTTP1_FIELDS,			/* *ret: status line and fields, until the next call */
	HTTP1_BODY,			/* *ret: a piece of the body, which is part of *in */
	HTTP1_WHOLE,			/* the answer is whole; what *in still has is no part of it */
	HTTP1_BAD
};

/* For the next answer on a connection; what h has of memory stays. */
void http1_begin(struct http1 *h, bool no_body);
void http1_release(struct http1 *h);
/* Takes from *in what makes one event. To be called again until HTTP1_MORE, HTTP1_WHOLE or
 * HTTP1_BAD. */
enum http1_event http1_next(struct http1 *h, meed_str *in, meed_str *ret);
/* The connection has ended: is the answer whole by that? */
bool http1_at_end(struct http1 *h);

/* The first field of that name in a head, without blanks around it; false if there is none. */
bool http1_field(meed_str head, const char *name, meed_str *ret);
/* Does a field that is a list hold that word? */
bool http1_has(meed_str head, const char *name, const char *word);

#endif
