/* The statements about changes of settings: a row for the change, and a row for each value in
 * it. */
#include "store/settings_rows.h"

#include <stdio.h>
#include <string.h>

const char *settings_rows_state_name(enum settings_rows_state state)
{
	static const char *const names[] = {[SETTINGS_APPLYING] = "applying",
	    [SETTINGS_APPLIED] = "applied",
	    [SETTINGS_UNDONE] = "undone",
	    [SETTINGS_FAILED] = "failed"};

	return names[state];
}

static enum db_result add_value(
    struct db *db, int64_t change, const struct settings_rows_value *v, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "INSERT INTO settings_values (change, name, old_value, new_value) VALUES (?, ?, ?, ?)",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, change);
	db_bind_text(s, v->name);
	/* NULL is a parameter that main.cf does not name, which is not the same as an empty value.
	 */
	db_bind_text(s, v->old_set ? v->old_value : NULL);
	db_bind_text(s, v->new_set ? v->new_value : NULL);
	return db_run(s, err);
}

enum db_result settings_rows_add(
    struct db *db, struct settings_rows_change *change, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "INSERT INTO settings_changes (created, finished, who, note, restores, state, detail)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?)",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, change->created);
	db_bind_int(s, change->finished);
	db_bind_text(s, change->who);
	db_bind_text(s, change->note[0] != '\0' ? change->note : NULL);
	db_bind_int(s, change->restores);
	db_bind_int(s, change->state);
	db_bind_text(s, change->detail);
	result = db_run(s, err);
	if (result == DB_OK)
		change->id = db_last_id(db);
	/* In one transaction with the change, so none is ever without its values. */
	for (size_t i = 0; i < change->value_count && result == DB_OK; i++)
		result = add_value(db, change->id, &change->values[i], err);
	return result;
}

enum db_result settings_rows_finish(struct db *db, int64_t id, enum settings_rows_state state,
    const char *detail, int64_t now, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "UPDATE settings_changes SET state = ?, detail = ?, finished = ? WHERE id = ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, state);
	db_bind_text(s, detail);
	db_bind_int(s, now);
	db_bind_int(s, id);
	result = db_run(s, err);
	if (result != DB_OK || db_changed(db) == 1)
		return result;
	error_set(err, "not_found", "there is no change %lld", (long long)id);
	return DB_NOT_FOUND;
}

static enum db_result read_values(
    struct db *db, struct settings_rows_change *change, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT name, old_value, new_value FROM settings_values WHERE change = ? ORDER BY name",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, change->id);
	change->value_count = 0;
	while ((result = db_step(s, err)) == DB_OK) {
		struct settings_rows_value *v = &change->values[change->value_count];

		if (change->value_count == SETTINGS_ROWS_VALUES_MAX)
			continue;
		db_text_into(s, 0, v->name, sizeof(v->name));
		db_text_into(s, 1, v->old_value, sizeof(v->old_value));
		db_text_into(s, 2, v->new_value, sizeof(v->new_value));
		v->old_set = !db_is_null(s, 1);
		v->new_set = !db_is_null(s, 2);
		change->value_count++;
	}
	return result == DB_NOT_FOUND ? DB_OK : result;
}

enum db_result settings_rows_list(struct db *db, int64_t before,
    struct settings_rows_change *changes, size_t max, size_t *count, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT id, created, finished, who, note, restores, state, detail FROM settings_changes"
	    " WHERE id < ? ORDER BY id DESC LIMIT ?",
	    err);
	enum db_result result;

	*count = 0;
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, before > 0 ? before : INT64_MAX);
	db_bind_int(s, (int64_t)max);
	while ((result = db_step(s, err)) == DB_OK) {
		struct settings_rows_change *c = &changes[(*count)++];

		memset(c, 0, sizeof(*c));
		c->id = db_int(s, 0);
		c->created = db_int(s, 1);
		c->finished = db_int(s, 2);
		db_text_into(s, 3, c->who, sizeof(c->who));
		db_text_into(s, 4, c->note, sizeof(c->note));
		c->restores = db_int(s, 5);
		c->state = (enum settings_rows_state)db_int(s, 6);
		db_text_into(s, 7, c->detail, sizeof(c->detail));
	}
	for (size_t i = 0; i < *count && result == DB_NOT_FOUND; i++)
		if (read_values(db, &changes[i], err) != DB_OK)
			return DB_REFUSED;
	return result == DB_NOT_FOUND ? DB_OK : result;
}

enum db_result settings_rows_get(
    struct db *db, int64_t id, struct settings_rows_change *change, struct error *err)
{
	size_t count;
	enum db_result result =
	    /* The list's statement with a limit of one: the newest change up to this number. */
	    settings_rows_list(db, id < INT64_MAX ? id + 1 : id, change, 1, &count, err);

	if (result != DB_OK || (count == 1 && change->id == id))
		return result;
	error_set(err, "not_found", "there is no change %lld", (long long)id);
	return DB_NOT_FOUND;
}
