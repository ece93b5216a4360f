/* Standings in the order of their incidents: numbers grow, so that a new one goes to the end. */
#include "watch/alerts/standings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/state_machine.h"
#include "watch/alerts/alerts.h"
#include "watch/incidents/incidents.h"

static const char *const names[STANDING_PHASES] = {"untold", "pending", "told", "ending", "over"};
static const uint32_t next[STANDING_PHASES] = {
    [STANDING_UNTOLD] = STATE_MACHINE_BIT(STANDING_PENDING) | STATE_MACHINE_BIT(STANDING_OVER),
    /* Back where somebody puts it aside before it was told. */
    [STANDING_PENDING] = STATE_MACHINE_BIT(STANDING_UNTOLD) | STATE_MACHINE_BIT(STANDING_TOLD) |
			 STATE_MACHINE_BIT(STANDING_OVER),
    /* It became worse, or it has ended. */
    [STANDING_TOLD] = STATE_MACHINE_BIT(STANDING_PENDING) | STATE_MACHINE_BIT(STANDING_ENDING) |
		      STATE_MACHINE_BIT(STANDING_OVER),
    /* Open again before its end was told. */
    [STANDING_ENDING] = STATE_MACHINE_BIT(STANDING_TOLD) | STATE_MACHINE_BIT(STANDING_OVER),
    /* Open again: another round. */
    [STANDING_OVER] = STATE_MACHINE_BIT(STANDING_UNTOLD),
};
static const struct state_machine machine = {"standing of an alert", STANDING_PHASES, names, next};

void standing_move(struct standing *s, enum standing_phase to)
{
	s->phase = (enum standing_phase)state_machine_move(&machine, s->phase, to);
}

void route_clear(struct route *route)
{
	for (size_t i = 0; i < route->count; i++)
		free(route->items[i].title);
	free(route->items);
	free(route->recent);
	*route = (struct route){0};
}

/* Where it stands, or would. */
static size_t place_of(const struct route *route, int64_t incident)
{
	size_t low = 0, high = route->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (route->items[middle].incident < incident)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct standing *route_find(const struct route *route, int64_t incident)
{
	size_t at = place_of(route, incident);

	return at < route->count && route->items[at].incident == incident ? &route->items[at]
									  : NULL;
}

struct standing *route_add(struct route *route, int64_t incident)
{
	size_t at = place_of(route, incident);

	if (route->count == ALERTS_STANDINGS_MAX)
		return NULL;
	/* Doubled now and then, as they come one by one. */
	if ((route->count & (route->count - 1)) == 0)
		route->items = memory_resize(
		    route->items, route->count == 0 ? 1 : 2 * route->count, sizeof(*route->items));
	memmove(&route->items[at + 1], &route->items[at],
	    (route->count++ - at) * sizeof(*route->items));
	route->items[at] = (struct standing){.incident = incident, .told = -1};
	return &route->items[at];
}

void route_forget(struct route *route, int64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < route->count; i++)
		if (route->items[i].phase == STANDING_OVER &&
		    route->items[i].ended < now - ALERTS_FLAP_SECONDS && !route->items[i].seen)
			free(route->items[i].title);
		else
			route->items[kept++] = route->items[i];
	if (kept == route->count)
		return;
	/* route_add takes a power of two as full. */
	route->count = kept;
	for (kept = 1; kept < route->count; kept *= 2)
		;
	route->items = memory_resize(route->items, kept, sizeof(*route->items));
}

/* ---- What comes and goes ---- */

uint64_t standing_subject(int kind, struct slice key)
{
	uint64_t sum = hash_u64((uint64_t)kind + 1);

	/* Eight bytes at a time would need an order of bytes. */
	for (size_t i = 0; i < key.len; i++)
		sum = hash_mix(sum, (unsigned char)key.data[i]);
	return sum;
}

static size_t recent_place(const struct route *route, uint64_t subject)
{
	size_t low = 0, high = route->recent_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (route->recent[middle].subject < subject)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct standing_recent *find_recent(const struct route *route, uint64_t subject)
{
	size_t at = recent_place(route, subject);

	return at < route->recent_count && route->recent[at].subject == subject ? &route->recent[at]
										: NULL;
}

static void forget_recent(struct route *route, int64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < route->recent_count; i++)
		if (route->recent[i].last >= now - ALERTS_FLAP_SECONDS)
			route->recent[kept++] = route->recent[i];
	route->recent_count = kept;
}

void route_note_fired(struct route *route, uint64_t subject, int64_t now)
{
	struct standing_recent *found = find_recent(route, subject);
	size_t at;

	if (found != NULL) {
		found->times = found->last >= now - ALERTS_FLAP_SECONDS ? found->times + 1 : 1;
		found->last = now;
		return;
	}
	if (route->recent_count == ALERTS_RECENT_MAX)
		forget_recent(route, now);
	/* What has no room is told as if it had never come: too much rather than too little. */
	if (route->recent_count == ALERTS_RECENT_MAX)
		return;
	if (route->recent == NULL)
		route->recent = memory_alloc(ALERTS_RECENT_MAX * sizeof(*route->recent));
	at = recent_place(route, subject);
	memmove(&route->recent[at + 1], &route->recent[at],
	    (route->recent_count++ - at) * sizeof(*route->recent));
	route->recent[at] = (struct standing_recent){subject, 1, now};
}

uint32_t route_fired(const struct route *route, uint64_t subject, int64_t now)
{
	const struct standing_recent *found = find_recent(route, subject);

	return found != NULL && found->last >= now - ALERTS_FLAP_SECONDS ? found->times : 0;
}

