/* Puts a filter into words, from its tree, not from its text: so what is said is what will be run.
 * The chips of a page come from the tree, too, with the places of their text. */
#include "filter/explain.h"

#include "base/queue.h"
#include "base/utf8.h"

/* How each text field is told of: "whose sender" contains, or "with a recipient that" contains,
 * which is excluded by "with no". */
static const struct {
	const char *whose; /* NULL: a message may have several */
	const char *one;   /* "recipient", behind "with a" and "with no" */
} nouns[FILTER_FIELD_COUNT] = {
    [FILTER_ID] = {"ID", NULL},
    [FILTER_FROM] = {"sender", NULL},
    [FILTER_TO] = {NULL, "recipient"},
    [FILTER_DOMAIN] = {NULL, "recipient domain"},
    [FILTER_REASON] = {NULL, "reason"},
    [FILTER_CAUSE] = {NULL, "cause"},
    [FILTER_REMOTE_HOST] = {NULL, "remote host"},
    [FILTER_CLIENT] = {"client", NULL},
    [FILTER_LOGIN] = {"login", NULL},
    [FILTER_HELO] = {"HELO name", NULL},
    [FILTER_SUBJECT] = {"subject", NULL},
    [FILTER_DELETING] = {"deletion", NULL},
    [FILTER_PAUSED] = {NULL, "pause"},
};

/* ---- Values ---- */

static void append_value(struct buffer *out, struct slice value)
{
	struct slice shown = utf8_first(value, EXPLAIN_VALUE_MAX);

	buffer_append_char(out, '"');
	buffer_append_slice(out, shown);
	buffer_append_string(out, shown.len < value.len ? "...\"" : "\"");
}

/* In the largest unit that it is a whole number of: "90 minutes", "2 hours". */
static void append_amount(struct buffer *out, enum filter_value kind, int64_t value)
{
	static const struct {
		enum filter_value kind;
		int64_t factor;
		const char *one, *many;
	} units[] = {
	    {FILTER_VALUE_SECONDS, 7 * 86400, "week", "weeks"},
	    {FILTER_VALUE_SECONDS, 86400, "day", "days"},
	    {FILTER_VALUE_SECONDS, 3600, "hour", "hours"},
	    {FILTER_VALUE_SECONDS, 60, "minute", "minutes"},
	    {FILTER_VALUE_SECONDS, 1, "second", "seconds"},
	    {FILTER_VALUE_BYTES, 1 << 30, "GiB", "GiB"},
	    {FILTER_VALUE_BYTES, 1 << 20, "MiB", "MiB"},
	    {FILTER_VALUE_BYTES, 1 << 10, "KiB", "KiB"},
	    {FILTER_VALUE_BYTES, 1, "byte", "bytes"},
	    {FILTER_VALUE_COUNT, 1, "recipient", "recipients"},
	};
	size_t i = 0;

	while (units[i].kind != kind ||
	       (units[i].factor > 1 && (value == 0 || value % units[i].factor != 0)))
		i++;
	value /= units[i].factor;
	buffer_printf(out, "%lld %s", (long long)value, value == 1 ? units[i].one : units[i].many);
}

/* ---- Terms of text ---- */

static void append_any(struct buffer *out, const struct filter_node *n, bool negated)
{
	buffer_append_string(out, negated ? "without " : "with ");
	if (n->match == FILTER_GLOB)
		buffer_append_string(out, "one like ");
	append_value(out, n->pattern);
	buffer_append_string(out, negated ? " in ID, sender, recipients and reasons"
				  : n->match == FILTER_GLOB
				      ? " among ID, sender, recipients and reasons"
				      : " in ID, sender, recipients or reasons");
}

/* Which queues a term on their names selects: one at least, else it is no filter. */
static void append_queue(struct buffer *out, const struct filter_node *n, bool negated)
{
	BUFFER_AUTO struct buffer scratch = {0};
	enum queue found[QUEUE_COUNT];
	size_t count = 0;

	for (size_t i = 0; i < QUEUE_COUNT; i++)
		if (queue_order[i] != QUEUE_CORRUPT &&
		    filter_match_text(n, slice_of(queue_name(queue_order[i])), &scratch))
			found[count++] = queue_order[i];
	buffer_append_string(out, negated ? "not " : "");
	if (count == 1 && found[0] == QUEUE_HOLD) {
		buffer_append_string(out, "on hold");
	} else {
		buffer_append_string(out, "in the queue ");
		for (size_t i = 0; i < count; i++)
			buffer_printf(out, "%s%s",
			    i == 0	    ? ""
			    : i + 1 < count ? ", "
					    : " or ",
			    queue_name(found[i]));
	}
}

