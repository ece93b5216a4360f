/* The index and its lookups over real files: plain, compressed in each format, rotated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "logreader/log_index.h"
#include "logreader/log_lookup.h"

/* 2026-11-22T00:00:00Z */
#define START_S INT64_C(1795305600)

static char folder[64];

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const struct buffer *text)
{
	FD_AUTO int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_true(fd_write_all(fd, text->data, text->len));
}

static void ignore_line(
    void *context, struct log_source *source, const struct log_line *line, uint64_t offset)
{
	(void)context;
	(void)source;
	(void)line;
	(void)offset;
}

static struct log_source *add_file(struct log_index *index, const char *name)
{
	struct log_source *source = log_index_add(index, index->count, name);
	int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	log_source_set_file(source, fd, &index->key);
	source->clock.reference_s = START_S + 86400;
	while (log_source_step(source, &index->key, ignore_line, NULL))
		;
	return source;
}

static void put_time(struct buffer *b, int64_t second)
{
	time_t t = (time_t)(START_S + second);
	struct tm tm;
	char text[32];

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%b %e %H:%M:%S", &tm);
	buffer_append_string(b, text);
}

static void put_line(struct buffer *b, int64_t second, const char *text)
{
	put_time(b, second);
	buffer_append_string(b, " mx1 postfix/");
	buffer_append_string(b, text);
	buffer_append_char(b, '\n');
}

/* Mail of others: one message of five lines for each number. */
static void put_noise(struct buffer *b, int64_t second, unsigned number)
{
	char line[256];

	snprintf(line, sizeof(line), "smtpd[77]: %05X%07X: client=c.example[192.0.2.1]",
	    number % 1000000, number);
	put_line(b, second, line);
	snprintf(line, sizeof(line), "cleanup[78]: %05X%07X: message-id=<%u@example.com>",
	    number % 1000000, number, number);
	put_line(b, second, line);
	snprintf(line, sizeof(line),
	    "qmgr[79]: %05X%07X: from=<a@example.com>, size=400, nrcpt=1 (queue active)",
	    number % 1000000, number);
	put_line(b, second, line);
	snprintf(line, sizeof(line),
	    "smtp[80]: %05X%07X: to=<u%u@example.net>, relay=mx.example.net[192.0.2.2]:25, "
	    "delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as "
	    "XYZ%u)",
	    number % 1000000, number, number, number);
	put_line(b, second, line);
	snprintf(line, sizeof(line), "qmgr[79]: %05X%07X: removed", number % 1000000, number);
	put_line(b, second, line);
}

static void put_attempt(struct buffer *b, int64_t second, const char *id, const char *status)
{
	char line[256];

	snprintf(line, sizeof(line),
	    "smtp[90]: %s: to=<ann@example.org>, relay=none, delay=9, delays=9/0/0/0, "
	    "dsn=4.4.1, status=%s (connect to mx.example.org[192.0.2.9]:25: Connection refused)",
	    id, status);
	put_line(b, second, line);
}

struct answer {
	size_t count;
	struct log_proto_event events[64];
	struct log_proto_end end;
	struct log_lookup *lookup;
	size_t steps;
};

static void look_up(
    struct log_index *index, const char *id, int64_t since_s, int64_t alive_s, struct answer *a)
{
	struct log_proto_lookup question = {.id = slice_of(id),
	    .since_us = (START_S + since_s) * 1000000,
	    .alive_us = alive_s > 0 ? (START_S + alive_s) * 1000000 : 0};

	*a = (struct answer){.lookup = log_lookup_create(&question)};
	do
		a->steps++;
	while (!log_lookup_step(a->lookup, index));
	a->count = log_lookup_count(a->lookup);
	a->end = log_lookup_end(a->lookup, index);
	for (size_t i = 0; i < a->count && i < 64; i++) {
		struct slice bytes = log_lookup_event(a->lookup, i);
		struct cursor c = cursor_init(bytes.data, bytes.len);

		assert_true(log_proto_get_event(&c, &a->events[i]));
		assert_true(cursor_finished(&c));
	}
}

