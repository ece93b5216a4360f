/* Buckets for the destinations of a paced retry, in a hash table. pace_take goes round it and takes
 * from each destination what its rate allows; pace_answered counts refusals of the same class. */
#include "jobs/pace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/table.h"
#include "postfix/diagnosis.h"
#include "postfix/reason.h"

/* Turns are looked for so seldom at least, and the more destinations there are the more seldom, so
 * that looking takes about a hundredth of the time. */
#define TURN_MS 50
#define TURN_DESTINATIONS 5000

struct bucket {
	char *destination;
	size_t len;
	int64_t next_us; /* a message may go from then on; microseconds, so that many a second do
			    not drift */
	int64_t left;
	uint32_t sent;	  /* up to PACE_PROBES */
	uint32_t refused; /* in a row */
	bool open;	  /* it answered otherwise, or not at all */
	char *reply;	  /* stopped: what it said */
};

struct pace {
	int64_t rate;
	int64_t gap_us;	       /* between two messages */
	struct bucket *bucket; /* by number, in the order in which they came */
	size_t count, room;
	struct table by_destination;
	size_t at; /* whose turn is next, so that all get theirs */
	int64_t left;
	int64_t next_ms;
};

static struct slice destination_of(const void *owner, uint32_t number)
{
	const struct pace *pace = owner;

	return slice_make(pace->bucket[number].destination, pace->bucket[number].len);
}

struct pace *pace_create(int64_t rate)
{
	struct pace *pace = memory_zero(1, sizeof(*pace));

	pace->rate = rate > 0 ? rate : 1;
	pace->gap_us = 60000000 / pace->rate;
	table_init(&pace->by_destination, destination_of);
	pace->next_ms = -1;
	return pace;
}

void pace_destroy(struct pace **pointer)
{
	struct pace *pace = *pointer;

	if (pace == NULL)
		return;
	for (size_t i = 0; i < pace->count; i++) {
		free(pace->bucket[i].destination);
		free(pace->bucket[i].reply);
	}
	free(pace->bucket);
	table_free(&pace->by_destination);
	free(pace);
	*pointer = NULL;
}

/* FNV-1a: the same over restarts. Who makes two texts collide makes a retry stop a little early or
 * late. */
static int64_t stable_hash(struct slice text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (uint8_t)text.data[i]) * UINT64_C(1099511628211);
	return (int64_t)(hash >> 1) + 1;
}

/* Of status codes X.1 is about addresses, X.2 about a mailbox, X.6 about the message (RFC 3463).
 * The reply 421 closes the connection, and what comes before MAIL knows no message: both are the
 * host's, whatever else they say. */
static bool is_of_host(struct slice text, const struct reason *reason)
{
	const struct diagnosis *diagnosis;
	char subject = reason->dsn.len > 2 ? reason->dsn.data[2] : '\0';

	if (reason->code == 421 ||
	    (reason->phase != REASON_PHASE_NONE && reason->phase < REASON_PHASE_MAIL))
		return true;
	if (subject == '1' || subject == '2' || subject == '6')
		return false;
	/* Many servers send no status code, or one that says something else: the words count. */
	diagnosis = diagnosis_find(text, reason->dsn);
	return diagnosis == NULL || diagnosis->about == DIAGNOSIS_ABOUT_ALL;
}

int64_t pace_refusal(struct slice text)
{
	BUFFER_AUTO struct buffer class = {0};
	struct reason reason;

	if (text.len == 0)
		return 0;
	reason_parse(text, &reason);
	if (!is_of_host(text, &reason))
		return 0;
	/* The class and not the text: two refusals of one kind differ in addresses, times and
	 * numbers. */
	reason_class(&class, reason.text);
	return stable_hash(buffer_slice(&class));
}

int64_t pace_destination(struct slice destination)
{
	return stable_hash(destination);
}

/* NULL when there is none. */
static struct bucket *find(const struct pace *pace, struct slice destination)
{
	uint32_t number = table_find(&pace->by_destination, pace, destination);

	return number != TABLE_NONE ? &pace->bucket[number] : NULL;
}

static struct bucket *add(struct pace *pace, struct slice destination)
{
	struct bucket *b;

	if (pace->count == pace->room) {
		pace->room = pace->room > 0 ? pace->room * 2 : 32;
		pace->bucket = memory_resize(pace->bucket, pace->room, sizeof(*pace->bucket));
	}
	b = &pace->bucket[pace->count];
	*b = (struct bucket){.destination = memory_strndup(destination.data, destination.len),
	    .len = destination.len};
	table_add(&pace->by_destination, pace, (uint32_t)pace->count++);
	return b;
}

