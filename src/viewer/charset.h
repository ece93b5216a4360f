/* Character sets. A conversion of each one that is known is opened before the viewer reads a byte
 * that a stranger wrote: afterwards it needs to open no file. */
#ifndef VIEWER_CHARSET_H
#define VIEWER_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/slice.h"

struct charsets;

/* Opens them all; one that this system's C library does not have is left out. */
struct charsets *charsets_open(void);
void charsets_close(struct charsets **charsets);

/* The names, lower case, for tests: NULL past the end. */
const char *charset_name(size_t index);

struct charset;

/* The one of that name or alias, any case; NULL when it is not known. The empty name is us-ascii.
 */
const struct charset *charset_find(const struct charsets *charsets, struct slice name);

/* Appends `bytes` as UTF-8. Bytes that do not fit become U+FFFD and set *damaged. `last`: an
 * incomplete character at the end is damage too; else it is left over. Returns how many bytes were
 * used. NULL for `charset` means: UTF-8 if it is that, else windows-1252, which is what unlabelled
 * 8-bit mail mostly is. */
size_t charset_append(const struct charset *charset, struct buffer *out, struct slice bytes,
    bool last, bool *damaged);

#endif
