/* Two keys as a table. First each axis picks the groups that it shows, as groups.c does; then one
 * more pass over the rows fills the cells, where all that is not shown counts in the last row or
 * column. */
#include <stdlib.h>

#include "base/memory.h"
#include "index/groups/group_sums.h"
#include "index/run/run.h"
#include "index/run/workers.h"

/* Rows in a piece, by words of 64: each thread takes the next one when it is through. */
#define PIECE_WORDS 256

/* One axis: which number counts in which row or column. */
struct axis {
	enum group_key key;
	struct groups *groups;
	uint32_t *place; /* by number: row or column; the count of them: beyond */
};

/* What one thread has added up. */
struct part {
	struct group_sum *axis[2]; /* each group and what is beyond */
	struct group_sum *cells, total;
};

struct filling {
	struct group_keys keys;
	struct axis axis[2];
	const uint64_t *bits;
	size_t words, cell_count;
	bool two;	    /* threads */
	atomic_size_t next; /* the first word that no thread has taken */
	struct part part[2];
};

/* ---- Which groups are shown ---- */

/* All groups of a key that always has the same, in their order. */
static void list_fixed(const struct index *ix, enum group_key key, struct groups *out)
{
	/* The way of a message, and what stands beside it. */
	static const uint32_t queues[GROUP_KEYS_QUEUES] = {QUEUE_INCOMING, QUEUE_ACTIVE,
	    QUEUE_DEFERRED, QUEUE_HOLD, GROUP_KEYS_DELETING, QUEUE_MAILDROP};
	char scratch[GROUP_CLIENT_MAX];

	*out = (struct groups){.count = group_keys_fixed(key)};
	out->items = memory_zero(out->count, sizeof(*out->items));
	for (uint32_t n = 0; n < out->count; n++) {
		uint32_t number = key == GROUP_QUEUE ? queues[n] : n;
		out->items[n].number = number;
		/* Names of queues and ages are constants. */
		out->items[n].key = group_keys_text(ix, key, number, scratch);
	}
}

static void choose(struct filling *f, size_t n, size_t limit, struct groups *groups)
{
	struct axis *axis = &f->axis[n];
	struct group_keys one = f->keys;
	uint32_t numbers;

	*axis = (struct axis){.key = f->keys.keys[n], .groups = groups};
	one.keys = &axis->key;
	one.count = 1;
	if (group_keys_fixed(axis->key) > 0)
		list_fixed(f->keys.ix, axis->key, groups);
	else
		groups_count_bits(&one, f->bits, f->words, limit, groups);
	/* One more for what is not known yet. */
	numbers = group_keys_numbers(f->keys.ix, axis->key) + 1;
	axis->place = memory_alloc(numbers * sizeof(*axis->place));
	for (uint32_t i = 0; i < numbers; i++)
		axis->place[i] = (uint32_t)groups->count;
	for (size_t i = 0; i < groups->count; i++)
		axis->place[groups->items[i].number] = (uint32_t)i;
}

/* ---- Adding up ---- */

struct taking {
	const struct filling *f;
	struct part *part;
};

/* The entries of one message, as one. */
static struct group_entry whole_of(const struct group_entry *entries, size_t count)
{
	struct group_entry whole = entries[0];

	for (size_t i = 1; i < count; i++)
		whole.recipients += entries[i].recipients;
	return whole;
}

static void take_message(const struct taking *t, const struct group_entry *entries, size_t count)
{
	const struct filling *f = t->f;
	const struct index *ix = f->keys.ix;
	struct group_entry whole = whole_of(entries, count);
	size_t columns = f->axis[1].groups->count + 1;

	group_sum_add(&t->part->total, ix, &whole);
	for (size_t k = 0; k < 2; k++) {
		const struct axis *axis = &f->axis[k];
		if (!group_keys_per_recipient(axis->key))
			group_sum_add(&t->part->axis[k][axis->place[whole.number[k]]], ix, &whole);
		for (size_t i = 0; group_keys_per_recipient(axis->key) && i < count; i++)
			group_sum_add(
			    &t->part->axis[k][axis->place[entries[i].number[k]]], ix, &entries[i]);
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t row = f->axis[0].place[entries[i].number[0]];
		uint32_t column = f->axis[1].place[entries[i].number[1]];
		group_sum_add(&t->part->cells[row * columns + column], ix, &entries[i]);
	}
}

