/* What goes wrong in a world, and when. Drawn before it begins: so many truths, each with its
 * start, end and subject. What concerns the whole host stands alone, because it hides the others;
 * floods and destinations may come together. */
#include "world.h"

#include <stdio.h>

#define KIND(kind) (1u << (INCIDENT_##kind))
/* Minutes around what concerns the whole host in which nothing else is planted: its backlog and
 * the states of incidents must have gone. */
#define WIDE_BEFORE (2 * HOUR)
#define WIDE_AFTER (5 * HOUR)
/* The first minutes of play, and the last, in which nothing begins. */
#define QUIET_FIRST (2 * HOUR)
#define QUIET_LAST (9 * HOUR)

struct row {
	unsigned kinds, also;
	unsigned need; /* failed attempts, or minutes, from which on it can be told */
	double weight; /* how often it is drawn */
	int shortest, longest;
	bool wide;
	unsigned early;
};

static const struct row rows[PLOTS] = {
    [PLOT_HIJACK_400] = {KIND(FLOOD), KIND(DESTINATION) | KIND(REPUTATION), 1, 8, 20, 120},
    [PLOT_HIJACK_60] = {KIND(FLOOD), KIND(DESTINATION) | KIND(REPUTATION), 1, 8, 40, 240},
    [PLOT_HIJACK_12] = {KIND(FLOOD), KIND(DESTINATION) | KIND(REPUTATION), 1, 8, 120, 480},
    [PLOT_HIJACK_RAMP] = {KIND(FLOOD), KIND(DESTINATION) | KIND(REPUTATION), 1, 6, 90, 240},
    [PLOT_DEAD_DOMAIN] = {KIND(DESTINATION), 0, 6, 9, 90, 900},
    [PLOT_REFUSING_DOMAIN] = {KIND(DESTINATION), 0, 6, 9, 90, 900},
    [PLOT_DEAD_HOSTING] = {KIND(DESTINATION), 0, 8, 5, 60, 600},
    [PLOT_RATE_LIMIT] = {KIND(DESTINATION), 0, 10, 7, 60, 600},
    [PLOT_BLOCKLIST] = {KIND(REPUTATION), KIND(DESTINATION), 15, 7, 120, 900},
    [PLOT_RESOLVER] = {KIND(NAME_SERVICE), KIND(NOTHING_DELIVERED), 30, 7, 45, 240, true,
	KIND(DESTINATION)},
    [PLOT_FILTER] = {KIND(LOCAL_SERVICE), KIND(NOTHING_DELIVERED), 5, 8, 30, 240, true},
    [PLOT_FILTER_HANGS] = {KIND(LOCAL_SERVICE), KIND(NOTHING_DELIVERED), 25, 5, 30, 180, true},
    [PLOT_LMTP] = {KIND(LOCAL_SERVICE), KIND(NOTHING_DELIVERED) | KIND(DESTINATION), 5, 6, 30, 240,
	true},
    [PLOT_DISK] = {KIND(SPOOL_FULL), 0, 1, 7, 120, 900},
    [PLOT_INODES] = {KIND(SPOOL_FULL), 0, 1, 3, 120, 900},
    [PLOT_THROTTLED] = {KIND(POSTFIX), KIND(NOTHING_DELIVERED) | KIND(LOCAL_SERVICE), 3, 7, 20, 180,
	true},
    [PLOT_LOOKUPS] = {KIND(POSTFIX), KIND(NOTHING_DELIVERED), 10, 6, 20, 240, true},
    [PLOT_LOOP_HOPS] = {KIND(LOOP), KIND(FLOOD), 40, 6, 60, 480},
    [PLOT_LOOP_PAIR] = {KIND(LOOP), KIND(FLOOD), 60, 6, 60, 600},
    [PLOT_BACKSCATTER] = {KIND(BACKSCATTER), KIND(DESTINATION), 150, 7, 60, 480},
    [PLOT_LONG_DEAD] = {KIND(DESTINATION), KIND(EXPIRING), 6, 6, 0, 0},
    [PLOT_NETWORK] = {KIND(NOTHING_DELIVERED), 0, 10, 7, 45, 300, true, KIND(DESTINATION)},
    [PLOT_QMGR] = {KIND(INCOMING_OLD), KIND(NOTHING_DELIVERED), 5, 6, 30, 180, true},
    [PLOT_PICKUP] = {KIND(INCOMING_OLD), 0, 3, 4, 60, 300},
    [PLOT_ACTIVE_FULL] = {KIND(ACTIVE_FULL), KIND(INCOMING_OLD), 1, 5, 60, 300, true},
    [PLOT_HELD] = {KIND(HELD_FORGOTTEN), 0, 1, 5, 0, 0},
    [PLOT_LOG_UNREAD] = {KIND(BLIND), 0, 1, 4, 30, 240, true},
    [PLOT_LOG_SILENT] = {KIND(BLIND), 0, 40, 4, 120, 360, true},
    [PLOT_SOURCE] = {KIND(BLIND), 0, 1, 4, 30, 240, true},
};

