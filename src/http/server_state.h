/* The memory of the server: its listeners and connections. Only data: listen.c begins a connection,
 * connection.c moves it on, crowd.c says which one makes room. */
#ifndef HTTP_SERVER_STATE_H
#define HTTP_SERVER_STATE_H

#include <uv.h>

#include "base/hash.h"
#include "http/connection_state.h"
#include "http/holders.h"
#include "http/request_state.h"
#include "http/server.h"
#include "http/tls.h"

struct http_server {
	uv_loop_t *loop;
	struct http_router *router;
	struct tls_server *tls; /* NULL: plain HTTP */
	bool refuse_tcp;	/* there should be TLS and is not */
	struct listener *listeners;
	struct http_connection *connections;	 /* a list */
	size_t connection_count, stranger_count; /* strangers: from outside, not known */
	size_t stranger_bytes;			 /* that they have sent and that are kept */
	struct holders *holders;
	struct hash_key key; /* of addresses */
	uv_timer_t turn;     /* goes on accepting */
	uint64_t turn_ms;
	unsigned accepted; /* in this turn */
	char *scratch; /* what was just read, HTTP_READ_SIZE bytes; of use within one callback */
};

#define HTTP_READ_SIZE 65536

struct listener {
	union {
		uv_tcp_t tcp;
		uv_pipe_t pipe;
		uv_stream_t stream;
	} handle;
	enum http_listen_kind kind;
	struct http_server *server;
	bool waiting; /* somebody waits to be accepted in the next turn */
	struct listener *next;
};

struct http_connection {
	union {
		uv_tcp_t tcp;
		uv_pipe_t pipe;
		uv_stream_t stream;
		uv_handle_t handle;
	} handle;
	uv_timer_t timer;
	struct http_server *server; /* NULL once the server is gone */
	enum http_listen_kind kind;
	bool outside; /* anybody may be there: over TCP, or behind a proxy at the Unix socket */
	enum connection_state state; /* connection_state_move changes it */
	struct http_socket_peer socket_peer;
	char peer[80];
	struct tls *tls; /* NULL: plain */
	struct buffer in;
	size_t scanned;
	struct http_request *request;
	size_t queued;	  /* bytes given to libuv and not written yet */
	bool keep;	  /* another request may follow */
	bool known;	  /* the last request was from somebody who has shown who he is */
	bool answered;	  /* at least once */
	size_t kept;	  /* bytes of a stranger, as they are counted in stranger_bytes */
	uint64_t address; /* a hash of it, without the port */
	bool holding;	  /* a place of `holders`, for `person` */
	bool is_content;  /* what goes out counts against his hour */
	uint64_t person;
	enum http_hold hold;
	struct caller asker; /* of the last request, without his scope: his answer may still be on
			      * its way when the request is gone */
	bool eof;	     /* the client sends nothing more */
	bool reading;
	bool paused; /* a body comes before its turn: the rest waits in the kernel */
	unsigned open_handles;
	struct http_connection *next, **previous;
};

#endif
