/* What has changed since a generation: the rows that made the generations behind it. */
#include "index/columns/columns.h"

uint64_t index_generation(const struct index *ix)
{
	return ix->generation;
}

size_t index_rows(const struct index *ix)
{
	return ix->rows;
}

int index_changed_rows(const struct index *ix, uint64_t since, uint32_t *rows, size_t max)
{
	uint64_t count = ix->generation - since;

	/* Only so many are kept, and some changes are of all rows. */
	if (since > ix->generation || count > max || count >= GENERATION_ROWS ||
	    since < ix->all_changed)
		return -1;
	for (uint64_t i = 0; i < count; i++)
		rows[i] = ix->changed_rows[(since + 1 + i) % GENERATION_ROWS];
	return (int)count;
}
