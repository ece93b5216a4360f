/* Secrets go in here and never come out: of a URL its host is shown, of all others whether there is
 * one. A body that leaves them out keeps them, but not for another host: whoever may change an
 * address would else have them sent to it. */
#include "api/alert_setup_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/url.h"
#include "watch/alert_watch.h"
#include "watch/alerts/check.h"
#include "watch/incidents/incidents.h"

static const char *const day_names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
#define DAYS (sizeof(day_names) / sizeof(day_names[0]))

/* ---- Out ---- */

static json_t *text_or_null(const char *text)
{
	return api_string_or_null(slice_of(text));
}

static json_t *url_json(const char *url)
{
	struct slice origin = url_origin(slice_of(url));
	BUFFER_AUTO struct buffer text = {0};

	if (url[0] == '\0')
		return json_null();
	buffer_printf(&text, "%.*s/…", SLICE_ARGS(origin));
	return api_string(buffer_slice(&text));
}

static json_t *texts_json(char *const *list, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, api_string(slice_of(list[i])));
	return array;
}

static json_t *headers_json(const struct alert_channel *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->header_count; i++)
		json_array_append_new(
		    list, json_pack("{so, sb}", "name", api_string(slice_of(c->headers[i].name)),
			      "value_set", 1));
	return list;
}

static json_t *channel_json(const struct alert_watch *watch, const struct alert_channel *c)
{
	return json_pack(
	    "{ss, so, ss, sb, so, so, sb, so, so, so, so, so, so, so, sb, sb, sb, sI, so}", "id",
	    c->id, "name", api_string(slice_of(c->name)), "kind", alerts_channel_kind_name(c->kind),
	    "enabled", c->enabled, "url", url_json(c->url), "headers", headers_json(c), "hmac_set",
	    c->hmac[0] != '\0', "template", text_or_null(c->template), "command",
	    text_or_null(c->command), "arguments", texts_json(c->arguments, c->argument_count),
	    "relay", text_or_null(c->relay), "from", text_or_null(c->from), "to",
	    texts_json(c->to, c->to_count), "user", text_or_null(c->user), "password_set",
	    c->password[0] != '\0', "allow_local", c->allow_local, "resolved", c->resolved,
	    "limit_per_hour", (json_int_t)c->limit_per_hour, "failing_since",
	    api_time_or_null(alert_watch_failing_since(watch, c->id)));
}

static json_t *beat_json(const struct alert_beat *beat)
{
	if (beat->at == 0)
		return json_null();
	return json_pack("{so, sb, so}", "at", api_time(beat->at), "ok", beat->ok, "text",
	    api_string(slice_of(beat->text)));
}

json_t *api_alert_channels_json(const struct alert_watch *watch)
{
	const struct alert_setup *setup = alert_setting_get(alert_watch_setting(watch));
	const struct alert_heartbeat *beat = &setup->heartbeat;
	json_t *list = json_array();

	for (size_t i = 0; i < setup->channel_count; i++)
		json_array_append_new(list, channel_json(watch, &setup->channels[i]));
	return json_pack("{sI, so, s{so, sI, sb, sb, so}}", "revision",
	    (json_int_t)setup->channels_revision, "channels", list, "heartbeat", "url",
	    url_json(beat->url), "every_s", (json_int_t)beat->every, "enabled", beat->enabled,
	    "allow_local", beat->allow_local, "last", beat_json(alert_watch_beat(watch)));
}

static json_t *minutes_json(uint16_t minutes)
{
	char text[8];

	snprintf(text, sizeof(text), "%02u:%02u", minutes / 60u % 24u, minutes % 60u);
	return json_string(text);
}

static json_t *hours_json(const struct alert_hours *hours)
{
	json_t *days = json_array();

	if (!hours->set) {
		json_decref(days);
		return json_null();
	}
	for (size_t i = 0; i < DAYS; i++)
		if (hours->days & 1u << i)
			json_array_append_new(days, json_string(day_names[i]));
	return json_pack("{so, so, so, sb}", "from", minutes_json(hours->from), "to",
	    minutes_json(hours->to), "days", days, "outside", hours->outside);
}

static json_t *kinds_json(uint32_t kinds)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < INCIDENT_KINDS; i++)
		if (kinds & 1u << i)
			json_array_append_new(
			    list, json_string(incident_kind_name((enum incident_kind)i)));
	return list;
}

