/* conf_exec.c - the groups runtimes and sandbox */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/graph/conf.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static char *owned(struct meed_conf *c, const char *s)
{
	char *p = s ? strdup(s) : NULL;

	if (s && !p)
		c->nomem = true;
	return p;
}

static char *place_text(struct meed_conf *c, struct conf_place at)
{
	char buf[512];

	(void)snprintf(buf, sizeof(buf), "%.480s:%u", at.file, at.line);
	return owned(c, buf);
}

/* ---- words ---- */

/* A setting's strings, malloc'd and NULL-terminated; NULL: it has none, or an error was reported.
 */
static char **read_words(struct conf_reader *r, const config_setting_t *s, const char *what)
{
	int n = config_setting_length(s);
	char **v;

	if (!config_setting_is_array(s) && !config_setting_is_list(s)) {
		conf_error(r->c, r->diags, conf_at(r, s),
			   "%s is %s: must be a list of strings, such as [ \"a\", \"b\" ]", what,
			   conf_type_text(s));
		return NULL;
	}
	v = calloc((size_t)n + 1, sizeof(char *));
	if (!v) {
		r->c->nomem = true;
		return NULL;
	}
	for (int i = 0, k = 0; i < n; i++) {
		struct conf_str word = { 0 };

		if (conf_get_str(r, config_setting_get_elem(s, (unsigned int)i), what, &word))
			v[k++] = owned(r->c, word.p);
	}
	return v;
}

static void free_words(char **v)
{
	for (char **w = v; w && *w; w++)
		free(*w);
	free(v);
}

/* A command line: begins with an absolute path; in_folder: or with one in the program's folder. */
static char **read_command(struct conf_reader *r, const config_setting_t *s, const char *what,
			   bool in_folder)
{
	char **v = read_words(r, s, what);

	if (!v)
		return NULL;
	if (v[0] && (v[0][0] == '/' || (in_folder && strncmp(v[0], "./", 2) == 0)))
		return v;
	if (!v[0])
		conf_error(r->c, r->diags, conf_at(r, s), "%s is empty: must name a program", what);
	else
		conf_error(r->c, r->diags, conf_at(r, s),
			   "%s begins with \"%s\": must be an absolute path, such as "
			   "\"/usr/bin/%s\"%s",
			   what, v[0], v[0][0] == '.' ? "python3" : v[0],
			   in_folder ? ", or \"./NAME\" of the program's folder" : "");
	free_words(v);
	return NULL;
}

/* ---- runtimes ---- */

static const char *const runtime_keys[] = { "aliases", "file",	 "compile",	   "run",
					    "check",   "warm",	 "preload",	   "env",
					    "package", "limits", "compile_limits", "description" };
static const char *const warm_kinds[] = { "python" };

/* One runtime being read: s is its group, what names it. */
struct entry {
	struct conf_reader *r;
	const config_setting_t *s;
	const char *what;
	struct meed_exec_runtime *rt;
};

static const config_setting_t *member(const struct entry *e, const char *key, char *what, size_t n)
{
	(void)snprintf(what, n, "%s of %.150s", key, e->what);
	return config_setting_get_member(e->s, key);
}

static char *read_text(const struct entry *e, const char *key)
{
	char what[200];
	const config_setting_t *k = member(e, key, what, sizeof(what));
	struct conf_str s = { 0 };

	if (!k || !conf_get_str(e->r, k, what, &s))
		return NULL;
	if (*s.p)
		return owned(e->r->c, s.p);
	conf_error(e->r->c, e->r->diags, conf_at(e->r, k), "%s is empty", what);
	return NULL;
}

static char **read_list(const struct entry *e, const char *key)
{
	char what[200];
	const config_setting_t *k = member(e, key, what, sizeof(what));

	return k ? read_words(e->r, k, what) : NULL;
}

static char **read_line(const struct entry *e, const char *key, bool in_folder)
{
	char what[200];
	const config_setting_t *k = member(e, key, what, sizeof(what));

	return k ? read_command(e->r, k, what, in_folder) : NULL;
}

static void entry_error(const struct entry *e, const char *key, const char *text)
{
	const config_setting_t *k = config_setting_get_member(e->s, key);

	conf_error(e->r->c, e->r->diags, conf_at(e->r, k ? k : e->s), "%s of %s %s", key, e->what,
		   text);
}

static void read_file_name(const struct entry *e)
{
	struct meed_exec_runtime *rt = e->rt;

	rt->file = read_text(e, "file");
	if (!rt->file) {
		if (!config_setting_get_member(e->s, "file"))
			entry_error(e, "file",
				    "is missing: where the code goes, such as \"main.py\"");
		return;
	}
	if (strchr(rt->file, '/') || strcmp(rt->file, ".") == 0 || strcmp(rt->file, "..") == 0 ||
	    strlen(rt->file) > 255)
		entry_error(e, "file", "must be the name of a file, such as \"main.py\"");
}

