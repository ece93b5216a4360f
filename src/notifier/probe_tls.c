/* OpenSSL verifies the chain without stopping at what is wrong; name, dates and TLSA are asked for
 * one by one, so that each is told and not only the first. */
#include "notifier/probe_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "notifier/smtp_reply.h"

/* Of a name inside a certificate, which a stranger wrote. */
#define NAME_SHOWN 100
#define DAY_S 86400
/* Who renews by hand has this long to do it. */
#define EXPIRES_SOON_S (14 * DAY_S)

struct probe_tls_session {
	SSL_CTX *context;
	SSL *ssl;
	struct probe_tls_policy policy;
	bool no_ca_file; /* it could not be read: nothing is trusted */
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

static void trust(struct probe_tls_session *s)
{
	MEMORY_AUTO char *path = memory_strndup(s->policy.ca_file.data, s->policy.ca_file.len);

	if (s->policy.ca_file.len == 0)
		SSL_CTX_set_default_verify_paths(s->context);
	else if (SSL_CTX_load_verify_locations(s->context, path, NULL) != 1)
		s->no_ca_file = true;
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

/* The common name, else "no name". */
static void put_name(struct buffer *text, const X509_NAME *name)
{
	char common[256];
	int len =
	    X509_NAME_get_text_by_NID((X509_NAME *)name, NID_commonName, common, sizeof(common));

	if (len <= 0)
		buffer_append_string(text, "no name");
	else
		smtp_reply_put_harmless(text, slice_make(common, strlen(common)), NAME_SHOWN);
}

/* False where the certificate says no time. */
static bool seconds_of(const ASN1_TIME *time, int64_t *seconds)
{
	struct tm tm;

	if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	*seconds = (int64_t)timegm(&tm);
	return true;
}

static void put_date(struct buffer *text, int64_t seconds)
{
	char when[CLOCK_RFC3339_SIZE];

	clock_rfc3339(seconds, when);
	buffer_printf(text, "%.10s", when);
}

/* Whether something is wrong. */
static bool put_dates(struct buffer *text, X509 *certificate)
{
	int64_t from, to, now = clock_now();

	if (!seconds_of(X509_get0_notBefore(certificate), &from) ||
	    !seconds_of(X509_get0_notAfter(certificate), &to)) {
		buffer_append_string(text, " Its dates cannot be read.");
		return true;
	}
	if (now < from)
		buffer_append_string(text, " It is not valid yet, but from ");
	else if (now > to)
		buffer_append_string(text, " It has expired, on ");
	else if (to - now < EXPIRES_SOON_S)
		buffer_append_string(text, " It will expire soon, on ");
	else
		buffer_append_string(text, " It is valid until ");
	put_date(text, now < from ? from : to);
	buffer_append_char(text, '.');
	return now < from || now > to;
}

/* The first few of its names, where none of them fits. */
static void put_names(struct buffer *text, X509 *certificate)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	int shown = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && shown < 3; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type != GEN_DNS)
			continue;
		buffer_append_string(text, shown++ == 0 ? " Its names: " : ", ");
		smtp_reply_put_harmless(text,
		    slice_make(ASN1_STRING_get0_data(name->d.dNSName),
			(size_t)ASN1_STRING_length(name->d.dNSName)),
		    NAME_SHOWN);
	}
	if (shown > 0)
		buffer_append_char(text, '.');
	GENERAL_NAMES_free(names);
}

/* As Postfix compares: MX gave the server's name, which level secure does not believe. */
static bool put_match(struct buffer *text, X509 *certificate, const struct probe_tls_policy *policy)
{
	bool secure = policy->level == PROBE_TLS_SECURE;
	const char *name = secure ? policy->next_hop : policy->host;
	BUFFER_AUTO struct buffer below = {0};
	bool fits = X509_check_host(certificate, name, 0, 0, NULL) == 1;

	/* At level secure Postfix also takes a certificate for any name below it. */
	buffer_printf(&below, ".%s", name);
	if (!fits && secure)
		fits = X509_check_host(certificate, buffer_string(&below), 0, 0, NULL) == 1;
	if (fits) {
		buffer_printf(text, " It is for %s.", name);
		return false;
	}
	buffer_printf(text, " It is not for the name %s.", name);
	put_names(text, certificate);
	return true;
}

static bool put_chain(struct buffer *text, const struct probe_tls_session *s, X509 *certificate)
{
	if (s->chain_error == X509_V_OK) {
		buffer_append_string(text, " Its chain is trusted.");
		return false;
	}
	if (s->no_ca_file)
		buffer_printf(text, " Its chain was not checked: %.*s cannot be read from here.",
		    SLICE_ARGS(slice_first(s->policy.ca_file, 200)));
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

	if (!wrong)
		return PROBE_OK;
	if (s->policy.level == PROBE_TLS_VERIFY || s->policy.level == PROBE_TLS_SECURE) {
		/* What could not be checked from here is not known to be wrong. */
		if (s->no_ca_file)
			return PROBE_WARNING;
		buffer_printf(text,
		    " At smtp_tls_security_level = %s Postfix does not deliver there.", level);
		return PROBE_BAD;
	}
	buffer_printf(
	    text, " Postfix does not look at that (smtp_tls_security_level = %s).", level);
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
	buffer_append_string(text, " The certificate is of ");
	put_name(text, X509_get_subject_name(certificate));
	buffer_append_string(text, ", issued by ");
	put_name(text, X509_get_issuer_name(certificate));
	buffer_append_char(text, '.');
	wrong = put_dates(text, certificate);
	if (s->policy.tlsa != NULL)
		return judge_dane(s, text);
	wrong |= put_match(text, certificate, &s->policy);
	wrong |= put_chain(text, s, certificate);
	return judge_level(s, wrong, text);
}
