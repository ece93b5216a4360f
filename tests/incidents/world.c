/* One world: made from its seed, then minute after minute. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A Monday, midnight; worlds begin up to four weeks after it. */
#define FIRST_MONDAY 1767571200

static void circumstances(struct world *w)
{
	struct dice *dice = &w->dice;
	double life = dice_unit(dice);

	w->has_filter = dice_chance(dice, .5);
	w->has_mailboxes = dice_chance(dice, .6);
	w->has_bots = dice_chance(dice, .7);
	w->filter_tells = dice_chance(dice, .5);
	w->busy = dice_scale(dice, .4, 2.5);
	w->lifetime = life < .35 ? DAY : life < .6 ? 2 * DAY : 5 * DAY;
	w->retirees = dice_chance(dice, .4) ? dice_range(dice, .1, .5) : 0;
	w->holiday_from = (int)dice_between(dice, w->play - 2 * DAY, w->minutes);
	w->holiday_to = w->holiday_from + (int)dice_between(dice, 1, 5) * DAY;
}

struct world *world_create(uint64_t seed, int past_days, int play_days)
{
	struct world *w = memory_zero(1, sizeof(*w));

	w->dice.state = seed * 0x2545f4914f6cdd1dULL;
	w->start_s = FIRST_MONDAY + dice_between(&w->dice, 0, 27) * 86400;
	w->play = past_days * DAY;
	w->minutes = w->play + play_days * DAY;
	w->free_message = UINT32_MAX;
	w->due = memory_alloc((size_t)w->minutes * sizeof(*w->due));
	memset(w->due, 0xff, (size_t)w->minutes * sizeof(*w->due));
	circumstances(w);
	people_create(w);
	w->known_providers = w->names[KEY_PROVIDER].count;
	w->provider_trouble = memory_zero(w->known_providers, sizeof(*w->provider_trouble));
	host_create(w);
	plan_create(w);
	w->now = -1;
	return w;
}

void world_free(struct world *w)
{
	for (uint32_t i = 0; i < w->message_count; i++)
		free(w->messages[i].recipients);
	for (int i = 0; i < KEYS; i++)
		names_free(&w->names[i]);
	for (int i = 0; i < RATE_KINDS; i++) {
		free(w->counts[i].of);
		free(w->counts[i].touched);
	}
	free(w->domains);
	free(w->reach);
	free(w->provider_trouble);
	free(w->runs);
	free(w->messages);
	free(w->due);
	free(w->met);
	free(w->good);
	free(w);
}

bool world_minute(struct world *w)
{
	if (++w->now >= w->minutes)
		return false;
	counts_clear(w);
	plan_minute(w);
	host_minute(w);
	habits_minute(w);
	mail_minute(w);
	return true;
}

/* A minute is told when it is over. */
int64_t world_now_s(const struct world *w)
{
	return w->start_s + ((int64_t)w->now + 1) * 60;
}
