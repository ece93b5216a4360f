/* Reads what save.c wrote. Everything is read into a new index and checked there: every number for
 * what it names, every length for what there is. What can be counted is counted and not believed.
 */
#include "index/columns/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "base/region.h"
#include "index/columns/reasons.h"
#include "index/columns/row_values.h"
#include "index/columns/rows.h"
#include "index/columns/saved.h"
#include "index/columns/totals.h"

/* ---- Reading ---- */

struct reader {
	int fd;
	uint64_t left; /* bytes of the file that were not read yet */
	XXH64_state_t *sum;
	bool failed;
};

/* Once something failed everything fails, so that nobody has to look after each read. */
static void get(struct reader *r, void *data, uint64_t len)
{
	char *p = data;

	if (r->failed || len > r->left) {
		r->failed = true;
		return;
	}
	while (len > 0) {
		ssize_t got = read(r->fd, p, len < SAVED_PART ? len : SAVED_PART);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			r->failed = true;
			return;
		}
		XXH64_update(r->sum, p, (size_t)got);
		p += got;
		len -= (uint64_t)got;
		r->left -= (uint64_t)got;
	}
}

/* How many elements the next array has, all of which are still in the file. Failed when they are
 * not of this width, or not from `least` to `most`. */
static uint64_t get_count(struct reader *r, size_t width, uint64_t least, uint64_t most)
{
	struct saved_array array = {0};

	get(r, &array, sizeof(array));
	if (r->failed || array.width != width || array.count < least || array.count > most ||
	    array.count > r->left / width) {
		r->failed = true;
		return 0;
	}
	return array.count;
}

/* The next array, in new memory for exactly what is in it; never NULL. */
static void *get_array(
    struct reader *r, size_t width, uint64_t least, uint64_t most, uint64_t *count)
{
	void *data;

	*count = get_count(r, width, least, most);
	data = region_resize(NULL, 0, *count, width);
	get(r, data, *count * width);
	return data;
}

static void get_columns(struct reader *r, struct index *ix, uint32_t rows)
{
	size_t width;
	char *column;

	if (rows > r->left)
		r->failed = true;
	if (r->failed)
		return;
	rows_reserve(ix, rows);
	ix->rows = rows;
	for (size_t i = 0; (column = rows_column(&ix->c, i, &width)) != NULL; i++)
		get(r, column, get_count(r, width, rows, rows) * width);
}

static void get_dict(struct reader *r, struct dict *d)
{
	bool with_note = d->with_note;
	uint64_t count, arena;

	dict_free(d);
	d->with_note = with_note;
	get(r, &d->key, sizeof(d->key));
	d->entries = get_array(r, sizeof(*d->entries), 1, UINT32_MAX, &count);
	d->cap = d->count = (uint32_t)count;
	if (with_note) {
		uint64_t notes = get_count(r, sizeof(*d->note), count, count);
		d->note = region_resize(NULL, 0, count, sizeof(*d->note));
		get(r, d->note, notes * sizeof(*d->note));
	}
	d->arena = get_array(r, 1, 0, DICT_ARENA_MAX, &arena);
	d->arena_cap = d->arena_len = arena;
}

/* What is read as it is and then made anew. */
struct raw {
	uint32_t *blocks;
	uint64_t block_numbers;
	struct sparse_slot *sparse[SAVED_SPARSE];
	uint64_t sparse_count[SAVED_SPARSE];
};

static void raw_free(struct raw *raw)
{
	region_free(raw->blocks, raw->block_numbers, sizeof(*raw->blocks));
	for (int kind = 0; kind < SAVED_SPARSE; kind++)
		region_free(raw->sparse[kind], raw->sparse_count[kind], sizeof(*raw->sparse[kind]));
}

static bool get_head(struct reader *r, struct index *ix, uint32_t *rows)
{
	struct saved_head head = {0}, ours = {.magic = SAVED_MAGIC, .version = SAVED_VERSION};

	snprintf(ours.program, sizeof(ours.program), "%s", POSTROOM_VERSION);
	get(r, &head, sizeof(head));
	if (r->failed || head.magic != ours.magic || head.version != ours.version ||
	    memcmp(head.program, ours.program, sizeof(ours.program)) != 0 ||
	    head.rows == INDEX_ROW_NONE)
		return false;
	ix->as_of = head.as_of;
	if (head.corrupt != UINT64_MAX)
		index_set_corrupt(ix, head.corrupt);
	*rows = head.rows;
	return true;
}

/* Lengths are believed as far as the file goes; what they mean is checked when all is read and
 * the sum is right. */
