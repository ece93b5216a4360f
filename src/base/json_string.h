/* A JSON string (RFC 8259), for whoever writes JSON without a tree of it. */
#ifndef BASE_JSON_STRING_H
#define BASE_JSON_STRING_H

#include "base/buffer.h"
#include "base/slice.h"

/* Appends `value` in quotes, escaped. Bytes that are not UTF-8 become U+FFFD. */
void json_string_put(struct buffer *out, struct slice value);

#endif
