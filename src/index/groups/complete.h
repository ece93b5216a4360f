/* The values that a field has in the live queue, most frequent first: what is offered to somebody
 * who is typing a filter. One pass over the distinct values picks the largest by how often each is
 * used (rows that a view still shows count there), and only those texts are compared that could be
 * among them; one pass over the rows then counts the messages of the few that were picked. */
#ifndef INDEX_COMPLETE_H
#define INDEX_COMPLETE_H

#include "index/index.h"

enum complete_kind {
	COMPLETE_QUEUE,
	COMPLETE_SENDER, /* the null sender as the empty text */
	COMPLETE_SENDER_DOMAIN,
	COMPLETE_RECIPIENT,
	COMPLETE_RECIPIENT_DOMAIN,
	COMPLETE_REASON, /* classes, as groups give them */
	COMPLETE_CAUSE,	 /* keys; compared by their titles, too */
	COMPLETE_REMOTE_HOST,
	COMPLETE_CLIENT, /* "name[address]" */
	COMPLETE_LOGIN,
	COMPLETE_HELO,
	COMPLETE_SUBJECT
};

struct complete_value {
	struct slice text;		   /* points into the caller's memory */
	uint64_t messages;		   /* in the queue now, at least 1 */
	const struct diagnosis *diagnosis; /* of a diagnosis */
};

#define COMPLETE_MAX 50

/* The values that contain `typed` (without regard to ASCII case; with * or ? in it: that it matches
 * from the beginning), at most `limit` (at most COMPLETE_MAX); returns how many. */
size_t complete_values(struct index *ix, enum complete_kind kind, struct slice typed, size_t limit,
    struct buffer *memory, struct complete_value *out);

#endif
