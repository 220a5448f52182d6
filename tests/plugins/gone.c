/* gone.c - the library that needs-gone.c links to; removed once that is linked. */
int meed_test_gone(void);
int meed_test_gone(void)
{
	return 1;
}
