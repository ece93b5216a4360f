/* The order of writing is what makes it proof: a record is synced before it counts as kept; a seal
 * stands in the key's file before it stands among the records, because its key is gone by then; a
 * file is removed after the seal over the record that says so. */
#include "audit/writer.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "audit/files.h"
#include "audit/seal.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/memory.h"

#define DAY_MS INT64_C(86400000)
#define REOPEN_MS 3000
/* How often is looked whether somebody was shown the key, or began another lineage. */
#define KEY_LOOK_MS 5000
/* A clock is believed once it has gone like the one that never steps for an hour: before that the
 * machine may have started with a wrong one, which must not end the audit of a year. */
#define CLOCK_TRUST_US INT64_C(3600000000)
/* The first line of a file is short. */
#define BEGIN_MAX 2048

struct audit_writer {
	char *directory;
	struct audit_files *files; /* NULL: not open */
	int64_t opened_ms, turn_ms, key_ms;
	int64_t wall_us, boot_us; /* at the opening */
	struct buffer lines;	  /* of this commit, for the journal */
	struct error failed;	  /* the last failure; its code is "" when all is well */
	struct audit_status key;  /* what it says of lineage and seals */
};

/* ---- The journal ---- */

static void tell_line(struct slice line, struct buffer *text)
{
	struct audit_parsed r;
	char action[AUDIT_NAME_MAX + 1], who[AUDIT_NAME_MAX + 1];
	struct log_field fields[] = {{"AUDIT_ACTION", action}, {"AUDIT_WHO", who}};

	if (!audit_record_read(line, text, &r))
		return;
	snprintf(action, sizeof(action), "%.*s", SLICE_ARGS(r.action));
	snprintf(who, sizeof(who), "%.*s", SLICE_ARGS(r.who));
	/* With the chain value, so that a journal that is kept elsewhere proves what is here. */
	log_with(LOG_LEVEL_INFO, fields, sizeof(fields) / sizeof(fields[0]),
	    "audit %" PRIu64 ": %s%s%s%s%.*s: %.*s%s%.*s%s%.*s [%.*s]", r.n, action,
	    who[0] != '\0' ? " by " : "", who, r.from.len > 0 ? " from " : "", SLICE_ARGS(r.from),
	    SLICE_ARGS(r.object), r.text.len > 0 ? ": " : "", SLICE_ARGS(r.text),
	    r.outcome.len > 0 ? ": " : "", SLICE_ARGS(r.outcome), 2 * AUDIT_CHAIN_SIZE,
	    line.data + line.len - 2 - 2 * AUDIT_CHAIN_SIZE);
}

static void tell_journal(struct audit_writer *writer)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest = buffer_slice(&writer->lines), line;

	while (slice_split(&rest, '\n', &line))
		if (line.len > 0)
			tell_line(line, &text);
	buffer_clear(&writer->lines);
}

/* ---- Records ---- */

void audit_writer_put(struct audit_writer *writer, struct slice members)
{
	if (writer->files != NULL)
		audit_files_put(writer->files, members);
}

static void put_own(
    struct audit_writer *writer, enum audit_action action, struct slice own, const char *text)
{
	BUFFER_AUTO struct buffer members = {0};

	audit_record_members(
	    &members, &(struct audit_entry){.action = action, .own = own, .text = slice_of(text)});
	audit_writer_put(writer, buffer_slice(&members));
}

void audit_writer_put_lost(struct audit_writer *writer, uint64_t count)
{
	char text[120];

	snprintf(text, sizeof(text),
	    "%" PRIu64 " records could not be kept: they stand in the service's log alone", count);
	put_own(writer, AUDIT_LOST, SLICE(""), text);
}

static bool commit(struct audit_writer *writer)
{
	struct error err = {0};

	buffer_append_slice(&writer->lines, audit_files_waiting(writer->files));
	if (!audit_files_commit(writer->files, &err)) {
		if (strcmp(writer->failed.text, err.text) != 0)
			log_error("the audit cannot be written: %s", err.text);
		writer->failed = err;
		buffer_clear(&writer->lines);
		return false;
	}
	writer->failed = (struct error){0};
	tell_journal(writer);
	return true;
}

