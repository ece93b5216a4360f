#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "wire/reader_proto.h"

struct seen {
	size_t messages, removals;
	size_t bytes;
	uint32_t request;
	char last;
};

static void on_message(void *context, uint32_t request, struct slice bytes)
{
	struct seen *seen = context;

	seen->messages++;
	seen->bytes += bytes.len;
	seen->request = request;
	seen->last = bytes.len > 0 ? bytes.data[bytes.len - 1] : 0;
}

static void on_removal(void *context, const struct reader_proto_removal *removal)
{
	struct seen *seen = context;

	seen->removals++;
	seen->last = (char)removal->queue;
	assert_true(slice_is(removal->id, "0AD06AB80A3"));
}

static void parse(const struct buffer *bytes, struct frame *frame)
{
	assert_true(frame_parse(bytes->data, bytes->len, frame));
	frame->fd_count = 0;
}

static void test_single_frames(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct reader_proto_status status = {
	    READER_PROTO_SOURCE_LISTING, true, SLICE("no_spool"), SLICE("why")};
	struct reader_proto_scan scan = {7, READER_PROTO_SOURCE_SPOOL, true, false, -5, 1, 2, 3,
	    READER_PROTO_UNKNOWN, SLICE("broken off")};
	struct reader_proto_warning warning = {SLICE("code"), SLICE("0AD06AB80A3"), SLICE("text")};
	struct reader_proto_refreshed refreshed = {false, SLICE("gone")};
	int64_t current;
	struct slice ids[READER_PROTO_READ_IDS_MAX] = {
	    SLICE("0AD06AB80A3"), SLICE("4jXJD647cHz1djFS")};
	struct frame f;
	size_t count;

	(void)state;
	reader_proto_status_frame(&b, &status);
	parse(&b, &f);
	memset(&status, 0, sizeof(status));
	assert_true(reader_proto_read_status(&f, &status));
	assert_true(status.source == READER_PROTO_SOURCE_LISTING && status.healthy &&
		    slice_is(status.why, "why"));
	reader_proto_scan_frame(&b, READER_PROTO_SCAN_END, &scan);
	parse(&b, &f);
	memset(&scan, 0, sizeof(scan));
	assert_true(f.type == READER_PROTO_SCAN_END && reader_proto_read_scan(&f, &scan));
	assert_true(scan.number == 7 && scan.reset && !scan.complete && scan.started_us == -5);
	assert_true(scan.corrupt == READER_PROTO_UNKNOWN && slice_is(scan.error, "broken off"));
	reader_proto_warning_frame(&b, &warning);
	parse(&b, &f);
	assert_true(reader_proto_read_warning(&f, &warning) && slice_is(warning.id, "0AD06AB80A3"));
	reader_proto_refreshed_frame(&b, READER_PROTO_READ_END, 9, &refreshed);
	parse(&b, &f);
	assert_true(reader_proto_read_refreshed(&f, &refreshed) && f.request == 9);
	reader_proto_current_frame(&b, 1795000000123456);
	parse(&b, &f);
	assert_true(reader_proto_read_current(&f, &current) && current == 1795000000123456);
	buffer_append_char(&b, 'x');
	parse(&b, &f);
	assert_false(reader_proto_read_current(&f, &current));
	reader_proto_read_frame(&b, 3, ids, 2);
	parse(&b, &f);
	assert_true(reader_proto_read_ids(&f, ids, &count) && count == 2 &&
		    slice_is(ids[1], "4jXJD647cHz1djFS"));
	buffer_append_char(&b, 'x');
	parse(&b, &f);
	assert_false(reader_proto_read_ids(&f, ids, &count));
}

static void test_sightings(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	static struct reader_proto_sighting s[READER_PROTO_SIGHTINGS_MAX];
	const struct reader_proto_sighting *last;
	uint8_t bits[READER_PROTO_WANTED_BYTES] = {0x02, 0x80};
	const uint8_t *read;
	struct frame f;
	size_t count;

	(void)state;
	/* As many of the longest as may be in a frame fit into one. */
	for (size_t i = 0; i < READER_PROTO_SIGHTINGS_MAX; i++)
		s[i] = (struct reader_proto_sighting){
		    SLICE("0123456789012345678901234567"), (uint8_t)(i % 5), (uint32_t)i, 7, -3};
	reader_proto_sightings_frame(&b, 12, s, READER_PROTO_SIGHTINGS_MAX);
	parse(&b, &f);
	memset(s, 0, sizeof(s));
	assert_true(reader_proto_read_sightings(&f, s, &count));
	assert_true(f.request == 12 && count == READER_PROTO_SIGHTINGS_MAX);
	last = &s[count - 1];
	assert_true(last->queue == (count - 1) % 5 && last->signature == count - 1 &&
		    last->log_stamp == 7 && last->mtime == -3);
	b.len--;
	parse(&b, &f);
	assert_false(reader_proto_read_sightings(&f, s, &count));
	reader_proto_wanted_frame(&b, 12, bits, 16);
	parse(&b, &f);
	assert_true(
	    reader_proto_read_wanted(&f, 16, &read) && reader_proto_read_wanted(&f, 9, &read));
	assert_false(reader_proto_read_wanted(&f, 17, &read));
	assert_true(reader_proto_bit(read, 1) && reader_proto_bit(read, 15));
	assert_false(reader_proto_bit(read, 0) || reader_proto_bit(read, 14));
}

