/* annotate.c - meed annotate: samples to Label Studio and back, and how far annotators agree */
#include "config.h"

#include "host/cli/data_args.h"
#include "host/cli/report_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- meed annotate out -------------------------------------------------------------------------
 */

enum {
	OPT_OUTPUTS = CLI_LONG,
	OPT_ASK,
	OPT_SCALE,
	OPT_ASPECT,
	OPT_INSTRUCTION,
	OPT_LABEL_CONFIG,
	OPT_KEEP_ORDER,
	OPT_EXPORT,
	OPT_NO_LABELS,
	OPT_OF,
	OPT_RATER,
	OPT_ORDER,
	OPT_WEIGHTS,
	OPT_BOOTSTRAP
};

struct out_args {
	struct data_common common;
	struct cli_strings aspects;
	const char *label_config, *outputs, *ask;
	struct meed_label_opts label;
	bool keep_order;
};

static int take_ask(struct cli *c, struct out_args *a, const char *value)
{
	static const char *const words[] = { "preference", "best", "rank", "rating", "comment" };
	const char *p = value;
	size_t i;

	a->label.ask = 0;
	for (;;) {
		size_t n = strcspn(p, ",");

		for (i = 0; i < 5; i++)
			if (strlen(words[i]) == n && strncmp(words[i], p, n) == 0)
				break;
		if (i == 5)
			return cli_usage(c,
					 "--ask %s: must be preference, best, rank, rating and "
					 "comment, parted by commas",
					 value);
		a->label.ask |= 1u << i;
		if (!p[n])
			return CLI_GO;
		p += n + 1;
	}
}

static int out_take(struct cli *c, void *data, int id, const char *value)
{
	struct out_args *a = data;
	uint64_t x;

	switch (id) {
	case OPT_OUTPUTS:
		if (!cli_u64(value, MEED_LABEL_OUTPUTS, &x) || x == 0)
			return cli_usage(c, "--outputs %s: must be a whole number from 1 to %d",
					 value, MEED_LABEL_OUTPUTS);
		a->label.n_outputs = (size_t)x;
		a->outputs = value;
		return CLI_GO;
	case OPT_ASK:
		a->ask = value;
		return take_ask(c, a, value);
	case OPT_SCALE:
		if (!cli_u64(value, 10, &x) || x < 2)
			return cli_usage(c, "--scale %s: must be a whole number from 2 to 10",
					 value);
		a->label.scale = (unsigned)x;
		return CLI_GO;
	case OPT_ASPECT:
		return cli_strings_add(c, &a->aspects, a->common.argc, value);
	case OPT_INSTRUCTION:
		a->label.instruction = value;
		return CLI_GO;
	case OPT_LABEL_CONFIG:
		a->label_config = value;
		return CLI_GO;
	case OPT_KEEP_ORDER:
		a->keep_order = true;
		return CLI_GO;
	default:
		return data_common_take(c, &a->common, id, value);
	}
}

static int write_label_config(struct cli *c, struct out_args *a)
{
	struct meed_buf b = { 0 };
	struct meed_err err = { 0 };
	int32_t r;
	int status;

	if (!a->ask)
		a->label.ask = MEED_ASK_COMMENT | MEED_ASK_RATING |
			       (a->label.n_outputs == 2	 ? MEED_ASK_PREFERENCE
				: a->label.n_outputs > 2 ? MEED_ASK_BEST
							 : 0);
	a->label.aspects = a->aspects.v;
	a->label.n_aspects = a->aspects.n;
	r = meed_data_label_config(&a->label, &err, &b);
	if (r == MEED_E_PARAM)
		status = cli_usage(c, "--%s", err.text);
	else if (r < 0)
		status = cli_nomem(c);
	else
		status = a->label_config ? cli_emit_file(c, a->label_config, &b) : EX_OK;
	meed_buf_release(&b);
	return status;
}

