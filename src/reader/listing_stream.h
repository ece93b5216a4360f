/* One listing from its beginning to its end: through the showq socket, or from `postqueue -j` where
 * there is a command prefix, or where showq does not answer (as root postqueue reads the queue
 * itself then). */
#ifndef READER_LISTING_STREAM_H
#define READER_LISTING_STREAM_H

#include <stdbool.h>

#include "base/error.h"
#include "base/loop.h"
#include "exchange/exchange.h"
#include "postfix/listing.h"

struct listing_stream;

struct listing_stream_client {
	void *context;
	listing_fn message;
	/* Called once, never from within listing_stream_start. `err` is NULL when the listing is
	 * complete. */
	void (*done)(void *context, const struct error *err);
};

/* With `command` showq is not tried. */
struct listing_stream *listing_stream_start(struct loop *loop, struct exchange *helper,
    bool command, const struct listing_stream_client *client);
/* Stops reading while the server takes no more; may be called from `message`. */
void listing_stream_pause(struct listing_stream *stream, bool paused);
/* After a complete listing: postqueue read the queue files itself, because the mail system is down.
 */
bool listing_stream_postfix_down(const struct listing_stream *stream);
/* Breaks off without calling done. Accepts a pointer to NULL; call it after done too. */
void listing_stream_stop(struct listing_stream **stream);

#endif
