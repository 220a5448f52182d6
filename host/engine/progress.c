/* progress.c - how a run tells how far it is, on standard error. */
#include "config.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host/engine/run.h"

enum {
	LIVE_NS = 250000000,
	WIDTH = 80,
	BAR_MIN = 8,
	BAR_MAX = 40
};
#define PLAIN_NS UINT64_C(10000000000)
#define JSON_NS UINT64_C(1000000000)

void progress_begin(struct run *r)
{
	struct progress *p = &r->progress;
	uint64_t total;

	memset(p, 0, sizeof(*p));
	p->mode = (int)r->o->progress;
	p->live = isatty(STDERR_FILENO) == 1;
	p->t0 = p->last = meed_now_ns();
	p->n0 = r->st->n_before;
	meed_input_progress(r->in, &p->done0, &total);
}

static void put(const struct meed_buf *b)
{
	if (!b->failed && write(STDERR_FILENO, b->p, b->n) < 0)
		return;
}

/* What is told, once measured. */
struct figures {
	uint64_t done, total;	/* bytes; total 0: not known */
	double secs, rate, eta; /* eta < 0: not known */
	struct meed_llm_stats llm;
};

static void measure(struct run *r, uint64_t now, struct figures *f)
{
	const struct progress *p = &r->progress;
	uint64_t moved;

	meed_input_progress(r->in, &f->done, &f->total);
	f->secs = (double)(now - p->t0) / 1e9;
	f->rate = f->secs > 0 ? (double)(r->st->n_samples - p->n0) / f->secs : 0;
	moved = f->done - p->done0;
	f->eta = -1;
	if (f->total && moved)
		f->eta = f->total > f->done ? f->secs * (double)(f->total - f->done) / (double)moved
					    : 0;
	meed_llm_stats(r->e->opts.transport, &f->llm);
	meed_llm_stats_since(&f->llm, &r->llm_before);
}

/* ---- for machines ------------------------------------------------------------------------- */

static void tick_json(const struct run *r, const struct figures *f, bool last)
{
	const struct meed_run_stats *st = r->st;
	struct meed_buf b = { 0 };

	meed_buf_printf(&b,
			"{\"samples\":%llu,\"bad_lines\":%llu,\"failed_outputs\":%llu,"
			"\"bytes\":%llu,\"total_bytes\":%llu,\"seconds\":%.3f,"
			"\"samples_per_second\":%.1f,\"eta_seconds\":%.0f,\"done\":%s",
			(unsigned long long)st->n_samples, (unsigned long long)st->n_bad_lines,
			(unsigned long long)st->n_failed, (unsigned long long)f->done,
			(unsigned long long)f->total, f->secs, f->rate, f->eta < 0 ? 0 : f->eta,
			last ? "true" : "false");
	if (f->llm.n_requests) {
		MEED_BUF_LIT(&b, ",\"llm\":");
		meed_llm_stats_json(&f->llm, &b);
	}
	MEED_BUF_LIT(&b, "}\n");
	put(&b);
	meed_buf_release(&b);
}

/* ---- for people ---------------------------------------------------------------------------- */

/* 12345678 as 12,345,678. */
static void put_grouped(struct meed_buf *b, uint64_t n)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)n);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			meed_buf_putc(b, ',');
		meed_buf_putc(b, text[i]);
	}
}

/* 12345678 as 12.3M: what changes too fast to be read in full. */
static void put_short(struct meed_buf *b, uint64_t n)
{
	static const char units[] = "kMGT";
	double x = (double)n;
	int i = -1;

	for (; x >= 999.5 && i < 3; i++)
		x /= 1000;
	if (i < 0)
		meed_buf_u64(b, n);
	else
		meed_buf_printf(b, "%.*f%c", x < 99.95 ? 1 : 0, x, units[i]);
}

static void put_time(struct meed_buf *b, double secs)
{
	uint64_t left = secs < 3.6e8 ? (uint64_t)(secs + 0.5) : (uint64_t)3.6e8;

	if (left >= 86400)
		meed_buf_printf(b, "%llud ", (unsigned long long)(left / 86400));
	if (left >= 3600)
		meed_buf_printf(b, "%llu:%02u:%02u", (unsigned long long)(left / 3600 % 24),
				(unsigned)(left / 60 % 60), (unsigned)(left % 60));
	else
		meed_buf_printf(b, "%u:%02u", (unsigned)(left / 60), (unsigned)(left % 60));
}

/* The parts of the line, the first ones last to be left out. */
enum {
	PART_COUNT,
	PART_RATE,
	PART_ETA,
	PART_ERRORS,
	PART_TOKENS,
	PART_COST,
	N_PARTS
};

struct parts {
	struct meed_buf v[N_PARTS]; /* ASCII: a byte is a cell */
};

