/* test_params.c - parameters against a schema: every problem is told in words that help, and the
 * defaults of what was not given are filled in. */
#include "config.h"

#include "host/plugin/internal.h"
#include "tests/unit/suites.h"

#include <json-c/json.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

static const char schema_text[] =
	"{\"type\":\"object\",\"required\":[\"must\"],\"properties\":{"
	"\"must\":{\"type\":\"string\",\"description\":\"Required.\"},"
	"\"min_length\":{\"type\":\"integer\",\"minimum\":1,\"default\":10},"
	"\"ratio\":{\"type\":\"number\",\"exclusiveMinimum\":0,\"maximum\":1,\"default\":0.5},"
	"\"share\":{\"type\":\"number\",\"minimum\":0.25,\"maximum\":0.75},"
	"\"upto\":{\"type\":\"integer\",\"exclusiveMaximum\":5},"
	"\"unit\":{\"type\":\"string\",\"enum\":[\"bytes\",\"tokens\"],\"default\":\"tokens\"},"
	"\"tag\":{\"type\":\"string\",\"pattern\":\"^[a-z]+$\",\"minLength\":2,\"maxLength\":4},"
	"\"on\":{\"type\":\"boolean\",\"default\":true},"
	"\"list\":{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":0},\"minItems\":"
	"1,"
	"\"maxItems\":3},"
	"\"old\":{\"type\":\"integer\",\"deprecated\":true,\"description\":\"use min_length\"},"
	"\"either\":{\"type\":[\"string\",\"number\"]},"
	"\"free\":{\"type\":\"object\"},"
	"\"weights\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"number\"}},"
	"\"nested\":{\"type\":\"object\",\"properties\":{"
	"\"alpha\":{\"type\":\"number\",\"default\":2},"
	"\"deep\":{\"type\":\"object\",\"properties\":{\"beta\":{\"type\":\"integer\","
	"\"maximum\":9,\"default\":3}}}}}}}";

struct fixture {
	struct meed_model m;
	struct meed_diags diags;
	struct json_object *params;
};

static void set_up(struct fixture *f)
{
	struct meed_err err = { 0 };

	memset(f, 0, sizeof(*f));
	f->m.rm.id = "test.model";
	f->m.schema = json_tokener_parse(schema_text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f->m.schema);
	if (meed_schema_check(f->m.schema, &err) < 0)
		CU_FAIL_FATAL("the test's own schema is refused");
}

static void tear_down(struct fixture *f)
{
	json_object_put(f->m.schema);
	json_object_put(f->params);
	meed_diags_release(&f->diags);
}

static const char *where(void *ctx, const char *param, char *buf, size_t n)
{
	(void)ctx;
	(void)snprintf(buf, n, "conf.d/a.conf:%zu", strlen(param));
	return buf;
}

static void resolve(struct fixture *f, const char *params)
{
	struct json_object *o = params ? json_tokener_parse(params) : NULL;

	CU_ASSERT_FATAL(!params || o != NULL);
	meed_diags_release(&f->diags);
	memset(&f->diags, 0, sizeof(f->diags));
	json_object_put(f->params);
	f->params = meed_params_resolve(&f->m, o, where, NULL, &f->diags);
	json_object_put(o);
}

/* The parameters are refused with exactly this text. */
static void refuses(const char *params, const char *text)
{
	struct fixture f;

	set_up(&f);
	resolve(&f, params);
	CU_ASSERT_PTR_NULL(f.params);
	CU_ASSERT_EQUAL(f.diags.n_errors, 1);
	if (f.diags.n != 1 || strcmp(f.diags.v[0].text, text) != 0) {
		(void)fprintf(stderr, "\nexpected %s\ngot      %s\n", text,
			      f.diags.n ? f.diags.v[0].text : "nothing");
		CU_FAIL("another text");
	}
	tear_down(&f);
}

/* ---- what is filled in ---- */

static struct json_object *at(struct fixture *f, const char *pointer)
{
	struct json_object *o = NULL;

