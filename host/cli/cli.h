/* cli.h - what the subcommands share: the context, option tables, tables of text, messages.
 *
 * A subcommand is one file with one `const struct cli_command`; main.c lists them. Its run()
 * returns the exit status. Data go to standard output through cli_emit, which notices a full
 * disk or a closed pipe; everything else goes to standard error through cli_say.
 *
 * Exit statuses (sysexits.h): 0; EX_USAGE 64 wrong usage; EX_DATAERR 65 input that is not
 * what it should be, or outputs that could not be scored; EX_NOINPUT 66 no such input;
 * EX_UNAVAILABLE 69 a program or a file of data is missing; EX_OSERR 71 out of memory;
 * EX_CANTCREAT 73 an output cannot be created; EX_IOERR 74 reading or writing failed;
 * EX_CONFIG 78 the configuration is wrong, or has nothing by the name that was asked for;
 * 128 + n stopped by signal n. */
#ifndef MEED_CLI_H
#define MEED_CLI_H

#include <stdatomic.h>
#include <sysexits.h>

#include "host/graph/graph.h"

/* What cli_parse returns when the command should go on. */
#define CLI_GO (-1)

struct cli_command;

/* A list of strings out of argv, in the order given. Borrowed. */
struct cli_strings {
	const char **v;
	size_t n;
};

struct cli {
	const struct cli_command *cmd;	/* the one that runs; NULL before one is chosen */
	bool colour_out, colour_err;	/* a terminal, NO_COLOR unset or empty, TERM not dumb */
	bool utf8;			/* the locale's character set, by the environment */
	uint32_t verbose;		/* times that -v was given */
	struct meed_log log;
	struct cli_strings confs;	/* -c */
	struct cli_strings plugin_dirs;	/* --plugin-dir */
};

/* One option. id is its short letter, or CLI_LONG + n if it has none. */
#define CLI_LONG 256
struct cli_opt {
	int id;
	const char *name;		/* without the dashes */
	const char *arg;		/* what its argument is called; NULL: it takes none;
					 * "[=WORD]": it may be left out (no short letter then) */
	const char *help;
};

struct cli_command {
	const char *name;		/* "score"; "plugin new" */
	const char *synopsis;		/* after the name and [OPTION]... */
	const char *summary;		/* one line for `meed --help` */
	const struct cli_opt *opts;	/* ends with a NULL name; may be NULL */
	bool conf;			/* takes -c and --plugin-dir */
	const char *notes;		/* last lines of --help; may be NULL */
	int (*run)(struct cli *c, int argc, char **argv);
};

extern const struct cli_command cli_merge,
	cli_eval;
extern const struct cli_command cli_list, cli_info, cli_check, cli_graph, cli_doctor, cli_score,
	cli_plugin, cli_plugin_new, cli_plugin_check, cli_math, cli_run,
	cli_conflicts,
	cli_data,
	cli_export,
	cli_report,
	cli_health,
	cli_import,
	cli_annotate,
	cli_best,
	cli_refine,
	cli_correct;

/* ---- options (options.c) ----------------------------------------------------------------- */

/* Reads argv by c->cmd's table. take (NULL if the table is) gets each option that is the
 * command's own; it returns CLI_GO or an exit status. --help, -v, -c and --plugin-dir are seen to
 * here. Operands are then argv[*ret_first..argc). Returns CLI_GO, or the status to exit with
 * (EX_OK after --help; EX_USAGE after saying what was wrong). */
int cli_parse(struct cli *c, int argc, char **argv,
	      int (*take)(struct cli *c, void *data, int id, const char *value), void *data,
	      int *ret_first);
/* The text of --help. */
void cli_help(const struct cli_command *cmd, struct meed_buf *b);
/* Appends to a list that has room for argc strings (made on first use). */
int cli_strings_add(struct cli *c, struct cli_strings *l, int argc, const char *value);
/* A whole number in [0, max], digits alone; false if it is not. */
bool cli_u64(const char *s, uint64_t max, uint64_t *ret);

/* ---- messages and output (output.c) ------------------------------------------------------ */

