/* What a set of terms says of the texts of one dictionary, by number: each text is decided once,
 * however many messages have it. Private to index/. */
#ifndef INDEX_TEXT_DECISIONS_H
#define INDEX_TEXT_DECISIONS_H

#include "filter/term_set.h"
#include "index/columns/columns.h"

struct text_decisions {
	const struct index *ix;
	const struct dict *dict;
	const struct term_set *set;
	/* Of reasons, where a term has a blank: a word of each term, which is in every text that
	 * the terms match, also where a reply's lines end between the words. Else NULL. */
	const struct term_set *words;
	uint64_t *yes; /* a bit for each number; NULL: each is looked at when it is asked for */
};

/* Looking at one text when it is asked for costs as much as deciding so many one after another. */
#define TEXT_DECISIONS_RANDOM_COST 16
/* From so many times on that one is asked for, deciding all is worth it. */
static inline uint64_t text_decisions_worth(const struct dict *d)
{
	return d->slots.used / TEXT_DECISIONS_RANDOM_COST;
}
/* `asked` is how often one will be asked for, at least: where they are few beside the texts,
 * nothing is decided before. `dict` is one of the index's. */
void text_decisions_begin(struct text_decisions *t, const struct index *ix, const struct dict *dict,
    const struct term_set *set, const struct term_set *words, uint64_t asked);
void text_decisions_end(struct text_decisions *t);

/* For numbers that text_decisions_begin did not decide. */
bool text_decisions_test(const struct text_decisions *t, uint32_t number, struct buffer *scratch);

static inline bool text_decisions_match(
    const struct text_decisions *t, uint32_t number, struct buffer *scratch)
{
	return t->yes ? t->yes[number / 64] >> (number % 64) & 1
		      : text_decisions_test(t, number, scratch);
}

#endif
