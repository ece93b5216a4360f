#include "access/audit.h"

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
