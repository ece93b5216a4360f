/* Lines of a shell: whatever stands there, a word that is quoted again is read as the same. */
#include <string.h>

#include "base/must_fuzz.h"
#include "cli/shell_words.h"

#define BREAKS " \t\n\"'><=;|&(:"

static void check_again(const char *word)
{
	static struct shell_words again;
	BUFFER_AUTO struct buffer line = {0};

	/* A line end in a word needs quotes, which a completion never has. */
	if (strchr(word, '\n') != NULL || word[0] == '\0')
		return;
	shell_words_quote(&line, slice_of(word), '\0');
	if (line.len > SHELL_LINE_MAX)
		return;
	must(shell_words_split(buffer_slice(&line), BREAKS, &again));
	must(again.count == 1 && again.quote == '\0');
	must(strcmp(again.words[0], word) == 0);
	shell_words_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct shell_words words;

	if (!shell_words_split(slice_make(data, size), BREAKS, &words)) {
		must(words.count == 0);
		return 0;
	}
	must(words.count > 0);
	must(words.offset <= strlen(words.words[words.count - 1]));
	for (size_t i = 0; i < words.count; i++)
		check_again(words.words[i]);
	shell_words_free(&words);
	return 0;
}
