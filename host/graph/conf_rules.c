/* conf_rules.c - what each combiner asks of its members and routes */
#include "config.h"

#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/graph/conf.h"

#define SHARE_SLACK 1e-9  /* three shares of 1/3 may not add up to one exactly */
#define MAX_PATTERN 1000  /* bytes of a regular expression */
#define MAX_REPEATS 10000 /* product of its {m,n}: regcomp unrolls them */

bool conf_combine_weighs(enum meed_combine c)
{
	return c == MEED_C_SUM || c == MEED_C_MEAN || c == MEED_C_VOTE || c == MEED_C_GATE ||
	       c == MEED_C_LOWER_BOUND;
}

static bool check_weights(struct conf_reader *r, const struct conf_composition *k)
{
	double total = 0;
	size_t i, n = 0;

	for (i = 0; i < k->n_members; i++)
		if (!k->members[i].is_gate) {
			total += k->members[i].weight;
			n++;
		}
	if (n == 0 || !conf_combine_weighs(k->combine) || (total > 0 && isfinite(total)))
		return true;
	conf_error(r->c, r->diags, k->at, "the weights of composition \"%s\" %s", k->name,
		   total > 0 ? "add up to more than a double holds"
			     : "are all 0: at least one must be above");
	return false;
}

/* Names in a details list must tell members apart. */
static bool check_names(struct conf_reader *r, const struct conf_composition *k)
{
	struct conf_names names = { 0 };
	bool ok = true;
	size_t i;

	for (i = 0; i < k->n_members; i++) {
		const struct conf_member *m = &k->members[i];
		uint32_t first = conf_names_get(&names, 0, m->label);

		if (first != CONF_NO_NAME) {
			conf_error(
				r->c, r->diags, m->at,
				"member \"%s\" of composition \"%s\" stands twice, first at %s:%u: "
				"give one a name = \"...\" of its own",
				m->name.p ? m->name.raw : m->use.raw, k->name,
				k->members[first].at.file, k->members[first].at.line);
			ok = false;
		} else if (!conf_names_put(&names, 0, m->label, (uint32_t)i)) {
			r->c->nomem = true;
			ok = false;
			break;
		}
	}
	conf_names_release(&names);
	return ok;
}

static bool check_gates(struct conf_reader *r, const struct conf_composition *k)
{
	size_t i, n_gates = 0;
	bool ok = true;

	for (i = 0; i < k->n_members; i++) {
		const struct conf_member *m = &k->members[i];
		const char *wrong = NULL;

		n_gates += m->is_gate;
		if (m->is_gate && isnan(m->below))
			wrong = "is a gate and needs below = NUMBER: under it, its score stands";
		else if (m->is_gate && m->weight_at.file)
			wrong = "is a gate and has no part in the mean: leave its weight out";
		else if (!m->is_gate && !isnan(m->below))
			wrong = "has below but is no gate: write gate = true";
		if (!wrong)
			continue;
		conf_error(r->c, r->diags, m->at, "member \"%s\" of composition \"%s\" %s",
			   m->label, k->name, wrong);
		ok = false;
	}
	if (n_gates > 0 && n_gates < k->n_members)
		return ok;
	conf_error(r->c, r->diags, k->at,
		   n_gates ? "composition \"%s\" has only gates: add a member that gives the score"
			   : "composition \"%s\" has no gate: give a member gate = true and below "
			     "= NUMBER",
		   k->name);
	return false;
}

static bool check_cascade(struct conf_reader *r, const struct conf_composition *k)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < k->n_members; i++) {
		const struct conf_member *m = &k->members[i];
		bool last = i + 1 == k->n_members;
		bool bound = !isnan(m->below) || !isnan(m->above);
		const char *wrong = NULL;

		if (last && bound)
			wrong = "comes last and always decides: leave below and above out";
		else if (!last && !bound)
			wrong = "never decides: give it below = NUMBER or above = NUMBER";
		else if (m->below > m->above)
			wrong = "always decides: below must not be larger than above";
		if (!wrong)
			continue;
		conf_error(r->c, r->diags, m->at, "member \"%s\" of composition \"%s\" %s",
			   m->label, k->name, wrong);
		ok = false;
	}
	return ok;
}

