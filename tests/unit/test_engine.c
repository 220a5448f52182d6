/* test_engine.c - compositions, failures, modes and suspension through the real host. */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "tests/unit/enginefix.h"
#include "tests/unit/suites.h"

#define NEAR(a, b) CU_ASSERT_DOUBLE_EQUAL(a, b, 1e-12)
#define ROW "{\"unique_id\":\"r1\",\"prompt\":\"p\",\"response\":\"abc\"}"

/* Members with known scores; `test.length` is 1 / (1 + |length - target| / target). */
static const char instances[] =
	"instances = {\n"
	"  c2 = { model = \"test.faulty\"; params = { score = 0.2; }; };\n"
	"  c5 = { model = \"test.faulty\"; params = { score = 0.5; }; };\n"
	"  c9 = { model = \"test.faulty\"; params = { score = 0.9; }; };\n"
	"  bad = { model = \"test.faulty\"; params = { how = \"fail\"; }; };\n"
	"  silent = { model = \"test.faulty\"; params = { how = \"abstain\"; }; };\n"
	"  slow = { model = \"test.faulty\"; params = { how = \"loop\"; }; timeout_ms = 20; };\n"
	"  long = { model = \"test.length\"; params = { target = 10; }; };\n"
	"  list = { model = \"test.list\"; };\n"
	"  pair = { model = \"test.pair\"; };\n"
	"  steps = { model = \"test.steps\"; };\n"
	"  worst_step = { model = \"test.steps\"; steps = \"min\"; };\n"
	"  judge = { model = \"test.judge2\"; params = { votes = 3; }; };\n"
	"};\n"
	"endpoints = { fake = { kind = \"script\"; file = \"@DIR@/script.json\"; }; };\n";

static bool open_with(struct fix *f, const char *compositions, const char *name)
{
	struct meed_buf b = { 0 };
	bool ok;

	meed_buf_puts(&b, instances);
	meed_buf_puts(&b, compositions);
	meed_buf_putc(&b, '\0');
	ok = fix_open(f, b.p, "[]", name, NULL);
	meed_buf_release(&b);
	CU_ASSERT_FATAL(ok);
	return ok;
}

/* The score of one output under `combine` and its members, as text. */
static struct meed_reward score_of(const char *body, struct fix *f)
{
	char conf[2048];

	(void)snprintf(conf, sizeof(conf), "compositions = { k = { %s }; };\n", body);
	(void)open_with(f, conf, "k");
	CU_ASSERT_FATAL(fix_score(f, ROW));
	CU_ASSERT_EQUAL_FATAL(f->res.n_outs, 1);
	return f->res.outs[0];
}

#define THREE "members = ( { use = \"c2\"; weight = 1.0; }, { use = \"c5\"; weight = 2.0; }, " \
	      "{ use = \"c9\"; weight = 1.0; } ); "
#define PLAIN "members = ( \"c2\", \"c5\", \"c9\" ); "

static void expect(const char *body, double want)
{
	struct fix f;
	struct meed_reward r = score_of(body, &f);

	CU_ASSERT(r.valid);
	NEAR(r.score, want);
	fix_close(&f);
}

static void test_combiners_give_the_documented_figures(void)
{
	expect("combine = \"sum\"; " THREE, 2.1);
	expect("combine = \"mean\"; " THREE, 0.525);
	expect("combine = \"product\"; " PLAIN, 0.09);
	expect("combine = \"min\"; " PLAIN, 0.2);
	expect("combine = \"max\"; " PLAIN, 0.9);
	expect("combine = \"vote\"; threshold = 0.5; " THREE, 0.75);
	expect("combine = \"lower_bound\"; k = 1.0; " THREE,
	       0.525 - sqrt((0.325 * 0.325 + 2 * 0.025 * 0.025 + 0.375 * 0.375) / 4));
}

