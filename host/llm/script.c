/* script.c - scripted answers: a JSON array of rules, for tests and dry runs. */
#include "config.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/llm/script.h"

enum { SCRIPT_BYTES_MAX = 64 * 1024 * 1024 };

static const char *const rule_keys[] = { "match", "times", "delay_ms", "text", "texts", "json",
					 "http_status", "status", "error", "choices", "vectors" };

static int32_t read_file(const char *path, struct meed_err *err, struct meed_buf *ret)
{
	FILE *f = fopen(path, "rbe");
	char chunk[16384];
	size_t n;

	if (!f)
		return meed_err_set(err, MEED_E_NOINPUT, "%s: cannot open it: %s", path,
				    strerror(errno));
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0 && ret->n < SCRIPT_BYTES_MAX)
		meed_buf_put(ret, chunk, n);
	n = (size_t)ferror(f);
	(void)fclose(f);
	if (n)
		return meed_err_set(err, MEED_E_NOINPUT, "%s: cannot read it", path);
	if (ret->failed)
		return meed_err_nomem(err);
	return MEED_OK;
}

static const meed_val *node(struct json_object *o)
{
	return (const meed_val *)(const void *)o;
}

static bool status_of(meed_str name, int32_t *ret)
{
	static const int32_t codes[] = { MEED_OK, MEED_E_PARSE, MEED_E_UPSTREAM, MEED_E_TIMEOUT,
					 MEED_E_CANCELLED, MEED_E_LIMIT, MEED_E_NOMEM,
					 MEED_E_UNSUPPORTED, MEED_E_INTERNAL };

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		if (meed_str_eq(name, meed_str_of(meed_err_name(codes[i])))) {
			*ret = codes[i];
			return true;
		}
	}
	return false;
}

static const char *take_texts(struct script_rule *r, struct json_object *v)
{
	size_t n = json_object_array_length(v);

	r->text_v = calloc(n ? n : 1, sizeof(*r->text_v));
	if (!r->text_v)
		return "out of memory";
	for (size_t i = 0; i < n; i++)
		if (!meed_json_str(json_object_array_get_idx(v, i), &r->text_v[i]))
			return "\"texts\" must be strings";
	r->answer.texts = r->text_v;
	r->answer.n_texts = n;
	return NULL;
}

static const char *take_choices(struct script_rule *r, struct json_object *v)
{
	size_t n = json_object_array_length(v);

	r->choice_v = calloc(n ? n : 1, sizeof(*r->choice_v));
	if (!r->choice_v)
		return "out of memory";
	for (size_t i = 0; i < n; i++)
		r->choice_v[i] = node(json_object_array_get_idx(v, i));
	r->answer.choices = r->choice_v;
	return NULL;
}

static const char *take_vectors(struct script_rule *r, struct json_object *v)
{
	size_t n = json_object_array_length(v), dim = 0;
	struct json_object *row = n ? json_object_array_get_idx(v, 0) : NULL;

	if (row && json_object_is_type(row, json_type_array))
		dim = json_object_array_length(row);
	r->vec_v = calloc(n * dim + 1, sizeof(*r->vec_v));
	if (!r->vec_v)
		return "out of memory";
	for (size_t i = 0; i < n; i++) {
		row = json_object_array_get_idx(v, i);
		if (!json_object_is_type(row, json_type_array) ||
		    json_object_array_length(row) != dim)
			return "\"vectors\" must be arrays of one length";
		for (size_t k = 0; k < dim; k++)
			r->vec_v[i * dim + k] =
				(float)json_object_get_double(json_object_array_get_idx(row, k));
	}
	r->answer.vecs = r->vec_v;
	r->answer.n_vecs = n;
	r->answer.dim = dim;
	return NULL;
}

