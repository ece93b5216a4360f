/* Begins a probe of a destination that mail waits for, or of our own address, and tells how it
 * goes. */
#include "api/probes.h"

#include <arpa/inet.h>
#include <string.h>

#include "api/incident_json.h"
#include "api/probe_names.h"
#include "api/probe_route.h"
#include "api/probe_runs.h"
#include "base/clock.h"
#include "base/memory.h"
#include "filter/idn.h"
#include "query/groups.h"
#include "watch/incident_watch.h"

#define DOMAIN_MAX 255
#define ADDRESS_MAX 45
#define NUMBER_MAX INT64_C(9007199254740991)
#define INCIDENT_MAX 16 /* digits of its id */

/* What is asked for, and what is known of it. */
struct wanted {
	struct slice kind, domain, address;
	bool own;
	int64_t incident; /* 0: none */
	const struct incident_record *record;
	struct buffer name; /* the domain as it is looked up: ASCII, in lower case */
};

static bool refuse(struct http_request *rq, const char *member, enum said_code says)
{
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", member), says, 0);
	return false;
}

/* ---- What is asked for ---- */

static bool is_address(struct slice text)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char bytes[16];

	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	return inet_pton(AF_INET, copy, bytes) == 1 || inet_pton(AF_INET6, copy, bytes) == 1;
}

static bool read_incident(struct slice text, int64_t *out)
{
	uint64_t id;

	if (!slice_to_u64(text, &id) || id == 0 || id > NUMBER_MAX)
		return false;
	*out = (int64_t)id;
	return true;
}

static bool read_body(struct http_request *rq, struct wanted *w)
{
	const json_t *body = http_json(rq, "kind domain incident address");
	struct slice incident = SLICE("");

	if (body == NULL || !http_json_string(rq, body, "kind", HTTP_REQUIRED, 20, &w->kind) ||
	    !http_json_string(rq, body, "domain", HTTP_OPTIONAL, DOMAIN_MAX, &w->domain) ||
	    !http_json_string(rq, body, "address", HTTP_OPTIONAL, ADDRESS_MAX, &w->address) ||
	    !http_json_string(rq, body, "incident", HTTP_OPTIONAL, INCIDENT_MAX, &incident))
		return false;
	if (incident.len > 0 && !read_incident(incident, &w->incident))
		return refuse(rq, "incident", SAID_PROBLEM_PROBE_INCIDENT);
	w->own = slice_is(w->kind, "own_address");
	if (!w->own && !slice_is(w->kind, "destination"))
		return refuse(rq, "kind", SAID_PROBLEM_PROBE_KIND);
	if (w->own && w->domain.len > 0)
		return refuse(rq, "domain", SAID_PROBLEM_PROBE_OWN_NO_DOMAIN);
	if (!w->own && w->address.len > 0)
		return refuse(rq, "address", SAID_PROBLEM_PROBE_BY_NAME);
	return w->address.len == 0 || is_address(w->address) ||
	       refuse(rq, "address", SAID_PROBLEM_PROBE_ADDRESS);
}

static bool find_incident(struct http_request *rq, struct api *api, struct wanted *w)
{
	if (w->incident == 0)
		return true;
	w->incident = numbers_meant(api_numbers(api, rq), NUMBER_INCIDENT, w->incident);
	w->record = incident_tracking_find(incident_watch_tracking(api->incidents), w->incident);
	/* One that he may not know of is as one that there is not. */
	if (w->record != NULL && api_incident_within(api_scope(api, rq), &w->record->row))
		return true;
	w->record = NULL;
	http_reply_said(rq, "incident_not_found", NULL, SAID_PROBLEM_NO_INCIDENT_MORE, 0);
	return false;
}

/* Of an incident about a host or a provider: the domain that most of its messages wait for. */
static void name_from_incident(struct api *api, const struct query_scope *scope, struct wanted *w)
{
	struct filter *filter;
	struct groups groups;

	if (w->record->row.subject == INCIDENT_OF_DOMAIN) {
		buffer_append_string(&w->name, w->record->row.key);
		return;
	}
	filter = w->record->row.filter != NULL ? filter_parse(slice_of(w->record->row.filter), NULL)
					       : NULL;
	if (filter == NULL)
		return;
	if (query_groups(
		api->query, scope, filter, GROUP_RECIPIENT_DOMAIN, 1, clock_now(), &groups, NULL)) {
		if (groups.count > 0)
			buffer_append_slice(&w->name, groups.items[0].key);
		groups_free(&groups);
	}
	filter_free(filter);
}

