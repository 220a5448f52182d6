/* model.h - the models of the plugin `math`. */
#ifndef MEED_MATH_MODEL_H
#define MEED_MATH_MODEL_H

#include <meed/plugin.h>

extern const meed_rm meed_math_verify;

#endif
