/* Pauses are set, changed and lifted by src/settings, which answers later; the list is in memory,
 * and what Postfix's own files say is asked of the helper each time, because others edit them. */
#include "api/pauses.h"

#include <stdlib.h>
#include <string.h>

#include "api/act.h"
#include "api/pause_json.h"
#include "base/clock.h"
#include "base/memory.h"
#include "query/groups.h"
#include "store/store.h"

#define ENDED_MAX 100

/* One request, while it waits for an answer. */
struct ask {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	/* of the list */
	json_t *setup, *foreign; /* owned; NULL: not known */
	bool ended;
	struct pause *past;
	size_t past_count;
};

static struct ask *ask_create(struct api *api, struct http_request *rq)
{
	struct ask *ask = memory_zero(1, sizeof(*ask));

	ask->api = api;
	http_wait(rq, &ask->rq);
	return ask;
}

static void ask_free(struct ask *ask)
{
	json_decref(ask->setup);
	json_decref(ask->foreign);
	for (size_t i = 0; i < ask->past_count; i++)
		pause_clear(&ask->past[i]);
	free(ask->past);
	free(ask);
}

/* ---- The list ---- */

/* The queue is counted for all of them at once; -1: it does not know that one yet. */
static int64_t waiting_of(const struct index_pause_count *counts, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (counts[i].id == id)
			return (int64_t)counts[i].messages;
	return -1;
}

static json_t *throttles_json(void)
{
	json_t *list = json_array();

	for (const uint32_t *seconds = pauses_throttles(); *seconds != 0; seconds++)
		json_array_append_new(list, json_integer(*seconds));
	return list;
}

static void reply_list(struct ask *ask)
{
	json_t *list = json_array();
	MEMORY_AUTO struct index_pause_count *counts = NULL;
	size_t count, counted = query_count_pauses(ask->api->query, &counts);
	const struct pause *const *pauses = pauses_list(ask->api->pauses, &count);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(
		    list, api_pause_json(pauses[i], waiting_of(counts, counted, pauses[i]->id)));
	for (size_t i = 0; i < ask->past_count; i++)
		json_array_append_new(list, api_pause_json(&ask->past[i], -1));
	http_reply_json(ask->rq, 200,
	    json_pack("{sO?, so, sO?, so}", "setup", ask->setup, "pauses", list, "foreign",
		ask->foreign, "throttles", throttles_json()));
}

static enum db_result read_ended(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return pause_rows_list(db, false, ENDED_MAX, &ask->past, &ask->past_count, err);
}

static void ended_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && result != DB_OK)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL)
		reply_list(ask);
	ask_free(ask);
}

/* Without the helper the list is told all the same: it is the store's. */
static void foreign_found(
    void *context, const struct pauses_foreign *found, size_t count, const struct error *err)
{
	struct ask *ask = context;

	if (err == NULL)
		ask->foreign = json_array();
	for (size_t i = 0; err == NULL && i < count; i++)
		json_array_append_new(
		    ask->foreign, json_pack("{so, so}", "what", api_string(found[i].what), "text",
				      api_string(found[i].text)));
	if (ask->ended) {
		store_ask_read(ask->api->store, read_ended, ended_read, ask);
		return;
	}
	if (ask->rq != NULL)
		reply_list(ask);
	ask_free(ask);
}

static void setup_looked_at(void *context, const struct pause_setup *setup, const struct error *err)
{
	struct ask *ask = context;

	if (err == NULL)
		ask->setup = api_pause_setup_state_json(setup->state);
	pauses_foreign(ask->api->pauses, foreign_found, ask);
}

static void list_pauses(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct ask *ask;
	bool ended;

	if (!http_query_bool(rq, "ended", &ended))
		return;
	ask = ask_create(api, rq);
	ask->ended = ended;
	pauses_setup_look(api->pauses, setup_looked_at, ask);
}

/* ---- Setting, changing, lifting ---- */

