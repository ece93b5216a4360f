/* Keeps the view of the spool live: what the watches tell (watch.h) goes to the source as hints,
 * and whether that can be relied on decides how often the whole queue is looked at. */
#ifndef READER_LIVE_H
#define READER_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/loop.h"
#include "exchange/exchange.h"
#include "reader/source.h"

struct live_client {
	void *context;
	/* Watched, or not to be had now: the whole look may begin. Once for each live_prepare,
	 * perhaps from within it; not after live_end. */
	void (*ready)(void *context);
	/* A whole look is needed: changes were missed. Each look is to be prepared. */
	void (*look)(void *context, const char *why);
	/* Every change up to that moment was given to the source, and it has nothing to do. At most
	 * every LIVE_CURRENT_MS. */
	void (*current)(void *context, int64_t until_us);
};

/* How old the time of the view on the page may be while nothing happens. */
#define LIVE_CURRENT_MS 5000

struct live;

/* The loop, the helper and what the client points to outlive it. */
struct live *live_create(
    struct loop *loop, struct exchange *helper, const struct live_client *client);
/* Accepts a pointer to NULL. */
void live_destroy(struct live **live);

/* Before a whole look: makes sure of the watches, so that nothing comes between the two. `source`
 * gets the hints, until live_end. */
void live_prepare(struct live *live, struct source *source);
void live_end(struct live *live);

/* Whether every change is told. */
bool live_holds(const struct live *live);
/* Why not, a sentence for people with what to type; an empty code when it holds or was never
 * tried. */
const struct error *live_error(const struct live *live);

#endif
