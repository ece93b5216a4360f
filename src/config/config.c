/* A setter for each kind of value, and the table of keys with them. Files are read in read.c; what
 * must hold between keys is in check.c. */
#include "config/config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "access/groups.h"
#include "base/buffer.h"
#include "base/duration.h"
#include "base/memory.h"
#include "base/proxy_list.h"
#include "base/slice.h"
#include "base/url.h"

static bool refuse(const struct config_key *key, const char *value, struct error *err)
{
	return error_set(err, "bad_config", "%s = %s: expected %s", key->name, value, key->allowed);
}

static void *member(struct config *config, const struct config_key *key)
{
	return (char *)config + key->offset;
}

/* Whoever reads the configuration may keep the pointer until it is destroyed. */
static bool store_string(struct config *config, const struct config_key *key, const char *value)
{
	char **field = member(config, key);

	free(*field);
	*field = memory_strdup(value);
	return true;
}

static bool set_text(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	return store_string(config, key, value);
}

/* It becomes part of commands that are shown as advice, so it has no blanks and no slash. */
static bool set_name(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	/* A colon would end the name in /etc/passwd, a slash is a path. */
	if (value[0] == '\0' || strpbrk(value, " \t/:") != NULL)
		return refuse(key, value, err);
	return store_string(config, key, value);
}

static bool set_path(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	/* The processes of the service have other working directories than whoever starts it. */
	if (value[0] != '/')
		return refuse(key, value, err);
	return store_string(config, key, value);
}

/* Empty turns it off; so an absent key and an empty one are two things. */
static bool set_optional_path(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	return value[0] == '\0' ? store_string(config, key, value)
				: set_path(config, key, value, err);
}

static bool set_log(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	if (strcmp(value, "auto") == 0 || strcmp(value, "journal") == 0)
		return store_string(config, key, value);
	return set_path(config, key, value, err);
}

static bool set_listen(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	char host[INET6_ADDRSTRLEN];
	uint16_t port;
	struct in6_addr address;

	if (value[0] == '\0')
		return store_string(config, key, value);
	if (!config_split_address(value, host, sizeof(host), &port) ||
	    /* Addresses only: a name may resolve to something that is reachable from outside. */
	    (inet_pton(AF_INET, host, &address) != 1 && inet_pton(AF_INET6, host, &address) != 1))
		return refuse(key, value, err);
	return store_string(config, key, value);
}

/* Beneath which the page and the API are. Only letters that need no encoding: proxies, browsers and
 * cookies must all see the same path. */
static bool set_base_path(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	struct slice rest = slice_of(value), segment;

	if (rest.len == 0)
		return store_string(config, key, value);
	if (value[0] != '/' || rest.len > 100)
		return refuse(key, value, err);
	rest = slice_from(rest, 1);
	while (slice_split(&rest, '/', &segment))
		if (segment.len == 0 || strspn(segment.data, plain) < segment.len)
			return refuse(key, value, err);
	return store_string(config, key, value);
}

static bool set_proxies(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	struct proxy_list list;

	if (!proxy_list_parse(slice_of(value), &list))
		return refuse(key, value, err);
	return store_string(config, key, value);
}

/* A probe asks no more (PROBE_BLOCKLISTS_MAX): each is a question to a stranger. */
#define ZONES_MAX 20

/* Words of letters, digits, hyphens and dots, each with a dot inside: anything else is no name that
 * could be asked for. */
