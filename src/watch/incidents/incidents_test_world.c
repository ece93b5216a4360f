/* Facts that are made by hand. */
#include "watch/incidents/incidents_test_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int64_t count_messages(void *context, const struct incident_term *terms, size_t count)
{
	struct world *world = context;

	world->asked++;
	for (size_t i = 0; i < count; i++)
		if (terms[i].field == INCIDENT_OF_CAUSE && world->counted_by_cause != 0)
			return world->counted_by_cause;
	return world->counted;
}

static bool is_own(void *context, struct slice address)
{
	(void)context;
	return slice_starts_with(address, "127.") || slice_starts_with(address, "10.");
}

void world_open(struct world *world)
{
	*world = (struct world){
	    .incidents = incidents_create(1), .rates = rates_create(), .now = WORLD_START};
	world->facts = (struct incident_facts){.now = WORLD_START,
	    .queue_known = true,
	    .log_known = true,
	    .log_newest = WORLD_START,
	    .log_oldest = WORLD_START - 86400,
	    .rates = world->rates,
	    .expiring = 0,
	    .active_limit = 20000,
	    .null_sender_domains = -1,
	    .spool_bytes_free = INT64_C(50) << 30,
	    .spool_bytes = INT64_C(100) << 30,
	    .spool_inodes_free = 5000000,
	    .spool_inodes = 6000000,
	    .postfix_running = 1,
	    .is_own_client = is_own,
	    .count_messages = count_messages,
	    .context = world};
	world->counted = -1;
	world->facts.domain_causes.items = world->domains;
	world->facts.host_causes.items = world->hosts;
	world->facts.provider_causes.items = world->providers;
	world->facts.causes.items = world->causes;
	world->facts.problems = world->problems;
	world->facts.notices = world->notices;
	world->facts.repeats = world->repeats;
	rates_begin(world->rates, world->now);
}

void world_close(struct world *world)
{
	incidents_free(world->incidents);
	rates_free(world->rates);
}

void world_count(struct world *world, enum rate_kind kind, const char *key, uint32_t received,
    uint32_t delivered, uint32_t deferred, uint32_t bounced)
{
	rates_put(world->rates, world->now / 60 * 60, kind, slice_of(key),
	    &(struct rate_counts){.n = {received, delivered, deferred, bounced, 0}});
}

static void add_cell(struct world *world, struct incident_cell *items, size_t *count,
    const char *key, const char *cause, uint64_t messages)
{
	if (*count < WORLD_CELLS)
		items[(*count)++] = (struct incident_cell){slice_of(key), slice_of(cause), messages,
		    messages, world->now - 600, SLICE("450 as it was said")};
}

void world_domain(struct world *world, const char *domain, const char *cause, uint64_t messages)
{
	add_cell(world, world->domains, &world->facts.domain_causes.count, domain, cause, messages);
}

void world_host(struct world *world, const char *host, const char *cause, uint64_t messages)
{
	add_cell(world, world->hosts, &world->facts.host_causes.count, host, cause, messages);
}

void world_provider(struct world *world, const char *provider, const char *cause, uint64_t messages)
{
	add_cell(world, world->providers, &world->facts.provider_causes.count, provider, cause,
	    messages);
}

void world_cause(struct world *world, const char *cause, uint64_t messages, uint64_t spread)
{
	world->causes[world->facts.causes.count++] =
	    (struct incident_group){slice_of(cause), messages, messages, world->now - 600, spread};
}

void world_problem(struct world *world, const char *process, uint8_t severity, const char *text)
{
	world->problems[world->facts.problem_count++] =
	    (struct incident_problem){world->now, slice_of(process), severity, slice_of(text)};
}

void world_empty(struct world *world)
{
	world->facts.domain_causes.count = world->facts.host_causes.count = 0;
	world->facts.provider_causes.count = world->facts.causes.count = 0;
	world->facts.problem_count = world->facts.notice_count = world->facts.repeat_count = 0;
}

void world_minute(struct world *world)
{
	int64_t end = world->now / 60 * 60 + 60;

	for (; world->now < end; world->now += INCIDENTS_TURN) {
		world->facts.now = world->facts.log_newest = world->now;
		incidents_turn(world->incidents, &world->facts);
		world->facts.problem_count = 0;
	}
	rates_begin(world->rates, world->now / 60 * 60);
}

void world_minutes(struct world *world, int count)
{
	while (count-- > 0)
		world_minute(world);
}

const struct incident *world_find(const struct world *world, enum incident_kind kind)
{
	for (size_t i = 0; i < incidents_count(world->incidents); i++) {
		const struct incident *incident = incidents_at(world->incidents, i);
		if (incident->kind == kind && incident->state != INCIDENT_ENDED)
			return incident;
	}
	return NULL;
}

const struct incident *world_expect(const struct world *world, enum incident_kind kind)
{
	const struct incident *incident = world_find(world, kind);

	if (incident == NULL)
		fail_msg("no incident of kind %s", incident_kind_name(kind));
	return incident;
}

size_t world_open_count(const struct world *world, enum incident_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < incidents_count(world->incidents); i++)
		count += incidents_at(world->incidents, i)->kind == kind &&
			 incidents_at(world->incidents, i)->state == INCIDENT_OPEN;
	return count;
}

int world_set_up(void **state)
{
	static struct world world;

	world_open(&world);
	*state = &world;
	return 0;
}

int world_tear_down(void **state)
{
	world_close(*state);
	return 0;
}
