/* conf_read.c - which files are read, in which order, and what becomes of their groups */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "host/graph/conf.h"

static const char *const groups[] = { "plugins", "endpoints", "llm",
				      "instances", "compositions", "policy",
				      "run",	   "runtimes",	"sandbox",
				      "pipelines", "serve",	"health" };

static void read_group(struct conf_reader *r, const config_setting_t *s)
{
	const char *name = config_setting_name(s);

	if (!conf_is(r, s, name, CONFIG_TYPE_GROUP))
		return;
	if (strcmp(name, "plugins") == 0)
		conf_read_plugins(r, s);
	else if (strcmp(name, "endpoints") == 0)
		conf_read_endpoints(r, s);
	else if (strcmp(name, "llm") == 0)
		conf_read_llm(r, s);
	else if (strcmp(name, "instances") == 0)
		conf_read_instances(r, s);
	else if (strcmp(name, "compositions") == 0)
		conf_read_compositions(r, s);
	else if (strcmp(name, "health") == 0)
		conf_read_health(r, s);
	else if (strcmp(name, "run") == 0)
		conf_read_run(r, s);
	else if (strcmp(name, "runtimes") == 0)
		conf_read_runtimes(r, s);
	else if (strcmp(name, "sandbox") == 0)
		conf_read_sandbox(r, s);
	else if (strcmp(name, "pipelines") == 0)
		conf_read_pipelines(r, s);
	else
		conf_read_reserved(r, s);
}

static void read_root(struct conf_reader *r, const config_setting_t *root)
{
	char hint[256], words[256];
	size_t n = sizeof(groups) / sizeof(groups[0]);
	int i;

	for (i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *s = config_setting_get_elem(root, (unsigned int)i);
		const char *name = config_setting_name(s);
		const char *near;
		size_t j;

		for (j = 0; j < n && strcmp(groups[j], name) != 0; j++)
			;
		if (j < n) {
			read_group(r, s);
			continue;
		}
		near = meed_nearest(name, groups, n);
		if (near)
			conf_error(r->c, r->diags, conf_at(r, s), "unknown group \"%s\"%s", name,
				   conf_hint(near, hint, sizeof(hint)));
		else
			conf_error(r->c, r->diags, conf_at(r, s), "unknown group \"%s\": may be %s",
				   name, conf_words(groups, n, words, sizeof(words)));
	}
}

/* The line's text in buf, to show where libconfig stumbled. */
static void line_text(const struct conf_text *t, int line, char *buf, size_t n)
{
	const char *p = t->text.p;
	const char *nl;
	size_t len;

	buf[0] = '\0';
	while (--line > 0 && (p = strchr(p, '\n')) != NULL)
		p++;
	if (!p)
		return;
	p += strspn(p, " \t");
	nl = strchr(p, '\n');
	len = nl ? (size_t)(nl - p) : strlen(p);
	if (len >= n) {
		len = n - 1;
		while (len > 0 && ((unsigned char)p[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(buf, p, len);
	buf[len] = '\0';
	if (meed_utf8_check(buf, len) != len)
		buf[0] = '\0';
}

static void report_parse(struct conf_reader *r, const config_t *cfg)
{
	const char *text = config_error_text(cfg);
	int line = config_error_line(cfg);
	struct conf_place at = conf_text_place(r->text, line > 0 ? (uint32_t)line : 0);
	char near[80];

	line_text(r->text, line, near, sizeof(near));
	if (text && strstr(text, "mismatched element type"))
		conf_error(r->c, r->diags, at,
			   "an array [ ] holds values of one type only: "
			   "write 1.0 for 1 beside 0.5, or use a list ( )");
	else
		conf_error(r->c, r->diags, at,
			   "%s%s%s; values are 1, 0.5, true, \"text\", "
			   "{ group }, ( list ), [ array ]",
			   text ? text : "cannot be read", near[0] ? " near: " : "", near);
}

static void read_file(struct meed_conf *c, struct meed_diags *d, const char *path)
{
	struct conf_text text = { 0 };
	struct conf_reader r = { c, d, &text };
	bool ok;
	config_t cfg;

	config_init(&cfg);
	ok = conf_text_load(c, d, path, &text) && conf_scan(c, d, &text);
	if (ok && !config_read_string(&cfg, text.text.p)) {
		report_parse(&r, &cfg);
		ok = false;
	}
	if (ok)
		read_root(&r, config_root_setting(&cfg));
	else
		c->partial = true;
	config_destroy(&cfg);
	conf_text_release(&text);
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a;
	const char *const *y = b;

	return strcmp(*x, *y);
}

static bool is_conf(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && name[0] != '.' && strcmp(name + n - 5, ".conf") == 0;
}

static void read_folder(struct meed_conf *c, struct meed_diags *d, const char *path)
{
	const char **files = NULL;
	size_t n = 0, cap = 0, i;
	struct conf_place at = { path, 0 };
	struct dirent *e;
	DIR *dir;

	dir = opendir(path);
	if (!dir) {
		conf_error(c, d, at, "cannot read the folder: %s", strerror(errno));
		c->partial = true;
		goto out;
	}
	while ((e = readdir(dir)) != NULL) {
		meed_str full;

		if (!is_conf(e->d_name))
			continue;
		full = meed_arena_printf(&c->arena, "%s%s%s", path,
					 path[strlen(path) - 1] == '/' ? "" : "/", e->d_name);
		if (!full.p || !CONF_GROW(&files, &cap, n)) {
			c->nomem = true;
			goto out;
		}
		files[n++] = full.p;
	}
	if (n == 0)
		conf_warn(c, d, at, "the folder has no *.conf file");
	else
		qsort(files, n, sizeof(*files), by_name);
	for (i = 0; i < n; i++)
		read_file(c, d, files[i]);
out:
	if (dir)
		(void)closedir(dir);
	free(files);
}

void conf_read_paths(struct meed_conf *c, struct meed_diags *d, const char *const *paths, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const char *path = conf_dup(c, paths[i]);
		struct stat st;

		if (!path)
			return;
		if (path[0] == '\0' || stat(path, &st) < 0) {
			conf_error(c, d, (struct conf_place){ NULL, 0 },
				   "cannot read the configuration \"%s\": %s", path,
				   path[0] ? strerror(errno) : "the path is empty");
			c->partial = true;
		} else if (S_ISDIR(st.st_mode)) {
			read_folder(c, d, path);
		} else {
			read_file(c, d, path);
		}
	}
}
