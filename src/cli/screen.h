/* What stands behind standard output: a terminal with its width and colours, and a pager in front
 * of it for what is longer; or a pipe, which gets everything as it is. One for the process, as
 * standard output is. Before screen_open it is a pipe.
 *
 * On a terminal standard output becomes a stream of ours: what is printed waits until it is sure to
 * be longer than the screen, and then goes to the pager, else to the terminal at the end. */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/colour.h"
#include "cli/table.h"

struct screen_wishes {
	bool wide;	/* tables as wide as they are */
	bool no_titles; /* nor the line of titles */
	bool paged;	/* long output goes to a pager, where there is one */
};

void screen_open(const struct screen_wishes *wishes);
/* Prints what still waits, and waits for a pager to be left. False where not all could be printed
 * (a full disk); a pager that was left early is no failure. */
bool screen_close(void);

/* Somebody is asked, or watches steps as they come: from now on all is printed at once. */
void screen_unpage(void);

bool screen_is_terminal(void);
/* Columns and lines of the terminal as they are now; 0 where there is none. */
size_t screen_width(void);
size_t screen_height(void);
/* The width for texts that are folded: the terminal's, where there is none 0 (not folded). */
size_t screen_fold_width(void);
/* The same of what stands behind standard error. */
size_t screen_error_width(void);

/* A table or a text as all that is asked for here. */
void screen_table(const struct table *table);
/* `text` has been made safe for a terminal. */
void screen_marked(enum mark mark, const char *text);
/* A stranger's text behind `indent` columns that stand there already; on a terminal folded between
 * words, its further lines indented as far. Ends with a line end. NULL is "?". */
void screen_text(size_t indent, const char *text);
/* The same of a format. */
void screen_say(size_t indent, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