/* A name, or an address in brackets; a port belongs to no domain. */
static bool is_domain(struct slice text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

	if (text.len > 2 && text.data[0] == '[' && text.data[text.len - 1] == ']') {
		text = slice_make(text.data + 1, text.len - 2);
		if (slice_starts_with(text, "ipv6:"))
			text = slice_from(text, 5);
		return is_address(text);
	}
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\0' || strchr(allowed, text.data[i]) == NULL)
			return false;
	return text.len > 0 && text.len <= DOMAIN_MAX;
}

/* In lower case and ASCII, as it is looked up. A domain in the queue may hold anything: what is no
 * name is refused here, and not given to a resolver. */
static bool make_name(struct http_request *rq, struct wanted *w)
{
	BUFFER_AUTO struct buffer ascii = {0};

	if (idn_ascii(&ascii, buffer_slice(&w->name))) {
		buffer_clear(&w->name);
		buffer_append_slice(&w->name, buffer_slice(&ascii));
	}
	for (size_t i = 0; i < w->name.len; i++)
		if (w->name.data[i] >= 'A' && w->name.data[i] <= 'Z')
			w->name.data[i] = (char)(w->name.data[i] | 0x20);
	return is_domain(buffer_slice(&w->name)) ||
	       refuse(rq, "domain", SAID_PROBLEM_PROBE_NO_NAME);
}

/* What the caller sees decides: a probe must not tell that mail for a domain is there. */
static bool waits_in_queue(struct api *api, const struct query_scope *scope, struct slice domain)
{
	BUFFER_AUTO struct buffer text = {0};
	struct index_match match = {0};
	struct filter *filter;

	buffer_append_string(&text, "domain:=");
	filter_quote(&text, domain);
	filter = filter_parse(buffer_slice(&text), NULL);
	if (filter == NULL)
		return false;
	query_count(api->query, scope, filter, clock_now(), &match);
	filter_free(filter);
	return match.messages > 0;
}

static bool find_domain(struct http_request *rq, struct api *api, struct wanted *w)
{
	const struct query_scope *scope = api_scope(api, rq);

	if (w->domain.len == 0 && w->record == NULL) {
		http_reply_said(rq, "missing_member", json_pack("{ss}", "member", "domain"),
		    SAID_PROBLEM_PROBE_DOMAIN, 0);
		return false;
	}
	if (w->domain.len > 0)
		buffer_append_slice(&w->name, w->domain);
	else
		name_from_incident(api, scope, w);
	if (w->name.len == 0) {
		http_reply_said(rq, "probe_not_queued", NULL, SAID_PROBLEM_PROBE_NAME_ONE, 0);
		return false;
	}
	if (!make_name(rq, w))
		return false;
	if (waits_in_queue(api, scope, buffer_slice(&w->name)))
		return true;
	http_reply_said(rq, "probe_not_queued", NULL, SAID_PROBLEM_PROBE_NOT_QUEUED, 1,
	    said_text("domain", buffer_slice(&w->name)));
	return false;
}

/* ---- Beginning ---- */

static bool may_begin(struct http_request *rq, struct api *api)
{
	int64_t retry_after;
	struct error err;

	if (api_probes_may_begin(api->probes, rq, &retry_after, &err))
		return true;
	if (retry_after > 0)
		http_reply_error_as(
		    rq, err.code, &err, json_pack("{sI}", "retry_after", (json_int_t)retry_after));
	else
		http_reply_error(rq, &err);
	return false;
}

static void begin_destination(struct http_request *rq, struct api *api, struct wanted *w)
{
	const struct probe_asked asked = {
	    buffer_string(&w->name), w->incident, http_caller(rq)->name, http_caller(rq)->scope};

	http_set_audit_text(rq, "test of %s", asked.domain);
	http_reply_json(rq, 201,
	    api_probe_json(api_numbers(api, rq), api_probes_begin(api->probes, &asked, NULL)));
}

