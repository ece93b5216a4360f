/* What a request shows to say who sends it: a cookie, or a token in its Authorization header. */
#ifndef HTTP_SECRET_H
#define HTTP_SECRET_H

#include <stdbool.h>

#include "base/slice.h"

/* The value of the first cookie with this name in a Cookie header; false where there is none. */
bool secret_cookie(struct slice header, struct slice name, struct slice *value);

/* The token of "Bearer TOKEN", without regard to the case of the word; false for anything else. */
bool secret_bearer(struct slice header, struct slice *token);

#endif
