/* How a new job comes into the store: its row, its items in slices, and last that it is complete.
 * It runs only when all of it is there, so a process that dies on the way leaves nothing half done.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "jobs/pace.h"
#include "jobs/unfinished.h"
#include "store/audit_rows.h"

/* Items in one transaction: about 20 ms of the store's thread, so that others get their turn. */
#define CHUNK 5000
/* What people have submitted and asked for that is under way at once: each may hold 100,000 IDs. */
#define SUBMISSIONS_MAX 64

/* A new job on its way into the store: its row as JOB_WRITING, its items, and only then
 * JOB_PLANNED. A large one is answered once its first items are there; the rest follows, and it
 * runs when all are. A process that dies before that leaves a job that never runs, and that the
 * next start ends as cancelled. */
struct submission {
	struct jobs *jobs;
	struct selection *selection;
	struct job_row row;
	uint64_t person;
	bool answered;	      /* it is in the engine's list, though not whole */
	struct buffer record; /* jobs_request */
	struct job_items chunk;
	size_t at;
	struct error err;
	jobs_done *done;
	void *context;
};

static void end(struct submission *s)
{
	s->jobs->pending--;
	selection_destroy(&s->selection);
	job_items_free(&s->chunk);
	buffer_free(&s->record);
	free(s);
}

/* It is written down, completely or (a large one) so far. */
static void answer(struct submission *s, bool whole)
{
	struct jobs *jobs = s->jobs;
	struct unfinished *job = unfinished_find(jobs, s->row.id);

	if (!jobs->stopping) {
		if (job == NULL)
			job = unfinished_add(jobs, &s->row);
		job->person = s->person;
		job->whole = whole;
		if (job->row.state != s->row.state)
			job_state_move(&job->row.state, s->row.state);
		unfinished_tell(jobs, job, true);
	}
	if (!s->answered)
		s->done(s->context, &s->row, NULL);
	s->answered = true;
}

static void refuse(struct submission *s, const struct error *err)
{
	s->done(s->context, NULL, err);
	end(s);
}

static enum db_result drop(struct db *db, void *context, struct error *err)
{
	struct submission *s = context;

	return job_rows_drop(db, s->row.id, err);
}

static void dropped(void *context, enum db_result result, const struct error *err)
{
	struct submission *s = context;

	/* Dropping only tidies up: the next start does it too. */
	(void)result;
	(void)err;
	refuse(s, &s->err);
}

/* Whoever asked was told already: the job says itself why it ends. */
static void abandon(struct submission *s, const char *why)
{
	struct unfinished *job = unfinished_find(s->jobs, s->row.id);

	if (job != NULL) {
		char text[JOB_ROWS_ERROR_MAX + 1];

		snprintf(text, sizeof(text),
		    "%.300s before all its messages were written down: nothing was done to any of "
		    "them.",
		    why);
		unfinished_set_problem(job, text);
		job->abandoned = true;
		job->wait_ms = 0;
	}
	end(s);
}

/* What was told to the caller decides: a job that he knows of ends by itself, another one is as if
 * it had never been. */
static void fail(struct submission *s, const struct error *err)
{
	char why[ERROR_TEXT_MAX + 40];

	s->err = *err;
	snprintf(why, sizeof(why), "The store refused (%s)", err->text);
	if (s->answered)
		abandon(s, why);
	else if (s->row.id == 0)
		refuse(s, &s->err);
	else
		store_write(s->jobs->store, drop, dropped, s);
}

static void complete(struct submission *s)
{
	answer(s, true);
	end(s);
}

static enum db_result look_again(struct db *db, void *context, struct error *err)
{
	struct submission *s = context;

	return job_rows_get(db, s->row.id, &s->row, err);
}

/* The last commit may or may not be on disk: what is there now decides. */
static void looked_again(void *context, enum db_result result, const struct error *err)
{
	struct submission *s = context;

	if (result == DB_OK && s->row.state == JOB_PLANNED)
		complete(s);
	else
		fail(s, result == DB_OK ? &s->err : err);
}

static enum db_result make_planned(struct db *db, void *context, struct error *err)
{
	struct submission *s = context;

	return job_rows_update(db, &s->row, err);
}

