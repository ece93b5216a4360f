/* The parts of the server role, shared by the files of this folder that join them. */
#ifndef SERVER_INTERNAL_H
#define SERVER_INTERNAL_H

#include <uv.h>

#include "api/api.h"
#include "exchange/exchange.h"
#include "http/server.h"
#include "server/feed.h"
#include "server/helper_link.h"
#include "server/link.h"
#include "server/log_client.h"
#include "watch/notices.h"
#include "watch/rates/log_rates.h"
#include "wire/control_proto.h"

struct pages;
struct snapshot;
struct work;

struct server {
	uv_loop_t loop;
	struct link *control;
	struct role_config config;
	bool assembled; /* the first CONFIG came and everything below is there */
	bool listening, stopping;
	int exit_status;

	struct notices *notices;
	struct index *index;
	struct snapshot *snapshot;
	struct store *store;
	struct exchange *questions[CONTROL_ROLES]; /* to the roles that are asked; others: NULL */
	struct feed *feed;
	struct link *reader;
	struct helper_link *helper;
	struct log_client *log;
	struct log_rates *rates;
	struct http_router *router;
	struct http_server *http;
	struct pages *pages;
	struct work *work;
	struct api api;

	uv_poll_t store_poll, hashing_poll;
	uv_timer_t live_timer, care_timer, settle_timer;
	uint64_t told_generation, told_notices;
	int64_t told_as_of;
};

/* services.c: what the API asks of other processes. */
void server_services(struct server *server, struct api_services *services);
/* Writes who did what, and counts what strangers were refused; for http_router_set_audit, with the
 * server as context. */
void server_audit(void *server, const struct http_request *rq, unsigned status);

/* assembly.c: makes all parts when the configuration is known, and takes them apart. */
bool server_assemble(struct server *server);
void server_dismantle(struct server *server);

/* What may change while it runs (SIGHUP). */
void server_use_config(struct server *server);
/* A (new) channel to the reader. */
void server_reader_attach(struct server *server, int fd);

/* control.c: a frame of the supervisor. */
void server_control(void *server, struct frame *frame);
void server_control_down(void *server);

#endif
