/* A turn brings each standing up to date with the list, and then tells what is due: first, as one
 * message, what was held back; then each group whose time has come. */
#include "watch/alerts/alerts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "watch/alerts/check.h"
#include "watch/alerts/choose.h"
#include "watch/alerts/standings.h"
#include "watch/incidents/incidents.h"

#define STATE_VERSION 1
#define HOUR_MS INT64_C(3600000)
#define CLOCK_SLACK 3600
#define ROUTES_MAX (ALERT_RULES_MAX * ALERT_RULE_CHANNELS_MAX)

/* How much a channel may still be told. Half of its hour's messages may come at once; then one
 * whenever the other half, spread over an hour, has one for it. So no hour has more than all. */
struct budget {
	char channel[ALERT_ID_MAX + 1];
	int64_t spent_until; /* Unix milliseconds: by then all that was spent has come back */
};

struct alerts {
	struct route *routes;
	size_t route_count;
	size_t first; /* the route that is first in the next turn: none takes all of a channel's
			 room */
	struct budget budgets[ALERT_CHANNELS_MAX];
	size_t budget_count;
	struct alerts_message *messages;
	size_t count;
	int64_t last; /* the last turn; 0: none */
	uint64_t version;
};

struct alerts *alerts_create(void)
{
	return memory_zero(1, sizeof(struct alerts));
}

static void clear_messages(struct alerts *a)
{
	for (size_t i = 0; i < a->count; i++)
		alerts_message_clear(&a->messages[i]);
	a->count = 0;
}

static void clear_all(struct alerts *a)
{
	clear_messages(a);
	for (size_t i = 0; i < a->route_count; i++)
		route_clear(&a->routes[i]);
	free(a->routes);
	free(a->messages);
	*a = (struct alerts){.version = a->version};
}

void alerts_destroy(struct alerts **alerts)
{
	if (*alerts != NULL)
		clear_all(*alerts);
	free(*alerts);
	*alerts = NULL;
}

size_t alerts_count(const struct alerts *a)
{
	return a->count;
}

const struct alerts_message *alerts_at(const struct alerts *a, size_t i)
{
	return &a->messages[i];
}

uint64_t alerts_version(const struct alerts *a)
{
	return a->version;
}

bool alerts_is_told(const struct alerts *a, const char *channel, int64_t incident)
{
	for (size_t i = 0; i < a->route_count; i++) {
		const struct standing *s = strcmp(a->routes[i].channel, channel) == 0
					       ? route_find(&a->routes[i], incident)
					       : NULL;

		if (s != NULL &&
		    (s->phase == STANDING_TOLD || (s->phase == STANDING_PENDING && s->told >= 0)))
			return true;
	}
	return false;
}

/* ---- Routes ---- */

static struct route *find_route(const struct alerts *a, const char *rule, const char *channel)
{
	for (size_t i = 0; i < a->route_count; i++)
		if (strcmp(a->routes[i].rule, rule) == 0 &&
		    strcmp(a->routes[i].channel, channel) == 0)
			return &a->routes[i];
	return NULL;
}

static void need_route(struct alerts *a, const char *rule, const char *channel)
{
	struct route *route = find_route(a, rule, channel);

	if (route == NULL && a->route_count < ROUTES_MAX) {
		a->routes = memory_resize(a->routes, a->route_count + 1, sizeof(*a->routes));
		route = &a->routes[a->route_count++];
		*route = (struct route){0};
		snprintf(route->rule, sizeof(route->rule), "%s", rule);
		snprintf(route->channel, sizeof(route->channel), "%s", channel);
		a->version++;
	}
	if (route != NULL)
		route->seen = true;
}

/* One for each channel of each rule, also of those that are turned off: what was told stays known.
 */
static void match_setup(struct alerts *a, const struct alert_setup *setup)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->route_count; i++)
		a->routes[i].seen = false;
	for (size_t r = 0; r < setup->rule_count; r++)
		for (size_t c = 0; c < setup->rules[r].channel_count; c++)
			need_route(a, setup->rules[r].id, setup->rules[r].channels[c]);
	for (size_t i = 0; i < a->route_count; i++)
		if (a->routes[i].seen)
			a->routes[kept++] = a->routes[i];
		else
			route_clear(&a->routes[i]);
	a->version += kept != a->route_count;
	a->route_count = kept;
}

/* ---- What a channel may be told ---- */

