/* abi_layout.h - the layout of ABI 1.0 on 64-bit machines, as assertions. Compiled as C, as C++
 * and with -Wpadded by test_abi.c, over the header that ships and its frozen copy. A line never
 * changes once 1.0 is frozen; a later minor adds lines for the fields that it appends. */
#ifndef MEED_TESTS_ABI_LAYOUT_H
#define MEED_TESTS_ABI_LAYOUT_H

#ifdef __cplusplus
#define MEED_LAYOUT(x) static_assert(x, #x)
#else
#define MEED_LAYOUT(x) _Static_assert(x, #x)
#endif

#if UINTPTR_MAX == 0xffffffffffffffffu
/* [frozen] structs, in every minor. */
MEED_LAYOUT(sizeof(meed_str) == 16);
MEED_LAYOUT(sizeof(meed_msg) == 40);
MEED_LAYOUT(sizeof(meed_cand) == 64);
MEED_LAYOUT(sizeof(meed_file) == 24);

/* [grows] structs, as 1.0 has them; a later minor's are larger. */
#if MEED_ABI_MINOR == 0
MEED_LAYOUT(sizeof(meed_sample) == 104);
MEED_LAYOUT(sizeof(meed_chat) == 72);
MEED_LAYOUT(sizeof(meed_http) == 48);
MEED_LAYOUT(sizeof(meed_reply) == 104);
MEED_LAYOUT(sizeof(meed_host) == 208);
MEED_LAYOUT(sizeof(meed_rm) == 136);
MEED_LAYOUT(sizeof(meed_plugin) == 64);
MEED_LAYOUT(sizeof(meed_tokens) == 40);
MEED_LAYOUT(sizeof(meed_tokenizer) == 24);
MEED_LAYOUT(sizeof(meed_ext_text) == 24);
MEED_LAYOUT(sizeof(meed_limits) == 40);
MEED_LAYOUT(sizeof(meed_program) == 48);
MEED_LAYOUT(sizeof(meed_exec_run) == 88);
MEED_LAYOUT(sizeof(meed_exec) == 56);
MEED_LAYOUT(sizeof(meed_ran) == 88);
MEED_LAYOUT(sizeof(meed_exec_result) == 48);
MEED_LAYOUT(sizeof(meed_runtime) == 48);
MEED_LAYOUT(sizeof(meed_ext_exec) == 32);
#endif

/* Where fields lie, in every minor. */
MEED_LAYOUT(offsetof(meed_sample, id) == 16);
MEED_LAYOUT(offsetof(meed_sample, cands) == 56);
MEED_LAYOUT(offsetof(meed_sample, meta) == 96);
MEED_LAYOUT(offsetof(meed_chat, msgs) == 16);
MEED_LAYOUT(offsetof(meed_chat, flags) == 68);
MEED_LAYOUT(offsetof(meed_reply, texts) == 40);
MEED_LAYOUT(offsetof(meed_reply, tokens_out) == 96);
MEED_LAYOUT(offsetof(meed_host, extension) == 32);
MEED_LAYOUT(offsetof(meed_host, put_score) == 152);
MEED_LAYOUT(offsetof(meed_host, reply) == 200);
MEED_LAYOUT(offsetof(meed_rm, id) == 16);
MEED_LAYOUT(offsetof(meed_rm, score_min) == 64);
MEED_LAYOUT(offsetof(meed_rm, evaluate) == 104);
MEED_LAYOUT(offsetof(meed_rm, extension) == 128);
MEED_LAYOUT(offsetof(meed_plugin, models) == 40);
MEED_LAYOUT(offsetof(meed_plugin, deinit) == 56);
#endif

MEED_LAYOUT(MEED_OK == 0 && MEED_PENDING == 1 && MEED_ABSTAIN == 2);
MEED_LAYOUT(MEED_E_PARAM == -1 && MEED_E_INTERNAL == -11);
MEED_LAYOUT(MEED_POINTWISE == 1 && MEED_STEPWISE == 8);
MEED_LAYOUT(MEED_NEEDS_REFERENCE == 1 && MEED_NEEDS_EXEC == 16);
MEED_LAYOUT(MEED_DETERMINISTIC == 1 && MEED_SERIAL == 2);
MEED_LAYOUT(MEED_T_NULL == 0 && MEED_T_INT == 6);

#endif
