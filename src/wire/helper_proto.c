/* Encoders and decoders of the questions to the helper and its answers. A decoder reads a body to
 * its end and checks each bound; those that give an array allocate it, and say so in the header. */
#include "wire/helper_proto.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void helper_plain_encode(struct buffer *frame, enum helper_type type, uint32_t request)
{
	frame_begin(frame, (uint8_t)type, request);
}

/* Every string of a frame fits into it; the frame is its bound. */
static struct slice text(struct cursor *c)
{
	return cursor_string(c, WIRE_BODY_MAX);
}

/* Whole, and nothing behind it: both ends are of one build, so a longer body is a mistake or an
 * attack. */
static bool finished(const struct cursor *c, const struct frame *frame, enum helper_type type)
{
	return frame->type == type && cursor_finished(c);
}

void helper_refused_encode(
    struct buffer *frame, uint32_t request, const char *code, const char *why)
{
	frame_begin(frame, HELPER_REFUSED, request);
	buffer_put_string(frame, slice_of(code));
	buffer_put_string(frame, slice_of(why));
}

bool helper_refused_decode(const struct frame *frame, struct helper_refused *refused)
{
	struct cursor c = frame_cursor(frame);

	refused->code = text(&c);
	refused->text = text(&c);
	return finished(&c, frame, HELPER_REFUSED);
}

/* ---- IDs ---- */

void helper_strings_free(struct helper_strings *strings)
{
	free(strings->items);
	*strings = (struct helper_strings){0};
}

/* IDs and names are short and many: one byte for the length in place of four. */
static void put_short(struct buffer *b, struct slice s)
{
	size_t len = s.len < HELPER_ID_MAX ? s.len : HELPER_ID_MAX;

	buffer_put_u8(b, (uint8_t)len);
	buffer_append(b, s.data, len);
}

/* Only bounded here: whether it is an ID is for whoever makes a path or a command of it. */
static struct slice take_short(struct cursor *c)
{
	uint8_t len = cursor_u8(c);

	return cursor_bytes(c, len);
}

static void put_ids(struct buffer *b, const struct helper_strings *ids)
{
	buffer_put_u16(b, (uint16_t)ids->count);
	for (size_t i = 0; i < ids->count; i++)
		put_short(b, ids->items[i]);
}

static void take_ids(struct cursor *c, size_t max, struct helper_strings *ids)
{
	uint16_t count = cursor_u16(c);

	*ids = (struct helper_strings){0};
	/* Before any memory is taken for it: the number is the sender's word. */
	if (count > max)
		c->failed = true;
	if (count == 0 || c->failed)
		return;
	ids->items = memory_zero(count, sizeof(*ids->items));
	for (ids->count = 0; ids->count < count && !c->failed; ids->count++)
		ids->items[ids->count] = take_short(c);
}

/* ---- queue directories ---- */

void helper_list_encode(struct buffer *frame, uint32_t request, const struct helper_list *list)
{
	frame_begin(frame, HELPER_LIST, request);
	buffer_put_u32(frame, list->queues);
	buffer_put_u8(frame, list->names);
}

bool helper_list_decode(const struct frame *frame, struct helper_list *list)
{
	struct cursor c = frame_cursor(frame);

	list->queues = cursor_u32(&c);
	list->names = cursor_flag(&c);
	/* Without a queue the walk would have nothing to do; a bit beyond them would be no
	 * directory. */
	return finished(&c, frame, HELPER_LIST) && list->queues != 0 &&
	       list->queues < (1u << QUEUE_DIRECTORIES);
}

void helper_record_put(struct buffer *frame, const struct helper_record *record)
{
	buffer_put_u8(frame, record->queue);
	buffer_put_u32(frame, record->mode);
	buffer_put_i64(frame, record->mtime_ns);
	buffer_put_u64(frame, record->inode);
	buffer_put_u64(frame, record->size);
	buffer_put_u32(frame, record->log_stamp);
	put_short(frame, record->name);
}

bool helper_record_get(struct cursor *c, struct helper_record *record)
{
	if (c->failed || c->left == 0)
		return false;
	record->queue = cursor_u8(c);
	record->mode = cursor_u32(c);
	record->mtime_ns = cursor_i64(c);
	record->inode = cursor_u64(c);
	record->size = cursor_u64(c);
	record->log_stamp = cursor_u32(c);
	record->name = take_short(c);
	/* Receivers use it as a place in tables. */
	if (record->queue >= QUEUE_DIRECTORIES)
		c->failed = true;
	return !c->failed;
}

