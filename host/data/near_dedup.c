/* near_dedup.c - the step near_dedup: MinHash signatures, and LSH bands to find those alike */
#include "config.h"

#include "host/data/internal.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>
#include <utf8proc.h>

/* Compared with each other in one bucket; further members only with these. */
#define SURE 0.95
enum {
	REPRESENTATIVES = 32,
	PERMUTATIONS_MAX = 4096,
	SIGN_BUFFER = 256 << 10
};

struct near {
	struct data_sel on;
	double threshold;
	size_t shingle, n_perm, n_bands, n_rows;
	bool started;
	uint64_t *mul, *add; /* of each permutation: (mul * x + add) >> 32 */
	uint32_t *sig;
	int fd;		       /* signatures, by number */
	struct meed_buf signs; /* those not in the file yet */
	uint64_t n, n_in_file;
	struct meed_sorter *bands; /* band, its hash, number */
	struct meed_spool spool;
	struct meed_buf text, words;
	size_t *starts; /* of the words in `words` */
	size_t n_words, cap_words;
	uint32_t *reps; /* signatures of a bucket */
	uint64_t n_near;
};

static const struct meed_data_param params[] = {
	{ "on", MEED_DATA_TEXT, "WHAT",
	  "what is compared: text (default), input, output,\n"
	  "prompt, a JSON pointer" },
	{ "threshold", MEED_DATA_NUMBER, "X",
	  "Jaccard similarity from which two are alike\n"
	  "(default 0.8)" },
	{ "shingle", MEED_DATA_COUNT, "N", "words of a shingle (default 3)" },
	{ "permutations", MEED_DATA_COUNT, "N", "length of a signature (default 128)" },
	{ "bands", MEED_DATA_COUNT, "N",
	  "bands; with rows (default: what finds 95 % of those\n"
	  "that are just alike enough)" },
	{ "rows", MEED_DATA_COUNT, "N", "rows of a band" },
	{ NULL, MEED_DATA_FLAG, NULL, NULL },
};

/* ---- set-up ------------------------------------------------------------------------------ */

/* As many rows as let two samples that are just alike enough share a band with a probability of
 * SURE: what is only nearly alike and shares one, too, is told apart by the signatures. */
static void choose_bands(struct near *x)
{
	for (x->n_rows = x->n_perm; x->n_rows > 1; x->n_rows--) {
		double band = pow(x->threshold, (double)x->n_rows);

		x->n_bands = x->n_perm / x->n_rows;
		if (1 - pow(1 - band, (double)x->n_bands) >= SURE)
			return;
	}
	x->n_bands = x->n_perm;
}

static int32_t init(void *self, const struct meed_data_args *a, struct meed_err *err)
{
	struct near *x = self;
	int32_t r;

	x->fd = -1;
	x->spool = (struct meed_spool)MEED_SPOOL_INIT;
	r = data_sel_init(&x->on, "on", data_text(a, "on", "text"), err);
	if (r < 0)
		return r;
	x->threshold = data_num(a, "threshold", 0.8);
	x->shingle = data_uint(a, "shingle", 3);
	x->n_perm = data_uint(a, "permutations", 128);
	x->n_bands = data_uint(a, "bands", 0);
	x->n_rows = data_uint(a, "rows", 0);
	if (!(x->threshold > 0 && x->threshold <= 1))
		return data_wrong(err, "threshold", "must be above 0 and at most 1");
	if (x->shingle < 1 || x->shingle > 64)
		return data_wrong(err, "shingle", "must be from 1 to 64");
	if (x->n_perm < 8 || x->n_perm > PERMUTATIONS_MAX)
		return data_wrong(err, "permutations", "must be from 8 to %d", PERMUTATIONS_MAX);
	if ((x->n_bands > 0) != (x->n_rows > 0))
		return data_wrong(err, "bands", "bands and rows go together: give both or none");
	if (x->n_bands > x->n_perm || x->n_rows > x->n_perm || x->n_bands * x->n_rows > x->n_perm)
		return data_wrong(err, "bands",
				  "bands times rows must be at most permutations, %zu", x->n_perm);
	if (!x->n_bands)
		choose_bands(x);
	return MEED_OK;
}

static void release(void *self)
{
	struct near *x = self;

	data_sel_release(&x->on);
	if (x->fd >= 0)
		(void)close(x->fd);
	free(x->mul);
	free(x->add);
	free(x->sig);
	free(x->reps);
	free(x->starts);
	meed_sorter_free(x->bands);
	meed_spool_release(&x->spool);
	meed_buf_release(&x->signs);
	meed_buf_release(&x->text);
	meed_buf_release(&x->words);
}

