/* The query language: one parser by recursive descent, for page, API and command line. The tree is
 * an array of nodes whose children stand before them; patterns are folded to lower case once,
 * here. All limits are checked while reading, so that nothing behind has to. */
#include "filter/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/memory.h"
#include "base/queue.h"
#include "base/suggest.h"
#include "filter/idn.h"
#include "filter/match.h"

/* man/postroom-filter.7 is checked against this table (tools/check). */
static const struct {
	const char *name;
	enum filter_value value;
	enum said_code purpose;
} fields[FILTER_FIELD_COUNT] = {
    [FILTER_ID] = {"id", FILTER_VALUE_TEXT, SAID_FIELD_ID},
    [FILTER_QUEUE] = {"queue", FILTER_VALUE_TEXT, SAID_FIELD_QUEUE},
    [FILTER_FROM] = {"from", FILTER_VALUE_TEXT, SAID_FIELD_FROM},
    [FILTER_TO] = {"to", FILTER_VALUE_TEXT, SAID_FIELD_TO},
    [FILTER_DOMAIN] = {"domain", FILTER_VALUE_TEXT, SAID_FIELD_DOMAIN},
    [FILTER_REASON] = {"reason", FILTER_VALUE_TEXT, SAID_FIELD_REASON},
    [FILTER_CAUSE] = {"cause", FILTER_VALUE_TEXT, SAID_FIELD_CAUSE},
    [FILTER_REMOTE_HOST] = {"remote_host", FILTER_VALUE_TEXT, SAID_FIELD_REMOTE_HOST},
    [FILTER_CLIENT] = {"client", FILTER_VALUE_TEXT, SAID_FIELD_CLIENT},
    [FILTER_LOGIN] = {"login", FILTER_VALUE_TEXT, SAID_FIELD_LOGIN},
    [FILTER_HELO] = {"helo", FILTER_VALUE_TEXT, SAID_FIELD_HELO},
    [FILTER_SUBJECT] = {"subject", FILTER_VALUE_TEXT, SAID_FIELD_SUBJECT},
    [FILTER_ANY] = {"", FILTER_VALUE_TEXT, SAID_FIELD_ANY},
    [FILTER_AGE] = {"age", FILTER_VALUE_SECONDS, SAID_FIELD_AGE},
    [FILTER_SIZE] = {"size", FILTER_VALUE_BYTES, SAID_FIELD_SIZE},
    [FILTER_NEXT] = {"next", FILTER_VALUE_SECONDS, SAID_FIELD_NEXT},
    [FILTER_RECIPIENTS] = {"recipients", FILTER_VALUE_COUNT, SAID_FIELD_RECIPIENTS},
    [FILTER_EXPIRES] = {"expires", FILTER_VALUE_SECONDS, SAID_FIELD_EXPIRES},
    [FILTER_DELETING] = {"deleting", FILTER_VALUE_TEXT, SAID_FIELD_DELETING},
    [FILTER_PAUSED] = {"paused", FILTER_VALUE_TEXT, SAID_FIELD_PAUSED},
};

/* What a field may be called, too. */
static const struct {
	const char *name;
	enum filter_field field;
} other_names[] = {{"diagnosis", FILTER_CAUSE}, {"host", FILTER_REMOTE_HOST}};

#define FIELD_LIST                                                                                 \
	"id: queue: from: to: domain: reason: cause: remote_host: client: login: helo: subject: "  \
	"deleting: paused: age size next recipients expires"

/* Nodes stand behind their children, so the last one is the whole filter, and whoever runs it
 * needs no recursion to build something by node. */
struct filter {
	struct filter_node *nodes;
	uint32_t count, cap;
	struct buffer text;    /* folded patterns, all in one piece */
	unsigned more_owners;  /* beside the first */
	struct filter *scope;  /* of a joined one; NULL: it is none */
	struct filter *joined; /* likewise: the inner one, whose nodes it has; NULL: everything */
};

