/* A certificate as words. All in it was written by a stranger: names are cut and made harmless. */
#include "notifier/probe_certificate.h"

#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "notifier/smtp_reply.h"

/* Of a name inside a certificate. */
#define NAME_SHOWN 100
#define DAY_S 86400
/* Who renews by hand has this long to do it. */
#define EXPIRES_SOON_S (14 * DAY_S)

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

/* A word of `match`, as the name that it means; ".name": any below it. */
static void put_meant(struct buffer *name, struct slice word, const struct probe_tls_policy *policy)
{
	if (slice_is(word, "hostname"))
		buffer_append_string(name, policy->host);
	else if (slice_is(word, "nexthop"))
		buffer_append_string(name, policy->next_hop);
	else if (slice_is(word, "dot-nexthop"))
		buffer_printf(name, ".%s", policy->next_hop);
	else
		buffer_append_slice(name, word);
}

static bool next_word(struct slice *list, struct slice *word)
{
	size_t len = 0;

	while (list->len > 0 && strchr(":, \t", list->data[0]) != NULL)
		*list = slice_from(*list, 1);
	while (len < list->len && strchr(":, \t", list->data[len]) == NULL)
		len++;
	*word = slice_first(*list, len);
	*list = slice_from(*list, len);
	return len > 0;
}

/* As Postfix compares: MX gave the server's name, which level secure does not believe; there it
 * takes a certificate for any name below the destination's as well. */
bool probe_certificate_put_match(
    struct buffer *text, X509 *certificate, const struct probe_tls_policy *policy)
{
	bool secure = policy->level == PROBE_TLS_SECURE;
	struct slice list = policy->match.len > 0 ? policy->match
			    : secure		  ? SLICE("nexthop, dot-nexthop")
						  : SLICE("hostname");
	BUFFER_AUTO struct buffer names = {0};
	struct slice word;

	while (next_word(&list, &word)) {
		BUFFER_AUTO struct buffer name = {0};

		put_meant(&name, word, policy);
		/* Where the name itself is looked for, that it may be one below needs no word. */
		if (names.len == 0 || !slice_is(word, "dot-nexthop"))
			buffer_printf(
			    &names, "%s%s", names.len > 0 ? " or " : "", buffer_string(&name));
		if (X509_check_host(certificate, name.data, name.len, 0, NULL) == 1) {
			buffer_printf(text, " It is for %s.",
			    slice_is(word, "dot-nexthop") ? policy->next_hop
							  : buffer_string(&name));
			return false;
		}
	}
	buffer_printf(text, " It is not for the name %.200s.", buffer_string(&names));
	put_names(text, certificate);
	return true;
}

bool probe_certificate_put(struct buffer *text, X509 *certificate)
{
	buffer_append_string(text, " The certificate is of ");
	put_name(text, X509_get_subject_name(certificate));
	buffer_append_string(text, ", issued by ");
	put_name(text, X509_get_issuer_name(certificate));
	buffer_append_char(text, '.');
	return put_dates(text, certificate);
}