static json_t *severities_json(uint32_t severities)
{
	json_t *list = json_array();

	for (int i = INCIDENT_ACT; i >= INCIDENT_NOTE; i--)
		if (severities & 1u << i)
			json_array_append_new(
			    list, json_string(incident_severity_name((enum incident_severity)i)));
	return list;
}

static json_t *rule_json(const struct alert_rule *r)
{
	json_t *channels = json_array();

	for (size_t i = 0; i < r->channel_count; i++)
		json_array_append_new(channels, json_string(r->channels[i]));
	return json_pack("{ss, so, sb, so, so, so, so, so, so, ss, sI, sI, sb}", "id", r->id,
	    "name", api_string(slice_of(r->name)), "enabled", r->enabled, "kinds",
	    kinds_json(r->kinds), "severities", severities_json(r->severities), "key",
	    text_or_null(r->key), "channels", channels, "hours", hours_json(&r->hours), "quiet",
	    hours_json(&r->quiet), "group", alerts_group_name(r->group), "group_wait_s",
	    (json_int_t)r->group_wait, "repeat_s", (json_int_t)r->repeat, "resolved", r->resolved);
}

json_t *api_alert_rules_json(const struct alert_watch *watch)
{
	const struct alert_setup *setup = alert_setting_get(alert_watch_setting(watch));
	json_t *list = json_array();

	for (size_t i = 0; i < setup->rule_count; i++)
		json_array_append_new(list, rule_json(&setup->rules[i]));
	return json_pack("{sI, so}", "revision", (json_int_t)setup->rules_revision, "rules", list);
}

json_t *api_alert_silence_json(const struct alert_silence *s)
{
	const char *kind = s->kind >= 0 ? incident_kind_name((enum incident_kind)s->kind) : NULL;
	const char *severity =
	    s->severity >= 0 ? incident_severity_name((enum incident_severity)s->severity) : NULL;

	return json_pack("{sI, so, so, so, so, so, so, so}", "id", (json_int_t)s->id, "kind",
	    kind != NULL ? json_string(kind) : json_null(), "key", text_or_null(s->key), "severity",
	    severity != NULL ? json_string(severity) : json_null(), "until", api_time(s->until),
	    "reason", api_string(slice_of(s->reason)), "by", api_string(slice_of(s->by)), "at",
	    api_time(s->at));
}

/* ---- In ---- */

/* What is read of one element: where it stands, for the words of a refusal. */
struct element {
	struct http_request *rq;
	const json_t *object;
	const char *list; /* "channels"; NULL: the heartbeat */
	size_t index;
};

static bool refuse_with(const struct element *e, const struct alerts_fault *fault)
{
	struct error err = {0};
	char member[100];
	json_t *extra;

	if (e->list != NULL)
		snprintf(member, sizeof(member), "%s[%zu].%s", e->list, e->index, fault->member);
	else
		snprintf(member, sizeof(member), "heartbeat.%s", fault->member);
	extra = json_pack("{ss}", "member", member);
	if (fault->column > 0)
		json_object_set_new(extra, "column", json_integer((json_int_t)fault->column));
	snprintf(err.text, sizeof(err.text), "%s", fault->text);
	snprintf(err.words, sizeof(err.words), "%s", fault->words);
	http_reply_error_as(e->rq, fault->code, &err, extra);
	return false;
}

/* `count` values (struct said_value). */
static bool refuse(
    const struct element *e, const char *member, enum said_code says, size_t count, ...)
{
	SAID_AUTO struct said said = {0};
	struct alerts_fault fault = {.code = "invalid_value", .member = member};
	struct said_value values[SAID_VALUES_MAX];
	va_list args;

	va_start(args, count);
	count = said_take_values(values, count, args);
	va_end(args);
	said_put_values(&said, says, values, count);
	said_copy(&said, fault.text, sizeof(fault.text), fault.words, sizeof(fault.words));
	return refuse_with(e, &fault);
}

static bool refuse_unknown(const struct element *e, const char *name, const char *members)
{
	SAID_AUTO struct said said = {0};
	struct alerts_fault fault = {.code = "unknown_member", .member = name};

	said_put(&said, SAID_PROBLEM_UNKNOWN_MEMBER, 2,
	    said_text("name", slice_first(slice_of(name), 60)),
	    said_text("names", slice_of(members)));
	said_copy(&said, fault.text, sizeof(fault.text), fault.words, sizeof(fault.words));
	return refuse_with(e, &fault);
}

