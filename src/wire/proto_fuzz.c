/* One packet as it may come over a control, helper or viewer channel. Input: u8 count of
 * descriptors, then the packet. Whatever decodes is encoded again and must give the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/control_proto.h"
#include "wire/helper_proto.h"
#include "wire/viewer_proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice packet;

static void same(const struct buffer *again)
{
	if (again->len != packet.len || memcmp(again->data, packet.data, packet.len) != 0)
		abort();
}

/* Events have no number: what is encoded again has none. */
static void same_event(const struct frame *frame, const struct buffer *again)
{
	if (frame->request == 0)
		same(again);
}

#define EVENT_ROUND_TRIP(type)                                                                     \
	do {                                                                                       \
		struct type value;                                                                 \
		if (type##_decode(frame, &value)) {                                                \
			type##_encode(b, &value);                                                  \
			same_event(frame, b);                                                      \
		}                                                                                  \
	} while (0)

/* Not the same bytes where a key came twice; encoded once, it is. */
static void same_config(const struct role_config *config, struct buffer *b)
{
	ROLE_CONFIG_AUTO struct role_config again = {0};
	BUFFER_AUTO struct buffer second = {0};
	struct frame frame;

	role_config_encode(b, config);
	if (!frame_parse(b->data, b->len, &frame) || !role_config_decode(&frame, &again))
		abort();
	role_config_encode(&second, &again);
	if (!slice_equal(buffer_slice(b), buffer_slice(&second)))
		abort();
}

static void control(const struct frame *frame, struct buffer *b)
{
	ROLE_CONFIG_AUTO struct role_config config = {0};

	if (role_config_decode(frame, &config))
		same_config(&config, b);
	EVENT_ROUND_TRIP(control_peer);
	EVENT_ROUND_TRIP(control_listen);
	EVENT_ROUND_TRIP(control_role_state);
	EVENT_ROUND_TRIP(control_ready);
}

#define ROUND_TRIP(type)                                                                           \
	do {                                                                                       \
		struct type value;                                                                 \
		if (type##_decode(frame, &value)) {                                                \
			type##_encode(b, r, &value);                                               \
			same(b);                                                                   \
		}                                                                                  \
	} while (0)

static void helper_answers(const struct frame *frame, struct buffer *b)
{
	uint32_t r = frame->request;
	struct helper_status status;
	struct helper_log_files files;
	struct helper_record record;
	struct helper_opened opened;
	struct helper_looked looked;
	struct helper_watched watched;
	struct cursor c;

	ROUND_TRIP(helper_list_end);
	ROUND_TRIP(helper_output);
	ROUND_TRIP(helper_exit);
	ROUND_TRIP(helper_retried);
	ROUND_TRIP(helper_qmgr);
	ROUND_TRIP(helper_watch_end);
	if (helper_status_decode(frame, &status)) {
		helper_status_encode(b, r, &status);
		same(b);
		problem_list_free(&status.problems);
	}
	if (helper_log_files_decode(frame, &files)) {
		helper_log_files_encode(b, r, &files);
		same(b);
		free(files.files);
	}
	c = frame_cursor(frame);
	frame_begin(b, frame->type, r);
	while (helper_record_get(&c, &record))
		helper_record_put(b, &record);
	if (cursor_finished(&c))
		same(b);
	c = frame_cursor(frame);
	frame_begin(b, frame->type, r);
	while (helper_opened_get(&c, &opened))
		helper_opened_put(b, &opened);
	if (cursor_finished(&c))
		same(b);
	c = frame_cursor(frame);
	frame_begin(b, frame->type, r);
	while (helper_looked_get(&c, &looked))
		helper_looked_put(b, &looked);
	if (cursor_finished(&c))
		same(b);
	c = frame_cursor(frame);
	frame_begin(b, frame->type, r);
	while (helper_watched_get(&c, &watched))
		helper_watched_put(b, &watched);
	if (cursor_finished(&c))
		same(b);
}

static void helper_questions(const struct frame *frame, struct buffer *b)
{
	uint32_t r = frame->request;
	struct helper_open open;
	struct helper_look look;
	struct helper_run run = {0};
	struct helper_token token;

	ROUND_TRIP(helper_list);
	ROUND_TRIP(helper_log_open);
	ROUND_TRIP(helper_log_command);
	ROUND_TRIP(helper_view);
	ROUND_TRIP(helper_watch);
	if (helper_look_decode(frame, &look)) {
		helper_look_encode(b, r, &look);
		same(b);
		helper_look_free(&look);
	}
	if (helper_open_decode(frame, &open)) {
		helper_open_encode(b, r, &open);
		same(b);
		helper_strings_free(&open.ids);
	}
	if (helper_run_decode(frame, &run)) {
		helper_run_encode(b, r, &run);
		same(b);
		helper_run_free(&run);
	}
	if (helper_token_decode(frame, &token)) {
		helper_token_encode(b, (enum helper_type)frame->type, r, &token);
		same(b);
	}
}

static void viewer(const struct frame *frame, struct buffer *b)
{
	struct viewer_note note;

	EVENT_ROUND_TRIP(viewer_start);
	EVENT_ROUND_TRIP(viewer_header);
	EVENT_ROUND_TRIP(viewer_hop);
	EVENT_ROUND_TRIP(viewer_part);
	EVENT_ROUND_TRIP(viewer_text);
	EVENT_ROUND_TRIP(viewer_bytes);
	EVENT_ROUND_TRIP(viewer_end);
	if (viewer_note_decode(frame, &note)) {
		viewer_note_encode(b, (enum viewer_type)frame->type, &note);
		same_event(frame, b);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer b = {0};
	struct frame frame;

	if (size == 0)
		return 0;
	packet = slice_make(data + 1, size - 1);
	if (!frame_parse(packet.data, packet.len, &frame))
		return 0;
	frame.fd_count = data[0] % 3;
	for (size_t i = 0; i < frame.fd_count; i++)
		frame.fds[i] = -1;
	control(&frame, &b);
	helper_questions(&frame, &b);
	helper_answers(&frame, &b);
	viewer(&frame, &b);
	return 0;
}
