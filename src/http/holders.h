/* What each caller has under way, so that one of them cannot take what is there for all: requests
 * that have not been taken to their end, downloads, event streams. A caller is a number (router.c);
 * at most as many callers are known as there are connections. */
#ifndef HTTP_HOLDERS_H
#define HTTP_HOLDERS_H

#include <stdbool.h>
#include <stdint.h>

/* What a request holds until its answer has been taken, and of which one caller may have only so
 * many at once, so that there is always room for the others. */
enum http_hold {
	HTTP_HOLD_REQUEST,  /* 64: the default */
	HTTP_HOLD_DOWNLOAD, /* 3: a process that reads the message, of eight for all */
	HTTP_HOLD_EVENTS,   /* 16: a browser needs one for all its tabs */
	HTTP_HOLDS,
};
unsigned http_hold_max(enum http_hold hold);
/* What they are, for the one who has too many: "requests". */
const char *http_hold_name(enum http_hold hold);

struct holders;

struct holders *holders_create(void);
/* Accepts a pointer to NULL. */
void holders_destroy(struct holders **holders);
/* Takes one of a kind for a caller; false when he has as many as one may have. */
bool holders_take(struct holders *holders, uint64_t caller, enum http_hold hold);
void holders_give(struct holders *holders, uint64_t caller, enum http_hold hold);

#endif
