#include "store/migrations.h"

/* Items of a job are a table without row numbers, in the order of their keys: a million of them are
 * about 70 MB and are read and written front to back. */
static const char step_1[] =
    "CREATE TABLE samples ("
    " step INTEGER NOT NULL, taken INTEGER NOT NULL,"
    " incoming INTEGER NOT NULL, active INTEGER NOT NULL, deferred INTEGER NOT NULL,"
    " hold INTEGER NOT NULL, maildrop INTEGER NOT NULL, corrupt INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL,"
    " PRIMARY KEY (step, taken)) WITHOUT ROWID;"

    "CREATE TABLE jobs ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, action INTEGER NOT NULL, state INTEGER NOT NULL,"
    " who TEXT NOT NULL, note TEXT, filter TEXT, created INTEGER NOT NULL, started INTEGER NOT "
    "NULL,"
    " finished INTEGER NOT NULL, undo_seconds INTEGER NOT NULL, grace_until INTEGER NOT NULL,"
    " rate INTEGER NOT NULL, cancel INTEGER NOT NULL, token INTEGER NOT NULL, total INTEGER NOT "
    "NULL,"
    " bytes INTEGER NOT NULL, planned INTEGER NOT NULL, sent INTEGER NOT NULL, held INTEGER NOT "
    "NULL,"
    " done INTEGER NOT NULL, gone INTEGER NOT NULL, changed INTEGER NOT NULL, refused INTEGER NOT "
    "NULL,"
    " unknown INTEGER NOT NULL, cancelled INTEGER NOT NULL, undone INTEGER NOT NULL,"
    " problem TEXT NOT NULL);"
    "CREATE INDEX jobs_state ON jobs (state);"

    "CREATE TABLE job_items ("
    " job INTEGER NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, arrival INTEGER NOT NULL,"
    " inode INTEGER NOT NULL, sender TEXT, size INTEGER NOT NULL, queue INTEGER NOT NULL,"
    " domain TEXT, was_held INTEGER NOT NULL, step INTEGER NOT NULL, intended INTEGER NOT NULL,"
    " outcome INTEGER NOT NULL, detail TEXT, new_id TEXT, PRIMARY KEY (job, seq)) WITHOUT ROWID;"

    "CREATE TABLE settings_changes ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, created INTEGER NOT NULL, finished INTEGER NOT NULL,"
    " who TEXT NOT NULL, note TEXT, restores INTEGER NOT NULL, state INTEGER NOT NULL, detail "
    "TEXT);"
    "CREATE TABLE settings_values ("
    " change INTEGER NOT NULL, name TEXT NOT NULL, old_value TEXT, new_value TEXT,"
    " PRIMARY KEY (change, name)) WITHOUT ROWID;"

    "CREATE TABLE users ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, password TEXT NOT NULL,"
    " role INTEGER NOT NULL, created INTEGER NOT NULL);"
    "CREATE TABLE tokens ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL,"
    " role INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, once INTEGER NOT "
    "NULL);"
    "CREATE TABLE sessions ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE, who TEXT NOT NULL,"
    " user_id INTEGER NOT NULL, role INTEGER NOT NULL, created INTEGER NOT NULL,"
    " expires INTEGER NOT NULL);"

    "CREATE TABLE audit ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL,"
    " source TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, detail TEXT NOT NULL);";

static const char *const steps[] = {step_1};

const char *const *migrations_steps(size_t *count)
{
	*count = sizeof(steps) / sizeof(steps[0]);
	return steps;
}
