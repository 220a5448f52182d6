/* fence.h - the code blocks of an answer, and what language they are in.
 *
 * A fence is three or more backticks or tildes. What stands after it is the info string, whose
 * first word names the language. Read are, beyond CommonMark:
 *
 *   any indentation, list items and quotes before the fence ("1. ```c", "> ```c"); as much is
 *     taken off the lines of the block
 *   a fence after text in a line, if a known language follows it, or if the text ends with a colon
 *     and nothing follows
 *   info strings with attributes: {.python #id}, {python}, {python, echo=FALSE}, python:main.py,
 *     main.py, lang=python, language-python, python title="x"
 *   a block that is not closed ends with the text, or before the next fence with a language
 *   an end behind the last line of code ("x = 1```"), or with text after it ("``` That is all"),
 *     where no better end follows
 *   "``````python" in a block of three backticks: an end and a start without a line between them
 *   a block of Markdown, and a fence without a language whose first line is another fence: a
 *     wrapper, whose own blocks are the ones found
 *   a fence with a language in an open ''' or """ string: belongs to the program
 *
 * A block without a line is none, nor is one that is neither closed nor has text.
 * Time is linear in the text. Nothing is allocated but by code_block_text(). */
#ifndef CODE_FENCE_H
#define CODE_FENCE_H

#include <meed/helpers.h>

enum code_lang {
	CODE_UNKNOWN,			/* none named, or a name that is not in the table */
	CODE_BASH,			/* and sh, zsh, ksh */
	CODE_C,
	CODE_CPP,
	CODE_CSHARP,
	CODE_CSS,
	CODE_DIFF,
	CODE_GO,
	CODE_HASKELL,
	CODE_HTML,
	CODE_JAVA,
	CODE_JAVASCRIPT,
	CODE_JSON,
	CODE_JSONL,
	CODE_JSON_SCHEMA,
	CODE_JSX,			/* what no JavaScript parser takes by itself */
	CODE_JULIA,
	CODE_KOTLIN,
	CODE_LUA,
	CODE_MARKDOWN,
	CODE_OUTPUT,			/* a console session, a log, plain text: no program */
	CODE_PERL,
	CODE_PHP,
	CODE_PYTHON,
	CODE_R,
	CODE_RUBY,
	CODE_RUST,
	CODE_SCALA,
	CODE_SQL,
	CODE_SWIFT,
	CODE_TOML,
	CODE_TSX,
	CODE_TYPESCRIPT,
	CODE_XML,
	CODE_YAML,
	CODE_N_LANGS
};

struct code_block {
	meed_str body;			/* its lines as the text has them, without the last end of
					 * line: see code_block_text() */
	meed_str info;			/* what follows the fence, white space at the ends apart */
	meed_str name;			/* the language as written there, or "" */
	enum code_lang lang;		/* what name means */
	size_t at, line;		/* of the fence: byte from 0, line from 1 */
	size_t indent;			/* columns that its lines may be indented by for it */
	size_t quotes;			/* '>' before each line */
	bool closed;
};

/* Where a search has got to. */
struct code_scan {
	meed_str text;
	size_t at, line;		/* the next line to look at */
	size_t wrapper[2];		/* the run of the open wrapper of '`', of '~'; 0: none */
};

void code_scan_init(struct code_scan *s, meed_str text);
/* The next block, or false at the end. */
bool code_scan_next(struct code_scan *s, struct code_block *ret);

/* The block's lines as a program: without the fence's indentation and quotes, and ended by LF
 * alone. Is b->body itself where that changes nothing, else from the arena. The byte at its end
 * can be read and is no part of it. MEED_E_NOMEM, said to the host. */
int32_t code_block_text(const meed_host *h, meed_ctx *c, const struct code_block *b,
			meed_str *ret);

/* ---- languages -------------------------------------------------------------------------- */

/* By any usual name or file extension ("py", "C++", "Python3", "mjs"), letter case apart. */
enum code_lang code_lang_find(meed_str name);
/* "python", "cpp", ...; "unknown". */
const char *code_lang_name(enum code_lang lang);
/* Whether programs are written in it; else it is markup, data or text. */
bool code_lang_is_program(enum code_lang lang);

/* The language that a program shows by what only that language has, or CODE_UNKNOWN. Looks at the
 * first 16 KiB. */
enum code_lang code_lang_guess(meed_str program);

#endif
