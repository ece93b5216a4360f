/* Translates what other processes say into what incidents are told by: nothing in src/watch knows
 * of frames. */
#include "server/watching.h"

#include "api/incidents.h"
#include "postfix/log_line.h"

/* The list changes at most every ten seconds, and when somebody writes a note. */
#define CHANGED_PACE_MS 1000

static bool source_reads(void *context)
{
	const struct server *server = context;

	return !feed_failed(server->feed);
}

static int postfix_running(void *context)
{
	const struct server *server = context;

	return helper_link_postfix_running(server->helper);
}

void watching_log_state(void *context, struct incident_log *out)
{
	const struct server *server = context;
	const struct log_proto_status *status = log_client_status(server->log);

	*out = (struct incident_log){0};
	/* Of one that hangs, neither that the log is read nor that it is being counted. */
	if (status == NULL || !log_client_is_heard(server->log))
		return;
	out->known = status->state == LOG_PROTO_INDEXING || status->state == LOG_PROTO_FOLLOWING;
	out->newest = status->newest_us / 1000000;
	out->oldest = status->oldest_us != INT64_MAX ? status->oldest_us / 1000000 : 0;
}

static void changed(void *context, uint64_t version)
{
	struct server *server = context;

	http_events_publish(server->api.events, "incidents", "incidents", CHANGED_PACE_MS,
	    json_pack("{sI}", "version", (json_int_t)version));
	api_incidents_changed(&server->api);
}

struct incident_watch *watching_create(struct server *server)
{
	const struct incident_watch_events events = {
	    server, source_reads, watching_log_state, postfix_running, changed};

	return incident_watch_create(
	    server->store, server->api.query, server->notices, server->rates, &events);
}

static void alerts_place(void *context, struct alerts_place *out)
{
	const struct server *server = context;
	const char *host = role_config_fact(&server->config, "myhostname");
	struct slice url = slice_of(role_config_get(&server->config, "http.public_url"));

	while (slice_ends_with(url, "/"))
		url.len--;
	*out = (struct alerts_place){url, host != NULL ? slice_of(host) : SLICE("localhost")};
}

static void alerts_changed(void *context, uint64_t version)
{
	struct server *server = context;

	http_events_publish(server->api.events, "alerts", "alerts", CHANGED_PACE_MS,
	    json_pack("{sI}", "version", (json_int_t)version));
}

static void alerts_counted(void *context, const char *result)
{
	const struct server *server = context;

	metrics_count(server->api.metrics, METRIC_ALERTS, result, NULL, 1);
}

struct alert_watch *watching_alerts(struct server *server)
{
	const struct alert_watch_events events = {
	    server, alerts_place, source_reads, alerts_changed, alerts_counted};

	return alert_watch_create(server->store, server->questions[CONTROL_ROLE_NOTIFIER],
	    server->notices, server->api.incidents, &events);
}

void watching_status(struct incident_watch *watch, const struct helper_status *status)
{
	const struct incident_host host = {.postfix_running = status->prefix ? -1 : status->running,
	    .postfix_since = status->running_since,
	    .bytes_free = status->bytes_free,
	    .bytes = status->bytes,
	    .inodes_free = status->inodes_free,
	    .inodes = status->inodes};

	incident_watch_set_host(watch, &host);
}

void watching_log_event(struct incident_watch *watch, const struct log_proto_event *event)
{
	const struct incident_problem problem = {.at = event->time_us / 1000000,
	    .process = event->process,
	    .severity = event->severity,
	    .text = event->reason};

	if (event->event == LOG_EVENT_PROBLEM)
		incident_watch_add_problem(watch, &problem);
}

void watching_repeats(
    struct incident_watch *watch, const struct log_proto_repeats *head, struct cursor *repeats)
{
	struct incident_repeat_seen seen[INCIDENT_REPEATS_MAX];
	struct log_proto_repeat repeat;
	size_t count = 0;

	while (count < INCIDENT_REPEATS_MAX && log_proto_get_repeat(repeats, &repeat))
		seen[count++] = (struct incident_repeat_seen){
		    repeat.message_id, repeat.times, repeat.sender, repeat.text};
	incident_watch_set_repeats(watch, head->as_of, seen, count);
}

static int64_t number_fact(const struct role_config *config, const char *name)
{
	const char *text = role_config_fact(config, name);
	uint64_t value;

	return text != NULL && slice_to_u64(slice_of(text), &value) && value <= INT64_MAX
		   ? (int64_t)value
		   : -1;
}

void watching_facts(struct incident_watch *watch, const struct role_config *config)
{
	const char *mynetworks = role_config_fact(config, "mynetworks");
	int64_t minfree = number_fact(config, "queue_minfree");
	int64_t limit = number_fact(config, "message_size_limit");
	struct incident_settings settings = {.mynetworks = slice_of(mynetworks),
	    .active_limit = number_fact(config, "qmgr_message_active_limit"),
	    .queue_minfree = minfree};

	/* As smtpd does (smtpd_check_queue), which takes no mail below the larger of both. */
	if (limit > 0 && limit + limit / 2 > minfree)
		settings.queue_minfree = limit + limit / 2;
	incident_watch_set_settings(watch, &settings);
}