/* `at` only moves forward: there is no taking back, so the time is linear in the text. */
struct parser {
	struct filter *filter;
	struct slice text;
	size_t at;
	unsigned depth;
	uint32_t terms;
	struct filter_error *err;
};

/* A word as it stands in the text, quotes taken off. */
struct word {
	struct slice text; /* folded, in the filter's text; moves when that grows */
	size_t offset;	   /* of `text` in the filter's text */
	bool wild;	   /* has a `*` or `?` outside quotes */
	bool quoted;
};

static uint32_t parse_or(struct parser *p);

/* The first mistake ends the parse; its column is what a person sees in the page, so it is the
 * place where he has to change something, not where the parser noticed. */
static uint32_t fail_said(struct parser *p, size_t at, struct said *said)
{
	struct filter_error *err = p->err;

	err->column = (uint32_t)at + 1;
	said_copy(said, err->expected, sizeof(err->expected), err->words, sizeof(err->words));
	return FILTER_NONE;
}

static uint32_t fail_with(struct parser *p, size_t at, enum said_code code, struct said_value value)
{
	SAID_AUTO struct said said = {0};

	said_put(&said, code, 1, value);
	return fail_said(p, at, &said);
}

/* One of `values`, and `near` is like what stands there. */
static void fail_near(struct parser *p, size_t at, struct slice values, struct slice near)
{
	SAID_AUTO struct said said = {0};

	said_put(&said, SAID_EXPECTED_VALUES_NEAR, 2, said_text("values", values),
	    said_text("near", near));
	fail_said(p, at, &said);
}

static uint32_t fail(struct parser *p, size_t at, enum said_code code)
{
	return fail_with(p, at, code, said_number("", 0));
}

/* A limit: "at most 64 parentheses inside each other". */
static uint32_t fail_most(struct parser *p, size_t at, unsigned most, enum said_code code)
{
	return fail_with(p, at, code, said_number("most", most));
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct parser *p)
{
	while (p->at < p->text.len && blank(p->text.data[p->at]))
		p->at++;
}

/* The character `ahead` of where the parser stands; NUL behind the end (a NUL in the text is
 * refused before parsing). */
static char peek(const struct parser *p, size_t ahead)
{
	return ahead < p->text.len - p->at ? p->text.data[p->at + ahead] : '\0';
}

static uint32_t push(struct parser *p, struct filter_node node)
{
	struct filter *f = p->filter;

	if (f->count == f->cap) {
		f->cap = f->cap ? f->cap * 2 : 16;
		f->nodes = memory_resize(f->nodes, f->cap, sizeof(*f->nodes));
	}
	node.next_sibling = FILTER_NONE;
	f->nodes[f->count] = node;
	return f->count++;
}

/* The keyword that stands here (unquoted and whole), or NULL. */
static const char *keyword_here(const struct parser *p)
{
	static const char *const words[] = {"or", "and", "not"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t len = strlen(words[i]);
		struct slice here = slice_first(slice_from(p->text, p->at), len);
		char after = peek(p, len);
		if (slice_equal_nocase(here, slice_of(words[i])) &&
		    (after == '\0' || after == '(' || after == ')' || blank(after)))
			return words[i];
	}
	return NULL;
}

static bool take_keyword(struct parser *p, const char *word)
{
	const char *here = keyword_here(p);

	if (!here || strcmp(here, word) != 0)
		return false;
	p->at += strlen(word);
	skip_blanks(p);
	return true;
}

/* Reads the quoted part that begins at the parser's place. */
static bool read_quoted(struct parser *p, struct word *word)
{
	size_t start = p->at++;

	word->quoted = true;
	for (;; p->at++) {
		char c = peek(p, 0);
		if (c == '\0')
			return fail(p, start, SAID_EXPECTED_QUOTE), false;
		if (c == '"')
			break;
		if (c == '\\') {
			c = peek(p, 1);
			if (c != '"' && c != '\\')
				return fail(p, p->at, SAID_EXPECTED_ESCAPED), false;
			p->at++;
		}
		match_fold(&p->filter->text, (struct slice){&c, 1});
	}
	p->at++;
	return true;
}

