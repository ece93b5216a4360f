/* The face of the incidents: a turn asks each kind in the order of the table, then the list settles
 * and what explains what is found. What is learned of the past comes from here, too. */
#include "watch/incidents/incidents.h"

#include <stdlib.h>

#include "base/memory.h"
#include "watch/incidents/kinds.h"

/* The clock may be set back by so much, and time stands still here until it has caught up; a larger
 * step says that it was wrong before. */
#define CLOCK_STEP 3600
/* The rates may lag behind the clock by so much before their silence counts as silence. */
#define RATES_LAG 180

#define STATE_MAGIC 0x31495250 /* "PRI1" */

struct incidents {
	struct incident_list list;
	struct incident_peaks *peaks;
	struct incident_memory memory;
	int64_t now;
};

enum needs { NEEDS_NOTHING = 0, NEEDS_QUEUE = 1, NEEDS_LOG = 2 };

static const struct incident_kind_row {
	const char *name;
	const char *runbook; /* docs/runbooks; tools/check knows that it is there */
	unsigned needs;	     /* what must be seen: else its incidents stay as they are */
	incident_tell_fn *tell[2];
} kinds[INCIDENT_KINDS] = {
    [INCIDENT_FLOOD] = {"flood", "flood", NEEDS_LOG, {incident_tell_floods}},
    [INCIDENT_DESTINATION] = {"destination", "dead-destination", NEEDS_QUEUE | NEEDS_LOG,
	{incident_tell_destinations, incident_tell_own_trouble}},
    [INCIDENT_REPUTATION] = {"reputation", "blocklisted", NEEDS_QUEUE | NEEDS_LOG,
	{incident_tell_reputation}},
    [INCIDENT_NAME_SERVICE] = {"name_service", "dns", NEEDS_QUEUE | NEEDS_LOG,
	{incident_tell_name_service}},
    [INCIDENT_LOCAL_SERVICE] = {"local_service", "filter-stalled", NEEDS_QUEUE | NEEDS_LOG,
	{incident_tell_local_service}},
    [INCIDENT_SPOOL_FULL] = {"spool_full", "disk-full", NEEDS_NOTHING, {incident_tell_spool_full}},
    [INCIDENT_POSTFIX] = {"postfix", "postfix-not-starting", NEEDS_NOTHING,
	{incident_tell_postfix}},
    [INCIDENT_LOOP] = {"loop", "loop", NEEDS_LOG, {incident_tell_loops}},
    [INCIDENT_BACKSCATTER] = {"backscatter", "backscatter", NEEDS_LOG, {incident_tell_backscatter}},
    [INCIDENT_EXPIRING] = {"expiring", "expiring", NEEDS_QUEUE, {incident_tell_expiring}},
    [INCIDENT_NOTHING_DELIVERED] = {"nothing_delivered", "nothing-delivered",
	NEEDS_QUEUE | NEEDS_LOG, {incident_tell_nothing_delivered}},
    [INCIDENT_INCOMING_OLD] = {"incoming_old", "incoming-old", NEEDS_QUEUE,
	{incident_tell_old_queues}},
    [INCIDENT_ACTIVE_FULL] = {"active_full", "active-full", NEEDS_QUEUE,
	{incident_tell_active_full}},
    [INCIDENT_HELD_FORGOTTEN] = {"held_forgotten", "held-forgotten", NEEDS_QUEUE,
	{incident_tell_held}},
    [INCIDENT_BLIND] = {"blind", "blind", NEEDS_NOTHING, {incident_tell_blind}},
};

struct incidents *incidents_create(uint64_t first_id)
{
	struct incidents *incidents = memory_zero(1, sizeof(*incidents));

	incidents->list.next_id = first_id > 0 ? first_id : 1;
	incidents->peaks = incident_peaks_create();
	for (int i = 0; i < INCIDENT_NAMES_STEPS; i++)
		incidents->memory.names[i] = -1;
	for (size_t i = 0;
	     i < sizeof(incidents->memory.active) / sizeof(incidents->memory.active[0]); i++)
		incidents->memory.active[i] = -1;
	return incidents;
}

