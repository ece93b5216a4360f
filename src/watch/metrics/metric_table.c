/* The table of all metrics. tools/metrics reads it, so each row begins with its number in brackets.
 *
 * The order is that of the output: Postfix's own first, then Postroom's, then the process's. */
#include "watch/metrics/metrics.h"

#include <string.h>

#define ROLES "helper reader logreader server notifier identity"
#define QUEUES "maildrop incoming active deferred hold corrupt"
#define ROUTES                                                                                     \
	"/api/v1/queue /api/v1/messages /api/v1/messages/{id} /api/v1/groups /api/v1/views "       \
	"/api/v1/views/{id}/rows /api/v1/previews /api/v1/jobs /api/v1/incidents /api/v1/series "  \
	"/metrics page other"

static const struct metric_row rows[METRICS] = {
    [METRIC_UP] = {"postfix_up", METRIC_GAUGE, "", "", NULL, 1,
	"Whether Postfix's master runs; absent where that is not known, as behind a command prefix",
	"the helper, every 10 s"},
    [METRIC_INFO] = {"postfix", METRIC_INFORMATION, "", "version source", NULL, 1,
	"Version of Postfix, and where its queue is read from", "postconf, the reader"},
    [METRIC_QUEUE_MESSAGES] = {"postfix_queue_messages", METRIC_GAUGE, "", "queue", QUEUES, 6,
	"Messages in each queue now, with what a delete has on hold", "the index"},
    [METRIC_QUEUE_BYTES] = {"postfix_queue_bytes", METRIC_GAUGE, "bytes", "queue", QUEUES, 6,
	"Size of the messages in each queue", "the last survey"},
    [METRIC_QUEUE_RECIPIENTS] = {"postfix_queue_recipients", METRIC_GAUGE, "", "queue", QUEUES, 6,
	"Recipients still to be delivered to, by queue", "the last survey"},
    [METRIC_QUEUE_OLDEST] = {"postfix_queue_oldest_message_age_seconds", METRIC_GAUGE, "seconds",
	"queue", QUEUES, 6, "Age of the oldest message of each queue; 0 for an empty one",
	"the last survey"},
    [METRIC_QUEUE_AGE_MESSAGES] = {"postfix_queue_age_messages", METRIC_GAUGE, "", "age_minutes",
	"5 10 20 40 80 160 320 640 1280 1280+", 10,
	"Messages by age, in the buckets of qshape: each goes up to so many minutes",
	"the last survey"},
    [METRIC_QUEUE_DIAGNOSIS_RECIPIENTS] = {"postfix_queue_diagnosis_recipients", METRIC_GAUGE, "",
	"diagnosis severity", NULL, METRICS_DIAGNOSES_MAX + 1,
	"Recipients that wait, by the diagnosis of why the last attempt failed; the most frequent",
	"the last survey"},
    [METRIC_QUEUE_EXPIRING] = {"postfix_queue_expiring_messages", METRIC_GAUGE, "", "within",
	"1h 4h 24h", 3,
	"Messages whose lifetime ends within each span; those of the shorter are in the longer",
	"the last survey"},
    [METRIC_QUEUE_DUE] = {"postfix_queue_due_messages", METRIC_GAUGE, "", "", NULL, 1,
	"Messages that the queue manager may take up now, for all that is known",
	"the last survey"},
    [METRIC_RECEIVED_MESSAGES] = {"postfix_received_messages", METRIC_COUNTER, "", "way",
	"smtp local notice", 3, "Messages taken in, by the way that they came", "the mail log"},
    [METRIC_RECEIVED_RECIPIENTS] = {"postfix_received_recipients", METRIC_COUNTER, "", "", NULL, 1,
	"Recipients of the messages taken in", "the mail log"},
    [METRIC_ATTEMPTS] = {"postfix_delivery_attempts", METRIC_COUNTER, "", "", NULL, 1,
	"Attempts to deliver to a recipient that ended with a delivery, a deferral or a bounce",
	"the mail log"},
    [METRIC_DELIVERIES] = {"postfix_deliveries", METRIC_COUNTER, "", "result",
	"delivered deferred bounced expired", 4, "Recipients by what became of them",
	"the mail log"},
    [METRIC_DEFERRALS] = {"postfix_deferrals", METRIC_COUNTER, "", "diagnosis kind", NULL,
	METRICS_DIAGNOSES_MAX + 13, "Attempts that failed for now, by diagnosis and its kind",
	"the mail log"},
    [METRIC_DELIVERY_DELAY] = {"postfix_delivery_delay_seconds", METRIC_HISTOGRAM, "seconds", "",
	NULL, 15, "From a message's arrival to the delivery of a recipient", "the mail log"},
    [METRIC_DESTINATION_QUEUED] = {"postfix_destination_queued_recipients", METRIC_GAUGE, "",
	"destination", NULL, METRICS_DESTINATIONS_MAX + 1,
	"Recipients that wait, by domain; the largest, and all others together", "the last survey"},
    [METRIC_DESTINATION_OLDEST] = {"postfix_destination_oldest_message_age_seconds", METRIC_GAUGE,
	"seconds", "destination", NULL, METRICS_DESTINATIONS_MAX,
	"Age of the oldest message that waits for each of these domains; 0 where none does",
	"the last survey"},
    [METRIC_DESTINATION_LAST_SUCCESS] = {"postfix_destination_last_success_timestamp_seconds",
	METRIC_GAUGE, "seconds", "destination", NULL, METRICS_DESTINATIONS_MAX,
	"When each of these domains last took mail, to the minute; absent where it never did",
	"the mail log"},
    [METRIC_SENDER_TOP_SHARE] = {"postfix_sender_top_share_ratio", METRIC_GAUGE, "ratio", "by",
	"login client sender", 3,
	"Part of the queued messages that the largest login, client or sender has",
	"the last survey"},
    [METRIC_SPOOL_FREE_BYTES] = {"postfix_spool_free_bytes", METRIC_GAUGE, "bytes", "", NULL, 1,
	"Room left on the file system of the queue", "the helper, every 10 s"},
    [METRIC_SPOOL_SIZE_BYTES] = {"postfix_spool_size_bytes", METRIC_GAUGE, "bytes", "", NULL, 1,
	"Size of that file system", "the helper, every 10 s"},
    [METRIC_SPOOL_FREE_INODES] = {"postfix_spool_free_inodes", METRIC_GAUGE, "", "", NULL, 1,
	"Inodes left on that file system", "the helper, every 10 s"},
    [METRIC_SPOOL_INODES] = {"postfix_spool_inodes", METRIC_GAUGE, "", "", NULL, 1,
	"Inodes of that file system", "the helper, every 10 s"},
    [METRIC_QUEUE_MINFREE] = {"postfix_queue_minfree_bytes", METRIC_GAUGE, "bytes", "", NULL, 1,
	"With less room than this Postfix takes no mail: queue_minfree, or 1.5 times the largest "
	"message",
	"postconf"},
    [METRIC_QUEUE_ACTIVE_LIMIT] = {"postfix_queue_active_limit_messages", METRIC_GAUGE, "", "",
	NULL, 1, "Messages that fit into the active queue (qmgr_message_active_limit)", "postconf"},
    [METRIC_INCIDENTS] = {"postroom_incidents", METRIC_GAUGE, "", "severity", "note watch act", 3,
	"Incidents that are open, are not put aside and have no other as their cause",
	"the incidents, every 10 s"},
    [METRIC_ALERTS] = {"postroom_alerts", METRIC_COUNTER, "", "result",
	"sent failed given_up silenced", 4,
	"Alerts by what became of them; failed counts each try that will be made again",
	"the notifier"},
    [METRIC_ALERTS_WAITING] = {"postroom_alerts_waiting", METRIC_GAUGE, "", "", NULL, 1,
	"Alerts that are still to be sent", "the outbox of alerts"},
    [METRIC_ALERT_CHANNELS_FAILING] = {"postroom_alert_channels_failing", METRIC_GAUGE, "", "",
	NULL, 1, "Channels that did not take the last alert for them", "the outbox of alerts"},
    [METRIC_PAUSES] = {"postroom_pauses", METRIC_GAUGE, "", "kind", "domain provider sender login",
	4, "Pauses that have not ended, by what they hold back", "the store"},
    [METRIC_PAUSES_NOT_HOLDING] = {"postroom_pauses_not_holding", METRIC_GAUGE, "", "", NULL, 1,
	"Pauses among them that do not hold back what they should, as Postfix says",
	"postmap(1), when one is set and after a change"},
    [METRIC_PROBES] = {"postroom_probes", METRIC_COUNTER, "", "outcome", "ok warning bad failed", 4,
	"Tests of destinations and of our own address, by what they found; failed: they did not "
	"end",
	"the notifier"},
    [METRIC_JOBS] = {"postroom_jobs", METRIC_COUNTER, "", "action state", NULL, 24,
	"Jobs that have ended, by action and how", "the job engine"},
    [METRIC_JOB_MESSAGES] = {"postroom_job_messages", METRIC_COUNTER, "", "action outcome", NULL,
	48, "Messages of the jobs that have ended, by action and outcome", "the job engine"},
    [METRIC_SOURCE_READABLE] = {"postroom_source_readable", METRIC_GAUGE, "", "", NULL, 1,
	"Whether the queue is shown as it is now; while it is 0 nothing is told of the queue",
	"the reader"},
    [METRIC_SOURCE_AGE] = {"postroom_source_age_seconds", METRIC_GAUGE, "seconds", "", NULL, 1,
	"How old the picture of the queue is", "the reader"},
    [METRIC_SURVEY_AGE] = {"postroom_survey_age_seconds", METRIC_GAUGE, "seconds", "", NULL, 1,
	"How old the last survey of the queue is; up to 5 minutes where nothing changes",
	"the server"},
    [METRIC_LOG_READABLE] = {"postroom_log_readable", METRIC_GAUGE, "", "", NULL, 1,
	"Whether the mail log is read; while it is 0 nothing is told of what it counts",
	"the log reader"},
    [METRIC_LOG_LAG] = {"postroom_log_lag_seconds", METRIC_GAUGE, "seconds", "", NULL, 1,
	"How far back the last minute ends that was counted; up to 62 where all is well",
	"the log reader"},
    [METRIC_LOG_UNREADABLE_LINES] = {"postroom_log_unreadable_lines", METRIC_COUNTER, "", "", NULL,
	1, "Lines of the mail log that were too long, or had no time that can be read",
	"the log reader"},
    [METRIC_ROLE_UP] = {"postroom_role_up", METRIC_GAUGE, "", "role", ROLES, 8,
	"Whether each process of the service is there and answers", "the supervisor"},
    [METRIC_ROLE_RESTARTS] = {"postroom_role_restarts", METRIC_COUNTER, "", "role", ROLES, 8,
	"How often each process was started again", "the supervisor"},
    [METRIC_HTTP_DURATION] = {"postroom_http_request_duration_seconds", METRIC_HISTOGRAM, "seconds",
	"route", ROUTES, 13 * 8, "From a request's head to the beginning of its answer",
	"the server"},
    [METRIC_BUILD_INFO] = {"postroom_build", METRIC_INFORMATION, "", "version", NULL, 1,
	"Version of Postroom", "the server"},
    [METRIC_PROCESS_START] = {"process_start_time_seconds", METRIC_GAUGE, "seconds", "", NULL, 1,
	"When this process of the server began; its counters began with it", "the server"},
    [METRIC_PROCESS_CPU] = {"process_cpu_seconds", METRIC_COUNTER, "seconds", "", NULL, 1,
	"Processor time of the server", "getrusage(2)"},
    [METRIC_PROCESS_RESIDENT_MAX] = {"process_resident_memory_max_bytes", METRIC_GAUGE, "bytes", "",
	NULL, 1, "The most memory that the server ever had", "getrusage(2)"},
};

/* As RATE_DELAY_BOUNDS of base/rates.h has them; a test compares. */
static const double delay_bounds[] = {
    0.5, 1, 5, 15, 60, 300, 900, 3600, 14400, 43200, 86400, 345600};
/* An answer that nobody notices, a slow one, and one that people give up on. */
static const double request_bounds[] = {0.005, 0.025, 0.1, 0.5, 2.5};

const struct metric_row *metric_row(enum metric metric)
{
	return &rows[metric];
}

size_t metric_bounds(enum metric metric, const double **bounds)
{
	if (metric == METRIC_DELIVERY_DELAY) {
		*bounds = delay_bounds;
		return sizeof(delay_bounds) / sizeof(delay_bounds[0]);
	}
	*bounds = request_bounds;
	return metric == METRIC_HTTP_DURATION ? sizeof(request_bounds) / sizeof(request_bounds[0])
					      : 0;
}

const char *metrics_route(const char *pattern)
{
	struct slice all = SLICE(ROUTES), route;

	/* What no route takes is the page. */
	if (pattern[0] == '\0')
		return "page";
	while (slice_split(&all, ' ', &route))
		if (slice_is(route, pattern))
			return pattern;
	return METRICS_OTHER;
}
