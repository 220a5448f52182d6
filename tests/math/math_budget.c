/* math_budget.c - what would blow up: each case in a process of its own with as much memory as is
 * stated and no more.
 *
 *	math_budget [-v] [CASE]
 *
 * An outcome is equal, different, undecided, timeout or limit; which of them a case may have stands
 * in its line. Never a crash, never more memory than MEMORY, never a verdict that is wrong. -v shows
 * the outcome, the time and the memory of each. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/fakehost.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0			/* whose shadow needs more than any limit */
#endif

/* Address space beside what the process had before: memory_bytes of the model, 64 MiB, and as much
 * again for FLINT, the texts and the copies that a host keeps of them. */
#define MEMORY ((size_t)128 << 20)

enum outcome { EQUAL = 1, DIFFERENT = 2, UNDECIDED = 4, TIMEOUT = 8, LIMIT = 16, NO_ANSWER = 32 };
#define OPEN (UNDECIDED | TIMEOUT | LIMIT)

static const struct {
	const char *name;
	unsigned may;
	const char *gold, *pred;	/* @N<text>: text N times over */
} cases[] = {
	{ "tower", EQUAL, "9^{9^{9^9}}", "$9^{9^{9^{9}}}$" },
	{ "towers", DIFFERENT, "9^{9^{9^9}}", "9^{9^{9^8}}" },
	{ "tower and one", DIFFERENT, "9^{9^{9^9}}", "1" },
	{ "high tower", EQUAL, "@150<9^{>9@150<}>", "$@150<9^{>9@150<}>$" },
	{ "factorial", EQUAL, "(10^9)!", "$(10^{9})!$" },
	{ "factorials", DIFFERENT | OPEN, "(10^9)!", "(10^9+1)!" },
	{ "factorial of a factorial", EQUAL | OPEN, "((10^9)!)!", "$((10^{9})!)!$" },
	{ "ratio of factorials", EQUAL | OPEN, "10000000", "\\frac{10000000!}{9999999!}" },
	{ "power", EQUAL, "2^{10^{12}}", "$2^{10^{12}}$" },
	{ "power of a power", EQUAL | OPEN, "2^{10^{12}}", "4^{5\\cdot10^{11}}" },
	{ "powers", DIFFERENT, "2^{10^{12}}", "3^{10^{12}}" },
	{ "next power", DIFFERENT | OPEN, "2^{10^{12}}", "2^{10^{12}}+1" },
	{ "power of a decimal", DIFFERENT | OPEN, "1.0000001^{10^{12}}", "1.0000002^{10^{12}}" },
	{ "small power", DIFFERENT | OPEN, "10^{-10^{12}}", "0" },
	{ "binomial", EQUAL, "\\binom{10^9}{5\\cdot10^8}", "$\\binom{10^{9}}{5\\cdot 10^{8}}$" },
	{ "binomials", DIFFERENT | OPEN, "\\binom{10^9}{5\\cdot10^8}", "\\binom{10^9}{4\\cdot10^8}" },
	{ "sum", EQUAL, "\\sum_{i=1}^{10^9}\\sum_{j=1}^{10^9} ij^2",
	  "$\\sum_{i=1}^{10^9}\\sum_{j=1}^{10^9} j^2i$" },
	{ "sums", DIFFERENT | OPEN, "\\sum_{i=1}^{10^9}\\sum_{j=1}^{10^9} ij", "7" },
	{ "nested sums", DIFFERENT | OPEN,
	  "\\sum_{a=1}^{9999}\\sum_{b=1}^{9999}\\sum_{c=1}^{9999}\\sum_{d=1}^{9999} \\sqrt{abcd}", "7" },
	{ "product", DIFFERENT | OPEN, "\\prod_{i=1}^{10^9} i", "\\prod_{i=2}^{10^9} (i+1)" },
	{ "nested products", DIFFERENT | OPEN,
	  "\\prod_{i=1}^{9999}\\prod_{j=1}^{9999}(i+j\\sqrt2)", "7" },
	{ "million digits", EQUAL, "@1000000<7>", "$@1000000<7>$" },
	{ "million digits, one other", DIFFERENT, "@1000000<7>", "@999999<7>8" },
	{ "million digits plus one", DIFFERENT | OPEN, "@1000000<7>", "@1000000<7>+1" },
	{ "million digits after the point", EQUAL, "0.@1000000<3>", "$0.@1000000<3>$" },
	{ "million digits, one other after the point", DIFFERENT | OPEN, "0.@1000000<3>", "0.@999999<3>4" },
	{ "million digits against 1/3", EQUAL | OPEN, "\\frac13", "0.@1000000<3>" },
	{ "million digits that repeat", EQUAL | OPEN, "\\frac13", "0.\\overline{@500000<3>}" },
	{ "exponent of a decimal", DIFFERENT | OPEN, "1e999999999", "1e999999998" },
	{ "exponent of a small decimal", DIFFERENT | OPEN, "1e-999999999", "0" },
	{ "binary digits", DIFFERENT | OPEN, "@200000<10>_2", "@199999<10>11_2" },
	{ "long polynomial", EQUAL | OPEN, "500000x", "@499999<x+>x" },
	{ "long polynomial, one more", DIFFERENT | OPEN, "500000x", "@500000<x+>x" },
	{ "dense polynomial", EQUAL | OPEN, "@5000<x^2+3xy+>1", "$@5000<3yx+x^2+>1$" },
	{ "denser polynomial", EQUAL | OPEN | NO_ANSWER, "@90000<x^2+3xy+>1", "$@90000<3yx+x^2+>1$" },
	{ "deep fractions", EQUAL, "@100<\\frac{1}{1+>x@100<}>", "$@100<\\frac{1}{1+>x@100<}>$" },
	{ "deeper fractions", EQUAL | OPEN | NO_ANSWER, "@50000<\\frac{1}{1+>x@50000<}>",
	  "$@50000<\\frac{1}{1+>x@50000<}>$" },
	{ "deep brackets", EQUAL | OPEN | NO_ANSWER, "7", "@300000<(>7@300000<)>" },
	{ "brackets that never close", OPEN | NO_ANSWER | DIFFERENT | EQUAL, "7", "@500000<(>7" },
	{ "deep roots", DIFFERENT | OPEN, "@60<\\sqrt{2+>1@60<}>", "@61<\\sqrt{2+>1@61<}>" },
	{ "boxes in boxes", EQUAL | OPEN | NO_ANSWER, "7", "@100000<\\boxed{>7@100000<}>" },
	{ "large matrix", EQUAL | OPEN, "\\begin{pmatrix}@100<@100<1&>2\\\\>\\end{pmatrix}",
	  "$\\begin{bmatrix}@100<@100<1&>2\\\\>\\end{bmatrix}$" },
	{ "larger matrix", EQUAL | OPEN | NO_ANSWER,
	  "\\begin{pmatrix}@300<@300<1&>2\\\\>\\end{pmatrix}",
	  "$\\begin{bmatrix}@300<@300<1&>2\\\\>\\end{bmatrix}$" },
	{ "large matrices", DIFFERENT | OPEN, "\\begin{pmatrix}@100<@100<1&>2\\\\>\\end{pmatrix}",
	  "\\begin{pmatrix}@100<@100<1&>3\\\\>\\end{pmatrix}" },
	{ "power of a matrix", DIFFERENT | OPEN,
	  "\\begin{pmatrix}@16<@15<x&>2\\\\>\\end{pmatrix}^8",
	  "\\begin{pmatrix}@16<@15<x&>3\\\\>\\end{pmatrix}^8" },
	{ "determinant", DIFFERENT | OPEN,
	  "\\det\\begin{pmatrix}a&b&c&d&1&2\\\\@5<d&c&b&a&7&x\\\\>\\end{pmatrix}^{8}", "1" },
	{ "sum of roots", EQUAL,
	  "\\sqrt2+\\sqrt3+\\sqrt5+\\sqrt7+\\sqrt{11}+\\sqrt{13}+\\sqrt{17}+\\sqrt{19}+\\sqrt{23}",
	  "\\sqrt{23}+\\sqrt{19}+\\sqrt{17}+\\sqrt{13}+\\sqrt{11}+\\sqrt7+\\sqrt5+\\sqrt3+\\sqrt2" },
	{ "sums of roots", DIFFERENT | OPEN,
	  "\\sqrt{2}+\\sqrt{3}+\\sqrt{5}+\\sqrt{7}+\\sqrt{11}+\\sqrt{13}+\\sqrt{17}",
	  "\\sqrt{2}+\\sqrt{3}+\\sqrt{5}+\\sqrt{7}+\\sqrt{11}+\\sqrt{13}+\\sqrt{17}+10^{-1000}" },
	{ "roots of roots", EQUAL | OPEN, "1+\\sqrt[3]{2}+\\sqrt[5]{3}+\\sqrt[7]{5}",
	  "\\sqrt{(1+\\sqrt[3]{2}+\\sqrt[5]{3}+\\sqrt[7]{5})^2}" },
	{ "root of high degree", DIFFERENT | OPEN, "\\sqrt[100000]{2}", "\\sqrt[100000]{3}" },
	{ "golden power", DIFFERENT | OPEN, "(\\frac{1+\\sqrt5}{2})^{1000000}",
	  "(\\frac{1+\\sqrt5}{2})^{1000001}" },
	{ "expansion", EQUAL, "(x+y+z+w)^{200}", "(w+z+y+x)^{199}(x+z+w+y)" },
	{ "expansions", DIFFERENT, "(x+y+z+w)^{200}", "(x+y+z+2w)^{200}" },
	{ "expansion of an expansion", EQUAL | OPEN, "((x+y+z+w)^{200}+1)^{200}",
	  "$(1+(w+z+y+x)^{200})^{200}$" },
	{ "expansion with a root", EQUAL | OPEN, "(x+\\sqrt{y}+\\sin z+w)^{200}",
	  "(w+\\sin z+x+\\sqrt{y})^{200}" },
	{ "power of a symbol", DIFFERENT | OPEN, "x^{10^{12}}", "x^{10^{12}+1}" },
	{ "long product", EQUAL | OPEN, "(x+1)^{300}(x-1)^{300}", "(x^2-1)^{300}" },
	{ "sine of a tower", DIFFERENT | OPEN, "\\sin(9^{9^{9^9}})", "\\cos(9^{9^{9^9}})" },
	{ "sine of a power", DIFFERENT | OPEN, "\\sin(10^{100000})", "\\cos(10^{100000})" },
	{ "exponentials", DIFFERENT | OPEN, "e^{e^{e^{e^{e^e}}}}", "\\pi^{e^{e^{e^{e^e}}}}" },
	{ "floor", DIFFERENT | OPEN, "\\lfloor \\pi\\cdot10^{100000}\\rfloor",
	  "\\lfloor \\pi\\cdot10^{100000}\\rfloor+1" },
	{ "remainder", EQUAL | OPEN, "4", "10^{10^9} \\bmod 6" },
	{ "divisor", EQUAL | OPEN, "10^{30000}", "\\gcd(10^{30000},10^{30001})" },
	{ "long list", EQUAL | OPEN, "@500<1,2,3,>4", "4,@500<3,2,1,>" },
	{ "list of roots", EQUAL | OPEN, "@100<\\sqrt{2}+\\sqrt{3},>7", "7@100<,\\sqrt3+\\sqrt2>" },
	{ "signs", EQUAL | OPEN, "@200<\\pm 1>", "$@200<\\pm 1>$" },
	{ "union", EQUAL | OPEN, "@1000<(1,2)\\cup>(1,2)", "(1,2)" },
	{ "inequality", DIFFERENT | OPEN, "x^{1000}-x-1>0", "(1,2)" },
	{ "system", EQUAL | OPEN, "\\begin{cases}@300<x+y=3\\\\>x-y=1\\end{cases}", "x=2, y=1" },
	{ "derivatives", DIFFERENT | OPEN, "\\frac{d^{9}}{dx^{9}} x^{x^{x^x}}", "x" },
	{ "integrals", DIFFERENT | OPEN, "@20<\\int_0^1 >x^2 @20<dx>", "\\frac12" },
	{ "limit", DIFFERENT | OPEN, "\\lim_{x\\to0}\\frac{\\sin^{9}(x)-x^9}{x^{11}}", "1" },
	{ "words", EQUAL, "@2000< the words >", "$\\text{@2000< the words >}$" },
	{ "more words", EQUAL | OPEN | NO_ANSWER, "@200000< the words >",
	  "$\\text{@200000< the words >}$" },
	{ "million dollars", OPEN | NO_ANSWER | DIFFERENT | EQUAL, "7", "@1000000<$>" },
	{ "million backslashes", OPEN | NO_ANSWER | DIFFERENT | EQUAL, "7", "@500000<\\>" },
	{ "million signs", OPEN | NO_ANSWER | DIFFERENT | EQUAL, "7", "@1000000<->7" },
	{ "million commas", OPEN | NO_ANSWER | DIFFERENT | EQUAL, "7", "@500000<7,>" },
	{ "million exponents", OPEN | NO_ANSWER | DIFFERENT | EQUAL, "7", "@300000<2^>2" },
	{ "long response", EQUAL, "7", "@100000<We see that $x=3$. >\\boxed{7}" },
};
#define N_CASES (sizeof(cases) / sizeof(cases[0]))

