/* fuzz_rows.c - fuzz target: lines of JSONL through the parser and the writer.
 *
 * An input is one or more lines. Whatever the parser takes must be written as a canonical row
 * that, read and scored again, is written as the same bytes; whatever it refuses must become
 * a reject line that is JSON. */
#include "config.h"
#include "host/sample/sample.h"

#include <stdlib.h>

#include <json-c/json.h>

#define MAX_LINES 4

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Made-up scores for every output and step that can have one. */
static void make_result(const struct meed_row *row, struct meed_arena *a, struct meed_result *res)
{
	static struct meed_detail detail;

	detail = (struct meed_detail){ .name_json = MEED_STR("\"m\""), .score = 0.5, .raw = 2,
				       .reason = MEED_STR("why") };
	*res = (struct meed_result){ .name = "fuzz", .n_outs = row->n_outs };
	res->outs = meed_arena_alloc(a, row->n_outs * sizeof(*res->outs));
	res->steps = meed_arena_alloc(a, row->n_outs * sizeof(*res->steps));
	must(res->outs && res->steps);
	for (size_t i = 0; i < row->n_outs; i++) {
		const struct meed_output *o = &row->outs[i];
		struct meed_reward *rw = &res->outs[i];

		*rw = (struct meed_reward){ .present = true, .valid = !o->bad, .score = 0.5,
					    .details = &detail, .n_details = 1,
					    .error = meed_str_of(o->bad), .member = MEED_STR("") };
		if (o->bad)
			rw->code = MEED_E_SAMPLE;
		if (!o->cand.n_steps || o->bad)
			continue;
		res->steps[i] = meed_arena_alloc(a, o->cand.n_steps * sizeof(*rw));
		must(res->steps[i]);
		for (size_t k = 0; k < o->cand.n_steps; k++) {
			res->steps[i][k] = *rw;
			res->steps[i][k].present = k % 3 != 2;
		}
	}
}

/* Scores lines as one row into out; false if they are none, with a reject line in out. */
static bool score(const struct meed_schema *s, const struct meed_line *lines, size_t n,
		  struct meed_buf *out, uint64_t *ret_hash)
{
	struct meed_parser *parser = meed_parser_new(s);
	struct meed_arena a = { 0 };
	struct meed_row *row = NULL;
	struct meed_err err = { 0 };
	struct meed_result res;
	int32_t r;

	must(parser);
	r = meed_parser_row(parser, lines, n, &a, &err, &row);
	if (r < 0) {
		must(err.code == r && err.text[0]);
		meed_reject_write(out, "fuzz", &lines[0], &err);
	} else {
		make_result(row, &a, &res);
		meed_row_write(row, &res, MEED_LEVEL_FULL, false, out);
		*ret_hash = meed_row_hash(row);
		meed_row_release(row);
	}
	must(!out->failed && out->n && memchr(out->p, '\n', out->n) == out->p + out->n - 1);
	out->n--;
	meed_arena_release(&a);
	meed_parser_free(parser);
	return r >= 0;
}

/* What we take as JSON, json-c takes as well. */
static void check_json(const char *p, size_t n)
{
	struct json_tokener *tok = json_tokener_new_ex(MEED_JSON_DEPTH + 2);
	struct json_object *o = NULL, *theirs;

	must(tok);
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	if (meed_json_read(NULL, p, n, NULL, &o) >= 0) {
		theirs = json_tokener_parse_ex(tok, p, (int)n);
		if (json_tokener_get_error(tok) == json_tokener_continue)
			theirs = json_tokener_parse_ex(tok, " ", 1);
		must(json_tokener_get_error(tok) == json_tokener_success);
		must(json_object_get_type(o) == json_object_get_type(theirs) ||
		     json_object_get_type(theirs) == json_type_int);
		json_object_put(theirs);
	}
	json_object_put(o);
	json_tokener_free(tok);
}

static void check(const char *format, const char *map, const char *group_by,
		  const struct meed_line *lines, size_t n)
{
	struct meed_schema *s = NULL, *plain = NULL;
	struct meed_buf once = { 0 }, twice = { 0 };
	struct json_object *o = NULL;
	uint64_t hash = 0, hash_again = 0;

	must(meed_schema_new(format, map, group_by, NULL, &s) >= 0);
	must(meed_schema_new("canonical", NULL, NULL, NULL, &plain) >= 0);
	if (score(s, lines, n, &once, &hash)) {
		struct meed_line again = { .p = once.p, .n = once.n, .number = 1 };

		must(score(plain, &again, 1, &twice, &hash_again));
		must(once.n == twice.n && memcmp(once.p, twice.p, once.n) == 0);
		must(hash == hash_again);
	} else {
		must(meed_json_read(NULL, once.p, once.n, NULL, &o) >= 0);
		json_object_put(o);
	}
	meed_buf_release(&once);
	meed_buf_release(&twice);
	meed_schema_free(s);
	meed_schema_free(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct meed_line lines[MAX_LINES] = { { 0 } };
	const char *text = (const char *)p, *end = text + n;
	size_t n_lines = 0;

	while (n_lines < MAX_LINES && text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		struct meed_line *l = &lines[n_lines++];

		l->p = text;
		l->n = (size_t)((nl ? nl : end) - text);
		l->number = n_lines;
		text = nl ? nl + 1 : end;
	}
	for (size_t i = 0; i < n_lines; i++) {
		check_json(lines[i].p, lines[i].n);
		check(NULL, NULL, NULL, &lines[i], 1);
		check("canonical", NULL, NULL, &lines[i], 1);
		check(NULL, "response=/a/0,response=/response,reference=/a/r,prompt=/p/q,"
			    "metadata=/p/m,steps=/s,id=/p/i", NULL, &lines[i], 1);
		check(NULL, "messages=/messages,reference=/p/m/r", NULL, &lines[i], 1);
	}
	if (n_lines > 1)
		check(NULL, NULL, "/metadata/g", lines, n_lines);
	return 0;
}
