/* A sample is kept as it is and later folded into its hour. Reading groups by a step that people
 * can read. */
#include "store/samples.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

#define DAY 86400
#define HOUR 3600

/* The columns of the table, in its own order: what is shown first may change, what is stored may
 * not.
 */
static const enum queue columns[] = {
    QUEUE_INCOMING, QUEUE_ACTIVE, QUEUE_DEFERRED, QUEUE_HOLD, QUEUE_MAILDROP, QUEUE_CORRUPT};
static_assert(sizeof(columns) / sizeof(*columns) == QUEUE_COUNT, "a column for each queue");

/* Several in one step are put together by their largest numbers, also after a restart within it. */
static enum db_result insert(struct db *db, const struct sample *sample, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "INSERT INTO samples (step, taken, incoming, active, deferred, hold, maildrop, "
	    "corrupt, bytes)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
	    " incoming = max(incoming, excluded.incoming), active = max(active, excluded.active),"
	    " deferred = max(deferred, excluded.deferred), hold = max(hold, excluded.hold),"
	    " maildrop = max(maildrop, excluded.maildrop), corrupt = max(corrupt, "
	    "excluded.corrupt),"
	    " bytes = max(bytes, excluded.bytes)",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, SAMPLES_STEP);
	db_bind_int(s, sample->taken - sample->taken % SAMPLES_STEP);
	for (int q = 0; q < QUEUE_COUNT; q++)
		db_bind_int(s, sample->count[columns[q]]);
	db_bind_int(s, sample->bytes);
	return db_run(s, err);
}

/* Whole hours that are older than the fine samples are kept. A queue that was not known in any
 * sample of an hour stays -1. */
static enum db_result fold_hours(struct db *db, int64_t before, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "INSERT OR REPLACE INTO samples (step, taken, incoming, active, deferred, hold, "
	    "maildrop, corrupt, bytes)"
	    " SELECT 3600, taken - taken % 3600,"
	    " max(incoming), max(active), max(deferred), max(hold), max(maildrop), max(corrupt), "
	    "max(bytes)"
	    " FROM samples WHERE step = ? AND taken < ? GROUP BY taken / 3600",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, SAMPLES_STEP);
	db_bind_int(s, before);
	return db_run(s, err);
}

static enum db_result remove_before(struct db *db, int64_t step, int64_t before, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "DELETE FROM samples WHERE step = ? AND taken < ?", err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, step);
	db_bind_int(s, before);
	return db_run(s, err);
}

enum db_result samples_add(struct db *db, const struct sample *sample, struct error *err)
{
	/* Whole hours only: an hour that is folded in parts would be replaced by its last part. */
	int64_t fine = sample->taken - SAMPLES_FINE_DAYS * (int64_t)DAY;
	enum db_result result = insert(db, sample, err);

	fine -= fine % HOUR;
	if (result == DB_OK)
		result = fold_hours(db, fine, err);
	if (result == DB_OK)
		result = remove_before(db, SAMPLES_STEP, fine, err);
	if (result == DB_OK)
		result =
		    remove_before(db, HOUR, sample->taken - SAMPLES_HOUR_DAYS * (int64_t)DAY, err);
	return result;
}

/* A step that divides the range into at most max_points, of those that people can read; never
 * more points than there are samples, because what lies between would look like gaps. */
int64_t samples_choose_step(const struct samples_range *range)
{
	static const int64_t steps[] = {SAMPLES_STEP, 600, 900, 1800, HOUR, 2 * HOUR, 3 * HOUR,
	    6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY};
	size_t n = sizeof(steps) / sizeof(steps[0]);
	int64_t span = range->to - range->from, step;

	for (size_t i = 0; i < n; i++)
		if (steps[i] >= range->interval && span / steps[i] < (int64_t)range->max_points)
			return steps[i];
	step = span / (int64_t)range->max_points + 1;
	return step - step % DAY + DAY;
}

enum db_result samples_first(struct db *db, int64_t *taken, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT coalesce(min(taken), 0) FROM samples", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	result = db_step(s, err);
	if (result == DB_OK)
		*taken = db_int(s, 0);
	db_reset(s);
	return result;
}

static void read_row(struct db_statement *s, struct sample *p)
{
	p->taken = db_int(s, 0);
	for (int q = 0; q < QUEUE_COUNT; q++)
		p->count[columns[q]] = db_int(s, 1 + q);
	p->bytes = db_int(s, 1 + QUEUE_COUNT);
}

enum db_result samples_read(struct db *db, struct samples_range *range, struct error *err)
{
	struct db_statement *s;
	enum db_result result;
	size_t room = 0;

	range->points = NULL;
	range->count = 0;
	if (range->from >= range->to || range->max_points == 0) {
		error_set(err, "bad_range", "a range begins before it ends");
		return DB_REFUSED;
	}
	range->step = samples_choose_step(range);
	s = db_statement(db,
	    "SELECT taken - taken % ?1 AS at,"
	    " max(incoming), max(active), max(deferred), max(hold), max(maildrop), max(corrupt), "
	    "max(bytes)"
	    " FROM samples WHERE taken >= ?2 AND taken < ?3 GROUP BY at ORDER BY at",
	    err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, range->step);
	db_bind_int(s, range->from);
	db_bind_int(s, range->to);
	while ((result = db_step(s, err)) == DB_OK) {
		if (range->count == room) {
			room = room == 0 ? 512 : room * 2;
			range->points = memory_resize(range->points, room, sizeof(struct sample));
		}
		read_row(s, &range->points[range->count++]);
	}
	if (result == DB_NOT_FOUND)
		return DB_OK;
	free(range->points);
	range->points = NULL;
	range->count = 0;
	return result;
}
