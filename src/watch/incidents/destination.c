/* Destinations that refuse or are dead: attempts without one success. Each of the facts' cells says
 * that mail waits for a key because of a cause; the log's rates say whether anything got through.
 */
#include "watch/incidents/kinds.h"

#include <stdlib.h>

#include "base/memory.h"
#include "watch/incidents/words.h"

/* Fewer messages that wait are a recipient's trouble, or few enough to be looked at one by one. */
#define DESTINATION_LEAST 5
/* Attempts that failed without one success, and for how long. A minute suffices for what says no at
 * once; what only puts off (greylisting: minutes, seldom hours) must have done so for an hour. */
#define DESTINATION_ATTEMPTS 5
#define DESTINATION_AFTER 60
#define DESTINATION_LATER_AFTER 3600
#define DESTINATION_LATER_LEAST 10
/* It was tried so lately. */
#define DESTINATION_FRESH 900
/* Also told, although some gets through: who limits our rate lets a little pass. */
#define DESTINATION_PARTIAL_PERCENT 60
#define DESTINATION_PARTIAL_LEAST 20
/* Cells that are looked at; and of the keys that they have, those that are judged in a turn beside
 * the open ones: the largest, and some of the others in turn. */
#define DESTINATIONS_MAX 1024
#define DESTINATIONS_LARGEST 32
#define DESTINATIONS_IN_TURN 32

static const struct destination_kind {
	enum incident_subject subject;
	enum rate_kind rate;
} destination_kinds[] = {
    {INCIDENT_OF_DOMAIN, RATE_DOMAIN},
    {INCIDENT_OF_REMOTE_HOST, RATE_REMOTE_HOST},
    {INCIDENT_OF_PROVIDER, RATE_REMOTE_HOST},
};

/* All that waits for one key, for causes that are the destination's. */
struct destination {
	struct slice key, quote;
	const struct diagnosis *diagnosis; /* of the largest cell */
	uint64_t messages, largest;
	int64_t oldest;
	struct rate_counts half_hour;
	int64_t last_took; /* 0: never seen */
};

static bool is_destinations(const struct diagnosis *diagnosis)
{
	switch (diagnosis != NULL ? diagnosis->family : DIAGNOSIS_FAMILIES) {
	case DIAGNOSIS_FAMILY_LATER:
	case DIAGNOSIS_FAMILY_RATE:
	case DIAGNOSIS_FAMILY_REPUTATION:
	case DIAGNOSIS_FAMILY_UNREACHABLE:
	case DIAGNOSIS_FAMILY_REFUSES:
	case DIAGNOSIS_FAMILY_NAMES:
		return true;
	default:
		return false;
	}
}

static int by_key(const void *left, const void *right)
{
	const struct destination *a = left, *b = right;
	int order = slice_compare(a->key, b->key);

	if (order != 0)
		return order;
	return a->largest > b->largest ? -1 : a->largest < b->largest;
}

static int by_messages(const void *left, const void *right)
{
	const struct destination *a = left, *b = right;

	if (a->messages != b->messages)
		return a->messages > b->messages ? -1 : 1;
	return slice_compare(a->key, b->key);
}

/* One for each key, of all its cells, the largest first; the caller frees. */
static struct destination *gather(const struct incident_cells *cells, size_t *count)
{
	size_t most = cells->count < DESTINATIONS_MAX ? cells->count : DESTINATIONS_MAX, n = 0,
	       kept = 0;
	struct destination *all = memory_zero(most + 1, sizeof(*all));

	for (size_t i = 0; i < most; i++) {
		const struct incident_cell *cell = &cells->items[i];
		const struct diagnosis *diagnosis = incident_diagnosis(cell->cause);
		if (cell->key.len > 0 && is_destinations(diagnosis))
			all[n++] = (struct destination){cell->key, cell->quote, diagnosis,
			    cell->messages, cell->messages, cell->oldest_arrival, {{0}}, 0};
	}
	qsort(all, n, sizeof(*all), by_key);
	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && slice_equal(all[kept - 1].key, all[i].key)) {
			all[kept - 1].messages += all[i].messages;
			if (all[i].oldest < all[kept - 1].oldest)
				all[kept - 1].oldest = all[i].oldest;
		} else {
			all[kept++] = all[i];
		}
	}
	qsort(all, kept, sizeof(*all), by_messages);
	*count = kept;
	return all;
}

/* A host has a cell for each cause. */
static bool is_named_before(const struct incident_cells *hosts, size_t place)
{
	for (size_t i = 0; i < place; i++)
		if (slice_equal(hosts->items[i].key, hosts->items[place].key))
			return true;
	return false;
}

/* A provider's rates are those of its hosts that the queue names, of which so many are summed. */
#define PROVIDER_HOSTS 16

