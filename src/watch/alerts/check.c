/* What a channel needs depends on its kind: a table says which members each has. */
#include "watch/alerts/check.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/url.h"
#include "base/utf8.h"
#include "watch/alerts/template.h"

/* What channels of a kind have. */
enum {
	HAS_URL = 1 << 0,
	HAS_TEMPLATE = 1 << 1,
	HAS_HMAC = 1 << 2,
	HAS_COMMAND = 1 << 3,
	HAS_RELAY = 1 << 4,
};
static const struct {
	const char *name;
	unsigned has;
} kinds[ALERT_CHANNEL_KINDS] = {
    [ALERT_WEBHOOK] = {"webhook", HAS_URL | HAS_HMAC},
    [ALERT_SLACK] = {"slack", HAS_URL | HAS_TEMPLATE},
    [ALERT_TEAMS] = {"teams", HAS_URL | HAS_TEMPLATE},
    [ALERT_MATRIX] = {"matrix", HAS_URL | HAS_TEMPLATE},
    [ALERT_NTFY] = {"ntfy", HAS_URL | HAS_TEMPLATE},
    [ALERT_DISCORD] = {"discord", HAS_URL | HAS_TEMPLATE},
    [ALERT_ALERTMANAGER] = {"alertmanager", HAS_URL},
    [ALERT_COMMAND] = {"command", HAS_COMMAND},
    [ALERT_MAIL] = {"mail", HAS_RELAY | HAS_TEMPLATE},
};
static const char *const groups[] = {"none", "kind", "all"};
static const char *const whats[ALERT_WHATS] = {"fired", "repeated", "resolved", "test"};

const char *alerts_channel_kind_name(enum alert_channel_kind kind)
{
	return (unsigned)kind < ALERT_CHANNEL_KINDS ? kinds[kind].name : NULL;
}

int alerts_channel_kind(struct slice name)
{
	for (int i = 0; i < ALERT_CHANNEL_KINDS; i++)
		if (slice_is(name, kinds[i].name))
			return i;
	return -1;
}

const char *alerts_group_name(enum alert_group group)
{
	return (unsigned)group <= ALERT_GROUP_ALL ? groups[group] : NULL;
}

int alerts_group(struct slice name)
{
	for (int i = ALERT_GROUP_NONE; i <= ALERT_GROUP_ALL; i++)
		if (slice_is(name, groups[i]))
			return i;
	return -1;
}

const char *alerts_what_name(enum alert_what what)
{
	return (unsigned)what < ALERT_WHATS ? whats[what] : NULL;
}

/* ---- Texts ---- */

/* `count` values (struct said_value). */
static bool wrong(
    struct alerts_fault *fault, const char *member, enum said_code says, size_t count, ...)
{
	SAID_AUTO struct said said = {0};
	struct said_value values[SAID_VALUES_MAX];
	va_list args;

	*fault = (struct alerts_fault){.code = "invalid_value", .member = member};
	va_start(args, count);
	count = said_take_values(values, count, args);
	va_end(args);
	said_put_values(&said, says, values, count);
	said_copy(&said, fault->text, sizeof(fault->text), fault->words, sizeof(fault->words));
	return false;
}

bool alerts_check_id(struct slice id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!(id.data[i] >= 'a' && id.data[i] <= 'z') &&
		    !isdigit((unsigned char)id.data[i]) && id.data[i] != '-')
			return false;
	return id.len > 0 && id.len <= ALERT_ID_MAX;
}

static bool is_line(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
			return false;
	return utf8_valid(text);
}

/* Visible ASCII: what an address on the web, a relay and a mail address are made of. */
static bool is_word(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return false;
	return text[0] != '\0';
}

/* ---- Addresses on the web and relays ---- */

/* Wider than url_host_is_own: what may lead here is refused, not what may lead elsewhere. */
static bool is_loopback(struct slice host)
{
	return slice_equal_nocase(host, SLICE("localhost")) || slice_is(host, "::1") ||
	       (slice_starts_with(host, "127.") && host.len <= 15) ||
	       (host.len > 10 && slice_ends_with(host, ".localhost"));
}

