/* One file of the log, or a command's output, cut into blocks with a filter of the queue IDs in
 * each. log_source_step reads on and indexes; the lookup functions say which blocks may have an ID
 * and read one again. The block in the making has an exact set of IDs in place of a filter. */
#include "logreader/log_source.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "logreader/log_keys.h"
#include "postfix/message.h"

/* Enough for one line of Postfix's to be told from any other file's. */
#define HEAD_SIZE 512
#define READ_SIZE ((size_t)64 << 10)
/* What one step of log_source_approach decodes: at 200 MB/s some 10 ms. */
#define APPROACH_SIZE ((size_t)2 << 20)
/* For the text of one block inflated: a block ends at the first line behind LOG_BLOCK_SIZE. */
#define BLOCK_TEXT_MAX (LOG_BLOCK_SIZE + 2 * LOG_LINE_MAX)

/* Of a line that is not understood, for people to know it by. */
#define FOREIGN_MAX 200

/* What a line is indexed for. */
struct indexing {
	struct log_source *source;
	const struct hash_key *key;
	log_source_fn fn;
	void *context;
};

struct log_source *log_source_create(const char *name, uint64_t serial)
{
	struct log_source *s = memory_zero(1, sizeof(*s));

	s->name = memory_strdup(name);
	s->serial = serial;
	s->fd = -1;
	s->open_first_us = INT64_MAX;
	s->clock.reference_s = clock_now();
	return s;
}

static void free_block(struct log_block *block)
{
	log_filter_free(&block->filter);
	free(block->text);
}

void log_source_destroy(struct log_source **pointer)
{
	struct log_source *s = *pointer;

	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++)
		free_block(&s->blocks[i]);
	free(s->blocks);
	free(s->name);
	free(s->first_foreign);
	fd_close(&s->fd);
	log_points_free(&s->points);
	log_lines_free(&s->lines);
	log_stream_close(&s->stream);
	log_stream_close(&s->reader);
	log_ids_free(&s->open_ids);
	buffer_free(&s->open_text);
	free(s);
	*pointer = NULL;
}

/* By content, because a file that was compressed or copied has another inode and name. Files with
 * the same first line count as one. */
uint64_t log_source_head(int fd, enum log_format format, const struct hash_key *key)
{
	struct error err;
	struct log_stream *stream = log_stream_open(fd, format, NULL, 0, &err);
	char head[HEAD_SIZE];
	size_t len = 0;
	ssize_t got;
	ptrdiff_t newline;

	if (stream == NULL)
		return 0;
	while (len < sizeof(head) &&
	       (got = log_stream_read(stream, head + len, sizeof(head) - len, &err)) > 0)
		len += (size_t)got;
	log_stream_close(&stream);
	newline = slice_find_char(slice_make(head, len), '\n');
	if (newline < 0 && len < sizeof(head))
		return 0;
	/* Never 0, which stands for a file without a first line. */
	return hash_bytes(key, slice_make(head, newline < 0 ? len : (size_t)newline)) | 1;
}

void log_source_set_file(struct log_source *s, int fd, const struct hash_key *key)
{
	struct stat st;
	/* Points belong to the bytes of the former file; the budget for them stays. */
	size_t memory_max = s->points.memory_max;

	log_stream_close(&s->stream);
	log_stream_close(&s->reader);
	log_points_free(&s->points);
	s->points.memory_max = memory_max;
	fd_close(&s->fd);
	s->fd = fd;
	s->format = log_stream_format(fd);
	if (s->head == 0)
		s->head = log_source_head(fd, s->format, key);
	if (fstat(fd, &st) == 0) {
		s->inode = st.st_ino;
		/* Lines without a year are read against the time of the last one. */
		s->clock.reference_s = s->grows ? clock_now() : (int64_t)st.st_mtim.tv_sec;
	}
}

/* ---- making blocks ---- */

static void put_block(struct log_source *s, struct log_block *block)
{
	s->blocks = memory_resize(s->blocks, s->count + 1, sizeof(*s->blocks));
	s->blocks[s->count++] = *block;
	s->memory += sizeof(*block) + log_filter_memory(&block->filter) + block->text_len;
}

