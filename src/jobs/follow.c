#include "jobs/follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "postfix/queue_id.h"

#define SLOTS (FOLLOW_MAX * 2)
#define DETAIL_MAX 400

struct sent {
	char id[QUEUE_ID_SIZE];
	int64_t job, seq;
	int64_t since; /* Unix seconds */
	int32_t next;  /* in its slot's chain; -1 the end */
};

struct news {
	struct news *next;
	int64_t job, seq;
	char new_id[QUEUE_ID_SIZE]; /* empty: `detail` is the news */
	char detail[DETAIL_MAX];
};

struct follow {
	struct store *store;
	struct hash_key key;
	struct sent *sent; /* a ring */
	size_t count, at;
	int32_t *slot;
	struct news *first, **last;
	unsigned writing;
};

struct follow *follow_create(struct store *store)
{
	struct follow *f = memory_zero(1, sizeof(*f));

	f->store = store;
	f->key = hash_key_random();
	f->last = &f->first;
	return f;
}

static void free_news(struct news *n)
{
	while (n != NULL) {
		struct news *next = n->next;

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

static void remember(struct follow *f, struct slice id, int64_t job, int64_t seq)
{
	struct sent *s;
	int32_t *slot;

	if (f->sent == NULL) {
		f->sent = memory_zero(FOLLOW_MAX, sizeof(*f->sent));
		f->slot = memory_alloc(SLOTS * sizeof(*f->slot));
		for (size_t i = 0; i < SLOTS; i++)
			f->slot[i] = -1;
	}
	if (f->count == FOLLOW_MAX)
		unlink_sent(f, (int32_t)f->at);
	else
		f->count++;
	s = &f->sent[f->at];
	snprintf(s->id, sizeof(s->id), "%.*s", (int)(id.len < QUEUE_ID_MAX ? id.len : QUEUE_ID_MAX),
	    id.data);
	s->job = job;
	s->seq = seq;
	s->since = clock_now();
	slot = &f->slot[slot_of(f, slice_of(s->id))];
	s->next = *slot;
	*slot = (int32_t)f->at;
	f->at = (f->at + 1) % FOLLOW_MAX;
}

void follow_add(struct follow *f, int64_t job, const struct job_item *item)
{
	remember(f, slice_of(item->id), job, item->seq);
}

/* The one that was added last under this ID. */
static const struct sent *find(const struct follow *f, struct slice id)
{
	if (f->sent == NULL)
		return NULL;
	for (int32_t i = f->slot[slot_of(f, id)]; i >= 0; i = f->sent[i].next)
		if (slice_is(id, f->sent[i].id))
			return &f->sent[i];
	return NULL;
}

static struct news *add_news(struct follow *f, const struct sent *s)
{
	struct news *n = memory_zero(1, sizeof(*n));

	n->job = s->job;
	n->seq = s->seq;
	*f->last = n;
	f->last = &n->next;
	return n;
}

void follow_requeued(struct follow *f, struct slice old_id, struct slice new_id)
{
	const struct sent *s = find(f, old_id);

	if (s == NULL || new_id.len == 0 || new_id.len > QUEUE_ID_MAX)
		return;
	snprintf(add_news(f, s)->new_id, QUEUE_ID_SIZE, "%.*s", SLICE_ARGS(new_id));
	remember(f, new_id, s->job, s->seq);
}

void follow_attempt(struct follow *f, struct slice id, const char *detail)
{
	const struct sent *s = find(f, id);

	if (s != NULL && clock_now() - s->since <= FOLLOW_SECONDS)
		snprintf(add_news(f, s)->detail, DETAIL_MAX, "%s", detail);
}

struct writing {
	struct follow *follow;
	struct news *first;
};

static enum db_result write_news(struct db *db, void *arg, struct error *err)
{
	struct writing *w = arg;
	enum db_result result = DB_OK;

	for (struct news *n = w->first; n != NULL && result == DB_OK; n = n->next)
		result = n->new_id[0] != '\0'
			     ? job_rows_set_new_id(db, n->job, n->seq, n->new_id, err)
			     : job_rows_set_detail(db, n->job, n->seq, n->detail, err);
	return result;
}

/* What could not be written is only news: the outcome of the job does not depend on it. */
static void written(void *arg, enum db_result result, const struct error *err)
{
	struct writing *w = arg;

	(void)result;
	(void)err;
	w->follow->writing--;
	free_news(w->first);
	free(w);
}

bool follow_flush(struct follow *f)
{
	struct writing *w;

	if (f->first == NULL)
		return false;
	w = memory_zero(1, sizeof(*w));
	w->follow = f;
	w->first = f->first;
	f->first = NULL;
	f->last = &f->first;
	f->writing++;
	store_write(f->store, write_news, written, w);
	return true;
}

bool follow_pending(const struct follow *f)
{
	return f->first != NULL || f->writing > 0;
}
