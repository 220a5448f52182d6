/* ends: exit */
/* every number there may be, with arguments that can do no harm: what is not known is refused */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	int new = 0;

	for (long nr = 451; nr < 1200; nr++)
		if (nr != 452 && (syscall(nr, -1, -1, -1, -1, -1, -1) != -1 || errno != ENOSYS))
			new++;
	if (new > 3)	/* futex_waitv and its like come with time */
		printf("broken: %d\n", new);
	else
		puts("held");
	return 0;
}
