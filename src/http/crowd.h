/* Who makes room when there are too many connections. */
#ifndef HTTP_CROWD_H
#define HTTP_CROWD_H

#include "http/server_state.h"

/* Over TCP, and nobody has shown who he is. */
bool crowd_is_stranger(const struct http_connection *c);
/* Whether it is the client's turn to send something. */
bool crowd_waits_for_client(const struct http_connection *c);
/* There are so many strangers that each gets one answer on a connection. */
bool crowd_is_thick(const struct http_connection *c);
/* Strangers are too many, or have sent too much: the one of them to close, but never `but`. NULL
 * where nobody has to go. */
struct http_connection *crowd_one_too_many(
    const struct http_server *server, const struct http_connection *but);

#endif
