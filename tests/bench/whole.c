/* whole.c - how long a program takes from its start to its end. */
#include "config.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"

extern char **environ;

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void run_once(const char *const *argv, double *ret_seconds, double *ret_cpu, long *ret_rss)
{
	posix_spawn_file_actions_t fa;
	struct rusage ru;
	uint64_t t0 = meed_now_ns();
	int status = -1;
	pid_t pid;

	(void)posix_spawn_file_actions_init(&fa);
	(void)posix_spawn_file_actions_addopen(&fa, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, argv[0], &fa, NULL, (char *const *)(uintptr_t)argv, environ) != 0 ||
	    wait4(pid, &status, 0, &ru) != pid || status != 0) {
		(void)fprintf(stderr, "bench: %s failed (status %d)\n", argv[0], status);
		exit(70);
	}
	(void)posix_spawn_file_actions_destroy(&fa);
	*ret_seconds = (double)(meed_now_ns() - t0) / 1e9;
	*ret_cpu = seconds_of(ru.ru_utime) + seconds_of(ru.ru_stime);
	*ret_rss = ru.ru_maxrss > *ret_rss ? ru.ru_maxrss : *ret_rss;
}

struct whole bench_run(const char *const *argv, unsigned times)
{
	double v[64], cpu[64];
	struct whole w = { 0 };

	for (unsigned i = 0; i < times; i++)
		run_once(argv, &v[i], &cpu[i], &w.rss_kb);
	w.seconds = bench_median(v, times);
	w.cpu = bench_median(cpu, times);
	return w;
}
