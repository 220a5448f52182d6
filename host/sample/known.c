/* known.c - the keys that rows often have: they need no copy for each row. */
#include "config.h"
#include "host/sample/rows.h"

#define LONGEST 17

static const char *const known[LONGEST + 1][12] = {
	[2] = { "id" },
	[3] = { "raw" },
	[4] = { "role", "name", "code" },
	[5] = { "steps", "label", "score", "valid", "error", "state",
		"extra", "input", "style", "split", "index" },
	[6] = { "answer", "reward", "reason", "weight", "others",
		"source", "output", "prompt", "chosen" },
	[7] = { "content", "details", "message", "time_us", "ability" },
	[8] = { "metadata", "question", "rejected", "response", "messages" },
	[9] = { "reference", "unique_id", "responses" },
	[10] = { "preference", "created_at", "completion", "extra_info", "tool_calls" },
	[11] = { "composition", "instruction", "data_source" },
	[12] = { "contribution", "reward_model", "ground_truth", "solution_str", "time_created" },
	[13] = { "task_category" },
	[17] = { "additional_kwargs", "reasoning_content" }
};

const char *meed_known_key(const char *p, size_t n)
{
	if (n > LONGEST)
		return NULL;
	for (const char *const *k = known[n]; *k; k++)
		if (memcmp(*k, p, n) == 0)
			return *k;
	return NULL;
}
