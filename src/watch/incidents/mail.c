/* Mail that should not be: what goes round, and notices to people who never wrote. */
#include "watch/incidents/kinds.h"

#include "watch/incidents/words.h"

/* The same message ID of the same sender so often in half an hour. A content filter doubles it and
 * a list makes three of it; a list that writes to each member by himself has another sender for
 * each. */
#define LOOP_TIMES 12
/* A pair of addresses, both ways: two programs that answer each other. */
#define LOOP_PAIR_TIMES 20
/* Messages, or attempts in half an hour, that say "goes in a circle" or "too many hops". */
#define LOOP_LEAST 5
/* So many senders are named and counted. */
#define LOOP_NAMED 4

/* Mail of the null sender: so many in half an hour, so large a part of all arrivals, to so many
 * domains, and so much of it fails. Absence replies go to those who wrote, and arrive. */
#define BACKSCATTER_LEAST 30
#define BACKSCATTER_PERCENT 30
#define BACKSCATTER_DOMAINS 10
#define BACKSCATTER_FAILING 8
#define BACKSCATTER_FAILING_PERCENT 20

/* The same two addresses the other way round are among the repeats, too. */
static bool is_answered(const struct incident_facts *facts, const struct incident_repeat *pair)
{
	ptrdiff_t blank = slice_find_char(pair->text, ' ');
	BUFFER_AUTO struct buffer back = {0};

	if (blank <= 0)
		return false;
	buffer_append_slice(&back, slice_from(pair->text, (size_t)blank + 1));
	buffer_append_char(&back, ' ');
	buffer_append_slice(&back, slice_first(pair->text, (size_t)blank));
	for (size_t i = 0; i < facts->repeat_count; i++)
		if (!facts->repeats[i].message_id &&
		    facts->repeats[i].times >= LOOP_PAIR_TIMES / 2 &&
		    slice_equal_nocase(facts->repeats[i].text, buffer_slice(&back)))
			return true;
	return false;
}

static bool is_loop(const struct incident_facts *facts, const struct incident_repeat *repeat)
{
	if (repeat->sender.len == 0)
		return false;
	return repeat->message_id ? repeat->times >= LOOP_TIMES
				  : repeat->times >= LOOP_PAIR_TIMES && is_answered(facts, repeat);
}

/* One circle takes in all who write to it, so there is one incident, which names them. */
static void put_loopers(struct incident_turn *turn, struct incident_claim *claim)
{
	const struct incident_facts *facts = turn->facts;
	int64_t messages = 0;
	unsigned named = 0;

	for (size_t i = 0; i < facts->repeat_count && named < LOOP_NAMED; i++) {
		const struct incident_repeat *repeat = &facts->repeats[i];
		const struct incident_term term = {INCIDENT_OF_SENDER, repeat->sender};
		BUFFER_AUTO struct buffer filter = {0};
		int64_t count;
		if (!is_loop(facts, repeat) || !incident_terms_filter(&filter, &term, 1) ||
		    slice_find(buffer_slice(&claim->filter), buffer_slice(&filter)) >= 0)
			continue;
		buffer_append_string(&claim->filter, claim->filter.len > 0 ? " or " : "");
		buffer_append_slice(&claim->filter, buffer_slice(&filter));
		incident_claim_evidence(claim, repeat->text, SAID_INCIDENT_LOOP_SEEN, 1,
		    said_number("times", repeat->times));
		count = incident_count(turn, &term, 1);
		messages = count < 0 || messages < 0 ? -1 : messages + count;
		named++;
	}
	if (named > 0)
		claim->messages = messages;
}

void incident_tell_loops(struct incident_turn *turn)
{
	struct incident_waiting waiting = incident_waiting(turn->facts, DIAGNOSIS_FAMILY_LOOP);
	uint64_t times = incident_family_rate(turn, DIAGNOSIS_FAMILY_LOOP, 1800);
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_LOOP, INCIDENT_OF_NONE, SLICE(""));

	put_loopers(turn, &claim);
	if (times < LOOP_LEAST && claim.evidence_count == 0)
		return;
	if (times >= LOOP_LEAST)
		incident_claim_evidence(&claim,
		    incident_family_quote(turn->facts, DIAGNOSIS_FAMILY_LOOP),
		    SAID_INCIDENT_LOOP_ENDED, 1, said_number("times", (int64_t)times));
	if (claim.filter.len == 0) {
		claim.messages = waiting.messages;
		incident_family_filter(turn->facts, DIAGNOSIS_FAMILY_LOOP, &claim.filter);
	}
	claim.severity = INCIDENT_ACT;
	claim.cause_key =
	    waiting.largest != NULL ? incident_diagnosis(waiting.largest->key)->key : "mail-loop";
	claim.actions = INCIDENT_DO_HOLD | INCIDENT_DO_DELETE | INCIDENT_DO_HELP;
	said_put(&claim.title, SAID_INCIDENT_LOOP, 0);
	said_put(&claim.text, SAID_INCIDENT_LOOP_TEXT, 0);
	incident_list_claim(turn->list, &claim, turn->now);
}

