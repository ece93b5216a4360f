/* Who sends what in a minute: people by day and week, machines always, runs to many, lists, what
 * comes from outside, and vacation notices. */
#include "world.h"

#include <stdio.h>

#include "base/memory.h"

#define RECIPIENTS_MAX 300

/* Shares of a day, by the hour. */
static const double office_hours[24] = {
    .1, .05, .05, .05, .1, .3, 1, 3, 8, 11, 11, 10, 7, 8, 10, 9, 8, 5, 3, 2, 1.5, 1, .6, .3};
static const double all_hours[24] = {
    3, 2.5, 2.5, 2.5, 2.5, 3, 3.5, 4, 5, 5.5, 5.5, 5, 5, 5, 5, 5, 5, 5, 4.5, 4.5, 4.5, 4, 3.5, 3.5};

static bool is_weekend(const struct world *w)
{
	return (w->start_s / 86400 + w->now / DAY + 4) % 7 % 6 == 0;
}

static int hour_of(const struct world *w, int shift)
{
	return (w->now / HOUR + shift + 48) % 24;
}

/* How often in this minute what happens `per_day` times. */
static double in_minute(const struct world *w, double per_day, const double *hours, int shift)
{
	double sum = hours == office_hours ? 100.05 : 98.5;

	return per_day * hours[hour_of(w, shift)] / sum / 60;
}

static uint8_t fate_at(struct world *w, uint32_t domain, double unknown)
{
	if (dice_chance(&w->dice, unknown))
		return FATE_UNKNOWN;
	return dice_chance(&w->dice, w->domains[domain].full) ? FATE_FULL : FATE_GOOD;
}

static struct recipient somebody(struct world *w, const struct sender *s)
{
	uint32_t domain = dice_chance(&w->dice, .85)
			      ? s->favourites[dice_roll(&w->dice) % FAVOURITES]
			      : people_any_domain(w);

	if (w->has_mailboxes && dice_chance(&w->dice, .25))
		domain = w->local_domain;
	return (struct recipient){.domain = domain, .fate = fate_at(w, domain, .004)};
}

static void send_one(struct world *w, const struct sender *s, unsigned recipients)
{
	struct recipient to[8];

	for (unsigned i = 0; i < recipients; i++)
		to[i] = somebody(w, s);
	mail_accept(w, &(struct mail){.sender = s->address,
			   .login = s->login,
			   .client = s->client,
			   .recipients = to,
			   .count = recipients});
}

/* ---- Runs ---- */

struct run *habits_run(struct world *w)
{
	if (w->run_count == w->run_room) {
		w->run_room = w->run_room * 2 + 16;
		w->runs = memory_resize(w->runs, w->run_room, sizeof(*w->runs));
	}
	w->runs[w->run_count] = (struct run){.per_message = 1, .until = w->minutes};
	return &w->runs[w->run_count++];
}

static struct recipient target(struct world *w, const struct run *run)
{
	double at = dice_unit(&w->dice);
	struct recipient to = {.domain = people_any_domain(w)};

	if (run->strangers && dice_chance(&w->dice, .5))
		to.domain = people_new_domain(w);
	to.fate = FATE_GOOD;
	if ((at -= run->unknown) < 0)
		to.fate = FATE_UNKNOWN;
	else if ((at -= run->full) < 0)
		to.fate = FATE_FULL;
	else if ((at -= run->spam) < 0)
		to.fate = FATE_SPAM;
	else if ((at -= run->spam_later) < 0)
		to.fate = FATE_SPAM_LATER;
	return to;
}

static uint32_t run_sender(struct world *w, const struct run *run)
{
	if (!run->forged)
		return run->sender;
	return names_add(
	    &w->names[KEY_SENDER], "offer%u@forged.example", w->names[KEY_SENDER].count);
}

static void run_message(struct world *w, struct run *run)
{
	struct recipient to[RECIPIENTS_MAX];
	unsigned count = run->per_message;
	struct mail mail = {
	    .login = run->login, .client = NAME_NONE, .because = run->truth, .recipients = to};

	if ((int64_t)count > run->left)
		count = (unsigned)run->left;
	for (unsigned i = 0; i < count; i++)
		to[i] = target(w, run);
	mail.sender = run_sender(w, run);
	mail.count = count;
	if (run->client_count)
		mail.client = run->clients[dice_roll(&w->dice) % run->client_count];
	run->left -= count;
	for (unsigned i = 0; i < count && run->truth; i++)
		plan_hit(w, run->truth);
	mail_accept(w, &mail);
}

static void run_minute(struct world *w, uint32_t i)
{
	unsigned n = dice_poisson(&w->dice, w->runs[i].per_minute / w->runs[i].per_message);

	for (unsigned j = 0; j < n && w->runs[i].left > 0; j++)
		run_message(w, &w->runs[i]);
	w->runs[i].per_minute += w->runs[i].growth_per_minute;
}

static void runs_minute(struct world *w)
{
	for (uint32_t i = 0; i < w->run_count;) {
		run_minute(w, i);
		if (w->runs[i].left > 0 && w->now < w->runs[i].until)
			i++;
		else
			w->runs[i] = w->runs[--w->run_count];
	}
}

static void remember_burst(struct world *w, const struct sender *s, const struct run *run)
{
	int minutes = (int)((double)run->left / run->per_minute) + 1;

	if (w->good_count == w->good_room) {
		w->good_room = w->good_room * 2 + 64;
		w->good = memory_resize(w->good, w->good_room, sizeof(*w->good));
	}
	/* What it leaves in the queue may be looked at for some hours. */
	w->good[w->good_count++] = (struct good_burst){.login = s->login,
	    .client = s->client,
	    .sender = s->address,
	    .from = w->now,
	    .to = w->now + minutes + 6 * HOUR,
	    .size = (unsigned)run->left,
	    .per_minute = run->per_minute,
	    .unknown = run->unknown};
}

