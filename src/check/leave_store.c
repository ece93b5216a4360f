/* A child does it, because root is given up for good before the database is opened. */
#include "check/leave_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "store/db.h"
#include "store/job_rows.h"
#include "store/pause_rows.h"

/* Jobs that are read at once. */
#define PAGE 20
/* More are never open at once (settings/pauses.h). */
#define PAUSES_MOST 2000

/* What the child tells. */
struct answer {
	bool ok;
	struct leave_counts counts;
	struct error err;
};

static bool is_delete_on_hold(const struct job_row *job)
{
	return job->state == JOB_GRACE || job->state == JOB_REMOVING || job->state == JOB_UNDOING;
}

static void count_job(const struct job_row *job, struct leave_counts *counts)
{
	if (is_delete_on_hold(job)) {
		counts->deletes++;
		counts->held += job->count[JOB_ITEM_HELD];
	} else if (job->action != JOB_RETRY)
		counts->jobs++;
}

/* What is done to its row; false: nothing. A removal that has begun goes on. */
static bool end_job(struct job_row *job, enum leave_wish wish)
{
	switch (job->state) {
	case JOB_PLANNED:
	case JOB_RUNNING:
		job->cancel = true;
		return true;
	case JOB_GRACE:
		if (wish == LEAVE_BRING_BACK)
			job_state_move(&job->state, JOB_UNDOING);
		else {
			/* As after a start of the system: it goes on with what was left
			 * (jobs/grace.h). */
			job->grace_boot[0] = '\0';
			job->grace_left_ms = 0;
		}
		return true;
	default:
		return false;
	}
}

static enum db_result take_jobs(
    struct db *db, enum leave_wish wish, struct leave_counts *counts, struct error *err)
{
	MEMORY_AUTO struct job_row *jobs = memory_zero(PAGE, sizeof(*jobs));
	enum db_result result = DB_OK;
	int64_t after = 0;
	size_t count = PAGE;

	while (result == DB_OK && count == PAGE) {
		result = job_rows_unfinished(db, after, jobs, PAGE, &count, err);
		for (size_t i = 0; result == DB_OK && i < count; i++) {
			after = jobs[i].id;
			count_job(&jobs[i], counts);
			if (wish != LEAVE_LOOK && end_job(&jobs[i], wish))
				result = job_rows_update(db, &jobs[i], err);
		}
	}
	return result;
}

/* Their time is over, as it may be when the service comes back: then it lifts them as always. */
static enum db_result take_pauses(
    struct db *db, enum leave_wish wish, struct leave_counts *counts, struct error *err)
{
	struct pause *pauses = NULL;
	size_t count = 0;
	enum db_result result = pause_rows_list(db, true, PAUSES_MOST, &pauses, &count, err);

	for (size_t i = 0; i < count; i++) {
		counts->pauses++;
		if (wish != LEAVE_LOOK && result == DB_OK) {
			pauses[i].until = clock_now();
			result = pause_rows_update(db, &pauses[i], pauses[i].domain_count, err);
		}
		pause_clear(&pauses[i]);
	}
	free(pauses);
	return result;
}

static bool take(struct db *db, enum leave_wish wish, struct answer *answer)
{
	struct error *err = &answer->err;
	enum db_result result = db_begin(db, err);

	if (result == DB_OK)
		result = take_jobs(db, wish, &answer->counts, err);
	if (result == DB_OK)
		result = take_pauses(db, wish, &answer->counts, err);
	if (result == DB_OK)
		result = db_commit(db, err);
	db_rollback(db);
	return result == DB_OK;
}

static void answer_as_user(const struct config *config, enum leave_wish wish, struct answer *answer)
{
	struct db_health health;
	struct db *db = NULL;

	if (db_prepare(config->store_path, config->run_user, &answer->err) &&
	    (db = db_open(config->store_path, &health, &answer->err)) != NULL)
		answer->ok = take(db, wish, answer);
	db_close(&db);
}

bool leave_store(const struct config *config, enum leave_wish wish, struct leave_counts *counts,
    struct error *err)
{
	struct answer answer = {0};
	int pipes[2], status;
	ssize_t got;
	pid_t child;

	*counts = (struct leave_counts){0};
	if (access(config->store_path, F_OK) != 0)
		return errno == ENOENT ||
		       error_set_errno(err, "store_unavailable", errno, "%s", config->store_path);
	if (pipe2(pipes, O_CLOEXEC) != 0)
		return error_set_errno(err, "io_error", errno, "a pipe");
	child = fork();
	if (child == 0) {
		answer_as_user(config, wish, &answer);
		_exit(fd_write_all(pipes[1], &answer, sizeof(answer)) ? 0 : 1);
	}
	fd_close(&pipes[1]);
	/* So small that a pipe takes it as a whole or not at all. */
	got = child > 0 ? read(pipes[0], &answer, sizeof(answer)) : -1;
	fd_close(&pipes[0]);
	if (child > 0)
		(void)waitpid(child, &status, 0);
	if (got != (ssize_t)sizeof(answer))
		return error_set(
		    err, "store_unavailable", "%s could not be looked at", config->store_path);
	*counts = answer.counts;
	if (!answer.ok && err != NULL)
		*err = answer.err;
	return answer.ok;
}