/* The chain's one step or format. */
static int add_kind(struct cli *c, struct meed_data_chain *chain, const struct meed_data_kind *kind,
		    const char *const (*params)[2], size_t n)
{
	struct meed_data_args *args = meed_data_args_new(kind);
	struct meed_err err = { 0 };
	size_t i;

	for (i = 0; args && i < n; i++)
		if (params[i][1] && meed_data_args_set(args, params[i][0], params[i][1], &err) < 0)
			break;
	if (!args || !chain || i < n) {
		meed_data_args_free(args);
		return cli_nomem(c);
	}
	if (meed_data_chain_add(chain, args, &err) < 0) {
		cli_say(c, "%s", err.text);
		return meed_err_exit(err.code);
	}
	return CLI_GO;
}

static int run_out(struct cli *c, int argc, char **argv)
{
	struct out_args a = { .common = { .argc = argc, .progress = -1 },
			      .label = { .n_outputs = 2, .scale = 5 } };
	struct meed_data_chain *chain = NULL;
	const char *near = NULL;
	char seed[32];
	int status, first;

	status = cli_parse(c, argc, argv, out_take, &a, &first);
	if (status == CLI_GO)
		status = data_common_inputs(c, &a.common, first, argc, argv);
	if (status != CLI_GO)
		goto out;
	status = write_label_config(c, &a);
	if (status != EX_OK)
		goto out;
	chain = meed_data_chain_new();
	(void)snprintf(seed, sizeof(seed), "%llu", (unsigned long long)a.common.o.seed);
	{
		const char *const params[][2] = { { "outputs", a.outputs },
						  { "keep_order", a.keep_order ? "true" : NULL },
						  { "order_seed", seed } };

		status =
			add_kind(c, chain, meed_data_find_format("label_studio", &near), params, 3);
	}
	if (status == CLI_GO)
		status = data_common_run(c, &a.common, chain);
out:
	meed_data_chain_free(chain);
	free(a.aspects.v);
	data_common_release(&a.common);
	return status;
}

static const struct cli_opt out_opts[] = {
	{ OPT_LABEL_CONFIG, "label-config", "FILE",
	  "write the project's labelling configuration (XML)\n"
	  "there" },
	{ OPT_OUTPUTS, "outputs", "N", "answers that a task shows, at most (default 2)" },
	{ OPT_ASK, "ask", "WHAT,...",
	  "preference, best, rank, rating, comment (default:\n"
	  "preference or best, rating and comment)" },
	{ OPT_SCALE, "scale", "N", "stars of a rating (default 5)" },
	{ OPT_ASPECT, "aspect", "NAME",
	  "rate this of each answer, too, as helpfulness (may\n"
	  "be repeated)" },
	{ OPT_INSTRUCTION, "instruction", "TEXT", "a line above every task" },
	{ OPT_KEEP_ORDER, "keep-order", NULL,
	  "show answers in the sample's order, not in a random\n"
	  "one" },
	DATA_COMMON_OPTS,
	{ 0, NULL, NULL, NULL },
};

static const struct cli_command annotate_out = {
	.name = "annotate out",
	.synopsis = "[FILE]...",
	.summary = "Make Label Studio's tasks and project configuration of samples.",
	.opts = out_opts,
	.run = run_out,
};

/* ---- meed annotate in
 * ---------------------------------------------------------------------------- */

struct in_args {
	struct data_common common;
	bool no_labels;
};

static int in_take(struct cli *c, void *data, int id, const char *value)
{
	struct in_args *a = data;

	if (id != OPT_NO_LABELS)
		return data_common_take(c, &a->common, id, value);
	a->no_labels = true;
	return CLI_GO;
}

