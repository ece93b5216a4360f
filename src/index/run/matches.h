/* The rows that a filter matches now, a bit for each, and their totals. Private to index/. */
#ifndef INDEX_MATCHES_H
#define INDEX_MATCHES_H

#include "index/run/run.h"

/* Rows are looked through in blocks of so many words. */
#define MATCHES_WORDS 16

struct matches {
	struct run run;	 /* its `match` are the bits */
	uint32_t blocks; /* of MATCHES_WORDS words */
	struct index_match match;
};

/* `filter` NULL: every live row. The index must not change until matches_free. */
void matches_find(
    struct matches *matches, struct index *ix, const struct filter *filter, int64_t now);
void matches_free(struct matches *matches);

/* The words of a block end here. */
static inline size_t matches_block_end(const struct matches *matches, uint32_t block)
{
	size_t end = ((size_t)block + 1) * MATCHES_WORDS;

	return end < matches->run.words ? end : matches->run.words;
}

/* Calls for each row of a block. */
#define MATCHES_FOR_EACH(matches, block, row)                                                      \
	for (size_t matches_word = (size_t)(block)*MATCHES_WORDS,                                  \
		    matches_end = matches_block_end(matches, block);                               \
	     matches_word < matches_end; matches_word++)                                           \
		for (uint64_t matches_bits = (matches)->run.match[matches_word];                   \
		     matches_bits != 0 && ((row) = (uint32_t)matches_word * 64 +                   \
						   (uint32_t)__builtin_ctzll(matches_bits),        \
					  1);                                                      \
		     matches_bits &= matches_bits - 1)

#endif
