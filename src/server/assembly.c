/* Makes the parts of the server and joins them, and takes them apart. */
#include <stdio.h>

#include "access/hashing.h"
#include "access/strangers.h"
#include "api/auth.h"
#include "api/queue_events.h"
#include "api/scopes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/pages.h"
#include "index/views/view.h"
#include "postfix/log_line.h"
#include "server/internal.h"
#include "server/snapshot.h"
#include "server/work.h"
#include "store/store.h"

/* How often the page is told that something has changed, at most; api/queue_events.h paces further.
 */
#define LIVE_MS 250
/* How often is seen to what nobody waits for: what has expired, the database, what is to be saved.
 */
#define CARE_MS 5000

/* ---- The reader ---- */

static void on_reader_frame(void *context, struct frame *frame)
{
	struct server *server = context;

	if (!feed_frame(server->feed, frame))
		log_warning("the reader sent a malformed frame of type %u", frame->type);
	/* Sightings have a number of the reader's own: they are a question to us. What is not asked
	 * for is told all the same, and no reason to complain. */
	if (frame->type != READER_PROTO_SIGHTINGS)
		(void)exchange_frame(server->questions[CONTROL_ROLE_READER], frame);
}

static void send_to_reader(void *context, const struct buffer *frame)
{
	struct server *server = context;
	link_send(server->reader, frame);
}

static void on_reader_down(void *context)
{
	struct server *server = context;

	/* First: the feed forgets what it has asked, before the exchange tells everybody else that
	 * the reader is gone. */
	feed_lost(server->feed);
	exchange_attach(server->questions[CONTROL_ROLE_READER], NULL);
}

void server_reader_attach(struct server *server, int fd)
{
	/* A new channel without word of the old one's end: that reader was replaced. */
	if (link_is_up(server->reader))
		on_reader_down(server);
	link_attach(server->reader, fd);
	exchange_attach(server->questions[CONTROL_ROLE_READER], link_channel(server->reader));
	feed_begin(server->feed);
	work_reader(server->work);
}

/* ---- The helper and the log ---- */

static void on_helper_status(void *context, const struct helper_status *status)
{
	struct server *server = context;

	if (server->work != NULL)
		work_status(server->work, status);
}

static void on_helper_came(void *context)
{
	struct server *server = context;

	if (server->work != NULL)
		work_helper(server->work);
}

/* What became of a message, as its lines in the log say it within a moment; the reader sees it
 * leave at its next scan. Where it had several recipients, the last one counts. */
static void on_log_minute(
    void *context, const struct log_proto_minute *minute, struct cursor *counts)
{
	struct server *server = context;
	struct log_rates_minute head = {.minute = minute->minute,
	    .quiet = minute->quiet,
	    .first = minute->first,
	    .last = minute->last,
	    .past = minute->past};
	struct log_proto_tally tally;

	memcpy(head.other, minute->other, sizeof(head.other));
	log_rates_begin(server->rates, &head, clock_now());
	while (log_proto_get_tally(counts, &tally))
		log_rates_put(server->rates, (enum rate_kind)tally.kind, tally.key, &tally.counts);
	log_rates_end(server->rates);
}

static void on_log_event(void *context, const struct log_proto_event *event)
{
	struct server *server = context;
	struct slice id = event->id, fate = SLICE("");
	char text[100];

	work_log_event(server->work, event);
	if (event->event == LOG_EVENT_PICKUP && event->other_id.len > 0) {
		snprintf(text, sizeof(text), "re-queued as %.*s", SLICE_ARGS(event->id));
		id = event->other_id;
		fate = slice_of(text);
	} else if (event->event == LOG_EVENT_POSTSUPER && event->verb == LOG_VERB_REMOVED) {
		fate = SLICE("deleted");
	} else if (event->event == LOG_EVENT_DELIVERY && slice_is(event->status, "sent")) {
		fate = SLICE("delivered");
	} else if (event->event == LOG_EVENT_DELIVERY && slice_is(event->status, "bounced")) {
		fate = SLICE("returned to the sender");
	}
	if (fate.len > 0)
		index_set_fate(server->index, id, -1, fate);
}