static void planned(void *context, enum db_result result, const struct error *err)
{
	struct submission *s = context;

	if (result == DB_OK)
		complete(s);
	else if (result == DB_UNKNOWN) {
		s->err = *err;
		store_read(s->jobs->store, look_again, looked_again, s);
	} else
		fail(s, err);
}

static void fill_item(struct job_item *item, const struct target *t, size_t seq, bool paced)
{
	item->seq = (int64_t)seq;
	memcpy(item->id, t->id.data, t->id.len);
	item->arrival = t->arrival;
	item->inode = t->inode;
	item->size = t->size;
	item->queue = (uint8_t)t->queue;
	if (t->arrival >= 0)
		item->sender = memory_strndup(t->sender.data, t->sender.len);
	/* Only a paced retry groups by destination, and a million domains need room. */
	if (!paced)
		return;
	item->domain = memory_strndup(t->domain.data, t->domain.len);
	/* What the host said before: a retry that hears the same again stops. */
	item->refusal = pace_refusal(t->reason);
}

static void fill_chunk(struct submission *s)
{
	size_t end = selection_count(s->selection);

	job_items_free(&s->chunk);
	for (; s->at < end && s->chunk.count < CHUNK; s->at++) {
		struct target t;

		selection_get(s->selection, s->at, &t);
		fill_item(job_items_add(&s->chunk), &t, s->at, s->row.rate > 0);
	}
}

/* The job's row, and its record: both or neither. */
static enum db_result add_row(struct db *db, struct submission *s, struct error *err)
{
	BUFFER_AUTO struct buffer members = {0};
	enum db_result result = job_rows_add(db, &s->row, err);

	if (result != DB_OK || s->record.len == 0)
		return result;
	buffer_append_slice(&members, buffer_slice(&s->record));
	buffer_printf(&members, ",\"job\":%lld", (long long)s->row.id);
	return audit_rows_promise(db, buffer_slice(&members), err);
}

static enum db_result write_chunk(struct db *db, void *context, struct error *err)
{
	struct submission *s = context;
	enum db_result result = s->row.id == 0 ? add_row(db, s, err) : DB_OK;

	return result == DB_OK
		   ? job_rows_add_items(db, s->row.id, s->chunk.item, s->chunk.count, err)
		   : result;
}

static void chunk_written(void *context, enum db_result result, const struct error *err);

static void write_more(struct submission *s)
{
	if (!s->answered)
		answer(s, false);
	fill_chunk(s);
	store_write(s->jobs->store, write_chunk, chunk_written, s);
}

/* True when nobody wants the rest of it to be written down. */
static bool is_unwanted(struct submission *s)
{
	const struct unfinished *job = s->answered ? unfinished_find(s->jobs, s->row.id) : NULL;

	if (s->answered && s->jobs->stopping)
		end(s); /* the next start ends it */
	else if (job != NULL && job->row.cancel)
		abandon(s, "It was cancelled");
	else
		return false;
	return true;
}

static void chunk_written(void *context, enum db_result result, const struct error *err)
{
	struct submission *s = context;

	/* An unknown outcome may mean that the items are there already; the job is given up, not
	 * guessed. */
	if (result != DB_OK) {
		if (s->row.id != 0 && result == DB_REFUSED && s->at <= CHUNK)
			s->row.id =
			    0; /* its first transaction was taken back: there is nothing to drop */
		fail(s, err);
		return;
	}
	/* Between slices, so that a cancel of a large job need not wait for all of it. */
	if (is_unwanted(s))
		return;
	if (s->at < selection_count(s->selection)) {
		write_more(s);
		return;
	}
	/* All items are there: from this write on it may run. */
	job_state_move(&s->row.state, JOB_PLANNED);
	store_write(s->jobs->store, make_planned, planned, s);
}

