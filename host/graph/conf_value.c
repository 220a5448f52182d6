/* conf_value.c - typed values out of libconfig settings, with their errors */
#include "config.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/graph/conf.h"

struct conf_place conf_at(const struct conf_reader *r, const config_setting_t *s)
{
	return conf_text_place(r->text, config_setting_source_line(s));
}

static const char *type_word(int type)
{
	switch (type) {
	case CONFIG_TYPE_GROUP:
		return "a group { }";
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return "a whole number";
	case CONFIG_TYPE_FLOAT:
		return "a number";
	case CONFIG_TYPE_STRING:
		return "a string";
	case CONFIG_TYPE_BOOL:
		return "a truth value";
	case CONFIG_TYPE_ARRAY:
		return "an array [ ]";
	case CONFIG_TYPE_LIST:
		return "a list ( )";
	default:
		return "nothing";
	}
}

const char *conf_type_text(const config_setting_t *s)
{
	return type_word(config_setting_type(s));
}

bool conf_is(struct conf_reader *r, const config_setting_t *s, const char *what, int type)
{
	if (config_setting_type(s) == type)
		return true;
	conf_error(r->c, r->diags, conf_at(r, s), "%s is %s: must be %s", what, conf_type_text(s),
		   type_word(type));
	return false;
}

bool conf_keys(struct conf_reader *r, const config_setting_t *s, const char *what,
	       const char *const *keys, size_t n)
{
	char hint[256], words[512];
	bool ok = true;
	int i;

	for (i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *k = config_setting_get_elem(s, (unsigned int)i);
		const char *name = config_setting_name(k);
		const char *near;
		size_t j;

		for (j = 0; j < n && strcmp(keys[j], name) != 0; j++)
			;
		if (j < n)
			continue;
		ok = false;
		near = meed_nearest(name, keys, n);
		if (near)
			conf_error(r->c, r->diags, conf_at(r, k), "unknown key \"%s\" of %s%s",
				   name, what, conf_hint(near, hint, sizeof(hint)));
		else
			conf_error(r->c, r->diags, conf_at(r, k),
				   "unknown key \"%s\" of %s: may be %s", name, what,
				   conf_words(keys, n, words, sizeof(words)));
	}
	return ok;
}

static bool add_secret(struct meed_conf *c, const char *value, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_secrets; i++)
		if (strcmp(c->secrets[i].name, name) == 0)
			return true;
	if (!CONF_GROW(&c->secrets, &c->cap_secrets, c->n_secrets))
		return false;
	value = conf_dup(c, value);
	name = conf_dup(c, name);
	if (!value || !name)
		return false;
	c->secrets[c->n_secrets++] = (struct conf_secret){ value, name };
	return true;
}

/* Puts the value of the variable whose name begins at p, which follows "${". NULL if
 * an error was reported; else where to go on. */
static const char *expand_one(struct conf_reader *r, struct conf_place at, const char *p,
			      struct meed_buf *out)
{
	const char *end = strchr(p, '}');
	const char *value;
	char name[128];
	size_t n = end ? (size_t)(end - p) : 0;

	if (!end || n == 0 || n >= sizeof(name)) {
		conf_error(r->c, r->diags, at,
			   "\"${\" needs a variable's name and \"}\"; "
			   "write $$ for a dollar sign");
		return NULL;
	}
	memcpy(name, p, n);
	name[n] = '\0';
	value = getenv(name);
	if (!value) {
		conf_error(r->c, r->diags, at, "environment variable %s is not set", name);
		return NULL;
	}
	if (meed_utf8_check(value, strlen(value)) != strlen(value)) {
		conf_error(r->c, r->diags, at, "environment variable %s is not UTF-8", name);
		return NULL;
	}
	if (!add_secret(r->c, value, name)) {
		r->c->nomem = true;
		return NULL;
	}
	meed_buf_puts(out, value);
	return end + 1;
}

/* raw with ${NAME} and $$ replaced, in out (with a NUL). */
static bool expand(struct conf_reader *r, struct conf_place at, const char *raw,
		   struct meed_buf *out)
{
	const char *p = raw;

	while (p && *p) {
		if (p[0] == '$' && p[1] == '$') {
			meed_buf_putc(out, '$');
			p += 2;
		} else if (p[0] == '$' && p[1] == '{') {
			p = expand_one(r, at, p + 2, out);
		} else {
			meed_buf_putc(out, *p++);
		}
	}
	meed_buf_putc(out, '\0');
	if (out->failed)
		r->c->nomem = true;
	return p && !out->failed;
}

static bool check_text(struct conf_reader *r, struct conf_place at, const char *what,
		       const char *text)
{
	size_t n = strlen(text);

	if (meed_utf8_check(text, n) == n)
		return true;
	conf_error(r->c, r->diags, at, "%s is not UTF-8", what);
	return false;
}

bool conf_get_str(struct conf_reader *r, const config_setting_t *s, const char *what,
		  struct conf_str *ret)
{
	struct meed_buf b = { 0 };
	const char *raw;
	bool ok = false;