static struct rate_counts rates_of(const struct incident_turn *turn,
    const struct destination_kind *kind, struct slice key, int64_t from)
{
	const struct incident_cells *hosts = &turn->facts->host_causes;
	struct rate_counts sum = {{0}};
	unsigned summed = 0;

	if (turn->facts->rates == NULL)
		return sum;
	if (kind->subject != INCIDENT_OF_PROVIDER)
		return rates_sum(turn->facts->rates, kind->rate, key, from, turn->to);
	for (size_t i = 0; i < hosts->count && summed < PROVIDER_HOSTS; i++) {
		struct rate_counts counts;
		if (!incident_is_host_of(hosts->items[i].key, key) || is_named_before(hosts, i))
			continue;
		counts =
		    rates_sum(turn->facts->rates, kind->rate, hosts->items[i].key, from, turn->to);
		for (int r = 0; r < RATE_RESULTS; r++)
			sum.n[r] += counts.n[r];
		summed++;
	}
	return sum;
}

/* The first minute that failed after the last success, within the hour that is known; before that,
 * when what waits came in. */
static int64_t began(const struct incident_turn *turn, const struct destination_kind *kind,
    const struct destination *d)
{
	struct rate_counts hour = rates_of(turn, kind, d->key, turn->to - 3600);
	int64_t from = turn->to - 3600;

	if (hour.n[RATE_DELIVERED] == 0 && d->oldest > 0 && d->oldest < from)
		return d->last_took > d->oldest ? d->last_took : d->oldest;
	for (int64_t minute = turn->to - 60; minute >= from; minute -= 60) {
		struct rate_counts later = rates_of(turn, kind, d->key, minute);
		if (later.n[RATE_DELIVERED] > 0)
			return minute + 60;
		if (incident_failing(&later) == incident_failing(&hour))
			return minute;
	}
	return from;
}

static enum said_code what_it_does(enum diagnosis_family family)
{
	switch (family) {
	case DIAGNOSIS_FAMILY_UNREACHABLE:
	case DIAGNOSIS_FAMILY_NAMES:
		return SAID_INCIDENT_NOTHING_THROUGH;
	case DIAGNOSIS_FAMILY_LATER:
		return SAID_INCIDENT_PUT_OFF;
	default:
		return SAID_INCIDENT_TAKES_NONE;
	}
}

static void put_words(struct incident_claim *claim, const struct destination *d, bool partial)
{
	BUFFER_AUTO struct buffer key = {0}, title = {0};

	incident_words_put(&key, d->key, INCIDENT_KEY_SHOWN);
	incident_words_title(&title, d->diagnosis->title);
	said_put(&claim->title, SAID_INCIDENT_DESTINATION, 2, said_text("key", buffer_slice(&key)),
	    said_text_as("diagnosis", slice_of(d->diagnosis->key), buffer_slice(&title)));
	said_put(&claim->text,
	    partial ? SAID_INCIDENT_TAKES_LITTLE : what_it_does(d->diagnosis->family), 0);
	incident_words_diagnosis(&claim->text, d->diagnosis, "advice");
}

static void put_evidence(
    struct incident_claim *claim, const struct incident_turn *turn, const struct destination *d)
{
	BUFFER_AUTO struct buffer ago = {0};
	int64_t seconds = turn->now - d->last_took;

	incident_claim_evidence(claim, d->quote, SAID_INCIDENT_FAILED_SUCCEEDED, 2,
	    said_number("failed", (int64_t)incident_failing(&d->half_hour)),
	    said_number("succeeded", d->half_hour.n[RATE_DELIVERED]));
	incident_words_span(&ago, seconds);
	if (d->last_took > 0)
		incident_claim_evidence(claim, SLICE(""), SAID_INCIDENT_LAST_TOOK, 1,
		    said_number_as("ago", seconds, buffer_slice(&ago)));
	else
		incident_claim_evidence(claim, SLICE(""), SAID_INCIDENT_NEVER_TOOK, 0);
}

/* The flood that most of what waits there comes from; NULL: none does. */
static const struct incident *culprit(struct incident_turn *turn, struct incident_item *known,
    const struct incident_term *term, uint64_t messages, int64_t *shared)
{
	for (size_t i = 0; i < turn->list->count; i++) {
		const struct incident *flood = &turn->list->items[i]->shown;
		if (flood->kind != INCIDENT_FLOOD || flood->state == INCIDENT_ENDED)
			continue;
		*shared = incident_count_shared(turn, known, flood, term);
		if (*shared > 0 && (uint64_t)*shared * 2 >= messages)
			return flood;
	}
	return NULL;
}

static void put_culprit(struct incident_claim *claim, const struct incident *flood, int64_t shared)
{
	BUFFER_AUTO struct buffer name = {0};

	incident_words_put(&name, slice_of(flood->key), INCIDENT_KEY_SHOWN);
	incident_claim_evidence(claim, SLICE(""), SAID_INCIDENT_CULPRIT, 3,
	    said_number("shared", shared), said_number("messages", claim->messages),
	    said_text("name", buffer_slice(&name)));
}