static int run_in(struct cli *c, int argc, char **argv)
{
	struct in_args a = { .common = { .argc = argc, .progress = -1 } };
	struct meed_data_chain *chain = NULL;
	struct meed_err err = { 0 };
	const char *near = NULL, *rebuilt[1];
	char path[64];
	int status, first, fd = -1;
	int32_t r;

	status = cli_parse(c, argc, argv, in_take, &a, &first);
	if (status == CLI_GO && first >= argc)
		status = cli_usage(c, "which file did Label Studio export?");
	if (status == CLI_GO && first + 1 < argc)
		status = data_common_inputs(c, &a.common, first + 1, argc, argv);
	if (status != CLI_GO)
		goto out;
	if (first + 1 == argc) {
		r = meed_data_rebuild(argv[first], &fd, &err);
		if (r < 0) {
			cli_say(c, "%s", err.text);
			status = meed_err_exit(r);
			goto out;
		}
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		rebuilt[0] = path;
		a.common.o.inputs = rebuilt;
		a.common.o.n_inputs = 1;
	}
	chain = meed_data_chain_new();
	if (fd >= 0) { /* JSON-MIN has a row an annotation */
		const char *const once[][2] = { { "on", "id" } };

		status = add_kind(c, chain, meed_data_find_step("dedup", &near), once, 1);
		if (status != CLI_GO)
			goto out;
	}
	{
		const char *const params[][2] = { { "file", argv[first] },
						  { "no_labels", a.no_labels ? "true" : NULL } };

		status = add_kind(c, chain, meed_data_find_step("annotations", &near), params, 2);
	}
	if (status == CLI_GO)
		status = data_common_run(c, &a.common, chain);
out:
	meed_data_chain_free(chain);
	if (fd >= 0)
		(void)close(fd);
	data_common_release(&a.common);
	return status;
}

static const struct cli_opt in_opts[] = {
	{ OPT_NO_LABELS, "no-labels", NULL,
	  "only metadata.annotations, not the majority's\n"
	  "preference and the mean rating as labels" },
	DATA_COMMON_OPTS,
	{ 0, NULL, NULL, NULL },
};

static const struct cli_command annotate_in = {
	.name = "annotate in",
	.synopsis = "EXPORT [FILE]...",
	.summary = "Put what Label Studio exports into the samples it is about.",
	.opts = in_opts,
	.notes = "Without a FILE the samples are made of the export's own tasks.",
	.run = run_in,
};

/* ---- meed annotate agree
 * --------------------------------------------------------------------------- */

struct agree_args {
	struct data_common common;
	struct meed_agree_opts how;
	struct cli_strings raters, order;
	struct meed_buf order_text;
	struct cli_report_out report;
};

static int take_order(struct cli *c, struct agree_args *a, const char *value)
{
	int status = CLI_GO, n = 1;
	const char *p;
	char *s;

	for (p = value; *p; p++)
		n += *p == ',';
	free(a->order.v);
	a->order = (struct cli_strings){ NULL, 0 };
	a->order_text.n = 0;
	meed_buf_puts(&a->order_text, value);
	meed_buf_putc(&a->order_text, '\0');
	if (a->order_text.failed)
		return cli_nomem(c);
	for (s = a->order_text.p; s && status == CLI_GO;) {
		char *end = strchr(s, ',');

		if (end)
			*end = '\0';
		status = cli_strings_add(c, &a->order, n, s);
		s = end ? end + 1 : NULL;
	}
	return status;
}

static int agree_take(struct cli *c, void *data, int id, const char *value)
{
	static const char *const weights[] = { "none", "linear", "quadratic" };
	struct agree_args *a = data;

	switch (id) {
	case OPT_OF:
		a->how.of = value;
		return CLI_GO;
	case OPT_RATER:
		return cli_strings_add(c, &a->raters, a->common.argc, value);
	case OPT_ORDER:
		return take_order(c, a, value);
	case OPT_WEIGHTS:
		for (a->how.weights = 0; a->how.weights < 3; a->how.weights++)
			if (strcmp(value, weights[a->how.weights]) == 0)
				return CLI_GO;
		return cli_usage(c, "--weights %s: must be none, linear or quadratic", value);
	case OPT_BOOTSTRAP:
		if (cli_u64(value, 100000, &a->how.n_boot))
			return CLI_GO;
		return cli_usage(c, "--bootstrap %s: must be a whole number from 0 to 100000",
				 value);
	default:
		return cli_report_take(&a->report, id, value)
			       ? CLI_GO
			       : data_common_take(c, &a->common, id, value);
	}
}

