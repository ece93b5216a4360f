/* Large arrays that grow. From REGION_PAGES on they are whole pages of the kernel's: growing moves
 * the pages and copies nothing, what was not written to yet takes no memory, and what is given back
 * is the kernel's again at once. Below that they are plain allocations.
 *
 * Like memory.h, these never return NULL: without memory the process ends with a message. */
#ifndef BASE_REGION_H
#define BASE_REGION_H

#include <stddef.h>

/* Smaller ones would waste the rest of their last page, and a system call each. */
#define REGION_PAGES ((size_t)256 << 10)

/* `old` (NULL: none) has `count` elements of `width` bytes and gets `want`. New elements are zero.
 * Multiplied with an overflow check. Freed with region_free only. */
void *region_resize(void *old, size_t count, size_t want, size_t width);
/* The capacity after `cap` that holds at least `need`. Large ones grow by an eighth, because with
 * millions of rows the unused half of a doubled array is what an operator sees as memory. */
size_t region_capacity(size_t cap, size_t need);
void region_free(void *region, size_t count, size_t width);

#endif
