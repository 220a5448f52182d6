/* plugin_new.c - meed plugin new: a folder with a plugin that builds, out of the template. */
#include "config.h"

#include "host/cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	OPT_ID = CLI_LONG
};
#define MAX_NAME 48		   /* bytes of a plugin's name */
#define MAX_FILE ((size_t)1 << 20) /* bytes of a file of the template */

struct args {
	const char *parent; /* --dir */
	const char *name;
	const char *id; /* the model's */
	char id_buf[MAX_NAME + 16];
};

static int take(struct cli *c, void *data, int id, const char *value)
{
	struct args *a = data;

	if (id == 'd') {
		a->parent = value;
		return CLI_GO;
	}
	if (strlen(value) > 128 || !*value ||
	    value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789._-")])
		return cli_usage(c,
				 "--id %s: a model's id is made of small letters, digits, '.', '_' "
				 "and '-', such as example.brevity",
				 value);
	a->id = value;
	return CLI_GO;
}

/* What C, make and the model's id can all be made of. */
static bool good_name(const char *s)
{
	size_t i;

	if (s[0] < 'a' || s[0] > 'z')
		return false;
	for (i = 0; s[i]; i++)
		if (!(s[i] >= 'a' && s[i] <= 'z') && !(s[i] >= '0' && s[i] <= '9') && s[i] != '_')
			return false;
	return i <= MAX_NAME;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool cli_find_template(char *buf, size_t n)
{
	static const char *const near[] = { "share/meed/template", "sdk/template",
					    "../sdk/template", "../share/meed/template",
					    "../../sdk/template" };
	const char *env = getenv("MEED_TEMPLATE");
	char exe[PATH_MAX], *slash;
	ssize_t len;
	size_t i;

	if (env && *env)
		return (size_t)snprintf(buf, n, "%s", env) < n && is_dir(buf);
	if ((size_t)snprintf(buf, n, "%s", MEED_TEMPLATEDIR) < n && is_dir(buf))
		return true;
	len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (len <= 0)
		return false;
	exe[len] = '\0';
	slash = strrchr(exe, '/');
	if (!slash)
		return false;
	*slash = '\0';
	for (i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		if ((size_t)snprintf(buf, n, "%s/%s", exe, near[i]) < n && is_dir(buf))
			return true;
	return false;
}

/* Appends text with each of word replaced by value. */
static void substitute(struct meed_buf *b, const char *p, size_t n, const char *word,
		       const char *value)
{
	size_t w = strlen(word), i = 0;

	while (i < n) {
		if (n - i >= w && memcmp(p + i, word, w) == 0) {
			meed_buf_puts(b, value);
			i += w;
		} else {
			meed_buf_putc(b, p[i++]);
		}
	}
}

static int read_whole(const struct cli *c, const char *path, struct meed_buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), status = EX_OK;
	ssize_t r = 1;

	if (fd < 0) {
		cli_say(c, "cannot read %s: %s", path, strerror(errno));
		return EX_NOINPUT;
	}
	while (r > 0 && b->n <= MAX_FILE && meed_buf_grow(b, 65536)) {
		r = read(fd, b->p + b->n, 65536);
		if (r > 0)
			b->n += (size_t)r;
	}
	if (r < 0) {
		cli_say(c, "cannot read %s: %s", path, strerror(errno));
		status = EX_NOINPUT;
	} else if (b->failed) {
		status = cli_nomem(c);
	} else if (b->n > MAX_FILE) {
		cli_say(c, "%s is too large for a template", path);
		status = EX_DATAERR;
	}
	(void)close(fd);
	return status;
}

static int copy_file(const struct cli *c, const char *from, const char *to, mode_t mode,
		     const struct args *a)
{
	struct meed_buf in = { 0 }, named = { 0 }, out = { 0 };
	int status, fd = -1;

	status = read_whole(c, from, &in);
	if (status != EX_OK)
		goto out;
	substitute(&named, in.p, in.n, "@NAME@", a->name);
	substitute(&out, named.p, named.n, "@ID@", a->id);
	if (named.failed || out.failed) {
		status = cli_nomem(c);
		goto out;
	}
	fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0111 ? 0777 : 0666);
	if (fd < 0 || !cli_write(fd, out.p, out.n)) {
		cli_say(c, "cannot write %s: %s", to, strerror(errno));
		status = fd < 0 ? EX_CANTCREAT : EX_IOERR;
	}
	if (fd >= 0 && close(fd) < 0 && status == EX_OK) {
		cli_say(c, "cannot write %s: %s", to, strerror(errno));
		status = EX_IOERR;
	}
out:
	meed_buf_release(&in);
	meed_buf_release(&named);
	meed_buf_release(&out);
	return status;
}

static int copy_tree(const struct cli *c, const char *from, const char *to, const struct args *a);

static int copy_entry(const struct cli *c, const char *from, const char *to, const char *entry,
		      const struct args *a)
{
	char src[PATH_MAX], dst[PATH_MAX];
	struct meed_buf b = { 0 };
	struct stat st;
	int status = EX_SOFTWARE;

	substitute(&b, entry, strlen(entry), "NAME", a->name);
	meed_buf_putc(&b, '\0');
	if (b.failed) {
		status = cli_nomem(c);
		goto out;
	}
	if ((size_t)snprintf(src, sizeof(src), "%s/%s", from, entry) >= sizeof(src) ||
	    (size_t)snprintf(dst, sizeof(dst), "%s/%s", to, b.p) >= sizeof(dst)) {
		cli_say(c, "the path of %s is too long", entry);
		status = EX_CANTCREAT;
		goto out;
	}
	if (stat(src, &st) < 0) {
		cli_say(c, "cannot read %s: %s", src, strerror(errno));
		status = EX_NOINPUT;
	} else if (S_ISDIR(st.st_mode)) {
		status = copy_tree(c, src, dst, a);
	} else {
		status = copy_file(c, src, dst, st.st_mode, a);
	}
out:
	meed_buf_release(&b);
	return status;
}

static int copy_tree(const struct cli *c, const char *from, const char *to, const struct args *a)
{
	struct dirent *e;
	DIR *d = NULL;
	int status = EX_OK;

	if (mkdir(to, 0777) < 0 && errno != EEXIST) {
		cli_say(c, "cannot create %s: %s", to, strerror(errno));
		return EX_CANTCREAT;
	}
	d = opendir(from);
	if (!d) {
		cli_say(c, "cannot read %s: %s", from, strerror(errno));
		return EX_NOINPUT;
	}
	while (status == EX_OK && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			status = copy_entry(c, from, to, e->d_name, a);
	(void)closedir(d);
	return status;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)flag;
	(void)f;
	return remove(path);
}

/* mkdtemp makes folders for its user alone. */
static void open_up(const char *path)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	(void)chmod(path, 0777 & ~mask);
}

