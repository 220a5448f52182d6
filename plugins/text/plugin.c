/* plugin.c - the plugin `text`: the field's measures of a text beside its references. */
#include "config.h"
#include "text.h"

static const meed_rm *const models[] = {
	&text_bleu,
	&text_sentence_bleu,
	&text_gleu,
	&text_chrf,
	&text_ter,
	&text_meteor,
	&text_rouge,
	&text_exact_match,
	&text_prefix_match,
	&text_suffix_match,
	&text_substring_match,
	&text_contains_all,
	&text_contains_any,
	&text_containment,
#if HAVE_PCRE2
	&text_regex_match,
#endif
	&text_token_f1,
	&text_word_overlap,
	&text_char_overlap,
	&text_jaccard,
	&text_cosine,
	&text_fuzzy_match,
	&text_edit_distance,
	&text_json_match,
	&text_json_validator,
	&text_json_schema,
	NULL
};

MEED_EXPORT const meed_plugin meed_plugin_v1 = MEED_PLUGIN(
	.id = "org.meed.text", .version = TEXT_VERSION, .vendor = "Meed", .license = TEXT_LICENSE,
	.models = models);