	(void)json_pointer_get(f->params, pointer, &o);
	return o;
}

static void test_defaults_are_filled_in_also_in_nested_objects(void)
{
	struct fixture f;

	set_up(&f);
	resolve(&f, "{\"must\":\"x\"}");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f.params);
	CU_ASSERT_EQUAL(json_object_get_int64(at(&f, "/min_length")), 10);
	CU_ASSERT_DOUBLE_EQUAL(json_object_get_double(at(&f, "/ratio")), 0.5, 0);
	CU_ASSERT_STRING_EQUAL(json_object_get_string(at(&f, "/unit")), "tokens");
	CU_ASSERT_TRUE(json_object_get_boolean(at(&f, "/on")));
	CU_ASSERT_EQUAL(json_object_get_int64(at(&f, "/nested/alpha")), 2);
	CU_ASSERT_EQUAL(json_object_get_int64(at(&f, "/nested/deep/beta")), 3);
	CU_ASSERT_PTR_NULL(at(&f, "/list"));
	resolve(&f, "{\"must\":\"x\",\"nested\":{\"alpha\":7}}");
	CU_ASSERT_EQUAL(json_object_get_int64(at(&f, "/nested/alpha")), 7);
	CU_ASSERT_EQUAL(json_object_get_int64(at(&f, "/nested/deep/beta")), 3);
	tear_down(&f);
}

static void test_no_parameters_at_all_are_the_defaults(void)
{
	struct fixture f;

	set_up(&f);
	json_object_object_del(f.m.schema, "required");
	resolve(&f, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f.params);
	CU_ASSERT_EQUAL(json_object_get_int64(at(&f, "/min_length")), 10);
	tear_down(&f);
}

static void test_given_values_are_kept_and_the_input_is_left_alone(void)
{
	struct fixture f;

	set_up(&f);
	resolve(&f, "{\"must\":\"x\",\"list\":[1,2],\"free\":{\"a\":[null,1.5]},"
		    "\"weights\":{\"w\":1},\"either\":2.5,\"ratio\":1,\"upto\":4.0}");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f.params);
	CU_ASSERT_EQUAL(json_object_array_length(at(&f, "/list")), 2);
	CU_ASSERT_DOUBLE_EQUAL(json_object_get_double(at(&f, "/free/a/1")), 1.5, 0);
	CU_ASSERT_EQUAL(json_object_get_int64(at(&f, "/weights/w")), 1);
	CU_ASSERT_TRUE(json_object_is_type(at(&f, "/ratio"), json_type_int));
	CU_ASSERT_TRUE(json_object_is_type(at(&f, "/upto"), json_type_int));
	CU_ASSERT_EQUAL(f.diags.n, 0);
	tear_down(&f);
}

/* ---- what is refused, in which words ---- */

static void test_unknown_name_brings_the_nearest_one(void)
{
	refuses("{\"must\":\"x\",\"min_lenght\":3}",
		"conf.d/a.conf:10: parameter \"min_lenght\": unknown; did you mean "
		"\"min_length\"?");
	refuses("{\"must\":\"x\",\"nested\":{\"alpah\":3}}",
		"conf.d/a.conf:6: parameter \"nested.alpah\": unknown; did you mean \"alpha\"?");
	refuses("{\"must\":\"x\",\"nested\":{\"qqqqqqqq\":3}}",
		"conf.d/a.conf:6: parameter \"nested.qqqqqqqq\": unknown; known: alpha, deep");
}

static void test_missing_parameter_is_named(void)
{
	refuses("{}", "conf.d/a.conf:4: parameter \"must\": is missing, and has no default");
}

