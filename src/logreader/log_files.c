/* Keeps the sources of the log index in step with the helper's files, or with its command.
 * log_files_tick asks for the list and looks for truncation; log_files_step reads. The helper is
 * asked through the exchange, and each answer is taken in by a function of its own. log_files.h
 * says how rotation and zones are dealt with. */
#include "logreader/log_files.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "wire/helper_proto.h"

/* How often the list of files is asked for: a rotation is noticed this late. */
#define LIST_EVERY_MS 2000
/* After a failure. */
#define RETRY_MS 5000
/* Daemons write to a renamed file until they are told to open the new one. */
#define ROTATED_TAIL_MS 10000
/* A file that vanished from the list may come back compressed; after so many lists it does not. */
#define MISSED_MAX 5
/* A compressed file that changed within so many seconds is still being written. */
#define SETTLED_S 5
/* A command that gives nothing for so long has given its history: what follows is news. */
#define CAUGHT_UP_MS 500
/* Zones differ by multiples of this; a line is read within the tolerance of being written. */
#define ZONE_STEP_S 900
#define ZONE_TOLERANCE_S 120
/* So many lines in a row must agree on another zone. */
#define ZONE_LINES 3
/* Of a command's standard error, for people. */
#define COMPLAINT_MAX 500
#define PIPE_READ ((size_t)256 << 10)

struct opening {
	struct log_files *files;
	char *name;
	uint64_t inode;
	struct opening *next;
};

struct log_files {
	struct loop *loop;
	struct exchange *helper;
	struct log_index *index;
	log_files_fn fn;
	void *context;

	bool listing;		  /* a LOG_LIST is out */
	int64_t list_at_ms;	  /* when to ask again */
	int64_t running_since_us; /* for a command: what is older is history */
	/* Of the files of the first list the present content is history; a file that appears later
	 * is news from its beginning. */
	bool settled;	     /* a list was taken in: later files are new */
	bool left_for_later; /* a file of the last list is still being written */
	unsigned beginnings;
	struct opening *openings;
	char *text;
	enum log_files_state state;

	int pipe;
	struct loop_watch *pipe_watch;
	bool commanding;	 /* a LOG_COMMAND is out */
	bool caught_up;		 /* the command's history is over */
	int64_t read_at_ms;	 /* when it gave something last */
	struct buffer complaint; /* the last words on its standard error */

	int64_t shift_s; /* log_clock's, of every source */
	int64_t zone_s;	 /* what the last lines say in its place, and how many of them */
	unsigned zone_lines;
	/* Where the news began when the log is read anew for its zone. */
	uint64_t resume_inode, resume_offset;
	int64_t resume_us;
	/* The last list, to order the sources by. */
	uint64_t *order;
	size_t order_count;
};

static void set_state(struct log_files *f, enum log_files_state state, struct slice text)
{
	free(f->text);
	f->text = memory_strndup(text.data, text.len);
	f->state = state;
}

struct log_files *log_files_create(struct loop *loop, struct exchange *helper,
    struct log_index *index, log_files_fn fn, void *context)
{
	struct log_files *f = memory_zero(1, sizeof(*f));

	*f = (struct log_files){.loop = loop,
	    .helper = helper,
	    .index = index,
	    .fn = fn,
	    .context = context,
	    .pipe = -1};
	set_state(f, LOG_FILES_LOOKING, SLICE("the mail log is being looked for"));
	return f;
}

static void free_opening(struct opening *opening)
{
	free(opening->name);
	free(opening);
}

static void close_pipe(struct log_files *f)
{
	loop_remove(&f->pipe_watch);
	fd_close(&f->pipe);
}

static void forget_questions(struct log_files *f)
{
	exchange_forget(f->helper, f);
	while (f->openings != NULL) {
		struct opening *opening = f->openings;

		f->openings = opening->next;
		exchange_forget(f->helper, opening);
		free_opening(opening);
	}
	f->listing = f->commanding = false;
}

void log_files_destroy(struct log_files **pointer)
{
	struct log_files *f = *pointer;

	if (f == NULL)
		return;
	forget_questions(f);
	close_pipe(f);
	buffer_free(&f->complaint);
	free(f->order);
	free(f->text);
	free(f);
	*pointer = NULL;
}

void log_files_restart(struct log_files *f)
{
	f->list_at_ms = 0;
}

static void clear(struct log_files *f)
{
	f->beginnings++;
	forget_questions(f);
	close_pipe(f);
	while (f->index->count > 0)
		log_index_remove(f->index, 0);
	f->order_count = 0;
	f->settled = false;
	f->zone_lines = 0;
	f->list_at_ms = 0;
}

