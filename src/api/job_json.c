#include "api/job_json.h"

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

json_t *api_job_json(const struct job_row *job)
{
	bool grace = job->state == JOB_GRACE;
	bool deletes = job->action == JOB_DELETE;

	return json_pack("{sI, ss, ss, so, so, so, so, so, so, sI, so, so, so, so, so}", "id",
	    (json_int_t)job->id, "action", job_action_name(job->action), "state",
	    job_state_name(job->state), "created", api_time(job->created), "started",
	    api_time_or_null(job->started), "finished", api_time_or_null(job->finished), "by",
	    api_string(slice_of(job->who)), "note", text_or_null(job->note), "filter",
	    job->by_ids ? json_null() : api_string(slice_of(job->filter)), "total",
	    (json_int_t)job->total, "counts", counts_json(job), "rate",
	    job->rate > 0 ? json_integer(job->rate) : json_null(), "undo_seconds",
	    deletes ? json_integer(job->undo_seconds) : json_null(), "undo_until",
	    grace ? api_time_or_null(job->grace_until) : json_null(), "problem",
	    text_or_null(job->problem));
}

json_t *api_job_item_json(const struct job_item *item)
{
	return json_pack("{ss, ss, so, so, so, so}", "id", item->id, "outcome",
	    job_outcome_name(item->outcome), "detail", text_or_null(item->detail), "new_id",
	    text_or_null(item->new_id), "sender",
	    item->sender != NULL ? api_string(slice_of(item->sender)) : json_null(), "arrival",
	    item->arrival >= 0 ? api_time(item->arrival) : json_null());
}
