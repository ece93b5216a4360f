/* The body of each kind of channel. JSON is made by jansson alone, so that no text of a stranger
 * can end a string; what a text then means to a chat is escaped in template.c. */
#include "watch/alerts/body.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/url.h"
#include "base/utf8.h"
#include "watch/alerts/check.h"
#include "watch/alerts/mail.h"
#include "watch/alerts/words.h"
#include "watch/incidents/incidents.h"

/* Discord takes 2,000 characters, the others far more. */
#define DISCORD_TEXT_MAX 1900
/* A secret that is shorter could be a word of any text. */
#define SECRET_LEAST 6
/* Parts of a URL: most are words such as "webhooks" or "services", and tokens are longer. */
#define SECRET_PART_LEAST 16

void alerts_request_clear(struct alerts_request *r)
{
	buffer_free(&r->url);
	buffer_free(&r->headers);
	buffer_free(&r->body);
}

static json_t *text_json(struct slice s)
{
	BUFFER_AUTO struct buffer valid = {0};

	utf8_append_valid(&valid, s);
	return json_stringn(valid.len > 0 ? valid.data : "", valid.len);
}

static json_t *time_json(int64_t at)
{
	char text[CLOCK_RFC3339_SIZE];

	/* What Alertmanager writes for "not yet". */
	if (at == 0)
		return json_string("0001-01-01T00:00:00Z");
	clock_rfc3339(at, text);
	return json_string(text);
}

static void set_text(json_t *object, const char *name, struct slice value)
{
	if (value.len > 0)
		json_object_set_new(object, name, text_json(value));
}

/* What tells an alert from all others, and stays the same from its beginning to its end. */
static json_t *labels_json(const struct alerts_words *w)
{
	json_t *labels = json_object();
	BUFFER_AUTO struct buffer name = {0};

	buffer_printf(&name, "Postroom_%.*s", SLICE_ARGS(w->value[ALERTS_FIELD_KIND]));
	set_text(labels, "alertname", buffer_slice(&name));
	set_text(labels, "kind", w->value[ALERTS_FIELD_KIND]);
	set_text(labels, "severity", w->value[ALERTS_FIELD_SEVERITY]);
	set_text(labels, "key", w->value[ALERTS_FIELD_KEY]);
	set_text(labels, "incident", w->value[ALERTS_FIELD_INCIDENT]);
	set_text(labels, "instance", w->value[ALERTS_FIELD_HOST]);
	return labels;
}

static json_t *annotations_json(const struct alerts_words *w)
{
	json_t *notes = json_object();

	set_text(notes, "summary", w->value[ALERTS_FIELD_TITLE]);
	set_text(notes, "description", w->value[ALERTS_FIELD_WHY]);
	set_text(notes, "number", w->value[ALERTS_FIELD_NUMBER]);
	set_text(notes, "todo", w->value[ALERTS_FIELD_TODO]);
	set_text(notes, "filter", w->value[ALERTS_FIELD_FILTER]);
	set_text(notes, "messages_url", w->value[ALERTS_FIELD_MESSAGES]);
	set_text(notes, "runbook_url", w->value[ALERTS_FIELD_RUNBOOK]);
	return notes;
}

/* ---- Alertmanager's own forms ---- */

static json_t *webhook_alert(const struct alerts_message *m, const struct alerts_item *item,
    const struct alerts_place *place)
{
	struct alerts_words w;
	char fingerprint[17];
	json_t *alert;

	alerts_words_make(m, item, place, &w);
	snprintf(fingerprint, sizeof(fingerprint), "%016llx", (unsigned long long)item->id);
	alert =
	    json_pack("{ss, so, so, so, so, so, ss}", "status", item->ended ? "resolved" : "firing",
		"labels", labels_json(&w), "annotations", annotations_json(&w), "startsAt",
		time_json(item->since), "endsAt", time_json(item->ended ? item->until : 0),
		"generatorURL", text_json(w.value[ALERTS_FIELD_LINK]), "fingerprint", fingerprint);
	alerts_words_clear(&w);
	return alert;
}