/* Everything that can be refused is refused before anything is written down. */
static bool check(const struct jobs *jobs, const struct jobs_request *rq,
    const struct selection *selection, struct error *err)
{
	size_t not_whole = selection_not_whole(selection);

	if (selection_count(selection) == 0 && not_whole > 0)
		return error_say(err, "not_all_yours", SAID_PROBLEM_NOT_ALL_YOURS, 1,
		    said_number("count", (int64_t)not_whole));
	if (rq->scope != NULL && strlen(rq->scope) > JOB_ROWS_SCOPE_MAX)
		return error_say(err, "invalid_value", SAID_PROBLEM_SCOPE_LONG, 1,
		    said_number("most", JOB_ROWS_SCOPE_MAX));
	if (selection_count(selection) == 0)
		return error_say(err, "nothing_matched", SAID_PROBLEM_NO_MATCH, 0);
	if (rq->note != NULL && strlen(rq->note) > JOB_ROWS_NOTE_MAX)
		return error_say(err, "invalid_value", SAID_PROBLEM_NOTE_LONG, 1,
		    said_number("most", JOB_ROWS_NOTE_MAX));
	if (rq->undo_seconds < -1 || rq->undo_seconds > JOBS_UNDO_MAX)
		return error_say(err, "invalid_value", SAID_PROBLEM_UNDO_SECONDS, 1,
		    said_number("most", JOBS_UNDO_MAX));
	if (rq->rate < 0 || rq->rate > JOBS_RATE_MAX || (rq->rate > 0 && rq->action != JOB_RETRY))
		return error_say(err, "invalid_value", SAID_PROBLEM_RATE_OF_RETRY, 0);
	if (rq->no_reload && rq->action != JOB_RELEASE)
		return error_say(err, "invalid_value", SAID_PROBLEM_NO_RELOAD, 0);
	if (rq->action == JOB_BOUNCE && jobs->postfix_version > 0 && jobs->postfix_version < 305)
		return error_say(err, "unsupported_by_postfix", SAID_PROBLEM_BOUNCE_NEEDS, 0);
	return true;
}

static void fill_row(
    struct job_row *row, const struct jobs_request *rq, const struct selection *selection)
{
	row->action = rq->action;
	row->state = JOB_WRITING;
	snprintf(row->who, sizeof(row->who), "%s", rq->who);
	snprintf(row->note, sizeof(row->note), "%s", rq->note != NULL ? rq->note : "");
	row->by_ids = rq->filter == NULL;
	snprintf(row->filter, sizeof(row->filter), "%s", rq->filter != NULL ? rq->filter : "");
	snprintf(row->scope, sizeof(row->scope), "%s", rq->scope != NULL ? rq->scope : "");
	row->created = clock_now();
	if (rq->action == JOB_DELETE)
		row->undo_seconds = rq->undo_seconds < 0 ? JOBS_UNDO_DEFAULT : rq->undo_seconds;
	row->rate = rq->rate;
	row->undoes = rq->undoes;
	row->no_reload = rq->no_reload;
	row->total = (int64_t)selection_count(selection);
	row->bytes = selection_totals(selection)->bytes;
	row->count[JOB_ITEM_PLANNED] = row->total;
}

/* A refusal is answered the same way as everything else: later. */
static enum db_result say_no(struct db *db, void *context, struct error *err)
{
	struct submission *s = context;

	(void)db;
	*err = s->err;
	return DB_REFUSED;
}

static void said_no(void *context, enum db_result result, const struct error *err)
{
	struct submission *s = context;

	(void)result;
	(void)err;
	refuse(s, &s->err);
}

void jobs_submit(struct jobs *jobs, const struct jobs_request *request,
    struct selection **selection, jobs_done *done, void *context)
{
	struct submission *s = memory_zero(1, sizeof(*s));

	s->jobs = jobs;
	s->selection = *selection;
	*selection = NULL;
	s->person = request->person;
	s->done = done;
	s->context = context;
	buffer_append_slice(&s->record, request->record);
	jobs->pending++;
	if (jobs->pending > SUBMISSIONS_MAX)
		error_say(&s->err, "store_busy", SAID_PROBLEM_JOBS_BUSY, 1,
		    said_number("count", SUBMISSIONS_MAX));
	if (jobs->pending > SUBMISSIONS_MAX || !check(jobs, request, s->selection, &s->err)) {
		store_ask_read(jobs->store, say_no, said_no, s);
		return;
	}
	fill_row(&s->row, request, s->selection);
	fill_chunk(s);
	store_write(jobs->store, write_chunk, chunk_written, s);
}
