/* fakehost.h - a host of one page, to test a plugin's models without the host.
 *
 * It reads parameters by the schema's defaults, hands out memory by malloc (so that sanitizers see
 * every overflow), can refuse the n-th allocation, and keeps what the model said. Its one
 * tokenizer splits at white space and lower-cases ASCII. One thread. */
#ifndef FAKEHOST_H
#define FAKEHOST_H

#include <stdbool.h>

#include <meed/plugin.h>

struct json_object;

#define FAKE_DIMS 64

struct fake {
	meed_host host;
	size_t refuse_alloc;		/* refuse the n-th allocation, counted from 1; 0: none */
	size_t n_allocs;
	bool cancelled;
	bool no_text;			/* offer no tokenizers */
	const char *prompt;		/* what the user asked; NULL: no prompt */
	uint32_t want;
	/* what the next sample has beside its text; borrowed */
	struct json_object *meta, *label, *more;
	const meed_msg *steps;
	size_t n_steps;
	/* what the last call said */
	bool scored;
	int32_t code;
	double score;
	char reason[1024], why[1024], warning[1024];
	struct json_object *extra;	/* an object */
	struct {
		char name[96], reason[400];
		double score;
	} dims[FAKE_DIMS];		/* named details, in their order */
	size_t n_dims;
	/* owned until fake_reset */
	void **blocks;
	size_t n_blocks, cap_blocks;
	struct json_object **trees;
	size_t n_trees;
	meed_str *vocab;
	size_t n_vocab;
};

void fake_init(struct fake *f);
/* Forgets the last call's results and frees its memory. */
void fake_reset(struct fake *f);

/* The descriptor of NAME.so, found in the folders of $MEED_PLUGIN_PATH; NULL, with a message on
 * stderr. It stays loaded. */
const meed_plugin *fake_load(const char *name);
const meed_rm *fake_model(const meed_plugin *p, const char *id);

/* Calls create with params (JSON, NULL for none) over the schema's defaults. */
int32_t fake_create(struct fake *f, const meed_rm *rm, const char *params, void **ret_self);
/* Resets, then evaluates one answer of n bytes, copied to a block of exactly that size and a NUL. */
int32_t fake_evaluate(struct fake *f, const meed_rm *rm, void *self, const char *text, size_t n,
		      const char *reference);

#endif
