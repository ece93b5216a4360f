/* How the large arrays of the index grow: by an eighth, because with millions of rows the unused
 * half of a doubled array is what an operator sees as memory. (realloc moves pages, not bytes, at
 * that size.) */
#ifndef INDEX_GROW_H
#define INDEX_GROW_H

#include <stddef.h>

/* The capacity after `cap` that holds at least `need`. */
size_t grow_capacity(size_t cap, size_t need);

#endif
