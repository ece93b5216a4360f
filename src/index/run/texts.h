/* What a set of terms says of the texts of one dictionary, by number: each text is decided once,
 * however many messages have it. Private to index/. */
#ifndef INDEX_TEXTS_H
#define INDEX_TEXTS_H

#include "filter/set.h"
#include "index/columns/internal.h"

struct texts {
	const struct index *ix;
	const struct dict *dict;
	const struct filter_set *set;
	/* Of reasons, where a term has a blank: a word of each term, which is in every text that
	 * the terms match, also where a reply's lines end between the words. Else NULL. */
	const struct filter_set *words;
	uint64_t *yes; /* a bit for each number; NULL: each is looked at when it is asked for */
};

/* Looking at one text when it is asked for costs as much as deciding so many one after another. */
#define TEXTS_RANDOM_COST 16
/* From so many times on that one is asked for, deciding all is worth it. */
static inline uint64_t texts_worth(const struct dict *d)
{
	return d->slots.used / TEXTS_RANDOM_COST;
}
/* `asked` is how often one will be asked for, at least: where they are few beside the texts,
 * nothing is decided before. `dict` is one of the index's. */
void texts_begin(struct texts *t, const struct index *ix, const struct dict *dict,
    const struct filter_set *set, const struct filter_set *words, uint64_t asked);
void texts_end(struct texts *t);

/* For numbers that texts_begin did not decide. */
bool texts_look(const struct texts *t, uint32_t number, struct buffer *scratch);

static inline bool texts_match(const struct texts *t, uint32_t number, struct buffer *scratch)
{
	return t->yes ? t->yes[number / 64] >> (number % 64) & 1 : texts_look(t, number, scratch);
}

#endif
