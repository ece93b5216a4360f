/* Which lines of the log about a message are told to whoever sees a part of the queue: the log has
 * lines about all recipients, also those that he must not know of. */
#ifndef API_MESSAGE_PART_H
#define API_MESSAGE_PART_H

#include "base/buffer.h"
#include "query/query.h"
#include "wire/log_proto.h"

/* Zero-initialised is somebody who sees everything. */
struct message_part {
	bool scoped;		 /* he sees a part */
	bool whole;		 /* but all recipients of this message that are known */
	struct buffer addresses; /* of those that he sees, each ended by a NUL */
};

/* Notes what he sees of a message now: when the log has answered, the row may be another's. */
void message_part_note(struct message_part *part, struct query *q, const struct query_scope *scope,
    const struct query_message *message);
void message_part_free(struct message_part *part);

/* Whether an event of the message is told. */
bool message_part_tells(const struct message_part *part, const struct log_proto_event *event);

#endif