static struct budget *budget_of(struct alerts *a, const char *channel)
{
	struct budget *b = a->budgets;

	for (size_t i = 0; i < a->budget_count; i++)
		if (strcmp(a->budgets[i].channel, channel) == 0)
			return &a->budgets[i];
	/* Of channels that are gone, the one that has been silent for longest makes room. */
	if (a->budget_count < ALERT_CHANNELS_MAX)
		b = &a->budgets[a->budget_count++];
	else
		for (size_t i = 1; i < a->budget_count; i++)
			if (a->budgets[i].spent_until < b->spent_until)
				b = &a->budgets[i];
	*b = (struct budget){0};
	snprintf(b->channel, sizeof(b->channel), "%s", channel);
	return b;
}

/* ---- One route's turn ---- */

struct turn {
	struct alerts *alerts;
	const struct alert_setup *setup;
	const struct alerts_facts *facts;
	int64_t now;
	/* Of the route whose turn it is. */
	struct route *route;
	const struct alert_rule *rule;
	const struct alert_channel *channel;
	bool quiet; /* it is in the rule's quiet hours */
};

/* Whether the channel may be told one more, which is counted. */
static bool spend(const struct turn *t)
{
	const struct alert_channel *channel = t->channel;
	struct budget *b = budget_of(t->alerts, channel->id);
	int64_t at_once = channel->limit_per_hour / 2, now = t->now, step;

	if (t->facts->is_full != NULL && t->facts->is_full(t->facts->context, channel->id))
		return false;
	if (at_once < 1)
		at_once = 1;
	step = HOUR_MS /
	       (channel->limit_per_hour > at_once ? (int64_t)channel->limit_per_hour - at_once : 1);
	if (b->spent_until < now * 1000)
		b->spent_until = now * 1000;
	if (b->spent_until > now * 1000 + (at_once - 1) * step)
		return false;
	b->spent_until += step;
	return true;
}

static void move(struct turn *t, struct standing *s, enum standing_phase to)
{
	standing_move(s, to);
	t->alerts->version++;
}

/* A message that is being made, and what its key is made of. */
struct draft {
	struct alerts_message message;
	struct buffer states; /* "17.0.f2,18.0.e" */
	size_t told;
	bool fired, repeated;
};

static void add_message(struct turn *t, struct alerts_message *message)
{
	struct alerts *a = t->alerts;

	snprintf(message->rule, sizeof(message->rule), "%s", t->route->rule);
	snprintf(message->channel, sizeof(message->channel), "%s", t->route->channel);
	message->at = t->now;
	a->messages = memory_resize(a->messages, a->count + 1, sizeof(*a->messages));
	a->messages[a->count++] = *message;
	a->version++;
}

/* The same states give the same key, whatever comes between. */
static char *key_of(const struct turn *t, const struct draft *d)
{
	struct slice states = buffer_slice(&d->states);
	ptrdiff_t comma = slice_find_char(states, ',');
	BUFFER_AUTO struct buffer key = {0};

	buffer_printf(&key, "%s/%s/%.*s", t->route->channel, t->route->rule,
	    (int)(comma >= 0 ? (size_t)comma : states.len), states.data);
	if (comma >= 0)
		buffer_printf(&key, "+%zu/%016llx", d->told - 1,
		    (unsigned long long)standing_subject(0, states));
	return memory_strdup(buffer_string(&key));
}

static void finish(struct turn *t, struct draft *d)
{
	d->message.what = d->fired ? ALERT_FIRED : d->repeated ? ALERT_REPEATED : ALERT_RESOLVED;
	d->message.key = key_of(t, d);
	add_message(t, &d->message);
	buffer_free(&d->states);
}

static uint32_t count_explained(const struct turn *t, int64_t incident)
{
	uint32_t count = 0;

	for (size_t i = 0; i < t->facts->count; i++)
		count += t->facts->incidents[i]->caused_by == incident;
	return count;
}

static void fill_item(const struct turn *t, const struct standing *s, struct alerts_item *item)
{
	/* It is no longer in the list: what is left of it is its title. */
	static const struct incident_row gone = {.state = INCIDENT_ENDED, .messages = -1};
	static char none[] = "";
	struct incident_row row = s->row != NULL ? *s->row : gone;

	if (s->row == NULL) {
		row.id = s->incident;
		row.kind = s->kind;
		row.severity = s->severity;
		row.title = s->title;
		row.text = row.key = row.cause = none;
		row.since = row.until = s->ended;
	}
	alerts_item_fill(item, &row);
	item->ended = s->ended != 0;
	item->explains = count_explained(t, s->incident);
}

