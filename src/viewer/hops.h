/* The way of a message, from its Received headers (RFC 5321, 4.4). */
#ifndef VIEWER_HOPS_H
#define VIEWER_HOPS_H

#include "base/buffer.h"
#include "wire/viewer_proto.h"

/* Reads one header's raw value, folds and all. The hop's slices point into `text`, which is cleared
 * first. What is not there is empty; nothing is refused. */
void hops_parse(struct slice raw, struct buffer *text, struct viewer_hop *hop);

#endif
