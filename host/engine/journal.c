/* journal.c - how a run survives: frames of a file, and what of them holds. */
#include "config.h"

#include "host/engine/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/engine/pack.h"

#define MAGIC UINT64_C(0x316c6e726a64654d) /* "Medjrnl1" */
enum {
	FRAME_HEAD = 1,
	FRAME_MARK = 2
};
enum {
	FRAME_START = 24,
	FRAME_END = 8
};
enum { OPEN_TRIES = 100, OPEN_PAUSE_NS = 20000000 };
#define MARK_WORDS (sizeof(struct mark) / sizeof(uint64_t))

void journal_init(struct journal *j)
{
	memset(j, 0, sizeof(*j));
	j->fd = -1;
	(void)pthread_mutex_init(&j->lock, NULL);
}

void journal_release(struct journal *j)
{
	if (j->fd >= 0)
		(void)close(j->fd);
	free(j->path);
	free(j->found);
	meed_buf_release(&j->head);
	meed_buf_release(&j->frame);
	meed_buf_release(&j->old);
	(void)pthread_mutex_destroy(&j->lock);
}

static int32_t fail(const struct journal *j, struct meed_err *err, int32_t code, const char *doing)
{
	return meed_err_set(err, code, "%s: cannot %s: %s", j->path, doing, strerror(errno));
}

/* ---- frames -------------------------------------------------------------------------------------
 */

static void frame_begin(struct meed_buf *b, uint64_t kind)
{
	b->n = 0;
	pack_u64(b, MAGIC);
	pack_u64(b, kind);
	pack_u64(b, 0);
}

static void frame_end(struct meed_buf *b)
{
	uint64_t n;

	if (b->failed)
		return;
	n = htole64(b->n - FRAME_START);
	memcpy(b->p + 16, &n, sizeof(n));
	pack_u64(b, meed_hash(b->p, b->n, MAGIC));
}

/* Takes a frame off the front of *in; false if it is none, or not whole. */
static bool frame_next(meed_str *in, uint64_t *ret_kind, meed_str *ret_body)
{
	meed_str s = *in;
	uint64_t magic, kind, n, hash;

	if (!unpack_u64(&s, &magic) || magic != MAGIC || !unpack_u64(&s, &kind) ||
	    !unpack_u64(&s, &n) || n > s.n || s.n - n < FRAME_END)
		return false;
	*ret_body = (meed_str){ s.p, (size_t)n };
	s.p += n;
	s.n -= n;
	(void)unpack_u64(&s, &hash);
	if (hash != meed_hash(in->p, FRAME_START + (size_t)n, MAGIC))
		return false;
	*ret_kind = kind;
	*in = s;
	return true;
}

static void mark_frame(struct meed_buf *b, const struct mark *m)
{
	uint64_t v[MARK_WORDS];

	memcpy(v, m, sizeof(v));
	frame_begin(b, FRAME_MARK);
	for (size_t i = 0; i < MARK_WORDS; i++)
		pack_u64(b, v[i]);
}

static bool unpack_mark(meed_str *in, struct mark *ret)
{
	uint64_t v[MARK_WORDS];

	for (size_t i = 0; i < MARK_WORDS; i++)
		if (!unpack_u64(in, &v[i]))
			return false;
	memcpy(ret, v, sizeof(v));
	return true;
}

/* ---- opening
 * -------------------------------------------------------------------------------------- */

static bool lock_file(int fd)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLK, &l) == 0 || (errno != EAGAIN && errno != EACCES);
}

