/* Writing series. A row has the keys of one kind and result in one step, as numbers of texts that
 * stand once (series_keys): 20 keys take some 100 bytes. series_rows.h is the form of a row. */
#include "store/series.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/memory.h"
#include "store/series_rows.h"

#define DAY INT64_C(86400)
#define HOUR INT64_C(3600)

const char *series_what_name(enum series_what what)
{
	return what == SERIES_DEPTH ? "depth"
				    : rate_result_name((enum rate_result)(what - SERIES_RECEIVED));
}

bool series_what_parse(struct slice name, enum series_what *what)
{
	enum rate_result result;

	*what = SERIES_DEPTH;
	if (slice_is(name, "depth"))
		return true;
	if (!rate_result_parse(name, &result))
		return false;
	*what = SERIES_RECEIVED + result;
	return true;
}

/* ---- batches ---- */

struct sample {
	int64_t taken;
	enum rate_kind kind;
	enum series_what what;
	uint64_t other;
	size_t count;
	struct series_item items[SERIES_LARGEST];
};

void series_put(struct buffer *b, int64_t taken, enum rate_kind kind, enum series_what what,
    const struct series_item *items, size_t count, uint64_t other)
{
	if (count > SERIES_LARGEST)
		count = SERIES_LARGEST;
	buffer_put_i64(b, taken);
	buffer_put_u8(b, (uint8_t)kind);
	buffer_put_u8(b, (uint8_t)what);
	buffer_put_u64(b, other);
	buffer_put_u8(b, (uint8_t)count);
	for (size_t i = 0; i < count; i++) {
		buffer_put_u64(b, items[i].n);
		buffer_put_string(b, slice_first(items[i].key, RATES_KEY_MAX));
	}
}

static bool get(struct cursor *c, struct sample *s)
{
	if (c->left == 0)
		return false;
	s->taken = cursor_i64(c);
	s->kind = (enum rate_kind)cursor_u8(c);
	s->what = (enum series_what)cursor_u8(c);
	s->other = cursor_u64(c);
	s->count = cursor_u8(c);
	for (size_t i = 0; i < s->count && i < SERIES_LARGEST; i++) {
		s->items[i].n = cursor_u64(c);
		s->items[i].key = cursor_string(c, RATES_KEY_MAX);
	}
	return !c->failed;
}

/* ---- keys ---- */

static enum db_result find_key(struct db *db, struct slice text, int64_t *id, struct error *err)
{
	struct db_statement *s = db_statement(db, "SELECT id FROM series_keys WHERE text = ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_slice(s, text);
	result = db_step(s, err);
	if (result == DB_OK)
		*id = db_int(s, 0);
	db_reset(s);
	return result;
}

/* A key is kept as long as a row may have it: `fine` and `hours` are the last such steps. */
static enum db_result note_use(
    struct db *db, int64_t step, int64_t id, int64_t taken, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    step == SERIES_STEP ? "UPDATE series_keys SET fine = max(fine, ?) WHERE id = ?"
				: "UPDATE series_keys SET hours = max(hours, ?) WHERE id = ?",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, taken);
	db_bind_int(s, id);
	return db_run(s, err);
}

static enum db_result add_key(
    struct db *db, struct slice text, int64_t taken, int64_t *id, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "INSERT INTO series_keys (text, fine, hours) VALUES (?, ?, 0)", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_slice(s, text);
	db_bind_int(s, taken);
	result = db_run(s, err);
	*id = db_last_id(db);
	return result;
}

static enum db_result number_key(
    struct db *db, struct slice text, int64_t taken, int64_t *id, struct error *err)
{
	enum db_result result = find_key(db, text, id, err);

	if (result == DB_OK)
		return note_use(db, SERIES_STEP, *id, taken, err);
	return result == DB_NOT_FOUND ? add_key(db, text, taken, id, err) : result;
}

/* ---- rows ---- */

static enum db_result write_row(struct db *db, int64_t step, enum rate_kind kind,
    enum series_what what, int64_t taken, const struct series_row *row, struct error *err)
{
	BUFFER_AUTO struct buffer body = {0};
	struct db_statement *s = db_statement(db,
	    "INSERT INTO series (step, kind, what, taken, body) VALUES (?, ?, ?, ?, ?)"
	    " ON CONFLICT DO UPDATE SET body = excluded.body",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	series_row_put(&body, row);
	db_bind_int(s, step);
	db_bind_int(s, kind);
	db_bind_int(s, what);
	db_bind_int(s, taken);
	db_bind_blob(s, buffer_slice(&body));
	return db_run(s, err);
}

static enum db_result write_sample(struct db *db, const struct sample *sample, struct error *err)
{
	struct series_row row = {.other = sample->other, .count = sample->count};
	enum db_result result = DB_OK;

