/* Turns one line of a mail log into an event: what happened, to which queue ID, in whose words.
 * log_prefix.c takes time, host and program off first. The table `forms` says which texts are
 * known; all else is a line without an event. Texts may hold what strangers sent, so a field is
 * found by what Postfix writes around it (docs/POSTFIX.md, "Log lines"). */
#include "postfix/log_line.h"

#include <string.h>

#include "postfix/log_prefix.h"
#include "postfix/queue_id.h"

static const struct slice nothing = {"", 0};

/* In the order of enum log_event. */
static const char *const event_names[] = {"none", "client", "pickup", "message_id", "active",
    "delivery", "reply", "expired", "skipped", "removed", "notified", "postsuper", "filtered",
    "problem"};

static const char *const verb_names[] = {"", "removed", "requeued", "held", "released", "expired",
    "hold", "reject", "discard", "redirect", "other", "non_delivery", "delay", "success",
    "postmaster", "force_expired"};

const char *log_event_name(enum log_event event)
{
	return (size_t)event < sizeof(event_names) / sizeof(*event_names) ? event_names[event]
									  : "none";
}

const char *log_verb_name(enum log_verb verb)
{
	return (size_t)verb < sizeof(verb_names) / sizeof(*verb_names) ? verb_names[verb] : "";
}

static bool take_prefix(struct slice *text, const char *prefix)
{
	if (!slice_starts_with(*text, prefix))
		return false;
	*text = slice_from(*text, strlen(prefix));
	return true;
}

/* Cuts `text` at the first `mark`: what stands before it goes to *head, what stands behind it
 * stays. */
static bool cut_at(struct slice *text, struct slice mark, struct slice *head)
{
	ptrdiff_t at = slice_find(*text, mark);

	if (at < 0)
		return false;
	*head = slice_first(*text, (size_t)at);
	*text = slice_from(*text, (size_t)at + mark.len);
	return true;
}

static bool is_id_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* "12.34" seconds as milliseconds; at most 15 digits before the point, so nothing overflows. */
static bool parse_seconds(struct slice s, int64_t *ms)
{
	int64_t unit = 100;
	size_t i = 0;

	*ms = 0;
	for (; i < s.len && i < 15 && s.data[i] >= '0' && s.data[i] <= '9'; i++)
		*ms = *ms * 10 + (s.data[i] - '0') * 1000;
	/* Postfix may print whole seconds, without a point: "delay=120". */
	if (i == 0 || i == s.len)
		return i > 0;
	if (s.data[i++] != '.')
		return false;
	for (; i < s.len && s.data[i] >= '0' && s.data[i] <= '9'; i++, unit /= 10)
		*ms += (s.data[i] - '0') * unit;
	return i == s.len;
}

/* A quoted local part may contain anything, also what looks like the next field: skip it whole. */
static size_t quoted_length(struct slice s)
{
	if (s.len == 0 || s.data[0] != '"')
		return 0;
	for (size_t i = 1; i < s.len; i++) {
		if (s.data[i] == '\\')
			i++;
		else if (s.data[i] == '"')
			return i + 1;
	}
	return 0;
}

/* "ADDRESS>, NEXT" where `next` begins what follows; Postfix 3.4 logs addresses unquoted, so a ">"
 * alone ends nothing. */
static bool take_address(struct slice *text, const char *next, struct slice *address)
{
	size_t quoted = quoted_length(*text);
	struct slice rest = slice_from(*text, quoted), head;

	if (!cut_at(&rest, slice_of(next), &head))
		return false;
	*address = slice_make(text->data, quoted + head.len);
	*text = rest;
	return true;
}

static bool parse_delays(struct slice value, struct log_line *line)
{
	struct slice part;

	for (int i = 0; i < 4; i++)
		if (!slice_split(&value, '/', &part) || !parse_seconds(part, &line->delays_ms[i]))
			return false;
	return true;
}

