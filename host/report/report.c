/* report.c - building a report: every text is copied and made well-formed. */
#include "config.h"
#include "host/report/parts.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* Room for one more in a vector of n. */
static bool grow(struct meed_report *r, void **v, size_t n, size_t extra, size_t *cap, size_t size)
{
	size_t want = *cap ? *cap : 8, bytes;
	void *p;

	if (n + extra <= *cap)
		return true;
	while (want < n + extra)
		if (meed_mul_overflow(want, 2, &want))
			goto fail;
	if (meed_mul_overflow(want, size, &bytes))
		goto fail;
	p = realloc(*v, bytes);
	if (!p)
		goto fail;
	*v = p;
	*cap = want;
	return true;
fail:
	r->failed = true;
	return false;
}
#define GROW(r, v, n, extra, cap) grow((r), (void **)&(v), (n), (extra), &(cap), sizeof(*(v)))

static meed_str copy(struct meed_report *r, meed_str s)
{
	struct meed_buf b = { 0 };
	meed_str c;

	if (s.n == 0)
		return MEED_STR("");
	if (meed_utf8_check(s.p, s.n) == s.n) {
		c = meed_arena_dup(&r->arena, s);
	} else {
		meed_utf8_scrub(&b, s);
		c = meed_arena_dup(&r->arena, (meed_str){ b.p ? b.p : "", b.n });
		r->failed |= b.failed;
		meed_buf_release(&b);
	}
	if (c.p)
		return c;
	r->failed = true;
	return MEED_STR("");
}

__attribute__((format(printf, 2, 0))) static meed_str copy_format(struct meed_report *r,
								  const char *fmt, va_list ap)
{
	struct meed_buf b = { 0 };
	meed_str s;

	meed_buf_vprintf(&b, fmt, ap);
	r->failed |= b.failed;
	s = copy(r, (meed_str){ b.p ? b.p : "", b.failed ? 0 : b.n });
	meed_buf_release(&b);
	return s;
}

static char id_char(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return c;
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : '_';
}

/* The id that s becomes, the k-th of that name: Qwen 7B -> qwen_7b, qwen_7b_2. */
static meed_str id_form(struct meed_report *r, const char *s, size_t k)
{
	struct meed_buf b = { 0 };
	meed_str id;

	for (; *s; s++) {
		char c = id_char(*s);

		if (c != '_' || (b.n > 0 && b.p[b.n - 1] != '_'))
			meed_buf_putc(&b, c);
	}
	while (b.n > 0 && b.p[b.n - 1] == '_')
		b.n--;
	if (b.n == 0)
		MEED_BUF_LIT(&b, "x");
	if (k > 1)
		meed_buf_printf(&b, "_%zu", k);
	r->failed |= b.failed;
	id = copy(r, (meed_str){ b.p ? b.p : "x", b.failed ? 0 : b.n });
	meed_buf_release(&b);
	return id;
}

typedef bool taken_fn(const void *owner, meed_str id);

static meed_str id_new(struct meed_report *r, const char *s, taken_fn *taken, const void *owner)
{
	meed_str id = id_form(r, s, 1);
	size_t k;

	for (k = 2; !r->failed && taken(owner, id); k++)
		id = id_form(r, s, k);
	return id;
}

static bool fact_taken(const void *owner, meed_str id)
{
	const struct meed_report *r = owner;
	size_t i;

	for (i = 0; i < r->n_facts; i++)
		if (meed_str_eq(r->facts[i].key, id))
			return true;
	return false;
}

static bool table_taken(const void *owner, meed_str id)
{
	const struct meed_report *r = owner;
	size_t i;

	for (i = 0; i < r->n_tables; i++)
		if (meed_str_eq(r->tables[i]->id, id))
			return true;
	return false;
}

static bool plot_taken(const void *owner, meed_str id)
{
	const struct meed_report *r = owner;
	size_t i;

	for (i = 0; i < r->n_plots; i++)
		if (meed_str_eq(r->plots[i]->id, id))
			return true;
	return false;
}

