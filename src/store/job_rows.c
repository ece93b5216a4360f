/* The statements about jobs as a whole; those about their items are in job_item_rows.c. Large jobs
 * are removed in slices, so that no transaction is long. */
#include "store/job_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* read_job goes by the places in this list. */
#define JOB_COLUMNS                                                                                \
	"id, action, state, who, note, filter, created, started, finished, undo_seconds, "         \
	"grace_until, rate,"                                                                       \
	" cancel, token, total, bytes, planned, sent, held, done, gone, changed, refused, "        \
	"unknown, cancelled,"                                                                      \
	" undone, stopped, problem, delivered, deferred, bounced, undoes,"                         \
	" wait, reloads, grace_boot, grace_until_boot, grace_left, scope"

/* ---- jobs ---- */

static void bind_job(struct db_statement *s, const struct job_row *job)
{
	db_bind_int(s, job->state);
	db_bind_text(s, job->note[0] != '\0' ? job->note : NULL);
	/* NULL says that the messages were named by their IDs; an empty filter means the whole
	 * queue. */
	db_bind_text(s, job->by_ids ? NULL : job->filter);
	db_bind_int(s, job->created);
	db_bind_int(s, job->started);
	db_bind_int(s, job->finished);
	db_bind_int(s, job->undo_seconds);
	db_bind_int(s, job->grace_until);
	db_bind_int(s, job->rate);
	db_bind_int(s, job->cancel);
	db_bind_int(s, (int64_t)job->token);
	db_bind_int(s, job->total);
	db_bind_int(s, job->bytes);
	db_bind_text(s, job->problem);
	db_bind_int(s, job->no_reload);
	db_bind_int(s, job->reloads);
	db_bind_text(s, job->grace_boot);
	db_bind_int(s, job->grace_until_boot_ms);
	db_bind_int(s, job->grace_left_ms);
}

enum db_result job_rows_add(struct db *db, struct job_row *job, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "INSERT INTO jobs (state, note, filter, created, started, finished, undo_seconds, "
	    "grace_until, rate, cancel, token, total, bytes, problem,"
	    " wait, reloads, grace_boot, grace_until_boot, grace_left, action, who, undoes, scope,"
	    " planned, sent, held, done, gone, changed, refused, unknown, cancelled, undone, "
	    "stopped)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
	    "?, ?, ?, ?, ?, "
	    "?, ?, ?, ?)",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	bind_job(s, job);
	db_bind_int(s, job->action);
	db_bind_text(s, job->who);
	db_bind_int(s, job->undoes);
	db_bind_text(s, job->scope);
	for (int o = JOB_ITEM_PLANNED; o < JOB_OUTCOMES; o++)
		db_bind_int(s, job->count[o]);
	result = db_run(s, err);
	if (result == DB_OK)
		job->id = db_last_id(db);
	return result;
}

/* The counts are not among them: job_rows_progress adds to them, and neither writes over the other.
 * A token never goes back, as the helper knows commands by it. */
enum db_result job_rows_update(struct db *db, const struct job_row *job, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "UPDATE jobs SET state = ?, note = ?, filter = ?, created = ?, started = ?, finished = "
	    "?,"
	    " undo_seconds = ?, grace_until = ?, rate = ?, cancel = ?, token = max(token, ?), "
	    "total = ?, bytes = ?, problem = ?, wait = ?, reloads = ?, grace_boot = ?, "
	    "grace_until_boot = ?, grace_left = ? WHERE id = ?",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	bind_job(s, job);
	db_bind_int(s, job->id);
	result = db_run(s, err);
	if (result != DB_OK || db_changed(db) == 1)
		return result;
	error_say(err, "not_found", SAID_PROBLEM_NO_JOB, 1, said_number("job", job->id));
	return DB_NOT_FOUND;
}