static bool set_zones(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	static const char name[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	struct slice rest = slice_of(value), word;
	size_t count = 0;

	while (slice_split(&rest, ' ', &word)) {
		if (word.len == 0)
			continue;
		/* The longest name in DNS, less the reversed address in front of it. */
		if (strspn(word.data, name) < word.len || word.len > 180 ||
		    slice_find_char(word, '.') <= 0 || slice_ends_with(word, ".") ||
		    slice_find(word, SLICE("..")) >= 0 || ++count > ZONES_MAX)
			return refuse(key, value, err);
	}
	return store_string(config, key, value);
}

static bool set_url(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	struct url url;

	if (value[0] == '\0')
		return store_string(config, key, value);
	if (!url_split(slice_of(value), &url) ||
	    !(slice_is(url.scheme, "https") || slice_is(url.scheme, "http")) ||
	    /* It is written into pages and links. */
	    strpbrk(value, "\"'<>") != NULL)
		return refuse(key, value, err);
	return store_string(config, key, value);
}

/* A header that says who somebody is. Not one that browsers or proxies send for something else: it
 * would be everybody's word. */
static bool set_header(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	static const char *const taken[] = {"Accept", "Authorization", "Connection",
	    "Content-Length", "Content-Type", "Cookie", "Expect", "Forwarded", "From", "Host",
	    "Keep-Alive", "Origin", "Referer", "TE", "Transfer-Encoding", "Upgrade", "User-Agent",
	    "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Postroom",
	    "X-Real-IP"};
	struct slice name = slice_of(value);

	if (name.len > 64 || strspn(value, plain) < name.len || value[0] == '-' ||
	    slice_starts_with(name, "Sec-") || slice_starts_with(name, "Accept-"))
		return refuse(key, value, err);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (slice_equal_nocase(name, slice_of(taken[i])))
			return refuse(key, value, err);
	return store_string(config, key, value);
}

/* What may stand between two groups. */
static bool set_separator(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	if (strlen(value) != 1 || strchr(",;|", value[0]) == NULL)
		return refuse(key, value, err);
	return store_string(config, key, value);
}

/* All lines are read again with each: what is wrong with two of them shows only together. */
static bool check_groups(const char *lines, struct error *err)
{
	struct groups *groups = groups_create();
	bool good = groups_add_lines(groups, slice_of(lines), err);

	groups_destroy(&groups);
	return good;
}

static bool set_group(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	BUFFER_AUTO struct buffer lines = {0};
	char **field = member(config, key);

	/* An empty one takes back what a file says, for --set. */
	if (value[0] == '\0')
		return store_string(config, key, value);
	buffer_printf(&lines, "%s%s\n", *field != NULL ? *field : "", value);
	if (lines.len > CONFIG_GROUPS_SIZE)
		return error_set(err, "bad_config",
		    "%s: all of them together are longer than %zu bytes", key->name,
		    CONFIG_GROUPS_SIZE);
	if (!check_groups(buffer_string(&lines), err))
		return error_prefix(err, "%s = %s", key->name, value);
	return store_string(config, key, buffer_string(&lines));
}

/* A claim's name may be a URL. */
static bool set_claim(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	if (value[0] == '\0' || strlen(value) > 256 || strpbrk(value, " \t\"") != NULL)
		return refuse(key, value, err);
	return store_string(config, key, value);
}

/* Without openid there is no ID token. */
static bool set_scopes(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	struct slice rest = slice_of(value), word;
	bool has_openid = false;

	while (slice_split(&rest, ' ', &word))
		has_openid = has_openid || slice_is(word, "openid");
	if (!has_openid || strlen(value) > 1000 || strpbrk(value, "\t\"\\") != NULL)
		return refuse(key, value, err);
	return store_string(config, key, value);
}

/* The issuer itself says what it is, byte by byte, so it is kept as it is written. */
static bool set_issuer(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	struct url url;

	if (value[0] == '\0')
		return store_string(config, key, value);
	if (!url_split(slice_of(value), &url) ||
	    !(slice_is(url.scheme, "https") ||
		(slice_is(url.scheme, "http") && url_host_is_own(url.host))) ||
	    strpbrk(value, "\"'<>?#@\\") != NULL)
		return refuse(key, value, err);
	return store_string(config, key, value);
}

/* Only these two words: "true" or "1" would have to be guessed at everywhere. */
static bool set_yes_no(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	bool *field = member(config, key);

	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return refuse(key, value, err);
	*field = strcmp(value, "yes") == 0;
	return true;
}

/* One of a few words. */
static bool set_word(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	struct slice rest = slice_of(key->words), word;

	while (slice_split(&rest, ' ', &word))
		if (slice_is(word, value))
			return store_string(config, key, value);
	return refuse(key, value, err);
}

/* A time, kept as it is written. */
static bool set_time(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	int64_t seconds;

	if (!duration_parse(slice_of(value), 0, key->most, &seconds) || seconds < key->least)
		return refuse(key, value, err);
	return store_string(config, key, value);
}

static bool set_number(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	uint32_t *field = member(config, key);
	uint64_t number;

	if (!slice_to_u64(slice_of(value), &number) || number < key->least || number > key->most)
		return refuse(key, value, err);
	*field = (uint32_t)number;
	return true;
}

static bool set_source(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	static const char *const names[] = {"auto", "spool", "listing"};
	enum config_source *field = member(config, key);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(value, names[i]) == 0) {
			*field = (enum config_source)i;
			return true;
		}
	return refuse(key, value, err);
}

