/* The search for the messages of a page. First the filters say which blocks may have the text.
 * These are read, those with the newest lines first; what is found in one is gathered
 * (log_gather.h) and put together (log_message.h), up to BATCH_MAX messages at a time. A message is
 * final when no block that is left has lines as new as its own; when so many are final as the page
 * takes, the search ends.
 *
 * A page goes on behind a place. What is found again there belongs to an earlier page when its
 * newest line is not behind that place: so nothing comes twice, whatever was logged since. */
#include "logreader/log_trace.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "logreader/log_gather.h"
#include "logreader/log_message.h"

/* Messages that are put together at once. */
#define BATCH_MAX 64
/* Of a file that is read from its beginning on, so many hits are kept, the newest; when there are
 * more, the file is read once more for the older ones, unless the page is full without them. */
#define HITS_KEPT 256
#define HITS_MAX (4 * (size_t)HITS_KEPT)
/* Tests of filters in one step, for the list of blocks. */
#define TESTS_MAX 20000

/* A line that was asked for, in the block in hand: the newest of each queue ID there. */
struct hit {
	char id[LOG_PROTO_ID_MAX + 1];
	struct log_place place;
	int64_t time_us;
	bool taken; /* into a batch */
};

/* A life that was gathered: its lines are not looked at again. */
struct seen {
	uint64_t hash;
	struct log_place first, last;
};

struct ready {
	struct log_message *message;
	int64_t last_us;
	char id[LOG_PROTO_ID_MAX + 1];
};

struct log_trace {
	struct log_asked asked;
	struct hash_key key;
	int64_t from_us, to_us;
	size_t limit;
	int64_t after_us;
	char after_id[LOG_PROTO_ID_MAX + 1]; /* "": from the newest on */
	struct log_blocks blocks;
	size_t tested;	    /* blocks whose filters have been asked */
	size_t *candidates; /* numbers of blocks, the newest lines first once all are tested */
	size_t candidate_count, candidate_at;
	struct hit *hits; /* of the candidate before candidate_at; newest first */
	size_t hit_count, hit_room;
	/* Of a file that is read from its beginning on: its first candidate; the newest hit that
	 * was not kept, and of a later reading that only such are wanted. */
	size_t file_at;
	int64_t left_us, until_us;
	bool searching, gathering, done;
	size_t block; /* that is being read */
	char *instance;
	struct log_gather *gather;
	struct seen *seen;
	size_t seen_count, seen_room;
	struct ready *ready; /* newest first */
	size_t ready_count, ready_room;
};

struct log_trace *log_trace_create(
    const struct log_trace_question *question, struct slice instance, const struct log_index *index)
{
	struct log_trace *t = memory_zero(1, sizeof(*t));

	t->key = index->key;
	/* Blanks are found in no line. */
	t->done = !log_asked_set(&t->asked, &t->key, question->text);
	t->from_us = question->from_us;
	t->to_us = question->to_us;
	t->limit = question->limit;
	t->left_us = INT64_MIN;
	t->until_us = INT64_MAX;
	t->after_us = question->after.last_us;
	memcpy(t->after_id, question->after.id.data, question->after.id.len);
	log_blocks_take(&t->blocks, index);
	t->candidates = memory_alloc((t->blocks.count + 1) * sizeof(*t->candidates));
	t->instance = memory_strndup(instance.len > 0 ? instance.data : "", instance.len);
	t->gather = log_gather_create(&t->blocks, &t->asked, &t->key, slice_of(t->instance));
	return t;
}

void log_trace_destroy(struct log_trace **pointer)
{
	struct log_trace *t = *pointer;

	if (t == NULL)
		return;
	for (size_t i = 0; i < t->ready_count; i++)
		log_message_destroy(&t->ready[i].message);
	log_gather_destroy(&t->gather);
	log_blocks_free(&t->blocks);
	free(t->instance);
	free(t->candidates);
	free(t->hits);
	free(t->seen);
	free(t->ready);
	free(t);
	*pointer = NULL;
}

/* ---- which blocks ---- */

static bool is_in_range(const struct log_trace *t, const struct log_blocks_item *b)
{
	/* Lines without a time are only found where no time is asked for. An open block has got
	 * newer ones since. */
	if (b->first_us == INT64_MAX && !b->open)
		return t->from_us == INT64_MIN && t->to_us == INT64_MAX;
	if (!b->open && b->last_us < t->from_us)
		return false;
	if (t->after_id[0] != '\0' && b->first_us != INT64_MAX && b->first_us > t->after_us)
		return false;
	return b->first_us == INT64_MAX || b->first_us < t->to_us;
}