void pace_add(struct pace *pace, struct slice destination, int64_t left, const char *reply)
{
	struct bucket *b = find(pace, destination);

	if (b == NULL)
		b = add(pace, destination);
	/* After a restart: what the store knows of a destination that was stopped. */
	if (reply != NULL && b->reply == NULL)
		b->reply = memory_strdup(reply);
	b->left += left;
	pace->left += left;
}

void pace_forget(struct pace *pace)
{
	for (size_t i = 0; i < pace->count; i++)
		pace->bucket[i].left = 0;
	pace->left = 0;
}

int64_t pace_left(const struct pace *pace)
{
	return pace->left;
}

static void wants_turn(struct pace *pace, int64_t at_ms)
{
	if (pace->next_ms < 0 || at_ms < pace->next_ms)
		pace->next_ms = at_ms;
}

/* Whether one more message may go to it now; else when. */
static bool is_due(struct pace *pace, struct bucket *b, bool probing, int64_t now_ms)
{
	bool waits = probing && !b->open && b->sent >= PACE_PROBES;
	int64_t at_ms;

	if (b->reply != NULL)
		return true;
	/* A second of unused pace is kept at most. While it waits for answers, its time is when it
	 * was last sent to: that must not move, or the wait never ends. */
	if (!waits && b->next_us < now_ms * 1000 - 1000000)
		b->next_us = now_ms * 1000 - (b->next_us == 0 ? 0 : 1000000);
	at_ms = (b->next_us + 999) / 1000;
	if (waits)
		at_ms += PACE_PROBE_MS;
	if (at_ms <= now_ms)
		return true;
	wants_turn(pace, at_ms);
	return false;
}

static void count_sent(struct pace *pace, struct bucket *b)
{
	if (b->sent >= PACE_PROBES)
		b->open = true; /* it did not answer in time */
	else
		b->sent++;
	b->next_us += pace->gap_us;
	b->left--;
	pace->left--;
}

static size_t take_from(
    struct pace *pace, struct bucket *b, size_t max, bool probing, int64_t now_ms)
{
	size_t count = 0;

	while (count < max && b->left > 0 && is_due(pace, b, probing, now_ms)) {
		count_sent(pace, b);
		count++;
	}
	return count;
}

size_t pace_take(
    struct pace *pace, struct pace_pick *pick, size_t max, bool probing, int64_t now_ms)
{
	size_t picks = 0, messages = 0;
	int64_t soonest = now_ms + TURN_MS + (int64_t)(pace->count / TURN_DESTINATIONS);

	pace->next_ms = -1;
	for (size_t n = 0; n < pace->count && messages < max; n++) {
		struct bucket *b = &pace->bucket[pace->at];
		size_t room = max - messages, count;

		if (b->left > 0 && b->reply != NULL && picks > 0)
			break; /* given up by itself, next time */
		pace->at = (pace->at + 1) % pace->count;
		count = b->left > 0 ? take_from(pace, b, room, probing, now_ms) : 0;
		if (count == 0)
			continue;
		pick[picks++] =
		    (struct pace_pick){slice_make(b->destination, b->len), count, b->reply};
		messages += count;
		if (b->reply != NULL)
			break;
	}
	/* What was not come to, or is due again by then. */
	if (pace->left > 0 && (picks > 0 || pace->next_ms < soonest))
		pace->next_ms = picks > 0 ? now_ms : soonest;
	return picks;
}

int64_t pace_next_ms(const struct pace *pace)
{
	return pace->next_ms;
}

bool pace_answered(struct pace *pace, struct slice destination, bool same, struct slice reply)
{
	struct bucket *b = find(pace, destination);

	if (b == NULL || b->reply != NULL)
		return false;
	/* It answers otherwise, so the others may have a chance: the pace goes on. */
	if (!same) {
		b->open = true;
		b->refused = 0;
		return false;
	}
	/* As many of the same refusal in a row as were sent to try it. */
	if (++b->refused < PACE_PROBES)
		return false;
	b->reply = memory_strndup(reply.data, reply.len);
	return true;
}

int64_t pace_seconds_left(const struct pace *pace)
{
	int64_t most = 0;

	for (size_t i = 0; i < pace->count; i++)
		/* Destinations go side by side, so the longest one tells when all is done. */
		if (pace->bucket[i].reply == NULL && pace->bucket[i].left > most)
			most = pace->bucket[i].left;
	return most * 60 / pace->rate;
}