/* A session that never ends would be a token without a name. */
#define SESSION_SECONDS_MIN 60
#define SESSION_SECONDS_MAX (30 * 86400)
/* An hour is a break, and no leaving; in 90 days a token ends by itself where nothing else is said.
 */
#define TOKEN_AWAY_SECONDS_MIN 3600
#define TOKEN_AWAY_SECONDS_MAX (90 * 86400)
/* Shorter, the record of what was done would end before anybody asks; and all of it is kept in
 * files of one day each. */
#define AUDIT_KEEP_MIN (30 * 86400)
#define AUDIT_KEEP_MAX (3650 * 86400)
#define SAMPLE_INTERVAL_MIN 1
#define SAMPLE_INTERVAL_MAX 3600
/* As METRICS_DESTINATIONS_MAX of watch/metrics: with more, the series would be more than promised.
 */
#define DESTINATIONS_MAX 50
/* A terabyte an hour is no limit any more. */
#define CONTENT_PER_HOUR_MAX 1000000

#define MEMBER(name) offsetof(struct config, name)

static const struct config_key keys[] = {
    {"http.listen", "an IP address and a port such as 127.0.0.1:8025 or [::1]:8025, or nothing",
	"127.0.0.1:8025", "where the page and the API answer", set_listen, MEMBER(http_listen)},
    {"http.socket", "an absolute path, or nothing", "/run/postroom/postroom.sock",
	"the Unix socket of the command line", set_optional_path, MEMBER(http_socket)},
    {"http.socket_group", "the name of a group", "postroom-operators",
	"who may use the socket as operator, beside root; no user of [run] may be in it", set_name,
	MEMBER(http_socket_group)},
    {"http.tls_cert", "an absolute path, or nothing", "",
	"certificate chain (PEM) for TLS in place", set_optional_path, MEMBER(http_tls_cert)},
    {"http.tls_key", "an absolute path, or nothing", "", "private key (PEM) for TLS in place",
	set_optional_path, MEMBER(http_tls_key)},
    {"http.public_url", "an http:// or https:// URL, or nothing", "",
	"the address that people type; only its host, and loopback, is answered", set_url,
	MEMBER(http_public_url)},
    {"http.base_path", "a path such as /postroom, without a slash at its end, or nothing", "",
	"beneath which the page and the API are, where a proxy gives them no host of their own",
	set_base_path, MEMBER(http_base_path)},
    {"http.trusted_proxy",
	"IP addresses, networks such as 192.0.2.0/24, and unix:USER (not root), separated by "
	"blanks, or nothing",
	"", "the proxies whose X-Forwarded-For and X-Forwarded-Proto are believed", set_proxies,
	MEMBER(http_trusted_proxy)},
    {"http.insecure", "yes or no", "no", "allow plain HTTP beyond loopback", set_yes_no,
	MEMBER(http_insecure)},
    {"access.proxy_user_header", "the name of a header such as Remote-User, or nothing", "",
	"the header in which http.trusted_proxy says who has signed in with it", set_header,
	MEMBER(access_proxy_user_header)},
    {"access.proxy_groups_header", "the name of a header such as Remote-Groups, or nothing", "",
	"the header in which it says which groups he is in", set_header,
	MEMBER(access_proxy_groups_header)},
    {"access.proxy_groups_separator", "one of , ; |", ",", "what stands between two groups there",
	set_separator, MEMBER(access_proxy_groups_separator)},
    {"access.proxy_logout_url", "an http:// or https:// URL, or nothing", "",
	"where signing out leads who came by a proxy", set_url, MEMBER(access_proxy_logout_url)},
    {"access.group", "GROUP = ROLE [+RIGHT|-RIGHT]... [scope FILTER], or nothing", "",
	"what a group of the single sign-on may here; once for each group", set_group,
	MEMBER(access_group), .many = true},
    {"access.oidc_issuer",
	"an https:// URL without ? and #, http:// for this host alone, or nothing", "",
	"the issuer of OpenID Connect that people sign in by", set_issuer,
	MEMBER(access_oidc_issuer)},
    {"access.oidc_client_id", "a text", "", "what the issuer calls this service", set_text,
	MEMBER(access_oidc_client_id)},
    {"access.oidc_client_secret_file", "an absolute path, or nothing", "",
	"the file with the secret that the issuer gave for it; nothing for a public client",
	set_optional_path, MEMBER(access_oidc_client_secret_file)},
    {"access.oidc_scopes", "words separated by blanks, openid among them", "openid profile",
	"what the issuer is asked to tell", set_scopes, MEMBER(access_oidc_scopes)},
    {"access.oidc_name_claim", "the name of a claim", "preferred_username",
	"the claim that says what somebody is called here", set_claim,
	MEMBER(access_oidc_name_claim)},
    {"access.oidc_roles_claim", "the name of a claim, or names with dots between them", "groups",
	"the claim that says which groups of access.group he is in", set_claim,
	MEMBER(access_oidc_roles_claim)},
    {"access.otp", "off, optional or required", "optional",
	"whether accounts may (optional) or must (required) sign in with a one-time password as "
	"well",
	set_word, MEMBER(access_otp), .words = "off optional required"},
    {"access.content_per_hour", "a number of megabytes from 0 to 1000000", "1024",
	"how much of messages' content one person may read in an hour; 0 for no limit", set_number,
	MEMBER(access_content_per_hour), .most = CONTENT_PER_HOUR_MAX},
    {"postfix.config_directory", "an absolute path", "/etc/postfix",
	"the Postfix instance (the directory of its main.cf)", set_path,
	MEMBER(postfix_config_directory)},
    {"postfix.command_prefix", "words separated by blanks, or nothing", "",
	"put before each Postfix command, for example docker exec -i mta", set_text,
	MEMBER(postfix_command_prefix)},
    {"postfix.source", "auto, spool or listing", "auto", "where the queue is read from", set_source,
	MEMBER(postfix_source)},
    {"postfix.log", "auto, journal or an absolute path", "auto", "the mail log", set_log,
	MEMBER(postfix_log)},
    {"postfix.log_command", "words separated by blanks, or nothing", "",
	"a command that prints and follows the mail log, for example docker logs -f -t mta",
	set_text, MEMBER(postfix_log_command)},
    {"settings.write", "yes or no", "yes",
	"whether Postfix settings may be changed from here; no where something else writes main.cf",
	set_yes_no, MEMBER(settings_write)},
    {"access.session_max", "a time from 60s to 30d, such as 12h", "12h",
	"how long somebody stays signed in at most", set_time, MEMBER(access_session_max),
	.least = SESSION_SECONDS_MIN, .most = SESSION_SECONDS_MAX},
    {"access.session_idle", "a time from 60s to 30d, such as 1h", "1h",
	"how long a session may lie unused before it ends", set_time, MEMBER(access_session_idle),
	.least = SESSION_SECONDS_MIN, .most = SESSION_SECONDS_MAX},
    {"access.token_away", "a time from 1h to 90d, such as 14d", "14d",
	"after how long tokens end of whom comes by a single sign-on and has not come", set_time,
	MEMBER(access_token_away), .least = TOKEN_AWAY_SECONDS_MIN, .most = TOKEN_AWAY_SECONDS_MAX},
    {"probes.resolver", "an IP address and a port such as 127.0.0.1:53, or nothing", "",
	"whom probes ask for names; nothing: the system's name servers", set_listen,
	MEMBER(probes_resolver)},
    {"probes.blocklists", "DNS zones separated by blanks, or nothing", "",
	"blocklists that a probe of our own address asks, beside those that replies have named",
	set_zones, MEMBER(probes_blocklists)},
    {"probes.allow_local", "yes or no", "no",
	"whether probes may connect to loopback and to this host's own addresses", set_yes_no,
	MEMBER(probes_allow_local)},
    {"metrics.listen", "an IP address and a port such as 127.0.0.1:9825 or [::1]:9825, or nothing",
	"", "where /metrics answers without sign-in, and nothing else does", set_listen,
	MEMBER(metrics_listen)},
    {"metrics.public", "yes or no", "no", "allow metrics.listen beyond loopback", set_yes_no,
	MEMBER(metrics_public)},
    {"metrics.destinations", "a number from 0 to 50", "20",
	"how many destinations metrics name; the others count together", set_number,
	MEMBER(metrics_destinations), .most = DESTINATIONS_MAX},
    {"store.path", "an absolute path", "/var/lib/postroom/postroom.db", "the database", set_path,
	MEMBER(store_path)},
    {"store.sample_interval", "a number of seconds from 1 to 3600", "300",
	"seconds between two samples of the queue's depth", set_number,
	MEMBER(store_sample_interval), .least = SAMPLE_INTERVAL_MIN, .most = SAMPLE_INTERVAL_MAX},
    {"audit.keep", "a time from 30d to 3650d", "400d", "how long records of the audit are kept",
	set_time, MEMBER(audit_keep), .least = AUDIT_KEEP_MIN, .most = AUDIT_KEEP_MAX},
    {"alerts.commands", "an absolute path, or nothing", "/etc/postroom/alert-commands",
	"the directory of the programs that an alert may start; nothing for none",
	set_optional_path, MEMBER(alerts_commands)},
    {"run.user", "the name or number of a user", "postroom", "whom the server runs as", set_name,
	MEMBER(run_user)},
    {"run.parse_user", "the name or number of another user", "postroom-parse",
	"whom the readers of queue and log run as", set_name, MEMBER(run_parse_user)},
    {"run.view_user", "the name or number of another user", "postroom-view",
	"whom the viewer of one message runs as", set_name, MEMBER(run_view_user)},
    {"run.notify_user", "the name or number of another user", "postroom-notify",
	"whom the notifier runs as, which sends alerts, and the commands that it starts", set_name,
	MEMBER(run_notify_user)},
    {"run.sandbox", "prefer or require", "prefer",
	"whether to run where the kernel cannot close all of the sandbox, and say so (prefer), or "
	"not to (require)",
	set_word, MEMBER(run_sandbox), .words = "prefer require"},
};

