/* wire.c - the frames between the host and meed-cage: writing them, and reading what may be
 * anything. */
#include "config.h"

#include "host/exec/wire.h"

#define HELLO_MEMORY 1u
#define HELLO_PIDS 2u

#define HAS_COMPILED 1u
#define HAS_PARTNER_COMPILED 2u
#define HAS_PARTNERS 4u

/* ---- writing ---- */

static void put_u32(struct meed_buf *b, uint32_t x)
{
	char p[4];

	for (size_t i = 0; i < sizeof(p); i++)
		p[i] = (char)(x >> (8 * i));
	meed_buf_put(b, p, sizeof(p));
}

static void put_u64(struct meed_buf *b, uint64_t x)
{
	put_u32(b, (uint32_t)x);
	put_u32(b, (uint32_t)(x >> 32));
}

static void put_str(struct meed_buf *b, meed_str s)
{
	put_u64(b, s.n);
	meed_buf_put(b, s.p, s.n);
	meed_buf_putc(b, '\0');
}

static void put_count(struct meed_buf *b, size_t n)
{
	if (n > UINT32_MAX)
		b->failed = true;
	put_u32(b, (uint32_t)n);
}

static void put_strs(struct meed_buf *b, const meed_str *v, size_t n)
{
	put_count(b, n);
	for (size_t i = 0; i < n; i++)
		put_str(b, v[i]);
}

static void put_words(struct meed_buf *b, const char *const *v, size_t n)
{
	put_count(b, n);
	for (size_t i = 0; i < n; i++)
		put_str(b, meed_str_of(v[i]));
}

static void put_files(struct meed_buf *b, const meed_file *v, size_t n)
{
	put_count(b, n);
	for (size_t i = 0; i < n; i++) {
		put_str(b, meed_str_of(v[i].path));
		put_str(b, v[i].data);
	}
}

static void put_program(struct meed_buf *b, const struct wire_program *p)
{
	put_str(b, p->runtime);
	put_str(b, p->file);
	put_strs(b, p->compile, p->n_compile);
	put_strs(b, p->run, p->n_run);
	put_strs(b, p->check, p->n_check);
	put_str(b, p->warm);
	put_strs(b, p->preload, p->n_preload);
	put_strs(b, p->env, p->n_env);
	put_u32(b, p->has_code);
	if (p->has_code)
		put_str(b, p->code);
	put_files(b, p->files, p->n_files);
}

static void put_limits(struct meed_buf *b, const meed_limits *l)
{
	put_u32(b, l->processes);
	put_u32(b, l->wall_ms);
	put_u32(b, l->cpu_ms);
	put_u64(b, l->memory);
	put_u64(b, l->disk);
	put_u64(b, l->output);
}

static void put_run(struct meed_buf *b, const meed_exec_run *r)
{
	put_u32(b, r->flags);
	put_words(b, r->args, r->n_args);
	put_str(b, r->input);
	put_str(b, r->partner_input);
	put_files(b, r->files, r->n_files);
	put_words(b, r->fetch, r->n_fetch);
}

static void put_ran(struct meed_buf *b, const meed_ran *r)
{
	put_u32(b, r->outcome);
	put_u32(b, (uint32_t)r->code);
	put_u32(b, r->cut);
	put_u64(b, r->wall_us);
	put_u64(b, r->cpu_us);
	put_u64(b, r->memory_peak);
	put_str(b, r->out);
	put_str(b, r->err);
	put_files(b, r->files, r->n_files);
}

static size_t frame_begin(struct meed_buf *b, enum wire_kind kind)
{
	put_u32(b, kind);
	put_u32(b, 0);
	put_u64(b, 0);
	return b->n;
}

static void frame_end(struct meed_buf *b, size_t start)
{
	uint64_t n = b->n - start;

	if (b->failed)
		return;
	for (size_t i = 0; i < 8; i++)
		b->p[start - 8 + i] = (char)(n >> (8 * i));
}

void wire_put_hello(struct meed_buf *b, const struct wire_hello *h)
{
	size_t start = frame_begin(b, WIRE_HELLO);

	put_u32(b, h->version);
	put_u32(b, (h->memory_limit ? HELLO_MEMORY : 0) | (h->pids_limit ? HELLO_PIDS : 0));
	put_str(b, h->cgroups);
	frame_end(b, start);
}