static void test_contributions_add_up_to_the_score(void)
{
	struct fix f;
	struct meed_reward r = score_of("combine = \"mean\"; " THREE, &f);
	double sum = 0;

	for (size_t i = 0; i < r.n_details; i++)
		sum += r.details[i].contribution;
	NEAR(sum, r.score);
	NEAR(fix_detail(&f, 0, "c5")->contribution, 0.25);
	fix_close(&f);
}

static void test_gate_below_its_bound_stands_alone(void)
{
	struct fix f;
	struct meed_reward r = score_of("combine = \"gate\"; members = ( { use = \"c2\"; gate = true; "
					"below = 0.3; }, { use = \"bad\"; }, { use = \"c9\"; } ); ",
					&f);

	CU_ASSERT(r.valid);
	NEAR(r.score, 0.2);
	CU_ASSERT_EQUAL(fix_detail(&f, 0, "bad")->state, MEED_D_IDLE);
	fix_close(&f);
	expect("combine = \"gate\"; members = ( { use = \"c2\"; gate = true; below = 0.1; }, "
	       "{ use = \"c5\"; weight = 3.0; }, { use = \"c9\"; } ); ",
	       (3 * 0.5 + 0.9) / 4);
}

static void test_cascade_stops_when_decided(void)
{
	struct fix f;
	struct meed_reward r = score_of("combine = \"cascade\"; members = ( { use = \"c2\"; "
					"below = 0.3; }, { use = \"bad\"; } ); ",
					&f);

	CU_ASSERT(r.valid);
	NEAR(r.score, 0.2);
	CU_ASSERT_EQUAL(fix_detail(&f, 0, "bad")->state, MEED_D_IDLE);
	fix_close(&f);
	expect("combine = \"cascade\"; members = ( { use = \"c5\"; below = 0.3; above = 0.8; }, "
	       "{ use = \"c9\"; } ); ",
	       0.9);
}

static void test_fallback_takes_the_next_on_error(void)
{
	struct fix f;
	struct meed_reward r = score_of("combine = \"fallback\"; members = ( \"bad\", \"silent\", "
					"\"c9\", \"c5\" ); ",
					&f);

	CU_ASSERT(r.valid);
	NEAR(r.score, 0.9);
	CU_ASSERT_EQUAL(fix_detail(&f, 0, "bad")->state, MEED_D_SKIPPED);
	CU_ASSERT_EQUAL(fix_detail(&f, 0, "bad")->code, MEED_E_SAMPLE);
	CU_ASSERT_EQUAL(fix_detail(&f, 0, "c5")->state, MEED_D_IDLE);
	fix_close(&f);
	r = score_of("combine = \"fallback\"; members = ( \"silent\", \"bad\" ); ", &f);
	CU_ASSERT(!r.valid);
	fix_close(&f);
}

static void test_a_failed_member_is_never_a_score(void)
{
	struct fix f;
	struct meed_reward r = score_of("combine = \"mean\"; members = ( \"c5\", \"bad\" ); ", &f);

	CU_ASSERT(!r.valid);
	CU_ASSERT_EQUAL(r.code, MEED_E_SAMPLE);
	CU_ASSERT(meed_str_eq(r.member, MEED_STR("bad")));
	CU_ASSERT_PTR_NOT_NULL(strstr(f.json.p, "\"valid\":false"));
	CU_ASSERT_PTR_NULL(strstr(f.json.p, "\"reward\":{\"score\""));
	fix_close(&f);
}

static void test_on_error_skip_renormalises_and_a_value_counts(void)
{
	struct fix f;
	struct meed_reward r = score_of("combine = \"mean\"; members = ( { use = \"c5\"; weight = 1.0; },"
					" { use = \"bad\"; weight = 3.0; on_error = \"skip\"; } ); ",
					&f);

	CU_ASSERT(r.valid);
	NEAR(r.score, 0.5);
	CU_ASSERT_EQUAL(fix_detail(&f, 0, "bad")->state, MEED_D_SKIPPED);
	fix_close(&f);
	expect("combine = \"mean\"; members = ( { use = \"c5\"; weight = 1.0; }, { use = \"bad\"; "
	       "weight = 3.0; on_error = 0.0; } ); ",
	       0.125);
}

