/* test_use.c - contradictions and the best of n, against their definitions counted out. */
#include "config.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdlib.h>

#include "host/use/use.h"
#include "tests/unit/suites.h"

#define MAX 8

/* A small generator: what it gives does not matter, that it is the same each time does. */
static uint32_t roll(uint64_t *s)
{
	*s = *s * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*s >> 33);
}

struct game {
	size_t n;
	double won[MAX][MAX];
	struct meed_duels d;
};

static void add(struct game *g, uint32_t a, uint32_t b, double won)
{
	g->won[a][b] += won;
	g->won[b][a] += 1 - won;
	meed_duels_add(&g->d, (struct meed_duel){ .a = a, .b = b, .weight = 1, .won = (float)won,
						  .shown = true });
}

static void random_game(struct game *g, uint64_t *seed)
{
	*g = (struct game){ .n = 2 + roll(seed) % (MAX - 1) };
	g->d.n_nodes = g->n;
	for (uint32_t i = 0; i < g->n; i++)
		for (uint32_t j = 0; j < g->n; j++)
			if (i != j && roll(seed) % 4)
				add(g, i, j, roll(seed) % 3 / 2.0);
}

static bool beats(const struct game *g, size_t a, size_t b)
{
	return g->won[a][b] > g->won[b][a];
}

static size_t cyclic_triples(const struct game *g, size_t *ret_all)
{
	size_t cyclic = 0;

	*ret_all = 0;
	for (size_t i = 0; i < g->n; i++) {
		for (size_t j = i + 1; j < g->n; j++) {
			for (size_t k = j + 1; k < g->n; k++) {
				bool ij = beats(g, i, j), jk = beats(g, j, k), ki = beats(g, k, i);
				bool ji = beats(g, j, i), kj = beats(g, k, j), ik = beats(g, i, k);

				cyclic += (ij && jk && ki) || (ji && kj && ik);
				*ret_all += (ij || ji) && (jk || kj) && (ki || ik);
			}
		}
	}
	return cyclic;
}

static double cost_of(const struct game *g, const size_t *order)
{
	double cost = 0;

	for (size_t i = 0; i < g->n; i++)
		for (size_t j = i + 1; j < g->n; j++)
			if (beats(g, order[j], order[i]))
				cost += g->won[order[j]][order[i]] - g->won[order[i]][order[j]];
	return cost;
}

static void try_orders(const struct game *g, size_t *order, size_t at, double *least)
{
	double c;

	if (at == g->n) {
		c = cost_of(g, order);
		*least = c < *least ? c : *least;
		return;
	}
	for (size_t i = at; i < g->n; i++) {
		size_t t = order[at];

		order[at] = order[i];
		order[i] = t;
		try_orders(g, order, at + 1, least);
		order[i] = order[at];
		order[at] = t;
	}
}

/* Whether a reaches b by winners, for the components. */
static void reach(const struct game *g, bool r[MAX][MAX])
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t j = 0; j < g->n; j++)
			r[i][j] = beats(g, i, j);
	for (size_t k = 0; k < g->n; k++)
		for (size_t i = 0; i < g->n; i++)
			for (size_t j = 0; j < g->n; j++)
				r[i][j] = r[i][j] || (r[i][k] && r[k][j]);
}

static size_t largest_component(const struct game *g, size_t *ret_edges)
{
	bool r[MAX][MAX];
	size_t most = 0;

	reach(g, r);
	*ret_edges = 0;
	for (size_t i = 0; i < g->n; i++) {
		size_t k = 0;

		for (size_t j = 0; j < g->n; j++) {
			k += r[i][j] && r[j][i];
			*ret_edges += beats(g, i, j) && r[j][i];
		}
		most = k > most ? k : most;
	}
	return most;
}

static void test_conflicts_are_what_counting_gives(void)
{
	struct meed_arena arena;
	uint64_t seed = 7;

	meed_arena_init(&arena, 0);
	for (int i = 0; i < 400; i++) {
		struct game g;
		struct meed_conflicts c;
		size_t order[MAX], all, edges, cyclic;
		double least = INFINITY;

		random_game(&g, &seed);
		meed_arena_reset(&arena);
		CU_ASSERT_EQUAL_FATAL(meed_conflicts_find(&g.d, &arena, &c), 0);
		cyclic = cyclic_triples(&g, &all);
		CU_ASSERT_EQUAL(c.n_cyclic, cyclic);
		CU_ASSERT_EQUAL(c.n_triples, all);
		CU_ASSERT_EQUAL(c.largest, largest_component(&g, &edges));
		CU_ASSERT_EQUAL(c.n_in_cycles, edges);
		CU_ASSERT_EQUAL(c.n_cycles > 0, c.largest > 0);
		for (size_t k = 0; k < g.n; k++)
			order[k] = k;
		try_orders(&g, order, 0, &least);
		CU_ASSERT_DOUBLE_EQUAL(c.weight_removed, least, 1e-9);
		for (size_t k = 0; k < g.n; k++)
			order[k] = c.order[k];
		CU_ASSERT_DOUBLE_EQUAL(cost_of(&g, order), least, 1e-9);
		meed_duels_release(&g.d);
	}
	meed_arena_release(&arena);
}

