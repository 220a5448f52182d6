/* annotations.h - what Label Studio exports, task by task. */
#ifndef MEED_DATA_ANNOTATIONS_H
#define MEED_DATA_ANNOTATIONS_H

#include "host/data/internal.h"

/* Calls each with every task of an export (JSON or JSON-MIN: a list of objects, however long),
 * whose text is borrowed, until one fails. Messages name the file and the task. */
int32_t data_export_each(const char *path,
			 int32_t (*each)(void *ctx, meed_str text, uint64_t number,
					 struct meed_err *err),
			 void *ctx, struct meed_err *err);

/* One task of either form. root is the parsed text, owned by the caller. */
struct data_task {
	struct json_object *data;	/* its fields: unique_id, order, answer1 ...; borrowed */
	struct json_object *annotations; /* owned: what each annotator said, in our words */
	uint64_t n_cancelled;
};
int32_t data_task_read(struct json_object *root, struct data_task *ret, struct meed_err *err);
void data_task_release(struct data_task *t);
/* The sample that a task was made of, as far as it is in there. Owned by the caller. */
struct json_object *data_task_sample(const struct data_task *t);

#endif
