/* ends: signal memory
# wall: 8000 */
int down(volatile char *p, int n);
int down(volatile char *p, int n)
{
	volatile char more[4096];

	more[0] = p[0];
	return n ? down(more, n + 1) + more[0] : 0;
}

int main(void)
{
	volatile char first[1] = { 1 };

	return down(first, 1);
}
