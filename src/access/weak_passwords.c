/* Looks a password up in the list of the commonest (made from weak_passwords.txt by
 * embed_passwords.py), and finds runs and repeats that no list holds. */
#include "access/weak_passwords.h"

#include <stdlib.h>
#include <string.h>

#include "access/weak_passwords_table.h"

/* None of the list is longer. */
#define WORD_MAX 63

static int compare(const void *word, const void *start)
{
	return strcmp(word, weak_passwords_text + *(const uint32_t *)start);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool listed(struct slice s)
{
	char word[WORD_MAX + 1];

	if (s.len == 0 || s.len > WORD_MAX || memchr(s.data, '\0', s.len) != NULL)
		return false;
	for (size_t i = 0; i < s.len; i++)
		word[i] = lower(s.data[i]);
	word[s.len] = '\0';
	return bsearch(word, weak_passwords_starts, weak_passwords_count,
		   sizeof(weak_passwords_starts[0]), compare) != NULL;
}

static bool is_letter(char c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* A piece again and again: of up to three letters whatever it is, longer where it is a word of the
 * list. */
static bool repeats(struct slice s)
{
	for (size_t piece = 1; piece <= s.len / 2; piece++) {
		size_t i = piece;

		while (i < s.len && lower(s.data[i]) == lower(s.data[i - piece]))
			i++;
		if (i == s.len && (piece <= 3 || listed(slice_first(s, piece))))
			return true;
	}
	return false;
}

/* "123456789012", "abcdefghijklm", "zyxwvutsrqpo": each one further than the one before. */
static bool runs(struct slice s, int step)
{
	for (size_t i = 1; i < s.len; i++) {
		char before = lower(s.data[i - 1]), c = lower(s.data[i]);
		bool around = (step > 0 && before == '9' && c == '0') ||
			      (step < 0 && before == '0' && c == '9');

		if (c != before + step && !around)
			return false;
	}
	return true;
}

/* The list alone would miss what is easily made from it. */
bool weak_password(struct slice password)
{
	struct slice word = password;

	/* "password2026!" is "password" to whoever guesses. */
	while (word.len > 0 && !is_letter(word.data[word.len - 1]))
		word.len--;
	return listed(password) || (word.len > 3 && listed(word)) || repeats(password) ||
	       runs(password, 1) || runs(password, -1);
}
