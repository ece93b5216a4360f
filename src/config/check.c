/* What must hold between keys. */
#include "config/config.h"

#include <netinet/in.h>
#include <string.h>

#include "base/slice.h"
#include "base/url.h"

/* Links in alerts are made of the one, and answered beneath the other. */
static bool url_fits_path(const struct config *config)
{
	struct slice path;
	struct url url;

	if (config->http_base_path[0] == '\0' ||
	    !url_split(slice_of(config->http_public_url), &url))
		return true;
	path = slice_ends_with(url.rest, "/") ? slice_first(url.rest, url.rest.len - 1) : url.rest;
	return slice_is(path, config->http_base_path);
}

/* Half of a single sign-on lets nobody in, or everybody. */
static bool check_proxy_word(const struct config *config, struct error *err)
{
	const char *user = config->access_proxy_user_header,
		   *groups = config->access_proxy_groups_header;

	if (user[0] == '\0' && groups[0] == '\0')
		return true;
	if (user[0] == '\0' || groups[0] == '\0')
		return error_set(err, "bad_config",
		    "access.proxy_user_header and access.proxy_groups_header go together: a role "
		    "comes of groups alone");
	if (slice_equal_nocase(slice_of(user), slice_of(groups)))
		return error_set(err, "bad_config",
		    "access.proxy_user_header and access.proxy_groups_header are both %s", user);
	return config->http_trusted_proxy[0] != '\0' ||
	       error_set(err, "bad_config",
		   "access.proxy_user_header = %s: http.trusted_proxy is empty, so nobody's word "
		   "for "
		   "it would be believed",
		   user);
}

/* What a sign-in by an issuer cannot do without. */
static bool check_issuer(const struct config *config, struct error *err)
{
	if (config->access_oidc_issuer[0] == '\0')
		return true;
	if (config->access_oidc_client_id[0] == '\0')
		return error_set(err, "bad_config",
		    "access.oidc_issuer = %s: access.oidc_client_id is empty",
		    config->access_oidc_issuer);
	return config->http_public_url[0] != '\0' || error_set(err, "bad_config",
							 "access.oidc_issuer = %s: http.public_url "
							 "is empty, so the issuer cannot be told "
							 "where to send people back to",
							 config->access_oidc_issuer);
}

/* Here, when all is set: in the file the order of keys means nothing. */
bool config_check(const struct config *config, struct error *err)
{
	bool tls = config->http_tls_cert[0] != '\0';
	char host[INET6_ADDRSTRLEN];
	uint16_t port;

	if (tls != (config->http_tls_key[0] != '\0'))
		return error_set(err, "bad_config", "http.tls_cert and http.tls_key go together");
	if (config->http_listen[0] == '\0' && config->http_socket[0] == '\0')
		return error_set(err, "bad_config", "http.listen and http.socket are both empty");
	if (config_split_address(config->http_listen, host, sizeof(host), &port) &&
	    /* Passwords and sessions would cross the network for everybody to read. */
	    !config_is_loopback(host) && !tls && !config->http_insecure)
		return error_set(err, "bad_config",
		    "http.listen = %s is reachable from other machines without TLS: set "
		    "http.tls_cert and "
		    "http.tls_key, or listen on 127.0.0.1 behind a proxy, or say http.insecure = "
		    "yes",
		    config->http_listen);
	if (config_split_address(config->metrics_listen, host, sizeof(host), &port) &&
	    /* Whoever reads them learns whom this host writes to, and when it is in trouble. */
	    !config_is_loopback(host) && !config->metrics_public)
		return error_set(err, "bad_config",
		    "metrics.listen = %s is reachable from other machines without sign-in: say "
		    "metrics.public = yes, or listen on 127.0.0.1",
		    config->metrics_listen);
	if (!check_proxy_word(config, err))
		return false;
	if (!url_fits_path(config))
		return error_set(err, "bad_config",
		    "http.public_url = %s does not end in http.base_path = %s",
		    config->http_public_url, config->http_base_path);
	if (!check_issuer(config, err))
		return false;
	if (config->postfix_log_command[0] != '\0' && strcmp(config->postfix_log, "auto") != 0)
		return error_set(
		    err, "bad_config", "postfix.log and postfix.log_command exclude each other");
	/* The spool is in the container that the prefix leads into. */
	if (config->postfix_command_prefix[0] != '\0' &&
	    config->postfix_source == CONFIG_SOURCE_SPOOL)
		return error_set(err, "bad_config",
		    "postfix.source = spool cannot be read through postfix.command_prefix");
	return true;
}
