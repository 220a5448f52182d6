/* run.c - meed run: one program in a cage, as the models that run programs do it. */
#include "config.h"

#include "host/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MAX_FILE = 64 << 20, /* bytes of a file that is read */
	OPT_STDIN = CLI_LONG,
	OPT_CHECK,
	OPT_FILE,
	OPT_FETCH,
	OPT_JSON,
	OPT_LIMITS /* and those after it, in the order of limit_names */
};

static const char *const limit_names[] = { "wall", "cpu", "memory", "disk", "output", "processes" };
#define N_LIMITS (sizeof(limit_names) / sizeof(limit_names[0]))

static const struct cli_opt opts[] = {
	{ OPT_STDIN, "stdin", "FILE", "the program's standard input (default: empty)" },
	{ OPT_CHECK, "check", NULL, "look at the syntax, run nothing" },
	{ OPT_FILE, "file", "NAME=FILE", "put a file beside the code; may be repeated" },
	{ OPT_FETCH, "fetch", "NAME", "bring a file back (with --json); may be repeated" },
	{ OPT_JSON, "json", NULL, "the outcome as JSON, as SandboxFusion's /run_code has it" },
	{ OPT_LIMITS + 0, "wall", "TIME", "wall clock limit: 2.5, 500ms, 10s, 2m" },
	{ OPT_LIMITS + 1, "cpu", "TIME", "CPU time limit" },
	{ OPT_LIMITS + 2, "memory", "SIZE", "memory limit: 65536, 64K, 512M, 2G" },
	{ OPT_LIMITS + 3, "disk", "SIZE", "how much it may write to files" },
	{ OPT_LIMITS + 4, "output", "SIZE", "how much it may print" },
	{ OPT_LIMITS + 5, "processes", "N", "processes and threads at once" },
	{ 0 }
};

struct run_args {
	const char *input;
	bool check, json;
	struct cli_strings files, fetch;
	struct meed_exec_limits limits;
	bool limited[N_LIMITS];
	int argc;
};

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct run_args *a = data;
	char wants[128];

	switch (id) {
	case OPT_STDIN:
		a->input = value;
		return CLI_GO;
	case OPT_CHECK:
		a->check = true;
		return CLI_GO;
	case OPT_FILE:
		return cli_strings_add(c, &a->files, a->argc, value);
	case OPT_FETCH:
		if (meed_path_trouble(value))
			return cli_usage(c, "--fetch %s %s: must be relative, such as out/a.txt",
					 value, meed_path_trouble(value));
		return cli_strings_add(c, &a->fetch, a->argc, value);
	case OPT_JSON:
		a->json = true;
		return CLI_GO;
	default:
		if (meed_exec_limit_set(&a->limits, limit_names[id - OPT_LIMITS], value, wants)) {
			a->limited[id - OPT_LIMITS] = true;
			return CLI_GO;
		}
		return cli_usage(c, "--%s %s: must be %s", limit_names[id - OPT_LIMITS], value,
				 wants);
	}
}

/* ---- reading ---- */

/* The bytes of a file, or of standard input if path is "-". */
static int read_file(const struct cli *c, const char *path, struct meed_buf *b)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int status = EX_OK;
	char page[65536];
	ssize_t n = -1;

	while (fd >= 0 && status == EX_OK && (n = read(fd, page, sizeof(page))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		meed_buf_put(b, page, (size_t)n);
		if (b->n > MAX_FILE) {
			cli_say(c, "%s has more than %d MiB", path, MAX_FILE >> 20);
			status = EX_DATAERR;
		}
	}
	if (status == EX_OK && n < 0) {
		cli_say(c, "cannot read %s: %s", is_stdin ? "standard input" : path,
			strerror(errno));
		status = EX_NOINPUT;
	}
	if (fd >= 0 && !is_stdin)
		(void)close(fd);
	return status == EX_OK && b->failed ? cli_nomem(c) : status;
}

/* What a post is made of. */
struct parts {
	struct meed_buf code, input;
	meed_file *files;
	struct meed_buf *data; /* of files */
	size_t n_files;
	char **names;
};

static int read_named(const struct cli *c, const char *value, struct parts *p)
{
	const char *eq = strchr(value, '=');
	char *name = eq ? strndup(value, (size_t)(eq - value)) : strdup(value);
	size_t i = p->n_files;
	int status;

	if (!name)
		return cli_nomem(c);
	p->names[i] = name;
	p->n_files++;
	if (meed_path_trouble(name))
		return cli_usage(c, "--file %s: the name %s: must be relative, such as data/in.txt",
				 value, meed_path_trouble(name));
	for (size_t k = 0; k < i; k++)
		if (strcmp(p->names[k], name) == 0)
			return cli_usage(c, "--file %s: there are two files of that name", name);
	status = read_file(c, eq ? eq + 1 : value, &p->data[i]);
	p->files[i].path = name;
	p->files[i].data = (meed_str){ p->data[i].p ? p->data[i].p : "", p->data[i].n };
	return status;
}

