/* Many texts looked for at once (Aho and Corasick, 1975): a step of a table for each byte, whatever
 * their number. Private to filter/. */
#ifndef FILTER_AUTOMATON_H
#define FILTER_AUTOMATON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* A text, folded (match.h), and whether the value must begin or end there. */
struct automaton_word {
	struct slice text;
	bool at_start, at_end;
};

struct automaton;

/* Takes time and memory for each byte of the words times the different bytes among them. */
struct automaton *automaton_create(const struct automaton_word *words, size_t count);
void automaton_free(struct automaton *a);

/* Whether any word is in `value`, without regard to ASCII case. Linear. */
bool automaton_find(const struct automaton *a, struct slice value);

#endif
