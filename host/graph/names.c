/* names.c - the words of the configuration and the numbers they stand for */
#include "config.h"

#include "host/graph/conf.h"

static const char *const combines[] = {
	[MEED_C_SUM] = "sum",
	[MEED_C_MEAN] = "mean",
	[MEED_C_PRODUCT] = "product",
	[MEED_C_MIN] = "min",
	[MEED_C_MAX] = "max",
	[MEED_C_VOTE] = "vote",
	[MEED_C_GATE] = "gate",
	[MEED_C_CASCADE] = "cascade",
	[MEED_C_FALLBACK] = "fallback",
	[MEED_C_ROUTE] = "route",
	[MEED_C_LOWER_BOUND] = "lower_bound",
};

static const char *const transforms[] = {
	[MEED_X_CLIP] = "clip",		  [MEED_X_AFFINE] = "affine", [MEED_X_SIGMOID] = "sigmoid",
	[MEED_X_THRESHOLD] = "threshold", [MEED_X_MINMAX] = "minmax", [MEED_X_ZSCORE] = "zscore",
	[MEED_X_RANK] = "rank",
};

static const char *const aggregates[] = {
	[MEED_A_WIN_RATE] = "win_rate",
	[MEED_A_COPELAND] = "copeland",
	[MEED_A_ELO] = "elo",
	[MEED_A_BRADLEY_TERRY] = "bradley_terry",
	[MEED_A_TOURNAMENT] = "tournament",
};

static const char *const steps[] = {
	[MEED_S_MEAN] = "mean",	      [MEED_S_MIN] = "min", [MEED_S_LAST] = "last",
	[MEED_S_PRODUCT] = "product", [MEED_S_SUM] = "sum",
};

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static int find(const char *const *v, size_t n, const char *s)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(v[i], s) == 0)
			return (int)i;
	return -1;
}

const char *meed_combine_name(enum meed_combine c)
{
	return (size_t)c < COUNT(combines) ? combines[c] : "unknown";
}

const char *meed_transform_name(enum meed_transform_kind k)
{
	return (size_t)k < COUNT(transforms) ? transforms[k] : "unknown";
}

const char *meed_aggregate_name(enum meed_aggregate a)
{
	return (size_t)a < COUNT(aggregates) ? aggregates[a] : "unknown";
}

const char *meed_steps_agg_name(enum meed_steps_agg a)
{
	return (size_t)a < COUNT(steps) ? steps[a] : "unknown";
}

int conf_combine_find(const char *s)
{
	return find(combines, COUNT(combines), s);
}

int conf_aggregate_find(const char *s)
{
	return find(aggregates, COUNT(aggregates), s);
}

int conf_steps_find(const char *s)
{
	return find(steps, COUNT(steps), s);
}

const char *const *conf_combine_words(size_t *ret_n)
{
	*ret_n = COUNT(combines);
	return combines;
}

const char *const *conf_aggregate_words(size_t *ret_n)
{
	*ret_n = COUNT(aggregates);
	return aggregates;
}

const char *const *conf_steps_words(size_t *ret_n)
{
	*ret_n = COUNT(steps);
	return steps;
}

const char *const *conf_transform_words(size_t *ret_n)
{
	*ret_n = COUNT(transforms);
	return transforms;
}
