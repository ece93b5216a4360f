/* Who is at the other end by what the kernel says, and whether he may say more; then what a browser
 * says of the page that sends. Nothing here answers: the router does. */
#include "http/origin.h"

#include <arpa/inet.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/url.h"
#include "http/request_state.h"
#include "http/router.h"

void origin_init(struct origin_rules *rules)
{
	rules->public_host = memory_strdup("");
	rules->user_header = memory_strdup("");
}

void origin_free(struct origin_rules *rules)
{
	free(rules->public_host);
	free(rules->user_header);
}

/* Of a Host header, which has passed the gate; empty where there was none. */
static struct slice host_name(struct slice authority)
{
	struct slice host;
	uint16_t port;

	(void)url_split_authority(authority, &host, &port);
	return host;
}

void origin_set_host(struct origin_rules *rules, const char *public_url)
{
	struct url url;

	(void)url_split(slice_of(public_url), &url);
	rules->public_https = slice_is(url.scheme, "https");
	free(rules->public_host);
	rules->public_host = memory_strndup(url.host.data, url.host.len);
}

void origin_set_user_header(struct origin_rules *rules, const char *name)
{
	free(rules->user_header);
	rules->user_header = memory_strdup(name);
}

/* A number is the user of that number, with or without a name: that of another container. */
static bool find_uid(const char *name, uint32_t *uid)
{
	const struct passwd *pw;
	uint64_t number;

	if (slice_to_u64(slice_of(name), &number)) {
		*uid = (uint32_t)number;
		return number > 0 && number < UINT32_MAX;
	}
	pw = getpwnam(name);
	if (pw == NULL) {
		log_warning("http.trusted_proxy = unix:%s: there is no such user", name);
		return false;
	}
	*uid = pw->pw_uid;
	/* Another name of root: then root's command line would be taken for a proxy. */
	if (pw->pw_uid == 0)
		log_warning("http.trusted_proxy = unix:%s is root, which is no proxy", name);
	return pw->pw_uid != 0;
}

void origin_set_proxies(struct origin_rules *rules, const char *list)
{
	rules->proxy_uid_count = 0;
	/* Checked when the configuration was read. */
	if (!proxy_list_parse(slice_of(list), &rules->proxies))
		return;
	for (size_t i = 0; i < rules->proxies.user_count; i++)
		rules->proxy_uid_count +=
		    find_uid(rules->proxies.users[i], &rules->proxy_uids[rules->proxy_uid_count]);
}

bool origin_is_proxy(const struct origin_rules *rules, uint32_t uid)
{
	for (size_t i = 0; i < rules->proxy_uid_count; i++)
		if (rules->proxy_uids[i] == uid)
			return true;
	return false;
}

/* ---- Proxies and the Unix socket ---- */

/* Who is at the other end, not what it says. */
bool origin_comes_from_proxy(const struct origin_rules *rules, const struct http_request *rq)
{
	const char *port = strrchr(rq->peer, ':');

	if (rq->is_unix)
		return rq->socket_peer.known && origin_is_proxy(rules, rq->socket_peer.uid);
	return port != NULL && proxy_list_has_address(&rules->proxies,
				   slice_make(rq->peer, (size_t)(port - rq->peer)));
}

/* Behind a trusted proxy, the caller is the last address in X-Forwarded-For: the one that the
 * proxy itself has seen; those before it are anybody's word. */
void origin_name_forwarded(struct http_request *rq)
{
	struct slice scheme, list, last;
	unsigned char binary[16];
	char text[INET6_ADDRSTRLEN];

	/* Anybody can send that header; it counts only from a proxy. */
	if (!rq->by_proxy)
		return;
	rq->forwarded_https = http_header(rq, "X-Forwarded-Proto", &scheme) &&
			      slice_equal_nocase(scheme, SLICE("https"));
	if (!http_header(rq, "X-Forwarded-For", &list))
		return;
	/* To the last: whoever asks can put any number of addresses before it. */
	while (slice_split(&list, ',', &last))
		continue;
	last = slice_trim(last);
	if (last.len >= sizeof(text))
		return;
	memcpy(text, last.data, last.len);
	text[last.len] = '\0';
	/* It goes into logs and the audit: an address and nothing else. */
	if (inet_pton(AF_INET, text, binary) == 1 || inet_pton(AF_INET6, text, binary) == 1)
		snprintf(rq->peer, sizeof(rq->peer), "%s:0", text);
}

