/* Puts messages together out of the log, from single lines of theirs: looks in the blocks around
 * for all lines of that life of the queue ID, and for the other lives that the log ties to it
 * (log_trace.h says how). Step by step. */
#ifndef LOGREADER_LOG_GATHER_H
#define LOGREADER_LOG_GATHER_H

#include <stdbool.h>

#include "base/buffer.h"
#include "logreader/log_blocks.h"
#include "logreader/log_keys.h"
#include "wire/log_trace_proto.h"

/* Lives that are worked on at once. Further links are not followed. */
#define LOG_GATHER_LIVES_MAX 1024
/* Memory of the lines of one batch: enough for LOG_TRACE_LINES_MAX of them. */
#define LOG_GATHER_BYTES_MAX ((size_t)32 << 20)

/* Where a line stands. */
struct log_place {
	size_t block; /* number in log_blocks */
	uint64_t offset;
};

int log_place_compare(struct log_place a, struct log_place b);

/* One line of a life. */
struct log_record {
	struct log_place place;
	int64_t time_us;
	size_t from, len;     /* in log_gather_bytes: a log_proto_event */
	bool asked;	      /* it has what was asked for */
	bool active, watched; /* taken up by a queue manager; of the instance that is watched */
};

struct log_gather_life {
	char id[LOG_PROTO_ID_MAX + 1];
	size_t message;		 /* the same for all lives of one message */
	bool hit;		 /* what it began with; else a link led to it */
	bool cut;		 /* not all of its lines or links are there */
	struct log_place anchor; /* the line that it began with */
	struct log_place first,
	    last;		    /* of its lines; where it has none, of the line that named it */
	struct log_record *records; /* in no order */
	size_t record_count, record_room;
	/* the rest is log_gather.c's */
	uint64_t hash, message_id;
	bool begun, began_by_client, ended, closed, doubtful, dropped, claims;
	int64_t began_us, ended_us, oldest_us, claim_us;
	size_t claimer;
	size_t search;
};

struct log_gather;

/* All have to outlive it. `instance`: the syslog_name of the Postfix that is watched; empty: any.
 */
struct log_gather *log_gather_create(struct log_blocks *blocks, const struct log_asked *asked,
    const struct hash_key *key, struct slice instance);
void log_gather_destroy(struct log_gather **gather);

/* Forgets all, for the next batch. */
void log_gather_clear(struct log_gather *gather);
/* A line of that queue ID. Once for each ID in a batch. */
void log_gather_add(struct log_gather *gather, struct slice id, struct log_place place);
/* True when all messages are whole, as far as the log has them. */
bool log_gather_step(struct log_gather *gather, struct log_index *index);

/* All lives, also of messages without a hit: those are nobody's. */
size_t log_gather_count(const struct log_gather *gather);
const struct log_gather_life *log_gather_life(const struct log_gather *gather, size_t i);
struct slice log_gather_bytes(const struct log_gather *gather, const struct log_record *record);

#endif
