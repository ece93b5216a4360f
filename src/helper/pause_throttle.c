/* Finds out where mail for a throttled domain goes, and makes a slow copy of the transport that
 * takes it there. The rules for the next hop are those of resolve.c and transport.c of Postfix's
 * trivial-rewrite. */
#include "helper/pause_throttle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "helper/pause_query.h"

/* Of the name of a transport, which is in that of its slow copy. Longer ones are refused: two that
 * were cut would share one copy, and mail would go by the other. */
#define TRANSPORT_MAX 40

struct hop {
	struct slice key; /* in keys */
	uint32_t seconds;
	char *transport, *next; /* of what it is a copy; "" the domain's own hosts */
	char *text;		/* of the table */
};

struct pause_throttles {
	struct helper *helper;
	const struct pause_config *config;
	struct buffer keys;
	struct hop *hops;
	size_t count, at;      /* of those that are asked for */
	size_t asked;	       /* in the batch under way */
	bool changed;	       /* master.cf: Postfix has to be reloaded */
	struct buffer service; /* the transport that is looked at, as master.cf has it */
	struct slice own[PAUSE_QUERY_MAX]; /* of the batch: the list that has it; static texts */
	pause_throttle_done *done;
	void *context;
};

void pause_throttle_destroy(struct pause_throttles **pointer)
{
	struct pause_throttles *t = *pointer;

	if (t == NULL)
		return;
	for (size_t i = 0; i < t->count; i++) {
		free(t->hops[i].transport);
		free(t->hops[i].next);
		free(t->hops[i].text);
	}
	free(t->hops);
	buffer_free(&t->keys);
	buffer_free(&t->service);
	free(t);
	*pointer = NULL;
}

static void fail(struct pause_throttles *t, const struct error *err)
{
	pause_throttle_done *done = t->done;
	void *context = t->context;

	pause_throttle_destroy(&t);
	done(context, NULL, err);
}

struct slice pause_throttle_hop(void *context, const struct pause_entry *entry)
{
	const struct pause_throttles *t = context;

	for (size_t i = 0; i < t->count; i++)
		if (t->hops[i].seconds == entry->throttle_s &&
		    slice_equal(t->hops[i].key, entry->key))
			return slice_of(t->hops[i].text);
	/* Never: every throttled entry was prepared. Then it waits, which loses nothing. */
	return SLICE(PAUSE_LINES_TRANSPORT ":");
}

/* ---- where mail goes ---- */

/* "smtp", "smtp:", "smtp:[192.0.2.1]:25", ":25"; the hop without blanks or line ends. */
static void split_hop(struct slice text, struct slice *transport, struct slice *hop)
{
	ptrdiff_t colon = slice_find_char(text, ':');

	*transport = colon < 0 ? text : slice_first(text, (size_t)colon);
	*hop = colon < 0 ? SLICE("") : slice_from(text, (size_t)colon + 1);
}

static bool is_plain(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] <= ' ' || text.data[i] > '~')
			return false;
	return true;
}

bool pause_throttle_resolve(struct slice entry, struct slice default_transport,
    struct slice relayhost, struct slice *transport, struct slice *hop, struct error *err)
{
	split_hop(default_transport, transport, hop);
	if (hop->len == 0)
		*hop = relayhost;
	if (entry.len > 0 && !slice_is(entry, ":")) {
		struct slice own, next;

		split_hop(entry, &own, &next);
		/* An entry without a next hop means the domain's own hosts, past any relayhost. */
		*hop = next;
		if (own.len > 0)
			*transport = own;
	}
	if (transport->len == 0 || transport->len > TRANSPORT_MAX || !is_plain(*transport) ||
	    !is_plain(*hop) || slice_find_char(*transport, '/') >= 0)
		return error_set(err, "pause_throttle_impossible",
		    "Postfix does not say plainly where mail for it goes (%.*s)",
		    entry.len < 100 ? (int)entry.len : 100, entry.data);
	return true;
}

static bool resolve(struct pause_throttles *t, struct hop *hop, struct slice own,
    struct slice entry, struct error *err)
{
	bool relay = slice_is(own, "relay_domains");
	struct slice transport, next;

