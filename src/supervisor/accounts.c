/* Whom the processes run as: looks the configured names up, and refuses what would put two levels
 * of trust under one user. */
#include "supervisor/accounts.h"

#include <stdio.h>
#include <string.h>

#include "supervisor/capture.h"

/* A name service may have to ask the network. */
#define GETENT_TIMEOUT_MS 10000
#define USERS 4

static bool ask(const char *database, const char *name, struct buffer *line)
{
	const char *const argv[] = {"getent", database, name, NULL};

	return capture_run((char *const *)argv, GETENT_TIMEOUT_MS, line, NULL);
}

bool accounts_user(const char *name, struct user_ids *ids)
{
	BUFFER_AUTO struct buffer line = {0};

	return user_find(name, ids) ||
	       (ask("passwd", name, &line) && user_parse(buffer_slice(&line), ids));
}

bool accounts_group(const char *name, uint32_t *gid)
{
	BUFFER_AUTO struct buffer line = {0};

	return group_find(name, gid) ||
	       (ask("group", name, &line) && group_parse(buffer_slice(&line), gid));
}

static void set_number(struct role_config *out, const char *key, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	role_config_set(out, key, text);
}

static bool check_user(const char *key, const char *name, struct user_ids *ids, struct error *err)
{
	if (!accounts_user(name, ids))
		return error_set(err, "no_such_user",
		    "%s = %s: no such user; make it with: useradd --system --user-group --home-dir "
		    "/nonexistent --no-create-home --shell /usr/sbin/nologin %s",
		    key, name, name);
	return (ids->uid != 0 && ids->gid != 0) ||
	       error_set(err, "user_is_root", "%s = %s must not be root", key, name);
}

/* As Postfix's user, or in the group of postdrop, a broken parser could write the queue: whoever
 * owns the mail must not be whoever reads a stranger's. Not known (no Postfix, or behind a command
 * prefix): then the numbers are not this machine's. */
static bool is_of_postfix(const struct role_config *config, const struct user_ids *ids)
{
	const struct {
		const char *key;
		uint32_t number;
	} same[] = {
	    {"postfix.mail_uid", ids->uid},
	    {"postfix.mail_gid", ids->gid},
	    {"postfix.setgid_gid", ids->gid},
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		const char *text = role_config_get(config, same[i].key);
		uint64_t number;

		if (text != NULL && slice_to_u64(slice_of(text), &number) &&
		    number == same[i].number)
			return true;
	}
	return false;
}

bool accounts_collect(const struct config *config, struct role_config *out, struct error *err)
{
	const struct {
		const char *key, *name, *uid, *gid;
	} users[USERS] = {
	    {"run.user", config->run_user, "run.uid", "run.gid"},
	    {"run.parse_user", config->run_parse_user, "run.parse_uid", "run.parse_gid"},
	    {"run.view_user", config->run_view_user, "run.view_uid", "run.view_gid"},
	    {"run.notify_user", config->run_notify_user, "run.notify_uid", "run.notify_gid"},
	};
	bool has_socket = config->http_socket[0] != '\0';
	struct user_ids ids[USERS];
	uint32_t operators = 0;
	bool has_operators = has_socket && accounts_group(config->http_socket_group, &operators);

	for (size_t i = 0; i < USERS; i++) {
		if (!check_user(users[i].key, users[i].name, &ids[i], err))
			return false;
		if (is_of_postfix(out, &ids[i]))
			return error_set(err, "user_of_postfix",
			    "%s = %s is Postfix's own user, or has one of its groups: it could "
			    "write the queue; give it a user of its own, such as postroom",
			    users[i].key, users[i].name);
		for (size_t j = 0; j < i; j++)
			if (ids[i].uid == ids[j].uid || ids[i].gid == ids[j].gid)
				return error_set(err, "same_user",
				    "%s = %s and %s = %s are one user, or have one group: whoever "
				    "reads mail must not be whoever serves it",
				    users[j].key, users[j].name, users[i].key, users[i].name);
		if (has_operators && ids[i].gid == operators)
			return error_set(err, "group_of_role",
			    "http.socket_group = %s is the group of %s = %s: operators need a "
			    "group that no process of the service is in, such as "
			    "postroom-operators",
			    config->http_socket_group, users[i].key, users[i].name);
		set_number(out, users[i].uid, ids[i].uid);
		set_number(out, users[i].gid, ids[i].gid);
	}
	if (has_operators)
		set_number(out, "http.socket_gid", operators);
	return true;
}