static void test_abstaining_members_are_left_out(void)
{
	struct fix f;
	struct meed_reward r;

	expect("combine = \"mean\"; members = ( { use = \"c5\"; }, { use = \"silent\"; "
	       "weight = 5.0; } ); ",
	       0.5);
	r = score_of("combine = \"mean\"; members = ( \"silent\" ); ", &f);
	CU_ASSERT(!r.valid);
	CU_ASSERT_EQUAL(r.code, MEED_ABSTAIN);
	fix_close(&f);
}

static void test_a_loop_is_ended_by_its_deadline(void)
{
	struct fix f;
	struct meed_reward r = score_of("combine = \"mean\"; members = ( { use = \"slow\"; "
					"on_error = \"skip\"; }, { use = \"c5\"; } ); ",
					&f);

	CU_ASSERT(r.valid);
	NEAR(r.score, 0.5);
	fix_close(&f);
}

static const char routes[] =
	"compositions = { k = { combine = \"route\"; key = \"task_category\";\n"
	"  routes = ( { match = \"math*\"; use = \"c9\"; }, { regex = \"^co[dl]e$\"; use = \"c5\"; } );\n"
	"  otherwise = \"c2\"; };\n"
	"strict = { combine = \"route\"; key = \"/lang\"; routes = ( { match = \"en\"; use = \"c9\"; } ); };\n"
	"verdict = { combine = \"route\"; by = \"long\";\n"
	"  routes = ( { from = 0.0; to = 0.5; use = \"c2\"; }, { from = 0.5; to = 2.0; use = \"c9\"; } ); };\n"
	"ab = { combine = \"route\"; routes = ( { share = 0.5; use = \"c2\"; }, { share = 0.5; use = \"c9\"; } ); };\n"
	"};\n";

static double routed(struct fix *f, const char *row)
{
	CU_ASSERT_FATAL(fix_score(f, row));
	return f->res.outs[0].valid ? f->res.outs[0].score : -1;
}

static void test_routes_by_category_field_and_verdict(void)
{
	struct fix f;

	(void)open_with(&f, routes, "k");
	NEAR(routed(&f, "{\"prompt\":\"p\",\"response\":\"x\",\"task_category\":\"math/algebra\"}"), 0.9);
	NEAR(routed(&f, "{\"prompt\":\"p\",\"response\":\"x\",\"task_category\":\"code\"}"), 0.5);
	NEAR(routed(&f, "{\"prompt\":\"p\",\"response\":\"x\",\"task_category\":\"codes\"}"), 0.2);
	NEAR(routed(&f, "{\"prompt\":\"p\",\"response\":\"x\"}"), 0.2);
	fix_close(&f);
	(void)open_with(&f, routes, "strict");
	NEAR(routed(&f, "{\"prompt\":\"p\",\"response\":\"x\",\"lang\":\"en\"}"), 0.9);
	NEAR(routed(&f, "{\"prompt\":\"p\",\"response\":\"x\",\"lang\":\"de\"}"), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.json.p, "no route matches"));
	fix_close(&f);
	(void)open_with(&f, routes, "verdict");
	NEAR(routed(&f, "{\"prompt\":\"p\",\"response\":\"0123456789\"}"), 0.9);
	NEAR(routed(&f, "{\"prompt\":\"p\",\"response\":\"0123456789012345678901234567890\"}"), 0.2);
	fix_close(&f);
}

static void test_shares_split_samples_and_stay_with_them(void)
{
	struct fix f;
	int low = 0;

	(void)open_with(&f, routes, "ab");
	for (int i = 0; i < 400; i++) {
		char row[64];
		double x;

		(void)snprintf(row, sizeof(row), "{\"prompt\":\"p%d\",\"response\":\"x\"}", i);
		x = routed(&f, row);
		low += x < 0.5;
		CU_ASSERT(routed(&f, row) == x);
	}
	CU_ASSERT(low > 150 && low < 250);
	fix_close(&f);
}

