/* Requests about the queue, from the router to the answer. Input: requests with a NUL between two:
 * "POST /views", a newline, the body. "VIEW" in one stands for the view that was made last. The
 * queue is small and always the same; what needs a store, jobs or another process is left out.
 *
 * Whatever is asked, there is one answer, JSON, and none that says that something went wrong here.
 * Where the first request is "scoped", the caller may not see one of the messages, and nothing that
 * he asks tells him of it. */
#include "api/completions.h"
#include "api/filters.h"
#include "api/groups.h"
#include "api/messages.h"
#include "api/previews.h"
#include "api/queue.h"
#include "api/scopes.h"
#include "api/views.h"
#include "exchange/exchange.h"
#include "http/connection_fuzz.h"
#include "index/index.h"

#define NOW INT64_C(1795348800)
/* What the last message alone has, and whom it is kept from. */
#define SECRET "zyxwv"
#define SCOPE "-from:" SECRET

static struct index *index_of_five(void)
{
	static const char *const ids[] = {
	    "4bJkB00001zBCD", "0AD06AB80A3", "4bJkB00002zBCD", "1BCDF6", "4bJkB00009zBCD"};
	struct index *ix = index_create();

	for (int i = 0; i < 5; i++) {
		MESSAGE_AUTO struct message m;
		struct message_recipient *r;

		message_init(&m);
		strcpy(m.id, ids[i]);
		m.queue = i % 2 ? QUEUE_HOLD : QUEUE_DEFERRED;
		m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_ORIGIN | MESSAGE_KNOWS_FILE |
			  MESSAGE_KNOWS_REASONS | MESSAGE_KNOWS_NEXT_RETRY;
		m.arrival = m.create_time = NOW - i * 4000;
		m.next_retry = NOW + 100;
		m.size = 1000u << i;
		m.inode = (uint64_t)i + 1;
		m.signature = 1;
		m.sender = i == 4   ? SLICE(SECRET "@" SECRET ".example")
			   : i == 3 ? SLICE("")
				    : SLICE("news@shop.example");
		m.subject = SLICE("Gr\xc3\xbc\xc3\x9f\x65");
		m.login = i == 4 ? SLICE(SECRET) : SLICE("news");
		r = message_add_recipient(&m);
		r->address = SLICE("b\xc3\xb6@xn--bcher-kva.example");
		r->original = i == 2 ? SLICE("old@d.test") : SLICE("");
		r->reason = SLICE("host mx.test[192.0.2.1] said: 452 4.2.2 full");
		r->remote = i == 4 ? SLICE(SECRET ".test") : SLICE("mx.test");
		r->dsn = SLICE("4.2.2");
		index_upsert(ix, &m);
	}
	index_scan_begin(ix, false, 0);
	index_scan_end(ix, true, NOW);
	while (index_settle(ix, 100))
		;
	return ix;
}

/* ---- What the API asks of others: they are not there ---- */

static void no_warnings(
    void *context, void (*each)(void *data, const struct warning *warning), void *data)
{
}

static int is_running(void *context)
{
	return -1;
}

static const char *no_source(void *context)
{
	return NULL;
}

static bool has_not_failed(void *context)
{
	return false;
}

static const struct log_proto_status *no_status(void *context)
{
	return NULL;
}

static void authenticate(void *context, struct http_request *rq)
{
	const bool *scoped = context;
	const struct caller caller = {.name = "ann",
	    .role = ACCESS_ROLE_ADMIN,
	    .rights = UINT32_MAX,
	    .via = VIA_TOKEN,
	    .id = 1,
	    .scope = *scoped ? SCOPE : NULL};

	http_authenticated(rq, &caller);
}

/* ---- */

/* What only others can answer: undoing, the weighing of a release, and the preview of a pause. */
static bool needs_more(struct slice body)
{
	json_t *json = json_loadb(body.len > 0 ? body.data : "", body.len, 0, NULL);
	const char *action = json_string_value(json_object_get(json, "action"));
	bool more = json_object_get(json, "undoes") != NULL ||
		    json_object_get(json, "pause") != NULL ||
		    (action != NULL && strcmp(action, "release") == 0);

	json_decref(json);
	return more;
}