static struct {
	const meed_rm *rm;
	void *self;
	struct fake fake;
	bool verbose;
} g;

/* ---- texts ---------------------------------------------------------------------------------------- */

struct buf {
	char *p;
	size_t n, cap;
};

static void put(struct buf *b, const char *p, size_t n)
{
	if (b->cap - b->n <= n) {
		b->cap = 2 * (b->cap + n + 1);
		b->p = realloc(b->p, b->cap);
		if (!b->p)
			abort();
	}
	memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

/* Where the "<" before s closes. */
static size_t closing(const char *s, size_t n)
{
	size_t i, depth = 0;

	for (i = 0; i < n; i++) {
		if (s[i] == '<')
			depth++;
		else if (s[i] == '>' && depth-- == 0)
			break;
	}
	return i;
}

static void expand(struct buf *b, const char *s, size_t n)
{
	size_t i = 0, times, from, k;

	while (i < n) {
		if (s[i] != '@') {
			put(b, s + i++, 1);
			continue;
		}
		for (times = 0, i++; s[i] != '<'; i++)
			times = times * 10 + (size_t)(s[i] - '0');
		from = ++i;
		i += closing(s + i, n - i);
		for (k = 0; k < times; k++)
			expand(b, s + from, i - from);
		i++;
	}
}

static char *expanded(const char *s, size_t *ret_n)
{
	struct buf b = { NULL, 0, 0 };

	put(&b, "", 0);
	expand(&b, s, strlen(s));
	*ret_n = b.n;
	return b.p;
}

/* ---- one case --------------------------------------------------------------------------------------- */

static size_t address_space(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (!f || fscanf(f, "%lu", &pages) != 1)
		pages = 0;
	if (f)
		(void)fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void limit_memory(void)
{
	size_t now = address_space();
	struct rlimit r = { now + MEMORY, now + MEMORY };

	if (!SANITIZED && now > 0)
		(void)setrlimit(RLIMIT_AS, &r);
}

static unsigned outcome(const char *gold, const char *pred, size_t n)
{
	int32_t r = fake_evaluate(&g.fake, g.rm, g.self, pred, n, gold);

	if (r == 0 && g.fake.scored)
		return g.fake.score > 0.5 ? EQUAL : DIFFERENT;
	if (r == MEED_E_TIMEOUT)
		return TIMEOUT;
	if (r == MEED_E_SAMPLE)
		return NO_ANSWER;
	return r == MEED_E_LIMIT && strncmp(g.fake.why, "undecided", 9) == 0 ? UNDECIDED :
	       r == MEED_E_LIMIT ? LIMIT : 128;
}

/* The outcome, then what was said, into fd. */
static void child(size_t i, int fd)
{
	size_t n_gold, n_pred;
	char *gold = expanded(cases[i].gold, &n_gold), *pred = expanded(cases[i].pred, &n_pred);
	unsigned o;
	const char *said;

	limit_memory();
	o = outcome(gold, pred, n_pred);
	said = g.fake.scored ? g.fake.reason : g.fake.why;
	if (write(fd, &o, sizeof(o)) != (ssize_t)sizeof(o) || write(fd, said, strlen(said)) < 0)
		_exit(70);
	free(gold);
	free(pred);
	g.rm->destroy(&g.fake.host, g.self);
	fake_reset(&g.fake);
	_exit(0);
}

static const char *name_of(unsigned o)
{
	return o == EQUAL ? "equal" : o == DIFFERENT ? "different" : o == UNDECIDED ? "undecided" :
	       o == TIMEOUT ? "timeout" : o == LIMIT ? "limit" : o == NO_ANSWER ? "no answer" : "an error";
}

static double now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* 1 if the case failed. */
static int run(size_t i)
{
	char said[2048] = "";
	double t0 = now_ms();
	struct rusage u;
	int status, fd[2];
	unsigned o = 0;
	size_t n = 0;
	ssize_t k;
	pid_t pid;

	if (pipe(fd) != 0 || (pid = fork()) < 0)
		return 1;
	if (pid == 0) {
		(void)close(fd[0]);
		child(i, fd[1]);
	}
	(void)close(fd[1]);
	if (read(fd[0], &o, sizeof(o)) != (ssize_t)sizeof(o))
		o = 0;
	while (n < sizeof(said) - 1 && (k = read(fd[0], said + n, sizeof(said) - 1 - n)) > 0)
		n += (size_t)k;
	said[n < 120 ? n : 120] = '\0';
	(void)close(fd[0]);
	if (wait4(pid, &status, 0, &u) != pid)
		return 1;
	if (g.verbose)
		printf("%-42s %-10s %7.0f ms %5ld MB  %s\n", cases[i].name, name_of(o), now_ms() - t0,
		       u.ru_maxrss / 1024, said);
	if (status != 0)
		printf("%s: the process died of it (status %d)\n", cases[i].name, status);
	else if (!(o & cases[i].may))
		printf("%s: %s: %s\n", cases[i].name, name_of(o), said);
	return status != 0 || !(o & cases[i].may);
}

int main(int argc, char **argv)
{
	const meed_plugin *p = fake_load("math");
	unsigned bad = 0;
	size_t i;

	if (!p) {
		printf("the plugin math was left out of this build\n");
		return 77;
	}
	g.verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	argc -= g.verbose;
	argv += g.verbose;
	g.rm = fake_model(p, "math.verify");
	fake_init(&g.fake);
	g.fake.want = MEED_WANT_REASON;
	if (!g.rm || fake_create(&g.fake, g.rm, NULL, &g.self) < 0) {
		printf("cannot create math.verify: %s\n", g.fake.why);
		return 1;
	}
	for (i = 0; i < N_CASES; i++)
		if (argc < 2 || strcmp(argv[1], cases[i].name) == 0)
			bad += (unsigned)run(i);
	g.rm->destroy(&g.fake.host, g.self);
	fake_reset(&g.fake);
	printf("%zu cases, %u failed\n", N_CASES, bad);
	return bad ? 1 : 0;
}