void wire_put_job(struct meed_buf *b, const struct wire_job *j)
{
	size_t start = frame_begin(b, WIRE_JOB);

	put_u64(b, j->id);
	put_u32(b, j->flags);
	put_limits(b, &j->compile_limits);
	put_limits(b, &j->run_limits);
	put_program(b, &j->program);
	put_u32(b, j->has_partner);
	if (j->has_partner)
		put_program(b, &j->partner);
	put_count(b, j->n_runs);
	for (size_t i = 0; i < j->n_runs; i++)
		put_run(b, j->runs[i]);
	frame_end(b, start);
}

void wire_put_answer(struct meed_buf *b, const struct wire_answer *a)
{
	const meed_exec_result *r = &a->result;
	size_t start = frame_begin(b, WIRE_ANSWER);

	put_u64(b, a->id);
	put_u32(b, (uint32_t)a->status);
	put_str(b, a->error);
	put_u32(b, (r->compiled ? HAS_COMPILED : 0) |
			   (r->partner_compiled ? HAS_PARTNER_COMPILED : 0) |
			   (r->partners ? HAS_PARTNERS : 0));
	if (r->compiled)
		put_ran(b, r->compiled);
	if (r->partner_compiled)
		put_ran(b, r->partner_compiled);
	put_count(b, r->n_runs);
	for (size_t i = 0; i < r->n_runs; i++)
		put_ran(b, r->runs[i]);
	for (size_t i = 0; r->partners && i < r->n_runs; i++)
		put_ran(b, r->partners[i]);
	frame_end(b, start);
}

/* ---- reading: the first failure stays, and everything after it reads as nothing ---- */

struct rd {
	const char *p;
	size_t n;
	struct meed_arena *arena;
	int32_t status;
};

#define STR_MIN ((size_t)9) /* bytes of an empty string */

static void rd_fail(struct rd *r, int32_t code)
{
	if (r->status == MEED_OK)
		r->status = code;
	r->n = 0;
}

static uint32_t get_u32(struct rd *r)
{
	uint32_t x = 0;

	if (r->n < 4) {
		rd_fail(r, MEED_E_PARSE);
		return 0;
	}
	for (size_t i = 0; i < 4; i++)
		x |= (uint32_t)(unsigned char)r->p[i] << (8 * i);
	r->p += 4;
	r->n -= 4;
	return x;
}

static uint64_t get_u64(struct rd *r)
{
	uint64_t low = get_u32(r);

	return low | (uint64_t)get_u32(r) << 32;
}

/* A number that has no more bits than known. */
static uint32_t get_bits(struct rd *r, uint32_t known)
{
	uint32_t x = get_u32(r);

	if (x & ~known)
		rd_fail(r, MEED_E_PARSE);
	return x & known;
}

static meed_str get_str(struct rd *r)
{
	uint64_t n = get_u64(r);
	meed_str s = { "", 0 };

	if (r->status != MEED_OK || n >= r->n || r->p[n] != '\0') {
		rd_fail(r, MEED_E_PARSE);
		return s;
	}
	s.p = r->p;
	s.n = (size_t)n;
	r->p += s.n + 1;
	r->n -= s.n + 1;
	return s;
}

/* A string without a NUL inside. */
static meed_str get_word(struct rd *r)
{
	meed_str s = get_str(r);

	if (memchr(s.p, '\0', s.n))
		rd_fail(r, MEED_E_PARSE);
	return s;
}

/* A list's array. Its items have at least min bytes each in the frame, so that no frame asks for
 * more memory than in proportion to what it has sent. */
static void *get_list(struct rd *r, size_t min, size_t size, size_t *ret_n)
{
	size_t n = get_u32(r);
	void *v = NULL;

	*ret_n = 0;
	if (n > r->n / min)
		rd_fail(r, MEED_E_PARSE);
	if (r->status != MEED_OK || !n)
		return NULL;
	v = meed_arena_alloc(r->arena, n * size);
	if (!v)
		rd_fail(r, MEED_E_NOMEM);
	else
		*ret_n = n;
	return v;
}

