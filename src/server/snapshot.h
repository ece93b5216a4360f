/* The last known queue beside the database, so that a start shows it at once and reads only what
 * has changed since: restored at the start, saved at the end, and now and then by a process that
 * has a copy of the index (fork) while this one goes on. */
#ifndef SERVER_SNAPSHOT_H
#define SERVER_SNAPSHOT_H

struct index;
struct snapshot;

/* Restores into `index`, which is empty and outlives it; says in the log how that went. `store` is
 * the path of the database. */
struct snapshot *snapshot_create(struct index *index, const char *store);
/* Saves what is known now. Accepts a pointer to NULL. */
void snapshot_destroy(struct snapshot **snapshot);

/* Every few seconds: begins to save when much of the time since the last one has passed and
 * something has changed, and takes note of one that has ended. */
void snapshot_tick(struct snapshot *snapshot);

#endif
