/* ends: wall */
/* the parent of a vfork cannot be interrupted while the child lives */
#include <unistd.h>

int main(void)
{
	if (vfork() == 0)
		for (;;)
			pause();
	return 0;
}