void helper_list_end_encode(
    struct buffer *frame, uint32_t request, const struct helper_list_end *end)
{
	frame_begin(frame, HELPER_LIST_END, request);
	buffer_put_u32(frame, end->error);
	buffer_put_string(frame, end->text);
	buffer_put_u64(frame, end->records);
}

bool helper_list_end_decode(const struct frame *frame, struct helper_list_end *end)
{
	struct cursor c = frame_cursor(frame);

	end->error = cursor_u32(&c);
	end->text = text(&c);
	end->records = cursor_u64(&c);
	return finished(&c, frame, HELPER_LIST_END);
}

void helper_open_encode(struct buffer *frame, uint32_t request, const struct helper_open *open)
{
	frame_begin(frame, HELPER_OPEN, request);
	buffer_put_u8(frame, (uint8_t)open->kind);
	buffer_put_u8(frame, open->queue);
	put_ids(frame, &open->ids);
}

bool helper_open_decode(const struct frame *frame, struct helper_open *open)
{
	struct cursor c = frame_cursor(frame);
	uint8_t kind = cursor_u8(&c);
	bool ok;

	open->kind = (enum helper_open_kind)kind;
	open->queue = cursor_u8(&c);
	take_ids(&c,
	    /* With their defer logs, half as many: each needs two descriptors. */
	    kind == HELPER_OPEN_MESSAGE_DEFER ? HELPER_OPEN_PAIRS_MAX : HELPER_OPEN_IDS_MAX,
	    &open->ids);
	ok = finished(&c, frame, HELPER_OPEN) && kind >= HELPER_OPEN_MESSAGE &&
	     kind <= HELPER_OPEN_MESSAGE_DEFER && open->ids.count > 0 &&
	     (open->queue <= QUEUE_CORRUPT || open->queue == HELPER_QUEUE_ANY);
	if (!ok)
		helper_strings_free(&open->ids);
	return ok;
}

/* A record without its name. */
static void put_stat(struct buffer *frame, const struct helper_record *record)
{
	buffer_put_u8(frame, record->queue);
	buffer_put_u32(frame, record->mode);
	buffer_put_i64(frame, record->mtime_ns);
	/* Not in a listing, where a million records are sent and nobody asks for it. */
	buffer_put_i64(frame, record->changed_ns);
	buffer_put_u64(frame, record->inode);
	buffer_put_u64(frame, record->size);
	buffer_put_u32(frame, record->log_stamp);
}

static void take_stat(struct cursor *c, struct helper_record *record)
{
	record->queue = cursor_u8(c);
	record->mode = cursor_u32(c);
	record->mtime_ns = cursor_i64(c);
	record->changed_ns = cursor_i64(c);
	record->inode = cursor_u64(c);
	record->size = cursor_u64(c);
	record->log_stamp = cursor_u32(c);
}

void helper_opened_put(struct buffer *frame, const struct helper_opened *opened)
{
	buffer_put_u32(frame, opened->error);
	buffer_put_u8(frame, opened->fd);
	buffer_put_u32(frame, opened->defer_error);
	buffer_put_u8(frame, opened->defer_fd);
	put_stat(frame, &opened->record);
	buffer_put_string(frame, opened->bytes);
	buffer_put_string(frame, opened->defer_bytes);
}

bool helper_opened_get(struct cursor *c, struct helper_opened *opened)
{
	if (c->failed || c->left == 0)
		return false;
	*opened = (struct helper_opened){0};
	opened->error = cursor_u32(c);
	/* A place among the frame's descriptors; frame_fd finds none for a number beyond them. */
	opened->fd = cursor_u8(c);
	opened->defer_error = cursor_u32(c);
	opened->defer_fd = cursor_u8(c);
	take_stat(c, &opened->record);
	/* The bytes stay in the frame; they are used before the next one is received. */
	opened->bytes = cursor_string(c, HELPER_OPEN_BYTES_MAX);
	opened->defer_bytes = cursor_string(c, HELPER_OPEN_BYTES_MAX);
	return !c->failed;
}

void helper_look_encode(struct buffer *frame, uint32_t request, const struct helper_look *look)
{
	frame_begin(frame, HELPER_LOOK, request);
	buffer_put_u16(frame, (uint16_t)look->count);
	for (size_t i = 0; i < look->count; i++) {
		buffer_put_u8(frame, look->ids[i].queue);
		put_short(frame, look->ids[i].id);
	}
}

