/* Every frame of the control, helper and viewer protocols there and back, and refused when cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "wire/control_proto.h"
#include "wire/helper_proto.h"

static struct frame parse(const struct buffer *b, size_t fds)
{
	struct frame frame = {.fd_count = 0};

	assert_true(frame_parse(b->data, b->len, &frame));
	frame.fd_count = fds;
	for (size_t i = 0; i < fds; i++)
		frame.fds[i] = -1;
	return frame;
}

static struct frame cut(const struct frame *frame, size_t len)
{
	struct frame shorter = *frame;

	shorter.body = slice_first(frame->body, len);
	return shorter;
}

#define EQUAL(slice, text) assert_true(slice_is(slice, text))

static void test_role_config(void **state)
{
	BUFFER_AUTO struct buffer b = {0}, again = {0};
	ROLE_CONFIG_AUTO struct role_config in = {.privileged = true}, out = {0};
	struct frame frame;

	(void)state;
	role_config_set(&in, "http.listen", "127.0.0.1:0");
	role_config_set(&in, "http.listen", "127.0.0.1:8025");
	role_config_set(&in, "run.user", "");
	assert_true(role_config_set_fact(&in, "queue_directory", SLICE("/var/spool/postfix")));
	assert_false(role_config_set_fact(&in, "no_such_fact", SLICE("x")));
	in.facts.known = true;
	in.prefix = memory_strdup("docker exec -i mta");
	role_config_encode(&b, &in);
	frame = parse(&b, 0);
	assert_true(role_config_decode(&frame, &out));
	assert_string_equal(role_config_get(&out, "http.listen"), "127.0.0.1:8025");
	assert_string_equal(role_config_get(&out, "nothing"), "");
	assert_string_equal(role_config_fact(&out, "queue_directory"), "/var/spool/postfix");
	assert_string_equal(role_config_fact(&out, "maillog_file"), "");
	assert_null(role_config_fact(&out, "no_such_fact"));
	assert_string_equal(out.prefix, "docker exec -i mta");
	assert_true(out.privileged && out.facts.known);
	role_config_encode(&again, &out);
	assert_int_equal(again.len, b.len);
	assert_memory_equal(again.data, b.data, b.len);
	for (size_t len = 0; len < frame.body.len; len++) {
		struct frame shorter = cut(&frame, len);

		assert_false(role_config_decode(&shorter, &out));
	}
}

static void test_role_config_refuses_nul(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	ROLE_CONFIG_AUTO struct role_config in = {0}, out = {0};
	struct frame frame;

	(void)state;
	assert_true(role_config_set_fact(&in, "queue_directory", SLICE("/var\0/etc")));
	in.facts.queue_directory[0] = '/';
	role_config_encode(&b, &in);
	frame = parse(&b, 0);
	assert_true(role_config_decode(&frame, &out));
	/* The same bytes with a NUL inside the value. */
	char *at = memmem(b.data, b.len, "/var", 4);
	assert_non_null(at);
	at[2] = '\0';
	frame = parse(&b, 0);
	assert_false(role_config_decode(&frame, &out));
}

static void test_control_frames(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct control_peer peer = {CONTROL_ROLE_READER};
	struct control_listen listen = {CONTROL_LISTEN_UNIX, SLICE("/run/x.sock")};
	struct control_role_state role = {
	    CONTROL_ROLE_HELPER, true, 3, SLICE("killed by signal 9")};
	struct control_ready ready = {CONTROL_ROLE_SERVER, 1, 2, 3, 4, 5, 6, 7, true, false, 8},
			     back = {0};
	struct frame frame;

	(void)state;
	control_peer_encode(&b, &peer);
	frame = parse(&b, 1);
	peer.role = 0;
	assert_true(control_peer_decode(&frame, &peer));
	assert_int_equal(peer.role, CONTROL_ROLE_READER);
	frame.fd_count = 0;
	assert_false(control_peer_decode(&frame, &peer));
	control_listen_encode(&b, &listen);
	frame = parse(&b, 1);
	assert_true(control_listen_decode(&frame, &listen));
	EQUAL(listen.address, "/run/x.sock");
	control_role_state_encode(&b, &role);
	frame = parse(&b, 0);
	assert_true(control_role_state_decode(&frame, &role));
	EQUAL(role.detail, "killed by signal 9");
	control_ready_encode(&b, &ready);
	frame = parse(&b, 0);
	assert_true(control_ready_decode(&frame, &back));
	assert_true(back.role == ready.role && back.uid == 1 && back.gid == 2 && back.groups == 3);
	assert_true(back.cap_permitted == 4 && back.cap_effective == 5 && back.cap_bounding == 6);
	assert_true(
	    back.cap_ambient == 7 && back.no_new_privs && !back.dumpable && back.open_fds == 8);
}

