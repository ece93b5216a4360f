/* Compares what the spool source has seen with a listing. One listing proves nothing (it is a
 * stream, and the queue moves on under it): a difference is lasting when the same message differs
 * again in a second listing, after a fresh look at the spool. */
#ifndef READER_COMPARE_H
#define READER_COMPARE_H

#include <stdbool.h>

#include "base/loop.h"
#include "reader/helper_client.h"
#include "reader/seen.h"

struct compare;

struct compare_result {
	bool listed;  /* false: the listing could not be read, nothing is known */
	bool differs; /* something differs: look at the spool again, then compare once more */
	bool lasting; /* something differed the last time already */
	struct slice example; /* the ID of such a message */
	const char *how;      /* "is listed, but not in the spool", ... */
	struct error error;   /* when not listed */
};
typedef void (*compare_fn)(void *context, const struct compare_result *result);

struct compare *compare_create(struct loop *loop, struct helper_client *helper);
/* Accepts a pointer to NULL. */
void compare_destroy(struct compare **compare);

/* Starts one; `seen` must outlive it (compare_abort before it goes). `fn` is called once, not from
 * within this call. With `again` differences are held against those of the last one. */
void compare_start(
    struct compare *compare, struct seen *seen, bool again, compare_fn fn, void *context);
bool compare_running(const struct compare *compare);
void compare_abort(struct compare *compare);

#endif
