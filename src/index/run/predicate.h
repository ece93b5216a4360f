/* Which rows one term of a filter matches, or any of several terms on one field (which are one
 * predicate: `from:a or from:b`). Private to index/. */
#ifndef INDEX_PREDICATE_H
#define INDEX_PREDICATE_H

#include "filter/term_set.h"
#include "index/run/inside.h"

/* Yes, and not known, for each row that was asked about; all else is no. */
struct verdict {
	uint64_t *yes, *unknown;
	bool any_unknown; /* false: `unknown` is all zero */
};

/* A row as if one of its recipients were the only one, and still to be delivered to. */
struct alone {
	uint32_t row;
	uint32_t recipient; /* its place in the row */
};
#define ALONE_NOT_KEPT (UINT32_MAX - 1) /* of those of which nothing is known */
#define ALONE_NOBODY UINT32_MAX		/* there is none */

/* What is asked about: a bit for each row, or for each of `alone`. */
struct bits {
	const uint64_t *word;
	size_t words;
	uint64_t count;		     /* how many are set, or a few more */
	const struct inside *inside; /* of rows: which recipients there are; NULL: all */
	const struct alone *alone;   /* NULL: it is about rows */
};

struct predicate {
	enum filter_field field;
	const struct filter_node *number; /* of a number field, its term; else NULL */
	struct term_set *set;		  /* of a text field */
	struct term_set *ids;		  /* of any text and of IDs: terms that may be in one */
	struct term_set *words;		  /* term_set_words, where reasons are searched */
	struct term_set *classes;	  /* reasons: the exact terms, which also name classes */
	struct term_set *pauses;	  /* paused: terms that name pauses; NULL: none does */
	bool paused_yes, paused_no;	  /* paused: a term is one of these words */
};

/* `terms` are of one field, text terms or a single number term; they must outlive the predicate. */
void predicate_make(
    struct predicate *predicate, const struct filter_node *const *terms, size_t count);
void predicate_free(struct predicate *predicate);

/* What the predicate may cost at worst, in the units of term_set_cost for each byte. */
uint64_t predicate_cost(const struct predicate *predicate, const struct index *ix);

/* Whether what a field says depends on the recipients. */
bool predicate_of_recipients(enum filter_field field);

/* Decides what is in `asked`, live or not; `out` has room for them and is all zero. Classes and
 * diagnoses of reasons that the predicate needs must be settled (reasons_settle), where they are
 * not, the answer is not known. */
void predicate_decide(const struct predicate *predicate, const struct index *ix, int64_t now,
    const struct bits *asked, struct verdict *out);

#endif