/* Quotes make a text literal: in them * and ? are themselves, and a blank does not end the word.
 * What would be read in two ways without quotes is refused. */
static bool read_word(struct parser *p, struct word *word)
{
	*word = (struct word){.offset = p->filter->text.len};
	if (peek(p, 0) == '"') {
		if (!read_quoted(p, word))
			return false;
		if (peek(p, 0) != '\0' && peek(p, 0) != ')' && !blank(peek(p, 0)))
			return fail(p, p->at, SAID_EXPECTED_AFTER_QUOTE), false;
	} else {
		size_t start = p->at;
		for (char c; (c = peek(p, 0)) != '\0' && c != ')' && !blank(c); p->at++) {
			if (c == '(' || c == '"')
				return fail(p, p->at, SAID_EXPECTED_QUOTES), false;
			word->wild |= c == '*' || c == '?';
		}
		match_fold(
		    &p->filter->text, slice_first(slice_from(p->text, start), p->at - start));
	}
	word->text = slice_from(buffer_slice(&p->filter->text), word->offset);
	return true;
}

/* The values of a field that has only these; 0: it may have any. No message in corrupt is ever
 * listed. */
static size_t only_values(enum filter_field field, const char *values[QUEUE_COUNT])
{
	size_t count = 0;

	if (field == FILTER_DELETING) {
		values[count++] = "yes";
		values[count++] = "no";
	}
	for (size_t i = 0; field == FILTER_QUEUE && i < QUEUE_COUNT; i++)
		if (queue_order[i] != QUEUE_CORRUPT)
			values[count++] = queue_name(queue_order[i]);
	return count;
}

/* Whether a term can match anything at all. One that cannot is a mistake, as is a field that there
 * is not: `queue:held` is an empty list, and everything behind a `-`. */
static bool value_possible(struct parser *p, const struct filter_node *term, size_t at)
{
	BUFFER_AUTO struct buffer scratch = {0};
	const char *values[QUEUE_COUNT];
	size_t count = only_values(term->field, values);
	struct suggest suggest = suggest_begin(term->pattern);
	char all[80];

	for (size_t i = 0; i < count; i++) {
		if (filter_match_text(term, slice_of(values[i]), &scratch))
			return true;
		suggest_offer(&suggest, values[i]);
	}
	if (count == 0)
		return true;
	suggest_all(values, count, all, sizeof(all));
	if (suggest.best == NULL)
		fail_with(p, at, SAID_EXPECTED_VALUES, said_text("values", slice_of(all)));
	else
		fail_near(p, at, slice_of(all), slice_of(suggest.best));
	return false;
}

/* A pattern with a `?` may cost its length for each byte of a value (match.h), hence its limit.
 * `from:<>` is how people write the null sender; in quotes it is the text. */
static uint32_t push_text(struct parser *p, enum filter_field field, bool exact, size_t column,
    size_t value_at, struct word *word)
{
	struct filter_node node = {.kind = FILTER_TEXT, .field = field};

	node.match = exact ? FILTER_EXACT : word->wild ? FILTER_GLOB : FILTER_CONTAINS;
	if (node.match == FILTER_GLOB && word->text.len > FILTER_QUESTION_MAX &&
	    slice_find_char(word->text, '?') >= 0)
		return fail_most(p, column, FILTER_QUESTION_MAX, SAID_EXPECTED_FEWER_QUESTIONS);
	if (field == FILTER_FROM && !word->quoted && slice_is(word->text, "<>")) {
		node.match = FILTER_EXACT;
		word->text.len = 0;
	}
	node.pattern = word->text;
	if (!value_possible(p, &node, value_at))
		return FILTER_NONE;
	/* The folded text may still move: patterns are offsets until the end of the parse. */
	node.value = (int64_t)word->offset;
	return push(p, node);
}

