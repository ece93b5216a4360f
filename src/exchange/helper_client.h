/* The reader's side of its channel to the helper (wire/helper_proto.h): questions with a callback
 * for each frame of the answer. When the helper dies every open question ends with NULL; the
 * supervisor then sends a new channel. */
#ifndef EXCHANGE_HELPER_CLIENT_H
#define EXCHANGE_HELPER_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/loop.h"
#include "wire/channel.h"
#include "wire/frame.h"

struct helper_client;

/* One frame of the answer, or NULL: the helper is gone, no more will come. Returns true when the
 * answer is complete (ignored for NULL). */
typedef bool (*helper_client_fn)(void *context, struct frame *frame);

struct helper_client *helper_client_create(struct loop *loop);
/* Open questions end with NULL first. Accepts a pointer to NULL. */
void helper_client_destroy(struct helper_client **client);

/* A new channel takes the place of the old one, whose questions end with NULL. Takes the
 * descriptor. */
void helper_client_connect(struct helper_client *client, int fd);
bool helper_client_connected(const struct helper_client *client);

/* The number for the next question; encode the frame with it, then ask. */
uint32_t helper_client_next(struct helper_client *client);
/* False when there is no helper: the function is not called then. */
bool helper_client_ask(struct helper_client *client, uint32_t request, const struct buffer *frame,
    helper_client_fn fn, void *context);
/* Forgets all questions of that context; frames that still come for them are dropped. */
void helper_client_forget(struct helper_client *client, const void *context);
/* Once before each wait: tells the loop what to watch for. */
void helper_client_update(struct helper_client *client);

#endif
