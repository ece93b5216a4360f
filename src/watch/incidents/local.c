/* Services of our own that mail has to pass: a content filter, a mailbox server, a transport. What
 * waits for them waits because of us, whatever its destination is. */
#include "watch/incidents/kinds.h"

#include "watch/incidents/words.h"

/* A message or two may be the message's own trouble. */
#define LOCAL_LEAST 3
/* Deliveries hang: so many messages are active, more each minute, nothing is delivered, and fewer
 * attempts fail than come to it. A flush fills active at once, and its results follow. */
#define STALLED_LEAST 20
#define STALLED_STEPS 5
/* So many recipients of those that came in stay active as one message, at the most. */
#define STALLED_SHARE 3

/* What goes on at one service: attempts that failed in ten minutes, and whether that is enough to
 * open an incident, or only keeps one. */
struct trouble {
	uint64_t failing;
	bool keeps_only;
};

static void claim_service(struct incident_turn *turn, enum incident_subject subject,
    struct slice key, const struct incident_cell *cell, const struct trouble *trouble)
{
	const struct diagnosis *diagnosis = incident_diagnosis(cell->cause);
	BUFFER_AUTO struct buffer name = {0};
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_LOCAL_SERVICE, subject, key);

	claim.severity = INCIDENT_ACT;
	claim.keeps_only = trouble->keeps_only;
	claim.messages = incident_number(cell->messages);
	claim.since = cell->oldest_arrival;
	claim.cause_key = diagnosis->key;
	claim.actions = INCIDENT_DO_RETRY_GENTLY | INCIDENT_DO_HELP;
	buffer_append_string(&claim.filter, "cause:=");
	buffer_append_string(&claim.filter, diagnosis->key);
	incident_words_put(&name, key, INCIDENT_KEY_SHOWN);
	if (subject == INCIDENT_OF_SERVICE)
		said_put(&claim.title, SAID_INCIDENT_SERVICE, 2,
		    said_text_as("diagnosis", slice_of(diagnosis->key), slice_of(diagnosis->title)),
		    said_text("key", buffer_slice(&name)));
	else
		incident_words_diagnosis(&claim.title, diagnosis, "title");
	said_put(&claim.text, SAID_INCIDENT_SERVICE_TEXT, 0);
	incident_words_diagnosis(&claim.text, diagnosis, "advice");
	incident_claim_evidence(&claim, cell->quote, SAID_INCIDENT_FAILED_10, 1,
	    said_number("failed", (int64_t)trouble->failing));
	if (incident_list_claim(turn->list, &claim, turn->now) != NULL)
		turn->memory->service_end = turn->now;
}

/* Whether anything got through it, where the log says so by host. */
static bool still_takes(const struct incident_turn *turn, struct slice host)
{
	struct rate_counts counts = incident_rates(turn, RATE_REMOTE_HOST, host, 300);

	return counts.n[RATE_DELIVERED] > 0;
}

/* What waits with no host: the transport itself does not start, and the cause names it. */
static bool has_host(const struct incident_facts *facts, struct slice cause)
{
	for (size_t i = 0; i < facts->host_causes.count; i++)
		if (slice_equal(facts->host_causes.items[i].cause, cause) &&
		    facts->host_causes.items[i].key.len > 0)
			return true;
	return false;
}

static bool goes_on(
    const struct incident_turn *turn, const struct incident_cell *cell, struct trouble *trouble)
{
	struct rate_counts counts = incident_rates(turn, RATE_CAUSE, cell->cause, 600);
	bool open = incident_list_find(turn->list, INCIDENT_LOCAL_SERVICE, INCIDENT_OF_SERVICE,
			cell->key) != NULL ||
		    incident_list_find(
			turn->list, INCIDENT_LOCAL_SERVICE, INCIDENT_OF_CAUSE, cell->cause) != NULL;

	trouble->failing = incident_failing(&counts);
	trouble->keeps_only = cell->messages < LOCAL_LEAST || trouble->failing < LOCAL_LEAST;
	if (trouble->keeps_only && !open)
		return false;
	return cell->messages > 0 && trouble->failing > 0;
}

