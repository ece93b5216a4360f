/* The steps in order, each with its reason where the statements do not show it. */
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

/* Several commands of a job may be on their way: each item knows its own token. What the log tells
 * later stands beside the outcome. The two indexes hold only what is on hold for a grace time (to
 * find a message by its ID over all jobs) and the untried items of paced retries, by destination.
 */
static const char step_2[] =
    "ALTER TABLE jobs ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jobs ADD COLUMN delivered INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jobs ADD COLUMN deferred INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jobs ADD COLUMN bounced INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE job_items ADD COLUMN token INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE job_items ADD COLUMN refusal INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE job_items ADD COLUMN result INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE job_items ADD COLUMN reply TEXT;"
    "CREATE INDEX job_items_held ON job_items (id) WHERE step = 2;"
    "CREATE INDEX job_items_paced ON job_items (job, domain, seq)"
    " WHERE domain IS NOT NULL AND step = 0;"
    "CREATE TABLE job_stops ("
    " job INTEGER NOT NULL, destination TEXT NOT NULL, reply TEXT NOT NULL,"
    " untried INTEGER NOT NULL, PRIMARY KEY (job, destination)) WITHOUT ROWID;";

/* A job that takes back what another has done says which. */
static const char step_3[] = "ALTER TABLE jobs ADD COLUMN undoes INTEGER NOT NULL DEFAULT 0;";

/* What a job does about Postfix where messages come back from hold, and the grace time on the clock
 * that never steps. One that was under way begins anew: never too early. */
static const char step_4[] =
    "ALTER TABLE jobs ADD COLUMN wait INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jobs ADD COLUMN reloads INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jobs ADD COLUMN grace_boot TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE jobs ADD COLUMN grace_until_boot INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jobs ADD COLUMN grace_left INTEGER NOT NULL DEFAULT 0;"
    "UPDATE jobs SET grace_left = undo_seconds * 1000;";

/* How a message came on hold, which tells whether it may go back as it is; found by its ID over all
 * jobs. */
static const char step_5[] = "ALTER TABLE job_items ADD COLUMN idle INTEGER NOT NULL DEFAULT 0;"
			     "CREATE INDEX job_items_idle ON job_items (id) WHERE idle > 0;";

/* See db_room.h. */
static const char step_6[] = "CREATE TABLE reserve (bytes BLOB NOT NULL);";

/* Accounts can be locked, and a token ends with the account that made it. What signs device cookies
 * outlives a restart. */
static const char step_7[] =
    "ALTER TABLE users ADD COLUMN locked INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE tokens ADD COLUMN user_id INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE secret_keys (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;";

/* Names are compared as they are: two that differ in case alone are two. */
static const char step_8[] =
    "CREATE TABLE saved_views ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, address TEXT NOT NULL,"
    " by TEXT NOT NULL, at INTEGER NOT NULL);";

/* Numbers over time by key (series.h). Rows of one series lie one behind the other, as they are
 * read. What all of it takes is counted along: a third more than the bytes, for what pages leave
 * free, and for a text twice, as its index has it too. */
