#include "index/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/region.h"
#include "index/columns/delete_marks.h"
#include "index/columns/rows.h"
#include "postfix/reason.h"

struct index *index_create(void)
{
	struct index *ix = memory_zero(1, sizeof(*ix));

	dict_init(&ix->senders, true);
	dict_init(&ix->addresses, true);
	dict_init(&ix->domains, false);
	dict_init(&ix->reasons, true);
	dict_init(&ix->classes, true);
	dict_init(&ix->clients, false);
	dict_init(&ix->logins, false);
	dict_init(&ix->helos, false);
	dict_init(&ix->origins, false);
	dict_init(&ix->subjects, false);
	dict_init(&ix->fates, false);
	ix->lifetime = ix->bounce_lifetime = -1;
	ix->oldest_known = true;
	ix->changed = memory_zero(INTERNAL_CHANGED, sizeof(*ix->changed));
	/* So that no column is NULL. */
	rows_reserve(ix, 1);
	return ix;
}

void index_free(struct index *ix)
{
	if (!ix)
		return;
	internal_free_views(ix);
	match_cache_free(ix);
	free(ix->changed);
	delete_marks_free(&ix->delete_marks);
	buffer_free(&ix->text);
	rows_free_all(ix);
	recipients_free(&ix->recipients);
	dict_free(&ix->senders);
	dict_free(&ix->addresses);
	dict_free(&ix->domains);
	dict_free(&ix->reasons);
	dict_free(&ix->classes);
	dict_free(&ix->clients);
	dict_free(&ix->logins);
	dict_free(&ix->helos);
	dict_free(&ix->origins);
	dict_free(&ix->subjects);
	dict_free(&ix->fates);
	region_free(ix->diagnoses, ix->diagnoses_cap, sizeof(*ix->diagnoses));
	free(ix->left);
	free(ix);
}

/* The oldest arrival is kept as messages come; when the oldest predicates it is looked for again,
 * when somebody asks. One column, four bytes a row. */
static void find_oldest(struct index *ix)
{
	uint32_t oldest = UINT32_MAX;

	for (uint32_t row = 0; row < ix->rows; row++) {
		if ((ix->c.flags[row] & ROW_LIVE) && ix->c.arrival[row] < oldest)
			oldest = ix->c.arrival[row];
	}
	ix->oldest = oldest;
	ix->oldest_known = true;
}

void index_status(struct index *ix, struct index_status *out)
{
	if (!ix->oldest_known)
		find_oldest(ix);
	*out = (struct index_status){
	    .state = ix->state,
	    .generation = ix->generation,
	    .as_of = ix->as_of,
	    .corrupt = ix->corrupt,
	    .corrupt_known = ix->corrupt_known,
	    .damaged = ix->damaged,
	    .messages = ix->messages,
	    .bytes = ix->bytes,
	    .oldest_arrival = ix->messages > 0 ? ix->oldest : 0,
	    .scanning = ix->scanning,
	    .loaded = ix->loaded,
	    .expected = ix->expected,
	    .upserted = ix->upserted,
	    .removed = ix->removed,
	    .deleting = ix->delete_marks.rows,
	};
	memcpy(out->counts, ix->counts, sizeof(out->counts));
}

void index_set_lifetimes(struct index *ix, int64_t lifetime, int64_t bounce_lifetime)
{
	if (ix->lifetime == lifetime && ix->bounce_lifetime == bounce_lifetime)
		return;
	ix->lifetime = lifetime;
	ix->bounce_lifetime = bounce_lifetime;
	internal_changed(ix, INDEX_ROW_NONE);
}

void index_set_corrupt(struct index *ix, uint64_t count)
{
	if (ix->corrupt_known && ix->corrupt == count)
		return;
	ix->corrupt = count;
	ix->corrupt_known = true;
	internal_changed(ix, INDEX_ROW_NONE);
}

uint32_t index_find(const struct index *ix, struct slice id)
{
	struct id_key key;
	uint32_t row = id_key_pack(id, &key) ? rows_find(ix, &key) : INDEX_ROW_NONE;

	return row != INDEX_ROW_NONE && internal_live(ix, row) ? row : INDEX_ROW_NONE;
}

bool index_row(const struct index *ix, uint32_t row, struct index_row *out)
{
	const struct columns *c = &ix->c;
	struct slice client;
	struct id_key id;

	if (row >= ix->rows || !(c->flags[row] & (ROW_LIVE | ROW_LEFT)))
		return false;
	client = dict_text(&ix->clients, internal_client(ix, row));
	*out = (struct index_row){
	    .queue = (enum queue)c->queue[row],
	    .known = c->known[row],
	    .arrival = c->arrival[row],
	    .size = internal_size(ix, row),
	    .sender = dict_text(&ix->senders, c->sender[row]),
	    .inode = internal_inode(ix, row),
	    .recipient_count = internal_todo(ix, row),
	    .recipient_kept = internal_kept(ix, row),
	    .recipients_cut = c->flags[row] & ROW_CUT,
	    .forced_expire = c->flags[row] & ROW_FORCED,
	    .damaged = c->flags[row] & ROW_DAMAGED,
	    .next_retry = c->next_retry[row],
	    .create_time = internal_create_time(ix, row),
	    .client_name = internal_part(&client),
	    .login = dict_text(&ix->logins, internal_login(ix, row)),
	    .helo = dict_text(&ix->helos, internal_helo(ix, row)),
	    .subject = dict_text(&ix->subjects, c->subject[row]),
	    .left = !(c->flags[row] & ROW_LIVE),
	    .fate = dict_text(&ix->fates, internal_fate(ix, row)),
	};
	out->client_address = internal_part(&client);
	id = internal_id(ix, row);
	id_key_unpack(&id, out->id);
	return true;
}

