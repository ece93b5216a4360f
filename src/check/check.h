/* `postroom check`: what is missing on this host, and the exact fix for each. The helper is started
 * as the service starts it and asked for its STATUS, so that the page and this command say the
 * same. */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "config/config.h"
#include "wire/control_proto.h"
#include "wire/problem.h"

/* A check that lives in another folder (what is left in the store): main.c names them. */
typedef void check_function(const struct config *config, struct problem_list *problems);

/* Adds what the supervisor itself needs: user, group, directories, address, TLS files. */
void check_service(
    const struct config *config, const struct role_config *facts, struct problem_list *problems);

/* Starts the helper and adds what it finds; helper_failed when it does not answer in time. */
void check_helper(const struct role_config *facts, struct problem_list *problems);

/* Runs all of them and prints: a paragraph for each problem, or with --json one object a line.
 * `more` ends with NULL. Exit status: 0 nothing but advice, 1 something does not work, 2 wrong
 * usage. */
int check_main(int argc, char **argv, check_function *const *more);

#endif
