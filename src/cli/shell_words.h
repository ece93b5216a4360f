/* A command line up to the cursor, as bash has it, in words; and words for a shell. */
#ifndef CLI_SHELL_WORDS_H
#define CLI_SHELL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/slice.h"

#define SHELL_WORDS_MAX 500
/* A longer line is not completed. */
#define SHELL_LINE_MAX ((size_t)64 << 10)

/* The words without their quotes. The last is the one under the cursor, empty behind a blank. */
struct shell_words {
	char *words[SHELL_WORDS_MAX];
	size_t count;
	char quote;    /* ' or " while the last word stands behind an open one; else 0 */
	size_t offset; /* bytes of the last word in front of what the shell puts a completion for */
};

/* `breaks`: the characters at which bash begins to replace (COMP_WORDBREAKS). False for a line that
 * is too long or has too many words; then there are none. Freed with shell_words_free. */
bool shell_words_split(struct slice line, const char *breaks, struct shell_words *words);
void shell_words_free(struct shell_words *words);

/* `text` so that bash reads it as one word again; behind an open `quote` without its end. */
void shell_words_quote(struct buffer *out, struct slice text, char quote);

#endif
