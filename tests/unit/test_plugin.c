/* test_plugin.c - plugins as files: what loads, what is refused and with which words. The
 * plugins are built from tests/plugins; a loaded file stays loaded, so that each bad one is a
 * copy of its own. */
#include "config.h"

#include "host/plugin/internal.h"
#include "tests/unit/suites.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct meed_log quiet = { -1, MEED_LOG_ERROR };

struct fixture {
	char dir[256]; /* a scratch folder */
	struct meed_registry *r;
	struct meed_err err;
	unsigned n_files;
};

static const char *plugin_dir(void)
{
	const char *d = getenv("MEED_TEST_PLUGINS");

	return d ? d : "tests/plugins/.libs";
}

static void join(char *buf, size_t n, const char *dir, const char *name)
{
	CU_ASSERT_FATAL(snprintf(buf, n, "%s/%s", dir, name) < (int)n);
}

static void set_up(struct fixture *f)
{
	const char *tmp = getenv("TMPDIR");

	memset(f, 0, sizeof(*f));
	join(f->dir, sizeof(f->dir), tmp ? tmp : "/tmp", "meed-test-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->dir));
	CU_ASSERT_EQUAL_FATAL(meed_registry_new(&quiet, &f->err, &f->r), 0);
}

/* Removes what the tests put into the scratch folder: files and one level of folders. */
static void tear_down(struct fixture *f)
{
	char cmd[512];

	meed_registry_free(f->r);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", f->dir);
	CU_ASSERT_EQUAL(system(cmd), 0);
}

static void write_file(const char *path, const void *p, size_t n)
{
	FILE *o = fopen(path, "wb");

	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	CU_ASSERT_EQUAL(fwrite(p, 1, n, o), n);
	CU_ASSERT_EQUAL(fclose(o), 0);
	CU_ASSERT_EQUAL(chmod(path, 0644), 0);
}

static char *read_file(const char *path, size_t *ret_n)
{
	FILE *in = fopen(path, "rb");
	struct stat st;
	char *p;

	CU_ASSERT_PTR_NOT_NULL_FATAL(in);
	CU_ASSERT_EQUAL_FATAL(fstat(fileno(in), &st), 0);
	p = malloc((size_t)st.st_size + 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	*ret_n = fread(p, 1, (size_t)st.st_size, in);
	CU_ASSERT_EQUAL(fclose(in), 0);
	return p;
}

/* Copies a built plugin into the scratch folder under a name of its own; keep: bytes to copy. */
static void copy(struct fixture *f, const char *name, size_t keep, char *ret, size_t n_ret)
{
	char from[512], to[64];
	size_t n;
	char *p;

	join(from, sizeof(from), plugin_dir(), name);
	(void)snprintf(to, sizeof(to), "copy%u.so", f->n_files++);
	join(ret, n_ret, f->dir, to);
	p = read_file(from, &n);
	write_file(ret, p, keep < n ? keep : n);
	free(p);
}

static int32_t load_built(struct fixture *f, const char *name)
{
	char path[512];

	join(path, sizeof(path), plugin_dir(), name);
	return meed_registry_load(f->r, path, &f->err);
}

static bool says(const struct fixture *f, const char *what)
{
	if (strstr(f->err.text, what))
		return true;
	(void)fprintf(stderr, "\nexpected \"%s\" in \"%s\"\n", what, f->err.text);
	return false;
}

/* ---- what loads ---- */

static void test_good_plugin_is_listed_with_its_metadata(void)
{
	const struct meed_model *m;
	struct fixture f;

	set_up(&f);
	CU_ASSERT_EQUAL(load_built(&f, "good.so"), 0);
	CU_ASSERT_EQUAL_FATAL(f.r->n_models, 1);
	m = meed_registry_find(f.r, "test.length");
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_STRING_EQUAL(m->rm.version, "1.0.0");
	CU_ASSERT_STRING_EQUAL(m->module->desc.id, "org.meed.test.good");
	CU_ASSERT_PTR_NOT_NULL(m->schema);
	CU_ASSERT_PTR_NULL(meed_registry_find(f.r, "test.lengt"));
	CU_ASSERT_STRING_EQUAL(meed_registry_nearest(f.r, "test.lenght"), "test.length");
	CU_ASSERT_PTR_NULL(meed_registry_nearest(f.r, "zzzzzzzzzzzzzzz"));
	tear_down(&f);
}

static void test_models_of_all_plugins_are_sorted_by_id(void)
{
	struct fixture f;
	size_t i;

	set_up(&f);
	CU_ASSERT_EQUAL(load_built(&f, "stepwise.so"), 0);
	CU_ASSERT_EQUAL(load_built(&f, "good.so"), 0);
	CU_ASSERT_EQUAL(load_built(&f, "pairwise.so"), 0);
	CU_ASSERT_EQUAL(load_built(&f, "faulty.so"), 0);
	CU_ASSERT_EQUAL(load_built(&f, "listwise.so"), 0);
	CU_ASSERT_EQUAL(load_built(&f, "judge2.so"), 0);
	CU_ASSERT_EQUAL(f.r->n_models, 6);
	for (i = 1; i < f.r->n_models; i++)
		CU_ASSERT(strcmp(f.r->models[i - 1]->rm.id, f.r->models[i]->rm.id) < 0);
	tear_down(&f);
}

static void test_loading_a_file_twice_is_no_error(void)
{
	struct fixture f;

	set_up(&f);
	CU_ASSERT_EQUAL(load_built(&f, "good.so"), 0);
	CU_ASSERT_EQUAL(load_built(&f, "good.so"), 0);
	CU_ASSERT_EQUAL(f.r->n_modules, 1);
	CU_ASSERT_EQUAL(f.r->n_failures, 0);
	tear_down(&f);
}

static void test_two_hosts_in_one_program_do_not_disturb_each_other(void)
{
	struct fixture a, b;

	set_up(&a);
	set_up(&b);
	CU_ASSERT_EQUAL(load_built(&a, "good.so"), 0);
	CU_ASSERT_EQUAL(load_built(&b, "good.so"), 0);
	tear_down(&a);
	CU_ASSERT_PTR_NOT_NULL(meed_registry_find(b.r, "test.length"));
	tear_down(&b);
	set_up(&a);
	CU_ASSERT_EQUAL(load_built(&a, "good.so"), 0);
	tear_down(&a);
}

static void test_build_id_is_the_linkers(void)
{
	const struct meed_module *m;
	struct fixture f;
	char path[512], cmd[1200], line[256] = "";
	FILE *p;

	set_up(&f);
	copy(&f, "good.so", SIZE_MAX, path, sizeof(path));
	CU_ASSERT_EQUAL_FATAL(meed_registry_load(f.r, path, &f.err), 0);
	m = f.r->modules[0];
	(void)snprintf(cmd, sizeof(cmd),
		       "readelf -n '%s' 2>/dev/null | sed -n "
		       "'s/.*Build ID: //p'",
		       path);
	p = popen(cmd, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	if (fgets(line, sizeof(line), p))
		line[strcspn(line, "\n")] = '\0';
	CU_ASSERT_EQUAL(pclose(p), 0);
	CU_ASSERT_STRING_EQUAL(m->build_id, line);
	tear_down(&f);
}

/* ---- the proof of compatibility ---- */

static void test_plugin_of_the_frozen_header_loads_and_scores(void)
{
	const struct meed_model *m;
	struct json_object *params;
	struct meed_diags diags = { 0 };
	struct meed_arena arena;
	struct meed_token_cache tokens = { 0 };
	struct meed_ctx c = { 0 };
	meed_cand cand = { .text = MEED_STR("One two  THREE two") };
	meed_sample s = { .struct_size = sizeof(s),
			  .mode = MEED_POINTWISE,
			  .id = { "", 0 },
			  .n_cands = 1,
			  .cands = &cand };
	struct fixture f;
	void *self = NULL;
	int32_t r;

	set_up(&f);
	CU_ASSERT_EQUAL_FATAL(load_built(&f, "old.so"), 0);
	m = meed_registry_find(f.r, "old.count");
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	params = meed_params_resolve(m, NULL, NULL, NULL, &diags);
	CU_ASSERT_PTR_NOT_NULL_FATAL(params);
	CU_ASSERT_EQUAL_FATAL(meed_instance_create(f.r, m, "old", params, &f.err, &self), 0);
	meed_arena_init(&arena, 0);
	c.reg = f.r;
	c.model = m;
	c.arena = &arena;
	c.tokens = &tokens;
	CU_ASSERT_EQUAL(meed_ctx_begin(&c, 1), 0);
	r = m->rm.evaluate(&f.r->host, &c, self, &s, NULL);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&c, r, &s), MEED_OK);
	CU_ASSERT_DOUBLE_EQUAL(c.scores[0].score, 4.5, 0);
	meed_ctx_end(&c);
	meed_arena_release(&arena);
	meed_instance_destroy(f.r, m, self);
	json_object_put(params);
	meed_diags_release(&diags);
	tear_down(&f);
}

/* ---- what is refused ---- */

static void test_wrong_major_is_named(void)
{
	struct fixture f;

	set_up(&f);
	CU_ASSERT_EQUAL(load_built(&f, "major2.so"), MEED_E_UNSUPPORTED);
	CU_ASSERT(says(&f, "needs Meed ABI 2, this host speaks 1.0"));
	CU_ASSERT(says(&f, "major2.so: "));
	tear_down(&f);
}

static void test_shared_object_that_is_no_plugin_is_told_so(void)
{
	struct fixture f;

	set_up(&f);
	CU_ASSERT(load_built(&f, "plain.so") < 0);
	CU_ASSERT(says(&f, "is not a Meed plugin: it does not export meed_plugin_v1"));
	tear_down(&f);
}

static void test_undefined_symbol_is_refused_at_load(void)
{
	struct fixture f;

	set_up(&f);
	CU_ASSERT(load_built(&f, "undefined.so") < 0);
	CU_ASSERT(says(&f, "undefined symbol: nowhere"));
	tear_down(&f);
}

static void test_missing_library_is_named(void)
{
	struct fixture f;

	set_up(&f);
	CU_ASSERT(load_built(&f, "needs-gone.so") < 0);
	CU_ASSERT(says(&f, "libmeed-test-gone.so: cannot open shared object file"));
	tear_down(&f);
}

static void test_file_that_is_no_elf_is_refused(void)
{
	struct fixture f;
	char path[512];

	set_up(&f);
	join(path, sizeof(path), f.dir, "text.so");
	write_file(path, "#!/bin/sh\necho I am no plugin, and long enough to hold a header\n", 64);
	CU_ASSERT(meed_registry_load(f.r, path, &f.err) < 0);
	CU_ASSERT(says(&f, "invalid ELF header"));
	join(path, sizeof(path), f.dir, "empty.so");
	write_file(path, "", 0);
	CU_ASSERT(meed_registry_load(f.r, path, &f.err) < 0);
	CU_ASSERT(says(&f, "file too short"));
	tear_down(&f);
}

/* Cut anywhere, a file is refused; the dynamic linker alone would die of some of these. */
static void test_truncated_file_is_refused_wherever_it_is_cut(void)
{
	struct fixture f;
	char path[512];
	size_t n, keep;
	char *p;

	set_up(&f);
	copy(&f, "good.so", SIZE_MAX, path, sizeof(path));
	p = read_file(path, &n);
	free(p);
	for (keep = 1; keep < 4096 && keep < n; keep = keep * 3 / 2 + 1) {
		copy(&f, "good.so", keep, path, sizeof(path));
		CU_ASSERT(meed_registry_load(f.r, path, &f.err) < 0);
	}
	for (keep = 4096; keep + 4096 < n / 2; keep += 4096) {
		copy(&f, "good.so", keep, path, sizeof(path));
		CU_ASSERT(meed_registry_load(f.r, path, &f.err) < 0);
		CU_ASSERT(says(&f, "file too short"));
	}
	CU_ASSERT_EQUAL(f.r->n_models, 0);
	tear_down(&f);
}

static void test_absent_file_and_folder_are_refused(void)
{
	struct fixture f;

	set_up(&f);
	CU_ASSERT(meed_registry_load(f.r, "/nowhere/at-all.so", &f.err) < 0);
	CU_ASSERT(says(&f, "/nowhere/at-all.so: No such file or directory"));
	CU_ASSERT(meed_registry_load(f.r, f.dir, &f.err) < 0);
	CU_ASSERT(says(&f, "is not a regular file"));
	CU_ASSERT(meed_registry_load_dir(f.r, "/nowhere", &f.err) < 0);
	CU_ASSERT(says(&f, "/nowhere: cannot read the folder"));
	tear_down(&f);
}

static void test_what_others_can_write_is_refused(void)
{
	struct fixture f;
	char path[512];

	set_up(&f);
	copy(&f, "good.so", SIZE_MAX, path, sizeof(path));
	CU_ASSERT_EQUAL(chmod(path, 0646), 0);
	CU_ASSERT(meed_registry_load(f.r, path, &f.err) < 0);
	CU_ASSERT(says(&f, "mode 0646: everybody may write it"));
	CU_ASSERT_EQUAL(chmod(path, 0644), 0);
	CU_ASSERT_EQUAL(chmod(f.dir, 0777), 0);
	CU_ASSERT(meed_registry_load(f.r, path, &f.err) < 0);
	CU_ASSERT(says(&f, "mode 0777"));
	CU_ASSERT(meed_registry_load_dir(f.r, f.dir, &f.err) < 0);
	CU_ASSERT_EQUAL(chmod(f.dir, 0755), 0);
	CU_ASSERT_EQUAL(meed_registry_load_dir(f.r, f.dir, &f.err), 0);
	CU_ASSERT_EQUAL(f.r->n_models, 1);
	tear_down(&f);
}

static void test_bad_files_of_a_folder_do_not_stop_the_good_ones(void)
{
	struct fixture f;
	char path[512];

	set_up(&f);
	join(path, sizeof(path), f.dir, "a.so");
	write_file(path, "junk", 4);
	copy(&f, "good.so", SIZE_MAX, path, sizeof(path));
	copy(&f, "good.so", SIZE_MAX, path, sizeof(path));
	copy(&f, "pairwise.so", SIZE_MAX, path, sizeof(path));
	join(path, sizeof(path), f.dir, "notes.txt");
	write_file(path, "not looked at", 13);
	CU_ASSERT_EQUAL(meed_registry_load_dir(f.r, f.dir, &f.err), 0);
	CU_ASSERT_EQUAL(f.r->n_models, 2);
	CU_ASSERT_EQUAL_FATAL(f.r->n_failures, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.r->failures[0].path, "/a.so"));
	CU_ASSERT_STRING_EQUAL(f.r->failures[0].reason, "file too short");
	CU_ASSERT_PTR_NOT_NULL(strstr(f.r->failures[1].reason, "copy0.so had this id first"));
	tear_down(&f);
}