static int run_agree(struct cli *c, int argc, char **argv)
{
	struct agree_args a = { .common = { .argc = argc, .progress = -1 },
				.how = { .of = "preference", .n_boot = 1000 } };
	struct meed_data_stats stats = { 0 };
	struct meed_report *report = NULL;
	struct meed_err err = { 0 };
	int status, first;
	int32_t r;

	status = cli_parse(c, argc, argv, agree_take, &a, &first);
	if (status == CLI_GO)
		status = data_common_inputs(c, &a.common, first, argc, argv);
	if (status == CLI_GO)
		status = cli_report_check(c, &a.report);
	if (status != CLI_GO)
		goto out;
	if (a.raters.n == 1) {
		status = cli_usage(c, "one --rater alone: agreement is between two or more");
		goto out;
	}
	a.how.raters = a.raters.v;
	a.how.n_raters = a.raters.n;
	a.how.order = a.order.v;
	a.how.n_order = a.order.n;
	a.how.seed = a.common.o.seed;
	data_common_ready(c, &a.common);
	r = meed_data_agree(&a.common.o, &a.how, &err, &stats, &report);
	if (r < 0) {
		status = data_common_failed(c, &stats, r, &err);
		goto out;
	}
	status = cli_report_emit(c, &a.report, report);
	if (status == EX_OK && stats.n_bad_lines > 0) {
		cli_say(c, "%llu bad lines", (unsigned long long)stats.n_bad_lines);
		status = EX_DATAERR;
	}
out:
	meed_report_free(report);
	free(a.raters.v);
	free(a.order.v);
	meed_buf_release(&a.order_text);
	data_common_release(&a.common);
	return status;
}

static const struct cli_opt agree_opts[] = {
	{ OPT_OF, "of", "WHAT",
	  "which answer of theirs: preference (default), best,\n"
	  "rating, rank, or an aspect" },
	{ OPT_RATER, "rater", "POINTER",
	  "where an annotator's value stands in the sample (two\n"
	  "or more of these; default: metadata.annotations)" },
	{ OPT_ORDER, "order", "VALUE,...", "the values from least to greatest, if no numbers" },
	{ OPT_WEIGHTS, "weights", "KIND", "of Cohen's kappa: none (default), linear, quadratic" },
	{ OPT_BOOTSTRAP, "bootstrap", "N", "samples of the intervals' bootstrap (default 1000)" },
	CLI_REPORT_OPTS,
	DATA_READ_OPTS,
	{ 0, NULL, NULL, NULL },
};

static const struct cli_command annotate_agree = {
	.name = "annotate agree",
	.synopsis = "[FILE]...",
	.summary = "Say how far annotators agree: Cohen, Fleiss, Krippendorff.",
	.opts = agree_opts,
	.run = run_agree,
};

/* ---- meed annotate
 * -------------------------------------------------------------------------------- */

static const struct cli_command *const parts[] = { &annotate_out, &annotate_in, &annotate_agree };

static int help(struct cli *c)
{
	struct meed_buf b = { 0 };
	int status;
	size_t i;

	meed_buf_puts(&b, "Usage: meed annotate out|in|agree [OPTION]... [FILE]...\n"
			  "Has people annotate samples with Label Studio.\n\n");
	for (i = 0; i < 3; i++)
		meed_buf_printf(&b, "  %-6s  %s\n", parts[i]->name + strlen("annotate "),
				parts[i]->summary);
	meed_buf_puts(&b, "\n`meed annotate out --help` and so on tell the options; see "
			  "meed-annotate(1).\n");
	status = cli_emit(c, &b);
	meed_buf_release(&b);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	const struct cli_command *outer = c->cmd;
	const char *word = argc > 1 ? argv[1] : NULL;
	int status;
	size_t i;

	if (!word)
		return cli_usage(c, "out, in or agree?");
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return help(c);
	for (i = 0; i < 3; i++) {
		if (strcmp(word, parts[i]->name + strlen("annotate ")) != 0)
			continue;
		c->cmd = parts[i];
		status = parts[i]->run(c, argc - 1, argv + 1);
		c->cmd = outer;
		return status;
	}
	return cli_usage(c, "unknown command \"annotate %s\": must be out, in or agree", word);
}

const struct cli_command cli_annotate = {
	.name = "annotate",
	.synopsis = "out|in|agree",
	.summary = "Have people annotate samples, and see how far they agree.",
	.run = run,
};
