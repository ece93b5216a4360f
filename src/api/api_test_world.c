#include "api/api_test_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/incidents.h"
#include "api/jobs.h"
#include "api/probe_runs.h"
#include "api/scopes.h"
#include "base/clock.h"
#include "base/memory.h"
#include "exchange/exchange.h"
#include "exchange/wire_ports.h"
#include "jobs/jobs.h"

/* ---- What other processes would say ---- */

static const struct log_proto_status *log_status(void *context)
{
	(void)context;
	return NULL;
}

static uint64_t content_open(void *context, struct slice id, enum queue queue,
    enum viewer_mode mode, uint32_t part, uint32_t text_bytes,
    const struct api_content_reader *reader)
{
	struct world *w = context;

	(void)id;
	(void)queue;
	(void)mode;
	(void)part;
	(void)text_bytes;
	w->opening = *reader;
	return ++w->opened;
}

static void content_cancel(void *context, uint64_t content)
{
	(void)context;
	(void)content;
}

static void content_pause(void *context, uint64_t content, bool pause)
{
	(void)context;
	(void)content;
	(void)pause;
}

static void warnings(
    void *context, void (*each)(void *data, const struct warning *warning), void *data)
{
	(void)context;
	(void)each;
	(void)data;
}

static int postfix_running(void *context)
{
	(void)context;
	return 1;
}

static const char *source_kind(void *context)
{
	(void)context;
	return "spool";
}

static bool source_failed(void *context)
{
	(void)context;
	return false;
}

/* ---- Beginning and end ---- */

static void authenticate(void *context, struct http_request *rq)
{
	struct world *w = context;
	struct access_grant grant = {.role = w->caller.role, .scoped = w->caller.scope != NULL};

	w->caller.rights = access_rights(&grant);
	http_authenticated(rq, &w->caller);
}

static bool source_reads(void *context)
{
	(void)context;
	return true;
}

static void no_log(void *context, struct incident_log *out)
{
	(void)context;
	*out = (struct incident_log){0};
}

static void changed(void *context, uint64_t version)
{
	(void)context;
	(void)version;
}

static void watch(struct world *w, const char *database)
{
	const struct incident_watch_events events = {
	    w, source_reads, no_log, postfix_running, changed};

	w->store = store_create(database);
	w->notices = notices_create();
	w->rates = log_rates_create(w->store);
	w->api.store = w->store;
	w->api.incidents =
	    incident_watch_create(w->store, w->api.query, w->notices, w->rates, &events);
}

static void stop_watching(struct world *w)
{
	incident_watch_stop(w->api.incidents);
	store_destroy(&w->store);
	incident_watch_destroy(&w->api.incidents);
	log_rates_destroy(&w->rates);
	notices_destroy(&w->notices);
}

