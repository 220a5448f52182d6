/* judge.h - the test server in the part of a judge. */
#ifndef TESTS_LLM_JUDGE_H
#define TESTS_LLM_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

/* What a judge says to this request's body, in the form that it asks for, escaped to stand in a JSON
 * string; false if the body asks for no JSON with an id. */
bool judge_answer(const char *body, char *out, size_t size);

#endif
