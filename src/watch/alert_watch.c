/* A turn of the engine, one write for what came out of it, and then the outbox. Beside that what is
 * sent without being kept: heartbeats, tests, and what an Alertmanager is told again. */
#include "watch/alert_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "watch/alert_outbox.h"
#include "watch/alert_send.h"
#include "watch/alerts/alerts.h"

/* How often the store is asked to forget what is older than it keeps. */
#define EXPIRE_SECONDS 3600

struct alert_watch {
	struct store *store;
	struct exchange *notifier;
	const struct incident_watch *incidents;
	struct alert_watch_events events;
	struct alert_setting *setting;
	struct alert_outbox *outbox;
	struct alerts *engine;
	struct test *tests;    /* under way */
	struct retold *retold; /* under way */
	uint64_t version, setting_version, channels_revision;
	uint64_t saved; /* what the engine remembers, as the store has it */
	bool loaded, writing, stopped;
	/* What the last turn has seen. */
	int64_t seen_as_of;
	uint64_t seen_incidents, seen_setting;
	int64_t write_at, expire_at; /* Unix seconds */
	int64_t beat_at, resend_at;
	uint32_t beating; /* the question to the notifier; 0: none */
	struct alert_beat beat;
};

static void changed(void *context)
{
	struct alert_watch *w = context;

	w->version++;
	if (!w->stopped)
		w->events.changed(w->events.context, w->version);
}

/* ---- The start ---- */

struct loading {
	struct alert_watch *watch;
	struct alert_rows rows;
};

static enum db_result read_open(struct db *db, void *context, struct error *err)
{
	struct loading *loading = context;

	return alert_rows_open(db, ALERT_OUTBOX_OPEN_MAX, &loading->rows, err);
}

static void open_read(void *context, enum db_result result, const struct error *err)
{
	struct loading *loading = context;
	struct alert_watch *w = loading->watch;

	/* Where it cannot be read now it is at the next start: nothing is lost. */
	(void)result;
	(void)err;
	for (size_t i = 0; i < loading->rows.count; i++)
		alert_outbox_add(w->outbox, &loading->rows.items[i]);
	w->loaded = true;
	alert_rows_free(&loading->rows);
	free(loading);
}

static void begin_loading(struct alert_watch *w, struct slice memory)
{
	struct loading *loading = memory_zero(1, sizeof(*loading));

	/* Of another version: what is open is told once more, where its key was never written. */
	(void)alerts_restore(w->engine, memory);
	w->saved = alerts_version(w->engine);
	loading->watch = w;
	store_read(w->store, read_open, open_read, loading);
}

static void setting_changed(void *context, const struct slice *memory)
{
	struct alert_watch *w = context;
	uint64_t revision = alert_setting_get(w->setting)->channels_revision;

	w->setting_version++;
	if (memory != NULL)
		begin_loading(w, *memory);
	else if (revision != w->channels_revision)
		alert_outbox_channels_changed(w->outbox);
	w->channels_revision = revision;
	changed(w);
}

static const struct alert_setup *setup_of(void *context)
{
	const struct alert_watch *w = context;

	return alert_setting_get(w->setting);
}

static void place_of(void *context, struct alerts_place *out)
{
	const struct alert_watch *w = context;

	w->events.place(w->events.context, out);
}

static void counted(void *context, const char *result)
{
	const struct alert_watch *w = context;

	w->events.counted(w->events.context, result);
}

struct alert_watch *alert_watch_create(struct store *store, struct exchange *notifier,
    struct notices *notices, const struct incident_watch *incidents,
    const struct alert_watch_events *events)
{
	struct alert_watch *w = memory_zero(1, sizeof(*w));

	w->store = store;
	w->notifier = notifier;
	w->incidents = incidents;
	w->events = *events;
	w->engine = alerts_create();
	w->outbox = alert_outbox_create(store, notifier, notices,
	    &(struct alert_outbox_events){w, setup_of, place_of, changed, counted});
	w->setting = alert_setting_create(store, setting_changed, w);
	return w;
}

size_t alert_watch_waiting(const struct alert_watch *w)
{
	return alert_outbox_waiting(w->outbox);
}

