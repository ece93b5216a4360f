/* What the API asks of other processes, and the audit. */
#include <stdlib.h>
#include <string.h>

#include "access/audit.h"
#include "access/strangers.h"
#include "base/clock.h"
#include "server/internal.h"
#include "store/store.h"
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

void server_services(struct server *server, struct api_services *services)
{
	*services = (struct api_services){server, log_status, content_open, content_cancel,
	    content_pause, warnings, postfix_running, source_kind, source_failed};
}

/* ---- Audit ---- */

void server_audit(void *context, const struct http_request *rq, unsigned status)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
	struct server *server = context;
	const char *name = http_caller(rq)->name;
	char detail[300];

	/* Counted and summed up: a stranger must not be able to fill the audit, or push out what
	 * others did. */
	if (http_caller(rq)->via == CALLER_VIA_NOTHING) {
		strangers_refused(
		    server->api.strangers, status, http_peer(rq), clock_monotonic_ms());
		return;
	}
	if (status != 0)
		snprintf(detail, sizeof(detail), "%u %s", status, http_audit_text(rq));
	else
		/* Recorded too: what he asked for may have been done. */
		snprintf(detail, sizeof(detail), "left before the answer: %s", http_audit_text(rq));
	audit_record(server->store, &(struct audit_entry){.at = clock_now(),
					.who = slice_of(name[0] != '\0' ? name : "-"),
					.source = slice_of(http_peer(rq)),
					.action = slice_of(methods[http_method(rq)]),
					.target = http_path(rq),
					.detail = slice_trim(slice_of(detail))});
}