static void claim_destination(struct incident_turn *turn, const struct destination_kind *kind,
    const struct destination *d, bool partial, bool keeps_only)
{
	const struct incident_term term = {kind->subject, d->key};
	struct incident_item *item =
	    incident_list_find(turn->list, INCIDENT_DESTINATION, kind->subject, d->key);
	int64_t shared = -1;
	const struct incident *flood = culprit(turn, item, &term, d->messages, &shared);
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_DESTINATION, kind->subject, d->key);

	claim.keeps_only = keeps_only;
	claim.cause_key = d->diagnosis->key;
	claim.since = keeps_only ? 0 : began(turn, kind, d);
	claim.messages = incident_number(d->messages);
	claim.actions = INCIDENT_DO_RETRY_GENTLY | INCIDENT_DO_HELP | INCIDENT_DO_PAUSE;
	/* What waits for another reason there would be tried again for nothing. */
	incident_claim_filter(
	    &claim, d->largest == d->messages ? slice_of(d->diagnosis->key) : SLICE(""));
	put_words(&claim, d, partial);
	if (flood != NULL)
		put_culprit(&claim, flood, shared);
	put_evidence(&claim, turn, d);
	item = incident_list_claim(turn->list, &claim, turn->now);
	if (item != NULL && flood != NULL) {
		item->shared_with = flood->id;
		item->shared = shared;
		item->shared_at = turn->now;
	}
}

/* From where on attempts say something of this destination: after its last success, and, where
 * nothing answers, after all was out of order. */
static int64_t believed_from(const struct incident_turn *turn, const struct destination *d)
{
	enum diagnosis_family family = d->diagnosis->family;
	int64_t from = turn->to - 3600, outage = turn->memory->outage_end;

	if (d->last_took > from)
		from = d->last_took;
	if ((family == DIAGNOSIS_FAMILY_UNREACHABLE || family == DIAGNOSIS_FAMILY_NAMES) &&
	    outage > from)
		from = outage;
	return from;
}

/* That it does not answer says nothing of it while nobody else does. */
static bool is_outage(const struct incident_turn *turn, const struct destination *d, int64_t since)
{
	return d->diagnosis->family == DIAGNOSIS_FAMILY_UNREACHABLE &&
	       turn->memory->last_delivery <= since + 60 &&
	       incident_tried_domains(turn, turn->to - since) >= INCIDENT_OUTAGE_DOMAINS;
}

static const struct incident_cells *cells_of(
    const struct incident_facts *facts, enum incident_subject subject)
{
	return subject == INCIDENT_OF_DOMAIN	    ? &facts->domain_causes
	       : subject == INCIDENT_OF_REMOTE_HOST ? &facts->host_causes
						    : &facts->provider_causes;
}

/* Of the attempts that failed there since then, those that another cause explains: what waits for
 * one has failed for it last, if so much has failed for it at all. Who was dead and greylists what
 * comes now is dead no more, though most of what waits still says so. */
static uint64_t failing_otherwise(const struct incident_turn *turn,
    const struct destination_kind *kind, const struct destination *d, int64_t from)
{
	const struct incident_cells *cells = cells_of(turn->facts, kind->subject);
	uint64_t sum = 0;

	for (size_t i = 0; i < cells->count && i < DESTINATIONS_MAX; i++) {
		const struct incident_cell *cell = &cells->items[i];
		struct rate_counts counts;
		uint64_t failing;
		if (!slice_equal(cell->key, d->key) ||
		    incident_is_family(cell->cause, d->diagnosis->family))
			continue;
		counts = incident_rates(turn, RATE_CAUSE, cell->cause, turn->to - from);
		failing = incident_failing(&counts);
		sum += failing < cell->messages ? failing : cell->messages;
	}
	return sum;
}

/* Whether so much fails, in such a way, that it is the destination; and whether that goes on, for
 * this cause: what waits is memory. */
static bool is_dead(const struct incident_turn *turn, const struct destination_kind *kind,
    const struct destination *d)
{
	bool later = d->diagnosis->family == DIAGNOSIS_FAMILY_LATER;
	int64_t span = later ? DESTINATION_LATER_AFTER : DESTINATION_AFTER, since;
	int64_t from = believed_from(turn, d);
	struct rate_counts counts, fresh, cause;

	if (d->messages < (later ? DESTINATION_LATER_LEAST : DESTINATION_LEAST) ||
	    turn->to - d->last_took < span)
		return false;
	counts = rates_of(turn, kind, d->key, from);
	if (counts.n[RATE_DELIVERED] > 0 || incident_failing(&counts) < DESTINATION_ATTEMPTS ||
	    incident_failing(&counts) <
		DESTINATION_ATTEMPTS + failing_otherwise(turn, kind, d, from))
		return false;
	fresh = rates_of(turn, kind, d->key, turn->to - DESTINATION_FRESH);
	cause = incident_rates(turn, RATE_CAUSE, slice_of(d->diagnosis->key), turn->to - from);
	since = began(turn, kind, d);
	return incident_failing(&fresh) > 0 && incident_failing(&cause) >= DESTINATION_ATTEMPTS &&
	       turn->now - since >= span &&
	       !is_outage(turn, d, since > turn->to - 3600 ? since : turn->to - 3600);
}

