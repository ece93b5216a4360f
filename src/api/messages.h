/* GET /api/v1/messages and /api/v1/messages/{id}. */
#ifndef API_MESSAGES_H
#define API_MESSAGES_H

#include "api/api.h"

extern const struct http_route api_messages_routes[];

#endif
