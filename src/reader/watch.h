/* Watches the queue directories by inotify, through a descriptor that the helper passes, and tells
 * what changed as hints. It never decides what to do about a loss: reader.c does. */
#ifndef READER_WATCH_H
#define READER_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/loop.h"
#include "exchange/exchange.h"
#include "reader/source.h"

enum watch_state {
	WATCH_OFF,	 /* nothing is watched, nobody asked */
	WATCH_BEGINNING, /* the helper watches all directories; events wait in the kernel, since
			    they cannot be told apart before their directories are known */
	WATCH_HOLDING,	 /* every directory is watched, events are read */
	WATCH_ADDING,	 /* as HOLDING, but the helper watches a new directory; events wait */
	WATCH_FAILED,	 /* it cannot be had now: changes are not told */
};

struct watch_sink {
	void *context;
	/* The answer to watch_begin: NULL, or why changes will not be told (a sentence for people,
	 * with what to type where the kernel's limits are too low). */
	void (*begun)(void *context, const struct error *err);
	/* Something happened to these. False: not now, the same and more come again later. */
	bool (*hints)(void *context, const struct source_hint *hints, size_t count);
	/* More changed than was told: a scan is needed, after a new watch_begin. */
	void (*lost)(void *context, const char *why);
};

struct watch;

/* The loop, the helper's client and what the sink points to outlive it. */
struct watch *watch_create(
    struct loop *loop, struct exchange *client, const struct watch_sink *sink);
/* Accepts a pointer to NULL. */
void watch_destroy(struct watch **watch);

/* Watches everything; again, where it does so already: it makes sure of every directory, which is
 * cheap. Not while BEGINNING. `begun` is called later, or from within. */
void watch_begin(struct watch *watch);
/* Watches nothing any more; an answer under way is not given. */
void watch_end(struct watch *watch);
enum watch_state watch_state(const struct watch *watch);
/* Unix time in microseconds up to which every change was given as a hint; 0 when not watching. */
int64_t watch_told_us(const struct watch *watch);

#endif