/* "sent (250 2.0.0 Ok)". A line that was cut at its length limit has no closing parenthesis. */
static bool parse_status(struct slice text, struct log_line *line)
{
	if (!cut_at(&text, SLICE(" ("), &line->status)) {
		line->status = text;
		return text.len > 0;
	}
	if (text.len > 0 && text.data[text.len - 1] == ')')
		text.len--;
	line->reason = text;
	/* local(8) made a new message of it: the life of the mail goes on under that ID. */
	if (take_prefix(&text, "forwarded as ") && queue_id_valid(text))
		line->other_id = text;
	return line->status.len > 0;
}

/* The "key=value, " fields between relay and status, of which newer versions have more. */
static bool parse_fields(struct slice text, struct log_line *line)
{
	struct slice field, key;

	while (!take_prefix(&text, "status=")) {
		if (!cut_at(&text, SLICE(", "), &field) || !cut_at(&field, SLICE("="), &key))
			return false;
		/* A value that is not a number shows that a stranger's text was cut in the wrong
		 * place. Then the line is no delivery. */
		if (slice_is(key, "delay") && !parse_seconds(field, &line->delay_ms))
			return false;
		if (slice_is(key, "delays") && !parse_delays(field, line))
			return false;
		if (slice_is(key, "dsn"))
			line->dsn = field;
		if (slice_is(key, "tls"))
			line->tls = field;
	}
	return parse_status(text, line);
}

/* "RELAY[, conn_use=N], " and what follows, which begins with "delay=". */
static bool take_relay(struct slice *text, struct slice *relay)
{
	/* Up to the delay, not to the next comma: a relay of pipe(8) or local(8) may have commas.
	 */
	ptrdiff_t end = slice_find(*text, SLICE(", delay=")), reuse;

	if (end < 0)
		return false;
	*relay = slice_first(*text, (size_t)end);
	*text = slice_from(*text, (size_t)end + 2);
	reuse = slice_find(*relay, SLICE(", conn_use="));
	if (reuse >= 0)
		*relay = slice_first(*relay, (size_t)reuse);
	return true;
}

/* Which of the two fields comes first behind the address decides whether there is an orig_to. */
static bool parse_delivery(struct slice text, struct log_line *line)
{
	struct slice with_origin = text, without = text, origin_address;
	bool has_origin = take_address(&with_origin, ">, orig_to=<", &origin_address);
	bool has_relay = take_address(&without, ">, relay=", &line->address);

	if (has_origin && (!has_relay || origin_address.len < line->address.len)) {
		line->address = origin_address;
		text = with_origin;
		if (!take_address(&text, ">, relay=", &line->orig_to))
			return false;
	} else if (has_relay) {
		text = without;
	} else {
		return false;
	}
	if (!take_relay(&text, &line->relay))
		return false;
	return parse_fields(text, line);
}

/* The relay of this event is the client. A line of a message that came through a filter names its
 * old ID too. */
static bool parse_client(struct slice text, struct log_line *line)
{
	struct slice part, known;

	/* The AUTH= of MAIL FROM is any client's own text, also of one that never signed in
	 * (Postfix: smtpd_sasl_glue.c), and may look like all fields: what stands behind it is not
	 * believed. */
	if (cut_at(&text, SLICE(", sasl_sender="), &known))
		text = known;
	if (!cut_at(&text, SLICE(", "), &line->relay)) {
		line->relay = text;
		return true;
	}
	while (text.len > 0) {
		if (!cut_at(&text, SLICE(", "), &part)) {
			part = text;
			text = nothing;
		}
		/* Of two the first is Postfix's. */
		if (line->status.len == 0 && take_prefix(&part, "sasl_username="))
			line->status = part;
		else if (line->other_id.len == 0 && take_prefix(&part, "orig_queue_id="))
			line->other_id = part;
	}
	return true;
}