/* A message's entries may come in two calls: group_sum_add knows it again. */
static void take(void *context, const struct group_entry *entries, size_t count)
{
	const struct taking *t = context;

	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && entries[to].row == entries[from].row;)
			to++;
		take_message(t, entries + from, to - from);
	}
}

/* The rows that this thread comes to. */
static void add_part(void *context, size_t part, struct buffer *scratch)
{
	struct filling *f = context;
	struct taking t = {f, &f->part[part]};
	size_t from;

	(void)scratch;
	while ((from = atomic_fetch_add(&f->next, PIECE_WORDS)) < f->words) {
		size_t to = f->words - from > PIECE_WORDS ? from + PIECE_WORDS : f->words;
		group_keys_walk(&f->keys, f->bits, from, to, take, &t);
	}
}

static void merge(struct group_sum *to, const struct group_sum *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		group_sum_merge(&to[i], &from[i]);
}

static void add_up(struct filling *f)
{
	for (size_t n = 0; n < (f->two ? 2 : 1); n++) {
		struct part *p = &f->part[n];
		for (size_t k = 0; k < 2; k++)
			p->axis[k] = memory_zero(f->axis[k].groups->count + 1, sizeof(*p->axis[k]));
		p->cells = memory_zero(f->cell_count, sizeof(*p->cells));
	}
	workers_run(f->two ? 2 : 1, f->two, add_part, f);
	if (!f->two)
		return;
	for (size_t k = 0; k < 2; k++)
		merge(f->part[0].axis[k], f->part[1].axis[k], f->axis[k].groups->count + 1);
	merge(f->part[0].cells, f->part[1].cells, f->cell_count);
	group_sum_merge(&f->part[0].total, &f->part[1].total);
}

/* ---- The table ---- */

static void set_sums(struct group *g, const struct group_sum *s)
{
	g->messages = s->messages;
	g->recipients = s->recipients;
	g->bytes = s->bytes;
	g->oldest_arrival = s->messages ? s->oldest : 0;
}

/* What is shown, what is beyond, and the total are sums over the same pass, so they always agree.
 */
static void write_table(const struct filling *f, struct groups_table *out)
{
	const struct part *p = &f->part[0];

	out->rows = out->by_row.items;
	out->row_count = out->by_row.count;
	out->columns = out->by_column.items;
	out->column_count = out->by_column.count;
	for (size_t i = 0; i < out->row_count; i++)
		set_sums(&out->rows[i], &p->axis[0][i]);
	set_sums(&out->other_row, &p->axis[0][out->row_count]);
	for (size_t i = 0; i < out->column_count; i++)
		set_sums(&out->columns[i], &p->axis[1][i]);
	set_sums(&out->other_column, &p->axis[1][out->column_count]);
	set_sums(&out->total, &p->total);
	out->cells = memory_zero(f->cell_count, sizeof(*out->cells));
	for (size_t i = 0; i < f->cell_count; i++)
		out->cells[i] = (struct groups_cell){
		    p->cells[i].messages, p->cells[i].recipients, p->cells[i].bytes};
}

static void filling_free(struct filling *f)
{
	for (size_t k = 0; k < 2; k++) {
		free(f->axis[k].place);
		free(f->part[k].axis[0]);
		free(f->part[k].axis[1]);
		free(f->part[k].cells);
	}
}

void groups_table_count(struct index *ix, const struct filter *filter, const enum group_key keys[2],
    const size_t limits[2], int64_t now, struct groups_table *out)
{
	struct filling f = {.keys = {.ix = ix, .keys = keys, .count = 2, .now = now}};
	struct run run;

	*out = (struct groups_table){0};
	group_keys_settle(ix, keys, 2);
	run_begin(&run, ix, filter, now);
	run_match(&run, &out->match);
	f.keys.inside = run.inside;
	f.bits = run.match;
	f.words = run.words;
	f.two = out->match.messages > GROUP_SUMS_TWO_THREADS_ROWS;
	choose(&f, 0, limits[0], &out->by_row);
	choose(&f, 1, limits[1] < GROUPS_COLUMNS_MAX ? limits[1] : GROUPS_COLUMNS_MAX,
	    &out->by_column);
	f.cell_count = (out->by_row.count + 1) * (out->by_column.count + 1);
	add_up(&f);
	write_table(&f, out);
	filling_free(&f);
	run_end(&run);
	hosts_forget(ix);
}

void groups_table_free(struct groups_table *t)
{
	groups_free(&t->by_row);
	groups_free(&t->by_column);
	free(t->cells);
	*t = (struct groups_table){0};
}
