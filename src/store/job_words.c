/* The names of actions, states, outcomes and results, and which state may follow which. */
#include "store/job_words.h"

#include "base/state_machine.h"
#include "base/suggest.h"

static const char *const action_names[] = {[JOB_RETRY] = "retry",
    [JOB_HOLD] = "hold",
    [JOB_RELEASE] = "release",
    [JOB_REQUEUE] = "requeue",
    [JOB_DELETE] = "delete",
    [JOB_BOUNCE] = "bounce"};
static const char *const outcome_names[] = {[JOB_ITEM_PLANNED] = "planned",
    [JOB_ITEM_SENT] = "sent",
    [JOB_ITEM_HELD] = "held",
    [JOB_ITEM_DONE] = "done",
    [JOB_ITEM_GONE] = "gone",
    [JOB_ITEM_CHANGED] = "changed",
    [JOB_ITEM_REFUSED] = "refused",
    [JOB_ITEM_UNKNOWN] = "unknown",
    [JOB_ITEM_CANCELLED] = "cancelled",
    [JOB_ITEM_UNDONE] = "undone",
    [JOB_ITEM_STOPPED] = "stopped"};

const char *job_action_name(enum job_action action)
{
	return action_names[action];
}

void job_action_all(char text[JOB_WORDS_SIZE])
{
	suggest_all(
	    action_names, sizeof(action_names) / sizeof(*action_names), text, JOB_WORDS_SIZE);
}

bool job_action_parse(struct slice text, enum job_action *action)
{
	for (enum job_action a = JOB_RETRY; a <= JOB_BOUNCE; a++)
		if (slice_is(text, action_names[a])) {
			*action = a;
			return true;
		}
	return false;
}

/* Some states are ours alone: for people, a job that is being written is planned, and one that
 * removes is running. */
const char *job_state_name(enum job_state state)
{
	static const char *const names[] = {[JOB_WRITING] = "planned",
	    [JOB_PLANNED] = "planned",
	    [JOB_RUNNING] = "running",
	    [JOB_GRACE] = "grace",
	    [JOB_REMOVING] = "running",
	    [JOB_UNDOING] = "grace",
	    [JOB_DONE] = "done",
	    [JOB_CANCELLED] = "cancelled",
	    [JOB_UNDONE] = "undone"};

	return names[state];
}

bool job_state_is_final(enum job_state state)
{
	return state >= JOB_DONE;
}

const char *job_outcome_name(enum job_outcome outcome)
{
	return outcome_names[outcome];
}

void job_outcome_all(char text[JOB_WORDS_SIZE])
{
	suggest_all(
	    outcome_names, sizeof(outcome_names) / sizeof(*outcome_names), text, JOB_WORDS_SIZE);
}

bool job_outcome_parse(struct slice text, enum job_outcome *outcome)
{
	for (enum job_outcome o = JOB_ITEM_PLANNED; o < JOB_OUTCOMES; o++)
		if (slice_is(text, outcome_names[o])) {
			*outcome = o;
			return true;
		}
	return false;
}

const char *job_result_name(enum job_result result)
{
	static const char *const names[] = {[JOB_RESULT_UNKNOWN] = NULL,
	    [JOB_RESULT_DELIVERED] = "delivered",
	    [JOB_RESULT_DEFERRED] = "deferred",
	    [JOB_RESULT_BOUNCED] = "bounced"};

	return names[result];
}

bool job_result_parse(struct slice text, enum job_result *result)
{
	for (enum job_result r = JOB_RESULT_UNKNOWN; r < JOB_RESULTS; r++)
		if (slice_is(text, r == JOB_RESULT_UNKNOWN ? "unknown" : job_result_name(r))) {
			*result = r;
			return true;
		}
	return false;
}

/* ---- from state to state ---- */

static const char *const state_words[JOB_STATES] = {[JOB_WRITING] = "writing",
    [JOB_PLANNED] = "planned",
    [JOB_RUNNING] = "running",
    [JOB_GRACE] = "grace",
    [JOB_REMOVING] = "removing",
    [JOB_UNDOING] = "undoing",
    [JOB_DONE] = "done",
    [JOB_CANCELLED] = "cancelled",
    [JOB_UNDONE] = "undone"};

#define TO STATE_MACHINE_BIT
static const uint32_t next_states[JOB_STATES] = {
    /* The last of its items is in the store, or it never will be. */
    [JOB_WRITING] = TO(JOB_PLANNED) | TO(JOB_CANCELLED),
    /* Its turn has come; or it was cancelled before. A process that could not write that the job
     * ran may have put messages on hold: then a cancelled job first brings them back. */
    [JOB_PLANNED] = TO(JOB_RUNNING) | TO(JOB_UNDOING) | TO(JOB_CANCELLED),
    /* Its last batch has ended, with or without messages on hold; or it was cancelled, and
     * brings back what it holds. */
    [JOB_RUNNING] = TO(JOB_GRACE) | TO(JOB_UNDOING) | TO(JOB_DONE) | TO(JOB_CANCELLED),
    [JOB_GRACE] = TO(JOB_REMOVING) | TO(JOB_UNDOING),
    /* What is being removed can no longer be undone. */
    [JOB_REMOVING] = TO(JOB_DONE),
    [JOB_UNDOING] = TO(JOB_CANCELLED) | TO(JOB_UNDONE),
};
#undef TO

static const struct state_machine machine = {"job", JOB_STATES, state_words, next_states};

bool job_state_allows(enum job_state from, enum job_state to)
{
	return state_machine_allows(&machine, from, to);
}

void job_state_move(enum job_state *state, enum job_state to)
{
	*state = (enum job_state)state_machine_move(&machine, *state, to);
}
