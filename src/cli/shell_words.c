/* Quotes and backslashes as in bash(1), QUOTING. Nothing is expanded: what stands there is what is
 * compared. */
#include "cli/shell_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define BLANKS " \t\n"
/* What bash does something with outside of quotes. */
#define SPECIAL "\t\n !\"#$&'()*;<>?[\\]^`{|}~"

struct splitting {
	struct shell_words *words;
	const char *breaks;
	struct buffer word;
	bool in_word;
};

static bool end_word(struct splitting *s)
{
	if (s->words->count == SHELL_WORDS_MAX)
		return false;
	s->words->words[s->words->count++] =
	    memory_strndup(s->word.data != NULL ? s->word.data : "", s->word.len);
	buffer_clear(&s->word);
	s->in_word = false;
	s->words->offset = 0;
	return true;
}

/* One character, or an escaped one, at line[*at]. False where there are too many words. */
static bool take(struct splitting *s, struct slice line, size_t *at)
{
	char c = line.data[*at];
	char *quote = &s->words->quote;

	if (*quote != '\0' && c == *quote) {
		*quote = '\0';
	} else if (c == '\\' && *quote != '\'' && *at + 1 < line.len) {
		/* In double quotes a backslash stands for itself before most characters. */
		if (*quote == '"' && strchr("\"\\$`", line.data[*at + 1]) == NULL)
			buffer_append_char(&s->word, c);
		buffer_append_char(&s->word, line.data[++*at]);
		s->in_word = true;
	} else if (*quote == '\0' && (c == '\'' || c == '"')) {
		*quote = c;
		s->in_word = true;
		s->words->offset = s->word.len;
	} else if (*quote == '\0' && strchr(BLANKS, c) != NULL) {
		return !s->in_word || end_word(s);
	} else {
		buffer_append_char(&s->word, c);
		s->in_word = true;
		if (*quote == '\0' && strchr(s->breaks, c) != NULL)
			s->words->offset = s->word.len;
	}
	return true;
}

bool shell_words_split(struct slice line, const char *breaks, struct shell_words *words)
{
	struct splitting s = {.words = words, .breaks = breaks};
	bool ok = line.len <= SHELL_LINE_MAX && slice_find_char(line, '\0') < 0;
	size_t offset;

	words->count = 0;
	words->quote = '\0';
	words->offset = 0;
	for (size_t at = 0; ok && at < line.len; at++)
		ok = take(&s, line, &at);
	offset = words->offset;
	/* Behind a blank the word under the cursor is an empty one. */
	ok = ok && end_word(&s);
	words->offset = offset;
	buffer_free(&s.word);
	if (!ok)
		shell_words_free(words);
	return ok;
}

void shell_words_free(struct shell_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->words[i]);
	words->count = 0;
}

void shell_words_quote(struct buffer *out, struct slice text, char quote)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (quote == '\'' && c == '\'') {
			buffer_append_string(out, "'\\''");
			continue;
		}
		/* The history is looked at before the quotes, and only single ones keep it away. */
		if (quote == '"' && c == '!') {
			buffer_append_string(out, "\"\\!\"");
			continue;
		}
		if ((quote == '"' && strchr("\"\\$`", c) != NULL) ||
		    (quote == '\0' && strchr(SPECIAL, c) != NULL))
			buffer_append_char(out, '\\');
		buffer_append_char(out, c);
	}
}
