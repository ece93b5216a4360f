/* Looks ahead, because a step cannot be taken back: one is begun only where the longest of late
 * would fit. */
#include "watch/incident_budget.h"

/* The longest step is forgotten by so much with each that was shorter: one that was long because
 * the machine was busy shall not count for ever. */
#define STEP_FORGET 64

static int64_t longest_turn(const struct incident_budget *budget)
{
	int64_t longest = 0;

	for (size_t i = 0; i < INCIDENT_BUDGET_TURNS; i++)
		if (budget->turns_us[i] > longest)
			longest = budget->turns_us[i];
	return longest;
}

void incident_budget_begin(struct incident_budget *budget)
{
	budget->left_us = INCIDENT_BUDGET_US - longest_turn(budget);
	if (budget->left_us < INCIDENT_BUDGET_LEAST_US)
		budget->left_us = INCIDENT_BUDGET_LEAST_US;
}

bool incident_budget_step(struct incident_budget *budget, int64_t took_us)
{
	int64_t faded = budget->step_us - budget->step_us / STEP_FORGET;

	budget->step_us = took_us > faded ? took_us : faded;
	budget->left_us -= took_us;
	return budget->left_us >= budget->step_us;
}

void incident_budget_turn(struct incident_budget *budget, int64_t took_us)
{
	budget->turns_us[budget->turn] = took_us;
	budget->turn = (budget->turn + 1) % INCIDENT_BUDGET_TURNS;
}
