/* What the index answers with: types, and what needs no index to be said of them. Those who ask by
 * way of query/ see this header and no other of this folder. Slices point into the index and are
 * valid until its next change. */
#ifndef INDEX_ANSWER_H
#define INDEX_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "filter/filter.h"
#include "postfix/diagnosis.h"
#include "postfix/message.h"

/* ---- How it stands ---- */

enum index_state {
	INDEX_EMPTY,	/* nothing was ever loaded */
	INDEX_RESTORED, /* the last known queue from before a restart, as of `as_of` */
	INDEX_LOADING,	/* the first scan of this process's life is under way */
	INDEX_CURRENT	/* a complete scan has ended; changes have been followed since */
};

struct index_status {
	enum index_state state;
	uint64_t generation; /* counts changes */
	int64_t as_of;	     /* when the source was last known to be as shown; 0 never */
	uint64_t counts[QUEUE_COUNT];
	uint64_t corrupt; /* counted by the source; counts[QUEUE_CORRUPT] is always 0 */
	bool corrupt_known;
	uint64_t damaged; /* of the messages: whose files cannot be read to the end */
	uint64_t messages;
	uint64_t bytes;
	int64_t oldest_arrival; /* Unix seconds; only when messages > 0 */
	bool scanning;
	uint64_t loaded, expected;  /* of the scan under way; expected 0 when unknown */
	uint64_t deleting;	    /* of those on hold: to be deleted */
	uint64_t upserted, removed; /* since the index was created: messages new, messages gone */
};

/* ---- One row ---- */

#define INDEX_ROW_NONE UINT32_MAX

/* What a row is, in one look: enough to list it and to know it again. Slices point into the index
 * and are valid until the next change. */
struct index_row {
	char id[QUEUE_ID_SIZE];
	enum queue queue;
	uint32_t known;	 /* enum message_known: what is not known is zero or empty below */
	int64_t arrival; /* Unix seconds */
	uint64_t size;
	struct slice sender; /* empty: the null sender */
	uint64_t inode;
	uint32_t recipient_count; /* still to do */
	uint32_t
	    recipient_kept; /* for index_recipient: done ones too, fewer than there are when cut */
	bool recipients_cut;
	bool forced_expire;
	bool damaged; /* its file cannot be read to the end */
	int64_t next_retry;
	int64_t create_time; /* what lifetimes are counted from */
	struct slice client_name, client_address, login, helo, subject; /* empty: there is none */
	bool left;	   /* no longer in the queue; everything else is its last state */
	struct slice fate; /* when left: what became of it; empty: not known */
};

/* Its numbers alone, for those who count a million rows. False when the row belongs to nobody. */
struct index_brief {
	enum queue queue;
	bool left, null_sender;
	uint32_t recipient_count;
	int64_t arrival, create_time; /* create_time -1: not known */
	uint64_t size;
};

struct index_recipient {
	struct slice address;
	struct slice original; /* empty: the same, or not known */
	struct slice reason;   /* empty: none known */
	struct slice dsn;      /* of the reason, "4.2.2"; empty: not known */
	struct slice remote;   /* the host that answered or was tried; empty: not known */
	bool reason_current;   /* false: the last known one, from before the attempt under way */
	uint32_t flags;	       /* enum message_recipient_flag */
};

/* ---- Pauses ---- */

enum index_pause_kind {
	INDEX_PAUSE_DOMAIN,
	INDEX_PAUSE_PROVIDER, /* the domains whose mail goes to one remote host */
	INDEX_PAUSE_SENDER,   /* new mail of an envelope sender is put on hold whole */
	INDEX_PAUSE_LOGIN     /* the same of a SASL login */
};

/* One that is in force. Of a domain or provider those recipients wait whose domain is among
 * `domains`; of a sender or login, its messages on hold that have come since. */
struct index_pause {
	int64_t id;
	enum index_pause_kind kind;
	bool subdomains;     /* of the domains, too */
	uint32_t throttle_s; /* 0: nothing passes; else one message in so many seconds */
	struct slice key, by, reason;
	int64_t since, until;	     /* Unix seconds */
	const struct slice *domains; /* lower case, ASCII form; of a sender or login none */
	size_t domain_count;
};

/* How many messages wait for a pause. */
struct index_pause_count {
	int64_t id;
	struct slice key; /* until the pauses change */
	uint64_t messages;
};

/* ---- Pages ---- */

enum index_sort_field {
	INDEX_SORT_ARRIVAL,
	INDEX_SORT_SIZE,
	INDEX_SORT_SENDER,
	INDEX_SORT_NEXT_RETRY, /* unknown ones last, in both directions */
	INDEX_SORT_RECIPIENTS,
	INDEX_SORT_ID
};
struct index_sort {
	enum index_sort_field field;
	bool descending;
};
/* "arrival", "-size", ...; the empty text is the default (newest first). invalid_sort in `err`. */
bool index_sort_parse(struct slice text, struct index_sort *out, struct error *err);
/* The opposite: "-size". */
#define INDEX_SORT_NAME_SIZE 16
void index_sort_name(struct index_sort sort, char out[INDEX_SORT_NAME_SIZE]);

/* Totals of what a filter matches. */
struct index_match {
	uint64_t messages;
	uint64_t bytes;
	uint64_t generation;
	/* Rows for which the filter could not be decided because the source does not give a field
	 * or has not read it yet: they are not counted as matching. Not 0, or an index that is not
	 * current: an action on this filter must be refused with field_unavailable. */
	uint64_t undecided;
	enum filter_field undecided_field; /* one of them, when undecided > 0 */
	/* The filter was given up where it began to cost seconds (run/verdicts.h): some rows are
	 * undecided for that reason alone. */
	bool too_costly;
};

#define INDEX_PAGE_MAX 1000

#endif
