/* How one text term compares with one value. Private to filter/. */
#ifndef FILTER_MATCH_H
#define FILTER_MATCH_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Appends `s` to `out` with the letters A to Z in lower case. */
void match_fold(struct buffer *out, struct slice s);

/* Whether the whole of `value` matches `pattern`: `*` any text, `?` one character (UTF-8). Both folded.
 * Pieces between stars are looked for from left to right and never taken back, so the time is at
 * most the value's length times that of the longest piece with a `?` in it. */
bool match_glob(struct slice pattern, struct slice value);

#endif