/* One line on standard error: "meed score: " and the text. Control characters become '?'. */
void cli_say(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same without the prefix, in red or yellow if kind is 'e' or 'w' and colours are on. */
void cli_line(const struct cli *c, char kind, const char *text);
/* Wrong usage: the line, with a pointer to --help. Returns EX_USAGE. */
int cli_usage(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int cli_nomem(const struct cli *c);
/* Cells of a terminal's row; 0 if fd is none. */
size_t cli_width(int fd);
/* Writes the buffer to standard output. EX_OK, or EX_IOERR or EX_OSERR after saying why. */
int cli_emit(const struct cli *c, const struct meed_buf *b);
/* A file that gets its name when it is whole: until then it is PATH.part. "-" is standard output;
 * a device or FIFO is written as it is. */
struct cli_file {
	const char *path;
	char *part;			/* NULL: path is written itself */
	int fd;
};
/* EX_OK, or a status after saying why; nothing is then open. */
int cli_file_open(const struct cli *c, const char *path, struct cli_file *ret);
/* status: whether the content is whole (EX_OK), else why it is not. Returns it, or what went
 * wrong in closing. */
int cli_file_close(const struct cli *c, struct cli_file *f, int status);
/* Writes the buffer to such a file. */
int cli_emit_file(const struct cli *c, const char *path, const struct meed_buf *b);
/* All of it, or false with errno. */
bool cli_write(int fd, const char *p, size_t n);
/* Prints diagnostics, errors and warnings alike, one a line. */
void cli_diags(const struct cli *c, const struct meed_diags *d);

/* ---- text tables (table.c) --------------------------------------------------------------- */

#define CLI_TABLE_COLS 6
struct cli_table {
	size_t n_cols;
	struct meed_buf text;		/* cells, each ended by a NUL, row by row */
	size_t n_cells;
};
/* Appends one cell; NULL is an empty one. */
void cli_table_cell(struct cli_table *t, const char *s);
void cli_table_cell_n(struct cli_table *t, meed_str s);
/* Appends the table: columns two blanks apart, the last one ragged, indent blanks before each
 * line; the first row in bold if head. */
void cli_table_print(const struct cli_table *t, size_t indent, bool head, struct meed_buf *b);
void cli_table_release(struct cli_table *t);

/* ---- the configuration (conf.c) ---------------------------------------------------------- */

/* Loads what -c and --plugin-dir name, or the default. Diagnostics go to d, unprinted.
 * EX_OK with *ret set; or EX_CONFIG with *ret NULL. */
int cli_conf_load(struct cli *c, struct meed_diags *d, struct meed_conf **ret);
/* The same, and prints what is in d: errors always, warnings too. */
int cli_conf_open(struct cli *c, struct meed_conf **ret);
/* The entry of that name; NULL after saying that there is none and which is nearest. */
const struct meed_entry *cli_conf_entry(struct cli *c, const struct meed_conf *conf,
					const char *name);
/* "composition", "instance", "model" */
const char *cli_kind_name(enum meed_entry_kind k);

/* ---- what a model's schema says, in words (schema.c) ------------------------------------- */

/* A property's type: "string", "integer or null"; what it allows: "1 to 10", "a, b or c". */
void cli_schema_type(struct json_object *prop, struct meed_buf *b);
void cli_schema_allowed(struct json_object *prop, struct meed_buf *b);

/* ---- other programs (spawn.c) ------------------------------------------------------------ */

/* True if a program of that name is on the PATH; where it lies goes to buf. */
bool cli_which(const char *prog, char *buf, size_t n);
/* Runs `dot -Tsvg` with the buffer on its standard input and out_fd as its standard output. */
int cli_dot_svg(const struct cli *c, const struct meed_buf *dot, int out_fd);

/* Where the template of `meed plugin new` lies: $MEED_TEMPLATE; the installed one; the one beside
 * a program that was not installed. False if there is none. (plugin_new.c) */
bool cli_find_template(char *buf, size_t n);

/* ---- signals (signals.c) ----------------------------------------------------------------- */

/* From here on the first SIGINT, SIGTERM or SIGHUP sets the flag that is returned; the next
 * one ends the process at once with status 128 + its number. */
const atomic_int *cli_signals_catch(void);
/* The signal that came, or 0. */
int cli_signals_got(void);

#endif
