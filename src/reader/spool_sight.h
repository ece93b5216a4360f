/* Sightings on their way to the server, and its answers: which of them it wants. As many frames are
 * under way as wire/reader_proto.h allows; the rest waits here in the order in which it was seen.
 */
#ifndef READER_SPOOL_SIGHT_H
#define READER_SPOOL_SIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "reader/spool_work.h"
#include "wire/frame.h"

struct spool_sight;

struct spool_sight_client {
	void *context;
	void (*send)(void *context, const struct buffer *frame);
	/* The server takes no more for now: spool_sight_pump later. */
	bool (*congested)(void *context);
	/* The answer for one sighting, in the order of their frames. */
	void (*answered)(void *context, const struct spool_item *item, bool wanted);
};

struct spool_sight *spool_sight_create(const struct spool_sight_client *client);
/* Accepts a pointer to NULL. */
void spool_sight_destroy(struct spool_sight **sight);

/* What a look or a listing says of a file: struct reader_proto_sighting's. */
struct spool_seen {
	uint32_t signature, log_stamp;
	int64_t mtime;
};
/* `item` is copied. */
void spool_sight_add(
    struct spool_sight *sight, const struct spool_item *item, const struct spool_seen *seen);
/* Sends what may be sent. */
void spool_sight_pump(struct spool_sight *sight);
/* A WANTED frame; false when it answers nothing. */
bool spool_sight_wanted(struct spool_sight *sight, const struct frame *frame);
/* Sightings that have no answer yet. */
size_t spool_sight_pending(const struct spool_sight *sight);
/* Whether everything that was added was sent. */
bool spool_sight_all_sent(const struct spool_sight *sight);
/* Forgets what was not sent yet. */
void spool_sight_forget(struct spool_sight *sight);

#endif
