/* The whole viewer, in a process of its own with its limits, as the helper starts it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "viewer/charset.h"
#include "viewer/received.h"
#include "viewer/viewer.h"
#include "wire/channel.h"
#include "wire/viewer_proto.h"

#define NOBODY 65534

static int file_of(struct slice bytes)
{
	char path[] = "/tmp/viewer-test-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	assert_true(fd_write_all(fd, bytes.data, bytes.len));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void put_record(struct buffer *b, char type, struct slice data)
{
	size_t rest = data.len;

	buffer_append_char(b, type);
	do
		buffer_append_char(b, (char)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0)));
	while ((rest >>= 7) > 0);
	buffer_append_slice(b, data);
}

/* A queue file around a message, one record a line. */
static void queue_file(struct buffer *b, struct slice message)
{
	struct slice line;

	put_record(b, 'T', SLICE("1795326370 0"));
	put_record(b, 'S', SLICE("a@shop.example"));
	put_record(b, 'R', SLICE("b@mail.example"));
	put_record(b, 'M', SLICE(""));
	while (message.len > 0 && slice_split(&message, '\n', &line))
		put_record(b, 'N', line);
	put_record(b, 'X', SLICE(""));
	put_record(b, 'E', SLICE(""));
}

static void dump_frame(struct buffer *out, const struct frame *f)
{
	struct viewer_header header;
	struct viewer_hop hop;
	struct viewer_part part;
	struct viewer_text text;
	struct viewer_bytes bytes;
	struct viewer_note note;
	struct viewer_end end;

	if (f->type == VIEWER_HEADER && viewer_header_decode(f, &header))
		buffer_printf(out, "header %.*s=%.*s%s\n", SLICE_ARGS(header.name),
		    SLICE_ARGS(header.value), header.cut ? " cut" : "");
	else if (f->type == VIEWER_HOP && viewer_hop_decode(f, &hop))
		buffer_printf(out,
		    "hop from=%.*s by=%.*s with=%.*s id=%.*s for=%.*s delay=%lld%s\n",
		    SLICE_ARGS(hop.from), SLICE_ARGS(hop.by), SLICE_ARGS(hop.with),
		    SLICE_ARGS(hop.id), SLICE_ARGS(hop.for_), (long long)hop.delay,
		    hop.has_delay ? "" : " unknown");
	else if (f->type == VIEWER_PART && viewer_part_decode(f, &part))
		buffer_printf(out,
		    "part %u<%u %.*s name=%.*s disposition=%.*s charset=%.*s size=%llu%s\n",
		    part.number, part.parent, SLICE_ARGS(part.type), SLICE_ARGS(part.name),
		    SLICE_ARGS(part.disposition), SLICE_ARGS(part.charset),
		    (unsigned long long)part.size, part.container ? " container" : "");
	else if (f->type == VIEWER_TEXT && viewer_text_decode(f, &text))
		buffer_printf(out, "text %u %.*s%s%s%s\n", text.part, SLICE_ARGS(text.text),
		    text.last ? " last" : "", text.cut ? " cut" : "",
		    text.damaged ? " damaged" : "");
	else if (f->type == VIEWER_BYTES && viewer_bytes_decode(f, &bytes))
		buffer_printf(out, "bytes %.*s\n", SLICE_ARGS(bytes.bytes));
	else if ((f->type == VIEWER_NOTE || f->type == VIEWER_FAILED) &&
		 viewer_note_decode(f, &note))
		buffer_printf(out, "%s %.*s\n", f->type == VIEWER_NOTE ? "note" : "failed",
		    SLICE_ARGS(note.code));
	else if (f->type == VIEWER_END && viewer_end_decode(f, &end))
		buffer_printf(out, "end %llu%s\n", (unsigned long long)end.message_bytes,
		    end.cut ? " cut" : "");
	else
		fail_msg("a frame of type %d that does not decode", f->type);
}

