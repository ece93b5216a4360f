/* Goes through the files in either direction, and stops at the limit or where the times end. */
#include "audit/search.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/files.h"
#include "base/fd.h"
#include "base/json_string.h"
#include "base/memory.h"

#define BLOCK ((int64_t)1 << 20)

struct search {
	const struct audit_query *query;
	struct audit_found *found;
	struct buffer text;			 /* of one record */
	struct buffer who, action, message, job; /* bytes that a line must have; "" for none */
	char from[AUDIT_TIME_SIZE], to[AUDIT_TIME_SIZE];
	bool done;
};

/* ---- One line ---- */

static void put_needle(struct buffer *needle, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	if (name != NULL)
		buffer_printf(needle, "\"%s\":", name);
	json_string_put(needle, slice_of(value));
}

static bool has(struct slice line, const struct buffer *needle)
{
	return needle->len == 0 || memmem(line.data, line.len, needle->data, needle->len) != NULL;
}

static bool is_of_job(const struct audit_query *query, int64_t job)
{
	for (size_t i = 0; i < query->job_count; i++)
		if (query->jobs[i] == job)
			return true;
	return false;
}

static bool matches(struct search *s, struct slice line, struct audit_parsed *r)
{
	const struct audit_query *q = s->query;
	bool about = q->message[0] == '\0' && q->job_count == 0;

	if (!has(line, &s->who) || !has(line, &s->action) ||
	    (q->job_count == 0 && !has(line, &s->message)) || !has(line, &s->job) ||
	    !audit_record_read(line, &s->text, r))
		return false;
	/* What somebody's token did, he did. */
	if ((q->who[0] != '\0' && !slice_is(r->who, q->who) && !slice_is(r->owner, q->who)) ||
	    (q->action[0] != '\0' && !slice_is(r->action, q->action)))
		return false;
	/* The same form everywhere, so that texts compare as times do. */
	if ((q->from != 0 && slice_compare(r->at, slice_of(s->from)) < 0) ||
	    (q->to != 0 && slice_compare(r->at, slice_of(s->to)) >= 0))
		return false;
	return about || (q->message[0] != '\0' && slice_is(r->message, q->message)) ||
	       (r->job != 0 && is_of_job(q, r->job));
}

static void look_at_line(struct search *s, struct slice line)
{
	const struct audit_query *q = s->query;
	struct audit_line ends;
	struct audit_parsed r;

	if (!audit_line_read(line, &ends) ||
	    (q->after != 0 && (q->forward ? ends.n <= q->after : ends.n >= q->after)) ||
	    !matches(s, line, &r))
		return;
	if (s->found->count == q->limit) {
		s->found->more = s->done = true;
		return;
	}
	buffer_append_slice(&s->found->lines, line);
	buffer_append_char(&s->found->lines, '\n');
	s->found->last = ends.n;
	s->found->count++;
}

/* ---- One file ---- */