static bool split_address(const char *text, const char *one, const char *other, struct url *url)
{
	return url_split(slice_of(text), url) &&
	       (slice_is(url->scheme, one) || slice_is(url->scheme, other));
}

static bool check_url(const char *text, bool allow_local, struct alerts_fault *fault)
{
	struct url url;

	if (strlen(text) > ALERT_URL_MAX || !split_address(text, "https", "http", &url))
		return wrong(fault, "url", SAID_ALERTS_URL, 0);
	if (!allow_local && is_loopback(url.host))
		return wrong(fault, "url", SAID_ALERTS_URL_LOCAL, 0);
	return true;
}

/* ---- A channel ---- */

/* Those that curl makes itself, or that would change what the request is. */
static bool is_own_header(const char *name)
{
	static const char *const own[] = {"Host", "Content-Length", "Content-Type", "Connection",
	    "Transfer-Encoding", "Expect", "Upgrade", "TE", "Trailer", "Idempotency-Key",
	    "X-Postroom-Signature", "X-Postroom-Timestamp"};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (slice_equal_nocase(slice_of(name), slice_of(own[i])))
			return true;
	return false;
}

static bool check_header(const struct alert_header *header, struct alerts_fault *fault)
{
	size_t len = strlen(header->name);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)header->name[i]) && header->name[i] != '-')
			len = 0;
	if (len == 0 || len > ALERT_HEADER_NAME_MAX)
		return wrong(fault, "headers", SAID_ALERTS_HEADER_NAME, 0);
	if (is_own_header(header->name))
		return wrong(fault, "headers", SAID_ALERTS_HEADER_OWN, 1,
		    said_text("name", slice_of(header->name)));
	if (header->value[0] == '\0')
		return wrong(fault, "headers", SAID_ALERTS_HEADER_EMPTY, 1,
		    said_text("name", slice_of(header->name)));
	if (strlen(header->value) > ALERT_HEADER_VALUE_MAX || !is_line(slice_of(header->value)))
		return wrong(fault, "headers", SAID_ALERTS_HEADER_VALUE, 2,
		    said_text("name", slice_of(header->name)),
		    said_number("most", ALERT_HEADER_VALUE_MAX));
	return true;
}

/* What the path of some kinds must name. */
static bool check_path(const struct alert_channel *c, struct alerts_fault *fault)
{
	struct slice url = slice_of(c->url), path = slice_from(url, url_origin(url).len);

	if (c->kind == ALERT_NTFY && (path.len < 2 || slice_ends_with(path, "/")))
		return wrong(fault, "url", SAID_ALERTS_TOPIC, 0);
	if (c->kind == ALERT_MATRIX && slice_find(path, SLICE("/rooms/")) < 0)
		return wrong(fault, "url", SAID_ALERTS_ROOM, 0);
	return true;
}

/* All of them go into one frame to the notifier. */
static bool check_headers(const struct alert_channel *c, struct alerts_fault *fault)
{
	size_t bytes = 0;

	for (size_t i = 0; i < c->header_count; i++) {
		if (!check_header(&c->headers[i], fault))
			return false;
		bytes += strlen(c->headers[i].name) + strlen(c->headers[i].value) + 3;
	}
	return bytes <= ALERTS_HEADERS_BYTES || wrong(fault, "headers", SAID_ALERTS_HEADERS_LONG, 1,
						    said_number("most", ALERTS_HEADERS_BYTES));
}

static bool check_http(const struct alert_channel *c, struct alerts_fault *fault)
{
	size_t hmac = strlen(c->hmac);

	if (!(kinds[c->kind].has & HAS_URL)) {
		if (c->url[0] != '\0')
			return wrong(fault, "url", SAID_ALERTS_NO_URL, 0);
		if (c->header_count > 0)
			return wrong(fault, "headers", SAID_ALERTS_NO_HEADERS, 0);
		return hmac == 0 || wrong(fault, "hmac", SAID_ALERTS_NO_HMAC, 0);
	}
	if (!check_url(c->url, c->allow_local, fault) || !check_path(c, fault) ||
	    !check_headers(c, fault))
		return false;
	if (hmac > 0 && !(kinds[c->kind].has & HAS_HMAC))
		return wrong(fault, "hmac", SAID_ALERTS_HMAC_WEBHOOK, 0);
	if (hmac > 0 && (hmac < ALERT_HMAC_MIN || hmac > ALERT_HMAC_MAX))
		return wrong(fault, "hmac", SAID_ALERTS_HMAC_LONG, 2,
		    said_number("least", ALERT_HMAC_MIN), said_number("most", ALERT_HMAC_MAX));
	return true;
}