/* The first record of a file: which it is, and what was before it. */
static void put_begin(struct audit_writer *writer)
{
	BUFFER_AUTO struct buffer own = {0};
	char after[AUDIT_HEX_SIZE];

	audit_hex(audit_files_chain(writer->files), after);
	buffer_printf(&own, "\"file\":%" PRIu64 ",", audit_files_number(writer->files));
	if (audit_files_last(writer->files) > 0)
		buffer_printf(&own, "\"before\":\"%s\",", audit_files_last_at(writer->files));
	buffer_printf(&own, "\"after\":\"%s\"", after);
	put_own(writer, AUDIT_BEGIN, buffer_slice(&own), "");
}

/* ---- The key and the seals ---- */

static void note_key(struct audit_writer *writer, const struct audit_key *key)
{
	struct audit_status *told = &writer->key;

	snprintf(told->lineage, sizeof(told->lineage), "%s", key->lineage);
	told->seals = key->number;
	told->key_waits = key->has_first;
	told->sealed = key->made_n;
	snprintf(told->sealed_at, sizeof(told->sealed_at), "%s", key->made_at);
}

/* The key as it is on disk: it is in memory only as long as it is needed. Where there is none, a
 * new lineage begins. With the lock held. */
static bool read_key(struct audit_writer *writer, struct audit_key *key, struct error *err)
{
	if (audit_key_read(writer->directory, key, err))
		return true;
	if (strcmp(err->code, "not_found") != 0 && strcmp(err->code, "store_damaged") != 0)
		return false;
	if (strcmp(err->code, "store_damaged") == 0)
		log_error("the audit's key is damaged, a new lineage begins: %s", err->text);
	audit_key_create(key);
	return audit_key_write(writer->directory, key, err);
}

static void look_at_key(struct audit_writer *writer)
{
	struct audit_key key;
	struct error err;
	FD_AUTO int lock = audit_key_lock(writer->directory, &err);

	writer->key_ms = clock_monotonic_ms() + KEY_LOOK_MS;
	if (lock >= 0 && read_key(writer, &key, &err))
		note_key(writer, &key);
	sodium_memzero(&key, sizeof(key));
}

static void put_seal(struct audit_writer *writer, const struct audit_key *key)
{
	BUFFER_AUTO struct buffer members = {0};

	audit_seal_members(key, &members);
	audit_writer_put(writer, buffer_slice(&members));
}

/* A seal whose record did not come to the disk before a crash. */
static bool finish_seal(struct audit_writer *writer, const struct audit_key *key)
{
	if (key->made_n == 0 || key->made_n != audit_files_last(writer->files) + 1)
		return true;
	put_seal(writer, key);
	return commit(writer);
}

static bool make_seal(struct audit_writer *writer, struct audit_key *key, struct error *err)
{
	BUFFER_AUTO struct buffer own = {0};

	if (!finish_seal(writer, key))
		return false;
	if (key->number == 0) {
		buffer_printf(&own, "\"lineage\":\"%s\"", key->lineage);
		put_own(writer, AUDIT_KEY, buffer_slice(&own),
		    "seals are made with the keys of this lineage from here on");
	}
	if (!commit(writer))
		return false;
	audit_seal_make(key, audit_files_last(writer->files) + 1, audit_files_chain(writer->files),
	    clock_now_us());
	if (!audit_key_write(writer->directory, key, err))
		return false;
	put_seal(writer, key);
	note_key(writer, key);
	return commit(writer);
}

static void seal(struct audit_writer *writer)
{
	struct audit_key key;
	struct error err = {0};
	FD_AUTO int lock = audit_key_lock(writer->directory, &err);
	bool good = lock >= 0 && read_key(writer, &key, &err) && make_seal(writer, &key, &err);

	sodium_memzero(&key, sizeof(key));
	if (!good)
		log_error("the audit could not be sealed: %s",
		    err.text[0] != '\0' ? err.text : writer->failed.text);
}

/* ---- Opening ---- */

/* The first record of a file; slices are in `line` and `text`. */
static bool read_begin(const struct audit_writer *writer, uint64_t number, char line[BEGIN_MAX],
    struct buffer *text, struct audit_parsed *begin)
{
	char name[AUDIT_FILE_NAME_SIZE], path[1200];
	FD_AUTO int fd = -1;
	ssize_t len;
	const char *end;

