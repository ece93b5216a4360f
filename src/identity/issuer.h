/* Questions about people, answered by asking an issuer: discovery, the token endpoint, the keys,
 * the userinfo endpoint. What the issuer publishes is kept for a while; of people nothing is. */
#ifndef IDENTITY_ISSUER_H
#define IDENTITY_ISSUER_H

#include "base/buffer.h"
#include "base/loop.h"
#include "wire/frame.h"

/* Questions under way; one more is told to come again. */
#define ISSUER_TASKS_MAX 32
/* How long what an issuer publishes is believed without looking again. Keys for less: one that is
 * withdrawn must not be good for long. */
#define ISSUER_METADATA_MS 3600000
#define ISSUER_KEYS_MS 600000

struct issuer;

/* `answer` sends a frame to the server. */
struct issuer *issuer_create(
    struct loop *loop, void (*answer)(void *context, const struct buffer *frame), void *context);
/* Accepts a pointer to NULL. */
void issuer_destroy(struct issuer **issuer);

/* DISCOVER or SIGN_IN; false for any other frame. */
bool issuer_begin(struct issuer *issuer, const struct frame *frame);
void issuer_cancel(struct issuer *issuer, uint32_t request);
/* Nobody waits for anything any more. */
void issuer_drop(struct issuer *issuer);

#endif
