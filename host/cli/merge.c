/* merge.c - meed merge: the parts that --shard made, as the one file that they are of. */
#include "config.h"

#include "host/cli/cli.h"
#include "host/sample/sample.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	PAGE = 1 << 18,
	OPT_REJECTS = CLI_LONG
};

static const struct cli_opt opts[] = {
	{ 'o', "output", "FILE", "write here (through FILE.part); - is standard output" },
	{ OPT_REJECTS, "rejects", "FILE", "the parts' rejects go here" },
	{ 'q', "quiet", NULL, "no closing line" },
	{ 0, NULL, NULL, NULL },
};

struct args {
	const char *output, *rejects;
	bool quiet;
};

/* One of a part's files on its way to the whole. */
struct stream {
	char *path;
	int fd;
	struct meed_digest digest;
};

struct part {
	const char *path;
	char *table_path;
	FILE *table;
	char *line;
	size_t cap;
	uint64_t number; /* of the line */
	struct json_object *head, *end;
	uint64_t shard, of, block, records; /* records: of all parts */
	struct stream out, rejects;	    /* rejects.path NULL: it has none */
};

struct merge {
	struct cli *c;
	const struct args *a;
	struct part *parts;
	size_t n;
	struct part **by_shard;
	char *page;
	struct cli_file out, rejects;
	uint64_t bad; /* bytes of rejects */
};

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct args *a = data;

	(void)c;
	if (id == 'o')
		a->output = value;
	else if (id == OPT_REJECTS)
		a->rejects = value;
	else
		a->quiet = true;
	return CLI_GO;
}

/* ---- tables
 * -------------------------------------------------------------------------------------- */

static bool get_u64(struct json_object *o, const char *key, uint64_t *ret)
{
	struct json_object *v;

	if (!json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, json_type_int) ||
	    json_object_get_int64(v) < 0)
		return false;
	*ret = (uint64_t)json_object_get_int64(v);
	return true;
}

static int broken(const struct merge *m, const struct part *p, const char *what)
{
	cli_say(m->c, "%s:%llu: %s: make the part again with meed score --shard", p->table_path,
		(unsigned long long)p->number, what);
	return EX_DATAERR;
}

/* The next line of a part's table, as an object that the caller puts back; NULL: none. */
static int table_next(const struct merge *m, struct part *p, struct json_object **ret)
{
	ssize_t n = getline(&p->line, &p->cap, p->table);

	*ret = NULL;
	p->number++;
	if (n <= 0)
		return broken(m, p, "the table of blocks is cut off");
	if (meed_json_read(NULL, p->line, (size_t)n - (p->line[n - 1] == '\n'), NULL, ret) < 0 ||
	    !json_object_is_type(*ret, json_type_object)) {
		json_object_put(*ret);
		*ret = NULL;
		return broken(m, p, "is no line of a table of blocks");
	}
	return EX_OK;
}

/* The table's last line, which says how many records there are in all. */
static int read_end(const struct merge *m, struct part *p)
{
	char tail[1024];
	off_t size = lseek(fileno(p->table), 0, SEEK_END);
	size_t want = size > (off_t)sizeof(tail) ? sizeof(tail) : (size_t)(size > 0 ? size : 0);
	ssize_t n = pread(fileno(p->table), tail, want, size - (off_t)want);
	const char *line;

	if (n > 0 && tail[n - 1] == '\n')
		n--;
	line = n > 0 ? memrchr(tail, '\n', (size_t)n) : NULL;
	line = line ? line + 1 : tail;
	if (n <= 0 || meed_json_read(NULL, line, (size_t)(tail + n - line), NULL, &p->end) < 0 ||
	    !get_u64(p->end, "records", &p->records) ||
	    !json_object_object_get_ex(p->end, "digest", NULL))
		return broken(m, p, "the table of blocks has no end");
	(void)fseeko(p->table, 0, SEEK_SET);
	return EX_OK;
}

static int read_head(const struct merge *m, struct part *p)
{
	uint64_t version;
	int status = table_next(m, p, &p->head);

	if (status != EX_OK)
		return status;
	if (!get_u64(p->head, "meed_shard", &version) || version != 1 ||
	    !get_u64(p->head, "shard", &p->shard) || !get_u64(p->head, "of", &p->of) ||
	    !get_u64(p->head, "block", &p->block) || p->shard < 1 || p->shard > p->of ||
	    p->of > 1000000 || !p->block)
		return broken(m, p, "is no head of a table of blocks");
	return EX_OK;
}