bool origin_named_person(
    const struct origin_rules *rules, const struct http_request *rq, struct slice *name)
{
	const char *header = rules->user_header;

	/* Empty, it says that nobody has signed in. */
	return header[0] != '\0' && http_header(rq, header, name) && name->len > 0;
}

/* Whether the user at the Unix socket passes on what others ask: then he must not be taken for the
 * one who asks, or everybody would have his rights. No command line sends any of these, and no
 * browser leaves all of them out. It is told at the first request, also of a page that needs no
 * right, so that nobody believes that it works. */
bool origin_passes_on(const struct http_request *rq)
{
	static const char *const headers[] = {"X-Forwarded-For", "X-Forwarded-Proto",
	    "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via", "Sec-Fetch-Site",
	    "Sec-Fetch-Mode"};
	struct slice value;

	/* nginx without a word about headers adds none, and speaks the old version to us. */
	if (rq->head.minor == 0)
		return true;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (http_header(rq, headers[i], &value))
			return true;
	return false;
}

/* What a request at the socket must have to be given its user's rights. A token needs no mark: it
 * is the sender's own. */
bool origin_means_it(const struct http_request *rq)
{
	struct slice value;

	return http_header(rq, "Authorization", &value) ||
	       (http_header(rq, HTTP_SOCKET_MARK, &value) &&
		   slice_is(value, HTTP_SOCKET_MARK_WORD));
}

/* ---- Hosts and sites ---- */

static bool is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* A name that an attacker's DNS can point here must not reach the API (DNS rebinding): only the
 * loopback names and the one that the configuration gives. */
bool origin_host_allowed(const struct origin_rules *rules, const struct http_request *rq)
{
	struct slice host = host_name(rq->head.host);
	char name[301];

	/* No browser comes by the Unix socket but through a proxy, so no name can be pointed at
	 * it. */
	if (rq->is_unix && !rq->by_proxy)
		return true;
	if (host.len == 0 || host.len >= sizeof(name))
		return false;
	memcpy(name, host.data, host.len);
	name[host.len] = '\0';
	return is_loopback(name) || slice_equal_nocase(host, slice_of(rules->public_host));
}

/* The scheme in the browser's address: our own TLS, what the trusted proxy says, or that of the
 * public URL where the request names its host. */
static bool came_by_https(const struct origin_rules *rules, const struct http_request *rq)
{
	return rq->is_tls || rq->forwarded_https ||
	       (rules->public_https &&
		   slice_equal_nocase(host_name(rq->head.host), slice_of(rules->public_host)));
}

/* RFC 6454: whether an Origin header names the scheme and host that the request went to. */
static bool same_origin(
    const struct origin_rules *rules, const struct http_request *rq, struct slice origin)
{
	struct slice scheme = came_by_https(rules, rq) ? SLICE("https://") : SLICE("http://");

	return slice_equal_nocase(slice_first(origin, scheme.len), scheme) &&
	       slice_equal_nocase(slice_from(origin, scheme.len), rq->head.host);
}

/* A request that changes something and that a browser may have been made to send by another site:
 * everything that comes with a cookie, and the login itself. */
bool origin_is_another_site(const struct origin_rules *rules, const struct http_request *rq)
{
	struct slice site, origin, value;
	bool has_site = http_header(rq, "Sec-Fetch-Site", &site);
	bool has_origin = http_header(rq, "Origin", &origin);

	/* `none` is an address that somebody typed: nobody types a POST. */
	if (has_site && !slice_is(site, "same-origin"))
		return true;
	if (has_origin && !same_origin(rules, rq, origin))
		return true;
	/* A proxy's word comes with a cookie as well: that of the proxy. */
	if (rq->caller.via != VIA_SESSION && rq->caller.via != VIA_PROXY)
		return false;
	/* Every browser of today sends at least one of the two; and neither content type nor header
	 * can be sent to another site without a preflight, which is never answered. */
	if (!has_site && !has_origin)
		return true;
	if (http_header(rq, "X-Postroom", &value))
		return false;
	return !http_header(rq, "Content-Type", &value) ||
	       !slice_starts_with(value, "application/json");
}
