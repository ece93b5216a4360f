/* What many destinations have in common: what they think of our address, a name service that does
 * not answer, full mailboxes and greylisting. The cause is here or nowhere, not at one of them. */
#include "watch/incidents/kinds.h"

#include <stdlib.h>

#include "base/memory.h"
#include "watch/incidents/words.h"

/* So many providers must refuse us; one alone has its own reasons. Each counts with so many
 * messages that wait, or attempts that it refused for good in 30 minutes. */
#define REPUTATION_PROVIDERS 2
#define REPUTATION_EACH 3
#define REPUTATION_LEAST 10
/* So many domains at once cannot be looked up. Those that could not half an hour ago are their own
 * trouble, unless most of all attempts fail so. */
#define NAMES_DOMAINS 20
#define NAMES_PERCENT 50
/* What waits is memory: that it goes on is seen in so many attempts of five minutes, and so large a
 * part of them all. */
#define NAMES_NOW 5
#define NAMES_NOW_PERCENT 20
/* Messages from which on something that needs nobody is worth a line. */
#define NOTE_LEAST 10
#define NOTE_DOMAINS 3

/* ---- Our reputation ---- */

#define PROVIDERS_COUNTED 16
struct refusers {
	struct slice names[PROVIDERS_COUNTED];
	size_t count;
	uint64_t messages;
};

static void add_refuser(struct refusers *refusers, struct slice name)
{
	for (size_t i = 0; i < refusers->count; i++)
		if (slice_equal(refusers->names[i], name))
			return;
	if (refusers->count < PROVIDERS_COUNTED)
		refusers->names[refusers->count++] = name;
}

/* What waits, by provider. */
static struct refusers refusers_waiting(const struct incident_facts *facts)
{
	struct refusers refusers = {0};

	for (size_t i = 0; i < facts->provider_causes.count; i++) {
		const struct incident_cell *cell = &facts->provider_causes.items[i];
		if (!incident_is_family(cell->cause, DIAGNOSIS_FAMILY_REPUTATION))
			continue;
		refusers.messages += cell->messages;
		if (cell->key.len > 0 && cell->messages >= REPUTATION_EACH)
			add_refuser(&refusers, cell->key);
	}
	return refusers;
}

/* What was refused, for good too, by whose words they are: "microsoft" of "microsoft-blocked".
 * Blocklists are used by all, and each of them counts as one. */
static struct refusers refusers_logged(const struct incident_turn *turn)
{
	struct refusers refusers = {0};

	for (size_t i = 0; i < diagnosis_count(); i++) {
		const struct diagnosis *diagnosis = diagnosis_at(i);
		struct slice name = slice_of(diagnosis->key);
		struct rate_counts counts;
		if (diagnosis->family != DIAGNOSIS_FAMILY_REPUTATION)
			continue;
		counts = incident_rates(turn, RATE_CAUSE, name, 1800);
		refusers.messages += incident_failing(&counts);
		if (!slice_starts_with(name, "blocklist-") && slice_find_char(name, '-') > 0)
			name = slice_first(name, (size_t)slice_find_char(name, '-'));
		if (incident_failing(&counts) >= REPUTATION_EACH)
			add_refuser(&refusers, name);
	}
	return refusers;
}

static bool are_many(const struct refusers *refusers)
{
	return refusers->count >= REPUTATION_PROVIDERS && refusers->messages >= REPUTATION_LEAST;
}

/* Each host at which anything failed, by its provider. */
struct host {
	struct slice provider;
	uint64_t failing;
};
struct hosts {
	struct host *items;
	size_t count, room;
};

/* "outlook.com" of a host there: its last two labels, or three where the country's own rubric is
 * short ("co.uk"). An address is itself. */
static struct slice provider_of(struct slice host)
{
	size_t begin = host.len, dots = 0;

	if (host.len == 0 || (host.data[host.len - 1] >= '0' && host.data[host.len - 1] <= '9'))
		return host;
	for (; begin > 0; begin--)
		if (host.data[begin - 1] == '.' && ++dots > 1 && (dots > 2 || host.len - begin > 6))
			break;
	return slice_from(host, begin);
}

static void add_host(void *context, struct slice host, const struct rate_counts *counts)
{
	struct hosts *hosts = context;

	if (incident_failing(counts) == 0)
		return;
	if (hosts->count == hosts->room) {
		hosts->room = hosts->room > 0 ? hosts->room * 2 : 64;
		hosts->items = memory_resize(hosts->items, hosts->room, sizeof(*hosts->items));
	}
	hosts->items[hosts->count++] = (struct host){provider_of(host), incident_failing(counts)};
}

static int by_provider(const void *left, const void *right)
{
	return slice_compare(
	    ((const struct host *)left)->provider, ((const struct host *)right)->provider);
}

