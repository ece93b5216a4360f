/* A single sign-on can be wrong so that nobody gets in, which is seen at once; or so that everybody
 * does, which nobody sees. Both are looked for. */
#include "check/sign_on.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "access/groups.h"
#include "base/buffer.h"
#include "base/proxy_list.h"
#include "cli/client.h"
#include "filter/filter.h"
#include "supervisor/accounts.h"

/* Of the proxy that is tried: it, and what it asks, are near. */
#define TRY_MS 5000
/* Nobody's name: that it is answered is the proof. */
#define NOBODYS_NAME "postroom-check"

static void add(struct problem_list *problems, enum problem_severity severity, const char *code,
    const char *text, const char *fix)
{
	problem_add(problems, severity, code, text, fix);
}

static void check_scopes(const struct groups *groups, struct problem_list *problems)
{
	for (size_t i = 0; i < groups_lines(groups); i++) {
		const char *scope = groups_scope(groups, i);
		BUFFER_AUTO struct buffer text = {0};
		struct filter_error err;
		struct filter *filter;

		if (scope == NULL)
			continue;
		filter = filter_parse(slice_of(scope), &err);
		if (filter == NULL) {
			buffer_printf(&text,
			    "the scope of access.group %s is no filter (at column %u: expected "
			    "%s): "
			    "the group sees nothing",
			    groups_name(groups, i), err.column, err.expected);
			add(problems, PROBLEM_PARTIAL, "scope_invalid", buffer_string(&text),
			    "correct it; postroom-filter(7) says how filters are written");
		}
		filter_free(filter);
	}
}

/* A line that gives a right and takes it back in the same breath: whoever wrote it believes in it.
 */
static void check_lost_rights(const struct groups *groups, struct problem_list *problems)
{
	for (size_t i = 0; i < groups_lines(groups); i++) {
		BUFFER_AUTO struct buffer text = {0};
		char lost[ACCESS_RIGHTS_WORDS_SIZE];

		if (groups_lost(groups, i) == 0)
			continue;
		access_rights_words(groups_lost(groups, i), lost);
		buffer_printf(&text,
		    "access.group %s has a scope, and so does not have: %s. These are about the "
		    "whole host, and nobody has them who sees a part of it",
		    groups_name(groups, i), lost);
		add(problems, PROBLEM_ADVICE, "rights_lost", buffer_string(&text),
		    "take the scope out of the line, or the rights (a role that has none of them)");
	}
}

static void check_proxy_users(const struct config *config, struct problem_list *problems)
{
	struct proxy_list list;
	struct user_ids ids;

	if (!proxy_list_parse(slice_of(config->http_trusted_proxy), &list))
		return;
	for (size_t i = 0; i < list.user_count; i++) {
		BUFFER_AUTO struct buffer text = {0};
		uint64_t number;

		/* A number may be a user of another container. */
		if (slice_to_u64(slice_of(list.users[i]), &number) ||
		    accounts_user(list.users[i], &ids))
			continue;
		buffer_printf(
		    &text, "http.trusted_proxy = unix:%s: there is no such user", list.users[i]);
		add(problems, PROBLEM_PARTIAL, "proxy_user_missing", buffer_string(&text),
		    "name the user whom the web server's workers run as (www-data, nginx, caddy)");
	}
}

/* An address says which host asks, and not which user of it. */
static void check_host_users(const struct config *config, struct problem_list *problems)
{
	struct proxy_list list;

	if (!proxy_list_parse(slice_of(config->http_trusted_proxy), &list) ||
	    !proxy_list_has_loopback(&list))
		return;
	add(problems, PROBLEM_PARTIAL, "host_users_believed",
	    "http.trusted_proxy names this host's loopback address: every user and program of this "
	    "host can say of itself, as the web server does, that it is somebody with all rights",
	    "have the web server come by the Unix socket: http.trusted_proxy = unix:USER, with the "
	    "files in /usr/share/postroom/proxy as they are (docs/guide/single-sign-on.md)");
}

