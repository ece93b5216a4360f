/* Walks along the chain. After a fault it goes on from what it finds there, so that one fault is
 * told once. */
#include "audit/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "audit/files.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"

#define BLOCK (1 << 20)
/* Of one lineage; a seal a day makes 365 in a year. A damaged number must not take hours. */
#define SEALS_MAX 10000000

struct walk {
	struct audit_report *report;
	const struct audit_key *keys;
	size_t key_count;
	const struct audit_known *known;
	bool known_found;
	struct buffer text; /* of one record */
	/* Where we are. */
	uint64_t file, last;
	unsigned char chain[AUDIT_CHAIN_SIZE];
	bool again; /* in a run of records that were there before */
	bool file_begins;
	/* What the first record that is there says of what was before it. */
	char start_before[AUDIT_TIME_SIZE];
	char start_after[AUDIT_HEX_SIZE];
	/* The seals of one lineage: the key of the next one, and whether it is known. */
	char lineage[AUDIT_LINEAGE_SIZE];
	uint64_t next_seal;
	bool has_key;
	struct audit_key key;
	/* The record that says that the oldest were removed, where one fits. */
	uint64_t cut;
};

static void complain(struct walk *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void complain(struct walk *w, const char *format, ...)
{
	struct audit_report *report = w->report;
	va_list args;

	va_start(args, format);
	if (report->problems < AUDIT_VERIFY_PROBLEMS)
		vsnprintf(report->problem[report->problems], AUDIT_VERIFY_TEXT, format, args);
	va_end(args);
	report->problems++;
}

static void copy(char *out, size_t size, struct slice text)
{
	snprintf(out, size, "%.*s", SLICE_ARGS(text));
}

/* ---- The audit's own records ---- */

static void on_begin(struct walk *w, const struct audit_parsed *r)
{
	if (r->file != w->file)
		complain(w,
		    "file %" PRIu64 " says that it is file %" PRIu64
		    ": files were swapped or renamed",
		    w->file, r->file);
}

/* The oldest may be gone when a record says so that names exactly the first one that is there; and
 * this one, which was there long before, says itself how old the one before it was. */
static void on_cut(struct walk *w, const struct audit_parsed *r)
{
	int64_t at, before;

	if (r->first != w->report->first || w->report->first == 1)
		return;
	if (!slice_is(r->after, w->start_after) || !slice_is(r->before, w->start_before)) {
		complain(w,
		    "record %" PRIu64 " says what was removed, but not of the first record here",
		    r->n);
		return;
	}
	if (!clock_parse_rfc3339(r->at, &at) || !clock_parse_rfc3339(r->before, &before) ||
	    at - before < r->keep)
		complain(w,
		    "record %" PRIu64
		    " says that records until %.*s were removed, which were younger "
		    "than %" PRId64 " days: they were cut off",
		    r->n, SLICE_ARGS(r->before), r->keep / 86400);
	w->cut = r->n;
	copy(w->report->cut_at, sizeof(w->report->cut_at), r->at);
	w->report->cut_keep = r->keep;
}

/* Another lineage: with the key of its first seal, where that was given. */
static void begin_lineage(struct walk *w, const struct audit_parsed *r)
{
	copy(w->lineage, sizeof(w->lineage), r->lineage);
	w->next_seal = 0;
	w->has_key = false;
	for (size_t i = 0; i < w->key_count; i++)
		if (slice_is(r->lineage, w->keys[i].lineage)) {
			w->has_key = true;
			w->key = w->keys[i];
		}
	/* The seals before it went with the oldest records. */
	if (w->report->seals == 0 && w->report->first > 1)
		w->next_seal = r->seal;
}

static void on_seal(struct walk *w, const struct audit_parsed *r, struct slice line,
    const unsigned char before[AUDIT_CHAIN_SIZE])
{
	struct audit_report *report = w->report;

	if (!slice_is(r->lineage, w->lineage))
		begin_lineage(w, r);
	if (r->seal != w->next_seal)
		complain(w,
		    "record %" PRIu64 " is seal %" PRIu64 ", where seal %" PRIu64
		    " was due: seals are missing or were put in",
		    r->n, r->seal, w->next_seal);
	w->next_seal = r->seal + 1;
	report->seals++;
	report->sealed = r->n;
	copy(report->sealed_at, sizeof(report->sealed_at), r->at);
	copy(report->lineage, sizeof(report->lineage), r->lineage);
	if (!w->has_key || r->seal > SEALS_MAX)
		return;
	while (w->key.number < r->seal)
		audit_key_next(&w->key);
	if (w->key.number != r->seal || !audit_seal_fits(&w->key, line, before)) {
		complain(w,
		    "seal %" PRIu64 " (record %" PRIu64 ") does not fit: it is forged, or what is "
		    "before it was changed after it was made",
		    r->seal, r->n);
		return;
	}
	report->seals_fit++;
	report->proved = r->n;
	copy(report->proved_at, sizeof(report->proved_at), r->at);
}

static void look_at_own(
    struct walk *w, struct slice line, const unsigned char before[AUDIT_CHAIN_SIZE])
{
	struct audit_parsed r;

	if (!audit_record_read(line, &w->text, &r)) {
		complain(w, "record %" PRIu64 " cannot be read", w->last);
		return;
	}
	if (slice_is(r.action, audit_action_name(AUDIT_BEGIN)))
		on_begin(w, &r);
	else if (slice_is(r.action, audit_action_name(AUDIT_CUT)))
		on_cut(w, &r);
	else if (slice_is(r.action, audit_action_name(AUDIT_SEAL)))
		on_seal(w, &r, line, before);
}

/* ---- Each record ---- */

/* The very first: at the beginning of the chain, or where the file says that it begins. */
static void start(struct walk *w, const struct audit_line *line, struct slice bytes)
{
	struct audit_parsed r;

	w->report->first = line->n;
	if (audit_record_read(bytes, &w->text, &r)) {
		copy(w->report->first_at, sizeof(w->report->first_at), r.at);
		copy(w->start_before, sizeof(w->start_before), r.before);
		copy(w->start_after, sizeof(w->start_after), r.after);
	}
	w->last = line->n - 1;
	if (line->n > 1 && !audit_unhex(slice_of(w->start_after), w->chain))
		complain(w, "record %" PRIu64 ", the first, does not begin a file", line->n);
}

/* Whether it is the next one; else what is wrong with its number. */
static bool is_next(struct walk *w, const struct audit_line *line)
{
	if (line->n <= w->last) {
		if (!w->again)
			complain(w,
			    "record %" PRIu64 " comes behind record %" PRIu64 " (file %" PRIu64
			    "): it was moved, or is there twice",
			    line->n, w->last, w->file);
		w->again = true;
		return false;
	}
	w->again = false;
	if (line->n > w->last + 1) {
		complain(w, "records %" PRIu64 " to %" PRIu64 " are missing (file %" PRIu64 ")",
		    w->last + 1, line->n - 1, w->file);
		return true;
	}
	if (!audit_line_follows(line, w->chain))
		complain(w,
		    "record %" PRIu64 " (file %" PRIu64
		    ") was changed, or does not follow the one before it",
		    line->n, w->file);
	return true;
}

static bool is_own(struct slice line)
{
	/* The third member, behind two short ones. */
	return slice_find(slice_first(line, 96), SLICE("\"action\":\"audit_")) >= 0;
}

static void look_at_line(struct walk *w, struct slice bytes)
{
	struct audit_report *report = w->report;
	struct audit_line line;
	unsigned char before[AUDIT_CHAIN_SIZE];

	if (!audit_line_read(bytes, &line)) {
		complain(w, "behind record %" PRIu64 " (file %" PRIu64 ") stands what is no record",
		    w->last, w->file);
		return;
	}
	if (report->records == 0)
		start(w, &line, bytes);
	if (w->file_begins && !is_own(bytes))
		complain(w, "file %" PRIu64 " does not begin as a file of the audit", w->file);
	w->file_begins = false;
	if (!is_next(w, &line))
		return;
	memcpy(before, w->chain, sizeof(before));
	memcpy(w->chain, line.chain, sizeof(w->chain));
	w->last = line.n;
	report->records++;
	if (w->known != NULL && line.n == w->known->n)
		w->known_found = memcmp(line.chain, w->known->chain, sizeof(line.chain)) == 0;
	if (is_own(bytes))
		look_at_own(w, bytes, before);
	/* `"at":"` and the time, behind the number. */
	copy(report->last_at, sizeof(report->last_at),
	    slice_first(slice_from(bytes, (size_t)slice_find(bytes, SLICE("\"at\":\"")) + 6),
		AUDIT_TIME_SIZE - 1));
}

/* ---- Files ---- */

/* Whole lines of it. What is behind the last line end of the newest file is being written. */
static bool look_at_file(
    struct walk *w, const char *directory, uint64_t number, bool newest, struct error *err)
{
	BUFFER_AUTO struct buffer held = {0};
	char name[AUDIT_FILE_NAME_SIZE], path[1200];
	FD_AUTO int fd = -1;
	ssize_t len;

	audit_files_name(number, name);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return error_set_errno(err, "store_unavailable", errno, "%s", path);
	w->file = number;
	w->file_begins = true;
	while ((len = read(fd, buffer_reserve(&held, BLOCK), BLOCK)) > 0) {
		struct slice rest, line;
		const char *end;

		held.len += (size_t)len;
		end = memrchr(held.data, '\n', held.len);
		if (end == NULL && held.len > AUDIT_LINE_MAX)
			break;
		rest = slice_make(held.data, end == NULL ? 0 : (size_t)(end - held.data));
		while (end != NULL && slice_split(&rest, '\n', &line))
			look_at_line(w, line);
		buffer_consume(&held, end == NULL ? 0 : (size_t)(end + 1 - held.data));
	}
	if (len < 0)
		return error_set_errno(err, "store_broken", errno, "%s", path);
	if (held.len > AUDIT_LINE_MAX || (held.len > 0 && !newest))
		complain(w, "file %" PRIu64 " ends in what is no record", number);
	return true;
}

/* ---- The end ---- */

/* What the key beside the files knows: it has made all seals, and no more. */
static void check_key_file(struct walk *w, const char *directory)
{
	struct audit_key now;
	struct error err;

	if (!audit_key_read(directory, &now, &err)) {
		/* Copies of the files alone are looked at elsewhere. */
		if (strcmp(err.code, "not_found") != 0)
			complain(w, "%s", err.text);
		return;
	}
	/* A seal that has not come to the files yet: the service writes it next. */
	if (now.made_n == w->last + 1)
		return;
	if (now.made_n > w->last)
		complain(w,
		    "the last seal was record %" PRIu64 ", and the last record here is %" PRIu64
		    ": the end is missing",
		    now.made_n, w->last);
	else if (now.number > 0 && strcmp(now.lineage, w->lineage) == 0 &&
		 now.number != w->next_seal)
		complain(w, "%" PRIu64 " seals were made, and the last one here is number %" PRIu64,
		    now.number, w->next_seal - 1);
	if (w->has_key && strcmp(now.lineage, w->lineage) == 0 && now.number <= SEALS_MAX) {
		while (w->key.number < now.number)
			audit_key_next(&w->key);
		if (sodium_memcmp(w->key.key, now.key, sizeof(now.key)) != 0)
			complain(w, "the key beside the files is none of this lineage");
	}
	sodium_memzero(&now, sizeof(now));
}

static void check_end(struct walk *w)
{
	const struct audit_known *known = w->known;

	if (w->report->first > 1 && w->cut == 0)
		complain(w,
		    "records 1 to %" PRIu64
		    " are missing, and no record says that they were removed",
		    w->report->first - 1);
	if (w->report->first > 1 && w->cut > 0 && w->has_key && w->cut > w->report->proved)
		complain(w,
		    "record %" PRIu64 " says that the oldest were removed, and is not sealed",
		    w->cut);
	if (known == NULL || known->n == 0 || known->n < w->report->first || w->known_found)
		return;
	if (known->n > w->last)
		complain(w,
		    "%s knows record %" PRIu64 ", and the last record here is %" PRIu64
		    ": the end is missing",
		    known->who_knows, known->n, w->last);
	else
		complain(w, "record %" PRIu64 " is not the one that %s knows", known->n,
		    known->who_knows);
}

bool audit_verify(const char *directory, const struct audit_key *keys, size_t count,
    const struct audit_known *known, struct audit_report *report, struct error *err)
{
	MEMORY_AUTO uint64_t *numbers = NULL;
	struct walk w = {.report = report, .keys = keys, .key_count = count, .known = known};
	size_t files;
	bool good;

	*report = (struct audit_report){0};
	good = audit_files_list(directory, &numbers, &files, err);
	for (size_t i = 0; good && i < files; i++)
		good = look_at_file(&w, directory, numbers[i], i + 1 == files, err);
	report->last = w.last;
	memcpy(report->chain, w.chain, sizeof(report->chain));
	if (good && report->records > 0)
		check_key_file(&w, directory);
	if (good)
		check_end(&w);
	buffer_free(&w.text);
	sodium_memzero(&w.key, sizeof(w.key));
	return good;
}