struct bad {
	const char *kind, *says;
};

static const struct bad bad_descriptors[] = {
	{ "newer_minor", "needs Meed ABI 1.7, this host speaks 1.0" },
	{ "short_plugin", "meed_plugin_v1: struct_size = 40: must be 64 (ABI 1.0) to" },
	{ "absurd_plugin", "struct_size = 1000000" },
	{ "long_used_plugin", "uses a field that ABI 1.0 does not have" },
	{ "plugin_id", "meed_plugin_v1: id = \"Org Meed\": must be" },
	{ "plugin_id_null", "meed_plugin_v1: id is NULL" },
	{ "plugin_version", "version = \"1.0\": must be a semantic version" },
	{ "plugin_license", "license = \"Apache License 2.0\": must be an SPDX expression" },
	{ "vendor", "vendor is empty" },
	{ "models_null", "models is NULL" },
	{ "models_empty", "models is empty" },
	{ "init", "init failed: no licence key found" },
	{ "silent_init", "init failed: the plugin gave no reason" },
	{ "id", "model 0: id = \"test bad\"" },
	{ "id_null", "model 0: id is NULL" },
	{ "id_taken", "model \"test.length\": " },
	{ "version", "model \"test.bad\": version = \"01.0.0\"" },
	{ "version_null", "version is NULL" },
	{ "summary", "summary is empty" },
	{ "summary_lines", "summary has a control character (10) at byte 3" },
	{ "summary_utf8", "summary is not UTF-8" },
	{ "license", "license = \"MIT and friends\"" },
	{ "license_null", "license is NULL" },
	{ "schema_null", "params_schema is NULL" },
	{ "schema_text", "params_schema is not JSON: " },
	{ "schema_kind", "params_schema: must be a JSON object" },
	{ "schema_keyword", "\"properties.n.minimun\": is no keyword that Meed knows; did you mean "
			    "\"minimum\"?" },
	{ "schema_default", "\"properties.n.default\": 0: must be 1 or more" },
	{ "short_rm", "model 0: struct_size = 128: must be 136 (ABI 1.0) to" },
	{ "absurd_rm", "model 0: struct_size = 4294967295" },
	{ "long_used_rm", "model 0: struct_size = 144, and byte 136 is set" },
	{ "no_modes", "modes = 0" },
	{ "modes", "modes = 17 has the unknown bit 16" },
	{ "needs", "needs = 32 has the unknown bit 32" },
	{ "traits", "traits = 4 has the unknown bit 4" },
	{ "min_nan", "score_min = nan" },
	{ "max_nan", "score_max = nan" },
	{ "inverted", "score_min = 2, score_max = 1" },
	{ "state", "state_size = 1099511627776" },
	{ "evaluate", "evaluate is NULL" },
	{ "resume", "resume is NULL" },
	{ "twice", "model \"test.bad\": the id stands twice, at models 0 and 1" },
};

