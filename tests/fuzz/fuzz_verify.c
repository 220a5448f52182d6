/* fuzz_verify.c - fuzz target: a reference and a response to a verdict of `math`, within the budget.
 *
 * An input is "reference newline response"; one that begins with '@' is a tape by which both are
 * made from a grammar instead. Without a verdict something must be spent or the reference be
 * unreadable; the same answer twice is equal; no run takes longer than its budget. */
#include "config.h"
#include "plugins/math/verify.h"

#include <stdlib.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

enum {
	TIMEOUT_MS = 1000,
	LATE_MS = 6000,			/* what sanitizers make of it on a busy machine */
	MADE_MAX = 4000			/* bytes of a text from the grammar */
};

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* ---- texts from the grammar ------------------------------------------------------------------------- */

struct tape {
	const uint8_t *p;
	size_t n, at;
};

static unsigned next(struct tape *t, unsigned n)
{
	return t->at < t->n ? t->p[t->at++] % n : 0;
}

/* ~: an expression; #: a whole number; other characters are themselves. */
static const char *const forms[] = {
	"#", "x", "#.#", "\\frac{~}{~}", "~+~", "~-~", "~ ~", "~^{~}", "\\sqrt{~}", "\\sqrt[3]{~}", "(~)",
	"\\sin ~", "\\ln(~)", "~!", "\\binom{~}{~}", "\\pi", "e", "i", "\\infty", "|~|", "~\\%", "~^\\circ",
	"~ \\text{ cm}", "\\$~", "~ \\pm ~", "\\sum_{k=1}^{~} ~", "\\prod_{k=1}^{#} ~", "\\int_{~}^{~} ~ dx",
	"\\lim_{x\\to ~} ~", "\\frac{d}{dx} ~", "\\log_{~} ~", "\\lfloor ~ \\rfloor", "#_{2}", "~ \\bmod ~",
	"x_{#}", "f(~)", "\\gcd(~, ~)", "~ : ~", "0.\\overline{#}", "-~", "#^{#^{#}}", "\\max(~,~)", "~'",
	"\\overline{~}", "~/~", "\\tan^{-1} ~", "\\cos(~)\\cdot ~",
};
static const char *const answers[] = {
	"~", "~", "~", "x = ~", "~, ~", "\\{~, ~\\}", "(~, ~)", "[~, ~)", "(~, ~) \\cup (~, ~)", "~ < x \\le ~",
	"~ = ~", "x = ~ \\text{ or } x = ~", "x \\in [~, ~]", "\\begin{pmatrix} ~ & ~ \\\\ ~ & ~ \\end{pmatrix}",
	"~ \\equiv ~ \\pmod{~}", "\\begin{cases} ~ = ~ \\\\ ~ = ~ \\end{cases}", "x^2 ~ x + ~ > 0", "|~| < ~",
	"\\mathbb{R} \\setminus \\{~\\}", "\\{x \\mid ~ > ~\\}", "\\emptyset", "\\text{yes}", "A", "12:30",
	"y = ~ x + ~", "x \\ne ~", "\\det \\begin{vmatrix} ~ & ~ \\\\ ~ & ~ \\end{vmatrix}", "~ + ~ k, k \\in \\mathbb{Z}",
};
static const char *const responses[] = {
	"~", "\\boxed{~}", "So the answer is $~$.", "We get \\[ ~ = ~ \\] so $~$", "#### ~",
	"<answer>~</answer>", "The final answer is ~", "x\n$$~$$\n", "<think>~</think>\\boxed{~}", "Answer: (B) ~",
};

static void make(struct tape *t, const char *form, const char *const *inner, size_t n_inner,
		 unsigned depth, struct meed_text *out)
{
	const char *s;

	for (s = form; *s && out->n < MADE_MAX; s++) {
		if (*s == '#')
			meed_text_u64(out, (uint64_t)next(t, 256) * next(t, 30));
		else if (*s != '~')
			meed_text_char(out, *s);
		else if (inner != forms)
			make(t, inner[next(t, (unsigned)n_inner)], forms,
			     sizeof(forms) / sizeof(forms[0]), 5, out);
		else
			make(t, depth > 0 ? forms[next(t, sizeof(forms) / sizeof(forms[0]))] : "2", forms, 0,
			     depth > 0 ? depth - 1 : 0, out);
	}
}

static meed_str made(struct tape *t, bool response, char *buf, size_t cap)
{
	struct meed_text out = meed_text_in(buf, cap);
	size_t n = sizeof(answers) / sizeof(answers[0]);

	make(t, response ? responses[next(t, 10)] : answers[next(t, (unsigned)n)],
	     response ? answers : forms, n, 5, &out);
	return meed_text_get(&out);
}

/* ---- the run ------------------------------------------------------------------------------------------- */

/* An arena whose blocks are single allocations, so that a sanitizer sees their ends. */
struct arena {
	struct block {
		struct block *next;
		max_align_t data[];
	} *blocks;
};

static void *arena_block(void *ctx, size_t n)
{
	struct arena *a = ctx;
	struct block *b = calloc(1, sizeof(*b) + n);

	if (!b)
		return NULL;
	b->next = a->blocks;
	a->blocks = b;
	return b->data;
}

static void *arena_alloc(void *ctx, size_t n)
{
	struct mx_memory *m = ctx;

	/* each allocation alone: mx_memory's blocks would hide an overrun */
	if (n > m->limit - m->used) {
		m->over = true;
		return NULL;
	}
	m->used += n;
	return m->block(m->ctx, n);
}

static void arena_release(struct arena *a)
{
	struct block *b;

	while ((b = a->blocks)) {
		a->blocks = b->next;
		free(b);
	}
}

static uint64_t cpu_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void verify(meed_str ref, meed_str response)
{
	struct arena a = { NULL };
	struct mx_memory mem = { .block = arena_block, .ctx = &a };
	uint64_t t0 = cpu_ms();
	struct mx_result v;
	struct mx_model m;
	struct mx_env e;
	int32_t r;

	mx_model_init(&m);
	m.timeout_ms = TIMEOUT_MS;
	m.steps = 200000;
	m.candidates = 1 + (uint32_t)(ref.n % 3);
	mx_env_begin(&e, &m, &mem, 42);
	e.alloc = arena_alloc;
	r = mx_verify(&e, &m, &ref, 1, response, &v);
	must(r == 0 || r == MEED_E_SAMPLE || r == e.spent);
	if (r == 0) {
		must(v.rule && *v.rule && v.verdict <= MX_UNDECIDED);
		must(memchr(v.detail, 0, sizeof(v.detail)) != NULL);
		if (v.pred.found && meed_eq(v.gold.cand.text, v.pred.cand.text))
			must(v.verdict == MX_YES);
		mx_read_sides(&e, &v);
	}
	must(cpu_ms() - t0 < LATE_MS);
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char ref[MADE_MAX + 100], response[MADE_MAX + 100];
	struct tape t = { p, n, 1 };
	char *copy = malloc(n + 1), *end;
	meed_str a, b;

	must(copy);
	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	if (n > 0 && p[0] == '@') {
		a = made(&t, false, ref, sizeof(ref));
		b = made(&t, true, response, sizeof(response));
		if (t.at < n && p[n - 1] & 1)
			b = a;
	} else {
		end = memchr(copy, '\n', n);
		a = (meed_str){ copy, end ? (size_t)(end - copy) : n };
		b = end ? (meed_str){ end + 1, n - a.n - 1 } : a;
	}
	verify(a, b);
	free(copy);
	return 0;
}
