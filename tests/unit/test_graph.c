/* test_graph.c - the configuration and the plan: what is accepted, refused, and made of it */
#include "config.h"

#include <CUnit/Basic.h>
#include <dirent.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/graph/graph.h"

static char tmp[] = "/tmp/meed-graph-XXXXXX";

/* ---- tools ---- */

static void put_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", tmp, name);
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fputs(text, f) < 0, 0);
	(void)fclose(f);
}

/* Leaves no file of an earlier test. */
static void clean(void)
{
	struct dirent *e;
	DIR *dir = opendir(tmp);

	CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), e->d_name, 0);
	(void)closedir(dir);
}

static int32_t load(const char *path, struct meed_diags *d, struct meed_conf **ret)
{
	const char *plugins = getenv("MEED_TEST_PLUGINS");

	return meed_conf_load(&path, 1, &plugins, plugins ? 1 : 0, NULL, d, ret);
}

static bool reported(const struct meed_diags *d, const char *text)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->v[i].text && strstr(d->v[i].text, text))
			return true;
	return false;
}

static void show(const struct meed_diags *d)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (!d->v[i].warning)
			(void)fprintf(stderr, "  reported: %s\n", d->v[i].text);
}

/* The one file's text, loaded without an error. */
static struct meed_conf *good(const char *text)
{
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;

	clean();
	put_file("a.conf", text);
	CU_ASSERT_EQUAL(load(tmp, &d, &c), MEED_OK);
	show(&d);
	meed_diags_release(&d);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	return c;
}

static struct meed_plan *plan(const struct meed_conf *c, const char *name, const char *set)
{
	struct meed_diags d = { 0 };
	struct meed_plan *p = NULL;

	CU_ASSERT_EQUAL(meed_plan_new(c, name, &set, set ? 1 : 0, &d, &p), MEED_OK);
	show(&d);
	meed_diags_release(&d);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	return p;
}

static void refused(const struct meed_conf *c, const char *name, const char *set, const char *why)
{
	struct meed_diags d = { 0 };
	struct meed_plan *p = NULL;

	CU_ASSERT_EQUAL(meed_plan_new(c, name, &set, set ? 1 : 0, &d, &p), MEED_E_PARAM);
	CU_ASSERT_PTR_NULL(p);
	if (!reported(&d, why)) {
		(void)fprintf(stderr, "  wanted: %s\n", why);
		show(&d);
		CU_FAIL("the reason is another one");
	}
	meed_diags_release(&d);
}

static const struct meed_node *node(const struct meed_plan *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n_nodes; i++)
		if (strcmp(p->nodes[i].name, name) == 0)
			return &p->nodes[i];
	CU_FAIL_FATAL("no such node");
	return NULL;
}

static int64_t int_param(const struct meed_node *n, const char *name)
{
	struct json_object *o = NULL;

	return json_object_object_get_ex(n->params, name, &o) ? json_object_get_int64(o) : -1;
}

/* ---- the cases of tests/cli/check ---- */

struct expected {
	char *text;   /* "FILE:LINE: TEXT" or what a diagnostic must hold */
	char at[300]; /* "FILE:LINE: ", or "" */
	bool seen;
};

struct cases {
	struct expected v[100];
	size_t n;
};

static void expect(struct cases *k, const char *file, unsigned int line, const char *text)
{
	struct expected *e = &k->v[k->n++];

	CU_ASSERT_FATAL(k->n < sizeof(k->v) / sizeof(k->v[0]));
	e->text = strdup(text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(e->text);
	e->seen = false;
	e->at[0] = '\0';
	if (line)
		(void)snprintf(e->at, sizeof(e->at), "%s:%u: ", file, line);
}

static void read_expected(const char *path, struct cases *k)
{
	unsigned int line = 0;
	char text[2000];
	char *p, *next;
	FILE *f;

	f = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while (fgets(text, sizeof(text), f)) {
		line++;
		text[strcspn(text, "\n")] = '\0';
		if (strncmp(text, "#!! ", 4) == 0) {
			expect(k, path, 0, text + 4);
			continue;
		}
		for (p = strstr(text, "#! "); p; p = next) {
			next = strstr(p + 3, "\t#! ");
			if (next)
				*next++ = '\0';
			expect(k, path, line, p + 3);
		}
	}
	(void)fclose(f);
}

static bool take(struct cases *k, const char *text)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		if (!k->v[i].seen && strncmp(text, k->v[i].at, strlen(k->v[i].at)) == 0 &&
		    strstr(text + strlen(k->v[i].at), k->v[i].text)) {
			k->v[i].seen = true;
			return true;
		}
	return false;
}

