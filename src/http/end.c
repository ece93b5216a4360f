/* The end of what is under way for somebody who may not be here any more: his session or token was
 * revoked, or his account has gone. */
#include "http/connection.h"
#include "http/server_state.h"

/* Whether something is under way: a request, or the rest of an answer. */
static bool is_busy(const struct http_connection *c)
{
	return c->state == CONNECTION_REQUEST || c->state == CONNECTION_SENDING;
}

static struct http_connection *find(
    struct http_server *server, const struct http_request *but, http_ended *ended, void *context)
{
	for (struct http_connection *c = server->connections; c != NULL; c = c->next)
		if (is_busy(c) && c->asker.via != VIA_NOTHING &&
		    (but == NULL || c->request != but) && ended(context, &c->asker))
			return c;
	return NULL;
}

void http_server_end(
    struct http_server *server, const struct http_request *but, http_ended *ended, void *context)
{
	struct http_connection *c;

	/* From the beginning each time: closing one may end another one with it. */
	while ((c = find(server, but, ended, context)) != NULL)
		connection_close(c);
}