static int32_t start(struct data_step *s, struct meed_err *err)
{
	struct near *x = s->self;
	uint64_t seed = data_seed(s);
	size_t i;

	x->mul = calloc(x->n_perm, sizeof(*x->mul));
	x->add = calloc(x->n_perm, sizeof(*x->add));
	x->sig = calloc(x->n_perm, sizeof(*x->sig));
	x->reps = calloc(x->n_perm * (REPRESENTATIVES + 1), sizeof(*x->reps));
	x->bands = meed_sorter_new(data_memory(s));
	if (!x->mul || !x->add || !x->sig || !x->reps || !x->bands)
		return meed_err_nomem(err);
	for (i = 0; i < x->n_perm; i++) {
		x->mul[i] = data_random(seed, 2 * i) | 1;
		x->add[i] = data_random(seed, 2 * i + 1);
	}
	x->started = true;
	return meed_spill_open(&x->fd, err);
}

/* ---- words --------------------------------------------------------------------------------------
 */

/* Scripts that part no words: each character is one. */
static bool stands_alone(utf8proc_int32_t c)
{
	return (c >= 0x0e00 && c <= 0x0eff) || (c >= 0x1000 && c <= 0x109f) ||
	       (c >= 0x1780 && c <= 0x17ff) || (c >= 0x3040 && c <= 0x30ff) ||
	       (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) ||
	       (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff);
}

static bool in_word(utf8proc_int32_t c)
{
	utf8proc_category_t k;

	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	k = utf8proc_category(c);
	return (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_ME) ||
	       (k >= UTF8PROC_CATEGORY_ND && k <= UTF8PROC_CATEGORY_NO);
}

static bool begin_word(struct near *x)
{
	if (x->n_words + 1 >= x->cap_words) {
		size_t cap = x->cap_words ? 2 * x->cap_words : 256;
		size_t *v = realloc(x->starts, cap * sizeof(*v));

		if (!v)
			return false;
		x->starts = v;
		x->cap_words = cap;
	}
	x->starts[x->n_words++] = x->words.n;
	return true;
}

/* Cuts the text into lower-cased words, each ended by a blank; starts[n_words] is the end. */
static bool cut(struct near *x)
{
	const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)x->text.p;
	utf8proc_ssize_t n = (utf8proc_ssize_t)x->text.n, i = 0;
	utf8proc_uint8_t out[4];
	bool inside = false;

	x->words.n = 0;
	x->n_words = 0;
	while (i < n) {
		utf8proc_int32_t c;
		utf8proc_ssize_t k = utf8proc_iterate(p + i, n - i, &c);
		bool word = k > 0 && in_word(c), alone = word && stands_alone(c);

		i += k > 0 ? k : 1;
		if (inside && (!word || alone))
			meed_buf_putc(&x->words, ' ');
		if (word && (alone || !inside) && !begin_word(x))
			return false;
		if (word)
			meed_buf_put(&x->words, out,
				     (size_t)utf8proc_encode_char(utf8proc_tolower(c), out));
		if (alone)
			meed_buf_putc(&x->words, ' ');
		inside = word && !alone;
	}
	if (inside)
		meed_buf_putc(&x->words, ' ');
	if (x->starts)
		x->starts[x->n_words] = x->words.n;
	return !x->words.failed;
}

/* ---- signatures
 * ----------------------------------------------------------------------------------- */

static void add_shingle(struct near *x, uint64_t h)
{
	size_t i;

	for (i = 0; i < x->n_perm; i++) {
		uint32_t v = (uint32_t)((x->mul[i] * h + x->add[i]) >> 32);

		x->sig[i] = v < x->sig[i] ? v : x->sig[i];
	}
}

static void sign(struct near *x)
{
	size_t n = x->n_words > x->shingle ? x->n_words - x->shingle + 1 : 1, i;

	memset(x->sig, 0xff, x->n_perm * sizeof(*x->sig));
	for (i = 0; i < n; i++) {
		size_t last = i + x->shingle < x->n_words ? i + x->shingle : x->n_words;

		add_shingle(
			x, meed_hash(x->words.p + x->starts[i], x->starts[last] - x->starts[i], 0));
	}
}

static int32_t keep_signature(struct near *x, struct meed_err *err)
{
	size_t size = x->n_perm * sizeof(*x->sig), b;
	unsigned char key[20];
	int32_t r = MEED_OK;

	for (b = 0; b < x->n_bands && x->n_words > 0 && r == MEED_OK; b++) {
		meed_key_u64(key, b << 32);
		meed_key_u64(key + 4,
			     meed_hash(x->sig + b * x->n_rows, x->n_rows * sizeof(*x->sig), b));
		meed_key_u64(key + 12, x->n);
		r = meed_sorter_add(x->bands, key, sizeof(key), NULL, 0, err);
	}
	meed_buf_put(&x->signs, x->sig, size);
	if (x->signs.failed)
		return meed_err_nomem(err);
	x->n++;
	if (r == MEED_OK && x->signs.n >= SIGN_BUFFER) {
		r = meed_spill_put(x->fd, x->signs.p, x->signs.n, x->n_in_file * size, err);
		x->n_in_file = x->n;
		x->signs.n = 0;
	}
	return r;
}

