/* test_scored.c - the reader of scored files: rewards, members, steps, recorded scores, bad lines.
 */
#include "config.h"
#include "host/eval/scored.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NEAR 1e-12 /* numbers that are read, not computed */

static char path[] = "/tmp/meed-scored-XXXXXX";

static int make_file(void)
{
	int fd = mkstemp(path);

	return fd < 0 || close(fd) < 0;
}

static int remove_file(void)
{
	return unlink(path) < 0;
}

static struct meed_scored_reader *open_text(const char *text, const struct meed_scored_opts *o)
{
	const char *paths[] = { path };
	struct meed_scored_reader *r = NULL;
	struct meed_err err = { 0 };
	FILE *f = fopen(path, "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_TRUE(fputs(text, f) >= 0);
	CU_ASSERT_EQUAL(fclose(f), 0);
	CU_ASSERT_EQUAL_FATAL(meed_scored_open(paths, 1, o, &err, &r), MEED_OK);
	return r;
}

static const struct meed_scored *next(struct meed_scored_reader *r)
{
	const struct meed_scored *s = NULL;
	struct meed_err err = { 0 };

	CU_ASSERT_EQUAL_FATAL(meed_scored_next(r, &err, &s), 1);
	return s;
}

static void ends(struct meed_scored_reader *r)
{
	const struct meed_scored *s;
	struct meed_err err = { 0 };

	CU_ASSERT_EQUAL(meed_scored_next(r, &err, &s), 0);
	CU_ASSERT_EQUAL(meed_scored_next(r, &err, &s), 0);
	meed_scored_close(r);
}

static bool is(meed_str s, const char *text)
{
	return meed_str_eq(s, meed_str_of(text));
}

#define SCORED                                                                                     \
	"{\"unique_id\":\"q1\",\"input\":[{\"role\":\"user\",\"content\":\"2+2?\"}],\"output\":["  \
	"{\"answer\":{\"role\":\"assistant\",\"content\":\"4\",\"label\":{\"preference\":"         \
	"\"chosen\"},"                                                                             \
	"\"reward\":{\"score\":0.75,\"composition\":\"c\",\"details\":[{\"name\":\"m\",\"score\":" \
	"1,"                                                                                       \
	"\"reason\":\"why\",\"raw\":2,\"weight\":0.5,\"contribution\":0.5,\"details\":[{\"name\":" \
	"\"deep\",\"score\":3}]},{\"name\":\"n\",\"state\":\"skipped\",\"error\":{\"code\":"       \
	"\"parse\","                                                                               \
	"\"message\":\"no\"}}],\"others\":{\"d\":{\"score\":-1}}}}},"                              \
	"{\"answer\":{\"role\":\"assistant\",\"content\":\"5\",\"reward\":{\"valid\":false,"       \
	"\"error\":"                                                                               \
	"{\"code\":\"timeout\",\"message\":\"late\",\"member\":\"m\"},\"composition\":\"c\"}}},"   \
	"{\"answer\":{\"role\":\"assistant\",\"content\":\"6\",\"reward\":{\"score\":0.0,"         \
	"\"details\":[]}}}"                                                                        \
	"],\"task_category\":\"math\",\"source\":\"s\",\"metadata\":{\"k\":1}}\n"

static void test_a_sample_has_its_fields_and_rewards(void)
{
	struct meed_scored_reader *r = open_text(SCORED, NULL);
	const struct meed_scored *s = next(r);
	const struct meed_scored_reward *w;
	struct meed_scored_detail d;
	double k = 0;

	CU_ASSERT(is(s->id, "q1") && is(s->task_category, "math") && is(s->source, "s"));
	CU_ASSERT(meed_scored_num(meed_scored_get(s->metadata, "k"), &k));
	CU_ASSERT_DOUBLE_EQUAL(k, 1, NEAR);
	CU_ASSERT_EQUAL(s->n_prompt, 1);
	CU_ASSERT_EQUAL_FATAL(s->n_outs, 3);
	w = &s->outs[0].reward;
	CU_ASSERT(w->present && w->valid && is(w->composition, "c"));
	CU_ASSERT_DOUBLE_EQUAL(w->score, 0.75, NEAR);
	CU_ASSERT(is(meed_scored_str(meed_scored_get(s->outs[0].label, "preference")), "chosen"));
	CU_ASSERT_EQUAL_FATAL(w->n_details, 2);
	CU_ASSERT(is(w->details[0].name, "m") && w->details[0].valid && w->details[0].weighted);
	CU_ASSERT_DOUBLE_EQUAL(w->details[0].raw, 2, NEAR);
	CU_ASSERT(is(w->details[0].reason, "why"));
	CU_ASSERT(!w->details[1].valid && is(w->details[1].state, "skipped"));
	CU_ASSERT(is(w->details[1].error, "no"));
	CU_ASSERT(meed_scored_find(w, "deep", &d) && d.valid);
	CU_ASSERT_DOUBLE_EQUAL(d.score, 3, NEAR);
	CU_ASSERT_FALSE(meed_scored_find(w, "absent", &d));
	ends(r);
}

static void test_a_failure_is_no_score_and_unscored_is_neither(void)
{
	struct meed_scored_reader *r = open_text(SCORED, NULL);
	const struct meed_scored *s = next(r);
	const struct meed_scored_reward *w = &s->outs[1].reward;

	CU_ASSERT(w->present && !w->valid && is(w->code, "timeout") && is(w->error, "late"));
	CU_ASSERT(is(w->member, "m"));
	CU_ASSERT_FALSE(s->outs[2].reward.present);
	ends(r);
}

static void test_another_composition_and_a_member_can_be_asked_for(void)
{
	struct meed_scored_reader *r =
		open_text(SCORED, &(struct meed_scored_opts){ .composition = "d" });
	const struct meed_scored *s = next(r);

	CU_ASSERT(s->outs[0].reward.valid);
	CU_ASSERT_DOUBLE_EQUAL(s->outs[0].reward.score, -1, NEAR);
	CU_ASSERT_FALSE(s->outs[1].reward.present);
	ends(r);
	r = open_text(SCORED, &(struct meed_scored_opts){ .detail = "deep" });
	s = next(r);
	CU_ASSERT_DOUBLE_EQUAL(s->outs[0].reward.score, 3, NEAR);
	CU_ASSERT(s->outs[1].reward.present && !s->outs[1].reward.valid);
	ends(r);
}

static void test_lines_that_are_no_samples_come_out_as_such(void)
{
	struct meed_scored_reader *r = open_text("not json\n{\"x\":1}\n"
						 "{\"error\":{\"code\":\"sample\",\"message\":"
						 "\"byte 3: bad\",\"file\":\"f\",\"line\":7},"
						 "\"raw\":\"zz\"}\n" SCORED,
						 NULL);
	const struct meed_scored *s = next(r);

	CU_ASSERT(s->code < 0 && s->why.n > 0 && !s->root && s->line == 1);
	s = next(r);
	CU_ASSERT(s->code < 0 && s->root && !s->n_outs);
	s = next(r);
	CU_ASSERT(s->code < 0 && is(s->why, "byte 3: bad"));
	s = next(r);
	CU_ASSERT(s->code == 0 && is(s->id, "q1") && s->line == 4);
	ends(r);
}

static void test_steps_have_rewards_and_labels(void)
{
	struct meed_scored_reader *r = open_text(
		"{\"input\":[],\"output\":[{\"answer\":{\"role\":\"assistant\",\"content\":\"x\"},"
		"\"steps\":[\"plain\",{\"role\":\"assistant\",\"content\":\"s\",\"label\":"
		"{\"correctness\":\"error\"},\"reward\":{\"score\":0.25,\"composition\":\"p\"}}]}]}"
		"\n",
		NULL);
	const struct meed_scored_output *o = next(r)->outs;

	CU_ASSERT_EQUAL_FATAL(o->n_steps, 2);
	CU_ASSERT(!o->step_rewards[0].present && !o->step_labels[0]);
	CU_ASSERT(is(o->steps[1].text, "s") && o->step_rewards[1].valid);
	CU_ASSERT_DOUBLE_EQUAL(o->step_rewards[1].score, 0.25, NEAR);
	CU_ASSERT(is(meed_scored_str(meed_scored_get(o->step_labels[1], "correctness")), "error"));
	ends(r);
}

static void test_recorded_scores_stand_for_rewards(void)
{
	struct meed_scored_opts o = { .score_at = "/rec/s" };
	struct meed_scored_reader *r = open_text(
		"{\"rec\":{\"s\":[[1.5],true,null]}}\n{\"rec\":{\"s\":\"B>>A\"}}\n{\"rec\":{}}\n"
		"{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\",\"rec\":{\"s\":[2]}}\n",
		&o);
	const struct meed_scored *s = next(r);

	CU_ASSERT_EQUAL_FATAL(s->n_outs, 3);
	CU_ASSERT_DOUBLE_EQUAL(s->outs[0].reward.score, 1.5, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(s->outs[1].reward.score, 1, NEAR);
	CU_ASSERT(s->outs[2].reward.present && !s->outs[2].reward.valid);
	s = next(r);
	CU_ASSERT_EQUAL_FATAL(s->n_outs, 2);
	CU_ASSERT_DOUBLE_EQUAL(s->outs[0].reward.score, 0, NEAR);
	CU_ASSERT_DOUBLE_EQUAL(s->outs[1].reward.score, 1, NEAR);
	s = next(r);
	CU_ASSERT(s->code == 0 && s->n_outs == 0);
	s = next(r);
	CU_ASSERT_EQUAL_FATAL(s->n_outs, 2);
	CU_ASSERT(!s->outs[0].reward.valid && s->outs[0].reward.error.n > 0);
	ends(r);
}

static void test_a_place_that_is_no_pointer_is_refused(void)
{
	struct meed_scored_reader *r = NULL;
	struct meed_err err = { 0 };
	const char *paths[] = { path };

	CU_ASSERT_EQUAL(
		meed_scored_open(paths, 1, &(struct meed_scored_opts){ .score_at = "x" }, &err, &r),
		MEED_E_PARAM);
	CU_ASSERT_PTR_NULL(r);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{ "a sample has its fields and rewards", test_a_sample_has_its_fields_and_rewards },
		{ "a failure is no score, and unscored is neither",
		  test_a_failure_is_no_score_and_unscored_is_neither },
		{ "another composition and a member can be asked for",
		  test_another_composition_and_a_member_can_be_asked_for },
		{ "lines that are no samples come out as such",
		  test_lines_that_are_no_samples_come_out_as_such },
		{ "steps have rewards and labels", test_steps_have_rewards_and_labels },
		{ "recorded scores stand for rewards", test_recorded_scores_stand_for_rewards },
		{ "a place that is no pointer is refused",
		  test_a_place_that_is_no_pointer_is_refused },
		CU_TEST_INFO_NULL
	};
	CU_SuiteInfo suites[] = { { "scored", make_file, remove_file, NULL, NULL, tests },
				  CU_SUITE_INFO_NULL };

	return suites_run(suites);
}
