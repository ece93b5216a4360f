/* All that the audit's thread does with files: records into them, seals, the daily change to
 * another file, and the end of what is older than it is kept. Used by one thread at a time. */
#ifndef AUDIT_WRITER_H
#define AUDIT_WRITER_H

#include "audit/audit.h"

struct audit_writer;

/* Never NULL: what cannot be opened is tried again in audit_writer_commit and audit_writer_tend. */
struct audit_writer *audit_writer_open(const char *directory);
/* Seals, and closes. */
void audit_writer_close(struct audit_writer **writer);

/* Records for the next commit. */
void audit_writer_put(struct audit_writer *writer, struct slice members);
void audit_writer_put_lost(struct audit_writer *writer, uint64_t count);
/* On disk, and told to the journal; or false, and none of them is anywhere. */
bool audit_writer_commit(struct audit_writer *writer);

/* What is due: room, and once a day (or `now`) the seal, another file, and what is older than
 * `keep_seconds` goes. With nothing waiting for a commit. */
void audit_writer_tend(struct audit_writer *writer, int64_t keep_seconds, bool now);

void audit_writer_health(const struct audit_writer *writer, struct audit_status *health);

#endif