static void test_each_bad_descriptor_is_refused_by_field_and_value(void)
{
	struct fixture f;
	char path[512];
	size_t i;

	set_up(&f);
	CU_ASSERT_EQUAL(load_built(&f, "good.so"), 0);
	for (i = 0; i < sizeof(bad_descriptors) / sizeof(bad_descriptors[0]); i++) {
		const struct bad *b = &bad_descriptors[i];

		copy(&f, "bad.so", SIZE_MAX, path, sizeof(path));
		CU_ASSERT_EQUAL(setenv("MEED_TEST_BAD", b->kind, 1), 0);
		f.err.text[0] = '\0';
		CU_ASSERT(meed_registry_load(f.r, path, &f.err) < 0);
		CU_ASSERT(says(&f, b->says));
		CU_ASSERT(strncmp(f.err.text, path, strlen(path)) == 0);
	}
	CU_ASSERT_EQUAL(unsetenv("MEED_TEST_BAD"), 0);
	CU_ASSERT_EQUAL(f.r->n_failures, i);
	CU_ASSERT_EQUAL(f.r->n_models, 1);
	tear_down(&f);
}

static void test_longer_structs_whose_new_fields_are_unset_load(void)
{
	static const char *const kinds[] = { "long_plugin", "long_rm" };
	struct fixture f;
	char path[512];
	size_t i;

	for (i = 0; i < 2; i++) {
		set_up(&f);
		copy(&f, "bad.so", SIZE_MAX, path, sizeof(path));
		CU_ASSERT_EQUAL(setenv("MEED_TEST_BAD", kinds[i], 1), 0);
		CU_ASSERT_EQUAL(meed_registry_load(f.r, path, &f.err), 0);
		CU_ASSERT_EQUAL(f.r->n_models, 1);
		CU_ASSERT_EQUAL(unsetenv("MEED_TEST_BAD"), 0);
		tear_down(&f);
	}
}