static void run_case(const char *path)
{
	struct cases k = { .n = 0 };
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;
	size_t i;

	read_expected(path, &k);
	CU_ASSERT_EQUAL(load(path, &d, &c), k.n ? MEED_E_PARAM : MEED_OK);
	if (c)
		meed_conf_check_all(c, &d);
	for (i = 0; i < d.n; i++)
		if (!d.v[i].warning && !take(&k, d.v[i].text)) {
			(void)fprintf(stderr, "  %s: not expected: %s\n", path, d.v[i].text);
			CU_FAIL("a diagnostic that the case does not expect");
		}
	for (i = 0; i < k.n; i++) {
		if (!k.v[i].seen) {
			(void)fprintf(stderr, "  %s: missing: %s%s\n", path, k.v[i].at,
				      k.v[i].text);
			CU_FAIL("a diagnostic is missing");
		}
		free(k.v[i].text);
	}
	CU_ASSERT_EQUAL(d.n_errors, k.n);
	meed_diags_release(&d);
	meed_conf_free(c);
}

static int is_conf(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 5 && strcmp(e->d_name + n - 5, ".conf") == 0;
}

static void test_each_case_reports_exactly_its_errors(void)
{
	const char *src = getenv("top_srcdir");
	struct dirent **v = NULL;
	char path[512];
	int i, n;

	(void)snprintf(path, sizeof(path), "%s/tests/cli/check", src ? src : ".");
	n = scandir(path, &v, is_conf, alphasort);
	CU_ASSERT(n > 15);
	for (i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/tests/cli/check/%s", src ? src : ".",
			       v[i]->d_name);
		run_case(path);
		free(v[i]);
	}
	free(v);
}

/* ---- several files ---- */

static void test_files_of_a_folder_are_merged_in_name_order(void)
{
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;
	const struct meed_entry *e;

	clean();
	put_file("10-a.conf", "instances = { i = { model = \"test.length\"; }; };\n");
	put_file("20-b.conf",
		 "compositions = { k = { combine = \"mean\"; members = (\"i\"); }; };\n"
		 "run = { threads = 3; };\n");
	put_file("30-c.conf", "instances = { j = { model = \"test.list\"; }; };\n"
			      "run = { seed = 9000000000L; };\n");
	put_file(".hidden.conf", "nonsense");
	put_file("note.txt", "nonsense");
	CU_ASSERT_EQUAL(load(tmp, &d, &c), MEED_OK);
	show(&d);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	CU_ASSERT_EQUAL(meed_conf_run(c)->threads, 3);
	CU_ASSERT_EQUAL(meed_conf_run(c)->seed, 9000000000u);
	CU_ASSERT_EQUAL(meed_conf_run(c)->window, 1024);
	e = meed_conf_find(c, "j");
	CU_ASSERT_PTR_NOT_NULL_FATAL(e);
	CU_ASSERT_PTR_NOT_NULL(strstr(e->where, "30-c.conf:1"));
	CU_ASSERT_STRING_EQUAL(e->model, "test.list");
	meed_diags_release(&d);
	meed_conf_free(c);
}

static void test_a_name_defined_in_two_files_names_both_places(void)
{
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;

	clean();
	put_file(
		"a.conf",
		"instances = { i = { model = \"test.length\"; }; };\n"
		"run = { seed = 1; };\nendpoints = { e = { kind = \"script\"; file = \"x\"; }; };");
	put_file(
		"b.conf",
		"\ninstances = { i = { model = \"test.length\"; }; };\n"
		"run = { seed = 2; };\nendpoints = { e = { kind = \"script\"; file = \"x\"; }; };");
	CU_ASSERT_EQUAL(load(tmp, &d, &c), MEED_E_PARAM);
	CU_ASSERT_PTR_NULL(c);
	CU_ASSERT_EQUAL(d.n_errors, 3);
	CU_ASSERT(reported(&d, "b.conf:2: instance \"i\" is already defined at "));
	CU_ASSERT(reported(&d, "a.conf:1: rename one of them"));
	CU_ASSERT(reported(&d, "b.conf:3: run's \"seed\" is already defined at "));
	CU_ASSERT(reported(&d, "b.conf:4: endpoint \"e\" is already defined at "));
	meed_diags_release(&d);
}