/* What the newest line of a block may be. A file that is decoded from its beginning is read that
 * way, all of its blocks in a row: what it has is as new as its newest line for as long. */
static int64_t newest_us(const struct log_trace *t, size_t block)
{
	const struct log_blocks_item *b = &t->blocks.item[block];

	return b->open ? INT64_MAX : b->forward ? b->file_us : b->last_us;
}

struct order {
	int64_t newest_us;
	uint64_t serial;
	size_t block;
	bool forward;
};

static int by_newest(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->newest_us != y->newest_us)
		return x->newest_us > y->newest_us ? -1 : 1;
	if (x->serial == y->serial && x->forward)
		return (x->block > y->block) - (x->block < y->block);
	return (x->block < y->block) - (x->block > y->block);
}

static void sort_candidates(struct log_trace *t)
{
	MEMORY_AUTO struct order *order = memory_alloc((t->candidate_count + 1) * sizeof(*order));

	for (size_t i = 0; i < t->candidate_count; i++) {
		const struct log_blocks_item *b = &t->blocks.item[t->candidates[i]];

		order[i] = (struct order){.newest_us = newest_us(t, t->candidates[i]),
		    .serial = b->serial,
		    .block = t->candidates[i],
		    .forward = b->forward && !b->open};
	}
	if (t->candidate_count > 1)
		qsort(order, t->candidate_count, sizeof(*order), by_newest);
	for (size_t i = 0; i < t->candidate_count; i++)
		t->candidates[i] = order[i].block;
}

static void test_blocks(struct log_trace *t, const struct log_index *index)
{
	size_t until = t->tested + TESTS_MAX;

	for (; t->tested < t->blocks.count && t->tested < until; t->tested++) {
		if (!is_in_range(t, &t->blocks.item[t->tested]))
			continue;
		if (log_blocks_may_contain(&t->blocks, t->tested, index, t->asked.exact) ||
		    log_blocks_may_contain(&t->blocks, t->tested, index, t->asked.folded))
			t->candidates[t->candidate_count++] = t->tested;
	}
	if (t->tested == t->blocks.count) {
		sort_candidates(t);
		t->searching = true;
	}
}

/* ---- lines that were asked for ---- */

static bool may_be_asked(void *context, struct slice text)
{
	const struct log_trace *t = context;

	return log_asked_may_be_in(&t->asked, text);
}

static bool is_seen(const struct log_trace *t, uint64_t hash, struct log_place place)
{
	for (size_t i = 0; i < t->seen_count; i++)
		if (t->seen[i].hash == hash && log_place_compare(t->seen[i].first, place) <= 0 &&
		    log_place_compare(t->seen[i].last, place) >= 0)
			return true;
	return false;
}

static void add_hit(struct log_trace *t, const struct hit *hit)
{
	if (t->hit_count == t->hit_room) {
		t->hit_room = t->hit_room > 0 ? t->hit_room * 2 : 64;
		t->hits = memory_resize(t->hits, t->hit_room, sizeof(*t->hits));
	}
	t->hits[t->hit_count++] = *hit;
}

static bool is_wanted_time(const struct log_trace *t, int64_t time_us)
{
	if (time_us == 0)
		return t->from_us == INT64_MIN && t->to_us == INT64_MAX;
	return time_us >= t->from_us && time_us < t->to_us && time_us <= t->until_us &&
	       (t->after_id[0] == '\0' || time_us <= t->after_us);
}

static void take_line(void *context, const struct log_line *line, uint64_t offset)
{
	struct log_trace *t = context;
	struct hit hit = {.place = {t->block, offset}};

	hit.time_us = line->time_us != LOG_TIME_UNKNOWN ? line->time_us : 0;
	if (line->id.len == 0 || line->id.len > LOG_PROTO_ID_MAX ||
	    !is_wanted_time(t, hit.time_us) || !log_asked_in(&t->asked, line) ||
	    is_seen(t, hash_bytes(&t->key, line->id), hit.place))
		return;
	memcpy(hit.id, line->id.data, line->id.len);
	hit.id[line->id.len] = '\0';
	add_hit(t, &hit);
}

static int newer_first(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	if (x->time_us != y->time_us)
		return x->time_us > y->time_us ? -1 : 1;
	return log_place_compare(y->place, x->place);
}

/* The newest are kept, each ID once. */
static void leave_older_hits(struct log_trace *t)
{
	size_t kept = 0;

	qsort(t->hits, t->hit_count, sizeof(*t->hits), newer_first);
	for (size_t i = 0; i < t->hit_count; i++) {
		bool again = false;

		for (size_t j = 0; j < kept && !again; j++)
			again = strcmp(t->hits[j].id, t->hits[i].id) == 0;
		if (!again && kept < HITS_KEPT)
			t->hits[kept++] = t->hits[i];
		else if (!again && t->hits[i].time_us > t->left_us)
			t->left_us = t->hits[i].time_us;
	}
	t->hit_count = kept;
}

