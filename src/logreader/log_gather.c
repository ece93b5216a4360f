/* Each life has a search that goes from the block of the line that it began with to older and to
 * newer blocks, until the beginning and the end of the life are found. So has each Message-ID,
 * within a minute. A step lets every search skip the blocks that cannot have what it looks for,
 * reads one block that one of them wants, and gives its lines to all that want it: messages that
 * lie close together are read together.
 *
 * A life that only a reply speaks of ("queued as") is doubtful: the server may be another one. It
 * becomes part of the message when it has the same Message-ID. */
#include "logreader/log_gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "logreader/log_event.h"
#include "logreader/log_ids.h"
#include "logreader/log_trace.h"
#include "postfix/queue_id.h"
#include "postfix/remote_id.h"

#define SECOND_US INT64_C(1000000)
/* Tests of filters in one step: a millisecond or two. */
#define TESTS_MAX 20000
/* A notice's or a forwarded message's first line is cleanup's, and smtpd's client= comes before it
 * by as long as the client takes to send the content. */
#define BEGIN_SLACK_US (15 * 60 * SECOND_US)
/* A filter may end its delivery so long after the new message left. */
#define END_SLACK_US (10 * SECOND_US)
/* Clocks of classic log lines have whole seconds. */
#define CLAIM_SLACK_US (60 * SECOND_US)
#define NOBODY SIZE_MAX

/* Blocks from `low` downwards and from `high` upwards are still to be looked at. */
struct search {
	uint64_t hash;
	struct log_place anchor;
	bool started;
	bool down, up; /* false: done in that direction */
	size_t low, high;
	int64_t from_us, to_us; /* blocks wholly before or behind are of no use */
	size_t life;
	bool siblings; /* of a Message-ID; else of the life's queue ID */
	int64_t at_us;
};

/* A line of the block in hand that somebody may want. */
struct found {
	struct log_record record;
	uint8_t event, verb;
	uint64_t id_hash, other_hash, remote_hash, message_id;
	char id[LOG_PROTO_ID_MAX + 1], other[LOG_PROTO_ID_MAX + 1], remote[LOG_PROTO_ID_MAX + 1];
	int64_t delay_ms;
};

struct log_gather {
	struct log_blocks *blocks;
	const struct log_asked *asked;
	const struct hash_key *key;
	struct slice instance;
	struct log_gather_life *lives;
	size_t count, room;
	struct search *searches;
	size_t search_count, search_room;
	struct log_ids wanted; /* hashes of the IDs and Message-IDs that are looked for */
	struct buffer bytes;
	struct found *found;
	size_t found_count, found_room, block;
};

int log_place_compare(struct log_place a, struct log_place b)
{
	if (a.block != b.block)
		return a.block < b.block ? -1 : 1;
	return (a.offset > b.offset) - (a.offset < b.offset);
}

struct log_gather *log_gather_create(struct log_blocks *blocks, const struct log_asked *asked,
    const struct hash_key *key, struct slice instance)
{
	struct log_gather *g = memory_zero(1, sizeof(*g));

	g->blocks = blocks;
	g->asked = asked;
	g->key = key;
	g->instance = instance;
	return g;
}

void log_gather_clear(struct log_gather *g)
{
	for (size_t i = 0; i < g->count; i++)
		free(g->lives[i].records);
	g->count = g->search_count = g->found_count = 0;
	log_ids_clear(&g->wanted);
	buffer_clear(&g->bytes);
}

void log_gather_destroy(struct log_gather **pointer)
{
	struct log_gather *g = *pointer;

	if (g == NULL)
		return;
	log_gather_clear(g);
	free(g->lives);
	free(g->searches);
	free(g->found);
	log_ids_free(&g->wanted);
	buffer_free(&g->bytes);
	free(g);
	*pointer = NULL;
}

size_t log_gather_count(const struct log_gather *g)
{
	return g->count;
}

const struct log_gather_life *log_gather_life(const struct log_gather *g, size_t i)
{
	return &g->lives[i];
}

struct slice log_gather_bytes(const struct log_gather *g, const struct log_record *record)
{
	return slice_make(g->bytes.data + record->from, record->len);
}

/* ---- lives and their searches ---- */