static bool is_look_hint(uint8_t queue)
{
	return queue <= QUEUE_CORRUPT || queue == HELPER_QUEUE_ANY || queue == HELPER_QUEUE_GONE;
}

bool helper_look_decode(const struct frame *frame, struct helper_look *look)
{
	struct cursor c = frame_cursor(frame);
	uint16_t count = cursor_u16(&c);

	*look = (struct helper_look){0};
	if (count == 0 || count > HELPER_LOOK_IDS_MAX)
		return false;
	look->ids = memory_zero(count, sizeof(*look->ids));
	for (; look->count < count && !c.failed; look->count++) {
		struct helper_look_id *id = &look->ids[look->count];

		id->queue = cursor_u8(&c);
		id->id = take_short(&c);
		if (!is_look_hint(id->queue))
			c.failed = true;
	}
	if (finished(&c, frame, HELPER_LOOK))
		return true;
	helper_look_free(look);
	return false;
}

void helper_look_free(struct helper_look *look)
{
	free(look->ids);
	*look = (struct helper_look){0};
}

void helper_looked_put(struct buffer *frame, const struct helper_looked *looked)
{
	buffer_put_u32(frame, looked->error);
	put_stat(frame, &looked->record);
}

bool helper_looked_get(struct cursor *c, struct helper_looked *looked)
{
	if (c->failed || c->left == 0)
		return false;
	*looked = (struct helper_looked){0};
	looked->error = cursor_u32(c);
	take_stat(c, &looked->record);
	if (looked->error == 0 && looked->record.queue > QUEUE_CORRUPT)
		c->failed = true;
	return !c->failed;
}

/* ---- watches ---- */

/* "A", "A/B", ...: letters that queue IDs begin with, and '_'. The helper makes a path of it:
 * nothing but single letters and the slashes between them may pass. */
static bool is_hash_path(struct slice path)
{
	if (path.len % 2 == 0 || path.len > HELPER_WATCH_PATH_MAX)
		return path.len == 0;
	for (size_t i = 0; i < path.len; i++) {
		char c = path.data[i];
		bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			      (c >= 'a' && c <= 'z') || c == '_';

		if (i % 2 == 0 ? !letter : c != '/')
			return false;
	}
	return true;
}

void helper_watch_encode(struct buffer *frame, uint32_t request, const struct helper_watch *watch)
{
	frame_begin(frame, HELPER_WATCH, request);
	buffer_put_u8(frame, watch->fresh);
	buffer_put_u8(frame, watch->queue);
	put_short(frame, watch->path);
}

static bool is_watched_queue(uint8_t queue)
{
	/* The shift is only defined below the number of bits, so the bound comes first. */
	return queue < QUEUE_DIRECTORIES && (HELPER_WATCH_QUEUES & HELPER_QUEUE_BIT(queue)) != 0;
}

bool helper_watch_decode(const struct frame *frame, struct helper_watch *watch)
{
	struct cursor c = frame_cursor(frame);

	watch->fresh = cursor_flag(&c);
	watch->queue = cursor_u8(&c);
	watch->path = take_short(&c);
	if (!finished(&c, frame, HELPER_WATCH) || !is_hash_path(watch->path))
		return false;
	/* A new descriptor only with a WATCH of everything: else the former watches would be gone
	 * and nobody had made new ones. */
	return watch->queue == HELPER_QUEUE_ANY ? watch->path.len == 0
						: !watch->fresh && is_watched_queue(watch->queue);
}

void helper_watched_put(struct buffer *frame, const struct helper_watched *watched)
{
	buffer_put_u32(frame, watched->descriptor);
	buffer_put_u8(frame, watched->queue);
	put_short(frame, watched->path);
}

bool helper_watched_get(struct cursor *c, struct helper_watched *watched)
{
	if (c->failed || c->left == 0)
		return false;
	watched->descriptor = cursor_u32(c);
	watched->queue = cursor_u8(c);
	watched->path = take_short(c);
	if (!is_hash_path(watched->path) ||
	    (watched->queue == HELPER_QUEUE_ANY ? watched->path.len > 0
						: !is_watched_queue(watched->queue)))
		c->failed = true;
	return !c->failed;
}

