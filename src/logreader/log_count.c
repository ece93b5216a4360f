/* A second reader of the log's files, in step with the index by the sources' serial numbers; and
 * what turns a minute of the tally into frames. */
#include "logreader/log_count.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/memory.h"
#include "logreader/log_tally.h"
#include "wire/log_proto.h"

#define READ_SIZE ((size_t)64 << 10)

enum state {
	STATE_STOPPED,	 /* nobody asked */
	STATE_WAITING,	 /* for the files of the first list */
	STATE_READING,	 /* source `serial`, from `at` on */
	STATE_FOLLOWING, /* lines are counted as the index reads them */
};

struct log_count {
	struct log_index *index;
	log_count_fn *send;
	void *context;
	struct log_tally *tally;
	enum state state;
	bool current;	   /* FOLLOWING, and all that is written was counted */
	bool minute_told;  /* since the repeats were; only while current */
	bool repeats_told; /* some; what is over has to be told, too */
	int64_t from;
	unsigned beginnings; /* of the files, when reading began, and their zone then */
	int64_t shift_s;

	uint64_t serial; /* the source in hand; FOLLOWING: the one that reading ended in */
	uint64_t inode;
	int fd;	     /* the source's, to notice that it got another file */
	uint64_t at; /* of a file: behind the last byte read; of a command: the next block */
	struct log_stream *stream;
	struct log_lines lines;
	struct log_clock clock;
};

/* ---- to the server ---- */

struct sending {
	struct log_count *count;
	struct log_proto_minute head;
	struct buffer frame;
};

static void begin_frame(struct sending *s)
{
	frame_begin(&s->frame, LOG_PROTO_MINUTE, 0);
	log_proto_put_minute(&s->frame, &s->head);
}

static void end_frame(struct sending *s, bool last)
{
	BUFFER_AUTO struct buffer whole = {0};

	s->head.last = last;
	/* Only now is it known whether it is the last one. */
	frame_begin(&whole, LOG_PROTO_MINUTE, 0);
	log_proto_put_minute(&whole, &s->head);
	buffer_append_slice(&whole, slice_from(buffer_slice(&s->frame), whole.len));
	s->count->send(s->count->context, &whole);
	s->head.first = false;
	buffer_clear(&s->frame);
}

static void put(struct sending *s, enum rate_kind kind, const struct rate_entry *entry)
{
	struct log_proto_tally tally = {(uint8_t)kind, rate_entry_key(entry), entry->counts};

	if (rate_counts_sum(&entry->counts) == 0)
		return;
	if (s->frame.len > WIRE_FRAME_MAX - LOG_PROTO_TALLY_SIZE_MAX) {
		end_frame(s, false);
		begin_frame(s);
	}
	log_proto_put_tally(&s->frame, &tally);
}

static int by_weight(const void *a, const void *b)
{
	const struct rate_entry *const *x = a, *const *y = b;
	uint64_t left = rate_counts_sum(&(*x)->counts), right = rate_counts_sum(&(*y)->counts);

	return left < right ? 1 : left > right ? -1 : 0;
}

/* The largest first; NULL for none. The caller frees. */
static const struct rate_entry **sorted(const struct rate_table *table)
{
	const struct rate_entry **entries = memory_alloc((table->count + 1) * sizeof(void *));

	for (uint32_t i = 0; i < table->count; i++)
		entries[i] = &table->entries[i];
	qsort(entries, table->count, sizeof(void *), by_weight);
	return entries;
}

static void on_minute(void *context, const struct log_tally_minute *minute)
{
	struct log_count *c = context;
	const struct rate_entry **entries[RATE_KINDS];
	struct sending s = {.count = c,
	    .head = {.minute = minute->minute,
		.quiet = minute->quiet,
		.first = true,
		.past = !c->current,
		.sums = *minute->sums}};
	uint32_t most = s.head.past ? LOG_COUNT_PAST_KEYS : UINT32_MAX;

	for (int kind = 0; kind < RATE_KINDS; kind++) {
		entries[kind] = sorted(&minute->kinds[kind]);
		s.head.other[kind] = minute->kinds[kind].other;
		for (uint32_t i = most; i < minute->kinds[kind].count; i++)
			rate_counts_add(&s.head.other[kind], &entries[kind][i]->counts);
	}
	c->minute_told |= c->current;
	begin_frame(&s);
	for (int kind = 0; kind < RATE_KINDS; kind++) {
		for (uint32_t i = 0; i < minute->kinds[kind].count && i < most; i++)
			put(&s, (enum rate_kind)kind, entries[kind][i]);
		free(entries[kind]);
	}
	end_frame(&s, true);
	buffer_free(&s.frame);
}

