/* math_cases.c - math.verify on cases of our own: what a reader would say, and the same verdict
 * with the sides changed.
 *
 * tests/math/NAME.cases has one case a line: a sign, a blank, A, a tab, B.
 *
 *	= A	B	both answer one another
 *	! A	B	neither answers the other
 *	> A	B	B is right where A is expected; A where B is expected need not be
 *	< A	B	B is wrong where A is expected; the same
 *	? A	B	undecided, both ways
 *	# claim		what the lines below it show
 *
 * A task may follow after another tab; then only B is looked for, whatever the sign.
 *
 * A line's end in a text is written as the sign U+23CE. Of the files named on the command line, or of
 * all, the cases that fail are told, and how each was read. Every answer of the first two kinds is
 * then compared with others (-s N: with N), in both directions: the verdicts must agree. */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "plugins/math/verify.h"

#define LINE_END "\xe2\x8f\x8e"
#define SHOWN 90
#define LINE (1 << 20)

struct heap {
	void *v[4096];
	size_t n;
};

static struct {
	struct mx_model m;
	struct heap heap;
	unsigned rows, bad;
	bool verbose;
	char **answers;			/* of the lines that go both ways */
	size_t n_answers, cap_answers;
} g;

static void *block(void *ctx, size_t n)
{
	struct heap *h = ctx;

	if (h->n == sizeof(h->v) / sizeof(h->v[0]))
		return NULL;
	h->v[h->n] = calloc(1, n);
	return h->v[h->n] ? h->v[h->n++] : NULL;
}

static void heap_release(struct heap *h)
{
	while (h->n > 0)
		free(h->v[--h->n]);
}

/* 1, 0, '?' for undecided, 'x' for a failure. */
static int verdict(const char *reference, const char *response, const char *task,
		   struct mx_result *v)
{
	struct mx_memory mem = { .block = block, .ctx = &g.heap };
	meed_str ref = meed_s(reference);
	struct mx_env e;
	int32_t r;

	mx_env_begin(&e, &g.m, &mem, 1);
	r = mx_verify(&e, &g.m, &ref, 1, meed_s(response), v);
	if (r < 0 && !v->rule)
		v->rule = e.spent ? mx_spent_text(&e, &mem) : "the reference cannot be read";
	if (r < 0)
		return 'x';
	mx_read_sides(&e, v);
	if (mx_restates(&e, meed_s(task), v))
		return 0;
	return v->verdict == MX_UNDECIDED ? '?' : v->verdict == MX_YES;
}

static void put_side(const char *who, const struct mx_side *s)
{
	char buf[1024];
	struct meed_text t = meed_text_in(buf, sizeof(buf));

	if (s->x)
		mx_print(&t, s->x);
	printf("    %s %.*s (%s) read as %.*s\n", who, (int)(s->cand.text.n > SHOWN ? SHOWN : s->cand.text.n),
	       s->cand.text.p ? s->cand.text.p : "", mx_anchor_name(s->found ? s->cand.anchor : MX_A_N),
	       s->x ? (int)t.n : 7, s->x ? buf : "nothing");
}

static void check(const char *at, long line, int want, const char *reference, const char *response,
		  const char *task)
{
	struct mx_result v;
	int is = verdict(reference, response, task, &v);

	g.rows++;
	if (is != want || g.verbose) {
		printf("%s:%ld: %s, want %s: %s | %s\n", at, line,
		       is == 1 ? "equal" : is == 0 ? "different" : is == '?' ? "undecided" : "failed",
		       want == 1 ? "equal" : want == 0 ? "different" : "undecided", reference, response);
		printf("    %s\n", v.rule ? v.rule : "");
		put_side("reference", &v.gold);
		put_side("answer   ", &v.pred);
		g.bad += is != want;
	}
	heap_release(&g.heap);
}

static bool keep(const char *s)
{
	char **v = g.answers;

	for (size_t i = 0; i < g.n_answers; i++)
		if (strcmp(v[i], s) == 0)
			return true;
	if (g.n_answers == g.cap_answers) {
		g.cap_answers = 2 * g.cap_answers + 64;
		v = realloc(v, g.cap_answers * sizeof(*v));
		if (!v)
			return false;
		g.answers = v;
	}
	v[g.n_answers] = strdup(s);
	return v[g.n_answers++] != NULL;
}

