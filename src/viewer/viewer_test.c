/* The viewer in a process of its own, with the bounds and the user that the helper gives it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <grp.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/charset.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "viewer/hops.h"
#include "viewer/viewer.h"
#include "wire/channel.h"
#include "wire/viewer_proto.h"

#define WAIT_MS 30000
#define NOBODY 65534
#define PARTS 8

/* What came back. */
struct seen {
	unsigned headers, hops, parts, texts, notes;
	struct buffer subject, raw_subject, text, bytes, note_codes, types, names, first_from;
	struct viewer_hop last_hop;
	struct viewer_part part[PARTS];
	int64_t first_delay;
	uint64_t total;
	bool end, failed, cut, damaged, text_cut;
	int status;
};

static void become(int control)
{
	struct rlimit memory = {(rlim_t)1 << 30, (rlim_t)1 << 30}, seconds = {20, 20},
		      files = {64, 64};

	if (geteuid() == 0 &&
	    (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
		_exit(99);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!MEMORY_SANITIZED)
		setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_CPU, &seconds);
	setrlimit(RLIMIT_NOFILE, &files);
	log_init("viewer", LOG_LEVEL_ERROR);
	_exit(viewer_main(control));
}

static void take_note(struct seen *seen, const struct frame *frame)
{
	struct viewer_note note;

	assert_true(viewer_note_decode(frame, &note));
	buffer_append_slice(&seen->note_codes, note.code);
	buffer_append_char(&seen->note_codes, ' ');
	seen->notes++;
}

static void take_header(struct seen *seen, const struct frame *frame)
{
	struct viewer_header header;

	assert_true(viewer_header_decode(frame, &header));
	assert_true(utf8_valid(header.name) && utf8_valid(header.value) && utf8_valid(header.raw));
	seen->headers++;
	if (!slice_equal_nocase(header.name, SLICE("subject")))
		return;
	buffer_append_slice(&seen->subject, header.value);
	buffer_append_slice(&seen->raw_subject, header.raw);
	seen->cut = seen->cut || header.cut;
}

static void take_part(struct seen *seen, const struct frame *frame)
{
	struct viewer_part part;

	assert_true(viewer_part_decode(frame, &part));
	if (seen->parts < PARTS)
		seen->part[seen->parts] = part; /* the numbers; its texts are gone with the frame */
	buffer_append_slice(&seen->types, part.type);
	buffer_append_char(&seen->types, ' ');
	buffer_append_slice(&seen->names, part.name);
	buffer_append_char(&seen->names, '|');
	seen->parts++;
}

static void take_text(struct seen *seen, const struct frame *frame)
{
	struct viewer_text text;

	assert_true(viewer_text_decode(frame, &text));
	assert_true(utf8_valid(text.text));
	buffer_append_slice(&seen->text, text.text);
	seen->texts += text.last;
	seen->damaged = seen->damaged || text.damaged;
	seen->text_cut = seen->text_cut || text.cut;
}

static void take_hop(struct seen *seen, const struct frame *frame)
{
	struct viewer_hop hop;

	assert_true(viewer_hop_decode(frame, &hop));
	if (seen->hops++ == 0) {
		buffer_append_slice(&seen->first_from, hop.from);
		seen->first_delay = hop.delay;
	}
}

static void take(struct seen *seen, const struct frame *frame)
{
	struct viewer_bytes bytes;
	struct viewer_end end;

	switch (frame->type) {
	case VIEWER_HEADER:
		take_header(seen, frame);
		break;
	case VIEWER_HOP:
		take_hop(seen, frame);
		break;
	case VIEWER_PART:
		take_part(seen, frame);
		break;
	case VIEWER_TEXT:
		take_text(seen, frame);
		break;
	case VIEWER_BYTES:
		assert_true(viewer_bytes_decode(frame, &bytes));
		buffer_append_slice(&seen->bytes, bytes.bytes);
		break;
	case VIEWER_END:
		assert_true(viewer_end_decode(frame, &end));
		seen->end = true;
		seen->total = end.message_bytes;
		seen->cut = seen->cut || end.cut;
		break;
	default:
		seen->failed = frame->type == VIEWER_FAILED;
		take_note(seen, frame);
	}
}

