/* The bytes of one message, from its queue file or from `postcat -bh`. */
#ifndef VIEWER_CONTENT_H
#define VIEWER_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "wire/viewer_proto.h"

/* Takes the next piece; false when it wants no more (not an error). */
typedef bool content_sink(void *arg, struct slice piece);

/* Gives the message (RFC 5322, lines end with LF) to `sink` in pieces. In a queue file the content
 * is the records N and L between M and X, wherever pointer records lead (POSTFIX.md 2.2; Postfix:
 * postcat/postcat.c). False with damaged_file or io_error; what came before the damage was given.
 */
bool content_read(
    int fd, enum viewer_source source, content_sink *sink, void *arg, struct error *err);

#endif