void helper_watch_end_encode(
    struct buffer *frame, uint32_t request, const struct helper_watch_end *end)
{
	frame_begin(frame, HELPER_WATCH_END, request);
	buffer_put_u32(frame, end->error);
	buffer_put_string(frame, end->text);
	buffer_put_u64(frame, end->watches);
}

bool helper_watch_end_decode(const struct frame *frame, struct helper_watch_end *end)
{
	struct cursor c = frame_cursor(frame);

	end->error = cursor_u32(&c);
	end->text = text(&c);
	end->watches = cursor_u64(&c);
	return finished(&c, frame, HELPER_WATCH_END);
}

/* ---- commands ---- */

const char *helper_verb_name(unsigned verb)
{
	static const char *const names[HELPER_VERBS] = {NULL, "hold", "release", "delete",
	    "requeue", "expire", "retry", "flush", "postconf_get", "postconf_set", "postconf_unset",
	    "reload", "version", "postcat", "hold-deferred"};

	return verb < HELPER_VERBS ? names[verb] : NULL;
}

void helper_run_encode(struct buffer *frame, uint32_t request, const struct helper_run *run)
{
	frame_begin(frame, HELPER_RUN, request);
	buffer_put_u64(frame, run->token);
	buffer_put_u8(frame, (uint8_t)run->verb);
	buffer_put_u8(frame, run->hold_only);
	buffer_put_u8(frame, run->form);
	put_ids(frame, &run->ids);
	buffer_put_u16(frame, (uint16_t)run->setting_count);
	for (size_t i = 0; i < run->setting_count; i++) {
		buffer_put_string(frame, run->settings[i].name);
		buffer_put_string(frame, run->settings[i].value);
	}
}

static void take_settings(struct cursor *c, struct helper_run *run)
{
	uint16_t count = cursor_u16(c);

	run->settings = NULL;
	run->setting_count = 0;
	if (count > HELPER_SETTINGS_MAX)
		c->failed = true;
	if (count == 0 || c->failed)
		return;
	run->settings = memory_zero(count, sizeof(*run->settings));
	for (; run->setting_count < count && !c->failed; run->setting_count++) {
		run->settings[run->setting_count].name = text(c);
		run->settings[run->setting_count].value = text(c);
	}
}

bool helper_run_decode(const struct frame *frame, struct helper_run *run)
{
	struct cursor c = frame_cursor(frame);
	uint8_t verb;

	run->token = cursor_u64(&c);
	verb = cursor_u8(&c);
	run->verb = (enum helper_verb)verb;
	run->hold_only = cursor_flag(&c);
	run->form = cursor_u8(&c);
	take_ids(&c, HELPER_RUN_IDS_MAX, &run->ids);
	take_settings(&c, run);
	/* Token 0 stands for none: an outcome under it could not be asked for. */
	if (finished(&c, frame, HELPER_RUN) && helper_verb_name(verb) != NULL && run->token != 0)
		return true;
	/* What was decoded up to the fault is freed here, so a caller frees only what was whole. */
	helper_run_free(run);
	return false;
}

void helper_run_free(struct helper_run *run)
{
	helper_strings_free(&run->ids);
	free(run->settings);
	run->settings = NULL;
	run->setting_count = 0;
}

void helper_token_encode(
    struct buffer *frame, enum helper_type type, uint32_t request, const struct helper_token *token)
{
	frame_begin(frame, (uint8_t)type, request);
	buffer_put_u64(frame, token->token);
}

bool helper_token_decode(const struct frame *frame, struct helper_token *token)
{
	struct cursor c = frame_cursor(frame);

	token->token = cursor_u64(&c);
	return (frame->type == HELPER_TAKEN || frame->type == HELPER_RECALL) && cursor_finished(&c);
}

void helper_output_encode(
    struct buffer *frame, uint32_t request, const struct helper_output *output)
{
	frame_begin(frame, HELPER_OUTPUT, request);
	buffer_put_u8(frame, output->stream);
	buffer_put_string(frame, output->bytes);
}

bool helper_output_decode(const struct frame *frame, struct helper_output *output)
{
	struct cursor c = frame_cursor(frame);

	output->stream = cursor_u8(&c);
	output->bytes = text(&c);
	return finished(&c, frame, HELPER_OUTPUT) && (output->stream == 1 || output->stream == 2);
}

