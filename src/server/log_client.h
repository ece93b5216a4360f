/* The channel to the log reader, and what it tells by itself. */
#ifndef SERVER_LOG_CLIENT_H
#define SERVER_LOG_CLIENT_H

#include <uv.h>

#include "exchange/exchange.h"
#include "watch/notices.h"
#include "wire/log_proto.h"

struct log_client;

struct log_client_events {
	void *context;
	/* A requeue, a postsuper line, a delivery, trouble of a Postfix program. */
	void (*arrived)(void *context, const struct log_proto_event *event);
	/* What was counted of a minute: its head, then its counts (log_proto_get_tally). */
	void (*minute)(void *context, const struct log_proto_minute *minute, struct cursor *counts);
	/* What came again and again: its head, then each (log_proto_get_repeat). */
	void (*repeats)(
	    void *context, const struct log_proto_repeats *head, struct cursor *repeats);
};

/* Down until log_client_attach. The exchange stays the caller's, who ticks it; it outlives this. */
struct log_client *log_client_create(uv_loop_t *loop, struct notices *notices,
    struct exchange *questions, const struct log_client_events *events);
/* Ends all questions to it first. */
void log_client_destroy(struct log_client **client);
/* A (new) log reader. */
void log_client_attach(struct log_client *client, int fd);
/* Before each wait: polls for writing where something waits to be sent. */
void log_client_update(struct log_client *client);

/* From now on every event of these messages is told (log_client_events.arrived). Nothing happens
 * while the log reader is not there. When LOG_PROTO_FOLLOW_MAX is near, earlier ones are let go. */
void log_client_follow(struct log_client *client, const struct slice *ids, size_t count);
/* Asks for what was counted from that time on (Unix seconds), and is to come. Nothing happens while
 * the log reader is not there. */
void log_client_count(struct log_client *client, int64_t from);
/* Stops or goes on receiving, answers too. */
void log_client_pause(struct log_client *client, bool pause);
/* As it last said; NULL when it is not there. */
const struct log_proto_status *log_client_status(const struct log_client *client);
/* It goes on: it tells its status every two seconds by itself, however little is logged. False when
 * nothing has come for LOG_CLIENT_SILENT_MS, though all was received: then what it said last is not
 * how things are. */
#define LOG_CLIENT_SILENT_MS 30000
bool log_client_is_heard(const struct log_client *client);

#endif
