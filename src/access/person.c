/* Rows of people without an account. */
#include "access/person.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/accounts.h"
#include "base/memory.h"

_Static_assert(sizeof(((struct person *)0)->name) == ACCOUNTS_NAME_MAX + 1, "names fit");

const char *person_way_name(enum person_way way)
{
	return way == PERSON_BY_ISSUER ? "oidc" : way == PERSON_BY_PROXY ? "proxy" : "unknown";
}

void person_copy(struct person *to, const struct person *from)
{
	*to = *from;
	to->origin = memory_strdup(from->origin);
	to->subject = memory_strdup(from->subject);
	to->groups = memory_alloc(from->groups_len + 1);
	if (from->groups_len > 0)
		memcpy(to->groups, from->groups, from->groups_len);
	to->groups[from->groups_len] = '\0';
}

void person_free(struct person *person)
{
	free(person->origin);
	free(person->subject);
	free(person->groups);
	*person = (struct person){0};
}

bool person_same(const struct person *a, const struct person *b)
{
	return a->way == b->way && strcmp(a->origin, b->origin) == 0 &&
	       strcmp(a->subject, b->subject) == 0;
}

static enum db_result find_id(struct db *db, struct person *person, struct error *err)
{
	struct db_statement *s = db_statement(
	    db, "SELECT id FROM people WHERE way = ? AND origin = ? AND subject = ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, person->way);
	db_bind_text(s, person->origin);
	db_bind_text(s, person->subject);
	result = db_step(s, err);
	if (result == DB_OK)
		person->id = db_int(s, 0);
	db_reset(s);
	return result;
}

enum db_result person_write(struct db *db, struct person *person, struct error *err)
{
	/* A time that lies behind is that of somebody who was not seen, but whose token has made
	 * another one. */
	struct db_statement *s = db_statement(db,
	    "INSERT INTO people (way, origin, subject, name, groups, seen)"
	    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (way, origin, subject) DO UPDATE"
	    " SET name = excluded.name, groups = excluded.groups, seen = max(seen, excluded.seen)",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, person->way);
	db_bind_text(s, person->origin);
	db_bind_text(s, person->subject);
	db_bind_text(s, person->name);
	db_bind_blob(s, slice_make(person->groups, person->groups_len));
	db_bind_int(s, person->seen);
	result = db_run(s, err);
	return result == DB_OK ? find_id(db, person, err) : result;
}

enum db_result person_note(struct db *db, const struct person *person, struct error *err)
{
	struct db_statement *s = db_statement(
	    db, "UPDATE people SET name = ?, groups = ?, seen = max(seen, ?) WHERE id = ?", err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, person->name);
	db_bind_blob(s, slice_make(person->groups, person->groups_len));
	db_bind_int(s, person->seen);
	db_bind_int(s, person->id);
	return db_run(s, err);
}

enum db_result person_expire(struct db *db, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "DELETE FROM people WHERE id NOT IN (SELECT person_id FROM sessions)"
	    " AND id NOT IN (SELECT person_id FROM tokens)",
	    err);

	return s != NULL ? db_run(s, err) : DB_REFUSED;
}

enum db_result person_load(struct db *db, struct person **people, size_t *count, struct error *err)
{
	struct db_statement *s = db_statement(
	    db, "SELECT id, way, origin, subject, name, groups, seen FROM people", err);
	enum db_result result = DB_REFUSED;
	size_t room = 0;

	*people = NULL;
	*count = 0;
	while (s != NULL && (result = db_step(s, err)) == DB_OK) {
		struct slice origin = db_text(s, 2), subject = db_text(s, 3),
			     groups = db_text(s, 5);
		struct person one = {.id = db_int(s, 0),
		    .way = (enum person_way)db_int(s, 1),
		    .origin = memory_strndup(origin.data, origin.len),
		    .subject = memory_strndup(subject.data, subject.len),
		    .groups = memory_zero(1, groups.len + 1),
		    .groups_len = groups.len,
		    .seen = db_int(s, 6)};

		if (groups.len > 0)
			memcpy(one.groups, groups.data, groups.len);
		snprintf(one.name, sizeof(one.name), "%.*s", SLICE_ARGS(db_text(s, 4)));
		if (*count == room) {
			room = room > 0 ? room * 2 : 64;
			*people = memory_resize(*people, room, sizeof(**people));
		}
		(*people)[(*count)++] = one;
	}
	return result == DB_NOT_FOUND ? DB_OK : result;
}
