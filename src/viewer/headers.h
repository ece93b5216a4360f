/* The header block: every field as it stands and decoded, and the way that the message came. */
#ifndef VIEWER_HEADERS_H
#define VIEWER_HEADERS_H

#include "base/slice.h"
#include "viewer/output.h"

/* The header block of a message: up to and with its last field; ends where a line is neither a
 * field nor a continuation (as postcat -h does). */
struct slice headers_block(struct slice message);

/* Sends HEADER for each field, then HOP for each Received, within viewer_proto's limits. */
void headers_send(struct output *output, struct slice block);

#endif
