/* The index against a listing of the queue: does Postfix itself show what the operator sees? One
 * listing proves nothing, it is a stream and the queue moves on under it; server/comparison.h
 * decides. */
#ifndef INDEX_LISTING_COMPARISON_H
#define INDEX_LISTING_COMPARISON_H

#include "index/columns/sightings.h"

enum index_difference {
	INDEX_SAME,
	INDEX_NOT_THERE,     /* listed, and the index does not have it */
	INDEX_OTHER_MESSAGE, /* another arrival or size */
	INDEX_OTHER_QUEUE,   /* of deferred and hold, where messages rest; the others change */
	INDEX_NOT_LISTED,    /* only the index has it */
};

/* What a listing shows of a message. */
struct index_listed {
	struct slice id;
	enum queue queue;
	int64_t arrival; /* Unix seconds */
	uint64_t size;
};

/* A listing begins. */
void index_compare_begin(struct index *ix);
/* One message of it. One whose file is damaged may be shown in any way, or not at all. */
enum index_difference index_compare_listed(struct index *ix, const struct index_listed *listed);
/* After its end: messages in deferred and hold that were there when it began and that it did not
 * show; as index_unseen gives them. */
size_t index_compare_missing(
    const struct index *ix, uint32_t *from, struct index_unseen *out, size_t max);

#endif
