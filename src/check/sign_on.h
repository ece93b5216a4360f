/* What `postroom check` says about single sign-on, by a proxy's word or an issuer. */
#ifndef CHECK_SIGN_ON_H
#define CHECK_SIGN_ON_H

#include "config/config.h"
#include "wire/problem.h"

/* Adds what config_check cannot know: groups_missing (nobody gets in), groups_unused (no way of
 * single sign-on asks for them), scope_invalid for each group whose scope is no filter (it sees
 * nothing), rights_lost for each whose scope takes away what it is given, issuer_secret for a file
 * that the server cannot read or others can, proxy_user_missing for a unix:USER that this host does
 * not have; host_users_believed where loopback is a proxy; and sign_on_forged, where the proxy at
 * http.public_url passes on what whoever asks says of himself. That one is tried: a request as a
 * browser sends it, to that address. Where it cannot be reached from here, nothing is said. */
void check_sign_on(const struct config *config, struct problem_list *problems);

#endif
