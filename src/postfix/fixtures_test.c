/* Captures of seven versions of Postfix: the queue files with their defer logs, the showq stream
 * and the JSON of the same moment have to give the same messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "postfix/defer_log.h"
#include "postfix/message.h"
#include "postfix/queue_file.h"
#include "postfix/queue_json.h"
#include "postfix/showq.h"

#define MESSAGES_MAX 64
static const char *const VERSIONS[] = {"3.4", "3.5", "3.6", "3.7", "3.10", "3.11", "3.12"};
#define VERSION_COUNT (sizeof(VERSIONS) / sizeof(VERSIONS[0]))

/* Messages of one source, each as its encoded bytes. */
struct set {
	struct buffer bytes[MESSAGES_MAX];
	size_t count;
};

static void add(void *context, struct message *m)
{
	struct set *set = context;

	assert_true(set->count < MESSAGES_MAX);
	message_encode(&set->bytes[set->count++], m);
}

static void set_free(struct set *set)
{
	for (size_t i = 0; i < set->count; i++)
		buffer_free(&set->bytes[i]);
	set->count = 0;
}

static bool find(const struct set *set, const char *id, struct message *m)
{
	for (size_t i = 0; i < set->count; i++) {
		assert_true(message_decode(m, buffer_slice(&set->bytes[i])));
		if (strcmp(m->id, id) == 0)
			return true;
	}
	return false;
}

static void path_of(char path[512], const char *version, const char *file)
{
	const char *root = getenv("POSTROOM_FIXTURES");

	assert_non_null(root);
	snprintf(path, 512, "%s/postfix-%s/%s", root, version, file);
}

static void read_file(const char *path, struct buffer *out)
{
	struct error err;

	if (!fd_read_file(path, (size_t)16 << 20, out, &err))
		fail_msg("%s", err.text);
}

static void load_showq(const char *version, size_t step, struct set *set)
{
	BUFFER_AUTO struct buffer bytes = {0};
	struct showq s = {0};
	char path[512];

	path_of(path, version, "showq.bin");
	read_file(path, &bytes);
	showq_begin(&s);
	for (size_t at = 0; at < bytes.len; at += step) {
		assert_false(showq_complete(&s));
		assert_true(showq_feed(
		    &s, slice_first(slice_from(buffer_slice(&bytes), at), step), add, set));
	}
	assert_true(showq_complete(&s));
	assert_int_equal(s.skipped, 0);
	showq_free(&s);
}

static void load_json(const char *version, const char *file, size_t step, struct set *set)
{
	BUFFER_AUTO struct buffer bytes = {0};
	struct queue_json j = {0};
	char path[512];

	path_of(path, version, file);
	read_file(path, &bytes);
	queue_json_begin(&j);
	for (size_t at = 0; at < bytes.len; at += step)
		assert_true(queue_json_feed(
		    &j, slice_first(slice_from(buffer_slice(&bytes), at), step), add, set));
	assert_true(queue_json_complete(&j));
	assert_int_equal(j.skipped, 0);
	queue_json_free(&j);
}

static void assert_same_slice(struct slice a, struct slice b, const char *id)
{
	if (!slice_equal(a, b))
		fail_msg("%s: '%.*s' is not '%.*s'", id, SLICE_ARGS(a), SLICE_ARGS(b));
}

/* What a listing knows is the same in both. */
static void assert_same_listed(const struct message *a, const struct message *b)
{
	assert_int_equal(a->queue, b->queue);
	assert_int_equal(a->arrival, b->arrival);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->flags & MESSAGE_FORCED_EXPIRE, b->flags & MESSAGE_FORCED_EXPIRE);
	assert_same_slice(a->sender, b->sender, a->id);
	assert_int_equal(a->recipient_todo, b->recipient_todo);
}

