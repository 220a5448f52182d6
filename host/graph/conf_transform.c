/* conf_transform.c - the key transform of members and compositions */
#include "config.h"

#include <stdio.h>

#include "host/graph/conf.h"

/* How many numbers a transform takes; -1: none, it is written as a word. */
static int n_numbers(enum meed_transform_kind k)
{
	switch (k) {
	case MEED_X_CLIP:
	case MEED_X_AFFINE:
	case MEED_X_SIGMOID:
		return 2;
	case MEED_X_THRESHOLD:
		return 1;
	default:
		return -1;
	}
}

static int find(const char *s)
{
	size_t n, i;
	const char *const *words = conf_transform_words(&n);

	for (i = 0; i < n; i++)
		if (strcmp(words[i], s) == 0)
			return (int)i;
	return -1;
}

static bool unknown(struct conf_reader *r, struct conf_place at, const char *what, const char *word)
{
	size_t n;
	const char *const *words = conf_transform_words(&n);
	const char *near = meed_nearest(word, words, n);
	char hint[256], all[256];

	if (near)
		conf_error(r->c, r->diags, at, "unknown transform \"%s\" of %s%s", word, what,
			   conf_hint(near, hint, sizeof(hint)));
	else
		conf_error(r->c, r->diags, at, "unknown transform \"%s\" of %s: may be %s", word,
			   what, conf_words(words, n, all, sizeof(all)));
	return false;
}

static bool word_transform(struct conf_reader *r, const config_setting_t *s, const char *what,
			   struct meed_transform *ret)
{
	struct conf_str word = { 0 };
	int kind;

	if (!conf_get_str(r, s, what, &word))
		return false;
	kind = find(word.p);
	if (kind < 0)
		return unknown(r, word.at, what, word.raw);
	*ret = (struct meed_transform){ (enum meed_transform_kind)kind, 1.0, 0.0 };
	if (n_numbers(ret->kind) < 0 || ret->kind == MEED_X_SIGMOID)
		return true;
	conf_error(r->c, r->diags, word.at, "transform \"%s\" of %s needs numbers: write %s",
		   word.raw, what,
		   ret->kind == MEED_X_CLIP	? "{ clip = [0.0, 1.0]; }"
		   : ret->kind == MEED_X_AFFINE ? "{ affine = [1.0, 0.0]; }"
						: "{ threshold = 0.5; }");
	return false;
}

static bool two_numbers(struct conf_reader *r, const config_setting_t *s, const char *what,
			struct meed_transform *t)
{
	const char *word = meed_transform_name(t->kind);

	if ((!config_setting_is_array(s) && !config_setting_is_list(s)) ||
	    config_setting_length(s) != 2) {
		conf_error(r->c, r->diags, conf_at(r, s), "%s of %s: must be two numbers, [%s]",
			   word, what,
			   t->kind == MEED_X_CLIP     ? "lowest, highest"
			   : t->kind == MEED_X_AFFINE ? "factor, addend"
						      : "steepness, middle");
		return false;
	}
	return conf_get_num(r, config_setting_get_elem(s, 0), what, &t->a) &&
	       conf_get_num(r, config_setting_get_elem(s, 1), what, &t->b);
}

static bool group_transform(struct conf_reader *r, const config_setting_t *s, const char *what,
			    struct meed_transform *ret)
{
	const config_setting_t *k;
	int kind;

	if (config_setting_length(s) != 1) {
		conf_error(
			r->c, r->diags, conf_at(r, s),
			"transform of %s has %d keys: must be one, such as { clip = [0.0, 1.0]; }; "
			"several stand in a list ( {...}, {...} )",
			what, config_setting_length(s));
		return false;
	}
	k = config_setting_get_elem(s, 0);
	kind = find(config_setting_name(k));
	if (kind < 0)
		return unknown(r, conf_at(r, k), what, config_setting_name(k));
	*ret = (struct meed_transform){ (enum meed_transform_kind)kind, 0.0, 0.0 };
	if (n_numbers(ret->kind) < 0) {
		conf_error(r->c, r->diags, conf_at(r, k),
			   "transform %s of %s takes no value: write it as \"%s\"",
			   meed_transform_name(ret->kind), what, meed_transform_name(ret->kind));
		return false;
	}
	if (ret->kind == MEED_X_THRESHOLD)
		return conf_get_num(r, k, what, &ret->a);
	if (!two_numbers(r, k, what, ret))
		return false;
	if (ret->kind == MEED_X_CLIP && ret->a > ret->b) {
		conf_error(r->c, r->diags, conf_at(r, k),
			   "clip of %s: the lowest is above the highest", what);
		return false;
	}
	return true;
}

static bool one_transform(struct conf_reader *r, const config_setting_t *s, const char *what,
			  struct meed_transform *ret)
{
	if (config_setting_type(s) == CONFIG_TYPE_STRING)
		return word_transform(r, s, what, ret);
	if (config_setting_is_group(s))
		return group_transform(r, s, what, ret);
	conf_error(r->c, r->diags, conf_at(r, s),
		   "transform of %s is %s: must be a word, a group such as { clip = [0.0, 1.0]; }, "
		   "or a list of these",
		   what, conf_type_text(s));
	return false;
}

bool conf_read_transforms(struct conf_reader *r, const config_setting_t *s, const char *what,
			  struct meed_transform **ret, size_t *ret_n)
{
	bool many = config_setting_is_list(s) || config_setting_is_array(s);
	int i, n = many ? config_setting_length(s) : 1;
	struct meed_transform *v = conf_alloc(r->c, (size_t)n, sizeof(*v));
	bool ok = v != NULL;

	for (i = 0; v && i < n; i++)
		if (!one_transform(r, many ? config_setting_get_elem(s, (unsigned int)i) : s, what,
				   &v[i]))
			ok = false;
	if (ok) {
		*ret = v;
		*ret_n = (size_t)n;
	}
	return ok;
}
