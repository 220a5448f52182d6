/* attack_cage.c - runs the programs of tests/code/attacks in a real cage, and sees what they reach.
 *
 * usage: attack_cage [--warm] [--verbose] [NAME...]	in MEED_ATTACKS, tests/code/attacks
 *
 * Each file says in its first line how it may end: "exit" (status 0, and it printed "held"), "exit
 * any" (whatever it printed), exit=N, signal, signal=N, wall, cpu, memory, output, compile; a second
 * line may say "# wall: MS" or "# input: 8 MB". The harness offers what an attack would like to reach (a process, a file, a loopback port, an abstract
 * socket) and afterwards looks whether it was, whether anything of the attack is left, and whether
 * the next program runs right. It is bounded itself: limits are set before the cage starts, and a
 * watchdog ends it. --warm forks Python from a started interpreter. */
#include "config.h"

#include "tests/unit/cagefix.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define WATCHDOG_S 120
#define GCC "/usr/bin/gcc"
#define WALL_MS 600
#define CPU_MS 400

struct bait {
	pid_t pid;			/* a process of the cage's own user */
	int tcp, abstract;		/* listening */
	int port;
	char name[64], folder[64], secret[96];
	struct meed_buf facts;
};

struct attack {
	char name[64];
	struct meed_buf code;
	char ends[128];
	uint32_t wall_ms;		/* 0: as all */
	bool big_input;
};

struct tally {
	size_t n, failed;
	double worst_ms;
	char worst[64];
};

static struct cagefix cage;		/* for the watchdog, which has but a signal number */

static void die_of_age(int sig)
{
	(void)sig;
	(void)kill(cage.pid, SIGKILL);
	_exit(1);
}

/* ---- bait ---- */

static int listen_tcp(int *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 8) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		return -1;
	*ret_port = ntohs(a.sin_port);
	return fd;
}

static int listen_abstract(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	size_t n = strlen(name);

	memcpy(a.sun_path + 1, name, n);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a,
			   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n)) < 0 ||
	    listen(fd, 8) < 0)
		return -1;
	return fd;
}

static bool lay(struct bait *b)
{
	int fd;

	*b = (struct bait){ 0 };
	(void)snprintf(b->name, sizeof(b->name), "meed-bait-%d", (int)getpid());
	(void)snprintf(b->folder, sizeof(b->folder), "/tmp/meed-bait-XXXXXX");
	if (!mkdtemp(b->folder) || chmod(b->folder, 0777) < 0)
		return false;
	(void)snprintf(b->secret, sizeof(b->secret), "%s/secret", b->folder);
	fd = open(b->secret, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 || write(fd, "secret", 6) != 6 || fchmod(fd, 0666) < 0 || close(fd) < 0)
		return false;
	b->tcp = listen_tcp(&b->port);
	b->abstract = listen_abstract(b->name);
	b->pid = fork();
	if (b->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
			_exit(1);
		for (;;)
			(void)pause();
	}
	meed_buf_printf(&b->facts, "port=%d\npid=%d\nharness=%d\nabstract=%s\nsecret=%s\nfolder=%s\n"
				   "env=%s\n", b->port, (int)b->pid, (int)getpid(), b->name,
			b->secret, b->folder, b->name);
	meed_buf_putc(&b->facts, '\0');
	return b->tcp >= 0 && b->abstract >= 0 && b->pid > 0 && !b->facts.failed;
}

