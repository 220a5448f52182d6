/* ends: memory signal exit
# wall: 8000 */
/* reads one page in each 2 MB of what is only address space: page tables grow, nothing else */
#include <stdio.h>
#include <sys/mman.h>

int main(void)
{
	size_t n = (size_t)1 << 43;
	volatile char *p = mmap(0, n, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	long sum = 0;

	if (p == MAP_FAILED) {
		puts("held");
		return 0;
	}
	for (size_t i = 0; i < n; i += (size_t)2 << 20)
		sum += p[i];
	printf("broken %ld\n", sum);
	return 0;
}