/* To `size` recipients, whose addresses are as good as lists are. */
static void good_run(struct world *w, const struct sender *s, unsigned size, double per_minute,
    unsigned per_message, double unknown)
{
	struct run *run = habits_run(w);

	run->by = s;
	run->left = size;
	run->per_minute = per_minute;
	run->per_message = per_message;
	run->unknown = unknown;
	run->full = dice_range(&w->dice, 0, .015);
	run->sender = s->address;
	run->login = s->login;
	run->client_count = s->client != NAME_NONE;
	run->clients[0] = s->client;
	remember_burst(w, s, run);
}

/* Something is broken that is watched, and the admin is told again and again. */
static void machine_run(struct world *w, const struct sender *s, unsigned size)
{
	char pair[100];

	snprintf(pair, sizeof(pair), "%.*s admin@office.example",
	    SLICE_ARGS(names_text(&w->names[KEY_SENDER], s->address)));
	repeat_note(w, pair, s->address, false, size);
	good_run(w, s, size, dice_range(&w->dice, 3, 15), 1, 0);
}

static void start_run(struct world *w, const struct sender *s)
{
	struct dice *dice = &w->dice;
	unsigned size = (unsigned)(s->size * dice_range(dice, .85, 1.2));

	if (s->habit == HABIT_NEWSLETTER)
		good_run(w, s, size, dice_range(dice, 20, 120), 1, dice_range(dice, .003, .03));
	else if (s->habit == HABIT_BILLING)
		good_run(w, s, size, dice_range(dice, 10, 60), 1, dice_range(dice, .005, .04));
	else if (s->habit == HABIT_GROUPS)
		good_run(w, s, size, dice_range(dice, 30, 200),
		    (unsigned)dice_between(dice, 40, 200), dice_range(dice, .005, .05));
	else if (s->habit == HABIT_MACHINE)
		machine_run(w, s, size);
}

/* Somebody who never did mails a list, perhaps an old one. */
static void first_time_list(struct world *w)
{
	struct dice *dice = &w->dice;
	const struct sender *s = &w->senders[dice_roll(dice) % WORLD_PEOPLE];

	if (w->now > DAY && dice_chance(dice, .55 / DAY) && !is_weekend(w) &&
	    office_hours[hour_of(w, 0)] > 2)
		good_run(w, s, (unsigned)dice_between(dice, 90, 600), dice_range(dice, 10, 200),
		    (unsigned)dice_between(dice, 1, 100), dice_range(dice, .01, .08));
}

/* ---- Habits ---- */

static void list_minute(struct world *w, const struct sender *s)
{
	unsigned n = dice_poisson(
	    &w->dice, in_minute(w, s->per_day * (is_weekend(w) ? .4 : 1), office_hours, 0));

	while (n-- > 0)
		good_run(
		    w, s, (unsigned)(s->size * dice_range(&w->dice, .95, 1)), 1000, s->size, .004);
}

static void sender_minute(struct world *w, const struct sender *s)
{
	bool by_day = s->habit <= HABIT_BILLING;
	double per_day = s->per_day * (by_day && is_weekend(w) ? .1 : 1);
	unsigned n;

	if (s->period && w->now >= s->phase && (w->now - s->phase) % s->period == 0)
		start_run(w, s);
	if (s->habit == HABIT_LIST) {
		list_minute(w, s);
		return;
	}
	n = dice_poisson(
	    &w->dice, in_minute(w, per_day, by_day ? office_hours : all_hours, s->shift));
	while (n-- > 0)
		send_one(w, s,
		    by_day && dice_chance(&w->dice, .25) ? (unsigned)dice_between(&w->dice, 2, 8)
							 : 1);
}

static void vacation(struct world *w, uint32_t domain)
{
	struct recipient to = {.domain = domain};

	if (w->now >= w->holiday_from && w->now < w->holiday_to &&
	    dice_chance(&w->dice, w->retirees))
		mail_accept(w, &(struct mail){.sender = w->null_sender,
				   .login = NAME_NONE,
				   .client = NAME_NONE,
				   .recipients = &to,
				   .count = 1});
}

static void outside_minute(struct world *w)
{
	struct dice *dice = &w->dice;
	double per_day = 1500 * w->busy * (is_weekend(w) ? .4 : 1);
	unsigned n = dice_poisson(dice, in_minute(w, per_day, all_hours, 0));

	while (n-- > 0) {
		struct recipient to = {.domain = w->local_domain};
		uint32_t i = (uint32_t)(dice_roll(dice) % 2000);

		to.fate = dice_chance(dice, .002) ? FATE_FULL : FATE_GOOD;
		mail_accept(w, &(struct mail){.sender = w->outside[i],
				   .login = NAME_NONE,
				   .client = w->outside_clients[i % 400],
				   .external = true,
				   .recipients = &to,
				   .count = 1});
		vacation(w, w->outside_domains[i]);
	}
}

static bool no_service(const struct world *w)
{
	const struct truth *throttled = w->acting[PLOT_THROTTLED];

	return throttled && throttled->strength <= .5;
}

void habits_minute(struct world *w)
{
	/* Where smtpd does not start, nothing comes in. */
	if (no_service(w))
		return;
	for (unsigned i = 0; i < WORLD_SENDERS; i++)
		sender_minute(w, &w->senders[i]);
	first_time_list(w);
	runs_minute(w);
	if (w->has_mailboxes)
		outside_minute(w);
	if (w->has_bots && dice_chance(&w->dice, .6))
		w->log_newest = w->now;
}
