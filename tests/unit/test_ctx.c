/* test_ctx.c - the functions that plugins call, and the verdict on what they return. */
#include "config.h"

#include "host/plugin/internal.h"
#include "tests/unit/suites.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const struct meed_log quiet = { -1, MEED_LOG_ERROR };
static const meed_str none = { "", 0 };

static int32_t never(const meed_host *h, meed_ctx *c, void *self, const meed_sample *s, void *state)
{
	(void)h;
	(void)c;
	(void)self;
	(void)s;
	(void)state;
	return MEED_E_INTERNAL;
}

struct fixture {
	struct meed_registry *r;
	const meed_host *h;
	struct meed_model m;
	struct meed_arena arena;
	struct meed_ctx c;
	meed_sample s;
	size_t n_steps[4];
};

static void begin(struct fixture *f, size_t n_cands)
{
	meed_ctx_end(&f->c);
	meed_arena_reset(&f->arena);
	memset(&f->c, 0, sizeof(f->c));
	f->c.reg = f->r;
	f->c.model = &f->m;
	f->c.arena = &f->arena;
	f->c.want = MEED_WANT_REASON | MEED_WANT_EXTRA;
	CU_ASSERT_EQUAL_FATAL(meed_ctx_begin(&f->c, n_cands), 0);
}

static void set_up(struct fixture *f, size_t n_cands)
{
	struct meed_err err = { 0 };

	memset(f, 0, sizeof(*f));
	CU_ASSERT_EQUAL_FATAL(meed_registry_new(&quiet, &err, &f->r), 0);
	f->h = &f->r->host;
	f->m.rm.id = "test.model";
	f->m.rm.score_max = 1;
	f->m.rm.needs = MEED_NEEDS_LLM | MEED_NEEDS_HTTP;
	f->m.rm.resume = never;
	f->s.struct_size = sizeof(f->s);
	f->s.mode = MEED_LISTWISE;
	meed_arena_init(&f->arena, (size_t)64 << 20);
	begin(f, n_cands);
}

static void tear_down(struct fixture *f)
{
	meed_ctx_end(&f->c);
	meed_arena_release(&f->arena);
	meed_registry_free(f->r);
}

static bool why_is(const struct fixture *f, const char *what)
{
	if (f->c.why.p && strcmp(f->c.why.p, what) == 0)
		return true;
	(void)fprintf(stderr, "\nexpected \"%s\", got \"%s\"\n", what, f->c.why.p);
	return false;
}

/* ---- trees ---- */