/* How many providers they are of, and the most that failed at one. */
static size_t sum_up(struct hosts *hosts, uint64_t *most)
{
	size_t providers = 0;
	uint64_t sum = 0;

	qsort(hosts->items, hosts->count, sizeof(*hosts->items), by_provider);
	for (size_t i = 0; i < hosts->count; i++) {
		if (i == 0 || by_provider(&hosts->items[i - 1], &hosts->items[i]) != 0) {
			providers++;
			sum = 0;
		}
		sum += hosts->items[i].failing;
		*most = sum > *most ? sum : *most;
	}
	return providers;
}

/* What is refused for good is in no queue, and its cause is logged without its host. But more than
 * all that failed at one provider is the word of two. */
static bool is_more_than_ones(struct incident_turn *turn, const struct refusers *logged)
{
	struct hosts hosts = {.count = 0};
	uint64_t most = 0;
	size_t providers;

	if (logged->messages < REPUTATION_LEAST ||
	    !incident_sweep_is_due(turn, INCIDENT_SWEEP_HOSTS))
		return false;
	rates_each(
	    turn->facts->rates, RATE_REMOTE_HOST, turn->to - 1800, turn->to, add_host, &hosts);
	providers = hosts.count > 0 ? sum_up(&hosts, &most) : 0;
	free(hosts.items);
	return providers > 1 && logged->messages >= most + REPUTATION_EACH;
}

void incident_tell_reputation(struct incident_turn *turn)
{
	struct refusers waiting = refusers_waiting(turn->facts), logged = refusers_logged(turn);
	struct incident_waiting family = incident_waiting(turn->facts, DIAGNOSIS_FAMILY_REPUTATION);
	const struct diagnosis *diagnosis =
	    family.largest != NULL ? incident_diagnosis(family.largest->key) : NULL;
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_REPUTATION, INCIDENT_OF_NONE, SLICE(""));

	/* Both: that it lasts is seen in the queue, that it goes on in the log. */
	if (!are_many(&logged) && !(are_many(&waiting) && logged.messages > 0) &&
	    !is_more_than_ones(turn, &logged)) {
		if (!are_many(&waiting) && logged.messages == 0)
			return;
		claim.keeps_only = true;
	}
	claim.severity = INCIDENT_ACT;
	claim.messages = family.messages;
	claim.since = family.largest != NULL ? family.largest->oldest_arrival : 0;
	claim.actions = INCIDENT_DO_RETRY_GENTLY | INCIDENT_DO_HELP;
	claim.cause_key = diagnosis != NULL ? diagnosis->key : "";
	incident_family_filter(turn->facts, DIAGNOSIS_FAMILY_REPUTATION, &claim.filter);
	said_put(&claim.title, SAID_INCIDENT_REPUTATION, 0);
	if (diagnosis != NULL)
		incident_words_diagnosis(&claim.text, diagnosis, "advice");
	else
		said_put(&claim.text, SAID_INCIDENT_REPUTATION_TEXT, 0);
	for (size_t i = 0; i < waiting.count && i < 4; i++) {
		BUFFER_AUTO struct buffer name = {0};
		incident_words_put(
		    &name, slice_first(waiting.names[i], INCIDENT_KEY_SHOWN), INCIDENT_KEY_SHOWN);
		incident_claim_evidence(&claim, SLICE(""), SAID_INCIDENT_REPUTATION_AT, 1,
		    said_text("name", buffer_slice(&name)));
	}
	incident_claim_evidence(&claim,
	    incident_family_quote(turn->facts, DIAGNOSIS_FAMILY_REPUTATION),
	    SAID_INCIDENT_REPUTATION_REFUSED, 1, said_number("count", (int64_t)logged.messages));
	incident_list_claim(turn->list, &claim, turn->now);
}

/* ---- Name service ---- */

/* The fewest domains that waited for it in the last half hour: what is usual. */
static int64_t usual_names(const struct incident_memory *memory)
{
	int64_t least = -1;

	for (int i = 0; i < INCIDENT_NAMES_STEPS; i++)
		if (memory->names[i] >= 0 && (least < 0 || memory->names[i] < least))
			least = memory->names[i];
	return least;
}

static void remember_names(struct incident_memory *memory, int64_t domains, int64_t now)
{
	if (now - memory->names_at < 60)
		return;
	/* What was before a gap is no half hour ago. */
	if (now - memory->names_at > 60 * INCIDENT_NAMES_STEPS)
		for (int i = 0; i < INCIDENT_NAMES_STEPS; i++)
			memory->names[i] = -1;
	memmove(memory->names + 1, memory->names,
	    (INCIDENT_NAMES_STEPS - 1) * sizeof(memory->names[0]));
	memory->names[0] = domains;
	memory->names_at = now;
}

