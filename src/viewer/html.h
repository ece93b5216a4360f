/* The HTML of a mail as a document that can do nothing: an allow-list of elements, attributes and
 * properties of style, written anew (html_style.h).
 *
 * A browser looks up names and connects for much that no policy covers: frames before the policy is
 * asked, preconnect, dns-prefetch, refresh. So nothing of what the sender wrote reaches it but
 * text, and tags that are in the tables here. libxml2 reads the mail. It need not see the same tree
 * as a browser does: every tag, name and value that is written is ours, whatever stands inside
 * what. */
#ifndef VIEWER_HTML_H
#define VIEWER_HTML_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Elements that may be open at one time, and bytes that are written: beyond either the rest is
 * left out. A browser's own limit of nesting is 512. */
#define HTML_DEPTH_MAX 500
#define HTML_OUT_MAX ((size_t)8 << 20)

/* Where the pictures are that the mail brings with it. */
struct html_images {
	/* Appends the picture with this Content-ID as a data: address, at most `room` bytes; false
	 * when there is none that may be shown. */
	bool (*find)(void *context, struct slice content_id, size_t room, struct buffer *address);
	void *context;
};

/* Appends a whole document that shows `html` (UTF-8; other bytes and controls become U+FFFD).
 * `images` may be NULL. False when the rest was left out. */
bool html_rewrite(struct slice html, const struct html_images *images, struct buffer *out);

/* Whether `name` (lower case) is an element that is ever written; for the fuzz target. */
bool html_element_shown(struct slice name);

#endif