static void tell_hosts(struct incident_turn *turn)
{
	const struct incident_cells *cells = &turn->facts->host_causes;
	struct trouble trouble;

	for (size_t i = 0; i < cells->count; i++) {
		const struct incident_cell *cell = &cells->items[i];
		if (incident_is_family(cell->cause, DIAGNOSIS_FAMILY_SERVICE) &&
		    cell->key.len > 0 && !still_takes(turn, cell->key) &&
		    goes_on(turn, cell, &trouble))
			claim_service(turn, INCIDENT_OF_SERVICE, cell->key, cell, &trouble);
	}
}

static void tell_causes(struct incident_turn *turn)
{
	const struct incident_groups *causes = &turn->facts->causes;
	struct trouble trouble;

	for (size_t i = 0; i < causes->count; i++) {
		const struct incident_group *group = &causes->items[i];
		struct incident_cell cell = {.cause = group->key,
		    .messages = group->messages,
		    .oldest_arrival = group->oldest_arrival};
		if (!incident_is_family(group->key, DIAGNOSIS_FAMILY_SERVICE) ||
		    has_host(turn->facts, group->key) || !goes_on(turn, &cell, &trouble))
			continue;
		cell.quote = incident_family_quote(turn->facts, DIAGNOSIS_FAMILY_SERVICE);
		claim_service(turn, INCIDENT_OF_CAUSE,
		    slice_of(incident_diagnosis(group->key)->key), &cell, &trouble);
	}
}

static void remember_active(struct incident_turn *turn, int64_t active)
{
	struct incident_memory *memory = turn->memory;

	if (turn->now - memory->active_at < 60)
		return;
	if (turn->now - memory->active_at > 120)
		for (int i = 0; i <= STALLED_STEPS; i++)
			memory->active[i] = -1;
	memmove(memory->active + 1, memory->active, STALLED_STEPS * sizeof(memory->active[0]));
	memory->active[0] = active;
	memory->active_at = turn->now;
}

static bool grows(const struct incident_memory *memory)
{
	for (int i = 0; i < STALLED_STEPS; i++)
		if (memory->active[i + 1] < 0 || memory->active[i] <= memory->active[i + 1])
			return false;
	return true;
}

/* Connected, and silent: nothing is deferred until Postfix's time-outs, minutes later. */
static void tell_stalled(struct incident_turn *turn)
{
	int64_t active = turn->facts->counts[QUEUE_ACTIVE], before;
	struct rate_counts results = incident_rates(turn, RATE_TOTAL, SLICE(""), 300);
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_LOCAL_SERVICE, INCIDENT_OF_NONE, SLICE(""));

	remember_active(turn, active);
	before = turn->memory->active[STALLED_STEPS];
	if (results.n[RATE_DELIVERED] > 0 || turn->memory->last_delivery > turn->to - 300 ||
	    active < STALLED_LEAST)
		return;
	claim.keeps_only = !grows(turn->memory) ||
			   active - before < (int64_t)(results.n[RATE_RECEIVED] / STALLED_SHARE) ||
			   active - before < incident_number(incident_failing(&results));
	claim.severity = INCIDENT_ACT;
	claim.messages = active;
	claim.since = turn->now - 60 * STALLED_STEPS;
	claim.actions = 0;
	buffer_append_string(&claim.filter, "queue:active");
	said_put(&claim.title, SAID_INCIDENT_HANGS, 0);
	said_put(&claim.text, SAID_INCIDENT_HANGS_TEXT, 0);
	incident_claim_evidence(
	    &claim, SLICE(""), SAID_INCIDENT_HANGS_ACTIVE, 1, said_number("count", active));
	if (incident_list_claim(turn->list, &claim, turn->now) != NULL)
		turn->memory->stuck_end = turn->now;
}

void incident_tell_local_service(struct incident_turn *turn)
{
	tell_hosts(turn);
	tell_causes(turn);
	tell_stalled(turn);
}
