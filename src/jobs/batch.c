/* One batch from beginning to end: its items are read from the store, decide.h says of each what
 * comes next, and the batch does the first of look, hold, act, act on hold, release, retry that any
 * of them needs. What it is about to do is on disk before a command is sent, and the outcomes are
 * before the place is free, so a process that dies at any point is followed by one that knows what
 * may have happened. batch_state.h has the states. */
#include "jobs/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "jobs/batch_steps.h"
#include "jobs/paced.h"
#include "jobs/release_gate.h"
#include "jobs/unfinished.h"

/* A token is the job's number, a count (67 million commands: a paced retry of a million messages
 * may send them one by one), and the command in its lowest bits. */
#define TOKEN_JOB_SHIFT 30
#define TOKEN_STEP 16

/* What each move sends, and the step that is written before it is sent. */
static const struct {
	enum job_step step;
	bool sends;
} moves[DECIDE_MOVES] = {
    [DECIDE_HOLD] = {JOB_STEP_HOLDING, true},
    [DECIDE_HOLD_DEFERRED] = {JOB_STEP_HOLDING, true},
    [DECIDE_ACT] = {JOB_STEP_ACTING, true},
    [DECIDE_ACT_HELD] = {JOB_STEP_ACTING_HELD, true},
    [DECIDE_RELEASE] = {JOB_STEP_RELEASING, true},
    [DECIDE_RETRY] = {JOB_STEP_RETRYING, true},
};

/* Such a batch can be given up when its job is cancelled: nobody has to find out what became of it.
 */
bool batch_is_untouched(const struct batch *b)
{
	if (b->state != BATCH_WAITING || b->untaken != 0)
		return false;
	for (size_t i = 0; i < b->items.count; i++)
		if (b->items.item[i].step != JOB_STEP_PLANNED || b->work[i].unwritten)
			return false;
	return true;
}

/* Nothing is lost by waiting: what was decided stays in the batch, and the job says why it does not
 * go on. */
static void wait_a_while(struct batch *b, const char *problem)
{
	unfinished_set_problem(b->job, problem);
	unfinished_forget_speed(b->job);
	batch_move(b, BATCH_WAITING);
	b->wait_ms = clock_monotonic_ms() + JOBS_AGAIN_MS;
}

/* ---- to the store ---- */

/* An operator wants a message on hold that is there only because of another job's grace time. */
static enum db_result share_hold(
    struct db *db, const struct batch *b, struct decide_item *w, struct error *err)
{
	SAID_AUTO struct said said = {0};
	int64_t holder;
	enum db_result result = job_rows_share_hold(db, b->row.id, w->row, &holder, err);

	if (result != DB_OK || holder == 0)
		return result;
	said_put(&said, SAID_JOB_HELD_FOR_JOB, 1, said_number("job", holder));
	batch_set_detail(w, &said);
	return DB_OK;
}

/* All of it. */
static enum db_result write_item(
    struct db *db, const struct batch *b, struct decide_item *w, struct error *err)
{
	enum db_result result = DB_OK;

	if (b->row.action == JOB_HOLD && decide_found_held(w->row))
		result = share_hold(db, b, w, err);
	return result == DB_OK ? job_rows_update_item(db, b->row.id, w->row, err) : result;
}

/* Neighbours that are equally far, as most are, are written at once: the end of their row. */
static size_t end_of_equals(const struct batch *b, size_t first)
{
	size_t end = first + 1;

	while (end < b->items.count && b->work[end].unwritten && !b->work[end].retold &&
	       b->items.item[end].seq == b->items.item[end - 1].seq + 1 &&
	       job_rows_equally_far(&b->items.item[first], &b->items.item[end]))
		end++;
	return end;
}

static enum db_result forget_idle(struct db *db, const struct batch *b, struct error *err)
{
	enum db_result result = DB_OK;

	for (size_t i = 0; i < b->items.count && result == DB_OK; i++)
		if (b->work[i].idle_forget)
			result = job_rows_forget_idle(db, &b->items.item[i], err);
	return result;
}

static enum db_result write_items(struct db *db, void *context, struct error *err)
{
	struct batch *b = context;
	enum db_result result = forget_idle(db, b, err);

