/* Records of incidents as JSON, from memory or from the store alike. */
#include "api/incident_json.h"

#include <stdio.h>

#include "api/api.h"

bool api_incident_within(const struct query_scope *scope, const struct incident_row *row)
{
	static const struct {
		enum incident_subject subject;
		enum group_key key;
	} keys[] = {{INCIDENT_OF_LOGIN, GROUP_LOGIN}, {INCIDENT_OF_CLIENT, GROUP_CLIENT},
	    {INCIDENT_OF_SENDER, GROUP_SENDER}, {INCIDENT_OF_DOMAIN, GROUP_RECIPIENT_DOMAIN}};

	if (query_scope_is_all(scope))
		return true;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if ((int)keys[i].subject == row->subject)
			return query_scope_holds(scope, keys[i].key, slice_of(row->key)) ==
			       QUERY_HOLDS_ALL;
	return false;
}

/* A number as JSON's own would lose digits in some readers, and it is never counted with. */
static json_t *id_json(const struct incident_asker *asker, int64_t id)
{
	return json_sprintf("%lld", (long long)numbers_shown(asker->numbers, NUMBER_INCIDENT, id));
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

/* The places of the texts in a row's words; evidence comes behind them. */
enum { WORDS_TITLE, WORDS_TEXT, WORDS_BASELINE, WORDS_EVIDENCE };

static json_t *words_at(const json_t *words, size_t place)
{
	json_t *found = json_array_get(words, place);

	return found != NULL ? json_incref(found) : json_null();
}

static json_t *evidence_json(const struct incident_row *row, const json_t *words)
{
	json_t *list = json_array();

	for (size_t i = 0; i < row->evidence_count; i++)
		json_array_append_new(list,
		    json_pack("{so, so, so}", "text", api_string(slice_of(row->evidence[i].text)),
			"words", words_at(words, WORDS_EVIDENCE + i), "quote",
			text_or_null(row->evidence[i].quote)));
	return list;
}

/* What is about the whole queue, or needs a right that nobody with a scope has. */
#define ACTIONS_OF_ALL (INCIDENT_DO_FLUSH | INCIDENT_DO_LIFETIME | INCIDENT_DO_PAUSE)

static json_t *actions_json(unsigned actions)
{
	static const struct {
		unsigned action;
		const char *name;
	} names[] = {{INCIDENT_DO_HOLD, "hold"}, {INCIDENT_DO_RETRY, "retry"},
	    {INCIDENT_DO_RETRY_GENTLY, "retry_gently"}, {INCIDENT_DO_RELEASE, "release"},
	    {INCIDENT_DO_DELETE, "delete"}, {INCIDENT_DO_BOUNCE, "bounce"},
	    {INCIDENT_DO_FLUSH, "flush"}, {INCIDENT_DO_LIFETIME, "lifetime"},
	    {INCIDENT_DO_HELP, "help"}, {INCIDENT_DO_PAUSE, "pause"}};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (actions & names[i].action)
			json_array_append_new(list, json_string(names[i].name));
	return list;
}

static json_t *cause_of_json(const struct incident_asker *asker, int64_t id)
{
	const struct incident_tracking *tracking = asker->tracking;
	json_t *list = json_array();

	for (size_t i = 0; i < incident_tracking_count(tracking); i++) {
		const struct incident_row *row = &incident_tracking_at(tracking, i)->row;

		if (row->caused_by == id && api_incident_within(asker->scope, row))
			json_array_append_new(list, id_json(asker, row->id));
	}
	return list;
}

/* That which explains it, where it may be told, too. */
static json_t *caused_by_json(const struct incident_asker *asker, int64_t id)
{
	const struct incident_record *cause =
	    id != 0 ? incident_tracking_find(asker->tracking, id) : NULL;
	bool all = query_scope_is_all(asker->scope);

	return id != 0 && (all || (cause != NULL && api_incident_within(asker->scope, &cause->row)))
		   ? id_json(asker, id)
		   : json_null();
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

/* People write of what they see. */
static json_t *notes_json(const struct incident_record *record, bool all)
{
	json_t *list = json_array();

	for (size_t i = 0; all && i < record->note_count; i++)
		json_array_append_new(list, api_incident_note_json(&record->notes[i]));
	return list;
}

json_t *api_incident_json(const struct incident_record *record, const struct incident_asker *asker)
{
	const struct incident_row *row = &record->row;
	const char *kind = incident_kind_name((enum incident_kind)row->kind);
	const char *severity = incident_severity_name((enum incident_severity)row->severity);
	const char *state = incident_state_name((enum incident_state)row->state);
	const char *runbook = incident_kind_runbook((enum incident_kind)row->kind);
	bool all = query_scope_is_all(asker->scope), aside = all && row->snoozed_until != 0;
	unsigned actions = all ? row->actions : row->actions & ~(unsigned)ACTIONS_OF_ALL;
	json_t *words = api_words(slice_of(row->words != NULL ? row->words : ""));
	json_t *incident;

	incident = json_pack(
	    "{so, ss, ss, ss, so, so, so, so, so, so, so, so, so, so, so, so, so, so, so, so, so, "
	    "so, so, so, so, so, ss}",
	    "id", id_json(asker, row->id), "kind", kind != NULL ? kind : "", "severity",
	    severity != NULL ? severity : "", "state", state != NULL ? state : "", "title",
	    api_string(slice_of(row->title)), "title_words", words_at(words, WORDS_TITLE), "text",
	    api_string(slice_of(row->text)), "words", words_at(words, WORDS_TEXT), "subject",
	    subject_json(row), "diagnosis", api_string_or_null(slice_of(row->cause)), "since",
	    api_time(row->since), "noticed", api_time(row->noticed), "until",
	    api_time_or_null(row->until), "messages", count_or_null(row->messages), "growth",
	    growth_or_null(row), "baseline", text_or_null(row->baseline), "baseline_words",
	    words_at(words, WORDS_BASELINE), "filter", text_or_null(row->filter), "evidence",
	    evidence_json(row, words), "actions", actions_json(actions), "cause_of",
	    cause_of_json(asker, row->id), "caused_by", caused_by_json(asker, row->caused_by),
	    "points", points_json(row), "notes", notes_json(record, all), "snoozed_until",
	    api_time_or_null(aside ? row->snoozed_until : 0), "snoozed_by",
	    aside ? api_string(slice_of(row->snoozed_by)) : json_null(), "runbook",
	    runbook != NULL ? runbook : "");
	json_decref(words);
	return incident;
}

/* How it went by itself; the others tell what somebody did. */
static bool is_its_own(enum incident_moment_kind kind)
{
	return kind == INCIDENT_MOMENT_OPENED || kind == INCIDENT_MOMENT_QUIET ||
	       kind == INCIDENT_MOMENT_REOPENED || kind == INCIDENT_MOMENT_ENDED ||
	       kind == INCIDENT_MOMENT_SEVERITY;
}

json_t *api_incident_detail_json(
    const struct incident_record *record, const struct incident_asker *asker)
{
	json_t *incident = api_incident_json(record, asker), *timeline = json_array();
	bool all = query_scope_is_all(asker->scope);

	for (size_t i = 0; i < record->moment_count; i++) {
		const struct incident_moment *m = &record->moments[i];

		if (!all && !is_its_own(m->kind))
			continue;
		json_array_append_new(timeline,
		    json_pack("{so, ss, so, so, so}", "at", api_time(m->at), "kind",
			incident_moment_name(m->kind), "text", api_string(slice_of(m->text)),
			"words", api_words(slice_of(m->words != NULL ? m->words : "")), "link",
			text_or_null(m->link)));
	}
	json_object_set_new(incident, "timeline", timeline);
	return incident;
}
