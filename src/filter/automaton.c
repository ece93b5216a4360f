/* Aho and Corasick's automaton as one table: a row of steps for each state, a column for each
 * class of bytes. Bytes that are in no word share a class, which keeps the table small. Words that
 * must stand at the beginning or end of a value have a step for that. */
#include "filter/automaton.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

/* What no word contains leads back to the beginning; before the first byte of a value and behind
 * its last stands something that no byte is. */
enum { CLASS_OTHER, CLASS_START, CLASS_END, CLASS_FIRST };

/* In a step: the state that it leads to is the end of a word. */
#define FOUND (1u << 31)

struct automaton {
	uint16_t class_of[256];
	uint32_t classes;
	uint32_t *next; /* by state and class; state 0 is the beginning */
	uint32_t states;
};

/* Both cases of a letter share a class: values need no folding. */
static void make_classes(struct automaton *a, const struct automaton_word *words, size_t count)
{
	a->classes = CLASS_FIRST;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < words[i].text.len; k++) {
			uint16_t *class = &a->class_of[(unsigned char)words[i].text.data[k]];
			if (*class == CLASS_OTHER)
				*class = (uint16_t)a->classes++;
		}
	}
	for (unsigned c = 'A'; c <= 'Z'; c++)
		a->class_of[c] = a->class_of[c | 0x20];
}

/* The state behind `state` and a class, made when it is not there. Room was made for all. */
static uint32_t grow_to(struct automaton *a, uint32_t state, uint32_t class)
{
	uint32_t *step = &a->next[(size_t)state * a->classes + class];

	if (*step == 0)
		*step = a->states++;
	return *step;
}

/* The tree of the words. `found` says where one ends. */
static void add_word(struct automaton *a, const struct automaton_word *word, bool *found)
{
	uint32_t state = 0;

	if (word->at_start)
		state = grow_to(a, state, CLASS_START);
	for (size_t k = 0; k < word->text.len; k++)
		state = grow_to(a, state, a->class_of[(unsigned char)word->text.data[k]]);
	if (word->at_end)
		state = grow_to(a, state, CLASS_END);
	found[state] = true;
}

/* Gives each state a step for each class, breadth first: where the tree has none, the step of the
 * longest end of what was read that is also the beginning of a word. */
static void complete(struct automaton *a, bool *found)
{
	MEMORY_AUTO uint32_t *fail = memory_zero(a->states, sizeof(*fail));
	MEMORY_AUTO uint32_t *queue = memory_alloc(a->states * sizeof(*queue));
	uint32_t head = 0, tail = 0;

	queue[tail++] = 0;
	while (head < tail) {
		uint32_t state = queue[head++];
		uint32_t *steps = &a->next[(size_t)state * a->classes];
		const uint32_t *other = &a->next[(size_t)fail[state] * a->classes];
		found[state] |= found[fail[state]];
		for (uint32_t class = 0; class < a->classes; class ++) {
			uint32_t child = steps[class];
			if (child == 0) {
				steps[class] = state ? other[class] : 0;
			} else {
				fail[child] = state ? other[class] : 0;
				queue[tail++] = child;
			}
		}
	}
}

struct automaton *automaton_create(const struct automaton_word *words, size_t count)
{
	struct automaton *a = memory_zero(1, sizeof(*a));
	MEMORY_AUTO bool *found = NULL;
	size_t states_max = 1;

	make_classes(a, words, count);
	for (size_t i = 0; i < count; i++)
		states_max += words[i].text.len + words[i].at_start + words[i].at_end;
	a->next = memory_zero(states_max * a->classes, sizeof(*a->next));
	found = memory_zero(states_max, sizeof(*found));
	a->states = 1;
	for (size_t i = 0; i < count; i++)
		add_word(a, &words[i], found);
	complete(a, found);
	for (size_t i = 0; i < (size_t)a->states * a->classes; i++)
		a->next[i] |= found[a->next[i]] ? FOUND : 0;
	return a;
}

void automaton_free(struct automaton *a)
{
	if (!a)
		return;
	free(a->next);
	free(a);
}

bool automaton_find(const struct automaton *a, struct slice value)
{
	uint32_t state = a->next[CLASS_START];

	for (size_t i = 0; i < value.len && !(state & FOUND); i++)
		state =
		    a->next[(size_t)state * a->classes + a->class_of[(unsigned char)value.data[i]]];
	return state & FOUND || a->next[(size_t)state * a->classes + CLASS_END] & FOUND;
}
