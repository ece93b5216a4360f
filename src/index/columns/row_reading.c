/* What callers read of a row: numbers of the columns become texts and times again. */
#include "index/columns/intern.h"
#include "index/columns/reasons.h"
#include "index/columns/row_values.h"
#include "index/columns/rows.h"

uint32_t index_find(const struct index *ix, struct slice id)
{
	struct id_key key;
	uint32_t row = id_key_pack(id, &key) ? rows_find(ix, &key) : INDEX_ROW_NONE;

	return row != INDEX_ROW_NONE && row_is_live(ix, row) ? row : INDEX_ROW_NONE;
}

/* A row that has left is told of as it was last: views show it until they are gone. */
bool index_row(const struct index *ix, uint32_t row, struct index_row *out)
{
	const struct columns *c = &ix->c;
	struct slice client;
	struct id_key id;

	if (row >= ix->rows || !(c->flags[row] & (ROW_LIVE | ROW_LEFT)))
		return false;
	client = dict_text(&ix->clients, row_client(ix, row));
	*out = (struct index_row){
	    .queue = (enum queue)c->queue[row],
	    .known = c->known[row],
	    .arrival = c->arrival[row],
	    .size = row_size(ix, row),
	    .sender = dict_text(&ix->senders, c->sender[row]),
	    .inode = row_inode(ix, row),
	    .recipient_count = row_todo(ix, row),
	    .recipient_kept = row_kept(ix, row),
	    .recipients_cut = c->flags[row] & ROW_CUT,
	    .forced_expire = c->flags[row] & ROW_FORCED,
	    .damaged = c->flags[row] & ROW_DAMAGED,
	    .next_retry = c->next_retry[row],
	    .create_time = row_create_time(ix, row),
	    .client_name = intern_part(&client),
	    .login = dict_text(&ix->logins, row_login(ix, row)),
	    .helo = dict_text(&ix->helos, row_helo(ix, row)),
	    .subject = dict_text(&ix->subjects, c->subject[row]),
	    .left = !(c->flags[row] & ROW_LIVE),
	    .fate = dict_text(&ix->fates, row_fate(ix, row)),
	};
	out->client_address = intern_part(&client);
	id = row_id(ix, row);
	id_key_unpack(&id, out->id);
	return true;
}

bool index_live(const struct index *ix, uint32_t row)
{
	return row_is_live(ix, row);
}

/* What a preview of a million rows needs, without the texts, each of which may be anywhere in
 * memory. */
bool index_brief(const struct index *ix, uint32_t row, struct index_brief *out)
{
	const struct columns *c = &ix->c;

	if (row >= ix->rows || !(c->flags[row] & (ROW_LIVE | ROW_LEFT)))
		return false;
	*out = (struct index_brief){
	    .queue = (enum queue)c->queue[row],
	    .left = !(c->flags[row] & ROW_LIVE),
	    .null_sender = c->sender[row] == 0,
	    .recipient_count = row_todo(ix, row),
	    .arrival = c->arrival[row],
	    .create_time =
		c->known[row] & MESSAGE_KNOWS_CREATE_TIME ? (int64_t)row_create_time(ix, row) : -1,
	    .size = row_size(ix, row),
	};
	return true;
}

bool index_recipient(const struct index *ix, uint32_t row, uint32_t n, struct index_recipient *out)
{
	const struct recipient *r;
	struct slice reason;

	if (row >= ix->rows || !(ix->c.flags[row] & (ROW_LIVE | ROW_LEFT)) ||
	    n >= row_kept(ix, row))
		return false;
	r = &row_recipients(ix, row)[n];
	reason = dict_text(&ix->reasons, recipient_reason(r));
	*out = (struct index_recipient){
	    .address = dict_text(&ix->addresses, recipient_address(ix, r)),
	    .original = dict_text(&ix->addresses, recipient_original(ix, r)),
	    .reason_current = !(r->reason & RECIPIENT_STALE),
	    .flags = (r->reason & RECIPIENT_DONE ? MESSAGE_RECIPIENT_DONE : 0) |
		     (r->reason & RECIPIENT_BOUNCED ? MESSAGE_RECIPIENT_BOUNCED : 0),
	};
	out->dsn = intern_part(&reason);
	intern_part(&reason);
	out->reason = intern_part(&reason);
	out->remote = hosts_of_reason(ix, recipient_reason(r));
	return true;
}

/* A reason that is not settled yet is so by this. */
static const struct diagnosis *diagnosis_of(struct index *ix, const struct recipient *recipient)
{
	uint32_t number;

	reasons_diagnosis(ix, recipient_reason(recipient));
	number = paused_diagnosis(ix, recipient);
	return number ? diagnosis_at(number - 1) : NULL;
}

const struct diagnosis *index_recipient_diagnosis(struct index *ix, uint32_t row, uint32_t n)
{
	if (row >= ix->rows || !(ix->c.flags[row] & (ROW_LIVE | ROW_LEFT)) ||
	    n >= row_kept(ix, row))
		return NULL;
	return diagnosis_of(ix, &row_recipients(ix, row)[n]);
}

/* The first reason that somebody still waits for: what happened to a recipient who has his mail
 * explains nothing. */
const struct diagnosis *index_diagnosis(struct index *ix, uint32_t row)
{
	if (row >= ix->rows || !(ix->c.flags[row] & (ROW_LIVE | ROW_LEFT)))
		return NULL;
	for (uint32_t n = 0; n < row_kept(ix, row); n++) {
		const struct recipient *r = &row_recipients(ix, row)[n];
		uint32_t reason = recipient_is_done(r) ? 0 : recipient_reason(r);
		if (reason != 0 && reasons_text(ix, reason).len > 0)
			return diagnosis_of(ix, r);
	}
	return NULL;
}
