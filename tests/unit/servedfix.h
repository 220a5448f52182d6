/* servedfix.h - the plugin remote in a real engine, whose server says what a test wants it to say.
 */
#ifndef SERVEDFIX_H
#define SERVEDFIX_H

#include "tests/unit/enginefix.h"

enum {
	SENT_MAX = 16
};

/* A server that answers what a test says, to the requests of one sample. */
struct served {
	struct fix f;
	const char *const *says; /* one after the other, the last for ever */
	size_t at, n_sent;
	char *body[SENT_MAX], path[SENT_MAX][64];
};

/* keys: of an instance; params: of its model, one of remote's unless it has a dot. */
bool served_open(struct served *s, const char *model, const char *keys, const char *params);
bool served_score(struct served *s, const char *row, const char *const *says);
void served_close(struct served *s);

#define SAYS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define LIST "mode = \"listwise\";"
#define STEP "mode = \"stepwise\";"
#define TWO "{\"prompt\":\"Q\",\"responses\":[\"a\",\"b\"],\"reference\":\"r\"}"
#define ONE                                                                                        \
	"{\"prompt\":\"Q\",\"response\":\"a\",\"reference\":\"r\",\"metadata\":{\"tests\":[\"t\"," \
	"\"u\"]}}"
#define TALK                                                                                       \
	"{\"prompt\":[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\","         \
	"\"content\":\" Hi \\n\"},{\"role\":\"assistant\",\"content\":\"<think>\\nwell\\n</think>" \
	"\\n\\nHello.\"},{\"role\":\"user\",\"content\":\"1+1?\"}],"                               \
	"\"response\":\"<think>\\nsum\\n</think>\\n\\n2\"}"
#define STEPS                                                                                      \
	"{\"prompt\":\"Q\",\"output\":[{\"answer\":{\"role\":\"assistant\",\"content\":\"a\"},"    \
	"\"steps\":[{\"role\":\"assistant\",\"content\":\"one\"},{\"role\":\"assistant\","         \
	"\"content\":\"two\"}]}],\"input\":[{\"role\":\"user\",\"content\":\"Q\"}]}"

#endif
