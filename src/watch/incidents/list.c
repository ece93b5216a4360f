/* The list of incidents and their life: claims open and keep them, time without claims makes them
 * quiet and ends them. All texts are owned by the incident; one that changes counts as a change
 * that people see. */
#include "watch/incidents/list.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "watch/incidents/words.h"

struct incident_claim incident_claim_begin(
    enum incident_kind kind, enum incident_subject subject, struct slice key)
{
	return (struct incident_claim){.kind = kind,
	    .subject = subject,
	    .key = key,
	    .cause_key = "",
	    .severity = INCIDENT_WATCH,
	    .messages = -1};
}

void incident_claim_evidence(
    struct incident_claim *claim, struct slice quote, enum said_code says, size_t count, ...)
{
	struct incident_claim_evidence *e;
	struct said_value values[SAID_VALUES_MAX];
	va_list args;

	if (claim->evidence_count == INCIDENT_EVIDENCE_MAX)
		return;
	e = &claim->evidence[claim->evidence_count++];
	va_start(args, count);
	count = said_take_values(values, count, args);
	va_end(args);
	said_put_values(&e->said, says, values, count);
	e->quote = quote;
}

void incident_claim_filter(struct incident_claim *claim, struct slice cause)
{
	const struct incident_term terms[] = {
	    {claim->subject, claim->key}, {INCIDENT_OF_CAUSE, cause}};

	buffer_clear(&claim->filter);
	incident_terms_filter(&claim->filter, terms, cause.len > 0 ? 2 : 1);
}

void incident_claim_free(struct incident_claim *claim)
{
	said_free(&claim->title);
	said_free(&claim->text);
	said_free(&claim->baseline);
	buffer_free(&claim->filter);
	for (size_t i = 0; i < claim->evidence_count; i++)
		said_free(&claim->evidence[i].said);
}

static void evidence_free(struct incident *incident)
{
	for (size_t i = 0; i < incident->evidence_count; i++) {
		free(incident->evidence[i].text);
		free(incident->evidence[i].quote);
	}
	incident->evidence_count = 0;
}

static void item_free(struct incident_item *item)
{
	evidence_free(&item->shown);
	free(item->shown.key);
	free(item->shown.cause_key);
	free(item->shown.title);
	free(item->shown.text);
	free(item->shown.baseline);
	free(item->shown.words);
	free(item->shown.filter);
	free(item);
}

void incident_list_free(struct incident_list *list)
{
	while (list->count > 0)
		item_free(list->items[--list->count]);
}

struct incident_item *incident_list_find(const struct incident_list *list, enum incident_kind kind,
    enum incident_subject subject, struct slice key)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct incident *shown = &list->items[i]->shown;
		if (shown->kind == kind && shown->subject == subject &&
		    shown->state != INCIDENT_ENDED && slice_is(key, shown->key))
			return list->items[i];
	}
	return NULL;
}

/* The new text in the place of the old one. True when it is another. */
static bool set_text(char **old, struct slice text)
{
	if (*old != NULL && slice_is(text, *old))
		return false;
	free(*old);
	*old = memory_strndup(text.len > 0 ? text.data : "", text.len);
	return true;
}

/* The same, where nothing to say is NULL. */
static bool set_optional(char **old, struct slice text)
{
	bool had = *old != NULL;

	if (text.len > 0)
		return set_text(old, text);
	free(*old);
	*old = NULL;
	return had;
}

static bool set_evidence(struct incident *shown, const struct incident_claim *claim)
{
	bool changed = shown->evidence_count != claim->evidence_count;

	for (size_t i = claim->evidence_count; i < shown->evidence_count; i++) {
		free(shown->evidence[i].text);
		free(shown->evidence[i].quote);
		shown->evidence[i] = (struct incident_evidence){0};
	}
	shown->evidence_count = claim->evidence_count;
	for (size_t i = 0; i < claim->evidence_count; i++) {
		BUFFER_AUTO struct buffer quote = {0};
		incident_words_put(&quote, claim->evidence[i].quote, INCIDENT_QUOTE_SHOWN);
		changed |=
		    set_text(&shown->evidence[i].text, buffer_slice(&claim->evidence[i].said.text));
		changed |= set_optional(&shown->evidence[i].quote, buffer_slice(&quote));
	}
	return changed;
}

static bool set_number(int64_t *old, int64_t number)
{
	bool changed = *old != number;

	*old = number;
	return changed;
}

