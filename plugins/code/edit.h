/* edit.h - what a patch changes, file by file, whatever form it has.
 *
 * Unified diffs and SEARCH/REPLACE blocks are read strictly; what is wrong with one is said with
 * its line. Either becomes a list of changes: for each file the lines taken out ("-...") and put in
 * ("+..."), in the patch's order, without line numbers and context. */
#ifndef CODE_EDIT_H
#define CODE_EDIT_H

#include <meed/helpers.h>

/* Why a text is no patch. */
struct code_fault {
	size_t line;			/* of the text, from 1; 0: of the whole */
	char why[200];
};

struct code_change {
	meed_str path;			/* "" where none is given */
	meed_str text;			/* lines that begin with '-' or '+', or '=' for what a diff
					 * says of a file beside them; each ends with LF */
};

/* Changes of different files, in the order of their paths' bytes. */
struct code_changes {
	const struct code_change *v;
	size_t n;
};

/* The files that edits apply to: contents by path. */
struct code_files {
	const meed_host *h;
	const meed_val *v;		/* an object of strings, or NULL: not known */
};

/* Reads unified diffs as git, diff -u and svn write them: what stands before the first file's
 * header is passed over; from there on every line must belong.
 *
 * strict_counts: a hunk has as many lines as its head says; else it ends where no line of a hunk
 * follows, and its head may be a bare "@@".
 *
 * 1: read; 0: no diff, and *fault says why; MEED_E_NOMEM, said to the host. */
int32_t code_diff_read(const meed_host *h, meed_ctx *c, meed_str text, bool strict_counts,
		       struct code_changes *ret, struct code_fault *fault);

/* Reads blocks of
 *
 *	### path/to/file		(or the path alone; none: the block before's)
 *	<<<<<<< SEARCH
 *	lines to find
 *	=======
 *	lines to put there
 *	>>>>>>> REPLACE
 *
 * with any text and fences between them. Where `files` is known, the edits are applied in turn
 * (SEARCH must be whole lines of the file; only in an empty or new file may it be empty) and the
 * change is between the file before and after; else it is what is new in REPLACE.
 *
 * Results as above, and what code_line_diff() may return. */
int32_t code_edits_read(const meed_host *h, meed_ctx *c, meed_str text,
			const struct code_files *files, size_t max_lines,
			struct code_changes *ret, struct code_fault *fault);

/* The changes between two sets of files; `after` need hold only those that change. */
int32_t code_files_diff(const meed_host *h, meed_ctx *c, const struct code_files *before,
			const struct code_files *after, size_t max_lines,
			struct code_changes *ret);

/* Whether a line of text begins a SEARCH block; a hunk of a diff. */
bool code_has_edits(meed_str text);
bool code_has_hunks(meed_str text);

/* ---- for the readers -------------------------------------------------------------------- */

struct code_pieces {
	const meed_host *h;
	meed_ctx *c;
	struct code_change *v;
	size_t n, cap;
};

/* Adds a change; path and text must stay. */
int32_t code_piece_add(struct code_pieces *p, meed_str path, meed_str text);
/* Joins the pieces of one file, in their order, and leaves out files without a change. */
int32_t code_pieces_join(struct code_pieces *p, struct code_changes *ret);

/* A walk over lines: without LF or CR LF. */
struct code_lines {
	meed_str text, line;
	size_t at, next, number;	/* of line; number counts from 1 */
};

bool code_lines_next(struct code_lines *l);

/* Sets *fault by printf's rules and returns 0. */
__attribute__((format(printf, 3, 4)))
int32_t code_fault_set(struct code_fault *fault, size_t line, const char *fmt, ...);

#endif
