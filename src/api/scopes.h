/* The scopes of those who call: from the text that access/ knows of an account to what query/
 * takes. */
#ifndef API_SCOPES_H
#define API_SCOPES_H

#include <jansson.h>

#include "query/query.h"

struct api_scopes;

/* The query outlives them. */
struct api_scopes *api_scopes_create(struct query *query);
/* Accepts a pointer to NULL. */
void api_scopes_destroy(struct api_scopes **scopes);

/* Whether this text of a scope (NULL: none) lets anything through at all: it is a filter, or it is
 * two with ACCESS_SCOPE_AND between (access/caller.h). */
bool api_scope_good(const char *text);
/* What somebody with this scope is told that he sees: "mail to shop.example, other.example, and
 * mail from shop.example" where it is any of some addresses, domains, logins or clients, else its
 * text. */
void api_scope_words(const char *text, struct buffer *out);
/* The same for a page that says it in its own language: a list, as `scope_parts` of Me in
 * api/openapi.yaml. */
json_t *api_scope_parts(const char *text);
/* The scope of such a text; NULL where it is no filter, which has nothing in it. The caller frees
 * it. */
struct query_scope *api_scope_read(const char *text);
/* Whether what was made within the first scope lies within the second (query/scope_within.h), of
 * their texts as struct caller has them. False where one of them is no filter. Pure. */
bool api_scope_within(const char *inner, const char *outer);
/* The scope with this text (NULL: everything). One that is no filter lets nothing through. Valid
 * while the request is answered that it was asked for; ask again in a later call of the loop. */
const struct query_scope *api_scopes_get(struct api_scopes *scopes, const char *text);
/* What somebody with this scope is told in the place of a generation of the queue: a count of its
 * own (query/changes.h). With NULL the generation itself. It begins anew, with a larger number,
 * where nobody has asked within the scope for some minutes. */
uint64_t api_scopes_generation(struct api_scopes *scopes, const char *text, uint64_t generation);

#endif
