/* fuzz_calls.c - fuzz target: responses, messages and expectations through tools.call_match.
 *
 * The first byte picks what the rest is: a response's text, its message's JSON, the row's expected
 * calls, or its tools. Whatever it is, there is a score in [0, 1] or an error that says why, and the
 * same again the second time. */
#include "config.h"
#include "plugins/tools/tools.h"
#include "tests/unit/fakehost.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static struct json_object *parsed(const char *text, size_t n)
{
	struct json_tokener *tok = json_tokener_new_ex(64);
	struct json_object *o = json_tokener_parse_ex(tok, text, (int)n);

	json_tokener_free(tok);
	return o;
}

static void check(struct fake *f, void *self, const char *text, size_t n)
{
	int32_t r = fake_evaluate(f, &tools_call_match, self, text, n, NULL), again;
	double score = f->score;

	must(r == MEED_OK || (r < 0 && f->why[0]));
	must(r < 0 || (f->scored && score >= 0 && score <= 1));
	again = fake_evaluate(f, &tools_call_match, self, text, n, NULL);
	must(again == r && !(f->score < score) && !(f->score > score));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char row[] = "{\"ground_truth\": [{\"f\": {\"a\": [1, \"\"], \"b\": [\"x\", "
		"[1, 2], {\"c\": [1]}]}}, \"g(a=1)\"], \"tools\": [{\"name\": \"f\", \"parameters\": "
		"{\"required\": [\"b\"], \"properties\": {\"a\": {\"type\": \"float\"}, \"b\": "
		"{\"type\": \"array\", \"items\": {\"type\": \"integer\"}}}}}]}";
	static const char response[] = "[f(a=1, b=[1, 2]), g(a=1)]";
	static const char *const fields[] = { NULL, NULL, "ground_truth", "tools" };
	struct fake f;
	void *self = NULL;
	char *text;

	if (n == 0)
		return 0;
	text = malloc(n);
	must(text != NULL);
	memcpy(text, p + 1, n - 1);
	text[n - 1] = '\0';
	fake_init(&f);
	must(fake_create(&f, &tools_call_match,
			 p[0] & 4 ? "{\"score\":\"arguments\",\"order\":\"given\"}" : NULL,
			 &self) == MEED_OK);
	f.meta = json_tokener_parse(row);
	if ((p[0] & 3) == 1)
		f.more = parsed(text, n - 1);
	else if (p[0] & 2)
		json_object_object_add(f.meta, fields[p[0] & 3], parsed(text, n - 1));
	if ((p[0] & 3) == 0)
		check(&f, self, text, n - 1);
	else
		check(&f, self, response, sizeof(response) - 1);
	tools_call_match.destroy(&f.host, self);
	json_object_put(f.meta);
	json_object_put(f.more);
	fake_reset(&f);
	free(text);
	return 0;
}
