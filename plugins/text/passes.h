/* passes.h - steps of tokenizers that BLEU's and Tercom's share: tokenize.c. */
#ifndef TEXT_PASSES_H
#define TEXT_PASSES_H

#include "text.h"

/* Every `what`, from the left, becomes `with`, which is no longer. */
int32_t text_replace(struct text_job *j, meed_str *s, meed_str what, meed_str with);
/* &quot; &amp; &lt; &gt;, in this order. */
int32_t text_entities(struct text_job *j, meed_str *s);
/* A blank at each end. */
int32_t text_pad(struct text_job *j, meed_str *s);
/* mteval-v13a's passes for Western languages; possessive: "'s " is a token. */
int32_t text_western(struct text_job *j, bool possessive, meed_str *s);

#endif