static void deflate_text(struct log_source *s, struct log_block *block)
{
	uLongf len = compressBound((uLong)s->open_text.len);
	unsigned char *text = memory_alloc(len);

	/* Level 1: it keeps up with any mail server, and logs shrink to a tenth all the same. */
	if (compress2(text, &len, (const unsigned char *)s->open_text.data, (uLong)s->open_text.len,
		1) != Z_OK)
		len = 0;
	block->text = memory_resize(text, len > 0 ? len : 1, 1);
	block->text_len = (uint32_t)len;
	buffer_clear(&s->open_text);
}

static void close_block(struct log_source *s, uint64_t end)
{
	struct log_block block = {.offset = s->open_offset,
	    .length = end - s->open_offset,
	    .first_us = s->open_first_us,
	    .last_us = s->open_last_us};

	if (s->open_text.len > 0)
		deflate_text(s, &block);
	/* A block of a file without any ID need not be kept: no lookup would ever read it. */
	if (block.length > 0 && (s->open_ids.count > 0 || block.text != NULL)) {
		log_filter_make(&block.filter, &s->open_ids);
		put_block(s, &block);
	} else {
		free_block(&block);
	}
	log_ids_clear(&s->open_ids);
	s->open_offset = end;
	s->open_first_us = INT64_MAX;
	s->open_last_us = 0;
}

/* All that the line can be found by. A lookup finds a message by the ID of another too: a re-queued
 * one, a notice's, a forwarded one's. */
static void note_keys(struct log_source *s, const struct hash_key *key, const struct log_line *line)
{
	struct log_keys keys;

	log_keys_of(line, &keys);
	for (size_t i = 0; i < keys.count; i++)
		log_ids_add(&s->open_ids, log_key_hash(key, keys.item[i].text, keys.item[i].fold));
	if (line->id.len > 0)
		log_ids_add(&s->open_ids, hash_bytes(key, line->id));
	if (line->other_id.len > 0)
		log_ids_add(&s->open_ids, hash_bytes(key, line->other_id));
}

/* A command's output is kept as short lines of one form: a journal's entries are five times as
 * long. */
static void keep_text(struct log_source *s, const struct log_line *line)
{
	char time[CLOCK_RFC3339_SIZE];

	if (line->time_us != LOG_TIME_UNKNOWN) {
		int64_t seconds = line->time_us / 1000000, us = line->time_us % 1000000;

		clock_rfc3339(us < 0 ? seconds - 1 : seconds, time);
		buffer_printf(
		    &s->open_text, "%.19s.%06dZ ", time, (int)(us < 0 ? us + 1000000 : us));
	}
	if (line->host.len > 0)
		buffer_printf(&s->open_text, "%.*s ", SLICE_ARGS(slice_first(line->host, 255)));
	buffer_append_slice(&s->open_text, line->instance);
	if (line->process.len > 0)
		buffer_printf(&s->open_text, "/%.*s", SLICE_ARGS(line->process));
	buffer_printf(&s->open_text, "[%u]: ", line->pid);
	buffer_append_slice(&s->open_text, line->text);
	buffer_append_char(&s->open_text, '\n');
}

/* A stranger may have written it: of its bytes only printable text is kept. */
static void note_foreign(struct log_source *s, struct slice text)
{
	BUFFER_AUTO struct buffer printable = {0};

	if (slice_trim(text).len == 0)
		return;
	s->foreign++;
	if (s->first_foreign != NULL)
		return;
	message_printable(&printable, slice_first(slice_trim(text), FOREIGN_MAX));
	s->first_foreign = memory_strdup(buffer_string(&printable));
}

static void index_line(void *context, struct slice text, uint64_t start, uint64_t next)
{
	struct indexing *in = context;
	struct log_source *s = in->source;
	BUFFER_AUTO struct buffer scratch = {0};
	struct log_line line;

	/* Between two lines, so that no line lies in two blocks. Kept text counts as well, as that
	 * is what a lookup has to inflate. */
	if (start - s->open_offset >= LOG_BLOCK_SIZE || s->open_text.len >= LOG_BLOCK_SIZE)
		close_block(s, start);
	if (!log_line_parse(text, &s->clock, &scratch, &line)) {
		note_foreign(s, text);
		return;
	}
	s->understood++;
	/* A line without a time was written about now, as far as a growing log is concerned. */
	if (line.time_us == LOG_TIME_UNKNOWN && s->grows && start >= s->grows_from)
		line.time_us = clock_now_us();
	note_keys(s, in->key, &line);
	if (s->keeps_text)
		keep_text(s, &line);
	if (line.time_us != LOG_TIME_UNKNOWN) {
		if (line.time_us < s->open_first_us)
			s->open_first_us = line.time_us;
		if (line.time_us > s->open_last_us)
			s->open_last_us = line.time_us;
	} else {
		s->unreadable++;
	}
	in->fn(in->context, s, &line, start);
	(void)next;
}

