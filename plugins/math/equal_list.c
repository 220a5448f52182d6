/* equal_list.c - members against members: lists, sets, tuples. */
#include "config.h"

#include "plugins/math/equal.h"

enum {
	UNKNOWN = 3			/* beside the verdicts: not asked yet */
};

struct match {
	struct eq *q;
	const struct mx *const *a, *const *b;
	size_t na, nb;
	uint8_t *v;			/* na x nb verdicts */
	int32_t *of_b;			/* the a matched to each b, or -1 */
	uint8_t *seen;
};

static enum mx_verdict pair(struct match *m, size_t i, size_t j)
{
	uint8_t *v = &m->v[i * m->nb + j];
	struct mx_outcome o;

	if (*v == UNKNOWN) {
		eq_any(m->q, m->a[i], m->b[j], &o);
		*v = (uint8_t)o.verdict;
	}
	return (enum mx_verdict)*v;
}

static bool may(enum mx_verdict v, bool generous)
{
	return v == MX_YES || (generous && v == MX_UNDECIDED);
}

/* Finds a partner for a[i], moving others; depth is at most the number of members. */
static bool augment(struct match *m, size_t i, bool generous, size_t depth)
{
	size_t j;

	if (depth > m->na || m->q->e->spent)
		return false;
	for (j = 0; j < m->nb; j++) {
		if (m->seen[j] || !may(pair(m, i, j), generous))
			continue;
		m->seen[j] = 1;
		if (m->of_b[j] < 0 || augment(m, (size_t)m->of_b[j], generous, depth + 1)) {
			m->of_b[j] = (int32_t)i;
			return true;
		}
	}
	return false;
}

static bool perfect(struct match *m, bool generous)
{
	size_t i;

	for (i = 0; i < m->nb; i++)
		m->of_b[i] = -1;
	for (i = 0; i < m->na; i++) {
		memset(m->seen, 0, m->nb);
		if (!augment(m, i, generous, 0))
			return false;
	}
	return true;
}

/* Has each member one like it on the other side? */
static bool covered(struct match *m, bool generous)
{
	size_t i, j;

	for (i = 0; i < m->na; i++) {
		for (j = 0; j < m->nb && !may(pair(m, i, j), generous); j++)
			;
		if (j == m->nb)
			return false;
	}
	for (j = 0; j < m->nb; j++) {
		for (i = 0; i < m->na && !may(pair(m, i, j), generous); i++)
			;
		if (i == m->na)
			return false;
	}
	return true;
}

static void in_order(struct eq *q, const struct mx *const *a, const struct mx *const *b, size_t n,
		     struct mx_outcome *ret)
{
	struct mx_outcome o;
	size_t i;

	eq_say(ret, MX_YES, "equal member by member");
	for (i = 0; i < n; i++) {
		eq_any(q, a[i], b[i], &o);
		if (o.verdict == MX_NO) {
			eq_sayf(ret, MX_NO, "members differ", "member %zu: %.100s", i + 1, o.rule);
			return;
		}
		if (o.verdict == MX_UNDECIDED)
			*ret = o;
	}
}

void eq_members(struct eq *q, const struct mx *const *a, size_t na, const struct mx *const *b,
		size_t nb, bool ordered, bool repeats_count, struct mx_outcome *ret)
{
	struct match m;

	eq_say(ret, MX_UNDECIDED, "not decided: too many members");
	if ((ordered || repeats_count) && na != nb) {
		eq_sayf(ret, MX_NO, "different numbers of members", "%zu against %zu", na, nb);
		return;
	}
	if (ordered) {
		in_order(q, a, b, na, ret);
		return;
	}
	if (na == 0 || nb == 0) {
		eq_say(ret, na == nb ? MX_YES : MX_NO, na == nb ? "both are empty" : "one is empty");
		return;
	}
	if (na > EQ_LIST || nb > EQ_LIST)
		return;
	m.q = q;
	m.a = a;
	m.b = b;
	m.na = na;
	m.nb = nb;
	m.v = mx_alloc(q->e, na * nb);
	m.of_b = mx_alloc(q->e, nb * sizeof(*m.of_b));
	m.seen = mx_alloc(q->e, nb);
	if (!m.v || !m.of_b || !m.seen)
		return;
	memset(m.v, UNKNOWN, na * nb);
	if (repeats_count ? perfect(&m, false) : covered(&m, false))
		eq_say(ret, MX_YES, "the same members");
	else if (repeats_count ? perfect(&m, true) : covered(&m, true))
		eq_say(ret, MX_UNDECIDED, "not decided: members not told apart");
	else
		eq_say(ret, MX_NO, "members differ");
	if (q->e->spent)
		eq_say(ret, MX_UNDECIDED, "the budget is spent");
}
