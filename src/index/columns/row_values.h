/* Reading the columns: what a row holds, as numbers. Arrival, next_retry, sender, subject,
 * signature, log_stamp, known, flags and queue are read from the columns as they are. Private to
 * index/. */
#ifndef INDEX_ROW_VALUES_H
#define INDEX_ROW_VALUES_H

#include <string.h>

#include "index/columns/columns.h"
#include "index/columns/delete_marks.h"

static inline bool row_is_live(const struct index *ix, uint32_t row)
{
	return row < ix->rows && (ix->c.flags[row] & ROW_LIVE);
}

static inline uint64_t row_sparse(const struct index *ix, enum sparse_column kind, uint32_t row)
{
	uint64_t value;

	return sparse_find(&ix->sparse[kind], row, &value) ? value : 0;
}

static inline struct id_key row_id(const struct index *ix, uint32_t row)
{
	const struct id_short *id = &ix->c.id[row];
	struct id_key key = {{id->word[0], id->word[1] & ~ID_LONGER}};

	if (id->word[1] & ID_LONGER)
		key.word[2] = row_sparse(ix, SPARSE_ID, row);
	return key;
}
/* The first ten characters. */
static inline uint64_t row_id_word(const struct index *ix, uint32_t row)
{
	return ix->c.id[row].word[0];
}
static inline uint64_t row_size(const struct index *ix, uint32_t row)
{
	uint32_t size = ix->c.size[row];

	return size != SIZE_IN_SPARSE ? size : row_sparse(ix, SPARSE_SIZE, row);
}
/* 0 when not known. */
uint64_t row_inode(const struct index *ix, uint32_t row);
uint32_t row_create_time(const struct index *ix, uint32_t row);

/* Numbers in ix->clients, ix->logins, ix->helos, ix->fates. */
static inline struct origin origin_parts(const struct index *ix, uint32_t number)
{
	struct origin origin = {0, 0, 0};

	if (number != 0)
		memcpy(&origin, dict_text(&ix->origins, number).data, sizeof(origin));
	return origin;
}
static inline uint32_t row_client(const struct index *ix, uint32_t row)
{
	return origin_parts(ix, ix->c.origin[row]).client;
}
static inline uint32_t row_login(const struct index *ix, uint32_t row)
{
	return origin_parts(ix, ix->c.origin[row]).login;
}
static inline uint32_t row_helo(const struct index *ix, uint32_t row)
{
	return origin_parts(ix, ix->c.origin[row]).helo;
}
static inline uint32_t row_fate(const struct index *ix, uint32_t row)
{
	return (uint32_t)row_sparse(ix, SPARSE_FATE, row);
}

/* NULL: it has one recipient, in its column, or none at all. */
static inline struct recipient_block *row_block(const struct index *ix, uint32_t row)
{
	uint32_t at = ix->c.flags[row] & ROW_ONE ? 0 : ix->c.recipient[row].address;

	return at != 0 ? ix->recipients.block[at] : NULL;
}
/* Recipients still to be delivered to; those that are kept; and these (not NULL; until the next
 * change). */
static inline uint32_t row_todo(const struct index *ix, uint32_t row)
{
	const struct recipient_block *block = row_block(ix, row);

	return block ? block->todo : (ix->c.flags[row] & ROW_ONE) != 0;
}
static inline uint32_t row_kept(const struct index *ix, uint32_t row)
{
	const struct recipient_block *block = row_block(ix, row);

	return block ? block->kept : (ix->c.flags[row] & ROW_ONE) != 0;
}
static inline struct recipient *row_recipients(const struct index *ix, uint32_t row)
{
	struct recipient_block *block = row_block(ix, row);

	return block ? block->list : &ix->c.recipient[row];
}
/* Recipients of rows from `first` on whose bits are set will be asked for soon. */
static inline void rows_expect_recipients(const struct index *ix, uint64_t bits, uint32_t first)
{
	for (; bits != 0; bits &= bits - 1) {
		uint32_t row = first + (uint32_t)__builtin_ctzll(bits);
		if (!(ix->c.flags[row] & ROW_ONE) && ix->c.recipient[row].address != 0)
			__builtin_prefetch(ix->recipients.block[ix->c.recipient[row].address]);
	}
}
/* Of one recipient: numbers in ix->addresses (original 0: none) and ix->reasons. */
static inline uint32_t recipient_address(const struct index *ix, const struct recipient *r)
{
	return r->reason & RECIPIENT_ORIGINAL ? ix->recipients.pair[r->address].address
					      : r->address;
}
static inline uint32_t recipient_original(const struct index *ix, const struct recipient *r)
{
	return r->reason & RECIPIENT_ORIGINAL ? ix->recipients.pair[r->address].original : 0;
}
static inline uint32_t recipient_reason(const struct recipient *r)
{
	return r->reason & ~RECIPIENT_FLAGS;
}
/* Nothing is to be delivered to this one any more: filters, groups and completions pass it over, or
 * an action on those who wait for `to:` somebody would hit messages that he has got already. */
static inline bool recipient_is_done(const struct recipient *r)
{
	return (r->reason & RECIPIENT_DONE) != 0;
}
/* The domain of an address or sender, in ix->domains; 0: none. */
static inline uint32_t address_domain(const struct dict *d, uint32_t number)
{
	return number ? d->note[number] : 0;
}
/* Whether a live row is on hold to be deleted. */
static inline bool row_is_being_deleted(const struct index *ix, uint32_t row)
{
	return ix->c.queue[row] == QUEUE_HOLD && delete_marks_find(ix, row) != NULL;
}
/* Unix seconds as the columns keep them: from 1970 to 2106. */
uint32_t row_clamp_time(int64_t seconds);

#endif