	for (size_t i = 0, end; i < b->items.count && result == DB_OK; i = end) {
		end = i + 1;
		if (b->work[i].retold)
			result = write_item(db, b, &b->work[i], err);
		else if (b->work[i].unwritten) {
			end = end_of_equals(b, i);
			result =
			    job_rows_update_items(db, b->row.id, &b->items.item[i], end - i, err);
		}
	}
	if (result == DB_OK && b->stop.untried > 0)
		result = job_rows_add_stop(db, b->row.id, &b->stop, err);
	return result == DB_OK ? job_rows_progress(db, b->row.id, b->token, b->delta, err) : result;
}

static void run_next(struct jobs *jobs);
static void end(struct batch *b);

static void tell_settled(const struct batch *b, const struct decide_item *w)
{
	const struct jobs_events *events = &b->jobs->events;

	if (events->settled != NULL && w->unwritten && w->row->outcome != JOB_ITEM_PLANNED &&
	    w->row->outcome != JOB_ITEM_SENT)
		events->settled(events->context, &b->job->row, w->row);
}

static void items_written(void *context, enum db_result result, const struct error *err)
{
	struct batch *b = context;

	if (b->jobs->stopping)
		return;
	/* Writing again is harmless, so an unknown outcome is answered the same way as a refusal.
	 */
	if (result != DB_OK) {
		wait_a_while(b, err->text);
		return;
	}
	memset(b->delta, 0, sizeof(b->delta));
	for (size_t i = 0; i < b->items.count; i++) {
		tell_settled(b, &b->work[i]);
		b->work[i].unwritten = b->work[i].retold = b->work[i].idle_forget = false;
	}
	unfinished_set_problem(b->job, "");
	if (b->untaken != 0)
		/* Only now: until the outcomes are on disk the helper must keep what it said, for a
		 * process that comes after this one. */
		b->jobs->ports.taken(b->jobs->ports.owner, b->untaken);
	b->untaken = 0;
	if (b->then == BATCH_THEN_RUN) {
		batch_move(b, BATCH_READY);
		run_next(b->jobs);
	} else
		end(b);
}

/* Every way to a command and every way to the end leads through here. */
static void write_then(struct batch *b, enum batch_then then)
{
	b->then = then;
	batch_move(b, BATCH_WRITING);
	store_write(b->jobs->store, write_items, items_written, b);
}

/* Its place is free, and the scheduler hears of it. */
static void end(struct batch *b)
{
	struct jobs *jobs = b->jobs;
	struct unfinished *job = b->job;

	batch_clear(b);
	/* By a table of calls: the scheduler uses batches, and must not be used by them in a
	 * circle. */
	jobs->calls.batch_ended(jobs, job);
}

/* ---- commands ---- */

static enum ports_verb verb_of(const struct batch *b)
{
	enum job_action action = b->job->row.action;

	switch (b->move) {
	case DECIDE_HOLD:
		return PORTS_HOLD;
	case DECIDE_HOLD_DEFERRED:
		return PORTS_HOLD_DEFERRED;
	case DECIDE_RELEASE:
		return PORTS_RELEASE;
	case DECIDE_RETRY:
		return PORTS_RETRY;
	case DECIDE_ACT_HELD:
		/* Restricted to the queue hold: what somebody released meanwhile is left alone
		 * (docs/POSTFIX.md, "postsuper"). */
		return action == JOB_DELETE    ? PORTS_DELETE_HELD
		       : action == JOB_REQUEUE ? PORTS_REQUEUE_HELD
					       : PORTS_EXPIRE;
	default:
		return action == JOB_DELETE    ? PORTS_DELETE
		       : action == JOB_REQUEUE ? PORTS_REQUEUE
					       : PORTS_EXPIRE;
	}
}

/* What a command that died on its way did not come to was not tried: such as each run of postsuper
 * while Postfix starts again and only root could write its maillog_file, where it does one message
 * and then dies for want of a log. Each further run does at least one. */
static bool died_on_its_way(const struct ports_ran *ran)
{
	if (ran->end != PORTS_EXITED || ran->status == 0)
		return false;
	for (size_t i = 0; i < ran->count; i++)
		if (ran->said[i] == PORTS_OK)
			return true;
	return false;
}

