/* What an HTTP answer of the service says. */
#ifndef CLI_REPLY_H
#define CLI_REPLY_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

/* The JSON of an answer with a status of success (json_null for an empty one), which the caller
 * releases. Otherwise NULL with the code and the detail of the problem that it names, or bad_reply;
 * *column is then where a filter is wrong, in characters from 1, or 0. `where` is the service, for
 * messages. */
json_t *reply_read(
    const char *where, long status, struct slice text, int64_t *column, struct error *err);

#endif