static void listen_on(struct world *w)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct error err;

	static unsigned worlds;

	snprintf(w->path, sizeof(w->path), "/tmp/postroom-api-test.%d.%u", (int)getpid(), worlds++);
	unlink(w->path);
	memcpy(address.sun_path, w->path, strlen(w->path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_true(http_server_listen(w->http, fd, HTTP_LISTEN_UNIX, &err));
}

static void job_changed(void *context, const struct job_row *job)
{
	struct world *w = context;

	api_jobs_changed(&w->api, job);
}

/* With nobody at the other end of their ports, jobs wait for ever. */
static void start_jobs(struct world *w)
{
	const struct jobs_events events = {.context = w, .changed = job_changed};

	w->reader = exchange_create();
	w->ports = wire_ports_create(w->api.helper, w->reader);
	w->api.jobs = jobs_create(w->store, wire_ports_functions(w->ports), &events);
	jobs_resume(w->api.jobs);
}

void world_start(struct world *w)
{
	world_start_with(w, "/nonexistent/postroom-api-test.db");
}

void world_start_with(struct world *w, const char *database)
{
	size_t count;
	const struct http_route *const *tables = api_tables(&count);

	*w = (struct world){
	    .caller = {
		.name = "tester", .role = ACCESS_ROLE_ADMIN, .via = VIA_TOKEN, .id = 1, .user = 1}};
	uv_loop_init(&w->loop);
	w->ix = index_create();
	w->api = (struct api){.query = query_create(w->ix),
	    .events = http_events_create(&w->loop),
	    .config = &w->config,
	    .logreader = exchange_create(),
	    .notifier = exchange_create(),
	    .helper = exchange_create(),
	    .metrics = metrics_create(),
	    .services = {w, log_status, content_open, content_cancel, content_pause, warnings,
		postfix_running, source_kind, source_failed}};
	w->api.scopes = api_scopes_create(w->api.query);
	w->api.numbers = numbers_create();
	w->api.probes = api_probes_create(&w->api);
	watch(w, database);
	start_jobs(w);
	w->router = http_router_create();
	http_router_set_authenticate(w->router, authenticate, w);
	for (size_t i = 0; i < count; i++)
		http_router_add(w->router, tables[i], &w->api);
	w->http = http_server_create(&w->loop, w->router);
	listen_on(w);
	index_scan_begin(w->ix, true, 0);
	index_scan_end(w->ix, true, clock_now());
	index_deleting_known(w->ix);
}

void world_end(struct world *w)
{
	http_server_destroy(&w->http);
	http_events_destroy(&w->api.events);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	http_router_destroy(&w->router);
	assert_int_equal(uv_loop_close(&w->loop), 0);
	jobs_stop(w->api.jobs);
	api_probes_destroy(&w->api.probes);
	stop_watching(w);
	jobs_destroy(&w->api.jobs);
	wire_ports_destroy(&w->ports);
	exchange_destroy(&w->reader);
	exchange_destroy(&w->api.logreader);
	exchange_destroy(&w->api.notifier);
	exchange_destroy(&w->api.helper);
	metrics_destroy(&w->api.metrics);
	api_scopes_destroy(&w->api.scopes);
	numbers_destroy(&w->api.numbers);
	query_free(w->api.query);
	index_free(w->ix);
	unlink(w->path);
}

void world_message(struct world *w, const char *id, enum queue queue, const char *sender,
    const char *recipient, const char *reason)
{
	MESSAGE_AUTO struct message m;
	struct message_recipient *r;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", id);
	m.queue = queue;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_REASONS | MESSAGE_KNOWS_ORIGIN |
		  MESSAGE_KNOWS_SUBJECT;
	m.arrival = m.create_time = 1790000000;
	m.size = 1234;
	m.sender = slice_of(sender);
	m.client_name = m.login = m.helo = m.subject = m.sender;
	m.client_address = SLICE("192.0.2.9");
	r = message_add_recipient(&m);
	r->address = slice_of(recipient);
	r->reason = slice_of(reason);
	r->dsn = SLICE("4.2.2");
	r->remote = slice_of(reason[0] != '\0' ? strchr(recipient, '@') + 1 : "");
	m.recipient_todo = 1;
	index_upsert(w->ix, &m);
}

/* ---- Asking ---- */

static int connect_to(struct world *w)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, w->path, strlen(w->path) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void send_request(
    int fd, const char *method, const char *target, const char *json, const char *connection)
{
	BUFFER_AUTO struct buffer request = {0};

	buffer_printf(&request,
	    "%s %s HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nKeep-Alive: "
	    "postroom\r\nConnection: %s\r\n",
	    method, target, connection);
	if (json != NULL)
		buffer_printf(&request, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
		    strlen(json));
	buffer_printf(&request, "\r\n%s", json != NULL ? json : "");
	assert_int_equal(write(fd, request.data, request.len), request.len);
}

static void refuse_to_open(struct world *w)
{
	struct api_content_reader reader = w->opening;
	struct error err;

	if (reader.end == NULL)
		return;
	w->opening.end = NULL;
	error_set(&err, "helper_unavailable", "nobody opens messages here");
	reader.end(reader.data, &err);
}

/* What the server has sent; both ends are in this thread. False at its end. */
static bool receive(struct world *w, int fd, struct buffer *text)
{
	struct pollfd waiting = {.fd = fd, .events = POLLIN};
	char bytes[65536];
	ssize_t got;

	uv_run(&w->loop, UV_RUN_NOWAIT);
	exchange_tick(w->api.logreader, clock_monotonic_ms());
	exchange_tick(w->api.notifier, clock_monotonic_ms());
	exchange_tick(w->api.helper, clock_monotonic_ms());
	store_dispatch(w->store);
	jobs_tick(w->api.jobs);
	refuse_to_open(w);
	if (poll(&waiting, 1, 1) == 0)
		return true;
	got = read(fd, bytes, sizeof(bytes));
	assert_true(got >= 0);
	buffer_append(text, bytes, (size_t)got);
	return got > 0;
}

unsigned world_ask(
    struct world *w, const char *method, const char *target, const char *json, struct buffer *body)
{
	BUFFER_AUTO struct buffer text = {0};
	int fd = connect_to(w);
	unsigned status = 0;
	ptrdiff_t end;

	send_request(fd, method, target, json, "close");
	while (receive(w, fd, &text))
		continue;
	close(fd);
	assert_int_equal(sscanf(buffer_string(&text), "HTTP/1.1 %3u", &status), 1);
	end = slice_find(buffer_slice(&text), SLICE("\r\n\r\n"));
	assert_true(end > 0);
	buffer_clear(body);
	buffer_append_slice(body, slice_from(buffer_slice(&text), (size_t)end + 4));
	return status;
}

void world_stream(struct world *w, const char *target, void (*change)(struct world *w),
    const char *until, struct buffer *text)
{
	int fd = connect_to(w);
	bool open = true, changed = false;

	send_request(fd, "GET", target, NULL, "keep-alive");
	while (open && slice_find(buffer_slice(text), slice_of(until)) < 0) {
		open = receive(w, fd, text);
		if (!changed && slice_find(buffer_slice(text), SLICE("event: queue")) >= 0) {
			change(w);
			changed = true;
		}
	}
	close(fd);
	uv_run(&w->loop, UV_RUN_NOWAIT);
}
