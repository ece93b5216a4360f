/* Follows the spool by its watches: what the watches tell (watch.h) goes to the source as hints,
 * and whether that can be relied on decides how often the queue is scanned. */
#ifndef READER_TRACKING_H
#define READER_TRACKING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/loop.h"
#include "exchange/exchange.h"
#include "reader/source.h"

struct tracking_client {
	void *context;
	/* Watched, or not to be had now: the scan may begin. Once for each tracking_prepare,
	 * perhaps from within it; not after tracking_end. */
	void (*ready)(void *context);
	/* A scan is needed: changes were missed. Each scan is to be prepared. */
	void (*scan)(void *context, const char *why);
	/* Every change up to that moment was given to the source, and it has nothing to do. At most
	 * every TRACKING_CURRENT_MS. */
	void (*current)(void *context, int64_t until_us);
};

/* How old what the page shows may seem while nothing happens. */
#define TRACKING_CURRENT_MS 5000

struct tracking;

/* The loop, the helper and what the client points to outlive it. */
struct tracking *tracking_create(
    struct loop *loop, struct exchange *helper, const struct tracking_client *client);
/* Accepts a pointer to NULL. */
void tracking_destroy(struct tracking **tracking);

/* Before a scan: makes sure of the watches, so that nothing comes between the two. `source`
 * gets the hints, until tracking_end. */
void tracking_prepare(struct tracking *tracking, struct source *source);
void tracking_end(struct tracking *tracking);

/* Whether every change is told. */
bool tracking_holds(const struct tracking *tracking);
/* Why not, a sentence for people with what to type; an empty code when it holds or was never
 * tried. */
const struct error *tracking_error(const struct tracking *tracking);

#endif
