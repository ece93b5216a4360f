/* The heart of the job engine: one function for each step that an item may be at, which says what
 * comes next. Nothing here asks, writes or remembers, so every path can be tested by itself, and a
 * process that starts after a crash decides as the one before would have. */
#include "jobs/decide.h"

#include <stddef.h>

bool decide_found_held(const struct job_item *item)
{
	/* Without the full stop: also where the sentence goes on (batch.c). By the text, since what
	 * an earlier version wrote has no code. */
	const char *said = said_english(SAID_JOB_ALREADY_HELD);

	return item->outcome == JOB_ITEM_DONE && item->detail != NULL &&
	       strncmp(item->detail, said, strlen(said) - 1) == 0;
}

void decide_see(struct decide_item *item, const struct found *found)
{
	/* Only the ID was known until now. What is found first is the message that was meant. */
	if (found->state == FOUND_HERE && item->row->arrival < 0) {
		target_adopt(item->row, found);
		item->unwritten = item->retold = true;
	}
	item->queue = found->queue;
	item->expired = found->expire_known && found->forced_expire;
	if (found->state == FOUND_MISSING)
		item->seen = DECIDE_MISSING;
	else if (found->state == FOUND_UNREADABLE)
		item->seen = DECIDE_UNREADABLE;
	else if (!target_is_same(item->row, found))
		item->seen = DECIDE_OTHER;
	else if (found->queue == QUEUE_HOLD)
		item->seen = DECIDE_IN_HOLD;
	else if (found->queue == QUEUE_MAILDROP)
		item->seen = DECIDE_IN_MAILDROP;
	else
		item->seen = DECIDE_QUEUED;
}

static struct decision move(enum decide_move m)
{
	return (struct decision){.move = m};
}

static struct decision settle(enum job_outcome outcome, enum said_code says)
{
	return (struct decision){.move = DECIDE_SETTLE, .outcome = outcome, .says = says};
}

static struct decision release(enum job_outcome outcome, enum said_code says)
{
	return (struct decision){.move = DECIDE_RELEASE, .outcome = outcome, .says = says};
}

/* With what the row says already about how it ends. */
static struct decision as_the_row_says(enum decide_move m, enum job_outcome outcome)
{
	return (struct decision){.move = m, .outcome = outcome, .keeps = true};
}

/* With the complaint of the command where there is one. */
static struct decision refuse(const struct decide_item *w, enum said_code says)
{
	struct decision d = settle(JOB_ITEM_REFUSED, says);

	d.trouble = w->trouble != NULL;
	return d;
}

/* The first try looks where it was seen last. */
static struct decision hold(const struct decide_item *w)
{
	bool seen = w->seen == DECIDE_QUEUED;
	unsigned queue = seen ? w->queue : w->row->queue;

	return move(w->row->step == JOB_STEP_PLANNED && queue == QUEUE_DEFERRED
			? DECIDE_HOLD_DEFERRED
			: DECIDE_HOLD);
}

static bool is_stopping(const struct job_row *job)
{
	return job->state == JOB_UNDOING;
}

static enum job_outcome stop_outcome(const struct job_row *job)
{
	return job->cancel ? JOB_ITEM_CANCELLED : JOB_ITEM_UNDONE;
}

/* Postfix moves messages against the order in which postsuper searches, so "not found" may be
 * untrue. A few tries settle it. */
static bool may_repeat(const struct job_row *job, const struct decide_item *w)
{
	return !is_stopping(job) && w->tries < DECIDE_TRIES;
}

/* Ends an item that this job may have on hold. */
static struct decision give_up(
    const struct job_row *job, const struct decide_item *w, bool held, enum said_code says)
{
	struct decision d =
	    is_stopping(job) ? settle(stop_outcome(job), SAID_NOTHING) : refuse(w, says);

	if (held && !w->row->was_held)
		d.move = DECIDE_RELEASE;
	return d;
}

static struct decision not_on_hold(const struct decide_item *w)
{
	if (w->row->queue == QUEUE_HOLD)
		return settle(JOB_ITEM_CHANGED, SAID_JOB_RELEASED_BY_OTHER);
	return settle(JOB_ITEM_REFUSED, SAID_JOB_NOT_ON_HOLD);
}