void log_files_reset(struct log_files *f)
{
	clear(f);
	f->shift_s = 0;
	f->resume_inode = 0;
	f->resume_us = 0;
	set_state(f, LOG_FILES_LOOKING, SLICE("the mail log is being looked for"));
}

/* The lines that come in say another zone: reads all again with it. No news is lost or told twice.
 * The offset and the time are kept, because one of them tells where the news began: the offset for
 * a file, the time for a command. */
static void change_zone(struct log_files *f)
{
	const struct log_source *newest = f->index->count > 0 ? f->index->sources[0] : NULL;
	int64_t by_s = f->zone_s, last_us = log_index_newest(f->index);

	f->resume_inode = newest != NULL && newest->fd >= 0 ? newest->inode : 0;
	f->resume_offset = newest != NULL ? newest->lines.start : 0;
	f->resume_us = last_us > 0 ? last_us + by_s * 1000000 : 0;
	clear(f);
	f->shift_s += by_s;
}

bool log_files_settled(const struct log_files *f)
{
	return f->index->count > 0 && f->openings == NULL && !f->left_for_later;
}

int64_t log_files_shift(const struct log_files *f)
{
	return f->shift_s;
}

bool log_files_caught_up(const struct log_files *f)
{
	if (f->pipe >= 0)
		return f->caught_up;
	return f->index->count > 0 && f->index->sources[0]->complete;
}

unsigned log_files_beginnings(const struct log_files *f)
{
	return f->beginnings;
}

enum log_files_state log_files_state(const struct log_files *f)
{
	return f->state;
}

const char *log_files_text(const struct log_files *f)
{
	return f->text;
}

static void retry_later(struct log_files *f)
{
	f->list_at_ms = clock_monotonic_ms() + RETRY_MS;
}

/* A line was logged now: does its time say so? */
static void check_zone(struct log_files *f, const struct log_line *line)
{
	int64_t off, zone;

	if (line->time_us == LOG_TIME_UNKNOWN)
		return;
	off = clock_now() - line->time_us / 1000000;
	/* Rounded to the nearest quarter of an hour, away from zero at the half: division in C cuts
	 * towards zero. */
	zone = (off + (off < 0 ? -ZONE_STEP_S : ZONE_STEP_S) / 2) / ZONE_STEP_S * ZONE_STEP_S;
	if (zone == 0 || off - zone > ZONE_TOLERANCE_S || zone - off > ZONE_TOLERANCE_S) {
		f->zone_lines = 0;
	} else if (f->zone_lines == 0 || zone != f->zone_s) {
		/* A few lines must agree, since one line can be late, or carry a time that somebody
		 * chose. */
		f->zone_s = zone;
		f->zone_lines = 1;
	} else {
		f->zone_lines++;
	}
}

static void on_line(
    void *context, struct log_source *source, const struct log_line *line, uint64_t offset)
{
	struct log_files *f = context;
	bool news;

	if (source->keeps_text)
		news = f->caught_up ||
		       (line->time_us != LOG_TIME_UNKNOWN && line->time_us >= f->running_since_us);
	else
		news = source->grows && offset >= source->grows_from;
	if (news)
		check_zone(f, line);
	f->fn(f->context, source, line, news);
}

/* ---- files ---- */

static size_t find_inode(const struct log_index *index, uint64_t inode)
{
	size_t i = 0;

	/* Without a descriptor nothing holds the inode, and another file may have it by now. */
	while (i < index->count && (index->sources[i]->fd < 0 || index->sources[i]->inode != inode))
		i++;
	return i;
}

static size_t place_of(const struct log_files *f, const struct log_source *source)
{
	for (size_t i = 0; i < f->order_count; i++)
		if (source->fd >= 0 && f->order[i] == source->inode)
			return i;
	return f->order_count;
}

/* Newest first, as the list has them; what it has not stays behind. Insertion sort: the order is
 * nearly right each time, and there are few files. */
static void sort_sources(struct log_files *f)
{
	struct log_index *index = f->index;

	for (size_t i = 1; i < index->count; i++) {
		size_t to = i;

		while (
		    to > 0 && place_of(f, index->sources[to - 1]) > place_of(f, index->sources[i]))
			to--;
		log_index_move(index, i, to);
	}
}

