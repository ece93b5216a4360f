/* How much of the server's time goes to looking at the queue before a turn of the incidents: what
 * the turn itself will leave of INCIDENT_BUDGET_US, as far as the last ones tell. */
#ifndef WATCH_INCIDENT_BUDGET_H
#define WATCH_INCIDENT_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A turn with its part of the look, microseconds. */
#define INCIDENT_BUDGET_US 20000
/* What the look has in any case: else its counts would grow old just when much is wrong, and a turn
 * takes longest. Some forty turns are a look at a million messages then. */
#define INCIDENT_BUDGET_LEAST_US 5000
/* Turns of which the longest is what the next may take: a minute, in which all sweeps come once. */
#define INCIDENT_BUDGET_TURNS 6

/* Zeroed: nothing is known yet. */
struct incident_budget {
	int64_t turns_us[INCIDENT_BUDGET_TURNS];
	size_t turn;	 /* where the next one goes */
	int64_t step_us; /* the longest step of late */
	int64_t left_us;
};

/* A turn's part of the look begins. */
void incident_budget_begin(struct incident_budget *budget);
/* A step took so long. True where another one will fit. */
bool incident_budget_step(struct incident_budget *budget, int64_t took_us);
/* The turn itself took so long. */
void incident_budget_turn(struct incident_budget *budget, int64_t took_us);

#endif