size_t alert_watch_failing(const struct alert_watch *w)
{
	return alert_outbox_failing(w->outbox);
}

struct alert_setting *alert_watch_setting(const struct alert_watch *w)
{
	return w->setting;
}

int64_t alert_watch_failing_since(const struct alert_watch *w, const char *channel)
{
	return alert_outbox_failing_since(w->outbox, channel);
}

const struct alert_beat *alert_watch_beat(const struct alert_watch *w)
{
	return &w->beat;
}

/* ---- What a turn gives, written down ---- */

struct keeping {
	struct alert_watch *watch;
	struct alert_row *rows;
	size_t count;
	struct buffer memory;
	uint64_t version;
};

static enum db_result write_turn(struct db *db, void *context, struct error *err)
{
	struct keeping *k = context;
	enum db_result result = DB_OK;

	for (size_t i = 0; i < k->count && result == DB_OK; i++)
		result = alert_rows_add(db, &k->rows[i], err);
	if (result == DB_OK && k->memory.len > 0)
		result = alert_rows_keep_memory(db, buffer_slice(&k->memory), err);
	return result;
}

static void turn_written(void *context, enum db_result result, const struct error *err)
{
	struct keeping *k = context;
	struct alert_watch *w = k->watch;

	(void)err;
	w->writing = false;
	if (result == DB_OK)
		w->saved = k->version;
	else
		w->write_at = clock_now() + ALERT_OUTBOX_WRITE_AGAIN;
	for (size_t i = 0; i < k->count; i++) {
		struct alert_row *row = &k->rows[i];

		/* A number that was given in a transaction that failed is none. */
		if (result != DB_OK)
			row->id = 0;
		/* Without a number the store has told it before; or is away, and it is told all
		 * the same. */
		if (row->state == ALERT_WAITING && (row->id != 0 || result != DB_OK))
			alert_outbox_add(w->outbox, row);
		else if (row->state == ALERT_SILENCED && row->id != 0)
			counted(w, "silenced");
		alert_row_clear(row);
	}
	if (k->count > 0)
		changed(w);
	free(k->rows);
	buffer_free(&k->memory);
	free(k);
}

static void write_down(struct alert_watch *w)
{
	struct keeping *k = memory_zero(1, sizeof(*k));

	k->watch = w;
	k->version = alerts_version(w->engine);
	k->count = alerts_count(w->engine);
	k->rows = memory_zero(k->count + 1, sizeof(*k->rows));
	for (size_t i = 0; i < k->count; i++)
		alerts_message_to_row(alerts_at(w->engine, i), &k->rows[i]);
	alerts_save(w->engine, &k->memory);
	if (k->memory.len > ALERTS_STATE_MAX)
		k->memory.len = 0;
	w->writing = true;
	store_write(w->store, write_turn, turn_written, k);
}

static bool is_full(void *context, const char *channel)
{
	const struct alert_watch *w = context;

	return alert_outbox_is_full(w->outbox, channel);
}

static void take_turn(struct alert_watch *w, int64_t now)
{
	const struct incident_tracking *tracking = incident_watch_tracking(w->incidents);
	size_t count = incident_tracking_count(tracking);
	const struct incident_row **rows = memory_zero(count + 1, sizeof(struct incident_row *));
	struct alerts_facts facts = {
	    .now = now, .incidents = rows, .count = count, .is_full = is_full, .context = w};

	for (size_t i = 0; i < count; i++)
		rows[i] = &incident_tracking_at(tracking, i)->row;
	alerts_turn(w->engine, alert_setting_get(w->setting), &facts);
	free(rows);
	if (alerts_count(w->engine) > 0 ||
	    (alerts_version(w->engine) != w->saved && now >= w->write_at))
		write_down(w);
}

/* One write at a time: what is remembered belongs to the messages that it was written with. */
static bool turn_is_due(struct alert_watch *w)
{
	int64_t as_of = incident_watch_as_of(w->incidents);
	uint64_t incidents = incident_watch_version(w->incidents);

	if (!w->loaded || w->writing || as_of == 0 ||
	    (as_of == w->seen_as_of && incidents == w->seen_incidents &&
		w->setting_version == w->seen_setting))
		return false;
	w->seen_as_of = as_of;
	w->seen_incidents = incidents;
	w->seen_setting = w->setting_version;
	return true;
}

