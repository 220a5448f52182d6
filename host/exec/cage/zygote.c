/* zygote.c - the cage's side of interpreters that are kept warm. */
#include "config.h"

#include "host/exec/cage/cage.h"

struct zygote *zygote_get(struct cage *c, const struct wire_program *p)
{
	(void)c;
	(void)p;
	return NULL;
}

bool zygote_order(struct zygote *z, int pidfd, int ctl, const int *fds, size_t n_fds,
		  const struct box_order *head, const char *text)
{
	(void)z;
	(void)pidfd;
	(void)ctl;
	(void)fds;
	(void)n_fds;
	(void)head;
	(void)text;
	return false;
}

void zygote_drop(struct cage *c, struct zygote *z)
{
	(void)c;
	(void)z;
}

void zygotes_end(struct cage *c)
{
	(void)c;
}