static void test_wrong_type_names_both_types(void)
{
	refuses("{\"must\":1}",
		"conf.d/a.conf:4: parameter \"must\" = 1: is an integer, must be a string");
	refuses("{\"must\":\"x\",\"ratio\":\"0.5\"}",
		"conf.d/a.conf:5: parameter \"ratio\" = \"0.5\": is a string, must be a number");
	refuses("{\"must\":\"x\",\"min_length\":2.5}", "conf.d/a.conf:10: parameter \"min_length\" "
						       "= 2.5: is a number, must be an integer");
	refuses("{\"must\":\"x\",\"on\":1}",
		"conf.d/a.conf:2: parameter \"on\" = 1: is an integer, must be a boolean");
	refuses("{\"must\":\"x\",\"either\":true}", "conf.d/a.conf:6: parameter \"either\" = true: "
						    "is a boolean, must be a number or a string");
	refuses("{\"must\":\"x\",\"list\":{}}",
		"conf.d/a.conf:4: parameter \"list\" = an object: is an object, must be an array");
	refuses("{\"must\":null}",
		"conf.d/a.conf:4: parameter \"must\" = null: is null, must be a string");
}

static void test_ranges_are_told(void)
{
	refuses("{\"must\":\"x\",\"min_length\":0}",
		"conf.d/a.conf:10: parameter \"min_length\" = 0: must be 1 or more");
	refuses("{\"must\":\"x\",\"ratio\":0}",
		"conf.d/a.conf:5: parameter \"ratio\" = 0: must be more than 0 and at most 1");
	refuses("{\"must\":\"x\",\"share\":1.5}",
		"conf.d/a.conf:5: parameter \"share\" = 1.5: must be from 0.25 to 0.75");
	refuses("{\"must\":\"x\",\"upto\":5}",
		"conf.d/a.conf:4: parameter \"upto\" = 5: must be less than 5");
	refuses("{\"must\":\"x\",\"ratio\":1e999}",
		"conf.d/a.conf:5: parameter \"ratio\" = inf: must be a finite number");
	refuses("{\"must\":\"x\",\"nested\":{\"deep\":{\"beta\":10}}}",
		"conf.d/a.conf:6: parameter \"nested.deep.beta\" = 10: must be at most 9");
}

static void test_enums_patterns_and_lengths_are_told(void)
{
	refuses("{\"must\":\"x\",\"unit\":\"token\"}",
		"conf.d/a.conf:4: parameter \"unit\" = \"token\": must be one of \"bytes\", "
		"\"tokens\"; did you mean \"tokens\"?");
	refuses("{\"must\":\"x\",\"tag\":\"AB\"}",
		"conf.d/a.conf:3: parameter \"tag\" = \"AB\": must match the pattern ^[a-z]+$");
	refuses("{\"must\":\"x\",\"tag\":\"a\\u0000\"}",
		"conf.d/a.conf:3: parameter \"tag\" = "
		"\"a\\u0000\": must match the pattern ^[a-z]+$");
	refuses("{\"must\":\"x\",\"tag\":\"a\"}", "conf.d/a.conf:3: parameter \"tag\" = \"a\": has "
						  "1 character: must have from 2 to 4");
	refuses("{\"must\":\"x\",\"list\":[]}", "conf.d/a.conf:4: parameter \"list\" = an array: "
						"has 0 items: must have from 1 to 3");
	refuses("{\"must\":\"x\",\"list\":[1,-2]}",
		"conf.d/a.conf:4: parameter \"list[1]\" = -2: must be 0 or more");
	refuses("{\"must\":\"x\",\"weights\":{\"w\":\"1\"}}",
		"conf.d/a.conf:7: parameter "
		"\"weights.w\" = \"1\": is a string, must be a number");
}

static void test_lengths_count_characters_and_long_values_are_cut(void)
{
	struct fixture f;
	char params[400];

	set_up(&f);
	json_object_object_del(
		json_object_object_get(json_object_object_get(f.m.schema, "properties"), "tag"),
		"pattern");
	resolve(&f, "{\"must\":\"x\",\"tag\":\"\\u00e9\\u00e9\\u00e9\\u00e9\"}");
	CU_ASSERT_PTR_NOT_NULL(f.params);
	(void)snprintf(params, sizeof(params), "{\"must\":\"x\",\"unit\":\"%0200d\"}", 0);
	resolve(&f, params);
	CU_ASSERT_EQUAL_FATAL(f.diags.n, 1);
	CU_ASSERT(strlen(f.diags.v[0].text) < 200);
	CU_ASSERT_PTR_NOT_NULL(strstr(f.diags.v[0].text, "\"...: must be one of"));
	tear_down(&f);
}

