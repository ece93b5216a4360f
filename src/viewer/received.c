#include "viewer/received.h"

#include <string.h>

#define WHITE " \t\r\n"

static bool is_white(char c)
{
	return c != '\0' && strchr(WHITE, c) != NULL;
}

/* The next word, or the next comment with its parentheses, off the front of *rest. */
static struct slice next_token(struct slice *rest)
{
	size_t start = 0, end;
	int depth = 0;

	while (start < rest->len && is_white(rest->data[start]))
		start++;
	for (end = start; end < rest->len; end++) {
		char c = rest->data[end];

		if (c == '(' && depth == 0 && end > start)
			break;
		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0 && --depth == 0) {
			end++;
			break;
		} else if (depth == 0 && is_white(c))
			break;
	}
	struct slice token = slice_make(rest->data + start, end - start);
	*rest = slice_from(*rest, end);
	return token;
}

static struct slice *clause(struct received *r, struct slice word)
{
	if (slice_equal_nocase(word, SLICE("from")))
		return &r->from;
	if (slice_equal_nocase(word, SLICE("by")))
		return &r->by;
	if (slice_equal_nocase(word, SLICE("with")))
		return &r->with;
	if (slice_equal_nocase(word, SLICE("id")))
		return &r->id;
	if (slice_equal_nocase(word, SLICE("for")))
		return &r->for_;
	return NULL;
}

/* The offset of the last ';' that is not in a comment; the length when there is none. */
static size_t date_separator(struct slice value)
{
	size_t at = value.len;
	int depth = 0;

	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == '(')
			depth++;
		else if (value.data[i] == ')' && depth > 0)
			depth--;
		else if (value.data[i] == ';' && depth == 0)
			at = i;
	}
	return at;
}

struct received received_parse(struct slice value)
{
	struct received r = {0};
	size_t separator = date_separator(value);
	struct slice rest = slice_first(value, separator), *current = NULL;

	r.date = slice_trim(slice_from(value, separator + 1));
	while (rest.len > 0) {
		struct slice token = next_token(&rest);
		struct slice *next = clause(&r, token);

		if (next != NULL && next->len == 0) {
			current = next;
			continue;
		}
		if (current == NULL || token.len == 0)
			continue;
		if (current->len == 0)
			*current = token;
		else if (current == &r.from && token.data[0] == '(')
			current->len = (size_t)(token.data + token.len - current->data);
	}
	return r;
}