/* ---- nothing was sent yet ---- */

/* A message of which only the ID is known is looked at first, and is then the one that was meant.
 */
static struct decision begin(const struct job_row *job, const struct decide_item *w)
{
	bool unique = target_is_unique(w->row);

	if (w->row->arrival < 0)
		return move(DECIDE_LOOK);
	switch (job->action) {
	case JOB_HOLD:
		/* A long ID is never used again, so no other message can be meant; a short one is
		 * looked at first. */
		return unique ? hold(w) : move(DECIDE_LOOK);
	case JOB_RELEASE:
		return unique ? release(JOB_ITEM_DONE, SAID_NOTHING) : move(DECIDE_LOOK);
	case JOB_DELETE:
		if (w->row->queue == QUEUE_MAILDROP)
			return move(DECIDE_LOOK);
		/* By way of hold, where nothing moves: there it is looked at again before it is
		 * removed. */
		return unique && job->undo_seconds == 0 ? move(DECIDE_ACT) : hold(w);
	case JOB_REQUEUE:
	case JOB_BOUNCE:
		/* Both take a message out of hold: a hold that came after the preview would be
		 * overruled without anybody's wish. */
		return unique ? move(DECIDE_LOOK) : hold(w);
	case JOB_RETRY:
		break;
	}
	return move(DECIDE_LOOK);
}

static struct decision begin_retry(const struct decide_item *w)
{
	if (w->seen == DECIDE_IN_HOLD)
		return settle(JOB_ITEM_REFUSED, SAID_JOB_RELEASE_FIRST);
	if (w->seen == DECIDE_IN_MAILDROP)
		return settle(JOB_ITEM_REFUSED, SAID_JOB_IN_MAILDROP);
	/* An attempt is what was asked for, and flush(8) would leave it alone. */
	if (w->queue == QUEUE_ACTIVE)
		return settle(JOB_ITEM_DONE, SAID_JOB_UNDER_WAY);
	return move(DECIDE_RETRY);
}

static struct decision begin_seen(const struct job_row *job, const struct decide_item *w)
{
	bool direct = target_is_unique(w->row);

	switch (job->action) {
	case JOB_HOLD:
		if (w->seen == DECIDE_IN_HOLD)
			return settle(JOB_ITEM_DONE, SAID_JOB_ALREADY_HELD);
		if (w->seen == DECIDE_IN_MAILDROP)
			return settle(JOB_ITEM_REFUSED, SAID_JOB_IN_MAILDROP);
		return hold(w);
	case JOB_RELEASE:
		return w->seen == DECIDE_IN_HOLD ? release(JOB_ITEM_DONE, SAID_NOTHING)
						 : not_on_hold(w);
	case JOB_DELETE:
		/* Nothing in maildrop can be held: it was looked at just now, and goes at once. */
		if (w->seen == DECIDE_IN_MAILDROP)
			return move(DECIDE_ACT);
		return direct && job->undo_seconds == 0 ? move(DECIDE_ACT) : hold(w);
	case JOB_REQUEUE:
	case JOB_BOUNCE:
		if (w->seen == DECIDE_IN_MAILDROP)
			return settle(JOB_ITEM_REFUSED, SAID_JOB_IN_MAILDROP);
		if (w->seen == DECIDE_IN_HOLD && w->row->queue != QUEUE_HOLD)
			return settle(JOB_ITEM_CHANGED, SAID_JOB_HELD_BY_OTHER);
		return direct ? move(DECIDE_ACT) : hold(w);
	case JOB_RETRY:
		break;
	}
	return begin_retry(w);
}

static struct decision at_planned(const struct job_row *job, const struct decide_item *w)
{
	/* Nothing was sent for it, so it is only left out. */
	if (is_stopping(job))
		return settle(JOB_ITEM_CANCELLED, SAID_NOTHING);
	switch (w->seen) {
	case DECIDE_NOT_LOOKED:
		return begin(job, w);
	case DECIDE_MISSING:
		return settle(JOB_ITEM_GONE, SAID_NOTHING);
	case DECIDE_OTHER:
		return settle(JOB_ITEM_CHANGED, SAID_JOB_OTHER_MESSAGE);
	case DECIDE_UNREADABLE:
		return settle(JOB_ITEM_REFUSED, SAID_JOB_UNREADABLE);
	default:
		return begin_seen(job, w);
	}
}

