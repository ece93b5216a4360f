/* The index on disk: the arrays as they are in memory, in the machine's own byte order, one after
 * the other; what can be counted or made from them is not there. Private to index/.
 *
 * A struct saved_head; the columns of all rows; the blocks of recipients as numbers (for each block
 * todo, kept, then kept times address and reason; kept is SAVED_FREE for a number that names none);
 * pairs; sparse columns; for each dictionary its key, entries, notes where it has them, and texts;
 * the diagnoses of reasons; the XXH64 of it all. Each array has a struct saved_array in front.
 */
#ifndef INDEX_SAVED_H
#define INDEX_SAVED_H

#include <xxhash.h>

#include "index/columns/columns.h"

#define SAVED_MAGIC 0x58495250u
#define SAVED_VERSION 4u
#define SAVED_FREE UINT32_MAX

/* Read and written in parts that the processor still has when their sum is taken. */
#define SAVED_PART ((size_t)256 << 10)

struct saved_head {
	uint32_t magic, version;
	char program[32]; /* classes and diagnoses are those of this version */
	int64_t as_of;
	uint64_t corrupt; /* UINT64_MAX: not known */
	uint32_t rows, unused;
};

struct saved_array {
	uint64_t count;
	uint32_t width, unused;
};

/* The sparse columns, but for the fates, which only rows that left have. */
#define SAVED_SPARSE SPARSE_FATE
/* A sum of no bytes yet (XXH64): against damage on a disk, not against anybody who may write. Freed
 * with XXH64_freeState. */
XXH64_state_t *saved_sum_begin(void);
/* The dictionaries in their order; NULL past the last. Not the fates. */
struct dict *saved_dict(struct index *ix, size_t i);

/* The parts of index_save and index_restore without a name of a file: from where the descriptor is.
 * What is written: false with errno. What is read, of so many bytes into a new index: false where
 * it is damaged, of another version or cannot be read; the index can only be freed then. */
bool saved_write(struct index *ix, int fd);
bool saved_read(struct index *ix, int fd, uint64_t size);

#endif