/* Whether values of the field have a domain in them. A bare word is taken for one by its dot. */
static bool has_domain(enum filter_field field, struct slice text)
{
	switch (field) {
	case FILTER_FROM:
	case FILTER_TO:
	case FILTER_DOMAIN:
	case FILTER_REMOTE_HOST:
	case FILTER_CLIENT:
	case FILTER_HELO:
	case FILTER_PAUSED:
		return true;
	default:
		return field == FILTER_ANY && slice_find_char(text, '.') >= 0;
	}
}

/* A term like `term` with another text. */
static void push_form(
    struct parser *p, uint32_t term, struct slice text, size_t column, uint32_t *last)
{
	struct filter_node node = p->filter->nodes[term];

	node.value = (int64_t)p->filter->text.len;
	node.pattern.len = text.len;
	node.from = (uint32_t)column;
	node.to = (uint32_t)p->at;
	match_fold(&p->filter->text, text);
	uint32_t form = push(p, node);
	p->filter->nodes[*last].next_sibling = form;
	*last = form;
}

/* The term, or any of the forms that its domain has. What is in quotes is meant as it stands. */
static uint32_t push_forms(struct parser *p, uint32_t term, const struct word *word, size_t column)
{
	BUFFER_AUTO struct buffer written = {0}, ascii = {0}, readable = {0};
	uint32_t last = term;

	if (term == FILTER_NONE || word->quoted)
		return term;
	buffer_append_slice(&written,
	    slice_first(slice_from(buffer_slice(&p->filter->text), word->offset), word->text.len));
	if (!has_domain(p->filter->nodes[term].field, buffer_slice(&written)))
		return term;
	if (idn_ascii(&ascii, buffer_slice(&written)))
		push_form(p, term, buffer_slice(&ascii), column, &last);
	if (idn_readable(&readable, buffer_slice(ascii.len > 0 ? &ascii : &written)) &&
	    !slice_equal(buffer_slice(&readable), buffer_slice(&written)))
		push_form(p, term, buffer_slice(&readable), column, &last);
	if (last == term)
		return term;
	p->filter->nodes[term].from = (uint32_t)column;
	p->filter->nodes[term].to = (uint32_t)p->at;
	return push(p, (struct filter_node){.kind = FILTER_OR, .forms = true, .first_child = term});
}

/* What a unit letter multiplies by, large or small; 0 when it is none of this kind of number. */
static int64_t unit_factor(enum filter_value kind, char letter)
{
	static const struct {
		char unit;
		int64_t factor;
	} sizes[] = {{'k', 1 << 10}, {'m', 1 << 20}, {'g', 1 << 30}};

	letter |= 0x20;
	if (kind == FILTER_VALUE_SECONDS)
		return duration_unit(letter);
	for (size_t i = 0; kind == FILTER_VALUE_BYTES && i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (sizes[i].unit == letter)
			return sizes[i].factor;
	return 0;
}

/* A number and its unit. `kind` says which units there are. */
static bool read_number(
    struct parser *p, enum filter_value kind, bool negative_allowed, int64_t *value)
{
	static const enum said_code expected[] = {
	    [FILTER_VALUE_SECONDS] = SAID_EXPECTED_TIME,
	    [FILTER_VALUE_BYTES] = SAID_EXPECTED_SIZE,
	    [FILTER_VALUE_COUNT] = SAID_EXPECTED_NUMBER,
	};
	size_t start = p->at, digits = 0;
	bool negative = negative_allowed && peek(p, 0) == '-';
	uint64_t number;
	int64_t factor;

	p->at += negative;
	while (peek(p, digits) >= '0' && peek(p, digits) <= '9')
		digits++;
	if (!slice_to_u64(slice_first(slice_from(p->text, p->at), digits), &number))
		return fail(p, start, expected[kind]), false;
	p->at += digits;
	factor = unit_factor(kind, peek(p, 0));
	if (factor > 0)
		p->at++;
	else
		factor = 1;
	if ((peek(p, 0) != '\0' && peek(p, 0) != ')' && !blank(peek(p, 0))) ||
	    number > (uint64_t)(INT64_MAX / factor))
		return fail(p, start, expected[kind]), false;
	*value = (int64_t)number * factor * (negative ? -1 : 1);
	return true;
}

/* The longer ones first: > is the beginning of >=. */
static bool read_op(struct parser *p, enum filter_op *op)
{
	static const struct {
		const char *text;
		enum filter_op op;
	} ops[] = {{">=", FILTER_GE}, {"<=", FILTER_LE}, {">", FILTER_GT}, {"<", FILTER_LT},
	    {"=", FILTER_EQ}};

	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		if (slice_starts_with(slice_from(p->text, p->at), ops[i].text)) {
			p->at += strlen(ops[i].text);
			*op = ops[i].op;
			return true;
		}
	}
	return false;
}