static void test_tree_readers(void)
{
	static const char text[] = "{\"s\":\"a\\u0000b\",\"i\":9223372036854775807,\"d\":2.5,"
				   "\"t\":true,\"n\":null,\"a\":[1,\"x\"],"
				   "\"u\":18446744073709551615}";
	const meed_val *o, *v;
	const meed_host *h;
	const void *cursor = NULL;
	struct fixture f;
	meed_str key, s;
	size_t n = 0;

	set_up(&f, 1);
	h = f.h;
	o = h->parse(&f.c, (meed_str){ text, sizeof(text) - 1 });
	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	CU_ASSERT_EQUAL(h->type(o), MEED_T_OBJ);
	CU_ASSERT_EQUAL(h->len(o), 7);
	s = h->str(h->get(o, "s"));
	CU_ASSERT_EQUAL(s.n, 3);
	CU_ASSERT_EQUAL(memcmp(s.p, "a\0b", 4), 0);
	CU_ASSERT_EQUAL(h->type(h->get(o, "i")), MEED_T_INT);
	CU_ASSERT_EQUAL(h->i64(h->get(o, "i"), 0), INT64_MAX);
	CU_ASSERT_EQUAL(h->type(h->get(o, "d")), MEED_T_NUM);
	CU_ASSERT_EQUAL(h->i64(h->get(o, "d"), -7), -7);
	CU_ASSERT_DOUBLE_EQUAL(h->num(h->get(o, "d"), 0), 2.5, 0);
	CU_ASSERT_DOUBLE_EQUAL(h->num(h->get(o, "t"), 0), 1, 0);
	CU_ASSERT_DOUBLE_EQUAL(h->num(h->get(o, "s"), -3), -3, 0);
	CU_ASSERT_EQUAL(h->type(h->get(o, "n")), MEED_T_NULL);
	CU_ASSERT_EQUAL(h->type(h->get(o, "u")), MEED_T_NUM);
	CU_ASSERT_DOUBLE_EQUAL(h->num(h->get(o, "u"), 0), 18446744073709551616.0, 0);
	CU_ASSERT_EQUAL(h->i64(h->get(o, "u"), 5), 5);
	v = h->get(o, "a");
	CU_ASSERT_EQUAL(h->len(v), 2);
	CU_ASSERT_EQUAL(h->str(h->at(v, 1)).n, 1);
	CU_ASSERT_PTR_NULL(h->at(v, 2));
	CU_ASSERT_PTR_NULL(h->at(o, 0));
	CU_ASSERT_PTR_NULL(h->get(v, "s"));
	for (;;) {
		v = h->next(o, &cursor, &key);
		if (!cursor)
			break;
		CU_ASSERT_EQUAL(key.n, 1);
		CU_ASSERT_EQUAL(v == NULL, key.p[0] == 'n');
		n++;
	}
	CU_ASSERT_EQUAL(n, 7);
	CU_ASSERT_PTR_NULL(h->next(NULL, &cursor, &key));
	CU_ASSERT_PTR_NULL(cursor);
	CU_ASSERT_EQUAL(h->type(NULL), MEED_T_NULL);
	CU_ASSERT_EQUAL(h->str(NULL).n, 0);
	CU_ASSERT_PTR_NOT_NULL(h->str(NULL).p);
	CU_ASSERT_PTR_NULL(h->parse(&f.c, MEED_STR("{\"a\":")));
	CU_ASSERT_PTR_NULL(h->parse(&f.c, none));
	CU_ASSERT_EQUAL(f.c.code, 0);
	tear_down(&f);
}

/* ---- scores ---- */

static void test_last_score_wins_and_reasons_are_copied(void)
{
	char reason[] = "first";
	struct fixture f;

	set_up(&f, 2);
	CU_ASSERT_EQUAL(f.h->put_score(&f.c, 1, MEED_NONE, NULL, 0.25, (meed_str){ reason, 5 }), 0);
	memset(reason, 'x', 5);
	CU_ASSERT_TRUE(f.c.scores[1].set);
	CU_ASSERT_STRING_EQUAL(f.c.scores[1].reason.p, "first");
	CU_ASSERT_EQUAL(f.h->put_score(&f.c, 1, MEED_NONE, NULL, 0.5, none), 0);
	CU_ASSERT_DOUBLE_EQUAL(f.c.scores[1].score, 0.5, 0);
	CU_ASSERT_EQUAL(f.c.scores[1].reason.n, 0);
	CU_ASSERT_FALSE(f.c.scores[0].set);
	tear_down(&f);
}

static void test_reasons_are_dropped_unless_wanted(void)
{
	struct fixture f;

	set_up(&f, 1);
	f.c.want = 0;
	CU_ASSERT_EQUAL(f.h->put_score(&f.c, 0, MEED_NONE, NULL, 0.5, MEED_STR("why")), 0);
	CU_ASSERT_EQUAL(f.c.scores[0].reason.n, 0);
	CU_ASSERT_EQUAL(f.h->put_extra(&f.c, 0, "k", MEED_STR("not json")), 0);
	CU_ASSERT_PTR_NULL(f.c.extras);
	tear_down(&f);
}

