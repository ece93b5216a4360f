/* One message of each channel is under way at a time: the first that waits for it. */
#include "watch/alert_outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/state_machine.h"
#include "watch/alert_send.h"

struct entry {
	struct alert_outbox *outbox;
	struct alert_row row;
	unsigned writes;  /* under way */
	int64_t write_at; /* the store did not take how it stands: again then; 0 */
	bool send_next;	  /* when it is written that it is sent */
	uint32_t number;  /* of the question to the notifier; 0: none */
};

/* How a channel does. */
struct health {
	char channel[ALERT_ID_MAX + 1];
	int64_t failing_since;
	char *text; /* of the last failure */
};

struct alert_outbox {
	struct store *store;
	struct exchange *notifier;
	struct notices *notices;
	struct alert_outbox_events events;
	struct entry **entries; /* in the order in which they came */
	size_t count;
	struct health health[ALERT_CHANNELS_MAX];
	size_t health_count;
	bool stopped, told;
};

static const char *const names[ALERT_STATES] = {
    "waiting", "sending", "sent", "given up", "silenced"};
static const uint32_t next[ALERT_STATES] = {
    [ALERT_WAITING] = STATE_MACHINE_BIT(ALERT_SENDING) | STATE_MACHINE_BIT(ALERT_GIVEN_UP),
    /* Back where it was not taken, or where it is not known what became of it. */
    [ALERT_SENDING] = STATE_MACHINE_BIT(ALERT_SENT) | STATE_MACHINE_BIT(ALERT_WAITING) |
		      STATE_MACHINE_BIT(ALERT_GIVEN_UP),
};
static const struct state_machine machine = {"alert", ALERT_STATES, names, next};

static void move(struct entry *e, enum alert_state to)
{
	e->row.state = (enum alert_state)state_machine_move(&machine, e->row.state, to);
}

struct alert_outbox *alert_outbox_create(struct store *store, struct exchange *notifier,
    struct notices *notices, const struct alert_outbox_events *events)
{
	struct alert_outbox *o = memory_zero(1, sizeof(*o));

	*o = (struct alert_outbox){
	    .store = store, .notifier = notifier, .notices = notices, .events = *events};
	return o;
}

void alert_outbox_stop(struct alert_outbox *o)
{
	o->stopped = true;
	/* Dropped rather than sent by a notifier whose answer nobody would hear: the next server
	 * sends it again. */
	for (size_t i = 0; i < o->count; i++)
		if (o->entries[i]->number != 0)
			notify_cancel(o->notifier, o->entries[i]->number);
}

static void entry_free(struct entry *e)
{
	alert_row_clear(&e->row);
	free(e);
}

void alert_outbox_destroy(struct alert_outbox **outbox)
{
	struct alert_outbox *o = *outbox;

	if (o == NULL)
		return;
	for (size_t i = 0; i < o->count; i++)
		entry_free(o->entries[i]);
	for (size_t i = 0; i < o->health_count; i++)
		free(o->health[i].text);
	free(o->entries);
	free(o);
	*outbox = NULL;
}

static bool is_open(const struct entry *e)
{
	return e->row.state == ALERT_WAITING || e->row.state == ALERT_SENDING;
}

bool alert_outbox_is_full(const struct alert_outbox *o, const char *channel)
{
	size_t waiting = 0;

	for (size_t i = 0; i < o->count; i++)
		waiting +=
		    is_open(o->entries[i]) && strcmp(o->entries[i]->row.channel, channel) == 0;
	return waiting >= ALERT_OUTBOX_WAITING_MAX;
}

size_t alert_outbox_waiting(const struct alert_outbox *o)
{
	size_t waiting = 0;

	for (size_t i = 0; i < o->count; i++)
		waiting += is_open(o->entries[i]);
	return waiting;
}

/* ---- How channels do ---- */

static struct health *health_of(const struct alert_outbox *o, const char *channel)
{
	for (size_t i = 0; i < o->health_count; i++)
		if (strcmp(o->health[i].channel, channel) == 0)
			return (struct health *)(uintptr_t)&o->health[i];
	return NULL;
}

int64_t alert_outbox_failing_since(const struct alert_outbox *o, const char *channel)
{
	const struct health *h = health_of(o, channel);

	return h != NULL ? h->failing_since : 0;
}

size_t alert_outbox_failing(const struct alert_outbox *o)
{
	size_t failing = 0;

	for (size_t i = 0; i < o->health_count; i++)
		failing += o->health[i].failing_since != 0;
	return failing;
}

static void note_failure(
    struct alert_outbox *o, const char *channel, int64_t since, const char *text)
{
	struct health *h = health_of(o, channel);

