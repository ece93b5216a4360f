/* The records, open ones first. A record is found by its number in a list of some dozens. */
#include "watch/incident_tracking.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/said.h"

static_assert(INCIDENT_EVIDENCE_MAX == INCIDENT_ROWS_EVIDENCE_MAX, "evidence is kept whole");
static_assert(INCIDENT_POINTS == INCIDENT_ROWS_POINTS, "points are kept whole");

struct tracked {
	struct incident_record record;
	size_t told;	  /* moments that the store has */
	size_t on_way;	  /* moments that are being written, behind those */
	int64_t saved_at; /* when it was last written */
	bool urgent;	  /* people would miss what is new */
	bool writing;
	bool seen; /* in this turn */
};

struct incident_tracking {
	struct tracked *items; /* `open` of them, then those that ended */
	size_t open, count;
	uint64_t version;
};

struct incident_tracking *incident_tracking_create(void)
{
	return memory_zero(1, sizeof(struct incident_tracking));
}

void incident_tracking_destroy(struct incident_tracking **tracking)
{
	struct incident_tracking *t = *tracking;

	for (size_t i = 0; t != NULL && i < t->count; i++)
		incident_record_clear(&t->items[i].record);
	if (t != NULL)
		free(t->items);
	free(t);
	*tracking = NULL;
}

static struct tracked *find(const struct incident_tracking *t, int64_t id)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->items[i].record.row.id == id)
			return &t->items[i];
	return NULL;
}

/* At place `at`; what stands there moves on. */
static struct tracked *insert(struct incident_tracking *t, size_t at)
{
	t->items = memory_resize(t->items, t->count + 1, sizeof(*t->items));
	memmove(&t->items[at + 1], &t->items[at], (t->count++ - at) * sizeof(*t->items));
	t->items[at] = (struct tracked){0};
	return &t->items[at];
}

/* From one place to a lower one. */
static void move_up(struct incident_tracking *t, size_t from, size_t to)
{
	struct tracked moved = t->items[from];

	memmove(&t->items[to + 1], &t->items[to], (from - to) * sizeof(*t->items));
	t->items[to] = moved;
}

void incident_tracking_restore(struct incident_tracking *t, struct incident_record *record)
{
	bool open = record->row.until == 0;
	struct tracked *item = insert(t, open ? t->open : t->count);

	t->open += open;
	item->record = *record;
	item->told = record->moment_count;
	item->saved_at = INT64_MAX; /* it is as the store has it */
	*record = (struct incident_record){0};
}

/* ---- A turn ---- */

static void add_moment(struct tracked *item, const struct incident_moment *moment)
{
	bool full = item->record.moment_count == INCIDENT_ROWS_MOMENTS_MAX;

	incident_record_add_moment(&item->record, moment);
	/* The oldest made room, and had been told. */
	if (full && item->told > 0)
		item->told--;
	item->urgent = true;
}

/* incident_record_add_moment copies what it is lent. */
static char *lent(const char *text)
{
	return (char *)(uintptr_t)text;
}

static void say(
    struct tracked *item, int64_t at, enum incident_moment_kind kind, enum said_code code)
{
	SAID_AUTO struct said text = {0};

	said_put(&text, code, 0);
	add_moment(item, &(struct incident_moment){at, kind, lent(buffer_string(&text.text)), NULL,
			     lent(buffer_string(&text.words))});
}

static char *copy(const char *text)
{
	return text != NULL ? memory_strdup(text) : NULL;
}

static struct incident_row row_of(const struct incident *i)
{
	struct incident_row row = {.id = (int64_t)i->id,
	    .kind = i->kind,
	    .severity = i->severity,
	    .state = i->state,
	    .subject = i->subject,
	    .key = copy(i->key != NULL ? i->key : ""),
	    .cause = copy(i->cause_key != NULL ? i->cause_key : ""),
	    .title = copy(i->title != NULL ? i->title : ""),
	    .text = copy(i->text != NULL ? i->text : ""),
	    .baseline = copy(i->baseline),
	    .filter = copy(i->filter),
	    .words = copy(i->words),
	    .since = i->since,
	    .noticed = i->noticed,
	    .until = i->until,
	    .messages = i->messages,
	    .growth = i->growth,
	    .actions = i->actions,
	    .caused_by = (int64_t)i->caused_by,
	    .evidence_count = i->evidence_count};

