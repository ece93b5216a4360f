/* The style attribute of a mail, by an allow-list. */
#ifndef VIEWER_HTML_STYLE_H
#define VIEWER_HTML_STYLE_H

#include "base/buffer.h"
#include "base/slice.h"

/* Appends those declarations of `style` whose property is in the table here and whose value is made
 * of words, numbers, colours and quoted names alone: no address, no function but a colour's, no
 * escape, no comment, no rule. The others are left out, each by itself. */
void html_style_rewrite(struct slice style, struct buffer *out);

#endif