void helper_exit_encode(struct buffer *frame, uint32_t request, const struct helper_exit *end)
{
	frame_begin(frame, HELPER_EXIT, request);
	/* -1 goes over as the largest number and comes back as -1. */
	buffer_put_u32(frame, (uint32_t)end->status);
	buffer_put_u32(frame, end->signal);
	buffer_put_u8(frame, end->deadline);
	buffer_put_u8(frame, end->cut);
	buffer_put_u64(frame, end->took_ms);
}

bool helper_exit_decode(const struct frame *frame, struct helper_exit *end)
{
	struct cursor c = frame_cursor(frame);

	end->status = (int32_t)cursor_u32(&c);
	end->signal = cursor_u32(&c);
	end->deadline = cursor_flag(&c);
	end->cut = cursor_flag(&c);
	end->took_ms = cursor_u64(&c);
	return finished(&c, frame, HELPER_EXIT);
}

void helper_retried_encode(
    struct buffer *frame, uint32_t request, const struct helper_retried *retried)
{
	frame_begin(frame, HELPER_RETRIED, request);
	buffer_put_u32(frame, retried->first);
	buffer_put_string(frame, retried->statuses);
}

bool helper_retried_decode(const struct frame *frame, struct helper_retried *retried)
{
	struct cursor c = frame_cursor(frame);

	retried->first = cursor_u32(&c);
	retried->statuses = text(&c);
	/* By subtraction, so that the sum cannot overflow. */
	return finished(&c, frame, HELPER_RETRIED) && retried->first < HELPER_RUN_IDS_MAX &&
	       retried->statuses.len <= HELPER_RUN_IDS_MAX - retried->first;
}

/* ---- the mail log ---- */

void helper_log_files_encode(
    struct buffer *frame, uint32_t request, const struct helper_log_files *files)
{
	frame_begin(frame, HELPER_LOG_FILES, request);
	buffer_put_u8(frame, (uint8_t)files->kind);
	buffer_put_string(frame, files->text);
	buffer_put_u16(frame, (uint16_t)files->count);
	for (size_t i = 0; i < files->count; i++) {
		const struct helper_log_file *file = &files->files[i];

		put_short(frame, file->name);
		buffer_put_u64(frame, file->inode);
		buffer_put_u64(frame, file->size);
		buffer_put_i64(frame, file->mtime_ns);
	}
}

static void take_log_file(struct cursor *c, struct helper_log_file *file)
{
	file->name = take_short(c);
	file->inode = cursor_u64(c);
	file->size = cursor_u64(c);
	file->mtime_ns = cursor_i64(c);
}

bool helper_log_files_decode(const struct frame *frame, struct helper_log_files *files)
{
	struct cursor c = frame_cursor(frame);
	uint8_t kind = cursor_u8(&c);
	uint16_t count;

	*files = (struct helper_log_files){.kind = (enum helper_log_kind)kind};
	files->text = text(&c);
	count = cursor_u16(&c);
	/* Marked as failed before memory is taken for them. */
	if (count > HELPER_LOG_FILES_MAX || kind > HELPER_LOG_COMMANDS)
		c.failed = true;
	if (count > 0 && !c.failed)
		files->files = memory_zero(count, sizeof(*files->files));
	for (; files->count < count && !c.failed; files->count++)
		take_log_file(&c, &files->files[files->count]);
	if (finished(&c, frame, HELPER_LOG_FILES))
		return true;
	free(files->files);
	files->files = NULL;
	return false;
}

void helper_log_open_encode(
    struct buffer *frame, uint32_t request, const struct helper_log_open *open)
{
	frame_begin(frame, HELPER_LOG_OPEN, request);
	put_short(frame, open->name);
}

bool helper_log_open_decode(const struct frame *frame, struct helper_log_open *open)
{
	struct cursor c = frame_cursor(frame);

	open->name = take_short(&c);
	return finished(&c, frame, HELPER_LOG_OPEN);
}

void helper_log_command_encode(
    struct buffer *frame, uint32_t request, const struct helper_log_command *command)
{
	frame_begin(frame, HELPER_LOG_COMMAND, request);
	buffer_put_i64(frame, command->since);
	buffer_put_u8(frame, command->follow);
}

bool helper_log_command_decode(const struct frame *frame, struct helper_log_command *command)
{
	struct cursor c = frame_cursor(frame);

	command->since = cursor_i64(&c);
	command->follow = cursor_flag(&c);
	/* It becomes a part of journalctl's command line. */
	return finished(&c, frame, HELPER_LOG_COMMAND) && command->since >= 0;
}

/* ---- one message, state ---- */

