/* OpenSSL verifies the chain without stopping at what is wrong; name, dates (probe_certificate.c)
 * and TLSA are asked for one by one, so that each is told and not only the first. */
#include "notifier/probe_tls.h"

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base/memory.h"
#include "notifier/probe_certificate.h"

struct probe_tls_session {
	SSL_CTX *context;
	SSL *ssl;
	struct probe_tls_policy policy;
	struct slice unread; /* certificates to trust that could not be read; "" none */
	/* What OpenSSL found wrong, X509_V_OK for nothing: with dates, and first with the rest. */
	int date_error, chain_error;
};

/* Every fault is told later; the handshake goes on. */
static int note_fault(int ok, X509_STORE_CTX *store)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct probe_tls_session *s = SSL_get_app_data(ssl);
	int error = X509_STORE_CTX_get_error(store);

	if (ok)
		return 1;
	if (error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID)
		s->date_error = error;
	else if (s->chain_error == X509_V_OK)
		s->chain_error = error;
	return 1;
}

static bool fail(struct error *err, const char *what)
{
	unsigned long code = ERR_get_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return error_set(err, "tls_failed", "%s%s%s", what, reason != NULL ? ": " : "",
	    reason != NULL ? reason : "");
}

bool probe_tls_needed(const struct probe_tls_policy *policy)
{
	if (policy->level == PROBE_TLS_DANE)
		return policy->tlsa != NULL;
	return policy->level != PROBE_TLS_NONE && policy->level != PROBE_TLS_MAY;
}

/* A directory that may not be read would look like one that has no certificate. */
static bool load_directory(SSL_CTX *context, const char *path)
{
	DIR *directory = opendir(path);

	if (directory == NULL)
		return false;
	closedir(directory);
	return SSL_CTX_load_verify_dir(context, path) == 1;
}

static void trust(struct probe_tls_session *s)
{
	struct slice file = s->policy.ca_file, directory = s->policy.ca_path;
	MEMORY_AUTO char *file_name = memory_strndup(file.len > 0 ? file.data : "", file.len);
	MEMORY_AUTO char *path =
	    memory_strndup(directory.len > 0 ? directory.data : "", directory.len);

	if (file.len == 0 && directory.len == 0)
		SSL_CTX_set_default_verify_paths(s->context);
	if (file.len > 0 && SSL_CTX_load_verify_file(s->context, file_name) != 1)
		s->unread = file;
	if (directory.len > 0 && !load_directory(s->context, path))
		s->unread = directory;
	ERR_clear_error();
}

static void add_tlsa(struct probe_tls_session *s)
{
	const struct dns_answer *tlsa = s->policy.tlsa;

	if (tlsa == NULL || SSL_dane_enable(s->ssl, s->policy.host) != 1)
		return;
	/* One that cannot be used is passed over, as Postfix does. */
	for (size_t i = 0; i < tlsa->count; i++) {
		const struct dns_record *r = &tlsa->records[i];

		if (r->data[0] == 2 || r->data[0] == 3)
			(void)SSL_dane_tlsa_add(
			    s->ssl, r->data[0], r->data[1], r->data[2], r->data + 3, r->length - 3);
	}
	ERR_clear_error();
}

struct probe_tls_session *probe_tls_create(
    int fd, const struct probe_tls_policy *policy, struct error *err)
{
	struct probe_tls_session *s = memory_zero(1, sizeof(*s));

	s->policy = *policy;
	s->context = SSL_CTX_new(TLS_client_method());
	if (s->context == NULL || (policy->tlsa != NULL && SSL_CTX_dane_enable(s->context) != 1) ||
	    (s->ssl = SSL_new(s->context)) == NULL) {
		fail(err, "TLS cannot be set up here");
		probe_tls_destroy(&s);
		return NULL;
	}
	/* As Postfix does: old servers are told by what they agree to, not by a failed handshake.
	 */
	SSL_CTX_set_security_level(s->context, 0);
	SSL_CTX_set_min_proto_version(s->context, TLS1_VERSION);
	trust(s);
	SSL_set_app_data(s->ssl, s);
	SSL_set_verify(s->ssl, SSL_VERIFY_PEER, note_fault);
	add_tlsa(s);
	/* An address is no name. */
	if (dns_name_valid(slice_of(policy->host)))
		SSL_set_tlsext_host_name(s->ssl, policy->host);
	SSL_set_fd(s->ssl, fd);
	SSL_set_connect_state(s->ssl);
	return s;
}

void probe_tls_destroy(struct probe_tls_session **pointer)
{
	struct probe_tls_session *s = *pointer;

	*pointer = NULL;
	if (s == NULL)
		return;
	SSL_free(s->ssl);
	SSL_CTX_free(s->context);
	free(s);
}

