/* The statements about the items of jobs: a message each, with what was asked for it and what
 * became of it. Large jobs are written and changed in slices, so that no transaction is long. */
#include "store/job_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* read_item goes by the places in this list. */
#define ITEM_COLUMNS                                                                               \
	"seq, id, arrival, inode, sender, size, queue, domain, was_held, step, intended, outcome," \
	" detail, new_id, token, refusal, result, reply, idle, detail_words"

/* ---- items in memory ---- */

void job_item_clear(struct job_item *item)
{
	free(item->sender);
	free(item->domain);
	free(item->detail);
	free(item->detail_words);
	free(item->reply);
	item->sender = item->domain = item->detail = item->detail_words = item->reply = NULL;
}

void job_items_free(struct job_items *items)
{
	for (size_t i = 0; i < items->count; i++)
		job_item_clear(&items->item[i]);
	free(items->item);
	*items = (struct job_items){0};
}

struct job_item *job_items_add(struct job_items *items)
{
	if (items->count == items->room) {
		items->room = items->room == 0 ? 64 : items->room * 2;
		items->item = memory_resize(items->item, items->room, sizeof(*items->item));
	}
	memset(&items->item[items->count], 0, sizeof(*items->item));
	return &items->item[items->count++];
}

/* ---- items ---- */

static enum db_result add_item(
    struct db *db, int64_t job, const struct job_item *item, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "INSERT INTO job_items (job, seq, id, arrival, inode, sender, size, queue, domain, "
	    "was_held, step,"
	    " intended, outcome, detail, detail_words, new_id, token, refusal)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, job);
	db_bind_int(s, item->seq);
	db_bind_text(s, item->id);
	db_bind_int(s, item->arrival);
	db_bind_int(s, (int64_t)item->inode);
	db_bind_text(s, item->sender);
	db_bind_int(s, item->size);
	db_bind_int(s, item->queue);
	db_bind_text(s, item->domain);
	db_bind_int(s, item->was_held);
	db_bind_int(s, item->step);
	db_bind_int(s, item->intended);
	db_bind_int(s, item->outcome);
	db_bind_text(s, item->detail);
	db_bind_text(s, item->detail_words);
	db_bind_text(s, item->new_id[0] != '\0' ? item->new_id : NULL);
	db_bind_int(s, (int64_t)item->token);
	db_bind_int(s, item->refusal);
	return db_run(s, err);
}

enum db_result job_rows_add_items(
    struct db *db, int64_t job, const struct job_item *items, size_t count, struct error *err)
{
	enum db_result result = DB_OK;

	for (size_t i = 0; i < count && result == DB_OK; i++)
		result = add_item(db, job, &items[i], err);
	return result;
}

enum db_result job_rows_update_item(
    struct db *db, int64_t job, const struct job_item *item, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "UPDATE job_items SET arrival = ?, inode = ?, sender = ?, was_held = ?, step = ?, "
	    "intended = ?,"
	    " outcome = ?, detail = ?, detail_words = ?, token = ?, idle = ? WHERE job = ? AND seq "
	    "= ?",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, item->arrival);
	db_bind_int(s, (int64_t)item->inode);
	db_bind_text(s, item->sender);
	db_bind_int(s, item->was_held);
	db_bind_int(s, item->step);
	db_bind_int(s, item->intended);
	db_bind_int(s, item->outcome);
	db_bind_text(s, item->detail);
	db_bind_text(s, item->detail_words);
	db_bind_int(s, (int64_t)item->token);
	db_bind_int(s, item->idle_us);
	db_bind_int(s, job);
	db_bind_int(s, item->seq);
	return db_run(s, err);
}

/* A run of such items is written by one statement: most of a batch ends alike. */
bool job_rows_equally_far(const struct job_item *a, const struct job_item *b)
{
	return a->was_held == b->was_held && a->step == b->step && a->intended == b->intended &&
	       a->outcome == b->outcome && a->token == b->token && a->idle_us == b->idle_us;
}

enum db_result job_rows_update_items(
    struct db *db, int64_t job, const struct job_item *first, size_t count, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "UPDATE job_items SET was_held = ?, step = ?, intended = ?, outcome = ?, token = ?, "
	    "idle = ?"
	    " WHERE job = ? AND seq >= ? AND seq < ?",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, first->was_held);
	db_bind_int(s, first->step);
	db_bind_int(s, first->intended);
	db_bind_int(s, first->outcome);
	db_bind_int(s, (int64_t)first->token);
	db_bind_int(s, first->idle_us);
	db_bind_int(s, job);
	db_bind_int(s, first->seq);
	db_bind_int(s, first->seq + (int64_t)count);
	return db_run(s, err);
}

/* Only those that nothing was begun for: a message that a command may have reached keeps its own
 * outcome. */
