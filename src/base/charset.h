/* Character sets, by iconv. A converter for each that mail is usually in is opened before a message
 * is read, so that nothing has to be loaded for it afterwards. What else iconv knows is opened when
 * a message names it, as long as the process may open files; a bounded number stays open. */
#ifndef BASE_CHARSET_H
#define BASE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/slice.h"

struct charsets;

/* Opens a converter for each; the first name that this system does not have becomes *missing (NULL
 * when all are there). */
struct charsets *charsets_open(const char **missing);
void charsets_close(struct charsets **charsets);

/* Every name that is opened beforehand, to number n; NULL after the last. */
const char *charsets_name(size_t n);

/* Whether a text in this set can be decoded. */
bool charsets_know(struct charsets *charsets, struct slice name);

/* One text on its way into UTF-8. */
struct charset_decoder;

/* NULL when the set is not known: then the caller decodes it as windows-1252 and says `damaged`. An
 * empty name and us-ascii are read as UTF-8, as most that are labelled so are. */
struct charset_decoder *charset_decoder_begin(struct charsets *charsets, struct slice name);
/* Appends what `bytes` decode to; false when some of them did not fit (U+FFFD stands for each). */
bool charset_decoder_step(struct charset_decoder *decoder, struct slice bytes, struct buffer *out);
/* The end: a character that was cut short is U+FFFD. */
bool charset_decoder_end(struct charset_decoder *decoder, struct buffer *out);

#endif