static void append_with_view(struct buffer *out, struct slice text, const char *view)
{
	ptrdiff_t at;

	while ((at = slice_find(text, SLICE("VIEW"))) >= 0) {
		buffer_append_slice(out, slice_first(text, (size_t)at));
		buffer_append_string(out, view);
		text = slice_from(text, (size_t)at + 4);
	}
	buffer_append_slice(out, text);
}

/* The ID of that message is in no text of ours either. */
static void check_secret(void)
{
	char *text = answer.json != NULL ? json_dumps(answer.json, JSON_ENCODE_ANY) : NULL;

	must(text == NULL || (strstr(text, SECRET) == NULL && strstr(text, "4bJkB00009") == NULL));
	free(text);
}

/* Whoever names a secret finds it in what is said of his own question. */
static bool may_be_scoped(struct slice input)
{
	return slice_starts_with(input, "scoped") && slice_find_nocase(input, SLICE(SECRET)) < 0 &&
	       slice_find(input, SLICE("B00009")) < 0 && slice_find_char(input, '%') < 0 &&
	       slice_find_char(input, '\\') < 0;
}

static void ask(const struct api *api, struct http_router *router, bool scoped, struct slice line,
    struct slice body, char view[64])
{
	BUFFER_AUTO struct buffer whole = {0};
	struct http_request *rq = memory_zero(1, sizeof(*rq));
	struct gate_refusal refusal;
	const char *id;
	struct slice method;

	slice_split(&line, ' ', &method);
	append_with_view(&whole, body, view);
	buffer_append_slice(&rq->head_bytes, method);
	buffer_append_string(&rq->head_bytes, " /api/v1");
	append_with_view(&rq->head_bytes, line, view);
	buffer_printf(&rq->head_bytes,
	    " HTTP/1.1\r\nHost: localhost\r\nX-Postroom: 1\r\nContent-Type: application/json\r\n");
	if (!slice_is(method, "GET"))
		buffer_printf(&rq->head_bytes, "Content-Length: %zu\r\n", whole.len);
	buffer_append_string(&rq->head_bytes, "\r\n");
	if (!needs_more(buffer_slice(&whole)) &&
	    gate_parse(buffer_slice(&rq->head_bytes), &rq->head, &refusal)) {
		if (!slice_is(method, "GET"))
			buffer_append_slice(&rq->body, buffer_slice(&whole));
		rq->transport = &no_connection;
		router_begin(router, rq);
		exchange_tick(api->logreader, 0); /* it is not there: says so now */
		exchange_tick(api->notifier, 0);
		must(answer.count == 1 && answer.status != 500);
		if (scoped)
			check_secret();
		id = json_string_value(json_object_get(answer.json, "id"));
		if (answer.status == 201 && id != NULL)
			snprintf(view, 64, "%s", id);
	}
	request_free(&rq);
	answer_clear();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct index *ix = index_of_five();
	struct role_config config = {0};
	struct api api = {.query = query_create(ix),
	    .config = &config,
	    .logreader = exchange_create(),
	    .notifier = exchange_create(),
	    .services = {.log_status = no_status,
		.warnings = no_warnings,
		.postfix_running = is_running,
		.source_kind = no_source,
		.source_failed = has_not_failed}};
	struct http_router *router = http_router_create();
	struct slice rest = slice_make(data, size), request, line;
	char view[64] = "none";
	bool scoped = may_be_scoped(rest);

	api.scopes = api_scopes_create(api.query);
	api.numbers = numbers_create();
	http_router_set_authenticate(router, authenticate, &scoped);
	http_router_add(router, api_completions_routes, &api);
	http_router_add(router, api_filters_routes, &api);
	http_router_add(router, api_groups_routes, &api);
	http_router_add(router, api_messages_routes, &api);
	http_router_add(router, api_previews_routes, &api);
	http_router_add(router, api_queue_routes, &api);
	http_router_add(router, api_views_routes, &api);
	while (rest.len > 0 && slice_split(&rest, '\0', &request)) {
		slice_split(&request, '\n', &line);
		ask(&api, router, scoped, line, request.data != NULL ? request : slice_make("", 0),
		    view);
	}
	http_router_destroy(&router);
	exchange_destroy(&api.logreader);
	exchange_destroy(&api.notifier);
	api_scopes_destroy(&api.scopes);
	numbers_destroy(&api.numbers);
	query_free(api.query);
	index_free(ix);
	return 0;
}