/* As a browser would that says of itself what only the proxy may say. */
static bool is_believed(const struct config *config, const char *group)
{
	BUFFER_AUTO struct buffer name = {0}, groups = {0};
	const char *headers[3] = {NULL};
	struct client_target target = {.url = config->http_public_url, .headers = headers};
	struct client *client;
	struct error err;
	json_t *me;
	bool believed;

	buffer_printf(&name, "%s: %s", config->access_proxy_user_header, NOBODYS_NAME);
	buffer_printf(&groups, "%s: %s", config->access_proxy_groups_header, group);
	headers[0] = buffer_string(&name);
	headers[1] = buffer_string(&groups);
	client = client_create(&target, &err);
	if (client == NULL)
		return false;
	client_limit(client, TRY_MS);
	me = client_call(client, "GET", "/me", NULL, &err);
	believed = me != NULL && json_is_string(json_object_get(me, "name")) &&
		   strcmp(json_string_value(json_object_get(me, "name")), NOBODYS_NAME) == 0;
	json_decref(me);
	client_destroy(&client);
	return believed;
}

static void check_forgery(
    const struct config *config, const struct groups *groups, struct problem_list *problems)
{
	BUFFER_AUTO struct buffer text = {0};

	if (config->http_public_url[0] == '\0' || groups_lines(groups) == 0 ||
	    !is_believed(config, groups_name(groups, 0)))
		return;
	buffer_printf(&text,
	    "the proxy at %s passes on the header %s as whoever asks has sent it: everybody who "
	    "reaches it can be anybody",
	    config->http_public_url, config->access_proxy_user_header);
	add(problems, PROBLEM_FATAL, "sign_on_forged", buffer_string(&text),
	    "have the proxy replace or remove access.proxy_user_header and "
	    "access.proxy_groups_header in what it is sent (docs/guide/single-sign-on.md); until "
	    "then set both to nothing");
}

/* The server reads it at each sign-in, and nobody else should. */
static void check_secret(const struct config *config, struct problem_list *problems)
{
	const char *path = config->access_oidc_client_secret_file;
	BUFFER_AUTO struct buffer text = {0};
	struct user_ids ids;
	struct stat st;

	if (config->access_oidc_issuer[0] == '\0' || path[0] == '\0')
		return;
	if (stat(path, &st) != 0)
		buffer_printf(
		    &text, "access.oidc_client_secret_file = %s: %s", path, strerror(errno));
	else if ((st.st_mode & (S_IROTH | S_IWOTH)) != 0)
		buffer_printf(&text, "everybody on this host can read or change %s", path);
	else if (accounts_user(config->run_user, &ids) &&
		 !(ids.uid == st.st_uid && (st.st_mode & S_IRUSR) != 0) &&
		 !(ids.gid == st.st_gid && (st.st_mode & S_IRGRP) != 0))
		buffer_printf(
		    &text, "the server (run.user = %s) cannot read %s", config->run_user, path);
	else
		return;
	add(problems, PROBLEM_PARTIAL, "issuer_secret", buffer_string(&text),
	    "give it to the user of run.user, and let nobody else read it (mode 400)");
}

void check_sign_on(const struct config *config, struct problem_list *problems)
{
	struct groups *groups = groups_create();
	bool by_proxy = config->access_proxy_user_header[0] != '\0';
	bool by_issuer = config->access_oidc_issuer[0] != '\0';

	/* All were good when the configuration was read. */
	(void)groups_add_lines(groups, slice_of(config->access_group), NULL);
	check_secret(config, problems);
	check_proxy_users(config, problems);
	check_scopes(groups, problems);
	check_lost_rights(groups, problems);
	if ((by_proxy || by_issuer) && groups_lines(groups) == 0)
		add(problems, PROBLEM_PARTIAL, "groups_missing",
		    "single sign-on lets nobody in: there is no access.group",
		    "add a line for each group that may come in: group = NAME = ROLE");
	if (!by_proxy && !by_issuer && groups_lines(groups) > 0)
		add(problems, PROBLEM_ADVICE, "groups_unused",
		    "access.group names groups, and no single sign-on is set up that tells them",
		    "set access.proxy_user_header and access.proxy_groups_header, or "
		    "access.oidc_issuer, or remove the lines");
	if (by_proxy)
		check_host_users(config, problems);
	if (by_proxy)
		check_forgery(config, groups, problems);
	groups_destroy(&groups);
}
