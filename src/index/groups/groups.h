/* Counts by key over what a filter, or a view, matches. */
#ifndef INDEX_GROUPS_H
#define INDEX_GROUPS_H

#include "index/index.h"

enum group_key {
	GROUP_QUEUE,
	GROUP_RECIPIENT_DOMAIN,
	GROUP_SENDER,
	GROUP_SENDER_DOMAIN,
	GROUP_REASON, /* classes: replies that differ only in addresses, IDs, numbers, times, hosts
			 are one */
	GROUP_CAUSE,
	GROUP_REMOTE_HOST,   /* that answered or was tried, in lower case */
	GROUP_REMOTE_DOMAIN, /* what hosts of one provider have in common: "outlook.com" */
	GROUP_AGE, /* qshape's buckets: the key is their upper bound in minutes, 5 to 1280, then
		      "1280+" */
	GROUP_CLIENT,
	GROUP_LOGIN,
	GROUP_KEY_COUNT
};
/* "queue", "recipient_domain", ... ("diagnosis" is another name for "cause"); false when there is
 * no such key. */
bool group_key_parse(struct slice text, enum group_key *key);
const char *group_key_name(enum group_key key);

/* Of a key by age: [from, to) in minutes; `to` 0: no end. */
void group_age_bounds(struct slice key, int *from, int *to);

/* A client's key is its name and address, "name[address]", cut here. */
#define GROUP_CLIENT_MAX 512

struct group {
	struct slice key;  /* empty: none (no reason known, no login); points into the groups */
	struct slice key2; /* with two keys */
	uint32_t number;   /* of `key`, within index/ */
	uint64_t messages; /* with at least one recipient in this group */
	uint64_t recipients;
	uint64_t bytes;			   /* of these messages */
	int64_t oldest_arrival;		   /* Unix seconds */
	const struct diagnosis *diagnosis; /* by reason or diagnosis; NULL: none */
};

struct groups {
	struct group *items; /* most messages first, then by key */
	size_t count;
	struct group other; /* what did not fit into `limit`, together; messages 0 when nothing */
	size_t other_groups;
	/* Recipients whose reason has no class and diagnosis yet, by these keys: among the others.
	 * Only of a queue that has just been loaded (index_settle). */
	uint64_t unsettled;
	struct index_match match;
	void *memory; /* what keys point to */
};

#define GROUPS_LIMIT_MAX 1000
/* Counts the messages that `filter` matches (NULL: all) by `keys` (one or two). The caller frees.
 */
void groups_count(struct index *ix, const struct filter *filter, const enum group_key *keys,
    size_t key_count, size_t limit, int64_t now, struct groups *out);
/* The same for given rows (a view's, less exceptions); rows that have left are not counted. */
void groups_count_rows(struct index *ix, const uint32_t *rows, size_t row_count,
    const enum group_key *keys, size_t key_count, size_t limit, int64_t now, struct groups *out);
void groups_free(struct groups *g);

/* ---- Two keys as a table ---- */

struct groups_cell {
	uint64_t messages, recipients, bytes;
};

/* Rows are the largest groups by the first key, columns the largest by the second; by age and by
 * queue all of them, in their own order. A message counts once in each sum that it belongs to, in
 * as many cells as its recipients are in. */
struct groups_table {
	struct group *rows, *columns;
	size_t row_count, column_count;
	/* What is beyond the rows, and beyond the columns, together; messages 0 when nothing is. */
	struct group other_row, other_column;
	/* (row_count + 1) times (column_count + 1), row by row; the last of each for what is
	 * beyond.
	 */
	struct groups_cell *cells;
	struct group total;
	struct index_match match;
	struct groups by_row, by_column; /* what the rows and columns belong to */
};

#define GROUPS_COLUMNS_MAX 50
/* Counts the messages that `filter` matches (NULL: all) by both keys, which differ. `limits` for
 * rows (at most GROUPS_LIMIT_MAX) and columns (at most GROUPS_COLUMNS_MAX). The caller frees. */
void groups_table_count(struct index *ix, const struct filter *filter, const enum group_key keys[2],
    const size_t limits[2], int64_t now, struct groups_table *out);
void groups_table_free(struct groups_table *t);

#endif
