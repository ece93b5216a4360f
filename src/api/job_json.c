/* Writes the rows of the store as `Job` and `JobItem`. What a job does not have is null, as
 * api/openapi.yaml says. */
#include "api/job_json.h"

#include "base/said.h"

static json_t *text_or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? api_string(slice_of(text)) : json_null();
}

static json_t *counts_json(const struct job_row *job)
{
	json_t *counts = json_object();

	for (int i = 0; i < JOB_OUTCOMES; i++)
		json_object_set_new(
		    counts, job_outcome_name((enum job_outcome)i), json_integer(job->count[i]));
	return counts;
}

/* Of actions after which the log tells what became of a message; null for the others. */
static json_t *results_json(const struct job_row *job)
{
	json_t *results;
	/* What the log has not told of yet, of the messages that something was done with. */
	int64_t unknown = job->count[JOB_ITEM_DONE];

	if (job->action != JOB_RETRY && job->action != JOB_REQUEUE && job->action != JOB_BOUNCE)
		return json_null();
	results = json_object();
	for (int i = JOB_RESULT_DELIVERED; i < JOB_RESULTS; i++) {
		unknown -= job->result[i];
		json_object_set_new(
		    results, job_result_name((enum job_result)i), json_integer(job->result[i]));
	}
	json_object_set_new(results, "unknown", json_integer(unknown > 0 ? unknown : 0));
	return results;
}

/* Those with the most untried messages; the store keeps the rest. */
static json_t *stops_json(const struct job_row *job)
{
	json_t *stops = json_array();

	for (size_t i = 0; i < job->stops; i++)
		json_array_append_new(stops, json_pack("{so, so, sI}", "destination",
						 api_string(slice_of(job->stop[i].destination)),
						 "reply", api_string(slice_of(job->stop[i].reply)),
						 "untried", (json_int_t)job->stop[i].untried));
	return stops;
}

json_t *api_job_json(const struct numbers *numbers, const struct job_row *job)
{
	json_int_t id = numbers_shown(numbers, NUMBER_JOB, job->id);
	/* Only while it runs there is a time until which the job can be undone. */
	bool grace = job->state == JOB_GRACE;
	bool deletes = job->action == JOB_DELETE;

	return json_pack(
	    "{sI, ss, ss, so, so, so, so, so, so, sI, so, so, so, so, so, so, so, so, so, so, sI}",
	    "id", id, "action", job_action_name(job->action), "state", job_state_name(job->state),
	    "created", api_time(job->created), "started", api_time_or_null(job->started),
	    "finished", api_time_or_null(job->finished), "by", api_string(slice_of(job->who)),
	    "note", text_or_null(job->note), "filter",
	    job->by_ids ? json_null() : api_string(slice_of(job->filter)), "total",
	    (json_int_t)job->total, "counts", counts_json(job), "rate",
	    job->rate > 0 ? json_integer(job->rate) : json_null(), "undo_seconds",
	    deletes ? json_integer(job->undo_seconds) : json_null(), "undo_until",
	    grace ? api_time_or_null(job->grace_until) : json_null(), "problem",
	    text_or_null(job->problem), "speed",
	    job->speed > 0 ? json_real(job->speed) : json_null(), "seconds_left",
	    job->seconds_left >= 0 ? json_integer(job->seconds_left) : json_null(), "results",
	    results_json(job), "stopped_destinations", stops_json(job), "undoes",
	    job->undoes > 0 ? json_integer(numbers_shown(numbers, NUMBER_JOB, job->undoes))
			    : json_null(),
	    "reloads", (json_int_t)job->reloads);
}

/* What is said of a message may name a job: that which holds it already, to delete it. */
static void hide_number(const struct numbers *numbers, struct job_item *item, struct said *said)
{
	json_t *words = item->detail_words != NULL ? json_loads(item->detail_words, 0, NULL) : NULL;
	const char *code = json_string_value(json_object_get(words, "code"));
	const json_t *job = json_object_get(json_object_get(words, "params"), "job");

	if (numbers != NULL && code != NULL && job != NULL) {
		int64_t shown = numbers_shown(numbers, NUMBER_JOB, json_integer_value(job));

		/* The only text that has one. */
		said_put(said, SAID_JOB_HELD_FOR_JOB, 1, said_number("job", shown));
		item->detail = (char *)(uintptr_t)buffer_string(&said->text);
		item->detail_words = (char *)(uintptr_t)buffer_string(&said->words);
	}
	json_decref(words);
}

json_t *api_job_item_json(const struct numbers *numbers, const struct job_item *of)
{
	SAID_AUTO struct said said = {0};
	struct job_item shown = *of, *item = &shown;
	struct slice words;

	hide_number(numbers, &shown, &said);
	words = slice_of(item->detail_words != NULL ? item->detail_words : "");
	return json_pack("{ss, ss, so, so, so, so, so, so, so}", "id", item->id, "outcome",
	    job_outcome_name(item->outcome), "detail", text_or_null(item->detail), "detail_words",
	    api_words(words), "new_id", text_or_null(item->new_id), "sender",
	    item->sender != NULL ? api_string(slice_of(item->sender)) : json_null(), "arrival",
	    item->arrival >= 0 ? api_time(item->arrival) : json_null(), "result",
	    text_or_null(job_result_name(item->result)), "reply", text_or_null(item->reply));
}