/* ---- The heartbeat ---- */

static void beaten(void *context, const struct notifier_sent *sent)
{
	struct alert_watch *w = context;
	const struct alert_heartbeat *beat = &alert_setting_get(w->setting)->heartbeat;
	struct alert_channel none = {0};
	BUFFER_AUTO struct buffer text = {0}, answer = {0};
	char empty[] = "";

	w->beating = 0;
	/* Its address is the secret. */
	none.url = beat->url != NULL ? beat->url : empty;
	none.hmac = none.password = empty;
	alert_send_words(&none, sent, &text, &answer);
	w->beat = (struct alert_beat){
	    .at = clock_now(), .ok = sent != NULL && sent->result == NOTIFIER_DONE};
	snprintf(w->beat.text, sizeof(w->beat.text), "%s", buffer_string(&text));
}

/* Only as long as this process really looks at the queue: one that is stuck must not say that all
 * is well. */
static bool is_well(const struct alert_watch *w, int64_t now)
{
	int64_t as_of = incident_watch_as_of(w->incidents);

	return as_of != 0 && now - as_of <= ALERT_WATCH_STUCK &&
	       w->events.source_reads(w->events.context);
}

static void beat(struct alert_watch *w, int64_t now)
{
	const struct alert_heartbeat *beat = &alert_setting_get(w->setting)->heartbeat;

	if (!alert_setting_known(w->setting) || !beat->enabled) {
		w->beat_at = 0;
		return;
	}
	/* Also where the clock was set back, or the pause made shorter. */
	if ((now < w->beat_at && w->beat_at - now <= beat->every) || w->beating != 0 ||
	    !is_well(w, now))
		return;
	w->beat_at = now + beat->every;
	w->beating = alert_send_beat(w->notifier, beat, beaten, w);
}

/* ---- An Alertmanager, told again ---- */

struct retold {
	struct alert_watch *watch;
	char channel[ALERT_ID_MAX + 1];
	uint32_t number;
	struct retold *next;
};

static void forget_retold(struct retold *retold)
{
	struct retold **at = &retold->watch->retold;

	while (*at != retold)
		at = &(*at)->next;
	*at = retold->next;
	free(retold);
}

static void told_again(void *context, const struct notifier_sent *sent)
{
	struct retold *retold = context;
	struct alert_watch *w = retold->watch;
	const struct alert_channel *channel =
	    alert_setup_channel(alert_setting_get(w->setting), retold->channel);

	if (channel != NULL)
		alert_outbox_note(w->outbox, channel, sent);
	forget_retold(retold);
}

static void fill_open(const struct alert_watch *w, const struct alert_channel *channel,
    struct alerts_message *message)
{
	const struct incident_tracking *tracking = incident_watch_tracking(w->incidents);

	*message = (struct alerts_message){.what = ALERT_REPEATED, .at = clock_now()};
	message->key = memory_strdup("again");
	for (size_t i = 0; i < incident_tracking_open(tracking); i++) {
		const struct incident_row *row = &incident_tracking_at(tracking, i)->row;
		struct alerts_item item;

		if (!alerts_is_told(w->engine, channel->id, row->id))
			continue;
		alerts_item_fill(&item, row);
		alerts_message_add(message, &item);
	}
}

static void tell_again(struct alert_watch *w, const struct alert_channel *channel)
{
	struct retold *retold;
	struct alerts_message message;
	struct alerts_place place;

	fill_open(w, channel, &message);
	if (message.count > 0) {
		retold = memory_zero(1, sizeof(*retold));
		retold->watch = w;
		snprintf(retold->channel, sizeof(retold->channel), "%s", channel->id);
		retold->next = w->retold;
		w->retold = retold;
		w->events.place(w->events.context, &place);
		retold->number =
		    alert_send(w->notifier, channel, &message, &place, told_again, retold, NULL);
		if (retold->number == 0)
			forget_retold(retold);
	}
	alerts_message_clear(&message);
}