/* It goes into the message, and is told with it. */
static void tell(struct turn *t, struct draft *d, struct standing *s)
{
	struct alerts_item item;
	uint32_t times;

	buffer_printf(
	    &d->states, "%s%lld.%u.", d->told++ > 0 ? "," : "", (long long)s->incident, s->round);
	if (s->phase == STANDING_PENDING && s->told < 0)
		route_note_fired(t->route, s->subject, t->now);
	times = route_fired(t->route, s->subject, t->now);
	fill_item(t, s, &item);
	if (s->phase == STANDING_TOLD) {
		d->repeated = true;
		s->repeats++;
		buffer_printf(&d->states, "r%u", s->repeats);
	} else if (s->ended != 0) {
		/* It ended before it could be told that it is there: both at once. */
		buffer_append_string(&d->states, s->phase == STANDING_PENDING ? "fe" : "e");
		move(t, s, STANDING_OVER);
	} else {
		d->fired = true;
		item.times = times > ALERTS_FLAP_TIMES ? times : 0;
		s->told = s->severity;
		buffer_printf(&d->states, "f%d", s->told);
		move(t, s, STANDING_TOLD);
	}
	s->told_at = t->now;
	d->message.late |= s->held;
	s->held = false;
	alerts_message_add(&d->message, &item);
}

/* ---- Up to date with the list ---- */

static void note_silence(struct turn *t, struct standing *s, const struct alert_silence *silence)
{
	struct alerts_message message = {.what = ALERT_FIRED};
	BUFFER_AUTO struct buffer text = {0}, key = {0};
	struct alerts_item item;

	s->silence = silence->id;
	fill_item(t, s, &item);
	alerts_message_add(&message, &item);
	buffer_printf(&text, "Silenced by %s: %s", silence->by, silence->reason);
	buffer_printf(&key, "%s/%s/%lld.%u.s%lld", t->route->channel, t->route->rule,
	    (long long)s->incident, s->round, (long long)silence->id);
	message.silenced = memory_strdup(buffer_string(&text));
	message.key = memory_strdup(buffer_string(&key));
	add_message(t, &message);
}

/* It is open, and this rule does not tell of it now. */
static bool is_aside(struct turn *t, struct standing *s)
{
	const struct alert_silence *silence;

	if (s->row->caused_by != 0 || s->row->snoozed_until > t->now ||
	    !alerts_rule_takes_severity(t->rule, s->severity) ||
	    (t->rule->hours.set && !alerts_hours_contain(&t->rule->hours, t->now)))
		return true;
	silence = alerts_silence_of(t->setup, s->row, t->now);
	if (silence != NULL && s->told < 0 && s->silence != silence->id)
		note_silence(t, s, silence);
	return silence != NULL;
}

static void take_open(struct turn *t, struct standing *s)
{
	if (s->ended != 0) {
		s->ended = 0;
		if (s->phase == STANDING_ENDING)
			move(t, s, STANDING_TOLD);
		if (s->phase == STANDING_OVER) {
			move(t, s, STANDING_UNTOLD);
			s->round++;
			s->told = -1;
		}
	}
	s->aside = is_aside(t, s);
	if (s->phase == STANDING_PENDING && s->aside) {
		move(t, s, s->told >= 0 ? STANDING_TOLD : STANDING_UNTOLD);
		s->held = false;
	} else if (!s->aside && (s->phase == STANDING_UNTOLD ||
				    (s->phase == STANDING_TOLD && s->severity > s->told))) {
		move(t, s, STANDING_PENDING);
		s->since = t->now;
		s->held = false;
	}
}

static void take_end(struct turn *t, struct standing *s)
{
	if (s->ended == 0 && s->phase != STANDING_OVER)
		s->ended = t->now;
	if (s->phase == STANDING_UNTOLD)
		move(t, s, STANDING_OVER);
	/* That it became worse need not be told any more. */
	if (s->phase == STANDING_PENDING && s->told >= 0)
		move(t, s, STANDING_TOLD);
	if (s->phase != STANDING_TOLD)
		return;
	if (!t->rule->resolved || !t->channel->resolved) {
		move(t, s, STANDING_OVER);
		return;
	}
	move(t, s, STANDING_ENDING);
	s->since = t->now;
	s->held = false;
}

