/* Passwords that are tried first: the 10,000 commonest (weak_passwords.txt), one of them repeated
 * or with digits and signs behind it, and plain runs ("aaaaaaaaaaaa", "123456789012"). Pure. */
#ifndef ACCESS_WEAK_PASSWORDS_H
#define ACCESS_WEAK_PASSWORDS_H

#include <stdbool.h>

#include "base/slice.h"

/* Large and small letters are the same. */
bool weak_password(struct slice password);

#endif