static void test_reasons_become_utf8_and_are_capped(void)
{
	struct fixture f;
	char *big = malloc(100000);
	size_t i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(big);
	set_up(&f, 1);
	CU_ASSERT_EQUAL(f.h->put_score(&f.c, 0, MEED_NONE, NULL, 0, MEED_STR("caf\xe9")), 0);
	CU_ASSERT_STRING_EQUAL(f.c.scores[0].reason.p, "caf\xef\xbf\xbd");
	CU_ASSERT_EQUAL(f.c.n_scrubbed, 1);
	for (i = 0; i + 1 < 100000; i += 2)
		memcpy(big + i, "\xc3\xa9", 2);
	big[0] = 'x';
	big[1] = 'y';
	memmove(big + 1, big + 2, 99998);
	CU_ASSERT_EQUAL(f.h->put_score(&f.c, 0, MEED_NONE, NULL, 0, (meed_str){ big, 99999 }), 0);
	CU_ASSERT_EQUAL(f.c.scores[0].reason.n, 65535);
	CU_ASSERT_EQUAL(f.c.n_scrubbed, 1);
	free(big);
	tear_down(&f);
}

static void test_scores_outside_the_range_fail_with_score_and_range(void)
{
	struct fixture f;

	set_up(&f, 1);
	CU_ASSERT_EQUAL(f.h->put_score(&f.c, 0, MEED_NONE, NULL, 1.5, none), MEED_E_RANGE);
	CU_ASSERT(why_is(&f, "test.model gave candidate 0 the score 1.5: must be finite and in "
			     "[0, 1]"));
	CU_ASSERT_FALSE(f.c.scores[0].set);
	begin(&f, 1);
	CU_ASSERT_EQUAL(f.h->put_score(&f.c, 0, MEED_NONE, NULL, (double)NAN, none), MEED_E_RANGE);
	CU_ASSERT(why_is(&f, "test.model gave candidate 0 the score nan: must be finite and in "
			     "[0, 1]"));
	begin(&f, 1);
	f.m.rm.score_min = -(double)INFINITY;
	CU_ASSERT_EQUAL(f.h->put_score(&f.c, 0, MEED_NONE, NULL, -(double)INFINITY, none),
			MEED_E_RANGE);
	CU_ASSERT(why_is(&f, "test.model gave candidate 0 the score -inf: must be finite and in "
			     "[-inf, 1]"));
	begin(&f, 1);
	CU_ASSERT_EQUAL(f.h->put_score(&f.c, 0, MEED_NONE, NULL, -1e300, none), 0);
	CU_ASSERT_EQUAL(f.h->put_score(&f.c, 0, MEED_NONE, "d", 1e300, none), 0);
	CU_ASSERT_EQUAL(f.h->put_score(&f.c, 0, MEED_NONE, "d", (double)NAN, none), MEED_E_RANGE);
	CU_ASSERT(why_is(&f, "test.model gave candidate 0 \"d\" = nan: must be a finite number"));
	tear_down(&f);
}

static void test_places_that_do_not_exist_are_refused(void)
{
	struct fixture f;

	set_up(&f, 2);
	CU_ASSERT(f.h->put_score(&f.c, 2, MEED_NONE, NULL, 0, none) < 0);
	CU_ASSERT(why_is(&f, "test.model called put_score for candidate 2 of 2 (they count from "
			     "0)"));
	begin(&f, 1);
	f.n_steps[0] = 3;
	CU_ASSERT(f.h->put_score(&f.c, 0, 0, NULL, 0, none) < 0);
	begin(&f, 1);
	f.c.n_steps = f.n_steps;
	CU_ASSERT_EQUAL(f.h->put_score(&f.c, 0, 2, NULL, 1, none), 0);
	CU_ASSERT_TRUE(f.c.steps[0][2].set);
	CU_ASSERT_FALSE(f.c.steps[0][1].set);
	CU_ASSERT(f.h->put_score(&f.c, 0, 3, NULL, 0, none) < 0);
	CU_ASSERT(why_is(&f, "test.model called put_score for step 3 of candidate 0, which has 3 "
			     "steps"));
	tear_down(&f);
}

static size_t count_dims(const struct meed_ctx *c)
{
	const struct meed_dim *d;
	size_t n = 0;

	for (d = c->dims; d; d = d->next)
		n++;
	return n;
}