void helper_view_encode(struct buffer *frame, uint32_t request, const struct helper_view *view)
{
	frame_begin(frame, HELPER_VIEW, request);
	buffer_put_u8(frame, view->queue);
	put_short(frame, view->id);
	buffer_put_u8(frame, (uint8_t)view->mode);
	buffer_put_u32(frame, view->part);
	buffer_put_u32(frame, view->limits.text_bytes);
	buffer_put_u64(frame, view->limits.total_bytes);
}

bool helper_view_decode(const struct frame *frame, struct helper_view *view)
{
	struct cursor c = frame_cursor(frame);
	uint8_t mode;

	view->queue = cursor_u8(&c);
	view->id = take_short(&c);
	mode = cursor_u8(&c);
	view->mode = (enum viewer_mode)mode;
	view->part = cursor_u32(&c);
	view->limits.text_bytes = cursor_u32(&c);
	view->limits.total_bytes = cursor_u64(&c);
	return finished(&c, frame, HELPER_VIEW) && mode >= VIEWER_MODE_CONTENT &&
	       mode <= VIEWER_MODE_HTML &&
	       (view->queue <= QUEUE_CORRUPT || view->queue == HELPER_QUEUE_ANY);
}

void helper_status_encode(
    struct buffer *frame, uint32_t request, const struct helper_status *status)
{
	frame_begin(frame, HELPER_STATUS_REPLY, request);
	buffer_put_u8(frame, status->root);
	buffer_put_u8(frame, status->prefix);
	buffer_put_u8(frame, status->postfix);
	buffer_put_u8(frame, status->running);
	buffer_put_u8(frame, status->spool);
	buffer_put_u8(frame, status->showq);
	buffer_put_u8(frame, status->flush);
	buffer_put_u8(frame, status->actions);
	buffer_put_u8(frame, status->settings);
	buffer_put_u8(frame, status->log);
	buffer_put_i64(frame, status->running_since);
	buffer_put_i64(frame, status->bytes_free);
	buffer_put_i64(frame, status->bytes);
	buffer_put_i64(frame, status->inodes_free);
	buffer_put_i64(frame, status->inodes);
	problem_list_put(frame, &status->problems);
}

bool helper_status_decode(const struct frame *frame, struct helper_status *status)
{
	struct cursor c = frame_cursor(frame);

	*status = (struct helper_status){0};
	status->root = cursor_flag(&c);
	status->prefix = cursor_flag(&c);
	status->postfix = cursor_flag(&c);
	status->running = cursor_flag(&c);
	status->spool = cursor_flag(&c);
	status->showq = cursor_flag(&c);
	status->flush = cursor_flag(&c);
	status->actions = cursor_flag(&c);
	status->settings = cursor_flag(&c);
	status->log = cursor_flag(&c);
	status->running_since = cursor_i64(&c);
	status->bytes_free = cursor_i64(&c);
	status->bytes = cursor_i64(&c);
	status->inodes_free = cursor_i64(&c);
	status->inodes = cursor_i64(&c);
	problem_list_get(&c, &status->problems);
	if (finished(&c, frame, HELPER_STATUS_REPLY))
		return true;
	problem_list_free(&status->problems);
	return false;
}

void helper_qmgr_encode(struct buffer *frame, uint32_t request, const struct helper_qmgr *qmgr)
{
	frame_begin(frame, HELPER_QMGR, request);
	buffer_put_u8(frame, qmgr->known);
	buffer_put_u8(frame, qmgr->alive);
	buffer_put_u32(frame, qmgr->pid);
	buffer_put_i64(frame, qmgr->started_us);
	buffer_put_i64(frame, qmgr->started_boot_us);
	buffer_put_u32(frame, qmgr->master_pid);
	buffer_put_i64(frame, qmgr->master_started_us);
}

bool helper_qmgr_decode(const struct frame *frame, struct helper_qmgr *qmgr)
{
	struct cursor c = frame_cursor(frame);

	qmgr->known = cursor_flag(&c);
	qmgr->alive = cursor_flag(&c);
	qmgr->pid = cursor_u32(&c);
	qmgr->started_us = cursor_i64(&c);
	/* Both times travel, as each is compared with another clock. */
	qmgr->started_boot_us = cursor_i64(&c);
	qmgr->master_pid = cursor_u32(&c);
	qmgr->master_started_us = cursor_i64(&c);
	return finished(&c, frame, HELPER_QMGR);
}
