/* The demo's mail: who writes what to whom. All of it is made up, in example domains. */
#ifndef DEMO_LETTER_H
#define DEMO_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

#define LETTER_RECIPIENTS_MAX 64
#define LETTER_ADDRESS_MAX 96

/* A mail program or server that hands mail in, as Postfix will note it down. */
struct letter_sender {
	const char *address;
	const char *name;
	const char *client_name;
	const char *client_address;
	const char *helo;
	const char *login; /* NULL: not authenticated */
};

struct letter {
	const struct letter_sender *sender;
	char recipients[LETTER_RECIPIENTS_MAX][LETTER_ADDRESS_MAX];
	size_t recipient_count;
	bool utf8;	       /* needs SMTPUTF8 */
	struct buffer message; /* RFC 5322, CRLF line ends */
};

/* How many letters the first queue is made of, numbered from 0. */
#define LETTER_FIRST_COUNT 260

/* Makes letter `number`: below LETTER_FIRST_COUNT one of the first queue (troubled destinations,
 * one newsletter to many, held, slow, with attachments, in other alphabets), above it one of the
 * mail that trickles in, most of which is delivered. `now` is Unix time. Freed with letter_free. */
void letter_make(struct letter *l, unsigned number, int64_t now);
/* The same of an ordinary sender to one recipient of that domain. */
void letter_make_to(struct letter *l, unsigned number, const char *domain, int64_t now);
/* The same of the newsletter. */
void letter_make_newsletter(struct letter *l, unsigned number, const char *domain, int64_t now);
/* Letter `number` of a flood: somebody writes to many in the name of one login that was stolen. */
void letter_make_flood(struct letter *l, unsigned number, int64_t now);
void letter_free(struct letter *l);

#endif
