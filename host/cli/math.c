/* math.c - meed math: how an expression is read, and whether two answers are equal. All of it is
 * the plugin math's: its model math.verify offers extension meed.math/1. */
#include "config.h"

#include "host/cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/cli/best.h"

enum {
	MAX_INPUT = 16 << 20
};

static void put(void *data, meed_str text)
{
	meed_buf_put(data, text.p, text.n);
}

/* All of standard input, without the line's end. */
static int read_stdin(const struct cli *c, struct meed_buf *b)
{
	char page[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, page, sizeof(page))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			cli_say(c, "cannot read standard input: %s", strerror(errno));
			return EX_IOERR;
		}
		meed_buf_put(b, page, (size_t)n);
		if (b->n > MAX_INPUT) {
			cli_say(c, "standard input has more than %d bytes", MAX_INPUT);
			return EX_DATAERR;
		}
	}
	while (b->n > 0 && (b->p[b->n - 1] == '\n' || b->p[b->n - 1] == '\r'))
		b->n--;
	return b->failed ? cli_nomem(c) : EX_OK;
}

const meed_ext_math *cli_math_extension(const struct cli *c, const struct meed_conf *conf)
{
	const struct meed_entry *e = meed_conf_find(conf, "math.verify");
	const meed_ext_math *x = NULL;

	if (e && e->rm && e->rm->rm.extension)
		x = e->rm->rm.extension(MEED_EXT_MATH);
	if (!x)
		cli_say(c, "the plugin math is not there: it is built where Debian's libflint-dev, "
			   "libflint-arb-dev, libcalcium-dev and libantic-dev are, unless with "
			   "--disable-math; `meed doctor` shows what was loaded");
	return x;
}

static int ask(struct cli *c, const meed_ext_math *x, const char *const *text, size_t n,
	       struct meed_buf *in, struct meed_buf *out)
{
	int32_t equal = 0, r;
	meed_str s[2];
	size_t i;

	for (i = 0; i < n; i++) {
		s[i] = (meed_str){ text[i], strlen(text[i]) };
		if (strcmp(text[i], "-") == 0)
			s[i] = (meed_str){ in->p ? in->p : "", in->n };
	}
	if (n == 1)
		r = x->parse(s[0], put, out);
	else
		r = x->equal(s[0], s[1], put, out, &equal);
	if (r == MEED_E_NOMEM || out->failed)
		return cli_nomem(c);
	if (r < 0)
		return EX_DATAERR;
	return n == 1 || equal ? EX_OK : 1;
}

/* "-5" is an expression, not an option: whatever stands from there on is none either. */
static char **mark_operands(int argc, char **argv, int *ret_argc)
{
	char **v = calloc((size_t)argc + 2, sizeof(*v));
	int i, n = 0;
	bool marked = false;

	for (i = 0; v && i < argc; i++) {
		if (!marked && i > 0 && argv[i][0] == '-' && argv[i][1] && argv[i][1] != '-' &&
		    !((argv[i][1] | 32) >= 'a' && (argv[i][1] | 32) <= 'z')) {
			v[n++] = (char *)(uintptr_t) "--";
			marked = true;
		}
		marked = marked || strcmp(argv[i], "--") == 0;
		v[n++] = argv[i];
	}
	*ret_argc = n;
	return v;
}

static int answer(struct cli *c, const char *const *text, size_t n)
{
	struct meed_buf in = { 0 }, out = { 0 };
	struct meed_conf *conf = NULL;
	const meed_ext_math *x;
	size_t i, n_in = 0;
	int status, wrote;

	for (i = 0; i < n; i++)
		n_in += strcmp(text[i], "-") == 0;
	if (n_in > 1)
		return cli_usage(c, "standard input can be one of the two only");
	status = n_in > 0 ? read_stdin(c, &in) : EX_OK;
	if (status == EX_OK)
		status = cli_conf_open(c, &conf);
	if (status != EX_OK)
		goto out;
	x = cli_math_extension(c, conf);
	if (!x) {
		status = EX_UNAVAILABLE;
		goto out;
	}
	status = ask(c, x, text, n, &in, &out);
	wrote = status == EX_OSERR ? EX_OK : cli_emit(c, &out);
	if (wrote != EX_OK)
		status = wrote;
out:
	meed_conf_free(conf);
	meed_buf_release(&in);
	meed_buf_release(&out);
	return status;
}

static int run_operands(struct cli *c, int argc, char **argv, int wanted, const char *missing)
{
	char **v;
	int status, first, n;

	v = mark_operands(argc, argv, &n);
	if (!v)
		return cli_nomem(c);
	status = cli_parse(c, n, v, NULL, NULL, &first);
	if (status == CLI_GO) {
		if (n - first < wanted)
			status = cli_usage(c, "%s", missing);
		else if (n - first > wanted)
			status = cli_usage(c, "unexpected argument \"%s\": quote an expression that "
					      "has blanks", v[first + wanted]);
		else
			status = answer(c, (const char *const *)(v + first), (size_t)wanted);
	}
	free(v);
	return status;
}

static int run_parse(struct cli *c, int argc, char **argv)
{
	return run_operands(c, argc, argv, 1, "which expression?");
}

static int run_equal(struct cli *c, int argc, char **argv)
{
	return run_operands(c, argc, argv, 2, "which reference and which answer?");
}

static const char notes[] =
	"An expression is LaTeX, plain text or Unicode; - is standard input. Quote it for the "
	"shell.";

static const struct cli_command parse = {
	.name = "math parse",
	.synopsis = "EXPRESSION",
	.summary = "Show how an expression is read: on one line, then as a tree.",
	.conf = true,
	.notes = notes,
	.run = run_parse,
};

static const struct cli_command equal = {
	.name = "math equal",
	.synopsis = "REFERENCE ANSWER",
	.summary = "Tell whether an answer is right, and by which rule.",
	.conf = true,
	.notes = "Both may be whole texts: the answer is found in them as math.verify does. Ends "
		 "with 0 if they\nare equal, 1 if not, 65 if that is undecided or cannot be read.",
	.run = run_equal,
};

static int help(struct cli *c)
{
	struct meed_buf b = { 0 };
	int status;

	meed_buf_printf(&b,
			"Usage: meed math parse EXPRESSION [OPTION]...\n"
			"       meed math equal REFERENCE ANSWER [OPTION]...\n\n"
			"  parse  %s\n  equal  %s\n\n"
			"`meed math parse --help` and `meed math equal --help` tell the options.\n",
			parse.summary, equal.summary);
	status = cli_emit(c, &b);
	meed_buf_release(&b);
	return status;
}

static int run(struct cli *c, int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word)
		return cli_usage(c, "parse or equal?");
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return help(c);
	if (strcmp(word, "parse") == 0)
		c->cmd = &parse;
	else if (strcmp(word, "equal") == 0)
		c->cmd = &equal;
	else
		return cli_usage(c, "unknown command \"math %s\": must be parse or equal", word);
	return c->cmd->run(c, argc - 1, argv + 1);
}

const struct cli_command cli_math = {
	.name = "math",
	.synopsis = "parse|equal",
	.summary = "Show how mathematics is read, and whether two answers are equal.",
	.run = run,
};