static const char step_9[] =
    "CREATE TABLE series ("
    " step INTEGER NOT NULL, kind INTEGER NOT NULL, what INTEGER NOT NULL,"
    " taken INTEGER NOT NULL, body BLOB NOT NULL,"
    " PRIMARY KEY (step, kind, what, taken)) WITHOUT ROWID;"
    "CREATE TABLE series_keys ("
    " id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE,"
    " fine INTEGER NOT NULL, hours INTEGER NOT NULL);"
    "CREATE TABLE series_size (bytes INTEGER NOT NULL, keys_day INTEGER NOT NULL);"
    "INSERT INTO series_size VALUES (0, 0);"
    "CREATE TRIGGER series_added AFTER INSERT ON series BEGIN"
    " UPDATE series_size SET bytes = bytes + (length(new.body) + 16) * 4 / 3; END;"
    "CREATE TRIGGER series_changed AFTER UPDATE ON series BEGIN"
    " UPDATE series_size SET bytes = bytes + (length(new.body) + 16) * 4 / 3"
    " - (length(old.body) + 16) * 4 / 3; END;"
    "CREATE TRIGGER series_removed AFTER DELETE ON series BEGIN"
    " UPDATE series_size SET bytes = bytes - (length(old.body) + 16) * 4 / 3; END;"
    "CREATE TRIGGER series_key_added AFTER INSERT ON series_keys BEGIN"
    " UPDATE series_size SET bytes = bytes + (length(CAST(new.text AS BLOB)) * 2 + 28) * 4 / 3;"
    " END;"
    "CREATE TRIGGER series_key_removed AFTER DELETE ON series_keys BEGIN"
    " UPDATE series_size SET bytes = bytes - (length(CAST(old.text AS BLOB)) * 2 + 28) * 4 / 3;"
    " END;";

/* Incidents keep their number for ever. Evidence and points are only shown and stand in one value.
 */
static const char step_10[] =
    "CREATE TABLE incidents ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, severity INTEGER NOT NULL,"
    " state INTEGER NOT NULL, subject INTEGER NOT NULL, key TEXT NOT NULL, cause TEXT NOT NULL,"
    " title TEXT NOT NULL, text TEXT NOT NULL, baseline TEXT, filter TEXT, since INTEGER NOT NULL,"
    " noticed INTEGER NOT NULL, until INTEGER NOT NULL, messages INTEGER NOT NULL,"
    " growth INTEGER NOT NULL, actions INTEGER NOT NULL, caused_by INTEGER NOT NULL,"
    " shown BLOB NOT NULL, snoozed_until INTEGER NOT NULL, snoozed_by TEXT NOT NULL);"
    "CREATE INDEX incidents_until ON incidents (until);"
    "CREATE TABLE incident_notes ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, incident INTEGER NOT NULL, at INTEGER NOT NULL,"
    " who TEXT NOT NULL, text TEXT NOT NULL);"
    "CREATE INDEX incident_notes_incident ON incident_notes (incident);"
    "CREATE TABLE incident_moments ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, incident INTEGER NOT NULL, at INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, text TEXT NOT NULL, link TEXT);"
    "CREATE INDEX incident_moments_incident ON incident_moments (incident);"
    "CREATE TABLE incident_memory ("
    " id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL, bytes BLOB NOT NULL);";

/* Lists of texts in a channel and a rule (headers, arguments, recipients, channels) are only ever
 * read as a whole, and stand in one value. The index finds what is not settled among thousands. */
