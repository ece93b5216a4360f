/* Looks in the jobs that ran at the time. The items of a job have no index by queue ID, which would
 * cost each job more than the few questions here save: so all IDs are looked for in one pass. */
#include "store/deleters.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"

/* The log's clock and ours are one, but a line may be read late. */
#define SLACK_S 60

struct job {
	int64_t id, created, finished; /* 0: not yet */
	char who[JOB_ROWS_WHO_MAX + 1];
};

static void span(const struct deleter *deleters, size_t count, int64_t *from, int64_t *to)
{
	*from = INT64_MAX;
	*to = INT64_MIN;
	for (size_t i = 0; i < count; i++) {
		if (deleters[i].at < *from)
			*from = deleters[i].at;
		if (deleters[i].at > *to)
			*to = deleters[i].at;
	}
}

static enum db_result read_jobs(struct db *db, int64_t from, int64_t to,
    struct job jobs[DELETERS_JOBS_MAX], size_t *count, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT id, created, finished, who FROM jobs WHERE action IN (?1, ?2)"
	    " AND created <= ?4 AND (finished = 0 OR finished >= ?3) ORDER BY id DESC LIMIT ?5",
	    err);
	enum db_result result;

	*count = 0;
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, JOB_DELETE);
	db_bind_int(s, JOB_BOUNCE);
	db_bind_int(s, from - SLACK_S);
	db_bind_int(s, to + SLACK_S);
	db_bind_int(s, DELETERS_JOBS_MAX);
	while ((result = db_step(s, err)) == DB_OK && *count < DELETERS_JOBS_MAX) {
		struct job *job = &jobs[(*count)++];
		struct slice who = slice_first(db_text(s, 3), JOB_ROWS_WHO_MAX);

		*job = (struct job){
		    .id = db_int(s, 0), .created = db_int(s, 1), .finished = db_int(s, 2)};
		memcpy(job->who, who.data, who.len);
	}
	db_reset(s);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

static bool is_plain(const char *id)
{
	for (; *id != '\0'; id++)
		if (!((*id >= '0' && *id <= '9') || (*id >= 'A' && *id <= 'Z') ||
			(*id >= 'a' && *id <= 'z')))
			return false;
	return true;
}

/* As JSON, since a statement has a fixed number of parameters. */
static void list_ids(struct buffer *out, const struct deleter *deleters, size_t count)
{
	buffer_append_char(out, '[');
	for (size_t i = 0; i < count; i++)
		if (is_plain(deleters[i].id))
			buffer_printf(out, "%s\"%s\"", out->len > 1 ? "," : "", deleters[i].id);
	buffer_append_char(out, ']');
}

static void take(struct deleter *deleters, size_t count, const struct job *job, struct slice id)
{
	for (size_t i = 0; i < count; i++) {
		struct deleter *d = &deleters[i];

		if (d->job != 0 || !slice_is(id, d->id) || d->at < job->created - SLACK_S ||
		    (job->finished != 0 && d->at > job->finished + SLACK_S))
			continue;
		d->job = job->id;
		memcpy(d->who, job->who, sizeof(d->who));
	}
}

static enum db_result look_into(struct db *db, const struct job *job, struct slice ids,
    struct deleter *deleters, size_t count, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT id FROM job_items WHERE job = ?1 AND outcome = ?2"
	    " AND id IN (SELECT value FROM json_each(?3))",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, job->id);
	db_bind_int(s, JOB_ITEM_DONE);
	db_bind_slice(s, ids);
	while ((result = db_step(s, err)) == DB_OK)
		take(deleters, count, job, db_text(s, 0));
	return result == DB_NOT_FOUND ? DB_OK : result;
}

enum db_result deleters_find(
    struct db *db, struct deleter *deleters, size_t count, struct error *err)
{
	BUFFER_AUTO struct buffer ids = {0};
	struct job jobs[DELETERS_JOBS_MAX];
	size_t job_count = 0;
	int64_t from, to;
	enum db_result result;

	if (count == 0)
		return DB_OK;
	span(deleters, count, &from, &to);
	result = read_jobs(db, from, to, jobs, &job_count, err);
	list_ids(&ids, deleters, count);
	for (size_t i = 0; i < job_count && result == DB_OK; i++)
		result = look_into(db, &jobs[i], buffer_slice(&ids), deleters, count, err);
	return result;
}