/* Differences and not sums, so that batches that end side by side need not know of each other. */
enum db_result job_rows_progress(struct db *db, int64_t job, uint64_t token,
    const int64_t delta[JOB_OUTCOMES], struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "UPDATE jobs SET token = max(token, ?), planned = planned + ?, sent = sent + ?,"
	    " held = held + ?, done = done + ?, gone = gone + ?, changed = changed + ?,"
	    " refused = refused + ?, unknown = unknown + ?, cancelled = cancelled + ?,"
	    " undone = undone + ?, stopped = stopped + ? WHERE id = ?",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, (int64_t)token);
	for (int o = JOB_ITEM_PLANNED; o < JOB_OUTCOMES; o++)
		db_bind_int(s, delta[o]);
	db_bind_int(s, job);
	return db_run(s, err);
}

static void read_job(struct db_statement *s, struct job_row *job)
{
	memset(job, 0, sizeof(*job));
	job->id = db_int(s, 0);
	job->action = (enum job_action)db_int(s, 1);
	job->state = (enum job_state)db_int(s, 2);
	db_text_into(s, 3, job->who, sizeof(job->who));
	db_text_into(s, 4, job->note, sizeof(job->note));
	job->by_ids = db_is_null(s, 5);
	db_text_into(s, 5, job->filter, sizeof(job->filter));
	job->created = db_int(s, 6);
	job->started = db_int(s, 7);
	job->finished = db_int(s, 8);
	job->undo_seconds = db_int(s, 9);
	job->grace_until = db_int(s, 10);
	job->rate = db_int(s, 11);
	job->cancel = db_int(s, 12) != 0;
	job->token = (uint64_t)db_int(s, 13);
	job->total = db_int(s, 14);
	job->bytes = db_int(s, 15);
	for (int o = JOB_ITEM_PLANNED; o < JOB_OUTCOMES; o++)
		job->count[o] = db_int(s, 16 + o);
	db_text_into(s, 27, job->problem, sizeof(job->problem));
	for (int r = JOB_RESULT_DELIVERED; r < JOB_RESULTS; r++)
		job->result[r] = db_int(s, 27 + r);
	job->undoes = db_int(s, 31);
	job->no_reload = db_int(s, 32) != 0;
	job->reloads = db_int(s, 33);
	db_text_into(s, 34, job->grace_boot, sizeof(job->grace_boot));
	job->grace_until_boot_ms = db_int(s, 35);
	job->grace_left_ms = db_int(s, 36);
	db_text_into(s, 37, job->scope, sizeof(job->scope));
	/* Known only to the engine while the job runs. */
	job->seconds_left = -1;
}

static enum db_result read_stops(struct db *db, struct job_row *job, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT destination, reply, untried FROM job_stops WHERE job = ?"
	    " ORDER BY untried DESC, destination LIMIT ?",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, job->id);
	db_bind_int(s, JOB_ROWS_STOPS_MAX);
	while ((result = db_step(s, err)) == DB_OK && job->stops < JOB_ROWS_STOPS_MAX) {
		struct job_stop *stop = &job->stop[job->stops++];

		db_text_into(s, 0, stop->destination, sizeof(stop->destination));
		db_text_into(s, 1, stop->reply, sizeof(stop->reply));
		stop->untried = db_int(s, 2);
	}
	db_reset(s);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

static enum db_result read_jobs(struct db *db, struct db_statement *s, struct job_row *jobs,
    size_t max, size_t *count, struct error *err)
{
	enum db_result result;

	while ((result = db_step(s, err)) == DB_OK && *count < max)
		read_job(s, &jobs[(*count)++]);
	db_reset(s);
	if (result == DB_NOT_FOUND)
		result = DB_OK;
	/* After the list's statement was reset: reading inside its loop would keep two open. */
	for (size_t i = 0; i < *count && result == DB_OK; i++)
		if (jobs[i].rate > 0)
			result = read_stops(db, &jobs[i], err);
	return result;
}

enum db_result job_rows_get(struct db *db, int64_t id, struct job_row *job, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT " JOB_COLUMNS " FROM jobs WHERE id = ?", err);
	enum db_result result;
	size_t count = 0;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, id);
	result = read_jobs(db, s, job, 1, &count, err);
	if (result != DB_OK || count == 1)
		return result;
	error_say(err, "not_found", SAID_PROBLEM_NO_JOB, 1, said_number("job", id));
	return DB_NOT_FOUND;
}