static bool column_taken(const void *owner, meed_str id)
{
	const struct meed_report_table *t = owner;
	size_t i;

	for (i = 0; i < t->n_cols; i++)
		if (meed_str_eq(t->cols[i].id, id))
			return true;
	return false;
}

struct meed_report *meed_report_new(const char *kind, const char *title)
{
	struct meed_report *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	meed_arena_init(&r->arena, 0);
	r->kind = copy(r, meed_str_of(kind));
	r->title = copy(r, meed_str_of(title));
	return r;
}

void meed_report_free(struct meed_report *r)
{
	size_t i, k;

	if (!r)
		return;
	for (i = 0; i < r->n_tables; i++) {
		free(r->tables[i]->cols);
		free(r->tables[i]->cells);
		free(r->tables[i]->strong);
	}
	for (i = 0; i < r->n_plots; i++) {
		for (k = 0; k < r->plots[i]->n_series; k++)
			free(r->plots[i]->series[k].points);
		free(r->plots[i]->series);
	}
	free(r->facts);
	free(r->notes);
	free(r->tables);
	free(r->plots);
	meed_arena_release(&r->arena);
	free(r);
}

static struct report_fact *fact_new(struct meed_report *r, const char *key)
{
	if (!r || !GROW(r, r->facts, r->n_facts, 1, r->cap_facts))
		return NULL;
	r->facts[r->n_facts] = (struct report_fact){ .key = id_new(r, key, fact_taken, r) };
	return &r->facts[r->n_facts++];
}

void meed_report_fact(struct meed_report *r, const char *key, const char *fmt, ...)
{
	struct report_fact *f = fact_new(r, key);
	va_list ap;

	if (!f)
		return;
	va_start(ap, fmt);
	f->text = copy_format(r, fmt, ap);
	va_end(ap);
}

void meed_report_fact_num(struct meed_report *r, const char *key, double x)
{
	struct report_fact *f = fact_new(r, key);

	if (!f)
		return;
	f->is_num = true;
	f->x = x;
	f->text = MEED_STR("");
}

void meed_report_note(struct meed_report *r, enum meed_note kind, const char *fmt, ...)
{
	struct report_note *n;
	va_list ap;

	if (!r || !GROW(r, r->notes, r->n_notes, 1, r->cap_notes))
		return;
	n = &r->notes[r->n_notes++];
	n->kind = kind;
	va_start(ap, fmt);
	n->text = copy_format(r, fmt, ap);
	va_end(ap);
}

/* ---- tables ---- */

struct meed_report_table *meed_report_table(struct meed_report *r, const char *id,
					    const char *title, const char *caption)
{
	struct meed_report_table *t;

	if (!r || !GROW(r, r->tables, r->n_tables, 1, r->cap_tables))
		return NULL;
	t = meed_arena_alloc(&r->arena, sizeof(*t));
	if (!t) {
		r->failed = true;
		return NULL;
	}
	t->report = r;
	t->id = id_new(r, id, table_taken, r);
	t->title = copy(r, meed_str_of(title));
	t->caption = copy(r, meed_str_of(caption));
	r->tables[r->n_tables++] = t;
	return t;
}

void meed_table_column(struct meed_report_table *t, const char *id, const char *heading,
		       enum meed_cell kind, int digits)
{
	struct report_column *c;

	if (!t)
		return;
	assert(t->n_rows == 0);
	if (!GROW(t->report, t->cols, t->n_cols, 1, t->cap_cols))
		return;
	c = &t->cols[t->n_cols];
	*c = (struct report_column){ .id = id_new(t->report, id, column_taken, t),
				     .heading = copy(t->report, meed_str_of(heading)),
				     .kind = kind,
				     .digits = digits };
	t->n_cols++;
}

void meed_table_row(struct meed_report_table *t)
{
	size_t n = t ? t->n_rows * t->n_cols : 0;

	if (!t || !GROW(t->report, t->cells, n, t->n_cols, t->cap_cells) ||
	    !GROW(t->report, t->strong, t->n_rows, 1, t->cap_rows))
		return;
	if (t->n_cols > 0)
		memset(t->cells + n, 0, t->n_cols * sizeof(*t->cells));
	t->strong[t->n_rows++] = false;
	t->at = 0;
}