static void put_words(struct buffer *out, const struct said *said)
{
	buffer_append_char(out, out->len == 0 ? '[' : ',');
	if (said->words.len > 0)
		buffer_append_slice(out, buffer_slice(&said->words));
	else
		buffer_append_string(out, "null");
}

/* The words of all its texts, as struct incident has them. */
static bool set_words(struct incident *shown, const struct incident_claim *claim)
{
	BUFFER_AUTO struct buffer words = {0};

	put_words(&words, &claim->title);
	put_words(&words, &claim->text);
	put_words(&words, &claim->baseline);
	for (size_t i = 0; i < claim->evidence_count; i++)
		put_words(&words, &claim->evidence[i].said);
	buffer_append_char(&words, ']');
	return set_text(&shown->words, buffer_slice(&words));
}

/* What people see of it, as the claim says. */
static bool show(struct incident *shown, const struct incident_claim *claim)
{
	bool changed = set_text(&shown->cause_key, slice_of(claim->cause_key));

	changed |= set_text(&shown->title, buffer_slice(&claim->title.text));
	changed |= set_text(&shown->text, buffer_slice(&claim->text.text));
	changed |= set_optional(&shown->baseline, buffer_slice(&claim->baseline.text));
	changed |= set_optional(&shown->filter, buffer_slice(&claim->filter));
	changed |= set_evidence(shown, claim);
	changed |= set_words(shown, claim);
	changed |= set_number(&shown->messages, claim->messages);
	changed |= shown->actions != claim->actions;
	shown->actions = claim->actions;
	/* The worst since it opened: what was an alarm a minute ago is none the less. */
	if (claim->severity > shown->severity) {
		shown->severity = claim->severity;
		changed = true;
	}
	return changed;
}

static void forget_growth(struct incident_item *item)
{
	item->growth_at = 0;
	for (size_t i = 0; i < INCIDENT_GROWTH_STEPS; i++)
		item->growth[i] = -1;
}

static void forget_points(struct incident_item *item)
{
	for (size_t i = 0; i < INCIDENT_POINTS; i++)
		item->shown.points[i] = -1;
	item->point_hour = -1;
}

/* The place of one that gives way to something worse; list->count when none does. */
static size_t least(const struct incident_list *list, enum incident_severity severity)
{
	size_t found = list->count;

	for (size_t i = 0; i < list->count; i++) {
		const struct incident *shown = &list->items[i]->shown;
		if (shown->severity < severity &&
		    (found == list->count || shown->severity < list->items[found]->shown.severity))
			found = i;
	}
	return found;
}

static bool make_room(struct incident_list *list, enum incident_severity severity)
{
	size_t victim;

	if (list->count < INCIDENTS_MAX)
		return true;
	victim = least(list, severity);
	if (victim == list->count)
		return false;
	item_free(list->items[victim]);
	list->items[victim] = list->items[--list->count];
	return true;
}

static struct incident_item *open_new(
    struct incident_list *list, const struct incident_claim *claim, int64_t now)
{
	struct incident_item *item;

	if (!make_room(list, claim->severity))
		return NULL;
	item = memory_zero(1, sizeof(*item));
	item->shown.id = list->next_id++;
	item->shown.kind = claim->kind;
	item->shown.subject = claim->subject;
	item->shown.key = memory_strndup(claim->key.len > 0 ? claim->key.data : "", claim->key.len);
	item->shown.since = claim->since > 0 && claim->since <= now ? claim->since : now;
	item->shown.noticed = now;
	item->shown.state = INCIDENT_OPEN;
	item->shown.severity = claim->severity;
	forget_growth(item);
	forget_points(item);
	list->items[list->count++] = item;
	return item;
}

struct incident_item *incident_list_claim(
    struct incident_list *list, const struct incident_claim *claim, int64_t now)
{
	struct incident_item *item;

	/* Nothing that Postfix logs has such a key; it could not be found again. */
	if (claim->key.len > INCIDENT_KEY_MAX || slice_find_char(claim->key, '\0') >= 0)
		return NULL;
	item = incident_list_find(list, claim->kind, claim->subject, claim->key);
	if (item == NULL && !claim->keeps_only)
		item = open_new(list, claim, now);
	if (item == NULL)
		return NULL;
	if (item->shown.state == INCIDENT_QUIET && !claim->keeps_only) {
		item->shown.state = INCIDENT_OPEN;
		item->shown.severity = claim->severity;
		list->version++;
	}
	if (item->shown.state == INCIDENT_OPEN)
		item->seen = now;
	if (show(&item->shown, claim))
		list->version++;
	return item;
}