static void test_list(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct helper_list list = {HELPER_QUEUE_BIT(QUEUE_DEFERRED), true};
	struct helper_record in = {QUEUE_HOLD, 0100700, -1, UINT64_MAX, 5,
				 SLICE("4dCzQ80sf8z1p3V6")},
			     out;
	struct helper_list_end end = {EACCES, SLICE("deferred/3"), 7};
	struct frame frame;
	struct cursor c;

	(void)state;
	helper_list_encode(&b, 9, &list);
	frame = parse(&b, 0);
	assert_true(helper_list_decode(&frame, &list));
	assert_int_equal(frame.request, 9);
	list.queues = 1u << QUEUE_DIRECTORIES;
	helper_list_encode(&b, 9, &list);
	frame = parse(&b, 0);
	assert_false(helper_list_decode(&frame, &list));
	frame_begin(&b, HELPER_LIST_BATCH, 9);
	helper_record_put(&b, &in);
	helper_record_put(&b, &in);
	frame = parse(&b, 0);
	c = frame_cursor(&frame);
	for (int i = 0; i < 2; i++) {
		assert_true(helper_record_get(&c, &out));
		EQUAL(out.name, "4dCzQ80sf8z1p3V6");
		assert_true(out.queue == in.queue && out.mode == in.mode && out.mtime_ns == -1 &&
			    out.inode == UINT64_MAX && out.size == 5);
	}
	assert_false(helper_record_get(&c, &out));
	assert_true(cursor_finished(&c));
	c = cursor_init(frame.body.data, frame.body.len - 1);
	assert_true(helper_record_get(&c, &out));
	assert_false(helper_record_get(&c, &out));
	assert_false(cursor_finished(&c));
	helper_list_end_encode(&b, 9, &end);
	frame = parse(&b, 0);
	assert_true(helper_list_end_decode(&frame, &end));
	assert_true(end.error == EACCES && end.records == 7);
}

static void test_open(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct slice ids[HELPER_OPEN_IDS_MAX + 1];
	struct helper_open open = {
	    HELPER_OPEN_MESSAGE, HELPER_QUEUE_ANY, {ids, HELPER_OPEN_IDS_MAX}};
	struct helper_opened opened = {ENOENT, HELPER_NO_FD, 0, 1,
				 {QUEUE_HOLD, 0100700, -5, 7, 9, {"", 0}}, SLICE("file"),
				 SLICE("")},
			     back;
	struct frame frame;
	struct cursor c;

	(void)state;
	for (size_t i = 0; i <= HELPER_OPEN_IDS_MAX; i++)
		ids[i] = SLICE("ABCDEF0123");
	helper_open_encode(&b, 1, &open);
	frame = parse(&b, 0);
	assert_true(helper_open_decode(&frame, &open));
	assert_int_equal(open.ids.count, HELPER_OPEN_IDS_MAX);
	EQUAL(open.ids.items[252], "ABCDEF0123");
	helper_strings_free(&open.ids);
	open = (struct helper_open){
	    HELPER_OPEN_MESSAGE_DEFER, QUEUE_HOLD, {ids, HELPER_OPEN_PAIRS_MAX + 1}};
	helper_open_encode(&b, 1, &open);
	frame = parse(&b, 0);
	assert_false(helper_open_decode(&frame, &open));
	assert_null(open.ids.items);
	frame_begin(&b, HELPER_OPENED, 1);
	helper_opened_put(&b, &opened);
	frame = parse(&b, 0);
	c = frame_cursor(&frame);
	assert_true(helper_opened_get(&c, &back));
	assert_true(back.error == ENOENT && back.fd == HELPER_NO_FD &&
		    back.record.queue == QUEUE_HOLD && back.defer_error == 0 &&
		    back.defer_fd == 1 && back.record.mode == 0100700 &&
		    back.record.mtime_ns == -5 && back.record.inode == 7 && back.record.size == 9);
	EQUAL(back.bytes, "file");
	assert_int_equal(back.defer_bytes.len, 0);
	assert_false(helper_opened_get(&c, &back));
	assert_true(cursor_finished(&c));
}

