/* Looks up single samples, each within ten minutes of the time that is asked for: two rows of five
 * minutes, or (older than SAMPLES_FINE_DAYS, which nobody asks for) none. */
#include "store/usual.h"

#include "store/samples.h"

#define HOUR 3600
#define DAY (24 * (int64_t)HOUR)
#define WEEK (7 * DAY)

/* The largest within the ten minutes up to `at`; -1: there is no sample. */
static enum db_result deferred_at(struct db *db, int64_t at, int64_t *deferred, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT max(deferred) FROM samples WHERE step = ? AND taken > ? AND taken <= ?", err);
	enum db_result result;

	*deferred = -1;
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, SAMPLES_STEP);
	db_bind_int(s, at - 2 * SAMPLES_STEP);
	db_bind_int(s, at);
	result = db_step(s, err);
	if (result == DB_OK && !db_is_null(s, 0))
		*deferred = db_int(s, 0);
	db_reset(s);
	return result;
}

static enum db_result read_weeks(struct db *db, int64_t now, struct usual *out, struct error *err)
{
	enum db_result result = DB_OK;
	int64_t deferred;

	for (int week = 1; week <= USUAL_WEEKS && result == DB_OK; week++) {
		result = deferred_at(db, now - week * WEEK, &deferred, err);
		if (deferred < 0)
			continue;
		if (out->weeks == 0 || deferred < out->least)
			out->least = deferred;
		if (out->weeks == 0 || deferred > out->most)
			out->most = deferred;
		out->weeks++;
	}
	return result;
}

static enum db_result read_days(struct db *db, int64_t now, struct usual *out, struct error *err)
{
	enum db_result result = DB_OK;
	int64_t before = -1, then, sum = 0;

	for (int day = 1; day <= USUAL_DAYS && result == DB_OK; day++) {
		result = deferred_at(db, now - day * DAY, &then, err);
		if (result == DB_OK)
			result = deferred_at(db, now - day * DAY - HOUR, &before, err);
		if (then < 0 || before < 0)
			continue;
		sum += then > before ? then - before : before - then;
		out->days++;
	}
	out->change = out->days > 0 ? (sum + out->days / 2) / out->days : 0;
	return result;
}

enum db_result usual_read(struct db *db, int64_t now, struct usual *out, struct error *err)
{
	enum db_result result;

	*out = (struct usual){.hour_ago = -1};
	result = deferred_at(db, now - HOUR, &out->hour_ago, err);
	if (result == DB_OK)
		result = read_weeks(db, now, out, err);
	if (result == DB_OK)
		result = read_days(db, now, out, err);
	return result;
}