static const char *take_key(struct script_rule *r, const char *key, struct json_object *v)
{
	struct script_answer *a = &r->answer;
	meed_str s = { "", 0 };
	bool is_str = meed_json_str(v, &s), is_arr = json_object_is_type(v, json_type_array);
	bool is_int = json_object_is_type(v, json_type_int) && json_object_get_int64(v) >= 0;
	size_t i = 0;

	while (i < sizeof(rule_keys) / sizeof(*rule_keys) && strcmp(rule_keys[i], key) != 0)
		i++;
	switch (i) {
	case 0:
		r->match = s;
		return is_str ? NULL : "\"match\" must be a string";
	case 1:
		r->left = json_object_get_uint64(v);
		return is_int ? NULL : "\"times\" must be a whole number, 0 or more";
	case 2:
		a->delay_ms = (uint32_t)json_object_get_int64(v);
		return is_int && json_object_get_int64(v) <= 86400000
			       ? NULL
			       : "\"delay_ms\" must be a whole number of milliseconds, at most a day";
	case 3:
		r->text_v = is_str ? calloc(1, sizeof(*r->text_v)) : NULL;
		if (!r->text_v)
			return "\"text\" must be a string";
		r->text_v[0] = s;
		a->texts = r->text_v;
		a->n_texts = 1;
		return NULL;
	case 4:
		return is_arr && !r->text_v ? take_texts(r, v) : "\"texts\" must be an array, "
								  "without \"text\" beside it";
	case 5:
		a->json = node(v);
		return NULL;
	case 6:
		a->http_status = (uint32_t)json_object_get_int64(v);
		return is_int && json_object_get_int64(v) < 1000
			       ? NULL
			       : "\"http_status\" must be a number such as 429";
	case 7:
		return is_str && status_of(s, &a->status)
			       ? NULL
			       : "\"status\" must be ok, parse, upstream, timeout, cancelled, limit, "
				 "nomem, unsupported or internal";
	case 8:
		a->error = s;
		return is_str ? NULL : "\"error\" must be a string";
	case 9:
		return is_arr ? take_choices(r, v) : "\"choices\" must be an array";
	case 10:
		return is_arr ? take_vectors(r, v) : "\"vectors\" must be an array";
	default:
		return "unknown key; the keys are match, times, delay_ms, text, texts, json, "
		       "http_status, status, error, choices, vectors";
	}
}

static int32_t rule_load(struct script_rule *r, struct json_object *o, const char *path, size_t at,
			 struct meed_err *err)
{
	const char *why;

	if (!json_object_is_type(o, json_type_object))
		return meed_err_set(err, MEED_E_PARAM, "%s: rule %zu is not an object", path, at);
	r->left = UINT64_MAX;
	r->match = r->answer.error = MEED_STR("");
	r->answer.http_status = 200;
	json_object_object_foreach(o, key, v) {
		why = take_key(r, key, v);
		if (why)
			return meed_err_set(err, MEED_E_PARAM, "%s: rule %zu: \"%s\": %s", path, at,
					    key, why);
	}
	if (r->answer.choices && json_object_array_length(json_object_object_get(o, "choices")) !=
					 r->answer.n_texts)
		return meed_err_set(err, MEED_E_PARAM,
				    "%s: rule %zu: \"choices\" must be as many as \"texts\"", path,
				    at);
	if (r->answer.status != MEED_OK && !r->answer.error.n)
		r->answer.error = MEED_STR("the script says so");
	return MEED_OK;
}

int32_t script_load(const char *path, struct meed_err *err, struct script **ret)
{
	struct script *s = calloc(1, sizeof(*s));
	struct meed_buf text = { 0 };
	struct meed_err why = { 0 };
	int32_t st;

	if (!s) {
		st = meed_err_nomem(err);
		goto out;
	}
	st = read_file(path, err, &text);
	if (st < 0)
		goto out;
	st = meed_json_read(NULL, text.p ? text.p : "", text.n, &why, &s->root);
	if (st < 0) {
		st = meed_err_set(err, st == MEED_E_NOMEM ? st : MEED_E_PARAM, "%s: %s", path,
				  why.text);
		goto out;
	}
	if (!json_object_is_type(s->root, json_type_array)) {
		st = meed_err_set(err, MEED_E_PARAM, "%s: a script is a JSON array of rules", path);
		goto out;
	}
	s->n_rules = json_object_array_length(s->root);
	s->rules = calloc(s->n_rules ? s->n_rules : 1, sizeof(*s->rules));
	if (!s->rules) {
		s->n_rules = 0;
		st = meed_err_nomem(err);
		goto out;
	}
	for (size_t i = 0; i < s->n_rules && st == MEED_OK; i++)
		st = rule_load(&s->rules[i], json_object_array_get_idx(s->root, i), path, i, err);
	if (st < 0)
		goto out;
	*ret = s;
	s = NULL;
out:
	meed_buf_release(&text);
	script_free(s);
	return st;
}

int32_t meed_llm_check_script(const char *path, struct meed_err *err)
{
	struct script *s = NULL;
	int32_t r = script_load(path, err, &s);

	script_free(s);
	return r < 0 ? r : MEED_OK;
}

void script_free(struct script *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_rules; i++) {
		free(s->rules[i].text_v);
		free(s->rules[i].choice_v);
		free(s->rules[i].vec_v);
	}
	free(s->rules);
	(void)json_object_put(s->root);
	free(s);
}

const struct script_answer *script_answer(struct script *s, meed_str text)
{
	for (size_t i = 0; i < s->n_rules; i++) {
		struct script_rule *r = &s->rules[i];

		if (!r->left)
			continue;
		if (r->match.n && !memmem(text.p, text.n, r->match.p, r->match.n))
			continue;
		if (r->left != UINT64_MAX)
			r->left--;
		return &r->answer;
	}
	return NULL;
}
