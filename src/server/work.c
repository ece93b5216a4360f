#include "server/work.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/job_json.h"
#include "base/clock.h"
#include "base/memory.h"
#include "jobs/jobs.h"
#include "jobs/preview.h"
#include "jobs/wire_ports.h"
#include "postfix/log_line.h"

/* Progress of a job is told at most once a second, its end at once (by the engine). */
#define JOB_PACE_MS 250

struct work {
	struct server *server;
	struct wire_ports *ports;
	struct jobs *jobs;
	uv_prepare_t *prepare;
	uv_timer_t *timer;
};

static void on_job(void *owner, const struct job_row *job)
{
	struct work *work = owner;
	char key[40];

	snprintf(key, sizeof(key), "job %lld", (long long)job->id);
	http_events_publish(work->server->api.events, "job", key, JOB_PACE_MS, api_job_json(job));
}

/* ---- Turns ---- */

static void on_timer(uv_timer_t *timer)
{
	(void)timer; /* its turn comes in on_prepare */
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 || a < b ? a : b;
}

/* Before the loop waits: everybody gets his turn, as channels and store may have been dispatched, and
 * the loop waits no longer than the first of them wants. */
static void on_prepare(uv_prepare_t *prepare)
{
	struct work *work = prepare->data;
	int64_t first, now;

	wire_ports_tick(work->ports);
	jobs_tick(work->jobs);
	link_update(helper_link_link(work->server->helper));
	link_update(work->server->reader);

	now = clock_monotonic_ms();
	first = earlier(wire_ports_deadline_ms(work->ports), jobs_deadline_ms(work->jobs));
	if (first < 0)
		uv_timer_stop(work->timer);
	else
		uv_timer_start(work->timer, on_timer, first > now ? (uint64_t)(first - now) : 0, 0);
}

/* ---- From the others ---- */

void work_helper(struct work *work, struct channel *channel)
{
	wire_ports_helper(work->ports, channel);
	if (channel != NULL)
		jobs_ports_ready(work->jobs);
}

void work_reader(struct work *work, struct channel *channel)
{
	wire_ports_reader(work->ports, channel);
	if (channel != NULL)
		jobs_ports_ready(work->jobs);
}

bool work_owns(const struct frame *frame)
{
	return (frame->request & WIRE_PORTS_REQUEST) != 0;
}

void work_helper_frame(struct work *work, const struct frame *frame)
{
	wire_ports_helper_frame(work->ports, frame);
}

void work_reader_frame(struct work *work, const struct frame *frame)
{
	wire_ports_reader_frame(work->ports, frame);
}

void work_log_event(struct work *work, const struct log_proto_event *event)
{
	if (event->event == LOG_EVENT_PICKUP && event->other_id.len > 0)
		jobs_requeued(work->jobs, event->other_id, event->id);
}

void work_facts(struct work *work)
{
	jobs_set_postfix_version(work->jobs, preview_parse_version(role_config_fact(work->server->api.config, "mail_version")));
}

/* ---- Beginning and end ---- */

struct work *work_create(struct server *server)
{
	struct work *work = memory_zero(1, sizeof(*work));
	const struct ports *ports;

	work->server = server;
	work->ports = wire_ports_create(NULL, NULL); /* on_prepare sees to the polling */
	ports = wire_ports_functions(work->ports);
	work->jobs = jobs_create(server->store, ports, &(struct jobs_events){work, on_job});
	server->api.jobs = work->jobs;
	work_facts(work);
	jobs_resume(work->jobs);

	work->prepare = memory_zero(1, sizeof(*work->prepare));
	work->timer = memory_zero(1, sizeof(*work->timer));
	uv_prepare_init(&server->loop, work->prepare);
	uv_timer_init(&server->loop, work->timer);
	work->prepare->data = work;
	uv_prepare_start(work->prepare, on_prepare);
	return work;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle);
}

void work_stop(struct work *work)
{
	jobs_stop(work->jobs);
	uv_prepare_stop(work->prepare);
}

void work_destroy(struct work **work)
{
	struct work *w = *work;

	if (w == NULL)
		return;
	uv_close((uv_handle_t *)w->prepare, on_closed);
	uv_close((uv_handle_t *)w->timer, on_closed);
	wire_ports_destroy(&w->ports);
	jobs_destroy(&w->jobs);
	free(w);
	*work = NULL;
}
