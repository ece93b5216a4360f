/* The one way by which a batch lets messages go back from hold. Before `postsuper -H` is sent, each
 * of them is looked at, and the queue manager too (release_safety.h). Where one of them is not
 * safe, Postfix is reloaded once, and they are looked at again: batches and jobs that wait at the
 * same time share one reload. What cannot be made safe stays on hold, says why, and is tried again
 * later (struct unfinished, kept). */
#include "jobs/release_gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "jobs/batch_steps.h"

/* How often the queue manager is looked at while Postfix reloads, and for how long. */
#define POLL_MS 100
#define SETTLE_MS 60000
/* Where its processes cannot be seen (a command prefix, a container): master has long acted on the
 * signal by then, and the old queue manager has gone. */
#define BLIND_MS 15000
/* Reloads of one batch, and then it gives up for now. The second is for a message that was put on
 * hold while the first was under way. */
#define RELOADS_MAX 2
/* What was seen so long ago is looked at again. */
#define FRESH_MS 5000

static bool waits(const struct batch *b, size_t i)
{
	return b->work[i].row->step != JOB_STEP_SETTLED &&
	       decide(&b->job->row, &b->work[i]).move == DECIDE_RELEASE;
}

static bool is_stale(const struct decide_item *w)
{
	return w->clearance == RELEASE_UNCHECKED ||
	       (w->clearance == RELEASE_SEEN && clock_monotonic_ms() - w->seen_ms > FRESH_MS);
}

/* ---- one reload for all who wait ---- */

static void keep_trouble(struct batch *b, const struct said *trouble)
{
	struct slice text = trouble != NULL ? buffer_slice(&trouble->text) : SLICE("");
	struct slice words = trouble != NULL ? buffer_slice(&trouble->words) : SLICE("");

	snprintf(b->reload_trouble, sizeof(b->reload_trouble), "%.*s", SLICE_ARGS(text));
	/* Cut words would be none. */
	if (words.len >= sizeof(b->reload_words))
		words = SLICE("");
	snprintf(b->reload_words, sizeof(b->reload_words), "%.*s", SLICE_ARGS(words));
}

/* What was cleared before is looked at again as well: a reload may take a minute. `trouble` NULL:
 * it went well. */
static void end_reload(struct jobs *jobs, const struct said *trouble)
{
	jobs->reload.doing = RELOAD_IDLE;
	for (size_t i = 0; i < JOBS_BATCHES; i++) {
		struct batch *b = &jobs->batch[i];

		if (b->job == NULL || b->state != BATCH_RELOADING)
			continue;
		b->reloads++;
		keep_trouble(b, trouble);
		for (size_t k = 0; k < b->items.count; k++)
			if (b->work[k].clearance != RELEASE_KEPT)
				b->work[k].clearance = RELEASE_UNCHECKED;
		batch_move(b, BATCH_DECIDING);
		if (b->job->reload != jobs->reload.number && trouble == NULL) {
			b->job->reload = jobs->reload.number;
			b->job->row.reloads++;
		}
		b->jobs->calls.drive(b);
	}
}

static void settled(void *context, const struct ports_qmgr *qmgr)
{
	struct jobs *jobs = context;
	struct reload *r = &jobs->reload;
	int64_t now_ms = clock_monotonic_ms();
	SAID_AUTO struct said trouble = {0};

	if (jobs->stopping)
		return;
	r->asking = false;
	/* Either it is gone or it began behind the reload: in both cases nothing is left of the old
	 * memory. */
	if (qmgr->known && (!qmgr->alive || qmgr->started_boot_us > r->begun_boot_us)) {
		end_reload(jobs, NULL);
		return;
	}
	if (!qmgr->known && now_ms >= r->blind_ms) {
		r->blind_boot_us = r->begun_boot_us;
		end_reload(jobs, NULL);
		return;
	}
	if (now_ms < r->until_ms) {
		r->next_ms = now_ms + POLL_MS;
		return;
	}
	said_put(&trouble, SAID_JOB_RELOAD_OLD_MANAGER, 0);
	end_reload(jobs, &trouble);
}

static void ask_whether_settled(struct jobs *jobs)
{
	jobs->reload.asking = true;
	jobs->ports.qmgr(jobs->ports.owner, settled, jobs);
}