static void test_a_broken_file_leaves_the_others_checked(void)
{
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;

	clean();
	put_file("a.conf", "instances = { i = = };\n");
	put_file("b.conf",
		 "compositions = { k = { combine = \"mean\"; members = (\"i\"); };\n"
		 "l = { combine = \"mean\"; members = ( { use = \"k\"; weight = -1; } ); }; };\n");
	CU_ASSERT_EQUAL(load(tmp, &d, &c), MEED_E_PARAM);
	CU_ASSERT(reported(&d, "a.conf:1: syntax error"));
	CU_ASSERT(reported(&d, "b.conf:2: weight = -1 of member \"k\""));
	/* "i" may stand in the file that could not be read */
	CU_ASSERT_EQUAL(d.n_errors, 2);
	meed_diags_release(&d);
}

static void test_what_cannot_be_read_is_said(void)
{
	const char *paths[] = { "/nonexistent/meed.conf", "" };
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;

	CU_ASSERT_EQUAL(meed_conf_load(paths, 2, NULL, 0, NULL, &d, &c), MEED_E_PARAM);
	CU_ASSERT(
		reported(&d, "cannot read the configuration \"/nonexistent/meed.conf\": No such"));
	CU_ASSERT(reported(&d, "cannot read the configuration \"\": the path is empty"));
	meed_diags_release(&d);

	clean();
	CU_ASSERT_EQUAL(load(tmp, &d, &c), MEED_OK);
	CU_ASSERT(reported(&d, "the folder has no *.conf file"));
	meed_diags_release(&d);
	meed_conf_free(c);
}

static void test_no_path_at_all_is_the_empty_configuration(void)
{
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;

	CU_ASSERT_EQUAL(meed_conf_load(NULL, 0, NULL, 0, NULL, &d, &c), MEED_OK);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	CU_ASSERT_PTR_NULL(meed_conf_find(c, "nobody"));
	CU_ASSERT_EQUAL(meed_conf_run(c)->arena_bytes, (uint64_t)256 << 20);
	refused(c, "nobody", NULL, "no composition, instance or model is called \"nobody\"");
	meed_diags_release(&d);
	meed_conf_free(c);
}

static void test_nul_bytes_are_refused(void)
{
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;
	char path[256];
	FILE *f;

	clean();
	(void)snprintf(path, sizeof(path), "%s/a.conf", tmp);
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fwrite("run = { };\0x", 1, 12, f), 12);
	(void)fclose(f);
	CU_ASSERT_EQUAL(load(tmp, &d, &c), MEED_E_PARAM);
	CU_ASSERT(reported(&d, "byte 10 is NUL"));
	meed_diags_release(&d);
}

static void test_text_that_is_not_utf8_is_refused(void)
{
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;

	clean();
	put_file("a.conf",
		 "instances = { a = { model = \"test.length\"; description = \"\xff\"; };\n"
		 "b = { model = \"test.length\"; params = { unit = \"\\xff\"; }; }; };\n");
	CU_ASSERT_EQUAL(load(tmp, &d, &c), MEED_E_PARAM);
	CU_ASSERT(reported(&d, "a.conf:1: description of instance \"a\" is not UTF-8"));
	CU_ASSERT(reported(&d, "a.conf:2: the string is not UTF-8"));
	meed_diags_release(&d);
}

static void test_brackets_nested_too_deep_are_refused(void)
{
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;
	char *text = malloc(40000);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	memcpy(text, "a = ", 4);
	memset(text + 4, '(', 30000);
	text[30004] = '\0';
	clean();
	put_file("a.conf", text);
	CU_ASSERT_EQUAL(load(tmp, &d, &c), MEED_E_PARAM);
	CU_ASSERT(reported(&d, "a.conf:1: brackets are nested deeper than 64"));
	CU_ASSERT_EQUAL(d.n_errors, 1);
	meed_diags_release(&d);
	free(text);
}

static void chain(char *text, size_t size, int n)
{
	size_t used = (size_t)snprintf(text, size,
				       "compositions = { c0 = { combine = \"mean\"; "
				       "members = (\"test.length\"); };\n");
	int i;

	for (i = 1; i < n; i++)
		used += (size_t)snprintf(text + used, size - used,
					 "c%d = { combine = \"mean\"; "
					 "members = (\"c%d\"); };\n",
					 i, i - 1);
	(void)snprintf(text + used, size - used, "};\n");
}

static void test_compositions_nest_to_a_limit(void)
{
	size_t size = 200000;
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;
	struct meed_plan *p;
	char *text = malloc(size);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	chain(text, size, 64);
	c = good(text);
	p = plan(c, "c63", NULL);
	CU_ASSERT_EQUAL(p->n_nodes, 65);
	CU_ASSERT_EQUAL(p->nodes[p->root].depth, 64);
	meed_plan_free(p);
	meed_conf_free(c);
	c = NULL;

	chain(text, size, 2000);
	clean();
	put_file("a.conf", text);
	CU_ASSERT_EQUAL(load(tmp, &d, &c), MEED_E_PARAM);
	CU_ASSERT(reported(&d, "composition \"c64\" nests compositions deeper than 64"));
	CU_ASSERT_EQUAL(d.n_errors, 1);
	meed_diags_release(&d);
	free(text);
}

