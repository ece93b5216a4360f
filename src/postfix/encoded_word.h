/* Encoded words in a header's text (RFC 2047): "=?utf-8?q?Gr=C3=BC=C3=9Fe?=". */
#ifndef POSTFIX_ENCODED_WORD_H
#define POSTFIX_ENCODED_WORD_H

#include "base/buffer.h"
#include "base/charset.h"
#include "base/slice.h"

/* Appends `text` (unfolded) with its encoded words decoded to valid UTF-8, at most nine bytes for
 * each one of `text`; time is linear. Bytes that do not fit the character set become U+FFFD.
 *
 * Read are the encodings B and Q, and every character set that `charsets` knows (NULL: utf-8 and
 * us-ascii), with a language or without (RFC 2231). Blanks between two such words go, and a
 * character that is cut by the end of a word continues in the next. What is no such word, other
 * character sets among them, stays as it stands. */
void encoded_word_decode(struct charsets *charsets, struct buffer *out, struct slice text);

#endif
