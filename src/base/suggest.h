/* "Did you mean": of the names that there are, the one that a mistyped word is nearest to.
 *
 *	struct suggest suggest = suggest_begin(word);
 *	for (...)
 *		suggest_offer(&suggest, names[i]);
 *	suggest.best ...
 */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include "base/slice.h"

struct suggest {
	struct slice word;
	const char *best; /* one of the names offered; NULL while none is near enough */
	size_t distance;
};

/* `word` outlives the search. Upper and lower case are the same, and so are - and _. */
struct suggest suggest_begin(struct slice word);

/* One name. Near are those that three letters or more begin, and those that need at most one change
 * for every three letters of the word (a letter more, less, another, or two swapped). */
void suggest_offer(struct suggest *suggest, const char *name);

/* The same with a text of many names, each up to a blank. The best is written to `best` (of `size`
 * bytes, NUL-terminated); false when none is near. */
bool suggest_among(struct slice word, const char *names, char *best, size_t size);

/* All names of a table, for whoever gave none of them: "viewer, operator or admin". `count` places,
 * of which those with NULL are left out; cut where `size` bytes are too few. */
void suggest_all(const char *const names[], size_t count, char *text, size_t size);

#endif
