/* kappa.h - measures of agreement between annotators, over patterns of what they said. */
#ifndef MEED_DATA_KAPPA_H
#define MEED_DATA_KAPPA_H

#include "host/base/base.h"

#define KAPPA_RATERS 64
#define KAPPA_CATEGORIES 1000
#define KAPPA_NONE UINT16_MAX		/* this rater said nothing of this unit */

/* Units with the same codes by the same raters are one pattern, with how often it came. */
struct kappa_data {
	size_t n_raters, n_categories, n_patterns;
	const uint16_t *codes;		/* n_patterns rows of KAPPA_RATERS */
	const double *values;		/* of each category, ascending: for intervals */
};

enum kappa_weights { KAPPA_UNWEIGHTED, KAPPA_LINEAR, KAPPA_QUADRATIC };
enum kappa_level { KAPPA_NOMINAL, KAPPA_ORDINAL, KAPPA_INTERVAL };

/* In all of them w[i] is the weight of pattern i (how many units); scratch holds
 * n_categories * (n_categories + 1) doubles. NaN where the measure is not defined.
 *
 * The share of pairs of raters of a unit that agree, over all units with two or more. */
double kappa_agreement(const struct kappa_data *d, const double *w);
/* Cohen's kappa (Cohen 1960; weighted: Cohen 1968) of two raters over the units of both; weights
 * by the distance of the categories' places. *ret_units: how many those are. */
double kappa_cohen(const struct kappa_data *d, const double *w, size_t a, size_t b,
		   enum kappa_weights weights, double *scratch, double *ret_agreement,
		   double *ret_units);
/* Fleiss' kappa (Fleiss 1971) over the units with n_ratings ratings. */
double kappa_fleiss(const struct kappa_data *d, const double *w, size_t n_ratings,
		    double *ret_units);
/* Krippendorff's alpha (Krippendorff 2011) over the units with two or more ratings. */
double kappa_krippendorff(const struct kappa_data *d, const double *w, enum kappa_level level,
			  double *scratch);
/* How many raters said something in pattern i. */
size_t kappa_ratings(const struct kappa_data *d, size_t i);

#endif
