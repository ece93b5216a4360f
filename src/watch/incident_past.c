/* One question on the store's thread at a time. What it answered last stays until it answers
 * again. */
#include "watch/incident_past.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

#define HOUR 3600

struct asked {
	struct incident_past *past;
	int64_t now;
	struct usual usual;
	int64_t held;
	struct job_row jobs[INCIDENT_PAST_LINES_MAX];
	size_t job_count;
	struct settings_rows_change changes[INCIDENT_PAST_LINES_MAX];
	size_t change_count;
};

struct incident_past {
	struct store *store;
	struct asked *asked; /* under way; NULL: none */
	bool again;	     /* something was done since */
	int64_t asked_at;
	struct usual usual;
	int64_t held;
	struct incident_line lines[2 * INCIDENT_PAST_LINES_MAX];
	size_t count;
};

struct incident_past *incident_past_create(struct store *store)
{
	struct incident_past *past = memory_zero(1, sizeof(*past));

	past->store = store;
	past->usual.hour_ago = past->held = -1;
	return past;
}

static void forget_lines(struct incident_past *past)
{
	for (size_t i = 0; i < past->count; i++) {
		free(past->lines[i].text);
		free(past->lines[i].link);
	}
	past->count = 0;
}

void incident_past_destroy(struct incident_past **past)
{
	if (*past == NULL)
		return;
	forget_lines(*past);
	free(*past);
	*past = NULL;
}

/* ---- Words ---- */

bool incident_past_job_text(const struct job_row *job, struct buffer *out)
{
	static const char *const did[] = {[JOB_RETRY] = "retried",
	    [JOB_HOLD] = "put on hold",
	    [JOB_RELEASE] = "released",
	    [JOB_REQUEUE] = "re-queued",
	    [JOB_DELETE] = "deleted",
	    [JOB_BOUNCE] = "returned to their senders"};
	int64_t done = job->count[JOB_ITEM_DONE];

	if (job->finished == 0 || done == 0 || job->action < JOB_RETRY || job->action > JOB_BOUNCE)
		return false;
	buffer_printf(out, "%s %s %lld message%s", job->who, did[job->action], (long long)done,
	    done == 1 ? "" : "s");
	return true;
}

void incident_past_change_text(const struct settings_rows_change *change, struct buffer *out)
{
	buffer_printf(out, "%s set ", change->who);
	for (size_t i = 0; i < change->value_count; i++) {
		const struct settings_rows_value *v = &change->values[i];

		buffer_printf(out, "%s%s to %s", i > 0 ? ", " : "", v->name,
		    v->new_set ? v->new_value : "Postfix's default");
	}
}

/* ---- Asking ---- */

static enum db_result read_past(struct db *db, void *context, struct error *err)
{
	struct asked *asked = context;
	const struct job_list_query jobs = {.max = INCIDENT_PAST_LINES_MAX};
	enum db_result result = usual_read(db, asked->now, &asked->usual, err);

	if (result == DB_OK)
		result = job_rows_held(db, &asked->held, err);
	if (result == DB_OK)
		result = job_rows_list(db, &jobs, asked->jobs, &asked->job_count, err);
	if (result == DB_OK)
		result = settings_rows_list(
		    db, 0, asked->changes, INCIDENT_PAST_LINES_MAX, &asked->change_count, err);
	return result;
}

static void add_line(
    struct incident_past *past, int64_t at, const struct buffer *text, const char *link)
{
	past->lines[past->count++] =
	    (struct incident_line){at, memory_strndup(text->data, text->len), memory_strdup(link)};
}

static void add_job(struct incident_past *past, const struct job_row *job)
{
	BUFFER_AUTO struct buffer text = {0};
	char link[40];

	if (!incident_past_job_text(job, &text))
		return;
	snprintf(link, sizeof(link), "/?jobs=%lld", (long long)job->id);
	add_line(past, job->finished, &text, link);
}

static void add_change(struct incident_past *past, const struct settings_rows_change *change)
{
	BUFFER_AUTO struct buffer text = {0};

	if (change->state != SETTINGS_APPLIED)
		return;
	incident_past_change_text(change, &text);
	add_line(past, change->finished, &text, "/?page=settings");
}

static void take_answer(struct incident_past *past, const struct asked *asked)
{
	past->usual = asked->usual;
	past->held = asked->held;
	forget_lines(past);
	for (size_t i = 0; i < asked->job_count; i++)
		if (asked->jobs[i].finished > asked->now - HOUR)
			add_job(past, &asked->jobs[i]);
	for (size_t i = 0; i < asked->change_count; i++)
		if (asked->changes[i].finished > asked->now - HOUR)
			add_change(past, &asked->changes[i]);
}

static void past_is_read(void *context, enum db_result result, const struct error *err)
{
	struct asked *asked = context;
	struct incident_past *past = asked->past;

	(void)err;
	past->asked = NULL;
	/* Where the store is away nothing is known: what was usual an hour ago may not be now. */
	if (result == DB_OK) {
		take_answer(past, asked);
	} else {
		past->usual = (struct usual){.hour_ago = -1};
		past->held = -1;
	}
	free(asked);
}

void incident_past_tick(struct incident_past *past, int64_t now, bool soon)
{
	past->again |= soon;
	if (past->asked != NULL ||
	    (!past->again && past->asked_at <= now && now - past->asked_at < INCIDENT_PAST_SECONDS))
		return;
	past->again = false;
	past->asked_at = now;
	past->asked = memory_zero(1, sizeof(*past->asked));
	past->asked->past = past;
	past->asked->now = now;
	store_read(past->store, read_past, past_is_read, past->asked);
}

const struct usual *incident_past_usual(const struct incident_past *past)
{
	return &past->usual;
}

int64_t incident_past_held_here(const struct incident_past *past)
{
	return past->held;
}

const struct incident_line *incident_past_lines(const struct incident_past *past, size_t *count)
{
	*count = past->count;
	return past->lines;
}
