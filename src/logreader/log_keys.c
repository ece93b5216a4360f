/* Takes out of a parsed line what people look for. Index and search both go through here, so that
 * what is found by one way is found by the other. Addresses and domains are compared without case,
 * as mail servers do; IDs with it: long queue IDs of Postfix differ by it. */
#include "logreader/log_keys.h"

#include <string.h>

#include "postfix/remote_id.h"

static struct slice asked_slice(const struct log_asked *asked)
{
	return slice_make(asked->text, asked->len);
}

static void add(struct log_keys *keys, struct slice text, bool fold)
{
	if (text.len > 0 && text.len <= LOG_TRACE_TEXT_MAX && keys->count < LOG_KEYS_MAX)
		keys->item[keys->count++] = (struct log_key){text, fold};
}

static struct slice without_brackets(struct slice text)
{
	if (text.len >= 2 && text.data[0] == '<' && text.data[text.len - 1] == '>')
		return slice_make(text.data + 1, text.len - 2);
	return text;
}

/* The address and its domain: what stands behind the last at sign. */
static void add_address(struct log_keys *keys, struct slice address)
{
	const char *at = address.len > 0 ? memrchr(address.data, '@', address.len) : NULL;

	add(keys, address, true);
	if (at != NULL)
		add(keys, slice_from(address, (size_t)(at + 1 - address.data)), true);
}

void log_keys_of(const struct log_line *line, struct log_keys *keys)
{
	keys->count = 0;
	if (line->event == LOG_EVENT_NONE)
		return;
	add(keys, line->id, false);
	switch (line->event) {
	case LOG_EVENT_DELIVERY:
		add(keys, line->other_id, false);
		if (slice_is(line->status, "sent"))
			add(keys, remote_id(line->reason), false);
		add_address(keys, line->address);
		add_address(keys, line->orig_to);
		break;
	case LOG_EVENT_CLIENT:
		add(keys, line->other_id, false);
		add_address(keys, line->status);
		break;
	case LOG_EVENT_PICKUP:
		add(keys, line->other_id, false);
		add_address(keys, line->address);
		break;
	case LOG_EVENT_ACTIVE:
	case LOG_EVENT_EXPIRED:
		add_address(keys, line->address);
		break;
	case LOG_EVENT_MESSAGE_ID:
		add(keys, without_brackets(line->address), false);
		break;
	default:
		break;
	}
}

uint64_t log_key_hash(const struct hash_key *key, struct slice text, bool fold)
{
	char folded[LOG_TRACE_TEXT_MAX];

	text = slice_first(text, sizeof(folded));
	if (!fold)
		return hash_bytes(key, text);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		folded[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return hash_bytes(key, slice_make(folded, text.len));
}

bool log_asked_set(struct log_asked *asked, const struct hash_key *key, struct slice text)
{
	text = without_brackets(slice_trim(text));
	if (text.len == 0 || text.len > sizeof(asked->text))
		return false;
	memcpy(asked->text, text.data, text.len);
	asked->len = text.len;
	asked->exact = log_key_hash(key, text, false);
	asked->folded = log_key_hash(key, text, true);
	return true;
}

bool log_asked_in(const struct log_asked *asked, const struct log_line *line)
{
	struct log_keys keys;

	log_keys_of(line, &keys);
	for (size_t i = 0; i < keys.count; i++)
		if (keys.item[i].fold ? slice_equal_nocase(keys.item[i].text, asked_slice(asked))
				      : slice_equal(keys.item[i].text, asked_slice(asked)))
			return true;
	return false;
}

bool log_asked_may_be_in(const struct log_asked *asked, struct slice text)
{
	return slice_find_char(text, '{') >= 0 || slice_find_nocase(text, asked_slice(asked)) >= 0;
}
