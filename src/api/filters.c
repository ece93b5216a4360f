/* Explains a filter: its tree, its chips with their places in the text, and what each chip does
 * to the count. A text that is no filter is answered with 200 and its fault. */
#include "api/filters.h"

#include <stdlib.h>

#include "api/json_text.h"
#include "api/message_json.h"
#include "base/clock.h"
#include "base/memory.h"
#include "filter/explain.h"

/* Beyond so many nobody looks at chips; `more_chips` says how many there are. */
#define CHIPS_MAX 100
/* Terms are counted one by one until this has passed, then the one under way is finished. It is
 * asked for where a filter matches nothing, and nobody else is answered meanwhile. */
#define COUNTING_MS 60

/* A filter and its text, while it is told. */
struct telling {
	struct slice text;
	uint32_t *columns; /* of each byte, and of the end: code points before it, and 1 */
	const struct filter_node *nodes;
	uint32_t node_count;
};

/* Places are wanted of every chip and node: one pass makes the table for all of them. */
static void telling_begin(struct telling *t, const struct filter *f, struct slice text)
{
	uint32_t column = 0;

	t->text = text;
	t->nodes = filter_nodes(f, &t->node_count);
	t->columns = memory_alloc((text.len + 1) * sizeof(*t->columns));
	for (size_t i = 0; i < text.len; i++) {
		/* A byte that goes on with a character begins no new column. */
		column += ((unsigned char)text.data[i] & 0xc0) != 0x80;
		t->columns[i] = column;
	}
	t->columns[text.len] = column + 1;
}

/* In characters, as the page marks them. */
static void append_span(struct buffer *out, const struct telling *t, uint32_t from, uint32_t to)
{
	json_text_number(out, "column", t->columns[from]);
	json_text_number(out, "length", t->columns[to] - t->columns[from]);
}

/* ---- The tree ---- */

static const char *field_name(enum filter_field field)
{
	return field == FILTER_ANY ? "any" : filter_field_name(field);
}

static void append_term(struct buffer *out, const struct filter_node *n)
{
	static const char *const matches[] = {
	    [FILTER_CONTAINS] = "contains", [FILTER_EXACT] = "exact", [FILTER_GLOB] = "glob"};
	static const char *const ops[] = {[FILTER_LT] = "<",
	    [FILTER_LE] = "<=",
	    [FILTER_EQ] = "=",
	    [FILTER_GE] = ">=",
	    [FILTER_GT] = ">"};

	json_text_string(out, "field", slice_of(field_name(n->field)));
	if (n->kind == FILTER_TEXT) {
		json_text_string(out, "match", slice_of(matches[n->match]));
		json_text_string(out, "value", n->pattern);
	} else {
		json_text_string(out, "op", slice_of(ops[n->op]));
		json_text_integer(out, "value", n->value);
	}
}

/* At most FILTER_DEPTH_MAX parentheses deep, each of three kinds of node. */
static void append_node(struct buffer *out, const struct telling *t, uint32_t node)
{
	static const char *const kinds[] = {[FILTER_AND] = "and",
	    [FILTER_OR] = "or",
	    [FILTER_NOT] = "not",
	    [FILTER_TEXT] = "text",
	    [FILTER_NUMBER] = "number"};
	const struct filter_node *n = &t->nodes[node];

	if (n->forms)
		n = &t->nodes[n->first_child]; /* as it was written */
	json_text_open(out, '{');
	json_text_string(out, "kind", slice_of(kinds[n->kind]));
	append_span(out, t, n->from, n->to);
	if (n->kind == FILTER_TEXT || n->kind == FILTER_NUMBER) {
		append_term(out, n);
	} else {
		json_text_name(out, "terms");
		json_text_open(out, '[');
		for (uint32_t c = n->first_child; c != FILTER_NONE; c = t->nodes[c].next_sibling) {
			json_text_next(out);
			append_node(out, t, c);
		}
		json_text_close(out, ']');
	}
	json_text_close(out, '}');
}

/* ---- Chips, and what each does ---- */

