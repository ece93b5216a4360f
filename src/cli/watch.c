/* On a terminal each answer is gathered first and then drawn over the one before, line by line, so
 * that nothing flickers and what was last seen stays while the service is asked. */
#include "cli/watch.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "cli/fold.h"
#include "cli/format.h"
#include "cli/screen.h"

/* ECMA-48: all away; to the upper left corner; the rest of the line, of the screen away; the cursor
 * away and back. */
#define CLEAR "\033[H\033[2J"
#define HOME "\033[H"
#define CLEAR_LINE "\033[K"
#define CLEAR_BELOW "\033[J"
#define HIDE "\033[?25l"
#define SHOW "\033[?25h"

/* ---- Signals ---- */

static volatile sig_atomic_t on_terminal;

/* Ctrl-C is how one ends it, so that is no failure. Nothing but the cursor has to be put back. */
static void end(int signal_number)
{
	(void)signal_number;
	if (on_terminal && write(STDOUT_FILENO, SHOW "\n", sizeof(SHOW "\n") - 1) < 0)
		_exit(1);
	_exit(0);
}

/* Only wakes the pause between two answers. */
static void resized(int signal_number)
{
	(void)signal_number;
}

static void catch_signals(void)
{
	const struct sigaction ends = {.sa_handler = end};
	const struct sigaction wakes = {.sa_handler = resized};

	on_terminal = screen_is_terminal();
	sigaction(SIGINT, &ends, NULL);
	sigaction(SIGTERM, &ends, NULL);
	sigaction(SIGWINCH, &wakes, NULL);
}

/* While an answer is written nothing ends it: a reader gets whole ones. */
static void hold_signals(bool hold)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

/* ---- One answer ---- */

static void append_head(const struct command_run *run, struct buffer *out)
{
	BUFFER_AUTO struct buffer head = {0};
	char now[CLOCK_RFC3339_SIZE], when[FORMAT_SIZE];

	clock_rfc3339(clock_now(), now);
	format_time(now, when);
	buffer_printf(&head, "postroom %s, %s, every %d s; Ctrl-C ends it", run->command->name,
	    when, WATCH_SECONDS);
	fold_append(out, buffer_slice(&head), 0, screen_fold_width());
	buffer_append_string(out, "\n\n");
}

/* As many lines as the terminal has. Those beyond are counted in its last one. */
static void draw(struct slice text)
{
	BUFFER_AUTO struct buffer frame = {0};
	size_t lines = 0, room = screen_height(), left = 0;
	struct slice line;

	buffer_append_string(&frame, HOME);
	while (slice_split(&text, '\n', &line)) {
		if (text.data == NULL && line.len == 0)
			break;
		lines++;
		if (room > 0 && lines + 1 >= room) {
			left++;
			continue;
		}
		buffer_append_slice(&frame, line);
		buffer_append_string(&frame, CLEAR_LINE "\n");
	}
	buffer_append_string(&frame, CLEAR_BELOW);
	if (left > 0)
		buffer_printf(&frame, "... %zu more line%s", left, left == 1 ? "" : "s");
	fwrite(frame.data, 1, frame.len, stdout);
}

/* What it prints; `complaints`: with what it complains of, since both belong into a frame. */
static int gather(struct command_run *run, int (*once)(struct command_run *run), bool complaints,
    struct buffer *out)
{
	FILE *real_out = stdout, *real_error = stderr;
	char *text = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&text, &len);
	int status;

	if (memory == NULL)
		return command_failed(run, "there is no memory for the answer");
	stdout = memory;
	stderr = complaints ? memory : real_error;
	status = once(run);
	stdout = real_out;
	stderr = real_error;
	fclose(memory);
	buffer_append(out, text, len);
	free(text);
	return status;
}

static int draw_one(struct command_run *run, int (*once)(struct command_run *run), bool first)
{
	BUFFER_AUTO struct buffer out = {0};
	int status;

	append_head(run, &out);
	status = gather(run, once, true, &out);
	hold_signals(true);
	if (first)
		fputs(CLEAR HIDE, stdout);
	draw(buffer_slice(&out));
	return status;
}

static int print_one(struct command_run *run, int (*once)(struct command_run *run))
{
	BUFFER_AUTO struct buffer out = {0};
	char now[CLOCK_RFC3339_SIZE], when[FORMAT_SIZE];
	int status;

	clock_rfc3339(clock_now(), now);
	format_time(now, when);
	status = gather(run, once, false, &out);
	hold_signals(true);
	/* Not between what a program reads. */
	if (!command_given(run, OPTION_JSON) && !command_given(run, OPTION_CSV) &&
	    !command_given(run, OPTION_FIELDS))
		printf("%s\n", when);
	fwrite(out.data != NULL ? out.data : "", 1, out.len, stdout);
	return status;
}

int watch_run(struct command_run *run, int (*once)(struct command_run *run))
{
	bool answered = false, terminal = screen_is_terminal();
	int status;

	if (!command_given(run, OPTION_WATCH))
		return once(run);
	catch_signals();
	for (;;) {
		status = terminal ? draw_one(run, once, !answered) : print_one(run, once);
		/* Whoever reads a pipe wants it now, and may have gone. */
		if (fflush(stdout) != 0)
			return COMMAND_NOT_DONE;
		hold_signals(false);
		/* Wrong usage does not become right, nor a missing right there. Before the first
		 * answer it is this command that failed. */
		if (status != COMMAND_DONE && (!answered || run->worst != COMMAND_UNREACHABLE)) {
			if (terminal)
				fputs(SHOW "\n", stdout);
			return status;
		}
		answered = true;
		run->worst = COMMAND_DONE;
		poll(NULL, 0, WATCH_SECONDS * 1000);
	}
}