static void view_start(struct viewer_start start, int message, struct seen *seen)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct channel *channel;
	struct frame in;
	int fds[2];
	pid_t pid;

	memset(seen, 0, sizeof(*seen));
	assert_true(channel_pair(fds, NULL));
	channel = channel_create(fds[0]);
	viewer_start_encode(&frame, &start);
	assert_true(channel_send(channel, &frame, &message, 1));
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		become(fds[1]);
	}
	close(fds[1]);
	while (channel_wait(channel, WAIT_MS) && channel_receive(channel, &in) == CHANNEL_FRAME) {
		take(seen, &in);
		frame_close(&in);
	}
	channel_destroy(&channel);
	assert_int_equal(waitpid(pid, &seen->status, 0), pid);
}

static int file_of(struct slice bytes)
{
	char path[] = "/tmp/postroom-viewer-XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	assert_true(fd_write_all(fd, bytes.data, bytes.len));
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void view(struct slice message, enum viewer_mode mode, uint32_t part, struct seen *seen)
{
	FD_AUTO int fd = file_of(message);

	view_start((struct viewer_start){mode, VIEWER_SOURCE_RFC822, part, {0, 0}}, fd, seen);
}

static void forget(struct seen *seen)
{
	buffer_free(&seen->subject);
	buffer_free(&seen->raw_subject);
	buffer_free(&seen->text);
	buffer_free(&seen->bytes);
	buffer_free(&seen->note_codes);
	buffer_free(&seen->types);
	buffer_free(&seen->names);
	buffer_free(&seen->first_from);
}

static void expect_end(const struct seen *seen)
{
	assert_true(seen->end && !seen->failed);
	assert_true(WIFEXITED(seen->status) && WEXITSTATUS(seen->status) == 0);
}

#define HAS(buffer, text) (slice_find(buffer_slice(&(buffer)), slice_of(text)) >= 0)

/* ---- what people send ---- */

static const char mixed[] =
    "Received: from mx.shop.example (mx.shop.example [192.0.2.7])\n"
    "\tby mail.test (Postfix) with ESMTPS id 4dCzQ80sf8z1p3V6\n"
    "\tfor <anna@dest.example>; Sun, 22 Nov 2026 09:00:40 +0100 (CET)\n"
    "Received: from laptop ([198.51.100.9]) by mx.shop.example; Sun, 22 Nov 2026 08:00:10 +0000\n"
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n =?iso-2022-jp?b?GyRCRnxLXBsoQg==?=\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/mixed; boundary=\"b1\"\n"
    "\n"
    "--b1\n"
    "Content-Type: multipart/alternative; boundary=b2\n\n"
    "--b2\n"
    "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n"
    "caf=E9 =\ncr=E8me\n"
    "--b2\n"
    "Content-Type: text/html; charset=utf-8\n\n<b>hello</b><script>x</script>\n"
    "--b2--\n"
    "--b1\n"
    "Content-Type: application/pdf\n"
    "Content-Disposition: attachment; filename*=utf-8''..%2F..%2Fpr%C3%A9is.pdf\n"
    "Content-Transfer-Encoding: base64\n\n"
    "JVBERi0AAQI=\n"
    "--b1\n"
    "Content-Type: message/rfc822\n\n"
    "Subject: inner\n\ninner text\n"
    "--b1--\n";

static void test_mixed(void **state)
{
	struct seen seen;

	(void)state;
	view(slice_of(mixed), VIEWER_MODE_CONTENT, 0, &seen);
	expect_end(&seen);
	assert_string_equal(buffer_string(&seen.subject), "Gr\xc3\xbc\xc3\x9f"
							  "e\xe6\x97\xa5\xe6\x9c\xac");
	assert_true(HAS(seen.raw_subject, "=?utf-8?q?"));
	assert_int_equal(seen.headers, 5);
	assert_int_equal(seen.hops, 2);
	assert_true(HAS(seen.first_from, "mx.shop.example (mx.shop.example [192.0.2.7])"));
	assert_true(seen.first_delay == 30);
	assert_string_equal(buffer_string(&seen.types),
	    "multipart/mixed multipart/alternative text/plain text/html "
	    "application/pdf message/rfc822 text/plain ");
	assert_string_equal(buffer_string(&seen.names), "||||pr\xc3\xa9is.pdf|||");
	assert_true(seen.part[4].size == 8 && seen.part[4].parent == 0 && seen.part[4].depth == 1);
	assert_true(seen.part[6].parent == 5 && seen.part[6].depth == 2);
	assert_true(HAS(seen.text, "caf\xc3\xa9 cr\xc3\xa8me"));
	assert_true(HAS(seen.text, "<script>x</script>"));
	assert_true(HAS(seen.text, "inner text"));
	assert_true(!seen.damaged && !seen.text_cut);
	forget(&seen);
}

static void test_part_and_raw(void **state)
{
	struct seen seen;

	(void)state;
	view(slice_of(mixed), VIEWER_MODE_PART, 4, &seen);
	expect_end(&seen);
	assert_int_equal(seen.parts, 1);
	assert_int_equal(seen.bytes.len, 8);
	assert_memory_equal(seen.bytes.data, "%PDF-\0\1\2", 8);
	forget(&seen);
	view(slice_of(mixed), VIEWER_MODE_PART, 0, &seen);
	assert_true(seen.failed && HAS(seen.note_codes, "no_such_part"));
	forget(&seen);
	view(slice_of(mixed), VIEWER_MODE_PART, 99, &seen);
	assert_true(seen.failed);
	forget(&seen);
	view(slice_of(mixed), VIEWER_MODE_RAW, 0, &seen);
	expect_end(&seen);
	assert_true(slice_is(buffer_slice(&seen.bytes), mixed));
	forget(&seen);
}

/* ---- character sets ---- */

/* A text that the set can say; its encoded bytes. */
static const char *sample(const char *charset, struct buffer *encoded)
{
	static const char *const samples[] = {"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", /* 日本語 */
	    "\xed\x95\x9c\xea\xb8\x80",						      /* 한글 */
	    "\xe4\xb8\xad\xe6\x96\x87",						      /* 中文 */
	    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82", /* Привет */
	    "\xce\xb3\xce\xb5\xce\xb9\xce\xb1", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", /* γεια, שלום */
	    "\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85", "\xe0\xb8\xaa\xe0\xb8\xa7", /* سلام, สว */
	    "\xc4\x8d\xc5\xbe", "\xc3\xa9\xc3\xa7", "\xc4\x81\xc4\x93", "plain"}; /* čž, éç, āē */
	iconv_t to = iconv_open(charset, "UTF-8");

	assert_true(to != (iconv_t)-1);
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		char in[64], out[256], *from = in, *at = out;
		size_t left = strlen(samples[i]), room = sizeof(out);

		strcpy(in, samples[i]);
		iconv(to, NULL, NULL, NULL, NULL);
		if (iconv(to, &from, &left, &at, &room) == (size_t)-1 ||
		    iconv(to, NULL, NULL, &at, &room) == (size_t)-1)
			continue;
		buffer_append(encoded, out, sizeof(out) - room);
		iconv_close(to);
		return samples[i];
	}
	iconv_close(to);
	return NULL;
}