static void test_every_problem_is_reported(void)
{
	struct fixture f;

	set_up(&f);
	resolve(&f, "{\"min_length\":0,\"ratio\":\"x\",\"nosuch\":1,\"list\":[-1,-2,-3,-4],"
		    "\"nested\":{\"alpha\":\"x\",\"deep\":{\"beta\":100}}}");
	CU_ASSERT_PTR_NULL(f.params);
	CU_ASSERT_EQUAL(f.diags.n_errors, 11);
	tear_down(&f);
}

static void test_deprecated_parameter_is_a_warning(void)
{
	struct fixture f;

	set_up(&f);
	resolve(&f, "{\"must\":\"x\",\"old\":1}");
	CU_ASSERT_PTR_NOT_NULL(f.params);
	CU_ASSERT_EQUAL_FATAL(f.diags.n, 1);
	CU_ASSERT_TRUE(f.diags.v[0].warning);
	CU_ASSERT_STRING_EQUAL(f.diags.v[0].text, "conf.d/a.conf:3: parameter \"old\": is "
						  "deprecated: use min_length");
	tear_down(&f);
}

static void test_without_a_place_the_model_is_named(void)
{
	struct json_object *o = json_tokener_parse("{\"must\":1}");
	struct fixture f;

	set_up(&f);
	CU_ASSERT_PTR_NULL(meed_params_resolve(&f.m, o, NULL, NULL, &f.diags));
	CU_ASSERT_EQUAL_FATAL(f.diags.n, 1);
	CU_ASSERT_PTR_EQUAL(strstr(f.diags.v[0].text, "test.model: parameter \"must\""),
			    f.diags.v[0].text);
	json_object_put(o);
	tear_down(&f);
}

static void test_numbers_keep_their_point_in_a_comma_locale(void)
{
	static const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8" };
	size_t i;

	for (i = 0; i < 3 && !setlocale(LC_ALL, names[i]); i++)
		;
	test_ranges_are_told();
	(void)setlocale(LC_ALL, "C");
}

/* ---- schemas ---- */

static void schema_is(const char *text, const char *why)
{
	struct json_tokener *tok = json_tokener_new_ex(128);
	struct json_object *o = json_tokener_parse_ex(tok, text, (int)strlen(text));
	struct meed_err err = { 0 };
	int32_t r = meed_schema_check(o, &err);

	json_tokener_free(tok);
	if (why ? r >= 0 || !strstr(err.text, why) : r < 0) {
		(void)fprintf(stderr, "\n%s: expected \"%s\", got \"%s\"\n", text, why ? why : "",
			      err.text);
		CU_FAIL("another verdict");
	}
	json_object_put(o);
}

#define PROP(text) "{\"properties\":{\"n\":" text "}}"

static void test_schemas_that_are_usable(void)
{
	schema_is("{}", NULL);
	schema_is("{\"type\":\"object\"}", NULL);
	schema_is(PROP("{}"), NULL);
	schema_is(PROP("{\"type\":\"integer\",\"default\":3}"), NULL);
	schema_is(PROP("{\"type\":\"number\",\"default\":3,\"minimum\":3,\"maximum\":3}"), NULL);
	schema_is(PROP("{\"type\":\"string\",\"enum\":[\"a\"],\"default\":\"a\"}"), NULL);
	schema_is(PROP("{\"type\":[\"string\",\"null\"],\"default\":null}"), NULL);
	schema_is(PROP("{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"default\":[]}"),
		  NULL);
}

