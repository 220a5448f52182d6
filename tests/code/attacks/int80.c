/* ends: signal=31 exit */
/* 32-bit system calls have other numbers: getpid there is writev here */
#include <stdio.h>

int main(void)
{
#ifdef __x86_64__
	long r = 20;

	__asm__ volatile("int $0x80" : "+a"(r) : : "memory");
	printf("broken: %ld\n", r);
#else
	puts("held");
#endif
	return 0;
}