/* Of a time that may have passed (next, expires) the number may be negative: overdue by so much.
 */
static uint32_t parse_number_term(struct parser *p, enum filter_field field)
{
	struct filter_node node = {.kind = FILTER_NUMBER, .field = field};

	if (!read_op(p, &node.op))
		return fail(p, p->at, SAID_EXPECTED_OPERATOR);
	if (!read_number(p, fields[field].value, field == FILTER_NEXT || field == FILTER_EXPIRES,
		&node.value))
		return FILTER_NONE;
	return push(p, node);
}

/* `field:=` is exact, `field:` contains; an order on texts would be a guess at what was meant,
 * and is refused with the fields that have one. */
static uint32_t parse_text_term(struct parser *p, enum filter_field field, size_t column)
{
	bool exact = false;
	struct word word;
	size_t value_at;

	if (peek(p, 0) == ':')
		p->at++;
	if (peek(p, 0) == '=') {
		exact = true;
		p->at++;
	}
	if (peek(p, 0) == '<' && peek(p, 1) != '>')
		return fail(p, p->at, SAID_EXPECTED_NO_ORDER);
	if (peek(p, 0) == '\0' || peek(p, 0) == ')' || blank(peek(p, 0)))
		return fail(p, p->at, SAID_EXPECTED_VALUE);
	value_at = p->at;
	if (!read_word(p, &word))
		return FILTER_NONE;
	return push_forms(p, push_text(p, field, exact, column, value_at, &word), &word, column);
}

/* A field's name stands here, followed by : = < or >. Bytes of the name (0: there is none);
 * FILTER_ANY in `field` when no field has this name. */
static size_t field_here(const struct parser *p, enum filter_field *field)
{
	size_t len = 0;

	while (((peek(p, len) | 0x20) >= 'a' && (peek(p, len) | 0x20) <= 'z') ||
	       (len > 0 && peek(p, len) == '_'))
		len++;
	if (len == 0 || peek(p, len) == '\0' || !strchr(":=<>", peek(p, len)))
		return 0;
	*field = filter_field_find(slice_first(slice_from(p->text, p->at), len));
	return len;
}

/* `name` is no field. */
static uint32_t fail_field(struct parser *p, size_t column, struct slice name)
{
	/* What other programs call it. */
	static const struct {
		const char *theirs;
		const char *ours;
	} synonyms[] = {{"sender", "from"}, {"recipient", "to"}, {"rcpt", "to"}, {"user", "login"},
	    {"ip", "client"}, {"error", "reason"}, {"status", "queue"}};
	struct suggest suggest = suggest_begin(name);
	char near[32];

	for (size_t i = 0; i < FILTER_FIELD_COUNT; i++)
		if (i != FILTER_ANY)
			suggest_offer(&suggest, fields[i].name);
	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
		if (slice_equal_nocase(name, slice_of(synonyms[i].theirs)))
			suggest.best = synonyms[i].ours;
	if (suggest.best == NULL)
		return fail_with(
		    p, column, SAID_EXPECTED_FIELD, said_text("fields", SLICE(FIELD_LIST)));
	snprintf(near, sizeof(near), "%s%s", suggest.best,
	    fields[filter_field_find(slice_of(suggest.best))].value == FILTER_VALUE_TEXT ? ":"
											 : "");
	return fail_with(p, column, SAID_EXPECTED_FIELD_NEAR, said_text("field", slice_of(near)));
}

