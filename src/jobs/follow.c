/* A ring of the messages that jobs sent on their way last, found by queue ID, and the list of news
 * about them that waits to be written. News are written in slices, beside all else that the store
 * has to do, and may be lost: no outcome depends on them. */
#include "jobs/follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "jobs/pace.h"
#include "postfix/queue_id.h"

#define SLOTS (FOLLOW_MAX * 2)
/* Jobs whose counts one transaction may change; more are told with the next. */
#define JOBS_MAX 16

/* What is to be written of one message. */
struct news {
	struct news *next;
	int64_t job, seq;
	int32_t of; /* its `sent`, while that points here */
	char new_id[QUEUE_ID_SIZE];
	enum job_result result;
	char *reply;
};

struct sent {
	char id[QUEUE_ID_SIZE];
	uint8_t result; /* of the attempt under way, enum job_result */
	int32_t next;	/* in its slot's chain; -1 the end */
	struct follow_where where;
	int64_t since; /* Unix seconds */
	struct news *news;
};

struct follow {
	struct store *store;
	struct follow_events events;
	struct hash_key key;
	struct sent *sent; /* a ring */
	size_t count, at;
	int32_t *slot;
	struct news *first, **last;
	size_t waiting;
	bool writing;
};

struct follow *follow_create(struct store *store, const struct follow_events *events)
{
	struct follow *f = memory_zero(1, sizeof(*f));

	f->store = store;
	f->events = *events;
	f->key = hash_key_random();
	f->last = &f->first;
	return f;
}

static void free_news(struct news *n)
{
	while (n != NULL) {
		struct news *next = n->next;

		free(n->reply);
		free(n);
		n = next;
	}
}

void follow_destroy(struct follow **pointer)
{
	struct follow *f = *pointer;

	if (f == NULL)
		return;
	free_news(f->first);
	free(f->sent);
	free(f->slot);
	free(f);
	*pointer = NULL;
}

static size_t slot_of(const struct follow *f, struct slice id)
{
	return hash_bytes(&f->key, id) % SLOTS;
}

static void unlink_sent(struct follow *f, int32_t index)
{
	int32_t *at = &f->slot[slot_of(f, slice_of(f->sent[index].id))];

	while (*at != index)
		at = &f->sent[*at].next;
	*at = f->sent[index].next;
}

static void remember(struct follow *f, struct slice id, struct follow_where where)
{
	struct sent *s;
	int32_t *slot;

	/* Most services never retry, and need none of this memory. */
	if (f->sent == NULL) {
		f->sent = memory_zero(FOLLOW_MAX, sizeof(*f->sent));
		f->slot = memory_alloc(SLOTS * sizeof(*f->slot));
		for (size_t i = 0; i < SLOTS; i++)
			f->slot[i] = -1;
	}
	if (f->count == FOLLOW_MAX)
		/* The oldest makes room: a retry of a million messages must not take the memory of
		 * a million. */
		unlink_sent(f, (int32_t)f->at);
	else
		f->count++;
	s = &f->sent[f->at];
	snprintf(s->id, sizeof(s->id), "%.*s", (int)(id.len < QUEUE_ID_MAX ? id.len : QUEUE_ID_MAX),
	    id.data);
	/* Its news is still written; it only cannot be added to any more. */
	if (s->news != NULL)
		s->news->of = -1;
	s->news = NULL;
	s->result = JOB_RESULT_UNKNOWN;
	s->where = where;
	s->since = clock_now();
	slot = &f->slot[slot_of(f, slice_of(s->id))];
	s->next = *slot;
	*slot = (int32_t)f->at;
	f->at = (f->at + 1) % FOLLOW_MAX;
}

void follow_add(struct follow *f, int64_t job, const struct job_item *item)
{
	remember(f, slice_of(item->id),
	    (struct follow_where){.job = job,
		.seq = item->seq,
		.refusal = item->refusal,
		.destination =
		    item->domain != NULL ? pace_destination(slice_of(item->domain)) : 0});
}

/* The one that was added last under this ID, while what the log says is of the job's doing. */
static struct sent *find(const struct follow *f, struct slice id)
{
	if (f->sent == NULL)
		return NULL;
	for (int32_t i = f->slot[slot_of(f, id)]; i >= 0; i = f->sent[i].next)
		if (slice_is(id, f->sent[i].id))
			return clock_now() - f->sent[i].since <= FOLLOW_SECONDS ? &f->sent[i]
										: NULL;
	return NULL;
}

/* What waits to be written of `s`; NULL where too much waits already. */
static struct news *news_of(struct follow *f, struct sent *s)
{
	struct news *n = s->news;

	if (n != NULL || f->waiting >= FOLLOW_MAX)
		return n;
	n = memory_zero(1, sizeof(*n));
	n->job = s->where.job;
	n->seq = s->where.seq;
	n->of = (int32_t)(s - f->sent);
	s->news = n;
	*f->last = n;
	f->last = &n->next;
	f->waiting++;
	return n;
}

void follow_requeued(struct follow *f, struct slice old_id, struct slice new_id)
{
	struct sent *s = find(f, old_id);
	struct news *n;

	if (s == NULL || new_id.len == 0 || new_id.len > QUEUE_ID_MAX)
		return;
	n = news_of(f, s);
	if (n != NULL)
		snprintf(n->new_id, sizeof(n->new_id), "%.*s", SLICE_ARGS(new_id));
	/* From here on the log speaks of the new ID only (docs/POSTFIX.md, "Log lines"). */
	remember(f, new_id, s->where);
}