/* ---- a hold was sent ---- */

static struct decision held(const struct decide_item *w)
{
	struct decision d = move(DECIDE_HELD);

	/* Silence and on hold: it was there before us, unless the answer was lost on the way; then
	 * what the plan knew decides. */
	d.was_held = w->said != PORTS_OK && (!w->recovered || w->row->queue == QUEUE_HOLD);
	return d;
}

static struct decision holding_other(const struct decide_item *w)
{
	/* Our hold caught somebody else's message: it goes back at once. */
	if (w->said == PORTS_OK && w->queue == QUEUE_HOLD)
		return release(JOB_ITEM_CHANGED, SAID_JOB_OTHER_MESSAGE);
	if (w->recovered && w->queue == QUEUE_HOLD)
		return settle(JOB_ITEM_UNKNOWN, SAID_JOB_OTHER_HELD);
	return settle(JOB_ITEM_CHANGED, SAID_JOB_OTHER_MESSAGE);
}

static struct decision at_holding(const struct job_row *job, const struct decide_item *w)
{
	if (w->said == PORTS_OK && job->action == JOB_HOLD)
		return settle(JOB_ITEM_DONE, SAID_NOTHING);
	if (w->said == PORTS_BAD)
		return settle(JOB_ITEM_REFUSED, SAID_JOB_BAD_ID);
	switch (w->seen) {
	case DECIDE_NOT_LOOKED:
		/* With a short ID another message may have been held; only a look tells. */
		return w->said == PORTS_OK && target_is_unique(w->row) ? held(w)
								       : move(DECIDE_LOOK);
	case DECIDE_MISSING:
		return settle(JOB_ITEM_GONE, SAID_NOTHING);
	case DECIDE_OTHER:
		return holding_other(w);
	case DECIDE_UNREADABLE:
		return w->said == PORTS_OK ? release(JOB_ITEM_REFUSED, SAID_JOB_UNREADABLE)
					   : settle(JOB_ITEM_REFUSED, SAID_JOB_UNREADABLE);
	case DECIDE_IN_HOLD:
		if (job->action == JOB_HOLD)
			return settle(
			    JOB_ITEM_DONE, w->recovered ? SAID_NOTHING : SAID_JOB_ALREADY_HELD);
		return held(w);
	case DECIDE_IN_MAILDROP:
		if (job->action == JOB_DELETE && !is_stopping(job))
			return move(DECIDE_ACT);
		return settle(JOB_ITEM_REFUSED, SAID_JOB_IN_MAILDROP);
	case DECIDE_QUEUED:
		break;
	}
	if (w->said == PORTS_OK)
		return settle(JOB_ITEM_CHANGED, SAID_JOB_RELEASED_BY_OTHER);
	return may_repeat(job, w) ? move(DECIDE_HOLD)
				  : give_up(job, w, false, SAID_JOB_KEPT_MOVING);
}

/* ---- on hold, and seen to be the right one ---- */

/* What was on hold before this job stays there: an undo gives back what was, and no more. */
static struct decision undo_held(const struct job_row *job, const struct decide_item *w)
{
	if (w->row->was_held)
		return settle(stop_outcome(job), SAID_JOB_STAYS_ON_HOLD);
	switch (w->seen) {
	case DECIDE_NOT_LOOKED:
		return target_is_unique(w->row) ? release(stop_outcome(job), SAID_NOTHING)
						: move(DECIDE_LOOK);
	case DECIDE_MISSING:
		return settle(JOB_ITEM_GONE, SAID_NOTHING);
	case DECIDE_OTHER:
		return settle(JOB_ITEM_CHANGED, SAID_JOB_OTHER_MESSAGE);
	case DECIDE_UNREADABLE:
		return settle(JOB_ITEM_REFUSED, SAID_JOB_UNREADABLE);
	case DECIDE_IN_HOLD:
		return release(stop_outcome(job), SAID_NOTHING);
	default:
		return settle(stop_outcome(job), SAID_JOB_RELEASED_BY_OTHER);
	}
}