/* A word followed by : = < or > that is no field is a mistake, not a search for that text: who
 * mistypes a field must not get an empty list, or act on everything behind a `-`. */
static uint32_t parse_term(struct parser *p)
{
	size_t column = p->at;
	enum filter_field field;
	size_t name = field_here(p, &field);
	struct word word;

	if (++p->terms > FILTER_TERMS_MAX)
		return fail_most(p, column, FILTER_TERMS_MAX, SAID_EXPECTED_FEWER_TERMS);
	if (name == 0)
		return read_word(p, &word)
			   ? push_forms(p, push_text(p, FILTER_ANY, false, column, column, &word),
				 &word, column)
			   : FILTER_NONE;
	if (field == FILTER_ANY)
		return fail_field(p, column, slice_first(slice_from(p->text, column), name));
	p->at += name;
	if (fields[field].value == FILTER_VALUE_TEXT) {
		if (peek(p, 0) == '<' || peek(p, 0) == '>')
			return fail(p, p->at, SAID_EXPECTED_COLON);
		return parse_text_term(p, field, column);
	}
	return parse_number_term(p, field);
}

/* What was read from `from` to here is `node`. */
static void place(struct parser *p, uint32_t node, size_t from)
{
	if (node == FILTER_NONE)
		return;
	p->filter->nodes[node].from = (uint32_t)from;
	p->filter->nodes[node].to = (uint32_t)p->at;
}

/* The depth bounds the recursion here and of all who run or explain the filter. */
static uint32_t parse_parentheses(struct parser *p)
{
	size_t open = p->at++;
	uint32_t inside;

	if (++p->depth > FILTER_DEPTH_MAX)
		return fail_most(p, open, FILTER_DEPTH_MAX, SAID_EXPECTED_FEWER_BRACKETS);
	inside = parse_or(p);
	if (inside == FILTER_NONE)
		return FILTER_NONE;
	if (peek(p, 0) != ')')
		return fail(p, open, SAID_EXPECTED_BRACKET);
	p->at++;
	p->depth--;
	return inside;
}

/* `-` or `not`, any number of times, then a term or a parenthesis. */
static uint32_t parse_factor(struct parser *p)
{
	bool negate = false;
	uint32_t child;
	size_t from;

	for (;;) {
		if (peek(p, 0) == '-') {
			p->at++;
			if (peek(p, 0) == '\0' || blank(peek(p, 0)))
				return fail(p, p->at, SAID_EXPECTED_AFTER_MINUS);
		} else if (!take_keyword(p, "not")) {
			break;
		}
		negate = !negate;
	}
	if (peek(p, 0) == '\0' || peek(p, 0) == ')' || keyword_here(p))
		return fail(p, p->at, SAID_EXPECTED_TERM);
	from = p->at;
	child = peek(p, 0) == '(' ? parse_parentheses(p) : parse_term(p);
	place(p, child, from);
	if (child != FILTER_NONE && negate)
		child = push(p, (struct filter_node){.kind = FILTER_NOT, .first_child = child});
	return child;
}

/* What both levels share: one operand as it is, more as children of a node. */
struct operands {
	uint32_t first, last, count;
};

static void operands_add(struct parser *p, struct operands *list, uint32_t node)
{
	if (list->count++ == 0)
		list->first = node;
	else
		p->filter->nodes[list->last].next_sibling = node;
	list->last = node;
}

static uint32_t operands_close(struct parser *p, const struct operands *list, enum filter_kind kind)
{
	const struct filter_node *nodes = p->filter->nodes;

	if (list->count == 1)
		return list->first;
	return push(p, (struct filter_node){.kind = kind,
			   .first_child = list->first,
			   .from = nodes[list->first].from,
			   .to = nodes[list->last].to});
}

