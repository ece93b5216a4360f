/* Views: a filter and a sort order resolved once into a frozen, ordered list of rows (four bytes
 * each). The page scrolls through a view, a preview counts it, a job acts on it: all three see the
 * same messages. A row that has left the queue keeps its place and its last state.
 *
 * Views expire when nobody has read them for VIEW_IDLE_SECONDS, at VIEW_AGE_SECONDS in any case.
 * When there are more than VIEW_COUNT_MAX, or than VIEW_ROWS_MAX rows in them, the person who has
 * the most of that loses the one that he has not read for the longest time: nobody who makes many
 * pushes out those of others. */
#ifndef INDEX_VIEW_H
#define INDEX_VIEW_H

#include "index/index.h"

/* A page that is open asks at least every minute; a tab that slept longer takes a new view. */
#define VIEW_IDLE_SECONDS 600
/* Rows that left are kept in memory for as long as a view may show them: this bounds it. */
#define VIEW_AGE_SECONDS 14400
/* Some dozens of operators with some tabs each. */
#define VIEW_COUNT_MAX 200
/* Four bytes a row: all views together take at most 128 MiB. */
#define VIEW_ROWS_MAX (32u << 20)

#define VIEW_ID_SIZE 25 /* 24 characters [0-9a-f] and a NUL */

struct view;

/* Resolves a filter into a view of what is queued now. Never NULL: a view may be empty. The index
 * owns it. `filter` NULL: everything; `filter_text` is what the filter was parsed from, kept for
 * those who ask. */
const struct view *view_create(struct index *ix, const struct filter *filter,
    struct slice filter_text, struct index_sort sort, int64_t now);
/* Whose view it is: a number that is the same for all that one person makes. 0, as it begins:
 * nobody's, which counts as one person. */
void view_set_person(struct index *ix, struct slice id, uint64_t person);
/* How many views that person has. */
unsigned view_count_of(const struct index *ix, uint64_t person);
/* NULL once expired (the API answers 410) or never there. Counts as reading it. */
const struct view *view_find(struct index *ix, struct slice id, int64_t now);
/* Drops what has expired and frees rows that nobody can see any more; call every few seconds. */
void view_expire(struct index *ix, int64_t now);

const char *view_id(const struct view *v);
/* What its filter is joined with; NULL: nothing. */
const struct filter *view_scope(const struct view *v);
struct slice view_filter_text(const struct view *v);
struct index_sort view_sort(const struct view *v);
/* How many rows; totals as they were when it was made (with `undecided`: see index.h). */
uint32_t view_length(const struct view *v);
const struct index_match *view_match(const struct view *v);
int64_t view_as_of(const struct view *v);
/* The index was current when the view was made: only then may a job act on it. */
bool view_actionable(const struct view *v);
/* The row at `offset` (less than view_length), for index_row() and index_recipient(). */
uint32_t view_row(const struct view *v, uint32_t offset);
/* The offset of a message in the view, by looking at each row; false when it is not in it. */
bool view_offset_of(
    const struct index *ix, const struct view *v, struct slice id, uint32_t *offset);
/* How many messages match now that are not in the view (none for one of IDs), and how many of its
 * rows have left. Counted by running the filter, once a generation and second; where that takes
 * longer than a millisecond, so rarely that all views together cost a hundredth of a core: the
 * counts are some seconds old then. */
void view_changes(
    struct index *ix, const struct view *v, int64_t now, uint64_t *arrived, uint64_t *left);
/* From now on rows that leave are kept as long as a view would keep them, until view_unpin:
 * for whoever goes through the rows of a view while the queue moves. Both take the index's thread.
 */
struct view_pin;
struct view_pin *view_pin(struct index *ix);
/* Accepts a pointer to NULL. */
void view_unpin(struct view_pin **pin);
/* Gives back all views, when the index is freed. Pins stay their owners'. */
void views_free(struct index *ix);
/* Gives a view's memory back at once. An ID that is not there is ignored. */
void view_drop(struct index *ix, struct slice id);

#endif