bool route_flaps(const struct route *route, uint64_t subject, int64_t now)
{
	return route_fired(route, subject, now) >= ALERTS_FLAP_TIMES &&
	       find_recent(route, subject)->last > now - ALERTS_FLAP_PAUSE;
}

void route_clamp(struct route *route, int64_t now)
{
	for (size_t i = 0; i < route->count; i++) {
		struct standing *s = &route->items[i];
		int64_t *const times[] = {&s->since, &s->told_at, &s->ended};

		for (size_t k = 0; k < sizeof(times) / sizeof(times[0]); k++)
			if (*times[k] > now)
				*times[k] = now;
	}
	for (size_t i = 0; i < route->recent_count; i++)
		if (route->recent[i].last > now)
			route->recent[i].last = now;
}

/* ---- Over a restart ---- */

void route_put(struct buffer *out, const struct route *route)
{
	buffer_put_string(out, slice_of(route->rule));
	buffer_put_string(out, slice_of(route->channel));
	buffer_put_u32(out, (uint32_t)route->count);
	for (size_t i = 0; i < route->count; i++) {
		const struct standing *s = &route->items[i];

		buffer_put_i64(out, s->incident);
		buffer_put_u8(out, (uint8_t)s->phase);
		buffer_put_u8(out, (uint8_t)s->kind);
		buffer_put_u64(out, s->subject);
		buffer_put_string(out, slice_of(s->title));
		buffer_put_u8(out, (uint8_t)(s->told + 1));
		buffer_put_u8(out, (uint8_t)s->severity);
		buffer_put_u32(out, s->round);
		buffer_put_u32(out, s->repeats);
		buffer_put_i64(out, s->since);
		buffer_put_i64(out, s->told_at);
		buffer_put_i64(out, s->ended);
		buffer_put_i64(out, s->silence);
		buffer_put_u8(out, s->held);
	}
	buffer_put_u32(out, (uint32_t)route->recent_count);
	for (size_t i = 0; i < route->recent_count; i++) {
		buffer_put_u64(out, route->recent[i].subject);
		buffer_put_u32(out, route->recent[i].times);
		buffer_put_i64(out, route->recent[i].last);
	}
}

/* A time, and no number that overflows when something is added. */
static int64_t take_time(struct cursor *c)
{
	int64_t at = cursor_i64(c);

	if (at < 0 || at > INT64_C(1) << 40)
		c->failed = true;
	return at;
}

/* Kept as a string: a NUL within would hide the rest. */
static struct slice take_text(struct cursor *c, size_t max)
{
	struct slice text = cursor_string(c, max);

	if (slice_find_char(text, '\0') >= 0)
		c->failed = true;
	return text;
}

void standing_take_id(struct cursor *c, char id[ALERT_ID_MAX + 1])
{
	struct slice text = take_text(c, ALERT_ID_MAX);

	snprintf(id, ALERT_ID_MAX + 1, "%.*s", (int)text.len, text.len > 0 ? text.data : "");
}

static void take_standing(struct cursor *c, struct route *route)
{
	int64_t incident = cursor_i64(c);
	struct standing *s;
	struct slice title;
	unsigned phase;

	/* In their order, each once. */
	if (c->failed || incident <= 0 ||
	    (route->count > 0 && route->items[route->count - 1].incident >= incident) ||
	    (s = route_add(route, incident)) == NULL) {
		c->failed = true;
		return;
	}
	phase = cursor_u8(c);
	s->kind = cursor_u8(c);
	s->subject = cursor_u64(c);
	title = take_text(c, ALERTS_TITLE_MAX + 1);
	s->title = memory_strndup(title.len > 0 ? title.data : "", title.len);
	s->told = cursor_u8(c) - 1;
	s->severity = cursor_u8(c);
	s->round = cursor_u32(c);
	s->repeats = cursor_u32(c);
	s->since = take_time(c);
	s->told_at = take_time(c);
	s->ended = take_time(c);
	s->silence = cursor_i64(c);
	s->held = cursor_flag(c);
	if (phase >= STANDING_PHASES || s->kind >= INCIDENT_KINDS || s->told > INCIDENT_ACT ||
	    s->severity > INCIDENT_ACT)
		c->failed = true;
	else
		s->phase = (enum standing_phase)phase;
}

static void take_recent(struct cursor *c, struct route *route)
{
	uint32_t count = cursor_u32(c);

	if (count > ALERTS_RECENT_MAX)
		c->failed = true;
	if (count > 0 && !c->failed)
		route->recent = memory_alloc(ALERTS_RECENT_MAX * sizeof(*route->recent));
	while (route->recent_count < count && !c->failed) {
		struct standing_recent *r = &route->recent[route->recent_count];

		*r = (struct standing_recent){.subject = cursor_u64(c)};
		r->times = cursor_u32(c);
		r->last = take_time(c);
		/* In their order. */
		if (route->recent_count > 0 && r[-1].subject >= r->subject)
			c->failed = true;
		route->recent_count++;
	}
}

void route_take(struct cursor *c, struct route *route)
{
	uint32_t count;

	*route = (struct route){0};
	standing_take_id(c, route->rule);
	standing_take_id(c, route->channel);
	count = cursor_u32(c);
	if (count > ALERTS_STANDINGS_MAX)
		c->failed = true;
	while (route->count < count && !c->failed)
		take_standing(c, route);
	take_recent(c, route);
}