static void test_look(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct helper_look_id ids[HELPER_LOOK_IDS_MAX + 1];
	struct helper_look look = {ids, HELPER_LOOK_IDS_MAX}, out;
	struct helper_looked looked = {ENOENT, {HELPER_QUEUE_ANY, 0, 0, 0, 0, {"", 0}}}, back;
	struct frame frame;
	struct cursor c;

	(void)state;
	for (size_t i = 0; i <= HELPER_LOOK_IDS_MAX; i++)
		ids[i] =
		    (struct helper_look_id){QUEUE_CORRUPT, SLICE("0123456789ABCDEFGHIJKLMNopqr")};
	helper_look_encode(&b, 1, &look);
	frame = parse(&b, 0);
	assert_true(helper_look_decode(&frame, &out));
	assert_true(out.count == HELPER_LOOK_IDS_MAX && out.ids[999].queue == QUEUE_CORRUPT);
	EQUAL(out.ids[999].id, "0123456789ABCDEFGHIJKLMNopqr");
	helper_look_free(&out);
	frame.body.len--;
	assert_false(helper_look_decode(&frame, &out));
	assert_null(out.ids);
	look.count++;
	helper_look_encode(&b, 1, &look);
	frame = parse(&b, 0);
	assert_false(helper_look_decode(&frame, &out));
	look.count = 0;
	helper_look_encode(&b, 1, &look);
	frame = parse(&b, 0);
	assert_false(helper_look_decode(&frame, &out));
	look.count = 1;
	ids[0].queue = QUEUE_DEFER_LOGS;
	helper_look_encode(&b, 1, &look);
	frame = parse(&b, 0);
	assert_false(helper_look_decode(&frame, &out));

	frame_begin(&b, HELPER_LOOKED, 1);
	for (int i = 0; i < HELPER_LOOK_IDS_MAX; i++)
		helper_looked_put(&b, &looked);
	frame = parse(&b, 0);
	c = frame_cursor(&frame);
	assert_true(helper_looked_get(&c, &back) && back.error == ENOENT);
	looked = (struct helper_looked){0, {QUEUE_CORRUPT, 0100700, -1, UINT64_MAX, 5, {"", 0}}};
	frame_begin(&b, HELPER_LOOKED, 1);
	helper_looked_put(&b, &looked);
	looked.record.queue = HELPER_QUEUE_ANY; /* found, and nowhere */
	helper_looked_put(&b, &looked);
	frame = parse(&b, 0);
	c = frame_cursor(&frame);
	assert_true(helper_looked_get(&c, &back) && back.record.mtime_ns == -1 &&
		    back.record.inode == UINT64_MAX && back.record.size == 5 &&
		    back.record.mode == 0100700 && back.record.queue == QUEUE_CORRUPT);
	assert_false(helper_looked_get(&c, &back));
	assert_false(cursor_finished(&c));
}

