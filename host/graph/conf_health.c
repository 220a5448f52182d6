/* conf_health.c - the group health: limits of `meed health` */
#include "config.h"

#include <stdio.h>

#include "host/graph/conf.h"

static const struct limit {
	const char *name;
	size_t at;
	double normal, most;
} limits[] = {
	{ "errors", offsetof(struct meed_health_conf, errors), 0.05, 1 },
	{ "dominance", offsetof(struct meed_health_conf, dominance), 0.9, 1 },
	{ "collapse", offsetof(struct meed_health_conf, collapse), 0.5, 1 },
	{ "length", offsetof(struct meed_health_conf, length), 0.5, 1 },
	{ "saturation", offsetof(struct meed_health_conf, saturation), 0.9, 1 },
	{ "ks", offsetof(struct meed_health_conf, ks), 0.2, 1 },
	{ "psi", offsetof(struct meed_health_conf, psi), 0.25, 1000 },
	{ "canary", offsetof(struct meed_health_conf, canary), 0, 1 },
	{ "blind", offsetof(struct meed_health_conf, blind), 0.5, 1 },
};
#define N_LIMITS (sizeof(limits) / sizeof(limits[0]))

void meed_health_defaults(struct meed_health_conf *h)
{
	size_t i;

	for (i = 0; i < N_LIMITS; i++)
		memcpy((char *)h + limits[i].at, &limits[i].normal, sizeof(double));
}

/* All names, and the one that key may have been meant for. */
static void say_names(const char *key, char *ret, size_t n)
{
	const char *names[N_LIMITS], *near;
	size_t i, at = 0;

	for (i = 0; i < N_LIMITS; i++)
		names[i] = limits[i].name;
	near = meed_nearest(key, names, N_LIMITS);
	if (near) {
		(void)snprintf(ret, n, "no such limit; did you mean \"%s\"?", near);
		return;
	}
	at = (size_t)snprintf(ret, n, "no such limit; there are");
	for (i = 0; i < N_LIMITS && at < n; i++)
		at += (size_t)snprintf(ret + at, n - at, "%s %s", i ? "," : "", names[i]);
}

bool meed_health_set(struct meed_health_conf *h, const char *key, double x, char ret_wants[160])
{
	size_t i;

	for (i = 0; i < N_LIMITS; i++) {
		if (strcmp(limits[i].name, key) != 0)
			continue;
		if (!(x >= 0) || !(x <= limits[i].most)) {
			(void)snprintf(ret_wants, 160, "must be a number from 0 to %g",
				       limits[i].most);
			return false;
		}
		memcpy((char *)h + limits[i].at, &x, sizeof(x));
		return true;
	}
	say_names(key, ret_wants, 160);
	return false;
}

void conf_read_health(struct conf_reader *r, const config_setting_t *s)
{
	int i;

	for (i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *k = config_setting_get_elem(s, (unsigned int)i);
		const char *name = config_setting_name(k);
		char what[64], wants[160];
		double x;

		(void)snprintf(what, sizeof(what), "health.%.40s", name);
		if (!conf_once(r->c, r->diags, "health's", what, conf_at(r, k)) ||
		    !conf_get_num(r, k, what, &x))
			continue;
		if (!meed_health_set(&r->c->health, name, x, wants))
			conf_error(r->c, r->diags, conf_at(r, k), "%s = %g: %s", what, x, wants);
	}
}