static void reloaded(void *context, const struct ports_output *output)
{
	struct jobs *jobs = context;
	struct slice reply = slice_trim(output->err.len > 0 ? output->err : output->out);
	SAID_AUTO struct said trouble = {0};
	int64_t now_ms = clock_monotonic_ms();

	if (jobs->stopping)
		return;
	if (output->end == PORTS_EXITED && output->status == 0) {
		jobs->reload.doing = RELOAD_SETTLING;
		jobs->reload.until_ms = now_ms + SETTLE_MS;
		jobs->reload.blind_ms = now_ms + BLIND_MS;
		ask_whether_settled(jobs);
		return;
	}
	if (reply.len == 0)
		said_put(&trouble, SAID_JOB_RELOAD_SILENT, 0);
	else
		said_put(&trouble, SAID_JOB_RELOAD_FAILED, 1,
		    said_text("reply", slice_first(reply, 200)));
	end_reload(jobs, &trouble);
}

static void join_reload(struct batch *b)
{
	struct jobs *jobs = b->jobs;

	batch_move(b, BATCH_RELOADING);
	/* It waits for the one that is under way. Where that began too early for its messages, they
	 * are found unsafe again. */
	if (jobs->reload.doing != RELOAD_IDLE)
		return;
	jobs->reload.doing = RELOAD_RUNNING;
	jobs->reload.number++;
	/* Before the command: what is seen on hold until then is known to be older. */
	jobs->reload.begun_boot_us = clock_boot_us();
	jobs->ports.command(jobs->ports.owner, PORTS_RELOAD, NULL, 0, reloaded, jobs);
}

void release_gate_tick(struct jobs *jobs, int64_t now_ms)
{
	const struct reload *r = &jobs->reload;

	if (r->doing == RELOAD_SETTLING && !r->asking && now_ms >= r->next_ms)
		ask_whether_settled(jobs);
}

int64_t release_gate_deadline_ms(const struct jobs *jobs)
{
	const struct reload *r = &jobs->reload;

	return r->doing == RELOAD_SETTLING && !r->asking ? r->next_ms : -1;
}

/* It stays on hold, and the job comes back to it. */
static void keep(struct batch *b, struct decide_item *w)
{
	SAID_AUTO struct said said = {0};

	w->clearance = RELEASE_KEPT;
	b->job->kept++;
	said_put(&said, SAID_JOB_WAITS_FOR_RELOAD, 0);
	if (b->reload_trouble[0] != '\0')
		said_then_said(&said, slice_of(b->reload_trouble), slice_of(b->reload_words));
	snprintf(b->job->kept_why, sizeof(b->job->kept_why), "%s", buffer_string(&said.text));
	/* Of one whose release was sent before, the detail says how it will end. */
	if (w->row->step != JOB_STEP_RELEASING)
		batch_set_detail(w, &said);
}

/* ---- what the mail log knows of them ---- */

/* One question for each message: beyond so many of a batch a reload is less work. */
#define LOG_QUESTIONS_MAX 100
/* Before the arrival: the log's clock may cut what the queue file's clock rounds. */
#define LOG_SLACK_US 1000000

/* The clearance of `i` hangs on what the log says. */
static bool is_for_the_log(const struct batch *b, size_t i, const struct release_facts *facts)
{
	const struct decide_item *w = &b->work[i];

	return w->clearance == RELEASE_SEEN && w->log == DECIDE_LOG_UNASKED && waits(b, i) &&
	       w->row->arrival > 0 && !release_is_safe(&w->sight, facts) &&
	       release_may_be_from_receipt(&w->sight, clock_now_us());
}

static void ask_log(struct batch *b);

static void log_told(void *context, bool never_active)
{
	struct batch *b = context;

	if (b->jobs->stopping)
		return;
	b->work[b->log_at].sight.never_active = never_active;
	b->log_at++;
	if (!b->in_ask_log)
		ask_log(b);
}

/* One after the other; an answer that comes at once does not nest. */
static void ask_log(struct batch *b)
{
	const struct jobs_events *events = &b->jobs->events;

	b->in_ask_log = true;
	for (size_t at = b->log_at; at < b->items.count; at = b->log_at) {
		struct decide_item *w = &b->work[at];

		if (w->log != DECIDE_LOG_TO_ASK) {
			b->log_at++;
			continue;
		}
		w->log = DECIDE_LOG_ASKED;
		events->history(events->context, slice_of(w->row->id),
		    w->row->arrival * 1000000 - LOG_SLACK_US, log_told, b);
		if (b->log_at == at) {
			b->in_ask_log = false;
			return; /* the answer comes later */
		}
	}
	b->in_ask_log = false;
	batch_move(b, BATCH_DECIDING);
	b->jobs->calls.drive(b);
}