static struct decision at_held(const struct job_row *job, const struct decide_item *w)
{
	if (is_stopping(job))
		return undo_held(job, w);
	/* Here it waits for the end of the grace time. */
	if (job->action == JOB_DELETE && job->undo_seconds > 0 && job->state != JOB_REMOVING)
		return move(DECIDE_KEEP);
	/* Neither a re-queue nor a bounce takes out of hold what somebody held after the preview.
	 */
	if (job->action != JOB_DELETE && w->row->was_held && w->row->queue != QUEUE_HOLD)
		return settle(JOB_ITEM_CHANGED, SAID_JOB_HELD_BY_OTHER);
	switch (w->seen) {
	case DECIDE_NOT_LOOKED:
		return move(target_is_unique(w->row) ? DECIDE_ACT_HELD : DECIDE_LOOK);
	case DECIDE_MISSING:
		return settle(JOB_ITEM_GONE, SAID_NOTHING);
	case DECIDE_OTHER:
		return settle(JOB_ITEM_CHANGED, SAID_JOB_OTHER_MESSAGE);
	case DECIDE_UNREADABLE:
		return give_up(job, w, true, SAID_JOB_UNREADABLE);
	case DECIDE_IN_HOLD:
		return move(DECIDE_ACT_HELD);
	default:
		return settle(JOB_ITEM_CHANGED, SAID_JOB_RELEASED_BY_OTHER);
	}
}

/* ---- the action was sent ---- */

static bool is_by_hold(const struct decide_item *w)
{
	return w->row->step == JOB_STEP_ACTING_HELD;
}

static struct decision again(
    const struct job_row *job, const struct decide_item *w, enum said_code says)
{
	if (may_repeat(job, w))
		return move(is_by_hold(w) ? DECIDE_ACT_HELD : DECIDE_ACT);
	return give_up(job, w, is_by_hold(w), says);
}

/* It is not in the queue, and nobody knows what the command said: nothing but this job takes a
 * message out of hold by itself; one that was not on hold may as well have been delivered. */
static struct decision vanished(const struct job_row *job, const struct decide_item *w)
{
	if (!w->recovered)
		return settle(JOB_ITEM_GONE, SAID_NOTHING);
	if (is_by_hold(w))
		return settle(JOB_ITEM_DONE, SAID_JOB_FOUND_DONE);
	return settle(JOB_ITEM_UNKNOWN, job->action == JOB_DELETE ? SAID_JOB_REMOVED_OR_DELIVERED
								  : SAID_JOB_REQUEUED_OR_DELIVERED);
}

static struct decision acting_in_maildrop(const struct job_row *job, const struct decide_item *w)
{
	if (job->action == JOB_DELETE)
		return again(job, w, SAID_JOB_KEPT_MOVING);
	if (w->recovered)
		return settle(JOB_ITEM_DONE, SAID_JOB_WAITS_IN_MAILDROP);
	if (w->row->queue == QUEUE_MAILDROP)
		return settle(JOB_ITEM_REFUSED, SAID_JOB_IN_MAILDROP);
	return settle(JOB_ITEM_CHANGED, SAID_JOB_REQUEUED_BY_OTHER);
}

static struct decision at_acting(const struct job_row *job, const struct decide_item *w)
{
	if (w->said == PORTS_OK)
		return settle(JOB_ITEM_DONE, SAID_NOTHING);
	if (w->said == PORTS_BAD)
		return give_up(job, w, is_by_hold(w), SAID_JOB_BAD_ID);
	switch (w->seen) {
	case DECIDE_NOT_LOOKED:
		return move(DECIDE_LOOK);
	case DECIDE_MISSING:
		return vanished(job, w);
	case DECIDE_OTHER:
		return settle(JOB_ITEM_CHANGED, SAID_JOB_OTHER_MESSAGE);
	case DECIDE_UNREADABLE:
		return give_up(job, w, is_by_hold(w), SAID_JOB_UNREADABLE);
	case DECIDE_IN_MAILDROP:
		return acting_in_maildrop(job, w);
	case DECIDE_IN_HOLD:
		return again(job, w, SAID_JOB_NOT_DONE);
	case DECIDE_QUEUED:
		break;
	}
	return is_by_hold(w) ? settle(JOB_ITEM_CHANGED, SAID_JOB_RELEASED_BY_OTHER)
			     : again(job, w, SAID_JOB_KEPT_MOVING);
}

