/* TLS (GnuTLS) between buffers: ciphertext in, plain text out, and back. Bound to no socket, so
 * that what comes out of it passes the same gate as everything else. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/* A certificate chain and its key, for all connections. */
struct tls_server;

/* Reads both PEM files. NULL with tls_failed. */
struct tls_server *tls_server_create(
    const char *certificate_file, const char *key_file, struct error *err);
/* Connections that use it go on. Accepts a pointer to NULL. */
void tls_server_destroy(struct tls_server **server);

/* One connection. */
struct tls;

struct tls *tls_create(struct tls_server *server);
void tls_destroy(struct tls **tls);

enum tls_result {
	TLS_GOES_ON,
	TLS_CLOSED, /* the client said that it sends nothing more */
	TLS_FAILED, /* no TLS, or it broke; `out` may hold an alert to send */
};
/* Takes bytes from the client (copied); what they decrypt to is appended to `plain`, what is to be
 * sent (the handshake) to `out`. */
enum tls_result tls_input(
    struct tls *tls, const void *data, size_t len, struct buffer *plain, struct buffer *out);
/* Encrypts to the end of `out`. Only once tls_input has given plain text. False: it broke. */
bool tls_output(struct tls *tls, const void *data, size_t len, struct buffer *out);
/* Says to the client that nothing more comes. */
void tls_finish(struct tls *tls, struct buffer *out);

#endif
