/* How one text term compares with one value. Private to filter/. */
#ifndef FILTER_MATCH_H
#define FILTER_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Appends `s` to `out` with the letters A to Z in lower case. */
void match_fold(struct buffer *out, struct slice s);

/* Whether `value` contains `needle` (folded), without regard to ASCII case. Linear: sixteen places
 * at a time are compared by the first and last byte of the needle, and a value that was made to
 * look promising everywhere is folded and searched by memmem instead. */
bool match_contains(struct slice value, struct slice needle, struct buffer *scratch);

/* Whether the whole of `value` matches `pattern`: `*` any text, `?` one character (UTF-8). Both
 * folded. Pieces between stars are looked for from left to right and never taken back, so the time
 * is at most the value's length times that of the longest piece with a `?` in it. */
bool match_glob(struct slice pattern, struct slice value);

#endif