static struct search *add_search(struct log_gather *g, uint64_t hash, struct log_place anchor)
{
	struct search *s;

	if (g->search_count == g->search_room) {
		g->search_room = g->search_room > 0 ? g->search_room * 2 : 32;
		g->searches = memory_resize(g->searches, g->search_room, sizeof(*g->searches));
	}
	s = &g->searches[g->search_count++];
	*s = (struct search){.hash = hash,
	    .anchor = anchor,
	    .down = true,
	    .up = true,
	    .from_us = INT64_MIN,
	    .to_us = INT64_MAX};
	log_ids_add(&g->wanted, hash);
	return s;
}

static struct log_gather_life *add_life(
    struct log_gather *g, struct slice id, struct log_place place)
{
	struct log_gather_life *l;

	if (g->count == g->room) {
		g->room = g->room > 0 ? g->room * 2 : 32;
		g->lives = memory_resize(g->lives, g->room, sizeof(*g->lives));
	}
	l = &g->lives[g->count++];
	*l = (struct log_gather_life){.message = g->count - 1,
	    .hash = hash_bytes(g->key, id),
	    .anchor = place,
	    .first = place,
	    .last = place,
	    .claimer = NOBODY,
	    .search = g->search_count};
	memcpy(l->id, id.data, id.len);
	add_search(g, l->hash, place)->life = g->count - 1;
	return l;
}

void log_gather_add(struct log_gather *g, struct slice id, struct log_place place)
{
	if (id.len > 0 && id.len <= LOG_PROTO_ID_MAX)
		add_life(g, id, place)->hit = true;
}

static size_t find_life(const struct log_gather *g, const char *id)
{
	for (size_t i = 0; i < g->count; i++)
		if (!g->lives[i].dropped && strcmp(g->lives[i].id, id) == 0)
			return i;
	return NOBODY;
}

static size_t lives_of(const struct log_gather *g, size_t message)
{
	size_t count = 0;

	for (size_t i = 0; i < g->count; i++)
		count += g->lives[i].message == message && !g->lives[i].dropped;
	return count;
}

/* Two lives are of one message. */
static void join(struct log_gather *g, size_t a, size_t b)
{
	size_t one = g->lives[a].message, other = g->lives[b].message;

	if (one == other)
		return;
	if (lives_of(g, one) + lives_of(g, other) > LOG_TRACE_IDS_MAX) {
		g->lives[a].cut = g->lives[b].cut = true;
		return;
	}
	for (size_t i = 0; i < g->count; i++)
		if (g->lives[i].message == other)
			g->lives[i].message = one;
}

/* The life of `id` around that place, new or known; NOBODY when there are too many. */
static size_t life_at(struct log_gather *g, size_t from, const char *id, struct log_place place)
{
	size_t at = find_life(g, id);

	if (at != NOBODY)
		return at;
	if (g->count == LOG_GATHER_LIVES_MAX ||
	    lives_of(g, g->lives[from].message) >= LOG_TRACE_IDS_MAX) {
		g->lives[from].cut = true;
		return NOBODY;
	}
	add_life(g, slice_of(id), place);
	return g->count - 1;
}

/* The log says that `id` is the same message. */
static size_t link_sure(struct log_gather *g, size_t from, const char *id, struct log_place place)
{
	size_t to = life_at(g, from, id, place);

	if (to == NOBODY || to == from)
		return NOBODY;
	g->lives[to].doubtful = false;
	join(g, from, to);
	return to;
}

/* A reply says so. `to` was there before the reply came, and not longer than the delivery took. */
static void link_claimed(
    struct log_gather *g, size_t from, const struct found *f, const char *id, bool to_newer)
{
	bool known = find_life(g, id) != NOBODY;
	size_t to = life_at(g, from, id, f->record.place);
	struct log_gather_life *l;

	if (to == NOBODY || to == from)
		return;
	l = &g->lives[to];
	if (!known)
		l->doubtful = true;
	/* Known by another way: it is enough when the Message-IDs agree, see settle. */
	if (l->claimer == NOBODY && l->message != g->lives[from].message) {
		l->claimer = from;
		l->claims = to_newer;
		l->claim_us = f->record.time_us;
		if (to_newer && !known && f->record.time_us != 0)
			g->searches[l->search].from_us =
			    f->record.time_us - f->delay_ms * 1000 - CLAIM_SLACK_US;
	}
}

