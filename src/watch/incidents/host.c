/* The host: room of the spool, and what we cannot see. Free room is judged by its trend over
 * several spans and by how low it has been before, because logs grow and are rotated. */
#include "watch/incidents/kinds.h"

#include <inttypes.h>

#include "watch/incidents/words.h"

/* Told when it will be used up within so long... */
#define SPOOL_WITHIN (6 * 3600)
/* ...or when less than this is free. Postfix wants 1.5 times message_size_limit (10 MB) or
 * queue_minfree; below twice that it soon refuses. */
#define SPOOL_LEAST ((int64_t)32 << 20)
/* A share of the inodes: there is no limit of Postfix's. */
#define SPOOL_INODES_PERMILLE 5
/* Nothing falls so steeply for so long by a log alone. Short trends are believed only when the end
 * is near. */
#define SPOOL_SHORT 600
#define SPOOL_SHORT_WITHIN 3600
/* Free room in percent above which no trend is believed: it has far to fall. */
#define SPOOL_FREE_PERCENT 60

/* For so long a thing is allowed to be away: a restart takes seconds. */
#define BLIND_AFTER 30
/* So many changes of the queue's size, over so long, without any line. */
#define SILENT_MOVES 3
#define SILENT_FOR 600
/* A log whose newest line is so far ahead of us, or a clock that is. */
#define CLOCK_AHEAD 300

static void shift(int64_t *values, size_t count, int64_t newest)
{
	memmove(values + 1, values, (count - 1) * sizeof(*values));
	values[0] = newest;
}

static void forget(int64_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		values[i] = -1;
}

static void remember_room(struct incident_room *room, int64_t free, int64_t now)
{
	int64_t hour = now / 3600;

	if (room->at == 0 || now - room->at > INCIDENT_ROOM_STEP * INCIDENT_ROOM_STEPS)
		forget(room->free, INCIDENT_ROOM_STEPS);
	if (hour - room->hour >= INCIDENT_ROOM_HOURS)
		forget(room->least, INCIDENT_ROOM_HOURS);
	for (; room->hour < hour; room->hour++) {
		if (hour - room->hour > INCIDENT_ROOM_HOURS)
			room->hour = hour - INCIDENT_ROOM_HOURS;
		shift(room->least, INCIDENT_ROOM_HOURS, -1);
	}
	if (room->least[0] < 0 || free < room->least[0])
		room->least[0] = free;
	for (int n = 0; now - room->at >= INCIDENT_ROOM_STEP && n < INCIDENT_ROOM_STEPS; n++) {
		/* A time without samples stays without. */
		if (room->at == 0 || now - room->at < 2 * INCIDENT_ROOM_STEP) {
			shift(room->free, INCIDENT_ROOM_STEPS, free);
			room->at = now;
		} else {
			shift(room->free, INCIDENT_ROOM_STEPS, -1);
			room->at += INCIDENT_ROOM_STEP;
		}
	}
}

/* Seconds until nothing is left, by the loss of the last `span` seconds; -1: it does not fall, or
 * that is not known. */
static int64_t left_by(const struct incident_room *room, int64_t free, int64_t span)
{
	int64_t before = room->free[span / INCIDENT_ROOM_STEP];

	if (before < 0 || before <= free)
		return -1;
	return (int64_t)((double)free / (double)(before - free) * (double)span);
}

/* It has been as low before, and there was more again: the tooth of a saw. */
static bool was_as_low(const struct incident_room *room, int64_t free)
{
	bool lower = false;

	for (int i = 1; i < INCIDENT_ROOM_HOURS; i++) {
		if (room->least[i] < 0)
			continue;
		if (room->least[i] <= free)
			lower = true;
	}
	return lower;
}

/* The shortest time that all spans agree on; -1: there is no such end. */
static int64_t time_left(const struct incident_room *room, int64_t free, int64_t all)
{
	static const int64_t spans[] = {1800, 7200, 21600};
	int64_t urgent = left_by(room, free, SPOOL_SHORT), left = -1;

	if ((all > 0 && free > all / 100 * SPOOL_FREE_PERCENT) || was_as_low(room, free))
		return -1;
	if (urgent >= 0 && urgent <= SPOOL_SHORT_WITHIN)
		return urgent;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		int64_t by = left_by(room, free, spans[i]);
		if (room->free[spans[i] / INCIDENT_ROOM_STEP] < 0)
			break;
		if (by < 0 || by > SPOOL_WITHIN)
			return -1;
		left = by > left ? by : left;
	}
	return left;
}