void meed_table_strong(struct meed_report_table *t)
{
	if (t && t->n_rows > 0)
		t->strong[t->n_rows - 1] = true;
}

/* The next cell of the last row; NULL if memory was lacking. */
static struct report_cell *next(struct meed_report_table *t)
{
	if (!t || t->report->failed)
		return NULL;
	assert(t->n_rows > 0 && t->at < t->n_cols);
	return &t->cells[(t->n_rows - 1) * t->n_cols + t->at++];
}

void meed_table_text(struct meed_report_table *t, const char *fmt, ...)
{
	struct report_cell *c = next(t);
	va_list ap;

	if (!c)
		return;
	c->given = GIVEN_TEXT;
	va_start(ap, fmt);
	c->text = copy_format(t->report, fmt, ap);
	va_end(ap);
}

void meed_table_str(struct meed_report_table *t, meed_str s)
{
	struct report_cell *c = next(t);

	if (!c)
		return;
	c->given = GIVEN_TEXT;
	c->text = copy(t->report, s);
}

void meed_table_num(struct meed_report_table *t, double x)
{
	struct report_cell *c = next(t);

	if (!c || !isfinite(x))
		return;
	c->given = GIVEN_NUMBER;
	c->x = x;
}

void meed_table_interval(struct meed_report_table *t, double x, double low, double high)
{
	struct report_cell *c = next(t);

	if (!c)
		return;
	t->cols[t->at - 1].intervals = true;
	if (!isfinite(x))
		return;
	c->given = isfinite(low) && isfinite(high) ? GIVEN_INTERVAL : GIVEN_NUMBER;
	c->x = x;
	c->low = low;
	c->high = high;
}

void meed_table_missing(struct meed_report_table *t)
{
	(void)next(t);
}

/* ---- plots ---- */

struct meed_report_plot *meed_report_plot(struct meed_report *r, const char *id, const char *title,
					  enum meed_plot kind, const char *x_label,
					  const char *y_label)
{
	struct meed_report_plot *p;

	if (!r || !GROW(r, r->plots, r->n_plots, 1, r->cap_plots))
		return NULL;
	p = meed_arena_alloc(&r->arena, sizeof(*p));
	if (!p) {
		r->failed = true;
		return NULL;
	}
	p->report = r;
	p->kind = kind;
	p->id = id_new(r, id, plot_taken, r);
	p->title = copy(r, meed_str_of(title));
	p->x_label = copy(r, meed_str_of(x_label));
	p->y_label = copy(r, meed_str_of(y_label));
	p->low = p->high = NAN;
	r->plots[r->n_plots++] = p;
	return p;
}

void meed_plot_series(struct meed_report_plot *p, const char *name)
{
	if (!p || !GROW(p->report, p->series, p->n_series, 1, p->cap_series))
		return;
	p->series[p->n_series++] =
		(struct report_series){ .name = copy(p->report, meed_str_of(name)) };
}

static double finite_or_nan(double x)
{
	return isfinite(x) ? x : NAN;
}

void meed_plot_point(struct meed_report_plot *p, const char *label, double x, double y, double low,
		     double high)
{
	struct report_series *s;

	if (!p || p->report->failed)
		return;
	assert(p->n_series > 0);
	s = &p->series[p->n_series - 1];
	if (!GROW(p->report, s->points, s->n, 1, s->cap))
		return;
	s->points[s->n++] = (struct report_point){ .label = copy(p->report, meed_str_of(label)),
						   .x = finite_or_nan(x),
						   .y = finite_or_nan(y),
						   .low = finite_or_nan(low),
						   .high = finite_or_nan(high) };
}

void meed_plot_range(struct meed_report_plot *p, double low, double high)
{
	if (!p)
		return;
	p->low = finite_or_nan(low);
	p->high = finite_or_nan(high);
}

int32_t report_whole(const struct meed_report *r, const struct meed_buf *b)
{
	return !r || r->failed || b->failed ? MEED_E_NOMEM : MEED_OK;
}
