/* By what the caret is in, a word, a value or a number (filter/typed_term.h), offers are
 * collected and written at once. Values come from the queue, within the scope of who asks. */
#include "api/completions.h"

#include <string.h>

#include "api/json_text.h"
#include "api/message_json.h"
#include "base/clock.h"
#include "base/memory.h"
#include "filter/explain.h"
#include "filter/typed_term.h"
#include "query/completions.h"

#define LIMIT_DEFAULT 20
/* A bare word is looked for in several dictionaries, so many values from each; not before it has
 * two characters, and while this has not passed (a pass takes some milliseconds at a million). */
#define WORD_VALUES 4
#define WORD_LEAST 2
#define WORD_MS 20

/* One answer under construction. */
struct offer {
	struct api *api;
	const struct http_request *rq;
	const struct query_scope *scope;
	struct buffer *out;
	struct typed_term place;
	size_t count, limit;
	bool pad; /* what follows is no blank: a blank must be put in between */
};

/* Which values of the queue each field has. A bare word asks a few of them. */
static const struct {
	enum filter_field field;
	enum complete_kind kind;
} sources[] = {
    {FILTER_QUEUE, COMPLETE_QUEUE},
    {FILTER_FROM, COMPLETE_SENDER},
    {FILTER_TO, COMPLETE_RECIPIENT},
    {FILTER_DOMAIN, COMPLETE_RECIPIENT_DOMAIN},
    {FILTER_REASON, COMPLETE_REASON},
    {FILTER_CAUSE, COMPLETE_CAUSE},
    {FILTER_REMOTE_HOST, COMPLETE_REMOTE_HOST},
    {FILTER_CLIENT, COMPLETE_CLIENT},
    {FILTER_LOGIN, COMPLETE_LOGIN},
    {FILTER_HELO, COMPLETE_HELO},
    {FILTER_SUBJECT, COMPLETE_SUBJECT},
};

/* The limit is met here and nowhere else: who offers too much offers nothing more. */
static void add(struct offer *o, const char *kind, struct slice insert, const struct said *label,
    enum filter_field field, int64_t messages)
{
	BUFFER_AUTO struct buffer padded = {0};
	bool complete = strcmp(kind, "value") == 0;

	if (o->count == o->limit)
		return;
	o->count++;
	buffer_append_slice(&padded, insert);
	/* A field is not padded: its value follows at once. */
	if (o->pad && complete)
		buffer_append_char(&padded, ' ');
	json_text_next(o->out);
	json_text_open(o->out, '{');
	json_text_string(o->out, "kind", slice_of(kind));
	json_text_string(o->out, "insert", buffer_slice(&padded));
	json_text_said(o->out, "label", label);
	json_text_string(
	    o->out, "field", slice_of(field == FILTER_ANY ? "any" : filter_field_name(field)));
	if (messages < 0)
		json_text_null(o->out, "messages");
	else
		json_text_number(o->out, "messages", (uint64_t)messages);
	json_text_bool(o->out, "complete", complete);
	json_text_close(o->out, '}');
}

/* ---- Values of the queue ---- */

/* The term that selects exactly this value: what its count is about. */
static void append_term(
    struct buffer *out, enum filter_field field, const struct complete_value *value)
{
	struct slice text = value->text;
	ptrdiff_t open = slice_find_char(text, '[');

	if (field == FILTER_FROM && text.len == 0) {
		buffer_append_string(out, "from:<>");
		return;
	}
	/* "name[address]": the address is what the connection came from. */
	if (field == FILTER_CLIENT && open >= 0) {
		text = slice_from(text, (size_t)open + 1);
		text = slice_first(text, text.len - 1);
	}
	buffer_printf(out, "%s:=", filter_field_name(field));
	filter_quote(out, text);
}

/* What the queue has is shown as it is. */
static void add_value(struct offer *o, struct slice insert, struct slice shown,
    enum filter_field field, int64_t messages)
{
	SAID_AUTO struct said label = {0};

	said_verbatim(&label, shown);
	add(o, "value", insert, &label, field, messages);
}

/* People read titles and marks; what is inserted is the key. */
static void say_label(
    struct said *label, enum filter_field field, const struct complete_value *value)
{
	BUFFER_AUTO struct buffer words = {0};
	const struct diagnosis *cause = value->diagnosis;

	if (cause == NULL) {
		said_verbatim(label,
		    field == FILTER_FROM && value->text.len == 0 ? SLICE("<>") : value->text);
		return;
	}
	buffer_printf(&words, "{\"code\":\"diagnosis.%s.title\",\"params\":{}}", cause->key);
	said_then_said(label, slice_of(cause->title), buffer_slice(&words));
}

