/* What the queues themselves tell: mail about to expire, nothing delivered, queues that nobody
 * empties, and mail on hold that was forgotten. */
#include "watch/incidents/kinds.h"

#include "watch/incidents/words.h"

/* Messages about to expire: a few are every day's. */
#define EXPIRING_LEAST 20
/* Nothing delivered for so long, though it was tried so often, and mail came in or several domains
 * that took mail within a day were tried: at night a few dead domains alone are tried again. */
#define NOTHING_FOR 900
#define NOTHING_ATTEMPTS 10
#define NOTHING_RECEIVED 5
/* The same as a suspicion, at once. */
#define NOTHING_NOW 120
/* The oldest message of a queue that should be empty is the same for so long. Pickup looks every
 * minute; the queue manager at once. */
#define STUCK_INCOMING 300
#define STUCK_MAILDROP 300
/* Of qmgr_message_active_limit. */
#define ACTIVE_PERCENT 95
#define ACTIVE_KEEP_PERCENT 80
/* On hold for more than a day and not by us: from so many on, look at it. */
#define HELD_LEAST 1
#define HELD_WATCH 100

static void put_senders(struct incident_claim *claim, const struct incident_groups *senders)
{
	for (size_t i = 0; i < senders->count && i < 4; i++) {
		BUFFER_AUTO struct buffer who = {0};
		struct said_value messages =
		    said_number("count", (int64_t)senders->items[i].messages);
		bool null = senders->items[i].key.len == 0 || slice_is(senders->items[i].key, "<>");
		incident_words_put(&who, senders->items[i].key, INCIDENT_KEY_SHOWN);
		if (null)
			incident_claim_evidence(
			    claim, SLICE(""), SAID_INCIDENT_EXPIRING_NOTICES, 1, messages);
		else
			incident_claim_evidence(claim, SLICE(""), SAID_INCIDENT_EXPIRING_SENDER, 2,
			    said_text("sender", buffer_slice(&who)), messages);
	}
}

void incident_tell_expiring(struct incident_turn *turn)
{
	int64_t expiring = turn->facts->expiring;
	bool open =
	    incident_list_find(turn->list, INCIDENT_EXPIRING, INCIDENT_OF_NONE, SLICE("")) != NULL;
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_EXPIRING, INCIDENT_OF_NONE, SLICE(""));

	if (expiring < (open ? EXPIRING_LEAST / 2 : EXPIRING_LEAST))
		return;
	claim.messages = expiring;
	claim.actions = INCIDENT_DO_LIFETIME | INCIDENT_DO_RETRY;
	buffer_append_string(&claim.filter, "expires<6h");
	said_put(&claim.title, SAID_INCIDENT_EXPIRING, 1, said_number("count", expiring));
	said_put(&claim.text, SAID_INCIDENT_EXPIRING_TEXT, 0);
	put_senders(&claim, &turn->facts->expiring_senders);
	incident_list_claim(turn->list, &claim, turn->now);
}

/* ---- Nothing delivered ---- */

/* What a flush makes of mail that we hold back: Postfix finds no such transport, on purpose. */
static uint64_t paused_attempts(const struct incident_turn *turn)
{
	const struct incident_groups *causes = &turn->facts->causes;
	struct rate_counts counts;

	for (size_t i = 0; i < causes->count; i++) {
		if (!slice_is(causes->items[i].key, "paused"))
			continue;
		counts =
		    incident_rates(turn, RATE_CAUSE, SLICE("transport-unavailable"), NOTHING_FOR);
		return incident_failing(&counts);
	}
	return 0;
}

static uint64_t telling_attempts(const struct incident_turn *turn, const struct rate_counts *counts)
{
	uint64_t own = incident_family_rate(turn, DIAGNOSIS_FAMILY_FULL, NOTHING_FOR) +
		       incident_family_rate(turn, DIAGNOSIS_FAMILY_RECIPIENT, NOTHING_FOR) +
		       incident_family_rate(turn, DIAGNOSIS_FAMILY_LATER, NOTHING_FOR) +
		       paused_attempts(turn);
	uint64_t failing = incident_failing(counts);

	return failing > own ? failing - own : 0;
}

/* Several domains that take mail are tried, and not one takes any: it may be us, so single
 * destinations are not blamed until something gets through. */
static void notice_outage(struct incident_turn *turn)
{
	struct incident_memory *memory = turn->memory;
	struct rate_counts counts = incident_rates(turn, RATE_TOTAL, SLICE(""), NOTHING_NOW);

	if (memory->last_delivery > turn->to - NOTHING_NOW)
		memory->outage = false;
	else if (incident_failing(&counts) > 0 &&
		 incident_tried_domains(turn, NOTHING_NOW) >= INCIDENT_OUTAGE_DOMAINS)
		memory->outage = true;
	if (memory->outage)
		memory->outage_end = turn->to;
}