static bool watch_goes_through(uint8_t queue, struct slice path)
{
	BUFFER_AUTO struct buffer b = {0};
	struct helper_watch watch = {false, queue, path}, out;
	struct helper_watched watched = {7, queue, path}, back;
	struct frame frame;
	struct cursor c;
	bool ok;

	helper_watch_encode(&b, 3, &watch);
	frame = parse(&b, 0);
	ok = helper_watch_decode(&frame, &out) && out.queue == queue && slice_equal(out.path, path);
	frame_begin(&b, HELPER_WATCHES, 3);
	helper_watched_put(&b, &watched);
	frame = parse(&b, 0);
	c = frame_cursor(&frame);
	/* Question and answer have one grammar. */
	assert_true(ok == (helper_watched_get(&c, &back) && cursor_finished(&c)));
	assert_true(!ok || (back.descriptor == 7 && slice_equal(back.path, path)));
	return ok;
}

static void test_watch(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct helper_watch_end end = {ENOSPC, SLICE("too many"), 9}, back;
	struct frame frame;

	(void)state;
	assert_true(watch_goes_through(HELPER_QUEUE_ANY, SLICE("")));
	assert_true(watch_goes_through(QUEUE_DEFERRED, SLICE("")));
	assert_true(watch_goes_through(QUEUE_INCOMING, SLICE("A")));
	assert_true(watch_goes_through(QUEUE_BOUNCE_LOGS, SLICE("z/_/0")));
	assert_true(watch_goes_through(QUEUE_HOLD, SLICE("1/2/3/4/5/6/7/8")));
	assert_false(watch_goes_through(QUEUE_HOLD, SLICE("1/2/3/4/5/6/7/8/9")));
	assert_false(watch_goes_through(HELPER_QUEUE_ANY, SLICE("A")));
	assert_true(watch_goes_through(QUEUE_DEFER_LOGS, SLICE("")));
	assert_false(watch_goes_through(QUEUE_DIRECTORIES, SLICE("")));
	assert_false(watch_goes_through(QUEUE_HOLD, SLICE("A/")));
	assert_false(watch_goes_through(QUEUE_HOLD, SLICE("AB")));
	assert_false(watch_goes_through(QUEUE_HOLD, SLICE("AB/")));
	assert_false(watch_goes_through(QUEUE_HOLD, SLICE(".")));
	assert_false(watch_goes_through(QUEUE_HOLD, SLICE("../")));
	assert_false(watch_goes_through(QUEUE_HOLD, SLICE("A/.")));
	assert_false(watch_goes_through(QUEUE_HOLD, SLICE("///")));
	assert_false(watch_goes_through(QUEUE_HOLD, SLICE("A\0B")));
	for (int some = 0; some < 2; some++) {
		struct helper_watch watch = {true, some ? QUEUE_HOLD : HELPER_QUEUE_ANY, SLICE("")};

		helper_watch_encode(&b, 3, &watch);
		frame = parse(&b, 0);
		assert_true(helper_watch_decode(&frame, &watch) == !some);
	}
	helper_watch_end_encode(&b, 3, &end);
	frame = parse(&b, 0);
	assert_true(helper_watch_end_decode(&frame, &back));
	assert_true(back.error == ENOSPC && back.watches == 9);
	EQUAL(back.text, "too many");
}

static void test_run(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct slice ids[] = {SLICE("ABCDEF"), SLICE("")};
	struct helper_setting settings[] = {{SLICE("queue_run_delay"), SLICE("300s")}};
	struct helper_run in = {77, HELPER_VERB_DELETE, true, 2, {ids, 2}, settings, 1}, out = {0};
	struct frame frame;

	(void)state;
	helper_run_encode(&b, 5, &in);
	frame = parse(&b, 0);
	assert_true(helper_run_decode(&frame, &out));
	assert_true(
	    out.token == 77 && out.verb == HELPER_VERB_DELETE && out.hold_only && out.form == 2);
	EQUAL(out.ids.items[0], "ABCDEF");
	EQUAL(out.settings[0].value, "300s");
	helper_run_free(&out);
	for (size_t len = 0; len < frame.body.len; len++) {
		struct frame shorter = cut(&frame, len);

		assert_false(helper_run_decode(&shorter, &out));
	}
	in.token = 0;
	helper_run_encode(&b, 5, &in);
	frame = parse(&b, 0);
	assert_false(helper_run_decode(&frame, &out));
	in = (struct helper_run){.token = 1, .verb = HELPER_VERBS};
	helper_run_encode(&b, 5, &in);
	frame = parse(&b, 0);
	assert_false(helper_run_decode(&frame, &out));
}

