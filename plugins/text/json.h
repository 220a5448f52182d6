/* json.h - JSON values of a text, compared: json.c. */
#ifndef TEXT_JSON_H
#define TEXT_JSON_H

#include "text.h"

/* A text as JSON; *ret is NULL for null, too. False if it is not JSON by RFC 8259. */
bool text_json(struct text_job *j, meed_str s, const meed_val **ret);
/* n steps of work; MEED_E_LIMIT beyond 20 million. */
int32_t text_steps(struct text_job *j, uint64_t n);
bool text_json_is_number(const meed_host *h, const meed_val *v);
/* 1 if obj has a member of this name, null or not; *ret is its value. */
int32_t text_json_member(struct text_job *j, const meed_val *obj, meed_str key,
			 const meed_val **ret);
/* 1 if two values are equal as JSON Schema has it: numbers by value, objects in any order. */
int32_t text_json_equal(struct text_job *j, const meed_val *a, const meed_val *b);
/* 1 if no two items of a list are equal. */
int32_t text_json_unique(struct text_job *j, const meed_val *list);

#endif