void incident_tell_nothing_delivered(struct incident_turn *turn)
{
	struct rate_counts counts = incident_rates(turn, RATE_TOTAL, SLICE(""), NOTHING_FOR);
	int64_t waiting = turn->facts->counts[QUEUE_DEFERRED] + turn->facts->counts[QUEUE_ACTIVE];
	bool open = incident_list_find(turn->list, INCIDENT_NOTHING_DELIVERED, INCIDENT_OF_NONE,
			SLICE("")) != NULL;
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_NOTHING_DELIVERED, INCIDENT_OF_NONE, SLICE(""));

	if (turn->memory->first_turn == 0)
		turn->memory->first_turn = turn->now;
	notice_outage(turn);
	if (turn->memory->last_delivery > turn->to - NOTHING_FOR || waiting <= 0 ||
	    telling_attempts(turn, &counts) < (open ? 1 : NOTHING_ATTEMPTS))
		return;
	/* What was before we looked may have been a success. */
	if (!open && (turn->now - turn->memory->first_turn < NOTHING_FOR ||
			 (counts.n[RATE_RECEIVED] < NOTHING_RECEIVED &&
			     incident_tried_domains(turn, NOTHING_FOR) < INCIDENT_OUTAGE_DOMAINS)))
		return;
	turn->memory->outage = true;
	claim.severity = INCIDENT_ACT;
	claim.since = turn->to - NOTHING_FOR;
	claim.messages = waiting;
	claim.actions = INCIDENT_DO_FLUSH;
	buffer_append_string(&claim.filter, "(queue:deferred or queue:active)");
	said_put(&claim.title, SAID_INCIDENT_NOTHING, 0);
	said_put(&claim.text, SAID_INCIDENT_NOTHING_TEXT, 0);
	incident_claim_evidence(&claim, SLICE(""), SAID_INCIDENT_NOTHING_FAILED, 1,
	    said_number("failed", (int64_t)incident_failing(&counts)));
	incident_list_claim(turn->list, &claim, turn->now);
}

/* ---- Queues that should be empty ---- */

/* `end` is set to now while it is stuck. */
static void tell_stuck(struct incident_turn *turn, enum queue queue, struct incident_stuck *stuck,
    int64_t *end, int64_t after, enum said_code title, enum said_code text)
{
	int64_t oldest = turn->facts->oldest[queue], count = turn->facts->counts[queue];
	INCIDENT_CLAIM_AUTO struct incident_claim claim = incident_claim_begin(
	    INCIDENT_INCOMING_OLD, INCIDENT_OF_SERVICE, slice_of(queue_name(queue)));

	if (count <= 0 || oldest <= 0) {
		*stuck = (struct incident_stuck){0};
		return;
	}
	/* Arrival alone says nothing: what was re-queued keeps its own. */
	if (stuck->arrival != oldest || stuck->since > turn->now)
		*stuck = (struct incident_stuck){oldest, turn->now};
	if (turn->now - stuck->since < after)
		return;
	*end = turn->now;
	claim.severity = INCIDENT_ACT;
	claim.since = stuck->since;
	claim.messages = count;
	buffer_printf(&claim.filter, "queue:%s", queue_name(queue));
	said_put(&claim.title, title, 0);
	said_put(&claim.text, text, 0);
	incident_claim_evidence(&claim, SLICE(""), SAID_INCIDENT_STUCK, 2,
	    said_number("count", count), said_number("minutes", (turn->now - stuck->since) / 60));
	incident_list_claim(turn->list, &claim, turn->now);
}

void incident_tell_old_queues(struct incident_turn *turn)
{
	struct incident_memory *memory = turn->memory;

	tell_stuck(turn, QUEUE_INCOMING, &memory->incoming, &memory->stuck_end, STUCK_INCOMING,
	    SAID_INCIDENT_INCOMING, SAID_INCIDENT_INCOMING_TEXT);
	tell_stuck(turn, QUEUE_MAILDROP, &memory->maildrop, &memory->pickup_end, STUCK_MAILDROP,
	    SAID_INCIDENT_MAILDROP, SAID_INCIDENT_MAILDROP_TEXT);
}

void incident_tell_active_full(struct incident_turn *turn)
{
	int64_t active = turn->facts->counts[QUEUE_ACTIVE], limit = turn->facts->active_limit;
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_ACTIVE_FULL, INCIDENT_OF_NONE, SLICE(""));

	if (limit <= 0 || active * 100 < limit * ACTIVE_KEEP_PERCENT || active <= 0)
		return;
	claim.keeps_only = active * 100 < limit * ACTIVE_PERCENT;
	turn->memory->stuck_end = turn->now;
	claim.severity = INCIDENT_ACT;
	claim.messages = active;
	buffer_append_string(&claim.filter, "queue:active");
	said_put(&claim.title, SAID_INCIDENT_ACTIVE_FULL, 0);
	said_put(&claim.text, SAID_INCIDENT_ACTIVE_FULL_TEXT, 0);
	claim.actions = INCIDENT_DO_HOLD;
	incident_claim_evidence(&claim, SLICE(""), SAID_INCIDENT_ACTIVE_OF, 2,
	    said_number("active", active), said_number("limit", limit));
	incident_list_claim(turn->list, &claim, turn->now);
}

void incident_tell_held(struct incident_turn *turn)
{
	int64_t held = turn->facts->held_long;
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_HELD_FORGOTTEN, INCIDENT_OF_NONE, SLICE(""));

	if (held < HELD_LEAST)
		return;
	claim.severity = held >= HELD_WATCH ? INCIDENT_WATCH : INCIDENT_NOTE;
	claim.messages = held;
	claim.actions = INCIDENT_DO_RELEASE | INCIDENT_DO_DELETE | INCIDENT_DO_BOUNCE;
	buffer_append_string(&claim.filter, "queue:hold age>1d -deleting:yes");
	said_put(&claim.title, SAID_INCIDENT_HELD, 1, said_number("count", held));
	said_put(&claim.text, SAID_INCIDENT_HELD_TEXT, 0);
	incident_claim_evidence(
	    &claim, SLICE(""), SAID_INCIDENT_HELD_COUNT, 1, said_number("count", held));
	incident_list_claim(turn->list, &claim, turn->now);
}