/* All or nothing: the folder is made under a name of its own and then renamed, which fails if
 * the target is there and not empty. */
static int create(const struct cli *c, const char *template, const struct args *a)
{
	const char *parent = a->parent, *name = a->name;
	char tmp[PATH_MAX], target[PATH_MAX];
	int status;

	if ((size_t)snprintf(target, sizeof(target), "%s/%s", parent, name) >= sizeof(target) ||
	    (size_t)snprintf(tmp, sizeof(tmp), "%s/%s.XXXXXX", parent, name) >= sizeof(tmp)) {
		cli_say(c, "the path of %s is too long", name);
		return EX_CANTCREAT;
	}
	if (!mkdtemp(tmp)) {
		cli_say(c, "cannot create a folder in %s: %s", parent, strerror(errno));
		return EX_CANTCREAT;
	}
	open_up(tmp);
	status = copy_tree(c, template, tmp, a);
	if (status == EX_OK && rename(tmp, target) < 0) {
		if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
			cli_say(c, "%s is already there; choose another name or --dir", target);
		else
			cli_say(c, "cannot create %s: %s", target, strerror(errno));
		status = EX_CANTCREAT;
	}
	if (status != EX_OK)
		(void)nftw(tmp, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return status;
}

static int tell_next(const struct cli *c, const struct args *a)
{
	bool here = strcmp(a->parent, ".") == 0;
	struct meed_buf b = { 0 };
	int status;

	meed_buf_printf(&b, "made the folder %s%s%s: model.c holds the model %s\n\n",
			here ? "" : a->parent, here ? "" : "/", a->name, a->id);
	meed_buf_printf(&b,
			"next:  cd %s%s%s\n"
			"       make         builds %s.so\n"
			"       make check   the conformance battery, then samples.jsonl\n"
			"       meed score -c %s.conf --plugin-dir . -m %s samples.jsonl\n",
			here ? "" : a->parent, here ? "" : "/", a->name, a->name, a->name, a->name);
	status = cli_emit(c, &b);
	meed_buf_release(&b);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	struct args a = { .parent = "." };
	char template[PATH_MAX];
	int status, first;

	status = cli_parse(c, argc, argv, take, &a, &first);
	if (status != CLI_GO)
		return status;
	if (argc - first != 1)
		return cli_usage(c, first == argc ? "how is the plugin to be called?"
						  : "one NAME at a time");
	a.name = argv[first];
	if (!good_name(a.name))
		return cli_usage(c,
				 "\"%s\" cannot be a plugin's name: a small letter, then small "
				 "letters, digits and _, at most %d",
				 a.name, MAX_NAME);
	if (!a.id) {
		(void)snprintf(a.id_buf, sizeof(a.id_buf), "example.%s", a.name);
		a.id = a.id_buf;
	}
	if (!cli_find_template(template, sizeof(template))) {
		cli_say(c,
			"no template: %s is not there; set MEED_TEMPLATE to the folder "
			"sdk/template of Meed's sources",
			getenv("MEED_TEMPLATE") ? getenv("MEED_TEMPLATE") : MEED_TEMPLATEDIR);
		return EX_UNAVAILABLE;
	}
	status = create(c, template, &a);
	return status == EX_OK ? tell_next(c, &a) : status;
}

static const struct cli_opt opts[] = {
	{ 'd', "dir", "DIR", "make the folder NAME in DIR (default: the current one)" },
	{ OPT_ID, "id", "ID", "the model's id (default: example.NAME)" },
	{ 0, NULL, NULL, NULL },
};

const struct cli_command cli_plugin_new = {
	.name = "plugin new",
	.synopsis = "NAME",
	.summary = "Start a plugin: a folder that builds with make.",
	.opts = opts,
	.run = run,
};