/* Others that came with the same Message-ID at about the same time. */
static void look_for_siblings(struct log_gather *g, size_t life, const struct found *f)
{
	struct search *s;

	g->lives[life].message_id = f->message_id;
	/* Without a time nothing says how near they are. */
	if (f->record.time_us == 0 || f->message_id == 0)
		return;
	s = add_search(g, f->message_id, f->record.place);
	s->siblings = true;
	s->life = life;
	s->at_us = f->record.time_us;
	s->from_us = f->record.time_us - LOG_TRACE_SIBLING_US;
	s->to_us = f->record.time_us + LOG_TRACE_SIBLING_US;
}

/* ---- lines into lives ---- */

static bool is_own(const struct log_gather_life *l, const struct found *f)
{
	return f->id_hash == l->hash && strcmp(f->id, l->id) == 0;
}

static void keep(struct log_gather *g, struct log_gather_life *l, const struct found *f)
{
	if (g->bytes.len > LOG_GATHER_BYTES_MAX ||
	    (l->record_count >= LOG_TRACE_LINES_MAX && !f->record.asked) ||
	    l->record_count >= 2 * LOG_TRACE_LINES_MAX) {
		l->cut = true;
		return;
	}
	if (l->record_count == l->record_room) {
		l->record_room = l->record_room > 0 ? l->record_room * 2 : 8;
		l->records = memory_resize(l->records, l->record_room, sizeof(*l->records));
	}
	if (l->record_count == 0)
		l->first = l->last = f->record.place;
	if (log_place_compare(f->record.place, l->first) < 0)
		l->first = f->record.place;
	if (log_place_compare(f->record.place, l->last) > 0)
		l->last = f->record.place;
	l->records[l->record_count++] = f->record;
}

/* What one of its own lines says of other IDs. */
static void follow_own(struct log_gather *g, size_t life, const struct found *f)
{
	size_t old;

	if (f->event == LOG_EVENT_MESSAGE_ID)
		look_for_siblings(g, life, f);
	if (f->event == LOG_EVENT_PICKUP && f->other[0] != '\0') {
		old = link_sure(g, life, f->other, f->record.place);
		/* Its last line stands before this one. */
		if (old != NOBODY)
			g->lives[old].ended = g->lives[old].closed = true;
	} else if ((f->event == LOG_EVENT_CLIENT || f->event == LOG_EVENT_DELIVERY) &&
		   f->other[0] != '\0') {
		link_sure(g, life, f->other, f->record.place);
	}
	if (f->event == LOG_EVENT_DELIVERY && f->remote[0] != '\0' &&
	    queue_id_valid(slice_of(f->remote)))
		link_claimed(g, life, f, f->remote, true);
}

/* What another message's line says of it. True for the line that ends it. */
static bool follow_mention(struct log_gather *g, size_t life, const struct found *f)
{
	const struct log_gather_life *l = &g->lives[life];
	bool by_other = f->other_hash == l->hash && strcmp(f->other, l->id) == 0;

	if (by_other && (f->event == LOG_EVENT_PICKUP || f->event == LOG_EVENT_CLIENT ||
			    f->event == LOG_EVENT_DELIVERY)) {
		link_sure(g, life, f->id, f->record.place);
		return f->event == LOG_EVENT_PICKUP;
	}
	if (f->event == LOG_EVENT_DELIVERY && f->remote_hash == l->hash &&
	    strcmp(f->remote, l->id) == 0)
		link_claimed(g, life, f, f->id, false);
	return false;
}

static bool ends_life(const struct found *f)
{
	return f->event == LOG_EVENT_REMOVED ||
	       (f->event == LOG_EVENT_POSTSUPER && f->verb == LOG_VERB_REMOVED);
}

static void begin(struct log_gather_life *l, const struct found *f)
{
	l->begun = true;
	l->began_by_client = f->event == LOG_EVENT_CLIENT;
	l->began_us = f->record.time_us;
}

