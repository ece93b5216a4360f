/* Finds the term under the cursor by walking over the text from its beginning, term by term, with
 * the parser's rules for quotes but none of its demands: half-written text is the usual case. */
#include "filter/typed_term.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool letter(char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

/* Behind the quotes that open at `at`; SIZE_MAX when they are not closed. */
static size_t past_quotes(struct slice text, size_t at)
{
	for (at++; at < text.len; at++) {
		if (text.data[at] == '\\')
			at++;
		else if (text.data[at] == '"')
			return at + 1;
	}
	return SIZE_MAX;
}

/* Behind a word that is not quoted. */
static size_t past_word(struct slice text, size_t at)
{
	while (at < text.len && !blank(text.data[at]) && text.data[at] != ')')
		at++;
	return at;
}

/* Of the term at `from`: where its value begins, and its field (FILTER_ANY for a bare word). The
 * value of a number is what follows the operator. */
static size_t value_at(struct slice text, size_t from, enum filter_field *field)
{
	size_t at = from;

	*field = FILTER_ANY;
	while (at < text.len && letter(text.data[at]))
		at++;
	if (at == from || at == text.len || !memchr(":=<>", text.data[at], 4))
		return from;
	*field = filter_field_find(slice_first(slice_from(text, from), at - from));
	if (*field == FILTER_ANY)
		return from;
	if (filter_field_value(*field) == FILTER_VALUE_TEXT) {
		at += text.data[at] == ':';
		return at + (at < text.len && text.data[at] == '=');
	}
	while (at < text.len && memchr("=<>", text.data[at], 3))
		at++;
	return at;
}

/* What was typed, quotes and backslashes taken off. */
static struct slice unquoted(struct slice typed, struct buffer *memory)
{
	size_t begin = memory->len;

	if (slice_find_char(typed, '\\') < 0)
		return typed;
	for (size_t i = 0; i < typed.len; i++) {
		if (typed.data[i] == '\\' && i + 1 < typed.len)
			i++;
		buffer_append_char(memory, typed.data[i]);
	}
	return slice_from(buffer_slice(memory), begin);
}

/* The term from `from` to `to` has the cursor in it, or right behind it; what was typed of it ends
 * at `end`. */
static void take_term(
    struct slice text, size_t from, size_t end, struct buffer *memory, struct typed_term *out)
{
	size_t value = value_at(text, from, &out->field), name = from;

	out->from = from;
	if (out->field != FILTER_ANY && end < value) {
		/* In front of its value the cursor is in the field's name. */
		out->field = FILTER_ANY;
		out->to = value;
		value = from;
	} else if (out->field != FILTER_ANY) {
		out->kind = filter_field_value(out->field) == FILTER_VALUE_TEXT ? TYPED_TERM_VALUE
										: TYPED_TERM_NUMBER;
		while (letter(text.data[name]))
			name++;
		out->op = slice_first(slice_from(text, name), value - name);
	}
	out->quoted = value < text.len && text.data[value] == '"';
	value += out->quoted;
	out->typed = end > value ? slice_first(slice_from(text, value), end - value) : SLICE("");
	if (out->quoted)
		out->typed = unquoted(out->typed, memory);
}

void typed_term_find(struct slice text, size_t at, struct buffer *memory, struct typed_term *out)
{
	size_t from = 0;

	*out = (struct typed_term){.field = FILTER_ANY, .from = at, .to = at, .typed = SLICE("")};
	while (from < at) {
		enum filter_field field;
		char c = text.data[from];
		if (blank(c) || c == '(' || c == ')' || c == '-') {
			from++;
			continue;
		}
		size_t value = value_at(text, from, &field);
		bool quoted = value < text.len && text.data[value] == '"';
		size_t to = quoted ? past_quotes(text, value) : past_word(text, value);
		if (to >= at) {
			out->to = to == SIZE_MAX ? at : to;
			/* Behind the closing quotes, these are no part of the value. */
			take_term(text, from, at - (quoted && to == at), memory, out);
			return;
		}
		from = to;
	}
}