/* False when there is nothing to ask. */
static bool begin_log(struct batch *b, const struct release_facts *facts)
{
	size_t count = 0;

	for (size_t i = 0; i < b->items.count && b->jobs->events.history != NULL; i++)
		count += is_for_the_log(b, i, facts);
	if (count == 0 || count > LOG_QUESTIONS_MAX)
		return false;
	for (size_t i = 0; i < b->items.count; i++)
		if (is_for_the_log(b, i, facts))
			b->work[i].log = DECIDE_LOG_TO_ASK;
	b->log_at = 0;
	batch_move(b, BATCH_ASKING);
	ask_log(b);
	return true;
}

/* ---- judging ---- */

static void judge(struct batch *b, const struct release_facts *facts)
{
	bool may_reload =
	    !b->job->row.no_reload && b->reload_trouble[0] == '\0' && b->reloads < RELOADS_MAX;
	size_t unsafe = 0;

	for (size_t i = 0; i < b->items.count; i++) {
		struct decide_item *w = &b->work[i];

		if (w->clearance != RELEASE_SEEN || !waits(b, i))
			continue;
		if (release_is_safe(&w->sight, facts))
			w->clearance = RELEASE_CLEARED;
		else if (may_reload)
			unsafe++;
		else
			keep(b, w);
	}
	/* A clearance is only good for a while: another may put a message into active and on hold
	 * again. */
	b->cleared_ms = clock_monotonic_ms();
	if (unsafe > 0)
		join_reload(b);
	else
		b->jobs->calls.drive(b);
}

static void asked(void *context, const struct ports_qmgr *qmgr)
{
	struct batch *b = context;
	struct jobs *jobs = b->jobs;
	struct release_facts facts = {.qmgr = *qmgr,
	    .wall_offset_us = jobs->wall_offset_us,
	    .reloaded_boot_us = jobs->reload.blind_boot_us};

	if (jobs->stopping)
		return;
	batch_move(b, BATCH_DECIDING);
	if (!begin_log(b, &facts))
		judge(b, &facts);
}

/* ---- what the store knows of how they came on hold ---- */

/* Once for each message: the store's word about it does not change while the batch goes on. */
static bool is_asked_for(const struct batch *b, size_t i)
{
	return b->work[i].clearance == RELEASE_SEEN && !b->work[i].idle_asked;
}

static enum db_result read_idle(struct db *db, void *context, struct error *err)
{
	struct batch *b = context;
	enum db_result result = DB_OK;

	for (size_t i = 0; i < b->items.count && result == DB_OK; i++)
		if (is_asked_for(b, i))
			result =
			    job_rows_idle(db, &b->items.item[i], &b->work[i].sight.idle_us, err);
	return result;
}

static void idle_read(void *context, enum db_result result, const struct error *err)
{
	struct batch *b = context;

	/* What cannot be read is not known; it is safe without it, only not as quick. */
	(void)result;
	(void)err;
	if (b->jobs->stopping)
		return;
	batch_move(b, BATCH_DECIDING);
	for (size_t i = 0; i < b->items.count; i++) {
		struct decide_item *w = &b->work[i];

		if (!is_asked_for(b, i))
			continue;
		w->idle_asked = true;
		/* Of this batch itself, it may not be written yet. */
		if (w->sight.idle_us < w->row->idle_us)
			w->sight.idle_us = w->row->idle_us;
	}
	b->jobs->calls.drive(b);
}

enum release_gate_answer release_gate_pass(struct batch *b)
{
	size_t unseen = 0, unasked = 0, unjudged = 0;

	for (size_t i = 0; i < b->items.count && unseen < PORTS_BATCH_MAX; i++) {
		struct decide_item *w = &b->work[i];

		if (!waits(b, i))
			continue;
		if (is_stale(w)) {
			b->ids[unseen] = slice_of(w->row->id);
			b->chosen[unseen++] = i;
		} else
			unjudged += w->clearance == RELEASE_SEEN;
		unasked += is_asked_for(b, i);
	}
	if (unseen > 0) {
		b->count = unseen;
		return RELEASE_GATE_LOOK;
	}
	if (unasked > 0) {
		batch_move(b, BATCH_ASKING);
		store_read(b->jobs->store, read_idle, idle_read, b);
		return RELEASE_GATE_BUSY;
	}
	if (unjudged > 0) {
		batch_move(b, BATCH_ASKING);
		b->jobs->ports.qmgr(b->jobs->ports.owner, asked, b);
		return RELEASE_GATE_BUSY;
	}
	return RELEASE_GATE_OPEN;
}

bool release_gate_still_open(const struct batch *b)
{
	/* Asked right before the command: the batch may have waited for its turn. */
	return clock_monotonic_ms() - b->cleared_ms <= FRESH_MS;
}
