/* Nearest by the number of changes, where a common beginning helps. Small tables on the stack,
 * because words are short. */
#include "base/suggest.h"

#include <stdio.h>

/* Longer words are no typing mistakes, and the tables below stay small. */
#define WORD_MAX 40
/* So many letters say what a name begins with. */
#define BEGINNING 3
#define LETTERS_PER_CHANGE 3

static char folded(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	/* Options have hyphens, settings and fields have underscores; people mix them. */
	return c == '_' ? '-' : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same(struct slice a, size_t i, struct slice b, size_t j)
{
	return folded(a.data[i]) == folded(b.data[j]);
}

/* Changes from one to the other: insert, remove, replace a letter, swap two neighbours (optimal
 * string alignment). Row i of the table is for the first i letters of `a`; only three are kept. */
static size_t changes(struct slice a, struct slice b)
{
	size_t rows[3][WORD_MAX + 1];

	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *now = rows[i % 3], *before = rows[(i - 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			now[j] = least(before[j - 1] + !same(a, i - 1, b, j - 1),
			    least(before[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && same(a, i - 1, b, j - 2) && same(a, i - 2, b, j - 1))
				now[j] = least(now[j], rows[(i - 2) % 3][j - 2] + 1);
		}
	}
	return rows[a.len % 3][b.len];
}

struct suggest suggest_begin(struct slice word)
{
	return (struct suggest){.word = word, .distance = word.len / LETTERS_PER_CHANGE + 1};
}

void suggest_offer(struct suggest *suggest, const char *name)
{
	struct slice word = suggest->word, other = slice_of(name);
	size_t distance;

	if (word.len > WORD_MAX || other.len > WORD_MAX)
		return;
	/* A beginning is better than any other mistake. */
	distance = word.len >= BEGINNING && other.len > word.len &&
			   changes(word, slice_first(other, word.len)) == 0
		       ? 0
		       : changes(word, other);
	if (distance < suggest->distance) {
		suggest->distance = distance;
		suggest->best = name;
	}
}

bool suggest_among(struct slice word, const char *names, char *best, size_t size)
{
	struct suggest suggest = suggest_begin(word);
	struct slice rest = slice_of(names), name;
	char text[WORD_MAX + 1];

	best[0] = '\0';
	while (slice_split(&rest, ' ', &name)) {
		if (name.len == 0 || name.len > WORD_MAX)
			continue;
		snprintf(text, sizeof(text), "%.*s", SLICE_ARGS(name));
		suggest.best = NULL;
		suggest_offer(&suggest, text);
		if (suggest.best != NULL)
			snprintf(best, size, "%s", text);
	}
	return best[0] != '\0';
}

void suggest_all(const char *const names[], size_t count, char *text, size_t size)
{
	size_t left = 0, length = 0;

	for (size_t i = 0; i < count; i++)
		left += names[i] != NULL;
	text[0] = '\0';
	for (size_t i = 0; i < count && length < size; i++) {
		if (names[i] == NULL)
			continue;
		left--;
		length += (size_t)snprintf(text + length, size - length, "%s%s", names[i],
		    left > 1	? ", "
		    : left == 1 ? " or "
				: "");
	}
}