/* ---- The store ---- */

static void on_store(uv_poll_t *poll, int status, int events)
{
	struct server *server = poll->data;

	(void)status;
	(void)events;
	store_dispatch(server->store);
}

static void on_hashing(uv_poll_t *poll, int status, int events)
{
	struct server *server = poll->data;

	(void)status;
	(void)events;
	hashing_dispatch(server->api.hashing);
}

static void check_store(struct server *server)
{
	struct db_health health;
	char code[ERROR_CODE_MAX];

	store_health(server->store, &health);
	if (health.state == DB_FINE) {
		notices_set_problems(server->notices, "store", &(struct problem_list){0});
		return;
	}
	snprintf(code, sizeof(code), "store_%s", db_state_name(health.state));
	notices_set(server->notices, "store", code, health.state == DB_FRESH ? "warning" : "error",
	    slice_of(health.text), SLICE("`postroom check` says what to do."));
}

/* ---- Time ---- */

/* Reasons get their classes and diagnoses in slices of two milliseconds, between requests: of a
 * million messages with 400,000 unique replies in some ten seconds behind the first view. */
#define SETTLE_MS 5
#define SETTLE_BUDGET 400

static void on_settle(uv_timer_t *timer)
{
	struct server *server = timer->data;

	/* A share at a time, so that no request waits longer for it than for another request. */
	if (!index_settle(server->index, SETTLE_BUDGET))
		uv_timer_stop(timer);
}

static void on_live(uv_timer_t *timer)
{
	struct server *server = timer->data;
	struct index_status status;

	if (index_settle(server->index, 0) && !uv_is_active((uv_handle_t *)&server->settle_timer))
		uv_timer_start(&server->settle_timer, on_settle, SETTLE_MS, SETTLE_MS);
	index_status(server->index, &status);
	/* The page asks anew when it is told; equal generations are equal queues, so there is
	 * nothing to ask. */
	if (status.generation == server->told_generation && status.as_of == server->told_as_of &&
	    notices_version(server->notices) == server->told_notices)
		return;
	server->told_generation = status.generation;
	server->told_as_of = status.as_of;
	server->told_notices = notices_version(server->notices);
	queue_events_changed(&server->api);
}

static void on_care(uv_timer_t *timer)
{
	struct server *server = timer->data;

	/* Nobody may come back for a view, and its rows are kept in memory until then. */
	view_expire(server->index, clock_now());
	check_store(server);
	auth_tick(server->api.auth);
	strangers_write(server->api.strangers, server->store, clock_monotonic_ms(), false);
	snapshot_tick(server->snapshot);
}

static void start_timer(struct server *server, uv_timer_t *timer, uv_timer_cb callback, uint64_t ms)
{
	uv_timer_init(&server->loop, timer);
	timer->data = server;
	uv_timer_start(timer, callback, ms, ms);
}

/* ---- All of it ---- */

void server_use_config(struct server *server)
{
	http_router_set_host(server->router, role_config_get(&server->config, "http.public_url"));
	http_router_set_proxy(
	    server->router, role_config_get(&server->config, "http.trusted_proxy"));
}

static void assemble_api(struct server *server)
{
	struct api *api = &server->api;

	api->query = query_create(server->index);
	api->scopes = api_scopes_create();
	api->store = server->store;
	api->config = &server->config;
	api->events = http_events_create(&server->loop);
	api->auth = auth_create(api);
	api->hashing = hashing_create();
	api->strangers = strangers_create();
	api->logreader = server->questions[CONTROL_ROLE_LOGREADER];
	server_services(server, &api->services);

	server->router = http_router_create();
	server_use_config(server);
	http_router_set_authenticate(server->router, auth_authenticate, api->auth);
	http_router_set_audit(server->router, server_audit, server);
	api_register(api, server->router);
	server->pages = pages_create(role_config_get(&server->config, "page.directory"));
	/* Last: the page has what no route of the API takes. */
	http_router_set_fallback(server->router, pages_handle, server->pages);
	server->http = http_server_create(&server->loop, server->router);
}