	if (own.len > 0 && !relay)
		return error_set(err, "pause_throttle_impossible",
		    "mail for %.*s is delivered here (%.*s): there is no destination to be spared",
		    SLICE_ARGS(hop->key), SLICE_ARGS(own));
	if (entry.len == 0 &&
	    (pause_config_value(t->config, "sender_dependent_relayhost_maps").len > 0 ||
		pause_config_value(t->config, "sender_dependent_default_transport_maps").len > 0))
		return error_set(err, "pause_throttle_impossible",
		    "where mail for %.*s goes depends on its sender (sender_dependent_...): a "
		    "throttle "
		    "would send all of it one way",
		    SLICE_ARGS(hop->key));
	if (!pause_throttle_resolve(entry,
		pause_config_value(t->config, relay ? "relay_transport" : "default_transport"),
		pause_config_value(t->config, "relayhost"), &transport, &next, err))
		return false;
	hop->transport = memory_strndup(transport.data, transport.len);
	hop->next = memory_strndup(next.data, next.len);
	return true;
}

/* ---- transports ---- */

static void name_of(const struct hop *hop, char name[80])
{
	snprintf(name, 80, PAUSE_LINES_THROTTLE "%u-%.40s", hop->seconds, hop->transport);
}

static bool next_field(struct slice *rest, struct slice *field)
{
	*rest = slice_trim(*rest);
	field->data = rest->data;
	for (field->len = 0; field->len < rest->len && (unsigned char)rest->data[field->len] > ' ';
	     field->len++)
		;
	*rest = slice_from(*rest, field->len);
	return field->len > 0;
}

bool pause_throttle_copy(struct slice service, const char *name, struct buffer *copy)
{
	struct slice fields[8];

	/* service type private unpriv chroot wakeup maxproc command; its arguments follow, on lines
	 * of their own where there are many. */
	for (size_t i = 0; i < 8; i++)
		if (!next_field(&service, &fields[i]))
			return false;
	if (!slice_is(fields[1], "unix") ||
	    !(slice_is(fields[7], "smtp") || slice_is(fields[7], "lmtp")))
		return false;
	/* One process: one delivery at a time, whatever the destination. */
	buffer_printf(copy, "%s unix %.*s %.*s %.*s %.*s 1 %.*s", name, SLICE_ARGS(fields[2]),
	    SLICE_ARGS(fields[3]), SLICE_ARGS(fields[4]), SLICE_ARGS(fields[5]),
	    SLICE_ARGS(fields[7]));
	for (struct slice word; next_field(&service, &word);)
		buffer_printf(copy, " %.*s", SLICE_ARGS(word));
	return true;
}

bool pause_throttle_same(struct slice service, struct slice copy)
{
	struct slice one, other;

	while (next_field(&service, &one))
		if (!next_field(&copy, &other) || !slice_equal(one, other))
			return false;
	return !next_field(&copy, &other);
}

void pause_throttle_names(
    struct slice services, struct command_words *transports, struct command_words *parameters)
{
	struct slice line, name;

	while (slice_split(&services, '\n', &line)) {
		BUFFER_AUTO struct buffer service = {0}, rate = {0}, limit = {0};

		if (!slice_starts_with(line, PAUSE_LINES_THROTTLE) || !next_field(&line, &name))
			continue;
		buffer_printf(&service, "%.*s/unix", SLICE_ARGS(name));
		buffer_printf(&rate, "%.*s_destination_rate_delay", SLICE_ARGS(name));
		buffer_printf(&limit, "%.*s_destination_concurrency_limit", SLICE_ARGS(name));
		command_words_add(transports, buffer_string(&service));
		command_words_add(parameters, buffer_string(&rate));
		command_words_add(parameters, buffer_string(&limit));
	}
}

static void make_next(struct pause_throttles *t);

static void reloaded(void *context, const struct tool_said *said)
{
	struct pause_throttles *t = context;
	struct error err;

	if (!said->ok) {
		tool_explain(said, "postfix reload", &err, "postfix_failed");
		fail(t, &err);
		return;
	}
	pause_config_set_read(t->helper);
	t->done(t->context, t, NULL);
}