void incidents_free(struct incidents *incidents)
{
	if (incidents == NULL)
		return;
	incident_list_free(&incidents->list);
	incident_peaks_free(incidents->peaks);
	free(incidents);
}

/* ---- The past ---- */

static int64_t within(int64_t value, int64_t max)
{
	return value < 0 ? -1 : value > max ? max : value;
}

static int64_t bounded(int64_t value)
{
	return within(value, INCIDENT_TIME_MAX);
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void incidents_learn(struct incidents *incidents, int64_t minute, enum rate_kind kind,
    struct slice key, const struct rate_counts *counts)
{
	struct incident_memory *memory = &incidents->memory;

	if (minute < 0 || minute > INCIDENT_TIME_MAX ||
	    (incidents->now != 0 && minute > incidents->now))
		return;
	if (kind == RATE_DOMAIN || kind == RATE_REMOTE_HOST) {
		if (counts->n[RATE_DELIVERED] > 0)
			incident_peaks_took(incidents->peaks, kind, key, minute + 60);
		if (counts->n[RATE_DELIVERED] > 0 && kind == RATE_DOMAIN)
			memory->last_delivery = later(memory->last_delivery, minute + 60);
		return;
	}
	if (kind != RATE_LOGIN && kind != RATE_CLIENT && kind != RATE_SENDER)
		return;
	if (memory->learned_from == 0 || minute < memory->learned_from)
		memory->learned_from = minute;
	incident_peaks_learn(incidents->peaks, kind, key, minute, counts->n[RATE_RECEIVED]);
}

int64_t incidents_last_took(const struct incidents *incidents, struct slice domain)
{
	return incident_peaks_last_took(incidents->peaks, RATE_DOMAIN, domain);
}

struct learning {
	struct incidents *incidents;
	int64_t minute;
	enum rate_kind kind;
};

static void learn_one(void *context, struct slice key, const struct rate_counts *counts)
{
	const struct learning *learning = context;

	incidents_learn(learning->incidents, learning->minute, learning->kind, key, counts);
}

static void learn_minutes(struct incidents *incidents, const struct rates *rates,
    enum rate_kind kind, int64_t from, int64_t to)
{
	for (int64_t minute = from; minute < to; minute += 60) {
		struct learning learning = {incidents, minute, kind};
		rates_each(rates, kind, minute, minute + 60, learn_one, &learning);
	}
}

/* Peaks from what is old enough, deliveries from what is new. The minute that runs is read again.
 */
static void learn_rates(struct incidents *incidents, const struct rates *rates, int64_t to)
{
	static const enum rate_kind usual[] = {RATE_LOGIN, RATE_CLIENT, RATE_SENDER};
	struct incident_memory *memory = &incidents->memory;
	int64_t hour = to - RATES_MINUTES * (int64_t)60;

	for (size_t k = 0; k < sizeof(usual) / sizeof(usual[0]); k++)
		learn_minutes(incidents, rates, usual[k], later(memory->learned_to, hour),
		    to - INCIDENTS_LEARN_AFTER);
	memory->learned_to = later(memory->learned_to, to - INCIDENTS_LEARN_AFTER);
	learn_minutes(incidents, rates, RATE_DOMAIN, later(memory->took_to - 120, hour), to);
	learn_minutes(incidents, rates, RATE_REMOTE_HOST, later(memory->took_to - 120, hour), to);
	memory->took_to = to;
}

/* ---- A turn ---- */

/* The end of the minute up to which the rates are known; when they lag or lie in the future, of the
 * minute that is now. */
static int64_t rates_end(const struct incident_facts *facts, int64_t now)
{
	int64_t end = now / 60 * 60 + 60,
		newest = facts->rates != NULL ? rates_newest(facts->rates) : 0;

	if (newest >= end - 60 - RATES_LAG && newest < end)
		end = newest / 60 * 60 + 60;
	return end;
}

/* Times and counts from outside are bounded once, so that nothing below overflows. */
static struct incident_facts bounded_facts(const struct incident_facts *given, int64_t now)
{
	struct incident_facts facts = *given;

	for (int q = 0; q < QUEUE_COUNT; q++) {
		facts.counts[q] = bounded(facts.counts[q]);
		facts.oldest[q] = bounded(facts.oldest[q]);
	}
	facts.now = bounded(facts.now) < 0 ? now : bounded(facts.now);
	facts.messages = bounded(facts.messages);
	facts.expiring = bounded(facts.expiring);
	facts.held_long = bounded(facts.held_long);
	facts.active_limit = bounded(facts.active_limit);
	facts.log_newest = bounded(facts.log_newest);
	facts.null_sender_domains = bounded(facts.null_sender_domains);
	facts.spool_bytes_free = within(facts.spool_bytes_free, INCIDENT_ROOM_MAX);
	facts.spool_bytes = within(facts.spool_bytes, INCIDENT_ROOM_MAX);
	facts.spool_inodes_free = within(facts.spool_inodes_free, INCIDENT_ROOM_MAX);
	facts.spool_inodes = within(facts.spool_inodes, INCIDENT_ROOM_MAX);
	facts.queue_minfree = within(facts.queue_minfree, INCIDENT_ROOM_MAX);
	return facts;
}

static void mend(struct incidents *incidents, int64_t now)
{
	struct incident_memory *memory = &incidents->memory;

	incident_list_mend(&incidents->list, now);
	incident_peaks_mend(incidents->peaks, now);
	memory->learned_from = memory->learned_from > now ? now : memory->learned_from;
	memset(memory->swept, 0, sizeof(memory->swept));
	memory->learned_to = memory->took_to = memory->first_turn = 0;
	memory->last_delivery = 0;
	memory->outage_end = memory->stuck_end = 0;
	memory->pickup_end = memory->service_end = 0;
	memory->names_at = memory->active_at = 0;
	memory->bytes.at = memory->inodes.at = 0;
	memory->bytes.hour = memory->inodes.hour = 0;
	memory->service_count = 0;
}

/* Time does not run back here; a clock that was wrong is believed again at once. */
static int64_t take_time(struct incidents *incidents, int64_t now)
{
	now = bounded(now) < 0 ? 0 : bounded(now);
	if (now < incidents->now - CLOCK_STEP)
		mend(incidents, now);
	else if (now < incidents->now)
		now = incidents->now;
	incidents->now = now;
	return now;
}

static void tell(struct incident_turn *turn)
{
	unsigned seen =
	    (turn->facts->queue_known ? NEEDS_QUEUE : 0) | (turn->facts->log_known ? NEEDS_LOG : 0);
	unsigned blind = 0;

	for (unsigned k = 0; k < INCIDENT_KINDS; k++) {
		if ((kinds[k].needs & ~seen) != 0)
			blind |= 1U << k;
		for (int i = 0; i < 2 && (blind >> k & 1) == 0; i++)
			if (kinds[k].tell[i] != NULL)
				kinds[k].tell[i](turn);
	}
	incident_list_blind(turn->list, blind, turn->now);
}

void incidents_turn(struct incidents *incidents, const struct incident_facts *given)
{
	int64_t now = take_time(incidents, given->now);
	struct incident_facts facts = bounded_facts(given, now);
	struct incident_turn turn = {.facts = &facts,
	    .now = now,
	    .to = rates_end(&facts, now),
	    .list = &incidents->list,
	    .peaks = incidents->peaks,
	    .memory = &incidents->memory,
	    .counts_left = INCIDENTS_COUNTS_MAX};

	if (facts.rates != NULL && facts.log_known)
		learn_rates(incidents, facts.rates, turn.to);
	turn.total = incident_rates(&turn, RATE_TOTAL, SLICE(""), 1800);
	incident_list_begin(&incidents->list);
	tell(&turn);
	incident_list_settle(&incidents->list, now);
	incident_explain(&turn);
}

size_t incidents_count(const struct incidents *incidents)
{
	return incidents->list.count;
}

const struct incident *incidents_at(const struct incidents *incidents, size_t i)
{
	return i < incidents->list.count ? &incidents->list.items[i]->shown : NULL;
}

const struct incident *incidents_find(const struct incidents *incidents, uint64_t id)
{
	for (size_t i = 0; i < incidents->list.count; i++)
		if (incidents->list.items[i]->shown.id == id)
			return &incidents->list.items[i]->shown;
	return NULL;
}

uint64_t incidents_version(const struct incidents *incidents)
{
	return incidents->list.version;
}

/* ---- Saved state ---- */

static void save_room(const struct incident_room *room, struct buffer *out)
{
	buffer_put_i64(out, room->at);
	buffer_put_i64(out, room->hour);
	for (size_t i = 0; i < INCIDENT_ROOM_STEPS; i++)
		buffer_put_i64(out, room->free[i]);
	for (size_t i = 0; i < INCIDENT_ROOM_HOURS; i++)
		buffer_put_i64(out, room->least[i]);
}

void incidents_save(const struct incidents *incidents, struct buffer *out)
{
	const struct incident_memory *memory = &incidents->memory;

	buffer_put_u32(out, STATE_MAGIC);
	incident_list_save(&incidents->list, out);
	buffer_put_i64(out, memory->learned_from);
	buffer_put_i64(out, memory->learned_to);
	save_room(&memory->bytes, out);
	save_room(&memory->inodes, out);
	incident_peaks_save(incidents->peaks, out);
}

/* A value of a state that anybody may have written. */
static int64_t restore_value(struct cursor *c)
{
	return bounded(cursor_i64(c));
}

static void restore_room(struct incident_room *room, struct cursor *c)
{
	room->at = later(restore_value(c), 0);
	room->hour = later(restore_value(c), 0);
	if (room->hour > room->at / 3600)
		room->hour = room->at / 3600;
	for (size_t i = 0; i < INCIDENT_ROOM_STEPS; i++)
		room->free[i] = within(cursor_i64(c), INCIDENT_ROOM_MAX);
	for (size_t i = 0; i < INCIDENT_ROOM_HOURS; i++)
		room->least[i] = within(cursor_i64(c), INCIDENT_ROOM_MAX);
}

static bool restore_memory(struct incident_memory *memory, struct cursor *c)
{
	struct incident_memory read = *memory;

	read.learned_from = later(restore_value(c), 0);
	read.learned_to = later(restore_value(c), 0);
	restore_room(&read.bytes, c);
	restore_room(&read.inodes, c);
	if (c->failed)
		return false;
	*memory = read;
	return true;
}

bool incidents_restore(struct incidents *incidents, struct slice bytes)
{
	struct cursor c = cursor_init(bytes.data, bytes.len);

	return cursor_u32(&c) == STATE_MAGIC && incident_list_restore(&incidents->list, &c) &&
	       restore_memory(&incidents->memory, &c) &&
	       incident_peaks_restore(incidents->peaks, &c) && cursor_finished(&c);
}

/* ---- Names ---- */

const char *incident_kind_name(enum incident_kind kind)
{
	return (unsigned)kind < INCIDENT_KINDS ? kinds[kind].name : NULL;
}

const char *incident_kind_runbook(enum incident_kind kind)
{
	return (unsigned)kind < INCIDENT_KINDS ? kinds[kind].runbook : NULL;
}

const char *incident_severity_name(enum incident_severity severity)
{
	static const char *const names[] = {"note", "watch", "act"};

	return (unsigned)severity <= INCIDENT_ACT ? names[severity] : NULL;
}

const char *incident_state_name(enum incident_state state)
{
	static const char *const names[] = {"open", "quiet", "ended"};

	return (unsigned)state <= INCIDENT_ENDED ? names[state] : NULL;
}

const char *incident_subject_name(enum incident_subject subject)
{
	static const char *const names[INCIDENT_SUBJECTS] = {NULL, "login", "client", "sender",
	    "recipient_domain", "remote_host", "provider", "service", "diagnosis"};

	return (unsigned)subject < INCIDENT_SUBJECTS ? names[subject] : NULL;
}
