/* What a set of terms says of the texts of one dictionary, by number: each text is decided once,
 * however many messages have it. Private to index/. */
#ifndef INDEX_TEXTS_H
#define INDEX_TEXTS_H

#include "filter/set.h"
#include "index/internal.h"

struct texts {
	const struct index *ix;
	const struct dict *dict;
	const struct filter_set *set;
	uint64_t *yes; /* a bit for each number; NULL: each is looked at when it is asked for */
};

/* `asked` is how many rows will ask: where they are few beside the texts, nothing is decided
 * before. `dict` is one of the index's. */
void texts_begin(struct texts *t, const struct index *ix, const struct dict *dict,
    const struct filter_set *set, uint64_t asked);
void texts_end(struct texts *t);

/* For numbers that texts_begin did not decide. */
bool texts_look(const struct texts *t, uint32_t number, struct buffer *scratch);

static inline bool texts_match(const struct texts *t, uint32_t number, struct buffer *scratch)
{
	return t->yes ? t->yes[number / 64] >> (number % 64) & 1 : texts_look(t, number, scratch);
}

#endif
