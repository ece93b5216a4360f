/* Reading what save.c wrote. Private to index/. */
#ifndef INDEX_RESTORE_H
#define INDEX_RESTORE_H

#include "index/columns/columns.h"

/* Fills a new index from a file, as index_restore says. False (not_found, io_error, invalid_file):
 * the index is good for nothing but to be freed. */
bool restore_read(struct index *fresh, const char *path, struct error *err);

#endif