static void resend(struct alert_watch *w, int64_t now)
{
	const struct alert_setup *setup = alert_setting_get(w->setting);

	if ((now < w->resend_at && w->resend_at - now <= ALERT_WATCH_RESEND) || !w->loaded)
		return;
	w->resend_at = now + ALERT_WATCH_RESEND;
	for (size_t i = 0; i < setup->channel_count; i++)
		if (setup->channels[i].kind == ALERT_ALERTMANAGER && setup->channels[i].enabled)
			tell_again(w, &setup->channels[i]);
}

/* ---- A test ---- */

struct test {
	struct alert_watch *watch;
	struct alert_row row;
	alert_watch_tested *done;
	void *context;
	uint32_t number;
	struct test *next;
};

static void unlink_test(struct test *test)
{
	struct test **at = &test->watch->tests;

	while (*at != test)
		at = &(*at)->next;
	*at = test->next;
}

static void free_test(struct test *test)
{
	alert_row_clear(&test->row);
	free(test);
}

static enum db_result write_test(struct db *db, void *context, struct error *err)
{
	struct test *test = context;

	return alert_rows_add(db, &test->row, err);
}

static void test_written(void *context, enum db_result result, const struct error *err)
{
	struct test *test = context;

	(void)err;
	if (result == DB_OK)
		changed(test->watch);
	free_test(test);
}

static void keep_test(struct test *test, const struct notifier_sent *sent, const char *text)
{
	test->row.state =
	    sent != NULL && sent->result == NOTIFIER_DONE ? ALERT_SENT : ALERT_GIVEN_UP;
	test->row.settled = clock_now();
	test->row.attempts = 1;
	test->row.status = sent != NULL ? sent->status : 0;
	test->row.took_ms = sent != NULL ? (int64_t)sent->took_ms : -1;
	test->row.answer = memory_strdup(text);
	store_write(test->watch->store, write_test, test_written, test);
}

static void test_sent(void *context, const struct notifier_sent *sent)
{
	struct test *test = context;
	struct alert_watch *w = test->watch;
	const struct alert_channel *channel =
	    alert_setup_channel(alert_setting_get(w->setting), test->row.channel);
	BUFFER_AUTO struct buffer text = {0}, answer = {0};
	struct error err;

	unlink_test(test);
	if (channel == NULL || sent == NULL) {
		error_say(&err, "notifier_unavailable", SAID_PROBLEM_NO_SENDER, 0);
		test->done(test->context, NULL, &err);
		free_test(test);
		return;
	}
	alert_send_words(channel, sent, &text, &answer);
	/* A channel that was mended is not failing any more. */
	if (sent->result == NOTIFIER_DONE)
		alert_outbox_note(w->outbox, channel, sent);
	test->done(test->context,
	    &(struct alert_tested){sent->result == NOTIFIER_DONE, sent->status, sent->took_ms,
		buffer_slice(&text), buffer_slice(&answer)},
	    NULL);
	keep_test(test, sent, buffer_string(&text));
}

/* It looks like an incident, and says in each of its texts that it is none. */
static void fill_test(struct alerts_message *m, const struct alert_channel *channel)
{
	struct alerts_item item = {.severity = INCIDENT_NOTE,
	    .title = memory_strdup("This is a test of Postroom's alerts"),
	    .why = memory_strdup("Somebody has pressed Test: there is no incident."),
	    .todo = memory_strdup("Nothing. Alerts of incidents will come here."),
	    .key = memory_strdup(""),
	    .cause = memory_strdup(""),
	    .filter = memory_strdup(""),
	    .messages = -1,
	    .since = clock_now()};
	BUFFER_AUTO struct buffer key = {0};

	*m = (struct alerts_message){.what = ALERT_TEST, .at = clock_now()};
	snprintf(m->channel, sizeof(m->channel), "%s", channel->id);
	buffer_printf(&key, "%s//test/%lld", channel->id, (long long)clock_now_us());
	m->key = memory_strdup(buffer_string(&key));
	/* Of an Alertmanager it ends at once. */
	if (channel->kind == ALERT_ALERTMANAGER)
		item.until = item.since + 60;
	item.ended = item.until != 0;
	alerts_message_add(m, &item);
}