/* The same log under another inode: compressed, or copied before it was truncated. */
static struct log_source *find_twin(struct log_files *f, uint64_t head)
{
	for (size_t i = 0; head != 0 && i < f->index->count; i++)
		if (f->index->sources[i]->head == head)
			return f->index->sources[i];
	return NULL;
}

static bool is_current(const struct log_files *f, uint64_t inode)
{
	return f->order_count > 0 && f->order[0] == inode;
}

static void add_source(struct log_files *f, const char *name, int fd, const struct stat *st)
{
	struct log_source *source = log_index_add(f->index, f->index->count, name);

	/* Only the file that is written to is followed; what was rotated is read once to its end.
	 */
	source->grows = is_current(f, st->st_ino);
	/* What was there when the log reader started is history. */
	source->grows_from = f->settled ? 0 : (uint64_t)st->st_size;
	if (f->resume_inode == st->st_ino && f->resume_offset <= (uint64_t)st->st_size)
		source->grows_from = f->resume_offset;
	source->clock.shift_s = f->shift_s;
	log_source_set_file(source, fd, &f->index->key);
	sort_sources(f);
}

/* Takes the descriptor over. */
static void take_file(struct log_files *f, const char *name, int fd)
{
	enum log_format format;
	struct log_source *twin;
	struct stat st;

	if (fstat(fd, &st) != 0 || find_inode(f->index, st.st_ino) < f->index->count) {
		fd_close(&fd);
		return;
	}
	format = log_stream_format(fd);
	/* It is left for a later list. Half a compressed file would be indexed as a damaged one. */
	if (format != LOG_FORMAT_PLAIN && st.st_mtim.tv_sec > clock_now() - SETTLED_S) {
		f->left_for_later = true;
		fd_close(&fd);
		return;
	}
	twin = find_twin(f, log_source_head(fd, format, &f->index->key));
	if (twin == NULL) {
		add_source(f, name, fd, &st);
		/* The blocks that exist are right for the new file too: offsets are those of the
		 * text, compressed or not. */
	} else if (twin->fd < 0 || twin->missed > 0) {
		twin->grows = false;
		twin->missed = 0;
		twin->complete = false;
		log_source_set_file(twin, fd, &f->index->key);
		sort_sources(f);
	} else {
		fd_close(&fd); /* both are there: one is being made from the other */
	}
}

static void remove_opening(struct log_files *f, struct opening *opening)
{
	struct opening **at = &f->openings;

	while (*at != opening)
		at = &(*at)->next;
	*at = opening->next;
	free_opening(opening);
}

static void refuse(struct log_files *f, struct frame *frame)
{
	struct helper_refused refused;

	if (helper_refused_decode(frame, &refused))
		set_state(f, LOG_FILES_FAILED, refused.text);
	retry_later(f);
}

static bool on_opened(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct opening *opening = context;
	struct log_files *f = opening->files;

	if (frame != NULL && frame->type == HELPER_STREAM) {
		int fd = frame_take_fd(frame, 0);

		if (fd >= 0)
			take_file(f, opening->name, fd);
		/* An old file may be gone between the list and the opening. Only for the current
		 * one is that worth a word. */
	} else if (frame != NULL && is_current(f, opening->inode)) {
		refuse(f, frame);
	}
	remove_opening(f, opening);
	return true;
}

static void open_file(struct log_files *f, const struct helper_log_file *file)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_log_open question = {file->name};
	struct opening *opening;

	for (opening = f->openings; opening != NULL; opening = opening->next)
		if (opening->inode == file->inode)
			return;
	opening = memory_zero(1, sizeof(*opening));
	*opening = (struct opening){
	    f, memory_strndup(file->name.data, file->name.len), file->inode, f->openings};
	f->openings = opening;
	helper_log_open_encode(&frame, 0, &question);
	exchange_ask(f->helper, &frame, EXCHANGE_NO_DEADLINE, on_opened, opening);
}

/* The file was emptied (copytruncate): what is indexed belongs to the copy, which the list will
 * show under another inode. */
static void detach(struct log_files *f, struct log_source *source)
{
	log_source_finish(source, &f->index->key, on_line, f);
	fd_close(&source->fd);
	source->grows = false;
	source->missed = 1;
}

static bool was_emptied(struct log_files *f, const struct log_source *source)
{
	struct stat st;
	uint64_t head;

	if (source->fd < 0 || source->format != LOG_FORMAT_PLAIN || fstat(source->fd, &st) != 0)
		return false;
	/* Shorter than what was read: it was emptied. If it has grown beyond that again, only its
	 * first line tells. */
	if ((uint64_t)st.st_size < source->lines.end)
		return true;
	if (source->head == 0)
		return false;
	head = log_source_head(source->fd, source->format, &f->index->key);
	return head != 0 && head != source->head;
}