/* What iconv calls those names of mail that it does not know. */
static const char *known_to_iconv(const char *name)
{
	static const char *const other[][2] = {{"unicode-1-1-utf-8", "utf-8"},
	    {"iso-8859-8-i", "iso-8859-8"}, {"windows-874", "cp874"}, {"latin-9", "iso-8859-15"},
	    {"gb_2312-80", "gb2312"}, {"shift-jis", "shift_jis"}, {"x-sjis", "shift_jis"},
	    {"ks_c_5601-1987", "euc-kr"}, {"windows-949", "cp949"}, {"unicode-1-1-utf-7", "utf-7"},
	    {"iso_8859-1", "iso-8859-1"}};

	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (strcmp(other[i][0], name) == 0)
			return other[i][1];
	return name;
}

static void test_every_charset(void **state)
{
	const char *name;

	(void)state;
	for (size_t i = 0; (name = charsets_name(i)) != NULL; i++) {
		BUFFER_AUTO struct buffer message = {0}, encoded = {0};
		const char *text = sample(known_to_iconv(name), &encoded);
		struct seen seen;

		assert_non_null(text);
		buffer_printf(&message,
		    "Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=\"%s\"\n"
		    "Content-Transfer-Encoding: 8bit\n\n",
		    name);
		/* UTF-16 and UTF-32 hold NULs and line feeds, and never come as 8bit. */
		if (strncmp(name, "utf-16", 6) == 0 || strncmp(name, "utf-32", 6) == 0)
			continue;
		buffer_append_slice(&message, buffer_slice(&encoded));
		buffer_append_char(&message, '\n');
		view(buffer_slice(&message), VIEWER_MODE_CONTENT, 0, &seen);
		if (!HAS(seen.text, text) || seen.damaged)
			fail_msg("%s: %s, not %s", name, buffer_string(&seen.text), text);
		expect_end(&seen);
		forget(&seen);
	}
}