/* The signs for a line's end become one, in place. */
static char *unfold(char *s)
{
	char *from = s, *to = s;

	while (*from) {
		if (strncmp(from, LINE_END, 3) == 0) {
			*to++ = '\n';
			from += 3;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	return s;
}

static bool one_line(const char *at, long line, char *s)
{
	char *bar = strchr(s, '\t'), *task = NULL, kind = s[0];
	int want = kind == '=' || kind == '>' ? 1 : kind == '?' ? '?' : 0;

	if (kind == '#' || kind == '\0')
		return true;
	if (!bar || s[1] != ' ' || !strchr("=!<>?", kind)) {
		printf("%s:%ld: not a case: %s\n", at, line, s);
		return false;
	}
	*bar = '\0';
	s = unfold(s + 2);
	bar = unfold(bar + 1);
	task = strchr(bar, '\t');
	if (task)
		*task++ = '\0';
	check(at, line, want, s, bar, task);
	if (kind == '<' || kind == '>' || task)
		return true;
	check(at, line, want, bar, s, NULL);
	return kind == '?' || (keep(s) && keep(bar));
}

static bool one_file(const char *path)
{
	const char *at = strrchr(path, '/');
	char *text = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *f = fopen(path, "r");
	bool ok = f != NULL;
	long line = 0;

	if (!f)
		perror(path);
	while (f && (n = getline(&text, &cap, f)) > 0) {
		if (text[n - 1] == '\n')
			text[n - 1] = '\0';
		ok = one_line(at ? at + 1 : path, ++line, text) && ok;
	}
	free(text);
	if (f)
		(void)fclose(f);
	return ok;
}

/* The short answers of a data set join in. */
static bool keep_data(const char *root, const char *name)
{
	struct json_object *row, *o;
	char path[4096], *line = malloc(LINE);
	const char *keys[] = { "gold", "pred" };
	bool ok = line != NULL;
	gzFile z;

	(void)snprintf(path, sizeof(path), "%s/tests/data/%s.jsonl.gz", root, name);
	z = gzopen(path, "rb");
	if (!z)
		perror(path);
	ok = ok && z;
	while (ok && gzgets(z, line, LINE)) {
		row = json_tokener_parse(line);
		for (size_t i = 0; i < 2 && ok; i++) {
			const char *s = json_object_object_get_ex(row, keys[i], &o)
						? json_object_get_string(o) : NULL;

			/* what a response may not end with, a reference may */
			if (s && strlen(s) < 120 && !strstr(s, "think") && !strstr(s, "box"))
				ok = keep(s);
		}
		json_object_put(row);
	}
	if (z)
		(void)gzclose(z);
	free(line);
	return ok;
}

/* Each answer against the `reach` that follow it. */
static void symmetry(size_t reach)
{
	struct mx_result v;
	size_t i, k, n = g.n_answers, pairs = 0;
	int there, back;

	for (i = 0; i < n; i++) {
		for (k = 1; k <= reach && k < n; k++) {
			char *a = g.answers[i], *b = g.answers[(i + k * k) % n];

			there = verdict(a, b, NULL, &v);
			back = verdict(b, a, NULL, &v);
			heap_release(&g.heap);
			pairs++;
			if (there == back || there == 'x' || back == 'x')
				continue;
			printf("not symmetric: %d and %d: %s | %s\n", there, back, a, b);
			g.bad++;
		}
	}
	printf("%zu pairs of %zu answers compared in both directions\n", pairs, n);
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "equal", "found", "hacked" };
	const char *root = getenv("top_srcdir");
	char path[4096];
	size_t reach = 20, i;
	bool ok = true, any = false;
	int a;

	mx_model_init(&g.m);
	g.m.timeout_ms = 0;
	g.m.helper = mx_helper_new(mx_helper_path(), (uint64_t)256 << 20);
	for (a = 1; a < argc; a++) {
		if (strcmp(argv[a], "-v") == 0)
			g.verbose = true;
		else if (strcmp(argv[a], "-s") == 0 && a + 1 < argc)
			reach = strtoul(argv[++a], NULL, 10);
		else
			ok = one_file(argv[a]) && (any = true) && ok;
	}
	for (i = 0; !any && i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/tests/math/%s.cases", root ? root : ".", names[i]);
		ok = one_file(path) && ok;
	}
	if (!any)
		ok = keep_data(root ? root : ".", "math_triples") &&
		     keep_data(root ? root : ".", "math_model_preds") && ok;
	symmetry(reach);
	printf("%u verdicts, %u wrong\n", g.rows, g.bad);
	for (i = 0; i < g.n_answers; i++)
		free(g.answers[i]);
	free(g.answers);
	mx_helper_free(g.m.helper);
	return ok && g.bad == 0 ? 0 : 1;
}