/* ---- opening
 * --------------------------------------------------------------------------------------- */

static bool is_there(const char *path, const char *tail)
{
	char *name = NULL;
	bool there;

	if (asprintf(&name, "%s%s", path, tail) < 0)
		return false;
	there = access(name, F_OK) == 0;
	free(name);
	return there;
}

static int open_table(const struct merge *m, struct part *p)
{
	p->table = fopen(p->table_path, "re");
	if (p->table)
		return EX_OK;
	if (errno == ENOENT && is_there(p->path, ".journal"))
		cli_say(m->c, "%s is not finished: run its command again with --resume", p->path);
	else
		cli_say(m->c, "cannot read %s: %s; it is written by meed score --shard",
			p->table_path, strerror(errno));
	return EX_NOINPUT;
}

static int open_stream(const struct merge *m, struct stream *s)
{
	s->fd = open(s->path, O_RDONLY | O_CLOEXEC);
	if (s->fd >= 0)
		return EX_OK;
	cli_say(m->c, "cannot read %s: %s", s->path, strerror(errno));
	return EX_NOINPUT;
}

/* The part's rejects: where they were written, or beside the part if all was moved. */
static int find_rejects(const struct merge *m, struct part *p)
{
	struct json_object *o;
	const char *was, *base, *slash = strrchr(p->path, '/');

	if (!json_object_object_get_ex(p->head, "rejects", &o) || !o)
		return EX_OK;
	was = json_object_get_string(o);
	base = strrchr(was, '/') ? strrchr(was, '/') + 1 : was;
	if (asprintf(&p->rejects.path, "%.*s%s", (int)(slash ? slash + 1 - p->path : 0), p->path,
		     base) < 0) {
		p->rejects.path = NULL;
		return cli_nomem(m->c);
	}
	if (access(p->rejects.path, F_OK) < 0 && access(was, F_OK) == 0) {
		free(p->rejects.path);
		p->rejects.path = strdup(was);
		if (!p->rejects.path)
			return cli_nomem(m->c);
	}
	return open_stream(m, &p->rejects);
}

static int open_part(const struct merge *m, struct part *p, const char *path)
{
	int status;

	p->path = path;
	p->out.fd = p->rejects.fd = -1;
	p->out.path = strdup(path);
	if (asprintf(&p->table_path, "%s.shard", path) < 0)
		p->table_path = NULL;
	if (!p->out.path || !p->table_path)
		return cli_nomem(m->c);
	status = open_table(m, p);
	if (status == EX_OK)
		status = open_stream(m, &p->out);
	if (status == EX_OK)
		status = read_end(m, p);
	if (status == EX_OK)
		status = read_head(m, p);
	return status == EX_OK ? find_rejects(m, p) : status;
}

static void part_close(struct part *p)
{
	if (p->table)
		(void)fclose(p->table);
	if (p->out.fd >= 0)
		(void)close(p->out.fd);
	if (p->rejects.fd >= 0)
		(void)close(p->rejects.fd);
	json_object_put(p->head);
	json_object_put(p->end);
	free(p->line);
	free(p->table_path);
	free(p->out.path);
	free(p->rejects.path);
}

/* ---- do they fit together -------------------------------------------------------------------- */

/* Says which fact of their runs differs. */
static void tell_difference(const struct merge *m, const struct part *a, const struct part *b)
{
	struct json_object *x = NULL, *y = NULL, *other;

	(void)json_object_object_get_ex(a->head, "run", &x);
	(void)json_object_object_get_ex(b->head, "run", &y);
	if (x && y) {
		json_object_object_foreach(x, key, value)
		{
			if (json_object_object_get_ex(y, key, &other) &&
			    json_object_equal(value, other))
				continue;
			cli_say(m->c, "%s and %s are parts of different runs: their %s differs",
				a->path, b->path, key);
			return;
		}
	}
	cli_say(m->c, "%s and %s are parts of different runs", a->path, b->path);
}

static bool same_run(const struct part *a, const struct part *b)
{
	struct json_object *x = NULL, *y = NULL;

	return json_object_object_get_ex(a->head, "run", &x) &&
	       json_object_object_get_ex(b->head, "run", &y) && json_object_equal(x, y);
}