static void assert_same_sets(const struct set *a, const struct set *b)
{
	MESSAGE_AUTO struct message m, other;

	message_init(&m);
	message_init(&other);
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_true(message_decode(&m, buffer_slice(&a->bytes[i])));
		assert_true(find(b, m.id, &other));
		assert_same_listed(&m, &other);
		assert_int_equal(m.recipient_count, other.recipient_count);
		for (size_t j = 0; j < m.recipient_count; j++) {
			assert_same_slice(
			    m.recipients[j].address, other.recipients[j].address, m.id);
			assert_same_slice(m.recipients[j].reason, other.recipients[j].reason, m.id);
			assert_same_slice(
			    m.recipients[j].original, other.recipients[j].original, m.id);
		}
	}
}

static void test_showq_equals_json(void **state)
{
	(void)state;
	for (size_t v = 0; v < VERSION_COUNT; v++) {
		struct set showq = {0}, byte = {0}, json = {0}, pieces = {0};

		load_showq(VERSIONS[v], 4096, &showq);
		load_showq(VERSIONS[v], 1, &byte);
		load_json(VERSIONS[v], "postqueue.json", 100000, &json);
		load_json(VERSIONS[v], "postqueue.json", 17, &pieces);
		assert_true(showq.count >= 13);
		assert_same_sets(&showq, &byte);
		assert_same_sets(&showq, &json);
		assert_same_sets(&json, &pieces);
		set_free(&showq);
		set_free(&byte);
		set_free(&json);
		set_free(&pieces);
	}
}

static void test_listing_with_postfix_down(void **state)
{
	(void)state;
	for (size_t v = 0; v < VERSION_COUNT; v++) {
		struct set json = {0};

		load_json(VERSIONS[v], "postqueue-down.json", 4096, &json);
		assert_int_equal(json.count, 13);
		set_free(&json);
	}
}

/* --- Queue files --- */

/* Reads as the reader does: only the windows that the parser wants. */
static enum queue_file_status read_queue_file(
    const char *path, const struct queue_file_stat *stat, struct queue_file *f, struct message *m)
{
	enum queue_file_status status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char window[QUEUE_FILE_WINDOW_MAX];

	assert_true(fd >= 0);
	queue_file_begin(f, stat, m);
	do {
		ssize_t n;

		assert_true(f->want_length <= sizeof(window));
		n = pread(fd, window, f->want_length, (off_t)f->want_offset);
		assert_true(n >= 0);
		status = queue_file_step(f, slice_make(window, (size_t)n), f->want_offset);
	} while (status == QUEUE_FILE_MORE);
	close(fd);
	return status;
}

static void apply_log(const char *root, const char *kind, struct message *m)
{
	BUFFER_AUTO struct buffer bytes = {0};
	struct defer_log_index index = defer_log_index_make(m, strcmp(kind, "bounce") == 0);
	struct defer_log log = {0};
	char path[600], hash[QUEUE_ID_HASH_SIZE] = "";

	if (strcmp(kind, "defer") == 0)
		assert_true(queue_id_hash_directory(slice_of(m->id), 1, hash));
	snprintf(path, sizeof(path), "%s/%s/%s%s", root, kind, hash, m->id);
	if (access(path, F_OK) == 0)
		read_file(path, &bytes);
	/* In odd pieces, as reads may come. */
	for (size_t at = 0; at < bytes.len; at += 1000)
		defer_log_feed(&log, slice_first(slice_from(buffer_slice(&bytes), at), 1000),
		    defer_log_index_apply, &index);
	defer_log_free(&log);
	defer_log_index_free(&index);
}

/* Recipients that are still to do, with their reasons, as listings show them: each is there once
 * with the same reason. */
static void assert_same_recipients(const struct message *file, const struct message *listed)
{
	size_t todo = 0;

	for (size_t i = 0; i < file->recipient_count; i++) {
		const struct message_recipient *r = &file->recipients[i];
		bool found = false;

		if ((r->flags & MESSAGE_RECIPIENT_DONE) != 0)
			continue;
		todo++;
		for (size_t j = 0; j < listed->recipient_count && !found; j++) {
			const struct message_recipient *other = &listed->recipients[j];

			if ((other->flags & MESSAGE_RECIPIENT_DONE) != 0 ||
			    !slice_equal(r->address, other->address))
				continue;
			found = true;
			assert_same_slice(r->reason, other->reason, file->id);
			/* What the log says and what the reason's text says agree. */
			if (other->dsn.len > 0)
				assert_same_slice(r->dsn, other->dsn, file->id);
		}
		if (!found)
			fail_msg("%s: no '%.*s' in the listing", file->id, SLICE_ARGS(r->address));
	}
	assert_int_equal(todo, listed->recipient_todo);
	assert_int_equal(todo, file->recipient_todo);
}