void plan_key(struct truth *truth, enum incident_subject subject, enum key kind, uint32_t number)
{
	for (unsigned i = 0; i < truth->key_count; i++)
		if (truth->keys[i].subject == subject && truth->keys[i].number == number)
			return;
	if (truth->key_count < TRUTH_KEYS_MAX && number != NAME_NONE)
		truth->keys[truth->key_count++] = (struct truth_key){subject, kind, number};
}

void plan_hit(struct world *w, struct truth *truth)
{
	if (truth->hits++ == 0)
		truth->first_hit = w->now;
	if (truth->hits == truth->need)
		truth->told = w->now;
}

/* ---- Where it strikes ---- */

static void domain_keys(struct world *w, struct truth *t, uint32_t domain)
{
	const struct domain *d = &w->domains[domain];

	plan_key(t, INCIDENT_OF_DOMAIN, KEY_DOMAIN, domain);
	for (uint32_t i = 0; i < d->hosts; i++)
		plan_key(t, INCIDENT_OF_REMOTE_HOST, KEY_HOST, d->host + i);
	plan_key(t, INCIDENT_OF_PROVIDER, KEY_PROVIDER, d->provider);
}

/* One of the small domains that get the most mail. */
static void strike_domain(struct world *w, struct truth *t)
{
	static const enum reply dead[] = {REPLY_TIMED_OUT, REPLY_REFUSED, REPLY_DNS_AGAIN};
	static const enum reply refusals[] = {REPLY_SYSTEM, REPLY_SHUTTING_DOWN, REPLY_NOT_NOW};
	bool refuses = t->plot == PLOT_REFUSING_DOMAIN;

	t->target = w->first_small + (uint32_t)dice_between(&w->dice, 0, 14);
	t->reply = (refuses ? refusals : dead)[dice_roll(&w->dice) % 3];
	domain_keys(w, t, t->target);
}

static void strike_provider(struct world *w, struct truth *t)
{
	unsigned i = (unsigned)(dice_roll(&w->dice) % 4);

	if (t->plot == PLOT_DEAD_HOSTING) {
		t->target = w->hosting_provider;
		t->strength = 1;
		t->reply = dice_chance(&w->dice, .5) ? REPLY_TIMED_OUT : REPLY_REFUSED;
		for (uint32_t d = 0; d < w->hosting_count; d++)
			domain_keys(w, t, w->hosting_first + d);
		return;
	}
	t->target = w->big_providers[i];
	/* Some say it to everybody, some to half of the connections. */
	t->strength = dice_chance(&w->dice, .6) ? 1 : dice_range(&w->dice, .6, .95);
	t->reply = dice_chance(&w->dice, .5) ? REPLY_UNUSUAL_RATE : REPLY_TOO_MUCH;
	domain_keys(w, t, w->big_domains[i]);
}

static void strike_blocklist(struct world *w, struct truth *t)
{
	/* Three in ten refuse for good. */
	t->reply = dice_chance(&w->dice, .3) ? REPLY_BLOCKED : REPLY_BLOCKLIST;
	t->strength = dice_range(&w->dice, .8, 1);
	t->target = (uint32_t)dice_between(&w->dice, 2, 4);
}

static bool burst_habit(enum habit habit)
{
	return habit == HABIT_GROUPS || habit == HABIT_NEWSLETTER || habit == HABIT_BILLING;
}

/* Whose password was guessed: anybody who has one. One in eight floods comes through a form of the
 * web shop, or a partner's server that may relay. */