/* Since when it may have been active, and until when it was not: release_safety.h. */
static void note_idle(const struct batch *b, struct decide_item *w)
{
	if (w->said != PORTS_OK || (b->move != DECIDE_HOLD && b->move != DECIDE_HOLD_DEFERRED))
		return;
	/* An answer that was asked for later says nothing about what happened since. */
	w->row->idle_us = b->move == DECIDE_HOLD_DEFERRED && !b->recover ? clock_now_us() : 0;
	w->idle_forget = w->row->idle_us == 0;
	w->unwritten = true;
}

static void take_answer(struct batch *b, const struct ports_ran *ran)
{
	bool complete = ran->end == PORTS_EXITED || ran->end == PORTS_KILLED;
	/* Silence means that nothing was done only where the command came to its own good end. One
	 * that was killed may have done it before it could say so; behind a command prefix the far
	 * end may do it yet. */
	bool silence_counts = ran->end == PORTS_EXITED && ran->status == 0;
	bool untried = died_on_its_way(ran);

	b->trouble[0] = '\0';
	if (complete && ran->text.len > 0)
		snprintf(b->trouble, sizeof(b->trouble), "%.*s",
		    (int)(ran->text.len < 200 ? ran->text.len : 200), ran->text.data);
	for (size_t i = 0; i < b->count; i++) {
		struct decide_item *w = &b->work[b->chosen[i]];

		w->said = complete && i < ran->count ? ran->said[i] : PORTS_NOTHING;
		w->recovered = w->recovered || !silence_counts;
		w->trouble = b->trouble[0] != '\0' ? b->trouble : NULL;
		/* What was seen before the command says nothing about the time behind it. */
		w->seen = DECIDE_NOT_LOOKED;
		w->clearance = RELEASE_UNCHECKED;
		note_idle(b, w);
		/* A try that was none must not bring the message nearer to being given up. */
		if (untried && w->said == PORTS_NOTHING)
			w->tries--;
	}
}

static void command_ran(void *context, const struct ports_ran *ran)
{
	struct batch *b = context;
	char why[300];

	if (b->jobs->stopping)
		return;
	if (ran->end == PORTS_REFUSED) {
		/* Nothing was run: the same command is sent again, as it was written. */
		snprintf(why, sizeof(why), "%.*s", (int)(ran->text.len < 280 ? ran->text.len : 280),
		    ran->text.data);
		wait_a_while(b, why);
		b->then = BATCH_THEN_RUN;
		run_next(b->jobs);
		return;
	}
	batch_move(b, BATCH_DECIDING);
	run_next(b->jobs);
	take_answer(b, ran);
	/* A lost answer may still be recalled, so the helper must keep it. */
	if (ran->end != PORTS_LOST)
		b->untaken = b->token;
	b->count = 0;
	batch_drive(b);
}

/* It had to wait until what cleared its messages is too old: they are looked at anew. */
static void send_back(struct batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		struct decide_item *w = &b->work[b->chosen[i]];

		w->clearance = RELEASE_UNCHECKED;
		w->tries--;
	}
	b->count = 0;
	batch_move(b, BATCH_DECIDING);
	batch_drive(b);
}

static void run_command(struct batch *b)
{
	const struct ports *ports = &b->jobs->ports;

	if (b->move == DECIDE_RELEASE && !release_gate_still_open(b)) {
		send_back(b);
		return;
	}
	batch_move(b, BATCH_RUNNING);
	ports->run(ports->owner, verb_of(b), b->token, b->ids, b->count, command_ran, b);
}

static struct batch *oldest_ready(struct jobs *jobs)
{
	struct batch *oldest = NULL;

	for (size_t i = 0; i < JOBS_BATCHES; i++) {
		struct batch *b = &jobs->batch[i];

		if (b->job != NULL && b->state == BATCH_READY &&
		    (oldest == NULL || b->number < oldest->number))
			oldest = b;
	}
	return oldest;
}

/* Starts commands that are ready, as many as may run; an older batch is brought to its end before a
 * younger one. */
static void run_next(struct jobs *jobs)
{
	struct batch *next;
	unsigned running = 0;

	for (size_t i = 0; i < JOBS_BATCHES; i++)
		running += jobs->batch[i].job != NULL && jobs->batch[i].state == BATCH_RUNNING;
	while ((next = oldest_ready(jobs)) != NULL &&
	       /* flush(8) is one process: a second retry beside the first would only wait. */
	       running < (next->move == DECIDE_RETRY ? 1 : JOBS_COMMANDS)) {
		run_command(next);
		running++;
	}
}