static _Noreturn void run_viewer(int fd)
{
	if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
		_exit(9);
	_exit(viewer_main(fd));
}

/* What the viewer says of the message in `fd`, a line for each frame. Closes `fd`. */
static void view(struct buffer *out, int fd, struct viewer_start start)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct channel *channel;
	struct frame received;
	int fds[2], status;
	pid_t pid;

	assert_true(channel_pair(fds, NULL));
	channel = channel_create(fds[0]);
	viewer_start_encode(&frame, &start);
	assert_true(channel_send(channel, &frame, &fd, 1));
	fd_close(&fd);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		channel_destroy(&channel);
		run_viewer(fds[1]);
	}
	fd_close(&fds[1]);
	for (;;) {
		enum channel_result result = channel_receive(channel, &received);

		if (result == CHANNEL_CLOSED)
			break;
		if (result == CHANNEL_EMPTY) {
			channel_wait(channel, -1);
			continue;
		}
		assert_int_equal(result, CHANNEL_FRAME);
		dump_frame(out, &received);
		frame_close(&received);
	}
	channel_destroy(&channel);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
}

static void view_message(
    struct buffer *out, struct slice message, enum viewer_mode mode, uint32_t part)
{
	BUFFER_AUTO struct buffer file = {0};
	struct viewer_start start = {
	    .mode = mode, .source = VIEWER_SOURCE_QUEUE_FILE, .part = part};

	queue_file(&file, message);
	view(out, file_of(buffer_slice(&file)), start);
}

static void expect_line(struct buffer *out, const char *line)
{
	if (strstr(buffer_string(out), line) == NULL)
		fail_msg("no line «%s» in:\n%.3000s", line, buffer_string(out));
}

static const char mixed[] =
    "Received: from client.example (client.example [198.51.100.7])\n"
    "\tby mail.example (Postfix) with ESMTPS id ABC123\n"
    "\tfor <b@mail.example>; Sun, 22 Nov 2026 08:00:30 +0000 (UTC)\n"
    "Received: by client.example id 7; Sun, 22 Nov 2026 09:00:00 +0100\n"
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= =?iso-8859-1?q?_aus_K=F6ln?=\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/mixed; boundary=x\n"
    "\n"
    "--x\n"
    "Content-Type: multipart/alternative; boundary=y\n"
    "\n"
    "--y\n"
    "Content-Type: text/plain; charset=iso-8859-1\n"
    "Content-Transfer-Encoding: quoted-printable\n"
    "\n"
    "sch=F6n\n"
    "--y\n"
    "Content-Type: text/html; charset=utf-8\n"
    "\n"
    "<b>sch\xc3\xb6n</b>\n"
    "--y--\n"
    "--x\n"
    "Content-Type: application/pdf\n"
    "Content-Disposition: attachment; filename*=utf-8''..%2F..%2FRechnung%20%C3%BC.pdf\n"
    "Content-Transfer-Encoding: base64\n"
    "\n"
    "aGVsbG8gd29ybGQ=\n"
    "--x--\n";

static void test_content(void **state)
{
	BUFFER_AUTO struct buffer out = {0};

	(void)state;
	view_message(&out, slice_of(mixed), VIEWER_MODE_CONTENT, 0);
	expect_line(&out, "header Subject=Grüße aus Köln\n");
	expect_line(&out,
	    "hop from=client.example (client.example [198.51.100.7]) by=mail.example with=ESMTPS "
	    "id=ABC123 for=<b@mail.example> delay=30\n");
	expect_line(&out, "hop from= by=client.example with= id=7 for= delay=0 unknown\n");
	expect_line(
	    &out, "part 0<0 multipart/mixed name= disposition= charset= size=0 container\n");
	expect_line(&out, "part 1<0 multipart/alternative");
	expect_line(&out, "part 2<1 text/plain name= disposition= charset=iso-8859-1 size=5\ntext "
			  "2 schön last\n");
	expect_line(&out, "text 3 <b>schön</b> last\n");
	expect_line(&out, "part 4<0 application/pdf name=Rechnung ü.pdf disposition=attachment "
			  "charset= size=11\nend ");
}