	audit_files_name(number, name);
	snprintf(path, sizeof(path), "%s/%s", writer->directory, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	len = fd >= 0 ? pread(fd, line, BEGIN_MAX, 0) : -1;
	end = len > 0 ? memchr(line, '\n', (size_t)len) : NULL;
	return end != NULL &&
	       audit_record_read(slice_make(line, (size_t)(end - line)), text, begin) &&
	       slice_is(begin->action, audit_action_name(AUDIT_BEGIN));
}

/* A day after the newest file was begun, and not in the first minute. */
static int64_t next_turn(const struct audit_writer *writer)
{
	BUFFER_AUTO struct buffer text = {0};
	char line[BEGIN_MAX];
	struct audit_parsed begin;
	int64_t at = 0, left;

	if (!read_begin(writer, audit_files_number(writer->files), line, &text, &begin) ||
	    !clock_parse_rfc3339(begin.at, &at))
		return clock_monotonic_ms() + DAY_MS;
	left = DAY_MS - (clock_now() - at) * 1000;
	return clock_monotonic_ms() + (left < 60000 ? 60000 : left > DAY_MS ? DAY_MS : left);
}

static bool begin_writing(struct audit_writer *writer, struct error *err)
{
	char text[120];
	struct audit_key key;
	FD_AUTO int lock = audit_key_lock(writer->directory, err);
	bool good = lock >= 0 && read_key(writer, &key, err);

	if (good) {
		note_key(writer, &key);
		good = finish_seal(writer, &key);
	}
	sodium_memzero(&key, sizeof(key));
	if (!good)
		return false;
	if (audit_files_is_new(writer->files))
		put_begin(writer);
	if (audit_files_torn(writer->files) > 0) {
		snprintf(text, sizeof(text),
		    "%zu bytes of an unfinished record at the end were dropped",
		    audit_files_torn(writer->files));
		put_own(writer, AUDIT_TORN, SLICE(""), text);
	}
	return commit(writer);
}

static void try_open(struct audit_writer *writer)
{
	struct error err = {0};

	if (writer->opened_ms != 0 && clock_monotonic_ms() - writer->opened_ms < REOPEN_MS)
		return;
	writer->opened_ms = clock_monotonic_ms();
	writer->files = audit_files_open(writer->directory, &err);
	if (writer->files != NULL && begin_writing(writer, &err)) {
		writer->failed = (struct error){0};
		writer->wall_us = clock_now_us();
		writer->boot_us = clock_boot_us();
		writer->turn_ms = next_turn(writer);
		return;
	}
	audit_files_close(&writer->files);
	if (err.code[0] != '\0')
		writer->failed = err;
	log_error("the audit cannot be opened: %s", writer->failed.text);
}

struct audit_writer *audit_writer_open(const char *directory)
{
	struct audit_writer *writer = memory_zero(1, sizeof(*writer));