/* ---- the environment ---- */

static void test_the_environment_fills_strings_and_is_never_shown(void)
{
	struct meed_diags d = { 0 };
	const struct meed_entry *e;
	struct meed_conf *c;
	struct meed_plan *p;

	CU_ASSERT_EQUAL(setenv("MEED_TEST_UNIT", "bytes", 1), 0);
	c = good("instances = { i = { model = \"test.length\"; description = \"$5 $$ "
		 "${MEED_TEST_UNIT}\";"
		 " params = { unit = \"${MEED_TEST_UNIT}\"; }; }; };");
	e = meed_conf_find(c, "i");
	CU_ASSERT_PTR_NOT_NULL_FATAL(e);
	CU_ASSERT_PTR_NULL(strstr(e->summary, "bytes"));
	CU_ASSERT_PTR_NOT_NULL(strstr(json_object_to_json_string(e->params), "${MEED_TEST_UNIT}"));
	CU_ASSERT_PTR_NULL(strstr(json_object_to_json_string(e->params), "bytes"));
	p = plan(c, "i", NULL);
	CU_ASSERT_PTR_NOT_NULL(strstr(json_object_to_json_string(p->nodes[0].params), "\"bytes\""));
	meed_plan_free(p);
	meed_conf_free(c);

	CU_ASSERT_EQUAL(setenv("MEED_TEST_UNIT", "s3cret-key", 1), 0);
	clean();
	put_file("a.conf",
		 "instances = { i = { model = \"test.length\"; params = { unit = "
		 "\"${MEED_TEST_UNIT}\"; }; }; j = { model = \"${MEED_TEST_UNIT}\"; }; };");
	c = NULL;
	CU_ASSERT_EQUAL(load(tmp, &d, &c), MEED_E_PARAM);
	CU_ASSERT_EQUAL(d.n_errors, 2);
	CU_ASSERT(reported(&d, "${MEED_TEST_UNIT}"));
	CU_ASSERT_FALSE(reported(&d, "s3cret"));
	meed_diags_release(&d);
	(void)unsetenv("MEED_TEST_UNIT");
}

/* ---- plans ---- */

static const char graph[] =
	"endpoints = { e = { kind = \"script\"; file = \"replies.json\"; }; };\n"
	"instances = { i = { model = \"test.length\"; params = { target = 5; }; };\n"
	"  j = { model = \"test.length\"; }; list = { model = \"test.list\"; };\n"
	"  pair = { model = \"test.pair\"; }; judge = { model = \"test.judge2\"; }; };\n"
	"compositions = {\n"
	"  low = { combine = \"sum\"; members = ( { use = \"i\"; weight = 2; on_error = \"skip\"; "
	"},\n"
	"    { use = \"j\"; transform = { clip = [0, 1]; }; on_error = 0.25; } ); };\n"
	"  top = { combine = \"mean\"; members = ( \"low\", { use = \"i\"; name = \"again "
	"\\\"q\\\"\"; } );\n"
	"    transform = ( \"sigmoid\", { affine = [2.0, 1.0]; } ); };\n"
	"  ranked = { combine = \"mean\"; members = ( { use = \"i\"; transform = \"rank\"; } ); "
	"};\n"
	"  listed = { combine = \"min\"; members = ( \"list\", \"i\" ); };\n"
	"  above = { combine = \"mean\"; members = ( \"ranked\" ); };\n"
	"  by_source = { combine = \"route\"; key = \"source\"; otherwise = \"low\";\n"
	"    routes = ( { regex = \"^m\"; use = \"i\"; }, { match = \"c*\"; use = \"i\"; } ); };\n"
	"  verdict = { combine = \"route\"; by = \"list\"; routes = ( { from = 0.5; use = \"i\"; "
	"},\n"
	"    { to = 0.5; use = \"low\"; } ); };\n"
	"  ab = { combine = \"route\"; routes = ( { share = 0.1; use = \"i\"; },\n"
	"    { share = 0.2; use = \"j\"; } ); otherwise = \"low\"; };\n"
	"};\n";