static void test_details_are_kept_by_name_candidate_and_step(void)
{
	struct fixture f;
	char name[32];
	size_t i, round;

	set_up(&f, 3);
	for (round = 0; round < 2; round++)
		for (i = 0; i < 3000; i++) {
			(void)snprintf(name, sizeof(name), "d%zu", i / 3);
			CU_ASSERT_EQUAL(f.h->put_score(&f.c, i % 3, MEED_NONE, name,
						       (double)(i + round), none),
					0);
		}
	CU_ASSERT_EQUAL(count_dims(&f.c), 3000);
	CU_ASSERT_STRING_EQUAL(f.c.dims->name.p, "d999");
	CU_ASSERT_DOUBLE_EQUAL(f.c.dims->score, 3000, 0);
	CU_ASSERT_EQUAL(f.c.dims->cand, 2);
	tear_down(&f);
}

static void test_extras_must_be_one_json_value(void)
{
	struct fixture f;

	set_up(&f, 1);
	CU_ASSERT_EQUAL(f.h->put_extra(&f.c, 0, "k", MEED_STR("{\"a\":[1]}")), 0);
	CU_ASSERT_EQUAL(f.h->put_extra(&f.c, 0, "k", MEED_STR("2")), 0);
	CU_ASSERT_EQUAL(f.h->put_extra(&f.c, 0, "l", MEED_STR("null")), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f.c.extras);
	CU_ASSERT_STRING_EQUAL(f.c.extras->key.p, "l");
	CU_ASSERT_STRING_EQUAL(f.c.extras->next->json.p, "2");
	CU_ASSERT_PTR_NULL(f.c.extras->next->next);
	CU_ASSERT_EQUAL(f.h->put_extra(&f.c, 0, "k", MEED_STR("{\"a\":")), MEED_E_INTERNAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.c.why.p, "put_extra \"k\": must be one JSON value: "));
	begin(&f, 1);
	CU_ASSERT(f.h->put_extra(&f.c, 0, "k", MEED_STR("1 2")) < 0);
	begin(&f, 1);
	CU_ASSERT(f.h->put_extra(&f.c, 0, "k", none) < 0);
	begin(&f, 1);
	CU_ASSERT(f.h->put_extra(&f.c, 0, NULL, MEED_STR("1")) < 0);
	tear_down(&f);
}

/* ---- failures, memory, stopping ---- */

static void test_first_failure_wins_and_its_text_is_copied(void)
{
	char why[] = "the first reason";
	struct fixture f;

	set_up(&f, 1);
	CU_ASSERT_EQUAL(f.h->fail(&f.c, MEED_E_PARSE, why), MEED_E_PARSE);
	memset(why, 'x', 5);
	CU_ASSERT_EQUAL(f.h->fail(&f.c, MEED_E_SAMPLE, "the second"), MEED_E_SAMPLE);
	CU_ASSERT_EQUAL(f.c.code, MEED_E_PARSE);
	CU_ASSERT(why_is(&f, "the first reason"));
	begin(&f, 1);
	CU_ASSERT_EQUAL(f.h->fail(&f.c, 3, "what"), MEED_E_INTERNAL);
	CU_ASSERT(why_is(&f, "test.model called fail with 3, which is no error code: what"));
	begin(&f, 1);
	CU_ASSERT_EQUAL(f.h->fail(&f.c, MEED_E_SAMPLE, NULL), MEED_E_SAMPLE);
	CU_ASSERT_EQUAL(f.c.code, MEED_E_SAMPLE);
	tear_down(&f);
}

