/* The listing source: whole listings from showq or `postqueue -j`, compared with the one before. A
 * listing is a stream and not a moment: what is listed twice counts as last seen, and what is
 * missing from one listing is gone only when it is missing from the next one too. */
#ifndef READER_SOURCE_LISTING_H
#define READER_SOURCE_LISTING_H

#include <stdbool.h>

#include "base/loop.h"
#include "exchange/exchange.h"
#include "reader/source.h"

/* With `command` (a command prefix) only postqueue is asked. Freed by ops->destroy. */
struct source *source_listing_create(
    struct loop *loop, struct exchange *client, bool command, const struct source_sink *sink);

#endif
