/* How secrets of one-time passwords are kept. They must be read again to check a code, so no hash
 * will do: they are sealed (XChaCha20-Poly1305) with a key that lies beside the database, in a file
 * of its own. A copy of the database alone opens none of them; a copy of the whole folder does
 * (docs/THREAT-MODEL.md).
 *
 * The key is read each time, and kept in memory no longer than one code takes. Both functions block
 * for that: they run on the store's thread. Errors are otp_unavailable, with the file's name. */
#ifndef ACCESS_OTP_VAULT_H
#define ACCESS_OTP_VAULT_H

#include "access/otp.h"
#include "base/error.h"

/* A nonce, the secret, and what shows that it is whole. */
#define OTP_VAULT_SIZE (24 + OTP_SECRET_SIZE + 16)

/* Seals a secret for one account: it cannot be opened as that of another. `first`: nobody has one
 * yet, so the key's file is made where there is none (mode 0600). Later a missing key is a mistake,
 * and a new one would make it worse. */
bool otp_vault_seal(const char *database, bool first, int64_t user,
    const unsigned char secret[OTP_SECRET_SIZE], unsigned char sealed[OTP_VAULT_SIZE],
    struct error *err);
/* False also where the key is another one than it was sealed with. */
bool otp_vault_open(const char *database, int64_t user, const unsigned char sealed[OTP_VAULT_SIZE],
    unsigned char secret[OTP_SECRET_SIZE], struct error *err);

#endif