static void test_charsets_in_pieces(void **state)
{
	const char *name, *missing;
	struct charsets *charsets = charsets_open(&missing);

	(void)state;
	assert_null(missing);
	for (size_t i = 0; (name = charsets_name(i)) != NULL; i++) {
		BUFFER_AUTO struct buffer encoded = {0}, decoded = {0};
		const char *text = sample(known_to_iconv(name), &encoded);
		struct charset_decoder *decoder = charset_decoder_begin(charsets, slice_of(name));

		assert_non_null(decoder);
		for (size_t at = 0; at < encoded.len; at++)
			assert_true(charset_decoder_step(
			    decoder, slice_make(encoded.data + at, 1), &decoded));
		assert_true(charset_decoder_end(decoder, &decoded));
		assert_true(slice_is(buffer_slice(&decoded), text));
	}
	assert_null(charset_decoder_begin(charsets, SLICE("x-unknown")));
	charsets_close(&charsets);
	charsets_close(&charsets);
}

static void test_broken_text(void **state)
{
	struct seen seen;

	(void)state;
	view(SLICE("Content-Type: text/plain; charset=utf-8\n\nab\xff\xc3"), VIEWER_MODE_CONTENT, 0,
	    &seen);
	expect_end(&seen);
	assert_true(seen.damaged && HAS(seen.text, "ab\xef\xbf\xbd"));
	forget(&seen);
	view(SLICE("Content-Type: text/plain; charset=x-nothing\n\ncaf\xe9"), VIEWER_MODE_CONTENT,
	    0, &seen);
	assert_true(seen.damaged && HAS(seen.text, "caf\xc3\xa9"));
	forget(&seen);
	view(SLICE("Subject: \xff\xfe=?utf-8?b?!!!?= =?nope?q?=FF?=\n\n"), VIEWER_MODE_CONTENT, 0,
	    &seen);
	expect_end(&seen);
	assert_int_equal(seen.headers, 1);
	forget(&seen);
	view(SLICE("Content-Transfer-Encoding: base64\n\n@@@@=====\n\n\n"), VIEWER_MODE_CONTENT, 0,
	    &seen);
	expect_end(&seen);
	forget(&seen);
}

/* ---- what nobody should send ---- */

static void test_odd_messages(void **state)
{
	static const char *const odd[] = {"\n", "no header at all", ":\n\n",
	    "A:", "Content-Type: \n\n", "Content-Type: multipart/mixed\n\nno boundary",
	    "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n--\n",
	    "Content-Type: message/rfc822\n\n", "Content-Type: text/plain; name=\"\\\"\n\nx",
	    "Content-Type: multipart/mixed; boundary=x\n\n--x", "Received: ;;;((((\n\n",
	    "Received:\n\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct seen seen;

		view(slice_of(odd[i]), VIEWER_MODE_CONTENT, 0, &seen);
		if (!seen.end)
			print_message(
			    "%zu: %s status %d\n", i, buffer_string(&seen.note_codes), seen.status);
		expect_end(&seen);
		forget(&seen);
	}
}