static struct log_stream *stream_of(struct log_source *s)
{
	if (s->stream == NULL)
		s->stream = log_stream_open(s->fd, s->format, &s->points, s->lines.end, &s->error);
	return s->stream;
}

bool log_source_step(
    struct log_source *s, const struct hash_key *key, log_source_fn fn, void *context)
{
	struct indexing in = {s, key, fn, context};
	MEMORY_AUTO char *bytes = NULL;
	size_t read = 0;

	/* An error is final: trying again would say the same every few milliseconds. */
	if (s->fd < 0 || s->error.code[0] != '\0')
		return false;
	if (stream_of(s) == NULL)
		return error_prefix(&s->error, "%s", s->name);
	if (s->grows)
		s->clock.reference_s = clock_now();
	bytes = memory_alloc(READ_SIZE);
	while (read < LOG_STEP_SIZE) {
		ssize_t got = log_stream_read(s->stream, bytes, READ_SIZE, &s->error);

		if (got <= 0) {
			s->complete = true;
			if (got < 0)
				error_prefix(&s->error, "%s", s->name);
			/* Of a log that grows, the last line may be half written. It is finished
			 * when the rest has come. */
			if (!s->grows || got < 0)
				log_source_finish(s, key, fn, context);
			return false;
		}
		s->complete = false;
		read += (size_t)got;
		log_lines_feed(&s->lines, slice_make(bytes, (size_t)got), index_line, &in);
	}
	return true;
}

void log_source_feed(struct log_source *s, struct slice bytes, const struct hash_key *key,
    log_source_fn fn, void *context)
{
	struct indexing in = {s, key, fn, context};

	s->clock.reference_s = clock_now();
	log_lines_feed(&s->lines, bytes, index_line, &in);
}

void log_source_finish(
    struct log_source *s, const struct hash_key *key, log_source_fn fn, void *context)
{
	struct indexing in = {s, key, fn, context};

	log_lines_finish(&s->lines, index_line, &in);
	close_block(s, s->lines.end);
	log_stream_close(&s->stream);
	s->complete = true;
}

/* ---- looking up ---- */

bool log_source_may_contain(const struct log_source *s, size_t block, uint64_t hash)
{
	/* The block in the making has the number behind the last finished one. */
	if (block == s->count)
		return log_ids_contains(&s->open_ids, hash);
	return log_filter_may_contain(&s->blocks[block].filter, hash);
}

bool log_source_span(const struct log_source *s, size_t block, int64_t *first_us, int64_t *last_us)
{
	*first_us = block == s->count ? s->open_first_us : s->blocks[block].first_us;
	*last_us = block == s->count ? s->open_last_us : s->blocks[block].last_us;
	return *first_us != INT64_MAX;
}

bool log_source_find_block(const struct log_source *s, uint64_t offset, size_t *block)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->blocks[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	*block = low;
	return low < s->count ? s->blocks[low].offset == offset : s->open_offset == offset;
}

uint64_t log_source_block_offset(const struct log_source *s, size_t block)
{
	return block == s->count ? s->open_offset : s->blocks[block].offset;
}

static bool read_text(struct slice text, uint64_t offset, log_lines_fn fn, void *context)
{
	struct log_lines lines = {0};

	log_lines_reset(&lines, offset);
	log_lines_feed(&lines, text, fn, context);
	log_lines_free(&lines);
	return true;
}

static bool read_deflated(
    const struct log_block *block, log_lines_fn fn, void *context, struct error *err)
{
	MEMORY_AUTO unsigned char *text = memory_alloc(BLOCK_TEXT_MAX);
	uLongf len = BLOCK_TEXT_MAX;

	if (uncompress(text, &len, block->text, block->text_len) != Z_OK)
		return error_set(err, "io_error", "a part of the kept log is damaged");
	return read_text(slice_make(text, len), block->offset, fn, context);
}