	if (h == NULL && o->health_count == ALERT_CHANNELS_MAX)
		return;
	if (h == NULL) {
		h = &o->health[o->health_count++];
		*h = (struct health){.failing_since = since};
		snprintf(h->channel, sizeof(h->channel), "%s", channel);
	}
	if (h->failing_since == 0)
		h->failing_since = since;
	free(h->text);
	h->text = memory_strdup(text);
}

static void note_success(struct alert_outbox *o, const char *channel)
{
	struct health *h = health_of(o, channel);

	if (h == NULL)
		return;
	free(h->text);
	*h = o->health[--o->health_count];
}

/* One notice for all of them, of the one that has failed for longest. */
static void tell_failing(struct alert_outbox *o, int64_t now)
{
	const struct health *first = NULL;
	size_t count = 0;
	SAID_AUTO struct said text = {0}, fix = {0};
	char since[CLOCK_RFC3339_SIZE];

	for (size_t i = 0; i < o->health_count; i++) {
		const struct health *h = &o->health[i];

		if (h->failing_since == 0 || now - h->failing_since < ALERT_OUTBOX_FAILING ||
		    alert_setup_channel(o->events.setup(o->events.context), h->channel) == NULL)
			continue;
		count++;
		if (first == NULL || h->failing_since < first->failing_since)
			first = h;
	}
	if (first == NULL) {
		if (o->told)
			notices_clear(o->notices, "alerts", "alert_channel_failing");
		o->told = false;
		return;
	}
	clock_rfc3339(first->failing_since, since);
	said_put(&text, count > 1 ? SAID_ALERT_CHANNELS_FAILING : SAID_ALERT_CHANNEL_FAILING, 3,
	    said_text("channel", slice_of(first->channel)), said_text("since", slice_of(since)),
	    said_text("reply", slice_of(first->text)));
	said_put(&fix, SAID_ALERT_CHANNEL_FIX, 0);
	notices_set(o->notices, "alerts", "alert_channel_failing", "warning", &text, &fix);
	o->told = true;
}

/* ---- The store ---- */

static void remove_entry(struct entry *e)
{
	struct alert_outbox *o = e->outbox;

	for (size_t i = 0; i < o->count; i++)
		if (o->entries[i] == e) {
			memmove(&o->entries[i], &o->entries[i + 1],
			    (--o->count - i) * sizeof(struct entry *));
			break;
		}
	entry_free(e);
}

/* How it stands, as it was when it was given to the store. */
struct write {
	struct entry *entry;
	struct alert_row row;
};

static enum db_result write_row(struct db *db, void *context, struct error *err)
{
	struct write *write = context;

	return alert_rows_settle(db, &write->row, err);
}

static void send_now(struct entry *e);

static void row_written(void *context, enum db_result result, const struct error *err)
{
	struct write *write = context;
	struct entry *e = write->entry;

	(void)err;
	free(write->row.answer);
	free(write);
	e->writes--;
	/* A store that is away keeps nobody from being told. */
	if (e->send_next && !e->outbox->stopped) {
		e->send_next = false;
		send_now(e);
		return;
	}
	if (e->writes > 0)
		return;
	if (result != DB_OK)
		e->write_at = clock_now() + ALERT_OUTBOX_WRITE_AGAIN;
	else if (!is_open(e))
		remove_entry(e);
}

static void save(struct entry *e)
{
	struct write *write;

	e->write_at = 0;
	if (e->row.id == 0) {
		/* It was told while the store was away, and is nowhere but here. */
		if (e->send_next) {
			e->send_next = false;
			send_now(e);
		} else if (!is_open(e) && e->writes == 0) {
			remove_entry(e);
		}
		return;
	}
	write = memory_zero(1, sizeof(*write));
	write->entry = e;
	write->row = (struct alert_row){.id = e->row.id,
	    .state = e->row.state,
	    .next_attempt = e->row.next_attempt,
	    .settled = e->row.settled,
	    .attempts = e->row.attempts,
	    .refused = e->row.refused,
	    .status = e->row.status,
	    .took_ms = e->row.took_ms,
	    .answer = e->row.answer != NULL ? memory_strdup(e->row.answer) : NULL};
	e->writes++;
	store_write(e->outbox->store, write_row, row_written, write);
}

/* ---- Sending ---- */

static void give_up(struct entry *e, int64_t now, const char *why)
{
	move(e, ALERT_GIVEN_UP);
	e->outbox->events.counted(e->outbox->events.context, "given_up");
	e->row.settled = now;
	if (e->row.answer == NULL || why != NULL) {
		free(e->row.answer);
		e->row.answer = memory_strdup(why != NULL ? why : "");
	}
}

