/* script.h - the rules of a scripted endpoint (internal to the floor). */
#ifndef MEED_SCRIPT_H
#define MEED_SCRIPT_H

#include "host/llm/llm.h"

/* What a rule answers. Its strings and nodes live as long as the script. */
struct script_answer {
	uint32_t delay_ms;
	int32_t status;
	uint32_t http_status;
	meed_str error;
	const meed_str *texts;
	size_t n_texts;
	const meed_val *const *choices;
	const float *vecs;
	size_t n_vecs, dim;
	const meed_val *json;
};

struct script_rule {
	meed_str match;			/* "" matches everything */
	uint64_t left;			/* how often it may still be used */
	struct script_answer answer;
	/* owned */
	meed_str *text_v;
	const meed_val **choice_v;
	float *vec_v;
};

struct script {
	struct json_object *root;	/* owns the strings */
	struct script_rule *rules;
	size_t n_rules;
};

/* Reads a file of rules. MEED_E_PARAM or MEED_E_NOINPUT, "FILE: rule 3: what is wrong". */
int32_t script_load(const char *path, struct meed_err *err, struct script **ret);
void script_free(struct script *s);
/* The first rule that matches and has uses left, one of which is taken; NULL if none. The caller
 * serialises calls. */
const struct script_answer *script_answer(struct script *s, meed_str text);

#endif