	for (size_t i = 0; i < sample->count && result == DB_OK; i++) {
		row.items[i].n = sample->items[i].n;
		/* A total needs no text. */
		if (sample->items[i].key.len > 0)
			result = number_key(
			    db, sample->items[i].key, sample->taken, &row.items[i].id, err);
	}
	return result != DB_OK ? result
			       : write_row(db, SERIES_STEP, sample->kind, sample->what,
				     sample->taken, &row, err);
}

static enum db_result remove_rows(struct db *db, int64_t step, enum rate_kind kind,
    enum series_what what, int64_t before, struct error *err)
{
	struct db_statement *s = db_statement(
	    db, "DELETE FROM series WHERE step = ? AND kind = ? AND what = ? AND taken < ?", err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, step);
	db_bind_int(s, kind);
	db_bind_int(s, what);
	db_bind_int(s, before);
	return db_run(s, err);
}

/* ---- hours ---- */

/* An hour in the making: all keys of its twelve rows. */
struct hour {
	int64_t at;
	struct series_row_item items[SERIES_LARGEST * (HOUR / SERIES_STEP)];
	size_t count;
	uint64_t other;
};

static void add_to_hour(struct hour *hour, const struct series_row *row, bool most)
{
	if (most)
		hour->other = row->other > hour->other ? row->other : hour->other;
	else
		hour->other += row->other;
	for (size_t i = 0; i < row->count; i++) {
		size_t at = 0;

		while (at < hour->count && hour->items[at].id != row->items[i].id)
			at++;
		if (at == hour->count)
			hour->items[hour->count++] = (struct series_row_item){row->items[i].id, 0};
		if (!most)
			hour->items[at].n += row->items[i].n;
		else if (row->items[i].n > hour->items[at].n)
			hour->items[at].n = row->items[i].n;
	}
}

static int by_number(const void *a, const void *b)
{
	const struct series_row_item *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static enum db_result write_hour(
    struct db *db, enum rate_kind kind, enum series_what what, struct hour *hour, struct error *err)
{
	struct series_row row = {.other = hour->other};
	enum db_result result;

	qsort(hour->items, hour->count, sizeof(*hour->items), by_number);
	for (size_t i = SERIES_LARGEST; i < hour->count; i++)
		row.other += hour->items[i].n;
	row.count = hour->count < SERIES_LARGEST ? hour->count : SERIES_LARGEST;
	memcpy(row.items, hour->items, row.count * sizeof(*row.items));
	result = write_row(db, HOUR, kind, what, hour->at, &row, err);
	for (size_t i = 0; i < row.count && result == DB_OK; i++)
		result = note_use(db, HOUR, row.items[i].id, hour->at, err);
	return result;
}

/* One hour at a time, because the statement that reads is not to be nested with one that writes.
 * DB_NOT_FOUND: there is none before that time. */
static enum db_result fold_one(
    struct db *db, enum rate_kind kind, enum series_what what, int64_t before, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT taken, body FROM series WHERE step = ? AND kind = ? AND what = ?"
	    " AND taken < ? ORDER BY taken",
	    err);
	MEMORY_AUTO struct hour *hour = memory_zero(1, sizeof(*hour));
	struct series_row row;
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, SERIES_STEP);
	db_bind_int(s, kind);
	db_bind_int(s, what);
	db_bind_int(s, before);
	while ((result = db_step(s, err)) == DB_OK) {
		int64_t at = db_int(s, 0) - db_int(s, 0) % HOUR;

		if (hour->at != 0 && at != hour->at)
			break;
		hour->at = at;
		if (series_row_get(db_text(s, 1), &row))
			add_to_hour(hour, &row, what == SERIES_DEPTH);
	}
	db_reset(s);
	if ((result != DB_OK && result != DB_NOT_FOUND) || hour->at == 0)
		return result;
	result = write_hour(db, kind, what, hour, err);
	return result != DB_OK ? result
			       : remove_rows(db, SERIES_STEP, kind, what, hour->at + HOUR, err);
}

/* Of depths or of rates, as far as whole hours are too old. */
static enum db_result fold(struct db *db, bool depth, int64_t newest, struct error *err)
{
	int64_t fine = newest - SERIES_FINE_DAYS * DAY;

