/* The life of incidents. A kind makes a claim in each turn in which it sees evidence; the list
 * opens an incident, keeps it, lets it go quiet, and ends it. What a kind does not claim for a
 * while goes quiet, so that nothing flaps: at most two changes of state in INCIDENT_QUIET_AFTER. */
#ifndef WATCH_INCIDENT_LIST_H
#define WATCH_INCIDENT_LIST_H

#include "base/said.h"
#include "watch/incidents/incidents.h"

/* Seconds without evidence until an incident is quiet, and until it has ended. Five minutes is
 * Postfix's first retry: a destination that is dead says so again by then. */
#define INCIDENT_QUIET_AFTER 300
#define INCIDENT_END_AFTER 1800
/* Longer keys are nobody's: a login has at most a thousand bytes. */
#define INCIDENT_KEY_MAX 4096
/* Of a saved text. */
#define INCIDENT_TEXT_MAX 8192
/* Bytes of the list that are saved: hundreds of incidents of common size. */
#define INCIDENT_LIST_SAVED_MAX ((size_t)1 << 20)
/* So many incidents are never opened: JavaScript counts no higher without gaps. */
#define INCIDENT_ID_MAX ((uint64_t)1 << 53)
/* Times are taken as within [0, this], so that no sum of them overflows: the year 36812. */
#define INCIDENT_TIME_MAX ((int64_t)1 << 40)
/* The same of bytes and inodes of a file system. */
#define INCIDENT_ROOM_MAX ((int64_t)1 << 55)
/* Growth is told over an hour, by samples so far apart. */
#define INCIDENT_GROWTH_STEP 300
#define INCIDENT_GROWTH_STEPS 13

/* What a kind says in one turn. Begun by incident_claim_begin, filled in by the kind, handed to
 * incident_list_claim, and freed by INCIDENT_CLAIM_AUTO. */
struct incident_claim {
	enum incident_kind kind;
	enum incident_subject subject;
	struct slice key; /* lives until the claim is made */
	const char *cause_key;
	enum incident_severity severity;
	bool keeps_only;	 /* evidence enough to keep an incident open, not to open one */
	int64_t since, messages; /* messages -1: not known */
	unsigned actions;
	struct said title, text, baseline;
	struct buffer filter;
	struct incident_claim_evidence {
		struct said said;
		struct slice quote;
	} evidence[INCIDENT_EVIDENCE_MAX];
	size_t evidence_count;
};

struct incident_item {
	struct incident shown;
	int64_t seen; /* when it was last claimed */
	/* Messages every INCIDENT_GROWTH_STEP seconds, the newest first; -1: not known. */
	int64_t growth_at, growth[INCIDENT_GROWTH_STEPS];
	int64_t point_hour;
	/* How many of its messages another incident has too, when that was last counted: each turn
	 * has few counts to ask for. */
	uint64_t shared_with;
	int64_t shared, shared_at;
	int64_t counted_at; /* when its own messages were last counted */
};

struct incident_list {
	struct incident_item *items[INCIDENTS_MAX]; /* in the order in which they are shown */
	size_t count;
	uint64_t next_id, version;
};

struct incident_claim incident_claim_begin(
    enum incident_kind kind, enum incident_subject subject, struct slice key);
/* A line of evidence with `count` values (struct said_value), which are harmless already
 * (incident_words_put); more lines than INCIDENT_EVIDENCE_MAX are left out. `quote` may be empty.
 */
void incident_claim_evidence(
    struct incident_claim *claim, struct slice quote, enum said_code says, size_t count, ...);
/* Its filter: what it is about, and where `cause` is not empty, that cause too. */
void incident_claim_filter(struct incident_claim *claim, struct slice cause);
void incident_claim_free(struct incident_claim *claim);
#define INCIDENT_CLAIM_AUTO __attribute__((cleanup(incident_claim_free)))

/* Takes a claim: the incident that it is about, now open or still quiet; NULL where it keeps only
 * what is not there, or where the list is full of what is worse. */
struct incident_item *incident_list_claim(
    struct incident_list *list, const struct incident_claim *claim, int64_t now);
/* The incident of this kind about this; NULL where there is none that is open or quiet. */
struct incident_item *incident_list_find(const struct incident_list *list, enum incident_kind kind,
    enum incident_subject subject, struct slice key);
/* Before the claims of a turn: drops what has ended. */
void incident_list_begin(struct incident_list *list);
/* What could not be seen in this turn is not gone: its time stands still. */
void incident_list_blind(struct incident_list *list, unsigned kinds, int64_t now);
/* After the claims of a turn: lets go quiet and end what was not claimed, measures growth, sorts.
 */
void incident_list_settle(struct incident_list *list, int64_t now);
/* The clock was wrong and is right again: what lies in the future is of `now`. */
void incident_list_mend(struct incident_list *list, int64_t now);
void incident_list_free(struct incident_list *list);

/* Open and quiet incidents. Restoring adds to an empty list; false where the bytes are none of
 * incident_list_save: what was read before the fault stays. */
void incident_list_save(const struct incident_list *list, struct buffer *out);
bool incident_list_restore(struct incident_list *list, struct cursor *c);

#endif
