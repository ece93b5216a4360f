/* What the spool's reader sees of a message without opening it, and what the index makes of that:
 * wire/reader_proto.h tells the whole exchange. Signatures are those of struct message; what came
 * from a listing, or is damaged beyond that, has none (0) and is always wanted. */
#ifndef INDEX_SIGHTINGS_H
#define INDEX_SIGHTINGS_H

#include "index/index.h"

struct index_sighting {
	struct slice id;
	enum queue queue;
	uint32_t signature;
	uint32_t log_stamp; /* 0: not looked at */
	int64_t mtime;	    /* Unix seconds: in deferred the next retry */
};

/* A file of the queue was seen. True: it has to be read, because there is no message with that ID
 * and signature, because its defer log is another one, or because its reasons can be known again
 * now that it left active. False: it is known; it counts as told of in the scan under way, and is
 * moved where its queue is another one, with the next retry, the reasons' being current and the
 * counts as an upsert would set them. */
bool index_sighted(struct index *ix, const struct index_sighting *s);

/* Live messages that were there when the scan under way began and that it has told nothing of: what
 * is to be looked for. Their IDs and queues from row *from on, at most `max` of them; moves *from
 * on, to UINT32_MAX when there are no more. Returns how many. */
struct index_unseen {
	char id[QUEUE_ID_SIZE];
	enum queue queue;
};
size_t index_unseen(const struct index *ix, uint32_t *from, struct index_unseen *out, size_t max);

/* Forgets all signatures, so that every message is wanted when it is seen next. */
void index_forget_signatures(struct index *ix);

/* IDs and queues of the rows that `wanted` says yes to, as index_unseen gives them. Private to
 * index/. */
typedef bool sightings_wanted(const struct index *ix, uint32_t row);
size_t sightings_list(const struct index *ix, sightings_wanted *wanted, uint32_t *from,
    struct index_unseen *out, size_t max);

#endif
