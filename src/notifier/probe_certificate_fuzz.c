#include <openssl/err.h>

#include "base/must_fuzz.h"
#include "base/utf8.h"
#include "notifier/probe_certificate.h"

/* Far more than four sentences with four names of NAME_SHOWN bytes. */
#define WORDS_MAX 2000

static void try_level(X509 *certificate, enum probe_tls level, struct slice match)
{
	const struct probe_tls_policy policy = {
	    .level = level, .host = "mx.shop.example", .next_hop = "shop.example", .match = match};
	BUFFER_AUTO struct buffer text = {0};

	(void)probe_certificate_put(&text, certificate);
	(void)probe_certificate_put_match(&text, certificate, &policy);
	must(text.len <= WORDS_MAX && utf8_valid(buffer_slice(&text)));
	for (size_t i = 0; i < text.len; i++)
		must((unsigned char)text.data[i] >= 0x20);
}

/* Input: a certificate as DER. Its words are harmless and bounded, whatever stands in it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned char *at = data;
	X509 *certificate = d2i_X509(NULL, &at, (long)size);

	if (certificate != NULL) {
		try_level(certificate, PROBE_TLS_VERIFY, SLICE(""));
		try_level(certificate, PROBE_TLS_SECURE, SLICE(""));
		try_level(certificate, PROBE_TLS_SECURE, SLICE(".example: nexthop,x"));
	}
	X509_free(certificate);
	ERR_clear_error();
	return 0;
}
