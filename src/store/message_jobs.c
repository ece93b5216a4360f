/* A slice is all items of some jobs, which lie one behind the other in their table. */
#include "store/message_jobs.h"

#include "store/job_rows.h"

/* The lowest number of a slice below `before`; 0 where there is none. */
static enum db_result find_slice(
    struct db *db, int64_t before, int64_t *low, bool *more, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT id, total FROM jobs WHERE ? = 0 OR id < ? ORDER BY id DESC LIMIT 1000", err);
	enum db_result result;
	int64_t items = 0;

	*low = 0;
	*more = false;
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, before);
	db_bind_int(s, before);
	while ((result = db_step(s, err)) == DB_OK) {
		/* At least one, however large it is. */
		if (items > 0 && items + db_int(s, 1) > JOB_ROWS_SLICE) {
			*more = true;
			db_reset(s);
			return DB_OK;
		}
		*low = db_int(s, 0);
		/* A job without items must end, too. */
		items += db_int(s, 1) + 1;
	}
	return result == DB_NOT_FOUND ? DB_OK : result;
}

enum db_result message_jobs_find(struct db *db, struct slice id, int64_t *before, int64_t *jobs,
    size_t max, size_t *count, bool *more, struct error *err)
{
	int64_t low;
	enum db_result result = find_slice(db, *before, &low, more, err);
	struct db_statement *s;

	if (result != DB_OK || low == 0)
		return result;
	s = db_statement(db,
	    "SELECT DISTINCT job FROM job_items WHERE job >= ? AND (? = 0 OR job < ?)"
	    " AND (id = ? OR new_id = ?) ORDER BY job DESC",
	    err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, low);
	db_bind_int(s, *before);
	db_bind_int(s, *before);
	db_bind_slice(s, id);
	db_bind_slice(s, id);
	while ((result = db_step(s, err)) == DB_OK && *count < max)
		jobs[(*count)++] = db_int(s, 0);
	db_reset(s);
	*before = low;
	return result == DB_NOT_FOUND ? DB_OK : result;
}