/* Marked as expired; what is on hold has to be released for it, and an attempt to be asked for. */
static struct decision after_mark(const struct decide_item *w)
{
	if (w->seen == DECIDE_IN_HOLD && !is_by_hold(w) && w->row->queue != QUEUE_HOLD)
		return settle(JOB_ITEM_CHANGED, SAID_JOB_HELD_MARKED);
	if (w->seen == DECIDE_IN_HOLD)
		return release(JOB_ITEM_PLANNED, SAID_NOTHING);
	if (w->queue == QUEUE_ACTIVE)
		return settle(JOB_ITEM_DONE, SAID_JOB_DELIVERED_NOW);
	return move(DECIDE_RETRY);
}

static struct decision at_bouncing(const struct job_row *job, const struct decide_item *w)
{
	/* The mark is in the file's mode: it is seen there, whoever set it. */
	bool marked = w->said == PORTS_OK || w->expired;

	if (w->said == PORTS_BAD)
		return give_up(job, w, is_by_hold(w), SAID_JOB_BAD_ID);
	switch (w->seen) {
	case DECIDE_NOT_LOOKED:
		return is_by_hold(w) && marked ? release(JOB_ITEM_PLANNED, SAID_NOTHING)
					       : move(DECIDE_LOOK);
	case DECIDE_MISSING:
		return settle(marked ? JOB_ITEM_DONE : JOB_ITEM_GONE,
		    marked ? SAID_JOB_LEFT_QUEUE : SAID_NOTHING);
	case DECIDE_OTHER:
		return settle(JOB_ITEM_CHANGED, SAID_JOB_OTHER_MESSAGE);
	case DECIDE_UNREADABLE:
		return give_up(job, w, is_by_hold(w), SAID_JOB_UNREADABLE);
	case DECIDE_IN_MAILDROP:
		return settle(JOB_ITEM_REFUSED, SAID_JOB_IN_MAILDROP);
	default:
		return marked ? after_mark(w) : again(job, w, SAID_JOB_NOT_MARKED);
	}
}

/* ---- a release was sent ---- */

static struct decision released_elsewhere(const struct job_row *job, const struct decide_item *w)
{
	if (w->row->intended == JOB_ITEM_PLANNED)
		return move(DECIDE_RETRY);
	if (job->action == JOB_RELEASE && !w->recovered)
		return not_on_hold(w);
	return as_the_row_says(DECIDE_SETTLE, w->row->intended);
}

static struct decision release_again(const struct decide_item *w)
{
	/* Also while stopping: leaving it on hold is not what anybody asked for. */
	if (w->tries < DECIDE_TRIES)
		return as_the_row_says(DECIDE_RELEASE, w->row->intended);
	return refuse(w, SAID_JOB_NOT_RELEASED);
}

static struct decision at_releasing(const struct job_row *job, const struct decide_item *w)
{
	enum job_outcome intended = w->row->intended;
	bool other_is_meant = intended == JOB_ITEM_CHANGED;

	if (w->said == PORTS_OK)
		return intended == JOB_ITEM_PLANNED ? move(DECIDE_RETRY)
						    : as_the_row_says(DECIDE_SETTLE, intended);
	if (w->said == PORTS_BAD)
		return settle(JOB_ITEM_REFUSED, SAID_JOB_BAD_ID);
	switch (w->seen) {
	case DECIDE_NOT_LOOKED:
		return move(DECIDE_LOOK);
	case DECIDE_MISSING:
		if (intended == JOB_ITEM_PLANNED)
			return settle(JOB_ITEM_DONE, SAID_JOB_LEFT_QUEUE);
		return other_is_meant ? as_the_row_says(DECIDE_SETTLE, intended)
				      : settle(JOB_ITEM_GONE, SAID_NOTHING);
	case DECIDE_OTHER:
		if (other_is_meant && w->queue == QUEUE_HOLD)
			return release_again(w);
		return settle(JOB_ITEM_CHANGED, SAID_JOB_OTHER_MESSAGE);
	case DECIDE_UNREADABLE:
	case DECIDE_IN_HOLD:
		return release_again(w);
	default:
		return released_elsewhere(job, w);
	}
}

