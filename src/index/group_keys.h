/* What a row or a recipient counts under, by each key, as a number: in a dictionary, a queue, an
 * age, a diagnosis + 1. Private to index/. */
#ifndef INDEX_GROUP_KEYS_H
#define INDEX_GROUP_KEYS_H

#include "index/groups.h"
#include "index/internal.h"

/* qshape's default buckets: five minutes, doubled eight times, and older. */
#define GROUP_KEYS_AGES 10

/* Recipients of one message may differ in this key. */
bool group_keys_per_recipient(enum group_key key);
/* How many groups there are by a key of which there are always as many; 0: as many as are found. */
uint32_t group_keys_fixed(enum group_key key);

/* Of a row, by a key that is not per recipient; and of a recipient by one that is. */
uint32_t group_keys_of_row(const struct index *ix, enum group_key key, int64_t now, uint32_t row);
uint32_t group_keys_of_recipient(
    struct index *ix, enum group_key key, const struct recipient *recipient);

/* The key of a number, in `scratch` or in the index. */
struct slice group_keys_text(
    const struct index *ix, enum group_key key, uint32_t number, char scratch[GROUP_CLIENT_MAX]);

#endif