/* What all of them have. */
static json_t *common_json(const json_t *alerts, const char *member)
{
	json_t *common = json_deep_copy(json_object_get(json_array_get(alerts, 0), member));
	const char *name;
	json_t *value, *alert;
	void *next;
	size_t i;

	if (common == NULL)
		return json_object();
	json_object_foreach_safe(common, next, name, value)
	{
		json_array_foreach(alerts, i, alert)
		{
			if (json_equal(
				value, json_object_get(json_object_get(alert, member), name)))
				continue;
			json_object_del(common, name);
			break;
		}
	}
	return common;
}

/* Version 4 of the webhook's body, as receivers of Prometheus's Alertmanager read it. */
static json_t *webhook_json(const struct alerts_message *m, const struct alert_channel *channel,
    const struct alerts_place *place)
{
	json_t *alerts = json_array();
	bool firing = false;

	for (size_t i = 0; i < m->count; i++) {
		firing |= !m->items[i].ended;
		json_array_append_new(alerts, webhook_alert(m, &m->items[i], place));
	}
	return json_pack("{ss, ss, sI, ss, so, s{ss}, so, so, so, so}", "version", "4", "groupKey",
	    m->key, "truncatedAlerts", (json_int_t)m->more, "status",
	    firing ? "firing" : "resolved", "receiver", text_json(slice_of(channel->id)),
	    "groupLabels", "rule", m->rule, "commonLabels", common_json(alerts, "labels"),
	    "commonAnnotations", common_json(alerts, "annotations"), "externalURL",
	    text_json(place->public_url), "alerts", alerts);
}

/* POST /api/v2/alerts: holds for ALERTS_HOLD_SECONDS and is told again before, so that it ends
 * there, too, where nobody tells any more. */
static json_t *alertmanager_json(
    const struct alerts_message *m, const struct alerts_place *place, int64_t now)
{
	json_t *alerts = json_array();

	for (size_t i = 0; i < m->count; i++) {
		const struct alerts_item *item = &m->items[i];
		int64_t ends = item->ended ? (item->until != 0 ? item->until : m->at)
					   : now + ALERTS_HOLD_SECONDS;
		struct alerts_words w;
		json_t *alert;

		alerts_words_make(m, item, place, &w);
		alert = json_pack("{so, so, so, so}", "labels", labels_json(&w), "annotations",
		    annotations_json(&w), "startsAt", time_json(item->since), "endsAt",
		    time_json(ends));
		set_text(alert, "generatorURL", w.value[ALERTS_FIELD_LINK]);
		json_array_append_new(alerts, alert);
		alerts_words_clear(&w);
	}
	return alerts;
}

/* ---- Chats ---- */

static json_t *teams_json(struct slice text)
{
	json_t *blocks = json_array();
	struct slice line;

	while (slice_split(&text, '\n', &line))
		if (line.len > 0)
			json_array_append_new(blocks, json_pack("{ss, so, sb}", "type", "TextBlock",
							  "text", text_json(line), "wrap", 1));
	return json_pack("{ss, s[{ss, sn, s{ss, ss, ss, so}}]}", "type", "message", "attachments",
	    "contentType", "application/vnd.microsoft.card.adaptive", "contentUrl", "content",
	    "$schema", "http://adaptivecards.io/schemas/adaptive-card.json", "type", "AdaptiveCard",
	    "version", "1.4", "body", blocks);
}

static int ntfy_priority(const struct alerts_message *m)
{
	int worst = -1;

	for (size_t i = 0; i < m->count; i++)
		if (!m->items[i].ended && m->items[i].severity > worst)
			worst = m->items[i].severity;
	/* 1 to 5, 3 is usual: what has ended must not wake anybody. */
	return worst == INCIDENT_ACT	 ? 5
	       : worst == INCIDENT_WATCH ? 4
	       : worst == INCIDENT_NOTE	 ? 3
					 : 2;
}

static struct slice ntfy_topic(struct slice url, struct slice *before)
{
	size_t at = url.len;

	while (at > 0 && url.data[at - 1] != '/')
		at--;
	*before = slice_first(url, at);
	return slice_from(url, at);
}