static const meed_str *get_strs(struct rd *r, size_t *ret_n)
{
	meed_str *v = get_list(r, STR_MIN, sizeof(*v), ret_n);

	for (size_t i = 0; i < *ret_n; i++)
		v[i] = get_word(r);
	return v;
}

static const char *const *get_words(struct rd *r, size_t *ret_n)
{
	const char **v = get_list(r, STR_MIN, sizeof(char *), ret_n);

	for (size_t i = 0; i < *ret_n; i++)
		v[i] = get_word(r).p;
	return v;
}

static const meed_file *get_files(struct rd *r, size_t *ret_n)
{
	meed_file *v = get_list(r, 2 * STR_MIN, sizeof(*v), ret_n);

	for (size_t i = 0; i < *ret_n; i++) {
		v[i].path = get_word(r).p;
		v[i].data = get_str(r);
	}
	return v;
}

static void get_program(struct rd *r, struct wire_program *p)
{
	p->runtime = get_word(r);
	p->file = get_word(r);
	p->compile = get_strs(r, &p->n_compile);
	p->run = get_strs(r, &p->n_run);
	p->check = get_strs(r, &p->n_check);
	p->warm = get_word(r);
	p->preload = get_strs(r, &p->n_preload);
	p->env = get_strs(r, &p->n_env);
	p->has_code = get_bits(r, 1);
	p->code = p->has_code ? get_str(r) : MEED_STR("");
	p->files = get_files(r, &p->n_files);
}

static void get_limits(struct rd *r, meed_limits *l)
{
	l->struct_size = sizeof(*l);
	l->processes = get_u32(r);
	l->wall_ms = get_u32(r);
	l->cpu_ms = get_u32(r);
	l->memory = get_u64(r);
	l->disk = get_u64(r);
	l->output = get_u64(r);
	if (!l->processes || !l->wall_ms || !l->cpu_ms || !l->memory || !l->disk || !l->output)
		rd_fail(r, MEED_E_PARSE);
}

static void get_run(struct rd *r, meed_exec_run *x)
{
	x->struct_size = sizeof(*x);
	x->flags = get_bits(r, 0);
	x->args = get_words(r, &x->n_args);
	x->input = get_str(r);
	x->partner_input = get_str(r);
	x->files = get_files(r, &x->n_files);
	x->fetch = get_words(r, &x->n_fetch);
}

static void get_ran(struct rd *r, meed_ran *x)
{
	x->struct_size = sizeof(*x);
	x->outcome = get_u32(r);
	x->code = (int32_t)get_u32(r);
	x->cut = get_bits(r, 3);
	x->wall_us = get_u64(r);
	x->cpu_us = get_u64(r);
	x->memory_peak = get_u64(r);
	x->out = get_str(r);
	x->err = get_str(r);
	x->files = get_files(r, &x->n_files);
	if (x->outcome > MEED_RAN_OUTPUT)
		rd_fail(r, MEED_E_PARSE);
}

static const meed_ran *get_one_ran(struct rd *r)
{
	meed_ran *x = meed_arena_alloc(r->arena, sizeof(*x));

	if (!x) {
		rd_fail(r, MEED_E_NOMEM);
		return NULL;
	}
	get_ran(r, x);
	return x;
}

#define RUN_MIN (4 + 4 + 2 * STR_MIN + 4 + 4)	  /* bytes of the smallest run */
#define RAN_MIN (3 * 4 + 3 * 8 + 2 * STR_MIN + 4) /* and outcome */