/* The next older line that names the life. */
static void take_older(struct log_gather *g, size_t life, const struct found *f)
{
	struct log_gather_life *l = &g->lives[life];

	if (l->begun)
		return;
	if (!is_own(l, f)) {
		/* A re-queue that is older than its lines ended the life before. */
		if (f->event == LOG_EVENT_PICKUP && l->record_count > 0)
			l->begun = true;
		else
			follow_mention(g, life, f);
		return;
	}
	/* What follows the end within a second is the same life, logged by another program. */
	if (ends_life(f) && l->record_count > 0 && l->oldest_us - f->record.time_us >= SECOND_US) {
		l->begun = true;
		return;
	}
	if (ends_life(f)) {
		l->ended = true;
		l->ended_us = f->record.time_us;
	}
	keep(g, l, f);
	l->oldest_us = f->record.time_us;
	if (f->event == LOG_EVENT_CLIENT || f->event == LOG_EVENT_PICKUP)
		begin(l, f);
	if (f->event == LOG_EVENT_MESSAGE_ID && f->record.time_us != 0 &&
	    g->searches[l->search].from_us < f->record.time_us - BEGIN_SLACK_US)
		g->searches[l->search].from_us = f->record.time_us - BEGIN_SLACK_US;
	follow_own(g, life, f);
}

/* The next newer one. */
static void take_newer(struct log_gather *g, size_t life, const struct found *f)
{
	struct log_gather_life *l = &g->lives[life];
	bool late = l->ended && f->record.time_us - l->ended_us > END_SLACK_US;

	if (l->closed || late) {
		l->closed = true;
		return;
	}
	if (!is_own(l, f)) {
		if (follow_mention(g, life, f))
			g->lives[life].closed = g->lives[life].ended = true;
		return;
	}
	/* The next life of a short ID. */
	if ((f->event == LOG_EVENT_CLIENT || f->event == LOG_EVENT_PICKUP) && l->record_count > 0) {
		l->closed = l->ended = true;
		return;
	}
	if (l->ended && f->record.time_us - l->ended_us > SECOND_US)
		return;
	if (l->record_count == 0)
		l->oldest_us = f->record.time_us;
	keep(g, l, f);
	if (f->event == LOG_EVENT_CLIENT || f->event == LOG_EVENT_PICKUP)
		begin(l, f);
	if (ends_life(f)) {
		l->ended = true;
		l->ended_us = f->record.time_us;
	}
	follow_own(g, life, f);
}

/* ---- one block ---- */

static void copy_id(char out[LOG_PROTO_ID_MAX + 1], struct slice id)
{
	size_t len = id.len <= LOG_PROTO_ID_MAX ? id.len : 0;

	if (len > 0)
		memcpy(out, id.data, len);
	out[len] = '\0';
}

static uint64_t wanted_hash(const struct log_gather *g, struct slice text, bool *wanted)
{
	uint64_t hash = text.len > 0 ? hash_bytes(g->key, text) : 0;

	*wanted |= text.len > 0 && log_ids_contains(&g->wanted, hash);
	return hash;
}

static struct slice message_id_of(const struct log_line *line)
{
	struct slice id = line->address;

	if (line->event != LOG_EVENT_MESSAGE_ID)
		return SLICE("");
	if (id.len >= 2 && id.data[0] == '<' && id.data[id.len - 1] == '>')
		id = slice_make(id.data + 1, id.len - 2);
	return id;
}

static struct found *add_found(struct log_gather *g)
{
	if (g->found_count == g->found_room) {
		g->found_room = g->found_room > 0 ? g->found_room * 2 : 64;
		g->found = memory_resize(g->found, g->found_room, sizeof(*g->found));
	}
	g->found[g->found_count] = (struct found){.event = 0};
	return &g->found[g->found_count++];
}

