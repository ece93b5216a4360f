/* Looks at single messages by ID, through the helper's LOOK: where a message is now and as what,
 * without opening it. Asked in bites, a few at a time; answers come in the order of the answers,
 * which is not older than any LIST_BATCH that came before them. */
#ifndef READER_ID_LOOKUP_H
#define READER_ID_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "exchange/exchange.h"
#include "wire/helper_proto.h"

struct id_lookups;

/* Each ID that was pushed ends in exactly one of these. `tag` is the pusher's own. */
struct id_lookup_sink {
	void *context;
	/* It is there (record.name is the ID), ready or not: the mode says. */
	void (*found)(void *context, const struct helper_record *record, uint32_t tag);
	/* It is in no queue. */
	void (*absent)(void *context, struct slice id, uint32_t tag);
	/* Nothing is known: the helper is gone, or the file could not be looked at. */
	void (*failed)(void *context, struct slice id, uint32_t tag, const struct error *err);
	/* What was asked in one question is answered; ask for more, send what was gathered. NULL
	 * for none. */
	void (*answered)(void *context);
	/* True: ask no more until id_lookup_go_on. NULL for never. */
	bool (*congested)(void *context);
};

/* The client and what the sink points to outlive it. */
struct id_lookups *id_lookup_create(struct exchange *client, const struct id_lookup_sink *sink);
/* IDs that wait or are under way are forgotten, without a word. Accepts a pointer to NULL. */
void id_lookup_destroy(struct id_lookups **lookups);

/* `id` is a valid queue ID, `queue` (enum queue, HELPER_QUEUE_ANY or _GONE) where it is
 * looked for first. Nothing is asked before id_lookup_go_on. */
void id_lookup_push(struct id_lookups *lookups, struct slice id, uint8_t queue, uint32_t tag);
void id_lookup_go_on(struct id_lookups *lookups);

/* IDs that wait or are under way. */
size_t id_lookup_pending(const struct id_lookups *lookups);

#endif
