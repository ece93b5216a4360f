/* Writes a message as text, because lists have thousands of them; the filter and sort parameters
 * that lists and views share are read here as well. */
#include "api/message_json.h"

#include "api/json_text.h"
#include "base/clock.h"
#include "jobs/jobs.h"

/* Read once for each answer, as a page of a thousand messages has one schedule. */
void message_json_times(
    const struct api *api, const struct http_request *rq, struct message_json_times *times)
{
	struct schedule_settings *s = &times->settings;

	times->jobs = api->jobs;
	times->numbers = api_numbers(api, rq);
	*s = schedule_defaults();
	/* All or none: a schedule from half of the settings would be wrong without looking so. */
	times->known =
	    api_time_setting(api, "queue_run_delay", &s->queue_run_delay) &&
	    api_time_setting(api, "minimal_backoff_time", &s->minimal_backoff_time) &&
	    api_time_setting(api, "maximal_backoff_time", &s->maximal_backoff_time) &&
	    api_time_setting(api, "maximal_queue_lifetime", &s->maximal_queue_lifetime) &&
	    api_time_setting(api, "bounce_queue_lifetime", &s->bounce_queue_lifetime);
}

int64_t message_json_expires(const struct message_json_times *times, const struct index_row *row)
{
	/* What is in maildrop gets its lifetime when pickup takes it, also what was re-queued. */
	if (!times->known || !(row->known & MESSAGE_KNOWS_CREATE_TIME) ||
	    row->queue == QUEUE_MAILDROP)
		return 0;
	return schedule_expiry(&times->settings, row->create_time, row->sender.len == 0);
}

/* A listing does not know where a message came from: then all of it is null, and not four empty
 * texts. */
static void append_origin(struct buffer *out, const struct index_row *row)
{
	if (!(row->known & MESSAGE_KNOWS_ORIGIN)) {
		json_text_null(out, "origin");
		return;
	}
	json_text_name(out, "origin");
	json_text_open(out, '{');
	json_text_string_or_null(out, "client_name", row->client_name);
	json_text_string_or_null(out, "client_address", row->client_address);
	json_text_string_or_null(out, "login", row->login);
	json_text_string_or_null(out, "helo", row->helo);
	json_text_close(out, '}');
}

/* The delete that has the message on hold, and until when it can be undone. */
static void append_deleting(struct buffer *out, const struct message_json_times *times, int64_t job)
{
	/* A job that already removes has no end of its grace time to tell. */
	int64_t until = job != 0 ? jobs_grace_until(times->jobs, job) : 0;

	if (job == 0) {
		json_text_null(out, "deleting");
		return;
	}
	json_text_name(out, "deleting");
	json_text_open(out, '{');
	json_text_number(out, "job", (uint64_t)numbers_shown(times->numbers, NUMBER_JOB, job));
	json_text_time(out, "until", until != 0, until);
	json_text_close(out, '}');
}

const char *message_json_pause_kind(enum index_pause_kind kind)
{
	static const char *const names[] = {[INDEX_PAUSE_DOMAIN] = "domain",
	    [INDEX_PAUSE_PROVIDER] = "provider",
	    [INDEX_PAUSE_SENDER] = "sender",
	    [INDEX_PAUSE_LOGIN] = "login"};

	return names[kind];
}

/* What it waits for, with all that a person asks next: who did it, why, and until when. Why is a
 * text of those who see everything, which may name what others may not know of. */
static void append_paused(struct buffer *out, const struct query *q,
    const struct message_json_times *times, const struct query_message *m)
{
	struct index_pause pause;

	if (!query_pause(q, m, &pause)) {
		json_text_null(out, "paused");
		return;
	}
	json_text_name(out, "paused");
	json_text_open(out, '{');
	json_text_number(
	    out, "id", (uint64_t)numbers_shown(times->numbers, NUMBER_PAUSE, pause.id));
	json_text_string(out, "kind", slice_of(message_json_pause_kind(pause.kind)));
	json_text_string(out, "key", pause.key);
	json_text_string(out, "by", pause.by);
	json_text_string(out, "reason", times->numbers == NULL ? pause.reason : SLICE(""));
	json_text_time(out, "until", true, pause.until);
	json_text_number(out, "throttle", pause.throttle_s);
	json_text_close(out, '}');
}

static void append_core(struct buffer *out, const struct query *q,
    const struct message_json_times *times, const struct query_message *m)
{
	const struct index_row *row = &m->row;
	int64_t expires = message_json_expires(times, row);

	json_text_string(out, "id", slice_of(row->id));
	json_text_string(out, "queue", slice_of(queue_name(row->queue)));
	json_text_time(out, "arrival", true, row->arrival);
	json_text_number(out, "size", row->size);
	json_text_string(out, "sender", row->sender);
	json_text_number(out, "recipient_count", row->recipient_count);
	json_text_time(out, "next_retry", row->known & MESSAGE_KNOWS_NEXT_RETRY, row->next_retry);
	json_text_time(out, "expires", expires != 0, expires);
	json_text_name(out, "forced_expire");
	buffer_append_string(out, !(row->known & MESSAGE_KNOWS_FORCED_EXPIRE) ? "null"
				  : row->forced_expire			      ? "true"
									      : "false");
	append_deleting(out, times, query_deleting(q, m));
	append_paused(out, q, times, m);
	if (row->damaged) {
		json_text_name(out, "damaged");
		buffer_append_string(out, "true");
	}
	append_origin(out, row);
	if (row->known & MESSAGE_KNOWS_SUBJECT)
		json_text_string_or_null(out, "subject", row->subject);
	else
		json_text_null(out, "subject");
}

