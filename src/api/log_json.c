/* Collects what the log reader tells of one message, event by event, into attempts and events,
 * and ends with how far back the log reaches. */
#include "api/log_json.h"

#include <stdio.h>

#include "base/clock.h"
#include "postfix/log_line.h"

void log_json_init(struct log_json *log)
{
	log->attempts = json_array();
	log->events = json_array();
	log->of_cleanup = log->of_others = (struct buffer){0};
	log->part = false;
}

void log_json_free(struct log_json *log)
{
	json_decref(log->attempts);
	json_decref(log->events);
	buffer_free(&log->of_cleanup);
	buffer_free(&log->of_others);
}

/* With milliseconds: several attempts of one message fall into the same second. */
static json_t *time_json(int64_t us)
{
	char text[CLOCK_RFC3339_SIZE];
	int64_t seconds = us / 1000000;

	clock_rfc3339(seconds, text);
	text[CLOCK_RFC3339_SIZE - 2] = '\0'; /* without the Z */
	return json_sprintf("%s.%03dZ", text, (int)(us / 1000 % 1000));
}

static json_t *seconds_json(int64_t ms)
{
	return ms < 0 ? json_null() : json_real((double)ms / 1000);
}

/* Postfix's four: before the queue manager, in it, connecting, sending. */
static json_t *delays_json(const struct log_proto_event *e)
{
	if (e->delays_ms[0] < 0)
		return json_null();
	return json_pack("{so, so, so, so}", "before", seconds_json(e->delays_ms[0]), "active",
	    seconds_json(e->delays_ms[1]), "connect", seconds_json(e->delays_ms[2]), "transmit",
	    seconds_json(e->delays_ms[3]));
}

static json_t *attempt_json(const struct log_proto_event *e)
{
	/* Postfix writes `relay=none` where no host was reached. */
	bool contacted = e->relay.len > 0 && !slice_is(e->relay, "none");

	return json_pack("{so, so, so, so, so, so, so, so, so, so, so}", "at",
	    time_json(e->time_us), "queue_id", api_string(e->id), "recipient",
	    api_string(e->address), "original", api_string_or_null(e->orig_to), "relay",
	    contacted ? api_string(e->relay) : json_null(), "dsn", api_string_or_null(e->dsn),
	    "status", api_string(e->status), "text", api_string(e->reason), "delay",
	    seconds_json(e->delay_ms), "delays", delays_json(e), "tls", api_string_or_null(e->tls));
}

/* Words of the API: a hold by a rule and one by postsuper are the same to who reads them. */
static const char *verb_kind(uint8_t verb)
{
	switch (verb) {
	case LOG_VERB_REMOVED:
		return "removed";
	case LOG_VERB_REQUEUED:
		return "requeued";
	case LOG_VERB_HELD:
	case LOG_VERB_HOLD:
		return "held";
	case LOG_VERB_RELEASED:
		return "released";
	case LOG_VERB_EXPIRED:
		return "expired";
	default:
		return "other";
	}
}

static const char *event_kind(const struct log_proto_event *e)
{
	switch (e->event) {
	case LOG_EVENT_CLIENT:
		return "received";
	case LOG_EVENT_PICKUP:
		return e->other_id.len > 0 ? "requeued" : "received";
	case LOG_EVENT_MESSAGE_ID:
		return "message_id";
	case LOG_EVENT_ACTIVE:
		return "activated";
	case LOG_EVENT_EXPIRED:
		return "expired";
	case LOG_EVENT_REMOVED:
		return "removed";
	case LOG_EVENT_NOTIFIED:
		return "notified";
	case LOG_EVENT_POSTSUPER:
	case LOG_EVENT_FILTERED:
		return verb_kind(e->verb);
	default:
		return "other";
	}
}

