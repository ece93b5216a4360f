/* What each caller has under way, so that one of them cannot take what is there for all: requests
 * that have not been taken to their end, downloads, event streams. A caller is a number (router.c);
 * at most as many callers are known as there are connections. */
#ifndef HTTP_HOLDERS_H
#define HTTP_HOLDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "http/router.h"

struct holders;

struct holders *holders_create(void);
/* Accepts a pointer to NULL. */
void holders_destroy(struct holders **holders);
/* Takes one of a kind for a caller; false when he has as many as one may have. */
bool holders_take(struct holders *holders, uint64_t caller, enum http_hold hold);
void holders_give(struct holders *holders, uint64_t caller, enum http_hold hold);

#endif