static int tell_missing(const struct merge *m, uint64_t of)
{
	struct meed_buf b = { 0 };
	uint64_t n = 0;

	for (uint64_t i = 0; i < of; i++) {
		if (m->by_shard[i])
			continue;
		if (n++ < 20)
			meed_buf_printf(&b, "%s%llu", n > 1 ? ", " : "",
					(unsigned long long)(i + 1));
	}
	meed_buf_printf(&b, "%s", n > 20 ? ", ..." : "");
	meed_buf_putc(&b, '\0');
	if (!b.failed)
		cli_say(m->c, "of %llu parts %llu %s missing: %s", (unsigned long long)of,
			(unsigned long long)n, n == 1 ? "is" : "are", b.p);
	meed_buf_release(&b);
	return EX_NOINPUT;
}

static int fit(struct merge *m)
{
	const struct part *first = &m->parts[0];

	m->by_shard = calloc((size_t)first->of, sizeof(*m->by_shard));
	if (!m->by_shard)
		return cli_nomem(m->c);
	for (size_t i = 0; i < m->n; i++) {
		struct part *p = &m->parts[i];

		if (p->of != first->of || p->block != first->block) {
			cli_say(m->c, "%s is one of %llu parts, %s one of %llu", first->path,
				(unsigned long long)first->of, p->path, (unsigned long long)p->of);
			return EX_DATAERR;
		}
		if (!same_run(first, p)) {
			tell_difference(m, first, p);
			return EX_DATAERR;
		}
		if (p->records != first->records) {
			cli_say(m->c, "%s saw %llu samples in the input, %s saw %llu", first->path,
				(unsigned long long)first->records, p->path,
				(unsigned long long)p->records);
			return EX_DATAERR;
		}
		if (m->by_shard[p->shard - 1]) {
			cli_say(m->c, "%s and %s are both part %llu of %llu",
				m->by_shard[p->shard - 1]->path, p->path,
				(unsigned long long)p->shard, (unsigned long long)p->of);
			return EX_DATAERR;
		}
		m->by_shard[p->shard - 1] = p;
	}
	return m->n == first->of ? EX_OK : tell_missing(m, first->of);
}

/* ---- the copy
 * ------------------------------------------------------------------------------------ */

static int copy(const struct merge *m, struct stream *s, uint64_t bytes, const struct cli_file *to)
{
	while (bytes) {
		ssize_t n = read(s->fd, m->page, bytes < PAGE ? (size_t)bytes : PAGE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			cli_say(m->c, "cannot read %s: %s", s->path, strerror(errno));
			return EX_NOINPUT;
		}
		if (n == 0) {
			cli_say(m->c, "%s is shorter than it was when it was made", s->path);
			return EX_DATAERR;
		}
		meed_digest_put(&s->digest, m->page, (size_t)n);
		if (!cli_write(to->fd, m->page, (size_t)n)) {
			cli_say(m->c, "cannot write %s: %s", to->path, strerror(errno));
			return EX_IOERR;
		}
		bytes -= (uint64_t)n;
	}
	return EX_OK;
}

/* Block k of the whole, out of the part that has it. */
static int copy_block(struct merge *m, uint64_t k, uint64_t records)
{
	struct part *p = m->by_shard[k % m->n];
	struct json_object *o;
	uint64_t block, n, bytes, rejects;
	int status = table_next(m, p, &o);

	if (status != EX_OK)
		return status;
	if (!get_u64(o, "block", &block) || block != k || !get_u64(o, "records", &n) ||
	    n != records || !get_u64(o, "bytes", &bytes) || !get_u64(o, "rejects", &rejects))
		status = broken(m, p, "a block is missing or there twice");
	else
		status = copy(m, &p->out, bytes, &m->out);
	if (status == EX_OK && rejects && !m->a->rejects)
		status = cli_usage(m->c,
				   "%s has rejects, in %s: where are they to go? Say "
				   "--rejects FILE",
				   p->path, p->rejects.path ? p->rejects.path : "?");
	else if (status == EX_OK && rejects && p->rejects.fd < 0)
		status = broken(m, p, "has rejects, but not where");
	else if (status == EX_OK && rejects)
		status = copy(m, &p->rejects, rejects, &m->rejects);
	m->bad += status == EX_OK ? rejects : 0;
	json_object_put(o);
	return status;
}