static void test_both_orders_are_compared(void)
{
	struct meed_arena arena;
	struct game g = { .n = 3 };
	struct meed_conflicts c;

	meed_arena_init(&arena, 0);
	g.d.n_nodes = 3;
	add(&g, 0, 1, 1);
	add(&g, 1, 0, 1);		/* each wins when shown first */
	add(&g, 1, 2, 0.5);
	add(&g, 2, 1, 0);		/* a tie once, a win once */
	CU_ASSERT_EQUAL_FATAL(meed_conflicts_find(&g.d, &arena, &c), 0);
	CU_ASSERT_EQUAL(c.n_pairs, 2);
	CU_ASSERT_EQUAL(c.n_twice, 2);
	CU_ASSERT_EQUAL(c.n_contrary, 1);
	CU_ASSERT_EQUAL(c.n_wavering, 1);
	CU_ASSERT_EQUAL(c.n_tied, 1);
	CU_ASSERT_EQUAL(c.n_shown, 3);
	CU_ASSERT_EQUAL(c.n_first, 2);
	CU_ASSERT(isnan(c.consistence));
	meed_duels_release(&g.d);
	meed_arena_release(&arena);
}

static void test_consistence_is_one_without_and_zero_with_all_cycles(void)
{
	static const int cycle5[5][2] = { { 1, 2 }, { 2, 3 }, { 3, 4 }, { 4, 0 }, { 0, 1 } };
	struct meed_arena arena;
	struct game g = { .n = 5 };
	struct meed_conflicts c;

	meed_arena_init(&arena, 0);
	g.d.n_nodes = 5;
	/* everybody beats the two after him: as many cyclic triples as five can have */
	for (uint32_t i = 0; i < 5; i++) {
		add(&g, (uint32_t)cycle5[i][0], (uint32_t)cycle5[i][1], 1);
		add(&g, i, (i + 2) % 5, 1);
	}
	CU_ASSERT_EQUAL_FATAL(meed_conflicts_find(&g.d, &arena, &c), 0);
	CU_ASSERT_EQUAL(c.n_cyclic, 5);
	CU_ASSERT_DOUBLE_EQUAL(c.consistence, 0, 1e-12);
	meed_duels_clear(&g.d);
	g.d.n_nodes = 5;
	for (uint32_t i = 0; i < 5; i++)
		for (uint32_t j = i + 1; j < 5; j++)
			add(&g, i, j, 1);
	CU_ASSERT_EQUAL_FATAL(meed_conflicts_find(&g.d, &arena, &c), 0);
	CU_ASSERT_DOUBLE_EQUAL(c.consistence, 1, 1e-12);
	CU_ASSERT_EQUAL(c.order[0], 0);
	CU_ASSERT_EQUAL(c.net[0], 1);
	CU_ASSERT_EQUAL(c.net[4], -1);
	meed_duels_release(&g.d);
	meed_arena_release(&arena);
}

static void test_too_many_outputs_are_refused(void)
{
	struct meed_duels d = { .n_nodes = MEED_CONFLICT_NODES + 1 };
	struct meed_arena arena;
	struct meed_conflicts c;

	meed_arena_init(&arena, 0);
	CU_ASSERT_EQUAL(meed_conflicts_find(&d, &arena, &c), MEED_E_LIMIT);
	d.n_nodes = 0;
	CU_ASSERT_EQUAL(meed_conflicts_find(&d, &arena, &c), 0);
	meed_arena_release(&arena);
}

/* The mean over all subsets of k, one by one. */
static void every_subset(const double *x, const double *y, size_t n, size_t k, double *ret_x,
			 double *ret_y)
{
	size_t n_sets = 0;

	*ret_x = *ret_y = 0;
	for (unsigned set = 0; set < 1u << n; set++) {
		double best = -INFINITY, sum = 0;
		size_t ties = 0;

		if ((size_t)__builtin_popcount(set) != k)
			continue;
		for (size_t i = 0; i < n; i++)
			if (set >> i & 1 && x[i] > best)
				best = x[i];
		for (size_t i = 0; i < n; i++) {
			if (set >> i & 1 && x[i] >= best) {
				sum += y[i];
				ties++;
			}
		}
		*ret_x += best;
		*ret_y += sum / (double)ties;
		n_sets++;
	}
	*ret_x /= (double)n_sets;
	*ret_y /= (double)n_sets;
}

static void test_best_of_k_is_the_mean_over_all_subsets(void)
{
	uint64_t seed = 3;

	for (int i = 0; i < 200; i++) {
		double x[MAX], y[MAX], v[MAX], want_x, want_y;
		size_t n = 1 + roll(&seed) % MAX, k = 1 + roll(&seed) % n, order[MAX];

		for (size_t j = 0; j < n; j++) {
			x[j] = (double)(roll(&seed) % 5);
			y[j] = roll(&seed) % 2;
			v[j] = x[j];
		}
		every_subset(x, y, n, k, &want_x, &want_y);
		CU_ASSERT_DOUBLE_EQUAL(meed_best_expected(v, n, k), want_x, 1e-9);
		CU_ASSERT_DOUBLE_EQUAL(meed_best_expected_of(x, y, n, k, order), want_y, 1e-9);
	}
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "conflicts_are_what_counting_gives", test_conflicts_are_what_counting_gives },
		{ "both_orders_are_compared", test_both_orders_are_compared },
		{ "consistence_is_one_without_and_zero_with_all_cycles",
		  test_consistence_is_one_without_and_zero_with_all_cycles },
		{ "too_many_outputs_are_refused", test_too_many_outputs_are_refused },
		{ "best_of_k_is_the_mean_over_all_subsets",
		  test_best_of_k_is_the_mean_over_all_subsets },
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "use", NULL, NULL, NULL, NULL, tests }, CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
