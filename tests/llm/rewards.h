/* rewards.h - the test server in the part of reward servers. */
#ifndef TESTS_LLM_REWARDS_H
#define TESTS_LLM_REWARDS_H

#include <stddef.h>

/* The answer of the reward server whose name the path begins with ("/vllm/classify"), malloc'd, and
 * its status; NULL: the path names none. head: the request's, for its keys. */
char *rewards_answer(const char *path, const char *head, const char *body, int *ret_status);

#endif