static int64_t pause_after(uint32_t attempts)
{
	int64_t pause = ALERT_OUTBOX_PAUSE;

	while (--attempts > 0 && pause < ALERT_OUTBOX_PAUSE_MAX)
		pause *= 2;
	return pause < ALERT_OUTBOX_PAUSE_MAX ? pause : ALERT_OUTBOX_PAUSE_MAX;
}

static void wait_again(struct entry *e, int64_t now, int64_t least)
{
	int64_t pause = pause_after(e->row.attempts);

	move(e, ALERT_WAITING);
	e->outbox->events.counted(e->outbox->events.context, "failed");
	e->row.next_attempt = now + (pause > least ? pause : least);
}

static void keep_words(
    struct entry *e, const struct alert_channel *channel, const struct notifier_sent *sent)
{
	BUFFER_AUTO struct buffer text = {0}, answer = {0};
	struct slice said;

	alert_send_words(channel, sent, &text, &answer);
	said = slice_trim(buffer_slice(&answer));
	if (said.len > 0)
		buffer_printf(&text, "\n%.*s", SLICE_ARGS(said));
	free(e->row.answer);
	/* A NUL would end it for whoever reads it as a string. */
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\0')
			text.data[i] = ' ';
	e->row.answer = memory_strndup(
	    text.data, text.len < ALERT_ROWS_ANSWER_MAX ? text.len : ALERT_ROWS_ANSWER_MAX);
}

void alert_outbox_note(
    struct alert_outbox *o, const struct alert_channel *channel, const struct notifier_sent *sent)
{
	BUFFER_AUTO struct buffer text = {0}, answer = {0};

	if (sent != NULL && sent->result == NOTIFIER_DONE) {
		note_success(o, channel->id);
		return;
	}
	alert_send_words(channel, sent, &text, &answer);
	note_failure(o, channel->id, clock_now(), buffer_string(&text));
}

static void take_result(struct entry *e, const struct notifier_sent *sent, int64_t now)
{
	e->row.status = sent != NULL ? sent->status : 0;
	e->row.took_ms = sent != NULL ? (int64_t)sent->took_ms : -1;
	if (sent != NULL && sent->result == NOTIFIER_DONE) {
		move(e, ALERT_SENT);
		e->outbox->events.counted(e->outbox->events.context, "sent");
		e->row.settled = now;
	} else if (sent != NULL && sent->result == NOTIFIER_REFUSED &&
		   ++e->row.refused >= ALERT_OUTBOX_REFUSALS_MAX) {
		give_up(e, now, NULL);
	} else {
		wait_again(e, now, sent != NULL ? sent->retry_after_s : 0);
	}
}

static void on_sent(void *context, const struct notifier_sent *sent)
{
	struct entry *e = context;
	struct alert_outbox *o = e->outbox;
	const struct alert_channel *channel =
	    alert_setup_channel(o->events.setup(o->events.context), e->row.channel);

	e->number = 0;
	if (channel != NULL) {
		keep_words(e, channel, sent);
		alert_outbox_note(o, channel, sent);
	}
	take_result(e, sent, clock_now());
	save(e);
	o->events.changed(o->events.context);
}

/* It cannot be sent as it is, and the notifier was not asked. */
static void refuse(struct entry *e, const char *why)
{
	struct alert_outbox *o = e->outbox;

	free(e->row.answer);
	e->row.answer = memory_strdup(why);
	note_failure(o, e->row.channel, clock_now(), why);
	take_result(e, &(struct notifier_sent){.result = NOTIFIER_REFUSED}, clock_now());
	save(e);
	o->events.changed(o->events.context);
}

static void send_now(struct entry *e)
{
	struct alert_outbox *o = e->outbox;
	const struct alert_channel *channel =
	    alert_setup_channel(o->events.setup(o->events.context), e->row.channel);
	struct alerts_message message;
	struct alerts_place place;
	struct error why = {0};

	if (channel == NULL || !alerts_message_of_row(&e->row, &message)) {
		refuse(e, "There is no such channel any more, or the message cannot be read.");
		return;
	}
	o->events.place(o->events.context, &place);
	e->number = alert_send(o->notifier, channel, &message, &place, on_sent, e, &why);
	alerts_message_clear(&message);
	if (e->number == 0)
		refuse(e, why.text);
}

static void begin(struct entry *e)
{
	struct alert_outbox *o = e->outbox;

	move(e, ALERT_SENDING);
	e->row.attempts++;
	e->send_next = true;
	/* One that is nowhere but here may be given up, and gone, when this returns. */
	save(e);
	o->events.changed(o->events.context);
}

