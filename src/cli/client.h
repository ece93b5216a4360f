/* The API from the command line's side: over the service's Unix socket, or over HTTP(S) with a
 * token. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

/* A page of 1,000 messages with long reasons is a few megabytes; more than this is not our service.
 */
#define CLIENT_REPLY_MAX ((size_t)256 << 20)

struct client;

/* Where the service is: a Unix socket, or a URL (http:// or https://) with a token. */
struct client_target {
	const char *socket; /* NULL where there is a URL */
	const char *url, *token;
	const char
	    *ca_file; /* authorities of its certificate, instead of the system's; may be NULL */
	const char *const *headers; /* further ones, up to NULL; may be NULL */
};

/* A certificate is always verified. Errors: bad_url, io_error. */
struct client *client_create(const struct client_target *target, struct error *err);
void client_destroy(struct client **client);

/* One request below /api/v1. `body` is taken over (NULL for none). Returns what the reply says
 * (json_null for an empty one), which the caller releases, or NULL: with the code and detail of the
 * problem that the service names, or unreachable, bad_reply. */
json_t *client_call(
    struct client *client, const char *method, const char *path, json_t *body, struct error *err);

/* GET of something that is no JSON: its bytes, as they come, go to `take`, which ends it by false
 * (then nothing is said in `err`). False with the service's problem, unreachable or bad_reply. */
bool client_fetch(struct client *client, const char *path,
    bool (*take)(void *context, struct slice bytes), void *context, struct error *err);

/* From now on each request, as a whole, takes at most so long. */
void client_limit(struct client *client, unsigned milliseconds);

/* Where the filter of the last call is wrong, in characters from 1; 0 when it is not. */
int64_t client_fault_column(const struct client *client);

/* Appends `name=value` to a path under construction: "?" or "&" before it, the value escaped.
 * Nothing for a NULL value. */
void client_query(struct buffer *path, const char *name, const char *value);

#endif