/* Of yes and no, which a term on what is being deleted selects. */
static void append_deleting(struct buffer *out, const struct filter_node *n, bool negated)
{
	BUFFER_AUTO struct buffer scratch = {0};
	bool yes = filter_match_text(n, SLICE("yes"), &scratch);
	bool no = filter_match_text(n, SLICE("no"), &scratch);

	if (yes == no)
		buffer_append_string(out, yes == negated ? "of which none is meant (being deleted "
							   "is yes or no)"
							 : "being deleted or not");
	else
		buffer_append_string(out, yes == negated ? "not being deleted" : "being deleted");
}

/* "yes" and "no" are the answers themselves; anything else names pauses. */
static void append_paused(struct buffer *out, const struct filter_node *n, bool negated)
{
	bool yes = slice_is(n->pattern, "yes");

	if (yes || slice_is(n->pattern, "no")) {
		buffer_append_string(
		    out, yes == negated ? "not held back by a pause" : "held back by a pause");
		return;
	}
	buffer_append_string(out, negated ? "not held back by a pause " : "held back by a pause ");
	buffer_append_string(out, n->match == FILTER_GLOB ? "of one like " : "of ");
	append_value(out, n->pattern);
}

static void append_text(struct buffer *out, const struct filter_node *n, bool negated)
{
	static const char *const verbs[][2] = {
	    [FILTER_CONTAINS] = {" contains ", " does not contain "},
	    [FILTER_EXACT] = {" is ", " is not "},
	    [FILTER_GLOB] = {" is like ", " is not like "},
	};
	const char *whose = nouns[n->field].whose, *one = nouns[n->field].one;

	if (n->field == FILTER_FROM && n->match == FILTER_EXACT && n->pattern.len == 0) {
		buffer_printf(out, "%sfrom the null sender", negated ? "not " : "");
	} else if (n->match == FILTER_CONTAINS && n->pattern.len == 0) {
		/* The empty text is in every other. */
		buffer_printf(
		    out, "%swith any %s or none", negated ? "not " : "", whose ? whose : one);
	} else if (n->match == FILTER_EXACT && n->pattern.len == 0) {
		buffer_printf(out, "with%s any %s", negated ? "" : "out", whose ? whose : one);
	} else if (whose) {
		buffer_printf(out, "whose %s%s", whose, verbs[n->match][negated]);
		append_value(out, n->pattern);
	} else {
		buffer_printf(
		    out, "with %s %s that%s", negated ? "no" : "a", one, verbs[n->match][0]);
		append_value(out, n->pattern);
	}
}

/* ---- Terms of numbers ---- */

/* Words before and behind the amount. */
struct around {
	const char *before, *behind;
};

static struct around words_for(const struct filter_node *n)
{
	static const struct around age[] = {{"younger than ", ""}, {"at most ", " old"},
	    {"exactly ", " old"}, {"at least ", " old"}, {"older than ", ""}};
	static const struct around size[] = {{"smaller than ", ""}, {"of at most ", ""},
	    {"of exactly ", ""}, {"of at least ", ""}, {"larger than ", ""}};
	static const struct around next[] = {{"due for the next attempt in less than ", ""},
	    {"due for the next attempt in at most ", ""},
	    {"due for the next attempt in exactly ", ""},
	    {"due for the next attempt in at least ", ""},
	    {"due for the next attempt in more than ", ""}};
	static const struct around overdue[] = {{"overdue for the next attempt by more than ", ""},
	    {"overdue for the next attempt by at least ", ""},
	    {"overdue for the next attempt by exactly ", ""},
	    {"overdue for the next attempt by at most ", ", or due later"},
	    {"overdue for the next attempt by less than ", ", or due later"}};
	static const struct around expires[] = {{"whose lifetime ends in less than ", ""},
	    {"whose lifetime ends in at most ", ""}, {"whose lifetime ends in exactly ", ""},
	    {"whose lifetime ends in at least ", ""}, {"whose lifetime ends in more than ", ""}};
	static const struct around expired[] = {{"past their lifetime by more than ", ""},
	    {"past their lifetime by at least ", ""}, {"past their lifetime by exactly ", ""},
	    {"past their lifetime by at most ", ", or not yet"},
	    {"past their lifetime by less than ", ", or not yet"}};
	static const struct around recipients[] = {{"with fewer than ", ""}, {"with at most ", ""},
	    {"with exactly ", ""}, {"with at least ", ""}, {"with more than ", ""}};

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
		return recipients[n->op];
	}
}

