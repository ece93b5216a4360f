#include <stdlib.h>

#include "base/memory.h"
#include "index/group_keys.h"
#include "index/run.h"

/* One axis: which number counts in which row or column. */
struct axis {
	enum group_key key;
	struct group *items;
	size_t count;
	uint32_t *place; /* by number: row or column; `count`: beyond */
	uint32_t numbers;
	uint32_t *last_row; /* of each item, and of what is beyond: + 1, whose message came last */
};

struct filling {
	struct index *ix;
	struct groups_table *table;
	struct axis axis[2];
	int64_t now;
};

/* ---- Which groups are shown ---- */

/* One past the highest number that a key may have. */
static uint32_t numbers_of(const struct index *ix, enum group_key key)
{
	switch (key) {
	case GROUP_RECIPIENT_DOMAIN:
	case GROUP_SENDER_DOMAIN:
		return ix->domains.count;
	case GROUP_SENDER:
		return ix->senders.count;
	case GROUP_REASON:
		return ix->classes.count;
	case GROUP_DIAGNOSIS:
		return (uint32_t)diagnosis_count() + 1;
	case GROUP_CLIENT:
		return ix->clients.count;
	case GROUP_LOGIN:
		return ix->logins.count;
	default:
		return group_keys_fixed(key);
	}
}

/* All groups of a key that always has the same, in their order. */
static void list_fixed(struct index *ix, enum group_key key, struct groups *out)
{
	/* The way of a message, and what stands beside it. */
	static const enum queue queues[] = {
	    QUEUE_INCOMING, QUEUE_ACTIVE, QUEUE_DEFERRED, QUEUE_HOLD, QUEUE_MAILDROP};
	char scratch[GROUP_CLIENT_MAX];

	*out = (struct groups){.count = group_keys_fixed(key)};
	out->items = memory_zero(out->count, sizeof(*out->items));
	for (uint32_t n = 0; n < out->count; n++) {
		uint32_t number = key == GROUP_QUEUE ? (uint32_t)queues[n] : n;
		out->items[n].number = number;
		/* Names of queues and ages are constants. */
		out->items[n].key = group_keys_text(ix, key, number, scratch);
	}
}

static void choose(struct filling *f, size_t n, const uint32_t *rows, size_t row_count,
    size_t limit, struct groups *groups)
{
	struct axis *axis = &f->axis[n];

	if (group_keys_fixed(axis->key) > 0)
		list_fixed(f->ix, axis->key, groups);
	else
		groups_count_rows(f->ix, rows, row_count, &axis->key, 1, limit, f->now, groups);
	axis->items = groups->items;
	axis->count = groups->count;
	/* Classes and diagnoses may have been found by that count. */
	axis->numbers = numbers_of(f->ix, axis->key);
	axis->place = memory_alloc((axis->numbers + 1) * sizeof(*axis->place));
	for (uint32_t i = 0; i <= axis->numbers; i++)
		axis->place[i] = (uint32_t)axis->count;
	for (size_t i = 0; i < axis->count; i++) {
		struct group *g = &axis->items[i];
		axis->place[g->number] = (uint32_t)i;
		/* Counted again, together with everything else. */
		*g = (struct group){.key = g->key, .number = g->number, .diagnosis = g->diagnosis};
	}
	axis->last_row = memory_zero(axis->count + 1, sizeof(*axis->last_row));
}

/* ---- Adding up ---- */

static void add(
    struct group *g, uint32_t *last_row, const struct index *ix, uint32_t row, uint32_t recipients)
{
	uint32_t arrival = ix->c.arrival[row];

	g->recipients += recipients;
	if (*last_row == row + 1)
		return;
	*last_row = row + 1;
	if (g->messages++ == 0 || arrival < g->oldest_arrival)
		g->oldest_arrival = arrival;
	g->bytes += internal_size(ix, row);
}

static void add_to(
    struct filling *f, uint32_t row, uint32_t at_row, uint32_t at_column, uint32_t recipients)
{
	struct groups_table *t = f->table;
	struct axis *rows = &f->axis[0], *columns = &f->axis[1];
	struct groups_cell *cell = &t->cells[at_row * (columns->count + 1) + at_column];

