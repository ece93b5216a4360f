/* What groups and completions are answered with: types, and what needs no index to be said of them
 * (see index/answer.h). */
#ifndef INDEX_GROUPS_ANSWER_H
#define INDEX_GROUPS_ANSWER_H

#include "index/answer.h"

/* ---- Groups ---- */

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
void groups_table_free(struct groups_table *t);

/* ---- Surveys ---- */

/* So many of the largest are told by each key, and so many cells of each table. */
#define SURVEY_GROUPS_MAX 200
#define SURVEY_CELLS_MAX 1000
/* Mail is about to expire when its lifetime ends within so many seconds. */
#define SURVEY_EXPIRING (6 * 3600)
/* Mail is held for long when it is on hold and arrived before so many seconds. */
#define SURVEY_HELD_LONG 86400
/* Ages as qshape has them: five minutes, doubled eight times, and older. */
#define SURVEY_AGES 10
/* "5", "10", ... "1280", "1280+": minutes up to which each goes. */
const char *survey_age_name(unsigned age);
/* The spans within which lifetimes end: an hour, four, a day. */
#define SURVEY_SPANS 3
int64_t survey_span_seconds(unsigned span);

/* What there is of one queue, also what a delete has on hold. */
struct survey_queue {
	uint64_t messages, bytes, recipients;
};

struct survey_group {
	struct slice key; /* never empty, but of causes: not told. "<>": the null sender */
	uint64_t messages, recipients;
	int64_t oldest_arrival; /* Unix seconds */
	uint64_t spread;	/* of a cause: domains that wait with it; else 0 */
	uint32_t number;	/* of `key`, within index/ */
};
/* Recipients that wait for a destination, by the diagnosis of why. */
struct survey_cell {
	struct slice key,
	    cause; /* a domain, host or provider; the key of a diagnosis, empty: not told */
	uint64_t messages, recipients;
	int64_t oldest_arrival;
	struct slice quote; /* one of the replies; empty: none */
};
struct survey_groups {
	struct survey_group *items; /* most messages first */
	size_t count;
};
struct survey_cells {
	struct survey_cell *items; /* most messages first */
	size_t count;
};

/* What a survey finds. Mail that a delete has on hold is in none of it. */
struct survey_result {
	/* All that is queued: by SASL login, address of the client, envelope sender. */
	struct survey_groups logins, clients, senders;
	/* What waits for delivery (not on hold, not in maildrop). */
	struct survey_groups domains, causes;
	struct survey_cells domain_causes, host_causes, provider_causes;
	uint64_t domains_waiting;     /* also beyond `domains` */
	uint64_t null_sender_domains; /* for which mail of the null sender waits */
	bool expiring_known;	      /* lifetimes are known */
	uint64_t expiring;
	struct survey_groups expiring_senders;
	uint64_t held_long; /* without what a pause holds */
	struct survey_queue queues[QUEUE_COUNT];
	uint64_t ages[SURVEY_AGES]; /* messages, all that is queued */
	/* Of what waits: whose lifetime ends within each span (the shorter ones are in the longer
	 * ones), and that the queue manager may take up now. */
	uint64_t expiring_within[SURVEY_SPANS], due;
	uint64_t waiting_recipients; /* by domain, also beyond `domains` */
	int64_t oldest[QUEUE_COUNT]; /* arrival of the oldest there; 0: none */
	void *memory;		     /* what keys point to */
};
void survey_result_free(struct survey_result *result);

/* ---- Completions ---- */

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

#endif
