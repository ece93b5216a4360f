/* Opens the database as the service would, and names the jobs that were left unfinished and the
 * room that there is. */
#include "check/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "audit/audit.h"
#include "audit/seal.h"
#include "base/clock.h"
#include "check/running.h"
#include "store/db.h"
#include "store/db_room.h"
#include "store/job_rows.h"

/* More jobs than these are not named one by one. */
#define JOBS_MAX 20

/* While the service runs it ends by itself; without it the messages would stay on hold. */
static void name_job(const struct job_row *job, bool running, struct problem_list *problems)
{
	char text[400], fix[200], until[CLOCK_RFC3339_SIZE];

	clock_rfc3339(job->grace_until, until);
	snprintf(text, sizeof(text),
	    "job %lld, a delete: %lld message%s on hold for its grace time (until %s)%s",
	    (long long)job->id, (long long)job->count[JOB_ITEM_HELD],
	    job->count[JOB_ITEM_HELD] == 1 ? "" : "s", until,
	    running ? "" : ", and the service does not run: they stay there");
	snprintf(fix, sizeof(fix),
	    running ? "nothing, they are removed then; or release them: postroom jobs undo %lld"
		    : "start Postroom: it removes them when the time is over; or release them "
		      "then: postroom jobs undo %lld",
	    (long long)job->id);
	problem_add(problems, running ? PROBLEM_ADVICE : PROBLEM_PARTIAL, "grace_open", text, fix);
}

static void name_jobs(struct db *db, bool running, struct problem_list *problems)
{
	struct job_row jobs[JOBS_MAX];
	const struct job_list_query query = {
	    0, 1u << JOB_GRACE | 1u << JOB_REMOVING | 1u << JOB_UNDOING, JOBS_MAX};
	size_t count = 0;

	if (job_rows_list(db, &query, jobs, &count, NULL) != DB_OK)
		return;
	for (size_t i = 0; i < count; i++)
		/* A delete that holds nothing any more keeps nobody's mail back. */
		if (jobs[i].count[JOB_ITEM_HELD] > 0)
			name_job(&jobs[i], running, problems);
}

/* In the words of the page (store/store.c). */
static void name_room(struct db *db, const char *path, struct problem_list *problems)
{
	char text[DB_HEALTH_TEXT_MAX];

	db_room_look(db);
	if (!db_room_is_low(db))
		return;
	db_room_describe(db, path, text, sizeof(text));
	problem_add(problems, db_room_is_full(db) ? PROBLEM_FATAL : PROBLEM_PARTIAL,
	    db_room_is_full(db) ? "store_reserve" : "store_low", text,
	    "make room on that file system");
}

/* Until somebody has taken it the seals prove nothing against whoever comes in as root or as the
 * service: he makes them anew. */
static void name_audit_key(const struct config *config, struct problem_list *problems)
{
	BUFFER_AUTO struct buffer text = {0};
	char directory[1100];
	struct audit_key key;

	snprintf(
	    directory, sizeof(directory), "%.1000s" AUDIT_DIRECTORY_SUFFIX, config->store_path);
	if (!audit_key_read(directory, &key, NULL))
		return;
	if (key.has_first) {
		buffer_printf(&text,
		    "the first key of the audit was never taken out and lies in %s: who breaks "
		    "into "
		    "this host can change old records and seal them anew, and nobody sees it",
		    directory);
		problem_add(problems, PROBLEM_ADVICE, "audit_key_here", buffer_string(&text),
		    "postroom audit key, as root; it is shown once: keep it where nobody who can "
		    "reach this host can read it");
	}
	sodium_memzero(&key, sizeof(key));
}

void check_store_left_over(const struct config *config, struct problem_list *problems)
{
	bool running = service_runs(config);
	struct db_health health;
	struct error err;
	struct db *db;

	/* Root is given up first: what is there, and what its name leads to, whoever serves
	 * chooses. check_service has said what is wrong with user and directory. */
	if (access(config->store_path, F_OK) != 0 ||
	    !db_prepare(config->store_path, config->run_user, &err) ||
	    (access(config->store_path, R_OK | W_OK) != 0 && errno == EACCES))
		return;
	name_audit_key(config, problems);
	if (!db_examine(config->store_path, &err)) {
		/* Locked: the service opened it on a full disk, and says so itself. */
		if (strcmp(err.code, "store_unavailable") == 0)
			problem_add(problems, PROBLEM_PARTIAL, err.code, err.text,
			    "what is said there; until then no action, setting or sample is "
			    "stored");
		else if (strcmp(err.code, "not_found") != 0 &&
			 strcmp(err.code, "store_locked") != 0)
			problem_add(problems, PROBLEM_PARTIAL, "store_damaged", err.text,
			    "restore the database from a backup, or move it away: Postroom starts "
			    "a new one");
		return;
	}
	db = db_open(config->store_path, &health, &err);
	if (db != NULL) {
		name_jobs(db, running, problems);
		name_room(db, config->store_path, problems);
	}
	db_close(&db);
}
