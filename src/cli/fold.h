/* Texts in lines no longer than a terminal is wide. */
#ifndef CLI_FOLD_H
#define CLI_FOLD_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Appends `text`, safe UTF-8 in one line, without a line end at the end. A new line begins, between
 * two words, before `width` columns are full; `indent` columns stand before the first line and are
 * put before each other one. A word that is longer than a line stands alone and whole: an address
 * must be found again by copying it. 0: never folded. */
void fold_append(struct buffer *out, struct slice text, size_t indent, size_t width);

#endif
