/* params.c - an instance's parameters against its model's schema. */
#include "config.h"

#include "host/plugin/internal.h"

#include <json-c/json.h>

struct json_object *meed_params_resolve(const struct meed_model *m, struct json_object *params,
					meed_where_fn where, void *where_ctx,
					struct meed_diags *diags)
{
	struct meed_param_check ck = {
		.noun = "parameter",
		.model_id = m->rm.id,
		.where = where,
		.where_ctx = where_ctx,
		.diags = diags,
	};
	struct json_object *empty = NULL, *ret = NULL;

	if (!params) {
		empty = json_object_new_object();
		params = empty;
	}
	if (!params || !json_object_is_type(params, json_type_object)) {
		meed_diags_add(diags, false, "%s: %s", m->rm.id,
			       params ? "parameters must be a group of settings" : "out of memory");
		goto out;
	}
	if (!meed_param_value(&ck, NULL, m->schema, params, &ret)) {
		ret = NULL;
		if (ck.n_problems == 0)
			meed_diags_add(diags, false, "%s: out of memory", m->rm.id);
	}
out:
	json_object_put(empty);
	return ret;
}
