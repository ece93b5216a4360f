/* What `postroom check` learns from the service where it is running already. */
#ifndef CHECK_RUNNING_H
#define CHECK_RUNNING_H

#include <stdbool.h>

#include "config/config.h"
#include "wire/problem.h"

/* Whether a service answers at the socket, or, where it has none, something at its port. By
 * connecting: a socket's file may be left from one that is gone. */
bool service_runs(const struct config *config);

/* Adds log_not_understood where the service has read the mail log and none of its lines is one of
 * Postfix's: only whoever reads a log can tell. Nothing where no service answers. */
void check_running(const struct config *config, struct problem_list *problems);

#endif
