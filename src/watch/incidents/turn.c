/* What kinds of incidents ask of the facts: sums of rates, counts, and families of causes. */
#include "watch/incidents/turn.h"

#include "filter/filter.h"

struct rate_counts incident_rates(
    const struct incident_turn *turn, enum rate_kind kind, struct slice key, int64_t seconds)
{
	if (turn->facts->rates == NULL)
		return (struct rate_counts){0};
	return rates_sum(turn->facts->rates, kind, key, turn->to - seconds, turn->to);
}

bool incident_sweep_is_due(struct incident_turn *turn, enum incident_sweep sweep)
{
	int64_t *last = &turn->memory->swept[sweep], since = turn->now - *last;

	if (turn->facts->rates == NULL || since < INCIDENT_SWEEP_AFTER ||
	    (turn->swept && since < INCIDENT_SWEEP_LATE))
		return false;
	*last = turn->now;
	turn->swept = true;
	return true;
}

uint64_t incident_failing(const struct rate_counts *counts)
{
	return (uint64_t)counts->n[RATE_DEFERRED] + counts->n[RATE_BOUNCED] +
	       counts->n[RATE_EXPIRED];
}

uint64_t incident_attempts(const struct rate_counts *counts)
{
	return incident_failing(counts) + counts->n[RATE_DELIVERED];
}

int64_t incident_number(uint64_t count)
{
	return count > INT32_MAX ? INT32_MAX : (int64_t)count;
}

int64_t incident_count(struct incident_turn *turn, const struct incident_term *terms, size_t count)
{
	int64_t found;

	if (turn->facts->count_messages == NULL || !turn->facts->queue_known ||
	    turn->counts_left == 0)
		return -1;
	turn->counts_left--;
	found = turn->facts->count_messages(turn->facts->context, terms, count);
	return found < 0 ? -1 : incident_number((uint64_t)found);
}

int64_t incident_count_shared(struct incident_turn *turn, struct incident_item *known,
    const struct incident *other, const struct incident_term *term)
{
	const struct incident_term terms[] = {*term, {other->subject, slice_of(other->key)}};
	bool is_known = known != NULL && known->shared_with == other->id;
	int64_t found;

	if (is_known && turn->now - known->shared_at < INCIDENT_SHARED_FOR)
		return known->shared;
	found = incident_count(turn, terms, 2);
	if (found < 0)
		return is_known ? known->shared : -1;
	if (known != NULL) {
		known->shared_with = other->id;
		known->shared = found;
		known->shared_at = turn->now;
	}
	return found;
}

const struct diagnosis *incident_diagnosis(struct slice cause)
{
	return cause.len > 0 ? diagnosis_by_key(cause) : NULL;
}

bool incident_is_family(struct slice cause, enum diagnosis_family family)
{
	const struct diagnosis *diagnosis = incident_diagnosis(cause);

	return diagnosis != NULL && diagnosis->family == family;
}

/* Domains are told by the group, or else by the cells, which may be cut. */
static uint64_t spread_of(const struct incident_facts *facts, const struct incident_group *group)
{
	uint64_t domains = group->spread;

	if (domains == 0)
		for (size_t i = 0; i < facts->domain_causes.count; i++)
			domains += slice_equal(facts->domain_causes.items[i].cause, group->key);
	return domains;
}

struct incident_waiting incident_waiting(
    const struct incident_facts *facts, enum diagnosis_family family)
{
	struct incident_waiting waiting = {0};

	for (size_t i = 0; i < facts->causes.count; i++) {
		const struct incident_group *group = &facts->causes.items[i];
		if (!incident_is_family(group->key, family))
			continue;
		waiting.messages = incident_number(
		    (uint64_t)waiting.messages + (uint64_t)incident_number(group->messages));
		waiting.domains =
		    incident_number((uint64_t)waiting.domains + spread_of(facts, group));
		if (waiting.largest == NULL || group->messages > waiting.largest->messages)
			waiting.largest = group;
	}
	return waiting;
}

uint64_t incident_family_rate(
    const struct incident_turn *turn, enum diagnosis_family family, int64_t seconds)
{
	uint64_t failing = 0;

	for (size_t i = 0; i < diagnosis_count(); i++) {
		const struct diagnosis *diagnosis = diagnosis_at(i);
		struct rate_counts counts;
		if (diagnosis->family != family)
			continue;
		counts = incident_rates(turn, RATE_CAUSE, slice_of(diagnosis->key), seconds);
		failing += incident_failing(&counts);
	}
	return failing;
}

struct slice incident_family_quote(const struct incident_facts *facts, enum diagnosis_family family)
{
	const struct incident_cells *cells = &facts->domain_causes;

	for (size_t i = 0; i < cells->count; i++)
		if (cells->items[i].quote.len > 0 &&
		    incident_is_family(cells->items[i].cause, family))
			return cells->items[i].quote;
	return SLICE("");
}

void incident_family_filter(
    const struct incident_facts *facts, enum diagnosis_family family, struct buffer *out)
{
	size_t begin = out->len;

	buffer_append_char(out, '(');
	for (size_t i = 0; i < facts->causes.count; i++) {
		const struct incident_group *group = &facts->causes.items[i];
		if (!incident_is_family(group->key, family))
			continue;
		buffer_append_string(out, out->len > begin + 1 ? " or cause:=" : "cause:=");
		filter_quote(out, group->key);
	}
	buffer_append_char(out, ')');
	/* Nothing waits for it. */
	if (out->len == begin + 2)
		out->len = begin;
}

/* What fails for a reason of its own says nothing of us. */
static bool is_own_trouble(const struct diagnosis *diagnosis)
{
	return diagnosis == NULL || diagnosis->family == DIAGNOSIS_FAMILY_FULL ||
	       diagnosis->family == DIAGNOSIS_FAMILY_RECIPIENT ||
	       diagnosis->family == DIAGNOSIS_FAMILY_LATER;
}

unsigned incident_tried_domains(const struct incident_turn *turn, int64_t seconds)
{
	const struct incident_cells *cells = &turn->facts->domain_causes;
	unsigned count = 0;

	for (size_t i = 0; i < cells->count && count < INCIDENT_OUTAGE_DOMAINS; i++) {
		int64_t took =
		    incident_peaks_last_took(turn->peaks, RATE_DOMAIN, cells->items[i].key);
		struct rate_counts counts;
		if (took == 0 || turn->now - took > 86400 ||
		    is_own_trouble(incident_diagnosis(cells->items[i].cause)))
			continue;
		counts = incident_rates(turn, RATE_DOMAIN, cells->items[i].key, seconds);
		count += incident_failing(&counts) > 0;
	}
	return count;
}
