/* One walk over the template finds its pieces; checking and rendering differ in what they do with
 * them. */
#include "watch/alerts/template.h"

#include <stdio.h>
#include <string.h>

#include "base/said.h"
#include "base/utf8.h"

static const char *const names[ALERTS_FIELDS] = {
    [ALERTS_FIELD_WHAT] = "what",
    [ALERTS_FIELD_TITLE] = "title",
    [ALERTS_FIELD_WHY] = "why",
    [ALERTS_FIELD_NUMBER] = "number",
    [ALERTS_FIELD_TODO] = "todo",
    [ALERTS_FIELD_LINK] = "link",
    [ALERTS_FIELD_MESSAGES] = "messages",
    [ALERTS_FIELD_FILTER] = "filter",
    [ALERTS_FIELD_RUNBOOK] = "runbook",
    [ALERTS_FIELD_SEVERITY] = "severity",
    [ALERTS_FIELD_KIND] = "kind",
    [ALERTS_FIELD_KEY] = "key",
    [ALERTS_FIELD_INCIDENT] = "incident",
    [ALERTS_FIELD_SINCE] = "since",
    [ALERTS_FIELD_UNTIL] = "until",
    [ALERTS_FIELD_HOST] = "host",
};

static int field_of(struct slice name)
{
	for (int i = 0; i < ALERTS_FIELDS; i++)
		if (slice_is(name, names[i]))
			return i;
	return -1;
}

/* Takes the next piece off `rest`: a text, or the name between {{ and }}. */
struct piece {
	struct slice text; /* without braces and blanks where it is a field */
	bool field;
	bool open; /* {{ without }} */
};

static bool next_piece(struct slice *rest, struct piece *piece)
{
	ptrdiff_t end;

	if (rest->len == 0)
		return false;
	*piece = (struct piece){.field = slice_starts_with(*rest, "{{")};
	end = slice_find(*rest, piece->field ? SLICE("}}") : SLICE("{{"));
	if (!piece->field) {
		piece->text = slice_first(*rest, end >= 0 ? (size_t)end : rest->len);
		*rest = slice_from(*rest, piece->text.len);
		return true;
	}
	piece->open = end < 0;
	piece->text =
	    slice_from(slice_first(*rest, end >= 0 ? (size_t)end : rest->len), strlen("{{"));
	piece->text = slice_trim(piece->text);
	*rest = slice_from(*rest, end >= 0 ? (size_t)end + strlen("}}") : rest->len);
	return true;
}

/* In characters, as people count: bytes that go on with one are not counted. */
static size_t column_of(struct slice text, const char *at)
{
	size_t column = 1;

	for (const char *p = text.data; p < at; p++)
		column += ((unsigned char)*p & 0xc0) != 0x80;
	return column;
}

static void say_open(struct alerts_template_fault *fault)
{
	SAID_AUTO struct said said = {0};

	said_put(&said, SAID_ALERTS_TEMPLATE_OPEN, 2, said_text("open", SLICE("{{")),
	    said_text("close", SLICE("}}")));
	said_copy(&said, fault->text, sizeof(fault->text), fault->words, sizeof(fault->words));
}

static void say_unknown(struct slice name, struct alerts_template_fault *fault)
{
	BUFFER_AUTO struct buffer all = {0};
	SAID_AUTO struct said said = {0};

	for (int i = 0; i < ALERTS_FIELDS; i++)
		buffer_printf(&all, "%s%s", i > 0 ? ", " : "", names[i]);
	said_put(&said, SAID_ALERTS_TEMPLATE_FIELD, 2, said_text("name", utf8_first(name, 40)),
	    said_text("names", buffer_slice(&all)));
	said_copy(&said, fault->text, sizeof(fault->text), fault->words, sizeof(fault->words));
}

bool alerts_template_check(struct slice text, struct alerts_template_fault *fault)
{
	struct slice rest = text;
	const char *at = text.data;
	struct piece piece;

	for (; next_piece(&rest, &piece); at = rest.data) {
		if (!piece.field || (!piece.open && field_of(piece.text) >= 0))
			continue;
		fault->column = column_of(text, at);
		if (piece.open)
			say_open(fault);
		else
			say_unknown(piece.text, fault);
		return false;
	}
	return true;
}

/* ---- Escaping ---- */

static void escape_slack(struct buffer *out, char c)
{
	if (c == '&')
		buffer_append_string(out, "&amp;");
	else if (c == '<')
		buffer_append_string(out, "&lt;");
	else if (c == '>')
		buffer_append_string(out, "&gt;");
	else
		buffer_append_char(out, c);
}

static void escape_markdown(struct buffer *out, char c)
{
	/* What begins emphasis, code, links, mentions, headings and quotes. Slashes and dots stay:
	 * a link must stay a link. */
	if (strchr("\\`*_~|<>[]()#@", c) != NULL)
		buffer_append_char(out, '\\');
	buffer_append_char(out, c);
}

void alerts_escape(struct buffer *out, struct slice text, enum alerts_escape how)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		/* A line break in a stranger's text could look like a line of ours. */
		if ((unsigned char)c < ' ' || c == 0x7f)
			c = ' ';
		if (how == ALERTS_ESCAPE_SLACK)
			escape_slack(out, c);
		else if (how == ALERTS_ESCAPE_MARKDOWN)
			escape_markdown(out, c);
		else
			buffer_append_char(out, c);
	}
}

/* Of our own making, percent-encoded: an escaped one would lead nowhere. */
static bool is_link(int field)
{
	return field == ALERTS_FIELD_LINK || field == ALERTS_FIELD_MESSAGES ||
	       field == ALERTS_FIELD_RUNBOOK;
}

void alerts_template_render(
    struct buffer *out, struct slice text, const struct slice *values, enum alerts_escape how)
{
	struct slice rest = text;
	struct piece piece;

	while (next_piece(&rest, &piece)) {
		int field = piece.field ? field_of(piece.text) : -1;

		if (!piece.field)
			buffer_append_slice(out, piece.text);
		else if (field >= 0 && is_link(field))
			buffer_append_slice(out, values[field]);
		else if (field >= 0)
			alerts_escape(out, values[field], how);
	}
}