static bool is_forward(const struct log_trace *t, size_t candidate)
{
	const struct log_blocks_item *b = &t->blocks.item[t->candidates[candidate]];

	return b->forward && !b->open;
}

static bool is_same_file(const struct log_trace *t, size_t a, size_t b)
{
	return t->blocks.item[t->candidates[a]].serial == t->blocks.item[t->candidates[b]].serial;
}

/* Whether more of the file in hand is to be read before its hits are dealt with: its newest lines
 * are at its end. */
static bool is_within_file(const struct log_trace *t)
{
	return t->candidate_at > 0 && t->candidate_at < t->candidate_count &&
	       is_forward(t, t->candidate_at - 1) && is_forward(t, t->candidate_at) &&
	       is_same_file(t, t->candidate_at - 1, t->candidate_at);
}

static void read_candidate(struct log_trace *t, struct log_index *index)
{
	if (!is_within_file(t)) {
		t->hit_count = 0;
		t->file_at = t->candidate_at;
	}
	t->block = t->candidates[t->candidate_at++];
	log_blocks_read(&t->blocks, t->block, index, may_be_asked, take_line, t);
	if (is_forward(t, t->candidate_at - 1) && t->hit_count > HITS_MAX)
		leave_older_hits(t);
	if (t->hit_count > 1 && !is_within_file(t))
		qsort(t->hits, t->hit_count, sizeof(*t->hits), newer_first);
}

/* The hits of a file that were kept are dealt with, and others were not: reads it once more. */
static void read_file_again(struct log_trace *t)
{
	t->until_us = t->left_us;
	t->left_us = INT64_MIN;
	t->candidate_at = t->file_at;
}

/* Some of the hits, each ID once: its newest line. */
static void begin_batch(struct log_trace *t)
{
	size_t added = 0;

	log_gather_clear(t->gather);
	for (size_t i = 0; i < t->hit_count && added < BATCH_MAX; i++) {
		bool again = false;

		for (size_t j = 0; j < i && !again; j++)
			again = strcmp(t->hits[j].id, t->hits[i].id) == 0;
		if (again)
			continue;
		log_gather_add(t->gather, slice_of(t->hits[i].id), t->hits[i].place);
		t->hits[i].taken = true;
		added++;
	}
	t->gathering = true;
}

/* ---- messages ---- */

static void add_seen(struct log_trace *t, const struct log_gather_life *life)
{
	struct seen seen;

	if (t->seen_count == t->seen_room) {
		t->seen_room = t->seen_room > 0 ? t->seen_room * 2 : 64;
		t->seen = memory_resize(t->seen, t->seen_room, sizeof(*t->seen));
	}
	seen = (struct seen){life->hash, life->first, life->last};
	/* Where its lines were too many, the one that it began with counts as well. */
	if (log_place_compare(life->anchor, seen.first) < 0)
		seen.first = life->anchor;
	if (log_place_compare(life->anchor, seen.last) > 0)
		seen.last = life->anchor;
	t->seen[t->seen_count++] = seen;
}

struct line {
	const struct log_record *record;
};

static int by_time_and_place(const void *a, const void *b)
{
	const struct log_record *x = ((const struct line *)a)->record,
				*y = ((const struct line *)b)->record;

	if (x->time_us != y->time_us)
		return x->time_us < y->time_us ? -1 : 1;
	return log_place_compare(x->place, y->place);
}

/* A life's oldest line decides; one of which no line is there stands where it was named. */
static int by_first_place(const void *a, const void *b)
{
	const struct log_gather_life *x = *(const struct log_gather_life *const *)a,
				     *y = *(const struct log_gather_life *const *)b;
	int order = log_place_compare(x->first, y->first);

	/* The line that names an old life without lines is the first of the new one. */
	if (order == 0)
		return (x->record_count > 0) - (y->record_count > 0);
	return order;
}

/* The lives of one message, oldest first; how many. */
static size_t lives_of(const struct log_trace *t, size_t message,
    const struct log_gather_life *lives[LOG_TRACE_IDS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < log_gather_count(t->gather); i++) {
		const struct log_gather_life *l = log_gather_life(t->gather, i);

		if (l->message == message && !l->dropped && count < LOG_TRACE_IDS_MAX)
			lives[count++] = l;
	}
	qsort(lives, count, sizeof(*lives), by_first_place);
	return count;
}