static void fill(const struct run *r, const struct figures *f, struct parts *p)
{
	const struct meed_run_stats *st = r->st;
	uint64_t errors = st->n_bad_lines + st->n_failed;

	put_grouped(&p->v[PART_COUNT], st->n_samples);
	if (f->total && f->done && f->done < f->total) {
		MEED_BUF_LIT(&p->v[PART_COUNT], " of ~");
		put_short(&p->v[PART_COUNT],
			  (uint64_t)((double)st->n_samples * (double)f->total / (double)f->done));
	}
	if (f->rate >= 10)
		put_grouped(&p->v[PART_RATE], (uint64_t)(f->rate + 0.5));
	else
		meed_buf_printf(&p->v[PART_RATE], "%.1f", f->rate);
	MEED_BUF_LIT(&p->v[PART_RATE], "/s");
	if (r->o->cancel && atomic_load_explicit(r->o->cancel, memory_order_relaxed)) {
		MEED_BUF_LIT(&p->v[PART_ETA], "finishing");
	} else if (f->eta >= 0) {
		MEED_BUF_LIT(&p->v[PART_ETA], "ETA ");
		put_time(&p->v[PART_ETA], f->eta);
	}
	put_grouped(&p->v[PART_ERRORS], errors);
	meed_buf_puts(&p->v[PART_ERRORS], errors == 1 ? " error" : " errors");
	if (!f->llm.n_requests)
		return;
	put_short(&p->v[PART_TOKENS], f->llm.tokens_in + f->llm.tokens_out);
	MEED_BUF_LIT(&p->v[PART_TOKENS], " tokens");
	if (f->llm.priced)
		meed_buf_printf(&p->v[PART_COST], "cost %.4f", f->llm.money);
}

static size_t terminal_width(void)
{
	struct winsize w;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col ? w.ws_col : WIDTH;
}

static void put_bar(struct meed_buf *b, const struct run *r, const struct figures *f, size_t cells)
{
	size_t full = (size_t)((double)cells * (double)f->done / (double)f->total);

	/* the terminal's own colours: they can be read on light and on dark */
	meed_buf_puts(b, r->o->utf8 ? "" : "[");
	for (size_t i = 0; i < cells; i++) {
		if (i == full && r->o->colour)
			MEED_BUF_LIT(b, "\033[2m");
		if (r->o->utf8)
			meed_buf_puts(b,
				      i < full || r->o->colour ? "\xe2\x94\x81" : "\xe2\x94\x80");
		else
			meed_buf_putc(b, i < full ? '#' : '.');
	}
	if (full < cells && r->o->colour)
		MEED_BUF_LIT(b, "\033[0m");
	meed_buf_puts(b, r->o->utf8 ? " " : "] ");
}

static void put_parts(struct meed_buf *b, const struct run *r, const struct parts *p, size_t n)
{
	bool red = r->o->colour && r->st->n_bad_lines + r->st->n_failed > 0;

	for (size_t i = 0; i < n; i++) {
		if (!p->v[i].n)
			continue;
		meed_buf_puts(b, i ? "  " : "");
		if (i == PART_ERRORS && red)
			MEED_BUF_LIT(b, "\033[31m");
		meed_buf_put(b, p->v[i].p, p->v[i].n);
		if (i == PART_ERRORS && red)
			MEED_BUF_LIT(b, "\033[0m");
	}
}

static void tick_live(struct run *r, const struct figures *f, const struct parts *p)
{
	size_t width = terminal_width() - 1, used = f->total ? 5 : 0, n = 0, bar;
	struct meed_buf b = { 0 };

	for (; n < N_PARTS; n++) {
		size_t more = p->v[n].n ? p->v[n].n + (n ? 2 : 0) : 0;

		if (used + more > width)
			break;
		used += more;
	}
	MEED_BUF_LIT(&b, "\r");
	if (f->total)
		meed_buf_printf(&b, "%3.0f%% ", 100 * (double)f->done / (double)f->total);
	bar = width - (used < width ? used : width);
	if (f->total && bar >= BAR_MIN + 3)
		put_bar(&b, r, f, bar - 3 < BAR_MAX ? bar - 3 : BAR_MAX);
	put_parts(&b, r, p, n);
	MEED_BUF_LIT(&b, "\033[K");
	put(&b);
	meed_buf_release(&b);
	r->progress.shown = true;
}

static void tick_plain(const struct run *r, const struct figures *f, const struct parts *p)
{
	struct meed_buf b = { 0 };

	if (f->total)
		meed_buf_printf(&b, "%.0f%%  ", 100 * (double)f->done / (double)f->total);
	put_parts(&b, r, p, N_PARTS);
	meed_buf_putc(&b, '\n');
	put(&b);
	meed_buf_release(&b);
}

void progress_clear(struct progress *p)
{
	if (!p->shown)
		return;
	if (write(STDERR_FILENO, "\r\033[K", 4) < 0)
		return;
	p->shown = false;
	p->last = 0;
}

void progress_tick(struct run *r, bool last)
{
	struct progress *p = &r->progress;
	struct parts parts = { 0 };
	uint64_t now, every;
	struct figures f;

	if (p->mode == MEED_PROGRESS_NONE)
		return;
	now = meed_now_ns();
	every = p->mode == MEED_PROGRESS_JSON ? JSON_NS : p->live ? LIVE_NS : PLAIN_NS;
	if (!last && now - p->last < every)
		return;
	p->last = now;
	measure(r, now, &f);
	if (p->mode == MEED_PROGRESS_JSON) {
		tick_json(r, &f, last);
	} else if (last) {
		progress_clear(p);
	} else {
		fill(r, &f, &parts);
		if (p->live)
			tick_live(r, &f, &parts);
		else
			tick_plain(r, &f, &parts);
		for (size_t i = 0; i < N_PARTS; i++)
			meed_buf_release(&parts.v[i]);
	}
}
