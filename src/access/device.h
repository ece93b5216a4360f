/* The cookie of a device: that somebody has signed in with this name from this browser before. It
 * opens nothing; its bearer only has a place of his own among those who guess (login_limits.h). */
#ifndef ACCESS_DEVICE_H
#define ACCESS_DEVICE_H

#include <stdbool.h>

#include "access/accounts.h"
#include "base/slice.h"

/* In base64: a nonce of 16 bytes, a dot, its code with the name under the key, and the NUL. */
#define DEVICE_COOKIE_SIZE 68

/* A new cookie for `name`. */
void device_cookie_make(
    const unsigned char key[ACCOUNTS_KEY_SIZE], struct slice name, char cookie[DEVICE_COOKIE_SIZE]);

/* Whether device_cookie_make gave this cookie to `name`. Its nonce, which tells devices apart, lies
 * in `cookie`. */
bool device_cookie_good(const unsigned char key[ACCOUNTS_KEY_SIZE], struct slice name,
    struct slice cookie, struct slice *nonce);

#endif