static size_t all_lines(const struct log_gather_life *const *lives, size_t count, struct line **out)
{
	size_t lines = 0, at = 0;

	for (size_t i = 0; i < count; i++)
		lines += lives[i]->record_count;
	*out = memory_alloc((lines + 1) * sizeof(**out));
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < lives[i]->record_count; j++)
			(*out)[at++] = (struct line){&lives[i]->records[j]};
	if (lines > 1)
		qsort(*out, lines, sizeof(**out), by_time_and_place);
	return lines;
}

static struct log_message *put_together(
    struct log_trace *t, const struct log_gather_life *const *lives, size_t count)
{
	struct log_message *m = log_message_create();
	MEMORY_AUTO struct line *lines = NULL;
	size_t line_count = all_lines(lives, count, &lines);

	for (size_t i = 0; i < count; i++) {
		log_message_add_life(m, slice_of(lives[i]->id));
		if (lives[i]->cut)
			log_message_cut(m);
	}
	for (size_t i = 0; i < line_count; i++) {
		const struct log_record *r = lines[i].record;
		struct slice bytes = log_gather_bytes(t->gather, r);
		struct cursor c = cursor_init(bytes.data, bytes.len);
		struct log_proto_event event;
		/* What is outside of the times that were asked for does not make it newer. */
		bool asked = r->asked && (r->time_us == 0 ||
					     (r->time_us >= t->from_us && r->time_us < t->to_us));

		if (log_proto_get_event(&c, &event))
			log_message_line(m, &event, asked);
	}
	return m;
}

/* Newer ones first; of those of one time the order is that of their IDs. */
static int compare_keys(int64_t last_us, const char *id, int64_t other_us, const char *other_id)
{
	if (last_us != other_us)
		return last_us > other_us ? -1 : 1;
	return strcmp(id, other_id);
}

static bool is_ready(const struct log_trace *t, const struct ready *ready)
{
	for (size_t i = 0; i < t->ready_count; i++)
		if (compare_keys(ready->last_us, ready->id, t->ready[i].last_us, t->ready[i].id) ==
		    0)
			return true;
	return false;
}

/* Takes the message over. */
static void add_ready(struct log_trace *t, struct log_message *m)
{
	struct log_traced_message head;
	struct ready ready = {.message = m};
	size_t at = t->ready_count;

	log_message_head(m, &head);
	ready.last_us = head.last_us;
	memcpy(ready.id, head.ids[0].data, head.ids[0].len);
	ready.id[head.ids[0].len] = '\0';
	/* It was on an earlier page; or another batch has found it, along a chain that was too long
	 * to be whole: a page could not go on between two of one place. */
	if ((t->after_id[0] != '\0' &&
		compare_keys(ready.last_us, ready.id, t->after_us, t->after_id) <= 0) ||
	    is_ready(t, &ready)) {
		log_message_destroy(&m);
		return;
	}
	if (t->ready_count == t->ready_room) {
		t->ready_room = t->ready_room > 0 ? t->ready_room * 2 : 64;
		t->ready = memory_resize(t->ready, t->ready_room, sizeof(*t->ready));
	}
	for (; at > 0 && compare_keys(ready.last_us, ready.id, t->ready[at - 1].last_us,
			     t->ready[at - 1].id) < 0;
	     at--)
		t->ready[at] = t->ready[at - 1];
	t->ready[at] = ready;
	t->ready_count++;
}

/* Two instances in one log have queue IDs of one form. Whose a message is says the queue manager
 * that took it up; a daemon may log under a name of its own. */
static bool is_watched(const struct log_gather_life *life, bool active_only)
{
	for (size_t i = 0; i < life->record_count; i++)
		if (life->records[i].watched && (life->records[i].active || !active_only))
			return true;
	return false;
}

static bool was_active(const struct log_gather_life *life)
{
	for (size_t i = 0; i < life->record_count; i++)
		if (life->records[i].active)
			return true;
	return false;
}

/* Whether it is one that was found. */
static bool has_hit(const struct log_gather_life *const *lives, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (lives[i]->hit)
			return true;
	return false;
}

/* Whether it is of the watched instance. Where all of its lines were lost meanwhile, it is not. */
static bool is_wanted(const struct log_gather_life *const *lives, size_t count)
{
	bool active = false, watched = false;

	for (size_t i = 0; i < count; i++)
		active |= was_active(lives[i]);
	for (size_t i = 0; i < count; i++)
		watched |= is_watched(lives[i], active);
	return watched;
}