static bool check_fallback(struct conf_reader *r, const struct conf_composition *k)
{
	bool ok = true;
	size_t i;

	for (i = 0; i + 1 < k->n_members; i++) {
		const struct conf_member *m = &k->members[i];

		if (!m->on_error_at.file)
			continue;
		conf_error(r->c, r->diags, m->on_error_at,
			   "on_error of member \"%s\" of composition \"%s\": the next member takes "
			   "over; only the last may have one",
			   m->label, k->name);
		ok = false;
	}
	return ok;
}

bool conf_check_members(struct conf_reader *r, struct conf_composition *k)
{
	bool ok = check_names(r, k);

	ok = check_weights(r, k) && ok;
	if (k->combine == MEED_C_GATE)
		ok = check_gates(r, k) && ok;
	else if (k->combine == MEED_C_CASCADE)
		ok = check_cascade(r, k) && ok;
	else if (k->combine == MEED_C_FALLBACK)
		ok = check_fallback(r, k) && ok;
	return ok;
}

/* ---- regular expressions ---- */

static bool repeats_too_much(const char *p)
{
	uint64_t product = 1;

	for (; *p; p++) {
		uint64_t n = 0, largest = 1;

		if (*p == '\\' && p[1]) {
			p++;
			continue;
		}
		if (*p != '{')
			continue;
		for (p++; (*p >= '0' && *p <= '9') || *p == ','; p++) {
			n = *p == ',' ? 0 : n * 10 + (uint64_t)(*p - '0');
			if (n > largest)
				largest = n;
			if (largest > MAX_REPEATS)
				return true;
		}
		product *= largest;
		if (product > MAX_REPEATS)
			return true;
		p--;
	}
	return false;
}

/* A back-reference makes matching take exponential time. */
static bool refers_back(const char *p)
{
	for (; *p; p++)
		if (*p == '\\' && *++p >= '1' && *p <= '9')
			return true;
		else if (!*p)
			break;
	return false;
}

int32_t conf_regex_new(const char *pattern, struct meed_err *err, void **ret_regex)
{
	regex_t *re = NULL;
	char why[200];
	int32_t r = MEED_OK;
	int code;

	if (strlen(pattern) > MAX_PATTERN || repeats_too_much(pattern)) {
		r = meed_err_set(err, MEED_E_LIMIT,
				 "longer than %d bytes or repeats more than %d times", MAX_PATTERN,
				 MAX_REPEATS);
		goto out;
	}
	if (refers_back(pattern)) {
		r = meed_err_set(err, MEED_E_PARAM, "back-references are not supported");
		goto out;
	}
	re = calloc(1, sizeof(*re));
	if (!re) {
		r = meed_err_nomem(err);
		goto out;
	}
	code = regcomp(re, pattern, REG_EXTENDED | REG_NOSUB);
	if (code) {
		(void)regerror(code, re, why, sizeof(why));
		r = meed_err_set(err, code == REG_ESPACE ? MEED_E_NOMEM : MEED_E_PARAM, "%s", why);
		goto out;
	}
	*ret_regex = re;
	re = NULL;
out:
	free(re);
	return r;
}

void conf_regex_free(void *regex)
{
	if (regex)
		regfree(regex);
	free(regex);
}

/* ---- routes ---- */

static bool route_error(struct conf_reader *r, const struct conf_composition *k,
			const struct conf_member *m, const char *wrong)
{
	conf_error(r->c, r->diags, m->at, "route \"%s\" of composition \"%s\" %s", m->label,
		   k->name, wrong);
	return false;
}

