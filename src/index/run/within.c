/* How the queue stands for somebody who may see a part of it. */
#include "index/columns/delete_marks.h"
#include "index/columns/row_values.h"
#include "index/run/run.h"

/* What index_status has at hand for the whole queue has to be added up for a part of it. */
static void add_row(struct index_status *s, const struct index *ix, uint32_t row)
{
	int64_t arrival = ix->c.arrival[row];

	if (s->messages++ == 0 || arrival < s->oldest_arrival)
		s->oldest_arrival = arrival;
	s->bytes += row_size(ix, row);
	s->counts[ix->c.queue[row]]++;
	s->damaged += (ix->c.flags[row] & ROW_DAMAGED) != 0;
	s->deleting += row_is_being_deleted(ix, row);
}

void index_status_within(
    struct index *ix, const struct filter *scope, int64_t now, struct index_status *out)
{
	struct index_status whole;
	struct run run;

	index_status(ix, &whole);
	*out = (struct index_status){.state = whole.state,
	    .generation = whole.generation,
	    .as_of = whole.as_of,
	    .scanning = whole.scanning};
	run_begin_scope(&run, ix, scope, now);
	for (size_t w = 0; w < run.words; w++) {
		for (uint64_t bits = run.match[w]; bits != 0; bits &= bits - 1)
			add_row(out, ix, (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(bits));
	}
	run_end(&run);
}
