/* Which service a command speaks to, and how: in this order what an option names (--host, --url,
 * --socket), what the environment names (POSTROOM_HOST, POSTROOM_URL, POSTROOM_SOCKET), and the
 * socket of the configuration. A token goes only where it was meant to go: that of a host in
 * the list to that host, POSTROOM_TOKEN to a URL that was given here. */
#ifndef CLI_CONTEXT_H
#define CLI_CONTEXT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "cli/client.h"
#include "cli/hosts.h"

/* What may name a service. NULL for what is not given. */
struct context_wishes {
	const char *host, *url, *socket, *token_file; /* options */
	const char *usual_socket;		      /* http.socket; "" for none */
};

/* The texts that `target` points to live in here. */
struct context {
	struct hosts hosts;
	struct buffer token, ca_file;
	struct client_target target;
};

/* Whether somebody named a service, by an option or in the environment. */
bool context_is_named(const struct context_wishes *wishes);
/* The socket that somebody named, by an option or in the environment; NULL: none. */
const char *context_named_socket(const struct context_wishes *wishes);

/* Errors: bad_context (two are named, or none), no_host, bad_hosts, bad_token, io_error. */
bool context_find(const struct context_wishes *wishes, struct context *context, struct error *err);
/* The same for one host of the list. */
bool context_of_host(
    const struct host *host, const char *token_file, struct context *context, struct error *err);
void context_free(struct context *context);

/* The list of hosts; an empty one where there is no file. A file that has tokens in it and that
 * others may read is refused. Errors: bad_hosts, bad_token, io_error. */
bool context_load_hosts(struct hosts *hosts, struct error *err);
/* Where it is: below XDG_CONFIG_HOME, else ~/.config. */
void context_hosts_path(struct buffer *path);

#endif