static void test_run_answers(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct helper_output output = {2, SLICE("postsuper: ABCDEF: removed\n")};
	struct helper_exit end = {-1, 9, true, true, 1234};
	struct helper_retried retried = {3, SLICE("\0\1\3")};
	struct helper_token token = {5};
	struct helper_refused refused;
	struct frame frame;

	(void)state;
	helper_output_encode(&b, 5, &output);
	frame = parse(&b, 0);
	assert_true(helper_output_decode(&frame, &output));
	output.stream = 3;
	helper_output_encode(&b, 5, &output);
	frame = parse(&b, 0);
	assert_false(helper_output_decode(&frame, &output));
	helper_exit_encode(&b, 5, &end);
	frame = parse(&b, 0);
	assert_true(helper_exit_decode(&frame, &end));
	assert_true(
	    end.status == -1 && end.signal == 9 && end.deadline && end.cut && end.took_ms == 1234);
	helper_retried_encode(&b, 5, &retried);
	frame = parse(&b, 0);
	assert_true(helper_retried_decode(&frame, &retried));
	assert_int_equal(retried.statuses.len, 3);
	retried.first = HELPER_RUN_IDS_MAX - 2;
	helper_retried_encode(&b, 5, &retried);
	frame = parse(&b, 0);
	assert_false(helper_retried_decode(&frame, &retried));
	helper_token_encode(&b, HELPER_RECALL, 6, &token);
	frame = parse(&b, 0);
	assert_true(helper_token_decode(&frame, &token));
	helper_refused_encode(&b, 6, "busy", "later");
	frame = parse(&b, 0);
	assert_true(helper_refused_decode(&frame, &refused));
	EQUAL(refused.code, "busy");
}

static void test_log(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct helper_log_file file[] = {
	    {SLICE("mail.log"), 1, 2, 3}, {SLICE("mail.log.1"), 4, 5, 6}};
	struct helper_log_files files = {HELPER_LOG_PLAIN, SLICE("/var/log/mail.log"), file, 2};
	struct helper_log_open open = {SLICE("mail.log.1")};
	struct helper_log_command command = {100, true};
	struct frame frame;

	(void)state;
	helper_log_files_encode(&b, 1, &files);
	frame = parse(&b, 0);
	assert_true(helper_log_files_decode(&frame, &files));
	EQUAL(files.files[1].name, "mail.log.1");
	assert_true(files.count == 2 && files.files[1].mtime_ns == 6);
	free(files.files);
	frame = cut(&frame, frame.body.len - 1);
	assert_false(helper_log_files_decode(&frame, &files));
	assert_null(files.files);
	helper_log_open_encode(&b, 1, &open);
	frame = parse(&b, 0);
	assert_true(helper_log_open_decode(&frame, &open));
	helper_log_command_encode(&b, 1, &command);
	frame = parse(&b, 0);
	assert_true(helper_log_command_decode(&frame, &command));
	assert_true(command.since == 100 && command.follow);
}

