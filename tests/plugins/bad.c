/* bad.c - a plugin whose descriptor is wrong in the way that $MEED_TEST_BAD names; right if it
 * is unset. A loaded file stays loaded, so a test makes a copy for each kind. The descriptor
 * is written before the host can see it: by a constructor, into a variable that is const to
 * everybody else. */
#include <math.h>
#include <stdlib.h>

#include <meed/helpers.h>
#include <meed/plugin.h>

static int32_t evaluate(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s,
			void *state)
{
	(void)self;
	(void)s;
	(void)state;
	return h->put_score(c, 0, MEED_NONE, NULL, 0, MEED_S(""));
}

static int32_t bad_init(const meed_host *h, meed_ctx *c)
{
	return h->fail(c, MEED_E_UNSUPPORTED, "no licence key found");
}

static int32_t silent_init(const meed_host *h, meed_ctx *c)
{
	(void)h;
	(void)c;
	return MEED_E_INTERNAL;
}

/* Longer than a meed_rm of ABI 1.0, as a newer minor's would be. */
struct newer_rm {
	meed_rm rm;
	uint64_t field;
};

static struct newer_rm first = { {
					 .struct_size = sizeof(meed_rm),
					 .modes = MEED_POINTWISE,
					 .id = "test.bad",
					 .version = "1.0.0",
					 .summary = "Right unless told otherwise.",
					 .license = "Apache-2.0",
					 .source = "tests/plugins/bad.c",
					 .params_schema = "{}",
					 .score_min = 0,
					 .score_max = 1,
					 .evaluate = evaluate,
				 },
				 0 };

static meed_rm second;
static const meed_rm *models[3] = { &first.rm, NULL, NULL };
static const meed_rm *no_models[1];

struct newer_plugin {
	meed_plugin p;
	uint64_t field;
};

struct newer_plugin exported __asm__("meed_plugin_v1");
MEED_EXPORT struct newer_plugin exported = { {
						     .struct_size = sizeof(meed_plugin),
						     .abi_minor = MEED_ABI_MINOR,
						     .id = "org.meed.test.bad",
						     .version = "1.0.0",
						     .vendor = "Meed",
						     .license = "Apache-2.0",
						     .models = models,
					     },
					     0 };

static void break_plugin(const char *kind)
{
	meed_plugin *p = &exported.p;

	if (strcmp(kind, "newer_minor") == 0)
		p->abi_minor = 7;
	else if (strcmp(kind, "short_plugin") == 0)
		p->struct_size = offsetof(meed_plugin, models);
	else if (strcmp(kind, "absurd_plugin") == 0)
		p->struct_size = 1000000;
	else if (strcmp(kind, "long_plugin") == 0)
		p->struct_size = sizeof(struct newer_plugin);
	else if (strcmp(kind, "long_used_plugin") == 0) {
		p->struct_size = sizeof(struct newer_plugin);
		exported.field = 1;
	} else if (strcmp(kind, "plugin_id") == 0)
		p->id = "Org Meed";
	else if (strcmp(kind, "plugin_id_null") == 0)
		p->id = NULL;
	else if (strcmp(kind, "plugin_version") == 0)
		p->version = "1.0";
	else if (strcmp(kind, "plugin_license") == 0)
		p->license = "Apache License 2.0";
	else if (strcmp(kind, "vendor") == 0)
		p->vendor = "";
	else if (strcmp(kind, "models_null") == 0)
		p->models = NULL;
	else if (strcmp(kind, "models_empty") == 0)
		p->models = no_models;
	else if (strcmp(kind, "init") == 0)
		p->init = bad_init;
	else if (strcmp(kind, "silent_init") == 0)
		p->init = silent_init;
}

static void break_texts(const char *kind)
{
	meed_rm *m = &first.rm;

	if (strcmp(kind, "id") == 0)
		m->id = "test bad";
	else if (strcmp(kind, "id_null") == 0)
		m->id = NULL;
	else if (strcmp(kind, "id_taken") == 0)
		m->id = "test.length";
	else if (strcmp(kind, "version") == 0)
		m->version = "01.0.0";
	else if (strcmp(kind, "version_null") == 0)
		m->version = NULL;
	else if (strcmp(kind, "summary") == 0)
		m->summary = "";
	else if (strcmp(kind, "summary_lines") == 0)
		m->summary = "two\nlines";
	else if (strcmp(kind, "summary_utf8") == 0)
		m->summary = "caf\xe9";
	else if (strcmp(kind, "license") == 0)
		m->license = "MIT and friends";
	else if (strcmp(kind, "license_null") == 0)
		m->license = NULL;
	else if (strcmp(kind, "schema_null") == 0)
		m->params_schema = NULL;
	else if (strcmp(kind, "schema_text") == 0)
		m->params_schema = "{\"type\":";
	else if (strcmp(kind, "schema_kind") == 0)
		m->params_schema = "[]";
	else if (strcmp(kind, "schema_keyword") == 0)
		m->params_schema = "{\"properties\":{\"n\":{\"type\":\"integer\",\"minimun\":1}}}";
	else if (strcmp(kind, "schema_default") == 0)
		m->params_schema = "{\"properties\":{\"n\":{\"type\":\"integer\",\"minimum\":1,"
				   "\"default\":0}}}";
}

static void break_numbers(const char *kind)
{
	meed_rm *m = &first.rm;

	if (strcmp(kind, "short_rm") == 0)
		m->struct_size = offsetof(meed_rm, extension);
	else if (strcmp(kind, "absurd_rm") == 0)
		m->struct_size = 0xffffffffu;
	else if (strcmp(kind, "long_rm") == 0)
		m->struct_size = sizeof(struct newer_rm);
	else if (strcmp(kind, "long_used_rm") == 0) {
		m->struct_size = sizeof(struct newer_rm);
		first.field = 1;
	} else if (strcmp(kind, "no_modes") == 0)
		m->modes = 0;
	else if (strcmp(kind, "modes") == 0)
		m->modes = 16 | MEED_POINTWISE;
	else if (strcmp(kind, "needs") == 0)
		m->needs = 32;
	else if (strcmp(kind, "traits") == 0)
		m->traits = 4;
	else if (strcmp(kind, "min_nan") == 0)
		m->score_min = (double)NAN;
	else if (strcmp(kind, "max_nan") == 0)
		m->score_max = (double)NAN;
	else if (strcmp(kind, "inverted") == 0)
		m->score_min = 2;
	else if (strcmp(kind, "state") == 0)
		m->state_size = (size_t)1 << 40;
	else if (strcmp(kind, "evaluate") == 0)
		m->evaluate = NULL;
	else if (strcmp(kind, "resume") == 0)
		m->needs = MEED_NEEDS_LLM;
	else if (strcmp(kind, "twice") == 0)
		models[1] = &second;
}

__attribute__((constructor)) static void break_it(void)
{
	const char *kind = getenv("MEED_TEST_BAD");

	second = first.rm;
	if (!kind)
		return;
	break_plugin(kind);
	break_texts(kind);
	break_numbers(kind);
}