const struct config_key *config_keys(size_t *count)
{
	*count = sizeof(keys) / sizeof(keys[0]);
	return keys;
}

/* As it would stand in the file, for whoever shows or passes the configuration on. */
char *config_value(const struct config *config, const struct config_key *key)
{
	static const char *const sources[] = {"auto", "spool", "listing"};
	const char *field = (const char *)config + key->offset;
	BUFFER_AUTO struct buffer number = {0};

	/* The function that sets a key tells its type, so the table needs no column for it. */
	if (key->set == set_yes_no)
		return memory_strdup(*(const bool *)field ? "yes" : "no");
	if (key->set == set_source)
		return memory_strdup(sources[*(const enum config_source *)field]);
	if (key->set != set_number)
		return memory_strdup(*(char *const *)field);
	buffer_printf(&number, "%u", *(const uint32_t *)field);
	return memory_strdup(buffer_string(&number));
}

/* Through the same functions as the file, so a default is checked like any other value. */
struct config *config_create(void)
{
	struct config *config = memory_zero(1, sizeof(*config));
	struct error err;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!keys[i].set(config, &keys[i], keys[i].fallback, &err))
			abort(); /* a default that its own key refuses */
	return config;
}

void config_destroy(struct config **pointer)
{
	struct config *config = *pointer;

	if (config == NULL)
		return;
	free(config->http_listen);
	free(config->http_socket);
	free(config->http_socket_group);
	free(config->http_tls_cert);
	free(config->http_tls_key);
	free(config->http_public_url);
	free(config->http_base_path);
	free(config->http_trusted_proxy);
	free(config->access_proxy_user_header);
	free(config->access_proxy_groups_header);
	free(config->access_proxy_groups_separator);
	free(config->access_proxy_logout_url);
	free(config->access_group);
	free(config->access_session_max);
	free(config->access_session_idle);
	free(config->access_token_away);
	free(config->access_oidc_issuer);
	free(config->access_oidc_client_id);
	free(config->access_oidc_client_secret_file);
	free(config->access_oidc_scopes);
	free(config->access_oidc_name_claim);
	free(config->access_oidc_roles_claim);
	free(config->postfix_config_directory);
	free(config->postfix_command_prefix);
	free(config->postfix_log);
	free(config->postfix_log_command);
	free(config->probes_resolver);
	free(config->probes_blocklists);
	free(config->metrics_listen);
	free(config->store_path);
	free(config->run_user);
	free(config->run_parse_user);
	free(config->run_view_user);
	free(config->run_notify_user);
	free(config->access_otp);
	free(config->audit_keep);
	free(config->alerts_commands);
	free(config->run_sandbox);
	free(config);
	*pointer = NULL;
}