	add(at_row < rows->count ? &rows->items[at_row] : &t->other_row, &rows->last_row[at_row],
	    f->ix, row, recipients);
	add(at_column < columns->count ? &columns->items[at_column] : &t->other_column,
	    &columns->last_row[at_column], f->ix, row, recipients);
	cell->recipients += recipients;
	if (cell->last_row == row + 1)
		return;
	cell->last_row = row + 1;
	cell->messages++;
	cell->bytes += internal_size(f->ix, row);
}

static void add_row(struct filling *f, uint32_t row)
{
	const struct recipient *list = internal_recipients(f->ix, row);
	uint32_t place[2] = {0, 0}, none[2] = {0, 0};
	bool each = false, some = false;

	for (size_t k = 0; k < 2; k++) {
		const struct axis *a = &f->axis[k];
		each |= group_keys_per_recipient(a->key);
		none[k] = a->place[0];
		if (!group_keys_per_recipient(a->key))
			none[k] = place[k] =
			    a->place[group_keys_of_row(f->ix, a->key, f->now, row)];
	}
	if (!each) {
		add_to(f, row, place[0], place[1], internal_todo(f->ix, row));
		return;
	}
	for (uint32_t i = 0; i < internal_kept(f->ix, row); i++) {
		if (list[i].reason & RECIPIENT_DONE)
			continue;
		some = true;
		for (size_t k = 0; k < 2; k++) {
			const struct axis *a = &f->axis[k];
			if (group_keys_per_recipient(a->key))
				place[k] =
				    a->place[group_keys_of_recipient(f->ix, a->key, &list[i])];
		}
		add_to(f, row, place[0], place[1], 1);
	}
	/* Nobody left to deliver to: still a message of this queue. */
	if (!some)
		add_to(f, row, none[0], none[1], 0);
}

static void total_up(struct filling *f, const uint32_t *rows, size_t count)
{
	struct group *total = &f->table->total;

	for (size_t i = 0; i < count; i++) {
		uint32_t arrival = f->ix->c.arrival[rows[i]];
		if (total->messages++ == 0 || arrival < total->oldest_arrival)
			total->oldest_arrival = arrival;
		total->bytes += internal_size(f->ix, rows[i]);
		add_row(f, rows[i]);
	}
	for (size_t i = 0; i < f->axis[0].count; i++)
		total->recipients += f->axis[0].items[i].recipients;
	total->recipients += f->table->other_row.recipients;
}

/* ---- The table ---- */

static uint32_t *matching_rows(struct index *ix, const struct filter *filter, int64_t now,
    struct index_match *match, size_t *count)
{
	uint32_t *rows = memory_alloc((ix->messages + 1) * sizeof(*rows)), row;
	struct run_block block;
	struct run run;

	*count = 0;
	*match = (struct index_match){.generation = ix->generation};
	run_begin(&run, ix, filter, now);
	while (run_next(&run, &block)) {
		RUN_FOR_EACH(&block, row)
		{
			rows[(*count)++] = row;
			match->bytes += internal_size(ix, row);
		}
	}
	match->messages = *count;
	match->undecided = run.undecided;
	match->undecided_field = run.undecided_field;
	match->too_costly = run.too_costly;
	run_end(&run);
	return rows;
}

void groups_table_count(struct index *ix, const struct filter *filter, const enum group_key keys[2],
    const size_t limits[2], int64_t now, struct groups_table *out)
{
	struct filling f = {
	    .ix = ix, .table = out, .now = now, .axis = {{.key = keys[0]}, {.key = keys[1]}}};
	MEMORY_AUTO uint32_t *rows = NULL;
	size_t count;

	*out = (struct groups_table){0};
	rows = matching_rows(ix, filter, now, &out->match, &count);
	choose(&f, 0, rows, count, limits[0], &out->by_row);
	choose(&f, 1, rows, count, limits[1] < GROUPS_COLUMNS_MAX ? limits[1] : GROUPS_COLUMNS_MAX,
	    &out->by_column);
	out->rows = f.axis[0].items;
	out->row_count = f.axis[0].count;
	out->columns = f.axis[1].items;
	out->column_count = f.axis[1].count;
	out->cells =
	    memory_zero((out->row_count + 1) * (out->column_count + 1), sizeof(*out->cells));
	total_up(&f, rows, count);
	for (size_t k = 0; k < 2; k++) {
		free(f.axis[k].place);
		free(f.axis[k].last_row);
	}
}

void groups_table_free(struct groups_table *t)
{
	groups_free(&t->by_row);
	groups_free(&t->by_column);
	free(t->cells);
	*t = (struct groups_table){0};
}
