/* driver.c - runs a fuzz target without libFuzzer: replays a corpus, then mutates it.
 *
 *	fuzz_X [-s SECONDS] [-r SEED] [-a FOLDER] FILE-OR-FOLDER...
 *
 * Every file is one input. With -s the inputs are then mutated at random for that long; the same
 * seed gives the same inputs. An input on which the target crashes is left in FOLDER (default:
 * the current one) as crash-HASH, to be replayed alone. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define INPUT_MAX (1u << 16)

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct input {
	uint8_t *p;
	size_t n;
};

struct corpus {
	struct input *v;
	size_t n, cap;
};

/* What a signal handler must be able to reach: the input that runs, and where to leave it. */
static struct input running;
static char crash_path[4096];

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9E3779B97F4A7C15u);

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t n)
{
	return n ? (size_t)(next_random(state) % n) : 0;
}

static void die(const char *what, const char *path)
{
	(void)fprintf(stderr, "%s: %s\n", path, what);
	exit(2);
}

static void corpus_add(struct corpus *c, const void *p, size_t n)
{
	struct input *v;

	if (c->n == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 64;
		v = realloc(c->v, c->cap * sizeof(*v));
		if (!v)
			die("out of memory", "corpus");
		c->v = v;
	}
	c->v[c->n].p = malloc(n ? n : 1);
	if (!c->v[c->n].p)
		die("out of memory", "corpus");
	memcpy(c->v[c->n].p, p, n);
	c->v[c->n++].n = n;
}

static void read_file(struct corpus *c, const char *path, off_t size)
{
	size_t n = (size_t)size, done = 0;
	char *p = malloc(n ? n : 1);
	ssize_t r = 1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || !p)
		die(p ? strerror(errno) : "out of memory", path);
	while (done < n && r > 0) {
		r = read(fd, p + done, n - done);
		if (r < 0)
			die(strerror(errno), path);
		done += (size_t)r;
	}
	(void)close(fd);
	corpus_add(c, p, done);
	free(p);
}

/* Folders in name order, so that a run can be repeated. */
static void read_path(struct corpus *c, const char *path)
{
	struct dirent **names = NULL;
	struct stat st;
	char sub[4096];
	int i, n;

	if (stat(path, &st) < 0)
		die(strerror(errno), path);
	if (!S_ISDIR(st.st_mode)) {
		read_file(c, path, st.st_size);
		return;
	}
	n = scandir(path, &names, NULL, alphasort);
	if (n < 0)
		die(strerror(errno), path);
	for (i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.' &&
		    (size_t)snprintf(sub, sizeof(sub), "%s/%s", path, names[i]->d_name) < sizeof(sub))
			read_path(c, sub);
		free(names[i]);
	}
	free(names);
}

/* Async-signal-safe. Also what AddressSanitizer calls before it ends the process. */
static void keep_crash(void)
{
	static const char said[] = "the input is in ";
	int fd = -1;

	if (running.p)
		fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, running.p, running.n) < 0)
		return;
	(void)close(fd);
	if (write(STDERR_FILENO, said, sizeof(said) - 1) < 0 ||
	    write(STDERR_FILENO, crash_path, strlen(crash_path)) < 0 ||
	    write(STDERR_FILENO, "\n", 1) < 0)
		return;
}

static void on_signal(int sig)
{
	keep_crash();
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

extern void __sanitizer_set_death_callback(void (*f)(void)) __attribute__((weak));

/* AddressSanitizer sees to faults itself, and not to abort and the alarm. */
static void watch(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL };
	size_t i;

	(void)signal(SIGABRT, on_signal);
	(void)signal(SIGALRM, on_signal);
	if (__sanitizer_set_death_callback) {
		__sanitizer_set_death_callback(keep_crash);
		return;
	}
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		(void)signal(faults[i], on_signal);
}

/* The target gets a heap copy of exactly n bytes, so that a sanitizer sees each overrun. An input
 * that takes longer than 10 seconds counts as a crash. */
static void run_one(const char *folder, const uint8_t *p, size_t n)
{
	uint64_t h = 14695981039346656037u;
	uint8_t *copy = malloc(n ? n : 1);
	size_t i;

	if (!copy)
		die("out of memory", "input");
	memcpy(copy, p, n);
	for (i = 0; i < n; i++)
		h = (h ^ p[i]) * 1099511628211u;
	(void)snprintf(crash_path, sizeof(crash_path), "%s/crash-%016" PRIx64, folder, h);
	running.p = copy;
	running.n = n;
	(void)alarm(10);
	(void)LLVMFuzzerTestOneInput(copy, n);
	(void)alarm(0);
	running.p = NULL;
	free(copy);
}