static struct said_value room(const char *name, int64_t number, bool bytes, struct buffer *shown)
{
	if (!bytes)
		return said_number(name, number);
	buffer_printf(shown, "%" PRId64 " MB", number >> 20);
	return said_number_as(name, number, buffer_slice(shown));
}

static void put_room(
    struct incident_claim *claim, int64_t free, int64_t all, int64_t left, bool bytes)
{
	BUFFER_AUTO struct buffer shown = {0}, whole = {0}, span = {0};
	struct said_value value = room(bytes ? "bytes" : "inodes", free, bytes, &shown);

	incident_words_span(&span, left);
	if (left < 0)
		said_put(&claim->title,
		    bytes ? SAID_INCIDENT_SPOOL_NEARLY : SAID_INCIDENT_SPOOL_NEARLY_INODES, 1,
		    value);
	else
		said_put(&claim->title,
		    bytes ? SAID_INCIDENT_SPOOL_SOON : SAID_INCIDENT_SPOOL_SOON_INODES, 2, value,
		    said_number_as("left", left, buffer_slice(&span)));
	said_put(&claim->text, SAID_INCIDENT_SPOOL_TEXT, 0);
	incident_claim_evidence(claim, SLICE(""),
	    bytes ? SAID_INCIDENT_SPOOL_OF : SAID_INCIDENT_SPOOL_OF_INODES, 2, value,
	    room("all", all, bytes, &whole));
}

static void tell_room(struct incident_turn *turn, struct incident_room *room, int64_t free,
    int64_t all, int64_t least, bool bytes)
{
	struct slice key = bytes ? SLICE("bytes") : SLICE("inodes");
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_SPOOL_FULL, INCIDENT_OF_SERVICE, key);
	bool open =
	    incident_list_find(turn->list, INCIDENT_SPOOL_FULL, INCIDENT_OF_SERVICE, key) != NULL;
	int64_t left;

	if (free < 0 || all <= 0)
		return;
	remember_room(room, free, turn->now);
	left = time_left(room, free, all);
	if (free >= least && left < 0) {
		if (!open || free >= least * 2)
			return;
		claim.keeps_only = true;
	}
	claim.severity = INCIDENT_ACT;
	claim.actions = INCIDENT_DO_DELETE;
	put_room(&claim, free, all, free < least ? -1 : left, bytes);
	incident_list_claim(turn->list, &claim, turn->now);
}

void incident_tell_spool_full(struct incident_turn *turn)
{
	const struct incident_facts *facts = turn->facts;
	int64_t minfree = facts->queue_minfree > 0 ? facts->queue_minfree * 2 : 0;

	tell_room(turn, &turn->memory->bytes, facts->spool_bytes_free, facts->spool_bytes,
	    minfree > SPOOL_LEAST ? minfree : SPOOL_LEAST, true);
	tell_room(turn, &turn->memory->inodes, facts->spool_inodes_free, facts->spool_inodes,
	    facts->spool_inodes / 1000 * SPOOL_INODES_PERMILLE, false);
}

/* ---- Blind ---- */

static void claim_blind(struct incident_turn *turn, struct slice key, int64_t since,
    enum incident_severity severity, enum said_code title, const struct said *text)
{
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_BLIND, INCIDENT_OF_SERVICE, key);

	claim.severity = severity;
	claim.since = since;
	said_put(&claim.title, title, 0);
	said_then_said(&claim.text, buffer_slice(&text->text), buffer_slice(&text->words));
	incident_list_claim(turn->list, &claim, turn->now);
}

static void claim_plain(struct incident_turn *turn, struct slice key, int64_t since,
    enum incident_severity severity, enum said_code title, enum said_code text)
{
	SAID_AUTO struct said said = {0};

	said_put(&said, text, 0);
	claim_blind(turn, key, since, severity, title, &said);
}

/* Of a notice both: what is wrong, and what to do. */
static void put_notice(struct said *said, struct slice text, struct slice words)
{
	BUFFER_AUTO struct buffer shown = {0};

	incident_words_put(&shown, text, INCIDENT_QUOTE_SHOWN);
	if (shown.len > 0)
		said_then_said(said, buffer_slice(&shown), words);
}

/* Notices that say of what we cannot see; others are about the service itself, and stand where
 * notices do. */
