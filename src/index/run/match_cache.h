/* What the last filters found, kept for those who ask again: pages that are open ask for the same
 * filter at every change of the queue. Rows that have changed since are decided again, the others
 * stand. Private to index/. */
#ifndef INDEX_MATCH_CACHE_H
#define INDEX_MATCH_CACHE_H

#include "index/run/predicate.h"

/* Pages that are open at the same time with different filters. Two bits a row each. */
#define MATCH_CACHE_COUNT 4
/* A filter that is written in more bytes than this is not asked for again and again. */
#define MATCH_CACHE_KEY_MAX 8192

struct match_cache;

/* Forgets what filters found, when the index is freed. */
void match_cache_free(struct index *ix);

/* Whether what the filter finds depends on nothing but the rows: not on the time, nor on classes
 * that are not settled yet. */
bool match_cache_on_rows_alone(const struct index *ix, const struct filter *filter);
/* True when it does, and is not too long: then `key` gets what tells it from other filters. */
bool match_cache_key(const struct index *ix, const struct filter *filter, struct buffer *key);

/* What was found of `key`, into `found` (room for `words`, all zero), and in `changed` (likewise)
 * the rows of which that is not known any more. `undecided` is the field of an unknown one. False
 * when it was not kept, or too much has changed. */
bool match_cache_find(const struct index *ix, struct slice key, size_t words, struct verdict *found,
    uint64_t *changed, enum filter_field *undecided);
/* Keeps it; the one that was kept the longest ago goes. */
void match_cache_store(struct index *ix, struct slice key, size_t words,
    const struct verdict *found, enum filter_field undecided);

#endif