static void test_nothing(void **state)
{
	struct seen seen;

	(void)state;
	for (enum viewer_mode mode = VIEWER_MODE_CONTENT; mode <= VIEWER_MODE_RAW; mode++) {
		view(SLICE(""), mode, 0, &seen);
		assert_true(seen.failed && !seen.end && HAS(seen.note_codes, "message_gone"));
		forget(&seen);
	}
}

static void test_long_header(void **state)
{
	BUFFER_AUTO struct buffer message = {0};
	struct seen seen;

	(void)state;
	buffer_append_string(&message, "Subject: ");
	for (int i = 0; i < 1000000; i++)
		buffer_append_string(&message, "0123456789");
	buffer_append_string(&message, "\n\nbody text\n");
	view(buffer_slice(&message), VIEWER_MODE_CONTENT, 0, &seen);
	expect_end(&seen);
	assert_true(HAS(seen.note_codes, "header_cut") && HAS(seen.text, "body text"));
	assert_true(seen.cut && seen.subject.len <= VIEWER_HEADER_VALUE_MAX);
	forget(&seen);
	buffer_clear(&message);
	for (int i = 0; i < 200000; i++)
		buffer_printf(&message, "X-%d: value of the header number %d\n", i, i);
	buffer_append_string(&message, "\nbody text\n");
	view(buffer_slice(&message), VIEWER_MODE_CONTENT, 0, &seen);
	expect_end(&seen);
	assert_int_equal(seen.headers, VIEWER_HEADERS_MAX);
	assert_true(HAS(seen.note_codes, "headers_cut") && HAS(seen.text, "body text"));
	forget(&seen);
}

static void test_many_hops(void **state)
{
	BUFFER_AUTO struct buffer message = {0};
	struct seen seen;

	(void)state;
	for (int i = 0; i < 300; i++)
		buffer_printf(&message, "Received: from a by b; Sun, 22 Nov 2026 08:00:10 +0000\n");
	view(buffer_slice(&message), VIEWER_MODE_CONTENT, 0, &seen);
	expect_end(&seen);
	assert_int_equal(seen.hops, VIEWER_HOPS_MAX);
	assert_true(HAS(seen.note_codes, "hops_cut"));
	forget(&seen);
}

static void test_many_parts(void **state)
{
	BUFFER_AUTO struct buffer message = {0};
	struct seen seen;

	(void)state;
	buffer_append_string(&message, "Content-Type: multipart/mixed; boundary=x\n\n");
	for (int i = 0; i < 100000; i++)
		buffer_append_string(&message, "--x\nContent-Type: text/plain\n\npart\n");
	buffer_append_string(&message, "--x--\n");
	view(buffer_slice(&message), VIEWER_MODE_CONTENT, 0, &seen);
	expect_end(&seen);
	assert_int_equal(seen.parts, VIEWER_PARTS_MAX);
	assert_true(HAS(seen.note_codes, "parts_cut"));
	forget(&seen);
}