static bool check_template(const struct alert_channel *c, struct alerts_fault *fault)
{
	struct alerts_template_fault place;

	if (c->template[0] == '\0')
		return true;
	if (!(kinds[c->kind].has & HAS_TEMPLATE))
		return wrong(fault, "template", SAID_ALERTS_NO_TEMPLATE, 0);
	if (strlen(c->template) > ALERT_TEMPLATE_MAX || !utf8_valid(slice_of(c->template)))
		return wrong(fault, "template", SAID_ALERTS_TEMPLATE_LONG, 1,
		    said_number("most", ALERT_TEMPLATE_MAX));
	if (alerts_template_check(slice_of(c->template), &place))
		return true;
	*fault = (struct alerts_fault){"invalid_template", "template", place.column, "", ""};
	snprintf(fault->text, sizeof(fault->text), "%s", place.text);
	snprintf(fault->words, sizeof(fault->words), "%s", place.words);
	return false;
}

/* Texts, each with its end. */
static bool fit(char *const *list, size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++)
		bytes += strlen(list[i]) + 1;
	return bytes <= ALERTS_LIST_BYTES;
}

static bool check_command(const struct alert_channel *c, struct alerts_fault *fault)
{
	if (!(kinds[c->kind].has & HAS_COMMAND))
		return (c->command[0] == '\0' && c->argument_count == 0) ||
		       wrong(fault, "command", SAID_ALERTS_COMMAND_ONLY, 0);
	for (const char *p = c->command; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("._-", *p) == NULL)
			return wrong(fault, "command", SAID_ALERTS_COMMAND_NAME, 0);
	if (c->command[0] == '\0' || c->command[0] == '.' || strlen(c->command) > ALERT_COMMAND_MAX)
		return wrong(fault, "command", SAID_ALERTS_COMMAND_LONG, 1,
		    said_number("most", ALERT_COMMAND_MAX));
	for (size_t i = 0; i < c->argument_count; i++)
		if (strlen(c->arguments[i]) > ALERT_ARGUMENT_MAX ||
		    !is_line(slice_of(c->arguments[i])))
			return wrong(fault, "arguments", SAID_ALERTS_ARGUMENT, 1,
			    said_number("most", ALERT_ARGUMENT_MAX));
	if (!fit(c->arguments, c->argument_count))
		return wrong(fault, "arguments", SAID_ALERTS_ARGUMENTS_LONG, 1,
		    said_number("most", ALERTS_LIST_BYTES));
	return true;
}

/* No more than keeps it one address in an SMTP command: the relay knows the rest. */
static bool is_mail_address(const char *text)
{
	const char *at = strrchr(text, '@');

	return is_word(text) && strlen(text) <= ALERT_ADDRESS_MAX &&
	       strpbrk(text, "<>,;\"\\()[]") == NULL && at != NULL && at != text && at[1] != '\0';
}