static void strike_sender(struct world *w, struct truth *t)
{
	double way = dice_unit(&w->dice);

	if (way < .08) {
		t->target = WORLD_SENDERS - 1 - (uint32_t)(dice_roll(&w->dice) % 6);
	} else if (way < .13) {
		t->target = NAME_NONE;
	} else {
		do
			t->target = (uint32_t)(dice_roll(&w->dice) % WORLD_SENDERS);
		while (w->senders[t->target].login == NAME_NONE);
		t->burst_habit = burst_habit(w->senders[t->target].habit);
	}
}

static void strike(struct world *w, struct truth *t)
{
	struct dice *dice = &w->dice;

	switch (t->plot) {
	case PLOT_HIJACK_400:
	case PLOT_HIJACK_60:
	case PLOT_HIJACK_12:
	case PLOT_HIJACK_RAMP:
		strike_sender(w, t);
		break;
	case PLOT_DEAD_DOMAIN:
	case PLOT_REFUSING_DOMAIN:
	case PLOT_LONG_DEAD:
		strike_domain(w, t);
		break;
	case PLOT_DEAD_HOSTING:
	case PLOT_RATE_LIMIT:
		strike_provider(w, t);
		break;
	case PLOT_BLOCKLIST:
		strike_blocklist(w, t);
		break;
	case PLOT_FILTER:
		t->reply = dice_chance(dice, .7) ? REPLY_FILTER_REFUSED : REPLY_FILTER_TIMED_OUT;
		break;
	case PLOT_NETWORK:
		t->reply = dice_chance(dice, .5) ? REPLY_TIMED_OUT : REPLY_NO_ROUTE;
		break;
	case PLOT_THROTTLED:
		t->strength = dice_unit(dice);
		break;
	case PLOT_LOOKUPS:
		t->strength = dice_range(dice, .05, 1);
		break;
	case PLOT_HELD:
		t->target = (uint32_t)dice_between(dice, 3, 12);
		break;
	default:
		t->strength = dice_unit(dice);
		break;
	}
}

/* ---- When ---- */

static bool possible(const struct world *w, enum plot plot)
{
	switch (plot) {
	case PLOT_FILTER:
	case PLOT_FILTER_HANGS:
		return w->has_filter;
	case PLOT_LMTP:
		return w->has_mailboxes;
	case PLOT_NETWORK:
		return !w->has_mailboxes;
	case PLOT_LOOP_PAIR:
		return w->has_mailboxes;
	case PLOT_LONG_DEAD:
		return w->lifetime <= 2 * DAY;
	default:
		return true;
	}
}

static bool collide(const struct truth *a, const struct truth *b)
{
	bool wide = rows[a->plot].wide || rows[b->plot].wide;

	if (a->plot == b->plot)
		return a->from < b->to + WIDE_AFTER && b->from < a->to + WIDE_AFTER;
	/* Two that say the same of the same thing. */
	if (rows[a->plot].kinds == rows[b->plot].kinds && a->target == b->target)
		return true;
	if (!wide || a->plot == PLOT_HELD || b->plot == PLOT_HELD || a->plot == PLOT_LONG_DEAD ||
	    b->plot == PLOT_LONG_DEAD)
		return false;
	return a->from < b->to + WIDE_AFTER + WIDE_BEFORE &&
	       b->from < a->to + WIDE_AFTER + WIDE_BEFORE;
}

static void place(struct world *w, struct truth *t)
{
	const struct row *row = &rows[t->plot];
	struct dice *dice = &w->dice;
	int first = w->play + QUIET_FIRST, last = w->minutes - QUIET_LAST;

	if (t->plot == PLOT_HELD) {
		t->from = (int)dice_between(dice, w->play - 12 * HOUR, last - 26 * HOUR);
		t->to = w->minutes;
	} else if (t->plot == PLOT_LONG_DEAD) {
		t->from = (int)dice_between(dice, w->play - w->lifetime / 2, last - w->lifetime);
		t->to = t->from + w->lifetime + (int)dice_between(dice, 2, 12) * HOUR;
	} else {
		t->from = (int)dice_between(dice, first, last);
		t->to = t->from + (int)dice_scale(dice, row->shortest, row->longest);
	}
}