static bool knows_members(const struct element *e, const char *members)
{
	const char *name;
	json_t *value;

	if (!json_is_object(e->object)) {
		http_reply_said(e->rq, "invalid_value",
		    json_pack("{ss}", "member", e->list != NULL ? e->list : "heartbeat"),
		    SAID_PROBLEM_EACH_AN_OBJECT, 0);
		return false;
	}
	json_object_foreach((json_t *)(uintptr_t)e->object, name, value)
	{
		if (!http_in_list(members, slice_of(name)))
			return refuse_unknown(e, name, members);
	}
	return true;
}

/* A text that may be left out (then it is `fallback`, copied) or null (then it is empty). */
static bool read_text(
    const struct element *e, const char *name, size_t max, const char *fallback, char **out)
{
	const json_t *value = json_object_get(e->object, name);

	if (value == NULL)
		*out = memory_strdup(fallback);
	else if (json_is_null(value))
		*out = memory_strdup("");
	else if (json_is_string(value) && json_string_length(value) <= max)
		*out = memory_strndup(json_string_value(value), json_string_length(value));
	else {
		*out = memory_strdup("");
		return refuse(e, name, SAID_ALERTS_TEXT, 2, said_text("name", slice_of(name)),
		    said_number("most", (int64_t)max));
	}
	return true;
}

static bool read_flag(const struct element *e, const char *name, bool fallback, bool *out)
{
	const json_t *value = json_object_get(e->object, name);

	*out = value != NULL ? json_is_true(value) : fallback;
	return value == NULL || json_is_boolean(value) ||
	       refuse(e, name, SAID_ALERTS_FLAG, 1, said_text("name", slice_of(name)));
}

static bool read_number(const struct element *e, const char *name, int64_t least, int64_t most,
    int64_t fallback, int64_t *out)
{
	const json_t *value = json_object_get(e->object, name);

	*out = value != NULL ? json_integer_value(value) : fallback;
	return value == NULL || (json_is_integer(value) && *out >= least && *out <= most) ||
	       refuse(e, name, SAID_ALERTS_NUMBER, 3, said_text("name", slice_of(name)),
		   said_number("least", least), said_number("most", most));
}

static bool read_texts(
    const struct element *e, const char *name, size_t most, char ***list, size_t *count)
{
	const json_t *array = json_object_get(e->object, name), *item;
	size_t i;

	*count = 0;
	*list = memory_zero(most + 1, sizeof(**list));
	if (array == NULL)
		return true;
	if (!json_is_array(array) || json_array_size(array) > most)
		return refuse(e, name, SAID_ALERTS_TEXTS, 2, said_text("name", slice_of(name)),
		    said_number("most", (int64_t)most));
	json_array_foreach(array, i, item)
	{
		if (!json_is_string(item))
			return refuse(e, name, SAID_ALERTS_TEXTS, 2,
			    said_text("name", slice_of(name)), said_number("most", (int64_t)most));
		(*list)[(*count)++] = memory_strdup(json_string_value(item));
	}
	return true;
}

static bool read_id(const struct element *e, char id[ALERT_ID_MAX + 1])
{
	const json_t *value = json_object_get(e->object, "id");

	if (!json_is_string(value) ||
	    !alerts_check_id(slice_make(json_string_value(value), json_string_length(value))))
		return refuse(e, "id", SAID_ALERTS_ID, 1, said_number("most", ALERT_ID_MAX));
	snprintf(id, ALERT_ID_MAX + 1, "%s", json_string_value(value));
	return true;
}

/* ---- A channel ---- */

static const char *old_header(const struct alert_channel *old, const char *name)
{
	for (size_t i = 0; old != NULL && i < old->header_count; i++)
		if (slice_equal_nocase(slice_of(old->headers[i].name), slice_of(name)))
			return old->headers[i].value;
	return "";
}

