/* host_text.c - extension meed.text/1 over the sample floor's tokenizers. */
#include "config.h"

#include "host/plugin/internal.h"

static const uint32_t all_flags = MEED_TOK_LOWER | MEED_TOK_CHINESE_ONLY | MEED_TOK_SPANS;

static int32_t text_open(meed_ctx *c, const meed_tokenizer *t, uint32_t *ret_id)
{
	meed_tokenizer spec;
	struct meed_err why = { 0 };
	int32_t r;

	if (c->phase != MEED_PHASE_CREATE)
		return meed_ctx_failf(c, MEED_E_INTERNAL, "%s opened a tokenizer outside create",
				      meed_ctx_model_id(c));
	if (!t || !ret_id)
		return meed_ctx_failf(c, MEED_E_INTERNAL,
				      "%s called " MEED_EXT_TEXT " open with NULL",
				      meed_ctx_model_id(c));
	r = meed_gate_clamp("meed_tokenizer", t, MEED_TOKENIZER_MIN, sizeof(spec), &spec, &why);
	if (r == 0 && !spec.type)
		r = meed_err_set(&why, MEED_E_INTERNAL, "meed_tokenizer: type is NULL");
	if (r == 0 && (spec.flags & ~all_flags))
		r = meed_err_set(&why, MEED_E_UNSUPPORTED,
				 "meed_tokenizer: flags = %u has the unknown bits %u", spec.flags,
				 spec.flags & ~all_flags);
	if (r == 0)
		r = meed_tokenizers_open(c->reg->tokenizers, &spec, &why, ret_id);
	return r < 0 ? meed_ctx_failf(c, r, "%s", why.text) : MEED_OK;
}

static int32_t text_tokens(meed_ctx *c, uint32_t id, meed_str text, const meed_tokens **ret)
{
	struct meed_err why;	/* not cleared: a kilobyte, for each call */
	int32_t r;

	why.text[0] = '\0';

	if (!c->tokens)
		return meed_ctx_failf(c, MEED_E_UNSUPPORTED,
				      "%s asked for tokens outside evaluate and resume",
				      meed_ctx_model_id(c));
	r = meed_tokenize(c->reg->tokenizers, c->tokens, c->arena, id, text, &why, ret);
	return r < 0 ? meed_ctx_failf(c, r, "%s", why.text) : MEED_OK;
}

static const meed_ext_text table = {
	.struct_size = sizeof(meed_ext_text),
	.revision = 1,
	.open = text_open,
	.tokens = text_tokens,
};

const meed_ext_text *meed_host_text(void)
{
	return &table;
}
