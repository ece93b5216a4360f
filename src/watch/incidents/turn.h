/* What a kind of incident gets in a turn, and what several kinds ask: sums of the log's rates up to
 * now, counts of the queue, and what they remember from one turn to the next. */
#ifndef WATCH_INCIDENT_TURN_H
#define WATCH_INCIDENT_TURN_H

#include "postfix/diagnosis.h"
#include "watch/incidents/list.h"
#include "watch/incidents/peaks.h"

/* Samples of the spool's free room, one each INCIDENT_ROOM_STEP seconds for six hours, and the
 * least of each hour of a week. */
#define INCIDENT_ROOM_STEP 120
#define INCIDENT_ROOM_STEPS 181
#define INCIDENT_ROOM_HOURS 168
struct incident_room {
	int64_t at;			   /* of the newest sample; 0: none yet */
	int64_t free[INCIDENT_ROOM_STEPS]; /* the newest first; -1: not known */
	int64_t hour;
	int64_t least[INCIDENT_ROOM_HOURS]; /* the newest first; -1: not known */
};

/* What one service of Postfix has said that is wrong; as many services as a master.cf has. */
#define INCIDENT_SERVICES_MAX 64
#define INCIDENT_SERVICE_KEY 64
#define INCIDENT_SERVICE_QUOTE 256
struct incident_service {
	char key[INCIDENT_SERVICE_KEY];
	char kind;	     /* a class of text: see postfix.c */
	int64_t first, last; /* when it said so; of the run that goes on */
	uint32_t times;
	char quote[INCIDENT_SERVICE_QUOTE];
};

/* One a minute for half an hour: how many domains wait because of name service. */
#define INCIDENT_NAMES_STEPS 30

/* Of a queue: since when its oldest message is the same one. */
struct incident_stuck {
	int64_t arrival, since;
};

/* Sweeps over all keys of the rates: each is due again after so long, and one is enough for a turn,
 * unless it is that late. */
#define INCIDENT_SWEEP_AFTER 30
#define INCIDENT_SWEEP_LATE 60
enum incident_sweep {
	INCIDENT_SWEEP_LOGINS,
	INCIDENT_SWEEP_CLIENTS,
	INCIDENT_SWEEP_SENDERS,
	INCIDENT_SWEEP_HOSTS,
	INCIDENT_SWEEPS
};

struct incident_memory {
	int64_t swept[INCIDENT_SWEEPS]; /* when it was last done */
	struct incident_room bytes, inodes;
	struct incident_service services[INCIDENT_SERVICES_MAX];
	size_t service_count;
	int64_t names_at;
	int64_t names[INCIDENT_NAMES_STEPS]; /* the newest first; -1: not known */
	struct incident_stuck incoming, maildrop;
	int64_t active_at, active[6]; /* messages in active, one a minute, the newest first */
	int64_t queue_lost, log_lost, postfix_lost; /* since when it cannot be seen; 0: it can */
	int64_t learned_from; /* the first minute whose peaks were learned; 0: none */
	int64_t learned_to;   /* the end of the last one */
	int64_t took_to;      /* deliveries are noted up to here */
	/* The end of the last minute in which any domain took mail. What a content filter takes is
	 * counted in the total, and is no delivery. */
	int64_t last_delivery;
	int64_t first_turn; /* since when the rates are followed */
	/* When all of it was last out of order: no attempt before that says anything of its
	 * destination; and when a queue was last stuck. 0: never. */
	int64_t outage_end, stuck_end;
	int64_t pickup_end;  /* when maildrop was last stuck */
	int64_t service_end; /* when a service of our own was last down */
	bool outage;	     /* nothing got through since it was noticed */
	/* Whether mail moves while the log is silent. */
	int64_t silent_newest, silent_messages;
	unsigned silent_moves;
};

struct incident_turn {
	const struct incident_facts *facts;
	int64_t now; /* never runs back */
	int64_t to;  /* the end of the last minute of rates that counts */
	struct incident_list *list;
	struct incident_peaks *peaks;
	struct incident_memory *memory;
	unsigned counts_left;
	bool swept; /* a sweep was made in this turn */
	/* Of the last 30 minutes, all together. */
	struct rate_counts total;
};

/* Whether it is time for this sweep, which is made then. What is not looked at is not gone: the
 * time between two sweeps is short against INCIDENT_QUIET_AFTER. */
bool incident_sweep_is_due(struct incident_turn *turn, enum incident_sweep sweep);
/* Sums of the last `seconds` (a multiple of 60). */
struct rate_counts incident_rates(
    const struct incident_turn *turn, enum rate_kind kind, struct slice key, int64_t seconds);
/* Attempts that failed, and all that had a result. */
uint64_t incident_failing(const struct rate_counts *counts);
uint64_t incident_attempts(const struct rate_counts *counts);
/* Messages of the queue that meet all terms; -1: not known, or asked too often in this turn. */
int64_t incident_count(struct incident_turn *turn, const struct incident_term *terms, size_t count);

/* How many messages that meet `term` are also the `other` incident's. `known` (may be NULL) keeps
 * what was counted last, and is asked first: one count serves for some minutes. */
#define INCIDENT_SHARED_FOR 120
int64_t incident_count_shared(struct incident_turn *turn, struct incident_item *known,
    const struct incident *other, const struct incident_term *term);

/* The diagnosis of a cell or group; NULL: none. */
const struct diagnosis *incident_diagnosis(struct slice cause);
bool incident_is_family(struct slice cause, enum diagnosis_family family);
/* What waits for causes of a family: messages, and how many domains, and the cause with
 * the most messages (NULL: none). */
struct incident_waiting {
	int64_t messages, domains;
	const struct incident_group *largest;
};
struct incident_waiting incident_waiting(
    const struct incident_facts *facts, enum diagnosis_family family);
/* Attempts that failed in the last `seconds` for causes of a family. */
uint64_t incident_family_rate(
    const struct incident_turn *turn, enum diagnosis_family family, int64_t seconds);
/* One reply of a family, of the cell with the most messages; empty: none. */
struct slice incident_family_quote(
    const struct incident_facts *facts, enum diagnosis_family family);
/* "(cause:=a or cause:=b)" of the causes of a family that anything waits for. */
void incident_family_filter(
    const struct incident_facts *facts, enum diagnosis_family family, struct buffer *out);

/* Domains that were tried and failed in the last `seconds`, though they took mail within a day, for
 * reasons that are not their own; counted up to INCIDENT_OUTAGE_DOMAINS. So many at once, and no
 * success of any, may be our own trouble. */
#define INCIDENT_OUTAGE_DOMAINS 3
unsigned incident_tried_domains(const struct incident_turn *turn, int64_t seconds);

/* A count of a fact within what can be shown: -1 stays unknown. */
int64_t incident_number(uint64_t count);

#endif
