/* What is not mail: the disk of the spool with its saw teeth, and the state of the log. */
#include "world.h"

/* Shares of the free space. */
#define DIP_MIN .02
#define DIP_MAX .07

void host_create(struct world *w)
{
	struct dice *dice = &w->dice;

	w->bytes = dice_scale(dice, 15e9, 500e9);
	w->bytes_free = w->bytes * dice_range(dice, .25, .75);
	/* What a day of logs takes. */
	w->log_growth = w->bytes * dice_range(dice, .003, .06) / DAY;
	w->inodes = w->bytes / 16384;
	w->inodes_free = w->inodes * dice_range(dice, .4, .95);
	w->minfree = dice_chance(dice, .5) ? 0 : 100000000;
	w->pid = 1000;
}

static void rotate(struct world *w)
{
	w->log_grown += w->log_growth * dice_range(&w->dice, .5, 1.5);
	/* Once a day, at 6:25, the logs of the day are packed. */
	if (w->now % DAY == 6 * HOUR + 25)
		w->log_grown *= .15;
	/* Something writes a large file and removes it. */
	if (w->dip_until < w->now && dice_chance(&w->dice, 1.5 / DAY)) {
		w->dip = w->bytes_free * dice_range(&w->dice, DIP_MIN, DIP_MAX);
		w->dip_until = w->now + (int)dice_between(&w->dice, 3, 25);
	}
	if (w->now >= w->dip_until)
		w->dip = 0;
}

/* A disk that fills is told when it will be full within six hours. */
static void fill(struct world *w, struct truth *t)
{
	if (t->to - w->now <= 6 * HOUR)
		plan_hit(w, t);
}

static void flush(struct world *w)
{
	if (w->now < w->play || !dice_chance(&w->dice, .7 / DAY))
		return;
	w->flushed = 0;
	w->flush_until = w->now + (int)dice_between(&w->dice, 2, 4);
	mail_flush(w);
}

static void blind(struct world *w)
{
	static const enum plot plots[] = {PLOT_LOG_UNREAD, PLOT_LOG_SILENT, PLOT_SOURCE};

	for (unsigned i = 0; i < sizeof(plots) / sizeof(*plots); i++)
		if (w->acting[plots[i]])
			plan_hit(w, w->acting[plots[i]]);
}

void host_minute(struct world *w)
{
	rotate(w);
	flush(w);
	blind(w);
	if (w->acting[PLOT_DISK])
		fill(w, w->acting[PLOT_DISK]);
	if (w->acting[PLOT_INODES])
		fill(w, w->acting[PLOT_INODES]);
	if (w->acting[PLOT_ACTIVE_FULL] && w->now >= w->acting[PLOT_ACTIVE_FULL]->from + 25)
		plan_hit(w, w->acting[PLOT_ACTIVE_FULL]);
}
