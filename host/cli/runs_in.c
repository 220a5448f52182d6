/* runs_in.c - reading the runs that `meed report` and `meed health` are given. */
#include "config.h"

#include "host/cli/runs_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_NS UINT64_C(200000000)

bool runs_in_take(struct runs_in *in, int id, const char *value)
{
	switch (id) {
	case 'm':
		in->opts.composition = value;
		return true;
	case RUNS_FORMAT:
		in->opts.format = value;
		return true;
	case RUNS_MAP:
		in->opts.map = value;
		return true;
	default:
		return false;
	}
}

/* a/b/run-1.jsonl.gz -> run-1 */
static meed_str short_name(const char *path)
{
	static const char *const ends[] = { ".gz", ".zst", ".jsonl", ".json" };
	const char *slash = strrchr(path, '/');
	meed_str s = meed_str_of(slash && slash[1] ? slash + 1 : path);
	size_t i, n;

	for (i = 0; i < 4; i++) {
		n = strlen(ends[i]);
		if (s.n > n && memcmp(s.p + s.n - n, ends[i], n) == 0)
			s.n -= n;
	}
	return s;
}

/* The short name, or the path if another run has the same short name; malloc'd. */
static char *name_of(char *const *paths, size_t n, size_t at)
{
	const meed_str s = short_name(paths[at]);
	size_t i;

	if (strcmp(paths[at], "-") == 0)
		return strdup("(standard input)");
	for (i = 0; i < n; i++)
		if (i != at && meed_str_eq(short_name(paths[i]), s))
			return strdup(paths[at]);
	return strndup(s.p, s.n);
}

struct progress {
	const char *name;
	uint64_t last;
	bool shown;
};

static void tick(void *data, uint64_t done, uint64_t total)
{
	struct progress *p = data;
	const uint64_t now = meed_now_ns();
	char line[64];
	int n;

	if (now - p->last < LINE_NS || total == 0)
		return;
	p->last = now;
	p->shown = true;
	n = snprintf(line, sizeof(line), "\rreading: %3.0f %%", 100 * (double)done / (double)total);
	if (n > 0)
		(void)cli_write(STDERR_FILENO, line, (size_t)n);
}

static int read_one(const struct cli *c, struct runs_in *in, char *const *paths, size_t n)
{
	struct progress p = { .last = meed_now_ns() };
	char *name = name_of(paths, n, in->n);
	struct meed_err err = { 0 };
	int status = EX_OK;

	if (!name)
		return cli_nomem(c);
	if (isatty(STDERR_FILENO)) {
		in->opts.tick = tick;
		in->opts.tick_data = &p;
	}
	if (meed_run_file_read(paths[in->n], name, &in->opts, &err, &in->v[in->n]) < 0)
		status = err.code == MEED_E_PARAM ? EX_USAGE : meed_err_exit(err.code);
	if (p.shown)
		(void)cli_write(STDERR_FILENO, "\r\033[K", 4);
	if (status == EX_OK)
		in->n++;
	else if (err.code == MEED_E_CANCELLED)
		status = 128 + cli_signals_got();
	else
		cli_say(c, "%s", err.text);
	free(name);
	return status;
}

int runs_in_read(const struct cli *c, struct runs_in *in, char *const *paths, size_t n)
{
	int status = EX_OK;

	in->v = calloc(n + 1, sizeof(struct meed_run_file *));
	if (!in->v)
		return cli_nomem(c);
	in->opts.cancel = cli_signals_catch();
	while (in->n < n && status == EX_OK)
		status = read_one(c, in, paths, n);
	return status;
}

void runs_in_no_score(const struct cli *c, const struct runs_in *in, size_t i, const char *path)
{
	const char *of = in->opts.composition;
	const unsigned long long bad = meed_run_file_bad(in->v[i]);

	if (bad > 0)
		cli_say(c, "%s: no output has a score%s%s (lines that are no sample: %llu)", path,
			of ? " of " : "", of ? of : "", bad);
	else
		cli_say(c,
			"%s: no output has a score%s%s: score it first, with `meed score -m NAME "
			"-o OUT "
			"FILE`",
			path, of ? " of " : "", of ? of : "");
}

void runs_in_release(struct runs_in *in)
{
	size_t i;

	for (i = 0; i < in->n; i++)
		meed_run_file_free(in->v[i]);
	free(in->v);
	in->v = NULL;
	in->n = 0;
}
