/* Queue IDs packed into words and back; the order of words is the order of the texts. */
#include "index/columns/id_key.h"

#define PER_WORD 10

static unsigned code_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0') + 1;
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A') + 11;
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 37;
	return 0;
}

/* Whatever is no queue ID has no key, so it can be looked for in no table. */
bool id_key_pack(struct slice id, struct id_key *key)
{
	*key = (struct id_key){{0}};
	if (id.len == 0 || id.len > QUEUE_ID_MAX)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		unsigned code = code_of(id.data[i]);
		if (code == 0)
			return false;
		key->word[i / PER_WORD] |= (uint64_t)code << (6 * (PER_WORD - 1 - i % PER_WORD));
	}
	return true;
}

void id_key_unpack(const struct id_key *key, char id[QUEUE_ID_SIZE])
{
	/* Of the code 0 a NUL: what is behind the ID ends it. */
	static const char letters[64] =
	    "\0"
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	char *to = id;

	for (size_t w = 0; w < ID_WORDS && key->word[w] != 0; w++) {
		for (int shift = 6 * (PER_WORD - 1); shift >= 0 && to < id + QUEUE_ID_MAX;
		     shift -= 6)
			*to++ = letters[key->word[w] >> shift & 63];
	}
	*to = '\0';
}

int id_key_compare(const struct id_key *a, const struct id_key *b)
{
	for (int i = 0; i < ID_WORDS; i++) {
		if (a->word[i] != b->word[i])
			return a->word[i] < b->word[i] ? -1 : 1;
	}
	return 0;
}
