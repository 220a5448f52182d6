/* test_abi.c - the ABI header stands alone, in C and C++, without padding, and has the layout
 * of ABI 1.0: the header that ships and the copy that the oldest plugins were built with. */
#include <meed/plugin.h>

#include "tests/unit/abi_layout.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *env(const char *name, const char *dflt)
{
	const char *v = getenv(name);

	return v && *v ? v : dflt;
}

/* True if a file of these lines compiles. */
static int compiles(const char *flags, const char *header)
{
	const char *top = env("top_srcdir", ".");
	char cmd[2048];
	int n;

	n = snprintf(cmd, sizeof(cmd),
		     "printf '#include <%s>\\n#include \"tests/unit/abi_layout.h\"\\n' | "
		     "%s %s -Wall -Wextra -Wpedantic -Wpadded -Werror -fsyntax-only "
		     "-I'%s' -I'%s/sdk/include' - 2>&1",
		     header, env("CC", "cc"), flags, top, top);
	CU_ASSERT_FATAL(n > 0 && n < (int)sizeof(cmd));
	return system(cmd) == 0;
}

static int has_cxx(void)
{
	char cmd[512];

	(void)snprintf(cmd, sizeof(cmd), "echo 'int x;' | %s -x c++ -fsyntax-only - 2>/dev/null",
		       env("CC", "cc"));
	return system(cmd) == 0;
}

static const char *const headers[] = { "meed/plugin.h", "tests/plugins/frozen/plugin-1.0.h" };

static void test_headers_stand_alone_in_c_without_padding(void)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		CU_ASSERT(compiles("-x c -std=c11", headers[i]));
		CU_ASSERT(compiles("-x c -std=c17", headers[i]));
	}
}

static void test_headers_stand_alone_in_cxx_without_padding(void)
{
	size_t i;

	if (!has_cxx()) {
		(void)printf("(skipped: %s has no C++) ", env("CC", "cc"));
		return;
	}
	for (i = 0; i < 2; i++)
		CU_ASSERT(compiles("-x c++ -std=c++17", headers[i]));
}

/* Within a major the newest header only appends: the numbers that a 1.0 plugin was compiled
 * with are the numbers of today. */
static void test_version_is_what_the_layout_says(void)
{
	CU_ASSERT_EQUAL(MEED_ABI_MAJOR, 1);
	CU_ASSERT(MEED_ABI_MINOR >= 0);
	CU_ASSERT(MEED_HAS(meed_rm, &(meed_rm){ .struct_size = sizeof(meed_rm) }, extension));
	CU_ASSERT_FALSE(MEED_HAS(meed_rm, &(meed_rm){ .struct_size = 128 }, extension));
	CU_ASSERT(MEED_HAS(meed_rm, &(meed_rm){ .struct_size = 128 }, abandon));
}

int main(void)
{
	static CU_TestInfo tests[] = {
		{ "headers stand alone in C without padding",
		  test_headers_stand_alone_in_c_without_padding },
		{ "headers stand alone in C++ without padding",
		  test_headers_stand_alone_in_cxx_without_padding },
		{ "version is what the layout says", test_version_is_what_the_layout_says },
		CU_TEST_INFO_NULL,
	};
	static CU_SuiteInfo suites[] = {
		{ "abi", NULL, NULL, NULL, NULL, tests },
		CU_SUITE_INFO_NULL,
	};

	return suites_run(suites);
}