static bool read_header(const struct element *e, const json_t *header,
    const struct alert_channel *old, struct alert_channel *c, bool *kept)
{
	struct element in = {e->rq, header, e->list, e->index};
	struct alert_header *to = &c->headers[c->header_count];
	char *value;

	if (!json_is_object(header) || json_object_size(header) > 2)
		return refuse(e, "headers", SAID_ALERTS_HEADER, 0);
	if (!read_text(&in, "name", ALERT_HEADER_NAME_MAX, "", &to->name)) {
		free(to->name);
		return false;
	}
	c->header_count++;
	to->value = memory_strdup(old_header(old, to->name));
	if (json_object_get(header, "value") == NULL) {
		*kept |= to->value[0] != '\0';
		return true;
	}
	if (!read_text(&in, "value", ALERT_HEADER_VALUE_MAX, "", &value)) {
		free(value);
		return false;
	}
	free(to->value);
	to->value = value;
	return true;
}

static bool read_headers(
    const struct element *e, const struct alert_channel *old, struct alert_channel *c, bool *kept)
{
	const json_t *array = json_object_get(e->object, "headers"), *header;
	size_t i;

	c->headers = memory_zero(ALERT_HEADERS_MAX, sizeof(*c->headers));
	if (array == NULL)
		return true;
	if (!json_is_array(array) || json_array_size(array) > ALERT_HEADERS_MAX)
		return refuse(
		    e, "headers", SAID_ALERTS_HEADERS, 1, said_number("most", ALERT_HEADERS_MAX));
	json_array_foreach(array, i, header)
	{
		if (!read_header(e, header, old, c, kept))
			return false;
	}
	return true;
}

/* A secret that is left out stays what it was. */
static bool read_secret(const struct element *e, const char *name, size_t max, const char *fallback,
    char **out, bool *kept)
{
	*kept |= json_object_get(e->object, name) == NULL && fallback[0] != '\0';
	return read_text(e, name, max, fallback, out);
}

static bool same_place(const char *a, const char *b)
{
	return slice_equal(url_origin(slice_of(a)), url_origin(slice_of(b)));
}

static bool read_secrets(
    const struct element *e, const struct alert_channel *old, struct alert_channel *c)
{
	const struct alert_channel none = {.url = (char[]){""},
	    .hmac = (char[]){""},
	    .password = (char[]){""},
	    .relay = (char[]){""}};
	const struct alert_channel *from = old != NULL ? old : &none;
	bool kept = false;

	if (!read_headers(e, old, c, &kept) ||
	    !read_secret(e, "hmac", ALERT_HMAC_MAX, from->hmac, &c->hmac, &kept) ||
	    !read_secret(e, "password", ALERT_PASSWORD_MAX, from->password, &c->password, &kept))
		return false;
	if (kept && (!same_place(from->url, c->url) || !same_place(from->relay, c->relay)))
		return refuse(
		    e, c->relay[0] != '\0' ? "password" : "headers", SAID_ALERTS_SECRETS_AGAIN, 0);
	return true;
}

#define CHANNEL_MEMBERS                                                                            \
	"id name kind enabled url headers hmac template command arguments relay from to user "     \
	"password allow_local resolved limit_per_hour"

static bool read_kind(const struct element *e, struct alert_channel *c)
{
	const json_t *value = json_object_get(e->object, "kind");
	int kind =
	    json_is_string(value) ? alerts_channel_kind(slice_of(json_string_value(value))) : -1;

	if (kind < 0)
		return refuse(e, "kind", SAID_ALERTS_KIND, 0);
	c->kind = (enum alert_channel_kind)kind;
	return true;
}

static bool read_channel(
    const struct element *e, const struct alert_setup *setup, struct alert_channel *c)
{
	const struct alert_channel *old;
	int64_t limit;
	bool fine;

	if (!knows_members(e, CHANNEL_MEMBERS) || !read_id(e, c->id) || !read_kind(e, c))
		return false;
	old = alert_setup_channel(setup, c->id);
	fine =
	    read_text(e, "name", ALERT_NAME_MAX, c->id, &c->name) &&
	    read_flag(e, "enabled", true, &c->enabled) &&
	    read_text(e, "url", ALERT_URL_MAX, old != NULL ? old->url : "", &c->url) &&
	    read_text(e, "template", ALERT_TEMPLATE_MAX, "", &c->template) &&
	    read_text(e, "command", ALERT_COMMAND_MAX, "", &c->command) &&
	    read_texts(e, "arguments", ALERT_ARGUMENTS_MAX, &c->arguments, &c->argument_count) &&
	    read_text(e, "relay", ALERT_RELAY_MAX, "", &c->relay) &&
	    read_text(e, "from", ALERT_ADDRESS_MAX, "", &c->from) &&
	    read_texts(e, "to", ALERT_RECIPIENTS_MAX, &c->to, &c->to_count) &&
	    read_text(e, "user", ALERT_USER_MAX, "", &c->user) &&
	    read_flag(e, "allow_local", false, &c->allow_local) &&
	    read_flag(e, "resolved", true, &c->resolved) &&
	    read_number(e, "limit_per_hour", ALERTS_LIMIT_LEAST, ALERTS_LIMIT_MOST, 60, &limit) &&
	    read_secrets(e, old, c);
	if (fine)
		c->limit_per_hour = (uint32_t)limit;
	return fine;
}

