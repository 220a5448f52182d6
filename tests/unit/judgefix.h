/* judgefix.h - judges in a real engine, whose upstream says what a test wants it to say. */
#ifndef JUDGEFIX_H
#define JUDGEFIX_H

#include "tests/unit/enginefix.h"

enum {
	UP_MAX = 64
};

struct up {
	struct fix f;
	/* What it answers, one after the other, the last for ever. @ID@ stands for the id of the
	 * question, @ANSWER@ for the text between the delimiters of the answer, @USER@ for the
	 * whole user message. */
	const char *says[UP_MAX];
	size_t n_says, at;
	struct json_object *choice; /* borrowed; or NULL */
	/* what was asked */
	char *user[UP_MAX]; /* the first user message */
	char *last[UP_MAX]; /* the last message */
	char nonce[UP_MAX][24];
	char *sent[UP_MAX];		/* the user message as JSON, if it is more than text */
	uint64_t seed[UP_MAX];
	char endpoint[UP_MAX][24];
	size_t n_asked;
};

/* params: of an instance "j" of that model. */
bool up_open(struct up *u, const char *model, const char *params);
void up_close(struct up *u);
/* Forgets what was asked, and takes new answers, NULL-terminated. */
void up_says(struct up *u, const char *const *says);
/* The score of output 0, or its negative code as a number. */
double up_score(struct up *u, const char *row);

#endif
