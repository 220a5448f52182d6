/* schema.c - how rows are read: --format, --map and --group-by. */
#include "config.h"
#include "host/sample/rows.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const shape_names[] = {
	[MEED_SHAPE_AUTO] = "auto",
	[MEED_SHAPE_CANONICAL] = "canonical",
	[MEED_SHAPE_PREFERENCE] = "preference",
	[MEED_SHAPE_RESPONSES] = "responses",
	[MEED_SHAPE_MESSAGES] = "messages",
	[MEED_SHAPE_VERL] = "verl",
	[MEED_SHAPE_REWARDBENCH] = "rewardbench",
	[MEED_SHAPE_REWARDBENCH2] = "rewardbench2",
	[MEED_SHAPE_RMBENCH] = "rmbench",
	[MEED_SHAPE_RMB_PAIRWISE] = "rmb_pairwise",
	[MEED_SHAPE_RMB_BON] = "rmb_bon",
	[MEED_SHAPE_JUDGEBENCH] = "judgebench",
	[MEED_SHAPE_LLMBAR] = "llmbar",
	[MEED_SHAPE_PANDALM] = "pandalm",
	[MEED_SHAPE_PRMBENCH] = "prmbench",
	[MEED_SHAPE_BON_MATH] = "bon_math",
	[MEED_SHAPE_HELPSTEER2] = "helpsteer2",
	[MEED_SHAPE_HELPSTEER2_PAIRWISE] = "helpsteer2_pairwise",
	[MEED_SHAPE_HELPSTEER2_PREFERENCE] = "helpsteer2_preference",
	[MEED_SHAPE_HELPSTEER3] = "helpsteer3",
	[MEED_SHAPE_TRL] = "trl",
	[MEED_SHAPE_MAPPED] = "mapped"
};
#define N_FORMATS ((size_t)MEED_SHAPE_MAPPED)	/* mapped is no --format */

static const char *const map_keys[MEED_MAP_N] = {
	[MEED_MAP_RESPONSE] = "response",
	[MEED_MAP_REFERENCE] = "reference",
	[MEED_MAP_PROMPT] = "prompt",
	[MEED_MAP_ID] = "id",
	[MEED_MAP_TASK_CATEGORY] = "task_category",
	[MEED_MAP_SOURCE] = "source",
	[MEED_MAP_MESSAGES] = "messages",
	[MEED_MAP_METADATA] = "metadata",
	[MEED_MAP_STEPS] = "steps"
};
#define MAP_KEYS "response, reference, prompt, id, task_category, source, messages, metadata, steps"

const char *meed_shape_name(enum meed_shape shape)
{
	return shape_names[shape];
}

const char *meed_map_key_name(enum meed_map_key k)
{
	return map_keys[k];
}

static int32_t read_format(const char *format, struct meed_err *err, enum meed_shape *ret)
{
	const char *near;
	char all[512] = "";
	size_t at = 0;

	*ret = MEED_SHAPE_AUTO;
	if (!format)
		return MEED_OK;
	if (strcmp(format, "alpaca") == 0)
		format = shape_names[MEED_SHAPE_RESPONSES];
	for (size_t i = 0; i < N_FORMATS; i++) {
		if (strcmp(format, shape_names[i]) == 0) {
			*ret = (enum meed_shape)i;
			return MEED_OK;
		}
	}
	for (size_t i = 0; i < N_FORMATS && at < sizeof(all); i++)
		at += (size_t)snprintf(all + at, sizeof(all) - at, "%s%s", i ? ", " : "",
				       shape_names[i]);
	near = meed_nearest(format, shape_names, N_FORMATS);
	return meed_err_set(err, MEED_E_PARAM, "format \"%s\" is not known%s%s%s; it is one of %s",
			    format, near ? " (did you mean \"" : "", near ? near : "",
			    near ? "\"?)" : "", all);
}

static size_t count(const struct meed_schema *s, enum meed_map_key key)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_map; i++)
		n += s->map[i].key == key;
	return n;
}

/* Text up to a comma that no backslash precedes, without the backslashes; *pp goes past it. */
static char *cut_entry(const char **pp)
{
	const char *p = *pp;
	char *entry = malloc(strlen(p) + 1), *to = entry;

	if (!entry)
		return NULL;
	while (*p == ' ')
		p++;
	for (; *p && *p != ','; p++) {
		if (*p == '\\' && (p[1] == ',' || p[1] == '\\'))
			p++;
		*to++ = *p;
	}
	*to = '\0';
	*pp = *p ? p + 1 : p;
	return entry;
}

static int32_t map_key(const char *name, struct meed_err *err, enum meed_map_key *ret)
{
	const char *near;

	for (size_t i = 0; i < MEED_MAP_N; i++) {
		if (strcmp(name, map_keys[i]) == 0) {
			*ret = (enum meed_map_key)i;
			return MEED_OK;
		}
	}
	near = meed_nearest(name, map_keys, MEED_MAP_N);
	return meed_err_set(err, MEED_E_PARAM, "map: key \"%s\" is not known%s%s%s; the keys are "
			    MAP_KEYS, name, near ? " (did you mean \"" : "", near ? near : "",
			    near ? "\"?)" : "");
}

