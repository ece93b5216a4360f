/* All sources of one mail log, newest first, within a bound of memory. */
#ifndef LOGREADER_LOG_INDEX_H
#define LOGREADER_LOG_INDEX_H

#include "base/hash.h"
#include "logreader/log_source.h"

/* Memory of the whole index. Files take some 8 MB for 1 GB of log, 0.8 % of it (1 MB more where
 * they are gzip), so this is for 11 GB of them, or for 600 MiB of a command's output, which is
 * kept. Beyond it the oldest history is given up, and the status says how far back it reaches. */
#define LOG_INDEX_MEMORY_MAX ((size_t)96 << 20)
/* The share of it that saved points in compressed files may take. */
#define LOG_INDEX_POINTS_MAX ((size_t)24 << 20)

struct log_index {
	struct hash_key key;
	struct log_source **sources;
	size_t count;
	uint64_t last_serial;
	size_t memory_max, points_max;
};

void log_index_init(struct log_index *index);
void log_index_free(struct log_index *index);

/* A new source at that place (0: the newest; count: the oldest). */
struct log_source *log_index_add(struct log_index *index, size_t at, const char *name);
void log_index_remove(struct log_index *index, size_t at);
/* The place of a source by its serial number; count where it is gone. */
size_t log_index_find(const struct log_index *index, uint64_t serial);
/* Puts the source at `from` to `to`; those between move by one. */
void log_index_move(struct log_index *index, size_t from, size_t to);

size_t log_index_memory(const struct log_index *index);
/* Gives up the oldest blocks until the bound holds. */
void log_index_enforce(struct log_index *index);

int64_t log_index_oldest(const struct log_index *index); /* INT64_MAX: nothing has a time */
int64_t log_index_newest(const struct log_index *index); /* 0 */
uint64_t log_index_bytes(const struct log_index *index);
uint64_t log_index_unreadable(const struct log_index *index);
/* Lines come and none is one of Postfix's: how many, and the first of the newest source; NULL when
 * that is not so. */
const char *log_index_foreign(const struct log_index *index, uint64_t *lines);
/* Every source is indexed to its end. */
bool log_index_complete(const struct log_index *index);

#endif