/* Terms side by side are joined by `and`, written or not. */
static uint32_t parse_and(struct parser *p)
{
	struct operands list = {0};
	bool again;

	do {
		size_t from = p->at;
		uint32_t node = parse_factor(p);
		if (node == FILTER_NONE)
			return FILTER_NONE;
		place(p, node, from);
		operands_add(p, &list, node);
		if (peek(p, 0) != '\0' && peek(p, 0) != ')' && !blank(peek(p, 0)))
			return fail(p, p->at, SAID_EXPECTED_BLANK);
		skip_blanks(p);
		/* Behind an `and` there must be a term; without one, at an end or `or` there is
		 * none. */
		again = take_keyword(p, "and");
		if (!again) {
			const char *word = keyword_here(p);
			again = peek(p, 0) != '\0' && peek(p, 0) != ')' &&
				!(word && strcmp(word, "or") == 0);
		}
	} while (again);
	return operands_close(p, &list, FILTER_AND);
}

static uint32_t parse_or(struct parser *p)
{
	struct operands list = {0};

	skip_blanks(p);
	do {
		uint32_t node = parse_and(p);
		if (node == FILTER_NONE)
			return FILTER_NONE;
		operands_add(p, &list, node);
	} while (take_keyword(p, "or"));
	return operands_close(p, &list, FILTER_OR);
}

/* From offsets into the folded text, which moved while it grew, to places in it. */
static void settle_patterns(struct filter *f)
{
	for (uint32_t i = 0; i < f->count; i++) {
		struct filter_node *n = &f->nodes[i];
		if (n->kind != FILTER_TEXT)
			continue;
		n->pattern.data = n->pattern.len ? f->text.data + n->value : "";
		n->value = 0;
	}
}

/* The empty text is the filter that matches everything, and has no nodes. */
static bool parse_whole(struct parser *p)
{
	const char *nul = p->text.len ? memchr(p->text.data, '\0', p->text.len) : NULL;

	if (p->text.len > FILTER_TEXT_MAX)
		return fail_most(p, FILTER_TEXT_MAX, FILTER_TEXT_MAX, SAID_EXPECTED_FEWER_BYTES),
		       false;
	if (nul)
		return fail(p, (size_t)(nul - p->text.data), SAID_EXPECTED_NO_NUL), false;
	skip_blanks(p);
	if (p->at == p->text.len)
		return true;
	if (parse_or(p) == FILTER_NONE)
		return false;
	if (p->at < p->text.len)
		return fail(p, p->at, SAID_EXPECTED_OPEN_BRACKET), false;
	return true;
}

struct filter *filter_parse(struct slice text, struct filter_error *err)
{
	struct filter_error unwanted;
	struct parser p = {.text = text, .err = err ? err : &unwanted};

	*p.err = (struct filter_error){0};
	p.filter = memory_zero(1, sizeof(*p.filter));
	if (!parse_whole(&p)) {
		filter_free(p.filter);
		return NULL;
	}
	settle_patterns(p.filter);
	return p.filter;
}

void filter_free(struct filter *f)
{
	if (!f || f->more_owners-- > 0)
		return;
	filter_free(f->scope);
	filter_free(f->joined);
	free(f->nodes);
	buffer_free(&f->text);
	free(f);
}

/* Of a joined filter these are the inner one's alone: whoever runs it decides the scope first. */
const struct filter_node *filter_nodes(const struct filter *f, uint32_t *count)
{
	if (f->joined)
		f = f->joined;
	*count = f->count;
	return f->nodes;
}

bool filter_uses(const struct filter *f, enum filter_field field)
{
	uint32_t count;
	const struct filter_node *nodes = filter_nodes(f, &count);

	for (uint32_t i = 0; i < count; i++) {
		if (nodes[i].kind >= FILTER_TEXT && nodes[i].field == field)
			return true;
	}
	return false;
}

/* ---- A filter within another ---- */

/* How many own a filter is no part of what it says: nobody sees the difference. */
struct filter *filter_hold(const struct filter *constant)
{
	struct filter *f = (struct filter *)(uintptr_t)constant;

	if (f)
		f->more_owners++;
	return f;
}