static bool get_all(struct reader *r, struct index *ix, struct raw *raw)
{
	uint64_t sum, told = 0, count;
	struct dict *d;
	uint32_t rows;

	if (!get_head(r, ix, &rows))
		return false;
	get_columns(r, ix, rows);
	raw->blocks = get_array(r, sizeof(*raw->blocks), 0, UINT64_MAX, &raw->block_numbers);
	ix->recipients.pair = get_array(r, sizeof(*ix->recipients.pair), 0, UINT32_MAX, &count);
	ix->recipients.pair_count = ix->recipients.pair_cap = (uint32_t)count;
	for (int kind = 0; kind < SAVED_SPARSE; kind++)
		raw->sparse[kind] = get_array(
		    r, sizeof(*raw->sparse[kind]), 0, UINT32_MAX, &raw->sparse_count[kind]);
	for (size_t i = 0; (d = saved_dict(ix, i)) != NULL; i++)
		get_dict(r, d);
	ix->diagnoses = get_array(r, sizeof(*ix->diagnoses), 0, ix->reasons.count, &count);
	ix->diagnoses_cap = (uint32_t)count;
	sum = XXH64_digest(r->sum);
	get(r, &told, sizeof(told));
	return !r->failed && r->left == 0 && sum == told;
}

/* ---- Checking and counting ---- */

struct restoring {
	struct index *ix;
	uint64_t *blocks, *pairs; /* a bit for each that a row has */
};

/* False when it has one already, or it is not there. */
static bool take_bit(uint64_t *bits, uint32_t n, uint32_t count)
{
	if (n == 0 || n >= count || (bits[n / 64] >> (n % 64) & 1))
		return false;
	bits[n / 64] |= UINT64_C(1) << (n % 64);
	return true;
}

/* The lengths in the file say how far each block goes, and are held against what is left. */
static bool make_blocks(struct recipients *r, const struct raw *raw)
{
	uint64_t left = raw->block_numbers;

	for (const uint32_t *p = raw->blocks; left > 0;) {
		uint32_t kept, at;
		if (left < 2)
			return false;
		kept = p[1] == SAVED_FREE ? 0 : p[1];
		if (kept > (left - 2) / 2)
			return false;
		at = recipients_take(r, p[0], kept);
		memcpy(r->block[at]->list, p + 2, kept * sizeof(struct recipient));
		p += 2 + 2 * (size_t)kept;
		left -= 2 + 2 * (uint64_t)kept;
	}
	return true;
}

static bool make_sparse(struct index *ix, const struct raw *raw)
{
	for (int kind = 0; kind < SAVED_SPARSE; kind++) {
		for (uint64_t i = 0; i < raw->sparse_count[kind]; i++) {
			const struct sparse_slot *slot = &raw->sparse[kind][i];
			if (slot->row == 0)
				continue;
			if (slot->row > ix->rows)
				return false;
			if (row_is_live(ix, slot->row - 1))
				sparse_set(&ix->sparse[kind], slot->row - 1, slot->value);
		}
	}
	return true;
}

/* A pair belongs to one recipient: two that share it would give it back twice. */
static bool claim_recipient(struct restoring *s, const struct recipient *r)
{
	struct index *ix = s->ix;

	if ((r->reason & RECIPIENT_ORIGINAL) &&
	    !take_bit(s->pairs, r->address, ix->recipients.pair_count))
		return false;
	return dict_claim(&ix->addresses, recipient_address(ix, r)) &&
	       dict_claim(&ix->addresses, recipient_original(ix, r)) &&
	       dict_claim(&ix->reasons, recipient_reason(r));
}

static bool claim_recipients(struct restoring *s, uint32_t row)
{
	struct index *ix = s->ix;
	uint32_t at = ix->c.flags[row] & ROW_ONE ? 0 : ix->c.recipient[row].address;
	const struct recipient *list;

	if (at != 0 && !take_bit(s->blocks, at, ix->recipients.block_count))
		return false;
	list = row_recipients(ix, row);
	for (uint32_t i = 0; i < row_kept(ix, row); i++) {
		if (!claim_recipient(s, &list[i]))
			return false;
	}
	return true;
}

/* Of the flags only those that say something of the message: what was seen or listed belonged to
 * a scan of another process. */
static bool claim_row(struct restoring *s, uint32_t row)
{
	struct index *ix = s->ix;
	struct columns *c = &ix->c;

	c->flags[row] &= ROW_LIVE | ROW_FORCED | ROW_CUT | ROW_ONE | ROW_DAMAGED;
	if (c->queue[row] >= QUEUE_CORRUPT || !rows_adopt(ix, row) ||
	    !dict_claim(&ix->senders, c->sender[row]) ||
	    !dict_claim(&ix->subjects, c->subject[row]) ||
	    !dict_claim(&ix->origins, c->origin[row]) || !claim_recipients(s, row))
		return false;
	ix->live[row / 64] |= UINT64_C(1) << (row % 64);
	totals_add(ix, row);
	return true;
}

