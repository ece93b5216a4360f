/* The services that somebody works with, by name: ~/.config/postroom/hosts.ini.
 *
 *	[mx1]
 *	url = https://mx1.example:8025
 *	token_file = mx1.token
 *	ca_file = our-ca.pem
 *
 *	[here]
 *	socket = /run/postroom/postroom.sock
 *
 * Comments begin with # or ; and stand on lines of their own. Each host has a url or a socket. */
#ifndef CLI_HOSTS_H
#define CLI_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

#define HOSTS_FILE_MAX ((size_t)64 << 10)
#define HOSTS_MAX 200

/* Every text is NULL where the file does not give it. */
struct host {
	char *name;
	char *url, *socket;
	char *token, *token_file; /* one of them; a path may begin with ~/, or be beside the file */
	char *ca_file;
};

struct hosts {
	struct host list[HOSTS_MAX];
	size_t count;
};

/* Of a whole file. Error: bad_hosts, whose text begins with the number of the line; then there are
 * no hosts. Freed with hosts_free in either case. */
bool hosts_parse(struct slice text, struct hosts *hosts, struct error *err);
void hosts_free(struct hosts *hosts);

/* NULL where there is none of this name. */
const struct host *hosts_find(const struct hosts *hosts, const char *name);
/* Whether one of them has its token in the file itself. */
bool hosts_have_tokens(const struct hosts *hosts);

#endif
