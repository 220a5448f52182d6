/* bwrap.h - the command line that starts a cage: what it can see is decided here.
 *
 * Under bubblewrap the cage is root of a user namespace of its own (so that it can make boxes) and
 * nobody outside of it; without network; it sees /usr and the folders that lead there, read-only,
 * a few files of /etc, five devices, its own processes, and itself under /meed. docs/sandbox.md
 * says why each is there. */
#ifndef MEED_EXEC_BWRAP_H
#define MEED_EXEC_BWRAP_H

#include "host/exec/exec.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The argument vector for s: bwrap's, or with s->unconfined the cage's alone. s->bwrap and s->cage
 * must be set; words are further arguments of the cage, NULL-terminated, or NULL. The descriptors
 * that the cage needs (3: its socket) are inherited. Run it with an empty environment, from a
 * thread that lives as long as the cage may: bwrap ends with the thread that started it.
 * MEED_E_NOMEM. */
int32_t meed_bwrap_argv(const struct meed_exec_sandbox *s, const char *const *words,
			struct meed_err *err, char ***ret_argv);
void meed_bwrap_free(char **argv);

#ifdef __cplusplus
}
#endif
#endif
