/* major2.c - a plugin of the next major: it exports meed_plugin_v2 and nothing else of ours. */
#include <stdint.h>

extern const uint32_t meed_plugin_v2[16];
__attribute__((visibility("default"))) const uint32_t meed_plugin_v2[16] = { 64, 3 };