/* ---- an attempt was asked for ---- */

static struct decision asked_for_bounce(bool asked)
{
	return settle(JOB_ITEM_DONE, asked ? SAID_JOB_BOUNCE_ASKED : SAID_JOB_BOUNCE_LATER);
}

static struct decision at_retrying(const struct job_row *job, const struct decide_item *w)
{
	bool bounce = job->action == JOB_BOUNCE;

	if (w->said == PORTS_OK)
		return bounce ? asked_for_bounce(true) : settle(JOB_ITEM_DONE, SAID_NOTHING);
	/* The mark is what bounces; being taken up soon is only asked for and may fail. */
	if (bounce && (w->said != PORTS_NOTHING || w->tries >= DECIDE_TRIES || is_stopping(job)))
		return asked_for_bounce(false);
	if (w->said == PORTS_BAD)
		return settle(JOB_ITEM_REFUSED, SAID_JOB_BAD_ID);
	if (w->said == PORTS_FAILED)
		return refuse(w, SAID_JOB_NOT_TAKEN);
	switch (w->seen) {
	case DECIDE_NOT_LOOKED:
		return move(DECIDE_LOOK);
	case DECIDE_MISSING:
		return settle(bounce ? JOB_ITEM_DONE : JOB_ITEM_GONE,
		    bounce ? SAID_JOB_LEFT_QUEUE : SAID_NOTHING);
	case DECIDE_OTHER:
		return settle(JOB_ITEM_CHANGED, SAID_JOB_OTHER_MESSAGE);
	case DECIDE_IN_HOLD:
		return settle(JOB_ITEM_CHANGED, SAID_JOB_HELD_SINCE);
	case DECIDE_QUEUED:
		return may_repeat(job, w) ? move(DECIDE_RETRY)
					  : give_up(job, w, false, SAID_JOB_KEPT_MOVING);
	default:
		return settle(JOB_ITEM_REFUSED,
		    w->seen == DECIDE_IN_MAILDROP ? SAID_JOB_IN_MAILDROP : SAID_JOB_UNREADABLE);
	}
}

/* ---- all of it ---- */

/* Whether a move does something to the message by the wish of who made the job: not what gives it
 * back, nor what ends what was begun. */
static bool is_wish(const struct decide_item *w, enum decide_move m)
{
	switch (m) {
	case DECIDE_HOLD:
	case DECIDE_HOLD_DEFERRED:
	case DECIDE_ACT:
	case DECIDE_ACT_HELD:
		return true;
	case DECIDE_RELEASE:
	case DECIDE_RETRY:
		return w->row->step == JOB_STEP_PLANNED;
	default:
		return false;
	}
}

/* What this job has on hold goes back. A look first: what is gone, or another message, is told as
 * that. */
static struct decision keep_off(const struct job_row *job, const struct decide_item *w)
{
	bool held = w->row->step == JOB_STEP_HELD || is_by_hold(w);

	return w->seen == DECIDE_NOT_LOOKED ? move(DECIDE_LOOK)
					    : give_up(job, w, held, SAID_JOB_NOT_ALL_YOURS);
}

static struct decision by_step(const struct job_row *job, const struct decide_item *w)
{
	switch (w->row->step) {
	case JOB_STEP_PLANNED:
		return at_planned(job, w);
	case JOB_STEP_HOLDING:
		return at_holding(job, w);
	case JOB_STEP_HELD:
		return at_held(job, w);
	case JOB_STEP_ACTING:
	case JOB_STEP_ACTING_HELD:
		return job->action == JOB_BOUNCE ? at_bouncing(job, w) : at_acting(job, w);
	case JOB_STEP_RELEASING:
		return at_releasing(job, w);
	case JOB_STEP_RETRYING:
		return at_retrying(job, w);
	case JOB_STEP_SETTLED:
		break;
	}
	return as_the_row_says(DECIDE_SETTLE, w->row->outcome);
}

struct decision decide(const struct job_row *job, const struct decide_item *w)
{
	struct decision d = by_step(job, w);

	return w->not_allowed && is_wish(w, d.move) ? keep_off(job, w) : d;
}
