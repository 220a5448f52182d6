/* graphfix.c - configurations in a folder of their own, for tests of the graph. */
#include "config.h"

#include <dirent.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/graphfix.h"

char tmp[] = "/tmp/meed-graph-XXXXXX";

void put_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", tmp, name);
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fputs(text, f) < 0, 0);
	(void)fclose(f);
}

static bool empty_folder(void)
{
	struct dirent *e;
	DIR *dir = opendir(tmp);

	if (!dir)
		return false;
	while ((e = readdir(dir)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			(void)unlinkat(dirfd(dir), e->d_name, 0);
	return closedir(dir) == 0;
}

void clean(void)
{
	CU_ASSERT_FATAL(empty_folder());
}

int32_t load(const char *path, struct meed_diags *d, struct meed_conf **ret)
{
	const char *plugins = getenv("MEED_TEST_PLUGINS");

	return meed_conf_load(&path, 1, &plugins, plugins ? 1 : 0, NULL, d, ret);
}

bool reported(const struct meed_diags *d, const char *text)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->v[i].text && strstr(d->v[i].text, text))
			return true;
	return false;
}

void show(const struct meed_diags *d)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (!d->v[i].warning)
			(void)fprintf(stderr, "  reported: %s\n", d->v[i].text);
}

struct meed_conf *good(const char *text)
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

struct meed_plan *plan(const struct meed_conf *c, const char *name, const char *set)
{
	struct meed_diags d = { 0 };
	struct meed_plan *p = NULL;

	CU_ASSERT_EQUAL(meed_plan_new(c, name, &set, set ? 1 : 0, &d, &p), MEED_OK);
	show(&d);
	meed_diags_release(&d);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	return p;
}

void refused(const struct meed_conf *c, const char *name, const char *set, const char *why)
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

const struct meed_node *node(const struct meed_plan *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n_nodes; i++)
		if (strcmp(p->nodes[i].name, name) == 0)
			return &p->nodes[i];
	CU_FAIL_FATAL("no such node");
	return NULL;
}

int64_t int_param(const struct meed_node *n, const char *name)
{
	struct json_object *o = NULL;

	return json_object_object_get_ex(n->params, name, &o) ? json_object_get_int64(o) : -1;
}

int graph_tests_run(CU_SuiteInfo *suites)
{
	int failed;

	(void)unsetenv("MEED_PLUGIN_PATH");
	(void)unsetenv("MEED_CONF");
	if (!mkdtemp(tmp))
		return 70;
	failed = suites_run(suites);
	if (!empty_folder() || rmdir(tmp) != 0)
		(void)fprintf(stderr, "%s is left behind\n", tmp);
	return failed;
}