	ret->at = conf_at(r, s);
	if (!conf_is(r, s, what, CONFIG_TYPE_STRING))
		goto out;
	raw = config_setting_get_string(s);
	if (!check_text(r, ret->at, what, raw) || !expand(r, ret->at, raw, &b))
		goto out;
	ret->p = conf_dup(r->c, b.p);
	ret->raw = conf_dup(r->c, raw);
	ok = ret->p && ret->raw;
out:
	if (!ok)
		ret->p = NULL;
	meed_buf_release(&b);
	return ok;
}

static bool is_number(struct conf_reader *r, const config_setting_t *s, const char *what)
{
	if (config_setting_is_number(s))
		return true;
	conf_error(r->c, r->diags, conf_at(r, s), "%s is %s: must be a number", what,
		   conf_type_text(s));
	return false;
}

bool conf_get_num(struct conf_reader *r, const config_setting_t *s, const char *what, double *ret)
{
	double x;

	if (!is_number(r, s, what))
		return false;
	if (config_setting_type(s) == CONFIG_TYPE_FLOAT)
		x = config_setting_get_float(s);
	else
		x = (double)config_setting_get_int64(s);
	if (!isfinite(x)) {
		conf_error(r->c, r->diags, conf_at(r, s), "%s is not finite", what);
		return false;
	}
	*ret = x;
	return true;
}

bool conf_get_uint(struct conf_reader *r, const config_setting_t *s, const char *what, uint64_t min,
		   uint64_t max, uint64_t *ret)
{
	long long v;

	if (config_setting_type(s) != CONFIG_TYPE_INT &&
	    config_setting_type(s) != CONFIG_TYPE_INT64) {
		conf_error(r->c, r->diags, conf_at(r, s), "%s is %s: must be a whole number", what,
			   conf_type_text(s));
		return false;
	}
	v = config_setting_get_int64(s);
	if (v < 0 || (uint64_t)v < min || (uint64_t)v > max) {
		conf_error(r->c, r->diags, conf_at(r, s), "%s = %lld: must be from %llu to %llu",
			   what, v, (unsigned long long)min, (unsigned long long)max);
		return false;
	}
	*ret = (uint64_t)v;
	return true;
}

bool conf_get_bool(struct conf_reader *r, const config_setting_t *s, const char *what, bool *ret)
{
	if (config_setting_type(s) != CONFIG_TYPE_BOOL) {
		conf_error(r->c, r->diags, conf_at(r, s), "%s is %s: must be true or false", what,
			   conf_type_text(s));
		return false;
	}
	*ret = config_setting_get_bool(s) != 0;
	return true;
}

/* ---- JSON ---- */

static bool json_string(struct conf_reader *r, const config_setting_t *s, bool put_env,
			struct json_object **ret)
{
	const char *raw = config_setting_get_string(s);
	struct meed_buf b = { 0 };
	bool ok = false;

	if (!put_env) {
		*ret = json_object_new_string(raw);
		ok = true;
	} else if (check_text(r, conf_at(r, s), "the string", raw) &&
		   expand(r, conf_at(r, s), raw, &b)) {
		*ret = json_object_new_string(b.p);
		ok = true;
	}
	if (ok && !*ret) {
		r->c->nomem = true;
		ok = false;
	}
	meed_buf_release(&b);
	return ok;
}

static bool json_aggregate(struct conf_reader *r, const config_setting_t *s, bool put_env,
			   struct json_object **ret)
{
	bool is_object = config_setting_is_group(s);
	struct json_object *o = is_object ? json_object_new_object() : json_object_new_array();
	bool ok = o != NULL;
	int i;

	if (!o)
		r->c->nomem = true;
	for (i = 0; o && i < config_setting_length(s); i++) {
		const config_setting_t *e = config_setting_get_elem(s, (unsigned int)i);
		struct json_object *v = NULL;
		int failed;

		if (!conf_get_json(r, e, put_env, &v)) {
			ok = false;
			continue;
		}
		failed = is_object ? json_object_object_add(o, config_setting_name(e), v)
				   : json_object_array_add(o, v);
		if (failed) {
			json_object_put(v);
			r->c->nomem = true;
			ok = false;
		}
	}
	if (!ok) {
		json_object_put(o);
		o = NULL;
	}
	*ret = o;
	return ok;
}

/* Nesting is bounded by the scanner. */
bool conf_get_json(struct conf_reader *r, const config_setting_t *s, bool put_env,
		   struct json_object **ret)
{
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		*ret = json_object_new_int64(config_setting_get_int64(s));
		break;
	case CONFIG_TYPE_FLOAT:
		*ret = json_object_new_double(config_setting_get_float(s));
		break;
	case CONFIG_TYPE_BOOL:
		*ret = json_object_new_boolean(config_setting_get_bool(s));
		break;
	case CONFIG_TYPE_STRING:
		return json_string(r, s, put_env, ret);
	default:
		return json_aggregate(r, s, put_env, ret);
	}
	if (!*ret)
		r->c->nomem = true;
	return *ret != NULL;
}