static void finish(struct pause_throttles *t)
{
	static const char *const words[] = {"reload", NULL};

	for (size_t i = 0; i < t->count; i++) {
		BUFFER_AUTO struct buffer text = {0};
		char name[80];

		name_of(&t->hops[i], name);
		buffer_printf(&text, "%s:%s", name, t->hops[i].next);
		t->hops[i].text = memory_strdup(buffer_string(&text));
	}
	/* The transport is there before a table names it. */
	if (t->changed)
		tool_run_words(t->helper, "postfix", words, SLICE(""), reloaded, t);
	else
		t->done(t->context, t, NULL);
}

static void parameters_set(void *context, const struct tool_said *said)
{
	struct pause_throttles *t = context;
	struct error err;

	if (!said->ok) {
		tool_explain(said, "postconf did not write main.cf", &err, "postfix_failed");
		fail(t, &err);
		return;
	}
	t->changed = true;
	t->at++;
	make_next(t);
}

static void set_parameters(struct pause_throttles *t)
{
	const struct hop *hop = &t->hops[t->at];
	char name[80], rate[160], limit[160];
	const char *words[] = {"-e", rate, limit, NULL};

	name_of(hop, name);
	snprintf(rate, sizeof(rate), "%s_destination_rate_delay=%us", name, hop->seconds);
	snprintf(limit, sizeof(limit), "%s_destination_concurrency_limit=1", name);
	tool_run_words(t->helper, "postconf", words, SLICE(""), parameters_set, t);
}

static void service_made(void *context, const struct tool_said *said)
{
	struct pause_throttles *t = context;
	struct error err;

	if (said->ok) {
		set_parameters(t);
		return;
	}
	tool_explain(said, "postconf did not write master.cf", &err, "postfix_failed");
	fail(t, &err);
}

static void service_read(void *context, const struct tool_said *said)
{
	struct pause_throttles *t = context;
	const struct hop *hop = &t->hops[t->at];
	BUFFER_AUTO struct buffer copy = {0}, word = {0};
	char name[80];
	const char *words[] = {"-M", NULL, NULL};
	struct error err;

	name_of(hop, name);
	if (!said->ok || !pause_throttle_copy(said->out, name, &copy)) {
		error_set(&err, "pause_throttle_impossible",
		    "mail for %.*s goes by the transport %.60s, which is no SMTP client in "
		    "master.cf",
		    SLICE_ARGS(hop->key), hop->transport);
		fail(t, &err);
		return;
	}
	if (pause_throttle_same(buffer_slice(&t->service), buffer_slice(&copy))) {
		if (pause_config_is_unread(t->helper)) {
			set_parameters(t);
		} else {
			t->at++;
			make_next(t);
		}
		return;
	}
	/* A kill before its parameters are there, or before the reload, must not leave a throttle
	 * that lets all pass, or a transport that nobody has started. */
	if (!pause_config_set_unread(t->helper)) {
		error_set_errno(&err, "io_error", errno, "the throttle was not begun");
		fail(t, &err);
		return;
	}
	buffer_printf(&word, "%s/unix=%s", name, buffer_string(&copy));
	words[1] = buffer_string(&word);
	tool_run_words(t->helper, "postconf", words, SLICE(""), service_made, t);
}

static void service_looked(void *context, const struct tool_said *said)
{
	struct pause_throttles *t = context;
	char service[80];
	const char *words[] = {"-M", service, NULL};

	/* One that is there may be of another time: since then somebody may have asked for TLS, or
	 * for another address, in the transport that it is a copy of. */
	buffer_clear(&t->service);
	buffer_append_slice(&t->service, said->out);
	snprintf(service, sizeof(service), "%.60s/unix", t->hops[t->at].transport);
	tool_run_words(t->helper, "postconf", words, SLICE(""), service_read, t);
}

static bool is_made(const struct pause_throttles *t, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (t->hops[k].seconds == t->hops[i].seconds &&
		    strcmp(t->hops[k].transport, t->hops[i].transport) == 0)
			return true;
	return false;
}

