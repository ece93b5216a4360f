/* What is in a message: /messages/{id}/content, /parts/{n}, /raw. Read by the viewer, a process of
 * its own for each request; nothing of a message is parsed here. */
#ifndef API_CONTENT_H
#define API_CONTENT_H

#include "api/api.h"

extern const struct http_route api_content_routes[];

#endif
