/* The MIME parts of a message: as a list with their texts, or one of them as bytes. */
#ifndef VIEWER_PARTS_H
#define VIEWER_PARTS_H

#include <stdint.h>

#include "base/slice.h"
#include "viewer/charset.h"
#include "viewer/output.h"

/* Sends PART for each part, depth first, and TEXT for those that are text to be shown. */
void parts_send(struct output *output, const struct charsets *charsets, struct slice message,
    const struct viewer_limits *limits);

/* Sends PART and BYTES of part `number`; *cut when it was longer than limits->total_bytes. False
 * with no_such_part. */
bool parts_send_one(struct output *output, struct slice message, uint32_t number,
    const struct viewer_limits *limits, bool *cut, struct error *err);

#endif
