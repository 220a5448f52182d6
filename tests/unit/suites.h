/* suites.h - the end of every unit test's main: runs its suites. */
#ifndef MEED_SUITES_H
#define MEED_SUITES_H

#include <CUnit/Basic.h>

/* The exit status: 0 if every assertion held. */
static inline int suites_run(CU_SuiteInfo *suites)
{
	unsigned int failed = 1;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 70;
	if (CU_register_suites(suites) == CUE_SUCCESS) {
		CU_basic_set_mode(CU_BRM_NORMAL);
		(void)CU_basic_run_tests();
		failed = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
	}
	CU_cleanup_registry();
	return failed ? 1 : 0;
}

#endif
