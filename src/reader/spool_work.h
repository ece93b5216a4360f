/* What the spool source has still to do with single messages: first in, first out, in one piece of
 * memory, which is given back when nothing is left. */
#ifndef READER_SPOOL_WORK_H
#define READER_SPOOL_WORK_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "postfix/queue_id.h"

enum spool_purpose {
	SPOOL_WANTED,  /* the server has it not, or not as it is now */
	SPOOL_BOUNCED, /* its bounce log is new or has grown */
	SPOOL_READ,    /* a READ asks for it */
};

struct spool_item {
	char id[QUEUE_ID_SIZE];
	uint8_t queue; /* where to look first */
	uint8_t purpose;
	uint8_t scan; /* number of the scan that waits for it; 0: none does */
	union {
		uint64_t inode;
		uint32_t request; /* of SPOOL_READ */
	};
};

struct spool_work {
	struct spool_item *items;
	size_t first, end, capacity;
	size_t sorted; /* up to here by queue and inode */
};

/* Zeroed but for its ID and queue; valid until the next push. */
struct spool_item *spool_work_push(struct spool_work *work, struct slice id, uint8_t queue);
/* The next one; NULL when there is none. Valid until the next push. */
struct spool_item *spool_work_first(struct spool_work *work);
void spool_work_drop_first(struct spool_work *work);
size_t spool_work_count(const struct spool_work *work);
void spool_work_clear(struct spool_work *work);

/* Puts the next ones in an order that suits a disk which has to be read: by inode, within each
 * queue. Some ten thousand at a time, as they come one directory after the other. */
void spool_work_sort(struct spool_work *work);

#endif
