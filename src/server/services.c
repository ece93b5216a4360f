/* What the API asks of other processes, and the audit. */
#include <stdlib.h>
#include <string.h>

#include "access/refusals.h"
#include "access/strangers.h"
#include "audit/audit.h"
#include "base/clock.h"
#include "server/measuring.h"
#include "watch/warning.h"

static const struct log_proto_status *log_status(void *context)
{
	struct server *server = context;
	return log_client_status(server->log);
}

static uint64_t content_open(void *context, struct slice id, enum queue queue,
    enum viewer_mode mode, uint32_t part, uint32_t text_bytes,
    const struct api_content_reader *reader)
{
	struct server *server = context;
	struct helper_view question = {.queue = (uint8_t)queue,
	    .id = id,
	    .mode = mode,
	    .part = part,
	    .limits = {.text_bytes = text_bytes}};
	/* What is shown has a bound of its own; else the viewer's defaults hold. */
	if (text_bytes > 0)
		question.limits.total_bytes = VIEWER_MESSAGE_MAX;
	return helper_link_view(server->helper, &question, reader);
}

static void content_cancel(void *context, uint64_t content)
{
	struct server *server = context;
	helper_link_view_cancel(server->helper, content);
}

static void content_pause(void *context, uint64_t content, bool pause)
{
	struct server *server = context;
	helper_link_view_pause(server->helper, content, pause);
}

static void warnings(
    void *context, void (*each)(void *data, const struct warning *warning), void *data)
{
	struct server *server = context;
	notices_each(server->notices, each, data);
}

static int postfix_running(void *context)
{
	struct server *server = context;
	return helper_link_postfix_running(server->helper);
}

static const char *source_kind(void *context)
{
	struct server *server = context;
	return feed_source(server->feed);
}

static bool source_failed(void *context)
{
	struct server *server = context;
	return feed_failed(server->feed);
}

static void people(
    void *context, void (*each)(void *data, const struct http_person *person), void *data)
{
	struct server *server = context;
	http_server_people(server->http, each, data);
}

void server_services(struct server *server, struct api_services *services)
{
	*services =
	    (struct api_services){server, log_status, content_open, content_cancel, content_pause,
		warnings, postfix_running, source_kind, source_failed, measuring_write, people};
}

/* ---- Audit ---- */

void server_audit(void *context, const struct http_request *rq, unsigned status)
{
	struct server *server = context;
	struct slice claimed;
	struct audit_entry entry = http_audit_entry(rq, status);

	/* Counted and summed up: a stranger must not be able to fill the audit, or push out what
	 * others did. */
	if (http_caller(rq)->via == VIA_NOTHING) {
		/* Whom a header names that was not a proxy's: the name that was tried. */
		if (!http_is_by_proxy(rq) && http_named_person(rq, &claimed))
			strangers_sign_in_failed(
			    server->api.strangers, claimed, http_peer(rq), clock_monotonic_ms());
		/* A sign-in that failed is counted where the name is known. */
		if (entry.action != AUDIT_SIGN_IN || (status != 401 && status != 429))
			strangers_refused(
			    server->api.strangers, status, http_peer(rq), clock_monotonic_ms());
		return;
	}
	if (status < 400 || refusals_take(server->refusals, &entry, clock_monotonic_ms()))
		audit_record(server->api.audit, &entry);
}

void server_audit_refusal(void *context, const struct audit_entry *entry)
{
	audit_record(context, entry);
}

bool server_audit_takes(void *context, enum audit_action action, struct error *err)
{
	struct server *server = context;

	return audit_takes(server->api.audit, action, err);
}