static const char step_11[] =
    "CREATE TABLE alert_setup ("
    " id INTEGER PRIMARY KEY CHECK (id = 1), channels_revision INTEGER NOT NULL,"
    " rules_revision INTEGER NOT NULL, beat_url TEXT NOT NULL, beat_every INTEGER NOT NULL,"
    " beat_enabled INTEGER NOT NULL, beat_local INTEGER NOT NULL, memory BLOB NOT NULL);"
    "INSERT INTO alert_setup VALUES (1, 0, 0, '', 60, 0, 0, x'');"
    "CREATE TABLE alert_channels ("
    " place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " kind INTEGER NOT NULL, enabled INTEGER NOT NULL, url TEXT NOT NULL, hmac TEXT NOT NULL,"
    " template TEXT NOT NULL, command TEXT NOT NULL, relay TEXT NOT NULL, sender TEXT NOT NULL,"
    " user TEXT NOT NULL, password TEXT NOT NULL, headers BLOB NOT NULL, arguments BLOB NOT NULL,"
    " recipients BLOB NOT NULL, allow_local INTEGER NOT NULL, resolved INTEGER NOT NULL,"
    " limit_per_hour INTEGER NOT NULL);"
    "CREATE TABLE alert_rules ("
    " place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " enabled INTEGER NOT NULL, kinds INTEGER NOT NULL, severities INTEGER NOT NULL,"
    " key TEXT NOT NULL, channels BLOB NOT NULL, hours BLOB NOT NULL, quiet BLOB NOT NULL,"
    " grouping INTEGER NOT NULL, group_wait INTEGER NOT NULL, repeat INTEGER NOT NULL,"
    " resolved INTEGER NOT NULL);"
    "CREATE TABLE alert_silences ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, severity INTEGER NOT NULL,"
    " key TEXT NOT NULL, until INTEGER NOT NULL, reason TEXT NOT NULL, by TEXT NOT NULL,"
    " at INTEGER NOT NULL);"
    "CREATE TABLE alerts ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL,"
    " rule TEXT NOT NULL, what INTEGER NOT NULL, state INTEGER NOT NULL, at INTEGER NOT NULL,"
    " next_attempt INTEGER NOT NULL, settled INTEGER NOT NULL, attempts INTEGER NOT NULL,"
    " refused INTEGER NOT NULL, status INTEGER NOT NULL, took_ms INTEGER NOT NULL,"
    " title TEXT NOT NULL, text TEXT NOT NULL, answer TEXT, content BLOB NOT NULL);"
    "CREATE INDEX alerts_open ON alerts (id) WHERE state < 2;";

/* What is held back (pause_rows.h). The columns of a key come first: else SQLite 3.40's quick_check
 * finds a NULL where there is none, and the file would count as damaged. */
static const char step_12[] =
    "CREATE TABLE pauses ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, key TEXT NOT NULL,"
    " subdomains INTEGER NOT NULL, throttle INTEGER NOT NULL, release INTEGER NOT NULL,"
    " reason TEXT NOT NULL, who TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,"
    " state INTEGER NOT NULL, ended INTEGER NOT NULL, ended_by TEXT NOT NULL, trouble TEXT);"
    "CREATE INDEX pauses_state ON pauses (state);"
    "CREATE TABLE pause_domains ("
    " pause INTEGER NOT NULL, domain TEXT NOT NULL, seq INTEGER NOT NULL,"
    " PRIMARY KEY (pause, domain)) WITHOUT ROWID;";

/* What a detail says, as words (base/said.h). Of rows from before there are none. */
static const char step_13[] = "ALTER TABLE job_items ADD COLUMN detail_words TEXT;";

/* The same of an incident's texts, all in one: they are only shown. */
static const char step_14[] = "ALTER TABLE incidents ADD COLUMN words TEXT;";

/* What each may do beside its role (access/role.h: bits by the number of a right), and the part of
 * the queue that it sees; and of sessions and tokens from where and when they were used last. */
static const char step_15[] = "ALTER TABLE users ADD COLUMN scope TEXT;"
			      "ALTER TABLE users ADD COLUMN given INTEGER NOT NULL DEFAULT 0;"
			      "ALTER TABLE users ADD COLUMN taken INTEGER NOT NULL DEFAULT 0;"
			      "ALTER TABLE tokens ADD COLUMN scope TEXT;"
			      "ALTER TABLE tokens ADD COLUMN given INTEGER NOT NULL DEFAULT 0;"
			      "ALTER TABLE tokens ADD COLUMN taken INTEGER NOT NULL DEFAULT 0;"
			      "ALTER TABLE tokens ADD COLUMN used INTEGER NOT NULL DEFAULT 0;"
			      "ALTER TABLE tokens ADD COLUMN used_from TEXT NOT NULL DEFAULT '';"
			      "ALTER TABLE sessions ADD COLUMN scope TEXT;"
			      "ALTER TABLE sessions ADD COLUMN given INTEGER NOT NULL DEFAULT 0;"
			      "ALTER TABLE sessions ADD COLUMN taken INTEGER NOT NULL DEFAULT 0;"
			      "ALTER TABLE sessions ADD COLUMN used INTEGER NOT NULL DEFAULT 0;"
			      "ALTER TABLE sessions ADD COLUMN used_from TEXT NOT NULL DEFAULT '';"
			      "ALTER TABLE sessions ADD COLUMN came_from TEXT NOT NULL DEFAULT '';"
			      "ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';"
			      "ALTER TABLE sessions ADD COLUMN how INTEGER NOT NULL DEFAULT 0;";

