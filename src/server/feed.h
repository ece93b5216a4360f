/* What the reader says, into the index: sightings, upserts, removals, scans, comparisons, and the
 * state of the source. What the reader waits for goes back to it. */
#ifndef SERVER_FEED_H
#define SERVER_FEED_H

#include "exchange/exchange.h"
#include "watch/notices.h"
#include "wire/frame.h"
#include "wire/reader_proto.h"

struct feed;
struct index;

/* Sends a frame to the reader; where there is none it is dropped. */
typedef void (*feed_send_fn)(void *context, const struct buffer *frame);

/* `reader` is for questions, `send` for what is none. Index, notices and the exchange outlive it.
 */
struct feed *feed_create(struct index *index, struct notices *notices, struct exchange *reader,
    feed_send_fn send, void *context);
void feed_destroy(struct feed **feed);

/* A reader is there, and has not begun. */
void feed_begin(struct feed *feed);

/* A frame of the reader. False when it is malformed (the reader is then to be left alone: a
 * supervisor starts another when this one dies of it). */
bool feed_frame(struct feed *feed, const struct frame *frame);
/* The reader is gone; a scan under way proves nothing. */
void feed_lost(struct feed *feed);

/* "spool", "listing" or NULL; whether the source cannot be read now. */
const char *feed_source(const struct feed *feed);
bool feed_failed(const struct feed *feed);
/* A process that it comes from (0 to 31) is not there or does not answer: feed_failed until all are
 * there, and the reader says after it that it is current. */
void feed_missing(struct feed *feed, unsigned process, bool missing);

#endif
