/* What the lines of one message say together: who sent it, to whom, and what became of each
 * recipient. Pure: lines in, in the order of time, the message out. It may have had several queue
 * IDs: through re-queues, through a content filter that gave it back, through a user's forwarding.
 * Each ID is a life of it.
 *
 * Postfix names a recipient only when an attempt for it ends. Until then nothing is known of it. */
#ifndef LOGREADER_LOG_MESSAGE_H
#define LOGREADER_LOG_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/log_trace_proto.h"

/* Recipients that are kept apart while the lines come. Beyond them only those that were asked for
 * are, up to twice as many. */
#define LOG_MESSAGE_RECIPIENTS_MAX 10000

struct log_message;

struct log_message *log_message_create(void);
void log_message_destroy(struct log_message **message);

/* A life, the oldest first, before the first line. Further ones than LOG_TRACE_IDS_MAX are not
 * told. */
void log_message_add_life(struct log_message *message, struct slice id);
/* One line of one of its lives. `asked`: it has what somebody asked for. */
void log_message_line(struct log_message *message, const struct log_proto_event *line, bool asked);
/* Lines or recipients are missing. */
void log_message_cut(struct log_message *message);

/* What is known after the last line. Slices live as long as the message; `last_us` is the newest
 * line that was asked for, 0 where none was. */
void log_message_head(const struct log_message *message, struct log_traced_message *head);
/* How many recipients are told: those that were asked for first. */
size_t log_message_count(const struct log_message *message);
void log_message_recipient(
    const struct log_message *message, size_t i, struct log_traced_recipient *recipient);

#endif
