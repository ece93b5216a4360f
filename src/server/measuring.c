/* Fills in what only the server knows of: roles, jobs, the log reader's state, requests, the
 * process itself. What is known of Postfix is filled in by watch/metrics_gathering.h. */
#include "server/measuring.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/memory.h"
#include "server/watching.h"
#include "settings/pauses.h"
#include "watch/alert_watch.h"
#include "watch/metrics/log_metrics.h"
#include "watch/metrics_gathering.h"

/* Jobs that have ended and were counted: what the log tells of their messages afterwards changes
 * them again. */
#define JOBS_COUNTED 256

struct measuring {
	struct server *server;
	struct metrics *metrics;
	struct log_metrics *log;
	struct metrics_gathering *gathering; /* NULL before it was begun */
	int64_t started;
	int64_t jobs[JOBS_COUNTED]; /* numbers; 0: none */
	size_t jobs_at;
	bool role_up[CONTROL_ROLES], role_known[CONTROL_ROLES];
	uint64_t unreadable; /* of the log reader that is there now */
};

static void on_request(void *context, const char *route, double seconds)
{
	struct measuring *m = context;

	metrics_observe(m->metrics, METRIC_HTTP_DURATION, metrics_route(route), seconds);
}

struct measuring *measuring_create(struct server *server)
{
	struct measuring *m = memory_zero(1, sizeof(*m));

	m->server = server;
	m->started = clock_now();
	m->metrics = metrics_create();
	m->log = log_metrics_create(m->metrics, m->started);
	for (int action = JOB_RETRY; action <= JOB_BOUNCE; action++) {
		const char *name = job_action_name((enum job_action)action);

		metrics_count(m->metrics, METRIC_JOBS, name, job_state_name(JOB_DONE), 0);
		metrics_count(
		    m->metrics, METRIC_JOB_MESSAGES, name, job_outcome_name(JOB_ITEM_DONE), 0);
	}
	return m;
}

void measuring_begin(struct measuring *m)
{
	struct server *server = m->server;

	m->gathering = metrics_gathering_create(m->metrics, server->api.query,
	    server->api.incidents, server->rates,
	    strtoul(role_config_get(&server->config, "metrics.destinations"), NULL, 10),
	    m->started);
	http_router_set_observer(server->router, on_request, m);
	http_router_set_observer(server->metrics_router, on_request, m);
}

void measuring_destroy(struct measuring **measuring)
{
	if (*measuring == NULL)
		return;
	metrics_gathering_destroy(&(*measuring)->gathering);
	log_metrics_destroy(&(*measuring)->log);
	metrics_destroy(&(*measuring)->metrics);
	free(*measuring);
	*measuring = NULL;
}

struct metrics *measuring_metrics(struct measuring *m)
{
	return m->metrics;
}

struct log_metrics *measuring_log(struct measuring *m)
{
	return m->log;
}

void measuring_role(struct measuring *m, const struct control_role_state *state)
{
	m->role_known[state->role] = true;
	m->role_up[state->role] = state->running;
	/* The supervisor counts for as long as it runs, which is longer than this process. */
	metrics_count_to(m->metrics, METRIC_ROLE_RESTARTS, control_role_name(state->role), NULL,
	    state->restarts);
}

/* ---- Jobs ---- */

static bool is_counted(const struct measuring *m, int64_t job)
{
	for (size_t i = 0; i < JOBS_COUNTED; i++)
		if (m->jobs[i] == job)
			return true;
	return false;
}

void measuring_job(struct measuring *m, const struct job_row *job)
{
	const char *action = job_action_name(job->action);

	if (!job_state_is_final(job->state) || is_counted(m, job->id))
		return;
	m->jobs[m->jobs_at++ % JOBS_COUNTED] = job->id;
	metrics_count(m->metrics, METRIC_JOBS, action, job_state_name(job->state), 1);
	for (int outcome = 0; outcome < JOB_OUTCOMES; outcome++)
		if (job->count[outcome] > 0)
			metrics_count(m->metrics, METRIC_JOB_MESSAGES, action,
			    job_outcome_name((enum job_outcome)outcome),
			    (uint64_t)job->count[outcome]);
}

