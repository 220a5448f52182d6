/* doctor.h - the parts of meed doctor. */
#ifndef MEED_CLI_DOCTOR_H
#define MEED_CLI_DOCTOR_H

#include "host/cli/cli.h"

enum doctor_mark { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

struct doctor {
	struct cli *c;
	struct meed_buf out;
	size_t n[3];			/* lines of each mark */
};

/* One line of the report. A warning or failure says what to do. */
void doctor_put(struct doctor *d, enum doctor_mark mark, const char *topic, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

void doctor_libraries(struct doctor *d);
void doctor_machine(struct doctor *d);	/* CPUs, memory, limits, locale */
void doctor_conf(struct doctor *d);	/* where things are looked for, and what was there */
/* the sandbox and the runtimes, if any is configured */
void doctor_exec(struct doctor *d, const struct meed_conf *conf);
void doctor_tools(struct doctor *d);	/* tokenizer data, graphviz, the template */

#endif
