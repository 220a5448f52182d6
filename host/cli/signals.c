/* signals.c - SIGINT, SIGTERM and SIGHUP as a flag that the engine looks at. */
#include "config.h"

#include "host/cli/cli.h"

#include <signal.h>
#include <unistd.h>

/* A signal handler gets no argument of ours, so its flag cannot live in a context: this is the
 * program's one piece of global state. */
static atomic_int got;

static void on_signal(int sig)
{
	int none = 0;

	if (!atomic_compare_exchange_strong(&got, &none, sig))
		_exit(128 + sig);
}

const atomic_int *cli_signals_catch(void)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction old, sa = { .sa_handler = on_signal };
	size_t i;

	(void)sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		/* nohup and background jobs have it ignored: leave it so */
		if (sigaction(sigs[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		(void)sigaction(sigs[i], &sa, NULL);
	}
	return &got;
}

int cli_signals_got(void)
{
	return atomic_load(&got);
}