	fine -= fine % HOUR;
	for (int kind = 0; kind < RATE_KINDS; kind++)
		for (int what = 0; what < SERIES_WHATS; what++) {
			enum db_result result = DB_OK;

			if ((what == SERIES_DEPTH) != depth)
				continue;
			while (result == DB_OK)
				result = fold_one(
				    db, (enum rate_kind)kind, (enum series_what)what, fine, err);
			if (result == DB_NOT_FOUND)
				result = remove_rows(db, HOUR, (enum rate_kind)kind,
				    (enum series_what)what, newest - SERIES_HOUR_DAYS * DAY, err);
			if (result != DB_OK)
				return result;
		}
	return DB_OK;
}

/* ---- size ---- */

static enum db_result get_number(struct db *db, const char *sql, int64_t *number, struct error *err)
{
	struct db_statement *s = db_statement(db, sql, err);
	enum db_result result = s == NULL ? DB_REFUSED : db_step(s, err);

	if (result != DB_OK)
		return result;
	*number = db_int(s, 0);
	db_reset(s);
	return DB_OK;
}

static enum db_result remove_keys(struct db *db, int64_t fine, int64_t hours, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "DELETE FROM series_keys WHERE fine < ? AND hours < ?", err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, fine);
	db_bind_int(s, hours);
	return db_run(s, err);
}

static enum db_result remove_all_before(struct db *db, int64_t before, struct error *err)
{
	enum db_result result = DB_OK;

	for (int kind = 0; kind < RATE_KINDS; kind++)
		for (int what = 0; what < SERIES_WHATS && result == DB_OK; what++) {
			result = remove_rows(db, SERIES_STEP, (enum rate_kind)kind,
			    (enum series_what)what, before, err);
			if (result == DB_OK)
				result = remove_rows(db, HOUR, (enum rate_kind)kind,
				    (enum series_what)what, before, err);
		}
	return result != DB_OK ? result : remove_keys(db, before, before, err);
}

/* A day at a time, or a thirtieth of what is kept where that is more: three years are not gone
 * through by days. */
enum db_result series_trim(struct db *db, int64_t most, struct error *err)
{
	for (;;) {
		int64_t bytes, oldest, newest;
		enum db_result result =
		    get_number(db, "SELECT bytes FROM series_size", &bytes, err);

		if (result == DB_OK && bytes <= most)
			return DB_OK;
		if (result == DB_OK)
			result = get_number(
			    db, "SELECT coalesce(min(taken), 0) FROM series", &oldest, err);
		if (result == DB_OK)
			result = get_number(
			    db, "SELECT coalesce(max(taken), 0) FROM series", &newest, err);
		if (result != DB_OK)
			return result;
		if (newest == 0)
			return DB_OK;
		result = remove_all_before(db,
		    oldest + ((newest - oldest) / 30 > DAY ? (newest - oldest) / 30 : DAY), err);
		if (result != DB_OK)
			return result;
	}
}

enum db_result series_newest(struct db *db, int64_t *taken, struct error *err)
{
	return get_number(db,
	    "SELECT coalesce(max(taken), 0) FROM series WHERE step = 300 AND kind = 0 AND what = 1",
	    taken, err);
}

/* Once a day, as it goes through all keys. */
static enum db_result forget_keys(struct db *db, int64_t newest, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "UPDATE series_size SET keys_day = ?1 WHERE keys_day <> ?1", err);
	int64_t rates;
	enum db_result result = s == NULL ? DB_REFUSED : series_newest(db, &rates, err);

	if (result != DB_OK)
		return result;
	/* Depths are of now, while the rates of a log's past are still coming. */
	if (rates > 0 && rates < newest)
		newest = rates;
	db_bind_int(s, newest / DAY);
	result = db_run(s, err);
	if (result != DB_OK || db_changed(db) == 0)
		return result;
	return remove_keys(
	    db, newest - (SERIES_FINE_DAYS + 1) * DAY, newest - (SERIES_HOUR_DAYS + 1) * DAY, err);
}

enum db_result series_store(struct db *db, struct slice batch, struct error *err)
{
	struct cursor c = cursor_init(batch.data, batch.len);
	struct sample sample;
	int64_t newest = 0;
	bool depth = false;
	enum db_result result = DB_OK;

	while (result == DB_OK && get(&c, &sample)) {
		result = write_sample(db, &sample, err);
		newest = sample.taken > newest ? sample.taken : newest;
		depth = sample.what == SERIES_DEPTH;
	}
	if (result == DB_OK && newest > 0)
		result = fold(db, depth, newest, err);
	if (result == DB_OK && newest > 0)
		result = forget_keys(db, newest, err);
	return result != DB_OK ? result : series_trim(db, SERIES_BYTES_MAX, err);
}
