/* A text that people read, said twice: in English, and as a code with named values from which
 * another language says the same ("words", docs/decisions/words.md). Both are made here, at once,
 * from the same values, so that there is no text of the table without its code.
 *
 * The words are JSON as the API passes them on: {"code":"job_already_held","params":{}}. They go
 * with the text wherever it goes: through frames, into the store, into replies. Where a text has no
 * words (Postfix's own reply, a row from before), they are empty. */
#ifndef BASE_SAID_H
#define BASE_SAID_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

enum said_code {
	SAID_NOTHING,
#define SAID(name, english) SAID_##name,
#include "base/said_texts.h"
#undef SAID
	SAID_CODES
};

/* Longer values are cut in the words: a key is shown with fewer. A text within another is not. */
#define SAID_VALUE_MAX 400
/* No text has more values. */
#define SAID_VALUES_MAX 8

/* A named value: as it is for programs, and how English shows it. Slices live until said_put. */
struct said_value {
	const char *name;
	bool is_number;
	int64_t number;
	struct slice text;
	struct slice shown; /* empty: the value itself */
	struct slice
	    texts; /* what `text` is said by: JSON with commas between; empty: by nothing */
};

struct said_value said_number(const char *name, int64_t number);
struct said_value said_text(const char *name, struct slice text);
/* A number whose English form is another ("3 h" of seconds), and the same of a text. */
struct said_value said_number_as(const char *name, int64_t number, struct slice shown);
struct said_value said_text_as(const char *name, struct slice text, struct slice shown);

/* A text within another, with its words: who knows the other language has the inside of it, too. In
 * the params it is an array. Empty words: somebody else's text, which stays as it is. */
struct said_value said_inner(const char *name, struct slice text, struct slice words);

/* Texts side by side as one value: an array of their words, or of the text of what has none.
 * Zero-initialised is none. */
struct said_list {
	struct buffer text, words;
	size_t count;
};
void said_list_free(struct said_list *list);
#define SAID_LIST_AUTO __attribute__((cleanup(said_list_free)))
/* `between` parts it in English from the one before. */
void said_list_add(
    struct said_list *list, const char *between, struct slice text, struct slice words);
/* The list must live as long as the value. */
struct said_value said_of_list(const char *name, const struct said_list *list);

/* Zero-initialised says nothing. */
struct said {
	struct buffer text, words;
	unsigned depth; /* how many texts stand one behind the other */
};
void said_free(struct said *said);
#define SAID_AUTO __attribute__((cleanup(said_free)))

/* Says this and nothing else: `count` values (struct said_value) by the names that its English has.
 * The params are exactly those: a value that this English does not name is left out, so that one
 * caller may give the same values to several texts. */
void said_put(struct said *said, enum said_code code, size_t count, ...);
/* The same with values that the caller has gathered. */
void said_put_values(
    struct said *said, enum said_code code, const struct said_value *values, size_t count);
/* For functions with such a list of values: takes `count` of them, or SAID_VALUES_MAX (which is
 * the room of `values`) where there are more. Gives how many it took. */
size_t said_take_values(struct said_value *values, size_t count, va_list args);
/* Says this behind what is said already, after a blank: params of both stay apart (`then`). What
 * has no words so far gets none. */
void said_then(struct said *said, enum said_code code, size_t count, ...);
/* The same for a text that comes with its words; they may be empty. */
void said_then_said(struct said *said, struct slice text, struct slice words);

/* A copy in fixed room, each ended by NUL: a text is cut, words that do not fit whole are left out.
 */
void said_copy(struct said *said, char *text, size_t text_size, char *words, size_t words_size);

/* What somebody else says (Postfix, another server, the system): a text without words. */
void said_verbatim(struct said *said, struct slice text);

/* For tests and the table of the contract: the code of a text ("job_already_held"), in `out` of at
 * least SAID_NAME_MAX bytes, and its English with the names of its values in braces. */
#define SAID_NAME_MAX 64
const char *said_code_name(enum said_code code, char *out);
const char *said_english(enum said_code code);

#endif
