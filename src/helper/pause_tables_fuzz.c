/* A packet about pauses as it may come to the helper, which is root. Whatever decodes is encoded
 * again to the same bytes. What becomes a table has only lines of the shape that it must have: one
 * key that passes its grammar, and one of our own words, whatever the packet says. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "helper/pause_tables.h"
#include "wire/pause_proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOP PAUSE_LINES_THROTTLE "60-smtp:"

static struct slice hop(void *context, const struct pause_entry *entry)
{
	if (!pause_throttle_valid(entry->throttle_s))
		abort();
	return SLICE(HOP);
}

static void check_value(enum pause_table table, struct slice value)
{
	bool ok = table == PAUSE_TABLE_TRANSPORT
		      ? slice_is(value, PAUSE_LINES_TRANSPORT ":") || slice_is(value, HOP)
		      : slice_starts_with(value, "HOLD Postroom pause ");

	if (!ok || memchr(value.data, '\t', value.len) != NULL)
		abort();
}

static void check_key(enum pause_table table, struct slice key)
{
	if (table == PAUSE_TABLE_TRANSPORT && slice_starts_with(key, "."))
		key = slice_from(key, 1);
	if (!(table == PAUSE_TABLE_TRANSPORT  ? pause_domain_valid(key)
		: table == PAUSE_TABLE_SENDER ? pause_address_valid(key)
					      : pause_login_valid(key)))
		abort();
}

/* "/@dst\.example$/ postroom-pause:": nothing in the expression but the domain, its dots escaped.
 */
static void check_pattern(struct slice line)
{
	ptrdiff_t end = slice_find(line, SLICE("$/ "));
	struct slice key;

	if (end < 0 || !(slice_starts_with(line, "/@") || slice_starts_with(line, "/[@.]")))
		abort();
	key = slice_from(slice_first(line, (size_t)end), line.data[1] == '@' ? 2 : 5);
	for (size_t i = 0; i < key.len; i++) {
		char c = key.data[i];

		if (c == '\\' ? i + 1 == key.len || key.data[i + 1] != '.'
			      : !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
				    c == '_' || (c == '.' && i > 0 && key.data[i - 1] == '\\')))
			abort();
	}
	check_value(PAUSE_TABLE_TRANSPORT, slice_from(line, (size_t)end + 3));
}

static void check_text(enum pause_table table, bool pattern, struct slice entries)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest, line;
	uint32_t count = 0;

	if (!pause_tables_check(table, entries, &count, NULL))
		return;
	pause_tables_text(table, pattern, entries, hop, NULL, &text);
	rest = buffer_slice(&text);
	while (slice_split(&rest, '\n', &line)) {
		ptrdiff_t tab = slice_find_char(line, '\t');

		if (line.len == 0 || line.data[0] == '#')
			continue;
		if (pattern && table == PAUSE_TABLE_TRANSPORT) {
			check_pattern(line);
			continue;
		}
		if (tab <= 0)
			abort();
		check_key(table, slice_first(line, (size_t)tab));
		check_value(table, slice_from(line, (size_t)tab + 1));
	}
}

static void same(struct slice packet, const struct buffer *again)
{
	if (!slice_equal(packet, buffer_slice(again)))
		abort();
}

static void try_piece(const struct frame *frame, struct slice packet)
{
	BUFFER_AUTO struct buffer again = {0};
	struct pause_piece piece;
	struct pause_entry entry;
	struct cursor entries;
	struct slice rest;

	if (!pause_piece_decode(frame, &piece, &entries))
		return;
	rest = cursor_rest(&entries);
	check_text(piece.table, false, rest);
	check_text(piece.table, true, rest);
	pause_piece_encode(&again, frame->request, &piece);
	entries = cursor_init(rest.data, rest.len);
	while (pause_entry_get(&entries, &entry))
		pause_entry_put(&again, &entry);
	if (cursor_finished(&entries))
		same(packet, &again);
}

static void try_others(const struct frame *frame, struct slice packet)
{
	BUFFER_AUTO struct buffer asks = {0}, states = {0}, queries = {0}, writtens = {0};
	struct pause_setup_ask ask;
	struct pause_setup setup;
	struct pause_query query;
	struct pause_written written;

	if (pause_setup_ask_decode(frame, &ask)) {
		pause_setup_ask_encode(&asks, frame->request, &ask);
		same(packet, &asks);
	}
	if (pause_setup_decode(frame, &setup)) {
		pause_setup_encode(&states, frame->request, &setup);
		same(packet, &states);
	}
	if (pause_query_decode(frame, &query)) {
		pause_query_encode(&queries, frame->request, &query);
		same(packet, &queries);
	}
	if (pause_written_decode(frame, &written)) {
		pause_written_encode(&writtens, frame->request, &written);
		same(packet, &writtens);
	}
}

static void try_answers(const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct pause_answer answer;
	struct pause_found found;

	while (pause_answer_get(&c, &answer))
		if (answer.found.len > PAUSE_KEY_MAX || answer.answer.len > PAUSE_ANSWER_MAX)
			abort();
	c = frame_cursor(frame);
	while (pause_found_get(&c, &found))
		if (found.text.len > PAUSE_ANSWER_MAX)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice packet = slice_make(data, size);
	struct frame frame = {0};

	if (size == 0 || size > WIRE_FRAME_MAX || !frame_parse(data, size, &frame))
		return 0;
	try_piece(&frame, packet);
	try_others(&frame, packet);
	try_answers(&frame);
	return 0;
}
