/* What a line of the log can be found by: queue IDs, addresses and their domains, logins, message
 * IDs, and the IDs that other servers gave. Pure. */
#ifndef LOGREADER_LOG_KEYS_H
#define LOGREADER_LOG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hash.h"
#include "postfix/log_line.h"
#include "wire/log_trace_proto.h"

/* Two IDs, a remote one, and two addresses with their domains. */
#define LOG_KEYS_MAX 8

struct log_key {
	struct slice text;
	bool fold; /* the case of its letters says nothing: an address, a domain, a login */
};

struct log_keys {
	struct log_key item[LOG_KEYS_MAX];
	size_t count;
};

/* The slices are the line's. A line that only mentions another message (a notice, a warning about a
 * file) is not found by that one's ID; the index has it all the same, see log_source.c. */
void log_keys_of(const struct log_line *line, struct log_keys *keys);

/* What the index has in place of the text; folded where `fold`. */
uint64_t log_key_hash(const struct hash_key *key, struct slice text, bool fold);

/* A text that somebody asks for. */
struct log_asked {
	char text[LOG_TRACE_TEXT_MAX];
	size_t len;
	uint64_t exact, folded; /* its hashes: it may be an ID, or an address or a domain */
};

/* Takes blanks and angle brackets off. False when nothing is left. */
bool log_asked_set(struct log_asked *asked, const struct hash_key *key, struct slice text);
/* Whether the line can be found by it. */
bool log_asked_in(const struct log_asked *asked, const struct log_line *line);
/* Whether its letters stand in the text at all: a line without them need not be parsed. Lines of
 * JSON may write letters in another way; they always may. */
bool log_asked_may_be_in(const struct log_asked *asked, struct slice text);

#endif
