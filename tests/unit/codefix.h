/* codefix.h - a host that is only what the parts of the plugin `code` ask for. */
#ifndef CODEFIX_H
#define CODEFIX_H

#include <stdbool.h>
#include <stddef.h>

#include <meed/plugin.h>

struct codefix {
	meed_host host;
	size_t fail_at;			/* the allocation that fails, counted from 1; 0: none */
	size_t n_allocs;
	bool cancelled;
	int32_t code;			/* of the last failure */
	char why[512];
	void **blocks;
	size_t n, cap;
};

/* The context to give is (meed_ctx *)f. */
void codefix_init(struct codefix *f);
void codefix_release(struct codefix *f);

#endif