/* What was done to the bait, or NULL. */
static const char *taken(const struct bait *b)
{
	char text[16] = { 0 };
	int fd;

	if (kill(b->pid, 0) < 0)
		return "the bait's process is dead";
	if (accept(b->tcp, NULL, NULL) >= 0 || errno != EAGAIN)
		return "a connection came over loopback";
	if (accept(b->abstract, NULL, NULL) >= 0 || errno != EAGAIN)
		return "a connection came over the abstract socket";
	fd = open(b->secret, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return "the bait's file is gone";
	if (read(fd, text, sizeof(text)) != 6 || memcmp(text, "secret", 6) != 0) {
		(void)close(fd);
		return "the bait's file was changed";
	}
	(void)close(fd);
	return NULL;
}

static void clear(struct bait *b)
{
	if (b->pid > 0) {
		(void)kill(b->pid, SIGKILL);
		(void)waitpid(b->pid, NULL, 0);
	}
	(void)unlink(b->secret);
	(void)rmdir(b->folder);
	meed_buf_release(&b->facts);
}

/* ---- attacks ---- */

static bool read_file(const char *path, struct meed_buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t k = -1;

	while (fd >= 0 && meed_buf_grow(b, 65536) && (k = read(fd, b->p + b->n, 65535)) > 0)
		b->n += (size_t)k;
	if (fd >= 0)
		(void)close(fd);
	if (k == 0)
		b->p[b->n] = '\0';
	return k == 0;
}

static bool load(const char *folder, const char *name, struct attack *a)
{
	char path[4096];
	const char *p;
	size_t n;

	*a = (struct attack){ 0 };
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)snprintf(a->name, sizeof(a->name), "%s", name);
	if (!read_file(path, &a->code))
		return false;
	p = strstr(a->code.p, "ends: ");
	if (!p)
		return false;
	p += 6;
	n = strcspn(p, "\n*");
	(void)snprintf(a->ends, sizeof(a->ends), " %.*s ", (int)(n < 100 ? n : 100), p);
	p = strstr(a->code.p, "# wall: ");
	a->wall_ms = p ? (uint32_t)strtoul(p + 8, NULL, 10) : 0;
	a->big_input = strstr(a->code.p, "# input: 8 MB") != NULL;
	return true;
}

static bool has_ending(const char *name, const char *ending)
{
	size_t n = strlen(name), k = strlen(ending);

	return n > k && strcmp(name + n - k, ending) == 0;
}

static struct wire_program program(const struct attack *a, const struct meed_buf *lib, bool warm)
{
	static const meed_str python[] = { { "/usr/bin/python3", 16 }, { "-S", 2 }, { "-B", 2 },
					   { "main.py", 7 } };
	static const meed_str gcc[] = { { "/usr/bin/gcc", 12 }, { "-w", 2 }, { "-O0", 3 },
					{ "-o", 2 }, { "main", 4 }, { "main.c", 6 } };
	static const meed_str main_c[] = { { "./main", 6 } };
	static meed_file files[1];
	struct wire_program p;

	if (has_ending(a->name, ".sh"))
		return cagefix_shell(a->code.p);
	p = cagefix_python(a->code.p);
	if (has_ending(a->name, ".c")) {
		p.runtime = MEED_STR("c");
		p.file = MEED_STR("main.c");
		p.compile = gcc;
		p.n_compile = 6;
		p.run = main_c;
		p.n_run = 1;
		return p;
	}
	files[0] = (meed_file){ "lib.py", { lib->p, lib->n } };
	p.files = files;
	p.n_files = 1;
	p.run = python;
	p.n_run = 4;
	if (warm)
		p.warm = MEED_STR("python");
	return p;
}

static bool may(const struct attack *a, const char *how)
{
	char word[64];

	(void)snprintf(word, sizeof(word), " %s ", how);
	return strstr(a->ends, word) != NULL;
}

static bool ended_well(const struct attack *a, const struct wire_answer *ans)
{
	static const char *const names[] = { "not", "exit", "signal", "wall", "cpu", "memory",
					     "output" };
	const meed_ran *r = ans->result.runs[0], *c = ans->result.compiled;
	char how[32];

	if (c && (c->outcome != MEED_RAN_EXIT || c->code != 0))
		return may(a, "compile");
	(void)snprintf(how, sizeof(how), "%s=%d", names[r->outcome], r->code);
	if (may(a, how))
		return true;
	if (!may(a, names[r->outcome]))
		return false;
	if (r->outcome != MEED_RAN_EXIT || may(a, "any"))
		return true;
	return r->code == 0 && meed_str_eq(r->out, MEED_STR("held\n"));
}

