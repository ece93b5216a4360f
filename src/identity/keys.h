/* The keys that an issuer signs with (a JWK Set), by cjose. */
#ifndef IDENTITY_KEYS_H
#define IDENTITY_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include <cjose/cjose.h>

#include "base/error.h"
#include "base/slice.h"

/* An issuer has two or three; more than these are passed over. */
#define KEYS_MAX 32
/* Shorter ones of RSA prove nothing; longer ones only burn time. */
#define KEYS_RSA_BITS_MIN 2048
#define KEYS_RSA_BITS_MAX 8192

struct keys;

/* What is no key to check a signature with (another kind, for encryption, too short, broken) is
 * passed over. NULL with bad_keys where it is no set at all. */
struct keys *keys_parse(struct slice json, struct error *err);
/* Accepts a pointer to NULL. */
void keys_destroy(struct keys **keys);
size_t keys_count(const struct keys *keys);

enum keys_verdict {
	KEYS_GOOD,
	KEYS_FORGED, /* there is a key that it could be of, and it is not */
	KEYS_UNKNOWN /* there is none; the issuer may have new ones */
};
/* Whether one of the keys made that signature. `algorithm` is one that keys_algorithm takes, `key`
 * the name of a key, or "" where the token has none: then each that fits is tried. */
enum keys_verdict keys_verify(
    const struct keys *keys, cjose_jws_t *jws, const char *algorithm, const char *key);

/* Whether signatures of that algorithm are looked at: RS, PS and ES with 256, 384 or 512. Never
 * "none", and never HS: those are made with a key that the client has, too. */
bool keys_algorithm(const char *algorithm);

#endif