/* From the row, which is on disk before the command is sent: after a crash no token is used for two
 * commands. */
static uint64_t next_token(const struct job_row *row, enum decide_move move)
{
	uint64_t base = (uint64_t)row->id << TOKEN_JOB_SHIFT;
	uint64_t used = row->token > base ? (row->token - base) / TOKEN_STEP : 0;

	return base + (used + 1) * TOKEN_STEP + (uint64_t)move;
}

/* A release only where it is known to be safe. */
static bool is_for(const struct batch *b, const struct decide_item *w, enum decide_move move)
{
	return decide(&b->job->row, w).move == move &&
	       (move != DECIDE_RELEASE || w->clearance == RELEASE_CLEARED);
}

static void choose(struct batch *b, enum decide_move move)
{
	b->move = move;
	b->count = 0;
	for (size_t i = 0; i < b->items.count && b->count < PORTS_BATCH_MAX; i++) {
		struct job_item *item = &b->items.item[i];

		if (!is_for(b, &b->work[i], move))
			continue;
		b->ids[b->count] = slice_of(item->id);
		b->chosen[b->count++] = i;
	}
}

/* Commands after which the log tells what became of a message. A bounce is followed from its mark
 * on: what is being delivered, or has just arrived, is never asked for. */
static bool is_followed(enum job_action action, enum decide_move move)
{
	return move == DECIDE_RETRY || ((action == JOB_REQUEUE || action == JOB_BOUNCE) &&
					   (move == DECIDE_ACT || move == DECIDE_ACT_HELD));
}

/* Before the command is sent: Postfix may be faster than our book-keeping. */
static void follow_chosen(struct batch *b)
{
	struct jobs *jobs = b->jobs;

	for (size_t i = 0; i < b->count; i++)
		follow_add(jobs->follow, b->job->row.id, &b->items.item[b->chosen[i]]);
	if (jobs->events.follow != NULL)
		jobs->deaf = !jobs->events.follow(jobs->events.context, b->ids, b->count);
}

static void send_command(struct batch *b, enum decide_move move)
{
	b->token = b->job->row.token = next_token(&b->job->row, move);
	for (size_t i = 0; i < b->count; i++) {
		struct decide_item *w = &b->work[b->chosen[i]];
		struct decision d = decide(&b->job->row, w);

		if (move == DECIDE_RELEASE) {
			w->row->intended = d.outcome;
			/* Once released, a message may be active: what was known of its hold counts
			 * no more. */
			w->row->idle_us = 0;
			w->idle_forget = true;
			batch_say(w, &d);
		}
		/* An answer that was lost may still be the truth when the same command finds
		 * nothing to do. */
		w->recovered = w->recovered && w->row->step == moves[move].step;
		w->tries = w->row->step == moves[move].step ? w->tries + 1 : 1;
		w->said = PORTS_NOTHING;
		w->seen = DECIDE_NOT_LOOKED;
		w->row->token = b->token;
		batch_set_step(b, w, moves[move].step, JOB_ITEM_SENT);
	}
	if (is_followed(b->job->row.action, move))
		follow_chosen(b);
	write_then(b, BATCH_THEN_RUN);
}

/* ---- looking ---- */

static void take_look(struct decide_item *w, const struct found *found)
{
	decide_see(w, found);
	release_sight_take(&w->sight, found, clock_boot_us());
	w->clearance = RELEASE_SEEN;
	w->seen_ms = clock_monotonic_ms();
}

static void looked(void *context, const struct found *found, size_t count)
{
	struct batch *b = context;
	bool nobody = count < b->count;

	if (b->jobs->stopping)
		return;
	batch_move(b, BATCH_DECIDING);
	for (size_t i = 0; i < b->count && i < count; i++)
		if (found[i].state == FOUND_NOBODY)
			nobody = true;
		else
			take_look(&b->work[b->chosen[i]], &found[i]);
	b->count = 0;
	/* An item of which nobody knows is not taken for missing. */
	if (nobody) {
		b->then = BATCH_THEN_END;
		wait_a_while(b, "The queue cannot be looked at now: the reader did not answer.");
	} else
		batch_drive(b);
}

/* Past the index: what counts is on disk at this moment. */
static void look(struct batch *b)
{
	const struct ports *ports = &b->jobs->ports;

	batch_move(b, BATCH_ASKING);
	ports->look(ports->owner, b->ids, b->count, looked, b);
}

