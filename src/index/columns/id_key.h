/* Queue IDs as numbers. Private to index/. */
#ifndef INDEX_ID_KEY_H
#define INDEX_ID_KEY_H

#include "base/slice.h"
#include "postfix/queue_id.h"

/* A queue ID, six bits a character (0: end, then 0-9 A-Z a-z), ten characters a word from the top,
 * so that comparing words compares IDs as strcmp does. */
#define ID_WORDS 3
struct id_key {
	uint64_t word[ID_WORDS];
};
/* False when `id` is longer than QUEUE_ID_MAX or has other characters. */
bool id_key_pack(struct slice id, struct id_key *key);
void id_key_unpack(const struct id_key *key, char id[QUEUE_ID_SIZE]);
int id_key_compare(const struct id_key *a, const struct id_key *b);

#endif