/* Twice the same id: an answer could not say which is meant. */
static bool is_first(const struct element *e, const json_t *array)
{
	const char *id = json_string_value(json_object_get(e->object, "id"));

	for (size_t i = 0; i < e->index; i++)
		if (strcmp(id,
			json_string_value(json_object_get(json_array_get(array, i), "id"))) == 0)
			return refuse(
			    e, "id", SAID_ALERTS_ID_TWICE, 1, said_text("name", slice_of(id)));
	return true;
}

static bool read_heartbeat(struct http_request *rq, const json_t *object,
    const struct alert_setup *old, struct alert_setup *fresh)
{
	struct element e = {rq, object, NULL, 0};
	struct alert_heartbeat *beat = &fresh->heartbeat;
	const char *url = old->heartbeat.url != NULL ? old->heartbeat.url : "";
	struct alerts_fault fault;

	if (!knows_members(&e, "url every_s enabled allow_local") ||
	    !read_text(&e, "url", ALERT_URL_MAX, url, &beat->url) ||
	    !read_number(&e, "every_s", ALERTS_BEAT_LEAST, ALERTS_BEAT_MOST, 60, &beat->every) ||
	    !read_flag(&e, "enabled", false, &beat->enabled) ||
	    !read_flag(&e, "allow_local", false, &beat->allow_local))
		return false;
	return alerts_check_heartbeat(beat, &fault) || refuse_with(&e, &fault);
}

/* A list that the body must have. NULL: answered. */
static const json_t *list_of(
    struct http_request *rq, const json_t *body, const char *name, size_t most)
{
	const json_t *array = json_object_get(body, name);

	if (array == NULL)
		http_reply_said(rq, "missing_member", json_pack("{ss}", "member", name),
		    SAID_PROBLEM_LIST_MISSING, 0);
	else if (!json_is_array(array) || json_array_size(array) > most)
		http_reply_said(
		    rq, "invalid_value", json_pack("{ss}", "member", name), SAID_PROBLEM_A_LIST, 0);
	else
		return array;
	return NULL;
}

/* A rule would else tell nobody, and nobody would notice. */
static bool rules_keep_theirs(
    struct http_request *rq, const struct alert_setup *old, const struct alert_setup *fresh)
{
	for (size_t i = 0; i < old->rule_count; i++)
		for (size_t c = 0; c < old->rules[i].channel_count; c++) {
			if (alert_setup_channel(fresh, old->rules[i].channels[c]) != NULL)
				continue;
			http_reply_said(rq, "invalid_value",
			    json_pack("{ss}", "member", "channels"), SAID_ALERTS_CHANNEL_USED, 2,
			    said_text("rule", slice_of(old->rules[i].id)),
			    said_text("channel", slice_of(old->rules[i].channels[c])));
			return false;
		}
	return true;
}

bool api_alert_channels_read(struct http_request *rq, const json_t *body,
    const struct alert_setup *old, struct alert_setup *fresh)
{
	const json_t *array = list_of(rq, body, "channels", ALERT_CHANNELS_MAX);
	struct element e = {rq, NULL, "channels", 0};
	struct alerts_fault fault;

	*fresh = (struct alert_setup){0};
	if (array == NULL)
		return false;
	fresh->channels = memory_zero(ALERT_CHANNELS_MAX, sizeof(*fresh->channels));
	json_array_foreach(array, e.index, e.object)
	{
		struct alert_channel *c = &fresh->channels[fresh->channel_count++];

		if (!read_channel(&e, old, c) || !is_first(&e, array))
			return false;
		if (!alerts_check_channel(c, &fault))
			return refuse_with(&e, &fault);
	}
	return read_heartbeat(rq, json_object_get(body, "heartbeat"), old, fresh) &&
	       rules_keep_theirs(rq, old, fresh);
}