static void test_attempts_among_many(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct log_index index;
	struct answer a;

	(void)state;
	put_line(&text, 0, "smtpd[1]: ABCDEF0123: client=c.example[192.0.2.1]");
	for (unsigned i = 0; i < 20000; i++) {
		put_noise(&text, i, i);
		if (i % 5000 == 0)
			put_attempt(&text, i, "ABCDEF0123", "deferred");
	}
	put_attempt(&text, 20000, "ABCDEF0123", "sent");
	put_line(&text, 20000, "qmgr[1]: ABCDEF0123: removed");
	put_noise(&text, 20001, 20001);
	write_file("mail.log", &text);
	log_index_init(&index);
	add_file(&index, "mail.log");
	assert_true(index.sources[0]->count > 20);
	look_up(&index, "ABCDEF0123", 0, 0, &a);
	assert_int_equal(a.count, 7);
	assert_int_equal(a.events[0].event, LOG_EVENT_CLIENT);
	assert_int_equal(a.events[1].time_us, START_S * 1000000);
	assert_int_equal(a.events[4].time_us, (START_S + 15000) * 1000000);
	assert_true(slice_is(a.events[5].status, "sent"));
	assert_int_equal(a.events[6].event, LOG_EVENT_REMOVED);
	assert_true(a.end.complete && !a.end.truncated);
	assert_int_equal(a.end.error.len, 0);
	assert_true(a.steps < 10); /* five blocks have it; the filters dismiss the rest */
	log_lookup_destroy(&a.lookup);
	look_up(&index, "ABCDEF9999", 0, 0, &a);
	assert_int_equal(a.count, 0);
	log_lookup_destroy(&a.lookup);
	/* 30 MB of log would be 1 GiB at this rate: 6 MiB of filters. */
	assert_true(log_index_memory(&index) * 100 < log_index_bytes(&index) + 20000000);
	log_index_free(&index);
}

static void test_limit_keeps_the_newest(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct log_proto_lookup question = {.id = SLICE("ABCDEF0123"), .limit = 3};
	struct log_lookup *lookup;
	struct log_index index;

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		put_attempt(&text, i, "ABCDEF0123", "deferred");
	write_file("mail.log", &text);
	log_index_init(&index);
	add_file(&index, "mail.log");
	lookup = log_lookup_create(&question);
	while (!log_lookup_step(lookup, &index))
		;
	assert_int_equal(log_lookup_count(lookup), 3);
	assert_true(log_lookup_end(lookup, &index).truncated);
	log_lookup_destroy(&lookup);
	log_index_free(&index);
}

/* A short ID is used again: three messages in turn under the same one. */
static void test_lives_of_a_short_id(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct log_index index;
	struct answer a;

	(void)state;
	for (int life = 0; life < 3; life++) {
		put_line(&text, life * 1000, "smtpd[1]: ABCDEF0123: client=c.example[192.0.2.1]");
		put_attempt(&text, life * 1000 + 1, "ABCDEF0123", "deferred");
		for (unsigned i = 0; i < 3000; i++)
			put_noise(&text, life * 1000 + 2, (unsigned)life * 3000 + i);
		if (life != 1) {
			put_attempt(&text, life * 1000 + 500, "ABCDEF0123", "sent");
			put_line(&text, life * 1000 + 500, "qmgr[1]: ABCDEF0123: removed");
		} else {
			put_line(&text, life * 1000 + 500, "postsuper[1]: ABCDEF0123: removed");
		}
	}
	write_file("mail.log", &text);
	log_index_init(&index);
	add_file(&index, "mail.log");
	look_up(&index, "ABCDEF0123", 0, 0, &a);
	assert_int_equal(a.count, 4);
	assert_int_equal(a.events[0].time_us, (START_S + 2000) * 1000000);
	assert_true(a.end.complete);
	log_lookup_destroy(&a.lookup);
	look_up(&index, "ABCDEF0123", 1000, 1100, &a);
	assert_int_equal(a.count, 3);
	assert_int_equal(a.events[0].time_us, (START_S + 1000) * 1000000);
	assert_int_equal(a.events[2].event, LOG_EVENT_POSTSUPER);
	log_lookup_destroy(&a.lookup);
	look_up(&index, "ABCDEF0123", 0, 400, &a);
	assert_int_equal(a.count, 4);
	assert_int_equal(a.events[3].event, LOG_EVENT_REMOVED);
	log_lookup_destroy(&a.lookup);
	log_index_free(&index);
}

/* The line that tells of a notice's birth comes behind the notice's own first lines, also behind
 * all of them; the message that had its ID before is another one. */
