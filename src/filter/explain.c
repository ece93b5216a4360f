/* Puts a filter into words, from its tree, not from its text: so what is said is what will be run.
 * The chips of a page come from the tree, too, with the places of their text. */
#include "filter/explain.h"

#include <string.h>

#include "base/queue.h"
#include "base/utf8.h"

/* How each text field is told of: "whose sender" contains, or "with a recipient that" contains,
 * which is excluded by "with no". Another language goes by the field's own name. */
static const struct {
	const char *noun;
	bool several; /* a message may have more than one */
} nouns[FILTER_FIELD_COUNT] = {
    [FILTER_ID] = {"ID", false},
    [FILTER_FROM] = {"sender", false},
    [FILTER_TO] = {"recipient", true},
    [FILTER_DOMAIN] = {"recipient domain", true},
    [FILTER_REASON] = {"reason", true},
    [FILTER_CAUSE] = {"cause", true},
    [FILTER_REMOTE_HOST] = {"remote host", true},
    [FILTER_CLIENT] = {"client", false},
    [FILTER_LOGIN] = {"login", false},
    [FILTER_HELO] = {"HELO name", false},
    [FILTER_SUBJECT] = {"subject", false},
};

/* One explanation. Each piece is a text of its own (base/said.h), and those around it take it in.
 */
struct explaining {
	const struct filter_node *nodes;
	explain_title *title;
	size_t bytes; /* of what was said so far */
};

/* Puts "not" in front of what is said. */
static void deny(struct said *said)
{
	SAID_AUTO struct said term = *said;

	*said = (struct said){0};
	said_put(said, SAID_EXPLAIN_NOT, 1,
	    said_inner("term", buffer_slice(&term.text), buffer_slice(&term.words)));
}

/* ---- Values ---- */

/* A value as it is told: cut where it is long. */
static struct slice shown_value(struct slice value, struct buffer *scratch)
{
	struct slice shown = utf8_first(value, EXPLAIN_VALUE_MAX);

	buffer_clear(scratch);
	buffer_append_slice(scratch, shown);
	if (shown.len < value.len)
		buffer_append_string(scratch, "...");
	return buffer_slice(scratch);
}

/* In the largest unit that it is a whole number of: "90 minutes", "2 hours". */
static void say_amount(struct said *said, enum filter_value kind, int64_t value)
{
	static const struct {
		enum filter_value kind;
		int64_t factor;
		enum said_code code;
	} units[] = {
	    {FILTER_VALUE_SECONDS, 7 * 86400, SAID_EXPLAIN_WEEKS},
	    {FILTER_VALUE_SECONDS, 86400, SAID_EXPLAIN_DAYS},
	    {FILTER_VALUE_SECONDS, 3600, SAID_EXPLAIN_HOURS},
	    {FILTER_VALUE_SECONDS, 60, SAID_EXPLAIN_MINUTES},
	    {FILTER_VALUE_SECONDS, 1, SAID_EXPLAIN_SECONDS},
	    {FILTER_VALUE_BYTES, 1 << 30, SAID_EXPLAIN_GIB},
	    {FILTER_VALUE_BYTES, 1 << 20, SAID_EXPLAIN_MIB},
	    {FILTER_VALUE_BYTES, 1 << 10, SAID_EXPLAIN_KIB},
	    {FILTER_VALUE_BYTES, 1, SAID_EXPLAIN_BYTES},
	    {FILTER_VALUE_COUNT, 1, SAID_EXPLAIN_RECIPIENTS},
	};
	size_t i = 0;

	while (units[i].kind != kind ||
	       (units[i].factor > 1 && (value == 0 || value % units[i].factor != 0)))
		i++;
	said_put(said, units[i].code, 1, said_number("count", value / units[i].factor));
}

/* ---- Terms of text ---- */

static void say_any(struct said *said, const struct filter_node *n, bool negated)
{
	static const enum said_code has[] = {SAID_EXPLAIN_ANY, SAID_EXPLAIN_ANY_NOT};
	static const enum said_code like[] = {SAID_EXPLAIN_ANY_LIKE, SAID_EXPLAIN_ANY_NOT_LIKE};
	BUFFER_AUTO struct buffer scratch = {0};

	said_put(said, (n->match == FILTER_GLOB ? like : has)[negated], 1,
	    said_text("value", shown_value(n->pattern, &scratch)));
}

/* Which queues a term on their names selects: one at least, else it is no filter. */
static size_t find_queues(const struct filter_node *n, enum queue found[QUEUE_COUNT])
{
	BUFFER_AUTO struct buffer scratch = {0};
	size_t count = 0;

	for (size_t i = 0; i < QUEUE_COUNT; i++)
		if (queue_order[i] != QUEUE_CORRUPT &&
		    filter_match_text(n, slice_of(queue_name(queue_order[i])), &scratch))
			found[count++] = queue_order[i];
	return count;
}