static bool check_key_route(struct conf_reader *r, const struct conf_composition *k,
			    const struct conf_member *m)
{
	struct meed_err err = { 0 };
	void *regex = NULL;

	if (m->match_kind != MEED_MATCH_GLOB && m->match_kind != MEED_MATCH_REGEX)
		return route_error(r, k, m,
				   "needs match = \"GLOB\" or regex = \"...\", as key says");
	if (m->match_kind == MEED_MATCH_REGEX && conf_regex_new(m->pattern.p, &err, &regex) < 0) {
		conf_error(r->c, r->diags, m->pattern.at,
			   "regex \"%s\" of route \"%s\" of composition \"%s\": %s", m->pattern.raw,
			   m->label, k->name, err.text);
		return false;
	}
	conf_regex_free(regex);
	return true;
}

static bool check_range_route(struct conf_reader *r, const struct conf_composition *k,
			      const struct conf_member *m)
{
	if (m->match_kind != MEED_MATCH_RANGE)
		return route_error(r, k, m, "needs from = NUMBER or to = NUMBER, as by says");
	if (!(m->from < m->to))
		return route_error(r, k, m, "is never taken: from must be below to");
	return true;
}

static bool check_share_routes(struct conf_reader *r, struct conf_composition *k, size_t n)
{
	double sum = 0;
	bool ok = true;
	size_t i;

	for (i = 0; i < n; i++) {
		struct conf_member *m = &k->members[i];

		if (m->match_kind != MEED_MATCH_SHARE)
			ok = route_error(r, k, m,
					 "has match, regex, from or to, but the composition "
					 "has no key or by");
		else if (!(m->to > 0) || m->to > 1)
			ok = route_error(r, k, m, "has a share that is not above 0 and at most 1");
		if (!ok)
			continue;
		m->from = sum;
		sum += m->to;
		m->to = sum;
	}
	if (!ok)
		return false;
	if (sum > 1 + SHARE_SLACK) {
		conf_error(r->c, r->diags, k->at,
			   "the shares of composition \"%s\" add up to more "
			   "than 1",
			   k->name);
		return false;
	}
	if (sum < 1 - SHARE_SLACK && k->otherwise < 0) {
		conf_error(r->c, r->diags, k->at,
			   "the shares of composition \"%s\" add up to less "
			   "than 1: add otherwise = \"NAME\"",
			   k->name);
		return false;
	}
	if (sum >= 1 - SHARE_SLACK)
		k->members[n - 1].to = 1.0;
	return true;
}

static bool check_route_key(struct conf_reader *r, const struct conf_composition *k)
{
	static const char *const fields[] = { "task_category", "source", "id" };
	const char *key = k->key.p;
	const char *p;
	char hint[256];
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(key, fields[i]) == 0)
			return true;
	for (p = key; *p; p++)
		if (*p == '~' && p[1] != '0' && p[1] != '1')
			break;
	if (key[0] == '/' && !*p)
		return true;
	conf_error(r->c, r->diags, k->key.at,
		   "key = \"%s\" of composition \"%s\": must be "
		   "task_category, source, id, or a JSON pointer into metadata such as \"/lang\"%s",
		   k->key.raw, k->name,
		   conf_hint(meed_nearest(k->key.raw, fields, 3), hint, sizeof(hint)));
	return false;
}

bool conf_check_routes(struct conf_reader *r, struct conf_composition *k, size_t n)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < k->n_members; i++)
		if (k->members[i].on_error == MEED_ON_SKIP)
			ok = route_error(
				r, k, &k->members[i],
				"cannot have on_error = \"skip\": a route "
				"has nothing else; use a number, or combine = \"fallback\"");
	if (k->key.p && k->by.p) {
		conf_error(r->c, r->diags, k->by.at,
			   "composition \"%s\" has both key and by: keep one", k->name);
		return false;
	}
	if (!k->key.p && !k->by.p)
		return check_share_routes(r, k, n) && ok;
	if (k->key.p)
		ok = check_route_key(r, k) && ok;
	for (i = 0; i < n; i++)
		ok = (k->key.p ? check_key_route(r, k, &k->members[i])
			       : check_range_route(r, k, &k->members[i])) &&
		     ok;
	return ok;
}