#define GROUP "{\"prompt\":\"p\",\"responses\":[\"0123456789\",\"01234\",\"0123456789\",\"\"]}"

static void test_listwise_and_pairwise_see_the_group(void)
{
	static const double want_list[4] = { 1, 0.5, 1, 0 };
	static const double want_pair[4] = { 2.5 / 3, 1.0 / 3, 2.5 / 3, 0 };
	struct fix f;

	(void)open_with(&f, "", "list");
	CU_ASSERT_FATAL(fix_score(&f, GROUP));
	for (size_t i = 0; i < 4; i++)
		NEAR(f.res.outs[i].score, want_list[i]);
	fix_close(&f);
	(void)open_with(&f, "", "pair");
	CU_ASSERT_FATAL(fix_score(&f, GROUP));
	for (size_t i = 0; i < 4; i++)
		NEAR(f.res.outs[i].score, want_pair[i]);
	CU_ASSERT_FATAL(fix_score(&f, ROW));
	CU_ASSERT(!f.res.outs[0].valid);
	CU_ASSERT_EQUAL(f.res.outs[0].code, MEED_ABSTAIN);
	fix_close(&f);
}

static void test_transforms_over_the_outputs(void)
{
	static const double want[4] = { 2.5 / 3, 1.0 / 3, 2.5 / 3, 0 };
	struct fix f;

	(void)open_with(&f, "compositions = { k = { combine = \"mean\"; members = ( { use = \"list\"; "
			    "transform = \"rank\"; } ); }; };\n",
			"k");
	CU_ASSERT_FATAL(fix_score(&f, GROUP));
	for (size_t i = 0; i < 4; i++)
		NEAR(f.res.outs[i].score, want[i]);
	fix_close(&f);
	(void)open_with(&f, "compositions = { in = { combine = \"mean\"; members = ( \"list\" ); "
			    "transform = ( \"rank\", { affine = [2.0, 1.0]; } ); };\n"
			    "k = { combine = \"sum\"; members = ( \"in\", \"c2\" ); }; };\n",
			"k");
	CU_ASSERT_FATAL(fix_score(&f, GROUP));
	for (size_t i = 0; i < 4; i++)
		NEAR(f.res.outs[i].score, 2 * want[i] + 1.2);
	fix_close(&f);
}

#define STEPS "{\"input\":[],\"output\":[{\"answer\":{\"role\":\"assistant\",\"content\":\"0123456789\"}," \
	      "\"steps\":[{\"role\":\"assistant\",\"content\":\"one\"},{\"role\":\"assistant\",\"content\":\"\"}]}]}"

static void test_stepwise_members_compose_with_others(void)
{
	struct fix f;

	(void)open_with(&f, "compositions = { k = { combine = \"mean\"; members = ( \"steps\", \"long\" ); "
			    "}; };\n",
			"k");
	CU_ASSERT_FATAL(fix_score(&f, STEPS));
	CU_ASSERT(f.res.outs[0].valid);
	NEAR(f.res.outs[0].score, (0.5 + 1) / 2);
	CU_ASSERT_FATAL(f.res.steps && f.res.steps[0]);
	CU_ASSERT(f.res.steps[0][0].valid && f.res.steps[0][1].valid);
	NEAR(f.res.steps[0][0].score, 1);
	NEAR(f.res.steps[0][1].score, 0);
	CU_ASSERT_FATAL(fix_score(&f, ROW));
	CU_ASSERT(f.res.outs[0].valid);
	fix_close(&f);
	(void)open_with(&f, "", "worst_step");
	CU_ASSERT_FATAL(fix_score(&f, STEPS));
	NEAR(f.res.outs[0].score, 0);
	fix_close(&f);
}