static void check_sources(struct log_files *f)
{
	struct log_index *index = f->index;

	/* Backwards, because sources are removed on the way. */
	for (size_t i = index->count; i > 0; i--) {
		struct log_source *source = index->sources[i - 1];

		if (source->keeps_text)
			continue;
		if (was_emptied(f, source))
			detach(f, source);
		if (place_of(f, source) < f->order_count) {
			source->missed = 0;
			/* After a rotation the last lines still come into the renamed file, so it
			 * grows a little longer. */
			source->grows =
			    source->grows &&
			    (is_current(f, source->inode) || !source->complete ||
				clock_monotonic_ms() < source->rotated_ms + ROTATED_TAIL_MS);
			if (is_current(f, source->inode))
				source->rotated_ms = clock_monotonic_ms();
			/* Not at once: its compressed successor is not opened before it has
			 * settled. */
		} else if (++source->missed > MISSED_MAX) {
			log_index_remove(index, i - 1);
		}
	}
}

/* A known file: it may have got its first line, or a late one after its rotation. */
static void look_again(struct log_files *f, struct log_source *source, uint64_t size)
{
	if (source->head == 0)
		source->head = log_source_head(source->fd, source->format, &f->index->key);
	if (source->format == LOG_FORMAT_PLAIN && size > source->lines.end)
		source->complete = false;
}

static void take_list(struct log_files *f, const struct helper_log_files *list)
{
	size_t count = list->count < LOG_FILES_MAX ? list->count : LOG_FILES_MAX;

	f->order = memory_resize(f->order, count + 1, sizeof(*f->order));
	f->order_count = count;
	for (size_t i = 0; i < count; i++)
		f->order[i] = list->files[i].inode;
	check_sources(f);
	f->left_for_later = false;
	for (size_t i = 0; i < count; i++) {
		size_t at = find_inode(f->index, list->files[i].inode);

		if (at == f->index->count) {
			open_file(f, &list->files[i]);
		} else {
			look_again(f, f->index->sources[at], list->files[i].size);
		}
	}
	sort_sources(f);
	if (count == 0) {
		BUFFER_AUTO struct buffer text = {0};

		buffer_printf(&text, "the mail log %.*s does not exist", SLICE_ARGS(list->text));
		set_state(f, LOG_FILES_FAILED, buffer_slice(&text));
	} else if (f->index->count > 0) {
		set_state(f, LOG_FILES_READABLE, list->text);
	}
}

/* ---- a command ---- */

static void on_pipe(void *context, short revents)
{
	struct log_files *f = context;
	MEMORY_AUTO char *bytes = memory_alloc(PIPE_READ);
	ssize_t got = read(f->pipe, bytes, PIPE_READ);

	(void)revents;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0) {
		f->read_at_ms = clock_monotonic_ms();
		log_source_feed(f->index->sources[0], slice_make(bytes, (size_t)got),
		    &f->index->key, on_line, f);
		log_index_enforce(f->index);
		return;
	}
	close_pipe(f);
	set_state(f, LOG_FILES_FAILED,
	    f->complaint.len > 0 ? buffer_slice(&f->complaint)
				 : SLICE("the command that prints the mail log has ended; it is "
					 "started again"));
	retry_later(f);
}

/* The output begins anew, so the index does; only what is newer than what was seen is news. */
static void start_pipe(struct log_files *f, int fd)
{
	int64_t newest = log_index_newest(f->index);
	struct log_source *source;

	close_pipe(f);
	f->beginnings++;
	while (f->index->count > 0)
		log_index_remove(f->index, 0);
	source = log_index_add(f->index, 0, "command");
	source->keeps_text = true;
	source->grows = true;
	source->complete = true;
	source->clock.shift_s = f->shift_s;
	if (newest == 0)
		newest = f->resume_us;
	/* The first time everything is history but the last second, which may have been logged
	 * while the command started. */
	f->running_since_us = newest > 0 ? newest + 1 : clock_now_us() - 1000000;
	f->caught_up = false;
	buffer_clear(&f->complaint);
	f->read_at_ms = clock_monotonic_ms();
	f->pipe = fd;
	/* The helper made it blocking, and this process must never wait in a read. */
	fd_set_nonblocking(fd, true);
	f->pipe_watch = loop_add(f->loop, fd, POLLIN, on_pipe, f);
}

