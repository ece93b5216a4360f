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
struct measuring;
struct auditing;
struct refusals;

struct server {
	uv_loop_t loop;
	struct link *control;
	struct role_config config;
	bool assembled; /* the first CONFIG came and everything below is there */
	bool listening, stopping;
	bool sandbox_told; /* the audit has that the kernel closes less than all */
	int exit_status;

	struct notices *notices;
	struct index *index;
	struct snapshot *snapshot;
	struct store *store;
	struct exchange *questions[CONTROL_ROLES]; /* to the roles that are asked; others: NULL */
	struct feed *feed;
	struct link *reader, *notifier, *identity;
	struct helper_link *helper;
	struct log_client *log;
	struct log_rates *rates;
	struct http_router *router;
	struct http_server *http;
	/* What metrics.listen answers with; the listener is NULL where there is none. */
	struct http_router *metrics_router;
	struct http_server *metrics_http;
	struct pages *pages;
	struct work *work;
	struct measuring *measuring;
	struct auditing *auditing;
	struct refusals *refusals;
	struct api api;

	uv_poll_t store_poll, hashing_poll, audit_poll;
	uv_timer_t live_timer, care_timer, access_timer, settle_timer;
	uint64_t told_generation, told_notices;
	int64_t told_as_of;
};

/* services.c: what the API asks of other processes. */
void server_services(struct server *server, struct api_services *services);
/* Writes who did what, and counts what strangers were refused; for http_router_set_audit, with the
 * server as context. */
void server_audit(void *server, const struct http_request *rq, unsigned status);
/* Of refusals.h, with the audit as context. */
void server_audit_refusal(void *audit, const struct audit_entry *entry);
bool server_audit_takes(void *server, enum audit_action action, struct error *err);

/* assembly.c: makes all parts when the configuration is known, and takes them apart. */
bool server_assemble(struct server *server);
void server_dismantle(struct server *server);

/* What may change while it runs (SIGHUP). */
void server_use_config(struct server *server);
/* A (new) channel to the reader; to the notifier; to the identity. */
void server_reader_attach(struct server *server, int fd);
void server_notifier_attach(struct server *server, int fd);
void server_identity_attach(struct server *server, int fd);

/* control.c: a frame of the supervisor. */
void server_control(void *server, struct frame *frame);
void server_control_down(void *server);

#endif