struct filter *filter_join(const struct filter *scope, const struct filter *inner)
{
	struct filter *f;

	/* Never: only what was parsed is joined. */
	if ((scope && scope->scope) || (inner && inner->scope))
		abort();
	if (!scope)
		return filter_hold(inner);
	f = memory_zero(1, sizeof(*f));
	f->scope = filter_hold(scope);
	f->joined = filter_hold(inner);
	return f;
}

const struct filter *filter_scope(const struct filter *f)
{
	return f->scope;
}

static bool same_node(const struct filter_node *a, const struct filter_node *b)
{
	return a->kind == b->kind && a->field == b->field && a->op == b->op &&
	       a->match == b->match && a->value == b->value && a->first_child == b->first_child &&
	       a->next_sibling == b->next_sibling && slice_equal(a->pattern, b->pattern);
}

bool filter_same(const struct filter *a, const struct filter *b)
{
	uint32_t a_count = 0, b_count = 0;
	const struct filter_node *a_nodes = a ? filter_nodes(a, &a_count) : NULL;
	const struct filter_node *b_nodes = b ? filter_nodes(b, &b_count) : NULL;

	if (a_count != b_count)
		return false;
	for (uint32_t i = 0; i < a_count; i++) {
		if (!same_node(&a_nodes[i], &b_nodes[i]))
			return false;
	}
	return true;
}

/* For a single value. Whoever has many uses a term_set.h. */
bool filter_match_text(const struct filter_node *term, struct slice value, struct buffer *scratch)
{
	if (term->match == FILTER_EXACT)
		return slice_equal_nocase(value, term->pattern);
	if (term->match == FILTER_CONTAINS)
		return match_contains(value, term->pattern, scratch);
	buffer_clear(scratch);
	match_fold(scratch, value);
	return match_glob(term->pattern, buffer_slice(scratch));
}

bool filter_match_number(const struct filter_node *term, int64_t value)
{
	switch (term->op) {
	case FILTER_LT:
		return value < term->value;
	case FILTER_LE:
		return value <= term->value;
	case FILTER_EQ:
		return value == term->value;
	case FILTER_GE:
		return value >= term->value;
	case FILTER_GT:
		return value > term->value;
	}
	return false;
}

const char *filter_field_name(enum filter_field field)
{
	return fields[field].name;
}

enum said_code filter_field_purpose(enum filter_field field)
{
	return fields[field].purpose;
}

enum filter_field filter_field_find(struct slice name)
{
	for (int i = 0; i < FILTER_FIELD_COUNT; i++) {
		if (i != FILTER_ANY && slice_equal_nocase(name, slice_of(fields[i].name)))
			return (enum filter_field)i;
	}
	for (size_t i = 0; i < sizeof(other_names) / sizeof(*other_names); i++) {
		if (slice_equal_nocase(name, slice_of(other_names[i].name)))
			return other_names[i].field;
	}
	return FILTER_ANY;
}

enum filter_value filter_field_value(enum filter_field field)
{
	return fields[field].value;
}

/* Whether `value` behind `field:=` is read as it stands. */
static bool plain(struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.data[i];
		if (c <= ' ' || c == 0x7f || strchr("\"()*?\\", c))
			return false;
	}
	return value.len > 0 && !strchr("<=", value.data[0]);
}

static struct slice before_nul(struct slice value)
{
	ptrdiff_t nul = slice_find_char(value, '\0');

	return nul < 0 ? value : slice_first(value, (size_t)nul);
}

void filter_quote(struct buffer *out, struct slice value)
{
	value = before_nul(value);
	if (plain(value))
		buffer_append_slice(out, value);
	else
		filter_quote_whole(out, value);
}

void filter_quote_whole(struct buffer *out, struct slice value)
{
	value = before_nul(value);
	buffer_append_char(out, '"');
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == '"' || value.data[i] == '\\')
			buffer_append_char(out, '\\');
		buffer_append_char(out, value.data[i]);
	}
	buffer_append_char(out, '"');
}
