/* input_seek.c - where a run had been: a digest of what was read, and going there again. */
#include "config.h"
#include "host/sample/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define PAGE_BYTES ((size_t)1 << 20)

void meed_input_digest(struct meed_input *in)
{
	in->digesting = true;
}

void meed_input_mark(const struct meed_input *in, struct meed_input_mark *ret)
{
	ret->bytes = in->digest.bytes;
	ret->digest = meed_digest_value(&in->digest);
}

/* Digests a file as it lies on disk, until all in all `until` bytes have been; after `at` bytes
 * the state is copied to *ret_there. */
static int32_t digest_file(struct meed_input *in, const char *path, uint64_t until, uint64_t at,
			   struct meed_digest *ret_there, struct meed_err *err)
{
	struct meed_digest *d = &in->digest;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int32_t r = MEED_OK;
	char *page = malloc(PAGE_BYTES);
	ssize_t n = 1;

	if (!page)
		r = meed_err_nomem(err);
	else if (fd < 0)
		r = meed_err_set(err, MEED_E_NOINPUT, "%s: %s", path, strerror(errno));
	while (r == MEED_OK && n && d->bytes < until) {
		uint64_t want = until - d->bytes;

		if (d->bytes < at && want > at - d->bytes)
			want = at - d->bytes;
		n = read(fd, page, want < PAGE_BYTES ? (size_t)want : PAGE_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r = meed_err_set(err, MEED_E_NOINPUT, "%s: cannot read: %s", path,
					 strerror(errno));
			break;
		}
		meed_digest_put(d, page, (size_t)n);
		if (d->bytes == at)
			*ret_there = *d;
	}
	if (fd >= 0)
		(void)close(fd);
	free(page);
	return r;
}

/* Passes over bytes of the file that has just been opened, whose first ones are in carry. */
static int32_t skip_bytes(struct meed_input *in, uint64_t offset, struct meed_err *err)
{
	uint64_t at = offset < in->carry.n ? offset : in->carry.n;
	char *page = malloc(PAGE_BYTES);
	int64_t n = 1;

	if (!page)
		return meed_err_nomem(err);
	in->carry_at = (size_t)at;
	while (n > 0 && at < offset && !in->broken.code) {
		uint64_t left = offset - at;

		n = meed_source_read(&in->src, page, left < PAGE_BYTES ? (size_t)left : PAGE_BYTES,
				     err);
		if (n > 0 && in->splits)
			(void)meed_input_split(in, page, (size_t)n);
		at += n > 0 ? (uint64_t)n : 0;
	}
	free(page);
	return n < 0 ? (int32_t)n : MEED_OK;
}

/* Passes over rows that a container makes. */
static int32_t skip_rows(struct meed_input *in, uint64_t offset, struct meed_err *err)
{
	struct meed_line line = { .end = 0 };
	struct meed_buf row = { 0 };
	int32_t r = 1;

	while (r == 1 && line.end < offset) {
		row.n = 0;
		r = in->maker.next(&in->maker, &row, &line, err);
	}
	meed_buf_release(&row);
	return r < 0 ? r : MEED_OK;
}

static void close_source(struct meed_input *in)
{
	if (in->maker.close)
		in->maker.close(&in->maker);
	meed_source_close(&in->src);
	in->carry.n = in->carry_at = 0;
}

/* Whether the place can be gone to at once: of a plain file of lines. Others are read again from
 * their beginning. */
static int32_t is_direct(struct meed_input *in, struct meed_err *err, bool *ret)
{
	struct meed_err why = { 0 };
	int32_t r = meed_source_open(&in->src, in->paths[in->file], in->cancel, NULL, &why);

	if (r >= 0)
		r = meed_input_find(in, &why);
	if (r < 0)
		(void)meed_err_set(err, r, "%s: %s", in->paths[in->file], why.text);
	*ret = in->src.packing == MEED_PLAIN && !in->splits && !in->maker.next;
	close_source(in);
	return r;
}

/* Goes to a byte of the current file, which is closed. */
static int32_t go_to(struct meed_input *in, bool direct, uint64_t offset, struct meed_err *err)
{
	int32_t r = meed_source_open(&in->src, in->paths[in->file], in->cancel,
				     direct ? NULL : &in->digest, err);

	if (r < 0)
		return r;
	if (direct) {
		r = meed_source_seek(&in->src, offset, err);
		in->src.digest = &in->digest;
		return r;
	}
	r = meed_input_find(in, err);
	if (r < 0)
		return r;
	return in->maker.next ? skip_rows(in, offset, err) : skip_bytes(in, offset, err);
}

/* Where in all files' bytes a position is whose digest is to be known: of a file that is read
 * again from its beginning, that. */
static int32_t place_of(struct meed_input *in, bool direct, uint64_t offset, struct meed_err *err,
			uint64_t *ret_at)
{
	uint64_t size = 0;
	int32_t r = MEED_OK;

	*ret_at = 0;
	for (size_t i = 0; r == MEED_OK && i <= in->file; i++) {
		r = meed_input_check(in->paths[i], err, &size);
		if (r == MEED_OK && size == MEED_SIZE_UNKNOWN)
			r = meed_err_set(err, MEED_E_PARAM, "%s: is no regular file",
					 in->paths[i]);
		if (r == MEED_OK && i < in->file) {
			*ret_at += size;
			in->done += size;
		}
	}
	if (r == MEED_OK && direct)
		*ret_at += offset < size ? offset : size;
	return r;
}

int32_t meed_input_seek(struct meed_input *in, const struct meed_input_mark *mark, uint32_t file,
			uint64_t number, uint64_t offset, struct meed_err *err)
{
	struct meed_digest there = { 0 };
	struct meed_err why = { 0 };
	bool direct = false;
	uint64_t at = 0;
	int32_t r;

	if (file >= in->n_paths) {
		in->digesting = true;
		return meed_err_set(err, MEED_E_PARAM, "there are fewer inputs than there were");
	}
	in->file = file;
	in->digesting = false;
	r = is_direct(in, &why, &direct);
	in->digesting = true;
	if (r >= 0)
		r = place_of(in, direct, offset, &why, &at);
	for (size_t i = 0; r == MEED_OK && i < in->n_paths && in->digest.bytes < mark->bytes; i++)
		r = digest_file(in, in->paths[i], mark->bytes, at, &there, &why);
	if (r < 0)
		goto out;
	if (in->digest.bytes != mark->bytes || meed_digest_value(&in->digest) != mark->digest ||
	    at > mark->bytes) {
		r = meed_err_set(&why, MEED_E_PARAM, "%s: its bytes are not those that were read",
				 in->n_paths == 1 ? in->paths[0] : "the inputs");
		goto out;
	}
	in->digest = there;
	r = go_to(in, direct, offset, &why);
	in->open = r == MEED_OK;
	in->number = number;
	in->offset = offset;
out:
	if (r < 0) {
		close_source(in);
		(void)meed_err_set(err, r, "%s", why.text);
	}
	return r;
}
