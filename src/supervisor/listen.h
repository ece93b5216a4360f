/* The listening sockets, made before anything is dropped. */
#ifndef SUPERVISOR_LISTEN_H
#define SUPERVISOR_LISTEN_H

#include "base/buffer.h"
#include "base/error.h"
#include "config/config.h"
#include "wire/control_proto.h"

/* A TCP socket on `wanted`, the value of `key` (http.listen, metrics.listen); `address` becomes
 * what it is bound to (a port 0 is a real one there). -1 with listen_failed. */
int listen_tcp(const char *key, const char *wanted, struct buffer *address, struct error *err);

/* The Unix socket http.socket, with the group http.socket_gid of the facts and mode 0660 (as root;
 * otherwise, and where that group does not exist, 0600 of this user). Makes its directory where
 * that is missing; replaces a socket that nobody answers at. -1 with listen_failed, or
 * already_running. */
int listen_unix(const struct config *config, const struct role_config *facts, struct error *err);

#endif