	for (size_t e = 0; e < i->evidence_count; e++)
		row.evidence[e] = (struct incident_row_evidence){
		    copy(i->evidence[e].text), copy(i->evidence[e].quote)};
	memcpy(row.points, i->points, sizeof(row.points));
	return row;
}

static void say_state(struct tracked *item, int from, int to, int64_t now)
{
	if (from == to)
		return;
	if (to == INCIDENT_ENDED)
		say(item, now, INCIDENT_MOMENT_ENDED, SAID_MOMENT_ENDED);
	else if (to == INCIDENT_QUIET)
		say(item, now, INCIDENT_MOMENT_QUIET, SAID_MOMENT_QUIET);
	else
		say(item, now, INCIDENT_MOMENT_REOPENED, SAID_MOMENT_BACK);
}

static void say_severity(struct tracked *item, int from, int to, int64_t now)
{
	static const enum said_code texts[] = {[INCIDENT_NOTE] = SAID_MOMENT_NOTE,
	    [INCIDENT_WATCH] = SAID_MOMENT_WATCH,
	    [INCIDENT_ACT] = SAID_MOMENT_ACT};

	if (from == to || to < INCIDENT_NOTE || to > INCIDENT_ACT)
		return;
	say(item, now, INCIDENT_MOMENT_SEVERITY, texts[to]);
	/* Who put it aside did not know that. */
	if (to > from)
		item->record.row.snoozed_until = 0;
}

static void take(struct tracked *item, const struct incident *i, int64_t now)
{
	struct incident_row row = row_of(i), *old = &item->record.row;

	if (row.state == INCIDENT_ENDED && row.until == 0)
		row.until = now;
	say_state(item, old->state, row.state, now);
	say_severity(item, old->severity, row.severity, now);
	item->urgent |= old->caused_by != row.caused_by;
	row.snoozed_until = old->snoozed_until > now ? old->snoozed_until : 0;
	memcpy(row.snoozed_by, old->snoozed_by, sizeof(row.snoozed_by));
	/* The module's own memory keeps no words over a restart. */
	if (row.words == NULL && strcmp(row.title, old->title) == 0) {
		row.words = old->words;
		old->words = NULL;
	}
	incident_row_clear(old);
	*old = row;
	/* It may have been kept as it was at the last start. */
	if (item->saved_at > now)
		item->saved_at = now;
}

/* In the words of its title, as it is then. */
static void say_opened(struct tracked *item, int64_t now)
{
	const struct incident_row *row = &item->record.row;
	struct slice title = incident_row_title_words(row);
	MEMORY_AUTO char *words = memory_strndup(title.data, title.len);

	add_moment(
	    item, &(struct incident_moment){now, INCIDENT_MOMENT_OPENED, row->title, NULL, words});
}

static void open_new(struct incident_tracking *t, size_t at, const struct incident *i, int64_t now)
{
	struct tracked *item = insert(t, at);

	t->open++;
	item->record.row = row_of(i);
	item->saved_at = now;
	say_opened(item, now);
}

/* At `to` stands the i-th of the module's list. */
static void take_at(struct incident_tracking *t, size_t to, const struct incident *i, int64_t now)
{
	struct tracked *item = find(t, (int64_t)i->id);
	size_t from;

	if (item == NULL) {
		open_new(t, to, i, now);
		t->version++;
	} else {
		from = (size_t)(item - t->items);
		/* One that had ended, and is open again after all. */
		if (from >= t->open)
			t->open++;
		if (from > to)
			move_up(t, from, to);
		else
			to = from;
		take(&t->items[to], i, now);
	}
	t->items[to].seen = true;
}

/* The module knows nothing of it any more: after a restart, or where it told the end while nobody
 * asked. */
static void end_unseen(struct tracked *item, int64_t now)
{
	item->record.row.until = now;
	item->record.row.state = INCIDENT_ENDED;
	say(item, now, INCIDENT_MOMENT_ENDED, SAID_MOMENT_ENDED);
}

static void forget_old(struct incident_tracking *t, int64_t now)
{
	/* The latest stand first. */
	while (t->count > t->open) {
		struct tracked *last = &t->items[t->count - 1];

		if (t->count - t->open <= INCIDENT_TRACKING_ENDED_MAX &&
		    last->record.row.until > now - INCIDENT_TRACKING_ENDED_SECONDS)
			return;
		/* Not before it is kept; without a store not at all, up to twice as many. */
		if ((last->urgent || last->writing) &&
		    t->count - t->open <= 2 * INCIDENT_TRACKING_ENDED_MAX)
			return;
		incident_record_clear(&last->record);
		t->count--;
	}
}