static void test_memory_is_zeroed_aligned_and_limited(void)
{
	struct fixture f;
	unsigned char *p;
	size_t i;

	set_up(&f, 1);
	p = f.h->alloc(&f.c, 1000);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_EQUAL((uintptr_t)p % 16, 0);
	for (i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(p[i], 0);
	CU_ASSERT_PTR_NULL(f.h->alloc(&f.c, (size_t)1 << 40));
	CU_ASSERT_PTR_NULL(f.h->alloc(&f.c, SIZE_MAX));
	CU_ASSERT_EQUAL(f.c.code, 0);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, MEED_E_NOMEM, &f.s), MEED_E_NOMEM);
	CU_ASSERT(why_is(&f, "out of memory, or past the memory limit of one evaluation"));
	tear_down(&f);
}

static void test_cancelled_follows_the_flag_and_the_deadline(void)
{
	atomic_int stop = 0;
	struct fixture f;

	set_up(&f, 1);
	CU_ASSERT_EQUAL(f.h->cancelled(&f.c), 0);
	f.c.cancel = &stop;
	CU_ASSERT_EQUAL(f.h->cancelled(&f.c), 0);
	atomic_store(&stop, 1);
	CU_ASSERT_EQUAL(f.h->cancelled(&f.c), 1);
	f.c.cancel = NULL;
	f.c.deadline_ns = meed_now_ns() + 3600u * 1000000000ull;
	CU_ASSERT_EQUAL(f.h->cancelled(&f.c), 0);
	f.c.deadline_ns = 1;
	CU_ASSERT_EQUAL(f.h->cancelled(&f.c), 1);
	tear_down(&f);
}

/* ---- requests ---- */

static meed_chat a_chat(const meed_msg *msg)
{
	meed_chat chat = {
		.struct_size = sizeof(chat), .msgs = msg, .n_msgs = 1, .temperature = 0.5
	};

	return chat;
}

static void test_requests_are_copied_whole_in_posting_order(void)
{
	char text[] = "hello", name[] = "judge";
	meed_msg msg = { MEED_STR("user"), { text, 5 }, NULL };
	meed_chat chat = a_chat(&msg);
	meed_http http = {
		.struct_size = sizeof(http), .method = "POST", .path = "/score", .body = { text, 5 }
	};
	struct meed_request *q;
	struct fixture f;

	set_up(&f, 1);
	chat.endpoint = name;
	CU_ASSERT_EQUAL_FATAL(f.h->post_chat(&f.c, 11, &chat), 0);
	CU_ASSERT_EQUAL_FATAL(f.h->post_http(&f.c, 12, &http), 0);
	memset(text, 'x', 5);
	memset(name, 'x', 5);
	memset(&msg, 0, sizeof(msg));
	CU_ASSERT_EQUAL(f.c.n_reqs, 2);
	q = f.c.req_first;
	CU_ASSERT_EQUAL(q->kind, MEED_REQ_CHAT);
	CU_ASSERT_EQUAL(q->reply.tag, 11);
	CU_ASSERT_STRING_EQUAL(q->endpoint.p, "judge");
	CU_ASSERT_STRING_EQUAL(q->chat.msgs[0].text.p, "hello");
	CU_ASSERT_STRING_EQUAL(q->chat.msgs[0].role.p, "user");
	CU_ASSERT_PTR_NOT_NULL(q->reply.error.p);
	q = q->next;
	CU_ASSERT_EQUAL(q->kind, MEED_REQ_HTTP);
	CU_ASSERT_STRING_EQUAL(q->http.body.p, "hello");
	CU_ASSERT_STRING_EQUAL(q->endpoint.p, "");
	CU_ASSERT_PTR_NULL(q->next);
	CU_ASSERT_EQUAL(f.h->n_replies(&f.c), 0);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, MEED_PENDING, &f.s), MEED_PENDING);
	f.c.req_first->reply.status = MEED_E_TIMEOUT;
	CU_ASSERT_EQUAL(meed_ctx_next_round(&f.c), 0);
	CU_ASSERT_EQUAL(f.h->n_replies(&f.c), 2);
	CU_ASSERT_EQUAL(f.h->reply(&f.c, 0)->status, MEED_E_TIMEOUT);
	CU_ASSERT_EQUAL(f.h->reply(&f.c, 1)->tag, 12);
	CU_ASSERT_PTR_NULL(f.h->reply(&f.c, 2));
	CU_ASSERT_EQUAL(f.c.n_reqs, 0);
	tear_down(&f);
}

