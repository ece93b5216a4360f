/* The rules of Landlock: what a process may reach of files, TCP ports, signals and abstract
 * sockets. By system call, without a library. */
#ifndef ROLE_SANDBOX_RULES_H
#define ROLE_SANDBOX_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The version of Landlock up to which this program knows what there is to forbid. */
#define SANDBOX_RULES_ABI 7

/* The paths of one ruleset, at most. */
#define SANDBOX_PATHS_MAX 32

struct sandbox_path {
	const char *path; /* one that does not exist is left out */
	bool write;	  /* else what is beneath may be read, and programs there not run */
};

struct sandbox_rules {
	struct sandbox_path paths[SANDBOX_PATHS_MAX];
	size_t count;
	/* Programs run beneath it, which read and write where they must: of files only the making
	 * of devices is forbidden, and signals reach Postfix's master. */
	bool runs_programs;
	/* To TCP ports, from any that the kernel chooses; it listens at none. */
	bool connects;
	/* Though it runs programs: no signal to what it has not started. */
	bool signals_own;
};

/* The kernel's version; 0 where it has no Landlock, or where it is switched off. */
unsigned sandbox_rules_abi(void);

/* What Landlock of that version does not know, for people; "" for nothing. */
const char *sandbox_rules_lack(unsigned abi);

/* Puts the rules in force, as far as the kernel's version goes, for good. The kernel wants
 * CAP_SYS_ADMIN or no_new_privs. Returns the version that is in force, 0 with sandbox_failed. */
unsigned sandbox_rules_close(const struct sandbox_rules *rules, struct error *err);

#endif
