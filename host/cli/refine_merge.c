/* refine_merge.c - what became of each sample, in the order of the input. */
#include "config.h"

#include "host/cli/refine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct source {
	FILE *f;
	const char *path;
	char *line, *row;		/* row: behind number and fate */
	size_t cap;
	ssize_t n;
	uint64_t number;
	bool drop;
};

/* The next line; at the end f is NULL. */
static int advance(struct cli *c, struct source *s)
{
	char *end;

	errno = 0;
	s->n = getline(&s->line, &s->cap, s->f);
	if (s->n < 0) {
		if (errno) {
			cli_say(c, "cannot read %s: %s", s->path, strerror(errno));
			return EX_IOERR;
		}
		(void)fclose(s->f);
		s->f = NULL;
		return EX_OK;
	}
	s->number = strtoull(s->line, &end, 10);
	if (strncmp(end, "\tKEEP\t", 6) != 0 && strncmp(end, "\tDROP\t", 6) != 0) {
		cli_say(c, "%s has a line that is not ours; begin anew with --restart", s->path);
		return EX_DATAERR;
	}
	s->drop = end[1] == 'D';
	s->row = end + 6;
	return EX_OK;
}

static int put(struct cli *c, struct cli_file *to, struct meed_buf *b, const char *p, size_t n,
	       size_t at_least)
{
	meed_buf_put(b, p, n);
	if (b->failed)
		return cli_nomem(c);
	if (b->n < at_least || b->n == 0)
		return EX_OK;
	if (!cli_write(to->fd, b->p, b->n)) {
		cli_say(c, "cannot write %s: %s", to->path, strerror(errno));
		return EX_IOERR;
	}
	b->n = 0;
	return EX_OK;
}

static int merge(struct cli *c, struct source *v, size_t n, struct cli_file *out,
		 struct cli_file *dropped)
{
	struct meed_buf keep = { 0 }, drop = { 0 };
	int status = EX_OK;

	while (status == EX_OK) {
		struct source *least = NULL;
		bool gone;

		for (size_t i = 0; i < n; i++)
			if (v[i].f && (!least || v[i].number < least->number))
				least = &v[i];
		if (!least)
			break;
		gone = least->drop && dropped->path;
		if (!least->drop || gone)
			status = put(c, gone ? dropped : out, gone ? &drop : &keep, least->row,
				     (size_t)(least->n - (least->row - least->line)), 1 << 16);
		if (status == EX_OK)
			status = advance(c, least);
	}
	if (status == EX_OK)
		status = put(c, out, &keep, "", 0, 1);
	if (status == EX_OK && dropped->path)
		status = put(c, dropped, &drop, "", 0, 1);
	meed_buf_release(&keep);
	meed_buf_release(&drop);
	return status;
}

int refine_merge(struct cli *c, const char *const *files, size_t n, const char *out,
		 const char *dropped)
{
	struct source *v = calloc(n + 1, sizeof(*v));
	struct cli_file to = { .fd = -1 }, rest = { .fd = -1 };
	int status = v ? EX_OK : cli_nomem(c);

	for (size_t i = 0; status == EX_OK && i < n; i++) {
		v[i].path = files[i];
		v[i].f = fopen(files[i], "re");
		if (v[i].f)
			status = advance(c, &v[i]);
		else if (errno != ENOENT) {
			cli_say(c, "cannot read %s: %s", files[i], strerror(errno));
			status = EX_IOERR;
		}
	}
	if (status == EX_OK)
		status = cli_file_open(c, out, &to);
	if (status == EX_OK && dropped)
		status = cli_file_open(c, dropped, &rest);
	if (status == EX_OK)
		status = merge(c, v, n, &to, &rest);
	if (rest.path)
		status = cli_file_close(c, &rest, status);
	if (to.path)
		status = cli_file_close(c, &to, status);
	for (size_t i = 0; v && i < n; i++) {
		if (v[i].f)
			(void)fclose(v[i].f);
		free(v[i].line);
	}
	free(v);
	return status;
}
