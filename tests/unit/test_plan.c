/* test_plan.c - the plan: what is made of a configuration, and how it is drawn. */
#include "config.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/graphfix.h"

/* ---- plans ---- */

static const char graph[] =
	"endpoints = { e = { kind = \"script\"; file = \"replies.json\"; }; };\n"
	"instances = { i = { model = \"test.length\"; params = { target = 5; }; };\n"
	"  j = { model = \"test.length\"; }; list = { model = \"test.list\"; };\n"
	"  pair = { model = \"test.pair\"; }; judge = { model = \"test.judge2\"; }; };\n"
	"compositions = {\n"
	"  low = { combine = \"sum\"; members = ( { use = \"i\"; weight = 2; on_error = \"skip\"; "
	"},\n"
	"    { use = \"j\"; transform = { clip = [0, 1]; }; on_error = 0.25; } ); };\n"
	"  top = { combine = \"mean\"; members = ( \"low\", { use = \"i\"; name = \"again "
	"\\\"q\\\"\"; } );\n"
	"    transform = ( \"sigmoid\", { affine = [2.0, 1.0]; } ); };\n"
	"  ranked = { combine = \"mean\"; members = ( { use = \"i\"; transform = \"rank\"; } ); "
	"};\n"
	"  listed = { combine = \"min\"; members = ( \"list\", \"i\" ); };\n"
	"  above = { combine = \"mean\"; members = ( \"ranked\" ); };\n"
	"  by_source = { combine = \"route\"; key = \"source\"; otherwise = \"low\";\n"
	"    routes = ( { regex = \"^m\"; use = \"i\"; }, { match = \"c*\"; use = \"i\"; } ); };\n"
	"  verdict = { combine = \"route\"; by = \"list\"; routes = ( { from = 0.5; use = \"i\"; "
	"},\n"
	"    { to = 0.5; use = \"low\"; } ); };\n"
	"  ab = { combine = \"route\"; routes = ( { share = 0.1; use = \"i\"; },\n"
	"    { share = 0.2; use = \"j\"; } ); otherwise = \"low\"; };\n"
	"};\n";

static void test_a_plan_holds_members_before_users_and_each_node_once(void)
{
	struct meed_conf *c = good(graph);
	struct meed_plan *p = plan(c, "top", NULL);
	const struct meed_node *top = &p->nodes[p->root];
	const struct meed_member *m;
	size_t i, k;

	CU_ASSERT_EQUAL(p->n_nodes, 4);
	CU_ASSERT_STRING_EQUAL(p->name, "top");
	CU_ASSERT_STRING_EQUAL(top->name, "top");
	CU_ASSERT_EQUAL(p->root, 3);
	for (i = 0; i < p->n_nodes; i++)
		for (k = 0; k < p->nodes[i].n_members; k++)
			CU_ASSERT(p->nodes[i].members[k].node < i);
	CU_ASSERT_EQUAL(top->depth, 2);
	CU_ASSERT_FALSE(top->group);
	CU_ASSERT_EQUAL(top->n_transforms, 2);
	CU_ASSERT_EQUAL(top->transforms[0].kind, MEED_X_SIGMOID);
	CU_ASSERT_EQUAL(top->transforms[0].a, 1.0);
	CU_ASSERT_EQUAL(top->transforms[1].a, 2.0);
	CU_ASSERT_STRING_EQUAL(top->members[1].name, "again \"q\"");
	CU_ASSERT_STRING_EQUAL(top->members[1].name_json.p, "\"again \\\"q\\\"\"");
	CU_ASSERT_EQUAL(top->members[1].node, node(p, "low")->members[0].node);
	m = node(p, "low")->members;
	CU_ASSERT_EQUAL(m[0].weight, 2.0);
	CU_ASSERT_EQUAL(m[0].on_error, MEED_ON_SKIP);
	CU_ASSERT(isnan(m[0].below) && isnan(m[0].above));
	CU_ASSERT_EQUAL(m[1].weight, 1.0);
	CU_ASSERT_EQUAL(m[1].on_error, MEED_ON_VALUE);
	CU_ASSERT_EQUAL(m[1].on_error_value, 0.25);
	CU_ASSERT_EQUAL(m[1].transforms[0].kind, MEED_X_CLIP);
	CU_ASSERT_EQUAL(int_param(node(p, "i"), "target"), 5);
	CU_ASSERT_EQUAL(int_param(node(p, "j"), "target"), 100);
	CU_ASSERT_PTR_NOT_NULL(node(p, "i")->self);
	CU_ASSERT_EQUAL(node(p, "i")->mode, MEED_POINTWISE);
	meed_plan_free(p);
	meed_conf_free(c);
}

static void test_nodes_that_look_at_all_outputs_are_marked_upwards(void)
{
	static const struct {
		const char *name;
		bool group;
	} want[] = { { "i", false },	 { "list", true },	 { "pair", true },
		     { "low", false },	 { "ranked", true },	 { "above", true },
		     { "listed", true }, { "by_source", false }, { "verdict", true } };
	struct meed_conf *c = good(graph);
	size_t i;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct meed_plan *p = plan(c, want[i].name, NULL);

		CU_ASSERT_EQUAL(p->nodes[p->root].group, want[i].group);
		meed_plan_free(p);
	}
	meed_conf_free(c);
}