/* What replies' nodes live in stays until the evaluation ends, also if it is dropped. */
static void test_trees_of_replies_are_put_once(void)
{
	meed_msg msg = { MEED_STR("user"), MEED_STR("x"), NULL };
	meed_chat chat = a_chat(&msg);
	struct json_object *o = json_object_new_object();
	struct fixture f;
	int i;

	set_up(&f, 1);
	for (i = 0; i < 20; i++) {
		CU_ASSERT_EQUAL_FATAL(f.h->post_chat(&f.c, 1, &chat), 0);
		f.c.req_first->owned = json_object_get(o);
		if (i < 19)
			CU_ASSERT_EQUAL_FATAL(meed_ctx_next_round(&f.c), 0);
	}
	meed_ctx_end(&f.c);
	CU_ASSERT_EQUAL(json_object_put(o), 1);
	tear_down(&f);
}

static void test_wrong_requests_are_refused_with_the_reason(void)
{
	meed_msg msg = { MEED_STR("user"), MEED_STR("x"), NULL }, no_role = { none, none, NULL };
	meed_chat chat = a_chat(&msg);
	meed_http http = { .struct_size = sizeof(http), .method = "BREW", .path = "/" };
	meed_str text = MEED_STR("x");
	struct fixture f;

	set_up(&f, 1);
	CU_ASSERT_EQUAL(f.h->post_embed(&f.c, 1, NULL, &text, 1), MEED_E_UNSUPPORTED);
	CU_ASSERT(why_is(&f, "test.model called post_embed, but its needs do not declare "
			     "MEED_NEEDS_EMBED"));
	begin(&f, 1);
	chat.struct_size = 8;
	CU_ASSERT(f.h->post_chat(&f.c, 1, &chat) < 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.c.why.p, "meed_chat: struct_size = 8: must be 72"));
	begin(&f, 1);
	chat = a_chat(&msg);
	chat.n_msgs = 0;
	CU_ASSERT(f.h->post_chat(&f.c, 1, &chat) < 0);
	begin(&f, 1);
	chat = a_chat(&no_role);
	CU_ASSERT(f.h->post_chat(&f.c, 1, &chat) < 0);
	begin(&f, 1);
	chat = a_chat(&msg);
	chat.temperature = (double)NAN;
	CU_ASSERT(f.h->post_chat(&f.c, 1, &chat) < 0);
	begin(&f, 1);
	chat = a_chat(&msg);
	chat.json_schema = "{\"type\":";
	CU_ASSERT(f.h->post_chat(&f.c, 1, &chat) < 0);
	begin(&f, 1);
	CU_ASSERT(f.h->post_http(&f.c, 1, &http) < 0);
	begin(&f, 1);
	http.method = "GET";
	http.path = "/a b";
	CU_ASSERT(f.h->post_http(&f.c, 1, &http) < 0);
	begin(&f, 1);
	http.path = "/a\r\nX: y";
	CU_ASSERT(f.h->post_http(&f.c, 1, &http) < 0);
	begin(&f, 1);
	http.path = "no-slash";
	CU_ASSERT(f.h->post_http(&f.c, 1, &http) < 0);
	CU_ASSERT_EQUAL(f.c.n_reqs, 0);
	tear_down(&f);
}

/* ---- the verdict ---- */