static json_t *ntfy_json(const struct alerts_message *m, const struct alert_channel *channel,
    const struct alerts_place *place, struct slice text)
{
	BUFFER_AUTO struct buffer title = {0}, line = {0};
	struct slice before;
	struct alerts_words w;
	json_t *json;

	alerts_message_title(m, &title);
	alerts_escape(&line, buffer_slice(&title), ALERTS_ESCAPE_NONE);
	json = json_pack("{so, so, so, si}", "topic",
	    text_json(ntfy_topic(slice_of(channel->url), &before)), "title",
	    text_json(buffer_slice(&line)), "message", text_json(text), "priority",
	    ntfy_priority(m));
	if (m->count > 0) {
		alerts_words_make(m, &m->items[0], place, &w);
		set_text(json, "click", w.value[ALERTS_FIELD_LINK]);
		alerts_words_clear(&w);
	}
	return json;
}

static json_t *chat_json(const struct alerts_message *m, const struct alert_channel *channel,
    const struct alerts_place *place)
{
	static const enum alerts_escape hows[ALERT_CHANNEL_KINDS] = {
	    [ALERT_SLACK] = ALERTS_ESCAPE_SLACK,
	    [ALERT_TEAMS] = ALERTS_ESCAPE_MARKDOWN,
	    [ALERT_DISCORD] = ALERTS_ESCAPE_MARKDOWN};
	BUFFER_AUTO struct buffer text = {0};
	struct slice words;

	alerts_words_text(m, channel, place, hows[channel->kind], &text);
	words = buffer_slice(&text);
	switch (channel->kind) {
	case ALERT_TEAMS:
		return teams_json(words);
	case ALERT_MATRIX:
		/* Mentions are said apart from the text: "@room" in it else wakes everybody. */
		return json_pack(
		    "{ss, so, s{}}", "msgtype", "m.text", "body", text_json(words), "m.mentions");
	case ALERT_NTFY:
		return ntfy_json(m, channel, place, words);
	case ALERT_DISCORD:
		/* Nobody is mentioned by what a stranger has written. */
		return json_pack("{so, s{s[]}}", "content",
		    text_json(utf8_first(words, DISCORD_TEXT_MAX)), "allowed_mentions", "parse");
	default:
		return json_pack("{so}", "text", text_json(words));
	}
}

/* ---- A request ---- */

static json_t *body_json(const struct alerts_message *m, const struct alert_channel *channel,
    const struct alerts_place *place, int64_t now)
{
	switch (channel->kind) {
	case ALERT_WEBHOOK:
	case ALERT_COMMAND:
		return webhook_json(m, channel, place);
	case ALERT_ALERTMANAGER:
		return alertmanager_json(m, place, now);
	default:
		return chat_json(m, channel, place);
	}
}

static void make_body(const struct alerts_message *m, const struct alert_channel *channel,
    const struct alerts_place *place, int64_t now, struct buffer *out)
{
	json_t *json;
	char *text;

	out->len = 0;
	if (channel->kind == ALERT_MAIL) {
		alerts_mail_make(m, channel, place, now, out);
		return;
	}
	json = body_json(m, channel, place, now);
	text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	buffer_append_string(out, text);
	free(text);
	json_decref(json);
}

static void make_url(
    const struct alert_channel *channel, const char *token, struct alerts_request *out)
{
	struct slice url = slice_of(channel->url), before;

	while (url.len > 0 && url.data[url.len - 1] == '/' &&
	       (channel->kind == ALERT_MATRIX || channel->kind == ALERT_ALERTMANAGER))
		url.len--;
	if (channel->kind == ALERT_NTFY) {
		(void)ntfy_topic(url, &before);
		url = before;
	}
	buffer_append_slice(&out->url, url);
	out->put = channel->kind == ALERT_MATRIX;
	if (channel->kind == ALERT_MATRIX)
		buffer_printf(&out->url, "/send/m.room.message/%s", token);
	if (channel->kind == ALERT_ALERTMANAGER)
		buffer_append_string(&out->url, "/api/v2/alerts");
}

/* The time is signed with the body, so that an old one cannot be sent again. */
static void sign(const struct alert_channel *channel, int64_t now, struct alerts_request *out)
{
	unsigned char sum[crypto_auth_hmacsha256_BYTES];
	char hex[2 * sizeof(sum) + 1], time[24];
	crypto_auth_hmacsha256_state state;

	snprintf(time, sizeof(time), "%lld", (long long)now);
	crypto_auth_hmacsha256_init(
	    &state, (const unsigned char *)channel->hmac, strlen(channel->hmac));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)time, strlen(time));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)out->body.data, out->body.len);
	crypto_auth_hmacsha256_final(&state, sum);
	sodium_bin2hex(hex, sizeof(hex), sum, sizeof(sum));
	buffer_printf(&out->headers, "X-Postroom-Timestamp: %s\nX-Postroom-Signature: sha256=%s\n",
	    time, hex);
	sodium_memzero(&state, sizeof(state));
}