static void say_queue(struct said *said, const struct filter_node *n, bool negated)
{
	SAID_LIST_AUTO struct said_list queues = {0};
	enum queue found[QUEUE_COUNT];
	size_t count = find_queues(n, found);

	for (size_t i = 0; i < count; i++)
		said_list_add(&queues, i + 1 < count ? ", " : " or ",
		    slice_of(queue_name(found[i])), SLICE(""));
	if (count == 1 && found[0] == QUEUE_HOLD)
		said_put(said, SAID_EXPLAIN_ON_HOLD, 0);
	else
		said_put(said, SAID_EXPLAIN_QUEUES, 1, said_of_list("queues", &queues));
	if (negated)
		deny(said);
}

/* Of yes and no, which a term on what is being deleted selects. */
static void say_deleting(struct said *said, const struct filter_node *n, bool negated)
{
	BUFFER_AUTO struct buffer scratch = {0};
	bool yes = filter_match_text(n, SLICE("yes"), &scratch);
	bool no = filter_match_text(n, SLICE("no"), &scratch);

	if (yes == no)
		said_put(said,
		    yes == negated ? SAID_EXPLAIN_DELETING_NONE : SAID_EXPLAIN_DELETING_EITHER, 0);
	else
		said_put(
		    said, yes == negated ? SAID_EXPLAIN_DELETING_NOT : SAID_EXPLAIN_DELETING, 0);
}

/* "yes" and "no" are the answers themselves; anything else names pauses. */
static void say_paused(struct said *said, const struct filter_node *n, bool negated)
{
	BUFFER_AUTO struct buffer scratch = {0};
	bool no = slice_is(n->pattern, "no");

	if (no || slice_is(n->pattern, "yes"))
		said_put(said, SAID_EXPLAIN_PAUSED, 0);
	else
		said_put(said,
		    n->match == FILTER_GLOB ? SAID_EXPLAIN_PAUSED_LIKE : SAID_EXPLAIN_PAUSED_OF, 1,
		    said_text("value", shown_value(n->pattern, &scratch)));
	if (no != negated)
		deny(said);
}

/* What a term on the empty text selects; false when it is not empty. */
static bool say_empty(
    struct said *said, const struct filter_node *n, struct said_value field, bool negated)
{
	if (n->pattern.len > 0 || n->match == FILTER_GLOB)
		return false;
	if (n->match == FILTER_EXACT && n->field != FILTER_FROM) {
		said_put(said, negated ? SAID_EXPLAIN_SOME : SAID_EXPLAIN_NONE, 1, field);
		return true;
	}
	/* The empty text is in every other. */
	if (n->match == FILTER_EXACT)
		said_put(said, SAID_EXPLAIN_NULL_SENDER, 0);
	else
		said_put(said, SAID_EXPLAIN_SOME_OR_NONE, 1, field);
	if (negated)
		deny(said);
	return true;
}

static void say_text(struct said *said, const struct filter_node *n, bool negated)
{
	static const enum said_code one[][2] = {
	    [FILTER_CONTAINS] = {SAID_EXPLAIN_CONTAINS, SAID_EXPLAIN_CONTAINS_NOT},
	    [FILTER_EXACT] = {SAID_EXPLAIN_IS, SAID_EXPLAIN_IS_NOT},
	    [FILTER_GLOB] = {SAID_EXPLAIN_LIKE, SAID_EXPLAIN_LIKE_NOT},
	};
	static const enum said_code several[][2] = {
	    [FILTER_CONTAINS] = {SAID_EXPLAIN_ONE_CONTAINS, SAID_EXPLAIN_NO_CONTAINS},
	    [FILTER_EXACT] = {SAID_EXPLAIN_ONE_IS, SAID_EXPLAIN_NO_IS},
	    [FILTER_GLOB] = {SAID_EXPLAIN_ONE_LIKE, SAID_EXPLAIN_NO_LIKE},
	};
	BUFFER_AUTO struct buffer scratch = {0};
	struct said_value field = said_text_as(
	    "field", slice_of(filter_field_name(n->field)), slice_of(nouns[n->field].noun));

	if (!say_empty(said, n, field, negated))
		said_put(said, (nouns[n->field].several ? several : one)[n->match][negated], 2,
		    field, said_text("value", shown_value(n->pattern, &scratch)));
}

/* ---- Terms of numbers ---- */

