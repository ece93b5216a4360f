/* The filters of system calls: one table, a row for each kind of process. */
#ifndef ROLE_SANDBOX_CALLS_H
#define ROLE_SANDBOX_CALLS_H

#include <stdbool.h>

#include "base/error.h"

enum sandbox_row {
	SANDBOX_READER,
	SANDBOX_LOGREADER,
	SANDBOX_VIEWER,
	SANDBOX_SERVER,
	SANDBOX_NOTIFIER,
	SANDBOX_HELPER,	 /* and Postfix's own tools, which run beneath it */
	SANDBOX_FOREIGN, /* the supervisor, and a helper that runs programs which nobody knows */
};
#define SANDBOX_ROWS 7

/* Whether the kernel knows filters. */
bool sandbox_calls_supported(void);

/* Puts the filter of that row in force, for good, for this process and what it starts. The kernel
 * wants CAP_SYS_ADMIN or no_new_privs. False with sandbox_failed. */
bool sandbox_calls_close(enum sandbox_row row, struct error *err);

/* The name of a system call of this machine, for people; "number N" where it has none. Valid until
 * the next call. */
const char *sandbox_calls_name(int number);

/* Whether that row lets a call of that name be made, with whatever arguments. For tests. */
bool sandbox_calls_allows(enum sandbox_row row, const char *name);

#endif
