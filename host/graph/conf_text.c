/* conf_text.c - a configuration file and what it includes as one text with a map of lines */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/graph/conf.h"

enum state {
	PLAIN,
	STRING,
	COMMENT
};

struct loader {
	struct meed_conf *c;
	struct meed_diags *diags;
	struct conf_text *t;
	uint32_t line; /* of the output, 1-based */
	unsigned depth;
};

static bool read_file(struct loader *l, const char *path, struct conf_place from,
		      struct meed_buf *ret)
{
	bool included = from.file != NULL;
	bool ok = false;
	struct stat st;
	int fd;

	/* Nobody waits for what a file drags in; what the user names may be a pipe. */
	fd = open(path, O_RDONLY | O_CLOEXEC | (included ? O_NONBLOCK : 0));
	if (fd < 0 || fstat(fd, &st) < 0) {
		conf_error(l->c, l->diags, from, "cannot read %s: %s", path, strerror(errno));
		goto out;
	}
	if (included && !S_ISREG(st.st_mode)) {
		conf_error(l->c, l->diags, from, "cannot include %s: it is not a regular file",
			   path);
		goto out;
	}
	for (;;) {
		ssize_t n;

		if (ret->n + l->t->text.n > MEED_CONF_MAX_BYTES) {
			conf_error(l->c, l->diags, from,
				   "%s: more than %zu MiB of configuration; split it", path,
				   MEED_CONF_MAX_BYTES >> 20);
			goto out;
		}
		if (!meed_buf_grow(ret, (size_t)1 << 16)) {
			l->c->nomem = true;
			goto out;
		}
		n = read(fd, ret->p + ret->n, (size_t)1 << 16);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			conf_error(l->c, l->diags, from, "cannot read %s: %s", path,
				   strerror(errno));
			goto out;
		}
		if (n == 0)
			break;
		ret->n += (size_t)n;
	}
	ok = true;
out:
	if (fd >= 0)
		(void)close(fd);
	return ok;
}

static bool add_run(struct loader *l, const char *file, uint32_t line)
{
	struct conf_text *t = l->t;

	if (!CONF_GROW(&t->runs, &t->cap_runs, t->n_runs)) {
		l->c->nomem = true;
		return false;
	}
	t->runs[t->n_runs++] = (struct conf_run){ l->line, file, line };
	return true;
}

/* Follows strings and comments through one line. *at is where the open one began. */
static enum state scan_line(const char *p, size_t n, enum state s, uint32_t line, uint32_t *at)
{
	size_t i;

	for (i = 0; i < n; i++) {
		char next = i + 1 < n ? p[i + 1] : '\0';

		if (s == STRING) {
			if (p[i] == '\\')
				i++;
			else if (p[i] == '"')
				s = PLAIN;
		} else if (s == COMMENT) {
			if (p[i] == '*' && next == '/') {
				s = PLAIN;
				i++;
			}
		} else if (p[i] == '#' || (p[i] == '/' && next == '/')) {
			break;
		} else if (p[i] == '"') {
			s = STRING;
			*at = line;
		} else if (p[i] == '/' && next == '*') {
			s = COMMENT;
			*at = line;
			i++;
		}
	}
	return s;
}

static size_t blanks(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\f'))
		i++;
	return i;
}

/* The path of an @include line in ret. 0: not one; -1: one that is wrong. */
static int include_of(const char *p, size_t n, struct meed_buf *ret)
{
	static const char word[] = "@include";
	size_t i = blanks(p, n);

	if (n - i < sizeof(word) - 1 || memcmp(p + i, word, sizeof(word) - 1) != 0)
		return 0;
	i += sizeof(word) - 1;
	i += blanks(p + i, n - i);
	if (i >= n || p[i] != '"')
		return -1;
	for (i++; i < n && p[i] != '"'; i++) {
		if (p[i] == '\\' && i + 1 < n && (p[i + 1] == '"' || p[i + 1] == '\\'))
			i++;
		meed_buf_putc(ret, p[i]);
	}
	if (i >= n || ret->n == 0)
		return -1;
	i++;
	i += blanks(p + i, n - i);
	if (i < n && p[i] != '#' && !(p[i] == '/' && i + 1 < n && p[i + 1] == '/'))
		return -1;
	meed_buf_putc(ret, '\0');
	return 1;
}