static void test_looks_and_listings(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	static struct reader_proto_place places[READER_PROTO_READ_IDS_MAX];
	struct reader_proto_writer w = {0};
	struct reader_proto_listed listed = {SLICE("0AD06AB80A3"), 3, 1800000000, 4711};
	struct channel *to, *from;
	size_t count = 0;
	struct frame f;
	struct cursor c;
	int fds[2];

	(void)state;
	places[0] = (struct reader_proto_place){SLICE("0AD06AB80A3"), 4};
	places[1] = (struct reader_proto_place){SLICE("4jXJD647cHz1djFS"), 1};
	reader_proto_look_frame(&b, 3, places, 2);
	parse(&b, &f);
	assert_true(reader_proto_read_places(&f, places, &count) && count == 2);
	assert_true(places[0].queue == 4 && slice_is(places[1].id, "4jXJD647cHz1djFS"));
	buffer_append_char(&b, 'x');
	parse(&b, &f);
	assert_false(reader_proto_read_places(&f, places, &count));

	assert_true(channel_pair(fds, NULL));
	to = channel_create(fds[0]);
	from = channel_create(fds[1]);
	w.channel = to;
	reader_proto_writer_listed(&w, &listed);
	reader_proto_writer_listed(&w, &listed);
	assert_true(reader_proto_writer_flush(&w));
	assert_int_equal(channel_receive(from, &f), CHANNEL_FRAME);
	assert_int_equal(f.type, READER_PROTO_LISTED);
	c = frame_cursor(&f);
	for (count = 0; reader_proto_read_listed(&c, &listed); count++)
		assert_true(
		    listed.queue == 3 && listed.arrival == 1800000000 && listed.size == 4711);
	assert_true(count == 2 && cursor_finished(&c));
	reader_proto_plain_frame(&b, READER_PROTO_SCAN_PROVEN, 0);
	parse(&b, &f);
	assert_true(f.type == READER_PROTO_SCAN_PROVEN && f.body.len == 0);
	reader_proto_writer_free(&w);
	channel_destroy(&to);
	channel_destroy(&from);
}

static void test_bad_source_is_refused(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct reader_proto_status status = {READER_PROTO_SOURCE_NONE, true, SLICE(""), SLICE("")};
	struct frame f;

	(void)state;
	reader_proto_status_frame(&b, &status);
	b.data[WIRE_HEADER_SIZE] = 77;
	parse(&b, &f);
	assert_false(reader_proto_read_status(&f, &status));
}

/* Drains the other end into `seen`; returns the number of frames. */
static size_t drain(struct channel *from, struct reader_proto_inbox *inbox, struct seen *seen)
{
	struct frame f;
	size_t frames = 0;

	while (channel_receive(from, &f) == CHANNEL_FRAME) {
		frames++;
		if (f.type == READER_PROTO_REMOVE)
			assert_true(reader_proto_inbox_removals(&f, on_removal, seen));
		else
			assert_true(reader_proto_inbox_messages(inbox, &f, on_message, seen));
	}
	return frames;
}

static bool put(struct reader_proto_writer *w, uint32_t request, const char *bytes, size_t len)
{
	buffer_append(reader_proto_writer_begin(w, request), bytes, len);
	assert_int_equal(reader_proto_writer_begun(w).len, len);
	return reader_proto_writer_end(w, true);
}