/* Those that ended in this turn go behind those that are open. */
static void put_aside_ended(struct incident_tracking *t, int64_t now)
{
	for (size_t i = t->open; i-- > 0;) {
		struct tracked *item = &t->items[i];

		if (!item->seen && item->record.row.state != INCIDENT_ENDED)
			end_unseen(item, now);
		if (item->record.row.state != INCIDENT_ENDED)
			continue;
		struct tracked moved = *item;

		memmove(item, item + 1, (t->open - i - 1) * sizeof(*item));
		t->items[--t->open] = moved;
		t->version++;
	}
}

/* A snooze that is over is no news for the store, but for people. */
static void wake(struct incident_tracking *t, int64_t now)
{
	for (size_t i = 0; i < t->open; i++) {
		struct incident_row *row = &t->items[i].record.row;

		t->items[i].seen = false;
		if (row->snoozed_until != 0 && row->snoozed_until <= now) {
			row->snoozed_until = 0;
			t->version++;
		}
	}
}

void incident_tracking_take(
    struct incident_tracking *t, const struct incidents *incidents, int64_t now)
{
	wake(t, now);
	for (size_t i = 0; i < incidents_count(incidents); i++)
		take_at(t, i, incidents_at(incidents, i), now);
	put_aside_ended(t, now);
	forget_old(t, now);
}

/* ---- Asking ---- */

size_t incident_tracking_open(const struct incident_tracking *t)
{
	return t->open;
}

size_t incident_tracking_count(const struct incident_tracking *t)
{
	return t->count;
}

const struct incident_record *incident_tracking_at(const struct incident_tracking *t, size_t i)
{
	return &t->items[i].record;
}

const struct incident_record *incident_tracking_find(const struct incident_tracking *t, int64_t id)
{
	const struct tracked *item = find(t, id);

	return item != NULL ? &item->record : NULL;
}

uint64_t incident_tracking_version(const struct incident_tracking *t)
{
	return t->version;
}

/* ---- What people did ---- */

/* A moment that the store has already. */
static void add_told(struct tracked *item, const struct incident_moment *moment)
{
	bool urgent = item->urgent;
	size_t before = item->record.moment_count - item->told;

	add_moment(item, moment);
	item->urgent = urgent;
	/* Only where nothing before it waits: else it would be written twice. The order of what
	 * waits is kept by telling it again after a restart from the store. */
	if (before == 0)
		item->told = item->record.moment_count;
	else {
		struct incident_moment *list = item->record.moments;
		struct incident_moment added = list[item->record.moment_count - 1];

		memmove(&list[item->told + 1], &list[item->told], before * sizeof(*list));
		list[item->told++] = added;
	}
}

bool incident_tracking_add_note(
    struct incident_tracking *t, int64_t id, const struct incident_note *note)
{
	struct tracked *item = find(t, id);
	BUFFER_AUTO struct buffer text = {0};

	if (item == NULL || !incident_record_add_note(&item->record, note))
		return false;
	buffer_printf(&text, "%s: %s", note->who, note->text);
	add_told(item, &(struct incident_moment){
			   note->at, INCIDENT_MOMENT_NOTE, lent(buffer_string(&text)), NULL, NULL});
	t->version++;
	return true;
}

bool incident_tracking_snooze(struct incident_tracking *t, int64_t id, int64_t until,
    const char *who, const struct incident_moment *moment)
{
	struct tracked *item = find(t, id);

	if (item == NULL)
		return false;
	item->record.row.snoozed_until = until;
	snprintf(item->record.row.snoozed_by, sizeof(item->record.row.snoozed_by), "%s", who);
	add_told(item, moment);
	t->version++;
	return true;
}

/* What stands behind the incident's own filter says which part of its messages: those on hold, of
 * one domain. What stands behind an "or" are others. */
static bool is_about(const char *own, const char *filter)
{
	bool joins = strstr(own, " or ") != NULL;
	size_t len = strlen(own);

	if (strcmp(own, filter) == 0)
		return true;
	if (joins && filter[0] != '(')
		return false;
	filter += joins ? 1 : 0;
	if (strncmp(filter, own, len) != 0)
		return false;
	filter += len;
	if (joins && *filter++ != ')')
		return false;
	return *filter == ' ' && strstr(filter, " or ") == NULL;
}