static enum probe_tls_result result_of(struct probe_tls_session *s, int returned, struct error *err)
{
	switch (SSL_get_error(s->ssl, returned)) {
	case SSL_ERROR_WANT_READ:
		return PROBE_TLS_WANTS_READ;
	case SSL_ERROR_WANT_WRITE:
		return PROBE_TLS_WANTS_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return PROBE_TLS_CLOSED;
	case SSL_ERROR_SYSCALL:
		ERR_clear_error();
		return PROBE_TLS_CLOSED;
	default:
		if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
			ERR_clear_error();
			return PROBE_TLS_CLOSED;
		}
		fail(err, "the handshake failed");
		return PROBE_TLS_FAILED;
	}
}

enum probe_tls_result probe_tls_handshake(struct probe_tls_session *s, struct error *err)
{
	int returned = SSL_do_handshake(s->ssl);

	return returned == 1 ? PROBE_TLS_DONE : result_of(s, returned, err);
}

enum probe_tls_result probe_tls_read(
    struct probe_tls_session *s, char *data, size_t size, size_t *taken)
{
	int returned = SSL_read_ex(s->ssl, data, size, taken);

	return returned == 1 ? PROBE_TLS_DONE : result_of(s, returned, NULL);
}

enum probe_tls_result probe_tls_write(struct probe_tls_session *s, const char *data, size_t len)
{
	size_t written;
	int returned = SSL_write_ex(s->ssl, data, len, &written);

	return returned == 1 ? PROBE_TLS_DONE : result_of(s, returned, NULL);
}

/* ---- What it is ---- */

static bool put_chain(struct buffer *text, const struct probe_tls_session *s, X509 *certificate)
{
	if (s->chain_error == X509_V_OK) {
		buffer_append_string(text, " Its chain is trusted.");
		return false;
	}
	if (s->unread.len > 0)
		buffer_printf(text, " Its chain was not checked: %.*s cannot be read from here.",
		    SLICE_ARGS(slice_first(s->unread, 200)));
	else if (X509_check_issued(certificate, certificate) == X509_V_OK)
		buffer_append_string(text, " It is self-signed: nobody else vouches for it.");
	else
		buffer_printf(text, " Its chain is not trusted: %s.",
		    X509_verify_cert_error_string(s->chain_error));
	return true;
}

/* With TLSA records OpenSSL checks them in the place of the chain. */
static enum probe_outcome judge_dane(const struct probe_tls_session *s, struct buffer *text)
{
	bool fits = s->chain_error == X509_V_OK && s->date_error == X509_V_OK &&
		    SSL_get0_dane_authority(s->ssl, NULL, NULL) >= 0;

	buffer_append_string(text, fits ? " It is what the TLSA records name (DANE)."
					: " It is none that the TLSA records name (DANE): Postfix "
					  "does not deliver there.");
	return fits ? PROBE_OK : PROBE_BAD;
}

static enum probe_outcome judge_level(
    const struct probe_tls_session *s, bool wrong, struct buffer *text)
{
	const char *level = probe_tls_name(s->policy.level);

	if (s->policy.level == PROBE_TLS_DANE_ONLY) {
		buffer_printf(text,
		    " Without signed TLSA records Postfix does not deliver there (TLS level %s).",
		    level);
		return PROBE_BAD;
	}
	if (s->policy.level == PROBE_TLS_FINGERPRINT) {
		buffer_printf(text,
		    " Postfix asks for a certificate of a known fingerprint (TLS level %s), which "
		    "a test does not compare.",
		    level);
		return PROBE_WARNING;
	}
	if (!wrong)
		return PROBE_OK;
	if (s->policy.level == PROBE_TLS_VERIFY || s->policy.level == PROBE_TLS_SECURE) {
		/* What could not be checked from here is not known to be wrong. */
		if (s->unread.len > 0)
			return PROBE_WARNING;
		buffer_printf(text, " At TLS level %s Postfix does not deliver there.", level);
		return PROBE_BAD;
	}
	buffer_printf(text, " Postfix does not look at that (TLS level %s).", level);
	return PROBE_WARNING;
}

enum probe_outcome probe_tls_judge(const struct probe_tls_session *s, struct buffer *text)
{
	X509 *certificate = SSL_get0_peer_certificate(s->ssl);
	bool wrong;

	buffer_printf(text, "%s, %s.", SSL_get_version(s->ssl), SSL_get_cipher_name(s->ssl));
	if (certificate == NULL) {
		buffer_append_string(text, " The server has shown no certificate.");
		return judge_level(s, true, text);
	}
	wrong = probe_certificate_put(text, certificate);
	if (s->policy.tlsa != NULL)
		return judge_dane(s, text);
	wrong |= probe_certificate_put_match(text, certificate, &s->policy);
	wrong |= put_chain(text, s, certificate);
	return judge_level(s, wrong, text);
}
