/* The viewer's way out: frames to whoever asked, waiting while he is slow, at most OUTPUT_STALL_MS.
 */
#ifndef VIEWER_OUTPUT_H
#define VIEWER_OUTPUT_H

#include <stdbool.h>

#include "base/error.h"
#include "wire/channel.h"
#include "wire/viewer_proto.h"

/* A peer that takes nothing for so long has gone away without saying so. */
#define OUTPUT_STALL_MS 30000

struct output {
	struct channel *channel;
	struct buffer frame;
	bool gone; /* nobody listens any more: nothing is sent, and whoever works should stop */
};

/* Sends output->frame, which one of viewer_proto's encoders has filled in. False when the peer is
 * gone. */
bool output_send(struct output *output);

/* Bytes in pieces of at most VIEWER_CHUNK. */
bool output_bytes(struct output *output, struct slice bytes);

void output_note(struct output *output, const char *code, const char *text);
void output_failed(struct output *output, const struct error *err);

#endif