static const struct blind_notice {
	const char *code;
	enum said_code title;
	enum incident_severity severity;
} blind_notices[] = {
    {"log_unavailable", SAID_INCIDENT_LOG_UNREAD, INCIDENT_WATCH},
    {"log_not_understood", SAID_INCIDENT_LOG_FOREIGN, INCIDENT_WATCH},
    {"listing_failed", SAID_INCIDENT_NO_LISTING, INCIDENT_ACT},
    {"showq_down", SAID_INCIDENT_NO_LISTING, INCIDENT_ACT},
    {"source_degraded", SAID_INCIDENT_SOURCE_WORSE, INCIDENT_NOTE},
    {"source_differs", SAID_INCIDENT_SOURCE_DIFFERS, INCIDENT_WATCH},
    {"helper_unavailable", SAID_INCIDENT_NO_HELPER, INCIDENT_ACT},
    {"reader_unavailable", SAID_INCIDENT_NO_ROLE, INCIDENT_ACT},
    {"logreader_unavailable", SAID_INCIDENT_LOG_UNREAD, INCIDENT_WATCH},
    {"postfix_unknown", SAID_INCIDENT_NO_SETTINGS, INCIDENT_WATCH},
};

static bool tell_notice(struct incident_turn *turn, const struct incident_notice *notice)
{
	SAID_AUTO struct said text = {0};

	for (size_t i = 0; i < sizeof(blind_notices) / sizeof(blind_notices[0]); i++) {
		const struct blind_notice *blind = &blind_notices[i];
		if (!slice_is(notice->code, blind->code))
			continue;
		/* A role that is started again at once is no trouble. */
		if (notice->since > 0 && turn->now - notice->since < BLIND_AFTER)
			return true;
		put_notice(&text, notice->text, notice->words);
		put_notice(&text, notice->fix, notice->fix_words);
		claim_blind(
		    turn, notice->code, notice->since, blind->severity, blind->title, &text);
		return true;
	}
	return false;
}

/* Since when it is away; 0: it is there. */
static int64_t away(int64_t *since, bool there, int64_t now)
{
	if (there)
		*since = 0;
	else if (*since == 0 || *since > now)
		*since = now;
	return *since;
}

static void tell_clock(struct incident_turn *turn)
{
	const struct incident_facts *facts = turn->facts;

	if (facts->log_known && facts->log_newest > turn->now + CLOCK_AHEAD)
		claim_plain(turn, SLICE("clock"), 0, INCIDENT_WATCH, SAID_INCIDENT_CLOCK_BEHIND,
		    SAID_INCIDENT_CLOCK_BEHIND_TEXT);
	else if (facts->now < turn->now - CLOCK_AHEAD)
		claim_plain(turn, SLICE("clock"), 0, INCIDENT_WATCH, SAID_INCIDENT_CLOCK_BACK,
		    SAID_INCIDENT_CLOCK_BACK_TEXT);
}

/* The queue changes and no line comes: the log is written elsewhere now. */
static bool is_silent(struct incident_turn *turn)
{
	struct incident_memory *memory = turn->memory;
	const struct incident_facts *facts = turn->facts;

	if (!facts->queue_known || !facts->log_known ||
	    facts->log_newest != memory->silent_newest) {
		memory->silent_newest = facts->log_newest;
		memory->silent_messages = facts->messages;
		memory->silent_moves = 0;
	} else if (facts->messages != memory->silent_messages) {
		memory->silent_messages = facts->messages;
		memory->silent_moves += memory->silent_moves < SILENT_MOVES;
	}
	return memory->silent_moves >= SILENT_MOVES && facts->log_newest > 0 &&
	       turn->now - facts->log_newest >= SILENT_FOR;
}

void incident_tell_blind(struct incident_turn *turn)
{
	struct incident_memory *memory = turn->memory;
	int64_t queue = away(&memory->queue_lost, turn->facts->queue_known, turn->now);
	int64_t log =
	    away(&memory->log_lost, turn->facts->log_known || turn->facts->log_counting, turn->now);
	bool told = false;

	for (size_t i = 0; i < turn->facts->notice_count; i++)
		told |= tell_notice(turn, &turn->facts->notices[i]);
	tell_clock(turn);
	if (is_silent(turn))
		claim_plain(turn, SLICE("log"), turn->facts->log_newest, INCIDENT_WATCH,
		    SAID_INCIDENT_LOG_SILENT, SAID_INCIDENT_LOG_SILENT_TEXT);
	/* A notice says it better, with its fix. */
	if (told)
		return;
	if (queue != 0 && turn->now - queue >= BLIND_AFTER)
		claim_plain(turn, SLICE("queue"), queue, INCIDENT_ACT, SAID_INCIDENT_QUEUE_UNREAD,
		    SAID_INCIDENT_QUEUE_UNREAD_TEXT);
	if (log != 0 && turn->now - log >= BLIND_AFTER)
		claim_plain(turn, SLICE("log"), log, INCIDENT_WATCH, SAID_INCIDENT_LOG_UNREAD,
		    SAID_INCIDENT_LOG_UNREAD_TEXT);
}