static void check_facts(struct server *server)
{
	const struct postfix_facts *facts = &server->config.facts;

	if (!facts->known)
		notices_set(server->notices, "config", "postfix_unknown", "error",
		    slice_of(facts->error), SLICE("`postroom check` says what is missing."));
}

static void create_exchanges(struct server *server)
{
	static const enum control_role asked[] = {
	    CONTROL_ROLE_HELPER, CONTROL_ROLE_READER, CONTROL_ROLE_LOGREADER};

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		server->questions[asked[i]] = exchange_create();
}

bool server_assemble(struct server *server)
{
	server->notices = notices_create();
	server->index = index_create();
	server->snapshot =
	    snapshot_create(server->index, role_config_get(&server->config, "store.path"));
	server->store = store_create(role_config_get(&server->config, "store.path"));
	create_exchanges(server);
	server->feed = feed_create(server->index, server->notices,
	    server->questions[CONTROL_ROLE_READER], send_to_reader, server);
	server->reader = link_create(
	    &server->loop, &(struct link_events){server, on_reader_frame, on_reader_down});
	server->helper = helper_link_create(&server->loop, server->notices,
	    server->questions[CONTROL_ROLE_HELPER],
	    &(struct helper_link_events){server, on_helper_status, on_helper_came});
	server->rates = log_rates_create(server->store);
	server->log = log_client_create(&server->loop, server->notices,
	    server->questions[CONTROL_ROLE_LOGREADER],
	    &(struct log_client_events){server, on_log_event, on_log_minute});
	assemble_api(server);
	/* After the API, whose events the jobs publish; and before anybody can connect. */
	server->work = work_create(server);

	uv_poll_init(&server->loop, &server->store_poll, store_fd(server->store));
	server->store_poll.data = server;
	uv_poll_start(&server->store_poll, UV_READABLE, on_store);
	uv_poll_init(&server->loop, &server->hashing_poll, hashing_fd(server->api.hashing));
	server->hashing_poll.data = server;
	uv_poll_start(&server->hashing_poll, UV_READABLE, on_hashing);
	start_timer(server, &server->live_timer, on_live, LIVE_MS);
	start_timer(server, &server->care_timer, on_care, CARE_MS);
	uv_timer_init(&server->loop, &server->settle_timer);
	server->settle_timer.data = server;
	check_facts(server);
	check_store(server);
	server->assembled = true;
	return true;
}

/* Readers of HTTP go first, so that nothing is asked any more; then the store writes what it was
 * given. */
void server_dismantle(struct server *server)
{
	if (!server->assembled)
		return;
	uv_close((uv_handle_t *)&server->live_timer, NULL);
	uv_close((uv_handle_t *)&server->care_timer, NULL);
	uv_close((uv_handle_t *)&server->settle_timer, NULL);
	http_server_destroy(&server->http);
	/* Jobs stop asking before the channels go that they ask over. */
	work_stop(server->work);
	helper_link_destroy(&server->helper);
	log_client_destroy(&server->log);
	link_destroy(&server->reader);
	uv_poll_stop(&server->hashing_poll);
	uv_close((uv_handle_t *)&server->hashing_poll, NULL);
	hashing_destroy(&server->api.hashing);
	strangers_write(server->api.strangers, server->store, clock_monotonic_ms(), true);
	strangers_destroy(&server->api.strangers);
	uv_poll_stop(&server->store_poll);
	uv_close((uv_handle_t *)&server->store_poll, NULL);
	/* Writes what it was given, so it comes after all that write and before all that it calls
	 * back. */
	store_destroy(&server->store);
	work_destroy(&server->work);
	http_events_destroy(&server->api.events);
	snapshot_destroy(&server->snapshot);
	auth_destroy(&server->api.auth);
	http_router_destroy(&server->router);
	pages_destroy(&server->pages);
	feed_destroy(&server->feed);
	api_scopes_destroy(&server->api.scopes);
	query_free(server->api.query);
	for (size_t role = 0; role < CONTROL_ROLES; role++)
		exchange_destroy(&server->questions[role]);
	index_free(server->index);
	log_rates_destroy(&server->rates);
	notices_destroy(&server->notices);
}
