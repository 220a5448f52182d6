/* instruct_data.c - instruct.ifeval on real responses: the verdicts of M-IFEval's checkers against ours.
 *
 * Every strict and loose verdict on every instruction must be the same, or the row stands in
 * docs/differences.md with ours and the reason:
 *
 *	- ifeval KEY MODEL strict|loose | ours: yes or no for each instruction | reason
 *
 * A line there whose row agrees after all, or that says other than we do, fails. */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fakehost.h"
#include "tests/unit/gzrows.h"

#define MAX_LISTED 16

static const char *const modes[2] = { "strict", "loose" };

struct difference {
	char key[200];			/* "KEY MODEL MODE" */
	char ours[200];			/* "yes no" */
	bool used;
};

static struct {
	struct difference v[MAX_LISTED];
	size_t n;
	struct fake fake;
	const meed_rm *rm;
	void *self[2];
	long rows, verdicts, agree, bad;
} g;

static bool read_differences(void)
{
	const char *root = getenv("top_srcdir");
	char path[4096], line[1024], *bar;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/docs/differences.md", root ? root : ".");
	f = fopen(path, "r");
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f) && g.n < MAX_LISTED) {
		bar = strstr(line, " | ours: ");
		if (strncmp(line, "- ifeval ", 9) != 0 || !bar)
			continue;
		(void)snprintf(g.v[g.n].key, sizeof(g.v[0].key), "%.*s", (int)(bar - line - 9),
			       line + 9);
		bar += 9;
		(void)snprintf(g.v[g.n++].ours, sizeof(g.v[0].ours), "%.*s",
			       (int)strcspn(bar, "|"), bar);
	}
	(void)fclose(f);
	return true;
}

static struct json_object *field(struct json_object *row, const char *name)
{
	struct json_object *o = NULL;

	(void)json_object_object_get_ex(row, name, &o);
	return o;
}

static void complain(const char *key, const char *what, const char *more)
{
	printf("%s: %s%s%s\n", key, what, *more ? ": " : "", more);
	g.bad++;
}

/* Ours in the words of the list. */
static void words_of(char *buf, size_t n)
{
	size_t i, k = 0;

	for (i = 0; i < g.fake.n_dims && k + 5 < n; i++)
		k += (size_t)snprintf(buf + k, n - k, "%s ",
				      g.fake.dims[i].score > 0.5 ? "yes" : "no");
	buf[k] = '\0';
}

static void judge(struct json_object *row, const char *key, int mode)
{
	struct json_object *text = field(row, "response"), *want;
	char name[64], ours[400];
	size_t i, n, right = 0;

	(void)snprintf(name, sizeof(name), "follow_list_%s", modes[mode]);
	want = field(row, name);
	n = json_object_array_length(want);
	g.fake.meta = row;
	if (fake_evaluate(&g.fake, g.rm, g.self[mode], json_object_get_string(text),
			  (size_t)json_object_get_string_len(text), NULL) < 0) {
		complain(key, "is refused", g.fake.why);
		return;
	}
	for (i = 0; i < n && i < g.fake.n_dims; i++)
		right += (g.fake.dims[i].score > 0.5) ==
			 (json_object_get_boolean(json_object_array_get_idx(want, i)) != 0);
	g.verdicts += (long)n;
	g.agree += (long)right;
	words_of(ours, sizeof(ours));
	for (i = 0; i < g.n && strcmp(g.v[i].key, key) != 0; i++)
		continue;
	if (i < g.n) {
		g.v[i].used = true;
		if (right == n)
			complain(key, "agrees with the data: drop its line from the list", "");
		else if (strcmp(g.v[i].ours, ours) != 0)
			complain(key, "is listed with other verdicts than ours", ours);
	} else if (right < n || n != g.fake.n_dims) {
		complain(key, "differs from the data; ours", ours);
		printf("  %s\n", g.fake.reason);
	}
}

static void one_row(void *ctx, long line, struct json_object *row)
{
	char key[200];
	int mode;

	(void)ctx;
	(void)line;
	g.rows++;
	for (mode = 0; mode < 2; mode++) {
		(void)snprintf(key, sizeof(key), "%s %s %s",
			       json_object_get_string(field(row, "key")),
			       json_object_get_string(field(row, "model")), modes[mode]);
		judge(row, key, mode);
	}
}

int main(void)
{
	const meed_plugin *p = fake_load("instruct");
	size_t i;

	g.rm = fake_model(p, "instruct.ifeval");
	fake_init(&g.fake);
	if (!g.rm || !read_differences() ||
	    fake_create(&g.fake, g.rm, "{\"mode\":\"strict\"}", &g.self[0]) < 0 ||
	    fake_create(&g.fake, g.rm, "{\"mode\":\"loose\"}", &g.self[1]) < 0) {
		printf("cannot set up: %s\n", g.fake.why);
		return 1;
	}
	g.bad += !gz_rows("ifeval_responses", one_row, NULL);
	printf("ifeval_responses: %ld rows, %ld of %ld verdicts agree\n", g.rows, g.agree, g.verdicts);
	for (i = 0; i < g.n; i++) {
		if (!g.v[i].used)
			complain(g.v[i].key, "docs/differences.md lists it, but there is no such row", "");
	}
	g.rm->destroy(&g.fake.host, g.self[0]);
	g.rm->destroy(&g.fake.host, g.self[1]);
	fake_reset(&g.fake);
	return g.bad ? 1 : 0;
}
