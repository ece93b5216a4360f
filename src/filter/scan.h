/* A few texts looked for at once, in one pass over a long piece of memory: thirty-two places at a
 * time where the processor can (AVX2), else sixteen. Private to filter/. */
#ifndef FILTER_SCAN_H
#define FILTER_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define SCAN_NEEDLES 8

/* A place is worth a look where the two rarest bytes of a needle are. With the bit that tells
 * letters of either case apart set, a byte is the letter that the needle has exactly when it is
 * that letter in either case. */
struct scan_needle {
	struct slice text;
	uint8_t byte[2], bit[2];
	size_t at[2];
};

/* The same bytes in every place of a vector. */
#define SCAN_WIDE 32
struct scan_wide {
	uint8_t byte[2][SCAN_WIDE], bit[2][SCAN_WIDE];
};

struct scan {
	struct scan_needle needle[SCAN_NEEDLES];
	struct scan_wide wide_needle[SCAN_NEEDLES];
	size_t count, longest;
	bool wide; /* AVX2 */
};

/* One to SCAN_NEEDLES texts, folded (match.h), none of them empty; they must outlive the scan. */
void scan_init(struct scan *s, const struct slice *texts, size_t count);

/* The first place from `at` on where any of the texts is, without regard to ASCII case; piece.len
 * when there is none. *len is the length of the shortest that is there. `vain` counts bytes that
 * were compared in vain, of all calls: a piece that was made to look promising everywhere makes
 * it grow, and ends a call when it goes beyond `vain_max` (then it is above it, and the place means
 * nothing). */
size_t scan_next(const struct scan *s, struct slice piece, size_t at, size_t *len, size_t *vain,
    size_t vain_max);

#endif
