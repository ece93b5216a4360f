/* The rows that a filter matches now, a bit for each, and their totals. Private to index/. */
#ifndef INDEX_HITS_H
#define INDEX_HITS_H

#include "index/run/run.h"

/* Rows are looked through in blocks of so many words. */
#define HITS_WORDS 16

struct hits {
	struct run run;	 /* its `match` are the bits */
	uint32_t blocks; /* of HITS_WORDS words */
	struct index_match match;
};

/* `filter` NULL: every live row. The index must not change until hits_free. */
void hits_find(struct hits *hits, struct index *ix, const struct filter *filter, int64_t now);
void hits_free(struct hits *hits);

/* The words of a block end here. */
static inline size_t hits_block_end(const struct hits *hits, uint32_t block)
{
	size_t end = ((size_t)block + 1) * HITS_WORDS;

	return end < hits->run.words ? end : hits->run.words;
}

/* Calls for each row of a block. */
#define HITS_FOR_EACH(hits, block, row)                                                            \
	for (size_t hits_w = (size_t)(block)*HITS_WORDS, hits_e = hits_block_end(hits, block);     \
	     hits_w < hits_e; hits_w++)                                                            \
		for (uint64_t hits_bits = (hits)->run.match[hits_w];                               \
		     hits_bits != 0 &&                                                             \
		     ((row) = (uint32_t)hits_w * 64 + (uint32_t)__builtin_ctzll(hits_bits), 1);    \
		     hits_bits &= hits_bits - 1)

#endif