/* ---- driving ---- */

/* Applies what needs no other process, until the item waits for something or is through. */
static enum decide_move settle_down(struct batch *b, struct decide_item *w)
{
	for (;;) {
		struct decision d;

		if (w->row->step == JOB_STEP_SETTLED)
			return DECIDE_KEEP;
		d = decide(&b->job->row, w);
		if (d.move == DECIDE_SETTLE) {
			batch_say(w, &d);
			batch_set_step(b, w, JOB_STEP_SETTLED, d.outcome);
		} else if (d.move == DECIDE_HELD) {
			w->row->was_held = d.was_held;
			batch_set_step(b, w, JOB_STEP_HELD, JOB_ITEM_HELD);
		} else
			return d.move;
	}
}

/* Anew each time: what was within his scope when he chose it may go to others by now. */
static void ask_what_is_allowed(struct batch *b)
{
	const struct jobs_events *events = &b->jobs->events;
	MEMORY_AUTO bool *allowed = NULL;

	if (b->row.scope[0] == '\0')
		return;
	allowed = memory_zero(b->items.count + 1, sizeof(*allowed));
	if (events->allowed != NULL)
		events->allowed(
		    events->context, b->row.scope, b->items.item, b->items.count, allowed);
	for (size_t i = 0; i < b->items.count; i++)
		b->work[i].not_allowed = !allowed[i];
}

void batch_drive(struct batch *b)
{
	/* Looks before commands: what is known decides what is sent. Holds before what acts on
	 * hold. */
	static const enum decide_move order[] = {DECIDE_LOOK, DECIDE_HOLD_DEFERRED, DECIDE_HOLD,
	    DECIDE_ACT, DECIDE_ACT_HELD, DECIDE_RELEASE, DECIDE_RETRY};
	size_t wanted[DECIDE_MOVES] = {0};

	ask_what_is_allowed(b);
	for (size_t i = 0; i < b->items.count; i++)
		wanted[settle_down(b, &b->work[i])]++;
	unfinished_tell(b->jobs, b->job, false);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (wanted[order[i]] == 0)
			continue;
		if (order[i] == DECIDE_RELEASE) {
			enum release_gate_answer gate = release_gate_pass(b);

			if (gate == RELEASE_GATE_LOOK)
				look(b);
			if (gate != RELEASE_GATE_OPEN)
				return;
		}
		choose(b, order[i]);
		if (b->count == 0)
			continue; /* all of them stay on hold for now */
		if (order[i] == DECIDE_LOOK)
			look(b);
		else
			send_command(b, order[i]);
		return;
	}
	write_then(b, BATCH_THEN_END);
}

void batch_wake(struct batch *b)
{
	batch_move(b, BATCH_DECIDING);
	if (b->count > 0)
		write_then(b, BATCH_THEN_RUN); /* what was to be sent, or written before */
	else
		batch_drive(b);
}

/* ---- beginning ---- */

static void prepare(struct batch *b)
{
	size_t room = b->items.count < PORTS_BATCH_MAX ? b->items.count : PORTS_BATCH_MAX;

	b->work = memory_zero(b->items.count, sizeof(*b->work));
	b->chosen = memory_zero(room, sizeof(*b->chosen));
	b->ids = memory_zero(room, sizeof(*b->ids));
	for (size_t i = 0; i < b->items.count; i++) {
		enum job_step step = b->items.item[i].step;

		b->work[i].row = &b->items.item[i];
		/* What was read in the middle of a step was sent by a process that is gone. */
		b->work[i].recovered = step != JOB_STEP_PLANNED && step != JOB_STEP_HELD;
	}
}

/* ---- recovery ---- */

/* Keeps the items of one command: those with the first one's token. */
static void keep_token(struct batch *b)
{
	size_t kept = 0;

	b->token = b->items.count > 0 ? b->items.item[0].token : 0;
	for (size_t i = 0; i < b->items.count; i++)
		if (b->items.item[i].token == b->token)
			b->items.item[kept++] = b->items.item[i];
		else
			job_item_clear(&b->items.item[i]);
	b->items.count = kept;
}

/* The last process sent a command and died, or died before it sent it. The helper may still have
 * what it said; retries are harmless to repeat, and their answers come by place, which this batch
 * may not share. */
