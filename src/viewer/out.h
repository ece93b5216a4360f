/* The way out of the viewer, as frames; where they go is the owner's. */
#ifndef VIEWER_OUT_H
#define VIEWER_OUT_H

#include "base/buffer.h"
#include "base/slice.h"
#include "wire/viewer_proto.h"

struct out {
	/* Takes the frame; its memory stays. */
	void (*send)(void *context, struct buffer *frame);
	void *context;
	struct buffer frame; /* for the caller to encode into */
};

/* Sends out->frame. */
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
