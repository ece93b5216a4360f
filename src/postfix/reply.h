/* An SMTP server's reply, as Postfix writes it into one line of text. Each line of a reply repeats
 * the code, and mostly the enhanced status code; Postfix puts a blank where a line ended (or `?`,
 * where it made a control character printable), so both stand anywhere in the words:
 *
 *     450-4.2.1 The user you are trying to contact is receiving mail at a rate that 450-4.2.1
 *     prevents additional messages from being delivered. 450 4.2.1 https://example.com/
 */
#ifndef POSTFIX_REPLY_H
#define POSTFIX_REPLY_H

#include <stdbool.h>

#include "base/slice.h"

/* Whether a reply code (200 to 599) stands at the front, with a blank, a hyphen or the end behind
 * it. */
bool reply_begins(struct slice text);
/* That code. */
unsigned reply_code(struct slice text);

/* The enhanced status code (RFC 3463) at the front: class 2, 4 or 5, then 1 to 3 digits each;
 * empty when there is none. */
struct slice reply_enhanced_code(struct slice text);

/* The enhanced status code of the reply: the first that follows the code of a line. */
struct slice reply_status(struct slice reply);

/* Whether the reply has several lines. */
bool reply_has_lines(struct slice reply);

/* Writes the reply as if it had one line into `out`, at most `size` bytes, and gives the length,
 * which is never more than the reply's: code, enhanced code, and the words with single blanks, so
 * that a reply gives the same bytes wherever its lines were broken. Linear in the length. What is
 * no reply (has no code) is copied. */
size_t reply_join(char *out, size_t size, struct slice reply);

#endif
