/* Where a route stands with each incident. */
#ifndef WATCH_ALERTS_STANDINGS_H
#define WATCH_ALERTS_STANDINGS_H

#include "base/buffer.h"
#include "base/cursor.h"
#include "store/alert_rows.h"

/* Remembered over restarts: append only. */
enum standing_phase {
	STANDING_UNTOLD,  /* it is open, and not to be told now: at this time of the day, put aside,
			   * silenced, explained by another */
	STANDING_PENDING, /* it is to be told, when its group, quiet hours and the limit let it */
	STANDING_TOLD,	  /* it was told, as severe as `told` says */
	STANDING_ENDING,  /* it has ended, which is to be told */
	STANDING_OVER,	  /* it has ended, and nothing is to be told any more */
	STANDING_PHASES
};

struct standing {
	int64_t incident;
	enum standing_phase phase;
	int kind;
	uint64_t subject; /* of kind and key: the like has the same */
	char *title;	  /* of one that is no longer in the list */
	int told;	  /* the severity that was told; -1: none in this round */
	int severity;	  /* as it was last seen */
	uint32_t round;	  /* it had ended, and came back so often */
	uint32_t repeats;
	int64_t since;	 /* pending, ending: since then */
	int64_t told_at; /* when it was last told; 0 */
	int64_t ended;	 /* 0: it has not */
	int64_t silence; /* the silence that was noted in the outbox; 0 */
	bool held;	 /* it was held back: it is told with others that were */
	/* Only of this turn. */
	bool seen, aside, ready;
	const struct incident_row *row; /* NULL: it is no longer in the list */
};

/* What comes and goes under one subject. */
struct standing_recent {
	uint64_t subject;
	uint32_t times; /* that it was told as new, each within ALERTS_FLAP_SECONDS */
	int64_t last;
};

struct route {
	char rule[ALERT_ID_MAX + 1], channel[ALERT_ID_MAX + 1];
	struct standing *items; /* by the incident's number */
	size_t count;
	struct standing_recent *recent; /* by subject */
	size_t recent_count;
	bool seen;
};

void route_clear(struct route *route);
/* NULL where there is none, or no room. */
struct standing *route_find(const struct route *route, int64_t incident);
struct standing *route_add(struct route *route, int64_t incident);
/* The one function that changes a phase. */
void standing_move(struct standing *standing, enum standing_phase to);
/* Forgets those that are over for longer than what comes and goes is watched. */
void route_forget(struct route *route, int64_t now);

/* Of kind and key; the same in every run of the program. */
uint64_t standing_subject(int kind, struct slice key);
/* It was told as new. */
void route_note_fired(struct route *route, uint64_t subject, int64_t now);
/* How often the like was told lately; 0: not. */
uint32_t route_fired(const struct route *route, uint64_t subject, int64_t now);
/* It has come so often that it must wait, though it is told. */
bool route_flaps(const struct route *route, uint64_t subject, int64_t now);

/* A clock that was wrong has put something into the future. */
void route_clamp(struct route *route, int64_t now);

/* A name of a rule or a channel. */
void standing_take_id(struct cursor *c, char id[ALERT_ID_MAX + 1]);
void route_put(struct buffer *out, const struct route *route);
/* What is wrong fails the cursor; `route` can be cleared all the same. */
void route_take(struct cursor *c, struct route *route);

#endif
