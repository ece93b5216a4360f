/* Connections from strangers have less room than the others: so many, with so many bytes. Beyond
 * that one of them is closed. Nobody is closed here; connection.c does what this file says. */
#include "http/crowd.h"

#include <string.h>

bool crowd_is_stranger(const struct http_connection *c)
{
	return c->outside && !c->known;
}

bool crowd_is_thick(const struct http_connection *c)
{
	return crowd_is_stranger(c) && c->server->stranger_count > HTTP_STRANGERS_CROWD;
}

bool crowd_waits_for_client(const struct http_connection *c)
{
	return c->state == CONNECTION_HEAD ||
	       (c->state == CONNECTION_REQUEST && c->request->stage == HTTP_STAGE_BODY);
}

/* Who is closed first, of one address: those who have had an answer, then those who have begun to
 * send something and do not end it, then those who have just come, and last those who wait for us:
 * checking a password takes a while, and few are checked at a time. */
static unsigned patience(const struct http_connection *c)
{
	if (c->state == CONNECTION_REQUEST && !crowd_waits_for_client(c))
		return 3;
	return c->answered || c->state == CONNECTION_SENDING || c->state == CONNECTION_LINGER ? 0
	       : c->in.len > 0 || c->request != NULL					      ? 1
											      : 2;
}

/* Addresses are counted at so many places; two of them may share one, and then its patience. */
#define ADDRESSES 4096
/* So many of one address count as one: a browser opens six at once. */
#define FEW 8

/* The one to close: of the address that has the most, the one that deserves the least patience, and
 * of those the oldest. So a flood from one address makes room for itself alone. */
static struct http_connection *least_wanted(
    const struct http_server *server, const struct http_connection *but)
{
	static uint16_t count[ADDRESSES];
	struct http_connection *found = NULL; /* the list begins with the newest */
	unsigned most = 0, least = 0;

	memset(count, 0, sizeof(count));
	for (const struct http_connection *c = server->connections; c != NULL; c = c->next)
		if (crowd_is_stranger(c))
			count[c->address % ADDRESSES]++;
	for (struct http_connection *c = server->connections; c != NULL; c = c->next) {
		unsigned n = count[c->address % ADDRESSES];

		n = n > FEW ? n : FEW;
		if (c == but || !crowd_is_stranger(c) || n < most ||
		    (n == most && found != NULL && patience(c) > least))
			continue;
		found = c;
		most = n;
		least = patience(c);
	}
	return found;
}

struct http_connection *crowd_one_too_many(
    const struct http_server *server, const struct http_connection *but)
{
	bool many = server->stranger_count > HTTP_CONNECTIONS_STRANGERS ||
		    server->stranger_bytes > HTTP_STRANGERS_BYTES;

	return many ? least_wanted(server, but) : NULL;
}
