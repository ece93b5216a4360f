/* Texts of messages as numbers in the dictionaries, each with its use. Private to index/. */
#ifndef INDEX_INTERN_H
#define INDEX_INTERN_H

#include "index/columns/columns.h"

#define SEPARATOR '\x1f' /* in no text of a message: all are printable */

/* In a reason, in place of its host: the one that the text begins with, "host NAME[". */
#define HOST_IN_REASON '\x1e'

/* The parts of a text with separators: the first, and what is behind it. */
struct slice intern_part(struct slice *rest);

/* A recipient's reason as the dictionary has it, in place of what is in `text`; empty for none. */
void intern_put_reason(struct buffer *text, const struct message_recipient *r);
/* The number of such a text, which has this hash (dict_expect). */
uint32_t intern_reason(struct index *ix, struct slice text, uint32_t hash);
/* An address in `d`, which is one of addresses and senders. Its domain, in lower case, is its note.
 */
uint32_t intern_address(struct index *ix, struct dict *d, struct slice address);
void intern_release_address(struct index *ix, struct dict *d, uint32_t number);
/* The client, login and helo of a message as one number. */
uint32_t intern_origin(struct index *ix, const struct message *m);
void intern_release_origin(struct index *ix, uint32_t number);
/* Leaves the row without recipients. */
void intern_release_recipients(struct index *ix, uint32_t row);
/* Everything that the row holds in dictionaries, but its fate. */
void intern_release_row(struct index *ix, uint32_t row);

#endif