/* What the one who made a job may act on, as a filter; empty: everything. */
static const char step_16[] = "ALTER TABLE jobs ADD COLUMN scope TEXT NOT NULL DEFAULT '';";

/* The words of what stands in a timeline. */
static const char step_17[] = "ALTER TABLE incident_moments ADD COLUMN words TEXT;";

/* One-time passwords (access/otp_rows.h). What an account has goes with it, whoever takes it away:
 * numbers of accounts are used again. */
static const char step_18[] =
    "CREATE TABLE otp ("
    " user_id INTEGER PRIMARY KEY, sealed BLOB NOT NULL, since INTEGER NOT NULL,"
    " used INTEGER NOT NULL);"
    "CREATE TABLE otp_recovery ("
    " user_id INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (user_id, hash)) WITHOUT ROWID;"
    "CREATE TRIGGER otp_ended AFTER DELETE ON otp BEGIN"
    " DELETE FROM otp_recovery WHERE user_id = old.user_id; END;"
    "CREATE TRIGGER otp_user_ended AFTER DELETE ON users BEGIN"
    " DELETE FROM otp WHERE user_id = old.id; END;";

/* Jobs and saved views of those who see a part of the queue belong to that part. A name is taken
 * within its part alone: that it is taken elsewhere would tell of what is there. */
static const char step_19[] =
    "CREATE INDEX jobs_scope ON jobs (scope, id) WHERE scope <> '';"
    "CREATE TABLE saved_views_2 ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, address TEXT NOT NULL,"
    " by TEXT NOT NULL, at INTEGER NOT NULL, scope TEXT NOT NULL DEFAULT '',"
    " UNIQUE (scope, name));"
    "INSERT INTO saved_views_2 (id, name, address, by, at)"
    " SELECT id, name, address, by, at FROM saved_views;"
    "DROP TABLE saved_views;"
    "ALTER TABLE saved_views_2 RENAME TO saved_views;";

/* Records of the audit that are promised (audit_rows.h), and where its files end. The rows that
 * were kept here before are taken over, too. */
static const char step_20[] =
    "CREATE TABLE audit_promised (id INTEGER PRIMARY KEY AUTOINCREMENT, members TEXT NOT NULL);"
    "CREATE TABLE audit_note ("
    " id INTEGER PRIMARY KEY CHECK (id = 1), n INTEGER NOT NULL, chain BLOB NOT NULL);";

/* Who comes by a single sign-on has no account: what outlives his requests belongs to him here
 * (access/person.h). Sessions from before do not say which groups they came by, and end. */
static const char step_21[] =
    "CREATE TABLE people ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, way INTEGER NOT NULL, origin TEXT NOT NULL,"
    " subject TEXT NOT NULL, name TEXT NOT NULL, groups BLOB NOT NULL, seen INTEGER NOT NULL,"
    " UNIQUE (way, origin, subject));"
    "ALTER TABLE sessions ADD COLUMN person_id INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE tokens ADD COLUMN person_id INTEGER NOT NULL DEFAULT 0;";

static const char *const steps[] = {step_1, step_2, step_3, step_4, step_5, step_6, step_7, step_8,
    step_9, step_10, step_11, step_12, step_13, step_14, step_15, step_16, step_17, step_18,
    step_19, step_20, step_21};

const char *const *migrations_steps(size_t *count)
{
	*count = sizeof(steps) / sizeof(steps[0]);
	return steps;
}
