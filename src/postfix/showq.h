/* The stream of Postfix's showq service, of every version from 3.4 to 3.12 (docs/POSTFIX.md,
 * "Listings"; Postfix: showq/showq.c, util/attr_print0.c). Attributes are read by name, not by
 * position; unknown ones are ignored. A listing is complete only when its terminator came:
 * showq_complete. */
#ifndef POSTFIX_SHOWQ_H
#define POSTFIX_SHOWQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "postfix/listing.h"
#include "postfix/message.h"

/* A longer attribute name is no showq. Values are cut at MESSAGE_STRING_MAX. */
#define SHOWQ_NAME_MAX 64

enum showq_state {
	SHOWQ_NAME,  /* in or before the name of an attribute */
	SHOWQ_VALUE, /* in its value */
	SHOWQ_ENDED, /* the terminator of the listing was seen */
	SHOWQ_BROKEN,
};

struct showq {
	enum showq_state state;
	const char *problem; /* of SHOWQ_BROKEN */
	uint64_t messages;   /* given out so far */
	uint64_t skipped;    /* with a name that is no queue ID, or an unknown queue */
	/* Private. */
	bool in_message, in_announcement;
	bool bad_id, bad_queue;
	struct buffer name, value;
	bool value_cut;
	uint32_t have; /* attributes of the recipient under way */
	struct buffer recipient, original, reason, log_class;
	struct message message;
};

/* Zero-initialise before showq_begin; showq_free at the end. */
void showq_begin(struct showq *s);
/* Reads a chunk of any size; false when the stream is no showq's (then it stays false). */
bool showq_feed(struct showq *s, struct slice chunk, listing_fn fn, void *context);
/* True when the terminator was the last thing that came. Otherwise discard the listing. */
bool showq_complete(const struct showq *s);
void showq_free(struct showq *s);

#endif