static int32_t push(struct data_step *s, struct data_rec *r, struct meed_err *err)
{
	struct near *x = s->self;
	struct json_object *root = data_rec_root(r, err);
	int32_t st = MEED_OK;

	if (!root)
		return err->code;
	if (!x->started)
		st = start(s, err);
	if (st < 0)
		return st;
	x->text.n = 0;
	(void)data_sel_text(&x->on, root, &x->text);
	if (x->text.failed || !cut(x))
		return meed_err_nomem(err);
	if (x->n_words > 0)
		sign(x);
	st = keep_signature(x, err);
	return st == MEED_OK ? data_spool_rec(&x->spool, r, err) : st;
}

/* ---- buckets
 * ------------------------------------------------------------------------------------------ */

static bool alike(const struct near *x, const uint32_t *a, const uint32_t *b)
{
	size_t n = 0, i;

	for (i = 0; i < x->n_perm; i++)
		n += a[i] == b[i];
	return (double)n >= x->threshold * (double)x->n_perm;
}

static int32_t get_signature(struct near *x, uint64_t number, uint32_t *to, struct meed_err *err)
{
	size_t size = x->n_perm * sizeof(*to);

	return meed_spill_get(x->fd, to, size, number * size, err);
}

/* One more member of a bucket that has others. */
static int32_t meet(struct near *x, size_t *n_reps, uint64_t number, struct meed_sorter *drop,
		    struct meed_err *err)
{
	uint32_t *sig = x->reps + REPRESENTATIVES * x->n_perm;
	int32_t r = get_signature(x, number, sig, err);
	unsigned char key[8];
	size_t i;

	for (i = 0; i < *n_reps && r == MEED_OK; i++) {
		if (!alike(x, x->reps + i * x->n_perm, sig))
			continue;
		meed_key_u64(key, number);
		return meed_sorter_add(drop, key, sizeof(key), NULL, 0, err);
	}
	if (r == MEED_OK && *n_reps < REPRESENTATIVES)
		memcpy(x->reps + (*n_reps)++ * x->n_perm, sig, x->n_perm * sizeof(*sig));
	return r;
}

static int32_t find_alike(struct data_step *s, struct meed_sorter *drop, struct meed_err *err)
{
	struct near *x = s->self;
	char bucket[12] = { 0 };
	bool any = false;
	size_t n_reps = 0;
	uint64_t first = 0;
	meed_str key, none;
	int32_t st = MEED_OK;
	int more = 0;

	while (st == MEED_OK && (more = meed_sorter_next(x->bands, &key, &none, err)) > 0) {
		uint64_t number = meed_key_to_u64(key.p + 12);

		if (data_cancelled(s))
			return meed_err_set(err, MEED_E_CANCELLED, "interrupted");
		if (!any || memcmp(bucket, key.p, sizeof(bucket)) != 0) {
			memcpy(bucket, key.p, sizeof(bucket));
			any = true;
			first = number;
			n_reps = 0;
			continue;
		}
		if (n_reps == 0) {
			st = get_signature(x, first, x->reps, err);
			n_reps = 1;
		}
		if (st == MEED_OK)
			st = meet(x, &n_reps, number, drop, err);
	}
	return st < 0 ? st : more;
}

static int32_t end(struct data_step *s, struct meed_err *err)
{
	struct near *x = s->self;
	struct meed_sorter *drop;
	int32_t st;

	if (!x->started)
		return MEED_OK;
	drop = meed_sorter_new(data_memory(s));
	if (!drop)
		return meed_err_nomem(err);
	st = meed_spill_put(x->fd, x->signs.p, x->signs.n,
			    x->n_in_file * x->n_perm * sizeof(*x->sig), err);
	if (st == MEED_OK)
		st = find_alike(s, drop, err);
	meed_sorter_free(x->bands);
	x->bands = NULL;
	if (st == MEED_OK)
		st = data_pass_but(s, &x->spool, drop, err);
	meed_sorter_free(drop);
	(void)snprintf(s->note, sizeof(s->note), "%zu bands of %zu rows", x->n_bands, x->n_rows);
	return st;
}

const struct data_kind data_near_dedup = {
	.pub = { .name = "near_dedup",
		 .summary = "Drop samples that are nearly an earlier one (MinHash, LSH).",
		 .params = params },
	.size = sizeof(struct near),
	.init = init,
	.release = release,
	.push = push,
	.end = end,
};