static void take_row(struct turn *t, const struct incident_row *row)
{
	struct standing *s;

	if (!alerts_rule_means(t->rule, row))
		return;
	s = route_find(t->route, row->id);
	/* What had ended before it could be seen is history, and no news. */
	if (s == NULL && row->state != INCIDENT_ENDED) {
		s = route_add(t->route, row->id);
		if (s != NULL) {
			s->kind = row->kind;
			s->subject = standing_subject(row->kind, slice_of(row->key));
			t->alerts->version++;
		}
	}
	if (s == NULL)
		return;
	s->row = row;
	s->seen = true;
	s->severity = row->severity;
	if (s->title == NULL || strcmp(s->title, row->title) != 0) {
		free(s->title);
		s->title = memory_strndup(row->title, ALERTS_TITLE_MAX);
	}
}

static void match_list(struct turn *t)
{
	struct route *route = t->route;

	for (size_t i = 0; i < route->count; i++) {
		route->items[i].row = NULL;
		route->items[i].seen = route->items[i].aside = false;
	}
	for (size_t i = 0; i < t->facts->count; i++)
		take_row(t, t->facts->incidents[i]);
	for (size_t i = 0; i < route->count; i++) {
		struct standing *s = &route->items[i];

		if (s->row != NULL && s->row->state != INCIDENT_ENDED)
			take_open(t, s);
		else
			take_end(t, s);
	}
}

/* ---- What is due ---- */

static bool is_to_repeat(const struct turn *t, const struct standing *s)
{
	return s->phase == STANDING_TOLD && t->rule->repeat > 0 && !s->aside && s->row != NULL &&
	       s->row->state == INCIDENT_OPEN && t->now - s->told_at >= t->rule->repeat;
}

static bool has_news(const struct turn *t, const struct standing *s)
{
	return s->phase == STANDING_PENDING || s->phase == STANDING_ENDING || is_to_repeat(t, s);
}

/* What needs nobody at once waits for the end of quiet hours; what comes and goes, for its pause.
 */
static bool must_wait(const struct turn *t, const struct standing *s)
{
	int severity = s->told > s->severity ? s->told : s->severity;

	if (t->quiet && severity < INCIDENT_ACT)
		return true;
	return s->phase == STANDING_PENDING && s->told < 0 &&
	       route_flaps(t->route, s->subject, t->now);
}

static void hold_back(struct turn *t)
{
	for (size_t i = 0; i < t->route->count; i++) {
		struct standing *s = &t->route->items[i];

		if (!s->held && has_news(t, s) && must_wait(t, s)) {
			s->held = true;
			t->alerts->version++;
		}
	}
}

/* Since when it waits for others of its group. What is repeated has waited. */
static int64_t waits_since(const struct turn *t, const struct standing *s)
{
	return s->phase == STANDING_TOLD ? t->now - t->rule->group_wait : s->since;
}

static bool is_in(const struct standing *s, int kind)
{
	return kind < 0 || s->kind == kind;
}

/* One message of what was held back, now that it need not be any more. */
static void tell_held(struct turn *t)
{
	struct draft d = {0};

	/* All that may go, before the first goes: what is told makes the like wait again. */
	for (size_t i = 0; i < t->route->count; i++) {
		struct standing *s = &t->route->items[i];

		s->ready = s->held && has_news(t, s) && !must_wait(t, s);
	}
	for (size_t i = 0; i < t->route->count; i++) {
		struct standing *s = &t->route->items[i];

		if (!s->ready)
			continue;
		if (d.told == 0 && !spend(t))
			return;
		tell(t, &d, s);
	}
	if (d.told > 0)
		finish(t, &d);
}

/* One message of all news of a kind (-1: of all), when the first of them has waited long enough. */
static void tell_group(struct turn *t, int kind)
{
	struct draft d = {0};
	bool due = false;

	for (size_t i = 0; i < t->route->count && !due; i++) {
		const struct standing *s = &t->route->items[i];

		due = !s->held && is_in(s, kind) && has_news(t, s) &&
		      waits_since(t, s) + t->rule->group_wait <= t->now;
	}
	if (!due || !spend(t))
		return;
	for (size_t i = 0; i < t->route->count; i++) {
		struct standing *s = &t->route->items[i];

		if (!s->held && is_in(s, kind) && has_news(t, s))
			tell(t, &d, s);
	}
	finish(t, &d);
}