/* ---- A rule ---- */

static int find_kind(const char *name)
{
	for (int i = 0; i < INCIDENT_KINDS; i++)
		if (name != NULL && strcmp(name, incident_kind_name((enum incident_kind)i)) == 0)
			return i;
	return -1;
}

static int find_severity(const char *name)
{
	for (int i = INCIDENT_NOTE; i <= INCIDENT_ACT; i++)
		if (name != NULL &&
		    strcmp(name, incident_severity_name((enum incident_severity)i)) == 0)
			return i;
	return -1;
}

static int find_day(const char *name)
{
	for (size_t i = 0; i < DAYS; i++)
		if (name != NULL && strcmp(name, day_names[i]) == 0)
			return (int)i;
	return -1;
}

/* A list of words as bits. */
static bool read_bits(const struct element *e, const char *name, int (*find)(const char *name),
    uint32_t fallback, uint32_t *bits)
{
	const json_t *array = json_object_get(e->object, name), *item;
	size_t i;

	*bits = 0;
	if (array != NULL && !json_is_array(array))
		return refuse(e, name, SAID_ALERTS_LIST, 1, said_text("name", slice_of(name)));
	json_array_foreach(array, i, item)
	{
		int bit = find(json_string_value(item));

		if (bit < 0)
			return refuse(e, name, SAID_ALERTS_NO_SUCH, 2,
			    said_text("value",
				slice_first(slice_of(json_is_string(item) ? json_string_value(item)
									  : "such thing"),
				    40)),
			    said_text("name", slice_of(name)));
		*bits |= 1u << bit;
	}
	if (*bits == 0)
		*bits = fallback;
	return true;
}

static bool read_minutes(const struct element *e, const char *name, uint16_t *minutes)
{
	const char *text = json_string_value(json_object_get(e->object, name));
	unsigned hour, minute;
	char end;

	if (text == NULL || strlen(text) != 5 ||
	    sscanf(text, "%2u:%2u%c", &hour, &minute, &end) != 2 || text[2] != ':' || hour > 23 ||
	    minute > 59)
		return refuse(e, name, SAID_ALERTS_MINUTES, 1, said_text("name", slice_of(name)));
	*minutes = (uint16_t)(hour * 60 + minute);
	return true;
}

static bool read_hours(const struct element *rule, const char *name, struct alert_hours *hours)
{
	struct element e = {rule->rq, json_object_get(rule->object, name), rule->list, rule->index};
	uint32_t days;

	*hours = (struct alert_hours){0};
	if (e.object == NULL || json_is_null(e.object))
		return true;
	if (!json_is_object(e.object))
		return refuse(rule, name, SAID_ALERTS_HOURS, 1, said_text("name", slice_of(name)));
	if (!knows_members(&e, "from to days outside") || !read_minutes(&e, "from", &hours->from) ||
	    !read_minutes(&e, "to", &hours->to) || !read_bits(&e, "days", find_day, 0, &days) ||
	    !read_flag(&e, "outside", false, &hours->outside))
		return false;
	hours->days = (uint8_t)days;
	hours->set = true;
	return true;
}

static bool read_rule_channels(const struct element *e, struct alert_rule *r)
{
	char **list;
	bool fine = read_texts(e, "channels", ALERT_RULE_CHANNELS_MAX, &list, &r->channel_count);

	for (size_t i = 0; i < r->channel_count; i++) {
		/* One that is longer is no channel's: it must not become one by being cut. */
		if (fine && strlen(list[i]) > ALERT_ID_MAX)
			fine = refuse(e, "channels", SAID_ALERTS_NO_CHANNEL, 1,
			    said_text("name", slice_first(slice_of(list[i]), 60)));
		snprintf(r->channels[i], sizeof(r->channels[i]), "%.*s", ALERT_ID_MAX, list[i]);
		free(list[i]);
	}
	free(list);
	return fine;
}

static bool read_group(const struct element *e, struct alert_rule *r)
{
	const json_t *value = json_object_get(e->object, "group");
	int group = json_is_string(value) ? alerts_group(slice_of(json_string_value(value))) : -1;

	if (value == NULL)
		group = ALERT_GROUP_NONE;
	if (group < 0)
		return refuse(e, "group", SAID_ALERTS_GROUP, 0);
	r->group = (enum alert_group)group;
	return true;
}