static enum said_code code_of_number(const struct filter_node *n)
{
	static const enum said_code age[] = {SAID_EXPLAIN_AGE_LESS, SAID_EXPLAIN_AGE_MOST,
	    SAID_EXPLAIN_AGE_EXACTLY, SAID_EXPLAIN_AGE_LEAST, SAID_EXPLAIN_AGE_MORE};
	static const enum said_code size[] = {SAID_EXPLAIN_SIZE_LESS, SAID_EXPLAIN_SIZE_MOST,
	    SAID_EXPLAIN_SIZE_EXACTLY, SAID_EXPLAIN_SIZE_LEAST, SAID_EXPLAIN_SIZE_MORE};
	static const enum said_code next[] = {SAID_EXPLAIN_NEXT_LESS, SAID_EXPLAIN_NEXT_MOST,
	    SAID_EXPLAIN_NEXT_EXACTLY, SAID_EXPLAIN_NEXT_LEAST, SAID_EXPLAIN_NEXT_MORE};
	/* Of what has passed, less is more. */
	static const enum said_code overdue[] = {SAID_EXPLAIN_OVERDUE_MORE,
	    SAID_EXPLAIN_OVERDUE_LEAST, SAID_EXPLAIN_OVERDUE_EXACTLY, SAID_EXPLAIN_OVERDUE_MOST,
	    SAID_EXPLAIN_OVERDUE_LESS};
	static const enum said_code expires[] = {SAID_EXPLAIN_EXPIRES_LESS,
	    SAID_EXPLAIN_EXPIRES_MOST, SAID_EXPLAIN_EXPIRES_EXACTLY, SAID_EXPLAIN_EXPIRES_LEAST,
	    SAID_EXPLAIN_EXPIRES_MORE};
	static const enum said_code expired[] = {SAID_EXPLAIN_EXPIRED_MORE,
	    SAID_EXPLAIN_EXPIRED_LEAST, SAID_EXPLAIN_EXPIRED_EXACTLY, SAID_EXPLAIN_EXPIRED_MOST,
	    SAID_EXPLAIN_EXPIRED_LESS};
	static const enum said_code to_do[] = {SAID_EXPLAIN_TO_DO_LESS, SAID_EXPLAIN_TO_DO_MOST,
	    SAID_EXPLAIN_TO_DO_EXACTLY, SAID_EXPLAIN_TO_DO_LEAST, SAID_EXPLAIN_TO_DO_MORE};

	switch (n->field) {
	case FILTER_AGE:
		return age[n->op];
	case FILTER_SIZE:
		return size[n->op];
	case FILTER_NEXT:
		return n->value < 0 ? overdue[n->op] : next[n->op];
	case FILTER_EXPIRES:
		return n->value < 0 ? expired[n->op] : expires[n->op];
	default:
		return to_do[n->op];
	}
}

static void say_number(struct said *said, const struct filter_node *n, bool negated)
{
	SAID_AUTO struct said amount = {0};

	say_amount(&amount, filter_field_value(n->field), n->value < 0 ? -n->value : n->value);
	if (n->field == FILTER_NEXT && n->value == 0 && n->op == FILTER_LT)
		said_put(said, SAID_EXPLAIN_OVERDUE, 0);
	else
		said_put(said, code_of_number(n), 1,
		    said_inner("amount", buffer_slice(&amount.text), buffer_slice(&amount.words)));
	if (negated)
		deny(said);
}

/* ---- The tree ---- */

/* "with the cause "Mailbox full""; false when the term names none. */
static bool say_cause(
    struct said *said, const struct filter_node *n, explain_title *title, bool negated)
{
	BUFFER_AUTO struct buffer scratch = {0};
	struct explain_cause cause;

	if (!title || n->field != FILTER_CAUSE || n->match == FILTER_GLOB ||
	    !title(n->pattern, n->match == FILTER_EXACT, &cause))
		return false;
	said_put(said, negated ? SAID_EXPLAIN_CAUSE_NOT : SAID_EXPLAIN_CAUSE, 1,
	    said_text_as(
		"cause", slice_of(cause.key), shown_value(slice_of(cause.title), &scratch)));
	return true;
}

/* Fields whose values are few and known are told of by what the term selects, all others by the
 * text. */
static void say_term(
    struct said *said, const struct filter_node *n, explain_title *title, bool negated)
{
	if (say_cause(said, n, title, negated))
		return;
	if (n->kind == FILTER_NUMBER)
		say_number(said, n, negated);
	else if (n->field == FILTER_ANY)
		say_any(said, n, negated);
	else if (n->field == FILTER_QUEUE)
		say_queue(said, n, negated);
	else if (n->field == FILTER_DELETING)
		say_deleting(said, n, negated);
	else if (n->field == FILTER_PAUSED)
		say_paused(said, n, negated);
	else
		say_text(said, n, negated);
}

static void say_node(
    struct explaining *e, struct said *said, uint32_t node, bool negated, bool inside);

static uint32_t count_from(const struct filter_node *nodes, uint32_t child)
{
	uint32_t count = 0;

	for (; child != FILTER_NONE; child = nodes[child].next_sibling)
		count++;
	return count;
}

