/* A filter in plain words, and in the pieces that a page shows as chips. */
#ifndef FILTER_EXPLAIN_H
#define FILTER_EXPLAIN_H

#include "base/said.h"
#include "filter/filter.h"

/* What words are bounded by: beyond so many terms side by side, or bytes in all, "and 12 more"
 * takes the place of the rest; a longer value is cut. Longer explanations explain nothing. */
#define EXPLAIN_SIBLINGS_MAX 20
#define EXPLAIN_BYTES_MAX 4000
#define EXPLAIN_VALUE_MAX 80

/* A cause of failure (postfix/diagnosis.h), by its key and its title. */
struct explain_cause {
	const char *key, *title;
};
/* The one cause that a term selects: whose key or title is the text, or (not `exact`) contains it.
 * False when that is none or several. */
typedef bool explain_title(struct slice text, bool exact, struct explain_cause *cause);

/* Says "messages whose sender contains "shop.example", older than 2 hours, not on hold"; "all
 * messages" for the filter that matches everything. Terms side by side are joined by commas at the
 * outside, else by `and` within parentheses; `or` by or. `title` may be NULL. */
void explain_filter(const struct filter *f, explain_title *title, struct said *said);
/* The same for one node, without "messages". */
void explain_node(const struct filter *f, uint32_t node, explain_title *title, struct said *said);

/* The terms that stand side by side outside of all parentheses, or the whole where it is joined by
 * `or`. Offsets are bytes in the filter's text. */
struct explain_chip {
	uint32_t node;
	uint32_t from, to;	   /* [from, to) */
	uint32_t cut_from, cut_to; /* without this, the text is a filter of the other chips */
};
/* The first `max` of them; returns how many there are in all. `text` is what the filter was parsed
 * from. */
size_t explain_chips(
    const struct filter *f, struct slice text, struct explain_chip *chips, size_t max);

#endif
