/* ends: wall cpu */
/* swaps a file that is to be fetched with links, as fast as it can, until it is killed */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	for (;;) {
		if (symlink("/etc/passwd", "x") == 0)
			(void)rename("x", "result");
		if (link("main", "y") == 0)
			(void)rename("y", "result");
	}
}