static void test_a_plan_holds_members_before_users_and_each_node_once(void)
{
	struct meed_conf *c = good(graph);
	struct meed_plan *p = plan(c, "top", NULL);
	const struct meed_node *top = &p->nodes[p->root];
	const struct meed_member *m;
	size_t i, k;

	CU_ASSERT_EQUAL(p->n_nodes, 4);
	CU_ASSERT_STRING_EQUAL(p->name, "top");
	CU_ASSERT_STRING_EQUAL(top->name, "top");
	CU_ASSERT_EQUAL(p->root, 3);
	for (i = 0; i < p->n_nodes; i++)
		for (k = 0; k < p->nodes[i].n_members; k++)
			CU_ASSERT(p->nodes[i].members[k].node < i);
	CU_ASSERT_EQUAL(top->depth, 2);
	CU_ASSERT_FALSE(top->group);
	CU_ASSERT_EQUAL(top->n_transforms, 2);
	CU_ASSERT_EQUAL(top->transforms[0].kind, MEED_X_SIGMOID);
	CU_ASSERT_EQUAL(top->transforms[0].a, 1.0);
	CU_ASSERT_EQUAL(top->transforms[1].a, 2.0);
	CU_ASSERT_STRING_EQUAL(top->members[1].name, "again \"q\"");
	CU_ASSERT_STRING_EQUAL(top->members[1].name_json.p, "\"again \\\"q\\\"\"");
	CU_ASSERT_EQUAL(top->members[1].node, node(p, "low")->members[0].node);
	m = node(p, "low")->members;
	CU_ASSERT_EQUAL(m[0].weight, 2.0);
	CU_ASSERT_EQUAL(m[0].on_error, MEED_ON_SKIP);
	CU_ASSERT(isnan(m[0].below) && isnan(m[0].above));
	CU_ASSERT_EQUAL(m[1].weight, 1.0);
	CU_ASSERT_EQUAL(m[1].on_error, MEED_ON_VALUE);
	CU_ASSERT_EQUAL(m[1].on_error_value, 0.25);
	CU_ASSERT_EQUAL(m[1].transforms[0].kind, MEED_X_CLIP);
	CU_ASSERT_EQUAL(int_param(node(p, "i"), "target"), 5);
	CU_ASSERT_EQUAL(int_param(node(p, "j"), "target"), 100);
	CU_ASSERT_PTR_NOT_NULL(node(p, "i")->self);
	CU_ASSERT_EQUAL(node(p, "i")->mode, MEED_POINTWISE);
	meed_plan_free(p);
	meed_conf_free(c);
}

static void test_nodes_that_look_at_all_outputs_are_marked_upwards(void)
{
	static const struct {
		const char *name;
		bool group;
	} want[] = { { "i", false },	 { "list", true },	 { "pair", true },
		     { "low", false },	 { "ranked", true },	 { "above", true },
		     { "listed", true }, { "by_source", false }, { "verdict", true } };
	struct meed_conf *c = good(graph);
	size_t i;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct meed_plan *p = plan(c, want[i].name, NULL);

		CU_ASSERT_EQUAL(p->nodes[p->root].group, want[i].group);
		meed_plan_free(p);
	}
	meed_conf_free(c);
}

static void test_routes_are_compiled(void)
{
	struct meed_conf *c = good(graph);
	struct meed_plan *p = plan(c, "by_source", NULL);
	const struct meed_node *n = &p->nodes[p->root];

	CU_ASSERT_STRING_EQUAL(n->key, "source");
	CU_ASSERT_EQUAL(n->chooser, -1);
	CU_ASSERT_EQUAL(n->otherwise, 2);
	CU_ASSERT_EQUAL(n->n_members, 3);
	CU_ASSERT_PTR_NOT_NULL(n->members[0].regex);
	CU_ASSERT_EQUAL(n->members[1].match_kind, MEED_MATCH_GLOB);
	CU_ASSERT_STRING_EQUAL(n->members[1].pattern, "c*");
	meed_plan_free(p);

	p = plan(c, "verdict", NULL);
	n = &p->nodes[p->root];
	CU_ASSERT_EQUAL(n->otherwise, -1);
	CU_ASSERT_PTR_NULL(n->key);
	CU_ASSERT_STRING_EQUAL(p->nodes[n->chooser].name, "list");
	CU_ASSERT_EQUAL(n->members[0].from, 0.5);
	CU_ASSERT(isinf(n->members[0].to));
	CU_ASSERT_EQUAL(n->members[1].to, 0.5);
	meed_plan_free(p);

	p = plan(c, "ab", NULL);
	n = &p->nodes[p->root];
	CU_ASSERT_EQUAL(n->chooser, -1);
	CU_ASSERT_PTR_NULL(n->key);
	CU_ASSERT_EQUAL(n->members[0].match_kind, MEED_MATCH_SHARE);
	CU_ASSERT_EQUAL(n->members[0].from, 0.0);
	CU_ASSERT_EQUAL(n->members[0].to, 0.1);
	CU_ASSERT_EQUAL(n->members[1].from, 0.1);
	CU_ASSERT_EQUAL(n->members[1].to, 0.1 + 0.2);
	meed_plan_free(p);
	meed_conf_free(c);
}

