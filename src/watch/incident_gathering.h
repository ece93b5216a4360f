/* Gathers what incidents are told from (struct incident_facts): the queue by a survey in steps, the
 * rates of the log, what Postfix's programs complained of, our own notices, and what the server is
 * told of the host. */
#ifndef WATCH_INCIDENT_GATHERING_H
#define WATCH_INCIDENT_GATHERING_H

#include "query/query.h"
#include "query/survey.h"
#include "watch/incidents/incidents.h"
#include "watch/notices.h"
#include "watch/rates/log_rates.h"

/* Complaints of Postfix that are kept from one turn to the next: the newest. */
#define INCIDENT_PROBLEMS_MAX 200

/* Rows of the queue that are looked at in one step: about a millisecond. */
#define INCIDENT_GATHERING_ROWS 4096

/* What is not known is -1; postfix_since 0. */
struct incident_host {
	int postfix_running;   /* 1, 0 */
	int64_t postfix_since; /* Unix seconds */
	int64_t bytes_free, bytes, inodes_free, inodes;
};
/* Of Postfix's configuration. */
struct incident_settings {
	struct slice mynetworks;
	int64_t active_limit, queue_minfree; /* -1: not known */
};
struct incident_log {
	bool known;	/* it can be read */
	int64_t newest; /* Unix seconds of its last line; 0: none */
	int64_t oldest; /* how far back it is counted */
};

struct incident_gathering;

/* All three outlive it. */
struct incident_gathering *incident_gathering_create(
    struct query *query, struct notices *notices, const struct log_rates *rates);
/* Accepts a pointer to NULL. */
void incident_gathering_destroy(struct incident_gathering **gathering);

void incident_gathering_set_host(
    struct incident_gathering *gathering, const struct incident_host *host);
void incident_gathering_set_settings(
    struct incident_gathering *gathering, const struct incident_settings *settings);
/* Copies. */
void incident_gathering_add_problem(
    struct incident_gathering *gathering, const struct incident_problem *problem);
/* What came again and again in the half hour before `as_of` (Unix seconds), as the log tells:
 * replaces what was told before. Copies at most INCIDENT_REPEATS_MAX of them. */
#define INCIDENT_REPEATS_MAX 64
struct incident_repeat_seen {
	bool message_id;
	uint32_t times;
	struct slice sender, text; /* text: the message ID, or the recipient */
};
void incident_gathering_set_repeats(struct incident_gathering *gathering, int64_t as_of,
    const struct incident_repeat_seen *repeats, size_t count);
/* Of which senders and logins new mail goes on hold: replaces what was told before. Copies. */
struct incident_held_back {
	enum incident_subject subject; /* INCIDENT_OF_LOGIN, INCIDENT_OF_SENDER */
	struct slice key;
};
void incident_gathering_set_held_back(
    struct incident_gathering *gathering, const struct incident_held_back *held, size_t count);
/* How many messages jobs of ours put on hold, and no undo has released; -1: not known. */
void incident_gathering_set_held_here(struct incident_gathering *gathering, int64_t held);

/* Begins to look at the queue, unless nothing in it has changed since it was looked at last, or a
 * look is under way. */
void incident_gathering_look(struct incident_gathering *gathering, int64_t now);
/* A part of that, of about a millisecond. False when there is nothing (more) to do. */
bool incident_gathering_step(struct incident_gathering *gathering);

/* The facts as they are known now. Valid until the next call of anything here. `queue_read`: the
 * source of the queue can be read. After this the problems count as told. */
const struct incident_facts *incident_gathering_facts(struct incident_gathering *gathering,
    int64_t now, bool queue_read, const struct incident_log *log);
/* Unix seconds; 0: never. */
int64_t incident_gathering_looked_at(const struct incident_gathering *gathering);
const struct incident_host *incident_gathering_host(const struct incident_gathering *gathering);
/* What the last look found; NULL: there was none. Until the next step. */
const struct survey_result *incident_gathering_found(const struct incident_gathering *gathering);
/* mynetworks is not told. */
struct incident_settings incident_gathering_settings(const struct incident_gathering *gathering);

#endif
