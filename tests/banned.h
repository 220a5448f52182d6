/* banned.h - functions that our code must not call; included before every source of host/ and
 * plugins/. Each is unbounded, keeps hidden state, or follows the user's locale.
 *
 *	strcpy, strcat, sprintf, gets	meed_buf, snprintf
 *	strtok				memchr and (pointer, length) views
 *	strtod, atof			meed_strtod
 *	setlocale			never: the locale is the embedding program's
 */
#ifndef MEED_TESTS_BANNED_H
#define MEED_TESTS_BANNED_H

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef strcpy
#undef strcat
#undef strtok
#undef strtod
#undef atof
#undef setlocale
#undef sprintf
#undef vsprintf
#undef gets

#define MEED_BANNED(name) this_function_is_banned_see_tests_banned_h_##name

#define strcpy(...) MEED_BANNED(strcpy)
#define strcat(...) MEED_BANNED(strcat)
#define strtok(...) MEED_BANNED(strtok)
#define strtod(...) MEED_BANNED(strtod)
#define atof(...) MEED_BANNED(atof)
#define setlocale(...) MEED_BANNED(setlocale)
#define sprintf(...) MEED_BANNED(sprintf)
#define vsprintf(...) MEED_BANNED(vsprintf)
#define gets(...) MEED_BANNED(gets)

#endif
