/* limits.c - what one comparison may cost, layer by layer. */
#include "config.h"

#include "plugins/math/equal.h"

#include <stdarg.h>

/* Measured on one 2020s core, FLINT 2.9, Arb 2.23, Calcium 0.4: at these limits no single library
 * call takes more than 5 ms. max_bits: a product of two such integers 0.6 ms, reading one 2 ms;
 * max_terms: the largest product of two polynomials 3 ms; max_prec: log or sin 0.1 ms;
 * gamma_prec: 0.05 ms; ca_weight: the root of (sqrt 2 + sqrt 3 + sqrt 5 + sqrt 7)^2, which weighs 6,
 * takes 20 ms and more. The helper process, which may die, gets more. */
void eq_limits(struct eq *q, struct mx_env *e)
{
	const struct mx_opts *o = e->opts;

	memset(q, 0, sizeof(*q));
	q->e = e;
	q->max_bits = o && o->max_bits ? o->max_bits : 1u << 17;
	q->max_degree = o && o->max_degree ? o->max_degree : 200;
	q->max_terms = o && o->max_terms ? o->max_terms : 2000;
	q->max_sum = 10000;
	q->max_prec = 4096;
	q->gamma_prec = 1024;
	q->ca_degree = 24;
	q->ca_prec = 1024;
	q->ca_weight = 5;
	if (q->max_bits > 1u << 20)
		q->max_bits = 1u << 20;
	if (q->max_degree > 10000)
		q->max_degree = 10000;
	if (q->max_terms > 20000)
		q->max_terms = 20000;
}

void eq_limits_strong(struct eq *q)
{
	q->max_bits = 1u << 24;
	q->max_terms = 20000;
	q->max_sum = 1000000;
	q->max_prec = 16384;
	q->gamma_prec = 4096;
	q->ca_degree = 120;
	q->ca_prec = 4096;
	q->ca_weight = 16;
}

bool eq_enter(struct eq *q)
{
	if (q->e->spent)
		return false;
	if (q->depth >= EQ_DEPTH) {
		q->e->spent = MEED_E_LIMIT;
		return false;
	}
	q->depth++;
	return mx_step(q->e, 1);
}

void eq_leave(struct eq *q)
{
	if (q->depth > 0)
		q->depth--;
}

uint64_t eq_mix(uint64_t h)
{
	h += 0x9E3779B97F4A7C15u;
	h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9u;
	h = (h ^ (h >> 27)) * 0x94D049BB133111EBu;
	return h ^ (h >> 31);
}

uint64_t eq_mix_str(uint64_t h, meed_str s)
{
	size_t i;

	h = eq_mix(h ^ s.n);
	for (i = 0; i < s.n; i++)
		h = eq_mix(h ^ (unsigned char)s.p[i]);
	return h;
}

void eq_say(struct mx_outcome *o, enum mx_verdict v, const char *rule)
{
	o->verdict = v;
	o->rule = rule;
	o->detail[0] = '\0';
}

void eq_sayf(struct mx_outcome *o, enum mx_verdict v, const char *rule, const char *fmt, ...)
{
	va_list ap;

	o->verdict = v;
	o->rule = rule;
	va_start(ap, fmt);
	(void)vsnprintf(o->detail, sizeof(o->detail), fmt, ap);
	va_end(ap);
}