static void claim_names(struct incident_turn *turn, const struct incident_waiting *waiting,
    uint64_t failing, bool keeps_only)
{
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_NAME_SERVICE, INCIDENT_OF_NONE, SLICE(""));

	claim.severity = INCIDENT_ACT;
	claim.keeps_only = keeps_only;
	claim.messages = waiting->messages;
	claim.cause_key = "dns-timeout";
	claim.actions = INCIDENT_DO_RETRY_GENTLY | INCIDENT_DO_HELP;
	incident_family_filter(turn->facts, DIAGNOSIS_FAMILY_NAMES, &claim.filter);
	said_put(&claim.title, SAID_INCIDENT_NAMES, 1, said_number("domains", waiting->domains));
	said_put(&claim.text, SAID_INCIDENT_NAMES_TEXT, 0);
	incident_claim_evidence(&claim, incident_family_quote(turn->facts, DIAGNOSIS_FAMILY_NAMES),
	    SAID_INCIDENT_NAMES_FAILED, 1, said_number("failed", (int64_t)failing));
	incident_list_claim(turn->list, &claim, turn->now);
}

void incident_tell_name_service(struct incident_turn *turn)
{
	struct incident_waiting waiting = incident_waiting(turn->facts, DIAGNOSIS_FAMILY_NAMES);
	uint64_t failing = incident_family_rate(turn, DIAGNOSIS_FAMILY_NAMES, 600);
	uint64_t now = incident_family_rate(turn, DIAGNOSIS_FAMILY_NAMES, 300);
	struct rate_counts all = incident_rates(turn, RATE_TOTAL, SLICE(""), 600);
	struct rate_counts recent = incident_rates(turn, RATE_TOTAL, SLICE(""), 300);
	bool goes_on =
	    now >= NAMES_NOW && now * 100 >= incident_attempts(&recent) * NAMES_NOW_PERCENT;
	int64_t usual = usual_names(turn->memory);
	bool mostly =
	    failing * 100 >= incident_attempts(&all) * NAMES_PERCENT && failing >= NAMES_DOMAINS;
	bool open = incident_list_find(
			turn->list, INCIDENT_NAME_SERVICE, INCIDENT_OF_NONE, SLICE("")) != NULL;

	/* While it is open, what waits is not what is usual. */
	if (!open)
		remember_names(turn->memory, waiting.domains, turn->now);
	if (!goes_on || waiting.domains < NAMES_DOMAINS / 2)
		return;
	if (waiting.domains >= NAMES_DOMAINS &&
	    (mostly || (usual >= 0 && waiting.domains - usual >= NAMES_DOMAINS)))
		claim_names(turn, &waiting, failing, false);
	else if (open)
		claim_names(turn, &waiting, failing, true);
	else
		return;
	turn->memory->outage_end = turn->to;
}

/* ---- What needs nobody ---- */

static void note(struct incident_turn *turn, enum diagnosis_family family, enum said_code title,
    enum said_code text)
{
	struct incident_waiting waiting = incident_waiting(turn->facts, family);
	const char *key;
	bool open;

	if (waiting.largest == NULL)
		return;
	key = incident_diagnosis(waiting.largest->key)->key;
	open = incident_list_find(
		   turn->list, INCIDENT_DESTINATION, INCIDENT_OF_CAUSE, slice_of(key)) != NULL;
	if (waiting.messages < (open ? NOTE_LEAST / 2 : NOTE_LEAST) ||
	    waiting.domains < (open ? 1 : NOTE_DOMAINS))
		return;
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_DESTINATION, INCIDENT_OF_CAUSE, slice_of(key));
	claim.severity = INCIDENT_NOTE;
	claim.messages = waiting.messages;
	claim.since = waiting.largest->oldest_arrival;
	claim.cause_key = key;
	claim.actions = INCIDENT_DO_HELP;
	incident_family_filter(turn->facts, family, &claim.filter);
	said_put(&claim.title, title, 1, said_number("domains", waiting.domains));
	said_put(&claim.text, text, 0);
	incident_claim_evidence(&claim, incident_family_quote(turn->facts, family),
	    SAID_INCIDENT_WAIT, 1, said_number("count", waiting.messages));
	incident_list_claim(turn->list, &claim, turn->now);
}

void incident_tell_own_trouble(struct incident_turn *turn)
{
	note(turn, DIAGNOSIS_FAMILY_FULL, SAID_INCIDENT_FULL, SAID_INCIDENT_FULL_TEXT);
	note(turn, DIAGNOSIS_FAMILY_LATER, SAID_INCIDENT_LATER, SAID_INCIDENT_LATER_TEXT);
}
