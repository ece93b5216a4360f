/* Between server and identity: who somebody is, by the word of an OpenID Connect issuer.
 *
 *   DISCOVER -> DISCOVERED   where the issuer's pages are
 *   SIGN_IN  -> SIGNED_IN    a code that a browser brought back, for a name and its groups
 *   CANCEL: nobody waits for the answer to that request any more, and there is none.
 *
 * The process that answers holds nothing but what the issuer publishes. The client's secret comes
 * with each question. */
#ifndef WIRE_IDENTITY_PROTO_H
#define WIRE_IDENTITY_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/frame.h"

/* The numbers travel: append only. */
enum identity_type {
	/* server to identity */
	IDENTITY_DISCOVER = 1,
	IDENTITY_SIGN_IN,
	IDENTITY_CANCEL,
	/* identity to server */
	IDENTITY_DISCOVERED = 128,
	IDENTITY_SIGNED_IN,
};

/* All of them together, at their longest, stay within one frame (WIRE_BODY_MAX). */
#define IDENTITY_URL_MAX 2048
#define IDENTITY_ID_MAX                                                                            \
	512 /* of a client, and of a person at the issuer (sub: 255 by the standard) */
#define IDENTITY_SECRET_MAX 1024
#define IDENTITY_CODE_MAX 4096
#define IDENTITY_NONCE_MAX 128
#define IDENTITY_CLAIM_MAX 256
#define IDENTITY_NAME_MAX 256
#define IDENTITY_GROUPS_MAX 32768
#define IDENTITY_GROUPS_COUNT_MAX 1000
#define IDENTITY_TEXT_MAX 500
/* The whole of an answer, however many requests to the issuer it takes. */
#define IDENTITY_TIMEOUT_MS 15000

/* Whether it can be asked at all: https, or http where the host is a loopback name; no query and no
 * fragment, which an issuer must not have. bad_issuer with what is wrong, for people. */
bool identity_issuer_check(struct slice issuer, struct error *err);
/* The same for an address that the issuer names: it may have a query. One with http is only for an
 * issuer that has http itself. */
bool identity_endpoint_check(struct slice url, struct slice issuer);

struct identity_discover {
	struct slice issuer;
};
/* Each encoder begins an empty buffer; texts that are too long make a frame that is refused. */
void identity_discover_encode(
    struct buffer *frame, uint32_t request, const struct identity_discover *discover);
bool identity_discover_decode(const struct frame *frame, struct identity_discover *discover);

/* The numbers travel: append only. */
enum identity_result {
	IDENTITY_DONE,
	/* The issuer is not there, slow, or answers what is no answer: later it may. */
	IDENTITY_UNAVAILABLE,
	/* The issuer does not take the code, or what it says does not hold. */
	IDENTITY_REFUSED,
};

struct identity_discovered {
	enum identity_result result;
	struct slice text; /* why not, one sentence for people; cut at IDENTITY_TEXT_MAX */
	struct slice authorization_endpoint;
	struct slice end_session_endpoint; /* "": it has none */
	bool names_itself; /* it says who it is when it sends a browser back (RFC 9207) */
};
/* The text is cut. */
void identity_discovered_encode(
    struct buffer *frame, uint32_t request, const struct identity_discovered *discovered);
/* What is DONE has an authorization endpoint. */
bool identity_discovered_decode(const struct frame *frame, struct identity_discovered *discovered);

struct identity_sign_in {
	struct slice issuer, client_id, client_secret; /* no secret: "" */
	struct slice redirect_uri, code, verifier, nonce;
	struct slice name_claim, groups_claim;
};
/* Refused where there is no client, code, verifier, nonce or claim of the name. */
void identity_sign_in_encode(
    struct buffer *frame, uint32_t request, const struct identity_sign_in *sign_in);
bool identity_sign_in_decode(const struct frame *frame, struct identity_sign_in *sign_in);

struct identity_signed_in {
	enum identity_result result;
	struct slice text;    /* as above */
	struct slice subject; /* who it is at the issuer, for ever */
	struct slice name;    /* what the name's claim says, any bytes of UTF-8 */
	struct slice groups;  /* each ended by \0 */
};
/* The text is cut; nothing else is. */
void identity_signed_in_encode(
    struct buffer *frame, uint32_t request, const struct identity_signed_in *signed_in);
/* Of what is DONE, subject and name are there, and groups are whole. */
bool identity_signed_in_decode(const struct frame *frame, struct identity_signed_in *signed_in);

void identity_cancel_encode(struct buffer *frame, uint32_t request);
bool identity_cancel_decode(const struct frame *frame, uint32_t *request);

#endif
