/* Reading series: once to find the largest keys of the range, and once more for their values, so
 * that memory does not grow with the number of keys and points. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/table.h"
#include "store/samples.h"
#include "store/series_rows.h"

#define HOUR INT64_C(3600)

/* A key and what it has over the range. */
struct total {
	int64_t id;
	uint64_t n;
};

struct reading {
	struct series_range *range;
	struct total *totals;
	size_t count, capacity;
	struct table by_id;
	/* Of the lines that were chosen. */
	int64_t ids[SERIES_LARGEST];
};

typedef void row_fn(struct reading *r, int64_t taken, const struct series_row *row);

static enum db_result read_rows(struct db *db, struct reading *r, enum rate_kind kind, int64_t step,
    row_fn *each, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT taken, body FROM series WHERE step = ? AND kind = ? AND what = ?"
	    " AND taken >= ? AND taken < ?",
	    err);
	struct series_row row;
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, step);
	db_bind_int(s, kind);
	db_bind_int(s, r->range->what);
	db_bind_int(s, r->range->start);
	db_bind_int(s, r->range->start + (int64_t)r->range->count * r->range->step);
	while ((result = db_step(s, err)) == DB_OK)
		if (series_row_get(db_text(s, 1), &row))
			each(r, db_int(s, 0), &row);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

static enum db_result read_both(
    struct db *db, struct reading *r, enum rate_kind kind, row_fn *each, struct error *err)
{
	enum db_result result = read_rows(db, r, kind, HOUR, each, err);

	return result != DB_OK ? result : read_rows(db, r, kind, SERIES_STEP, each, err);
}

/* ---- which keys ---- */

static struct slice id_of(const void *owner, uint32_t number)
{
	const struct reading *r = owner;

	return slice_make(&r->totals[number].id, sizeof(r->totals[number].id));
}

static void add_totals(struct reading *r, int64_t taken, const struct series_row *row)
{
	(void)taken;
	for (size_t i = 0; i < row->count; i++) {
		struct slice id = slice_make(&row->items[i].id, sizeof(row->items[i].id));
		uint32_t at = table_find(&r->by_id, r, id);

		if (at == TABLE_NONE) {
			if (r->count == r->capacity) {
				r->capacity = r->capacity == 0 ? 64 : r->capacity * 2;
				r->totals =
				    memory_resize(r->totals, r->capacity, sizeof(*r->totals));
			}
			at = (uint32_t)r->count++;
			r->totals[at] = (struct total){row->items[i].id, 0};
			table_add(&r->by_id, r, at);
		}
		r->totals[at].n += row->items[i].n;
	}
}

