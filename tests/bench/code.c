/* code.c - the benchmark of code.patch_similarity: microseconds of CPU time a pair of texts, beside
 * Python's difflib on the same pairs.
 *
 *	make bench-code		MEED_BENCH_PYTHON: the python to ask (python3)
 *
 * A pair is a program and an edited copy: lines dropped, changed, moved. difflib is asked about
 * those that it can do in some seconds. */
#include "config.h"
#include "plugins/code/ratio.h"
#include "tests/bench/bench.h"
#include "tests/unit/codefix.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { N_SIZES = 5, PAIRS = 20, PEER_MAX = 20000 };

struct text {
	char *p;
	size_t n;
};

static uint64_t state = 88172645463325252u;

static size_t below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % n);
}

static void die(const char *why)
{
	(void)fprintf(stderr, "bench_code: %s\n", why);
	exit(70);
}

/* A line as programs have them. */
static size_t put_line(char *out, size_t room)
{
	static const char *const words[] = { "return", "self", "value", "if", "for", "in", "range",
					     "def", "index", "items", "None", "result", "append",
					     "key", "i", "j", "name", "print", "len", "data" };
	static const char *const signs[] = { " ", " = ", "(", ")", ", ", ".", " + ", "[", "]: " };
	char line[120];
	size_t n = 0, k = 2 + below(6), indent = 4 * below(4);

	memset(line, ' ', indent);
	n = indent;
	while (k-- > 0) {
		const char *w = words[below(20)], *s = signs[below(9)];

		memcpy(line + n, w, strlen(w));
		n += strlen(w);
		memcpy(line + n, s, strlen(s));
		n += strlen(s);
	}
	line[n++] = '\n';
	n = n < room ? n : room;
	memcpy(out, line, n);
	return n;
}

static struct text make(size_t size)
{
	struct text t = { malloc(size), 0 };

	if (!t.p)
		die("out of memory");
	while (t.n < size)
		t.n += put_line(t.p + t.n, size - t.n);
	return t;
}

/* About one line in twenty is dropped, one replaced, one doubled. */
static struct text edited(const struct text *a)
{
	struct text t = { malloc(2 * a->n + 200), 0 };
	size_t at, end;
	const char *nl;

	if (!t.p)
		die("out of memory");
	for (at = 0; at < a->n; at = end) {
		nl = memchr(a->p + at, '\n', a->n - at);
		end = nl ? (size_t)(nl - a->p) + 1 : a->n;
		switch (below(20)) {
		case 0:
			continue;
		case 1:
			t.n += put_line(t.p + t.n, 119);
			continue;
		case 2:
			memcpy(t.p + t.n, a->p + at, end - at);
			t.n += end - at;
			break;
		default:
			break;
		}
		memcpy(t.p + t.n, a->p + at, end - at);
		t.n += end - at;
		if (t.n > 2 * a->n)
			break;
	}
	return t;
}

static double cpu_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double measure(const struct text *a, const struct text *b, bool autojunk, double *ret_us)
{
	struct code_ratio x;
	struct codefix f;
	double t0;

	codefix_init(&f);
	t0 = cpu_us();
	if (code_ratio(&f.host, (meed_ctx *)&f, (meed_str){ a->p, a->n }, (meed_str){ b->p, b->n },
		       autojunk, (size_t)1 << 24, &x) < 0)
		die(f.why);
	*ret_us = cpu_us() - t0;
	codefix_release(&f);
	return x.ratio;
}

/* What the script beside this says of the pairs in path: their median time, and whether every
 * ratio is ours. */
static void peer(const char *path, FILE *out, double us)
{
	char command[4096];
	double theirs, same;
	FILE *f;

	(void)snprintf(command, sizeof(command),
		       "\"${MEED_BENCH_PYTHON:-python3}\""
		       " \"$top_srcdir/tests/bench/code_peer.py\" '%s'",
		       path);
	f = popen(command, "r");
	if (!f)
		die("popen");
	if (fscanf(f, "%lf %lf", &theirs, &same) == 2)
		(void)fprintf(out, " %12.1f %8.0fx  %s\n", theirs, theirs / us,
			      same > 0 ? "same ratios" : "OTHER RATIOS");
	else
		(void)fprintf(out, "   (no python3)\n");
	(void)pclose(f);
}

static void bench(size_t size, bool autojunk, FILE *out)
{
	size_t n = size > PEER_MAX ? 3 : PAIRS, i;
	char path[] = "/tmp/meed-bench-XXXXXX";
	double us[PAIRS], median;
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	struct text a, b;

	if (!f)
		die("no temporary file");
	for (i = 0; i < n; i++) {
		a = make(size);
		b = edited(&a);
		(void)fprintf(f, "%d %zu %zu %.17g\n", autojunk, a.n, b.n,
			      measure(&a, &b, autojunk, &us[i]));
		(void)fwrite(a.p, 1, a.n, f);
		(void)fwrite(b.p, 1, b.n, f);
		free(a.p);
		free(b.p);
	}
	(void)fclose(f);
	median = bench_median(us, n);
	(void)fprintf(out, "%9zu  %-9s %12.1f", size, autojunk ? "autojunk" : "all", median);
	if (size <= PEER_MAX)
		peer(path, out, median);
	else
		(void)fprintf(out, "   (too long for difflib)\n");
	(void)unlink(path);
}

int main(int argc, char **argv)
{
	static const size_t sizes[N_SIZES] = { 500, 2000, 20000, 200000, 1000000 };
	FILE *out = argc > 1 ? fopen(argv[1], "a") : stdout;

	if (!out)
		die("cannot write");
	(void)fprintf(out, "\ncode.patch_similarity   microseconds of CPU time a pair, median\n"
			   "    chars  mode              meed      difflib\n");
	for (size_t i = 0; i < N_SIZES; i++) {
		bench(sizes[i], true, out);
		bench(sizes[i], false, out);
	}
	return fclose(out) == 0 ? 0 : 70;
}