static void test_schemas_that_are_not(void)
{
	schema_is("[]", "must be a JSON object");
	schema_is("{\"type\":\"string\"}", "\"type\": must be \"object\"");
	schema_is("{\"type\":\"objekt\"}", "\"type\": must be");
	schema_is("{\"propertys\":{}}",
		  "\"propertys\": is no keyword that Meed knows; did you mean "
		  "\"properties\"?");
	schema_is(PROP("3"), "\"properties.n\": must be an object");
	schema_is(PROP("{\"$ref\":\"#\"}"), "\"properties.n.$ref\": is no keyword");
	schema_is(PROP("{\"minimum\":\"1\"}"), "\"properties.n.minimum\": has a value of the wrong "
					       "type");
	schema_is(PROP("{\"type\":\"string\",\"minimum\":1}"),
		  "says nothing about a value of this");
	schema_is(PROP("{\"minimum\":2,\"maximum\":1}"), "leaves no value below \"maximum\"");
	schema_is(PROP("{\"minimum\":2,\"exclusiveMaximum\":2}"), "leaves no value below");
	schema_is(PROP("{\"type\":\"string\",\"minLength\":-1}"), "minLength\": must be 0 or more");
	schema_is(PROP("{\"type\":\"string\",\"pattern\":\"(\"}"), "is no POSIX extended regular "
								   "expression");
	schema_is(PROP("{\"type\":\"integer\",\"default\":2.5}"),
		  "\"properties.n.default\": 2.5: is a number, must be an integer");
	schema_is(PROP("{\"type\":\"integer\",\"minimum\":1,\"default\":0}"),
		  "\"properties.n.default\": 0: must be 1 or more");
	schema_is(PROP("{\"enum\":[],\"default\":0}"), "enum\": must not be empty");
	schema_is(PROP("{\"type\":\"string\",\"enum\":[\"a\",1]}"), "enum[1]\": 1: is an integer");
	schema_is(PROP("{\"type\":\"string\",\"enum\":[\"a\"],\"default\":\"b\"}"),
		  "must be \"a\"");
	schema_is("{\"properties\":{\"a b\":{}}}", "a parameter's name must be");
	schema_is("{\"properties\":{},\"required\":[\"n\"]}", "must list names in \"properties\"");
	schema_is("{\"required\":[\"n\"]}", "must list names in \"properties\"");
	schema_is("{\"required\":[3]}", "must list names in \"properties\"");
}

static void test_schema_nested_too_deep_is_refused(void)
{
	char text[4096] = "";
	size_t i, n = 0;

	for (i = 0; i < 30; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "{\"properties\":{\"n\":");
	n += (size_t)snprintf(text + n, sizeof(text) - n, "{}");
	for (i = 0; i < 30; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "}}");
	schema_is(text, "is nested too deep");
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "defaults are filled in, also in nested objects",
		  test_defaults_are_filled_in_also_in_nested_objects },
		{ "no parameters at all are the defaults",
		  test_no_parameters_at_all_are_the_defaults },
		{ "given values are kept", test_given_values_are_kept_and_the_input_is_left_alone },
		{ "unknown name brings the nearest one", test_unknown_name_brings_the_nearest_one },
		{ "missing parameter is named", test_missing_parameter_is_named },
		{ "wrong type names both types", test_wrong_type_names_both_types },
		{ "ranges are told", test_ranges_are_told },
		{ "enums, patterns and lengths are told",
		  test_enums_patterns_and_lengths_are_told },
		{ "lengths count characters, long values are cut",
		  test_lengths_count_characters_and_long_values_are_cut },
		{ "every problem is reported", test_every_problem_is_reported },
		{ "deprecated parameter is a warning", test_deprecated_parameter_is_a_warning },
		{ "without a place the model is named", test_without_a_place_the_model_is_named },
		{ "numbers keep their point in a comma locale",
		  test_numbers_keep_their_point_in_a_comma_locale },
		{ "schemas that are usable", test_schemas_that_are_usable },
		{ "schemas that are not", test_schemas_that_are_not },
		{ "schema nested too deep is refused", test_schema_nested_too_deep_is_refused },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = {
		{ "params", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
