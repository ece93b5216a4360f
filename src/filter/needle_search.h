/* A few texts looked for at once, in one pass over a long piece of memory: thirty-two places at a
 * time where the processor can (AVX2), else sixteen. Private to filter/. */
#ifndef FILTER_NEEDLE_SEARCH_H
#define FILTER_NEEDLE_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define NEEDLES_MAX 8

/* A place is worth a look where the two rarest bytes of a needle are. With the bit that tells
 * letters of either case apart set, a byte is the letter that the needle has exactly when it is
 * that letter in either case. */
struct needle {
	struct slice text;
	uint8_t byte[2], bit[2];
	size_t at[2];
};

/* The same bytes in every place of a vector. */
#define NEEDLE_WIDE 32
struct needle_wide {
	uint8_t byte[2][NEEDLE_WIDE], bit[2][NEEDLE_WIDE];
};

struct needle_search {
	struct needle needle[NEEDLES_MAX];
	struct needle_wide wide_needle[NEEDLES_MAX];
	size_t count, longest;
	bool wide; /* AVX2 */
};

/* One to NEEDLES_MAX texts, folded (match.h), none of them empty; they must outlive the search. */
void needle_search_init(struct needle_search *s, const struct slice *texts, size_t count);

/* The first place from `at` on where any of the texts is, without regard to ASCII case; piece.len
 * when there is none. *len is the length of the shortest that is there. `vain` counts bytes that
 * were compared in vain, of all calls: a piece that was made to look promising everywhere makes
 * it grow, and ends a call when it goes beyond `vain_max` (then it is above it, and the place means
 * nothing). */
size_t needle_search_next(const struct needle_search *s, struct slice piece, size_t at, size_t *len,
    size_t *vain, size_t vain_max);

#endif