static int check_digest(const struct merge *m, const struct part *p, const struct stream *s,
			const char *key)
{
	struct json_object *o = NULL;
	char digest[24], more;

	(void)snprintf(digest, sizeof(digest), "%016llx",
		       (unsigned long long)meed_digest_value(&s->digest));
	if (json_object_object_get_ex(p->end, key, &o) &&
	    strcmp(json_object_get_string(o), digest) == 0 && read(s->fd, &more, 1) == 0)
		return EX_OK;
	cli_say(m->c, "%s was changed after it was made", s->path);
	return EX_DATAERR;
}

/* After the last block: each part is used up, and is what it was. */
static int check_end(struct merge *m, struct part *p)
{
	struct json_object *o;
	int status = table_next(m, p, &o);

	if (status != EX_OK)
		return status;
	if (!json_object_equal(o, p->end))
		status = broken(m, p, "there are more blocks than the input has");
	json_object_put(o);
	if (status == EX_OK)
		status = check_digest(m, p, &p->out, "digest");
	if (status == EX_OK && p->rejects.fd >= 0 && m->a->rejects)
		status = check_digest(m, p, &p->rejects, "rejects_digest");
	return status;
}

static int join(struct merge *m)
{
	uint64_t records = m->parts[0].records, block = m->parts[0].block;
	int status = EX_OK;

	m->page = malloc(PAGE);
	if (!m->page)
		return cli_nomem(m->c);
	for (uint64_t k = 0; k * block < records && status == EX_OK; k++) {
		uint64_t left = records - k * block;

		status = copy_block(m, k, left < block ? left : block);
	}
	for (size_t i = 0; i < m->n && status == EX_OK; i++)
		status = check_end(m, &m->parts[i]);
	/* whoever has the whole may remove the parts */
	if (status == EX_OK && ((m->out.part && fsync(m->out.fd) < 0) ||
				(m->rejects.part && fsync(m->rejects.fd) < 0))) {
		cli_say(m->c, "cannot write %s: %s", m->out.path, strerror(errno));
		status = EX_IOERR;
	}
	return status;
}

static int open_all(struct merge *m, char **paths)
{
	struct rlimit rl;
	int status = EX_OK;

	/* three files a part */
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0 && rl.rlim_cur < rl.rlim_max) {
		rl.rlim_cur = rl.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &rl);
	}
	m->parts = calloc(m->n, sizeof(*m->parts));
	if (!m->parts)
		return cli_nomem(m->c);
	for (size_t i = 0; i < m->n; i++)
		m->parts[i].out.fd = m->parts[i].rejects.fd = -1;
	for (size_t i = 0; i < m->n && status == EX_OK; i++)
		status = open_part(m, &m->parts[i], paths[i]);
	return status;
}

static int merge(struct merge *m, char **paths)
{
	const struct args *a = m->a;
	int status = open_all(m, paths), closed;

	if (status == EX_OK)
		status = fit(m);
	if (status == EX_OK)
		status = cli_file_open(m->c, a->output, &m->out);
	if (status != EX_OK)
		return status;
	if (a->rejects)
		status = cli_file_open(m->c, a->rejects, &m->rejects);
	if (status == EX_OK)
		status = join(m);
	if (m->rejects.path) {
		closed = cli_file_close(m->c, &m->rejects, status);
		status = status == EX_OK ? closed : status;
	}
	closed = cli_file_close(m->c, &m->out, status);
	status = status == EX_OK ? closed : status;
	if (status == EX_OK && !a->quiet)
		cli_say(m->c, "%llu samples and bad lines of %zu parts, none missing, none twice",
			(unsigned long long)m->parts[0].records, m->n);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	struct args a = { .output = "-" };
	struct merge m = { .c = c, .a = &a };
	int status, first = argc;

	m.out.fd = m.rejects.fd = -1;
	status = cli_parse(c, argc, argv, take, &a, &first);
	if (status != CLI_GO)
		return status;
	if (first == argc)
		return cli_usage(c, "which parts? Name the files that meed score --shard wrote");
	m.n = (size_t)(argc - first);
	status = merge(&m, argv + first);
	for (size_t i = 0; m.parts && i < m.n; i++)
		part_close(&m.parts[i]);
	free(m.parts);
	free(m.by_shard);
	free(m.page);
	return status;
}

const struct cli_command cli_merge = {
	.name = "merge",
	.synopsis = "PART...",
	.summary = "Join the parts that meed score --shard made.",
	.opts = opts,
	.notes =
		"The parts may be named in any order. FILE gets its name only if all are there, of "
		"one\n"
		"run, whole and unchanged; it is then what a run without --shard writes.",
	.run = run,
};
