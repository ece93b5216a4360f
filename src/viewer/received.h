/* The trace fields of a message (RFC 5321, 4.4): who received it from whom, when. Pure. */
#ifndef VIEWER_RECEIVED_H
#define VIEWER_RECEIVED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* "" where a clause is absent. Slices point into the value. */
struct received {
	struct slice from, by, with, id, for_;
	struct slice date; /* what follows the last ';', for the date parser */
};

/* Takes an unfolded value of a Received field apart. Clauses are told by their keywords outside of
 * comments; the comment behind `from` (the name and address that the host saw) stays with it. */
struct received received_parse(struct slice value);

#endif
