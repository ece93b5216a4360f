/* The way out of the viewer: frames to whoever asked, no faster than they are taken. */
#ifndef VIEWER_OUT_H
#define VIEWER_OUT_H

#include "base/buffer.h"
#include "base/slice.h"
#include "wire/channel.h"
#include "wire/viewer_proto.h"

struct out {
	struct channel *channel;
	struct buffer frame; /* for the caller to encode into */
};

/* Sends out->frame, waiting until it is taken. Ends the process when nobody listens any more. */
void out_send(struct out *out);

/* A NOTE. */
void out_note(struct out *out, const char *code, const char *text);
/* FAILED, the last frame. */
void out_failed(struct out *out, const char *code, const char *text);
/* BYTES, in pieces of VIEWER_CHUNK. */
void out_bytes(struct out *out, struct slice bytes);
/* A text in pieces that end between characters; `cut` and `damaged` go with the last. */
void out_text(struct out *out, uint32_t part, struct slice text, bool cut, bool damaged);

#endif
