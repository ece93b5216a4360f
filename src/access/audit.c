/* The rows of the audit, and the one way from a request to a row. */
#include "access/audit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "store/store.h"

enum db_result audit_append(struct db *db, const struct audit_entry *entry, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "INSERT INTO audit (at, who, source, action, target, detail) VALUES (?, ?, ?, ?, ?, ?)",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, entry->at);
	db_bind_slice(s, entry->who);
	db_bind_slice(s, entry->source);
	db_bind_slice(s, entry->action);
	db_bind_slice(s, entry->target);
	db_bind_slice(s, entry->detail);
	return db_run(s, err);
}

/* A row on its way to the store. */
struct record {
	int64_t at;
	/* Cut to these sizes: a row must not grow by what a stranger sends. */
	char who[65], source[80], action[20], target[300], detail[300];
};

static enum db_result append(struct db *db, void *context, struct error *err)
{
	const struct record *r = context;
	struct audit_entry entry = {r->at, slice_of(r->who), slice_of(r->source),
	    slice_of(r->action), slice_of(r->target), slice_of(r->detail)};

	return audit_append(db, &entry, err);
}

/* What the store refuses stands in the log at least. */
static void appended(void *context, enum db_result result, const struct error *err)
{
	const struct record *r = context;

	if (result != DB_OK)
		log_warning("not in the audit (%s): %s from %s: %s %s: %s", err->text, r->who,
		    r->source, r->action, r->target, r->detail);
	free(context);
}

/* Bounded like what people ask: a flood of requests must not fill the memory with rows. */
void audit_record(struct store *store, const struct audit_entry *entry)
{
	struct record *r = memory_zero(1, sizeof(*r));

	r->at = entry->at;
	snprintf(r->who, sizeof(r->who), "%.*s", SLICE_ARGS(entry->who));
	snprintf(r->source, sizeof(r->source), "%.*s", SLICE_ARGS(entry->source));
	snprintf(r->action, sizeof(r->action), "%.*s", SLICE_ARGS(entry->action));
	snprintf(r->target, sizeof(r->target), "%.*s", SLICE_ARGS(entry->target));
	snprintf(r->detail, sizeof(r->detail), "%.*s", SLICE_ARGS(entry->detail));
	store_ask_write(store, append, appended, r);
}
