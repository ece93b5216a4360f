/* A connection on its way: bytes in, one request at a time, bytes out. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "http/server_state.h"

/* It is accepted and named; requests may come. */
void connection_begin(struct http_connection *c);
/* Closes it, tells the handler of a request that is under way, frees it in later turns of the loop.
 */
void connection_close(struct http_connection *c);
/* Closes strangers but `but` while they are too many or have sent too much. */
void connection_bound_strangers(struct http_connection *but);

#endif
