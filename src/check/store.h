/* What `postroom check` says about the database. */
#ifndef CHECK_STORE_H
#define CHECK_STORE_H

#include "config/config.h"
#include "wire/problem.h"

/* Adds store_damaged or store_unavailable where the database cannot be used, and grace_open for
 * each delete whose messages are on hold for its grace time: nobody must find them there when
 * Postroom is gone; and audit_key_here while the first key of the audit lies beside it. Looks only;
 * a database that is not there is none. Gives up root for run.user first, for good: call it last.
 */
void check_store_left_over(const struct config *config, struct problem_list *problems);

#endif