static void take_line(void *context, const struct log_line *line, uint64_t offset)
{
	struct log_gather *g = context;
	struct slice remote = line->event == LOG_EVENT_DELIVERY && slice_is(line->status, "sent")
				  ? remote_id(line->reason)
				  : SLICE("");
	struct log_proto_event event;
	struct found f = {.event = (uint8_t)line->event, .verb = (uint8_t)line->verb}, *at;
	bool wanted = false;

	if (line->event == LOG_EVENT_NONE || line->id.len == 0)
		return;
	f.id_hash = wanted_hash(g, line->id, &wanted);
	f.other_hash = wanted_hash(g, line->other_id, &wanted);
	f.remote_hash = wanted_hash(g, remote, &wanted);
	f.message_id = wanted_hash(g, message_id_of(line), &wanted);
	if (!wanted)
		return;
	copy_id(f.id, line->id);
	copy_id(f.other, line->other_id);
	copy_id(f.remote, remote);
	f.delay_ms = line->delay_ms;
	event = log_event_of(line);
	f.record = (struct log_record){.place = {g->block, offset},
	    .time_us = event.time_us,
	    .from = g->bytes.len,
	    .asked = log_asked_in(g->asked, line),
	    .active = line->event == LOG_EVENT_ACTIVE,
	    .watched = g->instance.len == 0 || line->instance.len == 0 ||
		       slice_equal(line->instance, g->instance)};
	log_proto_put_event(&g->bytes, &event);
	f.record.len = g->bytes.len - f.record.from;
	at = add_found(g);
	*at = f;
}

/* Lines are given in the order in which the search goes. */
static void give(struct log_gather *g, size_t life, const struct found *f, bool older)
{
	const struct log_gather_life *l = &g->lives[life];

	if (f->id_hash != l->hash && f->other_hash != l->hash && f->remote_hash != l->hash)
		return;
	if (older)
		take_older(g, life, f);
	else
		take_newer(g, life, f);
}

static void give_older(struct log_gather *g, size_t life, struct log_place until)
{
	for (size_t i = g->found_count; i > 0; i--)
		if (log_place_compare(g->found[i - 1].record.place, until) <= 0)
			give(g, life, &g->found[i - 1], true);
}

static void give_newer(struct log_gather *g, size_t life, struct log_place behind)
{
	for (size_t i = 0; i < g->found_count; i++)
		if (log_place_compare(g->found[i].record.place, behind) > 0)
			give(g, life, &g->found[i], false);
}

/* Everything before any place, or behind it. */
static const struct log_place lowest = {0, 0}, highest = {SIZE_MAX, UINT64_MAX};

static void give_siblings(struct log_gather *g, size_t search)
{
	for (size_t i = 0; i < g->found_count; i++) {
		const struct search *s = &g->searches[search];
		const struct found *f = &g->found[i];
		int64_t apart = f->record.time_us - s->at_us;

		if (f->event == LOG_EVENT_MESSAGE_ID && f->message_id == s->hash &&
		    apart <= LOG_TRACE_SIBLING_US && -apart <= LOG_TRACE_SIBLING_US)
			link_sure(g, s->life, f->id, f->record.place);
	}
}

/* After the block in hand: what is left to look at. */
static void narrow(struct log_gather *g, size_t search)
{
	struct search *s = &g->searches[search];
	struct log_gather_life *l = &g->lives[s->life];

	if (s->siblings)
		return;
	if (l->begun)
		s->down = false;
	if (l->closed)
		s->up = false;
	/* The times behind which nothing of it can be; where none is known, the end is the end. */
	if (l->ended)
		s->to_us = l->ended_us > 0 ? l->ended_us + END_SLACK_US : INT64_MIN;
}

static bool is_before(const struct search *s, size_t block)
{
	return s->down && s->low == block;
}

static bool is_behind(const struct search *s, size_t block)
{
	return s->up && s->high == block;
}

static void go_down(struct search *s)
{
	s->down = s->down && s->low > 0;
	if (s->down)
		s->low--;
}

static void go_up(struct log_gather *g, struct search *s)
{
	s->high++;
	s->up = s->up && s->high < g->blocks->count;
}

/* The block in hand for one search, from the place that it begins with or from a side. */
static void use_block(struct log_gather *g, size_t search)
{
	struct search s = g->searches[search];
	bool first = !s.started && s.anchor.block == g->block;
	bool older = first || is_before(&s, g->block), newer = first || is_behind(&s, g->block);

	if ((!first && !s.started) || (!older && !newer))
		return;
	g->searches[search].started = true;
	if (first) {
		g->searches[search].low = g->searches[search].high = g->block;
	}
	if (s.siblings) {
		give_siblings(g, search);
	} else {
		if (older)
			give_older(g, s.life, first ? s.anchor : highest);
		if (newer)
			give_newer(g, s.life, first ? s.anchor : lowest);
	}
	narrow(g, search);
	if (older)
		go_down(&g->searches[search]);
	if (newer)
		go_up(g, &g->searches[search]);
}