static void finish_batch(struct log_trace *t)
{
	size_t kept = 0;

	t->gathering = false;
	for (size_t i = 0; i < log_gather_count(t->gather); i++) {
		const struct log_gather_life *lives[LOG_TRACE_IDS_MAX];
		size_t count;

		/* Each message once: at the life that gives it its number. */
		if (log_gather_life(t->gather, i)->message != i)
			continue;
		count = lives_of(t, i, lives);
		/* Another message that a link led to and no line was asked of: it stays unseen. */
		if (!has_hit(lives, count))
			continue;
		for (size_t j = 0; j < count; j++)
			add_seen(t, lives[j]);
		if (is_wanted(lives, count))
			add_ready(t, put_together(t, lives, count));
	}
	/* The other lines of these messages in this block are dealt with. */
	for (size_t i = 0; i < t->hit_count; i++)
		if (!t->hits[i].taken &&
		    !is_seen(t, hash_bytes(&t->key, slice_of(t->hits[i].id)), t->hits[i].place))
			t->hits[kept++] = t->hits[i];
	t->hit_count = kept;
}

/* ---- steps ---- */

/* Whatever is still to come is at most as new as this. */
static int64_t bound_us(const struct log_trace *t)
{
	int64_t bound = t->left_us;

	if (t->hit_count > 0 && t->hits[0].time_us > bound)
		bound = t->hits[0].time_us;

	if (t->candidate_at < t->candidate_count) {
		int64_t next = newest_us(t, t->candidates[t->candidate_at]);

		if (next > bound)
			bound = next;
	}
	return bound;
}

static bool is_full(const struct log_trace *t)
{
	return t->ready_count >= t->limit && t->ready[t->limit - 1].last_us > bound_us(t);
}

bool log_trace_step(struct log_trace *t, struct log_index *index)
{
	if (t->done)
		return true;
	if (!t->searching) {
		test_blocks(t, index);
	} else if (t->gathering) {
		if (log_gather_step(t->gather, index))
			finish_batch(t);
	} else if (is_full(t)) {
		t->done = true;
	} else if (t->hit_count > 0 && !is_within_file(t)) {
		begin_batch(t);
	} else if (t->left_us != INT64_MIN && !is_within_file(t)) {
		read_file_again(t);
	} else if (t->candidate_at < t->candidate_count) {
		if (!is_within_file(t) && t->until_us != INT64_MAX && t->candidate_at != t->file_at)
			t->until_us = INT64_MAX;
		if (log_blocks_approach(&t->blocks, t->candidates[t->candidate_at], index))
			read_candidate(t, index);
	} else {
		t->done = true;
	}
	return t->done;
}

/* ---- the answer ---- */

static void send_recipients(
    const struct log_message *m, uint32_t request, log_trace_send_fn send, void *context)
{
	BUFFER_AUTO struct buffer frame = {0};

	for (size_t i = 0; i < log_message_count(m); i++) {
		struct log_traced_recipient recipient;

		if (frame.len > WIRE_FRAME_MAX - LOG_TRACE_RECIPIENT_SIZE_MAX) {
			send(context, &frame);
			buffer_clear(&frame);
		}
		if (frame.len == 0)
			frame_begin(&frame, LOG_PROTO_TRACED_RECIPIENTS, request);
		log_message_recipient(m, i, &recipient);
		log_trace_put_recipient(&frame, &recipient);
	}
	if (frame.len > 0)
		send(context, &frame);
}

static void send_message(
    const struct log_message *m, uint32_t request, log_trace_send_fn send, void *context)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct log_traced_message head;

	log_message_head(m, &head);
	frame_begin(&frame, LOG_PROTO_TRACED, request);
	log_trace_put_message(&frame, &head);
	send(context, &frame);
	send_recipients(m, request, send, context);
}

void log_trace_answer(const struct log_trace *t, uint32_t request, const struct log_trace_end *log,
    log_trace_send_fn send, void *context)
{
	BUFFER_AUTO struct buffer frame = {0};
	size_t count = t->ready_count < t->limit ? t->ready_count : t->limit;
	struct log_trace_end end = *log;

	end.more = t->ready_count > t->limit || t->hit_count > 0 || t->left_us != INT64_MIN ||
		   t->candidate_at < t->candidate_count;
	end.complete = end.complete && !t->blocks.lost && end.error.len == 0;
	for (size_t i = 0; i < count; i++)
		send_message(t->ready[i].message, request, send, context);
	if (end.error.len == 0 && t->blocks.error.code[0] != '\0')
		end.error = slice_of(t->blocks.error.text);
	frame_begin(&frame, LOG_PROTO_TRACE_END, request);
	log_trace_put_end(&frame, &end);
	send(context, &frame);
}
