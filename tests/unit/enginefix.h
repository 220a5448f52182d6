/* enginefix.h - a host opened on a configuration given as text, for tests of the engine. */
#ifndef MEED_ENGINEFIX_H
#define MEED_ENGINEFIX_H

#include "host/engine/engine.h"

struct fix {
	char dir[64];
	struct meed_conf *conf;
	struct meed_plan *plan;
	struct meed_llm_conf llm;
	struct meed_transport *transport, *exec;
	struct meed_engine *engine;
	struct meed_schema *schema;
	struct meed_parser *parser;
	struct meed_arena arena;
	struct meed_row *row;
	struct meed_result res;
	struct meed_buf json;
};

/* conf: libconfig text; @DIR@ stands for the fixture's own folder. script: JSON rules written to
 * @DIR@/script.json, or NULL. Prints what is wrong and returns false if it cannot be opened. */
bool fix_open(struct fix *f, const char *conf, const char *script, const char *name,
	      const struct meed_engine_opts *o);
/* Scores one row; the result is in f->res and, as canonical JSON, in f->json. */
bool fix_score(struct fix *f, const char *row);
/* The detail of output i whose name is NAME; NULL if there is none. */
const struct meed_detail *fix_detail(const struct fix *f, size_t i, const char *name);
/* A run over `in` (lines) with that many threads and window: the output's bytes in ret. */
bool fix_run(struct fix *f, const char *in, size_t n_in, struct meed_run_opts o, struct meed_buf *ret,
	     struct meed_run_stats *st, struct meed_err *err);
void fix_close(struct fix *f);

#endif
