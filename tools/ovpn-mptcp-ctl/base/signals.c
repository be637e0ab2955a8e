// SPDX-License-Identifier: GPL-2.0-or-later
/* Signals of a service in the foreground. */

#include "base/memory.h"
#include "base/signals.h"

static volatile sig_atomic_t ended, again;

static void on_end(int number)
{
	(void)number;
	ended = 1;
}

static void on_reload(int number)
{
	(void)number;
	again = 1;
}

void signals_hold(sigset_t *waiting, bool reload)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction action = { .sa_handler = on_end }, had;
	sigset_t held;
	size_t i;

	/* the next line of the log says what ended its reader */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&held);
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaddset(&held, numbers[i]);
	sigprocmask(SIG_BLOCK, &held, waiting);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		sigdelset(waiting, numbers[i]);
		if (reload && numbers[i] == SIGHUP)
			action.sa_handler = on_reload;
		/* nohup has asked not to hear it */
		sigaction(numbers[i], NULL, &had);
		if (had.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
}

bool signals_ended(void)
{
	return ended;
}

bool signals_reload(void)
{
	bool came = again;

	again = 0;
	return came;
}