static void offer_values(struct offer *o, enum filter_field field, enum complete_kind kind,
    struct slice typed, size_t limit)
{
	BUFFER_AUTO struct buffer memory = {0}, term = {0};
	struct complete_value found[COMPLETE_MAX];
	size_t count = query_complete(
	    o->api->query, o->scope, kind, typed, limit, clock_now(), &memory, found);

	for (size_t i = 0; i < count; i++) {
		SAID_AUTO struct said label = {0};
		buffer_clear(&term);
		append_term(&term, field, &found[i]);
		say_label(&label, field, &found[i]);
		add(o, "value", buffer_slice(&term), &label, field, (int64_t)found[i].messages);
	}
}

/* `from:@shop` and `from:*@shop` ask for domains of senders. */
static void offer_sender_domains(struct offer *o, struct slice typed)
{
	BUFFER_AUTO struct buffer memory = {0}, term = {0};
	struct complete_value found[COMPLETE_MAX];
	size_t count = query_complete(o->api->query, o->scope, COMPLETE_SENDER_DOMAIN, typed,
	    o->limit, clock_now(), &memory, found);

	for (size_t i = 0; i < count; i++) {
		buffer_clear(&term);
		buffer_printf(&term, "from:*@%.*s", SLICE_ARGS(found[i].text));
		/* As in groups: a domain with * or quotes in it cannot stand behind a star. */
		struct filter *f = filter_parse(buffer_slice(&term), NULL);
		if (f)
			add_value(o, buffer_slice(&term), slice_from(buffer_slice(&term), 5),
			    FILTER_FROM, (int64_t)found[i].messages);
		filter_free(f);
	}
}

static void offer_paused(struct offer *o, struct slice value, int64_t messages)
{
	BUFFER_AUTO struct buffer term = {0};

	if (slice_find_nocase(value, o->place.typed) < 0)
		return;
	buffer_append_string(
	    &term, slice_is(value, "yes") || slice_is(value, "no") ? "paused:" : "paused:=");
	filter_quote(&term, value);
	add_value(o, buffer_slice(&term), value, FILTER_PAUSED, messages);
}

/* The two words, and for those who see all of the queue what is paused. */
static void offer_pauses(struct offer *o)
{
	MEMORY_AUTO struct index_pause_count *counts = NULL;
	size_t count;

	offer_paused(o, SLICE("yes"), -1);
	offer_paused(o, SLICE("no"), -1);
	if (!query_scope_is_all(o->scope))
		return;
	count = query_count_pauses(o->api->query, &counts);
	for (size_t i = 0; i < count; i++)
		offer_paused(o, counts[i].key, (int64_t)counts[i].messages);
}

static void offer_field_values(struct offer *o)
{
	struct slice typed = o->place.typed;

	if (o->place.field == FILTER_PAUSED) {
		offer_pauses(o);
		return;
	}

	if (o->place.field == FILTER_FROM && !o->place.quoted &&
	    (slice_starts_with(typed, "@") || slice_starts_with(typed, "*@"))) {
		offer_sender_domains(o, slice_from(typed, (size_t)slice_find_char(typed, '@') + 1));
		return;
	}
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		if (sources[i].field == o->place.field)
			offer_values(o, sources[i].field, sources[i].kind, typed, o->limit);
	}
}

/* ---- Fields ---- */

static void offer_field(struct offer *o, enum filter_field field)
{
	bool text = filter_field_value(field) == FILTER_VALUE_TEXT;
	SAID_AUTO struct said purpose = {0};
	char insert[32];

	said_put(&purpose, filter_field_purpose(field), 0);
	snprintf(insert, sizeof(insert), "%s%s", filter_field_name(field), text ? ":" : ">");
	add(o, "field", slice_of(insert), &purpose, field, -1);
	if (text)
		return;
	/* Numbers are asked for in both directions. */
	insert[strlen(insert) - 1] = '<';
	add(o, "field", slice_of(insert), &purpose, field, -1);
}

static void offer_word(struct offer *o)
{
	static const enum filter_field places[] = {FILTER_DOMAIN, FILTER_FROM, FILTER_REASON};
	struct slice typed = o->place.typed;
	int64_t end = clock_monotonic_ms() + WORD_MS;

	for (int i = 0; i < FILTER_FIELD_COUNT && !o->place.quoted; i++) {
		struct slice name = slice_of(filter_field_name((enum filter_field)i));
		if (i != FILTER_ANY && typed.len <= name.len &&
		    slice_equal_nocase(slice_first(name, typed.len), typed))
			offer_field(o, (enum filter_field)i);
	}
	/* Values only behind the whole word: in the middle of one, or of a field's name, they would
	 * take the place of more than was typed. */
	if (typed.len < WORD_LEAST || o->place.to > o->place.from + typed.len + 2 * o->place.quoted)
		return;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		for (size_t k = 0; k < sizeof(sources) / sizeof(*sources); k++) {
			if (sources[k].field == places[i] && clock_monotonic_ms() <= end)
				offer_values(o, places[i], sources[k].kind, typed, WORD_VALUES);
		}
	}
}

