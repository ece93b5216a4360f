/* A message of the index as JSON: what lists, views and the message's own page have in common. */
#ifndef API_MESSAGE_JSON_H
#define API_MESSAGE_JSON_H

#include "api/api.h"
#include "filter/explain.h"
#include "postfix/schedule.h"

/* A list shows so many of a message's recipients. */
#define MESSAGE_JSON_RECIPIENTS 5

/* What all messages of an answer need, looked up once: Postfix's times, and whose numbers. */
struct message_json_times {
	struct schedule_settings settings;
	bool known;		 /* all five */
	const struct jobs *jobs; /* which know until when a delete can be undone */
	const struct numbers *numbers;
};
void message_json_times(
    const struct api *api, const struct http_request *rq, struct message_json_times *times);

/* When lifetimes end it (MessageCore.expires); 0: not known. */
int64_t message_json_expires(const struct message_json_times *times, const struct index_row *row);

/* Appends `Message` in api/openapi.yaml: with the first few recipients and a diagnosis. Written as
 * text, because a page has up to a thousand of them with forty values each: as trees of jansson's
 * that took 28 ms. */
void message_json_append(struct buffer *out, struct query *query,
    const struct message_json_times *times, const struct query_message *message);
/* The members of `MessageCore`, without the braces. */
void message_json_append_core(struct buffer *out, struct query *query,
    const struct message_json_times *times, const struct query_message *message);
/* "domain", "provider", "sender", "login". */
const char *message_json_pause_kind(enum index_pause_kind kind);
/* Appends `DiagnosisRef`, or null. */
void message_json_append_diagnosis(struct buffer *out, const struct diagnosis *diagnosis);

/* For explain_filter (explain_title). */
bool message_json_cause_title(struct slice text, bool exact, struct explain_cause *found);

/* Characters in a filter that stands in an address (Filter.maxLength in api/openapi.yaml): the head
 * of a request has room for so many. One in a body may have FILTER_TEXT_MAX bytes (LongFilter). */
#define MESSAGE_JSON_FILTER_MAX 4096
/* Room for a body with a filter of FILTER_TEXT_MAX bytes, each written as \u00xx. */
#define MESSAGE_JSON_FILTER_BODY 524288

/* Where and why a text is no filter, for a person. */
struct message_json_fault {
	json_int_t column; /* from 1, in characters: code points */
	char expected[200];
	char words[320]; /* of it; empty: none */
};
/* Reads a filter of at most `characters`; *filter is NULL when it matches everything. False: no
 * filter. The caller frees *filter. */
bool message_json_read_filter(
    struct slice text, size_t characters, struct filter **filter, struct message_json_fault *fault);
/* The code points before byte `at` of `text`, and 1: its column. */
json_int_t message_json_column(struct slice text, size_t at);

/* Reads the filter and sort of a request. `text` empty: *filter is NULL. False: it has been
 * answered (invalid_filter with column and what was expected, invalid_value). The caller frees
 * *filter. */
bool message_json_filter(struct http_request *rq, struct slice text, struct filter **filter);
/* The same for a filter in a body. */
bool message_json_body_filter(struct http_request *rq, struct slice text, struct filter **filter);
bool message_json_sort(struct http_request *rq, struct slice text, struct index_sort *sort);

#endif