static bool is_backscatter(
    const struct incident_turn *turn, const struct rate_counts *null, bool open)
{
	uint64_t received = null->n[RATE_RECEIVED], failing = incident_failing(null);
	uint32_t least = open ? BACKSCATTER_LEAST / 2 : BACKSCATTER_LEAST;
	uint32_t percent = open ? BACKSCATTER_PERCENT / 2 : BACKSCATTER_PERCENT;
	/* Old notices are tried for days and fail each time: of the new ones some must, too. Half
	 * as many, as a filter that passes no ID on makes each new one arrive, and be handed on,
	 * twice.
	 */
	uint32_t percent_new = open ? 0 : BACKSCATTER_FAILING_PERCENT / 2;
	struct rate_counts ten = incident_rates(turn, RATE_SENDER, SLICE("<>"), 600);
	struct rate_counts all = incident_rates(turn, RATE_TOTAL, SLICE(""), 600);

	if (received < least || received * 100 < (uint64_t)turn->total.n[RATE_RECEIVED] * percent)
		return false;
	/* It goes on: what bounced an hour ago is tried for days. */
	if (!open &&
	    (uint64_t)ten.n[RATE_RECEIVED] * 100 < (uint64_t)all.n[RATE_RECEIVED] * percent)
		return false;
	if (turn->facts->null_sender_domains >= 0 &&
	    turn->facts->null_sender_domains < (open ? 1 : BACKSCATTER_DOMAINS))
		return false;
	return failing >= BACKSCATTER_FAILING &&
	       failing * 100 >= incident_attempts(null) * BACKSCATTER_FAILING_PERCENT &&
	       received * (100 - percent_new) >= (uint64_t)null->n[RATE_DELIVERED] * 100;
}

void incident_tell_backscatter(struct incident_turn *turn)
{
	struct incident_term term = {INCIDENT_OF_SENDER, SLICE("<>")};
	struct rate_counts null = incident_rates(turn, RATE_SENDER, term.value, 1800);
	bool open =
	    incident_list_find(turn->list, INCIDENT_BACKSCATTER, term.field, term.value) != NULL;
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_BACKSCATTER, term.field, term.value);

	/* What keeps one open does not open one again that is quiet. */
	if (!is_backscatter(turn, &null, false)) {
		if (!open || !is_backscatter(turn, &null, true))
			return;
		claim.keeps_only = true;
	}
	claim.severity = INCIDENT_ACT;
	claim.since = turn->to - 1800;
	claim.messages = incident_count(turn, &term, 1);
	claim.actions = INCIDENT_DO_HOLD | INCIDENT_DO_DELETE;
	incident_claim_filter(&claim, SLICE(""));
	said_put(&claim.title, SAID_INCIDENT_BACKSCATTER, 0);
	said_put(&claim.text, SAID_INCIDENT_BACKSCATTER_TEXT, 0);
	incident_claim_evidence(&claim, SLICE(""), SAID_INCIDENT_BACKSCATTER_SHARE, 2,
	    said_number("received", null.n[RATE_RECEIVED]),
	    said_number("all", turn->total.n[RATE_RECEIVED]));
	incident_claim_evidence(&claim, SLICE(""), SAID_INCIDENT_BACKSCATTER_FAILED, 2,
	    said_number("failed", (int64_t)incident_failing(&null)),
	    said_number("attempts", (int64_t)incident_attempts(&null)));
	if (turn->facts->null_sender_domains > 0)
		incident_claim_evidence(&claim, SLICE(""), SAID_INCIDENT_BACKSCATTER_DOMAINS, 1,
		    said_number("domains", turn->facts->null_sender_domains));
	incident_list_claim(turn->list, &claim, turn->now);
}