enum db_result job_rows_cancel_items(
    struct db *db, int64_t job, int64_t from, int64_t to, int64_t *count, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "UPDATE job_items SET step = ?, outcome = ? WHERE job = ? AND seq >= ? AND seq < ? AND "
	    "step = ?",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, JOB_STEP_SETTLED);
	db_bind_int(s, JOB_ITEM_CANCELLED);
	db_bind_int(s, job);
	db_bind_int(s, from);
	db_bind_int(s, to);
	db_bind_int(s, JOB_STEP_PLANNED);
	result = db_run(s, err);
	*count = result == DB_OK ? db_changed(db) : 0;
	return result;
}

/* Only a re-queue gives new IDs. A line of the log that names another job's item must not change
 * it. */
enum db_result job_rows_set_new_id(
    struct db *db, int64_t job, int64_t seq, const char *new_id, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "UPDATE job_items SET new_id = ?1 WHERE job = ?2 AND seq = ?3"
	    " AND EXISTS (SELECT 1 FROM jobs WHERE id = ?2 AND action = ?4)",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, new_id);
	db_bind_int(s, job);
	db_bind_int(s, seq);
	db_bind_int(s, JOB_REQUEUE);
	return db_run(s, err);
}

/* What the item had until now; DB_NOT_FOUND where there is no such item. */
static enum db_result old_result(
    struct db *db, int64_t job, int64_t seq, enum job_result *result, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT result FROM job_items WHERE job = ? AND seq = ?", err);
	enum db_result found;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, job);
	db_bind_int(s, seq);
	found = db_step(s, err);
	if (found == DB_OK)
		*result = (enum job_result)db_int(s, 0);
	db_reset(s);
	return found;
}

/* One more of the new and one less of the old, in one statement. */
static enum db_result count_result(
    struct db *db, int64_t job, enum job_result from, enum job_result to, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "UPDATE jobs SET delivered = delivered + ?, deferred = deferred + ?,"
	    " bounced = bounced + ? WHERE id = ?",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	for (int r = JOB_RESULT_DELIVERED; r < JOB_RESULTS; r++)
		db_bind_int(s, (r == (int)to) - (r == (int)from));
	db_bind_int(s, job);
	return db_run(s, err);
}

enum db_result job_rows_set_result(struct db *db, int64_t job, int64_t seq, enum job_result result,
    const char *reply, struct error *err)
{
	struct db_statement *s;
	enum job_result before = JOB_RESULT_UNKNOWN;
	enum db_result done = old_result(db, job, seq, &before, err);

	if (done != DB_OK)
		return done == DB_NOT_FOUND ? DB_OK : done; /* the job is no longer kept */
	s = db_statement(
	    db, "UPDATE job_items SET result = ?, reply = ? WHERE job = ? AND seq = ?", err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, result);
	db_bind_text(s, reply);
	db_bind_int(s, job);
	db_bind_int(s, seq);
	done = db_run(s, err);
	/* The same line may be read twice, after a restart of the logreader for instance. */
	return done == DB_OK && result != before ? count_result(db, job, before, result, err)
						 : done;
}

/* Finds the holder; the partial index job_items_held answers both statements. */
static enum db_result find_holder(
    struct db *db, int64_t job, const struct job_item *item, int64_t *holder, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT job FROM job_items WHERE step = 2 AND id = ?1 AND arrival = ?2 AND job <> ?3"
	    " ORDER BY job LIMIT 1",
	    err);
	enum db_result result;

	*holder = 0;
	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, item->id);
	db_bind_int(s, item->arrival);
	db_bind_int(s, job);
	result = db_step(s, err);
	if (result == DB_OK)
		*holder = db_int(s, 0);
	db_reset(s);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

/* The job with the grace time must leave the message on hold when it is undone: was_held says this.
 */
enum db_result job_rows_share_hold(
    struct db *db, int64_t job, const struct job_item *item, int64_t *holder, struct error *err)
{
	enum db_result result = find_holder(db, job, item, holder, err);
	struct db_statement *s;

	if (result != DB_OK || *holder == 0)
		return result;
	s = db_statement(db,
	    "UPDATE job_items SET was_held = 1 WHERE step = 2 AND id = ?1 AND arrival = ?2"
	    " AND job <> ?3",
	    err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, item->id);
	db_bind_int(s, item->arrival);
	db_bind_int(s, job);
	return db_run(s, err);
}

/* The newest word of all jobs: whichever put the message on hold last (docs/POSTFIX.md, "When a
 * release is safe"). */
enum db_result job_rows_idle(
    struct db *db, const struct job_item *item, int64_t *idle_us, struct error *err)
{
	struct db_statement *s = db_statement(
	    db, "SELECT max(idle) FROM job_items WHERE idle > 0 AND id = ?1 AND arrival = ?2", err);
	enum db_result result;

	*idle_us = 0;
	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, item->id);
	db_bind_int(s, item->arrival);
	result = db_step(s, err);
	if (result == DB_OK)
		*idle_us = db_int(s, 0);
	db_reset(s);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