static bool append_file(struct loader *l, const char *path, struct conf_place from);

static bool append_include(struct loader *l, const char *file, uint32_t line, struct meed_buf *name)
{
	struct conf_place at = { file, line };
	const char *path;
	bool ok = false;

	if (name->failed) {
		l->c->nomem = true;
		goto out;
	}
	if (l->depth >= MEED_CONF_MAX_INCLUDES) {
		conf_error(l->c, l->diags, at,
			   "@include \"%s\": more than %d files include each other; "
			   "does one include itself?",
			   name->p, MEED_CONF_MAX_INCLUDES);
		goto out;
	}
	path = conf_path_from(l->c, file, name->p);
	if (!path)
		goto out;
	ok = append_file(l, path, at) && add_run(l, file, line + 1);
out:
	return ok;
}

static bool append_lines(struct loader *l, const char *path, const char *p, size_t n)
{
	enum state s = PLAIN;
	struct meed_buf name = { 0 };
	uint32_t line = 1, open_at = 0;
	bool ok = false;

	while (n > 0) {
		const char *nl = memchr(p, '\n', n);
		size_t len = nl ? (size_t)(nl - p) : n;
		size_t used = nl ? len + 1 : len;
		int inc;

		if (len > 0 && p[len - 1] == '\r')
			len--;
		name.n = 0;
		inc = s == PLAIN ? include_of(p, len, &name) : 0;
		if (inc < 0) {
			conf_error(l->c, l->diags, (struct conf_place){ path, line },
				   "write an include alone on its line as @include \"FILE\"");
			goto out;
		}
		if (inc > 0) {
			if (!append_include(l, path, line, &name))
				goto out;
		} else {
			meed_buf_put(&l->t->text, p, len);
			meed_buf_putc(&l->t->text, '\n');
			l->line++;
			s = scan_line(p, len, s, line, &open_at);
		}
		p += used;
		n -= used;
		line++;
	}
	if (s != PLAIN) {
		conf_error(l->c, l->diags, (struct conf_place){ path, open_at },
			   "the %s that begins here is not closed",
			   s == STRING ? "string" : "comment");
		goto out;
	}
	ok = true;
out:
	meed_buf_release(&name);
	return ok;
}

static bool append_file(struct loader *l, const char *path, struct conf_place from)
{
	struct meed_buf data = { 0 };
	const char *p, *nul;
	size_t n;
	bool ok = false;

	l->depth++;
	if (!read_file(l, path, from, &data))
		goto out;
	p = data.p;
	n = data.n;
	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		n -= 3;
	}
	nul = n ? memchr(p, '\0', n) : NULL;
	if (nul) {
		conf_error(l->c, l->diags, (struct conf_place){ path, 0 },
			   "byte %zu is NUL: this is not a configuration file",
			   (size_t)(nul - data.p));
		goto out;
	}
	ok = add_run(l, path, 1) && append_lines(l, path, p, n);
out:
	l->depth--;
	meed_buf_release(&data);
	return ok;
}

bool conf_text_load(struct meed_conf *c, struct meed_diags *d, const char *path,
		    struct conf_text *ret)
{
	struct loader l = { c, d, ret, 1, 0 };
	bool ok;

	ret->path = path;
	ok = append_file(&l, path, (struct conf_place){ NULL, 0 });
	meed_buf_putc(&ret->text, '\0');
	if (ret->text.failed) {
		c->nomem = true;
		ok = false;
	} else {
		ret->text.n--;
	}
	return ok;
}

struct conf_place conf_text_place(const struct conf_text *t, uint32_t line)
{
	size_t lo = 0, hi = t->n_runs;

	if (t->n_runs == 0 || line == 0)
		return (struct conf_place){ t->path, 0 };
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->runs[mid].at <= line)
			lo = mid;
		else
			hi = mid;
	}
	return (struct conf_place){ t->runs[lo].file, t->runs[lo].line + (line - t->runs[lo].at) };
}

void conf_text_release(struct conf_text *t)
{
	meed_buf_release(&t->text);
	free(t->runs);
	*t = (struct conf_text){ 0 };
}