static void test_one_part_and_raw(void **state)
{
	BUFFER_AUTO struct buffer out = {0};

	(void)state;
	view_message(&out, slice_of(mixed), VIEWER_MODE_PART, 4);
	expect_line(&out, "part 4<0 application/pdf");
	expect_line(&out, "bytes hello world\nend ");
	buffer_clear(&out);
	view_message(&out, slice_of(mixed), VIEWER_MODE_PART, 5);
	expect_line(&out, "failed no_such_part\n");
	buffer_clear(&out);
	view_message(&out, slice_of(mixed), VIEWER_MODE_RAW, 0);
	assert_memory_equal(out.data, "bytes Received: from client", 27);
	expect_line(&out, "--x--\n");
}

static void test_damaged_files(void **state)
{
	static const char *const bad[] = {"", "T", "M\xff\xff\xff\xff\xff\xff", "S\x01",
	    "M\0N\x05"
	    "ab",
	    "p\x0f              0p\x0f              0E\0"};
	struct viewer_start start = {
	    .mode = VIEWER_MODE_CONTENT, .source = VIEWER_SOURCE_QUEUE_FILE};
	BUFFER_AUTO struct buffer file = {0}, out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buffer_clear(&out);
		view(&out, file_of(slice_of(bad[i])), start);
		expect_line(&out, "failed damaged_file\n");
	}
	/* A pointer that leads back to itself. */
	put_record(&file, 'M', SLICE(""));
	put_record(&file, 'N', SLICE("Subject: round and round"));
	put_record(&file, 'p', SLICE("              2"));
	buffer_clear(&out);
	view(&out, file_of(buffer_slice(&file)), start);
	expect_line(&out, "note damaged_file\n");
	expect_line(&out, "header Subject=round and round\n");
}