enum db_result job_rows_forget_idle(struct db *db, const struct job_item *item, struct error *err)
{
	struct db_statement *s = db_statement(
	    db, "UPDATE job_items SET idle = 0 WHERE idle > 0 AND id = ?1 AND arrival = ?2", err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, item->id);
	db_bind_int(s, item->arrival);
	return db_run(s, err);
}

static void read_item(struct db_statement *s, struct job_item *item)
{
	item->seq = db_int(s, 0);
	db_text_into(s, 1, item->id, sizeof(item->id));
	item->arrival = db_int(s, 2);
	item->inode = (uint64_t)db_int(s, 3);
	item->sender = db_text_copy(s, 4);
	item->size = db_int(s, 5);
	item->queue = (uint8_t)db_int(s, 6);
	item->domain = db_text_copy(s, 7);
	item->was_held = db_int(s, 8) != 0;
	item->step = (enum job_step)db_int(s, 9);
	item->intended = (enum job_outcome)db_int(s, 10);
	item->outcome = (enum job_outcome)db_int(s, 11);
	item->detail = db_text_copy(s, 12);
	db_text_into(s, 13, item->new_id, sizeof(item->new_id));
	item->token = (uint64_t)db_int(s, 14);
	item->refusal = db_int(s, 15);
	item->result = (enum job_result)db_int(s, 16);
	item->reply = db_text_copy(s, 17);
	item->idle_us = db_int(s, 18);
	item->detail_words = db_text_copy(s, 19);
}

enum db_result job_rows_items(
    struct db *db, const struct job_items_query *query, struct job_items *items, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT " ITEM_COLUMNS " FROM job_items WHERE job = ?1 AND seq "
	    "> ?2 AND (?3 < 0 OR outcome = "
	    "?3)"
	    " AND step < ?4 AND step <> ?5 AND seq < ?6"
	    " AND (?8 < 0 OR (result = ?8 AND (?8 > 0 OR outcome = ?9))) ORDER BY seq LIMIT ?7",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, query->job);
	db_bind_int(s, query->after);
	db_bind_int(s, query->by_outcome ? (int64_t)query->outcome : -1);
	/* Each condition that is not asked for gets a value that excludes nothing, so one statement
	 * serves all. */
	db_bind_int(s, query->open ? JOB_STEP_SETTLED : JOB_STEP_SETTLED + 1);
	db_bind_int(s, query->not_held ? JOB_STEP_HELD : -1);
	db_bind_int(s, query->until > 0 ? query->until : INT64_MAX);
	db_bind_int(s, (int64_t)query->max);
	db_bind_int(s, query->by_result ? (int64_t)query->result : -1);
	db_bind_int(s, JOB_ITEM_DONE);
	while ((result = db_step(s, err)) == DB_OK)
		read_item(s, job_items_add(items));
	return result == DB_NOT_FOUND ? DB_OK : result;
}

/* ---- paced retries ---- */

/* In pages by name: a retry of a million messages may go to very many domains. */
enum db_result job_rows_destinations(
    struct db *db, int64_t job, const char *after, struct job_destinations *out, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT i.domain, count(*), s.reply FROM job_items i"
	    " LEFT JOIN job_stops s ON s.job = i.job AND s.destination = i.domain"
	    " WHERE i.job = ?1 AND i.domain IS NOT NULL AND i.step = 0 AND i.domain >= ?2"
	    " GROUP BY i.domain ORDER BY i.domain LIMIT ?3",
	    err);
	char from[JOB_ROWS_DESTINATION_MAX + 2];
	enum db_result result;

	out->count = 0;
	if (s == NULL)
		return DB_REFUSED;
	/* No text stands between a name and the same with the lowest character behind it. */
	snprintf(
	    from, sizeof(from), "%s%s", after != NULL ? after : "", after != NULL ? "\001" : "");
	db_bind_int(s, job);
	db_bind_text(s, from);
	db_bind_int(s, sizeof(out->item) / sizeof(out->item[0]));
	while ((result = db_step(s, err)) == DB_OK) {
		struct job_destination *d = &out->item[out->count++];

		db_text_into(s, 0, d->name, sizeof(d->name));
		d->left = db_int(s, 1);
		db_text_into(s, 2, d->reply, sizeof(d->reply));
	}
	return result == DB_NOT_FOUND ? DB_OK : result;
}

enum db_result job_rows_untried(struct db *db, int64_t job, struct slice destination, size_t max,
    struct job_items *items, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT " ITEM_COLUMNS " FROM job_items WHERE job = ?1 AND domain = ?2"
	    " AND domain IS NOT NULL AND step = 0 ORDER BY seq LIMIT ?3",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, job);
	db_bind_slice(s, destination);
	db_bind_int(s, (int64_t)max);
	while ((result = db_step(s, err)) == DB_OK)
		read_item(s, job_items_add(items));
	return result == DB_NOT_FOUND ? DB_OK : result;
}
