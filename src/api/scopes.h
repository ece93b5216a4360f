/* The scopes of those who call: from the text that access/ knows of an account to what query/
 * takes. */
#ifndef API_SCOPES_H
#define API_SCOPES_H

#include "query/scope.h"

struct api_scopes;

struct api_scopes *api_scopes_create(void);
/* Accepts a pointer to NULL. */
void api_scopes_destroy(struct api_scopes **scopes);

/* The scope with this text (NULL: everything). One that is no filter lets nothing through. Valid
 * while the request is answered that it was asked for; ask again in a later call of the loop. */
const struct query_scope *api_scopes_get(struct api_scopes *scopes, const char *text);

#endif
