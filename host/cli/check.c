/* check.c - meed check: everything that is wrong with the configuration, at once. */
#include "config.h"

#include "host/cli/cli.h"
#include "host/data/data.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static int is_conf(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > 5 && strcmp(d->d_name + n - 5, ".conf") == 0;
}

static size_t count_files(const char *path)
{
	struct dirent **v = NULL;
	struct stat st;
	int n, i;

	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return 1;
	n = scandir(path, &v, is_conf, NULL);
	for (i = 0; i < n; i++)
		free(v[i]);
	free(v);
	return n > 0 ? (size_t)n : 0;
}

static size_t count_conf_files(const struct cli *c)
{
	char *path = NULL;
	size_t n = 0, i;

	for (i = 0; i < c->confs.n; i++)
		n += count_files(c->confs.v[i]);
	if (c->confs.n == 0)
		path = meed_conf_default_path();
	if (path)
		n = count_files(path);
	free(path);
	return n;
}

static void put_count(struct meed_buf *b, size_t n, const char *noun)
{
	meed_buf_printf(b, "%zu %s%s", n, noun, n == 1 ? "" : "s");
}

static void summary(const struct cli *c, const struct meed_conf *conf, const struct meed_diags *d)
{
	const struct meed_pipeline *pipelines = NULL;
	const struct meed_entry *v = NULL;
	struct meed_buf b = { 0 };
	size_t n = 0, kinds[3] = { 0 }, i;

	if (d->n_errors > 0) {
		put_count(&b, d->n_errors, "error");
		MEED_BUF_LIT(&b, ", ");
		put_count(&b, d->n - d->n_errors, "warning");
		meed_buf_puts(&b, " in ");
		put_count(&b, count_conf_files(c), "file");
	} else {
		n = meed_conf_entries(conf, &v);
		for (i = 0; i < n; i++)
			kinds[v[i].kind]++;
		put_count(&b, count_conf_files(c), "file");
		MEED_BUF_LIT(&b, ", ");
		put_count(&b, meed_conf_registry(conf)->n_modules, "plugin");
		MEED_BUF_LIT(&b, ", ");
		put_count(&b, kinds[MEED_ENTRY_INSTANCE], "instance");
		MEED_BUF_LIT(&b, ", ");
		put_count(&b, kinds[MEED_ENTRY_COMPOSITION], "composition");
		n = meed_conf_pipelines(conf, &pipelines);
		if (n > 0) {
			MEED_BUF_LIT(&b, ", ");
			put_count(&b, n, "pipeline");
		}
		if (d->n > 0) {
			MEED_BUF_LIT(&b, ": good, with ");
			put_count(&b, d->n, "warning");
		} else {
			MEED_BUF_LIT(&b, ": all good");
		}
	}
	meed_buf_putc(&b, '\0');
	if (!b.failed)
		cli_say(c, "%s", b.p);
	meed_buf_release(&b);
}

static int run(struct cli *c, int argc, char **argv)
{
	struct meed_diags d = { 0 };
	struct meed_conf *conf = NULL;
	int status, first;

	status = cli_parse(c, argc, argv, NULL, NULL, &first);
	if (status != CLI_GO)
		goto out;
	if (first < argc) {
		status = cli_usage(c, "unexpected argument \"%s\"; did you mean -c %s?",
				   argv[first], argv[first]);
		goto out;
	}
	status = cli_conf_load(c, &d, &conf);
	if (conf)
		meed_conf_check_all(conf, &d);
	if (conf)
		meed_data_check(conf, &d);
	cli_diags(c, &d);
	if (d.n_errors > 0)
		status = EX_CONFIG;
	summary(c, conf, &d);
out:
	meed_conf_free(conf);
	meed_diags_release(&d);
	return status;
}

const struct cli_command cli_check = {
	.name = "check",
	.synopsis = "",
	.summary = "Check the configuration and report every error.",
	.conf = true,
	.notes = "Ends with 0 if there is no error, else with 78. Nothing is scored.",
	.run = run,
};
