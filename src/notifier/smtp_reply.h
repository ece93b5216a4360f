/* The replies of an SMTP server (RFC 5321 4.2), read as they come: lines of a code and words, all
 * but the last with a hyphen behind the code. Bounded: a server may talk for ever, send a line
 * without an end, or be none. Pure. */
#ifndef NOTIFIER_SMTP_REPLY_H
#define NOTIFIER_SMTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "wire/probe_proto.h"

/* RFC 5321 allows 512; Postfix's client takes 2,048 (line_length_limit). */
#define SMTP_REPLY_LINE_MAX 2048
/* The longest that honest servers say are a legal notice in the greeting, some 40 lines. */
#define SMTP_REPLY_LINES_MAX 128

enum smtp_reply_state {
	SMTP_REPLY_MORE, /* it is not complete yet */
	SMTP_REPLY_WHOLE,
	SMTP_REPLY_NO_SMTP,    /* a line that begins with no code, or with another one */
	SMTP_REPLY_LONG_LINE,  /* SMTP_REPLY_LINE_MAX bytes, and no end */
	SMTP_REPLY_MANY_LINES, /* SMTP_REPLY_LINES_MAX of them, and no last one */
};

struct smtp_reply {
	enum smtp_reply_state state;
	unsigned code; /* of the first line; 0: none yet */
	size_t lines;
	bool starttls;	     /* a line behind the first offers STARTTLS */
	bool enhanced;	     /* and ENHANCEDSTATUSCODES */
	struct buffer words; /* as it came, harmless UTF-8, lines by \n; cut at PROBE_ANSWER_MAX */
	struct buffer line;  /* what has come of the line under way */
};

/* Zero-initialised is a reply that has not begun; this makes it so again. */
void smtp_reply_clear(struct smtp_reply *reply);
void smtp_reply_free(struct smtp_reply *reply);

/* Takes of `data` what belongs to the reply, and returns how much that was: what is behind a whole
 * reply is not taken. After any state but SMTP_REPLY_MORE it takes nothing. */
size_t smtp_reply_take(struct smtp_reply *reply, const char *data, size_t len);

/* Appends at most `max` bytes (4 or more) of `text` as valid UTF-8 with '?' for control characters;
 * what is cut ends in "...". */
void smtp_reply_put_harmless(struct buffer *out, struct slice text, size_t max);

#endif