/* The first few that are still to be delivered to. */
static void append_recipients(struct buffer *out, const struct query *q,
    const struct message_json_times *times, const struct query_message *m)
{
	struct index_recipient r;
	struct index_pause pause;
	unsigned shown = 0;

	json_text_name(out, "recipients");
	json_text_open(out, '[');
	for (uint32_t n = 0; shown < MESSAGE_JSON_RECIPIENTS && query_recipient(q, m, n, &r); n++) {
		if (r.flags & MESSAGE_RECIPIENT_DONE)
			continue;
		shown++;
		json_text_next(out);
		json_text_open(out, '{');
		json_text_string(out, "address", r.address);
		json_text_string_or_null(out, "original", r.original);
		json_text_string_or_null(out, "reason", r.reason);
		json_text_string_or_null(out, "dsn", r.dsn);
		json_text_string_or_null(out, "remote_host", r.remote);
		if (query_recipient_pause(q, m, n, &pause))
			json_text_number(out, "paused",
			    (uint64_t)numbers_shown(times->numbers, NUMBER_PAUSE, pause.id));
		else
			json_text_null(out, "paused");
		json_text_close(out, '}');
	}
	json_text_close(out, ']');
}

void message_json_append_diagnosis(struct buffer *out, const struct diagnosis *diagnosis)
{
	if (!diagnosis) {
		buffer_append_string(out, "null");
		return;
	}
	json_text_open(out, '{');
	json_text_string(out, "id", slice_of(diagnosis->key));
	json_text_string(out, "title", slice_of(diagnosis->title));
	json_text_name(out, "title_words");
	buffer_printf(out, "{\"code\":\"diagnosis.%s.title\",\"params\":{}}", diagnosis->key);
	json_text_string(out, "severity", slice_of(diagnosis_severity_name(diagnosis->severity)));
	json_text_close(out, '}');
}

bool message_json_cause_title(struct slice text, bool exact, struct explain_cause *found)
{
	*found = (struct explain_cause){NULL, NULL};
	for (size_t i = 0; i < diagnosis_count(); i++) {
		const struct diagnosis *cause = diagnosis_at(i);
		struct slice key = slice_of(cause->key), words = slice_of(cause->title);
		bool fits = exact ? slice_equal_nocase(key, text) || slice_equal_nocase(words, text)
				  : slice_find_nocase(key, text) >= 0 ||
					slice_find_nocase(words, text) >= 0;

		/* Two causes fit, so no title would say what the term means. */
		if (fits && found->key != NULL)
			return false;
		if (fits)
			*found = (struct explain_cause){cause->key, cause->title};
	}
	return found->key != NULL;
}

void message_json_append(struct buffer *out, struct query *q,
    const struct message_json_times *times, const struct query_message *m)
{
	json_text_open(out, '{');
	append_core(out, q, times, m);
	append_recipients(out, q, times, m);
	json_text_name(out, "diagnosis");
	message_json_append_diagnosis(out, query_diagnosis(q, m));
	json_text_close(out, '}');
}

void message_json_append_core(struct buffer *out, struct query *q,
    const struct message_json_times *times, const struct query_message *m)
{
	append_core(out, q, times, m);
}

/* People count characters, the parser counts bytes. */
json_int_t message_json_column(struct slice text, size_t at)
{
	json_int_t column = 1;

	for (size_t i = 0; i < at && i < text.len; i++)
		column += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	return column;
}

bool message_json_read_filter(
    struct slice text, size_t characters, struct filter **filter, struct message_json_fault *fault)
{
	SAID_AUTO struct said said = {0};
	struct filter_error err;

	*filter = NULL;
	if (text.len == 0)
		return true;
	/* Characters, as the contract says it and as people count. */
	if (message_json_column(text, text.len) > (json_int_t)characters + 1) {
		said_put(&said, SAID_EXPECTED_FEWER_CHARACTERS, 1,
		    said_number("most", (int64_t)characters));
		fault->column = (json_int_t)characters + 1;
		said_copy(&said, fault->expected, sizeof(fault->expected), fault->words,
		    sizeof(fault->words));
		return false;
	}
	*filter = filter_parse(text, &err);
	if (*filter)
		return true;
	fault->column = message_json_column(text, err.column - 1);
	snprintf(fault->expected, sizeof(fault->expected), "%s", err.expected);
	snprintf(fault->words, sizeof(fault->words), "%s", err.words);
	return false;
}

/* The place of the fault goes with it, so that the page can show it in the text. */
static bool read_or_refuse(
    struct http_request *rq, struct slice text, size_t characters, struct filter **filter)
{
	struct message_json_fault fault;

	if (message_json_read_filter(text, characters, filter, &fault))
		return true;
	http_reply_said(rq, "invalid_filter",
	    json_pack("{sI, ss, so}", "column", fault.column, "expected", fault.expected,
		"expected_words", api_words(slice_of(fault.words))),
	    SAID_PROBLEM_FILTER, 2, said_number("column", fault.column),
	    said_inner("expected", slice_of(fault.expected), slice_of(fault.words)));
	return false;
}

bool message_json_filter(struct http_request *rq, struct slice text, struct filter **filter)
{
	return read_or_refuse(rq, text, MESSAGE_JSON_FILTER_MAX, filter);
}

bool message_json_body_filter(struct http_request *rq, struct slice text, struct filter **filter)
{
	return read_or_refuse(rq, text, FILTER_TEXT_MAX, filter);
}

bool message_json_sort(struct http_request *rq, struct slice text, struct index_sort *sort)
{
	struct error err;

	if (index_sort_parse(text, sort, &err))
		return true;
	http_reply_error_as(rq, "invalid_value", &err, json_pack("{ss}", "member", "sort"));
	return false;
}