static void test_routes_are_compiled(void)
{
	struct meed_conf *c = good(graph);
	struct meed_plan *p = plan(c, "by_source", NULL);
	const struct meed_node *n = &p->nodes[p->root];

	CU_ASSERT_STRING_EQUAL(n->key, "source");
	CU_ASSERT_EQUAL(n->chooser, -1);
	CU_ASSERT_EQUAL(n->otherwise, 2);
	CU_ASSERT_EQUAL(n->n_members, 3);
	CU_ASSERT_PTR_NOT_NULL(n->members[0].regex);
	CU_ASSERT_EQUAL(n->members[1].match_kind, MEED_MATCH_GLOB);
	CU_ASSERT_STRING_EQUAL(n->members[1].pattern, "c*");
	meed_plan_free(p);

	p = plan(c, "verdict", NULL);
	n = &p->nodes[p->root];
	CU_ASSERT_EQUAL(n->otherwise, -1);
	CU_ASSERT_PTR_NULL(n->key);
	CU_ASSERT_STRING_EQUAL(p->nodes[n->chooser].name, "list");
	CU_ASSERT_EQUAL(n->members[0].from, 0.5);
	CU_ASSERT(isinf(n->members[0].to));
	CU_ASSERT_EQUAL(n->members[1].to, 0.5);
	meed_plan_free(p);

	p = plan(c, "ab", NULL);
	n = &p->nodes[p->root];
	CU_ASSERT_EQUAL(n->chooser, -1);
	CU_ASSERT_PTR_NULL(n->key);
	CU_ASSERT_EQUAL(n->members[0].match_kind, MEED_MATCH_SHARE);
	CU_ASSERT_EQUAL(n->members[0].from, 0.0);
	CU_ASSERT_EQUAL(n->members[0].to, 0.1);
	CU_ASSERT_EQUAL(n->members[1].from, 0.1);
	CU_ASSERT_EQUAL(n->members[1].to, 0.1 + 0.2);
	meed_plan_free(p);
	meed_conf_free(c);
}

static void test_a_model_id_is_a_plan_of_one_node(void)
{
	struct meed_conf *c = good(graph);
	struct meed_plan *p = plan(c, "test.length", "target=7");

	CU_ASSERT_EQUAL(p->n_nodes, 1);
	CU_ASSERT_STRING_EQUAL(p->nodes[0].name, "test.length");
	CU_ASSERT_EQUAL(int_param(&p->nodes[0], "target"), 7);
	CU_ASSERT(p->nodes[0].both_orders);
	meed_plan_free(p);
	refused(c, "test.lenght", NULL, "did you mean \"test.length\"?");
	meed_conf_free(c);
}

static void test_the_only_endpoint_is_the_default_one(void)
{
	struct meed_diags d = { 0 };
	struct meed_plan *p = NULL;
	struct meed_conf *c = good(graph);

	p = plan(c, "judge", NULL);
	CU_ASSERT_STRING_EQUAL(p->nodes[0].endpoint, "e");
	meed_plan_free(p);
	p = plan(c, "i", NULL);
	CU_ASSERT_STRING_EQUAL(p->nodes[0].endpoint, "");
	meed_plan_free(p);
	meed_conf_free(c);

	c = good("instances = { judge = { model = \"test.judge2\"; }; };");
	CU_ASSERT_EQUAL(meed_plan_new(c, "judge", NULL, 0, &d, &p), MEED_OK);
	CU_ASSERT(reported(&d, "\"judge\" may ask an endpoint, but none is configured"));
	CU_ASSERT_EQUAL(d.n_errors, 0);
	meed_diags_release(&d);
	meed_plan_free(p);
	meed_conf_free(c);
}

static void test_sets_reach_parameters_along_members(void)
{
	const char *sets[] = { "low.i.target=8", "again \"q\".slope=2", "low.j.unit=bytes",
			       "low.j.target=9", "low.j.target=10" };
	struct meed_conf *c = good(graph);
	struct meed_diags d = { 0 };
	struct meed_plan *p = NULL;
	struct json_object *o = NULL;

	CU_ASSERT_EQUAL(meed_plan_new(c, "top", sets, 5, &d, &p), MEED_OK);
	show(&d);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_EQUAL(int_param(node(p, "i"), "target"), 8);
	CU_ASSERT_EQUAL(int_param(node(p, "i"), "slope"), 2);
	CU_ASSERT_EQUAL(int_param(node(p, "j"), "target"), 10);
	CU_ASSERT(json_object_object_get_ex(node(p, "j")->params, "unit", &o));
	CU_ASSERT_STRING_EQUAL(json_object_get_string(o), "bytes");
	meed_plan_free(p);

	p = plan(c, "i", "target=null");
	CU_ASSERT_EQUAL(int_param(&p->nodes[0], "target"), 100);
	meed_plan_free(p);
	p = plan(c, "i", "unit=\"bytes\"");
	meed_plan_free(p);
	meed_conf_free(c);
}