static void test_birth_told_by_another_process(void **state)
{
	static const char *const births[] = {
	    "bounce[5]: ABCDEF0001: sender non-delivery notification: ABCDEF0123",
	    "local[5]: ABCDEF0001: to=<a@example.org>, relay=local, delay=0, delays=0/0/0/0, "
	    "dsn=2.0.0, status=sent (forwarded as ABCDEF0123)",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		BUFFER_AUTO struct buffer text = {0};
		struct log_index index;
		struct answer a;

		put_line(&text, 0, "smtpd[1]: ABCDEF0123: client=c.example[192.0.2.1]");
		put_attempt(&text, 1, "ABCDEF0123", "sent");
		put_line(&text, 1, "qmgr[1]: ABCDEF0123: removed");
		for (unsigned n = 0; n < 3000; n++)
			put_noise(&text, 50, n);
		put_line(&text, 100, "cleanup[1]: ABCDEF0123: message-id=<n@example.org>");
		put_line(
		    &text, 100, "qmgr[1]: ABCDEF0123: from=<>, size=9, nrcpt=1 (queue active)");
		put_attempt(&text, 100, "ABCDEF0123", "sent");
		put_line(&text, 100, "qmgr[1]: ABCDEF0123: removed");
		put_line(&text, 101, births[i]);
		write_file("mail.log", &text);
		log_index_init(&index);
		add_file(&index, "mail.log");
		look_up(&index, "ABCDEF0123", 0, 0, &a);
		assert_int_equal(a.count, 5);
		assert_int_equal(a.events[0].event, LOG_EVENT_MESSAGE_ID);
		assert_int_equal(a.events[3].event, LOG_EVENT_REMOVED);
		assert_true(a.end.complete);
		log_lookup_destroy(&a.lookup);
		look_up(&index, "ABCDEF0123", 0, 10, &a);
		assert_int_equal(a.count, 3);
		assert_int_equal(a.events[0].event, LOG_EVENT_CLIENT);
		log_lookup_destroy(&a.lookup);
		log_index_free(&index);
	}
}

/* Every notice in the logs of seven real versions has its first lines, and its birth. */
static void test_notices_of_real_versions(void **state)
{
	static const char *const versions[] = {"3.4", "3.5", "3.6", "3.7", "3.10", "3.11", "3.12"};
	const char *fixtures = getenv("POSTROOM_FIXTURES");
	struct log_clock clock = {.reference_s = START_S + 86400};
	BUFFER_AUTO struct buffer scratch = {0};

	(void)state;
	if (fixtures == NULL)
		skip();
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		BUFFER_AUTO struct buffer text = {0};
		struct log_index index;
		struct slice rest, part;
		struct error err;
		char path[512];
		size_t notices = 0;

		snprintf(path, sizeof(path), "%s/postfix-%s/mail.log", fixtures, versions[i]);
		assert_true(fd_read_file(path, 8 << 20, &text, &err));
		write_file("mail.log", &text);
		log_index_init(&index);
		add_file(&index, "mail.log");
		rest = buffer_slice(&text);
		while (slice_split(&rest, '\n', &part)) {
			struct log_line line;
			char id[LOG_PROTO_ID_MAX + 1];
			bool named = false, active = false;
			struct answer a;

			if (!log_line_parse(part, &clock, &scratch, &line) ||
			    line.event != LOG_EVENT_NOTIFIED)
				continue;
			notices++;
			snprintf(id, sizeof(id), "%.*s", SLICE_ARGS(line.other_id));
			look_up(&index, id, -86400, 0, &a);
			for (size_t n = 0; n < a.count && n < 64; n++) {
				named |= a.events[n].event == LOG_EVENT_MESSAGE_ID;
				active |= a.events[n].event == LOG_EVENT_ACTIVE;
			}
			if (!named || !active || !a.end.complete)
				fail_msg("%s: %s has not its first lines", versions[i], id);
			log_lookup_destroy(&a.lookup);
		}
		assert_true(notices > 0);
		log_index_free(&index);
	}
}

/* Lines of other programs and forms that are not known: counted, the first one kept, and next to no
 * memory for them. POSTROOM_FOREIGN_MB makes more of them, for a measurement. */