/* ---- A scrape ---- */

static void fill_information(struct measuring *m)
{
	const char *version = role_config_fact(&m->server->config, "mail_version");
	const char *source = feed_source(m->server->feed);

	metrics_set(
	    m->metrics, METRIC_INFO, slice_of(version), slice_of(source != NULL ? source : ""), 1);
	metrics_set(m->metrics, METRIC_BUILD_INFO, SLICE(POSTROOM_VERSION), SLICE(""), 1);
}

static void fill_roles(struct measuring *m)
{
	for (int role = 0; role < CONTROL_ROLES; role++)
		if (m->role_known[role])
			metrics_set(m->metrics, METRIC_ROLE_UP,
			    slice_of(control_role_name((enum control_role)role)), SLICE(""),
			    m->role_up[role]);
}

/* Before they are read from the store nobody knows what is held back. */
static void fill_pauses(struct measuring *m)
{
	const struct pauses *pauses = m->server->api.pauses;
	uint64_t kinds[PAUSE_KINDS] = {0}, troubled = 0;
	const struct pause *const *list;
	size_t count;

	if (!pauses_known(pauses))
		return;
	list = pauses_list(pauses, &count);
	for (size_t i = 0; i < count; i++) {
		kinds[list[i]->kind]++;
		troubled += list[i]->trouble != NULL;
	}
	for (int kind = PAUSE_DOMAIN; kind < PAUSE_KINDS; kind++)
		metrics_set(m->metrics, METRIC_PAUSES,
		    slice_of(pause_kind_name((enum pause_kind)kind)), SLICE(""),
		    (double)kinds[kind]);
	metrics_set_one(m->metrics, METRIC_PAUSES_NOT_HOLDING, (double)troubled);
}

static void fill_alerts(struct measuring *m)
{
	const struct alert_watch *alerts = m->server->api.alerts;

	metrics_set_one(m->metrics, METRIC_ALERTS_WAITING, (double)alert_watch_waiting(alerts));
	metrics_set_one(
	    m->metrics, METRIC_ALERT_CHANNELS_FAILING, (double)alert_watch_failing(alerts));
}

/* The number of a log reader begins anew when that is started again. */
static void fill_log(struct measuring *m)
{
	const struct log_proto_status *status = log_client_status(m->server->log);

	if (status == NULL)
		return;
	if (status->unreadable < m->unreadable)
		m->unreadable = 0;
	metrics_count(m->metrics, METRIC_LOG_UNREADABLE_LINES, NULL, NULL,
	    status->unreadable - m->unreadable);
	m->unreadable = status->unreadable;
}

static double seconds_of(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

/* getrusage(2) and not /proc, which this process cannot open. */
static void fill_process(struct measuring *m)
{
	struct rusage usage;

	metrics_set_one(m->metrics, METRIC_PROCESS_START, (double)m->started);
	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return;
	metrics_count_to(m->metrics, METRIC_PROCESS_CPU, NULL, NULL,
	    seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime));
	metrics_set_one(m->metrics, METRIC_PROCESS_RESIDENT_MAX, (double)usage.ru_maxrss * 1024);
}

void measuring_write(void *context, enum metrics_format format, struct buffer *out)
{
	struct server *server = context;
	struct measuring *m = server->measuring;
	struct incident_log log;

	metrics_begin(m->metrics);
	watching_log_state(server, &log);
	metrics_gathering_fill(m->gathering, clock_now(), !feed_failed(server->feed), &log);
	fill_information(m);
	fill_roles(m);
	fill_pauses(m);
	fill_alerts(m);
	fill_log(m);
	fill_process(m);
	metrics_write(m->metrics, format, out);
}