/* The command's last complaint is the best explanation of why there is nothing to read. */
static void take_complaint(struct log_files *f, struct frame *frame)
{
	struct helper_output output;
	struct slice text;

	if (!helper_output_decode(frame, &output))
		return;
	text = slice_first(slice_trim(output.bytes), COMPLAINT_MAX);
	if (text.len == 0)
		return;
	buffer_clear(&f->complaint);
	buffer_append_slice(&f->complaint, text);
	/* While the output still comes, a complaint is kept for the end and says nothing yet. */
	if (f->pipe < 0)
		set_state(f, LOG_FILES_FAILED, text);
}

static bool on_command(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct log_files *f = context;
	int fd;

	if (frame != NULL && frame->type == HELPER_STREAM) {
		fd = frame_take_fd(frame, 0);
		if (fd >= 0)
			start_pipe(f, fd);
		return false; /* its complaints and its end follow */
	}
	if (frame != NULL && frame->type == HELPER_OUTPUT) {
		take_complaint(f, frame);
		return false;
	}
	f->commanding = false;
	if (frame != NULL && frame->type == HELPER_REFUSED)
		refuse(f, frame);
	return true;
}

static void start_command(struct log_files *f, struct slice text)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_log_command question = {.since = 0, .follow = true};

	if (f->commanding || f->pipe >= 0)
		return;
	helper_log_command_encode(&frame, 0, &question);
	exchange_ask(f->helper, &frame, EXCHANGE_NO_DEADLINE, on_command, f);
	f->commanding = true;
	set_state(f, LOG_FILES_READABLE, text);
}

/* ---- the list ---- */

static void take_answer(struct log_files *f, struct frame *frame)
{
	struct helper_log_files list;

	if (!helper_log_files_decode(frame, &list)) {
		retry_later(f);
		return;
	}
	if (list.kind == HELPER_LOG_PLAIN) {
		/* It was the journal, while nobody wrote to the file. */
		if (f->pipe >= 0)
			clear(f);
		take_list(f, &list);
		/* Files that open after this first list are the start; later ones are new. Not by a
		 * list that has just asked for files: their answers are still to come. */
		f->settled = f->settled || f->openings == NULL;
	} else if (list.kind == HELPER_LOG_NONE) {
		set_state(f, LOG_FILES_FAILED, list.text);
		retry_later(f);
	} else {
		start_command(f, list.text);
	}
	free(list.files);
}

static bool on_list(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct log_files *f = context;

	f->listing = false;
	f->list_at_ms = clock_monotonic_ms() + LIST_EVERY_MS;
	if (frame == NULL)
		return true;
	if (frame->type == HELPER_LOG_FILES)
		take_answer(f, frame);
	else
		refuse(f, frame);
	return true;
}

void log_files_tick(struct log_files *f)
{
	BUFFER_AUTO struct buffer frame = {0};

	if (f->zone_lines >= ZONE_LINES)
		change_zone(f);
	/* A pause in the output is the only sign that the history is over. */
	if (f->pipe >= 0 && clock_monotonic_ms() > f->read_at_ms + CAUGHT_UP_MS)
		f->caught_up = true;
	/* Looked at in every tick, not only with a list: lines written after the truncation should
	 * not wait two seconds. */
	if (f->index->count > 0 && was_emptied(f, f->index->sources[0])) {
		detach(f, f->index->sources[0]);
		f->list_at_ms = 0;
	}
	if (f->listing || clock_monotonic_ms() < f->list_at_ms || !exchange_is_up(f->helper))
		return;
	helper_plain_encode(&frame, HELPER_LOG_LIST, 0);
	exchange_ask(f->helper, &frame, EXCHANGE_NO_DEADLINE, on_list, f);
	f->listing = true;
}

/* Live sources first, and all of them each time: the newest lines are what people wait for. */
bool log_files_step(struct log_files *f)
{
	struct log_index *index = f->index;
	bool more = false;

	for (size_t i = 0; i < index->count; i++)
		if (index->sources[i]->grows)
			more |= log_source_step(index->sources[i], &index->key, on_line, f);
	/* History only while no news is there, and one file at a time, the newest first. */
	for (size_t i = 0; i < index->count && !more; i++) {
		struct log_source *source = index->sources[i];

		if (!source->grows && !source->complete && source->error.code[0] == '\0') {
			log_source_step(source, &index->key, on_line, f);
			more = true;
		}
	}
	log_index_enforce(index);
	return more;
}