/* Who wants to know how many messages, and whether he does. */
struct asking {
	struct query *query;
	const struct query_scope *scope;
	bool counts;
	struct api *api;
	const struct http_request *rq;
};

struct counted {
	bool known;
	uint64_t messages;
};
struct chip_counts {
	struct counted alone, without;
};

static void count_text(struct asking *asking, struct slice text, int64_t now, struct counted *out)
{
	struct filter *f = filter_parse(text, NULL);
	struct index_match match;

	/* Made of the pieces of a filter, it is one. */
	if (!f)
		return;
	query_count(asking->query, asking->scope, f, now, &match);
	*out = (struct counted){!match.too_costly, match.messages};
	filter_free(f);
}

/* The chip says which bytes to cut, with the word that joins it: what is left is a filter again. */
static void count_without(struct asking *asking, struct slice text, const struct explain_chip *c,
    int64_t now, struct counted *out)
{
	BUFFER_AUTO struct buffer rest = {0};

	buffer_append_slice(&rest, slice_first(text, c->cut_from));
	buffer_append_slice(&rest, slice_from(text, c->cut_to));
	count_text(asking, buffer_slice(&rest), now, out);
}

/* True when there was time for all. */
static bool count_chips(struct asking *asking, struct slice text, const struct explain_chip *chips,
    size_t count, int64_t now, struct chip_counts *counts)
{
	int64_t end = clock_monotonic_ms() + COUNTING_MS;

	for (size_t i = 0; i < count; i++) {
		const struct explain_chip *c = &chips[i];
		/* The chips behind stay without counts, and `complete` says so. */
		if (clock_monotonic_ms() > end)
			return false;
		count_text(asking, slice_first(slice_from(text, c->from), c->to - c->from), now,
		    &counts[i].alone);
	}
	/* A second round: what each chip matches alone is worth more than what the filter matches
	 * without it. */
	for (size_t i = 0; i < count; i++) {
		if (clock_monotonic_ms() > end)
			return false;
		count_without(asking, text, &chips[i], now, &counts[i].without);
	}
	return true;
}

static void append_counted(struct buffer *out, const char *name, const struct counted *counted)
{
	if (counted->known)
		json_text_number(out, name, counted->messages);
	else
		json_text_null(out, name);
}

static void append_chip(struct buffer *out, const struct telling *t, const struct filter *f,
    const struct explain_chip *c, const struct chip_counts *counts)
{
	SAID_AUTO struct said said = {0};

	explain_node(f, c->node, message_json_cause_title, &said);
	json_text_next(out);
	json_text_open(out, '{');
	append_span(out, t, c->from, c->to);
	json_text_string(out, "text", slice_first(slice_from(t->text, c->from), c->to - c->from));
	json_text_said(out, "words", &said);
	json_text_bool(out, "negated", t->nodes[c->node].kind == FILTER_NOT);
	json_text_name(out, "removal");
	json_text_open(out, '{');
	append_span(out, t, c->cut_from, c->cut_to);
	json_text_close(out, '}');
	append_counted(out, "matched", &counts->alone);
	append_counted(out, "matched_without", &counts->without);
	json_text_close(out, '}');
}

static void append_counts(struct buffer *out, const struct index_match *match, bool complete)
{
	json_text_name(out, "counts");
	json_text_open(out, '{');
	json_text_number(out, "generation", match->generation);
	json_text_number(out, "matched", match->messages);
	json_text_number(out, "matched_bytes", match->bytes);
	json_text_number(out, "undecided", match->undecided);
	json_text_bool(out, "complete", complete);
	json_text_close(out, '}');
}

/* Chips and counts of a filter. */
static void append_chips(
    struct buffer *out, struct asking *asking, const struct telling *t, const struct filter *f)
{
	struct explain_chip chips[CHIPS_MAX];
	struct chip_counts counts[CHIPS_MAX] = {0};
	size_t all = explain_chips(f, t->text, chips, CHIPS_MAX);
	size_t shown = all < CHIPS_MAX ? all : CHIPS_MAX;
	struct index_match match;
	int64_t now = clock_now();
	bool complete = false, count = asking->counts;