static bool is_at(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

/* The file at path, locked. The one that was opened may be another's who then renamed. */
static int32_t open_locked(struct journal *j, bool create, struct meed_err *err)
{
	const struct timespec pause = { 0, OPEN_PAUSE_NS };

	for (int i = 0; i < OPEN_TRIES; i++) {
		int fd = open(j->path, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0666);

		if (fd < 0 && !create && errno == ENOENT)
			return MEED_OK;
		if (fd < 0)
			return fail(j, err, MEED_E_CANTCREAT, create ? "create it" : "open it");
		if (!lock_file(fd)) {
			(void)close(fd);
			if (i + 1 < OPEN_TRIES) {
				/* whoever was killed may be a moment in dying */
				(void)nanosleep(&pause, NULL);
				continue;
			}
			return meed_err_set(err, MEED_E_CANTCREAT,
					    "%s: another meed is writing this output", j->path);
		}
		if (is_at(fd, j->path)) {
			j->fd = fd;
			return MEED_OK;
		}
		(void)close(fd);
	}
	return meed_err_set(err, MEED_E_CANTCREAT, "%s: is made anew again and again", j->path);
}

static int32_t read_all(struct journal *j, struct meed_err *err)
{
	ssize_t n = 1;

	while (n) {
		if (!meed_buf_grow(&j->old, 1 << 16))
			return meed_err_nomem(err);
		n = read(j->fd, j->old.p + j->old.n, j->old.cap - j->old.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(j, err, MEED_E_NOINPUT, "read it");
		j->old.n += (size_t)n;
	}
	return MEED_OK;
}

static int32_t add_found(struct journal *j, const struct found *f, struct meed_err *err)
{
	struct found *v;

	if ((j->n_found & (j->n_found - 1)) == 0) {
		v = realloc(j->found, (j->n_found ? 2 * j->n_found : 1) * sizeof(*v));
		if (!v)
			return meed_err_nomem(err);
		j->found = v;
	}
	j->found[j->n_found++] = *f;
	return MEED_OK;
}

/* Frames up to the first that is not whole: that is where a crash came. */
static int32_t read_frames(struct journal *j, struct meed_err *err)
{
	meed_str in = { j->old.p, j->old.n }, body;
	int32_t r = MEED_OK;
	uint64_t kind;

	while (r == MEED_OK && frame_next(&in, &kind, &body)) {
		struct found f = { 0 };

		if (kind == FRAME_HEAD && !j->old_head.p)
			j->old_head = body;
		if (kind != FRAME_MARK || !unpack_mark(&body, &f.mark))
			continue;
		f.columns = body;
		r = add_found(j, &f, err);
	}
	return r;
}

/* What is no journal is not ours to write over. A head cut off is: a run ended as it began. */
static bool may_be_ours(const struct meed_buf *b)
{
	const uint64_t magic = htole64(MAGIC);
	size_t n = b->n < sizeof(magic) ? b->n : sizeof(magic);
	bool zero = true;

	for (size_t i = 0; i < b->n && zero; i++)
		zero = !b->p[i];
	return zero || memcmp(b->p, &magic, n) == 0;
}

int32_t journal_open(struct journal *j, const char *out, bool create, struct meed_err *err)
{
	size_t n = strlen(out) + sizeof(".journal");
	int32_t r;

	j->path = malloc(n);
	if (!j->path)
		return meed_err_nomem(err);
	(void)snprintf(j->path, n, "%s.journal", out);
	r = open_locked(j, create, err);
	if (r < 0 || j->fd < 0)
		return r;
	r = read_all(j, err);
	if (r == MEED_OK && !may_be_ours(&j->old))
		r = meed_err_set(err, MEED_E_CANTCREAT,
				 "%s: is there and is no journal of meed: move it away, or write "
				 "to another file",
				 j->path);
	return r == MEED_OK ? read_frames(j, err) : r;
}

/* ---- writing ----------------------------------------------------------------------------------
 */

static bool write_all(int fd, const struct meed_buf *b)
{
	size_t done = 0;

	while (done < b->n) {
		ssize_t k = write(fd, b->p + done, b->n - done);

		if (k < 0 && errno != EINTR)
			return false;
		done += k > 0 ? (size_t)k : 0;
	}
	return true;
}

/* Head and the frame in j->frame, if there is one, in a new file that takes the old one's place. */
static int32_t rewrite(struct journal *j, struct meed_err *err)
{
	size_t n = strlen(j->path) + sizeof(".new");
	char *path = malloc(n);
	int fd = -1, old;
	int32_t r = MEED_OK;

	if (!path)
		return meed_err_nomem(err);
	(void)snprintf(path, n, "%s.new", j->path);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0 || !lock_file(fd) || !write_all(fd, &j->head) || !write_all(fd, &j->frame) ||
	    fdatasync(fd) < 0 || rename(path, j->path) < 0) {
		r = fail(j, err, MEED_E_IO_OUT, "write it anew");
		goto out;
	}
	sink_sync_folder(j->path);
	j->size = j->head.n + j->frame.n;
	(void)pthread_mutex_lock(&j->lock);
	old = j->fd;
	j->fd = fd;
	(void)pthread_mutex_unlock(&j->lock);
	fd = old;
out:
	if (r < 0)
		(void)unlink(path);
	if (fd >= 0)
		(void)close(fd);
	free(path);
	return r;
}

int32_t journal_begin(struct journal *j, meed_str facts, const struct mark *m, meed_str columns,
		      struct meed_err *err)
{
	frame_begin(&j->head, FRAME_HEAD);
	meed_buf_put(&j->head, facts.p, facts.n);
	frame_end(&j->head);
	j->frame.n = 0;
	if (m) {
		mark_frame(&j->frame, m);
		meed_buf_put(&j->frame, columns.p, columns.n);
		frame_end(&j->frame);
	}
	if (j->head.failed || j->frame.failed)
		return meed_err_nomem(err);
	return rewrite(j, err);
}

static int32_t sync_failed(struct journal *j, struct meed_err *err)
{
	int e;

	(void)pthread_mutex_lock(&j->lock);
	e = j->sync_errno;
	(void)pthread_mutex_unlock(&j->lock);
	if (!e)
		return MEED_OK;
	errno = e;
	return fail(j, err, MEED_E_IO_OUT, "bring the output to the disk");
}

int32_t journal_put(struct journal *j, const struct sink *sinks, const struct mark *m,
		    const struct meed_columns *columns, struct meed_err *err)
{
	int32_t r = sync_failed(j, err);

	if (r < 0)
		return r;
	mark_frame(&j->frame, m);
	if (columns)
		meed_columns_save(columns, &j->frame);
	frame_end(&j->frame);
	if (j->frame.failed)
		return meed_err_nomem(err);
	if (j->size + j->frame.n > JOURNAL_MAX && j->size > j->head.n + 2 * j->frame.n) {
		/* the marks that go are not needed only if this one is good for all that comes */
		journal_sync(j, sinks);
		r = sync_failed(j, err);
		return r < 0 ? r : rewrite(j, err);
	}
	if (!write_all(j->fd, &j->frame)) {
		r = fail(j, err, MEED_E_IO_OUT, "write");
		/* what is left of half a frame ends the reading of them, no more */
		if (ftruncate(j->fd, (off_t)j->size) == 0)
			(void)lseek(j->fd, (off_t)j->size, SEEK_SET);
		return r;
	}
	j->size += j->frame.n;
	return MEED_OK;
}

void journal_sync(struct journal *j, const struct sink *sinks)
{
	(void)pthread_mutex_lock(&j->lock);
	for (size_t i = 0; i < N_SINKS; i++)
		if (sinks[i].part && fdatasync(sinks[i].fd) < 0 && !j->sync_errno)
			j->sync_errno = errno;
	if (fdatasync(j->fd) < 0 && !j->sync_errno)
		j->sync_errno = errno;
	(void)pthread_mutex_unlock(&j->lock);
}

/* ---- what holds
 * ----------------------------------------------------------------------------------- */

static int32_t read_error(const struct sink *s, struct meed_err *err)
{
	return meed_err_set(err, MEED_E_NOINPUT, "%s: cannot read it: %s",
			    s->named ? s->path : s->part, strerror(errno));
}

/* Reads an output once, and marks as bad what it has not the digest of. */
static int32_t check_sink(struct journal *j, const struct sink *s, size_t which,
			  struct meed_err *err)
{
	enum {
		PAGE = 1 << 18
	};
	struct meed_digest d = { 0 };
	char *page = malloc(PAGE);
	bool ended = false;
	int32_t r = page ? MEED_OK : meed_err_nomem(err);

	for (size_t i = 0; i < j->n_found && r == MEED_OK; i++) {
		const struct sink_mark *m = &j->found[i].mark.sinks[which];

		while (d.bytes < m->bytes && !ended) {
			uint64_t left = m->bytes - d.bytes;
			ssize_t n = pread(s->fd, page, left < PAGE ? (size_t)left : PAGE,
					  (off_t)d.bytes);

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0) {
				r = read_error(s, err);
				break;
			}
			ended = n == 0;
			meed_digest_put(&d, page, (size_t)n);
		}
		if (d.bytes != m->bytes || meed_digest_value(&d) != m->digest ||
		    d.chain != m->chain)
			j->found[i].bad = true;
	}
	free(page);
	return r;
}

static bool is_as_long(const struct sink *s, uint64_t bytes)
{
	struct stat st;

	return fstat(s->fd, &st) == 0 && (uint64_t)st.st_size == bytes;
}

const struct found *journal_choose(struct journal *j, struct sink *sinks, struct meed_err *err,
				   int32_t *ret_r)
{
	*ret_r = MEED_OK;
	for (size_t i = 0; i < N_SINKS && *ret_r == MEED_OK; i++)
		if (sinks[i].path)
			*ret_r = check_sink(j, &sinks[i], i, err);
	for (size_t i = j->n_found; i-- && *ret_r == MEED_OK;) {
		struct found *f = &j->found[i];

		/* what has its name must be whole: it is not cut */
		for (size_t k = 0; k < N_SINKS; k++)
			if (sinks[k].path && sinks[k].named &&
			    (!f->mark.complete || !is_as_long(&sinks[k], f->mark.sinks[k].bytes)))
				f->bad = true;
		if (!f->bad)
			return f;
	}
	return NULL;
}