/* Once for each minute that is told: as often as anybody looks at them. */
static void tell_repeats(struct log_count *c)
{
	struct log_repeat repeats[2 * LOG_REPEATS_TOLD];
	size_t count = log_tally_repeats(c->tally, repeats);
	BUFFER_AUTO struct buffer frame = {0};

	c->minute_told = false;
	if (count == 0 && !c->repeats_told)
		return;
	c->repeats_told = count > 0;
	frame_begin(&frame, LOG_PROTO_REPEATS, 0);
	log_proto_put_repeats(&frame, &(struct log_proto_repeats){log_tally_newest(c->tally)});
	for (size_t i = 0; i < count; i++)
		log_proto_put_repeat(
		    &frame, &(struct log_proto_repeat){repeats[i].message_id, repeats[i].times,
				repeats[i].sender, repeats[i].text});
	c->send(c->context, &frame);
}

/* ---- the past ---- */

static void close_source(struct log_count *c)
{
	log_stream_close(&c->stream);
	log_lines_free(&c->lines);
	c->lines = (struct log_lines){.start = 0};
	c->at = 0;
}

static void begin_source(struct log_count *c, const struct log_source *source)
{
	close_source(c);
	c->serial = source->serial;
	c->clock = (struct log_clock){
	    .reference_s = source->clock.reference_s, .shift_s = source->clock.shift_s};
	c->state = STATE_READING;
}

/* Its last line is too old to matter. */
static bool is_too_old(const struct log_count *c, const struct log_source *source)
{
	struct stat st;

	return c->from > LOG_COUNT_LOOKBACK && source->fd >= 0 && fstat(source->fd, &st) == 0 &&
	       st.st_mtim.tv_sec < c->from - LOG_COUNT_LOOKBACK;
}

static void begin(struct log_count *c, const struct log_files *files)
{
	size_t at = c->index->count - 1;

	while (at > 0 && is_too_old(c, c->index->sources[at]))
		at--;
	log_tally_reset(c->tally, c->from);
	c->beginnings = log_files_beginnings(files);
	c->shift_s = log_files_shift(files);
	begin_source(c, c->index->sources[at]);
}

static void count_line(void *context, struct slice text, uint64_t start, uint64_t next)
{
	struct log_count *c = context;
	BUFFER_AUTO struct buffer scratch = {0};
	struct log_line line;

	(void)start;
	(void)next;
	if (log_line_parse(text, &c->clock, &scratch, &line))
		log_tally_line(c->tally, &line);
}

/* The next newer source, or there is none: what comes now is counted as it comes. */
static bool next_source(struct log_count *c, size_t at)
{
	if (at > 0) {
		begin_source(c, c->index->sources[at - 1]);
		return true;
	}
	close_source(c);
	c->state = STATE_FOLLOWING;
	return false;
}

/* A command's output: the blocks that are kept, the one in the making last and at once, so that no
 * line comes in between. */
static bool read_kept(struct log_count *c, struct log_source *source, size_t place)
{
	struct error err;

	/* Some were given up for want of memory. */
	if (c->at < source->dropped)
		c->at = source->dropped;
	/* What cannot be read is a gap. */
	(void)log_source_read(source, (size_t)(c->at - source->dropped), count_line, c, &err);
	if (c->at++ - source->dropped < source->count)
		return true;
	return next_source(c, place);
}

/* Not beyond the index's last whole line where the file grows: the rest comes as it is indexed. */
static uint64_t end_of(const struct log_source *source)
{
	return source->grows && source->format == LOG_FORMAT_PLAIN ? source->lines.start
								   : UINT64_MAX;
}

