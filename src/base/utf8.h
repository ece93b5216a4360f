/* UTF-8 (RFC 3629). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Decodes one code point at the front of `s` (not empty); its length in bytes, or 0 when the bytes
 * there are not valid UTF-8 (overlong, surrogate, beyond U+10FFFF or cut short). */
size_t utf8_decode(struct slice s, uint32_t *code_point);
bool utf8_valid(struct slice s);
/* Appends one code point, at most U+10FFFF. */
void utf8_append(struct buffer *out, uint32_t code_point);
/* Appends `s` with U+FFFD for each byte that is not part of valid UTF-8. */
void utf8_append_valid(struct buffer *out, struct slice s);
/* The longest prefix of `s` of at most `max` bytes that does not end within a code point. */
struct slice utf8_first(struct slice s, size_t max);

#endif
