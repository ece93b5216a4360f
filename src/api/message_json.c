#include "api/message_json.h"

#include "base/clock.h"

void message_json_times(const struct api *api, struct message_json_times *times)
{
	struct schedule_settings *s = &times->settings;

	*s = schedule_defaults();
	times->known = api_time_setting(api, "queue_run_delay", &s->queue_run_delay) &&
	               api_time_setting(api, "minimal_backoff_time", &s->minimal_backoff_time) &&
	               api_time_setting(api, "maximal_backoff_time", &s->maximal_backoff_time) &&
	               api_time_setting(api, "maximal_queue_lifetime", &s->maximal_queue_lifetime) &&
	               api_time_setting(api, "bounce_queue_lifetime", &s->bounce_queue_lifetime);
}

int64_t message_json_expires(const struct message_json_times *times, const struct index_row *row)
{
	if (!times->known || !(row->known & MESSAGE_KNOWS_CREATE_TIME))
		return 0;
	return schedule_expiry(&times->settings, row->create_time, row->sender.len == 0);
}

static json_t *origin_json(const struct index_row *row)
{
	if (!(row->known & MESSAGE_KNOWS_ORIGIN))
		return json_null();
	return json_pack("{so, so, so, so}", "client_name", api_string_or_null(row->client_name),
	    "client_address", api_string_or_null(row->client_address), "login",
	    api_string_or_null(row->login), "helo", api_string_or_null(row->helo));
}

json_t *message_json_core(const struct message_json_times *times, const struct index_row *row)
{
	bool retry = row->known & MESSAGE_KNOWS_NEXT_RETRY;
	bool forced = row->known & MESSAGE_KNOWS_FORCED_EXPIRE;

	return json_pack("{ss, ss, so, sI, so, si, so, so, so, so, so}", "id", row->id, "queue",
	    queue_id_queue_name(row->queue), "arrival", api_time(row->arrival), "size",
	    (json_int_t)row->size, "sender", api_string(row->sender), "recipient_count",
	    (int)row->recipient_count, "next_retry", retry ? api_time(row->next_retry) : json_null(),
	    "expires", api_time_or_null(message_json_expires(times, row)), "forced_expire",
	    forced ? json_boolean(row->forced_expire) : json_null(), "origin", origin_json(row), "subject",
	    row->known & MESSAGE_KNOWS_SUBJECT ? api_string_or_null(row->subject) : json_null());
}

/* The first few that are still to be delivered to. */
static json_t *recipients_json(const struct index *ix, uint32_t number)
{
	json_t *list = json_array();
	struct index_recipient r;

	for (uint32_t n = 0; json_array_size(list) < MESSAGE_JSON_RECIPIENTS &&
	                     index_recipient(ix, number, n, &r); n++) {
		if (r.flags & MESSAGE_RECIPIENT_DONE)
			continue;
		json_array_append_new(list,
		    json_pack("{so, so, so, so, so}", "address", api_string(r.address), "original",
		        api_string_or_null(r.original), "reason", api_string_or_null(r.reason), "dsn",
		        api_string_or_null(r.dsn), "remote_host", api_string_or_null(r.remote)));
	}
	return list;
}

json_t *message_json_diagnosis(const struct diagnosis *diagnosis)
{
	if (!diagnosis)
		return json_null();
	return json_pack("{ss, ss, ss}", "id", diagnosis->key, "title", diagnosis->title, "severity",
	    diagnosis_severity_name(diagnosis->severity));
}

json_t *message_json(struct index *ix, const struct message_json_times *times, uint32_t number,
    const struct index_row *row)
{
	json_t *object = message_json_core(times, row);

	json_object_set_new(object, "recipients", recipients_json(ix, number));
	json_object_set_new(object, "diagnosis", message_json_diagnosis(index_diagnosis(ix, number)));
	return object;
}

/* People count characters, the parser counts bytes. */
static json_int_t characters_before(struct slice text, uint32_t column)
{
	json_int_t characters = 1;

	for (size_t i = 0; i + 1 < column && i < text.len; i++)
		characters += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	return characters;
}

bool message_json_filter(struct http_request *rq, struct slice text, struct filter **filter)
{
	struct filter_error err;
	json_int_t column;
	char detail[300];

	*filter = NULL;
	if (text.len == 0)
		return true;
	*filter = filter_parse(text, &err);
	if (*filter)
		return true;
	column = characters_before(text, err.column);
	snprintf(detail, sizeof(detail), "at column %lld of the filter, expected %s", (long long)column,
	    err.expected);
	http_reply_problem_with(rq, 400, "invalid_filter", detail,
	    json_pack("{sI, ss}", "column", column, "expected", err.expected));
	return false;
}

bool message_json_sort(struct http_request *rq, struct slice text, struct index_sort *sort)
{
	struct error err;

	if (index_sort_parse(text, sort, &err))
		return true;
	http_reply_problem_with(
	    rq, 400, "invalid_value", err.text, json_pack("{ss}", "member", "sort"));
	return false;
}
