/* gate.c - the ABI gate: nothing of a plugin's descriptor is believed before it is checked here. */
#include "config.h"

#include "host/plugin/internal.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>

static const uint32_t all_modes = MEED_POINTWISE | MEED_PAIRWISE | MEED_LISTWISE | MEED_STEPWISE;
static const uint32_t all_needs = MEED_NEEDS_REFERENCE | MEED_NEEDS_LLM | MEED_NEEDS_EMBED |
				  MEED_NEEDS_HTTP | MEED_NEEDS_EXEC;
static const uint32_t all_posts =
	MEED_NEEDS_LLM | MEED_NEEDS_EMBED | MEED_NEEDS_HTTP | MEED_NEEDS_EXEC;
static const uint32_t all_traits = MEED_DETERMINISTIC | MEED_SERIAL;

int32_t meed_gate_clamp(const char *what, const void *theirs, size_t min, size_t ours, void *ret,
			struct meed_err *err)
{
	const unsigned char *p = theirs;
	uint32_t size;
	size_t i;

	memset(ret, 0, ours);
	memcpy(&size, theirs, sizeof(size));
	if (size < min || size > MEED_STRUCT_MAX)
		return meed_err_set(err, MEED_E_PARAM,
				    "%s: struct_size = %u: must be %zu (ABI 1.0) to %d; set it to "
				    "sizeof",
				    what, size, min, MEED_STRUCT_MAX);
	for (i = ours; i < size; i++)
		if (p[i] != 0)
			return meed_err_set(err, MEED_E_PARAM,
					    "%s: struct_size = %u, and byte %zu is set: it uses a "
					    "field that ABI 1.%d does not have",
					    what, size, i, MEED_ABI_MINOR);
	memcpy(ret, theirs, size < ours ? size : ours);
	return 0;
}

/* "model 3" until the id is known to be printable, then `model "general.rouge"`. */
struct gate {
	const char *who;
	struct meed_err *err;
};

/* One line of UTF-8 without control characters. */
static int32_t check_line(const struct gate *g, const char *field, const char *s, bool required)
{
	size_t i, n;

	if (!s || *s == '\0') {
		if (!required)
			return 0;
		return meed_err_set(g->err, MEED_E_PARAM, "%s: %s is %s: must be one line of text",
				    g->who, field, s ? "empty" : "NULL");
	}
	n = strnlen(s, MEED_LINE_MAX + 1);
	if (n > MEED_LINE_MAX)
		return meed_err_set(g->err, MEED_E_PARAM, "%s: %s has more than %d bytes", g->who,
				    field, MEED_LINE_MAX);
	for (i = 0; i < n; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 127)
			return meed_err_set(g->err, MEED_E_PARAM,
					    "%s: %s has a control character (%d) at byte %zu: "
					    "must be one line of text",
					    g->who, field, s[i], i);
	if (meed_utf8_check(s, n) != n)
		return meed_err_set(g->err, MEED_E_PARAM, "%s: %s is not UTF-8", g->who, field);
	return 0;
}

static int32_t check_id(const struct gate *g, const char *s)
{
	int32_t r = check_line(g, "id", s, true);

	if (r == 0 && !meed_ident_ok(s))
		r = meed_err_set(g->err, MEED_E_PARAM,
				 "%s: id = \"%s\": must be up to %d of a-z, 0-9, '.', '_', '-'",
				 g->who, s, MEED_ID_MAX);
	return r;
}

static int32_t check_version(const struct gate *g, const char *s)
{
	int32_t r = check_line(g, "version", s, true);

	if (r == 0 && !meed_semver_ok(s))
		r = meed_err_set(g->err, MEED_E_PARAM,
				 "%s: version = \"%s\": must be a semantic version such as "
				 "\"1.0.0\"",
				 g->who, s);
	return r;
}

static int32_t check_license(const struct gate *g, const char *s)
{
	int32_t r = check_line(g, "license", s, true);

	if (r == 0 && !meed_spdx_ok(s))
		r = meed_err_set(g->err, MEED_E_PARAM,
				 "%s: license = \"%s\": must be an SPDX expression such as "
				 "\"Apache-2.0\" or \"LicenseRef-Acme\"",
				 g->who, s);
	return r;
}

static int32_t check_bits(const struct gate *g, const char *field, uint32_t value, uint32_t known)
{
	uint32_t odd = value & ~known;

	if (odd == 0)
		return 0;
	return meed_err_set(g->err, MEED_E_PARAM,
			    "%s: %s = %u has the unknown bit %u: this host speaks ABI %d.%d",
			    g->who, field, value, odd & (~odd + 1), MEED_ABI_MAJOR, MEED_ABI_MINOR);
}

int32_t meed_gate_plugin(const meed_plugin *theirs, size_t sym_size, meed_plugin *ret,
			 struct meed_err *err)
{
	const struct gate g = { "meed_plugin_v1", err };
	uint32_t head[2];
	int32_t r;