/* By the index of scopes where there are some: how many jobs others have made must not show in the
 * time that it takes. */
#define JOBS_LISTED(from, where)                                                                   \
	"SELECT " JOB_COLUMNS " FROM jobs " from                                                   \
	" WHERE id < ?1 AND (?2 = 0 OR ?2 & (1 << state))" where " ORDER BY id DESC LIMIT ?3"

enum db_result job_rows_list(struct db *db, const struct job_list_query *query,
    struct job_row *jobs, size_t *count, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    query->scopes == NULL
		? JOBS_LISTED("", "")
		: JOBS_LISTED("INDEXED BY jobs_scope",
		      " AND scope <> '' AND scope IN (?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"),
	    err);
	bool more = query->scopes != NULL;

	*count = 0;
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, query->before > 0 ? query->before : INT64_MAX);
	db_bind_int(s, query->states);
	db_bind_int(s, (int64_t)query->max);
	for (size_t i = 0; query->scopes != NULL && i < JOB_ROWS_SCOPES_MAX; i++) {
		more = more && query->scopes[i] != NULL;
		db_bind_text(s, more ? query->scopes[i] : NULL);
	}
	return read_jobs(db, s, jobs, query->max, count, err);
}

/* From one to the next in the index: however many jobs each has. */
enum db_result job_rows_scopes(
    struct db *db, job_rows_scope *each, void *context, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "WITH RECURSIVE found(scope) AS ("
	    " SELECT min(scope) FROM jobs WHERE scope <> '' UNION ALL"
	    " SELECT (SELECT min(scope) FROM jobs WHERE scope <> '' AND scope > found.scope)"
	    " FROM found"
	    " WHERE found.scope IS NOT NULL)"
	    " SELECT scope FROM found WHERE scope IS NOT NULL",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	while ((result = db_step(s, err)) == DB_OK)
		each(context, db_text(s, 0));
	db_reset(s);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

/* For a service that has just started: these go on where the process before them stopped. */
enum db_result job_rows_unfinished(struct db *db, int64_t after, struct job_row *jobs, size_t max,
    size_t *count, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT " JOB_COLUMNS " FROM jobs WHERE state < ? AND id > ? ORDER BY id LIMIT ?", err);

	*count = 0;
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, JOB_DONE);
	db_bind_int(s, after);
	db_bind_int(s, (int64_t)max);
	return read_jobs(db, s, jobs, max, count, err);
}

enum db_result job_rows_add_stop(
    struct db *db, int64_t job, const struct job_stop *stop, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "INSERT INTO job_stops (job, destination, reply, untried) VALUES (?, ?, ?, ?)"
	    " ON CONFLICT (job, destination) DO UPDATE SET untried = untried + excluded.untried",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, job);
	db_bind_text(s, stop->destination);
	db_bind_text(s, stop->reply);
	db_bind_int(s, stop->untried);
	return db_run(s, err);
}

/* A hold of which nothing is left: a later job took at least as many messages of the same filter
 * off hold, all that it found. Only where the filter means the same messages on hold as before, and
 * later as now. */
#define HELD_STILL                                                                                 \
	"WITH still AS (SELECT id, done FROM jobs WHERE action = ?1 AND id NOT IN ("               \
	"SELECT h.id FROM jobs h JOIN jobs k ON k.filter IN"                                       \
	" (h.filter, h.filter || ' queue:hold', '(' || h.filter || ') queue:hold')"                \
	" AND k.scope = h.scope AND k.id > h.id AND k.done >= h.done"                              \
	" WHERE h.action = ?1 AND k.action IN (?2, ?3, ?4, ?5) AND k.state = ?6 AND k.cancel = 0"  \
	" AND h.filter NOT LIKE '%queue%' AND h.filter NOT LIKE '%age%'"                           \
	" AND h.filter NOT LIKE '%next%' AND h.filter NOT LIKE '%expires%'"                        \
	" AND h.filter NOT LIKE '%deleting%' AND h.filter NOT LIKE '%paused%')) "

