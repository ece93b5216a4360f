/* What `postroom check` learns from the service where it is running already. */
#ifndef CHECK_RUNNING_H
#define CHECK_RUNNING_H

#include "config/config.h"
#include "wire/problem.h"

/* Adds log_not_understood where the service has read the mail log and none of its lines is one of
 * Postfix's: only whoever reads a log can tell. Nothing where no service answers. */
void check_running(const struct config *config, struct problem_list *problems);

#endif
