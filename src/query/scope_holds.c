/* Whether a scope has every message with some value, whatever else such a message has. Terms are
 * decided by that value alone; all that it does not tell is not known, and an answer is given only
 * where the whole of the scope has one all the same. */
#include "base/memory.h"
#include "filter/filter.h"
#include "postfix/diagnosis.h"
#include "query/internal.h"

/* What is asked about. */
struct holds_value {
	enum group_key key;
	struct slice text; /* of the null sender empty */
	struct slice end;  /* what a domain is the end of, with its "@" */
	struct buffer *scratch;
};

static enum query_holds all_or_none(bool yes)
{
	return yes ? QUERY_HOLDS_ALL : QUERY_HOLDS_NONE;
}

static bool matches(const struct holds_value *v, const struct filter_node *term, struct slice text)
{
	return filter_match_text(term, text, v->scratch);
}

/* Of a text only its end is known. What is in the end is in the text, and a pattern that begins
 * with a star and matches the end matches the text, because the star takes what is before it. */
static enum query_holds by_end(
    const struct holds_value *v, const struct filter_node *term, struct slice end)
{
	bool open = term->match == FILTER_CONTAINS ||
		    (term->match == FILTER_GLOB && slice_starts_with(term->pattern, "*"));

	/* A longer name is none of a domain's (RFC 1035), and may have been cut. */
	open &= v->text.len <= 255;
	return open && matches(v, term, end) ? QUERY_HOLDS_ALL : QUERY_HOLDS_UNCERTAIN;
}

/* "name[address]", or one of the two: then what the other says is not known. */
static enum query_holds by_client(const struct holds_value *v, const struct filter_node *term)
{
	struct slice rest = v->text, name;

	if (!slice_ends_with(v->text, "]") || !slice_split(&rest, '[', &name) || !rest.data)
		return matches(v, term, v->text) ? QUERY_HOLDS_ALL : QUERY_HOLDS_UNCERTAIN;
	return all_or_none(
	    matches(v, term, name) || matches(v, term, slice_first(rest, rest.len - 1)));
}

static enum query_holds by_cause(const struct holds_value *v, const struct filter_node *term)
{
	const struct diagnosis *g = diagnosis_by_key(v->text);

	if (!g)
		return QUERY_HOLDS_UNCERTAIN;
	return all_or_none(matches(v, term, v->text) || matches(v, term, slice_of(g->title)));
}

/* A bare word looks in sender and recipients, too: what it finds there suffices. */
static enum query_holds by_any(const struct holds_value *v, const struct filter_node *term)
{
	if (v->key == GROUP_SENDER)
		return matches(v, term, v->text) ? QUERY_HOLDS_ALL : QUERY_HOLDS_UNCERTAIN;
	if (v->key == GROUP_SENDER_DOMAIN || v->key == GROUP_RECIPIENT_DOMAIN)
		return by_end(v, term, v->end);
	return QUERY_HOLDS_UNCERTAIN;
}

static enum query_holds of_text(const struct holds_value *v, const struct filter_node *term)
{
	static const struct {
		enum group_key key;
		enum filter_field field;
	} same[] = {{GROUP_RECIPIENT_DOMAIN, FILTER_DOMAIN}, {GROUP_SENDER, FILTER_FROM},
	    {GROUP_LOGIN, FILTER_LOGIN}, {GROUP_REMOTE_HOST, FILTER_REMOTE_HOST},
	    {GROUP_QUEUE, FILTER_QUEUE}};

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		if (same[i].key == v->key && same[i].field == term->field)
			return all_or_none(matches(v, term, v->text));
	}
	if (term->field == FILTER_ANY)
		return by_any(v, term);
	if ((v->key == GROUP_RECIPIENT_DOMAIN && term->field == FILTER_TO) ||
	    (v->key == GROUP_SENDER_DOMAIN && term->field == FILTER_FROM))
		return by_end(v, term, v->end);
	if (v->key == GROUP_REMOTE_DOMAIN && term->field == FILTER_REMOTE_HOST)
		return by_end(v, term, v->text);
	if (v->key == GROUP_CLIENT && term->field == FILTER_CLIENT)
		return by_client(v, term);
	if (v->key == GROUP_CAUSE && term->field == FILTER_CAUSE)
		return by_cause(v, term);
	/* The name of a class stands for all its replies. */
	if (v->key == GROUP_REASON && term->field == FILTER_REASON && term->match == FILTER_EXACT &&
	    matches(v, term, v->text))
		return QUERY_HOLDS_ALL;
	return QUERY_HOLDS_UNCERTAIN;
}

/* Of an `and` or an `or`: one child that says `stop` decides. */
static enum query_holds of_children(const struct filter_node *nodes, const enum query_holds *known,
    const struct filter_node *n, enum query_holds stop, enum query_holds else_all)
{
	enum query_holds answer = else_all;

	for (uint32_t c = n->first_child; c != FILTER_NONE; c = nodes[c].next_sibling) {
		if (known[c] == stop)
			return stop;
		if (known[c] == QUERY_HOLDS_UNCERTAIN)
			answer = QUERY_HOLDS_UNCERTAIN;
	}
	return answer;
}

static enum query_holds of_node(const struct holds_value *v, const struct filter_node *nodes,
    const enum query_holds *known, const struct filter_node *n)
{
	switch (n->kind) {
	case FILTER_AND:
		return of_children(nodes, known, n, QUERY_HOLDS_NONE, QUERY_HOLDS_ALL);
	case FILTER_OR:
		return of_children(nodes, known, n, QUERY_HOLDS_ALL, QUERY_HOLDS_NONE);
	case FILTER_NOT:
		if (known[n->first_child] == QUERY_HOLDS_UNCERTAIN)
			return QUERY_HOLDS_UNCERTAIN;
		return all_or_none(known[n->first_child] == QUERY_HOLDS_NONE);
	case FILTER_TEXT:
		return of_text(v, n);
	case FILTER_NUMBER: /* sizes, ages: of each message its own */
		break;
	}
	return QUERY_HOLDS_UNCERTAIN;
}

enum query_holds query_scope_holds(
    const struct query_scope *scope, enum group_key key, struct slice value)
{
	BUFFER_AUTO struct buffer scratch = {0}, end = {0};
	MEMORY_AUTO enum query_holds *known = NULL;
	struct holds_value v = {.key = key, .text = value, .scratch = &scratch};
	const struct filter_node *nodes;
	uint32_t count;

	if (query_scope_is_all(scope))
		return QUERY_HOLDS_ALL;
	if (key == GROUP_SENDER && slice_is(value, "<>"))
		v.text = SLICE("");
	/* What a delete has there counts for itself, and is on hold. */
	if (key == GROUP_QUEUE && slice_is(value, "deleting"))
		v.text = SLICE("hold");
	/* Without a domain nothing is known of an address: not even that it has an "@". */
	if (value.len > 0)
		buffer_append_char(&end, '@');
	buffer_append_slice(&end, value);
	v.end = buffer_slice(&end);
	nodes = filter_nodes(scope->filter, &count);
	known = memory_alloc(count * sizeof(*known));
	/* Children stand before their parents; the last node is all of it. */
	for (uint32_t i = 0; i < count; i++)
		known[i] = of_node(&v, nodes, known, &nodes[i]);
	return known[count - 1];
}
