/* input.c - files as one stream of lines, in blocks.
 *
 * Bytes are read straight into the block that the lines will point into. What a block does not
 * take, because it has its lines or is full, is kept in `carry` for the next one. */
#include "config.h"
#include "host/sample/sample.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/sample/source.h"

#define MIN_ROOM ((size_t)16 << 10)
#define MAX_ROOM ((size_t)1 << 20)
#define UNKNOWN UINT64_MAX

struct meed_input {
	char **paths;
	size_t n_paths;
	size_t max_line;
	uint64_t total;			/* bytes of all files; 0: not known */
	uint64_t done;			/* bytes of the files before this one */
	size_t file;			/* the current one */
	bool open;
	const atomic_int *cancel;
	bool digesting;
	struct meed_digest digest;	/* of the bytes of all files, as they are on disk */
	struct meed_source src;
	struct meed_buf carry;		/* bytes after those that were handed out */
	size_t carry_at;
	uint64_t number, offset;	/* lines and bytes of this file that were handed out */
	bool skipping;			/* in a line that is too long */
	bool ends_in_cr;		/* its last byte so far */
	uint64_t skipped;		/* its bytes so far */
};

/* ---- opening ---------------------------------------------------------------------------- */

static bool is_stdin(const char *path)
{
	return strcmp(path, "-") == 0;
}