static void begin_own(struct http_request *rq, struct api *api, struct wanted *w)
{
	struct probe_question question = {.kind = PROBE_OWN_ADDRESS, .next_hop = SLICE("")};
	const struct probe_asked asked = {
	    NULL, w->incident, http_caller(rq)->name, http_caller(rq)->scope};
	struct probe_names names;

	probe_route_client(api->config, &(const struct probe_client){.count = 0}, &question);
	probe_names_collect(api->query, api_scope(api, rq),
	    slice_of(role_config_get(api->config, "probes.blocklists")), w->record, &names);
	question.blocklists = buffer_slice(&names.blocklists);
	/* What others have seen counts more than what is set here: behind NAT it is another. */
	question.address = w->address.len > 0	      ? w->address
			   : names.address[0] != '\0' ? slice_of(names.address)
						      : question.bind4;
	http_set_audit_text(rq, "test of our own address");
	http_reply_json(
	    rq, 201, api_probe_json(NULL, api_probes_begin(api->probes, &asked, &question)));
	probe_names_free(&names);
}

static void start_probe(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct wanted w = {.incident = 0};

	if (!read_body(rq, &w) || !find_incident(rq, api, &w))
		return;
	if (!w.own) {
		if (find_domain(rq, api, &w) && may_begin(rq, api))
			begin_destination(rq, api, &w);
	} else if (!query_scope_is_all(api_scope(api, rq))) {
		http_reply_said(rq, "forbidden", NULL, SAID_PROBLEM_OWN_OF_ALL, 1,
		    said_text("who", slice_of(http_caller(rq)->name)));
	} else if (may_begin(rq, api)) {
		begin_own(rq, api, &w);
	}
	buffer_free(&w.name);
}

/* ---- Telling ---- */

/* Whoever sees a part of the queue sees what was begun within it: other probes tell what waits. */
static bool may_see(const struct http_request *rq, const struct probe_run *run)
{
	return api_made_within(rq, run->scope);
}

static void get_probes(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct numbers *numbers = api_numbers(api, rq);
	struct slice domain = {"", 0};
	uint64_t incident;
	json_t *list;
	bool all;

	if (!http_query_u64(rq, "incident", 1, NUMBER_MAX, 0, &incident))
		return;
	(void)http_query(rq, "domain", &domain);
	all = incident == 0;
	incident = (uint64_t)numbers_meant(numbers, NUMBER_INCIDENT, (int64_t)incident);
	list = json_array();
	for (size_t i = 0; i < api_probes_count(api->probes); i++) {
		const struct probe_run *run = api_probes_at(api->probes, i);

		if ((all || (uint64_t)run->incident == incident) &&
		    (domain.len == 0 || (run->domain != NULL &&
					    slice_equal_nocase(domain, slice_of(run->domain)))) &&
		    may_see(rq, run))
			json_array_append_new(list, api_probe_json(numbers, run));
	}
	http_reply_json(rq, 200, json_pack("{so}", "probes", list));
}

static void get_probe(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct numbers *numbers = api_numbers(api, rq);
	uint64_t id;

	if (slice_to_u64(http_path_param(rq, "id"), &id) && id <= NUMBER_MAX) {
		id = (uint64_t)numbers_meant(numbers, NUMBER_PROBE, (int64_t)id);
		for (size_t i = 0; i < api_probes_count(api->probes); i++) {
			const struct probe_run *run = api_probes_at(api->probes, i);

			if ((uint64_t)run->id == id && may_see(rq, run)) {
				http_reply_json(rq, 200, api_probe_json(numbers, run));
				return;
			}
		}
	}
	http_reply_code(rq, "probe_not_found");
}

const struct http_route api_probes_routes[] = {
    {HTTP_GET, "/api/v1/probes", RIGHT_VIEWER, 0, "incident domain", get_probes,
	.within = SCOPE_OWN},
    {HTTP_POST, "/api/v1/probes", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, start_probe,
	.within = SCOPE_OWN, .audit = AUDIT_PROBE},
    {HTTP_GET, "/api/v1/probes/{id}", RIGHT_VIEWER, 0, NULL, get_probe, .within = SCOPE_OWN},
    {.path = NULL},
};
