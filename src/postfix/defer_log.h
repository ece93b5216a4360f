/* The per-message logs of bounce(8): defer/<hash>/<ID> and bounce/<ID> (docs/POSTFIX.md, "Defer
 * logs"; Postfix: bounce/bounce_append_service.c, global/bounce_log.c). Blocks of "name=value"
 * lines, one block for a recipient, ended by an empty line. A block counts only once its empty line
 * is there: the writer may be in the middle of it. */
#ifndef POSTFIX_DEFER_LOG_H
#define POSTFIX_DEFER_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "postfix/message.h"

/* A longer line is cut here; Postfix's readers take lines of any length. */
#define DEFER_LOG_LINE_MAX 16384

struct defer_log_entry {
	struct slice recipient; /* external form */
	struct slice original;
	struct slice dsn_original; /* "rfc822;..." */
	uint64_t offset;     /* of the recipient's record in the queue file; 0 when not said */
	struct slice status; /* "4.2.0" */
	struct slice action; /* "delayed" */
	struct slice diag_type, diag_text;
	struct slice mta_type, mta_name;
	struct slice reason;
};

typedef void (*defer_log_fn)(void *context, const struct defer_log_entry *entry);

/* Zero-initialise; defer_log_free at the end. */
struct defer_log {
	struct buffer line;  /* the line under way */
	struct buffer block; /* "name=value" NUL for each line of the block under way */
};

void defer_log_reset(struct defer_log *log);
/* Calls `fn` for each block that this chunk ends. */
void defer_log_feed(struct defer_log *log, struct slice chunk, defer_log_fn fn, void *context);
void defer_log_free(struct defer_log *log);

/* Puts entries into the recipients of a message from a queue file: by offset, whatever the address
 * is, and without an offset by address. Where the log names another address (a REDIRECT), that
 * becomes the recipient's, and the file's its original. The message's texts grow; entries for
 * recipients that it does not have are dropped. With `bounced` the log is a bounce log: its
 * recipients are done and get MESSAGE_RECIPIENT_BOUNCED. defer_log_index_make after queue_file_step
 * said DONE; free with defer_log_index_free. */
struct defer_log_index {
	struct message *message;
	uint32_t *by_offset;  /* recipients in the order of their offsets */
	uint32_t *by_address; /* and of their addresses; made when the first entry needs it */
	bool bounced;
};
struct defer_log_index defer_log_index_make(struct message *message, bool bounced);
/* A defer_log_fn; the context is a struct defer_log_index. */
void defer_log_index_apply(void *index, const struct defer_log_entry *entry);
void defer_log_index_free(struct defer_log_index *index);

#endif