#define RULE_MEMBERS                                                                               \
	"id name enabled kinds severities key channels hours quiet group group_wait_s repeat_s "   \
	"resolved"

static bool read_rule(const struct element *e, struct alert_rule *r)
{
	return knows_members(e, RULE_MEMBERS) && read_id(e, r->id) &&
	       read_text(e, "name", ALERT_NAME_MAX, r->id, &r->name) &&
	       read_flag(e, "enabled", true, &r->enabled) &&
	       read_bits(e, "kinds", find_kind, 0, &r->kinds) &&
	       read_bits(e, "severities", find_severity, 1u << INCIDENT_ACT | 1u << INCIDENT_WATCH,
		   &r->severities) &&
	       read_text(e, "key", ALERT_KEY_MAX, "", &r->key) && read_rule_channels(e, r) &&
	       read_hours(e, "hours", &r->hours) && read_hours(e, "quiet", &r->quiet) &&
	       read_group(e, r) &&
	       read_number(e, "group_wait_s", 0, ALERTS_GROUP_WAIT_MAX, 0, &r->group_wait) &&
	       read_number(e, "repeat_s", 0, ALERTS_REPEAT_MAX, 0, &r->repeat) &&
	       read_flag(e, "resolved", true, &r->resolved);
}

bool api_alert_rules_read(struct http_request *rq, const json_t *body,
    const struct alert_setup *old, struct alert_setup *fresh)
{
	const json_t *array = list_of(rq, body, "rules", ALERT_RULES_MAX);
	struct element e = {rq, NULL, "rules", 0};
	struct alerts_fault fault;

	*fresh = (struct alert_setup){0};
	if (array == NULL)
		return false;
	fresh->rules = memory_zero(ALERT_RULES_MAX, sizeof(*fresh->rules));
	json_array_foreach(array, e.index, e.object)
	{
		struct alert_rule *r = &fresh->rules[fresh->rule_count++];

		if (!read_rule(&e, r) || !is_first(&e, array))
			return false;
		if (!alerts_check_rule(r, old, &fault))
			return refuse_with(&e, &fault);
	}
	return true;
}

/* ---- A silence ---- */

static bool refuse_silence(struct http_request *rq, const char *member, enum said_code says)
{
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", member), says, 0);
	return false;
}

/* A word of a list, or null for any: -1. */
static bool read_any(struct http_request *rq, const json_t *body, const char *name,
    int (*find)(const char *name), int *out)
{
	const json_t *value = json_object_get(body, name);

	*out = -1;
	if (value == NULL || json_is_null(value))
		return true;
	*out = find(json_string_value(value));
	return *out >= 0 || refuse_silence(rq, name, SAID_ALERTS_NO_KIND);
}

static bool read_until(struct http_request *rq, const json_t *body, struct alert_silence *s)
{
	struct slice text;

	if (!http_json_string(rq, body, "until", HTTP_REQUIRED, 40, &text))
		return false;
	if (clock_parse_rfc3339(text, &s->until) && s->until > s->at &&
	    s->until <= s->at + ALERTS_SILENCE_MAX)
		return true;
	return refuse_silence(rq, "until", SAID_ALERTS_SILENCE_UNTIL);
}

bool api_alert_silence_read(
    struct http_request *rq, const json_t *body, struct alert_silence *silence)
{
	struct slice key = SLICE(""), reason = SLICE("");

	if (!read_any(rq, body, "kind", find_kind, &silence->kind) ||
	    !read_any(rq, body, "severity", find_severity, &silence->severity) ||
	    !read_until(rq, body, silence) ||
	    !http_json_string(rq, body, "reason", HTTP_REQUIRED, ALERT_REASON_MAX, &reason) ||
	    (!json_is_null(json_object_get(body, "key")) &&
		!http_json_string(rq, body, "key", HTTP_OPTIONAL, ALERT_KEY_MAX, &key)))
		return false;
	reason = slice_trim(reason);
	if (reason.len == 0)
		return refuse_silence(rq, "reason", SAID_ALERTS_SILENCE_WHY);
	silence->key = memory_strndup(key.data, key.len);
	silence->reason = memory_strndup(reason.data, reason.len);
	return true;
}