/* "1000 from=<s> orig_id=OLD". */
static bool parse_pickup(struct slice text, struct log_line *line)
{
	struct slice uid;
	uint64_t number;

	if (!cut_at(&text, SLICE(" from=<"), &uid) || !slice_to_u64(uid, &number) ||
	    number > UINT32_MAX)
		return false;
	line->uid = (uint32_t)number;
	/* Only a message that was re-queued has it. */
	if (slice_find(text, SLICE("> orig_id=")) < 0)
		return take_address(&text, ">", &line->address);
	if (!take_address(&text, "> orig_id=", &line->address) || !queue_id_valid(text))
		return false;
	line->other_id = text;
	return true;
}

/* The ID is a stranger's text; it is kept whole, with brackets or without. */
static bool parse_message_id(struct slice text, struct log_line *line)
{
	line->address = text;
	return true;
}

/* As cut_at, at the last one. */
static bool cut_at_last(struct slice *text, struct slice mark, struct slice *head)
{
	struct slice rest = *text, before;
	size_t end = 0;

	while (cut_at(&rest, mark, &before))
		end = text->len - rest.len;
	if (end == 0)
		return false;
	*head = slice_first(*text, end - mark.len);
	*text = rest;
	return true;
}

/* Nothing of a stranger's stands behind the address, which Postfix 3.4 logs unquoted and which may
 * look like all of this: the last is Postfix's. */
static bool parse_activation(struct slice text, struct log_line *line)
{
	struct slice size, recipients;
	uint64_t count;

	if (!cut_at_last(&text, SLICE(">, size="), &line->address) ||
	    !cut_at(&text, SLICE(", nrcpt="), &size) || !cut_at(&text, SLICE(" "), &recipients) ||
	    !slice_to_u64(size, &line->size) || !slice_to_u64(recipients, &count) ||
	    count > UINT32_MAX)
		return false;
	line->recipients = (uint32_t)count;
	return true;
}

static bool parse_expiry(struct slice text, struct log_line *line)
{
	if (!take_address(&text, ">, status=", &line->address))
		return false;
	if (slice_starts_with(text, "force-expired"))
		line->verb = LOG_VERB_FORCE_EXPIRED;
	else if (!slice_starts_with(text, "expired"))
		return false;
	line->reason = text;
	return true;
}

static bool parse_rest(struct slice text, struct log_line *line)
{
	line->reason = text;
	return true;
}

static bool parse_nothing_more(struct slice text, struct log_line *line)
{
	(void)line;
	return text.len == 0;
}

/* "removed" by qmgr; "removed (canceled)" by cleanup since 3.10. */
static bool parse_removed(struct slice text, struct log_line *line)
{
	line->reason = text;
	return text.len == 0 || slice_starts_with(text, " (");
}

static bool parse_notification(struct slice text, struct log_line *line)
{
	line->other_id = text;
	return queue_id_valid(text);
}

static bool parse_reply(struct slice text, struct log_line *line)
{
	struct slice rest = text;

	line->reason = text;
	return cut_at(&rest, SLICE(" said: "), &line->relay) ||
	       /* Both are logged for a host that was given up for another, so they end no delivery.
		*/
	       cut_at(&rest, SLICE(" refused to talk to me: "), &line->relay);
}

/* What a text behind "ID: " begins with, in which program (NULL: any), and what it then is. The
 * first row whose parser accepts the rest wins. */