static bool fits(const struct world *w, const struct truth *t)
{
	for (unsigned i = 0; i < w->truth_count; i++)
		if (collide(t, &w->truths[i]))
			return false;
	return true;
}

static void try_to_plant(struct world *w, enum plot plot)
{
	struct truth *t = &w->truths[w->truth_count];

	for (int i = 0; i < 20; i++) {
		*t = (struct truth){.plot = plot,
		    .kinds = rows[plot].kinds,
		    .also = rows[plot].also,
		    .early = rows[plot].early,
		    .need = rows[plot].need,
		    .told = -1,
		    .first_hit = -1};
		strike(w, t);
		place(w, t);
		if (fits(w, t)) {
			w->truth_count++;
			return;
		}
	}
}

static enum plot draw(struct world *w)
{
	double sum = 0, at;

	for (int i = 0; i < PLOTS; i++)
		sum += rows[i].weight;
	at = dice_unit(&w->dice) * sum;
	for (int i = 0; i < PLOTS - 1; i++)
		if ((at -= rows[i].weight) < 0)
			return (enum plot)i;
	return PLOTS - 1;
}

void plan_create(struct world *w)
{
	unsigned wanted = 3 * (unsigned)((w->minutes - w->play) / DAY);

	for (unsigned i = 0; i < wanted && w->truth_count < TRUTHS_MAX; i++) {
		enum plot plot = draw(w);

		if (possible(w, plot))
			try_to_plant(w, plot);
	}
}

/* ---- How it begins and ends ---- */

static void hijack_rate(struct truth *t, struct run *run)
{
	double minutes = t->to - t->from;

	t->tellable = t->from;
	switch (t->plot) {
	case PLOT_HIJACK_400:
		run->per_minute = 80;
		break;
	case PLOT_HIJACK_60:
		run->per_minute = 12;
		break;
	case PLOT_HIJACK_12:
		run->per_minute = 2.4;
		break;
	default: /* from one in five minutes to 200 */
		run->per_minute = .2;
		run->growth_per_minute = 40 / minutes;
		t->tellable = t->from + (int)(2.2 / run->growth_per_minute);
		break;
	}
}

static void hijack_clients(struct world *w, struct truth *t, struct run *run)
{
	run->client_count = (uint32_t)dice_between(&w->dice, 1, 5);
	for (uint32_t i = 0; i < run->client_count; i++) {
		run->clients[i] = names_add(&w->names[KEY_CLIENT], "203.%u.%u.%u",
		    (unsigned)dice_between(&w->dice, 0, 99), w->names[KEY_CLIENT].count / 250,
		    w->names[KEY_CLIENT].count % 250);
		plan_key(t, INCIDENT_OF_CLIENT, KEY_CLIENT, run->clients[i]);
	}
}

static void hijack(struct world *w, struct truth *t)
{
	struct run *run = habits_run(w);
	struct dice *dice = &w->dice;

	run->truth = t;
	run->left = INT64_MAX;
	run->until = t->to;
	run->strangers = true;
	run->unknown = dice_range(dice, .08, .3);
	run->full = dice_range(dice, 0, .04);
	run->spam = dice_range(dice, .02, .15);
	run->spam_later = dice_range(dice, .02, .2);
	run->per_message = dice_chance(dice, .7) ? 1 : (unsigned)dice_between(dice, 2, 20);
	run->login = NAME_NONE;
	/* Most floods are noticed by somebody in the end. */
	t->cleaned = t->to + (int)dice_scale(dice, 20, dice_chance(dice, .7) ? 400 : 4000);
	hijack_rate(t, run);
	if (t->plot == PLOT_HIJACK_12 && run->per_message > 3)
		run->per_message = 3;
	if (t->target == NAME_NONE) {
		run->forged = t->forged = true;
		hijack_clients(w, t, run);
		return;
	}
	run->sender = w->senders[t->target].address;
	run->login = w->senders[t->target].login;
	if (run->login == NAME_NONE) {
		run->client_count = 1;
		run->clients[0] = w->senders[t->target].client;
	} else {
		run->forged = t->forged = dice_chance(dice, .4);
		hijack_clients(w, t, run);
	}
	plan_key(t, INCIDENT_OF_LOGIN, KEY_LOGIN, run->login);
	plan_key(t, INCIDENT_OF_SENDER, KEY_SENDER, run->sender);
}

