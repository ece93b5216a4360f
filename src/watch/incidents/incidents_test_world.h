/* For tests of incidents: facts that are made by hand, minute by minute. */
#ifndef WATCH_INCIDENTS_TEST_WORLD_H
#define WATCH_INCIDENTS_TEST_WORLD_H

#include "watch/incidents/incidents.h"

#define WORLD_START (INT64_C(1764500000) / 3600 * 3600)
#define WORLD_CELLS 256

struct world {
	struct incidents *incidents;
	struct rates *rates;
	struct incident_facts facts;
	struct incident_cell domains[WORLD_CELLS], hosts[WORLD_CELLS], providers[WORLD_CELLS];
	struct incident_group causes[WORLD_CELLS];
	struct incident_problem problems[16];
	struct incident_notice notices[4];
	struct incident_repeat repeats[4];
	int64_t now;
	int64_t counted;	  /* what count_messages answers */
	int64_t counted_by_cause; /* the same with a cause among the terms; 0: as `counted` */
	unsigned asked;
};

/* A calm host at WORLD_START, with everything known and nothing in the queue. */
void world_open(struct world *world);
void world_close(struct world *world);
/* Recipients of one key in the minute that runs. */
void world_count(struct world *world, enum rate_kind kind, const char *key, uint32_t received,
    uint32_t delivered, uint32_t deferred, uint32_t bounced);
/* What waits; each call adds a cell. */
void world_domain(struct world *world, const char *domain, const char *cause, uint64_t messages);
void world_host(struct world *world, const char *host, const char *cause, uint64_t messages);
void world_provider(
    struct world *world, const char *provider, const char *cause, uint64_t messages);
/* Also `spread` domains. */
void world_cause(struct world *world, const char *cause, uint64_t messages, uint64_t spread);
void world_problem(struct world *world, const char *process, uint8_t severity, const char *text);
/* Forgets cells, groups, problems, notices and repeats. */
void world_empty(struct world *world);
/* Takes turns to the end of the minute, and begins the next one. */
void world_minute(struct world *world);
void world_minutes(struct world *world, int count);

/* The first incident of a kind that is not ended; NULL: none. */
const struct incident *world_find(const struct world *world, enum incident_kind kind);
/* The same; the test fails where there is none. */
const struct incident *world_expect(const struct world *world, enum incident_kind kind);
/* How many of a kind are open. */
size_t world_open_count(const struct world *world, enum incident_kind kind);

/* Around a test of cmocka's, which gets a world as its state. */
int world_set_up(void **state);
int world_tear_down(void **state);

#endif