	if (count) {
		query_count(asking->query, asking->scope, f, now, &match);
		match.generation = api_generation(asking->api, asking->rq, match.generation);
		/* A filter that is too costly as a whole is not tried in parts. */
		count = !match.too_costly;
	}
	if (count) {
		complete = count_chips(asking, t->text, chips, shown, now, counts) && shown == all;
	}
	json_text_name(out, "chips");
	json_text_open(out, '[');
	for (size_t i = 0; i < shown; i++)
		append_chip(out, t, f, &chips[i], &counts[i]);
	json_text_close(out, ']');
	json_text_number(out, "more_chips", all - shown);
	if (count)
		append_counts(out, &match, complete);
	else
		json_text_null(out, "counts");
}

/* ---- The answer ---- */

static void append_filter(
    struct buffer *out, struct asking *asking, const struct filter *f, struct slice text)
{
	SAID_AUTO struct said said = {0};
	struct telling t;

	telling_begin(&t, f, text);
	explain_filter(f, message_json_cause_title, &said);
	json_text_null(out, "error");
	json_text_said(out, "explanation", &said);
	append_chips(out, asking, &t, f);
	if (t.node_count > 0) {
		json_text_name(out, "tree");
		append_node(out, &t, t.node_count - 1);
	} else {
		json_text_null(out, "tree");
	}
	free(t.columns);
}

/* The same members as for a filter that is right, so that a client needs no second form. */
static void append_fault(struct buffer *out, const struct message_json_fault *fault)
{
	json_text_name(out, "error");
	json_text_open(out, '{');
	json_text_integer(out, "column", fault->column);
	json_text_string(out, "expected", slice_of(fault->expected));
	json_text_words(out, "expected_words", slice_of(fault->words));
	json_text_close(out, '}');
	json_text_null(out, "explanation");
	json_text_null(out, "explanation_words");
	json_text_name(out, "chips");
	json_text_open(out, '[');
	json_text_close(out, ']');
	json_text_number(out, "more_chips", 0);
	json_text_null(out, "tree");
	json_text_null(out, "counts");
}

/* A text that is no filter is an answer, not a failed request: that is what was asked. */
static void reply_explanation(
    struct http_request *rq, struct api *api, struct slice text, size_t characters, bool count)
{
	BUFFER_AUTO struct buffer body = {0};
	struct asking asking = {api->query, api_scope(api, rq), count, api, rq};
	struct message_json_fault fault;
	struct filter *filter;

	json_text_open(&body, '{');
	json_text_string(&body, "text", text);
	if (message_json_read_filter(text, characters, &filter, &fault)) {
		if (!filter)
			filter = filter_parse(SLICE(""), NULL);
		append_filter(&body, &asking, filter, text);
		filter_free(filter);
	} else {
		append_fault(&body, &fault);
	}
	json_text_close(&body, '}');
	http_reply_bytes(rq, 200, "application/json", body.data, body.len);
}

static void explain(struct http_request *rq, void *context)
{
	struct slice text = {"", 0};
	bool count;

	http_query(rq, "text", &text);
	if (http_query_bool(rq, "counts", &count))
		reply_explanation(rq, context, text, MESSAGE_JSON_FILTER_MAX, count);
}

/* A body holds filters that are longer than an address may be. */
static void explain_body(struct http_request *rq, void *context)
{
	const json_t *body = http_json(rq, "text counts");
	struct slice text = {"", 0};
	bool count = false;

	if (body && http_json_string(rq, body, "text", HTTP_REQUIRED, FILTER_TEXT_MAX, &text) &&
	    http_json_bool(rq, body, "counts", HTTP_OPTIONAL, &count))
		reply_explanation(rq, context, text, FILTER_TEXT_MAX, count);
}

const struct http_route api_filters_routes[] = {
    {HTTP_GET, "/api/v1/filters", RIGHT_VIEWER, 0, "text counts", explain, .within = SCOPE_QUERY},
    {HTTP_POST, "/api/v1/filters", RIGHT_VIEWER, MESSAGE_JSON_FILTER_BODY, NULL, explain_body, true,
	.within = SCOPE_QUERY},
    {.path = NULL},
};