static void test_a_bad_output_leaves_the_others_alone(void)
{
	struct fix f;

	(void)open_with(&f, "", "list");
	CU_ASSERT_FATAL(fix_score(&f, "{\"prompt\":\"p\",\"responses\":[\"ab\",null,\"abcd\"]}"));
	NEAR(f.res.outs[0].score, 0.5);
	CU_ASSERT(!f.res.outs[1].valid);
	NEAR(f.res.outs[2].score, 1);
	fix_close(&f);
}

/* ---- suspension ---------------------------------------------------------------------------------- */

static const char script[] =
	"[{\"match\":\"CRITERIA p7\",\"delay_ms\":30,\"text\":\"seven\"},\n"
	" {\"match\":\"CRITERIA p13\",\"status\":\"upstream\",\"error\":\"503 for good\"},\n"
	" {\"match\":\"CRITERIA\",\"delay_ms\":1,\"text\":\"some\"},\n"
	" {\"match\":\"VOTE 1\",\"text\":\"0.25\"},\n"
	" {\"match\":\"VOTE\",\"delay_ms\":2,\"text\":\"0.5\"}]";

static bool open_judge(struct fix *f, const char *name)
{
	char conf[4096];
	bool ok;

	(void)snprintf(conf, sizeof(conf), "%s%s", instances,
		       "compositions = { k = { combine = \"mean\"; members = ( \"judge\", \"c5\", "
		       "\"long\" ); }; };\n");
	ok = fix_open(f, conf, script, name, NULL);
	CU_ASSERT_FATAL(ok);
	return ok;
}

static void test_a_judge_suspends_twice_and_scores(void)
{
	struct fix f;

	(void)open_judge(&f, "judge");
	CU_ASSERT_FATAL(fix_score(&f, "{\"prompt\":\"p1\",\"response\":\"x\"}"));
	CU_ASSERT(f.res.outs[0].valid);
	NEAR(f.res.outs[0].score, (0.5 + 0.25 + 0.5) / 3);
	CU_ASSERT_FATAL(fix_score(&f, "{\"prompt\":\"p13\",\"response\":\"x\"}"));
	CU_ASSERT(!f.res.outs[0].valid);
	CU_ASSERT_EQUAL(f.res.outs[0].code, MEED_E_UPSTREAM);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.json.p, "503 for good"));
	fix_close(&f);
}

static void rows(struct meed_buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i % 50 == 49)
			meed_buf_puts(b, "{\"prompt\":\n");
		else
			meed_buf_printf(b, "{\"prompt\":\"p%zu\",\"responses\":[\"a%zu\",\"%.*s\"]}\n",
					i % 20, i, (int)(i % 30),
					"..............................");
	}
}

static void test_threads_and_window_never_change_the_output(void)
{
	static const struct {
		uint32_t threads, window;
	} ways[] = { { 1, 1 }, { 1, 64 }, { 2, 7 }, { 8, 500 }, { 3, 100 } };
	struct meed_buf in = { 0 }, first = { 0 }, out = { 0 };
	struct meed_run_stats st;
	struct meed_err err = { 0 };
	struct fix f;

	rows(&in, 600);
	(void)open_judge(&f, "k");
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct meed_run_opts o = { .threads = ways[i].threads, .window = ways[i].window };
		bool ok = fix_run(&f, in.p, in.n, o, i ? &out : &first, &st, &err);

		CU_ASSERT_FATAL(ok);
		CU_ASSERT_EQUAL(st.n_lines, 600);
		CU_ASSERT_EQUAL(st.n_bad_lines, 12);
		CU_ASSERT_EQUAL(st.n_samples, 588);
		CU_ASSERT_EQUAL(st.n_outputs, 2 * 588);
		CU_ASSERT_EQUAL(st.n_failed, 2 * 30);
		if (i)
			CU_ASSERT(out.n == first.n && memcmp(out.p, first.p, out.n) == 0);
	}
	fix_close(&f);
	meed_buf_release(&in);
	meed_buf_release(&first);
	meed_buf_release(&out);
}

