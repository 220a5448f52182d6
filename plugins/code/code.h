/* code.h - what the models of the plugin `code` share.
 *
 * All are pointwise: they look at one answer. code.style and code.patch_similarity read it here;
 * code.syntax_check and what runs programs hand them to the host's sandbox (meed.exec/1). Blocks
 * of code are found by fence.h, edits by diff.h, likeness of texts by ratio.h. */
#ifndef CODE_H
#define CODE_H

#include <meed/helpers.h>

#define CODE_VERSION "1.0.0"
#define CODE_LICENSE "Apache-2.0"
#define CODE_SOURCE \
	"RM-Gallery 0.1.4 (github.com/modelscope/RM-Gallery), rm_gallery/gallery/rm/code"

extern const meed_rm code_execution;
extern const meed_rm code_patch_similarity;
extern const meed_rm code_style;
extern const meed_rm code_syntax_check;

/* destroy of every model whose instance is one block from malloc. */
void code_free(const meed_host *h, void *self);

/* Why a JSON value is no JSON Schema, or NULL: every keyword that drafts 4 to 2020-12 define has a
 * value of its kind, schemas within it too. *ret_key, empty before, becomes the keyword
 * at fault. */
const char *code_schema_fault(const meed_host *h, const meed_val *v, meed_str *ret_key);

#endif