static void backscatter(struct world *w, struct truth *t)
{
	struct run *run = habits_run(w);

	run->truth = t;
	run->left = INT64_MAX;
	run->until = t->to;
	run->strangers = true;
	run->unknown = .3;
	run->spam_later = .1;
	run->per_minute = dice_scale(&w->dice, 4, 40);
	run->login = NAME_NONE;
	run->sender = w->null_sender;
	run->null_sender = true;
}

static void blocklist(struct world *w, struct truth *t, bool on)
{
	for (uint32_t i = 0; i < t->target; i++) {
		w->provider_trouble[w->big_providers[i]] = on ? t : NULL;
		if (on)
			domain_keys(w, t, w->big_domains[i]);
	}
}

static void act(struct world *w, struct truth *t, bool on)
{
	switch (t->plot) {
	case PLOT_HIJACK_400:
	case PLOT_HIJACK_60:
	case PLOT_HIJACK_12:
	case PLOT_HIJACK_RAMP:
		if (on)
			hijack(w, t);
		break;
	case PLOT_BACKSCATTER:
		if (on)
			backscatter(w, t);
		break;
	case PLOT_DEAD_DOMAIN:
	case PLOT_REFUSING_DOMAIN:
	case PLOT_LONG_DEAD:
		w->domains[t->target].trouble = on ? t : NULL;
		break;
	case PLOT_DEAD_HOSTING:
	case PLOT_RATE_LIMIT:
		w->provider_trouble[t->target] = on ? t : NULL;
		break;
	case PLOT_BLOCKLIST:
		blocklist(w, t, on);
		break;
	default:
		w->acting[t->plot] = on ? t : NULL;
		break;
	}
}

/* ---- Loops ---- */

/* A forwards to B, who forwards to A: each real message to it goes round until the hops are used
 * up. */
static void loop_hops(struct world *w, struct truth *t)
{
	const struct sender *s = &w->senders[dice_roll(&w->dice) % WORLD_PEOPLE];
	struct recipient to = {.domain = w->hosting_first};
	char id[60];

	if (!dice_chance(&w->dice, .12))
		return;
	snprintf(id, sizeof(id), "<%d.%u@office.example>", w->now, t->hits);
	repeat_note(w, id, s->address, true, 25);
	for (unsigned hop = 0; hop < 25; hop++) {
		to.fate = hop == 24 ? FATE_HOPS : FATE_GOOD;
		plan_hit(w, t);
		mail_accept(w, &(struct mail){.sender = s->address,
				   .login = NAME_NONE,
				   .client = w->outside_clients[0],
				   .external = true,
				   .recipients = &to,
				   .count = 1});
	}
}

/* Two programs that answer each other. */
static void loop_pair(struct world *w, struct truth *t)
{
	const struct sender *s = &w->senders[WORLD_PEOPLE + 25];
	struct recipient out = {.domain = w->outside_domains[7]}, in = {.domain = w->local_domain};
	unsigned n = dice_poisson(&w->dice, 3 + 12 * t->strength);

	repeat_note(w, "writer7 info", w->outside[7], false, n);
	repeat_note(w, "info writer7", s->address, false, n);
	while (n-- > 0) {
		plan_hit(w, t);
		mail_accept(w, &(struct mail){.sender = w->outside[7],
				   .login = NAME_NONE,
				   .client = w->outside_clients[7],
				   .external = true,
				   .recipients = &in,
				   .count = 1});
		mail_accept(w, &(struct mail){.sender = s->address,
				   .login = NAME_NONE,
				   .client = w->localhost,
				   .recipients = &out,
				   .count = 1});
	}
}

void plan_minute(struct world *w)
{
	for (unsigned i = 0; i < w->truth_count; i++) {
		struct truth *t = &w->truths[i];
		bool on = w->now >= t->from && w->now < t->to;

		if (on != t->acting)
			act(w, t, on);
		t->acting = on;
		if (t->cleaned && w->now == t->cleaned)
			mail_delete(w, t);
	}
	if (w->acting[PLOT_LOOP_HOPS])
		loop_hops(w, w->acting[PLOT_LOOP_HOPS]);
	if (w->acting[PLOT_LOOP_PAIR])
		loop_pair(w, w->acting[PLOT_LOOP_PAIR]);
}
