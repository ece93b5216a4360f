/* Server-Sent Events. A hub keeps the last events for readers that come back with Last-Event-ID and
 * passes new ones on to all who read. It paces: of the events that share a key only the latest is
 * sent, at most every `pace_ms`. A reader whose socket takes nothing more is closed, never buffered
 * for. */
#ifndef HTTP_EVENTS_H
#define HTTP_EVENTS_H

#include <uv.h>

#include "http/request.h"

struct http_events;

/* Readers at once; a browser shares one stream between its tabs. */
#define HTTP_EVENTS_READERS_MAX 500
/* Events kept for readers that come back. */
#define HTTP_EVENTS_KEPT 512

struct http_events *http_events_create(uv_loop_t *loop);
/* Ends all streams. Accepts a pointer to NULL. */
void http_events_destroy(struct http_events **events);

/* Gives an event to all readers. `key` (for example "job 12") names what it is about: a later event
 * with the same key replaces one that has not been sent yet. `pace_ms` 0 sends at once. Takes
 * `data` over. */
void http_events_publish(
    struct http_events *events, const char *name, const char *key, unsigned pace_ms, json_t *data);

/* The same for those who see a part of the queue (caller.scope), of whom each is told for himself:
 * what `tell` gives for his request (NULL: nothing), at once. They get nothing of what is given to
 * all, and nothing of it when they come back: it tells of what they may not see. Nor have their
 * events a number, which would count those of all.
 *
 * `tell` may say a version of what it gives: the same again, under the same name, is not sent. So
 * nothing comes where something has changed that is not theirs. 0: it is always sent. `name` is
 * kept. */
typedef json_t *http_events_tell(void *context, const struct http_request *rq, uint64_t *version);
void http_events_publish_each(
    struct http_events *events, const char *name, http_events_tell *tell, void *context);

/* Makes this request a reader: answers it with the stream. `first` (may be NULL, taken over) is the
 * data of a `queue` event that it gets at once, and `version` what http_events_tell would say of
 * it. */
void http_events_subscribe(
    struct http_events *events, struct http_request *rq, json_t *first, uint64_t version);

/* Ends the streams of a session or token that is over: its kind and its number (struct caller). */
void http_events_end(struct http_events *events, enum caller_via via, uint64_t id);
/* Ends all streams of an account (caller.user). */
void http_events_end_user(struct http_events *events, uint64_t user);

#endif
