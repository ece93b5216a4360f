/* What the API asks of other processes, and the audit. */
#include <stdlib.h>
#include <string.h>

#include "access/audit.h"
#include "access/strangers.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
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

struct record {
	int64_t at;
	char who[65], source[80], action[20], target[300], detail[20];
};

static enum db_result append(struct db *db, void *arg, struct error *err)
{
	const struct record *r = arg;
	struct audit_entry entry = {r->at, slice_of(r->who), slice_of(r->source),
	    slice_of(r->action), slice_of(r->target), slice_of(r->detail)};
	return audit_append(db, &entry, err);
}

static void appended(void *arg, enum db_result result, const struct error *err)
{
	const struct record *r = arg;

	/* Said in the log where the store cannot take it, so that it is written down somewhere. */
	if (result != DB_OK)
		log_warning("not in the audit (%s): %s from %s: %s %s: %s", err->text, r->who,
		    r->source, r->action, r->target, r->detail);
	free(arg);
}

void server_audit(void *context, const struct http_request *rq, unsigned status)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
	struct server *server = context;
	const char *name = http_caller(rq)->name;
	struct record *r;

	if (http_caller(rq)->via == CALLER_VIA_NOTHING) {
		strangers_refused(
		    server->api.strangers, status, http_peer(rq), clock_monotonic_ms());
		return;
	}
	r = memory_zero(1, sizeof(*r));
	r->at = clock_now();
	snprintf(r->who, sizeof(r->who), "%s", name[0] != '\0' ? name : "-");
	snprintf(r->source, sizeof(r->source), "%s", http_peer(rq));
	snprintf(r->action, sizeof(r->action), "%s", methods[http_method(rq)]);
	snprintf(r->target, sizeof(r->target), "%.*s", SLICE_ARGS(http_path(rq)));
	snprintf(r->detail, sizeof(r->detail), "%u", status);
	store_ask_write(server->store, append, appended, r);
}