void incident_list_begin(struct incident_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->shown.state == INCIDENT_ENDED)
			item_free(list->items[i]);
		else
			list->items[kept++] = list->items[i];
	list->count = kept;
}

void incident_list_blind(struct incident_list *list, unsigned kinds, int64_t now)
{
	for (size_t i = 0; i < list->count; i++)
		if ((kinds >> list->items[i]->shown.kind & 1) != 0)
			list->items[i]->seen = now - (list->items[i]->shown.state == INCIDENT_QUIET
							     ? INCIDENT_QUIET_AFTER
							     : 0);
}

static void age(struct incident_list *list, struct incident_item *item, int64_t now)
{
	struct incident *shown = &item->shown;
	int64_t unseen = now - item->seen;

	if (shown->state == INCIDENT_OPEN && unseen >= INCIDENT_QUIET_AFTER) {
		shown->state = INCIDENT_QUIET;
		list->version++;
	} else if (shown->state == INCIDENT_QUIET && unseen >= INCIDENT_END_AFTER) {
		shown->state = INCIDENT_ENDED;
		shown->until = item->seen;
		list->version++;
	}
}

/* The newest point is of the hour that runs; hours that nobody saw stay unknown. */
static void plot(struct incident_item *item, int64_t now)
{
	int64_t hour = now / 3600, messages = item->shown.messages;

	if (item->point_hour >= 0 && hour - item->point_hour >= INCIDENT_POINTS)
		forget_points(item);
	for (; item->point_hour >= 0 && item->point_hour < hour; item->point_hour++) {
		memmove(item->shown.points, item->shown.points + 1,
		    (INCIDENT_POINTS - 1) * sizeof(item->shown.points[0]));
		item->shown.points[INCIDENT_POINTS - 1] = -1;
	}
	item->point_hour = hour;
	if (messages >= 0)
		item->shown.points[INCIDENT_POINTS - 1] =
		    messages > INT32_MAX ? INT32_MAX : (int32_t)messages;
}

static void take_growth_sample(struct incident_item *item, int64_t now)
{
	if (now - item->growth_at > INCIDENT_GROWTH_STEP * INCIDENT_GROWTH_STEPS)
		forget_growth(item);
	if (now - item->growth_at >= INCIDENT_GROWTH_STEP) {
		memmove(item->growth + 1, item->growth,
		    (INCIDENT_GROWTH_STEPS - 1) * sizeof(item->growth[0]));
		item->growth[0] = item->shown.messages;
		item->growth_at = now;
	}
}

/* Against an hour ago. What began within the hour has all come since; of what is older, and was not
 * watched for an hour, nothing is known: "+0" beside a queue that has doubled would be untrue. */
static void measure_growth(struct incident_item *item, int64_t now)
{
	int64_t before = item->growth[INCIDENT_GROWTH_STEPS - 1];

	item->shown.growth = INCIDENT_GROWTH_UNKNOWN;
	if (item->shown.messages < 0)
		return;
	take_growth_sample(item, now);
	if (now - item->shown.since < 3600)
		item->shown.growth = item->shown.messages;
	else if (before >= 0)
		item->shown.growth = item->shown.messages - before;
}

static int order(const void *left, const void *right)
{
	const struct incident *a = &(*(struct incident_item *const *)left)->shown;
	const struct incident *b = &(*(struct incident_item *const *)right)->shown;

	if (a->state != b->state)
		return a->state < b->state ? -1 : 1;
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->messages != b->messages)
		return a->messages > b->messages ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

void incident_list_settle(struct incident_list *list, int64_t now)
{
	for (size_t i = 0; i < list->count; i++) {
		age(list, list->items[i], now);
		plot(list->items[i], now);
		measure_growth(list->items[i], now);
	}
	qsort(list->items, list->count, sizeof(list->items[0]), order);
}

void incident_list_mend(struct incident_list *list, int64_t now)
{
	for (size_t i = 0; i < list->count; i++) {
		struct incident_item *item = list->items[i];
		item->seen = item->seen < now ? item->seen : now;
		item->shown.since = item->shown.since < now ? item->shown.since : now;
		item->shown.noticed = item->shown.noticed < now ? item->shown.noticed : now;
		item->shared_at = item->counted_at = 0;
		forget_growth(item);
		if (item->point_hour > now / 3600)
			forget_points(item);
	}
}