static void append_number(struct buffer *out, const struct filter_node *n, bool negated)
{
	struct around words = words_for(n);

	buffer_append_string(out, negated ? "not " : "");
	if (n->field == FILTER_NEXT && n->value == 0 && n->op == FILTER_LT) {
		buffer_append_string(out, "overdue for the next attempt");
		return;
	}
	buffer_append_string(out, words.before);
	append_amount(out, filter_field_value(n->field), n->value < 0 ? -n->value : n->value);
	buffer_append_string(out, words.behind);
}

/* ---- The tree ---- */

/* "with the cause "Mailbox full""; false when the term names none. */
static bool append_cause(
    struct buffer *out, const struct filter_node *n, explain_title *title, bool negated)
{
	const char *name = title && n->field == FILTER_CAUSE && n->match != FILTER_GLOB
			       ? title(n->pattern, n->match == FILTER_EXACT)
			       : NULL;

	if (!name)
		return false;
	buffer_append_string(out, negated ? "without the cause " : "with the cause ");
	append_value(out, slice_of(name));
	return true;
}

/* Fields whose values are few and known are told of by what the term selects, all others by the
 * text. */
static void append_term(
    struct buffer *out, const struct filter_node *n, explain_title *title, bool negated)
{
	if (append_cause(out, n, title, negated))
		return;
	if (n->kind == FILTER_NUMBER)
		append_number(out, n, negated);
	else if (n->field == FILTER_ANY)
		append_any(out, n, negated);
	else if (n->field == FILTER_QUEUE)
		append_queue(out, n, negated);
	else if (n->field == FILTER_DELETING)
		append_deleting(out, n, negated);
	else if (n->field == FILTER_PAUSED)
		append_paused(out, n, negated);
	else
		append_text(out, n, negated);
}

struct explaining {
	struct buffer *out;
	const struct filter_node *nodes;
	explain_title *title;
};

static void append_node(const struct explaining *e, uint32_t node, bool negated, bool inside);

static uint32_t count_from(const struct filter_node *nodes, uint32_t child)
{
	uint32_t count = 0;

	for (; child != FILTER_NONE; child = nodes[child].next_sibling)
		count++;
	return count;
}

/* What is cut is said ("12 more"), so that nobody takes a part of the filter for all of it. */
static void append_children(const struct explaining *e, uint32_t node, const char *between)
{
	const struct filter_node *nodes = e->nodes;
	struct buffer *out = e->out;
	uint32_t shown = 0;

	for (uint32_t c = nodes[node].first_child; c != FILTER_NONE; c = nodes[c].next_sibling) {
		if (shown++ > 0)
			buffer_append_string(out, between);
		if (shown > EXPLAIN_SIBLINGS_MAX || out->len > EXPLAIN_BYTES_MAX) {
			buffer_printf(out, "%u more", count_from(nodes, c));
			return;
		}
		append_node(e, c, false, true);
	}
}

/* `inside`: of something that was joined, so that what is joined itself needs parentheses. At most
 * FILTER_DEPTH_MAX parentheses deep, each of three kinds of node. */
static void append_node(const struct explaining *e, uint32_t node, bool negated, bool inside)
{
	const struct filter_node *n = &e->nodes[node];
	struct buffer *out = e->out;
	bool brackets = inside || negated;

	if (n->kind == FILTER_TEXT || n->kind == FILTER_NUMBER) {
		append_term(out, n, e->title, negated);
	} else if (n->kind == FILTER_NOT) {
		append_node(e, n->first_child, !negated, inside);
	} else if (n->forms) {
		append_node(e, n->first_child, negated, inside);
	} else {
		buffer_append_string(out, negated ? "not (" : brackets ? "(" : "");
		append_children(e, node, n->kind == FILTER_OR ? " or " : brackets ? " and " : ", ");
		buffer_append_string(out, brackets ? ")" : "");
	}
}

/* Into a buffer of its own, because the limit is on these words and not on what stands before
 * them. */
void explain_node(const struct filter *f, uint32_t node, explain_title *title, struct buffer *out)
{
	uint32_t count;
	BUFFER_AUTO struct buffer words = {0};
	struct explaining e = {&words, filter_nodes(f, &count), title};

	append_node(&e, node, false, false);
	buffer_append_slice(out, buffer_slice(&words));
}

void explain_filter(const struct filter *f, explain_title *title, struct buffer *out)
{
	uint32_t count;

	filter_nodes(f, &count);
	buffer_append_string(out, count ? "messages " : "all messages");
	if (count)
		explain_node(f, count - 1, title, out);
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
