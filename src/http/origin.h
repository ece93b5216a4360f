/* Where a request comes from: from a proxy that is believed or from anybody, under which host's
 * name, from a page of our own or of another site. The router asks before it looks for a route. */
#ifndef HTTP_ORIGIN_H
#define HTTP_ORIGIN_H

#include "base/proxy_list.h"
#include "http/request.h"

struct origin_rules {
	char *public_host; /* "" for none */
	bool public_https;
	struct proxy_list proxies;
	uint32_t proxy_uids[PROXY_LIST_MAX];
	size_t proxy_uid_count;
	char *user_header; /* "" for none */
};

/* Of zeroed memory: no host, no proxy, no header. */
void origin_init(struct origin_rules *rules);
void origin_free(struct origin_rules *rules);
/* http_router_set_host, _set_proxies and _set_user_header, http_router_is_proxy and
 * http_named_person (http/router.h, http/request.h). */
void origin_set_host(struct origin_rules *rules, const char *public_url);
void origin_set_proxies(struct origin_rules *rules, const char *list);
void origin_set_user_header(struct origin_rules *rules, const char *name);
bool origin_is_proxy(const struct origin_rules *rules, uint32_t uid);
bool origin_named_person(
    const struct origin_rules *rules, const struct http_request *rq, struct slice *name);

/* Who is at the other end, not what it says. */
bool origin_comes_from_proxy(const struct origin_rules *rules, const struct http_request *rq);
/* Puts the caller that a trusted proxy names, and how he came, into the request; of anybody else's
 * word it takes nothing. */
void origin_name_forwarded(struct http_request *rq);
/* Whether the user at the Unix socket passes on what others ask. */
bool origin_passes_on(const struct http_request *rq);
/* Whether a request at the Unix socket means its user's own rights, or has a token. */
bool origin_means_it(const struct http_request *rq);

/* Whether the host that it names is one of ours. */
bool origin_host_allowed(const struct origin_rules *rules, const struct http_request *rq);
/* Whether another site's page may have made the browser send it. */
bool origin_is_another_site(const struct origin_rules *rules, const struct http_request *rq);

#endif