static void test_a_model_id_is_a_plan_of_one_node(void)
{
	struct meed_conf *c = good(graph);
	struct meed_plan *p = plan(c, "test.length", "target=7");

	CU_ASSERT_EQUAL(p->n_nodes, 1);
	CU_ASSERT_STRING_EQUAL(p->nodes[0].name, "test.length");
	CU_ASSERT_EQUAL(int_param(&p->nodes[0], "target"), 7);
	CU_ASSERT(p->nodes[0].both_orders);
	meed_plan_free(p);
	refused(c, "test.lenght", NULL, "did you mean \"test.length\"?");
	meed_conf_free(c);
}

static void test_the_only_endpoint_is_the_default_one(void)
{
	struct meed_diags d = { 0 };
	struct meed_plan *p = NULL;
	struct meed_conf *c = good(graph);

	p = plan(c, "judge", NULL);
	CU_ASSERT_STRING_EQUAL(p->nodes[0].endpoint, "e");
	meed_plan_free(p);
	p = plan(c, "i", NULL);
	CU_ASSERT_STRING_EQUAL(p->nodes[0].endpoint, "");
	meed_plan_free(p);
	meed_conf_free(c);

	c = good("instances = { judge = { model = \"test.judge2\"; }; };");
	CU_ASSERT_EQUAL(meed_plan_new(c, "judge", NULL, 0, &d, &p), MEED_OK);
	CU_ASSERT(reported(&d, "\"judge\" may ask an endpoint, but none is configured"));
	CU_ASSERT_EQUAL(d.n_errors, 0);
	meed_diags_release(&d);
	meed_plan_free(p);
	meed_conf_free(c);
}

static void test_sets_reach_parameters_along_members(void)
{
	const char *sets[] = { "low.i.target=8", "again \"q\".slope=2", "low.j.unit=bytes",
			       "low.j.target=9", "low.j.target=10" };
	struct meed_conf *c = good(graph);
	struct meed_diags d = { 0 };
	struct meed_plan *p = NULL;
	struct json_object *o = NULL;

	CU_ASSERT_EQUAL(meed_plan_new(c, "top", sets, 5, &d, &p), MEED_OK);
	show(&d);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_EQUAL(int_param(node(p, "i"), "target"), 8);
	CU_ASSERT_EQUAL(int_param(node(p, "i"), "slope"), 2);
	CU_ASSERT_EQUAL(int_param(node(p, "j"), "target"), 10);
	CU_ASSERT(json_object_object_get_ex(node(p, "j")->params, "unit", &o));
	CU_ASSERT_STRING_EQUAL(json_object_get_string(o), "bytes");
	meed_plan_free(p);

	p = plan(c, "i", "target=null");
	CU_ASSERT_EQUAL(int_param(&p->nodes[0], "target"), 100);
	meed_plan_free(p);
	p = plan(c, "i", "unit=\"bytes\"");
	meed_plan_free(p);
	meed_conf_free(c);
}

static void test_sets_that_name_nothing_are_refused(void)
{
	struct meed_conf *c = good(graph);

	refused(c, "i", "target", "--set target: must be PARAM=VALUE");
	refused(c, "i", "=4", "--set =4: must be PARAM=VALUE");
	refused(c, "i", "targte=4", "--set targte=4: parameter \"targte\"");
	refused(c, "i", "target=0", "--set target=0: parameter \"target\"");
	refused(c, "i", "target=many", "--set target=many: parameter \"target\"");
	refused(c, "i", "unit=4", "--set unit=4: parameter \"unit\"");
	refused(c, "top", "target=4", "is a composition and has no parameters of its own");
	refused(c, "top", "loww.target=4",
		"composition \"top\" has no member \"loww\"; did you mean \"low\"?");
	refused(c, "top", "low.target=4", "is a composition and has no parameters of its own");
	refused(c, "verdict", "list.x=1", "--set list.x=1: parameter \"x\"");
	refused(c, "top", "low.i.=4", "names no parameter");
	refused(c, "i", "unit=\xff", "is not UTF-8");
	meed_conf_free(c);
}

/* ---- printing ---- */

