/* A message as one row of a table, the same in every command that shows messages. */
#ifndef CLI_MESSAGE_ROW_H
#define CLI_MESSAGE_ROW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/table.h"

struct table *message_row_table(void);
/* `message` is a Message of the API; `now` in Unix seconds. `stopped`: Postfix is, so there is no
 * next try to tell. */
void message_row_add(struct table *table, const json_t *message, int64_t now, bool stopped);

/* What state a message is in: its queue, or "deleting" where a delete has it on hold to remove it.
 */
const char *message_row_state(const json_t *message);

/* The sender as people write it: <> for the null sender. */
const char *message_row_sender(const json_t *object);

#endif
