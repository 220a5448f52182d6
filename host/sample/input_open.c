/* input_open.c - the files of an input: checked, opened one after the other, told apart, closed. */
#include "config.h"
#include "host/sample/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- opening ---------------------------------------------------------------------------- */

static bool is_stdin(const char *path)
{
	return strcmp(path, "-") == 0;
}

int32_t meed_input_check(const char *path, struct meed_err *err, uint64_t *ret_size)
{
	struct stat st;
	int fd;

	*ret_size = MEED_SIZE_UNKNOWN;
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
	in->sep = '\n';
	for (size_t i = 0; i < n; i++) {
		uint64_t size;

		n_stdin += is_stdin(paths[i]);
		if (n_stdin > 1) {
			r = meed_err_set(err, MEED_E_NOINPUT,
					 "\"-\" is named twice: standard input can be read only "
					 "once");
			goto out;
		}
		r = meed_input_check(paths[i], err, &size);
		if (r < 0)
			goto out;
		all_known &= size != MEED_SIZE_UNKNOWN;
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

static void note_left_out(struct meed_input *in)
{
	if (in->left_out.n)
		in->left_out.p[in->left_out.n - 1] = ';';
	meed_buf_printf(&in->left_out, "%s%s: %s", in->left_out.n ? " " : "",
			meed_input_name(in, (uint32_t)in->file), in->split.skipped);
	meed_buf_putc(&in->left_out, '\0');
}

void meed_input_end(struct meed_input *in)
{
	if (!in->open)
		return;
	if (in->splits && in->split.skipped[0])
		note_left_out(in);
	if (in->maker.close)
		in->maker.close(&in->maker);
	in->splits = false;
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
	meed_input_end(in);
	for (size_t i = 0; i < in->n_paths; i++)
		free(in->paths[i]);
	free(in->paths);
	meed_buf_release(&in->carry);
	meed_buf_release(&in->left_out);
	free(in);
}

void meed_input_watch(struct meed_input *in, const atomic_int *cancel)
{
	in->cancel = cancel;
}

void meed_input_set(struct meed_input *in, enum meed_container container, const char *json_cells)
{
	in->wanted = container;
	in->json_cells = json_cells;
}

const char *meed_input_left_out(const struct meed_input *in)
{
	return in->left_out.n && !in->left_out.failed ? in->left_out.p : NULL;
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

/* The error of a source, with its place. */
int32_t meed_input_fail(const struct meed_filling *f, int32_t code, const struct meed_err *why)
{
	const struct meed_input *in = f->in;
	const char *name = meed_input_name(in, (uint32_t)in->file);
	size_t cut = f->b->data.n - f->start;

	if (!in->open || in->splits || in->maker.next)
		return meed_err_set(f->err, code, "%s: %s", name, why->text);
	return meed_err_set(f->err, code, "%s:%llu: %s%s", name,
			    (unsigned long long)(in->number + 1), why->text,
			    cut || in->skipping ? " (in this line, which is lost)" : "");
}

/* Reads what tells the file's kind: its first line with something on it, or enough bytes. What goes
 * wrong here goes wrong once more after what was read has been handed out. */
static int32_t read_head(struct meed_input *in, struct meed_err *err)
{
	struct meed_buf *h = &in->carry;
	struct meed_err why = { 0 };
	size_t text = 0;

	in->carry_at = h->n = 0;
	if (!meed_buf_grow(h, MEED_HEAD_BYTES))
		return meed_err_nomem(err);
	while (h->n < MEED_HEAD_BYTES) {
		int64_t n = meed_source_read(&in->src, h->p + h->n, MEED_HEAD_BYTES - h->n, &why);

		if (n <= 0)
			break;
		h->n += (size_t)n;
		while (text < h->n && meed_is_space(h->p[text]))
			text++;
		if (text < h->n && (h->p[text] == '[' || memchr(h->p + text, '\n', h->n - text)))
			break;
	}
	return MEED_OK;
}

/* DuckDB reads the file itself: the digest has to see its bytes as well. */
static int32_t read_through(struct meed_input *in, struct meed_err *err)
{
	int64_t n;

	do {
		in->carry.n = 0;
		n = meed_source_read(&in->src, in->carry.p, MEED_HEAD_BYTES, err);
	} while (n > 0);
	return (int32_t)n;
}

static int32_t open_maker(struct meed_input *in, enum meed_container container,
			  struct meed_err *err)
{
	const struct meed_buf *h = &in->carry;
	char delimiter = container == MEED_CONTAINER_TSV ? '\t' : ',';
	int32_t r = MEED_OK;

	if (container != MEED_CONTAINER_PARQUET)
		return meed_csv_open(&in->maker, &in->src, h->p, h->n, delimiter, in->json_cells,
				     in->max_line, err);
	if (!in->src.regular || !in->src.owned || in->src.packing != MEED_PLAIN)
		return meed_err_set(err, MEED_E_NOINPUT,
				    "Parquet is read from its end: it has to be a file, neither a "
				    "pipe nor packed");
	if (in->digesting)
		r = read_through(in, err);
	return r < 0 ? r : meed_parquet_open(&in->maker, in->paths[in->file], in->max_line, err);
}

int32_t meed_input_find(struct meed_input *in, struct meed_err *err)
{
	struct meed_found found;
	int32_t r = read_head(in, err);

	if (r < 0)
		return r;
	found = meed_container_find(in->wanted, in->paths[in->file], in->carry.p, in->carry.n);
	in->splits = found.container == MEED_CONTAINER_JSON;
	in->sep = in->splits ? MEED_SPLIT_SEP : '\n';
	in->unit = in->splits ? MEED_UNIT_ELEMENT : MEED_UNIT_LINE;
	in->broken.code = 0;
	if (in->splits) {
		meed_split_init(&in->split, found.mode);
		in->carry.n = meed_input_split(in, in->carry.p, in->carry.n);
	} else if (found.container != MEED_CONTAINER_JSONL) {
		r = open_maker(in, found.container, err);
		in->carry.n = 0;
		if (found.container == MEED_CONTAINER_PARQUET)
			in->unit = MEED_UNIT_ROW;
	}
	return r;
}

int32_t meed_input_begin(struct meed_filling *f)
{
	struct meed_input *in = f->in;
	struct meed_err why = { 0 };
	int32_t r = meed_source_open(&in->src, in->paths[in->file], in->cancel,
				     in->digesting ? &in->digest : NULL, &why);

	if (r < 0) {
		r = meed_input_fail(f, r, &why);
		in->file++;
		return r;
	}
	in->number = in->offset = 0;
	r = meed_input_find(in, &why);
	if (r < 0)
		r = meed_input_fail(f, r, &why);
	in->open = true;
	if (r < 0)
		meed_input_end(in);
	return r;
}