static int32_t add_entry(struct meed_schema *s, char *entry, struct meed_err *err)
{
	struct meed_map_entry *e = &s->map[s->n_map];
	char *eq = strchr(entry, '=');
	struct meed_err why = { 0 };
	int32_t r;

	if (!eq)
		return meed_err_set(err, MEED_E_PARAM,
				    "map: \"%s\" has no \"=\"; write KEY=/path, as in "
				    "response=/answer (a comma within a path is written \\,)",
				    entry);
	*eq = '\0';
	r = map_key(entry, err, &e->key);
	if (r < 0)
		return r;
	if (!eq[1])
		return meed_err_set(err, MEED_E_PARAM, "map: %s= names no path; write %s=/path",
				    entry, entry);
	r = meed_pointer_init(&e->ptr, eq + 1, &why);
	if (r < 0)
		return meed_err_set(err, r, "map: %s=%s: %s", entry, eq + 1, why.text);
	s->n_map++;
	if (e->key != MEED_MAP_RESPONSE && e->key != MEED_MAP_REFERENCE &&
	    e->key != MEED_MAP_STEPS && count(s, e->key) > 1)
		return meed_err_set(err, MEED_E_PARAM,
				    "map: %s is given twice; only response, reference and steps "
				    "may repeat", entry);
	return MEED_OK;
}

static int32_t check_map(const struct meed_schema *s, struct meed_err *err)
{
	size_t n_responses = count(s, MEED_MAP_RESPONSE);

	if (!n_responses && !count(s, MEED_MAP_MESSAGES))
		return meed_err_set(err, MEED_E_PARAM,
				    "map: names neither response=/path nor messages=/path: "
				    "there is nothing to score");
	if (count(s, MEED_MAP_MESSAGES) && count(s, MEED_MAP_PROMPT))
		return meed_err_set(err, MEED_E_PARAM,
				    "map: prompt and messages exclude each other: both are the "
				    "input");
	if (count(s, MEED_MAP_STEPS) > (n_responses ? n_responses : 1))
		return meed_err_set(err, MEED_E_PARAM,
				    "map: %zu steps for %zu response: the k-th steps belong to the "
				    "k-th response", count(s, MEED_MAP_STEPS), n_responses);
	return MEED_OK;
}

static int32_t read_map(struct meed_schema *s, const char *map, struct meed_err *err)
{
	const char *p = map;
	size_t n = 1;
	int32_t r = MEED_OK;

	for (; *p; p++)
		n += *p == ',';
	s->map = calloc(n, sizeof(*s->map));
	if (!s->map)
		return meed_err_nomem(err);
	s->shape = MEED_SHAPE_MAPPED;
	for (p = map; r >= 0 && *p;) {
		char *entry = cut_entry(&p);

		r = entry ? add_entry(s, entry, err) : meed_err_nomem(err);
		free(entry);
	}
	return r < 0 ? r : check_map(s, err);
}

int32_t meed_schema_new(const char *format, const char *map, const char *group_by,
			struct meed_err *err, struct meed_schema **ret)
{
	struct meed_schema *s = calloc(1, sizeof(*s));
	struct meed_err why = { 0 };
	int32_t r;

	if (!s)
		return meed_err_nomem(err);
	r = read_format(format, err, &s->shape);
	if (r < 0)
		goto out;
	if (map && s->shape != MEED_SHAPE_AUTO) {
		r = meed_err_set(err, MEED_E_PARAM,
				 "format \"%s\" and a map exclude each other: the map says how "
				 "rows are read", format);
		goto out;
	}
	if (map)
		r = read_map(s, map, err);
	if (r < 0)
		goto out;
	if (s->shape == MEED_SHAPE_HELPSTEER2_PAIRWISE && !group_by)
		group_by = "/prompt";
	if (group_by) {
		r = meed_pointer_init(&s->group, group_by, &why);
		if (r >= 0 && !s->group.n_parts)
			r = meed_err_set(&why, MEED_E_PARAM, "it names no path");
		if (r < 0) {
			r = meed_err_set(err, r, "group-by: %s", why.text);
			goto out;
		}
		s->groups = true;
	}
	*ret = s;
	s = NULL;
out:
	meed_schema_free(s);
	return r;
}

void meed_schema_free(struct meed_schema *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_map; i++)
		meed_pointer_release(&s->map[i].ptr);
	free(s->map);
	meed_pointer_release(&s->group);
	free(s);
}

bool meed_schema_groups(const struct meed_schema *s)
{
	return s->groups;
}

int32_t meed_container_named(const char *name, struct meed_err *err, enum meed_container *ret)
{
	static const char *const names[] = {
		[MEED_CONTAINER_AUTO] = "auto",	  [MEED_CONTAINER_JSONL] = "jsonl",
		[MEED_CONTAINER_JSON] = "json",	  [MEED_CONTAINER_CSV] = "csv",
		[MEED_CONTAINER_TSV] = "tsv",	  [MEED_CONTAINER_PARQUET] = "parquet"
	};
	const size_t n = sizeof(names) / sizeof(names[0]);
	const char *near;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret = (enum meed_container)i;
			return MEED_OK;
		}
	}
	near = meed_nearest(name, names, n);
	return meed_err_set(err, MEED_E_PARAM,
			    "container \"%s\" is not known%s%s%s; it is one of auto, jsonl, json, "
			    "csv, tsv, parquet", name, near ? " (did you mean \"" : "", near ? near : "",
			    near ? "\"?)" : "");
}