static void test_log_of_foreign_lines(void **state)
{
	const char *wanted = getenv("POSTROOM_FOREIGN_MB");
	size_t size = (size_t)(wanted != NULL ? atoi(wanted) : 8) << 20;
	static const char line[] = "Nov 22 08:00:01 mx1 imapd[77]: login: user postfix/qmgr[1]: "
				   "ABCDEF0123: removed \x1b[31m, and so on, from 192.0.2.1\n";
	BUFFER_AUTO struct buffer text = {0};
	struct log_index index;
	uint64_t lines = 0;
	const char *first;
	struct answer a;
	int64_t start;

	(void)state;
	while (text.len < size)
		buffer_append(&text, line, sizeof(line) - 1);
	write_file("mail.log", &text);
	log_index_init(&index);
	start = clock_monotonic_ms();
	add_file(&index, "mail.log");
	print_message("%zu MB of foreign lines: %lld ms, %zu KB of index\n", size >> 20,
	    (long long)(clock_monotonic_ms() - start), log_index_memory(&index) >> 10);
	first = log_index_foreign(&index, &lines);
	assert_non_null(first);
	assert_int_equal(lines, text.len / (sizeof(line) - 1));
	assert_non_null(strstr(first, "imapd[77]: login: user"));
	assert_null(strchr(first, '\x1b'));
	assert_true(log_index_memory(&index) < ((size_t)256 << 10) + text.len / 1000);
	look_up(&index, "ABCDEF0123", 0, 0, &a);
	assert_int_equal(a.count, 0);
	log_lookup_destroy(&a.lookup);
	log_index_free(&index);
}

static void test_requeues_are_followed_both_ways(void **state)
{
	static const char *const ids[] = {"AAAAAA0001", "BBBBBB0002", "4jXJ7g3L0kz1dWn7"};
	BUFFER_AUTO struct buffer text = {0};
	struct log_index index;
	char line[128];

	(void)state;
	put_line(&text, 0, "smtpd[1]: AAAAAA0001: client=c.example[192.0.2.1]");
	put_attempt(&text, 1, ids[0], "deferred");
	for (unsigned i = 1; i < 3; i++) {
		snprintf(line, sizeof(line), "postsuper[1]: %s: requeued", ids[i - 1]);
		put_line(&text, i * 1000, line);
		for (unsigned n = 0; n < 2000; n++)
			put_noise(&text, i * 1000, n + 10000 * i);
		snprintf(line, sizeof(line),
		    "pickup[1]: %s: uid=102 from=<a@example.com> orig_id=%s", ids[i], ids[i - 1]);
		put_line(&text, i * 1000 + 40, line);
		put_attempt(&text, i * 1000 + 41, ids[i], "deferred");
	}
	write_file("mail.log", &text);
	log_index_init(&index);
	add_file(&index, "mail.log");
	for (unsigned i = 0; i < 3; i++) {
		struct answer a;

		look_up(&index, ids[i], 0, 0, &a);
		assert_int_equal(a.count, 8);
		assert_true(slice_is(a.events[0].id, ids[0]));
		assert_true(slice_is(a.events[7].id, ids[2]));
		assert_true(slice_is(a.events[6].other_id, ids[1]));
		assert_true(a.end.complete);
		log_lookup_destroy(&a.lookup);
	}
	log_index_free(&index);
}

/* In each compressed format, an attempt at the end of 12 MB is found; damage is said. */
static void test_compressed_files(void **state)
{
	static const struct {
		const char *command, *name;
	} formats[] = {{"gzip -kf", "mail.log.2.gz"}, {"xz -kf0", "mail.log.2.xz"},
	    {"zstd -qkf", "mail.log.2.zst"}, {"bzip2 -kf1", "mail.log.2.bz2"}};
	BUFFER_AUTO struct buffer text = {0};

	(void)state;
	put_line(&text, 0, "smtpd[1]: ABCDEF0123: client=c.example[192.0.2.1]");
	for (unsigned i = 0; i < 22000; i++)
		put_noise(&text, i, i);
	put_attempt(&text, 30000, "ABCDEF0123", "deferred");
	write_file("mail.log.2", &text);
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		char command[512];
		struct log_index index;
		struct answer a;

		snprintf(command, sizeof(command), "%s %s 2>/dev/null", formats[i].command,
		    path_of("mail.log.2"));
		if (system(command) != 0)
			continue; /* that program is not installed here; gzip always is */
		log_index_init(&index);
		add_file(&index, formats[i].name);
		if (strcmp(index.sources[0]->error.code, "unsupported") == 0) {
			log_index_free(&index);
			continue;
		}
		assert_int_equal(log_index_bytes(&index), text.len);
		if (i == 0)
			assert_true(index.sources[0]->points.count >= 1);
		look_up(&index, "ABCDEF0123", 0, 0, &a);
		assert_int_equal(a.count, 2);
		assert_int_equal(a.events[1].time_us, (START_S + 30000) * 1000000);
		assert_true(a.end.complete);
		log_lookup_destroy(&a.lookup);
		/* Cut in the middle: what is before the damage is there. */
		assert_int_equal(truncate(path_of(formats[i].name), 100000), 0);
		add_file(&index, formats[i].name);
		assert_true(index.sources[1]->complete);
		if (index.sources[1]->error.code[0] != '\0')
			assert_non_null(strstr(index.sources[1]->error.text, formats[i].name));
		assert_true(index.sources[1]->lines.end > 100000);
		log_index_free(&index);
	}
}