static const struct {
	const char *prefix, *process;
	enum log_event event;
	enum log_verb verb;
	bool (*parse)(struct slice text, struct log_line *line);
} forms[] = {
    {"to=<", NULL, LOG_EVENT_DELIVERY, LOG_VERB_NONE, parse_delivery},
    {"from=<", "qmgr", LOG_EVENT_ACTIVE, LOG_VERB_NONE, parse_activation},
    {"from=<", "qmgr", LOG_EVENT_EXPIRED, LOG_VERB_NONE, parse_expiry},
    {"removed", "qmgr", LOG_EVENT_REMOVED, LOG_VERB_NONE, parse_removed},
    {"removed", "cleanup", LOG_EVENT_REMOVED, LOG_VERB_NONE, parse_removed},
    {"client=", NULL, LOG_EVENT_CLIENT, LOG_VERB_NONE, parse_client},
    {"uid=", "pickup", LOG_EVENT_PICKUP, LOG_VERB_NONE, parse_pickup},
    {"message-id=", "cleanup", LOG_EVENT_MESSAGE_ID, LOG_VERB_NONE, parse_message_id},
    {"skipped, still being delivered", "qmgr", LOG_EVENT_SKIPPED, LOG_VERB_NONE, parse_rest},
    {"removed", "postsuper", LOG_EVENT_POSTSUPER, LOG_VERB_REMOVED, parse_nothing_more},
    {"requeued", "postsuper", LOG_EVENT_POSTSUPER, LOG_VERB_REQUEUED, parse_nothing_more},
    {"placed on hold", "postsuper", LOG_EVENT_POSTSUPER, LOG_VERB_HELD, parse_nothing_more},
    {"released from hold", "postsuper", LOG_EVENT_POSTSUPER, LOG_VERB_RELEASED, parse_nothing_more},
    {"expired", "postsuper", LOG_EVENT_POSTSUPER, LOG_VERB_EXPIRED, parse_nothing_more},
    {"sender non-delivery notification: ", NULL, LOG_EVENT_NOTIFIED, LOG_VERB_NON_DELIVERY,
	parse_notification},
    {"sender delay notification: ", NULL, LOG_EVENT_NOTIFIED, LOG_VERB_DELAY, parse_notification},
    {"sender delivery status notification: ", NULL, LOG_EVENT_NOTIFIED, LOG_VERB_SUCCESS,
	parse_notification},
    {"postmaster non-delivery notification: ", NULL, LOG_EVENT_NOTIFIED, LOG_VERB_POSTMASTER,
	parse_notification},
    {"postmaster delay notification: ", NULL, LOG_EVENT_NOTIFIED, LOG_VERB_POSTMASTER,
	parse_notification},
    {"host ", NULL, LOG_EVENT_REPLY, LOG_VERB_NONE, parse_reply},
    {"hold: ", NULL, LOG_EVENT_FILTERED, LOG_VERB_HOLD, parse_rest},
    {"milter-hold: ", NULL, LOG_EVENT_FILTERED, LOG_VERB_HOLD, parse_rest},
    {"reject: ", NULL, LOG_EVENT_FILTERED, LOG_VERB_REJECT, parse_rest},
    {"milter-reject: ", NULL, LOG_EVENT_FILTERED, LOG_VERB_REJECT, parse_rest},
    {"discard: ", NULL, LOG_EVENT_FILTERED, LOG_VERB_DISCARD, parse_rest},
    {"milter-discard: ", NULL, LOG_EVENT_FILTERED, LOG_VERB_DISCARD, parse_rest},
    {"redirect: ", NULL, LOG_EVENT_FILTERED, LOG_VERB_REDIRECT, parse_rest},
    {"filter: ", NULL, LOG_EVENT_FILTERED, LOG_VERB_OTHER, parse_rest},
    {"prepend: ", NULL, LOG_EVENT_FILTERED, LOG_VERB_OTHER, parse_rest},
    {"replace: ", NULL, LOG_EVENT_FILTERED, LOG_VERB_OTHER, parse_rest},
    {"strip: ", NULL, LOG_EVENT_FILTERED, LOG_VERB_OTHER, parse_rest},
    {"warning: header ", "cleanup", LOG_EVENT_FILTERED, LOG_VERB_OTHER, parse_rest},
    {"warning: body ", "cleanup", LOG_EVENT_FILTERED, LOG_VERB_OTHER, parse_rest},
};

static void clear_event(struct log_line *line)
{
	line->event = LOG_EVENT_NONE;
	line->verb = LOG_VERB_NONE;
	line->other_id = line->address = line->orig_to = line->relay = nothing;
	line->dsn = line->status = line->tls = line->reason = nothing;
	line->delay_ms = 0;
	memset(line->delays_ms, 0, sizeof(line->delays_ms));
	line->size = 0;
	line->recipients = line->uid = 0;
}