/* A few words for a person, out of what the kind of event has. */
static void append_text(struct buffer *out, const struct log_proto_event *e, bool part)
{
	switch (e->event) {
	case LOG_EVENT_CLIENT:
		buffer_printf(out, "from %.*s", SLICE_ARGS(e->relay));
		if (e->status.len > 0)
			buffer_printf(out, ", signed in as %.*s", SLICE_ARGS(e->status));
		break;
	case LOG_EVENT_PICKUP:
		if (e->other_id.len > 0)
			buffer_printf(out, "was %.*s before", SLICE_ARGS(e->other_id));
		else
			buffer_printf(out, "on this host, by user %u", e->uid);
		break;
	case LOG_EVENT_MESSAGE_ID:
		buffer_append_slice(out, e->address);
		break;
	case LOG_EVENT_ACTIVE:
		if (!part)
			buffer_printf(
			    out, "%u recipient%s, ", e->recipients, e->recipients == 1 ? "" : "s");
		buffer_printf(
		    out, "%llu byte%s", (unsigned long long)e->size, e->size == 1 ? "" : "s");
		break;
	case LOG_EVENT_NOTIFIED:
		buffer_printf(out, "as %.*s", SLICE_ARGS(e->other_id));
		break;
	case LOG_EVENT_SKIPPED:
		buffer_append_string(out,
		    "skipped: an earlier attempt is still delivering it; taken up again later");
		break;
	default:
		buffer_append_slice(out, e->reason);
		break;
	}
}

void log_json_event(struct log_json *log, const struct log_proto_event *e)
{
	BUFFER_AUTO struct buffer text = {0};

	if (e->event == LOG_EVENT_DELIVERY) {
		json_array_append_new(log->attempts, attempt_json(e));
		return;
	}
	append_text(&text, e, log->part);
	/* Kept for explain_maildrop in messages.c, the last one of each. */
	if (e->event == LOG_EVENT_PROBLEM) {
		struct buffer *last =
		    slice_is(e->process, "cleanup") ? &log->of_cleanup : &log->of_others;

		buffer_clear(last);
		buffer_append_slice(last, buffer_slice(&text));
	}
	/* What Postfix says of a file has the ID within its text ("open active ID: ..."). */
	json_array_append_new(
	    log->events, json_pack("{so, so, ss, so}", "at", time_json(e->time_us), "queue_id",
			     api_string(e->id.len > 0 ? e->id : e->other_id), "kind", event_kind(e),
			     "text", api_string(buffer_slice(&text))));
}

/* What cleanup says is the cause; pickup only says that it could not go on. */
struct slice log_json_trouble(const struct log_json *log)
{
	return buffer_slice(log->of_cleanup.len > 0 ? &log->of_cleanup : &log->of_others);
}

/* The worst first: only one is told, and it should explain what is missing. */
static json_t *problem_json(const struct log_proto_end *end, const struct log_proto_status *status)
{
	if (!end)
		return json_string("the log reader is not running");
	if (end->error.len > 0)
		return api_string(end->error);
	if (status && status->state == LOG_PROTO_FAILED)
		return api_string(status->text);
	if (status && status->state == LOG_PROTO_INDEXING)
		return json_string("the log is still being read: older attempts may follow");
	if (end->truncated)
		return json_string("there are more events than can be shown: the newest are here");
	if (!end->complete)
		return json_string("the log does not reach back to the message's arrival");
	return json_null();
}

void log_json_finish(struct log_json *log, const struct log_proto_end *end,
    const struct log_proto_status *status, json_t *body)
{
	bool available = end && end->error.len == 0;
	/* INT64_MAX: no line has been read yet. */
	bool reaches = status && status->oldest_us != INT64_MAX;

	json_object_set(body, "attempts", log->attempts);
	json_object_set(body, "events", log->events);
	json_object_set_new(body, "log",
	    json_pack("{sb, so, so}", "available", available, "from",
		reaches ? api_time(status->oldest_us / 1000000) : json_null(), "problem",
		problem_json(end, status)));
}
