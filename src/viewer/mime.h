/* A parsed message: its headers, its way, its parts. */
#ifndef VIEWER_MIME_H
#define VIEWER_MIME_H

#include "base/buffer.h"
#include "base/charset.h"
#include "viewer/out.h"

struct mime;

/* Parses a message; takes the buffer's memory over (it is empty then). A header block longer than
 * VIEWER_HEADER_BYTES_MAX is cut before, with a note. NULL when GMime makes nothing of it. */
struct mime *mime_parse(struct buffer *message, struct charsets *charsets, struct out *out);
void mime_free(struct mime **mime);

/* HEADER and HOP frames. */
void mime_send_headers(struct mime *mime);
/* PART and TEXT frames. */
void mime_send_parts(struct mime *mime, const struct viewer_limits *limits);
/* The PART frame of one, and its decoded bytes; false when there is no such part, or it is a
 * container. *cut when there was more than limits->total_bytes. */
bool mime_send_part(
    struct mime *mime, uint32_t number, const struct viewer_limits *limits, bool *cut);
/* The PART frame of one and, when it is text/html, TEXT frames with its HTML rewritten (html.h);
 * false as above. */
bool mime_send_html(struct mime *mime, uint32_t number);

#endif