void follow_began(struct follow *f, struct slice id)
{
	struct sent *s = find(f, id);

	if (s != NULL)
		/* Each attempt counts anew: what a recipient said in the last one is over. */
		s->result = JOB_RESULT_UNKNOWN;
}

static bool outweighs(enum job_result a, enum job_result b)
{
	static const int weight[] = {[JOB_RESULT_UNKNOWN] = 0,
	    [JOB_RESULT_DELIVERED] = 1,
	    [JOB_RESULT_BOUNCED] = 2,
	    [JOB_RESULT_DEFERRED] = 3};

	/* Of several recipients of one message: the one that still waits is what people look for,
	 * then the one that failed. */
	return weight[a] > weight[b];
}

static void set_reply(struct news *n, const struct follow_attempt *attempt)
{
	char text[FOLLOW_REPLY_MAX + 1];

	snprintf(text, sizeof(text), "%.*s%s%.*s",
	    (int)(attempt->recipient.len < 120 ? attempt->recipient.len : 120),
	    attempt->recipient.data, attempt->recipient.len > 0 ? ": " : "",
	    (int)(attempt->reply.len < 270 ? attempt->reply.len : 270), attempt->reply.data);
	free(n->reply);
	n->reply = memory_strdup(text);
}

bool follow_attempted(struct follow *f, struct slice id, const struct follow_attempt *attempt,
    struct follow_where *where)
{
	struct sent *s = find(f, id);
	struct news *n;

	if (s == NULL)
		return false;
	*where = s->where;
	/* Returned to its sender: nothing is left of it, whatever the attempt before gave. */
	if (attempt->recipient.len > 0 && !outweighs(attempt->result, (enum job_result)s->result))
		return true;
	s->result = (uint8_t)attempt->result;
	n = news_of(f, s);
	if (n == NULL)
		return true;
	n->result = attempt->result;
	set_reply(n, attempt);
	return true;
}

/* ---- to the store ---- */

struct writing {
	struct follow *follow;
	struct news *first;
	struct job_row row[JOBS_MAX]; /* whose counts changed */
	size_t rows;
};

static enum db_result write_one(struct db *db, const struct news *n, struct error *err)
{
	enum db_result result = DB_OK;

	if (n->new_id[0] != '\0')
		result = job_rows_set_new_id(db, n->job, n->seq, n->new_id, err);
	if (result == DB_OK && n->result != JOB_RESULT_UNKNOWN)
		result = job_rows_set_result(db, n->job, n->seq, n->result, n->reply, err);
	return result;
}

static void note_job(struct writing *w, int64_t job)
{
	for (size_t i = 0; i < w->rows; i++)
		if (w->row[i].id == job)
			return;
	if (w->rows < JOBS_MAX)
		w->row[w->rows++].id = job;
}

static enum db_result write_news(struct db *db, void *context, struct error *err)
{
	struct writing *w = context;
	enum db_result result = DB_OK;

	w->rows = 0;
	for (struct news *n = w->first; n != NULL && result == DB_OK; n = n->next) {
		result = write_one(db, n, err);
		if (n->result != JOB_RESULT_UNKNOWN)
			note_job(w, n->job);
	}
	for (size_t i = 0; i < w->rows && result == DB_OK; i++) {
		int64_t id = w->row[i].id;

		result = job_rows_get(db, id, &w->row[i], err);
		if (result != DB_NOT_FOUND)
			continue;
		w->row[i].id = 0; /* no longer kept */
		result = DB_OK;
	}
	return result;
}

/* What could not be written is only news: the outcome of the job does not depend on it. */
static void written(void *context, enum db_result result, const struct error *err)
{
	struct writing *w = context;
	struct follow *f = w->follow;

	(void)err;
	f->writing = false;
	for (size_t i = 0; i < w->rows && result == DB_OK; i++)
		if (w->row[i].id != 0)
			f->events.counted(f->events.context, &w->row[i]);
	free_news(w->first);
	free(w);
}

void follow_flush(struct follow *f)
{
	struct writing *w;
	struct news **at;

	if (f->first == NULL || f->writing)
		return;
	w = memory_zero(1, sizeof(*w));
	w->follow = f;
	w->first = f->first;
	at = &w->first;
	for (size_t i = 0; i < FOLLOW_CHUNK && *at != NULL; i++, at = &(*at)->next) {
		if ((*at)->of >= 0)
			f->sent[(*at)->of].news = NULL;
		f->waiting--;
	}
	f->first = *at;
	*at = NULL;
	if (f->first == NULL)
		f->last = &f->first;
	f->writing = true;
	/* On a full disk only the news is lost. */
	store_write_optional(f->store, write_news, written, w);
}

bool follow_pending(const struct follow *f)
{
	return f->first != NULL || f->writing;
}

void follow_each(const struct follow *f,
    bool (*take)(void *context, const struct slice *ids, size_t count), void *context)
{
	struct slice ids[500];
	size_t count = 0;
	int64_t since = clock_now() - FOLLOW_SECONDS;

	for (size_t i = 0; i < f->count; i++) {
		if (f->sent[i].since < since)
			continue;
		ids[count++] = slice_of(f->sent[i].id);
		if (count == sizeof(ids) / sizeof(ids[0])) {
			if (!take(context, ids, count))
				return;
			count = 0;
		}
	}
	if (count > 0)
		take(context, ids, count);
}
