/* What is counted of the live rows (index_status). Private to index/. */
#ifndef INDEX_TOTALS_H
#define INDEX_TOTALS_H

#include "index/columns/columns.h"

/* A live row goes into the totals, or out of them, before its queue, size or arrival changes. */
void totals_add(struct index *ix, uint32_t row);
void totals_subtract(struct index *ix, uint32_t row);

#endif
