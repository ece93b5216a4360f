/* The half of a proxy's word that speaks HTTP: the headers, the refusals, the record that somebody
 * came. */
#include "api/proxy_word.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/credentials.h"
#include "access/person_name.h"
#include "access/proxied.h"
#include "access/strangers.h"
#include "api/sign_on_groups.h"
#include "audit/audit.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/proxy_list.h"
#include "http/server.h"

struct proxy_word {
	struct api *api;
	struct proxied *proxied;
	char *used; /* of the configuration, as text: to see whether it has changed */
};

struct proxy_word *proxy_word_create(struct api *api)
{
	struct proxy_word *word = memory_zero(1, sizeof(*word));

	word->api = api;
	word->proxied = proxied_create();
	word->used = memory_strdup("");
	return word;
}

void proxy_word_destroy(struct proxy_word **word)
{
	if (*word == NULL)
		return;
	proxied_destroy(&(*word)->proxied);
	free((*word)->used);
	free(*word);
	*word = NULL;
}

/* ---- The configuration ---- */

/* All that decides who may what. */
static void describe_config(const struct role_config *config, struct buffer *text)
{
	static const char *const keys[] = {"http.trusted_proxy", "access.proxy_user_header",
	    "access.proxy_groups_header", "access.proxy_groups_separator"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		buffer_printf(text, "%s\n", role_config_get(config, keys[i]));
	for (unsigned number = 1; number <= GROUPS_MAX; number++)
		buffer_printf(text, "%s\n", sign_on_groups_line(config, number));
}

/* An address says which host asks, and not which user of it. */
static void warn_of_host_users(const struct role_config *config)
{
	struct proxy_list list;

	if (role_config_get(config, "access.proxy_user_header")[0] != '\0' &&
	    proxy_list_parse(slice_of(role_config_get(config, "http.trusted_proxy")), &list) &&
	    proxy_list_has_loopback(&list))
		log_warning("http.trusted_proxy names this host's loopback address, and %s there "
			    "says who somebody is: every user and program of this host can be "
			    "anybody; have the web server come by the Unix socket "
			    "(http.trusted_proxy = unix:USER)",
		    role_config_get(config, "access.proxy_user_header"));
}

/* At the start and with each change, where somebody looks; `postroom check` says it as well. */
static void warn_of_lost_rights(const struct groups *groups)
{
	for (size_t i = 0; i < groups_lines(groups); i++) {
		char lost[ACCESS_RIGHTS_WORDS_SIZE];

		access_rights_words(groups_lost(groups, i), lost);
		if (lost[0] != '\0')
			log_warning("access.group %s has a scope, and so does not have: %s",
			    groups_name(groups, i), lost);
	}
}

/* For http_server_end. */
static bool is_proxied(void *context, const struct caller *caller)
{
	(void)context;
	return caller->via == VIA_PROXY;
}

void proxy_word_use_config(struct proxy_word *word)
{
	const struct role_config *config = word->api->config;
	BUFFER_AUTO struct buffer text = {0};
	struct groups *groups;

	describe_config(config, &text);
	/* It comes again with each change of main.cf. */
	if (strcmp(word->used, buffer_string(&text)) == 0)
		return;
	free(word->used);
	word->used = memory_strdup(buffer_string(&text));
	warn_of_host_users(config);
	groups = sign_on_groups_read(config);
	warn_of_lost_rights(groups);
	proxied_set_groups(
	    word->proxied, groups, role_config_get(config, "access.proxy_groups_separator")[0]);
	if (word->api->http != NULL)
		http_server_end(word->api->http, NULL, is_proxied, NULL);
}

/* ---- A request ---- */

bool proxy_word_given(const struct http_request *rq)
{
	struct slice name;

	return http_is_by_proxy(rq) && http_named_person(rq, &name);
}

/* With the name as it was tried, summed up like wrong passwords. */
static void refuse(
    struct proxy_word *word, struct http_request *rq, struct slice name, const struct error *why)
{
	strangers_sign_in_failed(word->api->strangers, name, http_peer(rq), clock_monotonic_ms());
	http_reply_error(rq, why);
}

static void record_arrival(struct proxy_word *word, struct http_request *rq,
    const struct caller *caller, struct slice groups)
{
	char detail[300];

	snprintf(detail, sizeof(detail), "by single sign-on as %s, scope %s, groups %.*s",
	    access_role_name(caller->role), caller->scope != NULL ? caller->scope : "none",
	    SLICE_ARGS(slice_first(groups, 100)));
	audit_record(
	    word->api->audit, &(struct audit_entry){.action = AUDIT_SIGN_IN,
				  .who = slice_of(caller->name),
				  .role = slice_of(access_role_name(caller->role)),
				  .scope = slice_of(caller->scope != NULL ? caller->scope : ""),
				  .via = SLICE("proxy"),
				  .from = http_audit_address(http_peer(rq)),
				  .outcome = SLICE("done"),
				  .text = slice_of(detail)});
}

/* Two headers of one name: one of them may be the browser's own, and which counts would be a matter
 * of luck. */
static bool is_clear(
    const struct proxy_word *word, const struct http_request *rq, struct error *err)
{
	static const char *const keys[] = {
	    "access.proxy_user_header", "access.proxy_groups_header"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *header = role_config_get(word->api->config, keys[i]);

		if (http_header_count(rq, header) > 1)
			return error_say(err, "forbidden", SAID_PROBLEM_PROXY_TWICE, 1,
			    said_text("header", slice_of(header)));
	}
	return true;
}

static struct slice groups_header(const struct proxy_word *word, const struct http_request *rq)
{
	struct slice groups = SLICE("");

	return http_header(
		   rq, role_config_get(word->api->config, "access.proxy_groups_header"), &groups)
		   ? groups
		   : SLICE("");
}

bool proxy_word_person(
    const struct proxy_word *word, const struct http_request *rq, struct person *person)
{
	BUFFER_AUTO struct buffer groups = {0};
	char name[ACCOUNTS_NAME_MAX + 1];
	struct slice header, one;
	struct error err;

	if (!http_named_person(rq, &header) || !person_name(header, name, &err))
		return false;
	header = groups_header(word, rq);
	while (slice_split(&header,
	    role_config_get(word->api->config, "access.proxy_groups_separator")[0], &one)) {
		one = slice_trim(one);
		if (one.len == 0)
			continue;
		buffer_append_slice(&groups, one);
		buffer_append_char(&groups, '\0');
	}
	*person = (struct person){.way = PERSON_BY_PROXY,
	    .origin = memory_strdup(""),
	    .subject = memory_strdup(name),
	    .groups = memory_zero(1, groups.len + 1),
	    .groups_len = groups.len,
	    .seen = clock_now()};
	if (groups.len > 0)
		memcpy(person->groups, groups.data, groups.len);
	memcpy(person->name, name, sizeof(person->name));
	return true;
}

/* What he has here (a token) follows the groups that he comes with, also where they give him
 * nothing any more. Gives his number, 0 for most. */
static uint64_t note_person(
    const struct proxy_word *word, struct credentials *credentials, const struct http_request *rq)
{
	struct person person = {0};
	uint64_t id = 0;

	if (proxy_word_person(word, rq, &person) &&
	    people_seen(credentials_people(credentials), &person, clock_boot_us() / 1000000))
		id = (uint64_t)person.id;
	person_free(&person);
	return id;
}

/* For http_server_end: what was begun with other rights. */
static bool is_former(void *context, const struct caller *caller)
{
	const uint64_t *former = context;

	return caller->via == VIA_PROXY && caller->id == *former;
}

void proxy_word_authenticate(
    struct proxy_word *word, struct credentials *credentials, struct http_request *rq)
{
	struct proxied_said said = {.now = clock_now(), .now_ms = clock_monotonic_ms()};
	struct proxied_arrival arrival;
	struct caller caller;
	uint64_t person;
	struct error err;

	http_named_person(rq, &said.name);
	if (!is_clear(word, rq, &err)) {
		refuse(word, rq, said.name, &err);
		return;
	}
	said.groups = groups_header(word, rq);
	person = note_person(word, credentials, rq);
	if (!proxied_caller(word->proxied, &said, &caller, &arrival, &err)) {
		refuse(word, rq, said.name, &err);
		return;
	}
	caller.person = person;
	if (credentials_is_locked(credentials, slice_of(caller.name))) {
		error_say(&err, "forbidden", SAID_PROBLEM_PROXY_LOCKED, 1,
		    said_text("who", slice_of(caller.name)));
		refuse(word, rq, said.name, &err);
		return;
	}
	if (arrival.former != 0)
		http_server_end(word->api->http, rq, is_former, &arrival.former);
	if (arrival.arrived)
		record_arrival(word, rq, &caller, said.groups);
	http_authenticated(rq, &caller);
}