	if (sym_size > 0 && sym_size < sizeof(head))
		return meed_err_set(err, MEED_E_PARAM,
				    "meed_plugin_v1 has %zu bytes: must be a meed_plugin",
				    sym_size);
	memcpy(head, theirs, sizeof(head));
	if (head[1] > MEED_ABI_MINOR)
		return meed_err_set(err, MEED_E_UNSUPPORTED,
				    "needs Meed ABI %d.%u, this host speaks %d.%d", MEED_ABI_MAJOR,
				    head[1], MEED_ABI_MAJOR, MEED_ABI_MINOR);
	if (sym_size > 0 && head[0] > sym_size)
		return meed_err_set(
			err, MEED_E_PARAM,
			"meed_plugin_v1: struct_size = %u, but the object has %zu bytes", head[0],
			sym_size);
	r = meed_gate_clamp("meed_plugin_v1", theirs, MEED_PLUGIN_MIN, sizeof(*ret), ret, err);
	if (r == 0)
		r = check_id(&g, ret->id);
	if (r == 0)
		r = check_version(&g, ret->version);
	if (r == 0)
		r = check_line(&g, "vendor", ret->vendor, true);
	if (r == 0)
		r = check_license(&g, ret->license);
	if (r == 0 && (!ret->models || !ret->models[0]))
		r = meed_err_set(err, MEED_E_PARAM,
				 "meed_plugin_v1: models is %s: must list at "
				 "least one model",
				 ret->models ? "empty" : "NULL");
	return r;
}

static int32_t check_flags(const struct gate *g, const meed_rm *rm)
{
	int32_t r = check_bits(g, "modes", rm->modes, all_modes);

	if (r == 0 && rm->modes == 0)
		r = meed_err_set(g->err, MEED_E_PARAM,
				 "%s: modes = 0: must have one of "
				 "MEED_POINTWISE, PAIRWISE, LISTWISE, STEPWISE",
				 g->who);
	if (r == 0)
		r = check_bits(g, "needs", rm->needs, all_needs);
	if (r == 0)
		r = check_bits(g, "traits", rm->traits, all_traits);
	return r;
}

static int32_t check_range(const struct gate *g, const meed_rm *rm)
{
	char lo[40], hi[40];

	if (rm->score_min <= rm->score_max && rm->score_min < (double)INFINITY &&
	    rm->score_max > -(double)INFINITY)
		return 0;
	return meed_err_set(g->err, MEED_E_PARAM,
			    "%s: score_min = %s, score_max = %s: must be numbers with score_min <= "
			    "score_max",
			    g->who, meed_num_text(rm->score_min, lo),
			    meed_num_text(rm->score_max, hi));
}

static int32_t check_functions(const struct gate *g, const meed_rm *rm)
{
	if (!rm->evaluate)
		return meed_err_set(g->err, MEED_E_PARAM, "%s: evaluate is NULL", g->who);
	if (!rm->resume && (rm->needs & all_posts))
		return meed_err_set(g->err, MEED_E_PARAM,
				    "%s: needs = %u lets it post requests, but resume is NULL: who "
				    "would read the replies?",
				    g->who, rm->needs);
	if (rm->state_size > MEED_STATE_MAX)
		return meed_err_set(g->err, MEED_E_PARAM,
				    "%s: state_size = %zu: must be at most %d", g->who,
				    rm->state_size, MEED_STATE_MAX);
	return 0;
}

static int32_t check_schema(const struct gate *g, const meed_rm *rm, struct json_object **ret)
{
	struct json_object *o = NULL, *props;
	struct meed_err why = { 0 };
	int32_t r;
	size_t n;

	if (!rm->params_schema)
		return meed_err_set(g->err, MEED_E_PARAM,
				    "%s: params_schema is NULL: must be JSON, \"{}\" if there are "
				    "no parameters",
				    g->who);
	n = strnlen(rm->params_schema, MEED_SCHEMA_MAX + 1);
	if (n > MEED_SCHEMA_MAX)
		return meed_err_set(g->err, MEED_E_PARAM,
				    "%s: params_schema has more than %d bytes", g->who,
				    MEED_SCHEMA_MAX);
	r = meed_json_read(NULL, rm->params_schema, n, &why, &o);
	if (r < 0) {
		r = meed_err_set(g->err, r == MEED_E_NOMEM ? r : MEED_E_PARAM,
				 "%s: params_schema is not JSON: %s", g->who, why.text);
		goto out;
	}
	r = meed_schema_check(o, &why);
	if (r < 0) {
		r = meed_err_set(g->err, r, "%s: params_schema: %s", g->who, why.text);
		goto out;
	}
	if (!rm->create && json_object_object_get_ex(o, "properties", &props) &&
	    json_object_object_length(props) > 0) {
		r = meed_err_set(g->err, MEED_E_PARAM,
				 "%s: create is NULL, but params_schema has parameters", g->who);
		goto out;
	}
	*ret = o;
	o = NULL;
out:
	json_object_put(o);
	return r;
}

int32_t meed_gate_model(const meed_rm *theirs, size_t index, meed_rm *ret,
			struct json_object **ret_schema, struct meed_err *err)
{
	char who[MEED_ID_MAX + 16];
	struct gate g = { who, err };
	int32_t r;

	(void)snprintf(who, sizeof(who), "model %zu", index);
	r = meed_gate_clamp(who, theirs, MEED_RM_MIN, sizeof(*ret), ret, err);
	if (r == 0)
		r = check_id(&g, ret->id);
	if (r < 0)
		return r;
	(void)snprintf(who, sizeof(who), "model \"%s\"", ret->id);
	r = check_version(&g, ret->version);
	if (r == 0)
		r = check_line(&g, "summary", ret->summary, true);
	if (r == 0)
		r = check_license(&g, ret->license);
	if (r == 0)
		r = check_line(&g, "source", ret->source, false);
	if (r == 0)
		r = check_flags(&g, ret);
	if (r == 0)
		r = check_range(&g, ret);
	if (r == 0)
		r = check_functions(&g, ret);
	if (r == 0)
		r = check_schema(&g, ret, ret_schema);
	if (r == 0 && !ret->source)
		ret->source = "";
	return r;
}