static void test_verdict_on_misbehaviour(void)
{
	meed_msg msg = { MEED_STR("user"), MEED_STR("x"), NULL };
	meed_chat chat = a_chat(&msg);
	struct fixture f;

	set_up(&f, 2);
	(void)f.h->put_score(&f.c, 0, MEED_NONE, NULL, 0.5, none);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, MEED_OK, &f.s), MEED_E_INTERNAL);
	CU_ASSERT(why_is(&f, "test.model returned MEED_OK without a score for candidate 1"));
	begin(&f, 1);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, MEED_PENDING, &f.s), MEED_E_INTERNAL);
	CU_ASSERT(why_is(&f, "test.model returned MEED_PENDING without posting a request"));
	begin(&f, 1);
	(void)f.h->put_score(&f.c, 0, MEED_NONE, NULL, 0.5, none);
	(void)f.h->post_chat(&f.c, 1, &chat);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, MEED_OK, &f.s), MEED_E_INTERNAL);
	CU_ASSERT(why_is(&f, "test.model posted 1 requests and returned MEED_OK: must be "
			     "MEED_PENDING"));
	CU_ASSERT_PTR_NULL(f.c.req_first);
	begin(&f, 1);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, 42, &f.s), MEED_E_INTERNAL);
	CU_ASSERT(why_is(&f, "test.model returned 42, which is no code of ABI 1.0"));
	begin(&f, 1);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, -99, &f.s), MEED_E_INTERNAL);
	begin(&f, 1);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, MEED_E_SAMPLE, &f.s), MEED_E_SAMPLE);
	CU_ASSERT(why_is(&f, "test.model failed (sample) without a reason"));
	begin(&f, 1);
	(void)f.h->put_score(&f.c, 0, MEED_NONE, NULL, 0.5, none);
	(void)f.h->fail(&f.c, MEED_E_LIMIT, "too long");
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, MEED_OK, &f.s), MEED_E_LIMIT);
	tear_down(&f);
}

static void test_verdict_on_what_is_right(void)
{
	struct fixture f;

	set_up(&f, 2);
	(void)f.h->put_score(&f.c, 0, MEED_NONE, NULL, 0.5, none);
	(void)f.h->put_score(&f.c, 1, MEED_NONE, NULL, 0.5, none);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, MEED_OK, &f.s), MEED_OK);
	begin(&f, 2);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, MEED_ABSTAIN, &f.s), MEED_ABSTAIN);
	begin(&f, 1);
	f.s.mode = MEED_STEPWISE;
	f.n_steps[0] = 2;
	f.c.n_steps = f.n_steps;
	(void)f.h->put_score(&f.c, 0, 0, NULL, 0.5, none);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, MEED_OK, &f.s), MEED_E_INTERNAL);
	CU_ASSERT(why_is(&f, "test.model returned MEED_OK without a score for step 1 of candidate "
			     "0"));
	begin(&f, 1);
	f.c.n_steps = f.n_steps;
	(void)f.h->put_score(&f.c, 0, 0, NULL, 0.5, none);
	(void)f.h->put_score(&f.c, 0, 1, NULL, 0.5, none);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, MEED_OK, &f.s), MEED_OK);
	tear_down(&f);
}

static void test_rounds_are_limited(void)
{
	meed_msg msg = { MEED_STR("user"), MEED_STR("x"), NULL };
	meed_chat chat = a_chat(&msg);
	struct fixture f;
	int i;

	set_up(&f, 1);
	for (i = 0; i < 16; i++) {
		CU_ASSERT_EQUAL_FATAL(f.h->post_chat(&f.c, 1, &chat), 0);
		CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, MEED_PENDING, &f.s), MEED_PENDING);
		CU_ASSERT_EQUAL(meed_ctx_next_round(&f.c), 0);
	}
	CU_ASSERT_EQUAL(f.h->post_chat(&f.c, 1, &chat), 0);
	CU_ASSERT_EQUAL(meed_ctx_verdict(&f.c, MEED_PENDING, &f.s), MEED_E_LIMIT);
	CU_ASSERT(why_is(&f, "test.model posted requests in more than 16 rounds"));
	tear_down(&f);
}

/* ---- create ---- */

static int32_t create_badly(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	(void)params;
	(void)self;
	return h->put_score(c, 0, MEED_NONE, NULL, 1, none);
}

static int32_t create_silently(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	(void)h;
	(void)c;
	(void)params;
	(void)self;
	return MEED_E_PARAM;
}

