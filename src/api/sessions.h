/* /sessions: one's own, and with the right to accounts those of others. */
#ifndef API_SESSIONS_H
#define API_SESSIONS_H

#include "api/api.h"

extern const struct http_route api_sessions_routes[];

#endif
