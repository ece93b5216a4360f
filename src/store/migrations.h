/* The tables, as numbered steps: step N brings a database of version N-1 (PRAGMA user_version) to
 * N. A step that was released is never changed. */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

#include <stddef.h>

/* PRAGMA application_id of our files: "Pstr". */
#define MIGRATIONS_APPLICATION 0x50737472

/* The SQL of all steps, step 1 first. */
const char *const *migrations_steps(size_t *count);

#endif