/* "pause 7 of domain big.example until 2026-11-30T04:00:00Z: reason" */
static void audit_pause(struct http_request *rq, const struct pause *pause)
{
	char until[CLOCK_RFC3339_SIZE];

	clock_rfc3339(pause->until, until);
	http_set_audit_text(rq, "pause %lld of %s %s until %s: %s", (long long)pause->id,
	    pause_kind_name(pause->kind), pause->key, until, pause->reason);
}

/* 202: it is written down; when Postfix knows it, its state says. */
static void pause_done(void *context, const struct pause *pause, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && pause != NULL) {
		audit_pause(ask->rq, pause);
		http_reply_json(ask->rq, 202, api_pause_json(pause, -1));
	} else if (ask->rq != NULL)
		act_reply_error(ask->rq, err);
	ask_free(ask);
}

struct domains {
	struct slice domain[GROUPS_LIMIT_MAX];
	size_t count;
	struct buffer texts; /* while they are gathered, `data` are offsets in it */
};

static void take_domain(void *context, struct slice domain)
{
	struct domains *d = context;

	if (d->count == GROUPS_LIMIT_MAX)
		return;
	d->domain[d->count++] = (struct slice){(const char *)(uintptr_t)d->texts.len, domain.len};
	buffer_append_slice(&d->texts, domain);
}

/* What is known now; what comes later is told by pauses_saw. */
static void add_domains(struct api *api, struct api_pause_ask *read, struct domains *domains)
{
	if (read->ask.kind != PAUSE_PROVIDER)
		return;
	query_domains_of_host(api->query, read->ask.key, clock_now(), take_domain, domains);
	for (size_t i = 0; i < domains->count; i++)
		domains->domain[i].data = domains->texts.data + (uintptr_t)domains->domain[i].data;
	read->ask.domains = domains->domain;
	read->ask.domain_count = domains->count;
}

/* False: it has been answered. */
static bool read_reason(struct http_request *rq, const json_t *body, struct api_pause_ask *read)
{
	struct slice confirm = SLICE("");

	if (!http_json_string(
		rq, body, "reason", HTTP_REQUIRED, PAUSES_REASON_MAX, &read->ask.reason) ||
	    !http_json_string(rq, body, "confirm", HTTP_OPTIONAL, PAUSE_KEY_MAX, &confirm))
		return false;
	read->ask.reason = slice_trim(read->ask.reason);
	if (read->ask.reason.len == 0) {
		http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", "reason"),
		    SAID_PROBLEM_PAUSE_REASON, 0);
		return false;
	}
	read->ask.own_domain_confirmed = slice_equal_nocase(slice_trim(confirm), read->ask.key);
	return true;
}

static void create_pause(struct http_request *rq, void *context)
{
	const json_t *body = http_json(rq, API_PAUSE_TARGET " reason confirm");
	struct domains *domains;
	struct api *api = context;
	struct api_pause_ask read;

	if (body == NULL)
		return;
	domains = memory_zero(1, sizeof(*domains));
	if (api_pause_read(rq, body, clock_now(), &read) && read_reason(rq, body, &read)) {
		/* From who has signed in, never from the body. */
		read.ask.who = slice_of(http_caller(rq)->name);
		add_domains(api, &read, domains);
		pauses_set(api->pauses, &read.ask, pause_done, ask_create(api, rq));
	}
	api_pause_free(&read);
	buffer_free(&domains->texts);
	free(domains);
}

static int64_t pause_number(struct http_request *rq)
{
	uint64_t id;

	if (slice_to_u64(http_path_param(rq, "id"), &id) && id > 0 &&
	    id <= INT64_C(9007199254740991))
		return (int64_t)id;
	http_reply_code(rq, "pause_not_found");
	return 0;
}