static void make_headers(
    const struct alert_channel *channel, const char *token, int64_t now, struct alerts_request *out)
{
	buffer_printf(
	    &out->headers, "Content-Type: application/json\nIdempotency-Key: %s\n", token);
	for (size_t i = 0; i < channel->header_count; i++)
		buffer_printf(
		    &out->headers, "%s: %s\n", channel->headers[i].name, channel->headers[i].value);
	if (channel->hmac[0] != '\0')
		sign(channel, now, out);
}

void alerts_body_make(struct alerts_message *m, const struct alert_channel *channel,
    const struct alerts_place *place, int64_t now, struct alerts_request *out)
{
	char token[ALERTS_TOKEN_SIZE];

	*out = (struct alerts_request){0};
	make_body(m, channel, place, now, &out->body);
	while (out->body.len > ALERTS_BODY_MAX && m->count > 1) {
		alerts_item_clear(&m->items[--m->count]);
		m->more++;
		make_body(m, channel, place, now, &out->body);
	}
	if (channel->kind == ALERT_COMMAND || channel->kind == ALERT_MAIL)
		return;
	alerts_token(place, m->key, token);
	make_url(channel, token, out);
	make_headers(channel, token, now, out);
}

/* ---- Secrets ---- */

/* The path and query of a URL, whose host is no secret. */
static struct slice secret_of_url(const char *url)
{
	struct slice whole = slice_of(url), origin = url_origin(whole);

	return slice_from(whole, origin.len);
}

static size_t part_length(struct slice rest)
{
	size_t len = 0;

	while (len < rest.len && strchr("/?&=#;", rest.data[len]) == NULL)
		len++;
	return len;
}

/* An answer may have the token without what stands around it in the URL. The last part of a path
 * is the topic of ntfy, which is a password there, and whose answers name it. */
static size_t part_at(const struct alert_channel *c, struct slice text)
{
	struct slice rest = secret_of_url(c->url);
	size_t longest = 0;

	while (rest.len > 0) {
		size_t len = part_length(rest);
		bool topic = c->kind == ALERT_NTFY && len == rest.len;

		if (len >= (topic ? SECRET_LEAST : SECRET_PART_LEAST) && len > longest &&
		    slice_equal(slice_first(text, len), slice_first(rest, len)))
			longest = len;
		rest = slice_from(rest, len + (len < rest.len));
	}
	return longest;
}

/* The secret that begins here; its length, or 0. */
static size_t secret_at(const struct alert_channel *c, struct slice text)
{
	struct slice secrets[ALERT_HEADERS_MAX + 3];
	size_t count = 0, longest = part_at(c, text);

	secrets[count++] = slice_of(c->hmac);
	secrets[count++] = slice_of(c->password);
	secrets[count++] = secret_of_url(c->url);
	for (size_t i = 0; i < c->header_count; i++) {
		struct slice value = slice_of(c->headers[i].value);
		ptrdiff_t blank = slice_find_char(value, ' ');

		/* "Bearer TOKEN": the token alone is the secret, too. */
		secrets[count++] = slice_from(value, blank >= 0 ? (size_t)blank + 1 : 0);
	}
	for (size_t i = 0; i < count; i++)
		if (secrets[i].len >= SECRET_LEAST && secrets[i].len > longest &&
		    slice_equal(slice_first(text, secrets[i].len), secrets[i]))
			longest = secrets[i].len;
	return longest;
}

void alerts_scrub(const struct alert_channel *channel, struct slice text, struct buffer *out)
{
	while (text.len > 0) {
		size_t secret = secret_at(channel, text);

		if (secret > 0)
			buffer_append_string(out, "[secret]");
		else
			buffer_append_char(out, text.data[0]);
		text = slice_from(text, secret > 0 ? secret : 1);
	}
}