static void recall(struct batch *b)
{
	enum decide_move move = (enum decide_move)(b->token % TOKEN_STEP);
	const struct ports *ports = &b->jobs->ports;

	b->count = 0;
	for (size_t i = 0; i < b->items.count && move < DECIDE_MOVES && moves[move].sends; i++)
		if (b->items.item[i].step == moves[move].step && move != DECIDE_RETRY) {
			b->ids[b->count] = slice_of(b->items.item[i].id);
			b->chosen[b->count++] = i;
		}
	if (b->count == 0) {
		batch_drive(b);
		return;
	}
	b->move = move;
	batch_move(b, BATCH_RUNNING);
	ports->recall(ports->owner, b->token, b->ids, b->count, command_ran, b);
}

/* Nothing was read: the pass is over, or (of a recovery) this slice is. */
static void nothing_read(struct batch *b)
{
	struct unfinished *job = b->job;

	if (b->pick != NULL)
		job->paced = false; /* others took them: what is left is counted anew */
	else if (!b->recover)
		job->drained = true;
	else if (b->cursor + JOB_ROWS_SLICE < job->row.total)
		job->cursor = b->cursor + JOB_ROWS_SLICE;
	else {
		job->recovering = false;
		job->cursor = -1;
	}
	end(b);
}

static void not_read(struct batch *b, const struct error *err)
{
	b->job->paced = false;
	b->job->destination[0] = '\0';
	unfinished_set_problem(b->job, err->text);
	b->job->wait_ms = clock_monotonic_ms() + JOBS_AGAIN_MS;
	batch_clear(b);
}

static void items_read(void *context, enum db_result result, const struct error *err)
{
	struct batch *b = context;
	struct jobs *jobs = b->jobs;
	struct unfinished *job = b->job;

	if (jobs->stopping)
		return;
	if (result != DB_OK) {
		not_read(b, err);
		return;
	}
	if (b->items.count == 0) {
		nothing_read(b);
		return;
	}
	batch_move(b, BATCH_DECIDING);
	if (b->recover)
		keep_token(b);
	else if (b->pick == NULL)
		job->cursor = b->items.item[b->items.count - 1].seq;
	prepare(b);
	if (b->recover)
		recall(b);
	else if (paced_gives_up(b)) {
		paced_give_up(b);
		write_then(b, BATCH_THEN_END);
	} else
		batch_drive(b);
}

/* In the order of the job. Those of one batch are neighbours, so that most of them can be written
 * at once. */
static enum db_result read_items(struct db *db, void *context, struct error *err)
{
	struct batch *b = context;
	const struct job_row *row = &b->row;
	struct job_items_query query = {.job = row->id,
	    .after = b->cursor,
	    .open = true,
	    /* What is on hold waits for the end of the grace time and is not this pass's business.
	     */
	    .not_held = row->state == JOB_RUNNING && row->undo_seconds > 0,
	    .max = PORTS_BATCH_MAX};

	if (b->recover) {
		query.until = b->cursor + 1 + JOB_ROWS_SLICE;
		query.by_outcome = true;
		query.outcome = JOB_ITEM_SENT;
		query.max = PORTS_BATCH_MAX;
	}
	return job_rows_items(db, &query, &b->items, err);
}

static void destinations_read(void *context, enum db_result result, const struct error *err)
{
	struct batch *b = context;

	if (b->jobs->stopping)
		return;
	if (result != DB_OK) {
		not_read(b, err);
		return;
	}
	paced_take_destinations(b);
	end(b);
}

void batch_begin(struct batch *b, struct unfinished *job)
{
	struct jobs *jobs = b->jobs;

	batch_move(b, BATCH_READING);
	b->job = job;
	b->number = ++jobs->last_batch;
	/* A copy: the store's thread reads it while the job goes on. */
	b->row = job->row;
	b->recover = job->recovering;
	b->cursor = job->cursor;
	switch (paced_begin(b)) {
	case PACED_NOTHING:
		store_read(jobs->store, read_items, items_read, b);
		break;
	case PACED_DESTINATIONS:
		store_read(jobs->store, paced_read_destinations, destinations_read, b);
		break;
	case PACED_PICKS:
		store_read(jobs->store, paced_read_picks, items_read, b);
		break;
	case PACED_LATER:
		batch_clear(b);
		break;
	}
}
