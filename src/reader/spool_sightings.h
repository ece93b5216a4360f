/* Sightings on their way to the server, and its answers: which of them it wants. As many frames are
 * under way as wire/reader_proto.h allows; the rest waits here in the order in which it was seen.
 */
#ifndef READER_SPOOL_SIGHTINGS_H
#define READER_SPOOL_SIGHTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "reader/spool_work.h"
#include "wire/frame.h"

struct spool_sightings;

struct spool_sightings_client {
	void *context;
	void (*send)(void *context, const struct buffer *frame);
	/* The server takes no more for now: spool_sightings_pump later. */
	bool (*congested)(void *context);
	/* The answer for one sighting, in the order of their frames. */
	void (*answered)(void *context, const struct spool_item *item, bool wanted);
};

struct spool_sightings *spool_sightings_create(const struct spool_sightings_client *client);
/* Accepts a pointer to NULL. */
void spool_sightings_destroy(struct spool_sightings **sight);

/* What a look or a listing says of a file: struct reader_proto_sighting's. */
struct spool_sighting {
	uint32_t signature, log_stamp;
	int64_t mtime;
};
/* `item` is copied. */
void spool_sightings_add(struct spool_sightings *sight, const struct spool_item *item,
    const struct spool_sighting *seen);
/* Sends what may be sent. */
void spool_sightings_pump(struct spool_sightings *sight);
/* A WANTED frame; false when it answers nothing. */
bool spool_sightings_wanted(struct spool_sightings *sight, const struct frame *frame);
/* Sightings that have no answer yet. */
size_t spool_sightings_pending(const struct spool_sightings *sight);
/* Whether everything that was added was sent. */
bool spool_sightings_all_sent(const struct spool_sightings *sight);
/* Forgets what was not sent yet. */
void spool_sightings_forget(struct spool_sightings *sight);

#endif