/* ---- Numbers ---- */

/* A number term as it would read, if it is one. */
static void offer_number(struct offer *o, const char *value)
{
	BUFFER_AUTO struct buffer term = {0};
	SAID_AUTO struct said meaning = {0};
	struct filter *f;

	buffer_printf(
	    &term, "%s%.*s%s", filter_field_name(o->place.field), SLICE_ARGS(o->place.op), value);
	/* The parser itself decides what a number of this field may be. */
	f = filter_parse(buffer_slice(&term), NULL);
	if (f) {
		explain_node(f, 0, NULL, &meaning);
		add(o, "value", buffer_slice(&term), &meaning, o->place.field, -1);
	}
	filter_free(f);
}

static void offer_numbers(struct offer *o)
{
	static const char *const usual[][6] = {
	    [FILTER_VALUE_TEXT] = {NULL},
	    [FILTER_VALUE_SECONDS] = {"5m", "1h", "4h", "1d", "3d", NULL},
	    [FILTER_VALUE_BYTES] = {"10k", "100k", "1M", "10M", NULL},
	    [FILTER_VALUE_COUNT] = {"1", "10", "100", NULL},
	};
	static const char *const units[] = {[FILTER_VALUE_TEXT] = "",
	    [FILTER_VALUE_SECONDS] = "mhdws",
	    [FILTER_VALUE_BYTES] = "kMG",
	    [FILTER_VALUE_COUNT] = ""};
	enum filter_value kind = filter_field_value(o->place.field);
	char value[40];

	if (o->place.typed.len > 0) {
		for (const char *unit = units[kind]; *unit != '\0'; unit++) {
			snprintf(value, sizeof(value), "%.*s%c", SLICE_ARGS(o->place.typed), *unit);
			offer_number(o, value);
		}
		return;
	}
	/* `next<0`, `next>0`: due, or not yet. */
	if (o->place.field == FILTER_NEXT)
		offer_number(o, "0");
	for (size_t i = 0; usual[kind][i]; i++)
		offer_number(o, usual[kind][i]);
}

/* ---- The answer ---- */

/* The byte behind `characters` code points. */
static size_t byte_at(struct slice text, uint64_t characters)
{
	size_t at = 0;

	while (at < text.len && characters > 0) {
		at++;
		while (at < text.len && ((unsigned char)text.data[at] & 0xc0) == 0x80)
			at++;
		characters--;
	}
	return at;
}

static void offer_all(struct offer *o, struct slice text)
{
	struct index_status status;
	json_int_t column = message_json_column(text, o->place.from);

	query_status(o->api->query, o->scope, clock_now(), &status);
	json_text_open(o->out, '{');
	json_text_number(o->out, "generation", api_generation(o->api, o->rq, status.generation));
	json_text_integer(o->out, "column", column);
	json_text_integer(o->out, "length", message_json_column(text, o->place.to) - column);
	json_text_name(o->out, "items");
	json_text_open(o->out, '[');
	switch (o->place.kind) {
	case TYPED_TERM_WORD:
		offer_word(o);
		break;
	case TYPED_TERM_VALUE:
		offer_field_values(o);
		break;
	case TYPED_TERM_NUMBER:
		offer_numbers(o);
		break;
	}
	json_text_close(o->out, ']');
	json_text_close(o->out, '}');
}

static void complete(struct http_request *rq, void *context)
{
	BUFFER_AUTO struct buffer body = {0}, memory = {0};
	struct offer o = {.api = context, .rq = rq, .scope = api_scope(context, rq), .out = &body};
	struct slice text = {"", 0};
	uint64_t at, limit;

	http_query(rq, "text", &text);
	if (!http_query_u64(rq, "at", 0, MESSAGE_JSON_FILTER_MAX, MESSAGE_JSON_FILTER_MAX, &at) ||
	    !http_query_u64(rq, "limit", 1, COMPLETE_MAX, LIMIT_DEFAULT, &limit))
		return;
	o.limit = limit;
	typed_term_find(text, byte_at(text, at), &memory, &o.place);
	/* A value in front of another term without a blank would become one word with it. */
	o.pad = o.place.to < text.len && !strchr(" \t\r\n)", text.data[o.place.to]);
	offer_all(&o, text);
	http_reply_bytes(rq, 200, "application/json", body.data, body.len);
}

const struct http_route api_completions_routes[] = {
    {HTTP_GET, "/api/v1/filters/completions", RIGHT_VIEWER, 0, "text at limit", complete,
	.within = SCOPE_QUERY},
    {.path = NULL},
};
