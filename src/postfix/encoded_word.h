/* Encoded words in a header's text (RFC 2047): "=?utf-8?q?Gr=C3=BC=C3=9Fe?=". */
#ifndef POSTFIX_ENCODED_WORD_H
#define POSTFIX_ENCODED_WORD_H

#include "base/buffer.h"
#include "base/slice.h"

/* Appends `text` (unfolded) with its encoded words decoded to valid UTF-8, at most three bytes for
 * each one of `text`; time is linear. Bytes that do not fit the character set become U+FFFD.
 *
 * Read are the encodings B and Q, and the character sets utf-8, us-ascii, iso-8859-1, iso-8859-15
 * and windows-1252, with a language or without (RFC 2231). Blanks between two such words go, and
 * a character that is cut by the end of a word continues in the next. What is no such word, other
 * character sets among them, stays as it stands. */
void encoded_word_decode(struct buffer *out, struct slice text);

#endif