static void test_scoring_a_scored_file_again_changes_nothing(void)
{
	struct meed_buf in = { 0 }, once = { 0 }, twice = { 0 };
	struct meed_run_opts o = { .threads = 2 };
	struct meed_run_stats st;
	struct meed_err err = { 0 };
	struct fix f;

	for (int i = 0; i < 100; i++)
		meed_buf_printf(&in, "{\"prompt\":\"p\",\"responses\":[\"a%d\",\"b\"],\"x\":[1,2.50,%d]}\n",
				i, i);
	(void)open_with(&f, "compositions = { k = { combine = \"mean\"; members = ( \"list\", \"long\", "
			    "\"c9\" ); }; };\n",
			"k");
	CU_ASSERT_FATAL(fix_run(&f, in.p, in.n, o, &once, &st, &err));
	CU_ASSERT_FATAL(fix_run(&f, once.p, once.n, o, &twice, &st, &err));
	CU_ASSERT(once.n == twice.n && memcmp(once.p, twice.p, once.n) == 0);
	fix_close(&f);
	meed_buf_release(&in);
	meed_buf_release(&once);
	meed_buf_release(&twice);
}

static void test_a_stop_ends_waiting_evaluations(void)
{
	struct meed_buf in = { 0 }, out = { 0 };
	struct meed_run_opts o = { .threads = 2, .strict = true };
	struct meed_run_stats st;
	struct meed_err err = { 0 };
	struct fix f;

	rows(&in, 200);
	(void)open_judge(&f, "k");
	CU_ASSERT(!fix_run(&f, in.p, in.n, o, &out, &st, &err));
	CU_ASSERT_EQUAL(err.code, MEED_E_SAMPLE);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "in.jsonl:50: "));
	CU_ASSERT(st.n_samples < 200);
	fix_close(&f);
	meed_buf_release(&in);
	meed_buf_release(&out);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "combiners_give_the_documented_figures",
		  test_combiners_give_the_documented_figures },
		{ "contributions_add_up_to_the_score", test_contributions_add_up_to_the_score },
		{ "gate_below_its_bound_stands_alone", test_gate_below_its_bound_stands_alone },
		{ "cascade_stops_when_decided", test_cascade_stops_when_decided },
		{ "fallback_takes_the_next_on_error", test_fallback_takes_the_next_on_error },
		{ "a_failed_member_is_never_a_score", test_a_failed_member_is_never_a_score },
		{ "on_error_skip_renormalises_and_a_value_counts",
		  test_on_error_skip_renormalises_and_a_value_counts },
		{ "abstaining_members_are_left_out", test_abstaining_members_are_left_out },
		{ "a_loop_is_ended_by_its_deadline", test_a_loop_is_ended_by_its_deadline },
		{ "routes_by_category_field_and_verdict",
		  test_routes_by_category_field_and_verdict },
		{ "shares_split_samples_and_stay_with_them",
		  test_shares_split_samples_and_stay_with_them },
		{ "listwise_and_pairwise_see_the_group",
		  test_listwise_and_pairwise_see_the_group },
		{ "transforms_over_the_outputs", test_transforms_over_the_outputs },
		{ "stepwise_members_compose_with_others",
		  test_stepwise_members_compose_with_others },
		{ "a_bad_output_leaves_the_others_alone",
		  test_a_bad_output_leaves_the_others_alone },
		{ "a_judge_suspends_twice_and_scores", test_a_judge_suspends_twice_and_scores },
		{ "threads_and_window_never_change_the_output",
		  test_threads_and_window_never_change_the_output },
		{ "scoring_a_scored_file_again_changes_nothing",
		  test_scoring_a_scored_file_again_changes_nothing },
		{ "a_stop_ends_waiting_evaluations", test_a_stop_ends_waiting_evaluations },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = { { .pName = "engine", .pTests = tests },
					 CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
