/* What an issuer says of itself (OpenID Connect Discovery): pure, bytes in, addresses out. */
#ifndef IDENTITY_METADATA_H
#define IDENTITY_METADATA_H

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "wire/identity_proto.h"

/* An answer of an issuer is read no further: the largest that is known has a tenth of it. */
#define IDENTITY_ANSWER_MAX 262144

/* "" where there is none. */
struct metadata {
	char authorization[IDENTITY_URL_MAX + 1];
	char token[IDENTITY_URL_MAX + 1];
	char keys[IDENTITY_URL_MAX + 1];
	char userinfo[IDENTITY_URL_MAX + 1];
	char end_session[IDENTITY_URL_MAX + 1];
	bool names_itself;   /* iss comes with the code (RFC 9207) */
	bool secret_in_body; /* the token endpoint takes the client's secret in no other way */
};

/* False with bad_metadata where it is no such document, is another issuer's, names an address that
 * is not asked (identity_endpoint_check), or has no authorization code with PKCE. */
bool metadata_parse(
    struct slice json, struct slice issuer, struct metadata *metadata, struct error *err);

#endif