static void show(const struct wire_answer *ans)
{
	const meed_ran *r[2] = { NULL, NULL };

	if (ans->status != MEED_OK) {
		printf("    %.*s\n", (int)ans->error.n, ans->error.p);
		return;
	}
	r[0] = ans->result.compiled;
	r[1] = ans->result.n_runs ? ans->result.runs[0] : NULL;
	for (size_t i = 0; i < 2; i++) {
		if (!r[i])
			continue;
		printf("    %s: outcome %u, code %d, %llu us, cpu %llu us, memory %llu\n",
		       i ? "run" : "compile", r[i]->outcome, r[i]->code,
		       (unsigned long long)r[i]->wall_us, (unsigned long long)r[i]->cpu_us,
		       (unsigned long long)r[i]->memory_peak);
		printf("    out: %.300s\n    err: %.600s\n", r[i]->out.p, r[i]->err.p);
	}
}

/* ---- what is left ---- */

static bool next_is_right(void)
{
	struct wire_program p = cagefix_shell("read x; echo $x right; ls -A /tmp /dev/shm/ | grep -v :");
	struct cagefix_job j;
	struct wire_answer a;

	cagefix_job(&j, &p, "all\n");
	return cagefix_do(&cage, &j.job, &a) && a.status == MEED_OK &&
	       a.result.runs[0]->outcome == MEED_RAN_EXIT &&
	       meed_str_eq(a.result.runs[0]->out, MEED_STR("all right\n\n"));
}

/* ---- */

static meed_limits limits(void)
{
	meed_limits l = { .struct_size = sizeof(l), .processes = 48, .wall_ms = WALL_MS,
			  .cpu_ms = CPU_MS, .memory = (uint64_t)192 << 20,
			  .disk = (uint64_t)8 << 20, .output = 256 << 10 };

	return l;
}

static void fill_job(struct cagefix_job *j, const struct attack *a, const struct bait *b,
		     const meed_str *big)
{
	static const char *const fetch[] = { "result", "shadow", "root/etc/passwd", "main" };

	j->job.run_limits = limits();
	if (a->wall_ms)
		j->job.run_limits.wall_ms = j->job.run_limits.cpu_ms = a->wall_ms;
	j->job.compile_limits = limits();
	j->job.compile_limits.wall_ms = j->job.compile_limits.cpu_ms = 2000;
	j->run.input = a->big_input ? *big : meed_str_of(b->facts.p);
	j->run.fetch = fetch;
	j->run.n_fetch = 3;
}

static const char *attack(const struct attack *a, const struct meed_buf *lib, const struct bait *b,
			  bool warm, struct tally *t, struct wire_answer *ans)
{
	static char zeros[8 << 20];
	const meed_str big = { zeros, sizeof(zeros) };
	struct wire_program p = program(a, lib, warm);
	struct cagefix_job j;
	double ms;
	uint64_t at;

	cagefix_job(&j, &p, "");
	fill_job(&j, a, b, &big);
	at = meed_now_ns();
	if (!cagefix_do(&cage, &j.job, ans))
		return "the cage died of it";
	ms = (double)(meed_now_ns() - at) / 1e6 - j.job.run_limits.wall_ms;
	if (ans->status != MEED_OK)
		return "the cage could not do it";
	if (!ans->result.compiled && ms > t->worst_ms) {
		t->worst_ms = ms;
		(void)snprintf(t->worst, sizeof(t->worst), "%s", a->name);
	}
	if (!ended_well(a, ans))
		return "it ended otherwise than it may";
	for (size_t i = 0; i < ans->result.runs[0]->n_files; i++)
		if (memmem(ans->result.runs[0]->files[i].data.p, ans->result.runs[0]->files[i].data.n,
			   "nobody", 6) && !has_ending(a->name, "passwd"))
			return "a file of the system was brought back";
	return taken(b);
}

