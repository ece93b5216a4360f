/* Where the log comes from: asks the helper for its files or its command, keeps the index's sources
 * in step with them, and reads what is new. Rotation by renaming, by copying and truncating, and
 * compression of what was rotated are noticed by inode, length and first line.
 *
 * Classic log lines have neither year nor zone. A log that another machine or container writes may
 * be in another zone than this process: when the lines that come in just now are off by whole
 * quarters of an hour, that is the zone, and the log is read anew with it. */
#ifndef LOGREADER_LOG_FILES_H
#define LOGREADER_LOG_FILES_H

#include "base/loop.h"
#include "exchange/exchange.h"
#include "logreader/log_index.h"

/* Rotated files beyond this number are left out, the oldest ones. */
#define LOG_FILES_MAX 200

struct log_files;

/* Each line of Postfix's as it is indexed, in the order of its source. `news`: it was logged just
 * now; else it is history. */
typedef void (*log_files_fn)(
    void *context, const struct log_source *source, const struct log_line *line, bool news);

/* Neither the loop, the helper client nor the index becomes its own. */
struct log_files *log_files_create(struct loop *loop, struct exchange *helper,
    struct log_index *index, log_files_fn fn, void *context);
void log_files_destroy(struct log_files **files);

/* There is a new helper: asks it anew. */
void log_files_restart(struct log_files *files);
/* The log may be another one now: forgets all that is indexed and begins anew. */
void log_files_reset(struct log_files *files);
/* To be called every LOG_FILES_TICK_MS or sooner. */
#define LOG_FILES_TICK_MS 250
void log_files_tick(struct log_files *files);
/* Some milliseconds of reading and indexing. True while there is more to do at once. */
bool log_files_step(struct log_files *files);

/* All files of the first list are among the sources. */
bool log_files_settled(const struct log_files *files);
/* All that is written by now was given to log_files_fn, as far as the current file or the command
 * tells. */
bool log_files_caught_up(const struct log_files *files);
/* Seconds that are added to times without a zone. */
int64_t log_files_shift(const struct log_files *files);
/* Another number each time that the index begins anew. */
unsigned log_files_beginnings(const struct log_files *files);

enum log_files_state {
	LOG_FILES_LOOKING,  /* the helper has not answered yet */
	LOG_FILES_READABLE, /* there are descriptors */
	LOG_FILES_FAILED,   /* there is nothing to read; it is tried again now and then */
};
enum log_files_state log_files_state(const struct log_files *files);
/* For people: where the log is, or what is wrong. Valid until the next call of any function here.
 */
const char *log_files_text(const struct log_files *files);

#endif
