/* Text that a stranger wrote, for a terminal: control characters, bidirectional and invisible marks
 * come out as <U+XXXX>, bytes that are not UTF-8 as U+FFFD. One line stays one line. */
#ifndef CLI_SAFE_TEXT_H
#define CLI_SAFE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/slice.h"

void safe_text_append(struct buffer *out, struct slice text);
/* "?" for NULL: what the service does not say is not known. */
void safe_text_print(FILE *out, const char *text);

/* Columns that valid UTF-8 takes on a terminal. */
size_t safe_text_width(struct slice text);

/* Whether a code point may reach a terminal as it is. */
int safe_text_allowed(uint32_t code_point);

#endif