/* n structs and the pointers to them, which is how [grows] structs are listed. */
static void *get_pointers(struct rd *r, size_t n, size_t size, const void ***ret)
{
	char *v = NULL;

	*ret = NULL;
	if (r->status != MEED_OK || !n)
		return NULL;
	v = meed_arena_alloc(r->arena, n * size);
	*ret = v ? meed_arena_alloc(r->arena, n * sizeof(void *)) : NULL;
	if (!*ret) {
		rd_fail(r, MEED_E_NOMEM);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		(*ret)[i] = v + i * size;
	return v;
}

static size_t get_count(struct rd *r, size_t min)
{
	size_t n = get_u32(r);

	if (n > r->n / min)
		rd_fail(r, MEED_E_PARSE);
	return r->status == MEED_OK ? n : 0;
}

static const meed_ran *const *get_rans(struct rd *r, size_t n)
{
	const void **pointers;
	meed_ran *v = get_pointers(r, n, sizeof(*v), &pointers);

	for (size_t i = 0; v && i < n; i++)
		get_ran(r, &v[i]);
	return (const meed_ran *const *)pointers;
}

static int32_t rd_end(struct rd *r)
{
	if (r->status == MEED_OK && r->n)
		r->status = MEED_E_PARSE;
	return r->status;
}

int32_t wire_header(const char *p, enum wire_kind *ret_kind, uint64_t *ret_n)
{
	struct rd r = { .p = p, .n = WIRE_HEADER };
	uint32_t kind = get_u32(&r), reserved = get_u32(&r);
	uint64_t n = get_u64(&r);

	if (kind < WIRE_HELLO || kind > WIRE_ANSWER || reserved || n > WIRE_MAX_FRAME)
		return MEED_E_PARSE;
	*ret_kind = (enum wire_kind)kind;
	*ret_n = n;
	return MEED_OK;
}

int32_t wire_get_hello(meed_str body, struct wire_hello *ret)
{
	struct rd r = { .p = body.p, .n = body.n };
	struct wire_hello h = { 0 };
	uint32_t bits;

	h.version = get_u32(&r);
	bits = get_bits(&r, HELLO_MEMORY | HELLO_PIDS);
	h.memory_limit = bits & HELLO_MEMORY;
	h.pids_limit = bits & HELLO_PIDS;
	h.cgroups = get_word(&r);
	if (rd_end(&r) == MEED_OK)
		*ret = h;
	return r.status;
}

int32_t wire_get_job(struct meed_arena *a, meed_str body, struct wire_job *ret)
{
	struct rd r = { .p = body.p, .n = body.n, .arena = a };
	struct wire_job j = { 0 };
	const void **pointers;
	meed_exec_run *runs;

	j.id = get_u64(&r);
	j.flags = get_bits(&r, MEED_EXEC_STOP | MEED_EXEC_CHECK | MEED_EXEC_CHANNEL |
				       MEED_EXEC_CROSS | MEED_EXEC_STOP_LIMIT);
	get_limits(&r, &j.compile_limits);
	get_limits(&r, &j.run_limits);
	get_program(&r, &j.program);
	j.has_partner = get_bits(&r, 1);
	if (j.has_partner)
		get_program(&r, &j.partner);
	j.n_runs = get_count(&r, RUN_MIN);
	runs = get_pointers(&r, j.n_runs, sizeof(*runs), &pointers);
	for (size_t i = 0; runs && i < j.n_runs; i++)
		get_run(&r, &runs[i]);
	j.runs = (const meed_exec_run *const *)pointers;
	if (rd_end(&r) == MEED_OK)
		*ret = j;
	return r.status;
}

int32_t wire_get_answer(struct meed_arena *a, meed_str body, struct wire_answer *ret)
{
	struct rd r = { .p = body.p, .n = body.n, .arena = a };
	struct wire_answer w = { 0 };
	meed_exec_result *x = &w.result;
	uint32_t has;

	w.id = get_u64(&r);
	w.status = (int32_t)get_u32(&r);
	if (w.status > MEED_OK || w.status < MEED_E_INTERNAL)
		rd_fail(&r, MEED_E_PARSE);
	w.error = get_str(&r);
	x->struct_size = sizeof(*x);
	has = get_bits(&r, HAS_COMPILED | HAS_PARTNER_COMPILED | HAS_PARTNERS);
	if (has & HAS_COMPILED)
		x->compiled = get_one_ran(&r);
	if (has & HAS_PARTNER_COMPILED)
		x->partner_compiled = get_one_ran(&r);
	x->n_runs = get_count(&r, has & HAS_PARTNERS ? 2 * RAN_MIN : RAN_MIN);
	x->runs = get_rans(&r, x->n_runs);
	if (has & HAS_PARTNERS)
		x->partners = get_rans(&r, x->n_runs);
	if (rd_end(&r) == MEED_OK)
		*ret = w;
	return r.status;
}