static void print_is(const struct meed_plan *p, enum meed_graph_format f, const char *want)
{
	struct meed_buf b = { 0 };

	meed_plan_print(p, f, &b);
	meed_buf_putc(&b, '\0');
	CU_ASSERT_FALSE_FATAL(b.failed);
	if (strcmp(b.p, want) != 0) {
		(void)fprintf(stderr, "printed:\n%swanted:\n%s", b.p, want);
		CU_FAIL("printed otherwise");
	}
	meed_buf_release(&b);
}

static void test_the_tree_shows_a_shared_node_once(void)
{
	struct meed_conf *c = good(graph);
	struct meed_plan *p = plan(c, "top", NULL);

	print_is(
		p, MEED_GRAPH_TEXT,
		"top  mean  transform sigmoid[1, 0], affine[2, 1]\n"
		"├── low  weight 1  sum\n"
		"│   ├── i  weight 2  on_error skip  test.length  pointwise  (shared)\n"
		"│   └── j  weight 1  transform clip[0, 1]  on_error 0.25  test.length  pointwise\n"
		"└── again \"q\"  weight 1  = i  test.length  pointwise  (shared, shown above)\n");
	meed_plan_free(p);
	p = plan(c, "verdict", NULL);
	print_is(p, MEED_GRAPH_TEXT,
		 "verdict  route by list\n"
		 "├── list  chooses the route  test.list  listwise\n"
		 "├── i  score from 0.5  test.length  pointwise  (shared)\n"
		 "└── low  score to 0.5  sum\n"
		 "    ├── i  weight 2  on_error skip  test.length  pointwise  (shared, shown "
		 "above)\n"
		 "    └── j  weight 1  transform clip[0, 1]  on_error 0.25  test.length  "
		 "pointwise\n");
	meed_plan_free(p);
	meed_conf_free(c);
}

static void test_dot_escapes_what_names_hold(void)
{
	struct meed_conf *c =
		good("instances = { i = { model = \"test.length\"; }; };\n"
		     "compositions = { k = { combine = \"max\"; members = ( { use = \"i\";"
		     " name = \"a\\\"\\\\n\"; } ); }; };\n");
	struct meed_plan *p = plan(c, "k", NULL);

	print_is(p, MEED_GRAPH_DOT,
		 "digraph meed {\n\trankdir=LR;\n"
		 "\tnode [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n"
		 "\tedge [fontname=\"sans-serif\", fontsize=9];\n"
		 "\tn0 [label=\"i\\ntest.length\\npointwise\"];\n"
		 "\tn1 [shape=oval, label=\"k\\nmax\"];\n"
		 "\tn1 -> n0 [label=\"a\\\"\\\\n\"];\n}\n");
	meed_plan_free(p);
	meed_conf_free(c);
}

/* ---- plugins ---- */

static void test_a_missing_plugin_folder_is_an_error_where_it_is_named(void)
{
	const char *dir = "/nonexistent/by-option";
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;
	char path[256];

	clean();
	put_file("a.conf",
		 "plugins = { dirs = [ \"nowhere\" ];\nload = ( { path = \"gone.so\"; } ); };\n"
		 "instances = { i = { model = \"gone.model\"; }; };\n");
	(void)snprintf(path, sizeof(path), "%s/a.conf:1: plugin folder %s/nowhere: No such", tmp,
		       tmp);
	CU_ASSERT_EQUAL(setenv("MEED_PLUGIN_PATH", "/nonexistent/by-env::", 1), 0);
	CU_ASSERT_EQUAL(meed_conf_load((const char *const[]){ tmp }, 1, &dir, 1, NULL, &d, &c),
			MEED_E_PARAM);
	(void)unsetenv("MEED_PLUGIN_PATH");
	CU_ASSERT(reported(&d, path));
	CU_ASSERT(reported(&d, "a.conf:2: plugin "));
	CU_ASSERT(reported(&d, "plugin folder /nonexistent/by-option: No such"));
	CU_ASSERT(reported(&d, "MEED_PLUGIN_PATH: plugin folder /nonexistent/by-env: No such"));
	CU_ASSERT(reported(&d,
			   "unknown model \"gone.model\" of instance \"i\"; a plugin that did not "
			   "load may have it: "));
	CU_ASSERT_EQUAL(d.n_errors, 4);
	meed_diags_release(&d);
}

