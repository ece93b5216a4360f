/* The views that the team has saved: a name for an address of the page, the same for everybody who
 * sees the same part of the queue. What an address means is the page's business; here it is a
 * text. */
#ifndef STORE_SAVED_VIEWS_H
#define STORE_SAVED_VIEWS_H

#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

/* Of one scope. More would not be found in a menu. */
#define SAVED_VIEWS_MAX 200
/* In bytes. An address carries a filter of 4,096 characters, which may need 12 bytes each when they
 * are percent-encoded; a name has to fit into one line. */
#define SAVED_VIEWS_NAME_MAX 200
#define SAVED_VIEWS_ADDRESS_MAX 50000

struct saved_view {
	int64_t id;
	/* Owned: saved_view_clear. */
	char *name, *address;
	/* Of who saved it ("": none): for all others there is no such view. Not owned. */
	const char *scope;
	/* Who saved it last, and when (Unix seconds). */
	char by[65];
	int64_t at;
};

void saved_view_clear(struct saved_view *view);

/* All of a scope by name, at most SAVED_VIEWS_MAX, into `views`. */
enum db_result saved_views_list(
    struct db *db, const char *scope, struct saved_view *views, size_t *count, struct error *err);
/* Fills in view->id. DB_CONFLICT: name_taken, or saved_views_full when there are SAVED_VIEWS_MAX.
 */
enum db_result saved_views_add(struct db *db, struct saved_view *view, struct error *err);
/* Changes name, address, by and at of view->id. DB_NOT_FOUND, or DB_CONFLICT with name_taken. */
enum db_result saved_views_change(struct db *db, const struct saved_view *view, struct error *err);
/* DB_NOT_FOUND when there is none with that number in its scope. */
enum db_result saved_views_delete(struct db *db, const struct saved_view *view, struct error *err);

#endif