static void test_duplicate_model_names_the_file_that_had_it_first(void)
{
	struct fixture f;
	char path[512], want[600];

	set_up(&f);
	copy(&f, "good.so", SIZE_MAX, path, sizeof(path));
	CU_ASSERT_EQUAL(meed_registry_load(f.r, path, &f.err), 0);
	(void)snprintf(want, sizeof(want), "model \"test.length\": %s had this id first", path);
	CU_ASSERT(load_built(&f, "good.so") < 0);
	CU_ASSERT(says(&f, want));
	tear_down(&f);
}

/* ---- the shapes of ids, versions, licences ---- */

static void test_semantic_versions(void)
{
	static const char *const good[] = { "0.0.0",	     "1.2.3",	    "10.20.30",
					    "1.0.0-alpha.1", "1.0.0-0.3.7", "1.0.0-x-y.z+build.007",
					    "1.0.0+5114" };
	static const char *const bad[] = { "",	     "1",      "1.0",	   "01.0.0",
					   "1.0.0.", "1.0.0-", "1.0.0-01", "v1.0.0",
					   "1.0.0 ", "1.-1.0", "1.0.0+",   "1.0.0-a..b" };
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CU_ASSERT(meed_semver_ok(good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_FALSE(meed_semver_ok(bad[i]));
}

static void test_licence_expressions(void)
{
	static const char *const good[] = { "MIT",
					    "Apache-2.0",
					    "GPL-2.0+",
					    "MIT OR Apache-2.0",
					    "(MIT AND BSD-3-Clause) OR CC-BY-4.0",
					    "GPL-2.0-only WITH Classpath-exception-2.0",
					    "LicenseRef-Acme-Closed",
					    "DocumentRef-spdx:LicenseRef-A AND ((MIT))" };
	static const char *const bad[] = { "",
					   " ",
					   "MIT OR",
					   "OR MIT",
					   "MIT Apache-2.0",
					   "(MIT",
					   "MIT)",
					   "MIT, Apache",
					   "MIT WITH",
					   "AND",
					   "()",
					   "see LICENSE file" };
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CU_ASSERT(meed_spdx_ok(good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_FALSE(meed_spdx_ok(bad[i]));
}

static void test_bit_sets_in_words(void)
{
	char buf[80], tiny[8];

	CU_ASSERT_STRING_EQUAL(meed_modes_text(MEED_POINTWISE | MEED_LISTWISE, buf, sizeof(buf)),
			       "pointwise, listwise");
	CU_ASSERT_STRING_EQUAL(meed_needs_text(0, buf, sizeof(buf)), "none");
	CU_ASSERT_STRING_EQUAL(meed_needs_text(MEED_NEEDS_LLM | MEED_NEEDS_EXEC, buf, sizeof(buf)),
			       "llm, exec");
	CU_ASSERT(strlen(meed_modes_text(15, tiny, sizeof(tiny))) < sizeof(tiny));
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "good plugin is listed with its metadata",
		  test_good_plugin_is_listed_with_its_metadata },
		{ "models of all plugins are sorted by id",
		  test_models_of_all_plugins_are_sorted_by_id },
		{ "loading a file twice is no error", test_loading_a_file_twice_is_no_error },
		{ "two hosts in one program do not disturb each other",
		  test_two_hosts_in_one_program_do_not_disturb_each_other },
		{ "build id is the linker's", test_build_id_is_the_linkers },
		{ "plugin of the frozen header loads and scores",
		  test_plugin_of_the_frozen_header_loads_and_scores },
		{ "wrong major is named", test_wrong_major_is_named },
		{ "shared object that is no plugin is told so",
		  test_shared_object_that_is_no_plugin_is_told_so },
		{ "undefined symbol is refused at load", test_undefined_symbol_is_refused_at_load },
		{ "missing library is named", test_missing_library_is_named },
		{ "file that is no ELF is refused", test_file_that_is_no_elf_is_refused },
		{ "truncated file is refused wherever it is cut",
		  test_truncated_file_is_refused_wherever_it_is_cut },
		{ "absent file and folder are refused", test_absent_file_and_folder_are_refused },
		{ "what others can write is refused", test_what_others_can_write_is_refused },
		{ "bad files of a folder do not stop the good ones",
		  test_bad_files_of_a_folder_do_not_stop_the_good_ones },
		{ "each bad descriptor is refused by field and value",
		  test_each_bad_descriptor_is_refused_by_field_and_value },
		{ "longer structs whose new fields are unset load",
		  test_longer_structs_whose_new_fields_are_unset_load },
		{ "duplicate model names the file that had it first",
		  test_duplicate_model_names_the_file_that_had_it_first },
		{ "semantic versions", test_semantic_versions },
		{ "licence expressions", test_licence_expressions },
		{ "bit sets in words", test_bit_sets_in_words },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = {
		{ "plugin", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
