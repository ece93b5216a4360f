/* Builds a message out of its lines. Each recipient has a state that later lines change, and knows
 * in which life of the message it was last told of: what an old life says afterwards (a filter that
 * ends its delivery when the new message has long been sent on) does not change it any more.
 *
 * What stands in lines without a recipient (expired, removed, put on hold) is kept by life, and
 * applied to the recipients when they are asked for. */
#include "logreader/log_message.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "logreader/log_keys.h"
#include "postfix/log_line.h"
#include "postfix/remote_id.h"

/* Room in the table of recipients at first; doubled as it fills. */
#define SLOTS_LEAST 16
#define NO_LIFE SIZE_MAX

/* A text in `texts`. */
struct span {
	size_t from, len;
};

struct recipient {
	uint64_t hash;
	struct span address, original, relay, dsn, reply, remote_id;
	enum log_trace_result result;
	int64_t at_us;
	size_t life;   /* that told of it last */
	size_t handed; /* the life that it was handed on to, told by a filter's reply; or NO_LIFE */
	bool asked;
};

struct life {
	char id[LOG_PROTO_ID_MAX + 1];
	bool begun, removed, requeued, held;
	bool told;	/* of a recipient */
	bool picked_up; /* it came through sendmail(1), and is no re-queue */
	bool has_sender;
	struct span sender;
	struct span came_from; /* the address of the client; empty: none is known */
	int64_t expired_us, deleted_us, held_us, removed_us; /* 0: not */
};

struct log_message {
	struct hash_key key;
	struct life lives[LOG_TRACE_IDS_MAX];
	size_t life_count;
	struct buffer texts;
	struct recipient *recipients;
	size_t count, room;
	uint32_t *slots; /* number + 1 of a recipient, by its hash; 0: free */
	size_t slot_count;
	struct span sender, message_id, login, client;
	bool has_sender, cut;
	int64_t last_us, arrival_us;
	uint64_t size;
	size_t told; /* recipients that are asked for */
};

struct log_message *log_message_create(void)
{
	struct log_message *m = memory_zero(1, sizeof(*m));

	m->key = hash_key_random();
	return m;
}

void log_message_destroy(struct log_message **pointer)
{
	struct log_message *m = *pointer;

	if (m == NULL)
		return;
	buffer_free(&m->texts);
	free(m->recipients);
	free(m->slots);
	free(m);
	*pointer = NULL;
}

void log_message_cut(struct log_message *m)
{
	m->cut = true;
}

void log_message_add_life(struct log_message *m, struct slice id)
{
	struct life *life;

	if (m->life_count == LOG_TRACE_IDS_MAX) {
		m->cut = true;
		return;
	}
	life = &m->lives[m->life_count++];
	*life = (struct life){.begun = false};
	id = slice_first(id, LOG_PROTO_ID_MAX);
	memcpy(life->id, id.data, id.len);
	life->id[id.len] = '\0';
}

static size_t find_life(const struct log_message *m, struct slice id)
{
	for (size_t i = 0; i < m->life_count; i++)
		if (slice_is(id, m->lives[i].id))
			return i;
	return NO_LIFE;
}

/* Nothing for an empty text: what was known before stays. */
static void keep(struct log_message *m, struct span *span, struct slice text)
{
	text = slice_first(text, LOG_PROTO_TEXT_MAX);
	if (text.len == 0)
		return;
	*span = (struct span){m->texts.len, text.len};
	buffer_append_slice(&m->texts, text);
}

static void keep_first(struct log_message *m, struct span *span, struct slice text)
{
	if (span->len == 0)
		keep(m, span, text);
}

static struct slice text_of(const struct log_message *m, struct span span)
{
	return span.len > 0 ? slice_make(m->texts.data + span.from, span.len) : SLICE("");
}

/* ---- recipients ---- */

static size_t slot_of(const struct log_message *m, uint64_t hash, struct slice address)
{
	size_t at = hash & (m->slot_count - 1);

	/* Half of the slots are free: the loop ends. */
	while (m->slots[at] != 0) {
		const struct recipient *r = &m->recipients[m->slots[at] - 1];

		if (r->hash == hash && slice_equal_nocase(text_of(m, r->address), address))
			break;
		at = (at + 1) & (m->slot_count - 1);
	}
	return at;
}