static void test_strange_bytes(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct log_index index;
	struct answer a;

	(void)state;
	put_line(&text, 0, "smtpd[1]: ABCDEF0123: client=c.example[192.0.2.1]");
	buffer_append(&text, "\0\0\n\xff\xfe\n\n\n{\n{\"a\":\n", 14);
	memset(buffer_reserve(&text, 10 << 20), 'x', 10 << 20);
	text.len += 10 << 20;
	buffer_append_char(&text, '\n');
	put_attempt(&text, 5, "ABCDEF0123", "deferred");
	put_attempt(&text, 6, "ABCDEF0123", "deferred");
	text.len -= 40; /* a half line at the end */
	write_file("mail.log", &text);
	log_index_init(&index);
	add_file(&index, "mail.log")->grows = true;
	assert_int_equal(index.sources[0]->lines.too_long, 1);
	look_up(&index, "ABCDEF0123", 0, 0, &a);
	assert_int_equal(a.count, 3); /* a finished file's last line counts without its newline */
	log_lookup_destroy(&a.lookup);
	assert_true(log_index_memory(&index) < 1 << 20);
	log_index_free(&index);
}

/* A command's output is kept in memory, and its oldest part is given up when it becomes too much.
 */
static void test_command_output(void **state)
{
	struct log_index index;
	struct log_source *source;
	struct answer a;
	unsigned number = 0;

	(void)state;
	log_index_init(&index);
	index.memory_max = 1 << 20;
	source = log_index_add(&index, 0, "command");
	source->keeps_text = source->grows = source->complete = true;
	source->clock.reference_s = START_S + 86400;
	for (unsigned chunk = 0; chunk < 60; chunk++) {
		BUFFER_AUTO struct buffer text = {0};

		if (chunk == 0)
			put_attempt(&text, 0, "ABCDEF0123", "deferred");
		for (unsigned i = 0; i < 500; i++)
			put_noise(&text, chunk * 500 + i, number++);
		if (chunk == 58)
			put_attempt(&text, 30000, "ABCDEF0123", "deferred");
		/* In odd pieces. */
		for (size_t at = 0; at < text.len; at += 777)
			log_source_feed(source,
			    slice_first(slice_from(buffer_slice(&text), at), 777), &index.key,
			    ignore_line, NULL);
		log_index_enforce(&index);
	}
	assert_true(log_index_memory(&index) <= 1 << 20);
	assert_true(source->dropped > 0);
	look_up(&index, "ABCDEF0123", 0, 0, &a);
	assert_int_equal(a.count, 1);
	assert_true(slice_is(a.events[0].address, "ann@example.org"));
	assert_false(a.end.complete);
	assert_true(a.end.oldest_us > START_S * 1000000);
	log_lookup_destroy(&a.lookup);
	log_index_free(&index);
}

/* A journal's entries, cut anywhere; one has its message as bytes. */
static void test_journal_output(void **state)
{
	static const char entries[] =
	    "{\"__REALTIME_TIMESTAMP\":\"1795305600123456\",\"_HOSTNAME\":\"mx1\",\"PRIORITY\":"
	    "\"6\",\"SYSLOG_IDENTIFIER\":"
	    "\"postfix/smtpd\",\"SYSLOG_PID\":\"7\",\"MESSAGE\":\"ABCDEF0123: "
	    "client=c.example[192.0.2.1]\"}\n"
	    "{\"__REALTIME_TIMESTAMP\":\"1795305601000001\",\"MESSAGE\":null,\"SYSLOG_IDENTIFIER\":"
	    "\"postfix/smtpd\"}\n"
	    "not an entry\n"
	    "{\"__REALTIME_TIMESTAMP\":\"1795305602000000\",\"SYSLOG_IDENTIFIER\":\"postfix/"
	    "qmgr\",\"SYSLOG_PID\":\"8\","
	    "\"MESSAGE\":[65,66,67,68,69,70,48,49,50,51,58,32,114,101,109,111,118,101,100]}\n";
	struct log_index index;
	struct log_source *source;
	struct answer a;

	(void)state;
	log_index_init(&index);
	source = log_index_add(&index, 0, "command");
	source->keeps_text = source->grows = source->complete = true;
	for (size_t at = 0; at < sizeof(entries) - 1; at += 10)
		log_source_feed(source,
		    slice_first(slice_make(entries + at, sizeof(entries) - 1 - at), 10), &index.key,
		    ignore_line, NULL);
	look_up(&index, "ABCDEF0123", 0, 0, &a);
	assert_int_equal(a.count, 2);
	assert_int_equal(a.events[0].time_us, START_S * 1000000 + 123456);
	assert_int_equal(a.events[0].pid, 7);
	assert_int_equal(a.events[1].event, LOG_EVENT_REMOVED);
	assert_true(a.end.complete);
	log_lookup_destroy(&a.lookup);
	log_index_free(&index);
}

