/* Single sign-on by a proxy's word: what the router has found to come from http.trusted_proxy is
 * asked for the headers that name a person and his groups (access.proxy_*), and becomes a caller by
 * the map of groups (access/proxied.h). From anywhere else the router refuses such a header. */
#ifndef API_PROXY_WORD_H
#define API_PROXY_WORD_H

#include "api/api.h"

struct credentials;
struct person;
struct proxy_word;

struct proxy_word *proxy_word_create(struct api *api);
/* Accepts a pointer to NULL. */
void proxy_word_destroy(struct proxy_word **word);
/* Reads the configuration again. Where something of this has changed, all that is under way of who
 * came by a proxy ends: they come back, and are judged anew. */
void proxy_word_use_config(struct proxy_word *word);

/* Whether a proxy names somebody in this request: then that counts, and no cookie. */
bool proxy_word_given(const struct http_request *rq);
/* Lets him in (http_authenticated) or refuses him, with words for whoever set it up. An account of
 * that name that is locked keeps him out. */
void proxy_word_authenticate(
    struct proxy_word *word, struct credentials *credentials, struct http_request *rq);
/* Whom this request names, with his groups; freed with person_free. False where it names nobody. */
bool proxy_word_person(
    const struct proxy_word *word, const struct http_request *rq, struct person *person);

#endif
