/* Records of incidents as JSON, from memory or from the store alike. */
#include "api/incident_json.h"

#include <stdio.h>

#include "api/api.h"

/* A number as JSON's own would lose digits in some readers, and it is never counted with. */
static json_t *id_json(int64_t id)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)id);
	return json_string(text);
}

static json_t *text_or_null(const char *text)
{
	return text != NULL ? api_string(slice_of(text)) : json_null();
}

static json_t *growth_or_null(const struct incident_row *row)
{
	bool known = row->messages >= 0 && row->growth != INCIDENT_GROWTH_UNKNOWN;

	return known ? json_integer(row->growth) : json_null();
}

static json_t *count_or_null(int64_t count)
{
	return count >= 0 ? json_integer(count) : json_null();
}

static json_t *subject_json(const struct incident_row *row)
{
	const char *name = row->subject != INCIDENT_OF_NONE
			       ? incident_subject_name((enum incident_subject)row->subject)
			       : NULL;

	return json_pack("{so, so}", "kind", name != NULL ? json_string(name) : json_null(), "key",
	    api_string(slice_of(row->key)));
}

static json_t *evidence_json(const struct incident_row *row)
{
	json_t *list = json_array();

	for (size_t i = 0; i < row->evidence_count; i++)
		json_array_append_new(
		    list, json_pack("{so, so}", "text", api_string(slice_of(row->evidence[i].text)),
			      "quote", text_or_null(row->evidence[i].quote)));
	return list;
}

static json_t *actions_json(unsigned actions)
{
	static const struct {
		unsigned action;
		const char *name;
	} names[] = {{INCIDENT_DO_HOLD, "hold"}, {INCIDENT_DO_RETRY, "retry"},
	    {INCIDENT_DO_RETRY_GENTLY, "retry_gently"}, {INCIDENT_DO_RELEASE, "release"},
	    {INCIDENT_DO_DELETE, "delete"}, {INCIDENT_DO_BOUNCE, "bounce"},
	    {INCIDENT_DO_FLUSH, "flush"}, {INCIDENT_DO_LIFETIME, "lifetime"},
	    {INCIDENT_DO_HELP, "help"}};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (actions & names[i].action)
			json_array_append_new(list, json_string(names[i].name));
	return list;
}

static json_t *cause_of_json(int64_t id, const struct incident_tracking *tracking)
{
	json_t *list = json_array();

	for (size_t i = 0; i < incident_tracking_count(tracking); i++) {
		const struct incident_row *row = &incident_tracking_at(tracking, i)->row;

		if (row->caused_by == id)
			json_array_append_new(list, id_json(row->id));
	}
	return list;
}

static json_t *points_json(const struct incident_row *row)
{
	json_t *list = json_array();

	for (size_t i = 0; i < INCIDENT_ROWS_POINTS; i++)
		json_array_append_new(list, count_or_null(row->points[i]));
	return list;
}

json_t *api_incident_note_json(const struct incident_note *note)
{
	return json_pack("{sI, so, so, so}", "id", (json_int_t)note->id, "at", api_time(note->at),
	    "who", api_string(slice_of(note->who)), "text", api_string(slice_of(note->text)));
}

static json_t *notes_json(const struct incident_record *record)
{
	json_t *list = json_array();

	for (size_t i = 0; i < record->note_count; i++)
		json_array_append_new(list, api_incident_note_json(&record->notes[i]));
	return list;
}

json_t *api_incident_json(
    const struct incident_record *record, const struct incident_tracking *tracking)
{
	const struct incident_row *row = &record->row;
	const char *kind = incident_kind_name((enum incident_kind)row->kind);
	const char *severity = incident_severity_name((enum incident_severity)row->severity);
	const char *state = incident_state_name((enum incident_state)row->state);
	bool aside = row->snoozed_until != 0;

	return json_pack("{so, ss, ss, ss, so, so, so, so, so, so, so, so, so, so, so, so, so, so, "
			 "so, so, so, so, so}",
	    "id", id_json(row->id), "kind", kind != NULL ? kind : "", "severity",
	    severity != NULL ? severity : "", "state", state != NULL ? state : "", "title",
	    api_string(slice_of(row->title)), "text", api_string(slice_of(row->text)), "subject",
	    subject_json(row), "diagnosis", api_string_or_null(slice_of(row->cause)), "since",
	    api_time(row->since), "noticed", api_time(row->noticed), "until",
	    api_time_or_null(row->until), "messages", count_or_null(row->messages), "growth",
	    growth_or_null(row), "baseline", text_or_null(row->baseline), "filter",
	    text_or_null(row->filter), "evidence", evidence_json(row), "actions",
	    actions_json(row->actions), "cause_of", cause_of_json(row->id, tracking), "caused_by",
	    row->caused_by != 0 ? id_json(row->caused_by) : json_null(), "points", points_json(row),
	    "notes", notes_json(record), "snoozed_until", api_time_or_null(row->snoozed_until),
	    "snoozed_by", aside ? api_string(slice_of(row->snoozed_by)) : json_null());
}

json_t *api_incident_detail_json(
    const struct incident_record *record, const struct incident_tracking *tracking)
{
	json_t *incident = api_incident_json(record, tracking), *timeline = json_array();

	for (size_t i = 0; i < record->moment_count; i++) {
		const struct incident_moment *m = &record->moments[i];

		json_array_append_new(
		    timeline, json_pack("{so, ss, so, so}", "at", api_time(m->at), "kind",
				  incident_moment_name(m->kind), "text",
				  api_string(slice_of(m->text)), "link", text_or_null(m->link)));
	}
	json_object_set_new(incident, "timeline", timeline);
	return incident;
}
