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

static bool wrong(struct alerts_fault *fault, const char *member, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool wrong(struct alerts_fault *fault, const char *member, const char *format, ...)
{
	va_list args;

	*fault = (struct alerts_fault){.code = "invalid_value", .member = member};
	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
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
		return wrong(fault, "url",
		    "url is http:// or https:// with a host, without blanks, a name or a password: "
		    "those go into a header");
	if (!allow_local && is_loopback(url.host))
		return wrong(fault, "url",
		    "url is on this host: that needs allow_local "
		    "(on the page: More, It may be on this host)");
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
		return wrong(fault, "headers", "a header's name is letters, digits and dashes");
	if (is_own_header(header->name))
		return wrong(
		    fault, "headers", "the header %s is made by Postroom itself", header->name);
	if (header->value[0] == '\0')
		return wrong(fault, "headers", "the header %s needs a value", header->name);
	if (strlen(header->value) > ALERT_HEADER_VALUE_MAX || !is_line(slice_of(header->value)))
		return wrong(fault, "headers", "the value of %s is one line of at most %d bytes",
		    header->name, ALERT_HEADER_VALUE_MAX);
	return true;
}

/* What the path of some kinds must name. */
static bool check_path(const struct alert_channel *c, struct alerts_fault *fault)
{
	struct slice url = slice_of(c->url), path = slice_from(url, url_origin(url).len);

	if (c->kind == ALERT_NTFY && (path.len < 2 || slice_ends_with(path, "/")))
		return wrong(fault, "url", "url ends with the topic");
	if (c->kind == ALERT_MATRIX && slice_find(path, SLICE("/rooms/")) < 0)
		return wrong(fault, "url", "url is https://HOST/_matrix/client/v3/rooms/ROOM");
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
	return bytes <= ALERTS_HEADERS_BYTES ||
	       wrong(fault, "headers", "all headers together have at most %d bytes",
		   ALERTS_HEADERS_BYTES);
}

static bool check_http(const struct alert_channel *c, struct alerts_fault *fault)
{
	size_t hmac = strlen(c->hmac);

	if (!(kinds[c->kind].has & HAS_URL)) {
		if (c->url[0] != '\0')
			return wrong(fault, "url", "a channel of this kind has no url");
		if (c->header_count > 0)
			return wrong(fault, "headers", "a channel of this kind has no headers");
		return hmac == 0 || wrong(fault, "hmac", "a channel of this kind has no hmac");
	}
	if (!check_url(c->url, c->allow_local, fault) || !check_path(c, fault) ||
	    !check_headers(c, fault))
		return false;
	if (hmac > 0 && !(kinds[c->kind].has & HAS_HMAC))
		return wrong(fault, "hmac", "only a webhook is signed");
	if (hmac > 0 && (hmac < ALERT_HMAC_MIN || hmac > ALERT_HMAC_MAX))
		return wrong(
		    fault, "hmac", "a secret has %d to %d bytes", ALERT_HMAC_MIN, ALERT_HMAC_MAX);
	return true;
}

static bool check_template(const struct alert_channel *c, struct alerts_fault *fault)
{
	struct alerts_template_fault place;

	if (c->template[0] == '\0')
		return true;
	if (!(kinds[c->kind].has & HAS_TEMPLATE))
		return wrong(fault, "template", "a channel of this kind has no template");
	if (strlen(c->template) > ALERT_TEMPLATE_MAX || !utf8_valid(slice_of(c->template)))
		return wrong(fault, "template", "a template is text of at most %d bytes",
		    ALERT_TEMPLATE_MAX);
	if (alerts_template_check(slice_of(c->template), &place))
		return true;
	wrong(fault, "template", "%s", place.text);
	fault->code = "invalid_template";
	fault->column = place.column;
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
		       wrong(fault, "command", "only a channel of kind command has one");
	for (const char *p = c->command; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("._-", *p) == NULL)
			return wrong(fault, "command",
			    "a command is the name of a file in alerts.commands: letters, digits, "
			    "dot, dash and underscore");
	if (c->command[0] == '\0' || c->command[0] == '.' || strlen(c->command) > ALERT_COMMAND_MAX)
		return wrong(fault, "command",
		    "a command is the name of a file in alerts.commands, of at most %d letters",
		    ALERT_COMMAND_MAX);
	for (size_t i = 0; i < c->argument_count; i++)
		if (strlen(c->arguments[i]) > ALERT_ARGUMENT_MAX ||
		    !is_line(slice_of(c->arguments[i])))
			return wrong(fault, "arguments",
			    "an argument is one line of at most %d bytes", ALERT_ARGUMENT_MAX);
	if (!fit(c->arguments, c->argument_count))
		return wrong(fault, "arguments", "all arguments together have at most %d bytes",
		    ALERTS_LIST_BYTES);
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
		       wrong(fault, "relay", "only a channel of kind mail has one");
	if (strlen(c->relay) > ALERT_RELAY_MAX ||
	    !split_address(c->relay, "smtp", "smtps", &relay) || relay.rest.len > 0)
		return wrong(fault, "relay", "relay is smtp://host:port or smtps://host:port");
	if (!c->allow_local && is_loopback(relay.host))
		return wrong(fault, "relay",
		    "relay is this host, whose queue is watched: an alert would wait in it. "
		    "If it is another mail system, that needs allow_local (on the page: More, It "
		    "may be on this host)");
	if (!is_mail_address(c->from))
		return wrong(fault, "from", "from is a mail address");
	for (size_t i = 0; i < c->to_count; i++)
		if (!is_mail_address(c->to[i]))
			return wrong(fault, "to", "to is a list of mail addresses");
	if (!fit(c->to, c->to_count))
		return wrong(fault, "to", "all recipients together have at most %d bytes",
		    ALERTS_LIST_BYTES);
	if (c->to_count == 0)
		return wrong(
		    fault, "to", "to is a list of 1 to %d mail addresses", ALERT_RECIPIENTS_MAX);
	if ((c->user[0] == '\0') != (c->password[0] == '\0'))
		return wrong(fault, "password", "user and password go together");
	if (!is_line(slice_of(c->user)) || !is_line(slice_of(c->password)))
		return wrong(fault, "user", "user and password are one line each");
	return true;
}

bool alerts_check_channel(const struct alert_channel *c, struct alerts_fault *fault)
{
	if (!alerts_check_id(slice_of(c->id)))
		return wrong(
		    fault, "id", "an id is 1 to %d of a to z, 0 to 9 and dash", ALERT_ID_MAX);
	if (!is_line(slice_of(c->name)) || strlen(c->name) > ALERT_NAME_MAX)
		return wrong(
		    fault, "name", "a name is one line of at most %d bytes", ALERT_NAME_MAX);
	return check_http(c, fault) && check_template(c, fault) && check_command(c, fault) &&
	       check_mail(c, fault);
}

/* ---- A rule, the heartbeat ---- */

bool alerts_check_rule(
    const struct alert_rule *r, const struct alert_setup *setup, struct alerts_fault *fault)
{
	if (!alerts_check_id(slice_of(r->id)))
		return wrong(
		    fault, "id", "an id is 1 to %d of a to z, 0 to 9 and dash", ALERT_ID_MAX);
	if (!is_line(slice_of(r->name)) || strlen(r->name) > ALERT_NAME_MAX)
		return wrong(
		    fault, "name", "a name is one line of at most %d bytes", ALERT_NAME_MAX);
	if (!is_line(slice_of(r->key)) || strlen(r->key) > ALERT_KEY_MAX)
		return wrong(fault, "key", "a key is one line of at most %d bytes", ALERT_KEY_MAX);
	if (r->channel_count == 0)
		return wrong(fault, "channels", "a rule names at least one channel");
	for (size_t i = 0; i < r->channel_count; i++) {
		if (alert_setup_channel(setup, r->channels[i]) == NULL)
			return wrong(fault, "channels", "there is no channel %s", r->channels[i]);
		for (size_t k = 0; k < i; k++)
			if (strcmp(r->channels[i], r->channels[k]) == 0)
				return wrong(
				    fault, "channels", "%s stands there twice", r->channels[i]);
	}
	if (r->repeat != 0 && (r->repeat < ALERTS_REPEAT_LEAST || r->repeat > ALERTS_REPEAT_MAX))
		return wrong(fault, "repeat_s", "repeat_s is 0, or %d to %d", ALERTS_REPEAT_LEAST,
		    ALERTS_REPEAT_MAX);
	return true;
}

bool alerts_check_heartbeat(const struct alert_heartbeat *beat, struct alerts_fault *fault)
{
	if (beat->url[0] == '\0')
		return !beat->enabled || wrong(fault, "url", "a heartbeat needs a url");
	return check_url(beat->url, beat->allow_local, fault);
}