static double seconds_since(int64_t start_ms)
{
	return (double)(clock_monotonic_ms() - start_ms) / 1000;
}

/* POSTROOM_LOG_MB says how much (8 by default); half of it plain, half rotated and compressed. One
 * message with an attempt in every sixteenth of the log and at both ends, and one in the oldest
 * place alone. */
static void test_large_log(void **state)
{
	const char *size = getenv("POSTROOM_LOG_MB");
	uint64_t half = (uint64_t)(size != NULL ? atoi(size) : 8) << 19;
	struct log_index index;
	unsigned number = 0;
	struct answer a;
	int64_t start;

	(void)state;
	for (int file = 1; file >= 0; file--) {
		BUFFER_AUTO struct buffer text = {0};
		uint64_t attempts = 0;

		if (file == 1)
			put_line(&text, 0, "smtpd[1]: ABCDEF0777: client=c.example[192.0.2.1]");
		while (text.len < half) {
			put_noise(&text, number / 50, number);
			number++;
			if (text.len >= half / 8 * attempts) {
				put_attempt(&text, number / 50, "ABCDEF0123", "deferred");
				attempts++;
			}
		}
		write_file(file == 1 ? "mail.log.1" : "mail.log", &text);
	}
	assert_true(chdir(folder) == 0 && system("gzip -f1 mail.log.1") == 0);
	log_index_init(&index);
	start = clock_monotonic_ms();
	add_file(&index, "mail.log");
	print_message("index of %.0f MB plain: %.2f s\n", (double)half / 1e6, seconds_since(start));
	start = clock_monotonic_ms();
	add_file(&index, "mail.log.1.gz");
	print_message("index of %.0f MB gzip: %.2f s\n", (double)half / 1e6, seconds_since(start));
	print_message("memory: %.2f MB\n", (double)log_index_memory(&index) / 1e6);
	assert_true(log_index_memory(&index) <= index.memory_max);
	start = clock_monotonic_ms();
	look_up(&index, "ABCDEF0777", 0, 0, &a);
	print_message(
	    "an ID at the oldest end: %.3f s, %zu steps\n", seconds_since(start), a.steps);
	assert_int_equal(a.count, 1);
	assert_true(a.end.complete);
	log_lookup_destroy(&a.lookup);
	start = clock_monotonic_ms();
	look_up(&index, "ABCDEF0123", 0, 0, &a);
	print_message(
	    "18 attempts all over it: %.3f s, %zu steps\n", seconds_since(start), a.steps);
	assert_int_equal(a.count, 18);
	log_lookup_destroy(&a.lookup);
	log_index_free(&index);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/postroom-log-XXXXXX");
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	char line[128];

	(void)state;
	snprintf(line, sizeof(line), "rm -rf %s", folder);
	return system(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_attempts_among_many),
	    cmocka_unit_test(test_limit_keeps_the_newest),
	    cmocka_unit_test(test_lives_of_a_short_id),
	    cmocka_unit_test(test_log_of_foreign_lines),
	    cmocka_unit_test(test_birth_told_by_another_process),
	    cmocka_unit_test(test_notices_of_real_versions),
	    cmocka_unit_test(test_requeues_are_followed_both_ways),
	    cmocka_unit_test(test_compressed_files),
	    cmocka_unit_test(test_strange_bytes),
	    cmocka_unit_test(test_command_output),
	    cmocka_unit_test(test_journal_output),
	    cmocka_unit_test(test_large_log),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
