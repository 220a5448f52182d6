/* conf.c - the configuration that a command works with. */
#include "config.h"

#include "host/cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

int cli_conf_load(struct cli *c, struct meed_diags *d, struct meed_conf **ret)
{
	const char *only;
	char *path = NULL;
	int32_t r;

	if (c->confs.n == 0)
		path = meed_conf_default_path();
	if (c->confs.n == 0 && !path && c->plugin_dirs.n == 0) {
		meed_diags_add(d, false,
			       "no configuration: neither $MEED_CONF nor ./conf.d nor an "
			       "installed one is there; name one with -c PATH");
		return EX_CONFIG;
	}
	only = path;
	r = meed_conf_load(path ? &only : c->confs.v, path ? 1 : c->confs.n, c->plugin_dirs.v,
			   c->plugin_dirs.n, &c->log, d, ret);
	free(path);
	return r < 0 ? EX_CONFIG : EX_OK;
}

int cli_conf_open(struct cli *c, struct meed_conf **ret)
{
	struct meed_diags d = { 0 };
	int status;

	status = cli_conf_load(c, &d, ret);
	cli_diags(c, &d);
	if (status != EX_OK && d.n_errors == 0)
		cli_say(c, "the configuration could not be loaded");
	meed_diags_release(&d);
	return status;
}

const struct meed_entry *cli_conf_entry(struct cli *c, const struct meed_conf *conf,
					const char *name)
{
	const struct meed_entry *e = meed_conf_find(conf, name);
	char buf[1024];
	const char *why;

	if (e)
		return e;
	why = meed_conf_why_not(conf, name, buf, sizeof(buf));
	cli_say(c, "no composition, instance or model \"%s\"%s", name,
		*why ? why : "; `meed list` shows them all");
	return NULL;
}

const char *cli_kind_name(enum meed_entry_kind k)
{
	switch (k) {
	case MEED_ENTRY_COMPOSITION:
		return "composition";
	case MEED_ENTRY_INSTANCE:
		return "instance";
	case MEED_ENTRY_MODEL:
		return "model";
	}
	return "?";
}