static int32_t create_pending(const meed_host *h, meed_ctx *c, const meed_val *params, void **self)
{
	(void)h;
	(void)c;
	(void)params;
	(void)self;
	return MEED_PENDING;
}

static void test_create_fails_with_a_reason(void)
{
	struct meed_err err = { 0 };
	struct fixture f;
	void *self = NULL;

	set_up(&f, 1);
	f.m.rm.create = create_badly;
	CU_ASSERT(meed_instance_create(f.r, &f.m, "i", NULL, &err, &self) < 0);
	CU_ASSERT_STRING_EQUAL(err.text, "test.model called put_score outside evaluate and "
					 "resume");
	f.m.rm.create = create_silently;
	CU_ASSERT_EQUAL(meed_instance_create(f.r, &f.m, "i", NULL, &err, &self), MEED_E_PARAM);
	CU_ASSERT_STRING_EQUAL(err.text, "test.model refused to be created (param) without a "
					 "reason");
	f.m.rm.create = create_pending;
	CU_ASSERT(meed_instance_create(f.r, &f.m, "i", NULL, &err, &self) < 0);
	f.m.rm.create = NULL;
	CU_ASSERT_EQUAL(meed_instance_create(f.r, &f.m, "i", NULL, &err, &self), 0);
	CU_ASSERT_PTR_NULL(self);
	tear_down(&f);
}

static void test_tokenizers_are_opened_in_create_only(void)
{
	const meed_tokenizer t = { sizeof(t), 0, "simple", NULL };
	const meed_tokens *tokens = NULL;
	const meed_ext_text *x;
	struct fixture f;
	uint32_t id;

	set_up(&f, 1);
	x = f.h->extension(f.h, MEED_EXT_TEXT);
	CU_ASSERT_PTR_NOT_NULL_FATAL(x);
	CU_ASSERT_PTR_NULL(f.h->extension(f.h, "meed.nothing/1"));
	CU_ASSERT(x->open(&f.c, &t, &id) < 0);
	CU_ASSERT(why_is(&f, "test.model opened a tokenizer outside create"));
	begin(&f, 1);
	CU_ASSERT_EQUAL(x->tokens(&f.c, 0, none, &tokens), MEED_E_UNSUPPORTED);
	tear_down(&f);
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "tree readers", test_tree_readers },
		{ "last score wins, reasons are copied",
		  test_last_score_wins_and_reasons_are_copied },
		{ "reasons are dropped unless wanted", test_reasons_are_dropped_unless_wanted },
		{ "reasons become UTF-8 and are capped", test_reasons_become_utf8_and_are_capped },
		{ "scores outside the range fail with score and range",
		  test_scores_outside_the_range_fail_with_score_and_range },
		{ "places that do not exist are refused",
		  test_places_that_do_not_exist_are_refused },
		{ "details are kept by name, candidate and step",
		  test_details_are_kept_by_name_candidate_and_step },
		{ "extras must be one JSON value", test_extras_must_be_one_json_value },
		{ "first failure wins, its text is copied",
		  test_first_failure_wins_and_its_text_is_copied },
		{ "memory is zeroed, aligned and limited",
		  test_memory_is_zeroed_aligned_and_limited },
		{ "cancelled follows the flag and the deadline",
		  test_cancelled_follows_the_flag_and_the_deadline },
		{ "requests are copied whole, in posting order",
		  test_requests_are_copied_whole_in_posting_order },
		{ "trees of replies are put once", test_trees_of_replies_are_put_once },
		{ "wrong requests are refused with the reason",
		  test_wrong_requests_are_refused_with_the_reason },
		{ "verdict on misbehaviour", test_verdict_on_misbehaviour },
		{ "verdict on what is right", test_verdict_on_what_is_right },
		{ "rounds are limited", test_rounds_are_limited },
		{ "create fails with a reason", test_create_fails_with_a_reason },
		{ "tokenizers are opened in create only",
		  test_tokenizers_are_opened_in_create_only },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = {
		{ "ctx", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