static void save_item(const struct incident_item *item, struct buffer *out)
{
	const struct incident *shown = &item->shown;

	buffer_put_u64(out, shown->id);
	buffer_put_u8(out, (uint8_t)shown->kind);
	buffer_put_u8(out, (uint8_t)shown->severity);
	buffer_put_u8(out, (uint8_t)shown->state);
	buffer_put_u8(out, (uint8_t)shown->subject);
	buffer_put_string(out, slice_of(shown->key));
	buffer_put_string(out, slice_of(shown->cause_key));
	buffer_put_string(out, slice_of(shown->title));
	buffer_put_string(out, slice_of(shown->text));
	buffer_put_string(out, slice_of(shown->filter != NULL ? shown->filter : ""));
	buffer_put_i64(out, shown->since);
	buffer_put_i64(out, shown->noticed);
	buffer_put_i64(out, item->seen);
	buffer_put_u32(out, shown->actions);
	buffer_put_u64(out, shown->caused_by);
	buffer_put_i64(out, item->point_hour);
	for (size_t p = 0; p < INCIDENT_POINTS; p++)
		buffer_put_u32(out, (uint32_t)shown->points[p]);
}

/* The first in the list are the worst: they are what must fit. */
void incident_list_save(const struct incident_list *list, struct buffer *out)
{
	size_t end = out->len + INCIDENT_LIST_SAVED_MAX;

	buffer_put_u64(out, list->next_id);
	for (size_t i = 0; i < list->count && out->len < end; i++) {
		if (list->items[i]->shown.state == INCIDENT_ENDED)
			continue;
		buffer_put_u8(out, 1);
		save_item(list->items[i], out);
	}
	buffer_put_u8(out, 0);
}

static char *restore_text(struct cursor *c)
{
	struct slice text = cursor_string(c, INCIDENT_TEXT_MAX);

	return memory_strndup(text.len > 0 ? text.data : "", text.len);
}

/* What is in the bytes; nothing of it is believed yet. */
static struct incident_item *read_item(struct cursor *c)
{
	struct incident_item *item = memory_zero(1, sizeof(*item));
	struct incident *shown = &item->shown;

	shown->id = cursor_u64(c);
	shown->kind = (enum incident_kind)cursor_u8(c);
	shown->severity = (enum incident_severity)cursor_u8(c);
	shown->state = (enum incident_state)cursor_u8(c);
	shown->subject = (enum incident_subject)cursor_u8(c);
	shown->key = restore_text(c);
	shown->cause_key = restore_text(c);
	shown->title = restore_text(c);
	shown->text = restore_text(c);
	shown->filter = restore_text(c);
	shown->since = cursor_i64(c);
	shown->noticed = cursor_i64(c);
	item->seen = cursor_i64(c);
	shown->actions = cursor_u32(c);
	shown->caused_by = cursor_u64(c);
	shown->messages = -1;
	forget_growth(item);
	item->point_hour = cursor_i64(c);
	for (size_t p = 0; p < INCIDENT_POINTS; p++)
		shown->points[p] = (int32_t)cursor_u32(c);
	return item;
}

static bool is_time(int64_t time)
{
	return time >= 0 && time <= INCIDENT_TIME_MAX;
}

static bool is_sound(const struct incident_list *list, const struct incident_item *item)
{
	const struct incident *shown = &item->shown;

	for (size_t p = 0; p < INCIDENT_POINTS; p++)
		if (shown->points[p] < -1)
			return false;
	return shown->id > 0 && shown->id < list->next_id &&
	       (unsigned)shown->kind < INCIDENT_KINDS &&
	       (unsigned)shown->severity <= INCIDENT_ACT &&
	       (unsigned)shown->state <= INCIDENT_QUIET &&
	       (unsigned)shown->subject < INCIDENT_SUBJECTS && is_time(shown->since) &&
	       is_time(shown->noticed) && is_time(item->seen) && item->point_hour >= -1 &&
	       item->point_hour <= INCIDENT_TIME_MAX / 3600 &&
	       incident_list_find(list, shown->kind, shown->subject, slice_of(shown->key)) == NULL;
}

bool incident_list_restore(struct incident_list *list, struct cursor *c)
{
	uint64_t next = cursor_u64(c);

	/* IDs must not run out because a byte was wrong. */
	if (c->failed || next > INCIDENT_ID_MAX)
		return false;
	if (next > list->next_id)
		list->next_id = next;
	while (cursor_flag(c)) {
		struct incident_item *item = read_item(c);
		if (c->failed || list->count == INCIDENTS_MAX || !is_sound(list, item)) {
			item_free(item);
			return false;
		}
		if (item->shown.filter[0] == '\0') {
			free(item->shown.filter);
			item->shown.filter = NULL;
		}
		list->items[list->count++] = item;
	}
	return !c->failed;
}