static void change_pause(struct http_request *rq, void *context)
{
	const json_t *body = http_json(rq, "until long");
	struct api *api = context;
	bool long_confirmed = false;
	int64_t until, id;

	if (body == NULL || !api_pause_read_end(rq, body, &until, &long_confirmed))
		return;
	id = pause_number(rq);
	if (id != 0)
		pauses_change(api->pauses, id, until, long_confirmed, http_caller(rq)->name,
		    pause_done, ask_create(api, rq));
}

static void lift_pause(struct http_request *rq, void *context)
{
	struct api *api = context;
	int64_t id = pause_number(rq);

	if (id != 0)
		pauses_lift(
		    api->pauses, id, http_caller(rq)->name, pause_done, ask_create(api, rq));
}

/* ---- The set-up ---- */

static void setup_done(void *context, const struct pause_setup *setup, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && setup != NULL)
		http_reply_json(ask->rq, 200, api_pause_setup_json(setup));
	else if (ask->rq != NULL)
		act_reply_error(ask->rq, err);
	ask_free(ask);
}

static void get_setup(struct http_request *rq, void *context)
{
	struct api *api = context;

	pauses_setup_look(api->pauses, setup_done, ask_create(api, rq));
}

/* As api_pause_setup_json writes it. */
static bool read_seen(struct http_request *rq, struct slice text, uint64_t *seen)
{
	*seen = 0;
	for (size_t i = 0; i < text.len && i <= 16; i++) {
		int digit = slice_hex_digit(text.data[i]);
		if (digit < 0)
			break;
		*seen = *seen << 4 | (uint64_t)digit;
		if (i + 1 == text.len && text.len <= 16)
			return true;
	}
	http_reply_said(
	    rq, "invalid_value", json_pack("{ss}", "member", "seen"), SAID_PROBLEM_PAUSE_SEEN, 0);
	return false;
}

static void make_setup(struct http_request *rq, void *context)
{
	const json_t *body = http_json(rq, "seen");
	struct api *api = context;
	struct slice text;
	uint64_t seen;

	if (body == NULL || !http_json_string(rq, body, "seen", HTTP_REQUIRED, 32, &text) ||
	    !read_seen(rq, text, &seen))
		return;
	http_set_audit_text(rq, "set-up of pauses");
	pauses_setup_do(api->pauses, seen, setup_done, ask_create(api, rq));
}

static void undo_setup(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct slice text = {"", 0};
	uint64_t seen;

	http_query(rq, "seen", &text);
	if (!read_seen(rq, text, &seen))
		return;
	http_set_audit_text(rq, "set-up of pauses undone");
	pauses_setup_undo(api->pauses, seen, setup_done, ask_create(api, rq));
}

/* What is paused names others' mail: not for whoever sees a part of the queue only. The words
 * before the number in an address: they would be one. */
const struct http_route api_pauses_routes[] = {
    {HTTP_GET, "/api/v1/pauses", RIGHT_VIEWER, 0, "ended", list_pauses},
    {HTTP_POST, "/api/v1/pauses", RIGHT_PAUSES, HTTP_BODY_DEFAULT, NULL, create_pause,
	.audit = AUDIT_PAUSE},
    {HTTP_GET, "/api/v1/pauses/setup", RIGHT_VIEWER, 0, NULL, get_setup},
    {HTTP_POST, "/api/v1/pauses/setup", RIGHT_SETTINGS, HTTP_BODY_DEFAULT, NULL, make_setup,
	.audit = AUDIT_SETTINGS},
    {HTTP_DELETE, "/api/v1/pauses/setup", RIGHT_SETTINGS, 0, "seen", undo_setup,
	.audit = AUDIT_SETTINGS},
    {HTTP_PUT, "/api/v1/pauses/{id}", RIGHT_PAUSES, HTTP_BODY_DEFAULT, NULL, change_pause,
	.audit = AUDIT_PAUSE},
    {HTTP_DELETE, "/api/v1/pauses/{id}", RIGHT_PAUSES, 0, NULL, lift_pause, .audit = AUDIT_PAUSE},
    {.path = NULL},
};
