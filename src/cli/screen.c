/* The one state of this process beside standard output itself. */
#include "cli/screen.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/fd.h"
#include "cli/fold.h"
#include "cli/pager.h"
#include "cli/safe_text.h"

/* A terminal that says less than this does not know its size. */
#define WIDTH_LEAST 20

/* Where what is printed goes. */
enum way {
	WAY_PLAIN, /* to standard output */
	WAY_WAITS, /* it may still become longer than the screen */
	WAY_PAGER
};

static struct {
	struct screen_wishes wishes;
	bool terminal, colours;
	enum way way;
	FILE *plain; /* standard output as it was */
	struct buffer waiting;
	size_t lines, column; /* of what waits */
	const char *command;  /* of the pager */
	int fd;		      /* its input */
	pid_t pid;
} screen = {.fd = -1};

static size_t measure(bool height)
{
	struct winsize size;

	if (!screen.terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 ||
	    size.ws_col < WIDTH_LEAST)
		return 0;
	return height ? size.ws_row : size.ws_col;
}

size_t screen_error_width(void)
{
	struct winsize size;

	return isatty(STDERR_FILENO) && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 &&
		       size.ws_col >= WIDTH_LEAST
		   ? size.ws_col
		   : 0;
}

bool screen_is_terminal(void)
{
	return screen.terminal;
}

size_t screen_width(void)
{
	return screen.wishes.wide ? 0 : measure(false);
}

size_t screen_height(void)
{
	return measure(true);
}

size_t screen_fold_width(void)
{
	return measure(false);
}

/* ---- The stream in front of a terminal ---- */

/* Lines of the terminal that it takes: a long one takes several. Colours count as text, which can
 * only start the pager a little early; less ends by itself then. */
static void count_lines(const char *data, size_t len)
{
	size_t width = measure(false);

	for (size_t i = 0; i < len; i++) {
		bool first_byte = ((unsigned char)data[i] & 0xc0) != 0x80;

		screen.column += first_byte;
		if (data[i] == '\n' || (width > 0 && screen.column > width)) {
			screen.lines++;
			screen.column = data[i] == '\n' ? 0 : 1;
		}
	}
}

/* Whoever leaves the pager early has seen enough. What would still be asked for and printed is for
 * nobody, so the command ends here, and well. */
static void end_at_pager(void)
{
	fd_close(&screen.fd);
	pager_wait(screen.pid);
	_exit(0);
}

static void give_waiting(void)
{
	bool given;

	if (screen.way == WAY_PAGER)
		given = fd_write_all(screen.fd, screen.waiting.data, screen.waiting.len);
	else
		given = fwrite(screen.waiting.data != NULL ? screen.waiting.data : "", 1,
			    screen.waiting.len, screen.plain) == screen.waiting.len &&
			fflush(screen.plain) == 0;
	buffer_clear(&screen.waiting);
	if (!given && screen.way == WAY_PAGER)
		end_at_pager();
}

static void start_pager(void)
{
	/* Ctrl-C is the pager's: it stops reading, and shows what it has. */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	screen.way = pager_start(screen.command, &screen.fd, &screen.pid) ? WAY_PAGER : WAY_PLAIN;
	if (screen.way == WAY_PLAIN) {
		signal(SIGINT, SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
	}
}

static ssize_t take(void *cookie, const char *data, size_t len)
{
	(void)cookie;
	buffer_append(&screen.waiting, data, len);
	if (screen.way == WAY_WAITS) {
		count_lines(data, len);
		/* The prompt takes a line, too. */
		if (screen.lines + 1 < measure(true))
			return (ssize_t)len;
		start_pager();
	}
	give_waiting();
	return ferror(screen.plain) ? 0 : (ssize_t)len;
}

static void divert(void)
{
	FILE *ours = fopencookie(NULL, "w", (cookie_io_functions_t){.write = take});

	if (ours == NULL)
		return;
	screen.plain = stdout;
	screen.way = WAY_WAITS;
	stdout = ours;
}

void screen_open(const struct screen_wishes *wishes)
{
	struct colour_environment environment = {
	    getenv("NO_COLOR"), getenv("CLICOLOR"), getenv("CLICOLOR_FORCE"), getenv("TERM")};

	screen.wishes = *wishes;
	screen.terminal = isatty(STDOUT_FILENO);
	screen.colours = colour_wanted(&environment, screen.terminal);
	screen.command =
	    pager_choose(screen.terminal, wishes->wide, getenv("PAGER"), getenv("TERM"));
	if (wishes->paged && screen.command != NULL && measure(true) > 0)
		divert();
}

void screen_unpage(void)
{
	fflush(stdout);
	if (screen.way != WAY_WAITS)
		return;
	screen.way = WAY_PLAIN;
	give_waiting();
}

bool screen_close(void)
{
	bool whole = fflush(stdout) == 0 && !ferror(stdout);

	if (screen.plain == NULL)
		return whole;
	screen_unpage();
	if (screen.way == WAY_PAGER) {
		fd_close(&screen.fd);
		pager_wait(screen.pid);
	}
	whole = whole && fflush(screen.plain) == 0 && !ferror(screen.plain);
	fclose(stdout);
	stdout = screen.plain;
	screen.plain = NULL;
	screen.way = WAY_PLAIN;
	buffer_free(&screen.waiting);
	return whole;
}

/* ---- What is printed ---- */

void screen_table(const struct table *table)
{
	struct table_look look = {screen_width(), screen.wishes.no_titles, screen.colours};

	table_print(table, stdout, &look);
}

void screen_marked(enum mark mark, const char *text)
{
	printf("%s%s%s", screen.colours ? colour_begin(mark) : "", text,
	    screen.colours ? colour_end(mark) : "");
}

void screen_text(size_t indent, const char *text)
{
	BUFFER_AUTO struct buffer safe = {0}, folded = {0};

	safe_text_append(&safe, slice_of(text != NULL ? text : "?"));
	fold_append(&folded, buffer_slice(&safe), indent, screen_fold_width());
	buffer_append_char(&folded, '\n');
	fwrite(folded.data, 1, folded.len, stdout);
}

void screen_say(size_t indent, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) >= 0)
		screen_text(indent, text);
	va_end(args);
	free(text);
}