static void grow(struct log_message *m)
{
	m->slot_count = m->slot_count > 0 ? m->slot_count * 2 : SLOTS_LEAST;
	free(m->slots);
	m->slots = memory_zero(m->slot_count, sizeof(*m->slots));
	for (size_t i = 0; i < m->count; i++) {
		const struct recipient *r = &m->recipients[i];

		m->slots[slot_of(m, r->hash, text_of(m, r->address))] = (uint32_t)i + 1;
	}
}

static struct recipient *add_recipient(
    struct log_message *m, size_t slot, uint64_t hash, struct slice address)
{
	struct recipient *r;

	if (m->count == m->room) {
		m->room = m->room > 0 ? m->room * 2 : SLOTS_LEAST / 2;
		m->recipients = memory_resize(m->recipients, m->room, sizeof(*m->recipients));
	}
	r = &m->recipients[m->count++];
	*r = (struct recipient){.hash = hash, .handed = NO_LIFE};
	keep(m, &r->address, address);
	m->slots[slot] = (uint32_t)m->count;
	return r;
}

/* NULL where there are too many. */
static struct recipient *recipient_of(struct log_message *m, struct slice address, bool asked)
{
	size_t most = asked ? 2 * LOG_MESSAGE_RECIPIENTS_MAX : LOG_MESSAGE_RECIPIENTS_MAX, slot;
	uint64_t hash;

	address = slice_first(address, LOG_TRACE_TEXT_MAX);
	hash = log_key_hash(&m->key, address, true);
	if (m->count >= m->slot_count / 2)
		grow(m);
	slot = slot_of(m, hash, address);
	if (m->slots[slot] != 0)
		return &m->recipients[m->slots[slot] - 1];
	if (m->count >= most) {
		m->cut = true;
		return NULL;
	}
	return add_recipient(m, slot, hash, address);
}

/* Of an attempt's status; local(8) and others may write it in capitals. */
static enum log_trace_result result_of(struct slice status)
{
	static const struct {
		const char *status;
		enum log_trace_result result;
	} known[] = {{"sent", LOG_TRACE_DELIVERED}, {"deferred", LOG_TRACE_DEFERRED},
	    {"softbounce", LOG_TRACE_DEFERRED}, {"bounced", LOG_TRACE_BOUNCED},
	    {"expired", LOG_TRACE_EXPIRED}};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (slice_equal_nocase(status, slice_of(known[i].status)))
			return known[i].result;
	return LOG_TRACE_UNKNOWN;
}

static void take_delivery(
    struct log_message *m, size_t life, const struct log_proto_event *e, bool asked)
{
	struct recipient *r = recipient_of(m, e->address, asked);
	bool sent = slice_is(e->status, "sent");
	struct slice remote = sent ? remote_id(e->reason) : SLICE("");

	m->lives[life].told = true;
	if (r == NULL)
		return;
	if (asked && !r->asked)
		m->told++;
	r->asked |= asked;
	keep_first(m, &r->original, e->orig_to);
	/* The new message was told of already: this only ends the handing over. */
	if (r->life > life)
		return;
	r->life = life;
	r->result = result_of(e->status);
	r->at_us = e->time_us;
	r->handed = sent ? find_life(m, remote.len > 0 ? remote : e->other_id) : NO_LIFE;
	r->remote_id = (struct span){0, 0};
	keep(m, &r->remote_id, remote);
	r->relay = (struct span){0, 0};
	/* Postfix writes this where no host was reached. */
	if (!slice_is(e->relay, "none"))
		keep(m, &r->relay, e->relay);
	keep(m, &r->dsn, e->dsn);
	keep(m, &r->reply, e->reason);
}

/* ---- lines about the whole message ---- */

/* A re-queued message goes on under its new ID: what was open there is open here. */
static void take_over(struct log_message *m, size_t from, size_t to)
{
	if (from == NO_LIFE || from == to)
		return;
	m->lives[from].requeued = true;
	for (size_t i = 0; i < m->count; i++) {
		struct recipient *r = &m->recipients[i];

		if (r->handed == from)
			r->handed = to;
		if (r->life != from || r->result == LOG_TRACE_DELIVERED ||
		    r->result == LOG_TRACE_BOUNCED)
			continue;
		r->life = to;
		r->result = LOG_TRACE_QUEUED;
	}
}

