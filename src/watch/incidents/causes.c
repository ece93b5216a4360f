/* Which incident explains which. Who repairs the root repairs the symptom, so the symptom is not
 * shown beside it. A table of rules, the surest first; the first that fits wins, and nothing
 * explains what explains itself. */
#include "watch/incidents/kinds.h"

/* Of a destination's messages that must be another's too. */
#define SHARED_PERCENT 80
/* The time without any success after which nothing is delivered (queue.c). */
#define REFUSED_SECONDS 900

typedef bool explains_fn(
    struct incident_turn *turn, const struct incident_item *cause, struct incident_item *effect);

static bool is_about_family(const struct incident_item *item, enum diagnosis_family family)
{
	return incident_is_family(slice_of(item->shown.cause_key), family);
}

static bool always(
    struct incident_turn *turn, const struct incident_item *cause, struct incident_item *effect)
{
	(void)turn;
	(void)cause;
	(void)effect;
	return true;
}

static bool is_named(
    struct incident_turn *turn, const struct incident_item *cause, struct incident_item *effect)
{
	(void)turn;
	return cause->shown.subject != INCIDENT_OF_NONE &&
	       effect->shown.subject == INCIDENT_OF_NONE;
}

/* How near to the root a complaint is: a table before "smtpd" (throttled) before "smtpd fatal". The
 * name of the service or table is put into `name`. */
static int depth(const struct incident_item *item, struct slice *name)
{
	struct slice rest = slice_of(item->shown.key);

	if (!slice_split(&rest, ' ', name))
		return 0;
	return slice_is(rest, "table") ? 2 : slice_is(rest, "fatal") ? 0 : 1;
}

/* A program that ends because a table is away names the table, and the master names the program. */
static bool is_same_trouble(
    struct incident_turn *turn, const struct incident_item *cause, struct incident_item *effect)
{
	struct slice name, other;
	int above = depth(cause, &name) - depth(effect, &other);
	int64_t apart = cause->shown.since - effect->shown.since;

	(void)turn;
	if (above <= 0)
		return false;
	return slice_equal(name, other) ||
	       (depth(cause, &name) == 2 && apart < 300 && apart > -300);
}

static bool is_transport(
    struct incident_turn *turn, const struct incident_item *cause, struct incident_item *effect)
{
	(void)turn;
	(void)cause;
	return strcmp(effect->shown.cause_key, "transport-unavailable") == 0;
}

static bool is_helper(
    struct incident_turn *turn, const struct incident_item *cause, struct incident_item *effect)
{
	(void)turn;
	(void)effect;
	return strcmp(cause->shown.key, "helper_unavailable") == 0;
}

static bool is_names(
    struct incident_turn *turn, const struct incident_item *cause, struct incident_item *effect)
{
	(void)turn;
	(void)cause;
	return is_about_family(effect, DIAGNOSIS_FAMILY_NAMES);
}

static bool is_reputation(
    struct incident_turn *turn, const struct incident_item *cause, struct incident_item *effect)
{
	(void)turn;
	(void)cause;
	return is_about_family(effect, DIAGNOSIS_FAMILY_REPUTATION);
}

/* Nothing at all gets out: that this one does not answer says nothing of it, if it began then. */
static bool is_unreachable_now(
    struct incident_turn *turn, const struct incident_item *cause, struct incident_item *effect)
{
	(void)turn;
	return is_about_family(effect, DIAGNOSIS_FAMILY_UNREACHABLE) &&
	       effect->shown.noticed >= cause->shown.since - 900;
}

/* Most of what waits there is the flood's. What does not answer at all is no answer to a flood. */
static bool is_floods(
    struct incident_turn *turn, const struct incident_item *cause, struct incident_item *effect)
{
	(void)turn;
	return !is_about_family(effect, DIAGNOSIS_FAMILY_UNREACHABLE) &&
	       !is_about_family(effect, DIAGNOSIS_FAMILY_NAMES) &&
	       effect->shared_with == cause->shown.id &&
	       effect->shared * 2 >= effect->shown.messages;
}

/* A domain whose mail waits at a host or provider that is told itself. */
static bool is_behind(
    struct incident_turn *turn, const struct incident_item *cause, struct incident_item *effect)
{
	const struct incident_term term = {effect->shown.subject, slice_of(effect->shown.key)};
	const struct diagnosis *ours = incident_diagnosis(slice_of(effect->shown.cause_key));
	int64_t shared;

	if (effect->shown.subject != INCIDENT_OF_DOMAIN || ours == NULL ||
	    (cause->shown.subject != INCIDENT_OF_REMOTE_HOST &&
		cause->shown.subject != INCIDENT_OF_PROVIDER) ||
	    !is_about_family(cause, ours->family) || cause->shown.messages < effect->shown.messages)
		return false;
	shared = incident_count_shared(turn, effect, &cause->shown, &term);
	/* Not counted yet: what looks the same is taken as the same until it is, in a turn or two.
	 */
	if (shared < 0)
		return turn->facts->count_messages != NULL;
	return shared * 100 >= effect->shown.messages * SHARED_PERCENT;
}

