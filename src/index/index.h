/* The live queue in memory. Columns of fixed width and dictionaries of strings: a filter decides
 * each distinct string once and then scans numbers. One thread owns an index; nothing here blocks.
 *
 * What a source cannot tell is unknown (a flag), never 0. A message keeps the last known reason of
 * each recipient while Postfix itself has forgotten it (in active there is no defer log).
 *
 * Every live message has a row, a number that stays its own while the message is queued, and after
 * it has left for as long as a view (view.h) may show it. */
#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "filter/filter.h"
#include "postfix/diagnosis.h"
#include "postfix/message.h"

struct index;

struct index *index_create(void);
void index_free(struct index *ix);

/* ---- What the source says. `now` is Unix time in seconds throughout. ---- */

/* A message is there, new or changed. Recipients' reasons that the source no longer gives are kept
 * from before, when it is the same message (same ID and arrival, same inode where both know it).
 * Anything else under the same ID replaces the old message, which counts as gone. Times are kept
 * from 1970 to 2106 and clamped to that. */
void index_upsert(struct index *ix, const struct message *m);
/* That message will be told of soon: brings what its texts need nearer, which is in no cache once
 * there are a million of them. One step leads to the next, so some time should lie between them:
 * other messages' steps. Changes nothing of the index; none of the steps has to be taken. */
#define INDEX_EXPECTED_MAX 32 /* recipients; more would push one another out of the cache */
struct index_expected {
	uint32_t address[INDEX_EXPECTED_MAX], reason[INDEX_EXPECTED_MAX]; /* hashes; 0: none */
	size_t count;
	uint32_t sender, login, helo;
};
#define INDEX_EXPECT_STEPS 3
/* `step` from 0 on; the first fills *expected in. */
void index_expect(
    struct index *ix, const struct message *m, unsigned step, struct index_expected *expected);
/* The message is no longer in the queue. An ID that is not there is ignored (false). */
bool index_remove(struct index *ix, struct slice id);

/* A source starts to look through the whole queue, says how far it is, and has come to the end
 * (wire/reader_proto.h). In between the index goes on showing what it had. `reset`: the source has
 * forgotten what it told before, so after a complete scan what was not told since the begin is
 * gone. Otherwise, and after a scan that is not complete, nothing is concluded from silence;
 * index_unseen (sight.h) gives what to ask for.
 * `expected` is how many messages there will be (0: unknown). `started`: the view is at least as
 * new as this. */
void index_scan_begin(struct index *ix, bool reset, uint64_t expected);
void index_scan_progress(struct index *ix, uint64_t done, uint64_t expected);
void index_scan_end(struct index *ix, bool complete, int64_t started);
/* The source was looked at and this is still how things stand (moves as_of only). */
void index_touch(struct index *ix, int64_t now);
/* How many files are in the corrupt queue. */
void index_set_corrupt(struct index *ix, uint64_t count);

/* What became of a message that has left or is about to, where somebody knows more than "gone": a
 * few words such as "delivered" or "deleted by job 12". For the message with this ID and arrival
 * only; with arrival -1 for the one that has the ID now, else the one that had it last if nothing
 * is known of it. */
void index_set_fate(struct index *ix, struct slice id, int64_t arrival, struct slice fate);

/* A delete has this message on hold until it removes it, or is about to put it there; or has no
 * more: `removed` when that is because it was removed. Told by jobs/, also before the source has
 * told of the message. Only the message with this arrival, and this inode where both are known, is
 * meant. */
void index_set_deleting(
    struct index *ix, struct slice id, int64_t arrival, uint64_t inode, int64_t job);
void index_end_deleting(struct index *ix, struct slice id, int64_t job, bool removed);
/* All that there was to tell of the time before is told: until then nobody knows whether what is on
 * hold is to be deleted. */
void index_deleting_known(struct index *ix);
/* The job that has the row's message on hold to delete it; 0: none. */
int64_t index_deleting(const struct index *ix, uint32_t row);

