/* test_conf.c - the configuration: what is accepted and refused. What is made of it: test_plan.c. */
#include "config.h"

#include <dirent.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/graphfix.h"

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

#define T(f)                                                                                       \
	{                                                                                          \
#f, test_##f                                                                       \
	}

int main(void)
{
	static CU_TestInfo files[] = {
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
		CU_TEST_INFO_NULL
	};
	static CU_TestInfo plugins[] = {
		T(a_missing_plugin_folder_is_an_error_where_it_is_named),
		T(an_optional_instance_without_its_model_is_absent),
		T(a_folder_that_others_can_write_is_refused),
		T(the_default_path_follows_the_environment),
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "files", NULL, NULL, NULL, NULL, files },
				  { "plugins", NULL, NULL, NULL, NULL, plugins },
				  CU_SUITE_INFO_NULL };

	return graph_tests_run(suites);
}