/* A message for each; what is over the limit is held, and will be one message. */
static void tell_each(struct turn *t)
{
	for (size_t i = 0; i < t->route->count; i++) {
		struct standing *s = &t->route->items[i];
		struct draft d = {0};

		/* An end waits for nobody. */
		if (s->held || !has_news(t, s) ||
		    (s->phase == STANDING_PENDING &&
			waits_since(t, s) + t->rule->group_wait > t->now))
			continue;
		if (!spend(t)) {
			s->held = true;
			t->alerts->version++;
			continue;
		}
		tell(t, &d, s);
		finish(t, &d);
	}
}

static void take_route(struct turn *t)
{
	t->quiet = t->rule->quiet.set && alerts_hours_contain(&t->rule->quiet, t->now);
	match_list(t);
	hold_back(t);
	tell_held(t);
	if (t->rule->group == ALERT_GROUP_NONE)
		tell_each(t);
	else if (t->rule->group == ALERT_GROUP_ALL)
		tell_group(t, -1);
	else
		for (int kind = 0; kind < INCIDENT_KINDS; kind++)
			tell_group(t, kind);
	route_forget(t->route, t->now);
}

static int64_t settle_clock(struct alerts *a, int64_t now)
{
	if (a->last > now && a->last - now <= CLOCK_SLACK)
		now = a->last;
	if (a->last > now) {
		for (size_t i = 0; i < a->route_count; i++)
			route_clamp(&a->routes[i], now);
		for (size_t i = 0; i < a->budget_count; i++)
			a->budgets[i].spent_until = now * 1000;
	}
	a->last = now;
	return now;
}

void alerts_turn(
    struct alerts *a, const struct alert_setup *setup, const struct alerts_facts *facts)
{
	struct turn t = {
	    .alerts = a, .setup = setup, .facts = facts, .now = settle_clock(a, facts->now)};

	clear_messages(a);
	match_setup(a, setup);
	for (size_t i = 0; i < a->route_count; i++) {
		t.route = &a->routes[(i + a->first) % a->route_count];
		t.rule = alert_setup_rule(setup, t.route->rule);
		t.channel = alert_setup_channel(setup, t.route->channel);
		if (t.rule != NULL && t.channel != NULL && t.rule->enabled && t.channel->enabled)
			take_route(&t);
	}
	a->first = a->route_count > 0 ? (a->first + 1) % a->route_count : 0;
}

/* ---- Over a restart ---- */

void alerts_save(const struct alerts *a, struct buffer *out)
{
	buffer_put_u8(out, STATE_VERSION);
	buffer_put_i64(out, a->last);
	buffer_put_u16(out, (uint16_t)a->budget_count);
	for (size_t i = 0; i < a->budget_count; i++) {
		buffer_put_string(out, slice_of(a->budgets[i].channel));
		buffer_put_i64(out, a->budgets[i].spent_until);
	}
	buffer_put_u16(out, (uint16_t)a->route_count);
	for (size_t i = 0; i < a->route_count; i++)
		route_put(out, &a->routes[i]);
}

static void take_budgets(struct cursor *c, struct alerts *a)
{
	size_t count = cursor_u16(c);

	if (count > ALERT_CHANNELS_MAX)
		c->failed = true;
	while (a->budget_count < count && !c->failed) {
		struct budget *b = &a->budgets[a->budget_count++];

		standing_take_id(c, b->channel);
		b->spent_until = cursor_i64(c);
		if (b->spent_until < 0 || b->spent_until > INT64_C(1) << 52)
			c->failed = true;
	}
}

bool alerts_restore(struct alerts *a, struct slice bytes)
{
	struct cursor c = cursor_init(bytes.data, bytes.len);
	size_t count;

	clear_all(a);
	if (cursor_u8(&c) != STATE_VERSION)
		c.failed = true;
	a->last = cursor_i64(&c);
	if (a->last < 0 || a->last > INT64_C(1) << 40)
		c.failed = true;
	take_budgets(&c, a);
	count = cursor_u16(&c);
	if (count > ROUTES_MAX)
		c.failed = true;
	a->routes = memory_zero(c.failed ? 1 : count + 1, sizeof(*a->routes));
	while (a->route_count < count && !c.failed)
		route_take(&c, &a->routes[a->route_count++]);
	if (cursor_finished(&c))
		return true;
	clear_all(a);
	return false;
}
