/* Makes the parts of the server and joins them, and takes them apart. */
#include <stdio.h>
#include <string.h>

#include "access/hashing.h"
#include "access/otp_waiting.h"
#include "access/refusals.h"
#include "access/strangers.h"
#include "api/audit.h"
#include "api/auth.h"
#include "api/metrics.h"
#include "api/oidc.h"
#include "api/probe_runs.h"
#include "api/queue_events.h"
#include "api/scopes.h"
#include "audit/audit.h"
#include "audit/reading.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/pages.h"
#include "index/views/view.h"
#include "postfix/log_line.h"
#include "server/auditing.h"
#include "server/internal.h"
#include "server/measuring.h"
#include "server/snapshot.h"
#include "server/work.h"
#include "store/store.h"
#include "watch/metrics/log_metrics.h"
#include "watch/warning.h"

/* How often the page is told that something has changed, at most; api/queue_events.h paces further.
 */
#define LIVE_MS 250
/* How often is seen to what nobody waits for: what has expired, the database, what is to be saved.
 */
#define CARE_MS 5000
/* How often who may be here is. */
#define ACCESS_MS 1000

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

/* Of a process that the server sees end; the helper and the log reader are told of when another one
 * comes. */
static void record_end(struct server *server, enum control_role role)
{
	audit_record(server->api.audit, &(struct audit_entry){.action = AUDIT_ROLE_STOPPED,
					    .object = slice_of(control_role_name(role))});
}

static void on_reader_down(void *context)
{
	struct server *server = context;

	record_end(server, CONTROL_ROLE_READER);
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

/* ---- The notifier ---- */

/* What it says is only ever an answer, so there is nothing here to do with it. */
static void on_notifier_frame(void *context, struct frame *frame)
{
	struct server *server = context;

	(void)exchange_frame(server->questions[CONTROL_ROLE_NOTIFIER], frame);
}

static void on_notifier_down(void *context)
{
	struct server *server = context;

	record_end(server, CONTROL_ROLE_NOTIFIER);
	exchange_attach(server->questions[CONTROL_ROLE_NOTIFIER], NULL);
}

void server_notifier_attach(struct server *server, int fd)
{
	link_attach(server->notifier, fd);
	exchange_attach(server->questions[CONTROL_ROLE_NOTIFIER], link_channel(server->notifier));
}

/* ---- The identity ---- */

static void on_identity_frame(void *context, struct frame *frame)
{
	struct server *server = context;

	(void)exchange_frame(server->questions[CONTROL_ROLE_IDENTITY], frame);
}

static void on_identity_down(void *context)
{
	struct server *server = context;

	exchange_attach(server->questions[CONTROL_ROLE_IDENTITY], NULL);
}

void server_identity_attach(struct server *server, int fd)
{
	link_attach(server->identity, fd);
	exchange_attach(server->questions[CONTROL_ROLE_IDENTITY], link_channel(server->identity));
	oidc_look_now(server->api.oidc);
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
	    .past = minute->past,
	    .sums = minute->sums};
	struct log_metrics *log = measuring_log(server->measuring);
	struct log_proto_tally tally;

	memcpy(head.other, minute->other, sizeof(head.other));
	log_rates_begin(server->rates, &head, clock_now());
	log_metrics_begin(log, &head, clock_now());
	while (log_proto_get_tally(counts, &tally)) {
		log_rates_put(server->rates, (enum rate_kind)tally.kind, tally.key, &tally.counts);
		log_metrics_put(log, (enum rate_kind)tally.kind, tally.key, &tally.counts);
	}
	log_rates_end(server->rates);
	log_metrics_end(log);
}