static void test_state(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct helper_view view = {
	    HELPER_QUEUE_ANY, SLICE("ABCDEF"), VIEWER_MODE_PART, 3, {10, 20}};
	struct helper_qmgr qmgr = {true, true, 12, 34, 35, 56, 78};
	struct helper_status status = {.root = true,
				 .showq = true,
				 .running_since = 5,
				 .bytes_free = 6,
				 .bytes = 7,
				 .inodes_free = -1,
				 .inodes = 9},
			     back;
	struct frame frame;

	(void)state;
	helper_view_encode(&b, 1, &view);
	frame = parse(&b, 0);
	assert_true(helper_view_decode(&frame, &view));
	assert_true(view.part == 3 && view.limits.total_bytes == 20);
	helper_qmgr_encode(&b, 1, &qmgr);
	frame = parse(&b, 0);
	assert_true(helper_qmgr_decode(&frame, &qmgr));
	assert_true(qmgr.alive && qmgr.pid == 12 && qmgr.started_us == 34 &&
		    qmgr.started_boot_us == 35 && qmgr.master_pid == 56 &&
		    qmgr.master_started_us == 78);
	problem_add(&status.problems, PROBLEM_PARTIAL, "showq_down", "no answer", "postfix start");
	helper_status_encode(&b, 1, &status);
	frame = parse(&b, 0);
	assert_true(helper_status_decode(&frame, &back));
	assert_true(back.root && back.showq && !back.spool && back.problems.count == 1);
	assert_true(back.running_since == 5 && back.bytes_free == 6 && back.bytes == 7 &&
		    back.inodes_free == -1 && back.inodes == 9);
	assert_string_equal(problem_find(&back.problems, "showq_down")->fix, "postfix start");
	problem_list_move(&status.problems, &back.problems);
	assert_int_equal(status.problems.count, 2);
	problem_list_free(&status.problems);
	for (size_t len = 0; len < frame.body.len; len++) {
		struct frame shorter = cut(&frame, len);

		assert_false(helper_status_decode(&shorter, &back));
	}
}

static void test_viewer(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct viewer_start start = {VIEWER_MODE_RAW, VIEWER_SOURCE_RFC822, 1, {2, 3}};
	struct viewer_header header = {SLICE("Subject"), SLICE("a"), SLICE(" a\n"), true};
	struct viewer_hop hop = {
	    .from = SLICE("a"), .for_ = SLICE("b"), .has_time = true, .time = -1};
	struct viewer_part part = {
	    .number = 4, .parent = 3, .depth = 2, .type = SLICE("text/html"), .size = 9};
	struct viewer_text text = {4, true, false, true, SLICE("x")};
	struct viewer_bytes bytes = {SLICE("\0\1")};
	struct viewer_note note = {SLICE("parts_cut"), SLICE("more than 1,000 parts")};
	struct viewer_end end = {99, true};
	struct frame frame;

	(void)state;
	viewer_start_encode(&b, &start);
	frame = parse(&b, 1);
	assert_true(viewer_start_decode(&frame, &start));
	assert_true(start.limits.total_bytes == 3);
	viewer_header_encode(&b, &header);
	frame = parse(&b, 0);
	assert_true(viewer_header_decode(&frame, &header) && header.cut);
	viewer_hop_encode(&b, &hop);
	frame = parse(&b, 0);
	assert_true(viewer_hop_decode(&frame, &hop) && hop.has_time && hop.time == -1);
	EQUAL(hop.for_, "b");
	viewer_part_encode(&b, &part);
	frame = parse(&b, 0);
	assert_true(viewer_part_decode(&frame, &part) && part.depth == 2 && part.size == 9);
	viewer_text_encode(&b, &text);
	frame = parse(&b, 0);
	assert_true(viewer_text_decode(&frame, &text) && text.last && !text.cut && text.damaged);
	viewer_bytes_encode(&b, &bytes);
	frame = parse(&b, 0);
	assert_true(viewer_bytes_decode(&frame, &bytes) && bytes.bytes.len == 2);
	viewer_note_encode(&b, VIEWER_FAILED, &note);
	frame = parse(&b, 0);
	assert_true(viewer_note_decode(&frame, &note));
	viewer_end_encode(&b, &end);
	frame = parse(&b, 0);
	assert_true(viewer_end_decode(&frame, &end) && end.cut && end.message_bytes == 99);
	assert_false(viewer_note_decode(&frame, &note));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_role_config),
	    cmocka_unit_test(test_role_config_refuses_nul),
	    cmocka_unit_test(test_control_frames),
	    cmocka_unit_test(test_list),
	    cmocka_unit_test(test_open),
	    cmocka_unit_test(test_look),
	    cmocka_unit_test(test_watch),
	    cmocka_unit_test(test_run),
	    cmocka_unit_test(test_run_answers),
	    cmocka_unit_test(test_log),
	    cmocka_unit_test(test_state),
	    cmocka_unit_test(test_viewer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