static void try_one(const char *folder, const char *name, const struct meed_buf *lib,
		    const struct bait *b, bool warm, bool verbose, size_t quiet, struct tally *t)
{
	struct wire_answer ans = { 0 };
	struct attack a;
	const char *why;

	(void)alarm(WATCHDOG_S);
	t->n++;
	if (!load(folder, name, &a)) {
		why = "it cannot be read, or does not say how it may end";
	} else {
		why = attack(&a, lib, b, warm, t, &ans);
		if (verbose || why)
			printf("%s %s%s%s\n", why ? "FAIL" : "ok  ", name, why ? ": " : "",
			       why ? why : "");
		if (verbose || why)
			show(&ans);
		if (!why && !cagefix_quiet(&cage, quiet))
			why = "processes are left";
		if (!why && !next_is_right())
			why = "the next run was wrong";
		if (why && ans.status == MEED_OK && cage.fd >= 0)
			printf("     %s: %s\n", name, why);
	}
	t->failed += why != NULL;
	meed_buf_release(&a.code);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_attack(const struct dirent *e)
{
	return (has_ending(e->d_name, ".py") || has_ending(e->d_name, ".sh") ||
		has_ending(e->d_name, ".c")) && strcmp(e->d_name, "lib.py") != 0;
}

static void try_all(const char *folder, char **names, const struct meed_buf *lib,
		    const struct bait *b, bool warm, bool verbose, struct tally *t)
{
	struct dirent **v = NULL;
	struct attack first;
	struct wire_answer ans;
	size_t quiet;
	int n;

	/* the first run starts what stays: a spare box, a warm interpreter */
	if (load(folder, "personality.py", &first))
		(void)attack(&first, lib, b, warm, t, &ans);
	meed_buf_release(&first.code);
	(void)usleep(300000);
	quiet = cagefix_leftovers(&cage);
	t->worst_ms = 0;
	for (; *names; names++)
		try_one(folder, *names, lib, b, warm, verbose, quiet, t);
	if (t->n > 0)
		return;
	n = scandir(folder, &v, is_attack, by_name);
	for (int i = 0; i < n; i++) {
		if (warm ? has_ending(v[i]->d_name, ".py")
			 : !has_ending(v[i]->d_name, ".c") || access(GCC, X_OK) == 0)
			try_one(folder, v[i]->d_name, lib, b, warm, verbose, quiet, t);
		free(v[i]);
	}
	free(v);
}

int main(int argc, char **argv)
{
	const char *folder = getenv("MEED_ATTACKS");
	bool warm = false, verbose = false;
	struct meed_buf lib = { 0 };
	struct tally t = { 0 };
	struct bait b;
	char path[4096];
	int i, rc;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		warm = warm || strcmp(argv[i], "--warm") == 0;
		verbose = verbose || strcmp(argv[i], "--verbose") == 0;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)snprintf(path, sizeof(path), "%s/lib.py", folder ? folder : ".");
	if (!folder || !read_file(path, &lib)) {
		(void)fprintf(stderr, "MEED_ATTACKS: names no folder of attacks\n");
		return 1;
	}
	(void)signal(SIGALRM, die_of_age);
	if (!cagefix_start(&cage, false)) {
		printf("skipped, this machine cannot cage: %s\n", cage.why);
		meed_buf_release(&lib);
		return 77;
	}
	if (lay(&b))
		try_all(folder, argv + i, &lib, &b, warm, verbose, &t);
	else
		t.failed++;
	clear(&b);
	meed_buf_release(&lib);
	rc = cagefix_stop(&cage);
	printf("%zu attacks%s as uid %d: %zu got through; the slowest end was %.0f ms after the wall "
	       "clock's limit (%s)\n", t.n, warm ? ", warm," : "", (int)geteuid(), t.failed, t.worst_ms,
	       t.worst);
	return rc == 0 && t.n > 0 && t.failed == 0 ? 0 : 1;
}