/* Says now what would be wrong later. Pipes are not opened: that would end their writers. */
static int32_t check_path(const char *path, struct meed_err *err, uint64_t *ret_size)
{
	struct stat st;
	int fd;

	*ret_size = UNKNOWN;
	if (is_stdin(path)) {
		if (fstat(STDIN_FILENO, &st) < 0)
			return meed_err_set(err, MEED_E_NOINPUT, "standard input is closed");
		if (S_ISREG(st.st_mode))
			*ret_size = (uint64_t)st.st_size;
		return MEED_OK;
	}
	if (stat(path, &st) < 0)
		return meed_err_set(err, MEED_E_NOINPUT, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return meed_err_set(err, MEED_E_NOINPUT,
				    "%s: is a directory; name its files, as in %s/*.jsonl", path,
				    path);
	if (!S_ISREG(st.st_mode)) {
		if (access(path, R_OK) < 0)
			return meed_err_set(err, MEED_E_NOINPUT, "%s: %s", path, strerror(errno));
		return MEED_OK;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return meed_err_set(err, MEED_E_NOINPUT, "%s: %s", path, strerror(errno));
	(void)close(fd);
	*ret_size = (uint64_t)st.st_size;
	return MEED_OK;
}

int32_t meed_input_open(const char *const *paths, size_t n, size_t max_line, struct meed_err *err,
			struct meed_input **ret)
{
	struct meed_input *in = calloc(1, sizeof(*in));
	bool all_known = true;
	size_t n_stdin = 0;
	int32_t r = MEED_OK;

	if (!in || !(in->paths = calloc(n ? n : 1, sizeof(*in->paths)))) {
		r = meed_err_nomem(err);
		goto out;
	}
	in->max_line = max_line;
	for (size_t i = 0; i < n; i++) {
		uint64_t size;

		n_stdin += is_stdin(paths[i]);
		if (n_stdin > 1) {
			r = meed_err_set(err, MEED_E_NOINPUT,
					 "\"-\" is named twice: standard input can be read only "
					 "once");
			goto out;
		}
		r = check_path(paths[i], err, &size);
		if (r < 0)
			goto out;
		all_known &= size != UNKNOWN;
		in->total += size;
		in->paths[i] = strdup(paths[i]);
		if (!in->paths[i]) {
			r = meed_err_nomem(err);
			goto out;
		}
		in->n_paths++;
	}
	if (!all_known)
		in->total = 0;
	*ret = in;
	in = NULL;
out:
	meed_input_close(in);
	return r;
}

static void close_file(struct meed_input *in)
{
	if (!in->open)
		return;
	meed_source_close(&in->src);
	in->done += in->src.raw;
	in->open = false;
	in->file++;
	in->carry.n = in->carry_at = 0;
	in->skipping = false;
}

void meed_input_close(struct meed_input *in)
{
	if (!in)
		return;
	close_file(in);
	for (size_t i = 0; i < in->n_paths; i++)
		free(in->paths[i]);
	free(in->paths);
	meed_buf_release(&in->carry);
	free(in);
}

const char *meed_input_name(const struct meed_input *in, uint32_t file)
{
	if (file >= in->n_paths)
		return "";
	return is_stdin(in->paths[file]) ? "stdin" : in->paths[file];
}

void meed_input_progress(const struct meed_input *in, uint64_t *ret_done, uint64_t *ret_total)
{
	*ret_done = in->done + (in->open ? in->src.raw : 0);
	*ret_total = in->total;
}

void meed_block_release(struct meed_block *b)
{
	meed_buf_release(&b->data);
	free(b->lines);
	*b = (struct meed_block){ 0 };
}

/* ---- lines ---------------------------------------------------------------------------------- */

/* What one call of meed_input_next is about. */
struct filling {
	struct meed_input *in;
	struct meed_block *b;
	size_t max_lines, max_bytes;
	size_t start;			/* where in the block the current line begins */
	size_t scanned;			/* up to where there is no newline in it */
	bool waits;			/* a pipe gave less than it was asked for */
	struct meed_err *err;
};

static int32_t add_line(struct filling *f, struct meed_line line)
{
	struct meed_block *b = f->b;

	if (b->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 64, bytes;
		struct meed_line *v;

		if (meed_mul_overflow(cap, sizeof(*v), &bytes) || !(v = realloc(b->lines, bytes)))
			return meed_err_nomem(f->err);
		b->lines = v;
		b->cap = cap;
	}
	line.number = f->in->number;
	line.file = (uint32_t)f->in->file;
	b->lines[b->n++] = line;
	return MEED_OK;
}

static int32_t add_skipped(struct filling *f, uint64_t n)
{
	struct meed_input *in = f->in;
	struct meed_line line = { .p = "", .n = (size_t)(n - in->ends_in_cr),
				  .offset = in->offset, .status = MEED_E_LIMIT };

	in->skipping = false;
	in->number++;
	in->offset += n + 1;
	line.end = in->offset;
	return add_line(f, line);
}

static bool is_blank(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
			return false;
	return true;
}

/* A whole line of n bytes at start; its newline, if it has one, is not among them. */
static int32_t take_line(struct filling *f, size_t n)
{
	struct meed_input *in = f->in;
	struct meed_line line = { .p = f->b->data.p + f->start, .n = n, .offset = in->offset };

	if (n > in->max_line) {
		in->ends_in_cr = line.p[n - 1] == '\r';
		return add_skipped(f, n);
	}
	in->number++;
	in->offset += n + 1;
	line.end = in->offset;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (in->number == 1 && line.n >= 3 && memcmp(line.p, "\xef\xbb\xbf", 3) == 0) {
		line.p += 3;
		line.n -= 3;
		line.offset += 3;
	}
	if (line.n == 0 || (line.p[0] <= ' ' && is_blank(line.p, line.n)))
		return MEED_OK;
	return add_line(f, line);
}

/* Cuts what is in the block into lines, until it has enough of them. */
static int32_t cut_lines(struct filling *f)
{
	struct meed_buf *d = &f->b->data;
	int32_t r = MEED_OK;

	while (r >= 0 && f->b->n < f->max_lines && f->scanned < d->n) {
		const char *p = d->p + f->scanned;
		const char *nl = memchr(p, '\n', d->n - f->scanned);
		size_t end = nl ? (size_t)(nl - d->p) : d->n;

		if (f->in->skipping && end > f->start)
			f->in->ends_in_cr = d->p[end - 1] == '\r';
		f->scanned = end;
		if (!nl)
			break;
		if (f->in->skipping)
			r = add_skipped(f, f->in->skipped + (end - f->start));
		else
			r = take_line(f, end - f->start);
		f->start = f->scanned = end + 1;
	}
	return r;
}

/* Gives up on a line that is too long: its bytes are counted, not kept. */
static void shed(struct filling *f)
{
	struct meed_input *in = f->in;
	struct meed_buf *d = &f->b->data;
	size_t n = d->n - f->start;

	if (f->scanned < d->n)
		return;
	if (!in->skipping && n <= in->max_line)
		return;
	if (!in->skipping) {
		in->skipping = true;
		in->skipped = 0;
		in->ends_in_cr = d->p[d->n - 1] == '\r';
	}
	in->skipped += n;
	d->n = f->scanned = f->start;
}

/* ---- bytes -------------------------------------------------------------------------- */

/* Moves bytes from carry to the block: up to the last line that it may have, so that what
 * is left need not come back. */
static size_t from_carry(struct filling *f, char *to, size_t room)
{
	struct meed_input *in = f->in;
	const char *p = in->carry.p + in->carry_at, *end = in->carry.p + in->carry.n, *q = p;
	size_t n;

	if ((size_t)(end - p) > room)
		end = p + room;
	for (size_t lines = f->b->n; lines < f->max_lines && q < end; lines++) {
		const char *nl = memchr(q, '\n', (size_t)(end - q));

		q = nl ? nl + 1 : end;
	}
	n = (size_t)(q - p);
	memcpy(to, p, n);
	in->carry_at += n;
	if (in->carry_at == in->carry.n)
		in->carry.n = in->carry_at = 0;
	return n;
}

/* Puts back what the block does not take. */
static int32_t to_carry(struct filling *f)
{
	struct meed_input *in = f->in;
	struct meed_buf *d = &f->b->data;
	size_t n = d->n - f->start;

	if (!n)
		return MEED_OK;
	d->n = f->start;
	if (in->carry.n > in->carry_at)
		in->carry_at -= n;	/* that is where they came from */
	else
		meed_buf_put(&in->carry, d->p + f->start, n);
	return in->carry.failed ? meed_err_nomem(f->err) : MEED_OK;
}

static bool make_room(struct filling *f, size_t *ret)
{
	struct meed_buf *d = &f->b->data;
	size_t want = f->max_bytes > d->n ? f->max_bytes - d->n : d->n / 2;

	if (want > MAX_ROOM)
		want = MAX_ROOM;
	if (want < MIN_ROOM)
		want = MIN_ROOM;
	if (d->cap - d->n < MIN_ROOM && !meed_buf_grow(d, want))
		return false;
	*ret = d->cap - d->n < want ? d->cap - d->n : want;
	return true;
}

/* The error of a source, with its place. */
static int32_t fail_at(const struct filling *f, int32_t code, const struct meed_err *why)
{
	const struct meed_input *in = f->in;
	size_t cut = f->b->data.n - f->start;

	if (!in->open)
		return meed_err_set(f->err, code, "%s: %s",
				    meed_input_name(in, (uint32_t)in->file), why->text);
	return meed_err_set(f->err, code, "%s:%llu: %s%s",
			    meed_input_name(in, (uint32_t)in->file),
			    (unsigned long long)(in->number + 1), why->text,
			    cut || in->skipping ? " (in this line, which is lost)" : "");
}

static int32_t open_file(struct filling *f)
{
	struct meed_input *in = f->in;
	struct meed_err why = { 0 };
	int32_t r = meed_source_open(&in->src, in->paths[in->file], in->cancel,
				     in->digesting ? &in->digest : NULL, &why);

	if (r < 0) {
		r = fail_at(f, r, &why);
		in->file++;
		return r;
	}
	in->open = true;
	in->number = in->offset = 0;
	return MEED_OK;
}

/* The file is at its end: what is left is its last line. */
static int32_t end_file(struct filling *f)
{
	struct meed_input *in = f->in;
	struct meed_buf *d = &f->b->data;
	int32_t r = MEED_OK;

	if (in->skipping)
		r = add_skipped(f, in->skipped + (d->n - f->start));
	else if (d->n > f->start)
		r = take_line(f, d->n - f->start);
	f->start = f->scanned = d->n;
	close_file(in);
	return r;
}

/* Brings more bytes. Returns 1; 0 if the block should go out as it is; or a negative code. */
static int32_t more_bytes(struct filling *f)
{
	struct meed_input *in = f->in;
	struct meed_buf *d = &f->b->data;
	struct meed_err why = { 0 };
	size_t room;
	int64_t n;

	/* Lines point into the block: it must not move any more. */
	if (f->b->n && (d->n >= f->max_bytes || d->cap - d->n < MIN_ROOM))
		return 0;
	if (!make_room(f, &room))
		return meed_err_nomem(f->err);
	if (in->carry.n > in->carry_at) {
		d->n += from_carry(f, d->p + d->n, room);
		return 1;
	}
	n = meed_source_read(&in->src, d->p + d->n, room, &why);
	if (n < 0) {
		int32_t r = fail_at(f, (int32_t)n, &why);

		d->n = f->start;
		close_file(in);
		return r;
	}
	if (n == 0) {
		int32_t r = end_file(f);

		return r < 0 ? r : 1;
	}
	d->n += (size_t)n;
	f->waits = !in->src.regular && (size_t)n < room;
	return 1;
}

void meed_input_watch(struct meed_input *in, const atomic_int *cancel)
{
	in->cancel = cancel;
}

int32_t meed_input_next(struct meed_input *in, struct meed_block *b, size_t max_lines,
			size_t max_bytes, struct meed_err *err)
{
	struct filling f = { .in = in, .b = b, .max_lines = max_lines ? max_lines : 1,
			     .max_bytes = max_bytes, .err = err };
	int32_t r = 1, kept;

	b->n = 0;
	b->data.n = 0;
	b->data.failed = false;
	while (r == 1 && b->n < f.max_lines) {
		if (!in->open) {
			if (in->file == in->n_paths)
				break;
			r = open_file(&f);
			if (r < 0)
				return r;
		}
		r = more_bytes(&f);
		if (r == 1 && in->open) {
			if (cut_lines(&f) < 0)
				r = err->code;
			shed(&f);
			/* More of a pipe's bytes may be long in coming. */
			if (r == 1 && b->n && f.waits)
				break;
		}
	}
	kept = to_carry(&f);
	if (r < 0 || kept < 0)
		return r < 0 ? r : kept;
	return b->n ? 1 : 0;
}

/* ---- where a run had been -------------------------------------------------------------------- */

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
	char *page = malloc(MAX_ROOM);
	ssize_t n = 1;

	if (!page)
		r = meed_err_nomem(err);
	else if (fd < 0)
		r = meed_err_set(err, MEED_E_NOINPUT, "%s: %s", path, strerror(errno));
	while (r == MEED_OK && n && d->bytes < until) {
		uint64_t want = until - d->bytes;

		if (d->bytes < at && want > at - d->bytes)
			want = at - d->bytes;
		n = read(fd, page, want < MAX_ROOM ? (size_t)want : MAX_ROOM);
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

/* Goes to a byte of the file that has just been opened. */
static int32_t go_to(struct meed_input *in, uint64_t offset, struct meed_err *err)
{
	char *page;
	uint64_t at = 0;
	int64_t n = 1;

	if (in->src.packing == MEED_PLAIN)
		return meed_source_seek(&in->src, offset, err);
	page = malloc(MAX_ROOM);
	if (!page)
		return meed_err_nomem(err);
	for (; n > 0 && at < offset; at += (uint64_t)n) {
		uint64_t left = offset - at;

		n = meed_source_read(&in->src, page, left < MAX_ROOM ? (size_t)left : MAX_ROOM,
				     err);
		if (n < 0)
			break;
	}
	free(page);
	return n < 0 ? (int32_t)n : MEED_OK;
}

/* Where in all files' bytes a position is whose digest is to be known: of a packed file, its
 * beginning, as it is unpacked from there. */
static int32_t place_of(struct meed_input *in, uint32_t file, uint64_t offset,
			struct meed_err *err, uint64_t *ret_at)
{
	uint64_t size = 0;
	int32_t r = MEED_OK;

	*ret_at = 0;
	for (uint32_t i = 0; r == MEED_OK && i <= file; i++) {
		r = check_path(in->paths[i], err, &size);
		if (r == MEED_OK && size == UNKNOWN)
			r = meed_err_set(err, MEED_E_PARAM, "%s: is no regular file",
					 in->paths[i]);
		if (r == MEED_OK && i < file) {
			*ret_at += size;
			in->done += size;
		}
	}
	if (r == MEED_OK) {
		struct meed_err why = { 0 };

		r = meed_source_open(&in->src, in->paths[file], in->cancel, NULL, &why);
		if (r < 0)
			(void)meed_err_set(err, r, "%s: %s", in->paths[file], why.text);
	}
	if (r == MEED_OK && in->src.packing == MEED_PLAIN)
		*ret_at += offset < size ? offset : size;
	return r;
}

int32_t meed_input_seek(struct meed_input *in, const struct meed_input_mark *mark, uint32_t file,
			uint64_t number, uint64_t offset, struct meed_err *err)
{
	struct meed_digest there = { 0 };
	struct meed_err why = { 0 };
	uint64_t at;
	int32_t r;

	in->digesting = true;
	if (file >= in->n_paths)
		return meed_err_set(err, MEED_E_PARAM, "there are fewer inputs than there were");
	in->file = file;
	r = place_of(in, file, offset, &why, &at);
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
	if (in->src.packing != MEED_PLAIN) {
		meed_source_close(&in->src);
		r = meed_source_open(&in->src, in->paths[file], in->cancel, &in->digest, &why);
	}
	in->src.digest = &in->digest;
	if (r == MEED_OK)
		r = go_to(in, offset, &why);
	in->open = r == MEED_OK;
	in->number = number;
	in->offset = offset;
out:
	if (r < 0) {
		meed_source_close(&in->src);
		(void)meed_err_set(err, r, "%s", why.text);
	}
	return r;
}