static void check_file(const char *root, const char *line, const struct set *listing, size_t *count)
{
	MESSAGE_AUTO struct message m, listed;
	struct queue_file f = {0};
	struct queue_file_stat stat = {0};
	char relative[128], path[600];
	unsigned mode;
	int64_t seconds, fraction;
	struct slice rest;

	assert_int_equal(sscanf(line, "%127s %o %" SCNd64 ".%" SCNd64 " %" SCNu64 " %" SCNu64,
			     relative, &mode, &seconds, &fraction, &stat.inode, &stat.size),
	    6);
	rest = slice_of(relative);
	assert_true(slice_split(&rest, '/', &stat.id));
	if (!queue_parse(stat.id, &stat.queue))
		return;
	while (slice_split(&rest, '/', &stat.id))
		;
	stat.mode = mode;
	stat.mtime_ns = seconds * 1000000000 + fraction / 10;
	message_init(&m);
	message_init(&listed);
	snprintf(path, sizeof(path), "%s/%s", root, relative);
	assert_true(queue_file_ready(mode));
	if (read_queue_file(path, &stat, &f, &m) != QUEUE_FILE_DONE)
		fail_msg("%s %s", relative, f.problem);
	if (stat.queue != QUEUE_ACTIVE) {
		apply_log(root, "defer", &m);
		apply_log(root, "bounce", &m);
	}
	assert_true(find(listing, m.id, &listed));
	assert_same_listed(&m, &listed);
	assert_same_recipients(&m, &listed);
	assert_true((m.known & MESSAGE_KNOWS_CREATE_TIME) != 0);
	assert_true(m.create_time >= m.arrival && m.create_time < m.arrival + 60);
	assert_true((m.known & MESSAGE_KNOWS_SUBJECT) != 0);
	assert_int_equal((m.known & MESSAGE_KNOWS_NEXT_RETRY) != 0, stat.queue == QUEUE_DEFERRED);
	queue_file_free(&f);
	(*count)++;
}

/* 3.12's capture has a message in its listings that was gone when the files were copied. */
static size_t expected_files(const char *version, size_t listed)
{
	return strcmp(version, "3.12") == 0 ? listed - 1 : listed;
}

static void check_version(const char *version, const char *root)
{
	BUFFER_AUTO struct buffer files = {0};
	struct set listing = {0};
	struct slice rest, line;
	char path[512], text[512];
	size_t count = 0;

	load_showq(version, 65536, &listing);
	path_of(path, version, "files.txt");
	read_file(path, &files);
	rest = buffer_slice(&files);
	while (slice_split(&rest, '\n', &line)) {
		if (line.len == 0)
			continue;
		snprintf(text, sizeof(text), "%.*s", SLICE_ARGS(line));
		check_file(root, text, &listing, &count);
	}
	assert_int_equal(count, expected_files(version, listing.count));
	set_free(&listing);
}

static void test_queue_files_equal_showq(void **state)
{
	(void)state;
	for (size_t v = 0; v < VERSION_COUNT; v++) {
		char directory[] = "/tmp/postroom-fixtures-XXXXXX", archive[512], command[1200];

		assert_non_null(mkdtemp(directory));
		path_of(archive, VERSIONS[v], "queue.tar.xz");
		snprintf(command, sizeof(command), "tar -C %s --no-same-owner -xJf '%s'", directory,
		    archive);
		assert_int_equal(system(command), 0);
		check_version(VERSIONS[v], directory);
		snprintf(command, sizeof(command), "rm -rf %s", directory);
		assert_int_equal(system(command), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_showq_equals_json),
	    cmocka_unit_test(test_listing_with_postfix_down),
	    cmocka_unit_test(test_queue_files_equal_showq),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