static int by_total(const void *a, const void *b)
{
	const struct total *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static enum db_result read_text(struct db *db, int64_t id, char **text, struct error *err)
{
	struct db_statement *s = db_statement(db, "SELECT text FROM series_keys WHERE id = ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, id);
	result = db_step(s, err);
	if (result == DB_OK)
		*text = memory_strndup(db_text(s, 0).data, db_text(s, 0).len);
	else if (result == DB_NOT_FOUND)
		*text = memory_strdup("");
	db_reset(s);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

static int64_t *gaps(size_t count)
{
	int64_t *values = memory_alloc(count * sizeof(*values));

	for (size_t i = 0; i < count; i++)
		values[i] = SERIES_GAP;
	return values;
}

static enum db_result choose(struct db *db, struct reading *r, struct error *err)
{
	struct series_range *range = r->range;
	enum db_result result = DB_OK;

	if (r->count > 0)
		qsort(r->totals, r->count, sizeof(*r->totals), by_total);
	for (size_t i = 0; i < r->count && i < range->limit && result == DB_OK; i++) {
		r->ids[i] = r->totals[i].id;
		range->lines[i].values = gaps(range->count);
		range->line_count++;
		result = read_text(db, r->ids[i], &range->lines[i].key, err);
	}
	return result;
}

/* ---- their values ---- */

static void take(const struct series_range *range, int64_t *value, int64_t n)
{
	if (*value == SERIES_GAP)
		*value = 0;
	if (range->what != SERIES_DEPTH)
		*value += n;
	else if (n > *value)
		*value = n;
}

/* In this step something is known: who is not among the largest then is among the others. */
static void note_known(struct reading *r, int64_t taken, const struct series_row *row)
{
	struct series_range *range = r->range;
	size_t at = (size_t)((taken - range->start) / range->step);

	(void)row;
	for (size_t i = 0; i < range->line_count; i++)
		take(range, &range->lines[i].values[at], 0);
	take(range, &range->other[at], 0);
}

static void add_values(struct reading *r, int64_t taken, const struct series_row *row)
{
	struct series_range *range = r->range;
	size_t at = (size_t)((taken - range->start) / range->step);
	int64_t other = (int64_t)row->other;

	for (size_t i = 0; i < row->count; i++) {
		size_t line = 0;

		while (line < range->line_count && r->ids[line] != row->items[i].id)
			line++;
		if (line == range->line_count)
			other += (int64_t)row->items[i].n;
		else
			take(range, &range->lines[line].values[at], (int64_t)row->items[i].n);
	}
	take(range, &range->other[at], other);
}

/* ---- all ---- */

/* Of a kind's rates nothing may have been counted; then only the totals say that it is known. */
static enum rate_kind known_by(const struct series_range *range)
{
	return range->what == SERIES_DEPTH ? range->kind : RATE_TOTAL;
}

static enum db_result read_first(struct db *db, const struct series_range *range, int64_t step,
    int64_t *taken, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT coalesce(min(taken), 0) FROM series WHERE step = ? AND kind = ? AND what = ?",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, step);
	db_bind_int(s, known_by(range));
	db_bind_int(s, range->what);
	result = db_step(s, err);
	if (result == DB_OK)
		*taken = db_int(s, 0);
	db_reset(s);
	return result;
}

/* The step, and where values begin. Before the first fine sample there are only hours. */
static enum db_result lay_out(struct db *db, struct series_range *range, struct error *err)
{
	struct samples_range by = {.from = range->from,
	    .to = range->to,
	    .max_points = range->max_points,
	    .interval = SERIES_STEP};
	int64_t fine = 0, hours = 0;
	enum db_result result = read_first(db, range, SERIES_STEP, &fine, err);

	if (result == DB_OK)
		result = read_first(db, range, HOUR, &hours, err);
	if (result != DB_OK)
		return result;
	range->known_from = hours > 0 ? hours : fine;
	if (hours > 0 && (fine == 0 || range->from < fine))
		by.interval = HOUR;
	range->step = samples_choose_step(&by);
	range->start = range->from - range->from % range->step;
	range->count = (size_t)((range->to - range->start + range->step - 1) / range->step);
	return DB_OK;
}

enum db_result series_read(struct db *db, struct series_range *range, struct error *err)
{
	struct reading r = {.range = range};
	enum db_result result;

	range->line_count = range->count = 0;
	range->other = NULL;
	if (range->from < 0 || range->from >= range->to || range->max_points == 0 ||
	    range->limit > SERIES_LARGEST) {
		error_set(err, "bad_range", "a range begins before it ends");
		return DB_REFUSED;
	}
	result = lay_out(db, range, err);
	if (result != DB_OK)
		return result;
	range->other = gaps(range->count);
	table_init(&r.by_id, id_of);
	result = read_both(db, &r, range->kind, add_totals, err);
	if (result == DB_OK)
		result = choose(db, &r, err);
	if (result == DB_OK)
		result = read_both(db, &r, known_by(range), note_known, err);
	if (result == DB_OK)
		result = read_both(db, &r, range->kind, add_values, err);
	table_free(&r.by_id);
	free(r.totals);
	if (result != DB_OK)
		series_free(range);
	return result;
}

void series_free(struct series_range *range)
{
	for (size_t i = 0; i < range->line_count; i++) {
		free(range->lines[i].key);
		free(range->lines[i].values);
		range->lines[i] = (struct series_line){NULL, NULL};
	}
	free(range->other);
	range->other = NULL;
	range->line_count = range->count = 0;
}