/* The one next hop that all mail takes. */
static bool is_most(
    struct incident_turn *turn, const struct incident_item *cause, struct incident_item *effect)
{
	(void)turn;
	return cause->shown.severity > INCIDENT_NOTE &&
	       cause->shown.messages * 100 >= effect->shown.messages * SHARED_PERCENT;
}

/* Most of what was tried lately is refused because of our address: whoever mends that mends it. */
static bool is_refused(
    struct incident_turn *turn, const struct incident_item *cause, struct incident_item *effect)
{
	struct rate_counts all = incident_rates(turn, RATE_TOTAL, SLICE(""), REFUSED_SECONDS);

	(void)cause;
	(void)effect;
	return incident_family_rate(turn, DIAGNOSIS_FAMILY_REPUTATION, REFUSED_SECONDS) * 2 >
	       incident_attempts(&all);
}

static const struct rule {
	enum incident_kind cause, effect;
	explains_fn *explains;
} rules[] = {
    {INCIDENT_BLIND, INCIDENT_BLIND, is_helper},
    {INCIDENT_POSTFIX, INCIDENT_POSTFIX, is_same_trouble},
    {INCIDENT_SPOOL_FULL, INCIDENT_POSTFIX, always},
    {INCIDENT_SPOOL_FULL, INCIDENT_INCOMING_OLD, always},
    {INCIDENT_POSTFIX, INCIDENT_LOCAL_SERVICE, is_transport},
    {INCIDENT_POSTFIX, INCIDENT_NOTHING_DELIVERED, always},
    {INCIDENT_POSTFIX, INCIDENT_INCOMING_OLD, always},
    {INCIDENT_NAME_SERVICE, INCIDENT_DESTINATION, is_names},
    {INCIDENT_NAME_SERVICE, INCIDENT_NOTHING_DELIVERED, always},
    {INCIDENT_LOCAL_SERVICE, INCIDENT_LOCAL_SERVICE, is_named},
    {INCIDENT_LOCAL_SERVICE, INCIDENT_NOTHING_DELIVERED, always},
    {INCIDENT_LOCAL_SERVICE, INCIDENT_ACTIVE_FULL, always},
    {INCIDENT_LOCAL_SERVICE, INCIDENT_INCOMING_OLD, always},
    {INCIDENT_ACTIVE_FULL, INCIDENT_INCOMING_OLD, always},
    {INCIDENT_FLOOD, INCIDENT_DESTINATION, is_floods},
    {INCIDENT_REPUTATION, INCIDENT_DESTINATION, is_reputation},
    {INCIDENT_REPUTATION, INCIDENT_NOTHING_DELIVERED, is_refused},
    {INCIDENT_DESTINATION, INCIDENT_DESTINATION, is_behind},
    {INCIDENT_DESTINATION, INCIDENT_NOTHING_DELIVERED, is_most},
    {INCIDENT_NOTHING_DELIVERED, INCIDENT_DESTINATION, is_unreachable_now},
};

/* Whether `item` is explained by `by`, over however many steps. */
static bool leads_to(
    const struct incident_list *list, const struct incident_item *item, uint64_t by)
{
	for (size_t steps = 0; item != NULL && steps <= list->count; steps++) {
		uint64_t next = item->shown.caused_by;
		if (item->shown.id == by)
			return true;
		item = NULL;
		for (size_t i = 0; next != 0 && i < list->count; i++)
			if (list->items[i]->shown.id == next)
				item = list->items[i];
	}
	return false;
}

static uint64_t find_cause(
    struct incident_turn *turn, const struct rule *rule, struct incident_item *effect)
{
	for (size_t i = 0; i < turn->list->count; i++) {
		const struct incident_item *cause = turn->list->items[i];
		/* What is quiet explains what still lasts of it, not what is new. */
		if (cause->shown.kind == rule->cause && cause->shown.state != INCIDENT_ENDED &&
		    (cause->shown.state == INCIDENT_OPEN || effect->shown.noticed <= cause->seen) &&
		    !leads_to(turn->list, cause, effect->shown.id) &&
		    rule->explains(turn, cause, effect))
			return cause->shown.id;
	}
	return 0;
}

void incident_explain(struct incident_turn *turn)
{
	struct incident_list *list = turn->list;
	uint64_t before[INCIDENTS_MAX];

	for (size_t i = 0; i < list->count; i++) {
		before[i] = list->items[i]->shown.caused_by;
		list->items[i]->shown.caused_by = 0;
	}
	for (size_t r = 0; r < sizeof(rules) / sizeof(rules[0]); r++)
		for (size_t i = 0; i < list->count; i++) {
			struct incident *shown = &list->items[i]->shown;
			if (shown->kind == rules[r].effect && shown->caused_by == 0)
				shown->caused_by = find_cause(turn, &rules[r], list->items[i]);
		}
	for (size_t i = 0; i < list->count; i++)
		list->version += list->items[i]->shown.caused_by != before[i];
}
