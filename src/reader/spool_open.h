/* The opener of the spool source: asks the helper for descriptors of messages, batch by batch, and
 * reads what comes. Never a lock, never a write. */
#ifndef READER_SPOOL_OPEN_H
#define READER_SPOOL_OPEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "exchange/exchange.h"
#include "reader/message_file.h"
#include "reader/spool_work.h"

/* Batches under way: one is parsed while the helper opens others. Each comes in some frames of
 * bytes, or in one of up to 128 descriptors, which are the reader's only while it parses that
 * frame. */
#define SPOOL_OPEN_BATCHES 4
#define SPOOL_OPEN_ITEMS 64

enum spool_found {
	SPOOL_FOUND,	  /* `file` has it */
	SPOOL_ABSENT,	  /* in no queue */
	SPOOL_NOT_READY,  /* being written, or marked as corrupt and about to be moved */
	SPOOL_UNREADABLE, /* there; `error` says why */
	SPOOL_FAILED,	  /* nothing is known: the helper could not be asked; `why` */
};

struct spool_result {
	enum spool_found found;
	uint32_t error;
	enum queue queue;		 /* of SPOOL_FOUND */
	const struct message_file *file; /* until the function returns */
	const struct error *why;
};

struct spool_open;

struct spool_open_client {
	void *context;
	/* Once for each item. */
	void (*opened)(
	    void *context, const struct spool_item *item, const struct spool_result *result);
	/* A batch is over: there is room for another. */
	void (*room)(void *context);
	bool maildrop_by_record; /* struct queue_file_stat's */
};

struct spool_open *spool_open_create(
    struct exchange *helper, const struct spool_open_client *client);
/* Items that are under way get no result. Accepts a pointer to NULL. */
void spool_open_destroy(struct spool_open **open);

/* Items without a result. */
size_t spool_open_pending(const struct spool_open *open);
bool spool_open_has_room(const struct spool_open *open);
/* Takes the first items of `work` that one question can hold: of one queue. One whose bounce log is
 * to be read too stands alone; `has_bounce_log` says which those are. */
void spool_open_batch(struct spool_open *open, struct spool_work *work,
    bool (*has_bounce_log)(void *context, const struct spool_item *item));

#endif