void alert_watch_test(
    struct alert_watch *w, const char *id, alert_watch_tested *done, void *context)
{
	const struct alert_channel *channel =
	    alert_setup_channel(alert_setting_get(w->setting), id);
	struct alerts_message message;
	struct alerts_place place;
	struct test *test;
	struct error err;

	if (channel == NULL || !exchange_is_up(w->notifier)) {
		error_say(&err,
		    channel == NULL ? "alert_channel_not_found" : "notifier_unavailable",
		    channel == NULL ? SAID_PROBLEM_NO_CHANNEL : SAID_PROBLEM_SENDER_GONE, 0);
		done(context, NULL, &err);
		return;
	}
	test = memory_zero(1, sizeof(*test));
	*test = (struct test){.watch = w, .done = done, .context = context, .next = w->tests};
	fill_test(&message, channel);
	w->events.place(w->events.context, &place);
	test->number = alert_send(w->notifier, channel, &message, &place, test_sent, test, &err);
	/* The list has no incident to lead to. */
	alerts_item_clear(&message.items[0]);
	message.count = 0;
	alerts_message_to_row(&message, &test->row);
	alerts_message_clear(&message);
	if (test->number != 0) {
		w->tests = test;
		return;
	}
	snprintf(err.code, sizeof(err.code), "%s", "invalid_value");
	done(context, NULL, &err);
	free_test(test);
}

/* ---- Turns ---- */

static enum db_result drop_old(struct db *db, void *context, struct error *err)
{
	(void)context;
	return alert_rows_expire(db, clock_now(), err);
}

static void expire(struct alert_watch *w, int64_t now)
{
	if (now < w->expire_at && w->expire_at - now <= EXPIRE_SECONDS)
		return;
	w->expire_at = now + EXPIRE_SECONDS;
	store_write_optional(w->store, drop_old, NULL, NULL);
}

void alert_watch_tick(struct alert_watch *w)
{
	int64_t now = clock_now();

	if (w->stopped)
		return;
	alert_setting_tick(w->setting, now);
	alert_setting_expire(w->setting, now);
	if (turn_is_due(w))
		take_turn(w, now);
	if (!w->loaded)
		return;
	alert_outbox_tick(w->outbox, now);
	beat(w, now);
	resend(w, now);
	expire(w, now);
}

int64_t alert_watch_deadline_ms(const struct alert_watch *w)
{
	int64_t now = clock_now(), first = alert_outbox_deadline(w->outbox);
	const struct alert_heartbeat *beat = &alert_setting_get(w->setting)->heartbeat;

	if (w->stopped || !w->loaded)
		return -1;
	if (beat->enabled && w->beating == 0 && w->beat_at > now &&
	    (first == 0 || w->beat_at < first))
		first = w->beat_at;
	if (first == 0)
		return -1;
	return clock_monotonic_ms() + (first > now ? (first - now) * 1000 : 0);
}

void alert_watch_stop(struct alert_watch *w)
{
	struct error stopping = {"notifier_unavailable", "the service is being stopped"};

	w->stopped = true;
	alert_outbox_stop(w->outbox);
	if (w->beating != 0)
		notify_cancel(w->notifier, w->beating);
	while (w->retold != NULL) {
		notify_cancel(w->notifier, w->retold->number);
		forget_retold(w->retold);
	}
	while (w->tests != NULL) {
		struct test *test = w->tests;

		notify_cancel(w->notifier, test->number);
		unlink_test(test);
		test->done(test->context, NULL, &stopping);
		free_test(test);
	}
}

void alert_watch_destroy(struct alert_watch **watch)
{
	struct alert_watch *w = *watch;

	if (w == NULL)
		return;
	alert_outbox_destroy(&w->outbox);
	alert_setting_destroy(&w->setting);
	alerts_destroy(&w->engine);
	free(w);
	*watch = NULL;
}
