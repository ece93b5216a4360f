/* Reads one Received header into a hop: from, by, with, id, for, and the time. The header is
 * whatever a stranger wrote, so every clause may be missing, and the time may be a lie. A clause's
 * text goes up to the next word that begins a clause. */
#include "viewer/hops.h"

#include <gmime/gmime.h>

#include "base/utf8.h"

/* The offset of the last ';' outside of comments: the date is behind it. -1 where there is none. */
static ptrdiff_t find_date(struct slice text)
{
	ptrdiff_t found = -1;
	size_t depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '\\')
			i++;
		else if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (c == ';' && depth == 0)
			/* The last one counts: a clause may have a semicolon in it, a date has
			 * none. */
			found = (ptrdiff_t)i;
	}
	return found;
}

static void parse_date(struct slice text, struct viewer_hop *hop)
{
	/* GMime wants a C string. */
	char *copy = g_strndup(text.data, text.len);
	GDateTime *date = g_mime_utils_header_decode_date(copy);

	if (date != NULL) {
		hop->has_time = true;
		hop->time = g_date_time_to_unix(date);
		g_date_time_unref(date);
	}
	g_free(copy);
}

static struct slice *clause(struct slice word, struct viewer_hop *hop)
{
	static struct slice ignored;
	const struct {
		const char *name;
		struct slice *to;
	} clauses[] = {{"from", &hop->from}, {"by", &hop->by}, {"with", &hop->with},
	    /* via is known, so that it ends the clause before it, and is not shown. */
	    {"id", &hop->id}, {"for", &hop->for_}, {"via", &ignored}};

	for (size_t i = 0; i < sizeof(clauses) / sizeof(clauses[0]); i++)
		if (slice_equal_nocase(word, slice_of(clauses[i].name)))
			return clauses[i].to;
	return NULL;
}

/* A word ends at a blank outside of comments. */
static size_t word_length(struct slice text)
{
	size_t depth = 0, i;

	for (i = 0; i < text.len && (depth > 0 || text.data[i] != ' '); i++) {
		if (text.data[i] == '\\' && i + 1 < text.len)
			i++;
		else if (text.data[i] == '(')
			depth++;
		else if (text.data[i] == ')' && depth > 0)
			depth--;
	}
	return i;
}

/* "from A (comment) by B with C id D for E": each clause's text goes up to the next clause's name.
 */
static void parse_clauses(struct slice text, struct viewer_hop *hop)
{
	struct slice *to = NULL;
	const char *begin = text.data;

	while (text.len > 0) {
		struct slice word = slice_first(text, word_length(text));
		struct slice *next = clause(word, hop);

		if (next != NULL) {
			if (to != NULL)
				*to = slice_trim(slice_make(begin, (size_t)(word.data - begin)));
			begin = word.data + word.len;
			to = next;
		}
		text = slice_from(text, word.len);
		while (text.len > 0 && text.data[0] == ' ')
			text = slice_from(text, 1);
	}
	if (to != NULL)
		*to = slice_trim(slice_make(begin, (size_t)(text.data - begin)));
}

void hops_parse(struct slice raw, struct buffer *text, struct viewer_hop *hop)
{
	struct slice all;
	ptrdiff_t semicolon;

	*hop = (struct viewer_hop){.time = 0};
	buffer_clear(text);
	utf8_append_valid(text, raw);
	/* Folded lines become one; a NUL would end the date for GMime. */
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] == '\n' || text->data[i] == '\r' || text->data[i] == '\t' ||
		    text->data[i] == '\0')
			text->data[i] = ' ';
	all = slice_trim(buffer_slice(text));
	semicolon = find_date(all);
	if (semicolon >= 0) {
		parse_date(slice_from(all, (size_t)semicolon + 1), hop);
		all = slice_trim(slice_first(all, (size_t)semicolon));
	}
	parse_clauses(all, hop);
}
