/* One message of the queue as every source gives it (queue files, showq, postqueue -j). What a
 * source cannot know is marked as not known in `known`; its field is then empty and means nothing.
 *
 * All texts are valid UTF-8 without control characters: as Postfix's printable() does, each bad
 * byte and each control character became '?' on the way in, so sources agree and nobody downstream
 * has to escape twice. Addresses are in their external (RFC 822 quoted) form, as mailq prints them.
 */
#ifndef POSTFIX_MESSAGE_H
#define POSTFIX_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "postfix/queue_id.h"

/* One text of a message is cut here, at a whole character (MESSAGE_TEXT_CUT). Postfix's own lines
 * end at 2,048 bytes (line_length_limit); replies of many lines are joined and may be longer. */
#define MESSAGE_STRING_MAX 8192
/* More recipients than this are counted but not kept (MESSAGE_RECIPIENTS_CUT): four times the
 * largest list seen in practice, and 20 MB of pointers. */
#define MESSAGE_RECIPIENTS_MAX 200000
/* All texts of one message together; further recipients are counted but not kept. */
#define MESSAGE_TEXT_MAX ((size_t)48 << 20)

/* What of a message the source knows. */
enum message_known {
	MESSAGE_KNOWS_NEXT_RETRY = 1 << 0, /* only in deferred */
	MESSAGE_KNOWS_CREATE_TIME = 1 << 1,
	MESSAGE_KNOWS_FORCED_EXPIRE = 1 << 2, /* queue files; showq from 3.5 on */
	MESSAGE_KNOWS_ORIGIN = 1 << 3,
	MESSAGE_KNOWS_SUBJECT = 1 << 4,
	MESSAGE_KNOWS_FILE = 1 << 5,	/* inode, mtime_ns, changed_ns */
	MESSAGE_KNOWS_DETAILS = 1 << 6, /* recipients' original, dsn, remote, done */
	MESSAGE_KNOWS_REASONS = 1 << 7, /* the reasons are current: an empty one means none.
					   Not set while active: Postfix forgets them then. */
};

enum message_flag {
	MESSAGE_FORCED_EXPIRE = 1 << 0,
	MESSAGE_TEXT_CUT = 1 << 1,
	MESSAGE_RECIPIENTS_CUT = 1 << 2,
	MESSAGE_DAMAGED = 1 << 3, /* its file could not be read to the end; what was read is here */
};

enum message_recipient_flag {
	MESSAGE_RECIPIENT_DONE = 1 << 0, /* delivered, or failed for good: nothing left to do */
	MESSAGE_RECIPIENT_BOUNCED =
	    1 << 1, /* failed for good, the notice to the sender is not sent yet */
};

struct message_recipient {
	struct slice address;
	struct slice original; /* before aliases and rewriting; empty when the same or not known */
	struct slice
	    reason;	  /* why the last attempt failed; empty when there is none or not known */
	struct slice dsn; /* enhanced status code of that reason, "4.2.0"; empty when not known */
	struct slice remote; /* the host that gave it; empty when not known */
	uint64_t offset;     /* of its record in the queue file; 0 when not known */
	uint32_t flags;	     /* enum message_recipient_flag */
};

/* The sender of a damaged file that does not tell it: no address in its external form, so it is
 * never one, and never the null sender's. */
#define MESSAGE_SENDER_DAMAGED "(damaged)"

struct message_block;

struct message {
	char id[QUEUE_ID_SIZE];
	enum queue queue;
	uint32_t known;	 /* enum message_known */
	uint32_t flags;	 /* enum message_flag */
	int64_t arrival; /* Unix seconds: the first T record, MAIL FROM time; survives a requeue */
	uint64_t size;	 /* bytes, as mailq counts them */
	int64_t
	    next_retry; /* Unix seconds: the earliest next attempt (the deferred file's mtime) */
	int64_t
	    create_time; /* Unix seconds: what lifetimes are counted from; new after a requeue */
	uint64_t inode;
	int64_t mtime_ns;
	int64_t changed_ns; /* st_ctime: on hold not before it was put there; 0 not known */
	uint32_t signature; /* of its file's inode, size, mtime and those bits of its mode that mean
			       something, not of its queue: the same is the same file, unchanged.
			       0: none, from listings */
	uint32_t log_stamp; /* of its defer log, as the helper says (wire/helper_proto.h); 0: not
			       looked at */
	struct slice sender;	  /* empty: the null sender, of bounces */
	struct slice subject;	  /* folds joined, encoded words decoded (encoded_word.h) */
	struct slice client_name; /* the origin: who gave the message in */
	struct slice client_address;
	struct slice login; /* SASL login name */
	struct slice helo;
	uint32_t recipient_total; /* all recipients, done ones and those not kept too */
	uint32_t recipient_todo;  /* those still to be delivered to */
	struct message_recipient *recipients;
	size_t recipient_count;
	/* Owned by message.c. */
	size_t recipient_capacity;
	size_t text_size;
	struct message_block *blocks;
};

/* Makes an empty message in memory that holds anything. */
void message_init(struct message *m);
/* Empties for the next one, keeping some memory. */
void message_clear(struct message *m);
void message_free(struct message *m);
#define MESSAGE_AUTO __attribute__((cleanup(message_free)))

/* Keeps a copy of `text`, made printable and cut as above; lives until message_clear. */
struct slice message_keep(struct message *m, struct slice text);
/* The same, of an address as a queue file has it, which is quoted first (quote_822_local). */
struct slice message_keep_address(struct message *m, struct slice raw);
/* A new recipient at the end, zeroed, counted in recipient_total and recipient_todo; NULL when it
 * is only counted because of the limits. */
struct message_recipient *message_add_recipient(struct message *m);

/* Appends `text` as message_keep makes it: at most MESSAGE_STRING_MAX bytes. True when it was cut.
 */
bool message_printable(struct buffer *out, struct slice text);
/* Appends an address of a queue file in its external form: a local part that is no dot-string is
 * put in quotes (quote_822_local.c). 8-bit bytes are left alone. */
void message_quote_address(struct buffer *out, struct slice raw);

/* The message as bytes for another process (wire/reader_proto.h carries them), in any number of
 * frames. message_decode reads the same into `m`, which it clears first; its texts then point into
 * `bytes`, which have to outlive it. False when the bytes are no message. */
void message_encode(struct buffer *out, const struct message *m);
bool message_decode(struct message *m, struct slice bytes);

#endif
