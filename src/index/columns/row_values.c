/* Values of a row that are put together from more than one place. */
#include "index/columns/row_values.h"

uint64_t row_inode(const struct index *ix, uint32_t row)
{
	char id[QUEUE_ID_SIZE];
	struct id_key key;
	uint64_t inode = 0;

	if (!(ix->c.known[row] & MESSAGE_KNOWS_FILE) ||
	    sparse_find(&ix->sparse[SPARSE_INODE], row, &inode))
		return inode;
	key = row_id(ix, row);
	id_key_unpack(&key, id);
	return queue_id_inode(slice_of(id), &inode) ? inode : 0;
}

/* Most messages are created within four minutes of their arrival: a byte tells how long after it.
 */
uint32_t row_create_time(const struct index *ix, uint32_t row)
{
	if (!(ix->c.known[row] & MESSAGE_KNOWS_CREATE_TIME))
		return 0;
	if (ix->c.created[row] == CREATED_IN_SPARSE)
		return (uint32_t)row_sparse(ix, SPARSE_CREATED, row);
	return ix->c.arrival[row] + ix->c.created[row];
}

uint32_t row_clamp_time(int64_t seconds)
{
	return seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}