void incident_tracking_did(
    struct incident_tracking *t, const char *filter, const struct incident_moment *moment)
{
	for (size_t i = 0; i < t->open; i++) {
		const char *own = t->items[i].record.row.filter;

		if (own != NULL && is_about(own, filter))
			add_moment(&t->items[i], moment);
	}
}

/* What the service may set are times of attempts and lifetimes: who sends too much, what a person
 * put on hold, and what cannot be seen is not because of them. */
static bool depends_on_settings(const struct incident_row *row)
{
	return row->kind != INCIDENT_FLOOD && row->kind != INCIDENT_LOOP &&
	       row->kind != INCIDENT_HELD_FORGOTTEN && row->kind != INCIDENT_BLIND;
}

void incident_tracking_set(struct incident_tracking *t, const struct incident_moment *moment)
{
	for (size_t i = 0; i < t->open; i++)
		if (depends_on_settings(&t->items[i].record.row))
			add_moment(&t->items[i], moment);
}

static bool is_or_is_below(struct slice name, struct slice parent)
{
	return slice_equal_nocase(name, parent) ||
	       (name.len > parent.len && name.data[name.len - parent.len - 1] == '.' &&
		   slice_equal_nocase(slice_from(name, name.len - parent.len), parent));
}

static bool has_domain(const struct pause *pause, struct slice domain)
{
	for (size_t i = 0; i < pause->domain_count; i++)
		if (slice_equal_nocase(slice_of(pause->domains[i]), domain))
			return true;
	return pause->subdomains && is_or_is_below(domain, slice_of(pause->key));
}

static bool holds_back(const struct pause *pause, const struct incident_row *row)
{
	struct slice key = slice_of(row->key != NULL ? row->key : ""), of = slice_of(pause->key);

	switch (row->subject) {
	case INCIDENT_OF_LOGIN:
		return pause->kind == PAUSE_LOGIN && slice_equal_nocase(key, of);
	case INCIDENT_OF_SENDER:
		return pause->kind == PAUSE_SENDER && slice_equal_nocase(key, of);
	case INCIDENT_OF_DOMAIN:
		return pause->kind != PAUSE_LOGIN && pause->kind != PAUSE_SENDER &&
		       has_domain(pause, key);
	case INCIDENT_OF_REMOTE_HOST:
	case INCIDENT_OF_PROVIDER:
		return pause->kind == PAUSE_PROVIDER && is_or_is_below(key, of);
	default:
		return false;
	}
}

void incident_tracking_paused(
    struct incident_tracking *t, const struct pause *pause, const struct incident_moment *moment)
{
	for (size_t i = 0; i < t->open; i++)
		if (holds_back(pause, &t->items[i].record.row))
			add_moment(&t->items[i], moment);
}

/* ---- What is to be kept ---- */

static bool is_due(const struct tracked *item, int64_t now)
{
	return item->urgent || (item->record.row.state != INCIDENT_ENDED &&
				   now - item->saved_at >= INCIDENT_TRACKING_SAVE_SECONDS);
}

void incident_tracking_unsaved(
    struct incident_tracking *t, int64_t now, struct incident_records *out)
{
	*out = (struct incident_records){.items = memory_zero(t->count + 1, sizeof(*out->items))};
	for (size_t i = 0; i < t->count; i++) {
		struct tracked *item = &t->items[i];
		struct incident_record *to = &out->items[out->count];

		if (!is_due(item, now))
			continue;
		out->count++;
		incident_row_copy(&to->row, &item->record.row);
		for (size_t m = item->told; m < item->record.moment_count; m++)
			incident_record_add_moment(to, &item->record.moments[m]);
		item->on_way = item->record.moment_count - item->told;
		item->urgent = false;
		item->writing = true;
		item->saved_at = now;
	}
}

void incident_tracking_saved(struct incident_tracking *t, bool saved)
{
	for (size_t i = 0; i < t->count; i++) {
		struct tracked *item = &t->items[i];

		if (!item->writing)
			continue;
		item->writing = false;
		if (saved)
			item->told += item->on_way;
		else
			item->urgent = true;
		item->on_way = 0;
	}
}
