/* best_vote.c - outputs vote for their answers. */
#include "config.h"

#include "host/cli/best.h"

#include <json-c/json.h>
#include <math.h>

#include "host/sample/sample.h"

static meed_str trim(meed_str s)
{
	while (s.n > 0 && (unsigned char)s.p[0] <= ' ') {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

static meed_str last_line(meed_str s)
{
	size_t at;

	s = trim(s);
	for (at = s.n; at > 0 && s.p[at - 1] != '\n'; at--)
		continue;
	return trim((meed_str){ s.p + at, s.n - at });
}

bool best_answer(const struct best_answers *how, const struct meed_scored_output *o,
		 struct meed_arena *arena, meed_str *ret)
{
	struct json_object *v;
	struct meed_buf b = { 0 };

	if (!how->at) {
		*ret = how->last_line ? last_line(o->text) : trim(o->text);
		return ret->n > 0;
	}
	v = o->label ? meed_json_pointer(o->label, how->at) : NULL;
	if (!v)
		return false;
	if (meed_json_str(v, ret)) {
		*ret = trim(*ret);
		return ret->n > 0;
	}
	meed_json_write(&b, v);
	*ret = b.failed ? MEED_STR("") : meed_arena_dup(arena, (meed_str){ b.p, b.n });
	meed_buf_release(&b);
	return ret->n > 0;
}

static void ignore(void *data, meed_str text)
{
	(void)data;
	(void)text;
}

static bool equal(const struct best_answers *how, meed_str a, meed_str b)
{
	int32_t same = 0;

	if (meed_str_eq(a, b))
		return true;
	return how->math && how->math->equal(a, b, ignore, NULL, &same) >= 0 && same;
}

size_t best_classes(const struct best_answers *how, const meed_str *answers, const bool *has, size_t n,
		    size_t *ret_class)
{
	size_t n_classes = 0;

	for (size_t i = 0; i < n; i++) {
		ret_class[i] = SIZE_MAX;
		/* against the first of each class */
		for (size_t j = 0, seen = 0; has[i] && j < i && ret_class[i] == SIZE_MAX; j++) {
			if (ret_class[j] != seen)
				continue;
			seen++;
			if (equal(how, answers[j], answers[i]))
				ret_class[i] = ret_class[j];
		}
		if (has[i] && ret_class[i] == SIZE_MAX)
			ret_class[i] = n_classes++;
	}
	return n_classes;
}

size_t best_winner(const size_t *classes, size_t n_classes, const double *weights,
		   const double *scores, size_t n)
{
	size_t best = SIZE_MAX;
	double best_sum = 0, best_score = 0;

	for (size_t c = 0; c < n_classes; c++) {
		double sum = 0, score = -INFINITY;

		for (size_t i = 0; i < n; i++) {
			if (classes[i] != c)
				continue;
			sum += weights[i];
			score = scores[i] > score ? scores[i] : score;
		}
		if (best == SIZE_MAX || sum > best_sum ||
		    (!(sum < best_sum) && score > best_score)) {
			best = c;
			best_sum = sum;
			best_score = score;
		}
	}
	return best;
}
