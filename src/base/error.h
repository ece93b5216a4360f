/* One shape for every failure that a person may read: a stable code (lower case, underscores) for
 * programs and a text, made once, where the cause is known. Functions that can fail return false,
 * -1 or NULL and fill in their last argument; `struct error *` may be NULL where nobody wants it.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

#include "base/said.h"

/* Long enough for a path and a sentence; longer texts are cut. */
#define ERROR_TEXT_MAX 512
#define ERROR_CODE_MAX 40

/* Longer words are left out. */
#define ERROR_WORDS_MAX 640

struct error {
	char code[ERROR_CODE_MAX];
	char text[ERROR_TEXT_MAX];
	char words[ERROR_WORDS_MAX]; /* of the text (base/said.h); empty: none */
};

/* Fills in `err` (when not NULL) and returns false, so that a caller may `return error_set(...)`.
 */
bool error_set(struct error *err, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with `count` values (struct said_value): the text has words. */
bool error_say(struct error *err, const char *code, enum said_code says, size_t count, ...);

/* The same, with ": " and the meaning of `number` (an errno value) after the text. */
bool error_set_errno(struct error *err, const char *code, int number, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "text: " in front of what `err` already says, where a caller knows more; it has no words
 * then. Returns false. */
bool error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