/* What is cut is said ("12 more"), so that nobody takes a part of the filter for all of it. */
static void say_children(
    struct explaining *e, struct said_list *terms, uint32_t node, const char *between)
{
	const struct filter_node *nodes = e->nodes;

	for (uint32_t c = nodes[node].first_child; c != FILTER_NONE; c = nodes[c].next_sibling) {
		SAID_AUTO struct said term = {0};
		bool cut = terms->count >= EXPLAIN_SIBLINGS_MAX || e->bytes > EXPLAIN_BYTES_MAX;
		if (cut)
			said_put(&term, SAID_EXPLAIN_MORE, 1,
			    said_number("count", count_from(nodes, c)));
		else
			say_node(e, &term, c, false, true);
		said_list_add(terms, between, buffer_slice(&term.text), buffer_slice(&term.words));
		e->bytes += strlen(between);
		if (cut)
			return;
	}
}

/* `inside`: of something that was joined, so that what is joined itself needs parentheses. At most
 * FILTER_DEPTH_MAX parentheses deep, each of three kinds of node. */
static void say_node(
    struct explaining *e, struct said *said, uint32_t node, bool negated, bool inside)
{
	static const enum said_code all[] = {SAID_EXPLAIN_ALL_OF, SAID_EXPLAIN_ALL_OF_WITHIN};
	static const enum said_code any[] = {SAID_EXPLAIN_ANY_OF, SAID_EXPLAIN_ANY_OF_WITHIN};
	const struct filter_node *n = &e->nodes[node];
	SAID_LIST_AUTO struct said_list terms = {0};
	bool brackets = inside || negated;

	if (n->kind == FILTER_TEXT || n->kind == FILTER_NUMBER) {
		say_term(said, n, e->title, negated);
		e->bytes += said->text.len;
	} else if (n->kind == FILTER_NOT) {
		say_node(e, said, n->first_child, !negated, inside);
	} else if (n->forms) {
		say_node(e, said, n->first_child, negated, inside);
	} else {
		e->bytes += strlen(brackets ? "not ()" : "");
		say_children(e, &terms, node,
		    n->kind == FILTER_OR ? " or "
		    : brackets		 ? " and "
					 : ", ");
		said_put(said, (n->kind == FILTER_OR ? any : all)[brackets], 1,
		    said_of_list("terms", &terms));
		if (negated)
			deny(said);
	}
}

void explain_node(const struct filter *f, uint32_t node, explain_title *title, struct said *said)
{
	uint32_t count;
	struct explaining e = {filter_nodes(f, &count), title, 0};

	say_node(&e, said, node, false, false);
}

void explain_filter(const struct filter *f, explain_title *title, struct said *said)
{
	SAID_AUTO struct said which = {0};
	uint32_t count;

	filter_nodes(f, &count);
	if (count == 0) {
		said_put(said, SAID_EXPLAIN_ALL, 0);
		return;
	}
	explain_node(f, count - 1, title, &which);
	said_put(said, SAID_EXPLAIN_MESSAGES, 1,
	    said_inner("which", buffer_slice(&which.text), buffer_slice(&which.words)));
}

/* ---- Chips ---- */

/* Terms side by side without parentheses around all of them: those would be part of the node. */
static bool side_by_side(const struct filter_node *nodes, uint32_t root)
{
	return nodes[root].kind == FILTER_AND &&
	       nodes[root].from == nodes[nodes[root].first_child].from;
}

/* A chip is cut out together with the blank that parts it from its neighbour, so that what is
 * left is a filter again. */
size_t explain_chips(
    const struct filter *f, struct slice text, struct explain_chip *chips, size_t max)
{
	uint32_t count, before = FILTER_NONE;
	const struct filter_node *nodes = filter_nodes(f, &count);
	size_t found = 0;

	if (count == 0)
		return 0;
	if (!side_by_side(nodes, count - 1)) {
		if (max > 0)
			chips[0] = (struct explain_chip){.node = count - 1,
			    .from = nodes[count - 1].from,
			    .to = nodes[count - 1].to,
			    .cut_to = (uint32_t)text.len};
		return 1;
	}
	for (uint32_t c = nodes[count - 1].first_child; c != FILTER_NONE;
	     before = c, c = nodes[c].next_sibling) {
		uint32_t next = nodes[c].next_sibling;
		if (found++ >= max)
			continue;
		chips[found - 1] = (struct explain_chip){.node = c,
		    .from = nodes[c].from,
		    .to = nodes[c].to,
		    .cut_from = next != FILTER_NONE ? nodes[c].from : nodes[before].to,
		    .cut_to = next != FILTER_NONE ? nodes[next].from : nodes[c].to};
	}
	return found;
}
