/* ends: signal=31 exit */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
#ifdef __x86_64__
	long r;

	/* socket, by its x32 number */
	__asm__ volatile("syscall" : "=a"(r) : "a"(0x40000000L + 41), "D"(2), "S"(1), "d"(0)
			 : "rcx", "r11", "memory");
	if (r != -38 && r != -1)
		printf("broken: %ld\n", r);
	else
		puts("held");
#else
	puts("held");
#endif
	return 0;
}