/* Rows first, because they claim blocks, pairs and strings; what none of them claimed is free. */
static bool claim_rows(struct restoring *s)
{
	struct index *ix = s->ix;

	rows_adopt_begin(ix);
	for (uint32_t row = 0; row < ix->rows; row++) {
		if (row_is_live(ix, row) && !claim_row(s, row))
			return false;
	}
	/* From the last, so that the first is taken next. */
	for (uint32_t row = ix->rows; row > 0; row--) {
		if (!row_is_live(ix, row - 1))
			rows_give(ix, row - 1);
	}
	for (uint32_t at = ix->recipients.block_count; at > 1; at--) {
		if (take_bit(s->blocks, at - 1, ix->recipients.block_count))
			recipients_give(&ix->recipients, at - 1);
	}
	for (uint32_t at = ix->recipients.pair_count; at > 1; at--) {
		if (take_bit(s->pairs, at - 1, ix->recipients.pair_count))
			recipients_unpair(&ix->recipients, at - 1);
	}
	return true;
}

/* What strings in use need of other dictionaries. */
static bool claim_notes(const struct dict *d, struct dict *notes)
{
	for (uint32_t n = 1; n < d->count; n++) {
		if (dict_claimed(d, n) && !dict_claim(notes, d->note[n]))
			return false;
	}
	return true;
}

/* A reason has its class and its diagnosis, or neither: index_settle finds both later. */
static bool claim_classes(struct index *ix)
{
	for (uint32_t n = 0; n < ix->diagnoses_cap; n++) {
		if (!dict_claimed(&ix->reasons, n))
			ix->diagnoses[n] = 0;
		if (ix->diagnoses[n] > diagnosis_count() + 1)
			return false;
	}
	for (uint32_t n = 1; n < ix->reasons.count; n++) {
		if (!reasons_settled(ix, n))
			ix->reasons.note[n] = 0;
	}
	for (uint32_t n = 1; n < ix->classes.count; n++) {
		if (ix->classes.note[n] > diagnosis_count())
			return false;
	}
	return claim_notes(&ix->reasons, &ix->classes);
}

static bool claim_origins(struct index *ix)
{
	for (uint32_t n = 1; n < ix->origins.count; n++) {
		struct origin origin;
		if (!dict_claimed(&ix->origins, n))
			continue;
		if (dict_text(&ix->origins, n).len != sizeof(origin))
			return false;
		origin = origin_parts(ix, n);
		if (!dict_claim(&ix->clients, origin.client) ||
		    !dict_claim(&ix->logins, origin.login) || !dict_claim(&ix->helos, origin.helo))
			return false;
	}
	return true;
}

/* Every dictionary is opened before the first row claims from it, and closed after the last. */
static bool claim_all(struct restoring *s)
{
	struct index *ix = s->ix;
	struct dict *d;

	for (size_t i = 0; (d = saved_dict(ix, i)) != NULL; i++) {
		if (!dict_restore_begin(d))
			return false;
	}
	if (!claim_rows(s) || !claim_origins(ix) || !claim_notes(&ix->senders, &ix->domains) ||
	    !claim_notes(&ix->addresses, &ix->domains) || !claim_classes(ix))
		return false;
	for (size_t i = 0; (d = saved_dict(ix, i)) != NULL; i++)
		dict_restore_end(d);
	return true;
}

static bool make(struct index *ix, const struct raw *raw)
{
	struct recipients *r = &ix->recipients;
	struct restoring s = {.ix = ix};
	bool good;

	if (!make_blocks(r, raw) || !make_sparse(ix, raw))
		return false;
	s.blocks = memory_zero(r->block_count / 64 + 1, sizeof(*s.blocks));
	s.pairs = memory_zero(r->pair_count / 64 + 1, sizeof(*s.pairs));
	good = claim_all(&s);
	free(s.blocks);
	free(s.pairs);
	return good;
}

/* ---- All of it ---- */

bool saved_read(struct index *ix, int fd, uint64_t size)
{
	struct reader r = {.fd = fd, .left = size};
	struct raw raw = {0};
	bool good;

	r.sum = saved_sum_begin();
	good = get_all(&r, ix, &raw) && make(ix, &raw);
	raw_free(&raw);
	XXH64_freeState(r.sum);
	return good;
}

bool restore_read(struct index *fresh, const char *path, struct error *err)
{
	FD_AUTO int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return error_set_errno(
		    err, errno == ENOENT ? "not_found" : "io_error", errno, "read %s", path);
	if (!S_ISREG(st.st_mode) || !saved_read(fresh, fd, (uint64_t)st.st_size))
		return error_set(err, "invalid_file", "%s is damaged or of another version", path);
	fresh->state = INDEX_RESTORED;
	fresh->upserted = fresh->messages;
	return true;
}
