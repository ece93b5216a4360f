/* Streams what a listing shows of the queue to the server, which compares it with what it has
 * (wire/reader_proto.h, COMPARE_BEGIN). */
#ifndef READER_COMPARE_H
#define READER_COMPARE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/loop.h"
#include "exchange/exchange.h"
#include "wire/reader_proto.h"

struct compare;

struct compare_client {
	void *context;
	void (*listed)(void *context, const struct reader_proto_listed *listed);
	/* The listing is complete, or (err not NULL) could not be read. Not called from within
	 * compare_start. */
	void (*done)(void *context, const struct error *err);
	/* True while the server takes less than comes: nothing more comes until compare_resume. */
	bool (*congested)(void *context);
};

/* The loop and the helper outlive it. */
struct compare *compare_create(
    struct loop *loop, struct exchange *helper, const struct compare_client *client);
/* Accepts a pointer to NULL. */
void compare_destroy(struct compare **compare);

void compare_start(struct compare *compare);
bool compare_running(const struct compare *compare);
void compare_resume(struct compare *compare);
/* Breaks off, without `done`. */
void compare_abort(struct compare *compare);

#endif
