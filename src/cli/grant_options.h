/* --scope, --give and --take: what an account or token may do beside its role. */
#ifndef CLI_GRANT_OPTIONS_H
#define CLI_GRANT_OPTIONS_H

#include "access/accounts.h"
#include "cli/command.h"

/* Whether any of the three is given. */
bool grant_options_given(const struct command_run *run);
/* Puts what is given into the body of a request. False where the scope is not UTF-8. */
bool grant_options_body(const struct command_run *run, json_t *body);
/* The same for the database itself, where nobody can say whether a scope is a filter: of scopes
 * only `none`. Errors: bad_right, bad_request. */
bool grant_options_change(
    const struct command_run *run, struct accounts_change *change, struct error *err);

#endif
