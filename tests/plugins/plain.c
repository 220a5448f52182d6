/* plain.c - a shared object that is no plugin. */
int meed_test_plain(void);
__attribute__((visibility("default"))) int meed_test_plain(void)
{
	return 1;
}
