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

#include "index/answer.h"

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
 * index_unseen (sightings.h) gives what to ask for.
 * `expected` is how many messages there will be (0: unknown). `started`: what is shown is at least
 * as new as this. */
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

/* What is held back from now on, instead of what was told before: all pauses that are in force, of
 * which the index keeps copies. Until it is told for the first time (also of none) nobody knows
 * which messages wait for one. */
void index_set_pauses(struct index *ix, const struct index_pause *pauses, size_t count);
/* The pause that the row's message waits for, or one of its waiting recipients does (the first of
 * them); that recipient `n` waits for. False: for none. Slices of *out end with the set. */
bool index_pause(const struct index *ix, uint32_t row, struct index_pause *out);
bool index_recipient_pause(
    const struct index *ix, uint32_t row, uint32_t n, struct index_pause *out);

/* How many messages wait for each of them, in the order in which they were told; a message may wait
 * for several. The caller frees *counts. */
size_t index_count_pauses(const struct index *ix, struct index_pause_count **counts);

/* How long Postfix tries mail, in seconds, and mail from the null sender; -1: not known. */
void index_set_lifetimes(struct index *ix, int64_t lifetime, int64_t bounce_lifetime);

/* ---- How it stands ---- */

void index_status(struct index *ix, struct index_status *out);

/* Counts changes; index_status has it, too. */
uint64_t index_generation(const struct index *ix);
/* The number above those of all rows. */
size_t index_rows(const struct index *ix);
/* The rows that made the generations after `since`, at most `max`, the oldest first and some of
 * them more than once; INDEX_ROW_NONE for what is beside the rows. Returns how many, or -1: too
 * many, or any row may have changed. */
int index_changed_rows(const struct index *ix, uint64_t since, uint32_t *rows, size_t max);

/* ---- One row ---- */

/* O(1). INDEX_ROW_NONE when no such message is in the queue now. */
uint32_t index_find(const struct index *ix, struct slice id);

/* Whether the row's message is in the queue now. */
bool index_live(const struct index *ix, uint32_t row);

/* What a row is. False when it belongs to nobody. */
bool index_row(const struct index *ix, uint32_t row, struct index_row *out);

/* The same for its numbers alone. */
bool index_brief(const struct index *ix, uint32_t row, struct index_brief *out);

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

/* index_status of what `scope` leaves (run/inside.h). What is not known of single messages is not
 * in it: nothing is known of the corrupt queue, and what tells of a scan or of the past is 0.
 * State, generation and as_of are those of the whole queue. */
void index_status_within(
    struct index *ix, const struct filter *scope, int64_t now, struct index_status *out);

/* ---- Kept over a restart ---- */

/* Writes the whole index to `path` (a new file beside it, then rename). */
bool index_save(struct index *ix, const char *path, struct error *err);
/* Fills an empty index; state INDEX_RESTORED. A file that is absent, damaged or of another version
 * predicates the index empty and returns false (not_found, invalid_file). */
bool index_restore(struct index *ix, const char *path, struct error *err);

#endif
