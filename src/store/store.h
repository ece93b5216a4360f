/* The database on a thread of its own, so that a million job items never stall a request. The
 * owner's thread asks, the store's thread runs SQL, and the answer comes back on the owner's
 * thread: poll store_fd() for reading and call store_dispatch(). Bound to no event loop.
 *
 * Work is a function on a `struct db` (db.h), usually one line that calls accounts_, samples_,
 * job_rows_, settings_rows_ or audit_ functions with what its argument carries:
 *
 *     static enum db_result find(struct db *db, void *context, struct error *err)
 *     {
 *             struct lookup *l = context;
 *             return samples_read(db, &l->range, err);
 *     }
 *     store_read(store, find, found, lookup);
 *
 * Requests run one after the other, in the order they were given. The thread never touches anything
 * but `context`, and the owner must not touch `context` until `done` was called. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>

#include "base/error.h"
#include "store/db.h"

struct store;

typedef enum db_result store_work(struct db *db, void *context, struct error *err);
/* Called on the owner's thread, from store_dispatch() or store_destroy(). `err` is filled in unless
 * the result is DB_OK. `context` belongs to the owner again. */
typedef void store_done(void *context, enum db_result result, const struct error *err);

/* Opens the database (see db_open for what happens where it is missing, broken or not writable) and
 * starts the thread. Never NULL: a store that could not be opened answers every request with
 * DB_REFUSED and the reason, so that the queue can still be read without it. */
struct store *store_create(const char *path);

/* Runs what was asked, calls its `done` functions, stops the thread and closes. Accepts a pointer
 * to NULL. */
void store_destroy(struct store **store);

int store_fd(const struct store *store);
void store_dispatch(struct store *store);

/* Asks for `work` outside a transaction (it only reads), or inside one that is committed when it
 * gives DB_OK and taken back otherwise. `done` may be NULL where nobody waits. */
void store_read(struct store *store, store_work *work, store_done *done, void *context);
void store_write(struct store *store, store_work *work, store_done *done, void *context);
/* The same for what nobody misses (depth samples, what the log tells later): refused with
 * store_full while the disk is full, so that the reserve is left to jobs. */
void store_write_optional(struct store *store, store_work *work, store_done *done, void *context);

/* The same for what people ask: of these at most STORE_ASKED_MAX wait. Beyond that `done` gets
 * DB_REFUSED with store_busy, at the next dispatch. What the engines ask is few by itself and never
 * refused, because an outcome must be written down. */
#define STORE_ASKED_MAX 256
void store_ask_read(struct store *store, store_work *work, store_done *done, void *context);
void store_ask_write(struct store *store, store_work *work, store_done *done, void *context);

/* What a person must know about the database, for the page and `postroom check`: DB_FINE, or one of
 * the others with the text. A disk that is nearly or quite full is told here, and writes that fail
 * (no reserve left, locked, read-only, broken) until one succeeds again. */
void store_health(const struct store *store, struct db_health *health);

/* Requests that have not been answered yet. */
unsigned store_pending(const struct store *store);

#endif
