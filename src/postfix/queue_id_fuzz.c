#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "postfix/queue_id.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted has no byte that means something to a path, an option or a line of input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice id = slice_make(data, size);
	char directory[QUEUE_ID_HASH_SIZE];
	uint64_t inode;
	int64_t us;

	queue_id_time_us(id, &us);
	queue_id_inode(id, &inode);
	if (!queue_id_valid(id)) {
		if (queue_id_hash_directory(id, 1, directory))
			abort();
		return 0;
	}
	if (size > QUEUE_ID_MAX || slice_is(id, "ALL") ||
	    !queue_id_hash_directory(id, QUEUE_ID_DEPTH_MAX, directory) ||
	    strlen(directory) != (size_t)2 * QUEUE_ID_DEPTH_MAX)
		abort();
	for (size_t i = 0; i < size; i++)
		if (!((data[i] >= '0' && data[i] <= '9') ||
			((data[i] | 0x20) >= 'a' && (data[i] | 0x20) <= 'z')))
			abort();
	return 0;
}
