/* The statements about saved views. Each write stands in one transaction (store_write), so nobody
 * comes between the question for a name and the row that takes it. */
#include "store/saved_views.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

void saved_view_clear(struct saved_view *view)
{
	free(view->name);
	free(view->address);
	view->name = view->address = NULL;
}

static char *copy(struct slice text)
{
	return memory_strndup(text.data, text.len);
}

enum db_result saved_views_list(
    struct db *db, const char *scope, struct saved_view *views, size_t *count, struct error *err)
{
	/* Without regard to case, as one looks for a name in a menu; those that differ in case
	 * alone keep an order, too. */
	struct db_statement *s = db_statement(db,
	    "SELECT id, name, address, by, at FROM saved_views WHERE scope = ?"
	    " ORDER BY name COLLATE NOCASE, name LIMIT ?",
	    err);
	enum db_result result;

	*count = 0;
	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, scope);
	db_bind_int(s, SAVED_VIEWS_MAX);
	while ((result = db_step(s, err)) == DB_OK) {
		struct saved_view *view = &views[(*count)++];

		view->id = db_int(s, 0);
		view->scope = scope;
		view->name = copy(db_text(s, 1));
		view->address = copy(db_text(s, 2));
		snprintf(view->by, sizeof(view->by), "%.*s", SLICE_ARGS(db_text(s, 3)));
		view->at = db_int(s, 4);
	}
	return result == DB_NOT_FOUND ? DB_OK : result;
}

/* Asked before the write, because SQLite's own refusal does not say which constraint it was. */
static enum db_result name_is_free(struct db *db, const struct saved_view *view, struct error *err)
{
	struct db_statement *s = db_statement(
	    db, "SELECT id FROM saved_views WHERE scope = ? AND name = ? AND id <> ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, view->scope);
	db_bind_text(s, view->name);
	db_bind_int(s, view->id);
	result = db_step(s, err);
	db_reset(s);
	if (result == DB_NOT_FOUND)
		return DB_OK;
	if (result != DB_OK)
		return result;
	error_say(err, "name_taken", SAID_PROBLEM_SAVED_TAKEN, 0);
	return DB_CONFLICT;
}

static enum db_result has_room(struct db *db, const char *scope, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT count(*) FROM saved_views WHERE scope = ?", err);
	enum db_result result;
	int64_t count;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, scope);
	result = db_step(s, err);
	count = result == DB_OK ? db_int(s, 0) : 0;
	db_reset(s);
	if (result != DB_OK || count < SAVED_VIEWS_MAX)
		return result;
	error_say(err, "saved_views_full", SAID_PROBLEM_SAVED_FULL, 1,
	    said_number("count", SAVED_VIEWS_MAX));
	return DB_CONFLICT;
}

enum db_result saved_views_add(struct db *db, struct saved_view *view, struct error *err)
{
	struct db_statement *s;
	enum db_result result;

	view->id = 0;
	result = name_is_free(db, view, err);
	if (result == DB_OK)
		result = has_room(db, view->scope, err);
	if (result != DB_OK)
		return result;
	s = db_statement(db,
	    "INSERT INTO saved_views (name, address, by, at, scope) VALUES (?, ?, ?, ?, ?)", err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, view->name);
	db_bind_text(s, view->address);
	db_bind_text(s, view->by);
	db_bind_int(s, view->at);
	db_bind_text(s, view->scope);
	result = db_run(s, err);
	if (result == DB_OK)
		view->id = db_last_id(db);
	return result;
}

static enum db_result exactly_one(struct db *db, int64_t id, struct error *err)
{
	if (db_changed(db) == 1)
		return DB_OK;
	error_set(err, "not_found", "there is no saved view %lld", (long long)id);
	return DB_NOT_FOUND;
}

enum db_result saved_views_change(struct db *db, const struct saved_view *view, struct error *err)
{
	struct db_statement *s;
	enum db_result result = name_is_free(db, view, err);

	if (result != DB_OK)
		return result;
	s = db_statement(db,
	    "UPDATE saved_views SET name = ?, address = ?, by = ?, at = ?"
	    " WHERE id = ? AND scope = ?",
	    err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, view->name);
	db_bind_text(s, view->address);
	db_bind_text(s, view->by);
	db_bind_int(s, view->at);
	db_bind_int(s, view->id);
	db_bind_text(s, view->scope);
	result = db_run(s, err);
	return result == DB_OK ? exactly_one(db, view->id, err) : result;
}

enum db_result saved_views_delete(struct db *db, const struct saved_view *view, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "DELETE FROM saved_views WHERE id = ? AND scope = ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, view->id);
	db_bind_text(s, view->scope);
	result = db_run(s, err);
	return result == DB_OK ? exactly_one(db, view->id, err) : result;
}