/* How long Postfix tries mail, in seconds, and mail from the null sender; -1: not known. */
void index_set_lifetimes(struct index *ix, int64_t lifetime, int64_t bounce_lifetime);

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
void index_status(struct index *ix, struct index_status *out);

/* ---- One row ---- */

#define INDEX_ROW_NONE UINT32_MAX

/* O(1). INDEX_ROW_NONE when no such message is in the queue now. */
uint32_t index_find(const struct index *ix, struct slice id);

/* Whether the row's message is in the queue now. */
bool index_live(const struct index *ix, uint32_t row);

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
/* False when the row belongs to nobody. */
bool index_row(const struct index *ix, uint32_t row, struct index_row *out);

/* Its numbers alone, for those who count a million rows. False when the row belongs to nobody. */
struct index_brief {
	enum queue queue;
	bool left, null_sender;
	uint32_t recipient_count;
	int64_t arrival, create_time; /* create_time -1: not known */
	uint64_t size;
};
bool index_brief(const struct index *ix, uint32_t row, struct index_brief *out);

struct index_recipient {
	struct slice address;
	struct slice original; /* empty: the same, or not known */
	struct slice reason;   /* empty: none known */
	struct slice dsn;      /* of the reason, "4.2.2"; empty: not known */
	struct slice remote;   /* the host that answered or was tried; empty: not known */
	bool reason_current;   /* false: the last known one, from before the attempt under way */
	uint32_t flags;	       /* enum message_recipient_flag */
};
/* Recipient `n` of a row (less than recipient_kept), in the source's order; false past the end. */
bool index_recipient(const struct index *ix, uint32_t row, uint32_t n, struct index_recipient *out);

/* The diagnosis of the row's first waiting recipient with a reason; NULL when there is none. */
const struct diagnosis *index_diagnosis(struct index *ix, uint32_t row);
/* The diagnosis of one recipient's reason. */
const struct diagnosis *index_recipient_diagnosis(struct index *ix, uint32_t row, uint32_t n);

/* Classes and diagnoses of reasons are found when somebody asks for them, or before, here: at most
 * `budget` reasons a call, three microseconds each. False when there is nothing (more) to do now.
 * Not while a source begins again: what it tells comes first. */
bool index_settle(struct index *ix, unsigned budget);

/* ---- Filters and pages ---- */

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
	/* The filter was given up where it began to cost seconds (run.h): some rows are undecided
	 * for that reason alone. */
	bool too_costly;
};

#define INDEX_PAGE_MAX 1000
/* Senders are put in order by so many bytes of their address, so that a page's key stays short. */
#define INDEX_SENDER_SORT_BYTES 256
/* A page of at most `limit` (1 to INDEX_PAGE_MAX) rows in the order of `sort`. `after` is the
 * `next` of the page before, or empty; keyed by the sort key and ID of its last row, so that a
 * moving queue neither repeats nor skips rows. `next` (may be NULL) gets the key of the following
 * page, or stays empty at the end. `filter` NULL: everything. invalid_cursor in `err`. Returns how
 * many rows, or -1. */
int index_page(struct index *ix, const struct filter *filter, struct index_sort sort,
    struct slice after, uint32_t limit, int64_t now, uint32_t *rows, struct index_match *match,
    struct buffer *next, struct error *err);

/* Only the totals. */
void index_count(
    struct index *ix, const struct filter *filter, int64_t now, struct index_match *match);

/* ---- Kept over a restart ---- */

/* Writes the whole index to `path` (a new file beside it, then rename). */
bool index_save(struct index *ix, const char *path, struct error *err);
/* Fills an empty index; state INDEX_RESTORED. A file that is absent, damaged or of another version
 * leaves the index empty and returns false (not_found, invalid_file). */
bool index_restore(struct index *ix, const char *path, struct error *err);

#endif
