/* Grants in requests and answers: role, scope, rights given and taken away. */
#ifndef API_GRANT_JSON_H
#define API_GRANT_JSON_H

#include "access/accounts.h"
#include "api/api.h"
#include "base/buffer.h"

/* The members that a grant has in a body, for http_json. */
#define GRANT_JSON_MEMBERS "role scope given taken"

/* Reads them into `what`, with its flags; `role` must be there where `need` says so. The scope is a
 * filter, or null for none. False when the request has been answered. */
bool grant_json_read(
    struct http_request *rq, const json_t *body, enum http_need need, struct accounts_change *what);
/* Whether the caller has all that this would give: nobody gives away what he has not. False when
 * the request has been answered (forbidden). */
bool grant_json_may_give(struct http_request *rq, const struct access_grant *grant);

/* Appends what the audit says of rights: ", given settings, audit", or ", given none". */
void grant_json_tell_rights(struct buffer *text, const char *verb, uint32_t rights);
/* What the audit says of somebody who is let in: "anna as operator, taken pauses, scope
 * domain:=a.example". */
void grant_json_tell(struct http_request *rq, const char *name, const struct access_grant *grant);

/* Rights as their words. */
json_t *grant_json_rights(uint32_t rights);
/* What each role may, may be given and may lose: the table of access/role.h. */
json_t *grant_json_roles(void);
/* Of a grant's members: the rights that its scope takes away, as their words. */
json_t *grant_json_lost(const struct access_grant *grant);
/* null, or why the text of a scope lets nothing through. NULL is no scope. */
json_t *grant_json_scope_problem(const char *scope);

#endif