static bool is_partial(const struct destination *d)
{
	uint64_t failing = incident_failing(&d->half_hour);

	return (d->diagnosis->family == DIAGNOSIS_FAMILY_RATE ||
		   d->diagnosis->family == DIAGNOSIS_FAMILY_REPUTATION) &&
	       d->messages >= DESTINATION_PARTIAL_LEAST && failing >= DESTINATION_PARTIAL_LEAST &&
	       failing * 100 >= incident_attempts(&d->half_hour) * DESTINATION_PARTIAL_PERCENT;
}

static void judge(
    struct incident_turn *turn, const struct destination_kind *kind, struct destination *d)
{
	bool open =
	    incident_list_find(turn->list, INCIDENT_DESTINATION, kind->subject, d->key) != NULL;

	if (d->messages < (open ? 1 : DESTINATION_LEAST))
		return;
	d->half_hour = rates_of(turn, kind, d->key, turn->to - 1800);
	d->last_took = kind->subject == INCIDENT_OF_PROVIDER
			   ? incident_peaks_last_took_by(turn->peaks, d->key)
			   : incident_peaks_last_took(turn->peaks, kind->rate, d->key);
	if (is_dead(turn, kind, d))
		claim_destination(turn, kind, d, false, false);
	else if (is_partial(d))
		claim_destination(turn, kind, d, true, false);
	/* It is over when mail gets through, not when nobody tries. */
	else if (open && turn->to - d->last_took > INCIDENT_QUIET_AFTER &&
		 d->half_hour.n[RATE_DELIVERED] == 0)
		claim_destination(turn, kind, d, false, true);
}

/* A provider or host that is only one domain's is told by the domain, which people know. */
static bool is_one_domains(
    const struct destination *d, const struct destination *domains, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (domains[i].diagnosis->family == d->diagnosis->family &&
		    domains[i].messages * 10 >= d->messages * 6 &&
		    domains[i].messages <= d->messages)
			return true;
	return false;
}

/* A provider with one host is that host. */
static bool is_one_hosts(const struct destination *d, const struct destination *hosts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hosts[i].diagnosis == d->diagnosis && hosts[i].messages == d->messages &&
		    slice_find_nocase(hosts[i].key, d->key) >= 0)
			return true;
	return false;
}

/* A host of a provider that has others is told by the provider. */
static bool is_one_of_many(
    const struct destination *d, const struct destination *providers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (providers[i].diagnosis->family == d->diagnosis->family &&
		    providers[i].messages > d->messages &&
		    slice_find_nocase(d->key, providers[i].key) >= 0)
			return true;
	return false;
}

/* Whether the turn of this one has come: `place` is its place by messages. */
static bool is_in_turn(const struct incident_turn *turn, const struct destination_kind *kind,
    const struct destination *d, size_t place, size_t count)
{
	size_t rounds = (count + DESTINATIONS_IN_TURN - 1) / DESTINATIONS_IN_TURN;

	if (place < DESTINATIONS_LARGEST ||
	    place / DESTINATIONS_IN_TURN == (size_t)(turn->now / INCIDENTS_TURN) % rounds)
		return true;
	return incident_list_find(turn->list, INCIDENT_DESTINATION, kind->subject, d->key) != NULL;
}

void incident_tell_destinations(struct incident_turn *turn)
{
	const struct incident_cells *cells[] = {
	    &turn->facts->domain_causes, &turn->facts->host_causes, &turn->facts->provider_causes};
	struct destination *all[3];
	size_t counts[3];

	for (int k = 0; k < 3; k++)
		all[k] = gather(cells[k], &counts[k]);
	for (int k = 0; k < 3; k++)
		for (size_t i = 0; i < counts[k]; i++) {
			struct destination *d = &all[k][i];
			if (!is_in_turn(turn, &destination_kinds[k], d, i, counts[k]) ||
			    (k > 0 && is_one_domains(d, all[0], counts[0])) ||
			    (k == 1 && is_one_of_many(d, all[2], counts[2])) ||
			    (k == 2 && is_one_hosts(d, all[1], counts[1])))
				continue;
			judge(turn, &destination_kinds[k], d);
		}
	for (int k = 0; k < 3; k++)
		free(all[k]);
}
