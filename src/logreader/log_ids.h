/* Sets of queue IDs and other texts, as keyed 64-bit hashes: exact ones that grow, and compact
 * filters of a fixed size. A collision only makes a search look at a block for nothing, or a
 * stranger's event be passed on: the receiver compares the ID itself. */
#ifndef LOGREADER_LOG_IDS_H
#define LOGREADER_LOG_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialised is empty. */
struct log_ids {
	uint64_t *slots; /* open addressing, linear; 0 is free */
	size_t capacity, count;
};

void log_ids_free(struct log_ids *ids);
/* Empties; keeps the memory. */
void log_ids_clear(struct log_ids *ids);
/* False when it was there already. */
bool log_ids_add(struct log_ids *ids, uint64_t hash);
bool log_ids_remove(struct log_ids *ids, uint64_t hash);
bool log_ids_contains(const struct log_ids *ids, uint64_t hash);

/* A Bloom filter of a finished set: 12 bits an ID and 8 probes, so that one lookup in three hundred
 * is a false alarm. */
struct log_filter {
	uint64_t *words;
	uint32_t count; /* of words; 0: nothing is in it */
};

void log_filter_make(struct log_filter *filter, const struct log_ids *ids);
void log_filter_free(struct log_filter *filter);
bool log_filter_may_contain(const struct log_filter *filter, uint64_t hash);
size_t log_filter_memory(const struct log_filter *filter);

#endif