static void test_batches_and_parts(void **state)
{
	struct reader_proto_writer w = {0};
	struct reader_proto_inbox inbox = {0};
	struct seen seen = {0};
	size_t large = (size_t)5 * WIRE_FRAME_MAX + 17, frames = 0;
	MEMORY_AUTO char *bytes = memory_alloc(large);
	struct channel *to, *from;
	int fds[2];

	(void)state;
	assert_true(channel_pair(fds, NULL));
	to = channel_create(fds[0]);
	from = channel_create(fds[1]);
	w.channel = to;
	memset(bytes, 'm', large);
	for (size_t i = 0; i < 1000; i++)
		assert_true(put(&w, 0, bytes, 300));
	for (size_t i = 0; i < 1000; i++)
		reader_proto_writer_remove(&w, SLICE("0AD06AB80A3"), 3);
	assert_true(put(&w, 5, bytes, large));
	assert_true(put(&w, 5, bytes, WIRE_BODY_MAX - 4));
	assert_true(put(&w, 5, bytes, WIRE_BODY_MAX - 3));
	assert_true(reader_proto_writer_flush(&w));
	while (channel_wants_write(to)) {
		frames += drain(from, &inbox, &seen);
		assert_true(channel_flush(to));
	}
	frames += drain(from, &inbox, &seen);
	assert_int_equal(seen.messages, 1003);
	assert_int_equal(seen.removals, 1000);
	assert_int_equal(seen.bytes, 300000 + large + 2 * WIRE_BODY_MAX - 7);
	assert_int_equal(seen.request, 5);
	assert_true(frames < 20);
	reader_proto_writer_free(&w);
	reader_proto_inbox_free(&inbox);
	channel_destroy(&to);
	channel_destroy(&from);
}

/* What is taken back, or too large, leaves nothing behind, and those beside it are whole. */
static void test_messages_taken_back(void **state)
{
	struct reader_proto_writer w = {0};
	struct reader_proto_inbox inbox = {0};
	struct seen seen = {0};
	MEMORY_AUTO char *bytes = memory_zero(1, READER_PROTO_MESSAGE_MAX + 1);
	struct channel *to, *from;
	int fds[2];

	(void)state;
	assert_true(channel_pair(fds, NULL));
	to = channel_create(fds[0]);
	from = channel_create(fds[1]);
	w.channel = to;
	/* The only one of its frame: there is no frame. */
	buffer_append(reader_proto_writer_begin(&w, 0), bytes, 300);
	assert_true(reader_proto_writer_end(&w, false));
	assert_true(reader_proto_writer_flush(&w));
	assert_int_equal(drain(from, &inbox, &seen), 0);
	assert_true(put(&w, 0, bytes, 10));
	buffer_append(reader_proto_writer_begin(&w, 0), bytes, WIRE_FRAME_MAX);
	assert_true(reader_proto_writer_end(&w, false));
	assert_false(put(&w, 0, bytes, READER_PROTO_MESSAGE_MAX + 1));
	assert_true(put(&w, 0, bytes, 20));
	assert_true(reader_proto_writer_flush(&w));
	assert_int_equal(drain(from, &inbox, &seen), 1);
	assert_true(seen.messages == 2 && seen.bytes == 30);
	reader_proto_writer_free(&w);
	/* Nobody is there to write to. */
	assert_true(put(&w, 0, bytes, 20));
	assert_false(reader_proto_writer_flush(&w));
	reader_proto_writer_free(&w);
	reader_proto_inbox_free(&inbox);
	channel_destroy(&to);
	channel_destroy(&from);
}

static void part(struct buffer *b, uint64_t total, struct slice bytes)
{
	frame_begin(b, READER_PROTO_PART, 0);
	buffer_put_u64(b, total);
	buffer_put_string(b, bytes);
}

static void test_bad_parts_are_refused(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct reader_proto_inbox inbox = {0};
	struct seen seen = {0};
	struct frame f;

	(void)state;
	part(&b, READER_PROTO_MESSAGE_MAX + 1, SLICE("x"));
	parse(&b, &f);
	assert_false(reader_proto_inbox_messages(&inbox, &f, on_message, &seen));
	part(&b, 2, SLICE("abc"));
	parse(&b, &f);
	assert_false(reader_proto_inbox_messages(&inbox, &f, on_message, &seen));
	part(&b, 4, SLICE("abc"));
	parse(&b, &f);
	assert_true(reader_proto_inbox_messages(&inbox, &f, on_message, &seen));
	part(&b, 5, SLICE("d"));
	parse(&b, &f);
	assert_false(reader_proto_inbox_messages(&inbox, &f, on_message, &seen));
	assert_int_equal(seen.messages, 0);
	reader_proto_inbox_free(&inbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_single_frames),
	    cmocka_unit_test(test_sightings),
	    cmocka_unit_test(test_looks_and_listings),
	    cmocka_unit_test(test_bad_source_is_refused),
	    cmocka_unit_test(test_batches_and_parts),
	    cmocka_unit_test(test_messages_taken_back),
	    cmocka_unit_test(test_bad_parts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
