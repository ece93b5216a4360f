/* Which messages a delete has on hold until it removes them: what jobs/ tells, by ID, arrival and
 * inode, whether or not the message is in the index yet. Each job has its own mark on a message.
 * 48 bytes a slot, at most half full.
 * Private to index/; what others call is in index.h. */
#ifndef INDEX_DELETE_MARKS_H
#define INDEX_DELETE_MARKS_H

#include <stdbool.h>

#include "index/columns/id_key.h"

struct index;

/* A message that a delete has on hold until it removes it (delete_marks.h). */
struct delete_mark {
	struct id_key id; /* all zero: an empty slot */
	uint64_t inode;	  /* 0: not known */
	uint32_t arrival;
	uint32_t job;
	uint32_t removed; /* 1: it has been removed, and is to leave the queue */
	uint32_t unused;
};
/* At most half full, open addressing. */
struct delete_marks {
	struct delete_mark *mark;
	uint32_t slots, used; /* slots: 0 or a power of two */
	uint64_t rows;	      /* live rows on hold that have a mark */
	bool known;	      /* all that there was before this process is told */
};
void delete_marks_free(struct delete_marks *d);
/* The mark of the message in a row, whatever queue it is in: the newest job's, where several mean
 * it. NULL when it has none. */
const struct delete_mark *delete_marks_find(const struct index *ix, uint32_t row);
/* The row's message has left the queue: so has its mark. */
void delete_marks_left(struct index *ix, uint32_t row);

#endif
