/* One question on the store's thread at a time. What it answered last stays until it answers
 * again. */
#include "watch/incident_past.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
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

void incident_line_free(struct incident_line *line)
{
	free(line->text);
	free(line->words);
	free(line->link);
}

static void forget_lines(struct incident_past *past)
{
	for (size_t i = 0; i < past->count; i++) {
		incident_line_free(&past->lines[i]);
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

bool incident_past_job_text(const struct job_row *job, struct said *out)
{
	static const enum said_code did[] = {[JOB_RETRY] = SAID_DID_RETRY,
	    [JOB_HOLD] = SAID_DID_HOLD,
	    [JOB_RELEASE] = SAID_DID_RELEASE,
	    [JOB_REQUEUE] = SAID_DID_REQUEUE,
	    [JOB_DELETE] = SAID_DID_DELETE,
	    [JOB_BOUNCE] = SAID_DID_BOUNCE};
	int64_t done = job->count[JOB_ITEM_DONE];

	if (job->finished == 0 || done == 0 || job->action < JOB_RETRY || job->action > JOB_BOUNCE)
		return false;
	said_put(out, did[job->action], 2, said_text("who", slice_of(job->who)),
	    said_number("count", done));
	return true;
}

void incident_past_change_text(const struct settings_rows_change *change, struct said *out)
{
	struct said_value who = said_text("who", slice_of(change->who));

	for (size_t i = 0; i < change->value_count; i++) {
		const struct settings_rows_value *v = &change->values[i];
		struct said_value name = said_text("name", slice_of(v->name)),
				  value = said_text("value", slice_of(v->new_value));

		if (i == 0 && v->new_set)
			said_put(out, SAID_DID_SET, 3, who, name, value);
		else if (i == 0)
			said_put(out, SAID_DID_SET_DEFAULT, 2, who, name);
		else if (v->new_set)
			said_then(out, SAID_DID_SET_TOO, 2, name, value);
		else
			said_then(out, SAID_DID_SET_DEFAULT_TOO, 1, name);
	}
}

static void put_begun(
    const struct pause *pause, const struct said_value *values, size_t count, struct said *out)
{
	static const enum said_code held[PAUSE_KINDS] = {[PAUSE_DOMAIN] = SAID_DID_PAUSE_DOMAIN,
	    [PAUSE_PROVIDER] = SAID_DID_PAUSE_PROVIDER,
	    [PAUSE_SENDER] = SAID_DID_PAUSE_SENDER,
	    [PAUSE_LOGIN] = SAID_DID_PAUSE_LOGIN};
	enum said_code slowed =
	    pause->kind == PAUSE_PROVIDER ? SAID_DID_SLOW_PROVIDER : SAID_DID_SLOW_DOMAIN;

	said_put_values(out, pause->throttle_s != 0 ? slowed : held[pause->kind], values, count);
	if (pause->reason[0] != '\0')
		said_then(out, SAID_DID_REASON, 1, said_text("reason", slice_of(pause->reason)));
}

static bool is_over(enum pause_state state)
{
	return state != PAUSE_SETTING && state != PAUSE_IN_FORCE;
}

/* What is said of a pause that is there still or has just ended; SAID_NOTHING: nothing new. */
static enum said_code news(const struct pause *pause, const struct incident_past_pause *before)
{
	if (before != NULL && is_over(before->state))
		return SAID_NOTHING;
	if (pause->state == PAUSE_FAILED)
		return SAID_DID_PAUSE_FAILED;
	if (is_over(pause->state))
		return pause->ended_by[0] != '\0' ? SAID_DID_PAUSE_LIFTED : SAID_DID_PAUSE_OVER;
	return before != NULL && before->until != pause->until ? SAID_DID_PAUSE_LASTS
							       : SAID_NOTHING;
}

bool incident_past_pause_text(
    const struct pause *pause, const struct incident_past_pause *before, struct said *out)
{
	enum said_code code = news(pause, before);
	bool begun = before == NULL && !is_over(pause->state);
	char until[CLOCK_RFC3339_SIZE];
	struct said_value values[3];

	clock_rfc3339(pause->until, until);
	values[0] = said_text("who", slice_of(begun ? pause->who : pause->ended_by));
	values[1] = said_text("key", slice_of(pause->key));
	values[2] = said_text("until", slice_of(until));
	if (begun)
		put_begun(pause, values, 3, out);
	else if (code != SAID_NOTHING)
		said_put_values(out, code, values, 3);
	return out->text.len > 0;
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

static void add_line(struct incident_past *past, int64_t at, struct said *text, const char *link)
{
	past->lines[past->count++] =
	    (struct incident_line){at, memory_strdup(buffer_string(&text->text)),
		memory_strdup(buffer_string(&text->words)), memory_strdup(link)};
}

static void add_job(struct incident_past *past, const struct job_row *job)
{
	SAID_AUTO struct said text = {0};
	char link[40];

	if (!incident_past_job_text(job, &text))
		return;
	snprintf(link, sizeof(link), "/?jobs=%lld", (long long)job->id);
	add_line(past, job->finished, &text, link);
}

static void add_change(struct incident_past *past, const struct settings_rows_change *change)
{
	SAID_AUTO struct said text = {0};

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
