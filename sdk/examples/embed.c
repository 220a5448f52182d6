/* embed.c - score one response with libmeed and print why it got its score.
 *
 *	cc embed.c $(pkg-config --cflags --libs libmeed) -o embed
 *	./embed rouge "Capital of France?" "It is Paris." "Paris is the capital." */
#include <stdio.h>

#include <meed/meed.h>

int main(int argc, char **argv)
{
	struct meed *m = NULL;
	struct meed_scores *s = NULL;
	const char *name, *reason;
	char why[512];
	double score;
	int status = 1;

	if (argc < 4) {
		fprintf(stderr, "usage: embed NAME PROMPT RESPONSE [REFERENCE]\n");
		return 64;
	}
	if (meed_open(NULL, argv[1], NULL, &m, why, sizeof(why)) < 0 ||
	    meed_score_text(m, argv[2], argv[3], argc > 4 ? argv[4] : NULL, &s, why,
			    sizeof(why)) < 0) {
		fprintf(stderr, "embed: %s\n", why);
		goto out;
	}
	if (meed_scores_error(s, 0)) {
		fprintf(stderr, "embed: no score: %s\n", meed_scores_error(s, 0));
		goto out;
	}
	printf("score %.3f\n", meed_scores_value(s, 0));
	for (size_t k = 0; k < meed_scores_n_details(s, 0); k++) {
		name = meed_scores_detail(s, 0, k, &score, &reason);
		printf("  %s %.3f: %s\n", name, score, reason);
	}
	status = 0;
out:
	meed_scores_free(s);
	meed_close(m);
	return status;
}