static void read_commands(const struct entry *e)
{
	struct meed_exec_runtime *rt = e->rt;

	rt->compile = read_line(e, "compile", false);
	rt->run = read_line(e, "run", true);
	rt->check = read_line(e, "check", false);
	if (!config_setting_get_member(e->s, "run"))
		entry_error(e, "run",
			    "is missing: the command line that runs a program, such as "
			    "[ \"/usr/bin/python3\", \"main.py\" ]");
}

static void read_warm(const struct entry *e)
{
	struct meed_exec_runtime *rt = e->rt;
	char hint[256];

	rt->warm = read_text(e, "warm");
	rt->preload = read_list(e, "preload");
	if (rt->warm && strcmp(rt->warm, "python") != 0) {
		const char *near = meed_nearest(rt->warm, warm_kinds, COUNT(warm_kinds));
		char text[400];

		(void)snprintf(
			text, sizeof(text), "= \"%.60s\" is unknown%s", rt->warm,
			near ? conf_hint(near, hint, sizeof(hint))
			     : ": may be python, for interpreters that CPython's C API serves");
		entry_error(e, "warm", text);
	}
	if (rt->preload && !rt->warm)
		entry_error(e, "preload", "has no effect without warm: set warm, or drop it");
}

static void read_env(const struct entry *e)
{
	struct meed_exec_runtime *rt = e->rt;
	char text[200];

	rt->env = read_list(e, "env");
	for (char **v = rt->env; v && *v; v++) {
		if (strchr(*v, '=') && **v != '=')
			continue;
		(void)snprintf(text, sizeof(text), "has \"%.100s\": must be \"NAME=value\"", *v);
		entry_error(e, "env", text);
	}
}

/* Limits that are above sandbox.max can only be told when everything has been read. */
static void note_limits(struct conf_reader *r, const struct meed_exec_limits *l,
			const struct conf_place *places, const char *what)
{
	for (size_t i = 0; i < CONF_N_LIMITS; i++) {
		if (!places[i].file)
			continue;
		if (!CONF_GROW(&r->c->limits, &r->c->cap_limits, r->c->n_limits)) {
			r->c->nomem = true;
			return;
		}
		r->c->limits[r->c->n_limits++] = (struct conf_limit){
			.at = places[i],
			.what = conf_dup(r->c, what),
			.index = i,
			.value = conf_limit_get(l, i),
		};
	}
}

static void read_limits_of(const struct entry *e, const char *key, struct meed_exec_limits *ret)
{
	struct conf_place places[CONF_N_LIMITS] = { { 0 } };
	char what[200];
	const config_setting_t *k = member(e, key, what, sizeof(what));

	if (!k)
		return;
	conf_read_limits(e->r, k, what, ret, places);
	note_limits(e->r, ret, places, what);
}

static void read_runtime(struct conf_reader *r, const config_setting_t *s)
{
	struct meed_conf *c = r->c;
	const char *name = config_setting_name(s);
	char what[200], key[200];
	struct entry e = { r, s, what, NULL };

	(void)snprintf(what, sizeof(what), "runtime \"%.100s\"", name);
	(void)snprintf(key, sizeof(key), "runtime.%.150s", name);
	if (!conf_is(r, s, what, CONFIG_TYPE_GROUP) ||
	    !conf_once(c, r->diags, "runtime", key, conf_at(r, s)))
		return;
	if (!CONF_GROW(&c->exec.runtimes, &c->cap_runtimes, c->exec.n_runtimes)) {
		c->nomem = true;
		return;
	}
	(void)conf_keys(r, s, what, runtime_keys, COUNT(runtime_keys));
	e.rt = &c->exec.runtimes[c->exec.n_runtimes++];
	*e.rt = (struct meed_exec_runtime){ .name = owned(c, name),
					    .where = place_text(c, conf_at(r, s)) };
	e.rt->aliases = read_list(&e, "aliases");
	e.rt->package = read_text(&e, "package");
	free(read_text(&e, "description"));
	read_file_name(&e);
	read_commands(&e);
	read_warm(&e);
	read_env(&e);
	read_limits_of(&e, "limits", &e.rt->limits);
	read_limits_of(&e, "compile_limits", &e.rt->compile_limits);
}

void conf_read_runtimes(struct conf_reader *r, const config_setting_t *s)
{
	for (int i = 0; i < config_setting_length(s); i++)
		read_runtime(r, config_setting_get_elem(s, (unsigned int)i));
}

/* ---- sandbox ---- */

static const char *const sandbox_keys[] = { "unconfined", "workers", "uid",    "bind",
					    "bwrap",	  "cage",    "limits", "max" };

