/* The API from the command line's side: over the service's Unix socket, or over HTTP(S) with a
 * token. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* A page of 1,000 messages with long reasons is a few megabytes; more than this is not our service.
 */
#define CLIENT_REPLY_MAX ((size_t)256 << 20)

struct client;

/* One of the two: `socket_path`, or `url` (http:// or https://, without a path) and `token` (may be
 * NULL). Errors: bad_url, io_error. */
struct client *client_create(
    const char *socket_path, const char *url, const char *token, struct error *err);
void client_destroy(struct client **client);

/* One request below /api/v1. `body` is taken over (NULL for none). Returns what the reply says
 * (json_null for an empty one), which the caller releases, or NULL: with the code and detail of the
 * problem that the service names, or unreachable, bad_reply. */
json_t *client_call(
    struct client *client, const char *method, const char *path, json_t *body, struct error *err);

/* Where the filter of the last call is wrong, in characters from 1; 0 when it is not. */
int64_t client_fault_column(const struct client *client);

/* Appends `name=value` to a path under construction: "?" or "&" before it, the value escaped.
 * Nothing for a NULL value. */
void client_query(struct buffer *path, const char *name, const char *value);

#endif