static void test_deep_parts(void **state)
{
	static const int depths[] = {100, 1000, 20000};

	(void)state;
	for (size_t n = 0; n < sizeof(depths) / sizeof(depths[0]); n++) {
		BUFFER_AUTO struct buffer message = {0};
		struct seen seen;

		for (int i = 0; i < depths[n]; i++)
			buffer_printf(&message,
			    "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
		buffer_append_string(&message, "\ndeep\n");
		view(buffer_slice(&message), VIEWER_MODE_CONTENT, 0, &seen);
		expect_end(&seen);
		assert_true(
		    HAS(seen.note_codes, "depth_cut") && seen.parts <= VIEWER_DEPTH_MAX + 1);
		forget(&seen);
		buffer_clear(&message);
		for (int i = 0; i < depths[n]; i++)
			buffer_append_string(&message, "Content-Type: message/rfc822\n\n");
		view(buffer_slice(&message), VIEWER_MODE_CONTENT, 0, &seen);
		expect_end(&seen);
		forget(&seen);
	}
}

static void test_large_text(void **state)
{
	BUFFER_AUTO struct buffer message = {0};
	struct seen seen;
	FD_AUTO int fd = -1;

	(void)state;
	buffer_append_string(&message, "Content-Type: text/plain; charset=utf-8\n\n");
	for (int i = 0; i < 400000; i++)
		buffer_append_string(&message, "\xc3\xa9\xc3\xa9\xc3\xa9\n");
	view(buffer_slice(&message), VIEWER_MODE_CONTENT, 0, &seen);
	expect_end(&seen);
	assert_true(seen.text_cut && !seen.damaged);
	assert_true(
	    seen.text.len <= VIEWER_TEXT_DEFAULT && seen.text.len > VIEWER_TEXT_DEFAULT - 4);
	assert_true(seen.part[0].size >= 2800000);
	forget(&seen);
	fd = file_of(buffer_slice(&message));
	view_start(
	    (struct viewer_start){VIEWER_MODE_RAW, VIEWER_SOURCE_RFC822, 0, {0, 1000}}, fd, &seen);
	expect_end(&seen);
	assert_true(seen.cut && seen.bytes.len == 1000);
	forget(&seen);
}

/* ---- queue files ---- */

static void put_record(struct buffer *file, char type, const char *data)
{
	size_t len = strlen(data);

	buffer_append_char(file, type);
	for (; len > 127; len >>= 7)
		buffer_append_char(file, (char)(len | 128));
	buffer_append_char(file, (char)len);
	buffer_append_string(file, data);
}

static void view_file(const struct buffer *file, enum viewer_mode mode, struct seen *seen)
{
	FD_AUTO int fd = file_of(buffer_slice(file));

	view_start((struct viewer_start){mode, VIEWER_SOURCE_QUEUE_FILE, 0, {0, 0}}, fd, seen);
}

static void test_queue_file(void **state)
{
	BUFFER_AUTO struct buffer file = {0};
	struct seen seen;
	char pointer[32];
	size_t at;

	(void)state;
	put_record(&file, 'T', "1700000000 0");
	put_record(&file, 'S', "a@shop.example");
	put_record(&file, 'R', "b@dest.example");
	put_record(&file, 'M', "");
	put_record(&file, 'N', "Subject: one");
	put_record(&file, 'w', "Subject: deleted");
	put_record(&file, 'p', "              0");
	put_record(&file, 'N', "");
	put_record(&file, 'L', "half ");
	put_record(&file, 'N', "line");
	/* The end was moved behind the E, as milters do. */
	at = file.len + 2 + 15 + 2 + 2;
	snprintf(pointer, sizeof(pointer), "%15zu", at);
	put_record(&file, 'p', pointer);
	put_record(&file, 'X', "");
	put_record(&file, 'E', "");
	assert_int_equal(file.len, at);
	put_record(&file, 'N', "added");
	snprintf(pointer, sizeof(pointer), "%15zu", at - 4);
	put_record(&file, 'p', pointer);
	view_file(&file, VIEWER_MODE_RAW, &seen);
	expect_end(&seen);
	assert_string_equal(buffer_string(&seen.bytes), "Subject: one\n\nhalf line\nadded\n");
	forget(&seen);
	view_file(&file, VIEWER_MODE_CONTENT, &seen);
	expect_end(&seen);
	assert_true(HAS(seen.text, "half line") && HAS(seen.subject, "one"));
	forget(&seen);
}

static void test_damaged_queue_file(void **state)
{
	BUFFER_AUTO struct buffer file = {0};
	struct seen seen;
	char pointer[32];

	(void)state;
	view_file(&file, VIEWER_MODE_CONTENT, &seen);
	assert_true(seen.failed && HAS(seen.note_codes, "damaged_file"));
	forget(&seen);
	put_record(&file, 'M', "");
	put_record(&file, 'N', "Subject: one");
	view_file(&file, VIEWER_MODE_CONTENT, &seen);
	expect_end(&seen);
	assert_true(HAS(seen.note_codes, "damaged_file") && HAS(seen.subject, "one"));
	forget(&seen);
	view_file(&file, VIEWER_MODE_RAW, &seen);
	assert_true(seen.failed && HAS(seen.note_codes, "damaged_file"));
	forget(&seen);
	/* A pointer to itself. */
	snprintf(pointer, sizeof(pointer), "%15zu", file.len);
	put_record(&file, 'p', pointer);
	view_file(&file, VIEWER_MODE_CONTENT, &seen);
	expect_end(&seen);
	assert_true(HAS(seen.note_codes, "damaged_file"));
	forget(&seen);
	buffer_append_string(&file, "N\xff\xff\xff\xff\xff\xff");
	view_file(&file, VIEWER_MODE_RAW, &seen);
	assert_true(seen.failed);
	forget(&seen);
}

static void test_hops(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct viewer_hop hop;

	(void)state;
	hops_parse(
	    SLICE(" from a (by with id (nested) ) by\tb.example\n with SMTP id X for <u@d.example>;"
		  " Thu, 1 Jan 1970 00:00:10 +0000"),
	    &text, &hop);
	assert_true(slice_is(hop.from, "a (by with id (nested) )"));
	assert_true(
	    slice_is(hop.by, "b.example") && slice_is(hop.with, "SMTP") && slice_is(hop.id, "X"));
	assert_true(slice_is(hop.for_, "<u@d.example>") && hop.has_time && hop.time == 10);
	hops_parse(SLICE("(unclosed; from x by y"), &text, &hop);
	assert_true(!hop.has_time && hop.from.len == 0);
	hops_parse(SLICE("by only"), &text, &hop);
	assert_true(slice_is(hop.by, "only"));
	hops_parse(SLICE(""), &text, &hop);
	hops_parse(SLICE("\\"), &text, &hop);
}

/* ---- HTML ---- */

static const char with_picture[] =
    "Content-Type: multipart/related; boundary=b\n\n"
    "--b\nContent-Type: text/html; charset=windows-1251\n\n"
    "<p>\xcf\xf0<img src=cid:logo@shop.example><iframe src=//e.example>\n"
    "--b\nContent-Type: image/gif\nContent-ID: <logo@shop.example>\n"
    "Content-Transfer-Encoding: base64\n\nR0lGODlh\n"
    "--b\nContent-Type: text/html\nContent-Disposition: attachment\n\n<script>x</script><b>y\n"
    "--b\nContent-Type: text/plain\n\n<b>no HTML</b>\n--b--\n";

static void test_html_is_rewritten(void **state)
{
	struct seen seen;

	(void)state;
	view(slice_of(with_picture), VIEWER_MODE_HTML, 1, &seen);
	expect_end(&seen);
	assert_true(seen.parts == 1 && seen.texts == 1 && !seen.damaged);
	assert_true(
	    HAS(seen.text, "<p>\xd0\x9f\xd1\x80<img src=\"data:image/gif;base64,R0lGODlh\">"));
	assert_false(HAS(seen.text, "iframe") || HAS(seen.text, "e.example"));
	forget(&seen);
	view(slice_of(with_picture), VIEWER_MODE_HTML, 3, &seen); /* an attachment too */
	expect_end(&seen);
	assert_true(HAS(seen.text, "<b>y</b>") && !HAS(seen.text, "script"));
	forget(&seen);
	view(slice_of(with_picture), VIEWER_MODE_HTML, 4, &seen);
	expect_end(&seen);
	assert_true(seen.parts == 1 && seen.texts == 0);
	forget(&seen);
	view(slice_of(with_picture), VIEWER_MODE_HTML, 0, &seen);
	assert_true(seen.failed && HAS(seen.note_codes, "no_such_part"));
	forget(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mixed),
	    cmocka_unit_test(test_part_and_raw),
	    cmocka_unit_test(test_every_charset),
	    cmocka_unit_test(test_charsets_in_pieces),
	    cmocka_unit_test(test_broken_text),
	    cmocka_unit_test(test_odd_messages),
	    cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_long_header),
	    cmocka_unit_test(test_many_hops),
	    cmocka_unit_test(test_many_parts),
	    cmocka_unit_test(test_deep_parts),
	    cmocka_unit_test(test_large_text),
	    cmocka_unit_test(test_queue_file),
	    cmocka_unit_test(test_damaged_queue_file),
	    cmocka_unit_test(test_hops),
	    cmocka_unit_test(test_html_is_rewritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