/* ---- Turns ---- */

void alert_outbox_add(struct alert_outbox *o, struct alert_row *row)
{
	struct entry *e = memory_zero(1, sizeof(*e));

	e->outbox = o;
	e->row = *row;
	*row = (struct alert_row){0};
	/* It was under way when the service ended. */
	if (e->row.state == ALERT_SENDING) {
		move(e, ALERT_WAITING);
		e->row.next_attempt = 0;
	}
	if (e->row.attempts > 0 && e->row.answer != NULL)
		note_failure(o, e->row.channel, e->row.at, e->row.answer);
	o->entries = memory_resize(o->entries, o->count + 1, sizeof(struct entry *));
	o->entries[o->count++] = e;
}

/* Of channels that are gone: else each would be counted as failing for ever. */
static void forget_gone(struct alert_outbox *o)
{
	const struct alert_setup *setup = o->events.setup(o->events.context);

	for (size_t i = o->health_count; i-- > 0;)
		if (alert_setup_channel(setup, o->health[i].channel) == NULL) {
			free(o->health[i].text);
			o->health[i] = o->health[--o->health_count];
		}
}

void alert_outbox_channels_changed(struct alert_outbox *o)
{
	forget_gone(o);
	for (size_t i = 0; i < o->count; i++)
		if (o->entries[i]->row.state == ALERT_WAITING) {
			o->entries[i]->row.next_attempt = 0;
			o->entries[i]->row.refused = 0;
		}
}

/* What nobody will take any more. */
static void settle_old(struct alert_outbox *o, const struct alert_setup *setup, int64_t now)
{
	for (size_t i = o->count; i-- > 0;) {
		struct entry *e = o->entries[i];

		if (e->row.state != ALERT_WAITING)
			continue;
		/* No receiver may ask for so long: the clock was wrong then, and was set back. */
		if (e->row.next_attempt > now + NOTIFIER_RETRY_AFTER_MAX_S)
			e->row.next_attempt = now;
		if (alert_setup_channel(setup, e->row.channel) == NULL)
			give_up(e, now, "The channel was removed.");
		else if (now - e->row.at > ALERT_OUTBOX_PATIENCE)
			give_up(e, now, NULL);
		else
			continue;
		save(e);
	}
}

/* The first that is open of a channel; NULL: none. */
static struct entry *first_of(const struct alert_outbox *o, const char *channel)
{
	for (size_t i = 0; i < o->count; i++)
		if (is_open(o->entries[i]) && strcmp(o->entries[i]->row.channel, channel) == 0)
			return o->entries[i];
	return NULL;
}

/* It comes back by itself; a restart of it takes a moment, and is no failure of a channel. */
static void miss_notifier(struct alert_outbox *o, int64_t now)
{
	for (size_t i = 0; i < o->count; i++)
		if (is_open(o->entries[i]) && now - o->entries[i]->row.at > ALERT_OUTBOX_PAUSE)
			note_failure(o, o->entries[i]->row.channel, o->entries[i]->row.at,
			    "The process that sends (notifier) is not there.");
	tell_failing(o, now);
}

void alert_outbox_tick(struct alert_outbox *o, int64_t now)
{
	const struct alert_setup *setup = o->events.setup(o->events.context);

	if (o->stopped)
		return;
	settle_old(o, setup, now);
	if (!exchange_is_up(o->notifier)) {
		miss_notifier(o, now);
		return;
	}
	for (size_t i = 0; i < setup->channel_count; i++) {
		struct entry *e = first_of(o, setup->channels[i].id);

		if (e != NULL && setup->channels[i].enabled && e->row.state == ALERT_WAITING &&
		    e->row.next_attempt <= now)
			begin(e);
	}
	for (size_t i = o->count; i-- > 0;)
		if (o->entries[i]->write_at != 0 && o->entries[i]->write_at <= now)
			save(o->entries[i]);
	tell_failing(o, now);
}

int64_t alert_outbox_deadline(const struct alert_outbox *o)
{
	const struct alert_setup *setup = o->events.setup(o->events.context);
	int64_t first = 0;

	/* Its coming is an event. */
	if (o->stopped || !exchange_is_up(o->notifier))
		return 0;
	for (size_t i = 0; i < setup->channel_count; i++) {
		const struct entry *e = first_of(o, setup->channels[i].id);

		if (e != NULL && setup->channels[i].enabled && e->row.state == ALERT_WAITING &&
		    (first == 0 || e->row.next_attempt < first))
			first = e->row.next_attempt > 0 ? e->row.next_attempt : 1;
	}
	return first;
}