/* ---- from block to block ---- */

/* A doubtful life must first be found to have begun before the reply. */
static bool wants_up(const struct log_gather *g, const struct search *s)
{
	const struct log_gather_life *l = &g->lives[s->life];

	return s->up && !l->dropped && (s->siblings || !l->doubtful || !l->claims);
}

static bool wants_down(const struct log_gather *g, const struct search *s)
{
	return s->down && !g->lives[s->life].dropped;
}

/* Goes down to the next block that may have it. True when there is one. */
static bool skip_down(
    struct log_gather *g, struct search *s, const struct log_index *index, size_t *tests)
{
	while (wants_down(g, s) && *tests > 0) {
		const struct log_blocks_item *b = &g->blocks->item[s->low];

		if (b->last_us != 0 && b->last_us < s->from_us) {
			s->down = false;
			break;
		}
		--*tests;
		if (log_blocks_may_contain(g->blocks, s->low, index, s->hash))
			return true;
		go_down(s);
	}
	return false;
}

static bool skip_up(
    struct log_gather *g, struct search *s, const struct log_index *index, size_t *tests)
{
	while (wants_up(g, s) && *tests > 0) {
		const struct log_blocks_item *b = &g->blocks->item[s->high];

		if (b->first_us != INT64_MAX && b->first_us > s->to_us) {
			s->up = false;
			break;
		}
		--*tests;
		if (log_blocks_may_contain(g->blocks, s->high, index, s->hash))
			return true;
		go_up(g, s);
	}
	return false;
}

/* The block that some search wants next; false when none does, or the tests are used up. */
static bool next_block(
    struct log_gather *g, const struct log_index *index, size_t *tests, size_t *block)
{
	bool any = false;

	for (size_t i = 0; i < g->search_count; i++) {
		struct search *s = &g->searches[i];
		size_t wants;

		if (g->lives[s->life].dropped)
			continue;
		if (!s->started)
			wants = s->anchor.block;
		else if (skip_down(g, s, index, tests))
			wants = s->low;
		else if (skip_up(g, s, index, tests))
			wants = s->high;
		else
			continue;
		if (!any)
			*block = wants;
		any = true;
	}
	return any;
}

/* ---- doubtful lives ---- */

static bool is_confirmed(const struct log_gather *g, const struct log_gather_life *l)
{
	const struct log_gather_life *claimer = &g->lives[l->claimer];

	if (claimer->dropped || claimer->message_id == 0 || l->message_id != claimer->message_id)
		return false;
	/* A message that was given back came in by SMTP, and before the reply. */
	return !l->claims || (l->began_by_client && l->began_us <= l->claim_us + SECOND_US);
}

/* All searches are at their end: decides what replies said. True when there is more to search. */
static bool settle(struct log_gather *g)
{
	bool more = false;

	for (size_t i = 0; i < g->count; i++) {
		struct log_gather_life *l = &g->lives[i];
		size_t claimer = l->claimer;

		if (l->dropped || claimer == NOBODY)
			continue;
		if (is_confirmed(g, l)) {
			/* Its end is looked for only now. */
			more |= l->doubtful && l->claims;
			l->doubtful = false;
			join(g, i, claimer);
		} else if (l->doubtful) {
			l->dropped = true;
		}
		g->lives[i].claimer = NOBODY;
	}
	return more;
}

bool log_gather_step(struct log_gather *g, struct log_index *index)
{
	size_t tests = TESTS_MAX, block = 0, count = g->search_count;

	if (!next_block(g, index, &tests, &block))
		/* Without tests left it is not the end. */
		return tests > 0 && !settle(g);
	if (!log_blocks_approach(g->blocks, block, index))
		return false;
	g->block = block;
	g->found_count = 0;
	log_blocks_read(g->blocks, block, index, NULL, take_line, g);
	/* Those that are added on the way looked for nothing when the block was read. */
	for (size_t i = 0; i < count; i++)
		use_block(g, i);
	return false;
}