static void test_bounds_are_said(void **state)
{
	BUFFER_AUTO struct buffer message = {0}, out = {0};

	(void)state;
	for (int i = 0; i < 60; i++)
		buffer_printf(
		    &message, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	buffer_append_string(&message, "\nhello\n");
	view_message(&out, buffer_slice(&message), VIEWER_MODE_CONTENT, 0);
	expect_line(&out, "note depth_cut\n");

	buffer_clear(&message);
	buffer_clear(&out);
	buffer_append_string(&message, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (int i = 0; i < 100000; i++)
		buffer_append_string(&message, "--b\n\nx\n");
	buffer_append_string(&message, "--b--\n");
	view_message(&out, buffer_slice(&message), VIEWER_MODE_CONTENT, 0);
	expect_line(&out, "note parts_cut\n");

	buffer_clear(&message);
	buffer_clear(&out);
	buffer_append_string(&message, "Subject: ");
	for (int i = 0; i < 10 << 20; i += 64)
		buffer_append_string(
		    &message, "0123456789012345678901234567890123456789012345678901234567890\n ");
	buffer_append_string(&message, "\n\nhello\n");
	view_message(&out, buffer_slice(&message), VIEWER_MODE_CONTENT, 0);
	expect_line(&out, "note header_cut\n");
	expect_line(&out, " cut\n");
	expect_line(&out, "end ");
}

static bool encode(const char *charset, const char *text, struct buffer *out)
{
	iconv_t convert = iconv_open(charset, "UTF-8");
	char *in = (char *)(uintptr_t)text, *to = buffer_reserve(out, 400), *end = to;
	size_t left = strlen(text), room = 400;
	bool ok = convert != (iconv_t)-1 && iconv(convert, &in, &left, &end, &room) == 0 &&
		  iconv(convert, NULL, NULL, &end, &room) == 0;

	if (ok)
		out->len += (size_t)(end - to);
	if (convert != (iconv_t)-1)
		iconv_close(convert);
	return ok;
}

static void append_base64(struct buffer *out, struct slice bytes)
{
	static const char digit[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes.len; i += 3) {
		uint32_t group = 0;

		for (size_t j = 0; j < 3; j++)
			group =
			    group << 8 | (i + j < bytes.len ? (unsigned char)bytes.data[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			buffer_append_char(
			    out, i + j > bytes.len ? '=' : digit[group >> (18 - 6 * j) & 63]);
	}
	buffer_append_char(out, '\n');
}

/* A text in each character set, encoded by the C library here and decoded by the viewer there. */
static void test_every_character_set(void **state)
{
	static const char *const samples[] = {"Grüße", "Łódź", "Ħobż", "Ķēniņš", "Привіт", "Привет",
	    "مرحبا", "Ελλάδα", "שלום", "สวัสดี", "日本語", "中文", "한국어", "Tiếng", "Tiê´ng", "ðe",
	    "ŵy"};

	(void)state;
	for (size_t i = 0; charset_name(i) != NULL; i++) {
		BUFFER_AUTO struct buffer message = {0}, text = {0}, out = {0}, expected = {0};
		const char *name = charset_name(i);
		size_t s = 0, count = sizeof(samples) / sizeof(samples[0]);

		while (s < count && !encode(name, samples[s], &text))
			s++;
		if (s == count)
			fail_msg("no sample fits into %s", name);
		buffer_printf(&message,
		    "Content-Type: text/plain; charset=\"%s\"\nContent-Transfer-Encoding: "
		    "base64\n\n",
		    name);
		append_base64(&message, buffer_slice(&text));
		view_message(&out, buffer_slice(&message), VIEWER_MODE_CONTENT, 0);
		buffer_printf(&expected, "text 0 %s last\n", samples[s]);
		if (strstr(buffer_string(&out), buffer_string(&expected)) == NULL)
			fail_msg("%s: %s", name, buffer_string(&out));
	}
}

static void test_unknown_character_sets(void **state)
{
	BUFFER_AUTO struct buffer out = {0};

	(void)state;
	view_message(&out, SLICE("Content-Type: text/plain; charset=x-klingon\n\nna\xefve \x80\n"),
	    VIEWER_MODE_CONTENT, 0);
	expect_line(&out, "text 0 naïve €\n last damaged\n");
	buffer_clear(&out);
	view_message(&out,
	    SLICE("Content-Type: text/plain; charset=utf-8\n\na\xff"
		  "b\n"),
	    VIEWER_MODE_CONTENT, 0);
	expect_line(&out, "text 0 a\xef\xbf\xbd"
			  "b\n last damaged\n");
	buffer_clear(&out);
	view_message(&out, SLICE("Subject: x\n\n\xc3\xa9t\xc3\xa9\n"), VIEWER_MODE_CONTENT, 0);
	expect_line(&out, "text 0 été\n last\n");
}

static void test_received_without_clauses(void **state)
{
	struct received r =
	    received_parse(SLICE("from a (b (c; d)) by e (f); Sun, 22 Nov 2026 08:00:30 +0000"));

	(void)state;
	assert_true(slice_is(r.from, "a (b (c; d))"));
	assert_true(slice_is(r.by, "e"));
	assert_true(slice_is(r.date, "Sun, 22 Nov 2026 08:00:30 +0000"));
	r = received_parse(SLICE("(((((("));
	assert_int_equal(r.from.len + r.by.len + r.date.len, 0);
	r = received_parse(SLICE(""));
	assert_int_equal(r.from.len + r.by.len + r.date.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_content),
	    cmocka_unit_test(test_one_part_and_raw),
	    cmocka_unit_test(test_damaged_files),
	    cmocka_unit_test(test_bounds_are_said),
	    cmocka_unit_test(test_every_character_set),
	    cmocka_unit_test(test_unknown_character_sets),
	    cmocka_unit_test(test_received_without_clauses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