	writer->directory = memory_strdup(directory);
	try_open(writer);
	return writer;
}

void audit_writer_close(struct audit_writer **pointer)
{
	struct audit_writer *writer = *pointer;

	/* While the service is down nobody watches the files: whoever comes then finds them sealed.
	 */
	if (writer->files != NULL && writer->failed.code[0] == '\0')
		seal(writer);
	audit_files_close(&writer->files);
	buffer_free(&writer->lines);
	free(writer->directory);
	free(writer);
	*pointer = NULL;
}

bool audit_writer_commit(struct audit_writer *writer)
{
	if (writer->files != NULL)
		return commit(writer);
	/* What was put is not there: it comes again. */
	try_open(writer);
	return false;
}

/* ---- Once a day ---- */

/* The first file that stays, when those before it hold nothing younger than `keep` seconds; 0: none
 * goes. Puts the record that says so. */
static uint64_t put_cut(struct audit_writer *writer, int64_t keep)
{
	MEMORY_AUTO uint64_t *numbers = NULL;
	BUFFER_AUTO struct buffer text = {0}, own = {0};
	char line[BEGIN_MAX];
	struct audit_parsed begin;
	uint64_t first = 0;
	size_t count;
	int64_t before;

	if (keep <= 0 || !audit_files_list(writer->directory, &numbers, &count, NULL))
		return 0;
	/* What a file begins after says how old the one before it is. */
	for (size_t i = 1; i < count; i++) {
		if (!read_begin(writer, numbers[i], line, &text, &begin) ||
		    !clock_parse_rfc3339(begin.before, &before) || clock_now() - before < keep)
			break;
		first = numbers[i];
		buffer_clear(&own);
		buffer_printf(&own,
		    "\"file\":%" PRIu64 ",\"first\":%" PRIu64
		    ",\"before\":\"%.*s\",\"after\":\"%.*s\""
		    ",\"keep\":%" PRId64,
		    first, begin.n, SLICE_ARGS(begin.before), SLICE_ARGS(begin.after), keep);
	}
	if (first > 0)
		put_own(writer, AUDIT_CUT, buffer_slice(&own),
		    "what is older than it is kept was removed");
	return first;
}

static void remove_before(struct audit_writer *writer, uint64_t first)
{
	MEMORY_AUTO uint64_t *numbers = NULL;
	struct error err;
	size_t count;

	if (first == 0 || !audit_files_list(writer->directory, &numbers, &count, NULL))
		return;
	for (size_t i = 0; i < count && numbers[i] < first; i++)
		if (!audit_files_remove(writer->files, numbers[i], &err))
			log_warning("%s", err.text);
}

static bool clock_is_trusted(const struct audit_writer *writer)
{
	int64_t boot = clock_boot_us() - writer->boot_us, wall = clock_now_us() - writer->wall_us;

	return boot >= CLOCK_TRUST_US && llabs(wall - boot) < CLOCK_TRUST_US;
}

static void turn(struct audit_writer *writer, int64_t keep)
{
	struct error err;
	uint64_t cut = put_cut(writer, keep);

	if (!commit(writer))
		return;
	seal(writer);
	/* Where there is no room for another file this one goes on. */
	if (audit_files_next(writer->files, &err)) {
		put_begin(writer);
		if (commit(writer))
			remove_before(writer, cut);
	}
}

static bool come_back(struct audit_writer *writer)
{
	char text[ERROR_TEXT_MAX];

	snprintf(
	    text, sizeof(text), "it could not be written for a time: %.400s", writer->failed.text);
	if (audit_files_is_new(writer->files))
		put_begin(writer);
	put_own(writer, AUDIT_LOST, SLICE(""), text);
	return commit(writer);
}

void audit_writer_tend(struct audit_writer *writer, int64_t keep_seconds, bool now)
{
	if (writer->files == NULL)
		try_open(writer);
	if (writer->files == NULL)
		return;
	audit_files_tend(writer->files);
	/* Nothing is begun any more, so nobody else would find out that it works again. */
	if (writer->failed.code[0] != '\0' && !come_back(writer))
		return;
	if (clock_monotonic_ms() >= writer->key_ms)
		look_at_key(writer);
	if (!now && clock_monotonic_ms() < writer->turn_ms)
		return;
	writer->turn_ms = clock_monotonic_ms() + DAY_MS;
	turn(writer, now || clock_is_trusted(writer) ? keep_seconds : 0);
}

void audit_writer_health(const struct audit_writer *writer, struct audit_status *health)
{
	const struct audit_files *files = writer->files;

	*health = writer->key;
	if (files != NULL) {
		health->last = audit_files_last(files);
		memcpy(health->chain, audit_files_chain(files), sizeof(health->chain));
	}
	if (files == NULL || writer->failed.code[0] != '\0') {
		health->state = AUDIT_BROKEN;
		snprintf(health->text, sizeof(health->text), "%s", writer->failed.text);
	} else if (audit_files_room(files) >= 0 && audit_files_room(files) < AUDIT_ROOM / 2) {
		health->state = AUDIT_LOW;
		snprintf(health->text, sizeof(health->text),
		    "%s: the disk is full; what is done is recorded in a reserve for about "
		    "%" PRId64 " records",
		    writer->directory, audit_files_room(files) / 400);
	}
}