/* Of "name[address]"; empty where there is none. */
static struct slice address_of(struct slice host)
{
	ptrdiff_t open = slice_find_char(host, '['), end = slice_find_char(host, ']');

	return open >= 0 && end > open ? slice_make(host.data + open + 1, (size_t)(end - open) - 1)
				       : SLICE("");
}

/* Only the oldest life knows when the mail came, and from whom: a later one was made on this host.
 */
static void take_arrival(struct log_message *m, size_t life, const struct log_proto_event *e)
{
	m->lives[life].begun = true;
	if (e->event == LOG_EVENT_CLIENT)
		keep_first(m, &m->lives[life].came_from, address_of(e->relay));
	m->lives[life].picked_up |= e->event == LOG_EVENT_PICKUP && e->other_id.len == 0;
	if (life != 0)
		return;
	if (m->arrival_us == 0)
		m->arrival_us = e->time_us;
	if (e->event != LOG_EVENT_CLIENT)
		return;
	keep_first(m, &m->client, e->relay);
	keep_first(m, &m->login, e->status);
}

static void take_sender(struct log_message *m, struct life *life, struct slice sender)
{
	if (!life->has_sender)
		keep(m, &life->sender, sender);
	life->has_sender = true;
	if (m->has_sender)
		return;
	m->has_sender = true;
	keep(m, &m->sender, sender);
}

static void take_verb(struct life *life, const struct log_proto_event *e)
{
	switch (e->verb) {
	case LOG_VERB_REMOVED:
		life->deleted_us = e->time_us;
		life->removed = true;
		break;
	case LOG_VERB_HELD:
	case LOG_VERB_HOLD:
		life->held = true;
		life->held_us = e->time_us;
		break;
	case LOG_VERB_RELEASED:
		life->held = false;
		break;
	default:
		break;
	}
}

void log_message_line(struct log_message *m, const struct log_proto_event *e, bool asked)
{
	size_t at = find_life(m, e->id);
	struct life *life;

	if (at == NO_LIFE)
		return;
	life = &m->lives[at];
	if (asked && e->time_us > m->last_us)
		m->last_us = e->time_us;
	switch (e->event) {
	case LOG_EVENT_CLIENT:
		take_arrival(m, at, e);
		break;
	case LOG_EVENT_PICKUP:
		take_over(m, find_life(m, e->other_id), at);
		take_arrival(m, at, e);
		take_sender(m, life, e->address);
		break;
	case LOG_EVENT_MESSAGE_ID:
		/* A notice or a forwarded message has no other beginning. */
		if (!life->begun)
			take_arrival(m, at, e);
		keep_first(m, &m->message_id, e->address);
		break;
	case LOG_EVENT_ACTIVE:
		/* What is active is not on hold, whoever released it. */
		life->held = false;
		take_sender(m, life, e->address);
		if (m->size == 0)
			m->size = e->size;
		break;
	case LOG_EVENT_DELIVERY:
		take_delivery(m, at, e, asked);
		break;
	case LOG_EVENT_EXPIRED:
		life->expired_us = e->time_us;
		break;
	case LOG_EVENT_REMOVED:
		life->removed = true;
		life->removed_us = e->time_us;
		break;
	case LOG_EVENT_POSTSUPER:
	case LOG_EVENT_FILTERED:
		take_verb(life, e);
		break;
	default:
		break;
	}
}

/* ---- what is known in the end ---- */

void log_message_head(const struct log_message *m, struct log_traced_message *head)
{
	*head = (struct log_traced_message){.id_count = m->life_count,
	    .last_us = m->last_us,
	    .arrival_us = m->arrival_us,
	    .ended = m->life_count > 0 && m->lives[m->life_count - 1].removed,
	    .has_sender = m->has_sender,
	    .sender = text_of(m, m->sender),
	    .message_id = text_of(m, m->message_id),
	    .login = text_of(m, m->login),
	    .client = text_of(m, m->client),
	    .size = m->size,
	    .recipients_cut = m->cut || m->count > LOG_TRACE_RECIPIENTS_MAX};
	for (size_t i = 0; i < m->life_count; i++)
		head->ids[i] = slice_of(m->lives[i].id);
}

size_t log_message_count(const struct log_message *m)
{
	return m->count < LOG_TRACE_RECIPIENTS_MAX ? m->count : LOG_TRACE_RECIPIENTS_MAX;
}