static void on_log_repeats(
    void *context, const struct log_proto_repeats *head, struct cursor *repeats)
{
	struct server *server = context;

	if (server->work != NULL)
		work_repeats(server->work, head, repeats);
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

/* Checked when the configuration was read. */
static void use_keep(struct server *server)
{
	int64_t seconds = 0;

	duration_parse(
	    slice_of(role_config_get(&server->config, "audit.keep")), 0, INT64_MAX, &seconds);
	audit_set_keep(server->api.audit, seconds);
}

static void check_store(struct server *server)
{
	SAID_AUTO struct said text = {0}, fix = {0};
	struct db_health health;
	char code[ERROR_CODE_MAX];

	store_health(server->store, &health);
	if (health.state == DB_FINE) {
		notices_set_problems(server->notices, "store", &(struct problem_list){0});
		return;
	}
	snprintf(code, sizeof(code), "store_%s", db_state_name(health.state));
	said_verbatim(&text, slice_of(health.text));
	said_put(&fix, SAID_CHECK_SAYS_WHAT, 0);
	notices_set(server->notices, "store", code, health.state == DB_FRESH ? "warning" : "error",
	    &text, &fix);
}

/* Whoever has such a scope sees nothing, and does not know why. */
static void check_scopes(struct server *server)
{
	SAID_AUTO struct said text = {0}, fix = {0};
	const char *name;
	size_t count = auth_scopes_lost(server->api.auth, &name);

	if (count == 0) {
		notices_clear(server->notices, "scopes", "scope_no_filter");
		return;
	}
	said_put(&text, SAID_SCOPE_NO_FILTER, 2, said_number("count", (int64_t)count),
	    said_text("who", slice_of(name)));
	said_put(&fix, SAID_SCOPE_NO_FILTER_FIX, 0);
	notices_set(server->notices, "scopes", "scope_no_filter", "warning", &text, &fix);
}

/* Whether people can sign in by the issuer, where one is set. */
static void check_issuer(struct server *server)
{
	const char *trouble = oidc_trouble(server->api.oidc);
	SAID_AUTO struct said text = {0}, fix = {0};

	if (trouble == NULL) {
		notices_clear(server->notices, "access", "issuer_unavailable");
		return;
	}
	said_put(&text, SAID_ISSUER_UNAVAILABLE, 2,
	    said_text("issuer", oidc_issuer_host(server->api.oidc)),
	    said_text("error", slice_of(trouble)));
	said_put(&fix, SAID_ISSUER_UNAVAILABLE_FIX, 0);
	notices_set(server->notices, "access", "issuer_unavailable", "warning", &text, &fix);
}

/* ---- The audit ---- */

/* Beside the database, whose name tells whose it is. */
static void open_audit(struct server *server)
{
	BUFFER_AUTO struct buffer path = {0};

	buffer_printf(
	    &path, "%s" AUDIT_DIRECTORY_SUFFIX, role_config_get(&server->config, "store.path"));
	server->api.audit = audit_create(buffer_string(&path), 0);
	server->api.audit_reading = audit_reading_create(buffer_string(&path));
	server->api.audit_memory = api_audit_create();
	server->auditing = auditing_create(&server->api);
	use_keep(server);
	audit_record(server->api.audit, &(struct audit_entry){.action = AUDIT_SERVICE_STARTED,
					    .text = SLICE("version " POSTROOM_VERSION)});
}

static void close_audit(struct server *server)
{
	audit_record(server->api.audit, &(struct audit_entry){.action = AUDIT_SERVICE_STOPPED});
	audit_destroy(&server->api.audit);
	api_audit_destroy(&server->api.audit_memory);
}

static void on_audit(uv_poll_t *poll, int status, int events)
{
	struct server *server = poll->data;

	(void)status;
	(void)events;
	audit_reading_dispatch(server->api.audit_reading);
}

static void check_audit(struct server *server)
{
	SAID_AUTO struct said text = {0}, fix = {0};
	struct audit_status health;

	audit_health(server->api.audit, &health);
	if (health.state == AUDIT_FINE) {
		notices_set_problems(server->notices, "audit", &(struct problem_list){0});
		return;
	}
	said_put(&text, health.state == AUDIT_LOW ? SAID_AUDIT_LOW : SAID_AUDIT_BROKEN, 1,
	    said_text("error", slice_of(health.text)));
	said_put(&fix, SAID_AUDIT_FIX, 0);
	notices_set(server->notices, "audit",
	    health.state == AUDIT_LOW ? "audit_low" : "audit_broken",
	    health.state == AUDIT_LOW ? "warning" : "error", &text, &fix);
}

static void look_for_sandbox(void *context, const struct warning *warning)
{
	struct server *server = context;

	if (server->sandbox_told || strcmp(warning->code, "sandbox_partial") != 0)
		return;
	server->sandbox_told = true;
	audit_record(server->api.audit, &(struct audit_entry){.action = AUDIT_SANDBOX_MISSING,
					    .text = slice_of(warning->text)});
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

	auditing_tick(server->auditing);
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
	strangers_write(server->api.strangers, server->api.audit, clock_monotonic_ms(), false);
	refusals_write(
	    server->refusals, clock_monotonic_ms(), false, server_audit_refusal, server->api.audit);
	check_audit(server);
	notices_each(server->notices, look_for_sandbox, server);
	snapshot_tick(server->snapshot);
}

/* Whoever may not be here any more is out within a second, also by what another process has
 * written. */
static void on_access(uv_timer_t *timer)
{
	struct server *server = timer->data;

	auth_tick(server->api.auth);
	oidc_tick(server->api.oidc);
	check_issuer(server);
	check_scopes(server);
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
	use_keep(server);
	http_router_set_host(server->router, role_config_get(&server->config, "http.public_url"));
	http_router_set_base(server->router, role_config_get(&server->config, "http.base_path"));
	http_router_set_proxies(
	    server->router, role_config_get(&server->config, "http.trusted_proxy"));
	http_router_set_user_header(
	    server->router, role_config_get(&server->config, "access.proxy_user_header"));
	auth_use_config(server->api.auth);
	http_router_set_content_per_hour(server->router,
	    (int64_t)strtoll(role_config_get(&server->config, "access.content_per_hour"), NULL, 10)
		<< 20);
}

static void assemble_api(struct server *server)
{
	struct api *api = &server->api;

	api->metrics = measuring_metrics(server->measuring);
	api->query = query_create(server->index);
	api->scopes = api_scopes_create(api->query);
	api->numbers = numbers_create();
	api->store = server->store;
	api->config = &server->config;
	api->events = http_events_create(&server->loop);
	api->auth = auth_create(api);
	api->hashing = hashing_create();
	api->otp_waiting = otp_waiting_create();
	api->strangers = strangers_create();
	server->refusals = refusals_create();
	api->logreader = server->questions[CONTROL_ROLE_LOGREADER];
	api->notifier = server->questions[CONTROL_ROLE_NOTIFIER];
	api->helper = server->questions[CONTROL_ROLE_HELPER];
	api->identity = server->questions[CONTROL_ROLE_IDENTITY];
	api->oidc = oidc_create(api);
	api->probes = api_probes_create(api);
	server_services(server, &api->services);

	server->router = http_router_create();
	server_use_config(server);
	http_router_set_authenticate(server->router, auth_authenticate, api->auth);
	http_router_set_audit(server->router, server_audit, server_audit_takes, server);
	api_register(api, server->router);
	server->pages = pages_create(role_config_get(&server->config, "page.directory"));
	http_router_add(server->router, pages_docs_routes, server->pages);
	/* Last: the page has what no route of the API takes. */
	http_router_set_fallback(server->router, pages_handle, server->pages);
	server->http = api->http = http_server_create(&server->loop, server->router);
	server->metrics_router = http_router_create();
	http_router_open(server->metrics_router,
	    strcmp(role_config_get(&server->config, "metrics.public"), "yes") == 0);
	http_router_add(server->metrics_router, api_metrics_routes, api);
}

static void check_facts(struct server *server)
{
	const struct postfix_facts *facts = &server->config.facts;

	SAID_AUTO struct said text = {0}, fix = {0};

	if (facts->known)
		return;
	said_verbatim(&text, slice_of(facts->error));
	said_put(&fix, SAID_CHECK_SAYS_MISSING, 0);
	notices_set(server->notices, "config", "postfix_unknown", "error", &text, &fix);
}

static void create_exchanges(struct server *server)
{
	static const enum control_role asked[] = {CONTROL_ROLE_HELPER, CONTROL_ROLE_READER,
	    CONTROL_ROLE_LOGREADER, CONTROL_ROLE_NOTIFIER, CONTROL_ROLE_IDENTITY};

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		server->questions[asked[i]] = exchange_create();
}

bool server_assemble(struct server *server)
{
	server->measuring = measuring_create(server);
	server->notices = notices_create();
	server->index = index_create();
	server->snapshot =
	    snapshot_create(server->index, role_config_get(&server->config, "store.path"));
	server->store = store_create(role_config_get(&server->config, "store.path"));
	open_audit(server);
	create_exchanges(server);
	server->feed = feed_create(server->index, server->notices,
	    server->questions[CONTROL_ROLE_READER], send_to_reader, server);
	server->reader = link_create(
	    &server->loop, &(struct link_events){server, on_reader_frame, on_reader_down});
	server->notifier = link_create(
	    &server->loop, &(struct link_events){server, on_notifier_frame, on_notifier_down});
	server->identity = link_create(
	    &server->loop, &(struct link_events){server, on_identity_frame, on_identity_down});
	server->helper = helper_link_create(&server->loop, server->notices,
	    server->questions[CONTROL_ROLE_HELPER],
	    &(struct helper_link_events){server, on_helper_status, on_helper_came});
	server->rates = log_rates_create(server->store);
	server->log = log_client_create(&server->loop, server->notices,
	    server->questions[CONTROL_ROLE_LOGREADER],
	    &(struct log_client_events){server, on_log_event, on_log_minute, on_log_repeats});
	assemble_api(server);
	/* After the API, whose events the jobs publish; and before anybody can connect. */
	server->work = work_create(server);
	measuring_begin(server->measuring);

	uv_poll_init(&server->loop, &server->store_poll, store_fd(server->store));
	server->store_poll.data = server;
	uv_poll_start(&server->store_poll, UV_READABLE, on_store);
	uv_poll_init(&server->loop, &server->hashing_poll, hashing_fd(server->api.hashing));
	server->hashing_poll.data = server;
	uv_poll_start(&server->hashing_poll, UV_READABLE, on_hashing);
	uv_poll_init(
	    &server->loop, &server->audit_poll, audit_reading_fd(server->api.audit_reading));
	server->audit_poll.data = server;
	uv_poll_start(&server->audit_poll, UV_READABLE, on_audit);
	start_timer(server, &server->live_timer, on_live, LIVE_MS);
	start_timer(server, &server->care_timer, on_care, CARE_MS);
	start_timer(server, &server->access_timer, on_access, ACCESS_MS);
	uv_timer_init(&server->loop, &server->settle_timer);
	server->settle_timer.data = server;
	check_facts(server);
	check_store(server);
	check_audit(server);
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
	uv_close((uv_handle_t *)&server->access_timer, NULL);
	uv_close((uv_handle_t *)&server->settle_timer, NULL);
	http_server_destroy(&server->http);
	/* Tells the notifier, over a channel that is still there. */
	api_probes_destroy(&server->api.probes);
	http_server_destroy(&server->metrics_http);
	/* Jobs stop asking before the channels go that they ask over. */
	work_stop(server->work);
	helper_link_destroy(&server->helper);
	log_client_destroy(&server->log);
	link_destroy(&server->reader);
	link_destroy(&server->notifier);
	link_destroy(&server->identity);
	uv_poll_stop(&server->hashing_poll);
	uv_close((uv_handle_t *)&server->hashing_poll, NULL);
	hashing_destroy(&server->api.hashing);
	strangers_write(server->api.strangers, server->api.audit, clock_monotonic_ms(), true);
	strangers_destroy(&server->api.strangers);
	refusals_write(
	    server->refusals, clock_monotonic_ms(), true, server_audit_refusal, server->api.audit);
	refusals_destroy(&server->refusals);
	uv_poll_stop(&server->audit_poll);
	uv_close((uv_handle_t *)&server->audit_poll, NULL);
	audit_reading_destroy(&server->api.audit_reading);
	uv_poll_stop(&server->store_poll);
	uv_close((uv_handle_t *)&server->store_poll, NULL);
	/* Writes what it was given, so it comes after all that write and before all that it calls
	 * back. */
	store_destroy(&server->store);
	work_destroy(&server->work);
	measuring_destroy(&server->measuring);
	auditing_destroy(&server->auditing);
	close_audit(server);
	http_events_destroy(&server->api.events);
	snapshot_destroy(&server->snapshot);
	oidc_destroy(&server->api.oidc);
	auth_destroy(&server->api.auth);
	otp_waiting_destroy(&server->api.otp_waiting);
	http_router_destroy(&server->router);
	http_router_destroy(&server->metrics_router);
	pages_destroy(&server->pages);
	feed_destroy(&server->feed);
	api_scopes_destroy(&server->api.scopes);
	numbers_destroy(&server->api.numbers);
	query_free(server->api.query);
	for (size_t role = 0; role < CONTROL_ROLES; role++)
		exchange_destroy(&server->questions[role]);
	index_free(server->index);
	log_rates_destroy(&server->rates);
	notices_destroy(&server->notices);
}
