/* info.h - the two halves of meed info. */
#ifndef MEED_CLI_INFO_H
#define MEED_CLI_INFO_H

#include "host/cli/cli.h"

/* "deterministic, serial"; "none". */
const char *info_traits_text(uint32_t traits);
/* The entry as one JSON object and a newline. A composition that does not compile: without its
 * plan, after saying why, and EX_CONFIG. */
int info_json(struct cli *c, const struct meed_conf *conf, const struct meed_entry *e,
	      struct meed_buf *b);

#endif
