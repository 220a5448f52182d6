/* graphfix.h - configurations in a folder of their own, for tests of the graph. */
#ifndef MEED_GRAPHFIX_H
#define MEED_GRAPHFIX_H

#include "host/graph/graph.h"
#include "tests/unit/suites.h"

extern char tmp[];			/* the folder */

void put_file(const char *name, const char *text);
/* Leaves no file of an earlier test. */
void clean(void);
/* path alone, with the plugins for tests. */
int32_t load(const char *path, struct meed_diags *d, struct meed_conf **ret);
bool reported(const struct meed_diags *d, const char *text);
void show(const struct meed_diags *d);
/* The one file's text, loaded without an error. */
struct meed_conf *good(const char *text);
/* set: one --set, or NULL. */
struct meed_plan *plan(const struct meed_conf *c, const char *name, const char *set);
void refused(const struct meed_conf *c, const char *name, const char *set, const char *why);
const struct meed_node *node(const struct meed_plan *p, const char *name);
int64_t int_param(const struct meed_node *n, const char *name);

/* The end of main: runs the suites in an empty folder, which goes away. */
int graph_tests_run(CU_SuiteInfo *suites);

#endif