static int read_parts(const struct cli *c, const struct run_args *a, const char *code,
		      struct parts *p)
{
	size_t n = a->files.n + 1;
	int status;

	if (a->input && strcmp(a->input, "-") == 0 && strcmp(code, "-") == 0)
		return cli_usage(c, "standard input can be the program or its input, not both");
	p->files = calloc(n, sizeof(*p->files));
	p->data = calloc(n, sizeof(*p->data));
	p->names = calloc(n, sizeof(char *));
	if (!p->files || !p->data || !p->names)
		return cli_nomem(c);
	status = read_file(c, code, &p->code);
	if (status == EX_OK && a->input)
		status = read_file(c, a->input, &p->input);
	for (size_t i = 0; status == EX_OK && i < a->files.n; i++)
		status = read_named(c, a->files.v[i], p);
	return status;
}

static void parts_release(struct parts *p)
{
	for (size_t i = 0; i < p->n_files; i++) {
		free(p->names[i]);
		meed_buf_release(&p->data[i]);
	}
	free(p->files);
	free(p->data);
	free(p->names);
	meed_buf_release(&p->code);
	meed_buf_release(&p->input);
}

/* ---- telling ---- */

static void put_size(struct meed_buf *b, uint64_t n)
{
	meed_buf_printf(b, "%.1f MiB", (double)n / 1048576.0);
}

static void describe(const meed_ran *r, const char *what, struct meed_buf *b)
{
	meed_buf_puts(b, what);
	if (r->outcome == MEED_RAN_EXIT)
		meed_buf_printf(b, " exited with %d", r->code);
	else if (r->outcome == MEED_RAN_SIGNAL)
		meed_buf_printf(b, " was ended by signal %d (%s)", r->code, strsignal(r->code));
	else
		meed_buf_printf(b, " was killed: %s", meed_ran_name(r->outcome));
	meed_buf_printf(b, "; %.1f ms, %.1f ms CPU", (double)r->wall_us / 1e3,
			(double)r->cpu_us / 1e3);
	if (r->memory_peak) {
		MEED_BUF_LIT(b, ", ");
		put_size(b, r->memory_peak);
	}
	if (r->cut)
		MEED_BUF_LIT(b, "; its output is cut");
}

/* What it printed goes where it printed it; how it ended, to standard error. */
static int tell_ran(const struct cli *c, const meed_ran *r, const char *what)
{
	struct meed_buf out = { 0 }, line = { 0 };
	int status;

	if (r->outcome == MEED_RAN_NOT)
		return EX_OK;
	meed_buf_put(&out, r->out.p, r->out.n);
	status = out.failed ? cli_nomem(c) : cli_emit(c, &out);
	if (r->err.n && !cli_write(STDERR_FILENO, r->err.p, r->err.n) && status == EX_OK)
		status = EX_IOERR;
	if (r->err.n && r->err.p[r->err.n - 1] != '\n')
		(void)cli_write(STDERR_FILENO, "\n", 1);
	describe(r, what, &line);
	meed_buf_putc(&line, '\0');
	if (!line.failed)
		cli_say(c, "%s", line.p);
	meed_buf_release(&out);
	meed_buf_release(&line);
	return status;
}

static bool is_good(const meed_ran *r)
{
	return r->outcome == MEED_RAN_EXIT && r->code == 0;
}

static int tell(const struct cli *c, const struct run_args *a, const struct meed_request *q)
{
	const meed_exec_result *x = q->ran;
	struct meed_buf b = { 0 };
	int status = EX_OK;
	bool good = true;

	if (a->json) {
		meed_exec_json(q, &b);
		status = b.failed ? cli_nomem(c) : cli_emit(c, &b);
		meed_buf_release(&b);
	} else if (q->reply.status != MEED_OK) {
		cli_say(c, "%s", q->reply.error.p);
	}
	if (q->reply.status != MEED_OK)
		return status != EX_OK ? status : meed_err_exit(q->reply.status);
	if (x->compiled) {
		good = is_good(x->compiled);
		if (!a->json && (a->check || !good || x->compiled->err.n))
			status = tell_ran(c, x->compiled, a->check ? "the check" : "the compiler");
	}
	for (size_t i = 0; i < x->n_runs && status == EX_OK; i++) {
		good = good && is_good(x->runs[i]);
		if (!a->json)
			status = tell_ran(c, x->runs[i], "the program");
	}
	return status != EX_OK ? status : good ? EX_OK : 1;
}

/* ---- the command ---- */