static int open_file(const char *directory, uint64_t number)
{
	char name[AUDIT_FILE_NAME_SIZE], path[1200];

	audit_files_name(number, name);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

static bool read_block(int fd, struct buffer *out, int64_t at, int64_t len)
{
	return pread(fd, buffer_reserve(out, (size_t)len), (size_t)len, at) == len;
}

static bool scan_forward(struct search *s, int fd, int64_t size)
{
	BUFFER_AUTO struct buffer held = {0};
	struct slice rest, line;
	const char *end;

	for (int64_t at = 0; at < size && !s->done;) {
		int64_t len = size - at < BLOCK ? size - at : BLOCK;

		if (!read_block(fd, &held, at, len))
			return false;
		at += len;
		held.len += (size_t)len;
		end = memrchr(held.data, '\n', held.len);
		if (end == NULL)
			continue;
		rest = slice_make(held.data, (size_t)(end - held.data));
		while (!s->done && slice_split(&rest, '\n', &line))
			look_at_line(s, line);
		buffer_consume(&held, (size_t)(end + 1 - held.data));
	}
	return true;
}

/* Blocks from the end; what a block begins with belongs to the one before it. */
static bool scan_backward(struct search *s, int fd, int64_t size)
{
	BUFFER_AUTO struct buffer block = {0}, tail = {0};

	for (int64_t at = size; at > 0 && !s->done;) {
		int64_t len = at < BLOCK ? at : BLOCK;
		size_t end;

		buffer_clear(&block);
		if (!read_block(fd, &block, at - len, len))
			return false;
		at -= len;
		block.len = (size_t)len;
		buffer_append(&block, tail.data, tail.len);
		/* Behind the last line end is what is being written. */
		for (end = block.len; !s->done && end > 0;) {
			const char *before = memrchr(block.data, '\n', end - 1);
			size_t begin = before == NULL ? 0 : (size_t)(before + 1 - block.data);

			if (before == NULL && at > 0)
				break;
			if (block.data[end - 1] == '\n')
				look_at_line(s, slice_make(block.data + begin, end - 1 - begin));
			end = begin;
		}
		buffer_clear(&tail);
		buffer_append(&tail, block.data, end);
	}
	return true;
}

static bool scan_file(struct search *s, const char *directory, uint64_t number, struct error *err)
{
	struct stat st;
	FD_AUTO int fd = open_file(directory, number);
	bool good;

	/* It was the oldest, and went meanwhile. */
	if (fd < 0 && errno == ENOENT)
		return true;
	good = fd >= 0 && fstat(fd, &st) == 0 &&
	       (s->query->forward ? scan_forward(s, fd, st.st_size)
				  : scan_backward(s, fd, st.st_size));
	return good ||
	       error_set_errno(err, "store_broken", errno, "%s: file %" PRIu64, directory, number);
}

/* Where a file begins: number and time of its first record. False where it says neither. */
static bool first_of(struct search *s, const char *directory, uint64_t number,
    struct audit_parsed *r, struct buffer *line)
{
	FD_AUTO int fd = open_file(directory, number);
	ssize_t len;
	const char *end;

	buffer_clear(line);
	len = fd < 0 ? -1 : pread(fd, buffer_reserve(line, 4096), 4096, 0);
	end = len > 0 ? memchr(line->data, '\n', (size_t)len) : NULL;
	return end != NULL &&
	       audit_record_read(slice_make(line->data, (size_t)(end - line->data)), &s->text, r);
}

/* Whether nothing of this file can be wanted, by where it and the next one begin. Clocks may have
 * been set: times are only believed of whole files that the next one begins after. */
static bool is_beside(
    struct search *s, const char *directory, const uint64_t *numbers, size_t i, size_t count)
{
	BUFFER_AUTO struct buffer line = {0};
	const struct audit_query *q = s->query;
	struct audit_parsed r;

	if (q->after != 0 && !q->forward && first_of(s, directory, numbers[i], &r, &line) &&
	    r.n >= q->after)
		return true;
	if (i + 1 == count || !first_of(s, directory, numbers[i + 1], &r, &line))
		return false;
	return (q->forward && q->after != 0 && r.n <= q->after) ||
	       (q->from != 0 && r.before.len > 0 && slice_compare(r.before, slice_of(s->from)) < 0);
}

bool audit_search(const char *directory, const struct audit_query *query, struct audit_found *found,
    struct error *err)
{
	MEMORY_AUTO uint64_t *numbers = NULL;
	struct search s = {.query = query, .found = found};
	size_t count;
	bool good = audit_files_list(directory, &numbers, &count, err);

	/* As who, or as the owner. */
	put_needle(&s.who, NULL, query->who);
	put_needle(&s.action, "action", query->action);
	put_needle(&s.message, "message", query->message);
	if (query->job_count == 1 && query->message[0] == '\0')
		buffer_printf(&s.job, "\"job\":%" PRId64, query->jobs[0]);
	audit_time(query->from * 1000000, s.from);
	audit_time(query->to * 1000000, s.to);
	for (size_t k = 0; good && !s.done && k < count; k++) {
		size_t i = query->forward ? k : count - 1 - k;

		if (!is_beside(&s, directory, numbers, i, count))
			good = scan_file(&s, directory, numbers[i], err);
	}
	buffer_free(&s.text);
	buffer_free(&s.who);
	buffer_free(&s.action);
	buffer_free(&s.message);
	buffer_free(&s.job);
	return good;
}

/* ---- One among the newest ---- */

bool audit_search_members(const char *directory, struct slice members)
{
	MEMORY_AUTO uint64_t *numbers = NULL;
	size_t count;
	bool there = false;

	if (!audit_files_list(directory, &numbers, &count, NULL))
		return false;
	for (size_t i = count; i > 0 && count - i < 2 && !there; i--) {
		BUFFER_AUTO struct buffer bytes = {0};
		FD_AUTO int fd = open_file(directory, numbers[i - 1]);
		struct stat st;
		int64_t len;

		if (fd < 0 || fstat(fd, &st) != 0)
			continue;
		len = st.st_size < 4 * BLOCK ? st.st_size : 4 * BLOCK;
		there = read_block(fd, &bytes, st.st_size - len, len) &&
			memmem(bytes.data, (size_t)len, members.data, members.len) != NULL;
	}
	return there;
}