static void test_an_optional_instance_without_its_model_is_absent(void)
{
	char why[1024];
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;

	clean();
	put_file("a.conf", "instances = { i = { model = \"gone.model\"; optional = true; };\n"
			   "  j = { model = \"gone.model\"; optional = false; }; };\n"
			   "compositions = { k = { combine = \"mean\"; members = ( \"i\" ); }; };\n");
	CU_ASSERT_EQUAL(load(tmp, &d, &c), MEED_E_PARAM);
	CU_ASSERT(reported(&d, "unknown model \"gone.model\" of instance \"j\""));
	CU_ASSERT(reported(&d, "a.conf:3: "));
	CU_ASSERT(reported(&d, "a.conf:1), and no plugin has its model \"gone.model\""));
	CU_ASSERT_EQUAL(d.n_errors, 2);
	meed_diags_release(&d);
	put_file("a.conf", "instances = { i = { model = \"gone.model\"; optional = true; }; };\n");
	CU_ASSERT_EQUAL_FATAL(load(tmp, &d, &c), MEED_OK);
	CU_ASSERT_PTR_NULL(meed_conf_find(c, "i"));
	CU_ASSERT_PTR_NOT_NULL(strstr(meed_conf_why_not(c, "i", why, sizeof(why)),
				      "no plugin has its model \"gone.model\""));
	CU_ASSERT_STRING_EQUAL(meed_conf_why_not(c, "qqqqqqqq", why, sizeof(why)), "");
	meed_conf_free(c);
	meed_diags_release(&d);
}

static void test_a_folder_that_others_can_write_is_refused(void)
{
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;
	char path[256];

	clean();
	(void)snprintf(path, sizeof(path), "%s/open", tmp);
	CU_ASSERT_EQUAL(mkdir(path, 0755), 0);
	CU_ASSERT_EQUAL(chmod(path, 0777), 0);
	put_file("a.conf", "plugins = { dirs = [ \"open\" ]; };\n");
	CU_ASSERT_EQUAL(load(tmp, &d, &c), MEED_E_PARAM);
	CU_ASSERT(reported(&d, "everybody may write it (mode 0777)"));
	(void)rmdir(path);
	meed_diags_release(&d);
}

static void test_the_default_path_follows_the_environment(void)
{
	char *path;

	CU_ASSERT_EQUAL(setenv("MEED_CONF", "/nonexistent/conf", 1), 0);
	path = meed_conf_default_path();
	CU_ASSERT_PTR_NOT_NULL_FATAL(path);
	CU_ASSERT_STRING_EQUAL(path, "/nonexistent/conf");
	free(path);
	(void)unsetenv("MEED_CONF");
}

/* ---- */

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
#define T(f)                                                                                       \
	{                                                                                          \
#f, test_##f                                                                       \
	}
	T(each_case_reports_exactly_its_errors),
	T(files_of_a_folder_are_merged_in_name_order),
	T(a_name_defined_in_two_files_names_both_places),
	T(a_broken_file_leaves_the_others_checked),
	T(what_cannot_be_read_is_said),
	T(no_path_at_all_is_the_empty_configuration),
	T(nul_bytes_are_refused),
	T(text_that_is_not_utf8_is_refused),
	T(brackets_nested_too_deep_are_refused),
	T(compositions_nest_to_a_limit),
	T(the_environment_fills_strings_and_is_never_shown),
	T(a_plan_holds_members_before_users_and_each_node_once),
	T(nodes_that_look_at_all_outputs_are_marked_upwards),
	T(routes_are_compiled),
	T(a_model_id_is_a_plan_of_one_node),
	T(the_only_endpoint_is_the_default_one),
	T(sets_reach_parameters_along_members),
	T(sets_that_name_nothing_are_refused),
	T(the_tree_shows_a_shared_node_once),
	T(dot_escapes_what_names_hold),
	T(a_missing_plugin_folder_is_an_error_where_it_is_named),
	T(an_optional_instance_without_its_model_is_absent),
	T(a_folder_that_others_can_write_is_refused),
	T(the_default_path_follows_the_environment),
	{ "nothing_is_left_behind", clean },
};

int main(void)
{
	unsigned int failed = 1;
	CU_pSuite suite;
	size_t i;

	(void)unsetenv("MEED_PLUGIN_PATH");
	(void)unsetenv("MEED_CONF");
	if (!mkdtemp(tmp) || CU_initialize_registry() != CUE_SUCCESS)
		return EXIT_FAILURE;
	suite = CU_add_suite("graph", NULL, NULL);
	for (i = 0; suite && i < sizeof(tests) / sizeof(tests[0]); i++)
		if (!CU_add_test(suite, tests[i].name, tests[i].run))
			suite = NULL;
	if (suite && CU_basic_run_tests() == CUE_SUCCESS)
		failed = CU_get_number_of_failures();
	CU_cleanup_registry();
	(void)rmdir(tmp);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
