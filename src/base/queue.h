/* Postfix's queues: one enum and one table of names for all layers, from the directory on disk over
 * the wire and the index to the API and the command line. */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stdbool.h>

#include "base/slice.h"

/* In the order in which showq lists them. The numbers are on the wire and in stored jobs. */
enum queue {
	QUEUE_MAILDROP, /* given in locally, or requeued; pickup takes it from here */
	QUEUE_ACTIVE,	/* taken by the queue manager */
	QUEUE_INCOMING, /* new, or on its way into active */
	QUEUE_DEFERRED, /* waits for its next attempt */
	QUEUE_HOLD,	/* frozen until released */
	QUEUE_CORRUPT,	/* put aside as unreadable; in no listing */
	QUEUE_COUNT,	/* those above hold messages; also where a queue stands that nobody knows */
};

/* Beside them in the queue directory: directories of logs about messages. */
enum queue_directory { QUEUE_DEFER_LOGS = QUEUE_COUNT, QUEUE_BOUNCE_LOGS, QUEUE_DIRECTORIES };

/* As people are shown them: on the way of a message, then those that stand aside. */
extern const enum queue queue_order[QUEUE_COUNT];

/* "maildrop", "active", ...; NULL for other numbers, QUEUE_COUNT too. */
const char *queue_name(enum queue queue);
/* The opposite; false for any other name. */
bool queue_parse(struct slice name, enum queue *queue);
/* The directory of an enum queue or an enum queue_directory, below Postfix's queue directory. NULL
 * for other numbers. */
const char *queue_directory_name(unsigned directory);

#endif
