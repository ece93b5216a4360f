/* Postfix's tables of what is held back. Each is written beside its place, compiled there, and
 * renamed over the former one: it is never missing and never half, whatever fails in between. With
 * a table missing that main.cf names, Postfix refuses all mail. */
#ifndef HELPER_PAUSE_TABLES_H
#define HELPER_PAUSE_TABLES_H

#include "helper/pause_config.h"
#include "helper/peer.h"
#include "wire/pause_proto.h"

struct pause_tables;

struct pause_tables *pause_tables_create(struct helper *helper);
void pause_tables_destroy(struct pause_tables **tables);

/* PAUSE_TABLE: one piece. `entries` is checked here, entry by entry. The last piece is answered by
 * PAUSE_WRITTEN, when the table is in its place and on disk, or refused: bad_value, busy,
 * pause_setup_missing, io_error, postmap_failed. Then the former table stands as it stood. */
void pause_tables_take(
    struct peer *peer, uint32_t request, const struct pause_piece *piece, struct slice entries);

/* Calls `mine` when no table is being written, at once or later; until pause_tables_leave none is
 * (busy). Sets of tables and main.cf go one after the other, in the order in which they came. */
typedef void pause_tables_mine(void *context);
void pause_tables_wait(struct pause_tables *t, pause_tables_mine *mine, void *context);
void pause_tables_leave(struct pause_tables *t);

/* In one's turn (pause_tables_wait): makes the directory, and an empty table for each that is not
 * there. `err` is NULL when all are. */
typedef void pause_tables_made(void *context, const struct error *err);
void pause_tables_make(struct helper *helper, const struct pause_config *config,
    pause_tables_made *done, void *context);

/* The text of a table, as Postfix reads it; `pattern`: a regexp: table. Entries that a table cannot
 * have are none: they were checked. `next_hop` gives what a throttled entry goes to. Pure. */
typedef struct slice pause_tables_hop(void *context, const struct pause_entry *entry);
void pause_tables_text(enum pause_table table, bool pattern, struct slice entries,
    pause_tables_hop *next_hop, void *context, struct buffer *text);
/* Whether every entry may stand in that table; false with bad_value. Pure. */
bool pause_tables_check(
    enum pause_table table, struct slice entries, uint32_t *count, struct error *err);

#endif