static int check_limits(const struct cli *c, const struct run_args *a,
			const struct meed_exec_conf *conf, meed_limits *ret)
{
	const struct meed_exec_limits *l = &a->limits;
	const meed_limits *m = &conf->max;
	const bool over[N_LIMITS] = { l->wall_ms > m->wall_ms, l->cpu_ms > m->cpu_ms,
				      l->memory > m->memory,   l->disk > m->disk,
				      l->output > m->output,   l->processes > m->processes };

	for (size_t i = 0; i < N_LIMITS; i++)
		if (over[i])
			return cli_usage(c, "--%s is above sandbox.max of the configuration",
					 limit_names[i]);
	*ret = (meed_limits){ .struct_size = sizeof(*ret),
			      .processes = l->processes,
			      .wall_ms = l->wall_ms,
			      .cpu_ms = l->cpu_ms,
			      .memory = l->memory,
			      .disk = l->disk,
			      .output = l->output };
	return EX_OK;
}

static int find_runtime(const struct cli *c, const struct meed_exec_conf *conf, const char *name,
			bool check)
{
	const struct meed_exec_runtime *r = meed_exec_find(conf, meed_str_of(name));
	meed_runtime rt = { .struct_size = sizeof(rt) };
	struct meed_arena a = { 0 };

	if (!r) {
		(void)conf->face.find(&conf->face, name, &a, &rt);
		cli_say(c, "%.*s", (int)rt.why.n, rt.why.p ? rt.why.p : "out of memory");
		meed_arena_release(&a);
		return EX_CONFIG;
	}
	if (check && !r->check) {
		cli_say(c, "the runtime \"%s\" (%s) has no check", r->name, r->where);
		return EX_CONFIG;
	}
	return EX_OK;
}

static int run_program(const struct cli *c, const struct run_args *a,
		       const struct meed_exec_conf *conf, const struct parts *p, char **operands)
{
	size_t n_args = 0;
	meed_limits limits;
	meed_program program = { .struct_size = sizeof(program),
				 .runtime = operands[0],
				 .code = { p->code.p ? p->code.p : "", p->code.n },
				 .files = p->files,
				 .n_files = p->n_files };
	meed_exec_run run = { .struct_size = sizeof(run),
			      .args = (const char *const *)(operands + 2),
			      .input = { p->input.p ? p->input.p : "", p->input.n },
			      .partner_input = MEED_STR(""),
			      .fetch = a->fetch.v,
			      .n_fetch = a->fetch.n };
	const meed_exec_run *const runs[] = { &run };
	const meed_exec e = { .struct_size = sizeof(e),
			      .flags = a->check ? MEED_EXEC_CHECK : 0,
			      .program = &program,
			      .compile_limits = a->check ? &limits : NULL,
			      .run_limits = &limits,
			      .runs = runs,
			      .n_runs = a->check ? 0 : 1 };
	struct meed_transport *t = NULL;
	struct meed_request q = { 0 };
	struct meed_err err = { 0 };
	int status;

	while (operands[2 + n_args])
		n_args++;
	run.n_args = n_args;
	status = check_limits(c, a, conf, &limits);
	if (status == EX_OK)
		status = find_runtime(c, conf, operands[0], a->check);
	if (status != EX_OK)
		return status;
	if (meed_exec_transport_new(conf, &c->log, &err, &t) < 0) {
		cli_say(c, "%s", err.text);
		return meed_err_exit(err.code);
	}
	meed_exec_ask(t, &e, &q);
	status = tell(c, a, &q);
	meed_arena_release(&q.answer);
	t->free(t);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	struct run_args a = { .argc = argc };
	struct meed_conf *conf = NULL;
	struct parts p = { 0 };
	int status, first = argc;

	status = cli_parse(c, argc, argv, take, &a, &first);
	if (status != CLI_GO)
		goto out;
	if (argc - first < 2) {
		status =
			cli_usage(c, argc == first ? "no language and no file"
						   : "no file: name the program, or - for standard "
						     "input");
		goto out;
	}
	status = read_parts(c, &a, argv[first + 1], &p);
	if (status == EX_OK)
		status = cli_conf_open(c, &conf);
	if (status == EX_OK)
		status = run_program(c, &a, meed_conf_exec(conf), &p, argv + first);
out:
	parts_release(&p);
	free(a.files.v);
	free(a.fetch.v);
	meed_conf_free(conf);
	return status;
}

const struct cli_command cli_run = {
	.name = "run",
	.synopsis = "LANGUAGE FILE [ARGUMENT]...",
	.summary = "Run one program in the sandbox.",
	.opts = opts,
	.conf = true,
	.notes =
		"FILE - is standard input. What the program prints is printed; how it ended is "
		"said "
		"on\n"
		"standard error. Ends with 0 if it (or the check) exited with 0, else with 1; with "
		"69 if\n"
		"this machine cannot run it.",
	.run = run,
};
