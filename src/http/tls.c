/* GnuTLS between two buffers: it reads what came and writes what is to be sent, and never a socket.
 */
#include "http/tls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "base/memory.h"

/* TLS 1.2 and 1.3 alone; older ones are broken. The server's order of ciphers counts. */
#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"
#define RECORD_SIZE 16384

struct tls_server {
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priorities;
	unsigned connections; /* that use it, and outlive the certificate when another comes */
	bool destroyed;	      /* it goes with the last of them */
};

struct tls {
	struct tls_server *server;
	gnutls_session_t session;
	struct buffer in;   /* ciphertext that was not read yet */
	struct buffer *out; /* where ciphertext goes, during a call */
	bool shaken;	    /* the handshake is over */
};

struct tls_server *tls_server_create(
    const char *certificate_file, const char *key_file, struct error *err)
{
	struct tls_server *server = memory_zero(1, sizeof(*server));
	int result = gnutls_certificate_allocate_credentials(&server->credentials);

	if (result == GNUTLS_E_SUCCESS)
		result = gnutls_certificate_set_x509_key_file(
		    server->credentials, certificate_file, key_file, GNUTLS_X509_FMT_PEM);
	if (result >= 0)
		result = gnutls_priority_init(&server->priorities, PRIORITIES, NULL);
	if (result >= 0)
		return server;
	error_set(err, "tls_failed", "%s and %s cannot be used for TLS: %s", certificate_file,
	    key_file, gnutls_strerror(result));
	tls_server_destroy(&server);
	return NULL;
}

static void free_unused(struct tls_server *server)
{
	if (!server->destroyed || server->connections > 0)
		return;
	if (server->credentials != NULL)
		gnutls_certificate_free_credentials(server->credentials);
	if (server->priorities != NULL)
		gnutls_priority_deinit(server->priorities);
	free(server);
}

void tls_server_destroy(struct tls_server **server)
{
	if (*server == NULL)
		return;
	(*server)->destroyed = true;
	free_unused(*server);
	*server = NULL;
}

static ssize_t push(gnutls_transport_ptr_t context, const void *data, size_t len)
{
	struct tls *tls = context;

	if (tls->out != NULL)
		buffer_append(tls->out, data, len);
	return (ssize_t)len;
}

static ssize_t pull(gnutls_transport_ptr_t context, void *data, size_t len)
{
	struct tls *tls = context;

	if (tls->in.len == 0) {
		/* GnuTLS stops there and goes on in a later call, when more has come. */
		gnutls_transport_set_errno(tls->session, EAGAIN);
		return -1;
	}
	len = len < tls->in.len ? len : tls->in.len;
	memcpy(data, tls->in.data, len);
	buffer_consume(&tls->in, len);
	return (ssize_t)len;
}

/* Never waits: the loop does, for all connections at once. */
static int pull_timeout(gnutls_transport_ptr_t context, unsigned ms)
{
	const struct tls *tls = context;

	(void)ms;
	return tls->in.len > 0 ? 1 : 0;
}

struct tls *tls_create(struct tls_server *server)
{
	static const gnutls_datum_t protocol = {(unsigned char *)(uintptr_t) "http/1.1", 8};
	struct tls *tls = memory_zero(1, sizeof(*tls));

	if (gnutls_init(&tls->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) !=
	    GNUTLS_E_SUCCESS)
		abort();
	tls->server = server;
	server->connections++;
	gnutls_priority_set(tls->session, server->priorities);
	gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, server->credentials);
	/* Nothing else is spoken here; a browser that hopes for HTTP/2 is told so. */
	gnutls_alpn_set_protocols(tls->session, &protocol, 1, 0);
	gnutls_handshake_set_timeout(
	    tls->session, GNUTLS_INDEFINITE_TIMEOUT); /* the connection has its own */
	gnutls_transport_set_ptr(tls->session, tls);
	gnutls_transport_set_push_function(tls->session, push);
	gnutls_transport_set_pull_function(tls->session, pull);
	gnutls_transport_set_pull_timeout_function(tls->session, pull_timeout);
	return tls;
}

void tls_destroy(struct tls **tls)
{
	if (*tls == NULL)
		return;
	gnutls_deinit((*tls)->session);
	(*tls)->server->connections--;
	free_unused((*tls)->server);
	buffer_free(&(*tls)->in);
	free(*tls);
	*tls = NULL;
}

static enum tls_result shake(struct tls *tls)
{
	int result;

	do
		result = gnutls_handshake(tls->session);
	while (result < 0 && result != GNUTLS_E_AGAIN && gnutls_error_is_fatal(result) == 0);
	tls->shaken = result == GNUTLS_E_SUCCESS;
	if (tls->shaken || result == GNUTLS_E_AGAIN)
		return TLS_GOES_ON;
	/* The client's user is told why, and not only that the connection broke. */
	gnutls_alert_send_appropriate(tls->session, result);
	return TLS_FAILED;
}

static enum tls_result read_records(struct tls *tls, struct buffer *plain)
{
	for (;;) {
		char *at = buffer_reserve(plain, RECORD_SIZE);
		ssize_t n = gnutls_record_recv(tls->session, at, RECORD_SIZE);
		if (n > 0)
			plain->len += (size_t)n;
		else if (n == 0)
			return TLS_CLOSED;
		else if (n == GNUTLS_E_AGAIN)
			return TLS_GOES_ON;
		else if (n == GNUTLS_E_REHANDSHAKE || gnutls_error_is_fatal((int)n) != 0)
			return TLS_FAILED; /* a client has no reason to begin anew */
	}
}

enum tls_result tls_input(
    struct tls *tls, const void *data, size_t len, struct buffer *plain, struct buffer *out)
{
	enum tls_result result = TLS_GOES_ON;

	/* Kept, as a record may come in several pieces. */
	buffer_append(&tls->in, data, len);
	tls->out = out;
	if (!tls->shaken)
		result = shake(tls);
	if (tls->shaken)
		result = read_records(tls, plain);
	tls->out = NULL;
	return result;
}

bool tls_output(struct tls *tls, const void *data, size_t len, struct buffer *out)
{
	const char *p = data;
	bool good = true;

	tls->out = out;
	while (len > 0 && good) {
		ssize_t n = gnutls_record_send(tls->session, p, len);
		good = n > 0;
		if (good) {
			p += n;
			len -= (size_t)n;
		}
	}
	tls->out = NULL;
	return good;
}

void tls_finish(struct tls *tls, struct buffer *out)
{
	tls->out = out;
	/* The client may have sent its first request with the end of its handshake. */
	if (tls->shaken)
		/* Only our side: the client's goodbye is not waited for. */
		gnutls_bye(tls->session, GNUTLS_SHUT_WR);
	tls->out = NULL;
}
