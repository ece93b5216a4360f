/* A file of the queue was seen somewhere. Most were seen before and are only moved, at the cost of
 * one look into the table of IDs; the others have to be read. This is what makes a scan of a
 * million messages cheap. */
#include "index/columns/sightings.h"

#include "index/columns/row_values.h"
#include "index/columns/rows.h"
#include "index/columns/totals.h"

/* Reasons are told to be the last known ones: the queue manager forgets them in active. */
static void make_reasons_stale(struct index *ix, uint32_t row)
{
	struct recipient *list = row_recipients(ix, row);

	for (uint32_t i = 0; i < row_kept(ix, row); i++) {
		if (recipient_reason(&list[i]) != 0)
			list[i].reason |= RECIPIENT_STALE;
	}
}

/* As postfix/queue_file.c says what is known of a message in each queue. */
static void move(struct index *ix, uint32_t row, const struct index_sighting *s)
{
	struct columns *c = &ix->c;
	bool deferred = s->queue == QUEUE_DEFERRED, active = s->queue == QUEUE_ACTIVE;

	totals_subtract(ix, row);
	c->queue[row] = (uint8_t)s->queue;
	c->known[row] &= (uint8_t) ~(MESSAGE_KNOWS_NEXT_RETRY | MESSAGE_KNOWS_REASONS);
	c->known[row] |= deferred ? MESSAGE_KNOWS_NEXT_RETRY : 0;
	c->known[row] |= active ? 0 : MESSAGE_KNOWS_REASONS;
	c->next_retry[row] = deferred ? row_clamp_time(s->mtime) : 0;
	if (active)
		make_reasons_stale(ix, row);
	totals_add(ix, row);
	generation_next(ix, row);
}

/* Whether the row says all that its file would say in that queue. */
static bool is_known(const struct index *ix, uint32_t row, const struct index_sighting *s)
{
	if (!row_is_live(ix, row) || s->signature == 0 || ix->c.signature[row] != s->signature)
		return false;
	if (s->log_stamp != 0 && ix->c.log_stamp[row] != s->log_stamp)
		return false;
	if (ix->c.queue[row] == s->queue)
		return true;
	/* In maildrop a message's size is its file's. */
	if (ix->c.queue[row] == QUEUE_MAILDROP || s->queue == QUEUE_MAILDROP)
		return false;
	return s->queue == QUEUE_ACTIVE || (ix->c.known[row] & MESSAGE_KNOWS_REASONS) != 0;
}

bool index_sighted(struct index *ix, const struct index_sighting *s)
{
	struct id_key id;
	uint32_t row;

	if (!id_key_pack(s->id, &id) || s->queue >= QUEUE_CORRUPT)
		return false;
	row = rows_find(ix, &id);
	if (row == INDEX_ROW_NONE)
		return true;
	/* It is there, whatever its reading will say. */
	ix->c.flags[row] |= ROW_SEEN;
	if (!is_known(ix, row, s))
		return true;
	if (ix->c.queue[row] != s->queue)
		move(ix, row, s);
	return false;
}

size_t sightings_list(const struct index *ix, sightings_wanted *wanted, uint32_t *from,
    struct index_unseen *out, size_t max)
{
	struct id_key id;
	size_t count = 0;

	for (; *from < ix->rows && count < max; (*from)++) {
		if (!wanted(ix, *from))
			continue;
		id = row_id(ix, *from);
		id_key_unpack(&id, out[count].id);
		out[count++].queue = (enum queue)ix->c.queue[*from];
	}
	if (*from >= ix->rows)
		*from = UINT32_MAX;
	return count;
}

static bool is_unseen(const struct index *ix, uint32_t row)
{
	return (ix->c.flags[row] & (ROW_LIVE | ROW_SEEN)) == ROW_LIVE;
}

size_t index_unseen(const struct index *ix, uint32_t *from, struct index_unseen *out, size_t max)
{
	return sightings_list(ix, is_unseen, from, out, max);
}

void index_forget_signatures(struct index *ix)
{
	for (uint32_t row = 0; row < ix->rows; row++)
		ix->c.signature[row] = 0;
}
