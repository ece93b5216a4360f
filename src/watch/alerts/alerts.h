/* Which incidents are told to whom, when, and together with which. Pure: what is set, the list of
 * incidents and the time go in, messages come out; no I/O and no clock. The same in the same order
 * gives the same messages.
 *
 * A rule tells each of its channels by itself: that pair is a route. For each incident that a rule
 * means a route remembers where it stands with it (standings.h). So a channel is told of each state
 * of an incident once, whatever happens between: that it is there, that it became worse, that it
 * has ended.
 *
 * Whoever owns it takes a turn after each turn of the incidents, writes what comes out into the
 * outbox together with what must be remembered, in one transaction, and only then sends it.
 * docs/decisions/alerts.md says why each rule is as it is. */
#ifndef WATCH_ALERTS_ALERTS_H
#define WATCH_ALERTS_ALERTS_H

#include "watch/alerts/message.h"

/* What comes and goes: after so many times, each within ALERTS_FLAP_SECONDS of the one before, the
 * like is told as new at most once in ALERTS_FLAP_PAUSE. */
#define ALERTS_FLAP_TIMES 4
#define ALERTS_FLAP_SECONDS 21600
#define ALERTS_FLAP_PAUSE 3600
/* Incidents that a route remembers, and subjects that have come and gone there. */
#define ALERTS_STANDINGS_MAX 20000
#define ALERTS_RECENT_MAX 4096
/* Of what is remembered; more is not written, and what was told may be told again. */
#define ALERTS_STATE_MAX ((size_t)8 << 20)

struct alerts;

struct alerts *alerts_create(void);
/* Accepts a pointer to NULL. */
void alerts_destroy(struct alerts **alerts);

struct alerts_facts {
	int64_t now; /* Unix seconds */
	/* Those that are open, and those that have ended lately. */
	const struct incident_row *const *incidents;
	size_t count;
	/* So much waits for that channel that no more is to be added: what comes meanwhile is told
	 * together later. NULL: none is. */
	bool (*is_full)(void *context, const char *channel);
	void *context;
};

/* One turn. A `now` before the last turn's by less than an hour is taken as the last turn's; one
 * further back says that the clock was wrong, and what it put into the future is taken as of now.
 */
void alerts_turn(
    struct alerts *alerts, const struct alert_setup *setup, const struct alerts_facts *facts);

/* What the last turn gave, in the order in which it is to be sent. Valid until the next. */
size_t alerts_count(const struct alerts *alerts);
const struct alerts_message *alerts_at(const struct alerts *alerts, size_t i);

/* Whether `channel` was told of it, by whatever rule, and not of its end. */
bool alerts_is_told(const struct alerts *alerts, const char *channel, int64_t incident);

/* Counts changes of what must be remembered. */
uint64_t alerts_version(const struct alerts *alerts);
/* Restoring takes anything: what cannot be read is as if it had never been, and false. */
void alerts_save(const struct alerts *alerts, struct buffer *out);
bool alerts_restore(struct alerts *alerts, struct slice bytes);

#endif
