/* The screen is cleared before each answer and not after it, so that what was last seen stays. */
#include "cli/watch.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/format.h"

/* To the upper left corner, and all that is there away (ECMA-48). */
#define CLEAR "\033[H\033[2J"

static void print_head(const struct command_run *run)
{
	char now[CLOCK_RFC3339_SIZE], when[FORMAT_SIZE];

	clock_rfc3339(clock_now(), now);
	format_time(now, when);
	if (isatty(STDOUT_FILENO))
		printf(CLEAR "postroom %s, %s, every %d s\n\n", run->command->name, when,
		    WATCH_SECONDS);
	else if (!command_given(run, OPTION_JSON))
		printf("%s\n", when);
}

int watch_run(struct command_run *run, int (*once)(struct command_run *run))
{
	bool answered = false;
	int status;

	if (!command_given(run, OPTION_WATCH))
		return once(run);
	for (;;) {
		print_head(run);
		status = once(run);
		/* Wrong usage does not become right, nor a missing right there. Before the first
		 * answer it is this command that failed. */
		if (status != COMMAND_DONE && (!answered || run->worst != COMMAND_UNREACHABLE))
			return status;
		answered = true;
		run->worst = COMMAND_DONE;
		/* Whoever reads a pipe wants it now, and may have gone. */
		if (fflush(stdout) != 0)
			return COMMAND_NOT_DONE;
		poll(NULL, 0, WATCH_SECONDS * 1000);
	}
}