static bool open_stream(struct log_count *c, const struct log_source *source)
{
	struct error err;

	/* It was compressed meanwhile; offsets are those of the text. */
	if (c->stream != NULL && (c->fd != source->fd || c->inode != source->inode))
		log_stream_close(&c->stream);
	if (c->stream == NULL && source->fd >= 0)
		c->stream = log_stream_open(source->fd, source->format, NULL, c->at, &err);
	c->fd = source->fd;
	c->inode = source->inode;
	return c->stream != NULL;
}

/* True while there is more of it. */
static bool read_some(struct log_count *c, const struct log_source *source)
{
	MEMORY_AUTO char *bytes = memory_alloc(READ_SIZE);
	uint64_t end = end_of(source);
	struct error err;
	ssize_t got = 1;

	for (size_t read = 0; read < LOG_STEP_SIZE && c->at < end; read += (size_t)got) {
		uint64_t left = end - c->at;

		got = log_stream_read(
		    c->stream, bytes, left < READ_SIZE ? (size_t)left : READ_SIZE, &err);
		if (got <= 0)
			return false;
		c->at += (uint64_t)got;
		log_lines_feed(&c->lines, slice_make(bytes, (size_t)got), count_line, c);
	}
	return c->at < end;
}

static bool read_past(struct log_count *c)
{
	size_t place = log_index_find(c->index, c->serial);
	struct log_source *source;

	/* It was removed while it was read: all begins again where the server has nothing yet. */
	if (place == c->index->count) {
		c->state = STATE_WAITING;
		return true;
	}
	source = c->index->sources[place];
	if (source->keeps_text)
		return read_kept(c, source, place);
	if (open_stream(c, source) && read_some(c, source))
		return true;
	/* It was rotated just now, and the last lines may still come into it. */
	if (source->grows && place > 0)
		return false;
	if (!source->grows)
		log_lines_finish(&c->lines, count_line, c);
	return next_source(c, place);
}

/* ---- all ---- */

void log_count_line(
    struct log_count *c, const struct log_source *source, const struct log_line *line, bool news)
{
	/* Of the source that reading ended in also what the index had not reached. */
	if (c->state == STATE_FOLLOWING && (news || source->serial == c->serial))
		log_tally_line(c->tally, line);
}

/* The index begins anew. What was told stays told; but not if its times were of another zone. */
static void begin_again(struct log_count *c, const struct log_files *files)
{
	int64_t known = log_tally_newest(c->tally) - LOG_COUNT_AGAIN;

	if (c->state == STATE_FOLLOWING && c->shift_s == log_files_shift(files) && known > c->from)
		c->from = known;
	close_source(c);
	c->state = STATE_WAITING;
}

bool log_count_step(struct log_count *c, const struct log_files *files)
{
	if (c->state == STATE_STOPPED || log_files_state(files) != LOG_FILES_READABLE)
		return false;
	log_tally_clock(c->tally, clock_now());
	c->current = c->current && c->state == STATE_FOLLOWING;
	if (c->state != STATE_WAITING && c->beginnings != log_files_beginnings(files))
		begin_again(c, files);
	if (c->state == STATE_WAITING && log_files_settled(files))
		begin(c, files);
	if (c->state == STATE_READING)
		return read_past(c);
	c->current = c->state == STATE_FOLLOWING && log_files_caught_up(files);
	/* Before that, minutes in which nothing was logged so far may still get their lines. */
	if (c->current)
		log_tally_flush(c->tally);
	if (c->minute_told)
		tell_repeats(c);
	return false;
}

void log_count_from(struct log_count *c, int64_t from)
{
	close_source(c);
	c->from = from;
	c->repeats_told = true; /* perhaps by whoever was here before */
	c->state = STATE_WAITING;
}

void log_count_stop(struct log_count *c)
{
	close_source(c);
	c->state = STATE_STOPPED;
}

void log_count_set_instance(struct log_count *c, struct slice syslog_name)
{
	log_tally_set_instance(c->tally, syslog_name);
}

struct log_count *log_count_create(struct log_index *index, log_count_fn *send, void *context)
{
	struct log_count *c = memory_zero(1, sizeof(*c));

	c->index = index;
	c->send = send;
	c->context = context;
	c->tally = log_tally_create(on_minute, c);
	return c;
}

void log_count_destroy(struct log_count **count)
{
	if (*count == NULL)
		return;
	close_source(*count);
	log_tally_destroy(&(*count)->tally);
	free(*count);
	*count = NULL;
}
