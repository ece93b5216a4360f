/* Whom the processes run as: the configured users and groups as numbers. */
#ifndef SUPERVISOR_ACCOUNTS_H
#define SUPERVISOR_ACCOUNTS_H

#include "base/error.h"
#include "base/users.h"
#include "config/config.h"
#include "wire/control_proto.h"

/* A user or group of this machine, also one that only its name services know: those are asked by
 * getent(1), so that their libraries stay out of this process. */
bool accounts_user(const char *name, struct user_ids *ids);
bool accounts_group(const char *name, uint32_t *gid);

/* Adds to `out` run.uid and run.gid, run.parse_uid, ..., run.view_uid, ... (confine_plan reads
 * them), and http.socket_gid where that group exists. False with no_such_user, user_is_root,
 * same_user (two of them are one: a parser could be a server then), user_of_postfix (one of them
 * could write the queue, where `out` has Postfix's numbers) or group_of_role (operators
 * would be a group that a role is in). */
bool accounts_collect(const struct config *config, struct role_config *out, struct error *err);

#endif
