#include "viewer/headers.h"

#include <gmime/gmime.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "viewer/received.h"

static bool is_field_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] <= ' ' || name.data[i] >= 0x7f)
			return false;
	return name.len > 0;
}

static struct slice field_name(struct slice line)
{
	ptrdiff_t colon = slice_find_char(line, ':');
	struct slice name = slice_first(line, colon < 0 ? 0 : (size_t)colon);

	while (name.len > 0 && (name.data[name.len - 1] == ' ' || name.data[name.len - 1] == '\t'))
		name.len--;
	return name;
}

/* The next line with its LF off the front of *rest. */
static struct slice next_line(struct slice *rest)
{
	ptrdiff_t end = slice_find_char(*rest, '\n');
	struct slice line = slice_first(*rest, end < 0 ? rest->len : (size_t)end + 1);

	*rest = slice_from(*rest, line.len);
	return line;
}

static bool is_continuation(struct slice line)
{
	return line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t');
}

struct slice headers_block(struct slice message)
{
	struct slice rest = message;
	size_t len = 0;

	while (rest.len > 0 && len < VIEWER_HEADER_BYTES_MAX) {
		struct slice line = next_line(&rest);

		if (!(len > 0 && is_continuation(line)) && !is_field_name(field_name(line)))
			break;
		len += line.len;
	}
	return slice_first(message, len < VIEWER_HEADER_BYTES_MAX ? len : VIEWER_HEADER_BYTES_MAX);
}

/* One field with its continuation lines off the front of *rest. */
static struct slice next_field(struct slice *rest)
{
	struct slice start = *rest;
	size_t len = next_line(rest).len;

	while (rest->len > 0 && is_continuation(*rest))
		len += next_line(rest).len;
	return slice_first(start, len);
}

/* The value with its folds undone: a line break before white space is dropped. */
static void unfold(struct buffer *out, struct slice raw)
{
	for (size_t i = 0; i < raw.len; i++)
		if (raw.data[i] != '\r' && raw.data[i] != '\n' && raw.data[i] != '\0')
			buffer_append_char(out, raw.data[i]);
}

static void send_field(struct output *output, struct slice name, struct slice raw)
{
	BUFFER_AUTO struct buffer line = {0}, shown = {0}, decoded = {0};
	struct viewer_header header = {.name = name, .cut = raw.len > VIEWER_HEADER_VALUE_MAX};
	char *text;

	raw = slice_first(raw, VIEWER_HEADER_VALUE_MAX);
	unfold(&line, raw);
	text = g_mime_utils_header_decode_text(NULL, buffer_string(&line));
	utf8_append_valid(&decoded, slice_trim(slice_of(text != NULL ? text : "")));
	g_free(text);
	utf8_append_valid(&shown, slice_trim(raw));
	/* Replacement characters are longer than what they replace. */
	header.value = utf8_first(buffer_slice(&decoded), VIEWER_HEADER_VALUE_MAX);
	header.raw = utf8_first(buffer_slice(&shown), VIEWER_HEADER_VALUE_MAX);
	viewer_header_encode(&output->frame, &header);
	output_send(output);
}

static bool parse_date(struct slice text, int64_t *seconds)
{
	BUFFER_AUTO struct buffer copy = {0};
	GDateTime *date;

	buffer_append_slice(&copy, text);
	date = text.len > 0 ? g_mime_utils_header_decode_date(buffer_string(&copy)) : NULL;
	if (date == NULL)
		return false;
	*seconds = g_date_time_to_unix(date);
	g_date_time_unref(date);
	return true;
}

/* Fields that came before by time stand below: a hop's delay needs the one after it. */
struct hop_state {
	struct output *output;
	struct buffer value;
	bool pending;
	bool has_time;
	int64_t time;
	unsigned count;
};

static void send_pending(struct hop_state *state, bool has_previous, int64_t previous)
{
	struct received r = received_parse(buffer_slice(&state->value));
	struct viewer_hop hop = {.from = r.from,
	    .by = r.by,
	    .with = r.with,
	    .id = r.id,
	    .for_ = r.for_,
	    .has_time = state->has_time,
	    .time = state->time};

	hop.has_delay = state->has_time && has_previous;
	hop.delay = hop.has_delay ? state->time - previous : 0;
	viewer_hop_encode(&state->output->frame, &hop);
	output_send(state->output);
	state->pending = false;
}

static void add_hop(struct hop_state *state, struct slice raw)
{
	BUFFER_AUTO struct buffer line = {0}, value = {0};
	int64_t time = 0;
	bool has_time;

	unfold(&line, slice_first(raw, VIEWER_HEADER_VALUE_MAX));
	utf8_append_valid(&value, utf8_first(slice_trim(buffer_slice(&line)), VIEWER_FIELD_MAX));
	has_time = parse_date(received_parse(buffer_slice(&value)).date, &time);
	if (state->pending)
		send_pending(state, has_time, time);
	buffer_clear(&state->value);
	buffer_append_slice(&state->value, buffer_slice(&value));
	state->has_time = has_time;
	state->time = time;
	state->pending = true;
	state->count++;
}

static void send_hops(struct output *output, struct slice block)
{
	struct hop_state state = {.output = output};

	while (block.len > 0 && !output->gone) {
		struct slice field = next_field(&block);
		struct slice name = field_name(field);

		if (!slice_equal_nocase(name, SLICE("Received")))
			continue;
		if (state.count == VIEWER_HOPS_MAX) {
			output_note(output, "hops_cut",
			    "The message has more Received fields than are shown.");
			break;
		}
		add_hop(&state, slice_from(field, (size_t)(slice_find_char(field, ':') + 1)));
	}
	if (state.pending)
		send_pending(&state, false, 0);
	buffer_free(&state.value);
}

void headers_send(struct output *output, struct slice block)
{
	struct slice rest = block;

	for (unsigned count = 0; rest.len > 0 && !output->gone; count++) {
		struct slice field = next_field(&rest);

		if (count == VIEWER_HEADERS_MAX) {
			output_note(output, "headers_cut",
			    "The message has more header fields than are shown.");
			break;
		}
		send_field(output, field_name(field),
		    slice_from(field, (size_t)(slice_find_char(field, ':') + 1)));
	}
	send_hops(output, block);
}