static void parse_event(struct slice text, struct log_line *line)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct slice rest = text;

		/* Where the process was not logged, the text alone must tell. */
		if (forms[i].process != NULL && line->process.len > 0 &&
		    !slice_is(line->process, forms[i].process))
			continue;
		if (!take_prefix(&rest, forms[i].prefix))
			continue;
		line->verb = forms[i].verb;
		if (forms[i].parse(rest, line)) {
			line->event = forms[i].event;
			return;
		}
		/* A parser that gave up may have set half of the fields. */
		clear_event(line);
	}
}

static enum log_severity severity_of(struct slice *text)
{
	static const char *const words[] = {"warning: ", "error: ", "fatal: ", "panic: "};

	for (int i = 0; i < 4; i++)
		if (take_prefix(text, words[i]))
			return (enum log_severity)(LOG_WARNING_LINE + i);
	return LOG_INFO_LINE;
}

/* "ID: ", which is taken off the text. */
static struct slice take_id(struct slice *text)
{
	struct slice head = slice_first(*text, QUEUE_ID_MAX + 1), id;
	ptrdiff_t colon = slice_find_char(head, ':');

	if (colon < 0)
		return nothing;
	id = slice_first(head, (size_t)colon);
	if (!queue_id_valid(id) || text->len < id.len + 2 || text->data[id.len + 1] != ' ')
		return nothing;
	*text = slice_from(*text, id.len + 2);
	return id;
}

/* A queue ID that stands anywhere in the text, as in "open active ID: ..." or "maildrop/ID: ...".
 */
static struct slice mentioned_id(struct slice text)
{
	size_t at = 0;

	while (at < text.len) {
		size_t from = at;

		while (at < text.len && is_id_char(text.data[at]))
			at++;
		if (queue_id_valid(slice_make(text.data + from, at - from)))
			return slice_make(text.data + from, at - from);
		at += at < text.len;
	}
	return nothing;
}

/* "maildrop/OLD: error writing NEW: ...": pickup could not feed OLD in, and what cleanup said of it
 * stands under NEW. */
static void name_file(struct slice text, struct log_line *line)
{
	struct slice rest = text, head;

	line->other_id = mentioned_id(text);
	if (cut_at(&rest, SLICE(": error writing "), &head))
		line->id = mentioned_id(rest);
}

/* What Postfix says of a file by its path, most of it as warnings, some without that word. */
static bool is_about_a_file(struct slice text)
{
	static const char *const beginnings[] = {
	    "open ", "rename ", "remove ", "sane_rename", "sane_link", "maildrop/", "queue_id "};

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++)
		if (slice_starts_with(text, beginnings[i]))
			return true;
	return false;
}

bool log_line_parse(
    struct slice line, struct log_clock *clock, struct buffer *scratch, struct log_line *out)
{
	struct log_prefix prefix;
	struct slice text;

	*out = (struct log_line){.time_us = LOG_TIME_UNKNOWN,
	    .host = nothing,
	    .instance = nothing,
	    .process = nothing,
	    .text = nothing,
	    .id = nothing};
	clear_event(out);
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	if (!log_prefix_parse(line, clock, scratch, &prefix))
		return false;
	out->time_us = prefix.time_us;
	out->host = prefix.host;
	out->instance = prefix.instance;
	out->process = prefix.process;
	out->pid = prefix.pid;
	out->text = text = prefix.text;
	/* A warning is a problem whatever follows: its text often quotes what would look like an
	 * event. */
	out->severity = severity_of(&text);
	if (out->severity != LOG_INFO_LINE) {
		out->event = LOG_EVENT_PROBLEM;
		out->id = take_id(&text);
		out->reason = text;
		/* Without an ID in front the text may name a file, and so a message, by its path.
		 */
		if (out->id.len == 0)
			name_file(text, out);
		return true;
	}
	out->id = take_id(&text);
	if (out->id.len > 0) {
		parse_event(text, out);
	} else if (is_about_a_file(text)) {
		out->event = LOG_EVENT_PROBLEM;
		out->other_id = mentioned_id(text);
		out->reason = text;
	}
	return true;
}
