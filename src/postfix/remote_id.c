/* Finds the remote server's queue ID in its reply. Each server has a form of its own, and the words
 * are a stranger's: what is found is only ever compared with what somebody asks for. */
#include "postfix/remote_id.h"

static const struct slice nothing = {"", 0};

static bool is_id_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '-' || c == '_' || c == '.' || c == '+' || c == '/' || c == '=';
}

/* The word, unless it is none that a server would make: one without a digit is prose. */
static struct slice checked(struct slice word)
{
	bool digit = false;

	/* A full stop ends the sentence. */
	while (word.len > 0 && word.data[word.len - 1] == '.')
		word.len--;
	for (size_t i = 0; i < word.len; i++)
		digit |= word.data[i] >= '0' && word.data[i] <= '9';
	return digit && word.len >= REMOTE_ID_LEAST && word.len <= REMOTE_ID_MAX ? word : nothing;
}

static struct slice word_at(struct slice text)
{
	size_t len = 0;

	while (len < text.len && is_id_char(text.data[len]))
		len++;
	return checked(slice_first(text, len));
}

static struct slice word_before(struct slice text)
{
	size_t from;

	while (text.len > 0 && text.data[text.len - 1] == ' ')
		text.len--;
	from = text.len;
	while (from > 0 && is_id_char(text.data[from - 1]))
		from--;
	return checked(slice_from(text, from));
}

/* What stands behind the last `mark`: a filter's reply quotes the server's behind its own. */
static struct slice behind_last(struct slice text, struct slice mark)
{
	struct slice rest = text, found = nothing;
	ptrdiff_t at;

	while ((at = slice_find_nocase(rest, mark)) >= 0) {
		rest = slice_from(rest, (size_t)at + mark.len);
		found = rest;
	}
	return found;
}

static struct slice before(struct slice text, struct slice mark)
{
	ptrdiff_t at = slice_find_nocase(text, mark);

	return at > 0 ? word_before(slice_first(text, (size_t)at)) : nothing;
}

/* "250 Ok ID": one word alone, or it would be prose. */
static struct slice sole_word(struct slice reply)
{
	struct slice rest = behind_last(slice_first(reply, 16), SLICE("Ok "));
	struct slice word;

	if (rest.len == 0)
		return nothing;
	word = slice_trim(slice_make(rest.data, (size_t)(reply.data + reply.len - rest.data)));
	return word_at(word).len == word.len ? word : nothing;
}

struct slice remote_id(struct slice reply)
{
	static const struct slice leads[] = {{"queued as ", 10}, {" id=", 4}, {"InternalId=", 11}};
	static const struct slice tails[] = {
	    {" Message accepted for delivery", 30}, {" - gsmtp", 8}, {" Saved", 6}};
	struct slice id = nothing;

	for (size_t i = 0; i < sizeof(leads) / sizeof(*leads) && id.len == 0; i++)
		id = word_at(behind_last(reply, leads[i]));
	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails) && id.len == 0; i++)
		id = before(reply, tails[i]);
	return id.len > 0 ? id : sole_word(reply);
}