static bool check_mail(const struct alert_channel *c, struct alerts_fault *fault)
{
	struct url relay;

	if (!(kinds[c->kind].has & HAS_RELAY))
		return (c->relay[0] == '\0' && c->from[0] == '\0' && c->to_count == 0 &&
			   c->user[0] == '\0' && c->password[0] == '\0') ||
		       wrong(fault, "relay", SAID_ALERTS_MAIL_ONLY, 0);
	if (strlen(c->relay) > ALERT_RELAY_MAX ||
	    !split_address(c->relay, "smtp", "smtps", &relay) || relay.rest.len > 0)
		return wrong(fault, "relay", SAID_ALERTS_RELAY, 0);
	if (!c->allow_local && is_loopback(relay.host))
		return wrong(fault, "relay", SAID_ALERTS_RELAY_LOCAL, 0);
	if (!is_mail_address(c->from))
		return wrong(fault, "from", SAID_ALERTS_FROM, 0);
	for (size_t i = 0; i < c->to_count; i++)
		if (!is_mail_address(c->to[i]))
			return wrong(fault, "to", SAID_ALERTS_TO, 0);
	if (!fit(c->to, c->to_count))
		return wrong(
		    fault, "to", SAID_ALERTS_TO_LONG, 1, said_number("most", ALERTS_LIST_BYTES));
	if (c->to_count == 0)
		return wrong(fault, "to", SAID_ALERTS_TO_COUNT, 1,
		    said_number("most", ALERT_RECIPIENTS_MAX));
	if ((c->user[0] == '\0') != (c->password[0] == '\0'))
		return wrong(fault, "password", SAID_ALERTS_TOGETHER, 0);
	if (!is_line(slice_of(c->user)) || !is_line(slice_of(c->password)))
		return wrong(fault, "user", SAID_ALERTS_ONE_LINE, 0);
	return true;
}

bool alerts_check_channel(const struct alert_channel *c, struct alerts_fault *fault)
{
	if (!alerts_check_id(slice_of(c->id)))
		return wrong(fault, "id", SAID_ALERTS_ID, 1, said_number("most", ALERT_ID_MAX));
	if (!is_line(slice_of(c->name)) || strlen(c->name) > ALERT_NAME_MAX)
		return wrong(
		    fault, "name", SAID_ALERTS_NAME, 1, said_number("most", ALERT_NAME_MAX));
	return check_http(c, fault) && check_template(c, fault) && check_command(c, fault) &&
	       check_mail(c, fault);
}

/* ---- A rule, the heartbeat ---- */

bool alerts_check_rule(
    const struct alert_rule *r, const struct alert_setup *setup, struct alerts_fault *fault)
{
	if (!alerts_check_id(slice_of(r->id)))
		return wrong(fault, "id", SAID_ALERTS_ID, 1, said_number("most", ALERT_ID_MAX));
	if (!is_line(slice_of(r->name)) || strlen(r->name) > ALERT_NAME_MAX)
		return wrong(
		    fault, "name", SAID_ALERTS_NAME, 1, said_number("most", ALERT_NAME_MAX));
	if (!is_line(slice_of(r->key)) || strlen(r->key) > ALERT_KEY_MAX)
		return wrong(fault, "key", SAID_ALERTS_KEY, 1, said_number("most", ALERT_KEY_MAX));
	if (r->channel_count == 0)
		return wrong(fault, "channels", SAID_ALERTS_RULE_CHANNEL, 0);
	for (size_t i = 0; i < r->channel_count; i++) {
		if (alert_setup_channel(setup, r->channels[i]) == NULL)
			return wrong(fault, "channels", SAID_ALERTS_NO_CHANNEL, 1,
			    said_text("name", slice_of(r->channels[i])));
		for (size_t k = 0; k < i; k++)
			if (strcmp(r->channels[i], r->channels[k]) == 0)
				return wrong(fault, "channels", SAID_ALERTS_CHANNEL_TWICE, 1,
				    said_text("name", slice_of(r->channels[i])));
	}
	if (r->repeat != 0 && (r->repeat < ALERTS_REPEAT_LEAST || r->repeat > ALERTS_REPEAT_MAX))
		return wrong(fault, "repeat_s", SAID_ALERTS_REPEAT, 2,
		    said_number("least", ALERTS_REPEAT_LEAST),
		    said_number("most", ALERTS_REPEAT_MAX));
	return true;
}

bool alerts_check_heartbeat(const struct alert_heartbeat *beat, struct alerts_fault *fault)
{
	if (beat->url[0] == '\0')
		return !beat->enabled || wrong(fault, "url", SAID_ALERTS_BEAT_URL, 0);
	return check_url(beat->url, beat->allow_local, fault);
}