static bool read_file(struct log_source *s, uint64_t offset, uint64_t length, log_lines_fn fn,
    void *context, struct error *err)
{
	struct log_stream *stream = s->reader;
	MEMORY_AUTO char *bytes = memory_alloc(READ_SIZE);
	struct log_lines lines = {0};
	ssize_t got = 1;

	s->reader = NULL;
	/* Where log_source_approach has come to, there is nothing to skip. */
	if (stream == NULL || log_stream_offset(stream) != offset) {
		log_stream_close(&stream);
		stream = log_stream_open(s->fd, s->format, &s->points, offset, err);
	}
	if (stream == NULL)
		return false;
	log_lines_reset(&lines, offset);
	while (length > 0 && got > 0) {
		got = log_stream_read(
		    stream, bytes, length < READ_SIZE ? (size_t)length : READ_SIZE, err);
		if (got > 0) {
			length -= (uint64_t)got;
			log_lines_feed(&lines, slice_make(bytes, (size_t)got), fn, context);
		}
	}
	if (length == 0)
		log_lines_finish(&lines, fn, context);
	log_lines_free(&lines);
	if (length == 0 && !log_stream_can_enter(s->format))
		s->reader = stream;
	else
		log_stream_close(&stream);
	if (got == 0 && length > 0)
		return error_set(err, "io_error", "the log file became shorter");
	return got >= 0;
}

bool log_source_approach(struct log_source *s, size_t block)
{
	uint64_t offset = log_source_block_offset(s, block);
	MEMORY_AUTO char *bytes = NULL;
	struct error err;

	if (s->fd < 0 || s->keeps_text || log_stream_can_enter(s->format))
		return true;
	if (s->reader != NULL && log_stream_offset(s->reader) > offset)
		log_stream_close(&s->reader);
	if (s->reader == NULL)
		s->reader = log_stream_open(s->fd, s->format, NULL, 0, &err);
	if (s->reader == NULL)
		return true;
	bytes = memory_alloc(READ_SIZE);
	for (size_t gone = 0; gone < APPROACH_SIZE; gone += READ_SIZE) {
		uint64_t left = offset - log_stream_offset(s->reader);

		if (left == 0)
			return true;
		/* Too short, or damaged: reading says it. */
		if (log_stream_read(
			s->reader, bytes, left < READ_SIZE ? (size_t)left : READ_SIZE, &err) <= 0)
			return true;
	}
	return false;
}

bool log_source_read(
    struct log_source *s, size_t block, log_lines_fn fn, void *context, struct error *err)
{
	bool open = block == s->count;

	if (open && s->keeps_text)
		return read_text(buffer_slice(&s->open_text), s->open_offset, fn, context);
	if (!open && s->blocks[block].text != NULL)
		return read_deflated(&s->blocks[block], fn, context, err);
	if (s->fd < 0)
		return error_set(err, "rotated_away", "%s was rotated away", s->name);
	/* Only up to the last whole line: what stands behind it is still in `partial`, and may be
	 * half a line. */
	if (open)
		return read_file(
		    s, s->open_offset, s->lines.start - s->open_offset, fn, context, err);
	return read_file(s, s->blocks[block].offset, s->blocks[block].length, fn, context, err);
}

/* ---- size ---- */

bool log_source_drop_oldest(struct log_source *s)
{
	if (s->count == 0)
		return false;
	/* Kept as a running sum: the bound is checked after every step, and there are thousands of
	 * blocks. */
	s->memory -=
	    sizeof(*s->blocks) + log_filter_memory(&s->blocks[0].filter) + s->blocks[0].text_len;
	free_block(&s->blocks[0]);
	s->count--;
	memmove(s->blocks, s->blocks + 1, s->count * sizeof(*s->blocks));
	s->dropped++;
	return true;
}

size_t log_source_memory(const struct log_source *s)
{
	return s->memory + s->points.memory + s->open_ids.capacity * sizeof(*s->open_ids.slots) +
	       s->open_text.cap + s->lines.partial.cap;
}

int64_t log_source_oldest(const struct log_source *s)
{
	int64_t oldest = s->open_first_us;

	for (size_t i = 0; i < s->count; i++)
		if (s->blocks[i].first_us < oldest)
			oldest = s->blocks[i].first_us;
	return oldest;
}

int64_t log_source_newest(const struct log_source *s)
{
	int64_t newest = s->open_last_us;

	for (size_t i = s->count; i > 0 && newest == 0; i--)
		newest = s->blocks[i - 1].last_us;
	return newest;
}
