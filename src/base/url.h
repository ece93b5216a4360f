/* A URL taken apart, for whoever needs its host: to connect to it, to compare it, to show it. One
 * reading for all, and the strictest: what two programs could read as two hosts is no URL here. So
 * there is no user and no password before the host, no escape in it, no second colon, no port that
 * is empty or 0, and all of the text is visible ASCII. Pure; the parts lie within the text. */
#ifndef BASE_URL_H
#define BASE_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* The longest name in DNS. */
#define URL_HOST_MAX 255

struct url {
	struct slice scheme;	/* "https": lower case, as it must stand */
	struct slice origin;	/* "https://host:port", as it stands */
	struct slice authority; /* "host:port", as it stands */
	struct slice host;	/* a name, or an address without its brackets; never empty */
	uint16_t port;		/* 0: none is named */
	struct slice rest;	/* from the first of / ? # on; empty where there is none */
};

/* "scheme://authority", with anything behind it. False, and all parts are empty, for anything else.
 */
bool url_split(struct slice text, struct url *url);
/* "host", "host:port" or "[IPv6 address]:port", as in a URL and in HTTP's Host; the host without
 * brackets, the port 0 where none is named. False, and the host is empty, for anything else. */
bool url_split_authority(struct slice text, struct slice *host, uint16_t *port);
/* "https://host:port" of a URL; empty where it is none. */
struct slice url_origin(struct slice text);
/* Whether a host is this one under a name that no resolver leads elsewhere: localhost, 127.0.0.1 or
 * ::1. For what may be done on this host alone; other spellings are not among them. */
bool url_host_is_own(struct slice host);

#endif