enum db_result job_rows_held(struct db *db, int64_t *messages, struct error *err)
{
	static const int gone[] = {JOB_DELETE, JOB_BOUNCE, JOB_RELEASE, JOB_REQUEUE, JOB_DONE};
	struct db_statement *s = db_statement(db,
	    HELD_STILL "SELECT coalesce(sum(done), 0) - (SELECT coalesce(sum(done), 0) FROM jobs"
		       " WHERE undoes IN (SELECT id FROM still)) FROM still",
	    err);
	enum db_result result;

	*messages = -1;
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, JOB_HOLD);
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		db_bind_int(s, gone[i]);
	result = db_step(s, err);
	if (result == DB_OK)
		*messages = db_int(s, 0);
	db_reset(s);
	return result;
}

/* ---- what is no longer needed ---- */

static enum db_result run_with(
    struct db *db, const char *sql, int64_t a, int64_t b, struct error *err)
{
	struct db_statement *s = db_statement(db, sql, err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, a);
	db_bind_int(s, b);
	return db_run(s, err);
}

/* Removes the first items of a job; `left`: there may be more. A slice at a time: to remove a
 * million rows at once would stop all others for seconds. */
static enum db_result remove_slice(struct db *db, int64_t job, bool *left, struct error *err)
{
	static const char sql[] = "DELETE FROM job_items WHERE job = ?1 AND seq <"
				  " (SELECT min(seq) FROM job_items WHERE job = ?1) + ?2";
	enum db_result result = run_with(db, sql, job, JOB_ROWS_SLICE, err);

	*left = result == DB_OK && db_changed(db) > 0;
	return result;
}

static enum db_result end_abandoned(
    struct db *db, int64_t id, const char *problem, int64_t now, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "UPDATE jobs SET state = ?, finished = ?, problem = ?, cancel = 1, planned = 0,"
	    " cancelled = total WHERE id = ?",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, JOB_CANCELLED);
	db_bind_int(s, now);
	db_bind_text(s, problem);
	db_bind_int(s, id);
	return db_run(s, err);
}

/* The items go first and the job ends last: a crash in between leaves it to be abandoned again. */
enum db_result job_rows_abandon(
    struct db *db, int64_t id, const char *problem, int64_t now, bool *ended, struct error *err)
{
	bool left;
	enum db_result result = remove_slice(db, id, &left, err);

	*ended = result == DB_OK && !left;
	return *ended ? end_abandoned(db, id, problem, now, err) : result;
}

/* The first job that ended before `before`; 0 none. */
static enum db_result find_expired(struct db *db, int64_t before, int64_t *job, struct error *err)
{
	struct db_statement *s = db_statement(
	    db, "SELECT id FROM jobs WHERE state >= ? AND finished < ? ORDER BY id LIMIT 1", err);
	enum db_result result;

	*job = 0;
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, JOB_DONE);
	db_bind_int(s, before);
	result = db_step(s, err);
	if (result == DB_OK)
		*job = db_int(s, 0);
	db_reset(s);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

enum db_result job_rows_drop(struct db *db, int64_t id, struct error *err)
{
	static const char *const sql[] = {"DELETE FROM job_items WHERE job = ?1 AND ?2 = 0",
	    "DELETE FROM job_stops WHERE job = ?1 AND ?2 = 0",
	    "DELETE FROM jobs WHERE id = ?1 AND ?2 = 0"};
	enum db_result result = DB_OK;

	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]) && result == DB_OK; i++)
		result = run_with(db, sql[i], id, 0, err);
	return result;
}

enum db_result job_rows_expire(struct db *db, int64_t before, bool *more, struct error *err)
{
	int64_t job;
	bool left = false;
	enum db_result result = find_expired(db, before, &job, err);

	*more = result == DB_OK && job != 0;
	if (!*more)
		return result;
	result = remove_slice(db, job, &left, err);
	return result == DB_OK && !left ? job_rows_drop(db, job, err) : result;
}