static void test_sets_that_name_nothing_are_refused(void)
{
	struct meed_conf *c = good(graph);

	refused(c, "i", "target", "--set target: must be PARAM=VALUE");
	refused(c, "i", "=4", "--set =4: must be PARAM=VALUE");
	refused(c, "i", "targte=4", "--set targte=4: parameter \"targte\"");
	refused(c, "i", "target=0", "--set target=0: parameter \"target\"");
	refused(c, "i", "target=many", "--set target=many: parameter \"target\"");
	refused(c, "i", "unit=4", "--set unit=4: parameter \"unit\"");
	refused(c, "top", "target=4", "is a composition and has no parameters of its own");
	refused(c, "top", "loww.target=4",
		"composition \"top\" has no member \"loww\"; did you mean \"low\"?");
	refused(c, "top", "low.target=4", "is a composition and has no parameters of its own");
	refused(c, "verdict", "list.x=1", "--set list.x=1: parameter \"x\"");
	refused(c, "top", "low.i.=4", "names no parameter");
	refused(c, "i", "unit=\xff", "is not UTF-8");
	meed_conf_free(c);
}

/* ---- printing ---- */

static void print_is(const struct meed_plan *p, enum meed_graph_format f, const char *want)
{
	struct meed_buf b = { 0 };

	meed_plan_print(p, f, &b);
	meed_buf_putc(&b, '\0');
	CU_ASSERT_FALSE_FATAL(b.failed);
	if (strcmp(b.p, want) != 0) {
		(void)fprintf(stderr, "printed:\n%swanted:\n%s", b.p, want);
		CU_FAIL("printed otherwise");
	}
	meed_buf_release(&b);
}

static void test_the_tree_shows_a_shared_node_once(void)
{
	struct meed_conf *c = good(graph);
	struct meed_plan *p = plan(c, "top", NULL);

	print_is(
		p, MEED_GRAPH_TEXT,
		"top  mean  transform sigmoid[1, 0], affine[2, 1]\n"
		"├── low  weight 1  sum\n"
		"│   ├── i  weight 2  on_error skip  test.length  pointwise  (shared)\n"
		"│   └── j  weight 1  transform clip[0, 1]  on_error 0.25  test.length  pointwise\n"
		"└── again \"q\"  weight 1  = i  test.length  pointwise  (shared, shown above)\n");
	meed_plan_free(p);
	p = plan(c, "verdict", NULL);
	print_is(p, MEED_GRAPH_TEXT,
		 "verdict  route by list\n"
		 "├── list  chooses the route  test.list  listwise\n"
		 "├── i  score from 0.5  test.length  pointwise  (shared)\n"
		 "└── low  score to 0.5  sum\n"
		 "    ├── i  weight 2  on_error skip  test.length  pointwise  (shared, shown "
		 "above)\n"
		 "    └── j  weight 1  transform clip[0, 1]  on_error 0.25  test.length  "
		 "pointwise\n");
	meed_plan_free(p);
	meed_conf_free(c);
}

static void test_dot_escapes_what_names_hold(void)
{
	struct meed_conf *c =
		good("instances = { i = { model = \"test.length\"; }; };\n"
		     "compositions = { k = { combine = \"max\"; members = ( { use = \"i\";"
		     " name = \"a\\\"\\\\n\"; } ); }; };\n");
	struct meed_plan *p = plan(c, "k", NULL);

	print_is(p, MEED_GRAPH_DOT,
		 "digraph meed {\n\trankdir=LR;\n"
		 "\tnode [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n"
		 "\tedge [fontname=\"sans-serif\", fontsize=9];\n"
		 "\tn0 [label=\"i\\ntest.length\\npointwise\"];\n"
		 "\tn1 [shape=oval, label=\"k\\nmax\"];\n"
		 "\tn1 -> n0 [label=\"a\\\"\\\\n\"];\n}\n");
	meed_plan_free(p);
	meed_conf_free(c);
}

#define T(f)                                                                                       \
	{                                                                                          \
#f, test_##f                                                                       \
	}

int main(void)
{
	static CU_TestInfo plans[] = {
		T(a_plan_holds_members_before_users_and_each_node_once),
		T(nodes_that_look_at_all_outputs_are_marked_upwards),
		T(routes_are_compiled),
		T(a_model_id_is_a_plan_of_one_node),
		T(the_only_endpoint_is_the_default_one),
		T(sets_reach_parameters_along_members),
		T(sets_that_name_nothing_are_refused),
		CU_TEST_INFO_NULL
	};
	static CU_TestInfo printing[] = {
		T(the_tree_shows_a_shared_node_once),
		T(dot_escapes_what_names_hold),
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "plans", NULL, NULL, NULL, NULL, plans },
				  { "printing", NULL, NULL, NULL, NULL, printing },
				  CU_SUITE_INFO_NULL };

	return graph_tests_run(suites);
}
