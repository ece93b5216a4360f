/* Users and groups of this machine by their files alone (/etc/passwd, /etc/group): what root asks
 * must not load the libraries of name services into a process of root. */
#ifndef BASE_USERS_H
#define BASE_USERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct user_ids {
	uint32_t uid, gid;
};

/* The user of that name. A number is the user and the group of that number, with or without an
 * entry: what a test or a demo runs as. False when there is none; -1 (no change) is none. */
bool user_find(const char *name, struct user_ids *ids);

/* The same from one line of the form of passwd(5), as getent(1) prints it. */
bool user_parse(struct slice line, struct user_ids *ids);

/* The group of that name, or of that number. */
bool group_find(const char *name, uint32_t *gid);
bool group_parse(struct slice line, uint32_t *gid);

#endif
