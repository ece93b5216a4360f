/* The API as it is served, over a socket in this process: a small queue, handlers, router and HTTP,
 * with a caller whom the test makes up. Nothing of other processes: no log, no message is opened,
 * no job gets on; and a store that cannot be opened, unless the test has one. */
#ifndef API_API_TEST_WORLD_H
#define API_API_TEST_WORLD_H

#include "api/api.h"
#include "http/server.h"
#include "index/index.h"
#include "watch/incident_watch.h"

struct world {
	uv_loop_t loop;
	struct index *ix;
	struct api api;
	struct role_config config;
	struct http_router *router;
	struct http_server *http;
	struct store *store;
	struct exchange *reader;
	struct wire_ports *ports;
	struct notices *notices;
	struct log_rates *rates;
	char path[100];			   /* of the socket */
	struct caller caller;		   /* of all that is asked */
	unsigned opened;		   /* messages that were to be opened */
	struct api_content_reader opening; /* of the last of them; `end` NULL: it was told */
};

void world_start(struct world *w);
/* The same with this database. */
void world_start_with(struct world *w, const char *database);
void world_end(struct world *w);

/* Tells the queue of a message with everything that lists and details show. */
void world_message(struct world *w, const char *id, enum queue queue, const char *sender,
    const char *recipient, const char *reason);

/* Asks ("GET", "/api/v1/queue", NULL), and returns the status; `body` gets the answer's. */
unsigned world_ask(
    struct world *w, const char *method, const char *target, const char *json, struct buffer *body);
/* The same as a stream: what has come until `until` was seen, or an empty text when the server
 * ended it. `change` is called once after the first event. */
void world_stream(struct world *w, const char *target, void (*change)(struct world *w),
    const char *until, struct buffer *text);

#endif