static void read_binds(struct conf_reader *r, const config_setting_t *s)
{
	char **v = read_words(r, s, "sandbox.bind");

	for (char **w = v; w && *w; w++)
		if (**w != '/' || strstr(*w, "/../") || strcmp(*w, "/") == 0)
			conf_error(r->c, r->diags, conf_at(r, s),
				   "sandbox.bind has \"%s\": must be the absolute path of a folder "
				   "other than /",
				   *w);
	r->c->exec.sandbox.binds = v;
}

static char *read_path(struct conf_reader *r, const config_setting_t *s, const char *what)
{
	struct conf_str path = { 0 };

	if (!conf_get_str(r, s, what, &path))
		return NULL;
	if (*path.p)
		return owned(r->c, conf_path_from(r->c, path.at.file, path.p));
	conf_error(r->c, r->diags, path.at, "%s is empty", what);
	return NULL;
}

static void read_sandbox_key(struct conf_reader *r, const config_setting_t *k, const char *name,
			     const char *what)
{
	struct meed_exec_sandbox *x = &r->c->exec.sandbox;
	struct conf_place places[CONF_N_LIMITS] = { { 0 } };
	uint64_t v = 0;

	if (strcmp(name, "unconfined") == 0) {
		(void)conf_get_bool(r, k, what, &x->unconfined);
	} else if (strcmp(name, "workers") == 0) {
		if (conf_get_uint(r, k, what, 0, 1024, &v))
			x->workers = (uint32_t)v;
	} else if (strcmp(name, "uid") == 0) {
		if (conf_get_uint(r, k, what, 1, UINT32_MAX - 1, &v))
			x->uid = (uint32_t)v;
	} else if (strcmp(name, "bind") == 0) {
		read_binds(r, k);
	} else if (strcmp(name, "bwrap") == 0) {
		x->bwrap = read_path(r, k, what);
	} else if (strcmp(name, "cage") == 0) {
		x->cage = read_path(r, k, what);
	} else if (strcmp(name, "limits") == 0) {
		conf_read_limits(r, k, what, &x->limits, places);
		note_limits(r, &x->limits, places, what);
	} else if (strcmp(name, "max") == 0) {
		conf_read_limits(r, k, what, &x->max, NULL);
	}
}

void conf_read_sandbox(struct conf_reader *r, const config_setting_t *s)
{
	struct meed_exec_sandbox *x = &r->c->exec.sandbox;
	const config_setting_t *k;

	(void)conf_keys(r, s, "group sandbox", sandbox_keys, COUNT(sandbox_keys));
	if (!x->where)
		x->where = place_text(r->c, conf_at(r, s));
	for (int i = 0; i < config_setting_length(s); i++) {
		char what[64];

		k = config_setting_get_elem(s, (unsigned int)i);
		(void)snprintf(what, sizeof(what), "sandbox.%.40s", config_setting_name(k));
		if (conf_once(r->c, r->diags, "sandbox's", what, conf_at(r, k)))
			read_sandbox_key(r, k, config_setting_name(k), what);
	}
	k = config_setting_get_member(s, "unconfined");
	if (k && x->unconfined)
		conf_warn(r->c, r->diags, conf_at(r, k),
			  "sandbox.unconfined is set: programs of samples run without a cage, with "
			  "all that the user of meed may do");
}

/* ---- once all is read ---- */

static void check_alias(struct meed_conf *c, struct meed_diags *d,
			const struct meed_exec_runtime *r, const char *alias)
{
	const struct conf_place nowhere = { NULL, 0 };
	const struct meed_exec_runtime *first = meed_exec_find(&c->exec, meed_str_of(alias));

	if (first && first != r)
		conf_error(c, d, nowhere,
			   "%s: \"%s\" of runtime \"%s\" is also a name of runtime \"%s\" (%s): "
			   "keep one of them",
			   r->where, alias, r->name, first->name, first->where);
}

void conf_check_exec(struct meed_conf *c, struct meed_diags *d)
{
	const struct meed_exec_limits *max = &c->exec.sandbox.max;

	for (size_t i = 0; i < c->n_limits; i++) {
		const struct conf_limit *l = &c->limits[i];
		uint64_t most = conf_limit_get(max, l->index);
		char a[40], b[40];

		if (l->value > most)
			conf_error(c, d, l->at, "%s of %s = %s: must be at most %s, sandbox.max's",
				   conf_limit_name(l->index), l->what,
				   conf_limit_text(l->index, l->value, a, sizeof(a)),
				   conf_limit_text(l->index, most, b, sizeof(b)));
	}
	for (size_t i = 0; i < c->exec.n_runtimes; i++) {
		const struct meed_exec_runtime *r = &c->exec.runtimes[i];

		check_alias(c, d, r, r->name);
		for (char **a = r->aliases; a && *a; a++)
			check_alias(c, d, r, *a);
	}
	meed_exec_conf_seal(&c->exec);
}