bool index_live(const struct index *ix, uint32_t row)
{
	return internal_live(ix, row);
}

bool index_brief(const struct index *ix, uint32_t row, struct index_brief *out)
{
	const struct columns *c = &ix->c;

	if (row >= ix->rows || !(c->flags[row] & (ROW_LIVE | ROW_LEFT)))
		return false;
	*out = (struct index_brief){
	    .queue = (enum queue)c->queue[row],
	    .left = !(c->flags[row] & ROW_LIVE),
	    .null_sender = c->sender[row] == 0,
	    .recipient_count = internal_todo(ix, row),
	    .arrival = c->arrival[row],
	    .create_time = c->known[row] & MESSAGE_KNOWS_CREATE_TIME
			       ? (int64_t)internal_create_time(ix, row)
			       : -1,
	    .size = internal_size(ix, row),
	};
	return true;
}

bool index_recipient(const struct index *ix, uint32_t row, uint32_t n, struct index_recipient *out)
{
	const struct recipient *r;
	struct slice reason;

	if (row >= ix->rows || !(ix->c.flags[row] & (ROW_LIVE | ROW_LEFT)) ||
	    n >= internal_kept(ix, row))
		return false;
	r = &internal_recipients(ix, row)[n];
	reason = dict_text(&ix->reasons, internal_reason(r));
	*out = (struct index_recipient){
	    .address = dict_text(&ix->addresses, internal_address(ix, r)),
	    .original = dict_text(&ix->addresses, internal_original(ix, r)),
	    .reason_current = !(r->reason & RECIPIENT_STALE),
	    .flags = (r->reason & RECIPIENT_DONE ? MESSAGE_RECIPIENT_DONE : 0) |
		     (r->reason & RECIPIENT_BOUNCED ? MESSAGE_RECIPIENT_BOUNCED : 0),
	};
	out->dsn = internal_part(&reason);
	internal_part(&reason);
	out->reason = internal_part(&reason);
	out->remote = hosts_of_reason(ix, internal_reason(r));
	return true;
}

static void settle_reason(struct index *ix, uint32_t reason)
{
	BUFFER_AUTO struct buffer class = {0};
	struct slice rest = dict_text(&ix->reasons, reason), dsn = internal_part(&rest);
	struct slice text = internal_reason_text(ix, reason);
	const struct diagnosis *found = diagnosis_find(text, dsn);

	if (reason >= ix->diagnoses_cap) {
		ix->diagnoses = region_resize(
		    ix->diagnoses, ix->diagnoses_cap, ix->reasons.cap, sizeof(*ix->diagnoses));
		ix->diagnoses_cap = ix->reasons.cap;
	}
	ix->diagnoses[reason] = found ? (uint16_t)(diagnosis_index(found) + 2) : 1;
	reason_class(&class, text);
	ix->reasons.note[reason] = dict_intern(&ix->classes, buffer_slice(&class));
	/* A class has the diagnosis of the reason that it was made for. */
	if (class.len > 0 && ix->classes.note[ix->reasons.note[reason]] == 0)
		ix->classes.note[ix->reasons.note[reason]] = ix->diagnoses[reason] - 1u;
}

const struct diagnosis *internal_diagnosis(struct index *ix, uint32_t reason)
{
	uint32_t number;

	if (!internal_settled(ix, reason))
		settle_reason(ix, reason);
	number = internal_settled_diagnosis(ix, reason);
	return number ? diagnosis_at(number - 1) : NULL;
}

uint32_t internal_class(struct index *ix, uint32_t reason)
{
	if (!internal_settled(ix, reason))
		settle_reason(ix, reason);
	return internal_settled_class(ix, reason);
}

bool internal_settle(struct index *ix, unsigned budget)
{
	for (; ix->settle_from < ix->reasons.count && budget > 0; ix->settle_from++) {
		uint32_t n = ix->settle_from;
		if (!dict_used(&ix->reasons, n) || internal_settled(ix, n))
			continue;
		settle_reason(ix, n);
		budget--;
	}
	return ix->settle_from < ix->reasons.count;
}

bool index_settle(struct index *ix, unsigned budget)
{
	bool loading = ix->scanning && ix->state != INDEX_CURRENT;

	return !loading && internal_settle(ix, budget);
}

const struct diagnosis *index_recipient_diagnosis(struct index *ix, uint32_t row, uint32_t n)
{
	if (row >= ix->rows || !(ix->c.flags[row] & (ROW_LIVE | ROW_LEFT)) ||
	    n >= internal_kept(ix, row))
		return NULL;
	return internal_diagnosis(ix, internal_reason(&internal_recipients(ix, row)[n]));
}

const struct diagnosis *index_diagnosis(struct index *ix, uint32_t row)
{
	if (row >= ix->rows || !(ix->c.flags[row] & (ROW_LIVE | ROW_LEFT)))
		return NULL;
	for (uint32_t n = 0; n < internal_kept(ix, row); n++) {
		const struct recipient *r = &internal_recipients(ix, row)[n];
		uint32_t reason = internal_done(r) ? 0 : internal_reason(r);
		if (reason != 0 && internal_reason_text(ix, reason).len > 0)
			return internal_diagnosis(ix, reason);
	}
	return NULL;
}
