/* Live events for the server: those of the kinds that it subscribed to, and all of the IDs that it
 * follows. A followed ID that is requeued is followed under its new ID too. */
#ifndef LOGREADER_LOG_PUSH_H
#define LOGREADER_LOG_PUSH_H

#include "base/buffer.h"
#include "base/hash.h"
#include "logreader/log_ids.h"
#include "postfix/log_line.h"
#include "wire/channel.h"
#include "wire/log_proto.h"

struct log_push {
	struct hash_key key;
	uint32_t kinds;
	struct log_ids followed;
	struct buffer frame; /* LIVE frame in the making; empty: none */
};

void log_push_init(struct log_push *push);
void log_push_free(struct log_push *push);
/* A new server knows nothing of what the former one asked for. */
void log_push_reset(struct log_push *push);

/* False when no more can be followed. */
bool log_push_follow(struct log_push *push, struct slice id);
void log_push_unfollow(struct log_push *push, struct slice id);
void log_push_unfollow_all(struct log_push *push);

/* Whether the server wants to know of this line; follows a requeue. */
bool log_push_wants(struct log_push *push, const struct log_line *line);
/* Sends the line if it is wanted; log_push_flush sends what is gathered. The channel may be NULL.
 */
void log_push_line(struct log_push *push, const struct log_line *line, struct channel *channel);
void log_push_flush(struct log_push *push, struct channel *channel);

#endif