static void make_next(struct pause_throttles *t)
{
	char name[80], service[96];
	const char *words[] = {"-M", service, NULL};

	while (t->at < t->count && is_made(t, t->at))
		t->at++;
	if (t->at == t->count) {
		finish(t);
		return;
	}
	name_of(&t->hops[t->at], name);
	snprintf(service, sizeof(service), "%s/unix", name);
	tool_run_words(t->helper, "postconf", words, SLICE(""), service_looked, t);
}

/* ---- asking, in batches ---- */

static void ask_batch(struct pause_throttles *t);

static void transport_asked(
    void *context, const struct pause_answer *answers, const struct error *err)
{
	struct pause_throttles *t = context;
	struct error why;

	if (err != NULL) {
		fail(t, err);
		return;
	}
	for (size_t i = 0; i < t->asked; i++)
		if (!resolve(t, &t->hops[t->at + i], t->own[i], answers[i].answer, &why)) {
			fail(t, &why);
			return;
		}
	t->at += t->asked;
	ask_batch(t);
}

static void own_asked(void *context, const struct pause_answer *answers, const struct error *err)
{
	struct pause_throttles *t = context;
	BUFFER_AUTO struct buffer texts = {0};
	struct slice addresses[PAUSE_QUERY_MAX];
	size_t at = 0;

	(void)err; /* a list that could not be asked says so in its answer */
	for (size_t i = 0; i < t->asked; i++) {
		t->own[i] = answers[i].found;
		buffer_printf(&texts, "postroom-probe@%.*s", SLICE_ARGS(t->hops[t->at + i].key));
		addresses[i].len = texts.len - at;
		at = texts.len;
	}
	at = 0;
	for (size_t i = 0; i < t->asked; at += addresses[i++].len)
		addresses[i].data = texts.data + at;
	pause_query_ask(t->helper, t->config, addresses, t->asked, false, transport_asked, t);
}

static void ask_batch(struct pause_throttles *t)
{
	struct slice keys[PAUSE_QUERY_MAX];

	for (t->asked = 0; t->asked < PAUSE_QUERY_MAX && t->at + t->asked < t->count; t->asked++)
		keys[t->asked] = t->hops[t->at + t->asked].key;
	if (t->asked > 0) {
		pause_query_own(t->helper, t->config, keys, t->asked, own_asked, t);
		return;
	}
	t->at = 0;
	make_next(t);
}

/* Keys are copied: `entries` need not live as long. */
static void take_entries(struct pause_throttles *t, struct slice entries)
{
	struct cursor c = cursor_init(entries.data, entries.len);
	struct pause_entry entry;
	size_t at = 0;

	while (pause_entry_get(&c, &entry))
		if (entry.throttle_s != 0) {
			t->hops = memory_resize(t->hops, t->count + 1, sizeof(*t->hops));
			t->hops[t->count++] =
			    (struct hop){.key.len = entry.key.len, .seconds = entry.throttle_s};
			buffer_append_slice(&t->keys, entry.key);
		}
	for (size_t i = 0; i < t->count; at += t->hops[i++].key.len)
		t->hops[i].key.data = t->keys.data + at;
}

void pause_throttle_prepare(struct helper *helper, const struct pause_config *config,
    struct slice entries, pause_throttle_done *done, void *context)
{
	struct pause_throttles *t = memory_zero(1, sizeof(*t));
	struct error err;

	*t = (struct pause_throttles){
	    .helper = helper, .config = config, .done = done, .context = context};
	take_entries(t, entries);
	if (t->count == 0) {
		done(context, t, NULL);
	} else if (t->count > PAUSE_THROTTLED_MAX) {
		error_set(&err, "too_many", "at most %d domains are throttled at once",
		    PAUSE_THROTTLED_MAX);
		fail(t, &err);
	} else if (strcmp(role_config_get(&helper->config, "settings.write"), "no") == 0) {
		error_set(&err, "pause_throttle_impossible",
		    "a throttle is a transport in master.cf, and settings.write is no");
		fail(t, &err);
	} else {
		ask_batch(t);
	}
}