static size_t insert_at(uint8_t *buf, size_t n, size_t at, const void *p, size_t k)
{
	if (k > INPUT_MAX - n)
		k = INPUT_MAX - n;
	memmove(buf + at + k, buf + at, n - at);
	memcpy(buf + at, p, k);
	return n + k;
}

static size_t mutate(const struct corpus *c, uint64_t *rng, uint8_t *buf, size_t n)
{
	static const char *const words[] = {
		"\"", "\\", "\\u0000", "\\ud800", "{", "}", "[", "]", ",", ":", "null", "-", "1e999",
		"9223372036854775808", "0.1", "\n", "\xff", "\xed\xa0\x80", "(", ")", ";", "=", "${",
		"\"role\"", "\"content\"", "\"output\"", "weight", "use", "@include", "/*", "#",
	};
	const struct input *other = &c->v[below(rng, c->n)];
	size_t at = below(rng, n + 1), k, from;
	const char *w;

	switch (below(rng, 7)) {
	case 0:
		if (n > 0)
			buf[below(rng, n)] ^= (uint8_t)(1u << below(rng, 8));
		break;
	case 1:
		if (n > 0)
			buf[below(rng, n)] = (uint8_t)next_random(rng);
		break;
	case 2:
		k = below(rng, n - at + 1);
		k = below(rng, k + 1);
		memmove(buf + at, buf + at + k, n - at - k);
		n -= k;
		break;
	case 3:
		w = words[below(rng, sizeof(words) / sizeof(words[0]))];
		n = insert_at(buf, n, at, w, strlen(w));
		break;
	case 4:
		from = below(rng, other->n + 1);
		k = below(rng, other->n - from + 1);
		n = insert_at(buf, n, at, other->p + from, k);
		break;
	case 5:
		n = at;
		break;
	default:
		k = below(rng, 1 + below(rng, 64));
		if (at + k <= n)
			n = insert_at(buf, n, at + k, buf + at, k);
		break;
	}
	return n;
}

static uint64_t mutate_for(const struct corpus *c, const char *folder, uint64_t seed,
			   time_t seconds)
{
	uint8_t *buf = malloc(2 * INPUT_MAX);
	time_t end = time(NULL) + seconds;
	uint64_t runs = 0, rng = seed;
	const struct input *in;
	size_t n, k;

	if (!buf)
		die("out of memory", "mutations");
	while (time(NULL) < end) {
		in = &c->v[below(&rng, c->n)];
		n = in->n < INPUT_MAX ? in->n : INPUT_MAX;
		memcpy(buf, in->p, n);
		for (k = 1 + below(&rng, 6); k > 0; k--)
			n = mutate(c, &rng, buf, n);
		run_one(folder, buf, n);
		runs++;
	}
	free(buf);
	return runs;
}

int main(int argc, char **argv)
{
	const char *folder = ".";
	struct corpus c = { 0 };
	time_t seconds = 0;
	uint64_t seed = 1, runs = 0;
	size_t i;
	int o;

	while ((o = getopt(argc, argv, "s:r:a:")) != -1) {
		if (o == 's')
			seconds = (time_t)strtoull(optarg, NULL, 10);
		else if (o == 'r')
			seed = strtoull(optarg, NULL, 10);
		else if (o == 'a')
			folder = optarg;
		else
			return 2;
	}
	for (; optind < argc; optind++)
		read_path(&c, argv[optind]);
	if (c.n == 0)
		die("no input", "corpus");
	watch();
	run_one(folder, (const uint8_t *)"", 0);
	for (i = 0; i < c.n; i++)
		run_one(folder, c.v[i].p, c.v[i].n);
	if (seconds > 0)
		runs = mutate_for(&c, folder, seed, seconds);
	(void)printf("%zu inputs replayed, %" PRIu64 " mutations run (seed %" PRIu64 ")\n", c.n,
		     runs, seed);
	for (i = 0; i < c.n; i++)
		free(c.v[i].p);
	free(c.v);
	return 0;
}