/* A filter's "queued as" is only the end of a way: the mail is in the queue again. A filter that
 * took it need not say so: where it gave the mail back, and nothing has been told of that life yet,
 * the mail waits there. Where it goes to is not known then, so the first word about anybody ends
 * this: a list's address does not wait for its members. NULL: none is known. */
static const struct life *life_behind_filter(const struct log_message *m, const struct recipient *r)
{
	struct slice relay = address_of(text_of(m, r->relay));

	if (r->handed != NO_LIFE)
		return r->handed != r->life ? &m->lives[r->handed] : NULL;
	for (size_t i = r->life + 1; i < m->life_count; i++) {
		const struct life *l = &m->lives[i];
		bool came_back =
		    relay.len > 0 ? slice_equal(text_of(m, l->came_from), relay) : l->picked_up;

		if (came_back && !l->told && (!l->removed || l->deleted_us != 0))
			return l;
	}
	return NULL;
}

/* Of a recipient whose mail a server has taken. Where the life behind a filter is over and says
 * nothing of him, the filter has the last word; but what was deleted there has reached nobody. */
static enum log_trace_result taken(
    const struct log_message *m, const struct recipient *r, int64_t *at_us)
{
	const struct life *behind = life_behind_filter(m, r);

	if (behind == NULL)
		return LOG_TRACE_DELIVERED;
	if (behind->deleted_us != 0 && !behind->told) {
		*at_us = behind->deleted_us;
		return LOG_TRACE_DELETED;
	}
	if (behind->removed)
		return LOG_TRACE_DELIVERED;
	if (behind->held) {
		*at_us = behind->held_us;
		return LOG_TRACE_HELD;
	}
	return LOG_TRACE_QUEUED;
}

/* What the life's own lines make of a recipient that is not done. */
static enum log_trace_result undone(
    const struct life *life, const struct recipient *r, int64_t *at_us)
{
	if (life->deleted_us != 0) {
		*at_us = life->deleted_us;
		return LOG_TRACE_DELETED;
	}
	if (life->expired_us != 0 && life->expired_us >= r->at_us) {
		*at_us = life->expired_us;
		return LOG_TRACE_EXPIRED;
	}
	/* Gone, and nothing says how. */
	if (life->removed && !life->requeued) {
		*at_us = life->removed_us;
		return LOG_TRACE_UNKNOWN;
	}
	if (life->held) {
		*at_us = life->held_us;
		return LOG_TRACE_HELD;
	}
	return r->result;
}

/* Only the sender tells a life that a filter gave back from one that a list made of it, or from
 * another message with the same Message-ID. */
static bool is_of_other_sender(const struct log_message *m, size_t life)
{
	const struct life *l = &m->lives[life];

	if (!l->has_sender)
		return m->has_sender || life > 0;
	return !slice_equal_nocase(text_of(m, l->sender), text_of(m, m->sender));
}

/* The i-th, those that were asked for first. Both in the order in which the log names them. */
static const struct recipient *nth(const struct log_message *m, size_t i)
{
	bool asked = i < m->told;
	size_t left = asked ? i : i - m->told;

	for (size_t at = 0; at < m->count; at++)
		if (m->recipients[at].asked == asked && left-- == 0)
			return &m->recipients[at];
	return NULL;
}

void log_message_recipient(
    const struct log_message *m, size_t i, struct log_traced_recipient *recipient)
{
	const struct recipient *r = nth(m, i);
	enum log_trace_result result = r->result;
	int64_t at_us = r->at_us;

	if (result == LOG_TRACE_DELIVERED)
		result = taken(m, r, &at_us);
	else if (result != LOG_TRACE_BOUNCED)
		result = undone(&m->lives[r->life], r, &at_us);
	*recipient = (struct log_traced_recipient){.address = text_of(m, r->address),
	    .original = text_of(m, r->original),
	    .result = (uint8_t)result,
	    .at_us = at_us,
	    .relay = text_of(m, r->relay),
	    .dsn = text_of(m, r->dsn),
	    .reply = text_of(m, r->reply),
	    .remote_id = text_of(m, r->remote_id),
	    .by = result == LOG_TRACE_DELETED ? SLICE("postsuper") : SLICE(""),
	    .other_sender = is_of_other_sender(m, r->life)};
}
