/* The names of the queues. */
#include "base/queue.h"

#include <stddef.h>

static const char *const names[QUEUE_DIRECTORIES] = {
    [QUEUE_MAILDROP] = "maildrop",
    [QUEUE_ACTIVE] = "active",
    [QUEUE_INCOMING] = "incoming",
    [QUEUE_DEFERRED] = "deferred",
    [QUEUE_HOLD] = "hold",
    [QUEUE_CORRUPT] = "corrupt",
    [QUEUE_DEFER_LOGS] = "defer",
    [QUEUE_BOUNCE_LOGS] = "bounce",
};

const enum queue queue_order[QUEUE_COUNT] = {
    QUEUE_INCOMING, QUEUE_ACTIVE, QUEUE_DEFERRED, QUEUE_HOLD, QUEUE_MAILDROP, QUEUE_CORRUPT};

const char *queue_name(enum queue queue)
{
	return queue < QUEUE_COUNT ? names[queue] : NULL;
}

bool queue_parse(struct slice name, enum queue *queue)
{
	for (enum queue q = QUEUE_MAILDROP; q < QUEUE_COUNT; q++)
		if (slice_is(name, names[q])) {
			*queue = q;
			return true;
		}
	return false;
}

const char *queue_directory_name(unsigned directory)
{
	return directory < QUEUE_DIRECTORIES ? names[directory] : NULL;
}
