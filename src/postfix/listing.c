/* What both forms of a listing share, showq's (showq.c) and `postqueue -j` (queue_json.c): how a
 * sender, a recipient and the end of a message are taken over. Here stand the habits of showq(8)
 * that a plain reading would get wrong (docs/POSTFIX.md, "Listings"). */
#include "postfix/listing.h"

#include <stdlib.h>

#include "base/memory.h"
#include "postfix/reason.h"

void listing_set_sender(struct message *m, struct slice text)
{
	/* showq shows the null sender so (`empty_address_recipient`); the queue file has an empty
	 * text. */
	m->sender = slice_is(text, "MAILER-DAEMON") ? (struct slice){"", 0} : message_keep(m, text);
}

void listing_add_recipient(struct message *m, struct slice address, struct slice original,
    struct slice reason, struct slice log_class)
{
	struct message_recipient *r = message_add_recipient(m);
	bool bounced = slice_is(log_class, "bounce");
	struct reason parsed;

	/* A bounce log's recipient has nothing left to do (3.11 lists it all the same). */
	if (bounced)
		m->recipient_todo--;
	if (r == NULL)
		return;
	r->address = message_keep(m, address);
	if (original.len > 0 && !slice_equal_nocase(original, address))
		r->original = message_keep(m, original);
	if (bounced)
		r->flags = MESSAGE_RECIPIENT_DONE | MESSAGE_RECIPIENT_BOUNCED;
	/* Neighbours have the same reason most often: it is neither parsed nor kept twice. */
	if (r > m->recipients && slice_equal(r[-1].reason, reason)) {
		r->reason = r[-1].reason;
		r->dsn = r[-1].dsn;
		r->remote = r[-1].remote;
		return;
	}
	r->reason = message_keep(m, reason);
	reason_parse(r->reason, &parsed);
	r->dsn = parsed.dsn;
	r->remote = parsed.host;
}

/* By address; of one address those with a reason first. */
static int compare(const void *a, const void *b, void *context)
{
	const struct message_recipient *r = context;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order = slice_compare(r[x].address, r[y].address);

	if (order != 0)
		return order;
	if ((r[x].reason.len == 0) != (r[y].reason.len == 0))
		return r[x].reason.len == 0 ? 1 : -1;
	return (x > y) - (x < y);
}

/* Marks the recipients without reason whose address has one. */
static void mark_repeated(const struct message *m, bool *drop)
{
	size_t count = m->recipient_count;
	uint32_t *order = memory_alloc(count * sizeof(*order));

	for (size_t i = 0; i < count; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, count, sizeof(*order), compare, m->recipients);
	for (size_t i = 0, first = 0; i < count; i++) {
		const struct message_recipient *r = &m->recipients[order[i]];

		if (!slice_equal(m->recipients[order[first]].address, r->address))
			first = i;
		drop[order[i]] = r->reason.len == 0 && m->recipients[order[first]].reason.len > 0;
	}
	free(order);
}

/* Beyond `duplicate_filter_limit` showq lists recipients twice, with their reason and without.
 * Counting both would show more work than there is. */
static void drop_repeated(struct message *m)
{
	bool *drop = memory_zero(m->recipient_count, sizeof(*drop));
	size_t kept = 0;

	mark_repeated(m, drop);
	for (size_t i = 0; i < m->recipient_count; i++) {
		if (!drop[i]) {
			m->recipients[kept++] = m->recipients[i];
			continue;
		}
		m->recipient_total--;
		m->recipient_todo -= (m->recipients[i].flags & MESSAGE_RECIPIENT_DONE) == 0;
	}
	m->recipient_count = kept;
	free(drop);
}

void listing_finish(struct message *m)
{
	bool with = false, without = false;

	for (size_t i = 0; i < m->recipient_count; i++) {
		with |= m->recipients[i].reason.len > 0;
		without |= m->recipients[i].reason.len == 0;
	}
	/* A message that has only one kind repeats nothing, and nearly all are so: no sorting for
	 * them. */
	if (with && without)
		drop_repeated(m);
	/* In active a message has no defer log, so an absent reason says nothing there. */
	if (m->queue != QUEUE_ACTIVE)
		m->known |= MESSAGE_KNOWS_REASONS;
}
